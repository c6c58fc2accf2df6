"""The auditor: looks at a network from outside its rules, and finds whom they have forgotten.

What it is for
    Every incident has a deadline, every message a fate, and whoever is out there somebody who
    watches. The rules see to that; `worries` looks whether it is so, and knows none of them.

Rules it keeps
    * It changes nothing and repairs nothing; whoever asked decides what follows.
    * What is a moment late is no worry: each sort has a bound that no healthy network reaches.
    * A worry holds ids, counts and times; no name, no place, no word of anybody.

What it must not know
    How messages are sent, what a platform is, words for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from responder.core import incident as incidents
from responder.core.messages import Urgency
from responder.core.model import (
    CallState,
    Incident,
    IncidentId,
    Mate,
    MessageId,
    Record,
    Stage,
    State,
)
from responder.core.world import World

OVERDUE_AFTER: Final = timedelta(minutes=2)
"""A deadline is worked off within seconds; one that failed is tried again after a minute."""
UNSENT_AFTER: Final = {
    Urgency.LEAVE: timedelta(minutes=1),
    Urgency.PAGE: timedelta(minutes=1),
    Urgency.NEWS: timedelta(minutes=5),
    Urgency.QUIET: timedelta(minutes=30),
}
"""How long a message that is due may wait; a broadcast to thousands takes minutes by itself."""
UNHEARD_AFTER: Final = timedelta(minutes=1)
"""How long a wave may run of which no page has left."""
UNSETTLED_AFTER: Final = timedelta(minutes=1)
"""How long a message that failed may wait for what must follow from it."""
DEAF_AFTER: Final = timedelta(minutes=3)
"""How long a channel may say that it does not work: platforms restart, too."""


class Sort(StrEnum):
    """What is wrong; the word stands in logs and metrics."""

    OVERDUE = "overdue"
    """A deadline has passed and nothing was done."""
    NO_DEADLINE = "no-deadline"
    """An incident that has not ended, and nothing will ever wake it."""
    NOBODY_ASKED = "nobody-asked"
    """A team is sought, and nobody has been asked: no wave runs, or none of its pages has left."""
    UNWATCHED = "unwatched"
    """Somebody is out there or has a brief, and no time runs for their sign of life."""
    NOBODY_TO_ALARM = "nobody-to-alarm"
    """People are out there, and no alarm about them would reach anybody."""
    UNSENT = "unsent"
    """Messages are due and have not left."""
    NOT_ESCALATED = "not-escalated"
    """A message failed, and what must follow from that has not."""
    DEAF = "deaf"
    """A channel does not work."""
    DISK = "disk"
    """The disk refuses what must be written."""
    PART = "part"
    """A part of the program fails, and is begun anew again and again."""


class Worry(Record):
    """One thing that is wrong: what, on which incident, channel or part, since when, how often."""

    sort: Sort
    incident: IncidentId | None = None
    channel: str = ""
    part: str = ""
    since: datetime | None = None
    count: int = 1


class Unsent(Record):
    """A message without a fate, and since when it might have left."""

    message: MessageId
    urgency: Urgency
    since: datetime
    incident: IncidentId | None = None


class Unsettled(Record):
    """A message that failed at `since`; what follows from it is not on disk yet."""

    message: MessageId
    since: datetime
    incident: IncidentId | None = None


class Sick(Record):
    """A channel that has not worked since then."""

    channel: str
    since: datetime


class Broken(Record):
    """A part of the program that has failed since then."""

    part: str
    since: datetime


class Sight(Record):
    """What an auditor must be shown besides the world: what lies with the shell."""

    unsent: tuple[Unsent, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    sick: tuple[Sick, ...] = ()
    disk_refuses: bool = False
    broken: tuple[Broken, ...] = ()


def worries(world: World, now: datetime, sight: Sight | None = None) -> tuple[Worry, ...]:
    """All that is wrong at `now`, those first on which people's safety hangs."""
    sight = sight or Sight()
    unsent = frozenset(one.message for one in sight.unsent)
    found: list[Worry] = []
    for incident in world.incidents.values():
        for look in _LOOKS:
            found += look(world, incident, now)
        found += _nobody_asked(incident, now, unsent)
    found += _unsent(sight, now)
    found += _unsettled(sight, now)
    found += (
        Worry(sort=Sort.DEAF, channel=one.channel, since=one.since)
        for one in sight.sick
        if now - one.since > DEAF_AFTER
    )
    if sight.disk_refuses:
        found.append(Worry(sort=Sort.DISK))
    found += (Worry(sort=Sort.PART, part=one.part, since=one.since) for one in sight.broken)
    order = list(Sort)
    return tuple(sorted(found, key=lambda w: (_GRAVEST.get(w.sort, 1), order.index(w.sort))))


