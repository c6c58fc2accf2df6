"""One town whose incidents compete for the same people, decided from the first report to the last.

What it is for
    `decide` and `due` over a real `World`, with everything in the wrong order: late, doubled, by
    the wrong people, after a silence, under a clock that was set, offered again after a crash.

Rules it keeps
    * The same plan gives the same story; what people do hangs on the message that they got.
    * An effect is carried out when it was decided; who is told answers by `Replies`.

What it must not know
    Words, platforms, storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from responder.core import effects, events
from responder.core import incident as incidents
from responder.core.effects import Decision, Effect, Ignored, Tell
from responder.core.events import Event
from responder.core.model import (
    Care,
    Incident,
    IncidentId,
    Override,
    Person,
    Report,
    ReportId,
    Shift,
)
from responder.core.playbook import Playbook
from responder.core.world import World
from responder.simulation import cast
from responder.simulation.cast import KINDS, START
from responder.simulation.decisions.happenings import Happenings
from responder.simulation.decisions.laws import Laws
from responder.simulation.decisions.ledger import Look
from responder.simulation.decisions.replies import Lot, Replies
from responder.simulation.laws.notes import OPEN, Broken
from responder.simulation.plan import DAY_S, Happening, Plan, What, dice
from responder.simulation.town import Town, a_town

EDITIONS: Final = 12
"""So many editions of each playbook there are; a plan draws from them."""
_KEPT_PAGES: Final = timedelta(days=2)
_NOTICED_S: Final = 180.0
"""A clock that was set by more than this is taken for a silence."""
_LATE_S: Final = (0.0, 0.0, 0.0, 0.5, 1.0, 3.0, 20.0, 100.0)
"""How late a busy machine looks at what is due."""
_ONCE: Final = (events.Filed, events.Joined)
"""A report counts once, by its inbox key: it is never offered again after its commit."""
_ODDS: Final = {
    What.FLOOD: 0.3,
    What.RING: 1.0,
    What.CONSPIRACY: 0.5,
    What.LURE: 0.4,
    What.GOES: 3.0,
    What.EDITION: 3.0,
    What.OUTAGE: 0.5,
    What.CLOCK: 0.6,
    What.DEAF: 0.4,
}


def a_rush(seed: int) -> Plan:
    """A night, or three, of a small town with more incidents than it has people for."""
    chance = dice(seed, "rush")
    days = chance.choice((1 / 3, 1 / 3, 3.0))
    plan = Plan(seed=seed, days=days, members=chance.randint(12, 26))
    times = [(plan.length_s * chance.random(), What.REPORT) for _ in range(chance.randint(10, 26))]
    for what, odds in _ODDS.items():
        number = int(odds) + int(chance.random() < odds % 1)
        times += [(plan.length_s * chance.random(), what) for _ in range(number)]
    found = [Happening(round(at_s, 1), what, n) for n, (at_s, what) in enumerate(times)]
    return plan.keeping(tuple(sorted(found, key=lambda h: (h.at_s, h.number))))


@cache
def edition(kind: str, number: int) -> tuple[Playbook, str]:
    """One of the editions of a shipped playbook, and its digest."""
    playbook = cast.edition(kind, number, dice(number, "edition", kind))
    return playbook, playbook.digest


def _willing(plan: Plan, town: Town) -> list[Override]:
    """In two towns of three most are on call all the time: else few incidents find a team."""
    if plan.seed % 3 == 0:
        return []
    return [
        Override(
            id=f"willing-{person}",
            person=person,
            start=START - timedelta(hours=1),
            end=START + timedelta(days=plan.days + 1),
            available=True,
            made_at=START + timedelta(seconds=1),
        )
        for person in town.members
        if not Lot(plan.seed, "willing", person).chance(20)
    ]


class Rush:
    """One plan, played over decisions alone. `run` raises `Broken` where a law breaks."""

    def __init__(self, plan: Plan) -> None:
        town = a_town(plan)
        self.plan = plan
        self.world = World(cast.network(), town.places, town.limits, (cast.SIGNAL,))
        self.laws = Laws(self.world, town.limits, self.broken)
        self.replies = Replies(plan.seed, town)
        self.happenings = Happenings(self, town)
        self.reports: dict[ReportId, Report] = {}
        self.faults: Counter[str] = Counter()
        self.incidents = 0
        self.steps = 0
        self.now_s = 0.0
        self.skew_s = 0.0
        self.deaf_until_s = 0.0
        self._down_until_s = 0.0
        self._since: datetime | None = None
        self._numbers = count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._story: list[tuple[Event, IncidentId, str]] = []
        for record in (*town.records, *_willing(plan, town)):
            self.world.put(record)
            self._know(record)
        for kind in KINDS:
            self.publish(kind, plan.seed % EDITIONS)

    def _know(self, record: object) -> None:
        match record:
            case Person():
                self.laws.reckoning.meet(record)
            case Shift():
                self.laws.shifts[record.person].append(record)
            case Override():
                self.laws.overrides[record.person].append(record)
            case Care(rest_until=datetime() as until):
                self.laws.rests[record.person] = until
            case _:
                pass

    def publish(self, kind: str, number: int) -> None:
        """From now on new incidents of this kind open with this edition."""
        playbook, digest = edition(kind, number % EDITIONS)
        self.world.playbooks[kind] = self.world.texts[digest] = self.laws.texts[digest] = playbook

    def meet(self, person: Person) -> None:
        """Somebody is on record, new or changed."""
        self.world.put(person)
        self.laws.reckoning.meet(person)

    @property
    def wall(self) -> datetime:
        """What the machine's clock shows."""
        return START + timedelta(seconds=self.now_s + self.skew_s)

    # --- time -----------------------------------------------------------------------------------

    def later(self, after_s: float, act: Callable[[], None]) -> None:
        """Do this so many seconds from now."""
        heappush(self._queue, (self.now_s + after_s, next(self._numbers), act))

    def run(self) -> Rush:
        """Play it all, down to the last forgotten report."""
        for happening in self.plan.happenings:
            self.later(happening.at_s, self.happenings.act(happening))
        for days in (3, 4, 5):
            self.later(self.plan.length_s + days * DAY_S, self._looked_after)
        while True:
            due_s = self._next_due_s()
            if due_s is None and not self._queue:
                break
            if due_s is not None and (not self._queue or due_s <= self._queue[0][0]):
                self._go_to(due_s)
                self._tick()
            else:
                at_s, _, act = heappop(self._queue)
                self._go_to(max(at_s, self._down_until_s))
                act()
        self.laws.at_the_end()
        return self

    def _go_to(self, at_s: float) -> None:
        """Time goes on; what was missed while the machine was away comes after it has said so."""
        self.now_s = max(self.now_s, at_s)
        if self._since is not None:
            since, self._since = self._since, None
            self.back(since)

    def _next_due_s(self) -> float | None:
        due = self.world.next_due()
        if due is None:
            return None
        due_s = (due - START).total_seconds()
        late_s = _LATE_S[(int(due_s) ^ self.plan.seed) % len(_LATE_S)]
        return max(due_s - self.skew_s + late_s, self._down_until_s)

    def _tick(self) -> None:
        for id in self.world.due_by(self.wall):
            if not self.offer(id, events.Due(at=self.wall)) and id in self.world.incidents:
                self.laws.rule = "nothing_stays_due"
                self.laws.fail(f"L7: due on {id}, and nothing happened")

    def away(self, seconds: float) -> None:
        """The machine is away for so long; then it takes everything up again."""
        self._since = self._since or self.wall
        self._down_until_s = self.now_s + seconds
        self.faults["away"] += 1

    def _looked_after(self) -> None:
        """At the machine itself somebody sees to what has no coordinator left."""
        for incident in tuple(self.world.incidents.values()):
            if incident.state in OPEN or incident.alarms:
                reason = "looked after"
                self.offer(incident.id, events.Ended(at=self.wall, by=None, reason=reason))

    def set_clock(self, seconds: float) -> None:
        """The machine's clock is set; by more than a few minutes it counts as a silence."""
        since = self.wall
        self.skew_s += seconds
        self.faults["clock set"] += 1
        if abs(seconds) > _NOTICED_S:
            self.back(min(since, self.wall))
        else:
            self.laws.silent_until(self.wall)

    def back(self, since: datetime) -> None:
        """The network is back: everybody with a part in what is open hears of it."""
        self.laws.silent_until(self.wall)
        for incident in tuple(self.world.incidents.values()):
            if incident.state in OPEN:
                self.offer(incident.id, events.Returned(at=self.wall, since=since))

    # --- decisions ------------------------------------------------------------------------------

    def file(self, report: Report) -> Incident:
        """A report opens an incident of its own."""
        self.incidents += 1
        playbook, digest = self.world.edition(report.kind)
        event = events.Filed(
            at=self.wall,
            incident=report.incident,
            code=f"N{self.incidents}",
            report=report,
            playbook=digest,
            schema=playbook.schema_version,
        )
        self.reports[report.id] = report
        self.offer(report.incident, event)
        return self.world.incidents[report.incident]

    def join(self, report: Report, into: IncidentId, *, confirmed: bool = False) -> bool:
        """A report joins an incident; whether it did."""
        report = replace(report, incident=into)
        self.reports[report.id] = report
        event = events.Joined(at=self.wall, report=report, confirmed=confirmed)
        joined = self.offer(into, event)
        if all(s.report != report.id for s in self.world.incidents[into].sources):
            self.laws.reports.pop(report.id, None)
        return joined

    def offer(self, id: IncidentId, event: Event) -> bool:
        """Decide what an event makes of an incident, and carry it out; whether anything changed."""
        before = self.world.incidents.get(id)
        self.steps += 1
        touched = self.world.touched
        decision = incidents.decide(before, event, self.world)
        if self.world.touched != touched:
            raise AssertionError("a decision has changed the world")
        if isinstance(decision, Ignored):
            self._story.append((event, id, decision.reason))
            return False
        often = self.steps * 2654435761 >> 12
        if often % 32 == 0 and incidents.decide(before, event, self.world) != decision:
            raise AssertionError("the same question was decided in two ways")
        self._carry_out(before, event, decision)
        if often % 24 == 0 and not isinstance(event, _ONCE):
            self.faults["offered again after a crash"] += 1
            self.offer(id, event)
        return True

    def _carry_out(self, before: Incident | None, event: Event, decision: Decision) -> None:
        after = decision.incident
        look = Look(event.at, event, before, after, decision.effects)
        self._story.append((event, after.id, _told(look)))
        self.world.put(after)
        for effect in decision.effects:
            _EFFECTS.get(type(effect), _nothing)(self, after, effect)
        self.laws.after(look)
        for tell in look.tells:
            self._answer(tell, after)
        for effect in decision.effects:
            if type(effect) is Tell and effect.card is effects.Card.BOARD and not effect.replaces:
                self._answer(effect, after)
            elif type(effect) is effects.Handover:
                self._hand_over(effect)

    def _answer(self, tell: Tell, incident: Incident) -> None:
        if self.now_s < self.deaf_until_s and Lot(self.plan.seed, "deaf", tell.message).chance(50):
            self.faults["a message failed"] += 1
            says = {"message": tell.message, "to": tell.to, "card": tell.card.value}
            self.later(30, self._move(incident.id, events.MessageFailed, says))
            return
        for move in self.replies.to(tell, incident):
            self.later(move.after_s, self._move(incident.id, move.kind, move.says))

    def _move(
        self, id: IncidentId, kind: Callable[..., Event], says: Mapping[str, Any]
    ) -> Callable[[], None]:
        def act() -> None:
            if not self._gone(says.get("by")):
                self.offer(id, kind(at=self.wall, **says))

        return act

    def _gone(self, by: str | None) -> bool:
        """Whether nobody listens to them: removed, blocked or forgotten."""
        return by is not None and self.laws.gone(by)  # type: ignore[arg-type]

    def _hand_over(self, effect: effects.Handover) -> None:
        report = self.reports[effect.report]
        into = self.world.incidents.get(effect.into)
        if into is None or not self.join(report, into.id, confirmed=effect.confirmed):
            self.file(replace(report, incident=IncidentId(f"{report.id}-again")))

    def broken(self, law: str, rule: str) -> Broken:
        """The error that tells this law, this seed and the story so far."""
        story = [_line(event, id, told) for event, id, told in self._story]
        return Broken(law, rule, self.plan.seed, story)


