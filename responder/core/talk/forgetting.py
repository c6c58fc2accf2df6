"""What is destroyed at somebody's own wish: all that they sent, and the record of a stranger.

Rules it keeps
    * What is destroyed on request is destroyed in the same transaction as the answer.
    * `/forget` never stands anybody down by itself.

What it must not know
    Channels beyond their names, storage.
"""

from __future__ import annotations

from datetime import timedelta

from responder.core import events, sweeping
from responder.core.changes import NETWORK_KEY, Session
from responder.core.messages import Message, Urgency
from responder.core.model import MessageId
from responder.core.phrases import say
from responder.core.spoken import Reply
from responder.core.talk import chat, pleas, welcoming
from responder.core.talk.conversation import Conversation


def let_go(talk: Conversation) -> None:
    """The conversation is no longer about that report."""
    session = talk.desk.session(talk.person.id, talk.inbound.channel)
    talk.session = session
    talk.keep(incident=None, draft=None, question=None, last_text="")


def ask(talk: Conversation, _: str) -> None:
    """`/forget`: ask first, for it cannot be undone."""
    talk.say(chat.forget_confirm)


def forget(talk: Conversation) -> None:
    """Destroy all that this person sent; for a stranger, the record of them as well."""
    desk, person = talk.desk, talk.person
    kept = False
    for incident in tuple(talk.world.incidents.values()):
        if any(s.reporter == person.id and not s.forget for s in incident.sources):
            forgets = events.ReporterCancelled(at=desk.at, by=person.id, forget=True)
            desk.apply(incident, forgets)
        # What they asked for before may still be needed: then it hangs on their record.
        now = talk.world.incidents.get(incident.id)
        kept = kept or bool(now and any(s.reporter == person.id for s in now.sources))
    draft = talk.session.draft
    if draft is not None and draft.report not in talk.world.reports:
        pleas.over(desk, draft.report)
        desk.destroy(f"report:{draft.report}")
    sweeping.forget_waiting(desk, person)
    reply = chat.forgotten_reply(person.language, kept=kept)
    if person.member or kept:
        let_go(talk)
        talk.reply(reply)
        return
    _last_word(talk, reply)
    desk.asking.close_all(person.id)
    desk.delete(Session(person=person.id))
    desk.delete(person)
    desk.destroy(f"person:{person.id}")


def refuse(talk: Conversation) -> None:
    """Somebody who was invited does not want to be kept on record after all."""
    language = talk.person.language
    if welcoming.refuse(talk):
        _last_word(talk, Reply(text=say(language, "welcome.refused")))


def _last_word(talk: Conversation, reply: Reply) -> None:
    """An answer that outlives the record of the person whom it goes to."""
    message = Message(
        id=MessageId(talk.desk.ids.next()),
        to=talk.person.id,
        card="reply",
        text=reply.text,
        open=True,
        channel=talk.inbound.channel,
        only=True,
        handle=talk.inbound.handle,
        created_at=talk.desk.at,
        expires_at=talk.desk.at + timedelta(hours=1),
        sealed_under=NETWORK_KEY,
        urgency=Urgency.NEWS,
    )
    talk.desk.changes.messages.append(message)
