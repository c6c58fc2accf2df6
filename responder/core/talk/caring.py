"""Care in chat: one's own account, being awake, and the note for whoever comes on call.

Rules it keeps
    * Of others only coordinators read anything.
    * Whoever says that they are awake is not put on call by it.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core import roster
from responder.core.model import Place, Role
from responder.core.phrases import say
from responder.core.rosters import caring, handover
from responder.core.rosters.coverage import zone_of
from responder.core.spoken import Reply
from responder.core.talk import chat
from responder.core.talk.commands import Name, shown_name
from responder.core.talk.conversation import Conversation

_AWAKE_FOR: Final = timedelta(hours=4)


def care(talk: Conversation, _: str) -> None:
    """`/care`: one's own pages, hard calls and rest; a coordinator reads everybody's besides."""
    person, world, at = talk.person, talk.world, talk.desk.at
    if not person.member:
        talk.say(chat.not_member_reply)
        return
    language = person.language
    own = caring.account(world, person, at)
    lines = [
        say(
            language,
            "roster.care.own",
            tonight=own.tonight,
            most=own.most,
            lately=own.lately,
            hard=own.hard_calls,
        )
    ]
    if own.rest_until:
        lines.append(say(language, "roster.care.rest", until=_clock(talk, own.rest_until)))
    lines.append(say(language, "roster.care.never"))
    others = [p for p in world.members() if p.id in world.cares and p.id != person.id]
    if others and person.has(Role.COORDINATOR):
        lines += ["", say(language, "roster.care.all")]
        lines += [_line(talk, caring.account(world, p, at), p.call_sign) for p in others]
    talk.reply(Reply(text="\n".join(lines), notice=say(language, "roster.notice"), sealed=True))


def _line(talk: Conversation, found: caring.Carried, call_sign: str) -> str:
    language, rest = talk.person.language, ""
    if found.rest_until:
        rest = say(language, "roster.care.resting", until=_clock(talk, found.rest_until))
    return say(
        language,
        "roster.care.line",
        call_sign=call_sign,
        tonight=found.tonight,
        most=found.most,
        hard=found.hard_calls,
        rest=rest,
    )


def _clock(talk: Conversation, at: datetime) -> str:
    local = at.astimezone(roster.zone(zone_of(talk.world, talk.person)))
    return chat.clock(talk.person.language, local, talk.desk.at)


def awake(talk: Conversation, arg: str) -> None:
    """`/awake until 02:00`: asked before those who sleep, for four hours where none is said."""
    person, at = talk.person, talk.desk.at
    if not person.has(Role.RESPONDER):
        talk.say(chat.not_member_reply)
        return
    zone = zone_of(talk.world, person)
    until = roster.parse_until(arg, at, zone) if arg else at + _AWAKE_FOR
    language = person.language
    if until is None:
        text = say(language, "roster.awake.bad", awake=shown_name(language, Name.AWAKE))
        talk.reply(Reply(text=text))
        return
    caring.stay_awake(talk.desk, person.id, until)
    talk.reply(Reply(text=say(language, "roster.awake", until=_clock(talk, until))))


def handover_note(talk: Conversation, arg: str) -> None:
    """`/handover Northside words`: the note for whoever comes on call; no words take it away."""
    person = talk.person
    where, text = _named(talk, arg)
    if not person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    if where is None:
        talk.reply(Reply(text=say(person.language, "explain.handover")))
        return
    told = handover.write(talk.desk, where, text)
    talk.desk.audit("shift.note", where, person.id)
    key = "roster.handover.done" if text else "roster.handover.gone"
    language = person.language
    said = say(language, key, told=told) if text else say(language, key)
    talk.reply(Reply(text=said, notice=say(language, "chat.noted"), sealed=True))


def _named(talk: Conversation, arg: str) -> tuple[Place | None, str]:
    """The neighbourhood that the words begin with, and the rest of them."""
    said = arg.strip()
    for place in talk.world.neighbourhoods.values():
        for name in (place.name, place.id, *place.aliases):
            rest = said[len(name) :]
            if said.casefold().startswith(name.casefold()) and rest[:1] in ("", " ", ":", ","):
                return place.id, rest.strip(" :,")
    return None, said
