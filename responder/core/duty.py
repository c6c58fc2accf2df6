"""Who is on call where: shifts and overrides, indexed by the people and the places they bear on.

What it is for
    `roster` answers the on-call question from the records that it is handed. Here they are held,
    so that only those of one neighbourhood's own people are looked at, and an answer is kept for as
    long as it holds.

Rules it keeps
    * Looking changes nothing: an answer is kept until the roster's own next change, and every
      record that bears on a neighbourhood drops it.
    * The work of an answer grows with those who serve a neighbourhood, not with the network.

What it must not know
    Incidents, limits of care, storage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from itertools import compress
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

from responder.core import roster
from responder.core.model import Neighbourhood, Override, Person, PersonId, Place, Shift

_LOOK_AHEAD: Final = 50
"""Changes of a roster that are looked through for the end of somebody's time on call."""

_Hours: TypeAlias = tuple[str, str, int | None, date | None, str, tuple[date, ...]]
"""All that two shifts have in common which cover the same instants."""


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_K = TypeVar("_K")


class Duty:
    """All shifts and overrides of a network. `people` are its records; who owns them keeps them."""

    def __init__(self, people: Mapping[PersonId, Person]) -> None:
        self._people = people
        self._shifts: dict[str, Shift] = {}
        self._overrides: dict[str, Override] = {}
        self._shifts_of: dict[PersonId, dict[str, Shift]] = {}
        self._overrides_of: dict[PersonId, dict[str, Override]] = {}
        self._hours: defaultdict[Place, dict[_Hours, dict[str, Shift]]] = defaultdict(dict)
        self._bearing: defaultdict[Place, dict[str, Override]] = defaultdict(dict)
        self._serves: dict[PersonId, frozenset[Place]] = {}
        self._sets: dict[frozenset[Place], frozenset[Place]] = {}
        self._known: dict[Place, tuple[datetime, datetime | None, frozenset[PersonId]]] = {}

    # --- changing -------------------------------------------------------------------------------

    def put_shift(self, shift: Shift) -> None:
        """Take a shift in, new or changed."""
        self.drop_shift(shift.id)
        self._leave(shift.person)
        self._shifts[shift.id] = shift
        self._shifts_of.setdefault(shift.person, {})[shift.id] = shift
        alike = self._hours[shift.neighbourhood].setdefault(_hours(shift), {})
        alike[shift.id] = shift
        self._enter(shift.person)

    def drop_shift(self, id: str) -> None:
        """Drop a shift, if it is there."""
        shift = self._shifts.get(id)
        if shift is None:
            return
        self._leave(shift.person)
        del self._shifts[id]
        _unlist(self._shifts_of, shift.person, id)
        _unlist(self._hours[shift.neighbourhood], _hours(shift), id)
        self._enter(shift.person)

    def put_override(self, override: Override) -> None:
        """Take an override in, new or changed."""
        self.drop_override(override.id)
        self._leave(override.person)
        self._overrides[override.id] = override
        self._overrides_of.setdefault(override.person, {})[override.id] = override
        self._enter(override.person)

    def drop_override(self, id: str) -> None:
        """Drop an override, if it is there."""
        override = self._overrides.get(id)
        if override is None:
            return
        self._leave(override.person)
        del self._overrides[id]
        _unlist(self._overrides_of, override.person, id)
        self._enter(override.person)

    def person_changed(self, person: PersonId) -> None:
        """This person's record changed: whether they are a member, or where they serve."""
        self._leave(person)
        self._enter(person)

    def _leave(self, person: PersonId) -> None:
        """Before a change of what this person serves: what was known of those places goes."""
        served = self._serves.pop(person, None)
        if served is None:
            return
        overrides = self._overrides_of.get(person, _NOTHING)
        for place in served:
            self._known.pop(place, None)
            for id in overrides:
                self._bearing[place].pop(id, None)

    def _enter(self, person: PersonId) -> None:
        """After it: what they serve now. A start does this for everybody: no step is wasted."""
        record = self._people.get(person)
        serves = set(record.neighbourhoods) if record else set()
        for shift in self._shifts_of.get(person, _NOTHING).values():
            serves.add(shift.neighbourhood)
        overrides = self._overrides_of.get(person, _NOTHING)
        for override in overrides.values():
            if override.neighbourhood is not None:
                serves.add(override.neighbourhood)
        if not serves:
            return
        for place in serves:
            self._known.pop(place, None)
            for override in overrides.values():
                if override.neighbourhood is None or override.neighbourhood == place:
                    self._bearing[place][override.id] = override
        # Whoever serves the same places shares one set.
        found = frozenset(serves)
        self._serves[person] = self._sets.setdefault(found, found)

    # --- looking --------------------------------------------------------------------------------

    def shifts(self) -> tuple[Shift, ...]:
        """All shifts."""
        return tuple(self._shifts.values())

    def overrides(self) -> tuple[Override, ...]:
        """All overrides."""
        return tuple(self._overrides.values())

    def shift(self, id: str) -> Shift | None:
        """The shift of that id."""
        return self._shifts.get(id)

    def of(self, person: PersonId) -> tuple[Shift | Override, ...]:
        """All shifts and overrides of this person."""
        shifts, overrides = self._shifts_of.get(person, {}), self._overrides_of.get(person, {})
        return (*shifts.values(), *overrides.values())

    def serves(self, person: PersonId) -> frozenset[Place]:
        """The neighbourhoods in which this person can be on call at any time at all."""
        return self._serves.get(person, frozenset())

    def on_call(self, where: Neighbourhood, at: datetime) -> frozenset[PersonId]:
        """Who is on call there at that instant."""
        known = self._known.get(where.id)
        if known and known[0] <= at and (known[1] is None or at < known[1]):
            return known[2]
        alike = self._hours[where.id].values()
        each = [next(iter(shifts.values())) for shifts in alike]
        now = roster.covering(each, at, where.time_zone)
        on = {s.person for shifts in compress(alike, now) for s in shifts.values()}
        overrides = self._bearing[where.id].values()
        people = roster.overridden(on, where, at, overrides, self._people)
        until = roster.next_change(where, at, each, overrides)
        self._known[where.id] = (at, until, people)
        return people

    def spans(
        self, where: Neighbourhood, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime, frozenset[PersonId]], ...]:
        """Who is on call there from `start` to `end`, in stretches through which nothing changes.

        What is known of the present stays known: looking ahead must not slow a page down.
        """
        now = self._known.get(where.id)
        found = []
        while start < end:
            people = self.on_call(where, start)
            change = self._known[where.id][1]
            until = end if change is None else min(change, end)
            found.append((start, until, people))
            start = until
        if now is not None:
            self._known[where.id] = now
        return tuple(found)

    def turn(
        self, where: Neighbourhood, person: PersonId, at: datetime, *, on: bool
    ) -> datetime | None:
        """The next instant after `at` at which this person is on call there, or is not."""
        shifts = [
            s for s in self._shifts_of.get(person, {}).values() if s.neighbourhood == where.id
        ]
        overrides = self._overrides_of.get(person, {}).values()
        for _ in range(_LOOK_AHEAD):
            change = roster.next_change(where, at, shifts, overrides)
            if change is None:
                return None
            there = roster.on_call(where, change, shifts, overrides, self._people)
            if (person in there) is on:
                return change
            at = change
        return None


def _unlist(index: dict[_K, dict[str, Any]], key: _K, id: str) -> None:
    """Take one entry out, and the list with its last one."""
    del index[key][id]
    if not index[key]:
        del index[key]


def _hours(shift: Shift) -> _Hours:
    return (shift.start, shift.end, shift.weekday, shift.on, shift.rule, shift.skips)
