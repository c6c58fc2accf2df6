"""What the laws keep of matters that go on for a while: grave orders, pleas, what can be undone.

What it must not know
    What any law says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from responder.core.changes import Changes
from responder.core.model import Level, MessageId, Override, Person, PersonId, Shift

Fact: TypeAlias = tuple[str, ...]
"""One thing that coordinators change: a person's level, one vouch, a shift, an exception."""
Moved: TypeAlias = dict[Fact, tuple[object, object]]
"""What changed in one step, with what it was before and what it is now; None: not there."""


@dataclass
class Ask:
    """A grave order that waits for a second coordinator: who asked, for what, over what."""

    id: str
    what: str
    about: PersonId | None
    by: PersonId
    at: datetime
    private: bool
    asked: frozenset[PersonId]


@dataclass
class Plead:
    """Somebody waits for a coordinator. `messages` carry their words."""

    report: str
    by: PersonId
    at: datetime
    messages: set[MessageId] = field(default_factory=set)
    taken_by: PersonId | None = None
    answered: bool = False


@dataclass(frozen=True)
class Undo:
    """What one tap takes back: by whom, and all that it changed."""

    by: PersonId
    moved: Moved


class Desk:
    """What coordinators have asked, changed and taken on, as far as it goes on."""

    def __init__(self, turns: Mapping[tuple[str, str], Shift | Override]) -> None:
        self.asks: dict[str, Ask] = {}
        self.pleas: dict[str, Plead] = {}
        self.undos: dict[str, Undo] = {}
        self.writes: dict[PersonId, str] = {}
        """Who has just tapped "answer", and to which plea."""
        self.turns = dict(turns)
        self.moved: Moved = {}
        """What this step changed."""
        self.before: dict[PersonId, Person] = {}
        """Those whose record this step changed, as they were."""

    def note(self, changes: Changes, people: Mapping[PersonId, Person]) -> None:
        """What this step changes, seen against what was known before it."""
        self.before = {}
        self.moved = dict(self._turns_moved(changes))
        for record in changes.puts.values():
            if isinstance(record, Person) and record.id in people:
                self.before[record.id] = people[record.id]
                self.moved.update(_standing_moved(people[record.id], record))

    def _turns_moved(self, changes: Changes) -> Iterator[tuple[Fact, tuple[object, object]]]:
        for where, record in changes.puts.items():
            if isinstance(record, Shift | Override):
                old = self.turns.get(where)
                self.turns[where] = record
                yield where, (old, record)
        for where in changes.deletes:
            if where in self.turns:
                yield where, (self.turns.pop(where), None)


def _standing_moved(before: Person, now: Person) -> Iterator[tuple[Fact, tuple[object, object]]]:
    if level_of(before) != level_of(now):
        yield ("level", now.id), (level_of(before), level_of(now))
    was, are = ({v.by for v in person.vouches} for person in (before, now))
    for by in sorted(was ^ are):
        yield ("vouch", now.id, by), (by in was or None, by in are or None)


def level_of(person: Person) -> tuple[Level, PersonId | None]:
    """What was granted, and by whom; who blocked somebody is for the audit alone."""
    blocked = person.granted is Level.BLOCKED
    return (person.granted, None if blocked else person.granted_by)
