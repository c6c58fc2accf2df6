"""The network as a whole: every input that there is, and the transaction that each amounts to.

What it is for
    The dispatcher and the simulator drive the network through these functions alone:
    `hear` a message, `tick` a deadline, `failed` a message that reached nobody, `unopened` one that
    had to go another way, `returned` after a silence; and `may_leave`, the last look before a
    message goes out.

Rules it keeps
    * One call is one transaction; memory has followed when it returns.
    * `at` is the only time, `nonce` the only chance (32 bytes that nobody can guess).

What it must not know
    Storage, platforms, the clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from responder.core import aside, early, events, halves, reach, unsaid
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.effects import Card
from responder.core.messages import Message, Settled
from responder.core.model import (
    CallState,
    Incident,
    IncidentId,
    Mate,
    MessageId,
    PersonId,
    State,
)
from responder.core.rehearsing import drills, reaching
from responder.core.spoken import Inbound
from responder.core.talk import hearing, locking, orders, phones, pleas
from responder.core.world import World

_TEAM_STANDS: Final = frozenset({State.BRIEFING, State.OUT})
_ASKS: Final = frozenset({Card.PAGE, Card.REQUEST, Card.VERIFY, reach.DRILL})
"""Cards that ask for something which nobody would look after in a network that was locked."""


def hear(
    world: World, inbound: Inbound, at: datetime, nonce: bytes, target: MessageId | None = None
) -> Changes:
    """One message from one person. `target`: our message that it reacts to, where that is known."""
    desk = Desk(world, at, nonce)
    desk.changes.inbox.append((inbound.channel, inbound.key, at))
    if inbound.reaction and target is None and early.keep(desk, inbound):
        return desk.changes
    hearing.hear(desk, inbound, target)
    halves.follow(desk, inbound)
    unsaid.keep(desk, inbound)
    return desk.changes


def hear_again(world: World, name: str, at: datetime, nonce: bytes) -> Changes:
    """A message that was put aside under this name is worked off after all."""
    desk = Desk(world, at, nonce)
    found = aside.all_of(world).get(name)
    if found is not None:
        aside.drop(desk, name)
        hearing.hear(desk, found.message, None)
        halves.follow(desk, found.message)
    return desk.changes


def hear_early(world: World, name: str, target: MessageId, at: datetime, nonce: bytes) -> Changes:
    """The reaction that was kept under this name means this message, as we know by now."""
    desk = Desk(world, at, nonce)
    found = early.all_of(world).get(name)
    if found is not None:
        early.drop(desk, name)
        if at - found.at < early.LASTS:
            hearing.hear(desk, found.message, target)
    return desk.changes


def tick(world: World, incident: IncidentId, at: datetime, nonce: bytes) -> Changes:
    """What is due on one incident by `at`. Afterwards it is due later, or never again."""
    desk = Desk(world, at, nonce)
    desk.apply(world.incidents[incident], events.Due(at=at))
    return desk.changes


def failed(world: World, message: Message, at: datetime, nonce: bytes) -> Changes:
    """A message reached nobody: what becomes of its incident."""
    desk = Desk(world, at, nonce)
    incident = world.incidents.get(message.incident) if message.incident else None
    if message.card in _ASKS and locking.is_locked(world):
        return desk.changes  # nobody else is asked; once it is opened, the wait ends as usual
    if incident is not None and message.watched:
        event = events.MessageFailed(at=at, message=message.id, to=message.to, card=message.card)
        desk.apply(incident, event)
    return desk.changes


def unopened(world: World, message: Message, at: datetime, nonce: bytes) -> Changes:
    """A message that arrived sealed stayed unanswered, and reached its reader another way."""
    desk = Desk(world, at, nonce)
    who = world.person(message.to)
    # Several verifiers are asked: whoever leaves it to another may well have opened the card.
    asked_of_all = message.card in (Card.VERIFY, Card.VERIFY_MORE)
    if who is not None and who.member and not asked_of_all:
        phones.unopened(desk, who, message.created_at)
    return desk.changes


def noted(world: World, message: Message, at: datetime, nonce: bytes, *, fate: Settled) -> Changes:
    """What became of a message that asks whether somebody is reached."""
    desk = Desk(world, at, nonce)
    who = world.person(message.to)
    if fate.unopened and who is not None and who.member:
        phones.unopened(desk, who, message.created_at)
    drills.settled(desk, message, fate)
    reaching.settled(desk, message, fate)
    return desk.changes


def drill_over(world: World, drill: str, at: datetime, nonce: bytes) -> Changes:
    """A drill has found out enough, or its time is over."""
    desk = Desk(world, at, nonce)
    found = world.drills.get(drill)
    if found is not None and found.ended_at is None:
        drills.end(desk, found)
    return desk.changes


def orders_over(world: World, at: datetime, nonce: bytes) -> Changes:
    """Grave orders that no second coordinator agreed to in time are void."""
    desk = Desk(world, at, nonce)
    orders.expire(desk)
    return desk.changes


def returned(
    world: World, incident: IncidentId, since: datetime, at: datetime, nonce: bytes
) -> Changes:
    """The network was silent since `since`: who is out there on this incident hears of it."""
    desk = Desk(world, at, nonce)
    desk.apply(world.incidents[incident], events.Returned(at=at, since=since))
    return desk.changes


def unreachable(
    world: World, person: PersonId, channel: str, handle: str, at: datetime, nonce: bytes
) -> Changes:
    """A platform said that nothing reaches this address: nobody is paged there any more."""
    desk = Desk(world, at, nonce)
    who = world.person(person)
    if who is not None:
        addresses = tuple(
            replace(a, dead=True) if (a.channel, a.handle) == (channel, handle) else a
            for a in who.addresses
        )
        if addresses != who.addresses:
            desk.put(replace(who, addresses=addresses))
            if who.member:
                desk.tell_coordinators("unreachable", call_sign=who.call_sign, channel=channel)
    return desk.changes


# --- the last look --------------------------------------------------------------------------------


def may_leave(world: World, message: Message, at: datetime) -> bool:
    """Whether the laws still allow this message, at the moment when it is about to go out.

    L3 for pages, L1 and L4 for whatever tells a team where to be, L2 for verifiers' cards, L4 for
    what somebody asks of coordinators. What may not leave any more counts as failed.
    """
    if message.card in _ASKS and locking.is_locked(world):
        return False
    if message.card == reach.DRILL:
        return drills.may_leave(world, message, at)
    if message.incident is None:
        return pleas.may_leave(world, message)
    incident = world.incidents.get(message.incident)
    if incident is None:
        return message.open
    if message.needs_team and _in_standing_team(incident, message.to) is None:
        return False
    match message.card:
        case Card.PAGE | Card.REQUEST:
            call = incident.call(message.to)
            current = call is not None and call.message == message.id
            open_page = current and call is not None and call.state is CallState.PAGED
            return open_page and world.barred(incident, message.to, at) is None
        case Card.GO | Card.MEDIA:
            mate = incident.mate(message.to)
            return mate is not None and mate.went and incident.state is State.OUT
        case Card.VERIFY | Card.VERIFY_MORE | Card.VERIFY_MEDIA:
            return incident.state is State.HELD and world.may_verify(incident, message.to)
        case Card.BOARD | Card.BOARD_MEDIA | Card.UNREACHED:
            return message.to in world.coordinators(incident)
        case Card.ALARM:
            return message.to in (*world.coordinators(incident), *world.stand_ins(incident))
        case _:
            return True


def unanswered(world: World, message: Message) -> bool:
    """Whether all that this message asks still waits for its first answer.

    One press says that it was read. A question that is closed asks nothing any more, however it
    came to be closed.
    """
    asked = [world.questions.prompt(choice.token) for row in message.rows for choice in row]
    return bool(asked) and all(p is not None and not p.pressed for p in asked)


def _in_standing_team(incident: Incident, person: PersonId) -> Mate | None:
    """This person's place in a team of two or more that stands; None where it does not."""
    mate = incident.mate(person)
    if mate is None or mate not in incident.active or len(incident.active) < 2:
        return None
    return mate if incident.state in _TEAM_STANDS else None
