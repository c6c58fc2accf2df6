"""What a rehearsal needs to know of the network: who could be asked at that hour, and nothing else.

Rules it keeps
    * No call sign, no address, no phone, no contact goes out: people are ids with what decides
      whether they can be asked.

What it must not know
    How a rehearsal is played.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from responder.core import roster
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.answers import Measured, measured
from responder.core.desk import Desk
from responder.core.model import (
    CONSENT,
    Address,
    Care,
    Limits,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Place,
    Record,
    Shift,
)
from responder.core.roster import RosterFault
from responder.core.world import World

PRIVATE: Final = "private"
"""The channel that stands for all that are end-to-end private."""
_TIMES: Final = "fri 23:00, 2026-11-27 23:00, 22:00, 3h or now"


class Facts(Record):
    """A network as a rehearsal sees it, at the instant that is rehearsed."""

    at: datetime
    place: Place
    people: tuple[Person, ...]
    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...]
    care: tuple[Care, ...]
    neighbourhoods: tuple[Neighbourhood, ...]
    limits: Limits
    measured: Measured | None = None
    """How many say yes there, for this kind at that hour; None where too few were asked."""


class _When(Args):
    at: str = "now"
    neighbourhood: str = ""
    kind: str = ""


def facts(desk: Desk, given: Mapping[str, object]) -> object:
    """All that a rehearsal at this hour in this neighbourhood needs, as plain JSON."""
    asked = args.read(_When, given)
    world = desk.world
    name = asked.neighbourhood or next(iter(world.neighbourhoods))
    place = args.place(world, name)
    at = _instant(asked.at, desk.at, place.time_zone)
    found = Facts(
        at=at,
        place=place.id,
        people=tuple(
            _bare(world, person) for person in world.everybody.values() if _counts(person)
        ),
        shifts=world.shifts(),
        overrides=world.overrides(),
        care=tuple(world.cares.values()),
        neighbourhoods=tuple(
            replace(one, boundary=(), aliases=()) for one in world.neighbourhoods.values()
        ),
        limits=world.limits,
        measured=measured(world.settings, asked.kind, place.id, at, place.time_zone),
    )
    return msgspec.to_builtins(found)


def _counts(person: Person) -> bool:
    return person.member


def _bare(world: World, person: Person) -> Person:
    """The person without anything that says who they are."""
    there = (Address(channel=PRIVATE, handle=str(person.id)),) if world.private(person) else ()
    return Person(
        id=person.id,
        call_sign=str(person.id),
        addresses=there,
        roles=person.roles,
        granted=person.granted,
        granted_by=person.granted_by,
        vouches=person.vouches,
        skills=person.skills,
        trainings=person.trainings,
        experienced=person.experienced,
        neighbourhoods=person.neighbourhoods,
        keep_apart=person.keep_apart,
        pages_a_night=person.pages_a_night,
        offers=person.offers,
        welcome=() if person.agreed else (CONSENT,),
    )


def _instant(text: str, now: datetime, time_zone: str) -> datetime:
    """As all times are read, and "fri 23:00" for the next one."""
    try:
        turn = roster.parse_shift(
            f"{text.strip()}-23:59", id="", person=PersonId(""), neighbourhood=Place("")
        )
    except RosterFault:
        return args.instant(text, now, time_zone, ways=_TIMES)
    if turn.weekday is None:
        return args.instant(text, now, time_zone, ways=_TIMES)
    zone = roster.zone(time_zone)
    today = now.astimezone(zone).date()
    hour, minute = map(int, turn.start.split(":"))
    for days in range(8):
        day = today + timedelta(days=days)
        then = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        if day.weekday() == turn.weekday and then >= now:
            return then.astimezone(now.tzinfo)
    raise AdminFault(f"{text!r} is no time that can be read: write {_TIMES}.")
