"""Closing the network at once: people out there first, then everybody on call, then nothing more.

Rules it keeps
    * Teams are told to leave before anything else is said.
    * In chat it takes two coordinators, or one with the passphrase; at the machine it takes
      whoever holds the machine.
    * The words of a passphrase never come here: only whether they were right. Who gives wrong ones
      may try three times an hour, and the other coordinators hear of it.
    * From then on nobody is asked to come, and only those who are out there are heard: nobody
      would watch whoever went now.
    * Opening again is not done here, and never from a chat.

What it must not know
    Keys, passphrases, processes, the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from responder.core import events
from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.model import CallState, Incident, Person, PersonId, Role, State
from responder.core.phrases import say
from responder.core.spoken import LockSign, Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation
from responder.core.world import World

LOCKED: Final = "locked-at"
"""The setting by which whoever looks on knows that the network has been locked."""
_ASKED: Final = "lock-asked"
_SECOND_WITHIN: Final = timedelta(minutes=10)
_TRIED: Final = "lock-tried"
TRIES: Final = 3
_TRIES_WITHIN: Final = timedelta(hours=1)
_OUT_THERE: Final = frozenset({State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})


def ask(talk: Conversation, _: str) -> None:
    """`/lock` in chat: the first coordinator asks, a second one or the passphrase decides."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    if not talk.world.lockable:
        _say(talk, "needs_passphrase")
        return
    match talk.inbound.lock:
        case None:
            _ask_another(talk)
        case LockSign.RIGHT:
            lock(talk.desk, talk.person.id)
            _say(talk, "by_words")
        case LockSign.WRONG:
            _count_wrong(talk)
        case LockSign.TOO_MANY:
            _say(talk, "too_many")
        case LockSign.NOT_HERE:
            text = say(
                talk.person.language, "lock.not_here", channel=talk.inbound.channel.capitalize()
            )
            talk.reply(Reply(text=text))
        case never:
            assert_never(never)


def _ask_another(talk: Conversation) -> None:
    first = _asked_by(talk.desk)
    if first is not None and first != talk.person.id:
        lock(talk.desk, talk.person.id)
        return
    value = f"{talk.person.id} {talk.desk.at.isoformat()}"
    talk.desk.put(Setting(name=_ASKED, value=value))
    _say(talk, "asked")
    offer = Action(verb=Verb.LOCK)
    for other in _others(talk):
        rows = ((Offer(label=say(other.language, "lock.yes"), action=offer),),)
        _tell(talk, other, "second", rows)


def _others(talk: Conversation) -> list[Person]:
    """The coordinators besides whoever writes."""
    members = talk.world.members()
    return [m for m in members if m.has(Role.COORDINATOR) and m.id != talk.person.id]


def _tell(
    talk: Conversation, other: Person, key: str, rows: tuple[tuple[Offer, ...], ...] = ()
) -> None:
    text = say(other.language, f"lock.{key}", call_sign=talk.person.call_sign)
    notice = say(other.language, "desk.notice")
    talk.desk.reply(other, Reply(text=text, notice=notice, rows=rows, sealed=True), "")


def tries_left(world: World, person: PersonId, at: datetime) -> int:
    """How many wrong passphrases this person may still give in chat for now."""
    return TRIES - sum(who == person for who, _ in _tried(world, at))


def _tried(world: World, at: datetime) -> list[tuple[str, str]]:
    """Who gave a wrong passphrase, and when, within the last hour."""
    noted = [entry.partition(" ") for entry in world.settings.get(_TRIED, "").split(",") if entry]
    recent = [(who, then) for who, _, then in noted]
    return [t for t in recent if abs(at - datetime.fromisoformat(t[1])) < _TRIES_WITHIN]


def _count_wrong(talk: Conversation) -> None:
    at, me = talk.desk.at, talk.person.id
    tried = [*_tried(talk.world, at), (me, at.isoformat())]
    talk.desk.put(Setting(name=_TRIED, value=",".join(" ".join(t) for t in tried)))
    talk.desk.audit("lock-refused", by=me)
    left = tries_left(talk.world, me, at)
    text = say(talk.person.language, "lock.wrong", left=max(left, 0))
    talk.reply(Reply(text=text))
    if left == 0:
        for other in _others(talk):
            _tell(talk, other, "tried")


def _say(talk: Conversation, key: str) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"lock.{key}")))


def _asked_by(desk: Desk) -> PersonId | None:
    """Who asked for it a short while ago, and coordinates still."""
    who, _, at = desk.world.settings.get(_ASKED, "").partition(" ")
    recent = bool(at) and abs(desk.at - datetime.fromisoformat(at)) < _SECOND_WITHIN
    asker = desk.world.person(PersonId(who)) if recent else None
    return asker.id if asker is not None and asker.has(Role.COORDINATOR) else None


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
        _ask_no_more(desk, incident)
    told = 0
    on_call = frozenset().union(*(world.on_call(n, desk.at) for n in world.neighbourhoods))
    for person in world.members():
        if person.id in on_call or person.has(Role.COORDINATOR):
            text = _closed(world, person.language)
            desk.reply(person, Reply(text=text, notice=text, sealed=True), "")
            told += 1
    desk.audit("lock", by=by)
    desk.put(Setting(name=LOCKED, value=desk.at.isoformat()))
    return {"called_back": called_back, "told": told}


def _ask_no_more(desk: Desk, incident: Incident) -> None:
    """What has not left yet of pages and verifiers' cards stays here."""
    paged = (call.message for call in incident.calls if call.state is CallState.PAGED)
    asked = (one.message for one in incident.verification.asked)
    desk.changes.withdrawn += [*paged, *asked]


def is_locked(world: World) -> bool:
    """Whether the network was locked, and its process only says its last words."""
    return LOCKED in world.settings


def closed_reply(talk: Conversation) -> None:
    """What somebody hears who writes to a network that was locked."""
    talk.reply(Reply(text=_closed(talk.world, talk.person.language)))


def _closed(world: World, language: str) -> str:
    where = world.network.closed.get(language) or say(language, "lock.where")
    return say(language, "lock.closed", where=where)


def unlock(desk: Desk) -> None:
    """The network is opened again, at the machine's own terminal."""
    for name in (LOCKED, _ASKED, _TRIED):
        if name in desk.world.settings:
            desk.delete(Setting(name=name, value=""))
    desk.audit("unlock")
