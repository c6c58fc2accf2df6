"""How well the hours ahead are covered: who could be paged, and whether a team could form.

Rules it keeps
    * Whoever no page reaches covers nothing: no responder, blocked, without a private channel, or
      resting still.
    * A *gap* lies in hours that the roster means to cover: somebody has a shift there, and yet some
      playbook's team could not form that the neighbourhood's own people could form. Hours for
      which nobody ever has a shift are thin, and stand on the map, but nobody is rung up for them.
    * Everything counts in instants; the wall clock comes in for the map alone, so that on the day
      of a clock change an hour that does not exist stays empty and one that comes twice shows its
      worse half.

What it must not know
    Messages, words, how a map is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from responder.core import pairing, roster
from responder.core.model import (
    Level,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Place,
    Record,
    Role,
    Shift,
)
from responder.core.playbook import Playbook
from responder.core.world import World

AHEAD: Final = timedelta(hours=48)
"""How far ahead a gap is told to people."""
_STEP: Final = timedelta(minutes=15)


class Stretch(Record):
    """A time in one neighbourhood through which nothing changes.

    `people` are those on call whom a page reaches; `lacking` the playbooks whose team these could
    not form; `meant`: some shift covers it, whatever exceptions there are.
    """

    place: Place
    start: datetime
    end: datetime
    people: tuple[PersonId, ...]
    lacking: tuple[str, ...]
    meant: bool


class Gap(Record):
    """A time that the roster means to cover, and in which some playbook's team could not form."""

    place: Place
    start: datetime
    end: datetime
    lacking: tuple[str, ...]


class Cell(Record):
    """The worst quarters of an hour of the wall clock: people whom a page reaches, teams lacking.

    `missed` are those of the teams that lack while some shift means to cover the time.
    """

    people: int
    lacking: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


def reached(world: World, person: Person | None) -> bool:
    """Whether a page could reach this person at all: a responder who agreed, reached privately."""
    return (
        person is not None
        and person.has(Role.RESPONDER)
        and person.agreed
        and world.level(person.id) is not Level.BLOCKED
        and world.private(person)
    )


