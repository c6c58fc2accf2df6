"""Whether somebody has two shifts at the same time: mostly a slip, or an old one left standing.

Rules it keeps
    * Two overlap where one of them begins while the other runs, on the wall clocks of their own
      neighbourhoods; what two rules do later than a quarter of a year from now is nobody's slip.

What it must not know
    What is done about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from responder.core import roster
from responder.core.model import Shift
from responder.core.world import World

_DAYS: Final = 92


def of(world: World, shift: Shift, at: datetime) -> Iterator[tuple[Shift, date]]:
    """Other shifts of the same person that overlap this one from `at` on, and the first day."""
    for other in world.shifts():
        if other.person == shift.person and other.id != shift.id:
            day = _first(world, shift, other, at)
            if day is not None:
                yield other, day


def _first(world: World, one: Shift, other: Shift, at: datetime) -> date | None:
    places = world.neighbourhoods
    if one.neighbourhood not in places or other.neighbourhood not in places:
        return None
    zones = [places[s.neighbourhood].time_zone for s in (one, other)]
    today = roster.local_date(at, zones[0])
    for day in (today + timedelta(days=n) for n in range(_DAYS)):
        for begins, zone in zip((one, other), zones, strict=True):
            wall = datetime.combine(day, time.fromisoformat(begins.start))
            instant = roster.instant(wall, zone)
            if roster.covers(one, instant, zones[0]) and roster.covers(other, instant, zones[1]):
                return day
    return None
