"""What the made-up people do by themselves when nobody types: the next plausible thing.

Rules it keeps
    * It looks at the network and never touches it: a move is somebody's answer or some waiting.
    * Somebody says no first, so that a no is seen; nobody answers what they were not asked.

What it must not know
    The screen, the keyboard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from responder.core.model import CallState, Incident, IncidentId, PersonId, Stage, State
from responder.core.spoken import Verb
from responder.demo.cast import CAST
from responder.demo.stage import Stage as Theatre

WALK: Final = timedelta(minutes=10)
"""How long the made-up people take to get there."""
STAY: Final = timedelta(minutes=5)
"""How long they stay on after a check-in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody answers; `key` names what the narrator says of it."""

    handle: str
    verb: Verb
    key: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody has anything to answer: the clock moves."""

    until: datetime


@dataclass(slots=True)
class Pilot:
    """Remembers how far it has gone with each incident."""

    theatre: Theatre
    walked: set[IncidentId] = field(default_factory=set)
    checked_in: set[IncidentId] = field(default_factory=set)
    stayed: set[IncidentId] = field(default_factory=set)

    def next(self) -> Answer | Wait | None:
        """What happens next; None where there is nothing to go on with."""
        incident = self.theatre.incident
        if incident is None or incident.state is State.CLOSED:
            return None
        return self._answer(incident) or self._wait()

    def _wait(self) -> Wait | None:
        due = self.theatre.world.next_due()
        return Wait(due) if due is not None else None

    def _answer(self, incident: Incident) -> Answer | Wait | None:
        match incident.state:
            case State.HELD:
                asked = [one.person for one in incident.verification.asked]
                return self._first(asked, Verb.CONFIRM, "confirm")
            case State.PAGING:
                return self._page(incident)
            case State.BRIEFING:
                return self._read(incident)
            case State.OUT:
                return self._out(incident)
            case State.LEAVING:
                left = [m.person for m in incident.team if m.stage is not Stage.OUT_SAFE]
                return self._first(left, Verb.OUT, "out")
            case _:
                return None

    def _first(self, people: list[PersonId], verb: Verb, key: str, arg: str = "") -> Answer | None:
        """The first of these, in the order of the cast, who can answer this."""
        asked = (p for p in sorted(people, key=_turn) if self.theatre.question(p, verb, arg))
        return next((Answer(person, verb, key, arg) for person in asked), None)

    def _page(self, incident: Incident) -> Answer | None:
        paged = [c.person for c in incident.calls if c.state is CallState.PAGED]
        said_no = any(c.state is CallState.DECLINED for c in incident.calls)
        if len(paged) > 2 and not said_no:
            return Answer(max(paged, key=_turn), Verb.DECLINE, "declines")
        return self._first(paged, Verb.ACCEPT, "accepts", "10")

    def _read(self, incident: Incident) -> Answer | None:
        reading = [m.person for m in incident.active if m.stage is Stage.BRIEFED]
        return self._first(reading, Verb.HAVE_IT, "have-it")

    def _out(self, incident: Incident) -> Answer | Wait | None:
        team = incident.active
        on_the_way = [m.person for m in team if m.stage is Stage.GONE]
        late = [m.person for m in team if m.missed]
        if on_the_way:
            if incident.id not in self.walked:
                self.walked.add(incident.id)
                return Wait(self.theatre.now + WALK)
            return self._first(on_the_way, Verb.THERE, "there")
        if late:
            self.checked_in.add(incident.id)
            return self._first(late, Verb.CHECK_IN, "check-in")
        if incident.id not in self.checked_in:
            return self._read(incident)
        if incident.id not in self.stayed:
            self.stayed.add(incident.id)
            return Wait(self.theatre.now + STAY)
        return self._first([m.person for m in team], Verb.DONE, "done")


def _turn(person: PersonId) -> int:
    """Where somebody stands in the cast."""
    return next((at for at, part in enumerate(CAST) if part.handle == person), len(CAST))
