"""How many of those who are paged say yes: counts without names, for rehearsals.

What it is for
    When an incident ends, its pages are added up: how many people were asked, and how many said
    yes, no, or nothing, after how long. Each kind of incident, neighbourhood and time of day has
    one sum, kept as one setting. From enough of them `Counts.acceptance` is measured.

Rules it keeps
    * A sum holds no person, no incident and no date: nobody can be found in it.
    * Whoever was thanked before they could well answer counts as asked for just that long: a page
      that is taken back after a minute, since enough have said yes, is no "no". This is the
      life-table estimate (Cutler and Ederer 1958) of the share that ends with a yes.
    * Only what is at least `ENOUGH` is told to anybody.

What it must not know
    Storage, the clock, rehearsals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from math import sqrt
from typing import Final

from responder.core import roster
from responder.core.changes import Setting
from responder.core.model import Call, CallState, Incident, Place, Record, decode, encode
from responder.core.playbook import Playbook

ENOUGH: Final = 30
"""So many outcomes make a measure; below it a share may be off by a third."""
_NAME: Final = "answers:"
_EDGES_S: Final = (30, 60, 120, 240, 480)
_NONE: Final = (0,) * (len(_EDGES_S) + 1)
_MOST: Final = 400
"""Above it older answers begin to fade: people change."""
_WIDE: Final = 1.96
"""Nineteen times in twenty the true share lies within so many standard errors."""
_PARTS: Final = ((0, "night"), (6, "morning"), (12, "afternoon"), (18, "evening"), (23, "night"))
_OTHERS: Final = ("offers", "coordinators")
"""Waves that ask another question than a page does."""


class Counts(Record):
    """How it ended for those asked, by how long it took: `_EDGES_S` part the times.

    `lost` are those who had not answered when nobody was needed any more.
    """

    yes: tuple[int, ...] = _NONE
    no: tuple[int, ...] = _NONE
    lost: tuple[int, ...] = _NONE

    @property
    def known(self) -> int:
        """How many had an outcome: an answer, or a silence that was long enough."""
        return sum(self.yes) + sum(self.no) + self.lost[-1]

    @property
    def acceptance(self) -> float:
        """The share that says yes, if it is asked for long enough."""
        share, still = 0.0, 1.0
        there = float(sum(self.yes) + sum(self.no) + sum(self.lost))
        for number, (yes, no, lost) in enumerate(zip(self.yes, self.no, self.lost, strict=True)):
            last = number == len(_EDGES_S)
            risk = there if last else there - lost / 2
            if risk > 0:
                share += still * yes / risk
                still *= max(0.0, 1 - (yes + no) / risk)
            there -= yes + no + lost
        return min(share, 1.0)

    @property
    def spread(self) -> tuple[float, float]:
        """Between which shares the true one lies, nineteen times in twenty (Wilson 1927)."""
        many, share, z = self.known, self.acceptance, _WIDE
        middle = (share + z * z / (2 * many)) / (1 + z * z / many)
        half = z / (1 + z * z / many) * sqrt(share * (1 - share) / many + z * z / (4 * many**2))
        return max(0.0, middle - half), min(1.0, middle + half)


class Measured(Record):
    """What was measured, and for what: `part` of the day, empty for all of it."""

    counts: Counts
    part: str = ""


def noted(
    incident: Incident,
    playbook: Playbook,
    at: datetime,
    time_zone: str,
    settings: Mapping[str, str],
) -> Iterator[Setting]:
    """The sums as they are after this incident, which has ended."""
    by_part: dict[str, list[Call]] = {}
    for call in incident.calls:
        asked = playbook.waves[call.wave].whom if call.wave < len(playbook.waves) else _OTHERS[0]
        if call.state is not CallState.FAILED and asked not in _OTHERS and not incident.drill:
            by_part.setdefault(part_of(call.at, time_zone), []).append(call)
    for part, calls in by_part.items():
        name = _name(incident.kind, incident.neighbourhood, part)
        before = decode(settings[name].encode(), Counts) if name in settings else Counts()
        if before.known > _MOST:
            before = _faded(before)
        counts = _with(before, incident, calls, at)
        yield Setting(name=name, value=encode(counts).decode())


def measured(
    settings: Mapping[str, str], kind: str, place: Place, at: datetime, time_zone: str
) -> Measured | None:
    """What is known of this kind there: at that time of day, else at any; None for too little."""
    part = part_of(at, time_zone)
    prefix = _name(kind, place, "")
    found = {
        name.removeprefix(prefix): decode(value.encode(), Counts)
        for name, value in settings.items()
        if name.startswith(prefix)
    }
    if part in found and found[part].known >= ENOUGH:
        return Measured(counts=found[part], part=part)
    whole = _sum(found.values())
    return Measured(counts=whole) if whole.known >= ENOUGH else None


def part_of(at: datetime, time_zone: str) -> str:
    """The part of the day, by the clock of that place: night is from 23:00 to 6:00."""
    hour = at.astimezone(roster.zone(time_zone)).hour
    return next(part for begins, part in reversed(_PARTS) if hour >= begins)


def _name(kind: str, place: Place, part: str) -> str:
    return f"{_NAME}{kind}:{place}:{part}"


def _with(counts: Counts, incident: Incident, calls: Iterable[Call], at: datetime) -> Counts:
    yes, no, lost = list(counts.yes), list(counts.no), list(counts.lost)
    for call in calls:
        if call.answered_at is None:
            lost[_bin((_over(incident, call, at) - call.at).total_seconds())] += 1
            continue
        told = no if call.state is CallState.DECLINED else yes
        told[_bin((call.answered_at - call.at).total_seconds())] += 1
    return Counts(yes=tuple(yes), no=tuple(no), lost=tuple(lost))


def _over(incident: Incident, call: Call, at: datetime) -> datetime:
    """When an answer to this page was not needed any more."""
    ends = (incident.teamed_at, incident.ended_at)
    return min((end for end in ends if end is not None and end > call.at), default=at)


def _bin(seconds: float) -> int:
    return sum(seconds >= edge for edge in _EDGES_S)


def _faded(counts: Counts) -> Counts:
    halves = (tuple(one // 2 for one in some) for some in (counts.yes, counts.no, counts.lost))
    yes, no, lost = halves
    return Counts(yes=yes, no=no, lost=lost)


def _sum(all_of: Iterable[Counts]) -> Counts:
    rows = tuple(all_of)
    yes, no, lost = (
        tuple(map(sum, zip(*some, strict=True))) or _NONE
        for some in ([r.yes for r in rows], [r.no for r in rows], [r.lost for r in rows])
    )
    return Counts(yes=yes, no=no, lost=lost)