class Coverage:
    """Coverage of a world, looked up once a set of people; good as long as the world stays so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._pairs: dict[tuple[frozenset[PersonId], str, date], bool] = {}

    def stretches(self, place: Place, start: datetime, end: datetime) -> tuple[Stretch, ...]:
        """All of the time between two instants, in order and without a break."""
        found = []
        for since, until, people in self.world.on_call_spans(place, start, end):
            able = [p for p in self.world.people(sorted(people)) if reached(self.world, p)]
            for one, other in self._cut(place, able, since, until):
                awake = tuple(p.id for p in able if not self._rests(p.id, one))
                found.append(
                    Stretch(
                        place=place,
                        start=one,
                        end=other,
                        people=awake,
                        lacking=self.lacking(place, awake, one),
                        meant=self._meant(place, one),
                    )
                )
        return tuple(found)

    def _cut(
        self, place: Place, people: Iterable[Person], start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """The time in pieces: where a rest ends, and where a shift begins or ends for nobody."""
        cuts = {start, end}
        for person in people:
            care = self.world.cares.get(person.id)
            if care is not None and care.rest_until is not None:
                cuts.add(min(max(care.rest_until, start), end))
        shifts = self._shifts(place)
        at: datetime | None = start
        where = self.world.neighbourhoods[place]
        while at is not None and at < end:
            cuts.add(at)
            at = roster.next_change(where, at, shifts, ())
        times = sorted(cuts)
        return pairwise(times)

    def _shifts(self, place: Place) -> Sequence[Shift]:
        known = self.world.everybody
        return [
            s
            for s in self.world.shifts()
            if s.neighbourhood == place and s.person in known and known[s.person].member
        ]

    def _meant(self, place: Place, at: datetime) -> bool:
        zone = self.world.neighbourhoods[place].time_zone
        return any(roster.covers(shift, at, zone) for shift in self._shifts(place))

    def _rests(self, person: PersonId, at: datetime) -> bool:
        care = self.world.cares.get(person)
        return care is not None and care.rest_until is not None and at < care.rest_until

    def _said_off(self, person: PersonId, start: datetime, end: datetime) -> bool:
        return any(
            isinstance(turn, Override)
            and not turn.available
            and turn.start < end
            and start < turn.end
            for turn in self.world.turns_of(person)
        )

    def lacking(self, place: Place, people: Iterable[PersonId], at: datetime) -> tuple[str, ...]:
        """The playbooks whose smallest team these people could not form on that day."""
        among = frozenset(people)
        today = self.world.today(place, at)
        books = self.world.playbooks
        return tuple(name for name in sorted(books) if not self._pair(among, books[name], today))

    def _pair(self, people: frozenset[PersonId], playbook: Playbook, today: date) -> bool:
        key = (people, playbook.id, today)
        known = self._pairs.get(key)
        if known is None:
            able = self.world.people(sorted(people))
            known = self._pairs[key] = pairing.could_pair(
                able, playbook.team, today=today, vouchers=self.world.vouchers(able)
            )
        return known

    # --- gaps -----------------------------------------------------------------------------------

    def gaps(self, place: Place, start: datetime, end: datetime) -> tuple[Gap, ...]:
        """The gaps that begin between two instants, each as long as it lasts (two days at most)."""
        own = [p.id for p in self.locals(place)]
        found: list[Gap] = []
        for one in self.stretches(place, start, end + AHEAD):
            never = self.lacking(place, own, one.start)
            short = tuple(name for name in one.lacking if name not in never)
            if not one.meant or not short:
                continue
            if found and found[-1].end == one.start:
                before = found.pop()
                both = tuple(sorted({*before.lacking, *short}))
                found.append(Gap(place=place, start=before.start, end=one.end, lacking=both))
            elif one.start < end:
                found.append(Gap(place=place, start=one.start, end=one.end, lacking=short))
        return tuple(gap for gap in found if gap.start < end)

    def locals(self, place: Place) -> tuple[Person, ...]:
        """The neighbourhood's own people whom a page could reach."""
        return tuple(
            p for p in self.world.members() if place in p.neighbourhoods and reached(self.world, p)
        )

    def could_take(
        self, place: Place, start: datetime, end: datetime, lacking: Sequence[str] = ()
    ) -> tuple[Person, ...]:
        """Who could be on call there for that time and is not, those paged least lately first.

        The neighbourhood's own, reached privately, not resting then, not off call by their own
        word, trained for one of the playbooks `lacking` (for any where none is named).
        """
        books = [self.world.playbooks[n] for n in lacking or sorted(self.world.playbooks)]
        today = self.world.today(place, start)
        spans = self.world.on_call_spans(place, start, end)
        there = frozenset.intersection(*(people for _, _, people in spans)) if spans else ()
        able = [
            p
            for p in self.locals(place)
            if p.id not in there
            and not self._rests(p.id, start)
            and not self._said_off(p.id, start, end)
            and any(pairing.trained(p, book.team.training, today) for book in books)
        ]
        return tuple(sorted(able, key=self._paged_lately))

    def _paged_lately(self, person: Person) -> tuple[int, str]:
        care = self.world.cares.get(person.id)
        return (len(care.paged_at) if care else 0, person.id)

    def over_limit(self, at: datetime) -> tuple[Person, ...]:
        """The members whom no page reaches tonight because they have had as many as they may."""
        found = []
        for person in self.world.members():
            care = self.world.cares.get(person.id)
            zone = zone_of(self.world, person)
            if care is not None and roster.past_limit(person, care, at, self.world.limits, zone):
                found.append(person)
        return tuple(found)

    # --- the map --------------------------------------------------------------------------------

    def map(self, place: Place, start: datetime, end: datetime) -> Mapping[date, dict[int, Cell]]:
        """For each local day the hours of its wall clock, 0 to 23, that lie between the two."""
        zone = roster.zone(self.world.neighbourhoods[place].time_zone)
        days: dict[date, dict[int, Cell]] = {}
        for one in self.stretches(place, start, end):
            for at in _quarters(one.start, one.end):
                local = at.astimezone(zone)
                hours = days.setdefault(local.date(), {})
                before = hours.get(local.hour)
                people = len(one.people)
                lacking = one.lacking
                missed = one.lacking if one.meant else ()
                if before is not None:
                    people = min(people, before.people)
                    lacking = tuple(sorted({*lacking, *before.lacking}))
                    missed = tuple(sorted({*missed, *before.missed}))
                hours[local.hour] = Cell(people=people, lacking=lacking, missed=missed)
        return days


def zone_of(world: World, person: Person) -> str:
    """The time zone of a person's first neighbourhood, else of the network's first."""
    own = [world.neighbourhoods[p] for p in person.neighbourhoods if p in world.neighbourhoods]
    first = own[0] if own else next(iter(world.neighbourhoods.values()), None)
    return first.time_zone if first else "UTC"


def _quarters(start: datetime, end: datetime) -> Iterator[datetime]:
    """The start, and every full quarter of an hour after it before the end."""
    yield start
    at = (
        start
        + _STEP
        - timedelta(minutes=start.minute % 15, seconds=start.second, microseconds=start.microsecond)
    )
    while at < end:
        yield at
        at += _STEP


def served(world: World, person: Person) -> tuple[Neighbourhood, ...]:
    """The neighbourhoods of the network in which this person serves."""
    return tuple(n for n in world.neighbourhoods.values() if n.id in person.neighbourhoods)
