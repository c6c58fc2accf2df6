"""Closing the network at once: people out there first, then everybody on call, then nothing more.

Rules it keeps
    * Teams are told to leave before anything else is said.
    * In chat it takes two coordinators; at the machine it takes whoever holds the machine.
    * Opening again is not done here, and never from a chat.

What it must not know
    Keys, processes, the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core import events
from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.model import PersonId, Role, State
from responder.core.phrases import say
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation

LOCKED: Final = "locked-at"
"""The setting by which whoever looks on knows that the network has been locked."""
_ASKED: Final = "lock-asked"
_SECOND_WITHIN: Final = timedelta(minutes=10)
_OUT_THERE: Final = frozenset({State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})


def ask(talk: Conversation, _: str) -> None:
    """`/lock` in chat: the first coordinator asks, a second one decides."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    if not talk.world.lockable:
        _say(talk, "needs_passphrase")
        return
    first = _asked_by(talk.desk)
    if first is not None and first != talk.person.id:
        lock(talk.desk, talk.person.id)
        return
    value = f"{talk.person.id} {talk.desk.at.isoformat()}"
    talk.desk.put(Setting(name=_ASKED, value=value))
    _say(talk, "asked")
    offer = Action(verb=Verb.LOCK)
    for other in talk.world.members():
        if other.has(Role.COORDINATOR) and other.id != talk.person.id:
            label = say(other.language, "lock.yes")
            text = say(other.language, "lock.second", call_sign=talk.person.call_sign)
            notice = say(other.language, "desk.notice")
            rows = ((Offer(label=label, action=offer),),)
            talk.desk.reply(other, Reply(text=text, notice=notice, rows=rows, sealed=True), "")


def _say(talk: Conversation, key: str) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"lock.{key}")))


def _asked_by(desk: Desk) -> PersonId | None:
    """Who asked for it a short while ago."""
    who, _, at = desk.world.settings.get(_ASKED, "").partition(" ")
    recent = bool(at) and desk.at - datetime.fromisoformat(at) < _SECOND_WITHIN
    return PersonId(who) if recent else None


def press(talk: Conversation) -> None:
    """The second coordinator agrees."""
    first = _asked_by(talk.desk)
    if first is None or first == talk.person.id or not talk.person.has(Role.COORDINATOR):
        _say(talk, "too_late")
        return
    lock(talk.desk, talk.person.id)


def lock(desk: Desk, by: PersonId | None) -> dict[str, int]:
    """Call everybody back, tell whoever is on call, and mark the network as locked."""
    world = desk.world
    called_back = 0
    for incident in tuple(world.incidents.values()):
        if incident.state in _OUT_THERE and incident.team:
            ordered = events.LeaveOrdered(at=desk.at, by=None)
            called_back += desk.apply(incident, ordered) is None
    told = 0
    on_call = frozenset().union(*(world.on_call(n, desk.at) for n in world.neighbourhoods))
    for person in world.members():
        if person.id in on_call or person.has(Role.COORDINATOR):
            where = world.network.closed.get(person.language) or say(person.language, "lock.where")
            text = say(person.language, "lock.closed", where=where)
            desk.reply(person, Reply(text=text, notice=text, sealed=True), "")
            told += 1
    desk.audit("lock", by=by)
    desk.put(Setting(name=LOCKED, value=desk.at.isoformat()))
    return {"called_back": called_back, "told": told}


def unlock(desk: Desk) -> None:
    """The network is opened again, at the machine's own terminal."""
    for name in (LOCKED, _ASKED):
        if name in desk.world.settings:
            desk.delete(Setting(name=name, value=""))
    desk.audit("unlock")
