"""Every incident that is kept, found by its deadline, its place, its code and its people.

What it is for
    Closed incidents stay until they are shredded: on a busy network there are thousands of them,
    and each of the questions asked a hundred times a minute is about a few.

Rules it keeps
    * Each answer is what looking through all incidents would give, in the order in which they came.

What it must not know
    What a state means beyond whether it is over, people's records, storage.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from responder.core import incident as incidents
from responder.core.model import Incident, IncidentId, PersonId, Place, State

_OVER: Final = frozenset({State.AFTERCARE, State.CLOSED})
_HELD: Final = State.HELD


class Docket:
    """The incidents of a network. `all` is for looking at; it changes through `put` and `drop`."""

    def __init__(self) -> None:
        self.all: dict[IncidentId, Incident] = {}
        self._due_of: dict[IncidentId, datetime] = {}
        self._due: list[tuple[datetime, IncidentId]] = []
        """The same, the earliest first."""
        self._open_at: defaultdict[Place, dict[IncidentId, Incident]] = defaultdict(dict)
        self._held: dict[IncidentId, Incident] = {}
        self._coded: defaultdict[str, dict[IncidentId, None]] = defaultdict(dict)
        self._with: defaultdict[PersonId, dict[IncidentId, None]] = defaultdict(dict)
        self._people: defaultdict[IncidentId, set[PersonId]] = defaultdict(set)

    # --- changing -------------------------------------------------------------------------------

    def put(self, incident: Incident) -> None:
        """Take an incident in, new or changed."""
        id, state = incident.id, incident.state
        old = self.all.get(id)
        self.all[id] = incident
        if old is None:
            self._coded[incident.code.casefold()][id] = None
        self._set_due(id, incidents.due(incident))
        if state not in _OVER:
            self._open_at[incident.neighbourhood][id] = incident
        elif old is not None:
            self._open_at[incident.neighbourhood].pop(id, None)
        if state is _HELD:
            self._held[id] = incident
        elif old is not None:
            self._held.pop(id, None)
        if old is None or old.sources is not incident.sources or old.team is not incident.team:
            self._take_part(incident)

    def drop(self, id: IncidentId) -> None:
        """Drop an incident, if it is there."""
        incident = self.all.pop(id, None)
        if incident is None:
            return
        self._set_due(id, None)
        self._held.pop(id, None)
        self._open_at[incident.neighbourhood].pop(id, None)
        code = incident.code.casefold()
        del self._coded[code][id]
        if not self._coded[code]:
            del self._coded[code]
        for person in self._people.pop(id, ()):
            del self._with[person][id]
            if not self._with[person]:
                del self._with[person]

    def _set_due(self, id: IncidentId, due: datetime | None) -> None:
        before = self._due_of.get(id)
        if before == due:
            return
        self._due_of.pop(id, None)
        if due is not None:
            self._due_of[id] = due
        if before is not None:
            del self._due[bisect_left(self._due, (before, id))]
        if due is not None:
            insort(self._due, (due, id))

    def _take_part(self, incident: Incident) -> None:
        here = self._people[incident.id]
        named = [source.reporter for source in incident.sources]
        named += [mate.person for mate in incident.team]
        for person in (*named, *incident.past):
            if person not in here:
                here.add(person)
                self._with[person][incident.id] = None

    # --- looking --------------------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """The earliest deadline of any incident."""
        return self._due[0][0] if self._due else None

    def due_by(self, at: datetime) -> tuple[IncidentId, ...]:
        """The incidents with a deadline at or before `at`, the most overdue first."""
        found: list[IncidentId] = []
        for due, id in self._due:
            if due > at:
                break
            found.append(id)
        return tuple(found)

    def open_at(self, place: Place) -> tuple[Incident, ...]:
        """The incidents in that neighbourhood whose response is not over."""
        return tuple(self._open_at.get(place, {}).values())

    def held(self) -> tuple[Incident, ...]:
        """The incidents that wait for verification."""
        return tuple(self._held.values())

    def coded(self, code: str) -> tuple[Incident, ...]:
        """The incidents of that short code, in any case of letters."""
        return tuple(self.all[id] for id in self._coded.get(code.casefold(), ()))

    def of(self, person: PersonId) -> Iterator[Incident]:
        """The incidents that this person reported, is in the team of, or was."""
        return (self.all[id] for id in self._with.get(person, ()))
