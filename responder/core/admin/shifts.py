"""Rosters as coordinators keep them at the machine: shifts, overrides, who is on call.

Rules it keeps
    * Times are read and shown in the neighbourhood's own local time.
    * A shift or an override is named by the first letters of its id, as long as only one has them.

What it must not know
    Storage, channels beyond their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import recurring, roster, shift_words
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.desk import Desk
from responder.core.model import (
    Level,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Place,
    Role,
    Shift,
)
from responder.core.roster import RosterFault
from responder.core.rosters import coverage, overlaps, telling
from responder.core.world import World

_SHOWN: Final = 6


class _Add(Args):
    call_sign: str
    when: str
    neighbourhood: str | None = None


def add(desk: Desk, given: Mapping[str, object]) -> object:
    """A shift: weekly, single, or by a rule, in the words of `shift_words`."""
    asked = args.read(_Add, given)
    world = desk.world
    person = args.member(world, asked.call_sign)
    where = _where(world, person, asked.neighbourhood)
    try:
        shift = shift_words.parse(
            asked.when,
            id=desk.ids.next(),
            person=person.id,
            neighbourhood=where.id,
            today=roster.local_date(desk.at, where.time_zone),
        )
    except RosterFault as fault:
        raise AdminFault(f"This shift cannot be read: {fault}.") from None
    if (
        shift.on is not None
        and not shift.rule
        and shift.on < roster.local_date(desk.at, where.time_zone)
    ):
        raise AdminFault(f"{shift.on} is over already: check the date.")
    if any(_same(shift, other) for other in world.shifts()):
        raise AdminFault(f"{person.call_sign} has that very shift already.")
    notes = [*_notes(world, person, where), *_twice(desk, shift, person)]
    desk.put(shift)
    return {**_shift(world, shift), "notes": notes, "told": telling.put(desk, shift, None)}


def _where(world: World, person: Person, name: str | None) -> Neighbourhood:
    if name is not None:
        return args.place(world, name)
    if len(person.neighbourhoods) != 1:
        raise AdminFault(
            f"{person.call_sign} is in {len(person.neighbourhoods) or 'no'}"
            f" neighbourhood{'s' if person.neighbourhoods else ''}:"
            " say which one with --neighbourhood."
        )
    return args.place(world, person.neighbourhoods[0])


def _same(one: Shift, other: Shift) -> bool:
    return replace(one, id=other.id) == other


def _twice(desk: Desk, shift: Shift, person: Person) -> Iterator[str]:
    """That this member has a shift already that overlaps the new one."""
    for other, day in overlaps.of(desk.world, shift, desk.at):
        yield (
            f"{person.call_sign} has a shift then already, from {day} on:"
            f" {shift_words.shown(other, 'en')} in {other.neighbourhood} ({other.id[:_SHOWN]})."
            f" To drop one: responder shift remove {other.id[:_SHOWN]}"
        )


def _notes(world: World, person: Person, where: Neighbourhood) -> list[str]:
    notes = []
    if not {Role.RESPONDER, Role.VERIFIER} & set(person.roles):
        notes.append(f"{person.call_sign} is no responder and no verifier: nothing reaches them.")
    if not world.private(person):
        notes.append(
            f"{person.call_sign} has no Signal and no registered phone yet: no page reaches them."
            f" A code to join: responder member code {person.call_sign}"
        )
    if not person.agreed:
        notes.append(
            f"{person.call_sign} has not said yes yet to what is kept about them: no page goes out"
            " to them until then. They answer with /welcome."
        )
    if where.id not in person.neighbourhoods:
        notes.append(f"{where.name} is not among the neighbourhoods of {person.call_sign}.")
    return notes


def _shift(world: World, shift: Shift) -> dict[str, object]:
    return {
        "id": shift.id,
        "short": shift.id[:_SHOWN],
        "call_sign": args.name_of(world.person(shift.person)),
        "neighbourhood": shift.neighbourhood,
        "when": shift_words.shown(shift, "en"),
    }


def _override(world: World, override: Override) -> dict[str, object]:
    person = world.person(override.person)
    zone = args.zone_of(world, person)
    if override.neighbourhood in world.neighbourhoods:
        zone = world.neighbourhoods[Place(override.neighbourhood or "")].time_zone
    return {
        "id": override.id,
        "short": override.id[:_SHOWN],
        "call_sign": args.name_of(person),
        "neighbourhood": override.neighbourhood,
        "available": override.available,
        "start": args.shown(override.start, zone),
        "end": args.shown(override.end, zone),
    }


class _Filter(Args):
    call_sign: str | None = None
    neighbourhood: str | None = None


def chosen(
    world: World, given: Mapping[str, object]
) -> tuple[list[Shift], PersonId | None, Place | None]:
    """The shifts of the member and in the neighbourhood that are named, and who and where."""
    asked = args.read(_Filter, given)
    who = args.member(world, asked.call_sign).id if asked.call_sign else None
    where = args.place(world, asked.neighbourhood).id if asked.neighbourhood else None
    found = [
        s for s in world.shifts() if who in (None, s.person) and where in (None, s.neighbourhood)
    ]
    return found, who, where


def listed(desk: Desk, given: Mapping[str, object]) -> object:
    """All shifts, by neighbourhood and then the next to begin first; overrides not yet over."""
    world = desk.world
    shifts, who, where = chosen(world, given)
    overrides = [
        o
        for o in world.overrides()
        if o.end > desk.at
        and who in (None, o.person)
        and (where is None or o.neighbourhood in (None, where))
    ]
    ahead = {s.id: _next_day(world, s, desk.at) for s in shifts}
    never = date.max
    shifts.sort(key=lambda s: (s.neighbourhood, ahead[s.id] or never, s.start, s.person, s.id))
    overrides.sort(key=lambda o: (o.start, o.id))
    return {
        "shifts": [
            {**_shift(world, s), "next": str(day) if (day := ahead[s.id]) else None} for s in shifts
        ],
        "overrides": [_override(world, o) for o in overrides],
        "today": str(roster.local_date(desk.at, args.zone_of(world))),
    }


def _next_day(world: World, shift: Shift, at: datetime) -> date | None:
    """The day on which a shift begins next, today's among them; None where it is over."""
    place = world.neighbourhoods.get(shift.neighbourhood)
    today = roster.local_date(at, place.time_zone if place else args.zone_of(world))
    if shift.rule and shift.on is not None:
        since = today
        while days := [d for d in recurring.around(shift.rule, shift.on, since) if d >= since]:
            if left := [day for day in days if day not in shift.skips]:
                return left[0]
            since = days[-1] + timedelta(days=1)
        return None
    if shift.weekday is not None:
        return today + timedelta(days=(shift.weekday - today.weekday()) % 7)
    return shift.on if shift.on is not None and shift.on >= today else None


