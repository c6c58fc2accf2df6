"""Everybody's trust level, kept as people's records change.

What it is for
    `trust.levels` reckons the levels of a whole network. Here they are kept, so that after a vouch
    only those are reckoned anew whom it can reach.

Rules it keeps
    * The levels are at any time what `trust.levels` would make of all records.
    * A mapping that was handed out is not changed by what happens to members later.

What it must not know
    Roles, rosters, storage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from responder.core import trust
from responder.core.model import Level, Limits, Person, PersonId

_NOBODY: Final[Mapping[PersonId, None]] = MappingProxyType({})


class LevelBook:
    """The levels of `people`, whose owner says of every change what it was."""

    def __init__(self, people: Mapping[PersonId, Person], limits: Limits) -> None:
        self._people = people
        self._limits = limits
        self._levels: dict[PersonId, Level] | None = None
        self._vouched: defaultdict[PersonId, dict[PersonId, None]] = defaultdict(dict)
        """Those for whom somebody gave their word, whether or not it counts."""

    def levels(self) -> Mapping[PersonId, Level]:
        """Everybody's level as it counts now."""
        if self._levels is None:
            self._levels = trust.levels(self._people, self._limits)
            self._vouched.clear()
            for person in self._people.values():
                self._enter(person)
        return self._levels

    def changed(self, old: Person | None, new: Person | None) -> None:
        """This person's record is another one now, or new, or gone; `people` has followed."""
        if self._levels is None or (old and new and _standing(old) == _standing(new)):
            return
        if all(person is None or _plain(person) for person in (old, new)):
            self._stranger(old, new)
            return
        if old is not None:
            self._leave(old)
        if new is not None:
            self._enter(new)
        reached = self._reached(old, new)
        levels = dict(self._levels)
        for id in reached - self._people.keys():
            reached.discard(id)
            levels.pop(id, None)
        levels.update(trust.levels_among(reached, self._people, levels, self._limits))
        self._levels = levels

    def _stranger(self, old: Person | None, new: Person | None) -> None:
        """Strangers come and go by the hundred, and nobody's level hangs on theirs."""
        assert self._levels is not None, "nothing is kept before it is asked for"
        if old is not None:
            self._levels.pop(old.id, None)
        if new is not None:
            self._levels[new.id] = Level.UNKNOWN

    def _enter(self, person: Person) -> None:
        for vouch in person.vouches:
            self._vouched[vouch.by][person.id] = None

    def _leave(self, person: Person) -> None:
        for vouch in person.vouches:
            self._vouched[vouch.by].pop(person.id, None)

    def _reached(self, old: Person | None, new: Person | None) -> set[PersonId]:
        """Whose level can have moved: theirs, and on from everybody whose word may count."""
        waiting = [person for person in (old, new) if person is not None]
        reached = {person.id for person in waiting}
        while waiting:
            by = waiting.pop()
            if self._could_speak(by):
                fresh = self._vouched.get(by.id, _NOBODY).keys() - reached
                reached |= fresh
                waiting += [self._people[id] for id in fresh]
        return reached

    def _could_speak(self, person: Person) -> bool:
        """Whether this person's word would count if all counted who vouched for them."""
        if not person.member:
            return False
        enough = max(1, self._limits.vouches_for_trusted)
        return person.granted is Level.TRUSTED or len(person.vouches) >= enough


def _plain(person: Person) -> bool:
    """Whether this person can have no level but unknown, nor lift anybody."""
    return (
        person.granted is Level.UNKNOWN
        and not person.vouches
        and not person.call_sign
        and not person.removed
    )


def _standing(person: Person) -> tuple[object, ...]:
    """All that levels are made of."""
    return (person.granted, person.granted_by, person.vouches, person.member, person.removed)
