"""The monthly check: each member is asked for one tap, so that nobody is lost without a word.

Rules it keeps
    * One quiet message a period to each member, by day, on a day and at an hour of their own: the
      days of a month share them out.
    * It asks those who are off call too, but nobody who rests or is in a team: they come later.
    * Where no page could be read, the question goes in plain words; it names nobody and nothing.
    * Coordinators hear once a month whom no channel reaches, and who has not answered.

What it must not know
    Storage, the clock, platforms beyond the names of their channels.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from responder.core import reach, roster
from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.messages import Message, Settled, Urgency
from responder.core.model import MessageId, Person, PersonId
from responder.core.phrases import say
from responder.core.reach import Reach, Try
from responder.core.rehearsing.drills import noted
from responder.core.spoken import Offer, Verb
from responder.core.world import World

EVERY: Final = timedelta(days=30)
WAITS: Final = timedelta(days=7)
"""So long an answer is waited for."""
FROM_HOUR, HOURS = 10, 9
"""Asked from 10:00 until 19:00 local time."""
_CATCHES_UP: Final = timedelta(days=3)
"""Whoever was resting, or whose day the machine slept through, is asked this much later at most."""
_TOLD: Final = "reach-told"


class Standing(StrEnum):
    """What is known of whether somebody is reached."""

    REACHED = "reached"
    """They answered the last check."""
    WAITING = "waiting"
    SILENT = "silent"
    """It arrived, and they did not answer."""
    UNREACHED = "unreached"
    """No channel carried it, or there is none."""
    UNASKED = "unasked"


# --- asking ---------------------------------------------------------------------------------------


def sweep(desk: Desk, every: timedelta | None) -> None:
    """Ask whose turn it is, drop what is of no use, and tell the coordinators once a month.

    `every` None: nobody is asked.
    """
    tidy(desk)
    if every is not None:
        ask_in_turn(desk, desk.world.members(), every)
        tell_monthly(desk)


def tidy(desk: Desk) -> None:
    """Drop what is known of those who left, and close questions whose time is over."""
    for found in tuple(desk.world.reaches.values()):
        person = desk.world.person(found.person)
        if person is None or not person.member:
            desk.delete(found)
        elif desk.at >= found.over_at:
            desk.asking.close(found.last.message)


def ask_in_turn(desk: Desk, people: Iterable[Person], every: timedelta) -> None:
    """Ask those of these members whose turn it is."""
    for person in people:
        if _turn(desk.world, person, desk.at, every):
            ask(desk, person)


def _turn(world: World, person: Person, at: datetime, every: timedelta) -> bool:
    """Whether this person is to be asked now."""
    zone = _zone(world, person)
    hour = at.astimezone(roster.zone(zone)).hour
    if not FROM_HOUR <= hour < FROM_HOUR + HOURS or not _living(person):
        return False
    care = world.cares.get(person.id)
    resting = care is not None and care.rest_until is not None and at < care.rest_until
    if resting or world.busy_in(person.id) is not None:
        return False
    slot = slot_of(person.id, at, every, zone)
    late = at - slot > _CATCHES_UP
    new = person.created_at is not None and person.created_at > slot
    last = world.reaches.get(person.id)
    return not late and not new and (last is None or last.last.at < slot)


def slot_of(person: PersonId, at: datetime, every: timedelta, time_zone: str) -> datetime:
    """The last time until `at` at which it was this person's turn: their own day and hour."""
    days = max(every.days, 1)
    lot = int.from_bytes(blake2b(person.encode(), digest_size=8).digest(), "big")
    offset, hour = lot % days, FROM_HOUR + lot // days % HOURS
    tz = roster.zone(time_zone)
    today = at.astimezone(tz).date()
    day = today - timedelta(days=(today.toordinal() - offset) % days)
    slot = datetime.combine(day, time(hour), tz)
    return slot if slot <= at else slot - timedelta(days=days)


def ask(desk: Desk, person: Person) -> None:
    """Ask this person for one tap, quietly."""
    language = person.language
    before = desk.world.reaches.get(person.id)
    if before is not None:
        desk.asking.close(before.last.message)
    message = Message(
        id=MessageId(desk.ids.next()),
        to=person.id,
        card=reach.CHECK,
        text=say(language, "reach.ask"),
        notice=say(language, "reach.notice"),
        open=not desk.world.private(person),
        created_at=desk.at,
        expires_at=desk.at + WAITS,
        sealed_under=f"person:{person.id}",
        urgency=Urgency.QUIET,
        silent=True,
    )
    offer = Offer(label=say(language, "drill.reachable"), action=Action(verb=Verb.REACHABLE))
    desk.ask(message, ((offer,),))
    one = Try(message=message.id, person=person.id, at=desk.at)
    desk.put(Reach(person=person.id, last=one, over_at=desk.at + WAITS))


def _zone(world: World, person: Person) -> str:
    places = [p for p in person.neighbourhoods if p in world.neighbourhoods]
    first = places[0] if places else next(iter(world.neighbourhoods), None)
    return world.neighbourhoods[first].time_zone if first else "UTC"


def _living(person: Person) -> bool:
    return any(not address.dead for address in person.addresses)


# --- what becomes of it ---------------------------------------------------------------------------


def settled(desk: Desk, message: Message, fate: Settled) -> None:
    """Note what became of a check's message."""
    found = desk.world.reaches.get(message.to)
    if found is None or found.last.message != message.id:
        return
    changed = noted(desk.world, found.last, message, fate)
    if changed != found.last:
        desk.put(replace(found, last=changed))


def tapped(desk: Desk, person: PersonId, on: str) -> bool:
    """They answered, on the channel `on`; False where nothing was asked."""
    found = desk.world.reaches.get(person)
    if found is None:
        return False
    desk.put(replace(found, last=reach.tapped(found.last, on, desk.at)))
    return True


def standing(world: World, person: Person, at: datetime) -> Standing:
    """What is known of whether this member is reached."""
    found = world.reaches.get(person.id)
    if not _living(person):
        return Standing.UNREACHED
    if found is None:
        return Standing.UNASKED
    if found.last.tapped_at is not None:
        return Standing.REACHED
    if found.last.failed or (at >= found.over_at and not found.last.arrived):
        return Standing.UNREACHED
    return Standing.SILENT if at >= found.over_at else Standing.WAITING


def tell_monthly(desk: Desk) -> None:
    """In a new month, by day: how the last checks went."""
    world, month = desk.world, f"{desk.at:%Y-%m}"
    told = world.settings.get(_TOLD)
    if told == month or not FROM_HOUR <= desk.at.hour < FROM_HOUR + HOURS:
        return
    desk.put(Setting(name=_TOLD, value=month))
    by_standing: dict[Standing, list[str]] = {one: [] for one in Standing}
    for person in world.members():
        by_standing[standing(world, person, desk.at)].append(person.call_sign)
    asked = sum(map(len, by_standing.values())) - len(by_standing[Standing.UNASKED])
    if told is None or not asked:
        return
    desk.tell_coordinators(
        "reach",
        reached=len(by_standing[Standing.REACHED]),
        asked=asked,
        unreached=", ".join(by_standing[Standing.UNREACHED]) or "-",
        silent=", ".join(by_standing[Standing.SILENT]) or "-",
    )
