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

from responder.core.model import CallState, Incident, IncidentId, Mate, PersonId, Stage, State
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
                return self._first("confirm", Verb.CONFIRM)
            case State.PAGING:
                return self._page(incident)
            case State.BRIEFING:
                return self._first("have-it", Verb.HAVE_IT)
            case State.OUT:
                return self._out(incident)
            case State.LEAVING:
                return self._first("out", Verb.OUT)
            case _:
                return None

    def _first(self, key: str, verb: Verb, arg: str = "") -> Answer | None:
        """The first of the cast who is asked this."""
        asked = (part.handle for part in CAST if self.theatre.question(part.handle, verb, arg))
        return next((Answer(handle, verb, key, arg) for handle in asked), None)

    def _page(self, incident: Incident) -> Answer | None:
        paged = [c.person for c in incident.calls if c.state is CallState.PAGED]
        said_no = any(c.state is CallState.DECLINED for c in incident.calls)
        if len(paged) > 2 and not said_no:
            return Answer(_last(paged), Verb.DECLINE, "declines")
        return self._first("accepts", Verb.ACCEPT, "10")

    def _out(self, incident: Incident) -> Answer | Wait | None:
        team = incident.active
        on_the_way = [mate for mate in team if mate.stage is Stage.GONE]
        late = [mate for mate in team if mate.missed]
        if on_the_way and incident.id not in self.walked:
            self.walked.add(incident.id)
            return Wait(self.theatre.now + WALK)
        if on_the_way:
            return self._does(on_the_way[0], Verb.THERE, "there")
        if late:
            self.checked_in.add(incident.id)
            return self._does(late[0], Verb.CHECK_IN, "check-in")
        if incident.id in self.checked_in and team:
            if incident.id not in self.stayed:
                self.stayed.add(incident.id)
                return Wait(self.theatre.now + STAY)
            return self._does(team[0], Verb.DONE, "done")
        return self._first("have-it", Verb.HAVE_IT)

    def _does(self, mate: Mate, verb: Verb, key: str) -> Answer | None:
        asked = self.theatre.question(mate.person, verb) is not None
        return Answer(mate.person, verb, key) if asked else None


def _last(paged: list[PersonId]) -> str:
    """Of those who were paged the one who stands last in the cast."""
    return max(paged, key=[part.handle for part in CAST].index)
