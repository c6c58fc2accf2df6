"""The result of a rehearsal in plain words, with a small plot.

What it must not know
    How it was played.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from responder.core.answers import Measured
from responder.core.playbook import Playbook
from responder.playbook_files.rehearsal import TYPICAL_S, Rehearsal

_WIDTH: Final = 40
_TOO_RARE: Final = 0.8
_PART_OF_DAY: Final = {
    "morning": " in the morning",
    "afternoon": " in the afternoon",
    "evening": " in the evening",
    "night": " at night",
}
_WHY: Final = {
    "removed": "gone from the network",
    "blocked": "blocked",
    "not-responder": "no responders",
    "no-consent": "without a yes to what is kept about them",
    "keep-apart": "kept apart from somebody",
    "no-private-channel": "without a private channel",
    "training": "without the training",
    "busy": "in another team",
    "off-call": "off call",
    "resting": "resting",
    "limit": "past their pages a night",
}


def told(
    result: Rehearsal,
    playbook: Playbook,
    place: str,
    at: datetime,
    zone: str,
    measured: Measured | None = None,
) -> Iterator[str]:
    """The lines to print: how likely, how fast, who is woken, what was missing."""
    when = at.astimezone(ZoneInfo(zone))
    yield f"{playbook.title.in_('en')}, {place}, {when:%A %Y-%m-%d %H:%M}, {result.runs} times"
    yield ""
    yield f"A team formed in {result.chance:.0%} of them."
    median, late = result.percentile(0.5), result.percentile(0.9)
    if median is not None and late is not None:
        yield f"Minutes from the report to the team: {median:.1f} (median), {late:.1f} (9 of 10)."
        yield ""
        yield from _plot(result.minutes)
    yield ""
    for wave, people in sorted(result.waves.items()):
        yield (
            f"Wave {wave}: needed in {result.reached[wave] / result.runs:.0%},"
            f" pages {people / max(1, result.reached[wave]):.1f} people when it is."
        )
    mean = sum(result.for_nothing) / len(result.for_nothing)
    paged = sum(result.paged) / len(result.paged)
    yield f"Paged on average {paged:.1f}, of whom {mean:.1f} are woken for nothing."
    yield ""
    yield f"Near {place}, {_count(result.free)} could be asked at that hour."
    for why, many in result.barred.most_common():
        yield f"  {many} {_WHY.get(why, why)}"
    yield ""
    unreached = result.barred["no-private-channel"] + result.barred["no-consent"]
    if not result.free and not result.barred:
        yield (
            f"Near {place} there are no responders yet. Add them, and rehearse again when they have"
            " joined: responder member add CALL-SIGN --role responder"
        )
        yield ""
    elif not result.free and unreached == result.barred.total():
        yield (
            "Nobody has joined yet, so nobody can be asked. Each joins with a code (responder"
            " member code CALL-SIGN) and says yes to what is kept; then rehearse again."
        )
        yield ""
    elif result.chance < _TOO_RARE:
        yield (
            "That is too rare. Look who has a shift then: responder shift coverage. Otherwise ask"
            " more people, or sooner in the whole network (`waves`), or find and train more."
        )
        yield ""
    yield from _grounds(playbook, place, measured)


def _grounds(playbook: Playbook, place: str, measured: Measured | None) -> Iterator[str]:
    """What the result stands on: what was measured, and what is assumed."""
    pace = f"half of the answers come within {TYPICAL_S} s"
    if measured is None:
        yield (
            f"Assumed, not measured: {playbook.acceptance:.0%} of those paged say yes"
            f" (`acceptance`), {pace}."
        )
        return
    counts, (low, high) = measured.counts, measured.counts.spread
    part = _PART_OF_DAY.get(measured.part, "")
    yield (
        f"Measured: of {counts.known} people paged for this in {place}{part},"
        f" {counts.acceptance:.0%} said yes (between {low:.0%} and {high:.0%}, nineteen times in"
        " twenty)."
    )
    if not low <= playbook.acceptance <= high:
        yield (
            f"The playbook says {playbook.acceptance:.0%}: set its `acceptance` to what was"
            " measured, so that as many are asked as it takes."
        )
    yield f"Assumed: {pace}."


def as_json(result: Rehearsal, playbook: Playbook, measured: Measured | None) -> dict[str, object]:
    """The same for a script; times are minutes."""
    return {
        "runs": result.runs,
        "chance": result.chance,
        "median_min": result.percentile(0.5),
        "p90_min": result.percentile(0.9),
        "paged_mean": sum(result.paged) / len(result.paged),
        "for_nothing_mean": sum(result.for_nothing) / len(result.for_nothing),
        "waves": {
            str(wave): {"runs": result.reached[wave], "people": people / result.runs}
            for wave, people in sorted(result.waves.items())
        },
        "free": result.free,
        "barred": dict(result.barred),
        "acceptance": measured.counts.acceptance if measured else playbook.acceptance,
        "acceptance_measured_from": measured.counts.known if measured else 0,
    }


def _count(many: int) -> str:
    return "nobody" if not many else "1 person" if many == 1 else f"{many} people"


def _plot(minutes: list[float]) -> Iterator[str]:
    """How many runs had their team by when: a bar a minute, at most twelve."""
    last = max(minutes)
    step = max(1, -(-int(last + 1) // 12))
    bins = [0] * (int(last) // step + 1)
    for value in minutes:
        bins[int(value) // step] += 1
    most = max(bins)
    for number, many in enumerate(bins):
        bar = "#" * round(_WIDTH * many / most) if many else ""
        yield f"  {number * step:>3}-{(number + 1) * step:<3} min  {bar or '.'} {many}"
