"""Asking a coordinator in chat, and a coordinator's answer.

Rules it keeps
    * The emergency line stands under every answer to whoever asks: a coordinator may be asleep.

What it must not know
    Who reads along, and how long it is kept: `pleas` knows.
"""

from __future__ import annotations

from typing import Final

from responder.core.changes import Action, Draft
from responder.core.model import ReportId
from responder.core.phrases import say
from responder.core.spoken import Reply, Verb
from responder.core.talk import chat, pleas
from responder.core.talk.conversation import Conversation
from responder.core.talk.questions import KIND

VERBS: Final = frozenset({Verb.PLEA, Verb.TAKE_PLEA})


def press(talk: Conversation, action: Action) -> None:
    """None of the kinds is it: coordinators read what was written. Or: one of them takes it."""
    if action.verb == Verb.TAKE_PLEA:
        if refused := pleas.take(talk.desk, talk.person, action.arg):
            _say(talk, refused)
        return
    draft = talk.session.draft
    if draft is None:
        draft = Draft(report=ReportId(talk.desk.ids.next()), begun_at=talk.desk.at, asking=KIND)
        talk.keep(draft=draft)
    told = pleas.begin(talk.desk, talk.person, talk.inbound.channel, draft.report, draft.text)
    language = talk.person.language
    line = chat.emergency_line(talk.world.network, language)
    talk.reply(Reply(text=f"{say(language, f'plea.{told}')}\n\n{line}"))


def answered(talk: Conversation, action: Action) -> None:
    """The words that a coordinator's "answer" was waiting for."""
    _say(talk, pleas.answer(talk.desk, talk.person, action.arg, talk.inbound.text))


def _say(talk: Conversation, key: str) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"plea.{key}")))
