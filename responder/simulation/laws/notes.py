"""What the laws of both tiers note and reckon alike: who stands for whom, what is due, silence.

What it must not know
    How what it notes came about: by whole steps of a network, or by decisions alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import Final

from responder.core.model import (
    Incident,
    IncidentId,
    Level,
    Limits,
    Neighbourhood,
    Person,
    PersonId,
    Role,
    State,
)
from responder.simulation.cast import START
from responder.simulation.laws.reckoning import THE_MACHINE, Reckoning, apart

STANDS: Final = frozenset({State.BRIEFING, State.OUT})
OPEN: Final = frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})


class Broken(AssertionError):
    """A law was broken: which one, and the story that led there."""

    def __init__(self, law: str, rule: str, seed: int, story: Sequence[str]) -> None:
        super().__init__(f"seed {seed}: {law}")
        self.law = law
        self.kind = f"{law[:2]} {rule}"
        """Which law, and which look at it: what stays the same when the story gets shorter."""
        self.seed = seed
        self.story = tuple(story)


class Notes(ABC):
    """What is noted of one history, whichever tier plays it."""

    rule = ""
    """The look at a law that is being taken."""

    def __init__(self, places: tuple[Neighbourhood, ...], limits: Limits) -> None:
        self.reckoning = Reckoning(places, limits)
        self.signs: defaultdict[IncidentId, dict[PersonId, datetime]] = defaultdict(dict)
        """When everybody was last heard of, or last sent something that begins a silence."""
        self.awake_since = START
        """Since when nothing kept the machine from working off what is due."""
        self._due: dict[IncidentId, datetime] = {}
        self._by_due: list[tuple[datetime, IncidentId]] = []

    @abstractmethod
    def person(self, person: PersonId) -> Person | None:
        """This person's record, where there is one."""

    # --- what is due ----------------------------------------------------------------------------

    def note_due(self, incident: IncidentId, due: datetime | None) -> None:
        """Remember until when this incident must be looked at, by our own reckoning."""
        if due is None:
            self._due.pop(incident, None)
        elif self._due.get(incident) != due:
            self._due[incident] = due
            heappush(self._by_due, (due, incident))

    def most_overdue(self) -> tuple[datetime, IncidentId] | None:
        """The earliest deadline of any incident, by our own reckoning."""
        while self._by_due and self._due.get(self._by_due[0][1]) != self._by_due[0][0]:
            heappop(self._by_due)
        return self._by_due[0] if self._by_due else None

    def silent_until(self, at: datetime) -> None:
        """The network was away, or its clock was set: its silence is nobody's silence."""
        self.awake_since = at
        for people in self.signs.values():
            for person in people:
                people[person] = at

    # --- people ---------------------------------------------------------------------------------

    def gone(self, person: PersonId) -> bool:
        """Whether this person is removed, blocked or forgotten."""
        who = self.person(person)
        return who is None or who.removed or who.granted is Level.BLOCKED

    def reporters(self, incident: Incident) -> list[Person]:
        """The records of those who reported it."""
        found = (self.person(s.reporter) for s in incident.sources)
        return [who for who in found if who is not None]

    def coordinates(self, incident: Incident, person: PersonId) -> bool:
        """Whether this person coordinates it: none who reported it or must not meet a reporter."""
        who = self.person(person)
        if who is None or not who.has(Role.COORDINATOR):
            return False
        if self.reckoning.level(person) is Level.BLOCKED:
            return False
        return not any(r.id == person or apart(who, r) for r in self.reporters(incident))

    def agree(self, reporters: set[PersonId]) -> bool:
        """Whether these tell the same independently: not all of them stand on one word alone."""
        people = [who for who in map(self.person, reporters) if who is not None]
        words = [self.reckoning.stand_for(who) - reporters for who in people]
        standing = {
            who.id if name == THE_MACHINE else name
            for who, names in zip(people, words, strict=True)
            for name in names
        }
        return len(reporters) >= 2 and all(words) and len(standing) >= 2