# --- effects --------------------------------------------------------------------------------------


def _nothing(rush: Rush, incident: Incident, effect: Effect) -> None:
    pass


def _assign(rush: Rush, incident: Incident, effect: effects.Assign) -> None:
    rush.world.assign(effect.person, incident.id)


def _release(rush: Rush, incident: Incident, effect: effects.Release) -> None:
    rush.world.release(effect.person, incident.id)


def _paged(rush: Rush, incident: Incident, effect: effects.Paged) -> None:
    care = rush.world.cares.get(effect.person) or Care(person=effect.person)
    recent = [at for at in care.paged_at if rush.wall - at < _KEPT_PAGES]
    rush.world.put(replace(care, paged_at=(*recent, rush.wall)))


def _rest(rush: Rush, incident: Incident, effect: effects.Rest) -> None:
    care = rush.world.cares.get(effect.person) or Care(person=effect.person)
    until = max(care.rest_until or effect.until, effect.until)
    rush.world.put(replace(care, rest_until=until))


def _shred(rush: Rush, incident: Incident, effect: effects.Shred) -> None:
    rush.world.delete(incident)


_EFFECTS: Final[Mapping[type[Any], Callable[[Rush, Incident, Any], None]]] = {
    effects.Assign: _assign,
    effects.Release: _release,
    effects.Paged: _paged,
    effects.Rest: _rest,
    effects.Shred: _shred,
}


def _told(look: Look) -> str:
    return look.after.state.value


def _line(event: Event, id: IncidentId, told: str) -> str:
    said = " ".join(
        f"{name}={value}"
        for name in ("by", "person", "card", "to", "old", "new", "duress", "confirmed")
        if (value := getattr(event, name, None)) is not None
    )
    kind = type(event).__name__
    return f"{event.at:%d %H:%M:%S}  {id}  {kind} {said} -> {told}"
