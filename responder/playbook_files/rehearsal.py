"""A playbook rehearsed against tonight's roster: would a pair have formed, and how fast?

What it is for
    `rehearse(facts, playbook, runs, seed)` opens the same incident again and again over the real
    people, and lets chance say who answers and when. What decides is the network's own core.

Rules it keeps
    * The same facts, runs and seed give the same result.
    * How many say yes is what was measured there, if enough were asked, else the playbook's
      `acceptance`; how long people take is assumed. Both are said with the result.

What it must not know
    Who anybody is.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from math import log
from random import Random
from statistics import quantiles
from typing import Final

from responder.core import effects, events
from responder.core import incident as incidents
from responder.core.admin.rehearsal import PRIVATE, Facts
from responder.core.effects import Card, Decision
from responder.core.events import Event
from responder.core.model import (
    Answer,
    Incident,
    IncidentId,
    Level,
    Network,
    Person,
    PersonId,
    Report,
    ReportId,
    Role,
    State,
)
from responder.core.playbook import Playbook
from responder.core.world import World

TYPICAL_S: Final = 75
"""Half of those who answer a page do so within this time: an assumption, not measured here."""
UNHURRIED_S: Final = 30 * 60
"""The same for those who are asked for what they offered: nothing tells them to hurry."""
_SPREAD: Final = 0.9
_DECLINES: Final = 0.4
"""The share of those who do not come that says so."""
_REPORTER: Final = PersonId("rehearsal")
_ASKS: Final = frozenset({Card.PAGE, Card.REQUEST})
_FORMED: Final = frozenset({State.BRIEFING, State.OUT})


@dataclass
class Rehearsal:
    """What came of it. `minutes` has one entry for each run in which a team formed."""

    runs: int
    minutes: list[float] = field(default_factory=list)
    paged: list[int] = field(default_factory=list)
    waves: Counter[int] = field(default_factory=Counter)
    """How many people each wave paged, over all runs; waves count from 1."""
    reached: Counter[int] = field(default_factory=Counter)
    """In how many runs each wave began."""
    for_nothing: list[int] = field(default_factory=list)
    barred: Counter[str] = field(default_factory=Counter)
    """Why responders of the neighbourhood and its neighbours could not be asked at that hour."""
    free: int = 0
    """How many of them could."""

    @property
    def chance(self) -> float:
        """The share of runs in which a team formed."""
        return len(self.minutes) / self.runs

    def percentile(self, share: float) -> float | None:
        """The minutes within which a team formed in this share of those runs; None for none."""
        if len(self.minutes) < 2:
            return self.minutes[0] if self.minutes else None
        return quantiles(self.minutes, n=100, method="inclusive")[round(share * 100) - 1]


def rehearse(facts: Facts, playbook: Playbook, runs: int = 1_000, seed: int = 1) -> Rehearsal:
    """Play the beginning of the incident so often, until a team has formed or nobody is left."""
    world = _world(facts, playbook)
    result = Rehearsal(runs)
    chance = Random(seed)
    for number in range(runs):
        _Run(world, facts, playbook, chance, number, result).play()
    _look_around(world, facts, playbook, result)
    return result


def acceptance_of(facts: Facts, playbook: Playbook) -> float:
    """The share of those asked who say yes: measured where enough were asked, else assumed."""
    return facts.measured.counts.acceptance if facts.measured else playbook.acceptance


def _world(facts: Facts, playbook: Playbook) -> World:
    world = World(
        Network(name="rehearsal"), facts.neighbourhoods, facts.limits, private_channels=(PRIVATE,)
    )
    world.playbooks[playbook.id] = world.texts[playbook.digest] = playbook
    for person in facts.people:
        world.put(person)
    world.put(Person(id=_REPORTER, granted=Level.TRUSTED))
    for records in (facts.shifts, facts.overrides, facts.care):
        for record in records:
            world.put(record)
    return world


class _Run:
    """One incident, from its report until a team has formed."""

    def __init__(
        self,
        world: World,
        facts: Facts,
        playbook: Playbook,
        chance: Random,
        number: int,
        result: Rehearsal,
    ) -> None:
        self.world = world
        self.facts = facts
        self.playbook = playbook
        self.chance = chance
        self.result = result
        self.id = IncidentId(f"rehearsal-{number}")
        self.at = facts.at
        self.paged: set[PersonId] = set()
        self.answers: list[tuple[datetime, int, Event]] = []
        self.numbers = count()
        self.incident: Incident | None = None
        self.acceptance = acceptance_of(facts, playbook)

    def play(self) -> None:
        """Go from event to event; what the world was told is taken back at the end."""
        self._offer(self._filed())
        while self.incident is not None and self.incident.state not in _FORMED:
            if self.incident.state in (State.AFTERCARE, State.CLOSED, State.LEAVING):
                break
            self._next()
        if self.incident is None:
            return
        going = len(self.incident.active) if self.incident.state in _FORMED else 0
        if going:
            self.result.minutes.append((self.at - self.facts.at).total_seconds() / 60)
        self.result.paged.append(len(self.paged))
        self.result.for_nothing.append(len(self.paged) - going)
        for mate in self.incident.team:
            self.world.release(mate.person, self.id)
        self.world.delete(self.incident)

    def _filed(self) -> events.Filed:
        report = Report(
            id=ReportId(f"report-{self.id}"),
            reporter=_REPORTER,
            at=self.at,
            kind=self.playbook.id,
            neighbourhood=self.facts.place,
            incident=self.id,
            text="rehearsal",
            answers=self._answers(),
        )
        return events.Filed(
            at=self.at,
            incident=self.id,
            code="REHEARSAL",
            report=report,
            playbook=self.playbook.digest,
            schema=self.playbook.schema_version,
        )

    def _answers(self) -> tuple[Answer, ...]:
        """What the search would wait for is said at once: the first help that people can offer."""
        offers = self.playbook.offers
        if offers is None:
            return ()
        first = offers.answers[0]
        return (Answer(question=offers.question, text=first, choice=first),)

    def _next(self) -> None:
        """The next answer, or the next deadline if that comes first."""
        assert self.incident is not None
        due = incidents.due(self.incident)
        if self.answers and (due is None or self.answers[0][0] <= due):
            self.at, _, event = heapq.heappop(self.answers)
            self._offer(event)
        elif due is not None:
            self.at = max(self.at, due)
            self._offer(events.Due(at=self.at))

    def _offer(self, event: Event) -> None:
        decision = incidents.decide(self.incident, event, self.world)
        if not isinstance(decision, Decision):
            return
        before = self.incident.recruiting.wave if self.incident else -1
        self.incident = decision.incident
        self.world.put(decision.incident)
        wave = decision.incident.recruiting.wave + 1
        if decision.incident.recruiting.wave > before:
            self.result.reached[wave] += 1
        for effect in decision.effects:
            if isinstance(effect, effects.Assign):
                self.world.assign(effect.person, self.id)
            elif isinstance(effect, effects.Release):
                self.world.release(effect.person, self.id)
            elif isinstance(effect, effects.Tell) and effect.card in _ASKS:
                typical_s = UNHURRIED_S if effect.card is Card.REQUEST else TYPICAL_S
                self._asked(effect.to, wave, typical_s)

    def _asked(self, person: PersonId, wave: int, typical_s: float) -> None:
        """Chance says what this person does, and when."""
        if person in self.paged:
            return
        self.paged.add(person)
        self.result.waves[wave] += 1
        when = self.at + timedelta(seconds=self.chance.lognormvariate(log(typical_s), _SPREAD))
        event: Event
        if self.chance.random() < self.acceptance:
            event = events.Accepted(at=when, by=person)
        elif self.chance.random() < _DECLINES:
            event = events.Declined(at=when, by=person)
        else:
            return
        heapq.heappush(self.answers, (when, next(self.numbers), event))


def _look_around(world: World, facts: Facts, playbook: Playbook, result: Rehearsal) -> None:
    """Why people who live near could not be asked at that hour."""
    run = _Run(world, facts, playbook, Random(0), result.runs, Rehearsal(1))
    decision = incidents.decide(None, run._filed(), world)
    assert isinstance(decision, Decision)
    bare = decision.incident
    here = world.neighbourhood(facts.place)
    near = {here.id, *here.adjacent}
    for person in world.with_role(Role.RESPONDER):
        if near.isdisjoint(person.neighbourhoods):
            continue
        why = world.barred(bare, person.id, facts.at)
        if why is None:
            result.free += 1
        else:
            result.barred[why.value] += 1
