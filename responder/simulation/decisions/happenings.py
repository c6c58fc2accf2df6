"""What is planned for a rush: reports that compete, floods, rings, people who go, clocks, silence.

What it must not know
    What is decided, and which law it could break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from msgspec.structs import replace

from responder.core import events
from responder.core.model import (
    Incident,
    IncidentId,
    Level,
    Media,
    MediaKind,
    Person,
    PersonId,
    Place,
    Report,
    ReportId,
    State,
    Vouch,
)
from responder.core.world import World
from responder.simulation import cast
from responder.simulation.cast import KINDS
from responder.simulation.decisions.laws import Laws
from responder.simulation.decisions.replies import Lot
from responder.simulation.laws.notes import OPEN
from responder.simulation.plan import Happening, Plan, What
from responder.simulation.town import Town

_CROWD: Final = 12


class Played(Protocol):
    """The rush that all this happens to."""

    plan: Plan
    world: World
    laws: Laws
    now_s: float
    deaf_until_s: float

    @property
    def wall(self) -> datetime:
        """What the machine's clock shows."""

    def later(self, after_s: float, act: Callable[[], None]) -> None:
        """Do this so many seconds from now."""

    def meet(self, person: Person) -> None:
        """Somebody is on record, new or changed."""

    def file(self, report: Report) -> Incident:
        """A report opens an incident of its own."""

    def join(self, report: Report, into: IncidentId) -> bool:
        """A report joins an incident; whether it did."""

    def offer(self, id: IncidentId, event: events.Event) -> bool:
        """Decide what an event makes of an incident; whether anything changed."""

    def publish(self, kind: str, number: int) -> None:
        """From now on new incidents of this kind open with this edition."""

    def away(self, seconds: float) -> None:
        """The machine is away for so long; then it takes everything up again."""

    def set_clock(self, seconds: float) -> None:
        """The machine's clock is set."""


