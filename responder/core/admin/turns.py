"""Turns as coordinators move them at the machine: open shifts, and swaps for others.

Rules it keeps
    * Times are read and shown in the neighbourhood's own local time.
    * A swap for others keeps the rules of a swap in chat, but for the asking: both are told.

What it must not know
    Storage, channels beyond their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Final

from responder.core import roster
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.desk import Desk
from responder.core.model import Neighbourhood, PersonId, Place
from responder.core.roster import RosterFault
from responder.core.rosters import openings, swaps, turns
from responder.core.rosters.coverage import Coverage
from responder.core.rosters.openings import Opening, Refused, Sort
from responder.core.rosters.turns import Turn
from responder.core.world import World

_SHOWN: Final = 6
_PAIR: Final = 2
_REFUSED: Final = {
    Refused.TAKEN: "One of them is not on call then any more.",
    Refused.YOURS: "The two turns overlap, so a swap would change nothing.",
    Refused.NOT_NOW: (
        "One of them cannot take the other's turn: it is not their neighbourhood, they are on call"
        " then already, rest, lack the training, or no page reaches them."
    ),
    Refused.ASKED: "They have been asked already.",
}


class _Open(Args):
    when: str
    neighbourhood: str
    people: int = 1


def open_shift(desk: Desk, given: Mapping[str, object]) -> object:
    """A single shift ("2026-11-27 18:00-22:00") for whoever says first that they take it."""
    asked = args.read(_Open, given)
    where = args.place(desk.world, asked.neighbourhood)
    if not 1 <= asked.people <= 12:
        raise AdminFault("An open shift is for 1 to 12 people.")
    start, end = _bounds(asked.when, where)
    if end <= desk.at:
        raise AdminFault("That time is over already: check the date.")
    start = max(start, desk.at)
    notes = [*_wanted_already(desk.world, where, start, end), *_covered(desk, where, start, end)]
    opening, told = openings.post(desk, Sort.OPEN, where.id, start, end, people=asked.people)
    return {**_opening(desk.world, opening), "asked": told, "notes": notes}


def _wanted_already(
    world: World, where: Neighbourhood, start: datetime, end: datetime
) -> Iterator[str]:
    """That somebody is wanted for these hours already: who could take them is asked twice."""
    for one in openings.all_of(world):
        if one.place == where.id and one.start < end and start < one.end:
            yield (
                f"Somebody is wanted for {_span(world, one)} already ({one.id[:_SHOWN]}): who could"
                f" take it is asked again. Close one: responder shift close {one.id[:_SHOWN]}"
            )


def _covered(desk: Desk, where: Neighbourhood, start: datetime, end: datetime) -> Iterator[str]:
    """That two or more whom a page reaches are on call for all of these hours already."""
    people = [len(one.people) for one in Coverage(desk.world).stretches(where.id, start, end)]
    if people and min(people) >= _PAIR:
        yield (
            f"{min(people)} people whom a page reaches are on call then already."
            " See: responder shift coverage"
        )


def _bounds(when: str, where: Neighbourhood) -> tuple[datetime, datetime]:
    try:
        shift = roster.parse_shift(when, id="", person=PersonId(""), neighbourhood=where.id)
    except RosterFault as fault:
        raise AdminFault(f"This shift cannot be read: {fault}.") from None
    if shift.on is None:
        raise AdminFault("An open shift has a date, for example 2026-11-27 18:00-22:00.")
    begin = datetime.combine(shift.on, time.fromisoformat(shift.start))
    finish = datetime.combine(shift.on, time.fromisoformat(shift.end))
    if finish <= begin:
        finish += timedelta(days=1)
    return roster.instant(begin, where.time_zone), roster.instant(finish, where.time_zone)


def _span(world: World, opening: Opening) -> str:
    zone = roster.zone(world.neighbourhoods[opening.place].time_zone)
    start, end = opening.start.astimezone(zone), opening.end.astimezone(zone)
    return f"{start:%Y-%m-%d %H:%M} to {end:%H:%M}"


def _opening(world: World, opening: Opening) -> dict[str, object]:
    zone = world.neighbourhoods[opening.place].time_zone
    return {
        "id": opening.id,
        "short": opening.id[:_SHOWN],
        "sort": opening.sort.value,
        "neighbourhood": opening.place,
        "start": args.shown(opening.start, zone),
        "end": args.shown(opening.end, zone),
        "giver": args.name_of(world.person(opening.giver)) if opening.giver else None,
        "people": opening.people,
        "taken_by": [p.call_sign for p in world.people(opening.taken_by)],
    }


def listed(desk: Desk, given: Mapping[str, object]) -> object:
    """All times for which somebody is wanted."""
    args.read(Args, given)
    found = (o for o in openings.all_of(desk.world) if o.end > desk.at)
    return [_opening(desk.world, one) for one in found]


class _Which(Args):
    id: str


def close(desk: Desk, given: Mapping[str, object]) -> object:
    """Nobody is wanted for that time any more; whoever has taken it keeps it."""
    wanted = args.read(_Which, given).id.strip().casefold()
    found = [o for o in openings.all_of(desk.world) if wanted and o.id.startswith(wanted)]
    if len(found) != 1:
        many = "More than one begins" if found else "None begins"
        raise AdminFault(f"{many} with {wanted!r}. See: responder shift openings")
    openings.close(desk, found[0])
    return _opening(desk.world, found[0])


class _Swap(Args):
    call_sign: str
    at: str
    other: str
    other_at: str


def swap(desk: Desk, given: Mapping[str, object]) -> object:
    """Swap the turn that one member has at a time for the turn that another has at another."""
    asked = args.read(_Swap, given)
    mine = _turn(desk, asked.call_sign, asked.at)
    theirs = _turn(desk, asked.other, asked.other_at)
    made = swaps.swapped(desk, mine, theirs, by=None)
    if isinstance(made, Refused):
        raise AdminFault(f"They cannot swap. {_REFUSED[made]}")
    return {
        "swapped": [_shown(desk.world, mine), _shown(desk.world, theirs)],
        "exceptions": [one.id[:_SHOWN] for one in made],
    }


def _turn(desk: Desk, call_sign: str, at: str) -> Turn:
    """The turn during which that instant lies."""
    world = desk.world
    person = args.member(world, call_sign)
    when = args.instant(at, desk.at, args.zone_of(world, person))
    ahead = turns.ahead(world, person.id, desk.at, most=60)
    found = next((t for t in ahead if t.start <= when < t.end), None)
    if found is None:
        raise AdminFault(
            f"{person.call_sign} is not on call then, or it is more than two weeks ahead."
            " See: responder shift list"
        )
    return found


def _shown(world: World, turn: Turn) -> dict[str, object]:
    zone = world.neighbourhoods[Place(turn.place)].time_zone
    return {
        "call_sign": args.name_of(world.person(turn.person)),
        "neighbourhood": turn.place,
        "start": args.shown(turn.start, zone),
        "end": args.shown(turn.end, zone),
    }
