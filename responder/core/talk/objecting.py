"""A member objects to what a coordinator did to a shift of theirs: it is undone, without a reason.

Rules it keeps
    * Only whose shift it is objects, while they are a member.
    * Coordinators hear of it: they may have counted on that time.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from typing import Final

from responder.core.changes import Action
from responder.core.model import Shift, decode
from responder.core.phrases import say
from responder.core.rosters import telling
from responder.core.spoken import Reply, Verb
from responder.core.talk.conversation import Conversation

VERBS: Final = frozenset({Verb.NOT_FOR_ME, Verb.KEEP_SHIFT})


def press(talk: Conversation, action: Action) -> None:
    """Take back the shift that was put there, or put back the one that was taken away."""
    if action.verb == Verb.NOT_FOR_ME:
        _not_for_me(talk, action.arg)
    else:
        _keep(talk, decode(action.arg.encode(), Shift))


def _not_for_me(talk: Conversation, id: str) -> None:
    shift = talk.world.shift(id)
    if shift is None or shift.person != talk.person.id:
        _say(talk, "refused.taken")
        return
    talk.desk.delete(shift)
    talk.desk.audit("shift.remove", shift.person, talk.person.id)
    _say(talk, "objected")
    telling.objected(talk.desk, shift, talk.person, kept=False)


def _keep(talk: Conversation, shift: Shift) -> None:
    world, person = talk.world, talk.person
    known = shift.neighbourhood in world.neighbourhoods
    if not person.member or shift.person != person.id or not known or world.shift(shift.id):
        _say(talk, "refused.taken")
        return
    talk.desk.put(shift)
    talk.desk.audit("shift.add", person.id, person.id)
    when, place = telling.described(world, shift, person.language)
    _say(talk, "kept-shift", when=when, place=place)
    telling.objected(talk.desk, shift, person, kept=True)


def _say(talk: Conversation, key: str, **params: object) -> None:
    language = talk.person.language
    notice = say(language, "roster.notice")
    text = say(language, f"roster.{key}", **params)
    talk.reply(Reply(text=text, notice=notice, sealed=True))
