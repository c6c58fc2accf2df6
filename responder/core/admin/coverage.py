"""Coverage as coordinators ask for it at the machine: hours, gaps, people at their limit.

Rules it keeps
    * Times are shown in the neighbourhood's own local time.
    * It only looks.

What it must not know
    Storage; how a map is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import timedelta

from responder.core import roster
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.desk import Desk
from responder.core.model import Level, Neighbourhood, Place, Role
from responder.core.rosters.coverage import Cell, Coverage, Gap
from responder.core.world import World

_MOST_DAYS = 31


class _Asked(Args):
    days: int = 7
    neighbourhood: str | None = None


def show(desk: Desk, given: Mapping[str, object]) -> object:
    """Hour by hour who covers each neighbourhood, its gaps, and who is at their limit tonight.

    An hour is [people, whether some playbook's team could not form that its people could form, and
    whether that is a gap], None where not asked about.
    """
    asked = args.read(_Asked, given)
    if not 1 <= asked.days <= _MOST_DAYS:
        raise AdminFault(f"Ask for 1 to {_MOST_DAYS} days.")
    world = desk.world
    places = list(world.neighbourhoods.values())
    if asked.neighbourhood:
        places = [args.place(world, asked.neighbourhood)]
    coverage = Coverage(world)
    return {
        "at": args.shown(desk.at, places[0].time_zone if places else "UTC"),
        "days": asked.days,
        "playbooks": sorted(world.playbooks),
        "places": [_place(desk, coverage, place, asked.days) for place in places],
        "unreached": _unreached(world, {place.id for place in places}),
        "over_limit": [p.call_sign for p in coverage.over_limit(desk.at)],
        "resting": [
            p.call_sign
            for p in world.members()
            if (care := world.cares.get(p.id)) and care.rest_until and care.rest_until > desk.at
        ],
    }


def _unreached(world: World, places: Set[Place]) -> list[str]:
    """Responders with a shift in one of these places who count nowhere: no page reaches them."""
    scheduled = {shift.person for shift in world.shifts() if shift.neighbourhood in places}
    return [
        p.call_sign
        for p in world.members()
        if p.id in scheduled
        and p.has(Role.RESPONDER)
        and world.level(p.id) is not Level.BLOCKED
        and not world.private(p)
    ]


def _place(desk: Desk, coverage: Coverage, place: Neighbourhood, days: int) -> dict[str, object]:
    end = desk.at + timedelta(days=days)
    found = coverage.map(place.id, desk.at, end)
    first = roster.local_date(desk.at, place.time_zone)
    asked = [first + timedelta(days=n) for n in range(days)]
    lacking = {
        name
        for day in asked
        for cell in found.get(day, {}).values()
        for name in (cell.lacking if cell.people > 1 else ())
    }
    own = [p.id for p in coverage.locals(place.id)]
    members = [p for p in desk.world.members() if place.id in p.neighbourhoods]
    never = coverage.lacking(place.id, own, desk.at)
    # Where no team could ever form, each hour lacks; else what never could hides nothing else.
    possible = frozenset(desk.world.playbooks) - set(never)
    return {
        "neighbourhood": place.id,
        "name": place.name,
        "days": [
            {
                "day": f"{day:%a %d %b}",
                "date": str(day),
                "hours": _hours(found.get(day, {}), possible),
            }
            for day in asked
        ],
        "gaps": [_gap(gap, place) for gap in coverage.gaps(place.id, desk.at, end)],
        "lacking": sorted(lacking),
        "never": list(never),
        "responders": sum(p.has(Role.RESPONDER) for p in members),
        "reached": len(own),
    }


def _hours(cells: Mapping[int, Cell], possible: Set[str]) -> list[object]:
    """The 24 hours of one day; `possible` are the playbooks whose team could form here at all."""

    def told(cell: Cell) -> list[object]:
        lacks = possible & set(cell.lacking) if possible else cell.lacking
        return [cell.people, bool(lacks), bool(possible & set(cell.missed))]

    return [told(cells[hour]) if hour in cells else None for hour in range(24)]


def _gap(gap: Gap, place: Neighbourhood) -> dict[str, object]:
    return {
        "start": args.shown(gap.start, place.time_zone),
        "end": args.shown(gap.end, place.time_zone),
        "lacking": list(gap.lacking),
    }