# --- incidents --------------------------------------------------------------------------------


def _overdue(_: World, incident: Incident, now: datetime) -> Iterator[Worry]:
    due = incidents.due(incident)
    if due is not None and now - due > OVERDUE_AFTER:
        yield Worry(sort=Sort.OVERDUE, incident=incident.id, since=due)


def _no_deadline(_: World, incident: Incident, _now: datetime) -> Iterator[Worry]:
    if incident.state is not State.CLOSED and incidents.due(incident) is None:
        yield Worry(sort=Sort.NO_DEADLINE, incident=incident.id)


def _unwatched(_: World, incident: Incident, _now: datetime) -> Iterator[Worry]:
    alone = [mate for mate in incident.team if not _watched(incident, mate)]
    if alone:
        yield Worry(sort=Sort.UNWATCHED, incident=incident.id, count=len(alone))
    elif incident.state in (State.BRIEFING, State.OUT) and not incident.team:
        yield Worry(sort=Sort.UNWATCHED, incident=incident.id, count=0)


def _watched(incident: Incident, mate: Mate) -> bool:
    """Whether a time runs for what this member should say next, where something is awaited."""
    if mate.stage is Stage.OUT_SAFE or incident.state in (State.AFTERCARE, State.CLOSED):
        return True
    if mate.went or mate.told_leave:
        return mate.due is not None
    if mate.stage is Stage.BRIEFED and not mate.held_back:
        return mate.brief_by is not None
    return True


def _nobody_to_alarm(world: World, incident: Incident, _now: datetime) -> Iterator[Worry]:
    there = [m for m in incident.team if m.went and m.stage is not Stage.OUT_SAFE]
    if not there:
        return
    near = frozenset(m.person for m in there)
    ears = [*world.coordinators(incident), *world.stand_ins(incident)]
    for person in world.people(ears):
        if person.id not in near and world.private(person):
            return
    yield Worry(sort=Sort.NOBODY_TO_ALARM, incident=incident.id, count=len(there))


_LOOKS: Final[tuple[Callable[[World, Incident, datetime], Iterator[Worry]], ...]] = (
    _overdue,
    _no_deadline,
    _unwatched,
    _nobody_to_alarm,
)


def _nobody_asked(
    incident: Incident, now: datetime, unsent: frozenset[MessageId]
) -> Iterator[Worry]:
    if incident.state is not State.PAGING:
        return
    search = incident.recruiting
    if search.until is None:
        if incident.give_up_at is None:
            yield Worry(sort=Sort.NOBODY_ASKED, incident=incident.id)
        return
    asked = [c for c in incident.calls if c.wave == search.wave and c.state is CallState.PAGED]
    waiting = [c for c in asked if c.message in unsent and now - c.at > UNHEARD_AFTER]
    if waiting and len(waiting) == len(asked):
        since = min(c.at for c in waiting)
        yield Worry(sort=Sort.NOBODY_ASKED, incident=incident.id, since=since, count=len(waiting))


# --- messages ---------------------------------------------------------------------------------


def _unsent(sight: Sight, now: datetime) -> Iterator[Worry]:
    """One worry an incident, and one for all messages that belong to none."""
    late: dict[IncidentId | None, list[datetime]] = {}
    for one in sight.unsent:
        if now - one.since > UNSENT_AFTER[one.urgency]:
            late.setdefault(one.incident, []).append(one.since)
    for incident, times in late.items():
        yield Worry(sort=Sort.UNSENT, incident=incident, since=min(times), count=len(times))


def _unsettled(sight: Sight, now: datetime) -> Iterator[Worry]:
    late: dict[IncidentId | None, list[datetime]] = {}
    for one in sight.unsettled:
        if now - one.since > UNSETTLED_AFTER:
            late.setdefault(one.incident, []).append(one.since)
    for incident, times in late.items():
        yield Worry(sort=Sort.NOT_ESCALATED, incident=incident, since=min(times), count=len(times))


_GRAVEST: Final = {Sort.UNWATCHED: 0, Sort.NOBODY_TO_ALARM: 0, Sort.NO_DEADLINE: 0}