class Happenings:
    """What happens to one rush, each by dice of its own."""

    def __init__(self, rush: Played, town: Town) -> None:
        self._rush = rush
        self._town = town

    def act(self, happening: Happening) -> Callable[[], None]:
        """What to do when its time has come."""
        lot = Lot(self._rush.plan.seed, "happening", happening.number)
        return partial(
            _ACTS[happening.what], self, f"{self._rush.plan.seed}-{happening.number}", lot
        )

    # --- reports --------------------------------------------------------------------------------

    def report(self, name: str, lot: Lot) -> None:
        """Somebody reports something of their own, or what is known already."""
        anybody = (*self._town.reporters * 3, *self._town.members)
        by = lot.of(anybody)
        place, kind = self._where(lot)
        there = [i for i in self._rush.world.docket.open_at(place) if i.state in OPEN]
        if there and lot.chance(35):
            self._join(f"{name}r", by, lot.of(there).id, lot)
        else:
            self._file(name, by, place, kind, lot)

    def _where(self, lot: Lot) -> tuple[Place, str]:
        return lot.of(self._town.places).id, lot.of(KINDS)

    def _a_report(self, name: str, by: PersonId, place: Place, kind: str, lot: Lot) -> Report:
        picture = Media(channel=cast.SIGNAL, ref=name, kind=MediaKind.PICTURE)
        return Report(
            id=ReportId(name),
            reporter=by,
            at=self._rush.wall,
            kind=kind,
            neighbourhood=place,
            incident=IncidentId(f"i{name}"),
            text=f"words by {by}",
            place=lot.of(("", "5 Elm Street", "the corner")),
            follow_up=lot.chance(20),
            media=(picture,) if lot.chance(15) else (),
        )

    def _file(self, name: str, by: PersonId, place: Place, kind: str, lot: Lot) -> None:
        if self._heard(by):
            self._rush.file(self._a_report(name, by, place, kind, lot))

    def _join(self, name: str, by: PersonId, into: IncidentId, lot: Lot) -> None:
        known = self._rush.world.incidents.get(into)
        if known is not None and known.state in OPEN and self._heard(by):
            report = self._a_report(name, by, known.neighbourhood, known.kind, lot)
            self._rush.join(report, into)

    def _heard(self, by: PersonId) -> bool:
        blocked = self._rush.laws.reckoning.level(by) is Level.BLOCKED
        return not blocked and not self._rush.laws.gone(by)

    def flood(self, name: str, lot: Lot) -> None:
        """A crowd of new accounts tells the same, within a minute or two."""
        crowd = [cast.a_teller(f"f{name}n{n}", Level.UNKNOWN) for n in range(_CROWD)]
        for person in crowd:
            self._rush.meet(person)
        self._together(name, [p.id for p in crowd], lot)

    def ring(self, name: str, lot: Lot) -> None:
        """People of one voucher all tell the same, and perhaps somebody of another."""
        ring = [p for p in self._town.reporters if p.startswith("ring")]
        others = [p for p in self._town.reporters if p.startswith("knowner")]
        self._together(name, ring + others[: lot.below(len(others) + 1)], lot)

    def _together(self, name: str, people: list[PersonId], lot: Lot) -> None:
        place, kind = self._where(lot)
        self._file(name, people[0], place, kind, lot)
        into = IncidentId(f"i{name}")
        for number, by in enumerate(people[1:]):
            act = partial(self._join, f"{name}j{number}", by, into, lot)
            self._rush.later(lot.below(120), act)

    def conspiracy(self, name: str, lot: Lot) -> None:
        """Infiltrators report, confirm and accept each other."""
        people = self._town.plotters or self._town.members[:3]
        place, kind = self._where(lot)
        self._file(name, people[0], place, kind, lot)
        into = IncidentId(f"i{name}")
        for by in people:
            for event in (events.Confirmed, events.Accepted, events.HaveIt):
                self._rush.later(lot.below(300), partial(self._offer, into, event, by))

    def _offer(self, id: IncidentId, kind: Callable[..., events.Event], by: PersonId) -> None:
        if not self._rush.laws.gone(by):
            self._rush.offer(id, kind(at=self._rush.wall, by=by))

    def lure(self, name: str, lot: Lot) -> None:
        """Somebody keeps reporting, to call people to the same corner again and again."""
        by = lot.of(self._town.reporters)
        place, kind = self._where(lot)
        for number in range(4):
            act = partial(self._file, f"{name}l{number}", by, place, kind, lot)
            self._rush.later(number * 600 + lot.below(600), act)

    # --- people ---------------------------------------------------------------------------------

    def goes(self, name: str, lot: Lot) -> None:
        """A member is removed, blocked, unreached, untrained, vouched for, or a reporter."""
        who = self._rush.world.everybody.get(lot.of(self._town.members))
        if who is None:
            return
        change = lot.of((_removed, _blocked, _unreached, _untrained, _unvouched, _vouched, _apart))
        if lot.chance(20):
            self._identified(lot, who)
            return
        now = change(who, lot.of(self._town.members), self._rush.wall)
        self._rush.meet(now)
        if self._rush.laws.gone(who.id):
            self._tell_all(events.PersonGone(at=self._rush.wall, person=who.id))
        elif now.keep_apart != who.keep_apart:
            other = now.keep_apart[-1]
            self._tell_all(events.Parted(at=self._rush.wall, one=who.id, other=other))

    def _tell_all(self, event: events.PersonGone | events.Parted) -> None:
        for incident in tuple(self._rush.world.incidents.values()):
            if incident.state is not State.CLOSED:
                self._rush.offer(incident.id, event)

    def _identified(self, lot: Lot, who: Person) -> None:
        old = lot.of(self._town.reporters)
        for incident in tuple(self._rush.world.docket.of(old)):
            event = events.Identified(at=self._rush.wall, old=old, new=who.id)
            self._rush.offer(incident.id, event)

    # --- the machine ----------------------------------------------------------------------------

    def edition(self, name: str, lot: Lot) -> None:
        """A playbook is edited."""
        self._rush.publish(lot.of(KINDS), lot.below(1000))

    def outage(self, name: str, lot: Lot) -> None:
        """The machine is away for minutes or hours."""
        self._rush.away(60 + lot.below(9000))

    def clock(self, name: str, lot: Lot) -> None:
        """The clock is set, forward or back, by little or by hours."""
        self._rush.set_clock(lot.of((-7200, -3600, -600, -100, 90, 600, 3600, 7200)))

    def deaf(self, name: str, lot: Lot) -> None:
        """For a while half of what is sent reaches nobody."""
        self._rush.deaf_until_s = self._rush.now_s + 300 + lot.below(3000)


def _removed(who: Person, other: PersonId, at: datetime) -> Person:
    return replace(who, removed=True)


def _blocked(who: Person, other: PersonId, at: datetime) -> Person:
    return replace(who, granted=Level.BLOCKED)


def _unreached(who: Person, other: PersonId, at: datetime) -> Person:
    return replace(who, addresses=tuple(replace(a, dead=True) for a in who.addresses))


def _untrained(who: Person, other: PersonId, at: datetime) -> Person:
    return replace(who, trainings=cast.trained(at - timedelta(days=1)))


def _unvouched(who: Person, other: PersonId, at: datetime) -> Person:
    return replace(who, vouches=who.vouches[1:])


def _vouched(who: Person, other: PersonId, at: datetime) -> Person:
    return replace(who, vouches=(*who.vouches, Vouch(by=other, at=at)))


def _apart(who: Person, other: PersonId, at: datetime) -> Person:
    return who if who.id == other else replace(who, keep_apart=(*who.keep_apart, other))


_ACTS: Final[Mapping[What, Callable[[Happenings, str, Lot], None]]] = {
    What.REPORT: Happenings.report,
    What.FLOOD: Happenings.flood,
    What.RING: Happenings.ring,
    What.CONSPIRACY: Happenings.conspiracy,
    What.LURE: Happenings.lure,
    What.GOES: Happenings.goes,
    What.EDITION: Happenings.edition,
    What.OUTAGE: Happenings.outage,
    What.CLOCK: Happenings.clock,
    What.DEAF: Happenings.deaf,
}