class _Which(Args):
    id: str


def remove(desk: Desk, given: Mapping[str, object]) -> object:
    """Drop one shift or one override, named by the first letters of its id."""
    wanted = args.read(_Which, given).id.strip().casefold()
    world = desk.world
    records: tuple[Shift | Override, ...] = (*world.shifts(), *world.overrides())
    found = [r for r in records if wanted and r.id.startswith(wanted)]
    if len(found) != 1:
        many = "More than one shift begins" if found else "No shift and no override begins"
        raise AdminFault(f"{many} with {wanted!r}. See: responder shift list")
    record = found[0]
    desk.delete(record)
    if isinstance(record, Shift):
        told = telling.gone(desk, record, None)
        return {**_shift(world, record), "notes": [], "told": told}
    told = record.end > desk.at and telling.exception(desk, record, over=True)
    return {**_override(world, record), "notes": [], "told": told}


class _Exception(Args, kw_only=True):
    call_sign: str
    available: bool
    start: str = "now"
    end: str
    neighbourhood: str | None = None


def override(desk: Desk, given: Mapping[str, object]) -> object:
    """On or off call for a time, whatever the shifts say; the newest override wins."""
    asked = args.read(_Exception, given)
    world = desk.world
    person = args.member(world, asked.call_sign)
    where = args.place(world, asked.neighbourhood) if asked.neighbourhood else None
    zone = where.time_zone if where else args.zone_of(world, person)
    start = args.instant(asked.start, desk.at, zone)
    end = args.instant(asked.end, start, zone)
    if end <= max(start, desk.at):
        raise AdminFault("That time is over before it begins: check --from and --to.")
    made = Override(
        id=desk.ids.next(),
        person=person.id,
        start=start,
        end=end,
        available=asked.available,
        neighbourhood=where.id if where else None,
        made_at=desk.at,
    )
    desk.put(made)
    notes = []
    if asked.available and where is None and not person.neighbourhoods:
        notes = [f"{person.call_sign} has no neighbourhood, so this puts nobody on call."]
    told = telling.exception(desk, made)
    return {**_override(world, made), "notes": notes, "told": told}


class _When(Args):
    at: str = "now"
    neighbourhood: str | None = None


def oncall(desk: Desk, given: Mapping[str, object]) -> object:
    """Who is on call in each neighbourhood, now or at another time, and whom no page reaches."""
    asked = args.read(_When, given)
    world = desk.world
    places = list(world.neighbourhoods.values())
    if asked.neighbourhood:
        places = [args.place(world, asked.neighbourhood)]
    rows = []
    for place in places:
        at = args.instant(asked.at, desk.at, place.time_zone)
        people = sorted(world.people(world.on_call(place.id, at)), key=lambda p: p.call_sign)
        rows.append(
            {
                "neighbourhood": place.id,
                "name": place.name,
                "at": args.shown(at, place.time_zone),
                "people": [_standing(world, p, place, at) for p in people],
            }
        )
    return rows


def _standing(
    world: World, person: Person, place: Neighbourhood, at: datetime
) -> dict[str, object]:
    care = world.cares.get(person.id)
    resting = bool(care and care.rest_until and care.rest_until > at)
    until = world.on_call_until(place.id, person.id, at)
    level = world.level(person.id)
    responder = person.has(Role.RESPONDER)
    return {
        "call_sign": person.call_sign,
        "until": args.shown(until, place.time_zone),
        "private": world.private(person),
        "resting": resting,
        "responder": responder,
        "verifier": person.has(Role.VERIFIER),
        "coordinator": person.has(Role.COORDINATOR),
        "blocked": level is Level.BLOCKED,
        "paged": coverage.reached(world, person) and not resting,
    }
