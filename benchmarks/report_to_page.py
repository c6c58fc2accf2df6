"""From a report to the first page that leaves for it, with 10,000 members, each report paging 20.

    python -m benchmarks.report_to_page
    python -m benchmarks.report_to_page --quick

At rest (a report now and then), at 50 reports a second, and in a burst of 500. The clock starts
when Telegram has the report and stops when the first page for it reaches Telegram. Beside it a raw
asyncio program that keeps what it took in, and a bot as a good tutorial for aiogram and aiosqlite
would have it. Reports come from people whose word pages at once, each from a neighbourhood of its
own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import kit, town
from benchmarks.kit import Goal, Loopback, Sample

CONTESTANTS: Final = {
    "responder": "responder, sealed at rest",
    "responder-phones": "responder, sealed to each phone besides",
    "raw": "raw asyncio and SQLite",
    "aiogram": "aiogram and aiosqlite",
}
PATIENCE_S: Final = 120.0
TOWN: Final = town.Town(members=10_000, neighbourhoods=500, reporters=500, phones=True)
QUICK: Final = town.Town(members=1_000, neighbourhoods=50, reporters=50, phones=True)


@dataclass(frozen=True)
class Scene:
    """So many reports, so many a second; 0 is all at once."""

    told: str
    reports: int
    per_second: float


SCENES: Final = {
    "rest": Scene("at rest", 30, 5),
    "steady": Scene("at 50 reports a second", 500, 50),
    "burst": Scene("in a burst of 500", 500, 0),
}


def _start(name: str, server: Loopback, folder: Path, size: town.Town) -> kit.Child:
    if name.startswith("responder"):
        copy = town.copied(folder / "original", folder / "served")
        town.point_at(copy, server.url)
        words = [] if name.endswith("phones") else ["--words"]
        return kit.Child("benchmarks.serve", "--folder", str(copy), "--lifted", *words)
    many = ["--members", str(size.members), "--neighbourhoods", str(size.neighbourhoods)]
    where = ["--url", server.url, "--folder", str(folder)]
    return kit.Child("benchmarks.small_bots", name, *where, *many)


def measure(name: str, scene: Scene, server: Loopback, folder: Path, size: town.Town) -> Sample:
    """One bot in one scene, in a process of its own."""
    bot = _start(name, server, folder, size)
    try:
        bot.ready()
        bot.tell("go")
        server.until_polled()
        return waits(server, bot, scene, size)
    finally:
        bot.ended()
        server.until(lambda _sent, _refused, polls, _waiting: not polls)
        server.forget()


def waits(server: Loopback, bot: kit.Child, scene: Scene, size: town.Town) -> Sample:
    """Let the reports come in, and see how long each waited for its first page and its last."""
    # The first report of a process is no measure: it pays for what is loaded at first use.
    warm = size.neighbourhoods - 1
    server.schedule([town.report(warm, town.FIRST_REPORTER + warm, 0)], 0)
    server.until(lambda sent, *_: sent > 0)
    server.until_quiet()
    server.reset()
    cpu_s = kit.cpu_s_of(bot.pid)
    reports = min(scene.reports, size.neighbourhoods - 1)
    told = [town.report(n, town.FIRST_REPORTER + n, n + 1) for n in range(reports)]
    server.schedule(told, scene.per_second)
    due = reports * (town.PAGED + 1)
    server.until(lambda sent, *_: sent >= due, PATIENCE_S)
    server.until_quiet()  # Reporters are told more than one thing: the last pages may be to come.
    cpu_s = kit.cpu_s_of(bot.pid) - cpu_s
    record = server.stats()
    handed = [at for at, _ in record["handed"]]
    place_of = {chat: n for n in range(reports) for chat in town.members_of(n, size)}
    pages: dict[int, list[float]] = {n: [] for n in range(reports)}
    for at, chat, _ in record["sent"]:
        if chat in place_of:
            pages[place_of[chat]].append(at)
    short = sum(len(times) < town.PAGED for times in pages.values())
    if len(handed) < reports or not all(pages.values()):
        raise RuntimeError(f"{sum(map(bool, pages.values()))} of {reports} reports paged anybody")
    first = [1000 * (times[0] - at) for times, at in zip(pages.values(), handed, strict=True)]
    last = [1000 * (times[-1] - at) for times, at in zip(pages.values(), handed, strict=True)]
    return {
        "reports_cut_short": short,
        "first_median_ms": kit.quantile(first, 0.5),
        "first_p99_ms": kit.quantile(first, 0.99),
        "first_most_ms": max(first),
        "all_median_ms": kit.quantile(last, 0.5),
        "all_most_ms": max(last),
        "cpu_ms_per_report": 1000 * cpu_s / reports,
    }


def goals(middles: dict[str, dict[str, Sample]]) -> list[Goal]:
    """At most twice what the raw program takes, in every scene."""
    told = []
    looks: tuple[tuple[str, str, str], ...] = (
        ("rest", "first_median_ms", "median"),
        ("steady", "first_median_ms", "median"),
        ("steady", "first_p99_ms", "ninety-ninth percentile"),
        ("burst", "first_most_ms", "last report's first page"),
    )
    for scene, key, what in looks:
        middle = middles.get(scene, {})
        for ours in ("responder", "responder-phones"):
            if ours in middle and "raw" in middle:
                times = middle[ours][key] / middle["raw"][key]
                words = f"{CONTESTANTS[ours]}, {SCENES[scene].told}, {what}: times raw (at most 2)"
                told.append(Goal(words, times, times <= 2))
    return told


def main() -> None:
    """Measure, and tell."""
    options = kit.options(__doc__)
    options.add_argument("--only", nargs="*", choices=CONTESTANTS, default=list(CONTESTANTS))
    options.add_argument("--scenes", nargs="*", choices=SCENES, default=list(SCENES))
    given = options.parse_args()
    before, rounds = kit.machine(), 1 if given.quick else given.rounds
    size = QUICK if given.quick else TOWN
    found: dict[str, dict[str, list[Sample]]] = {}
    with kit.loopback() as server, tempfile.TemporaryDirectory(prefix="page-") as made:
        folder = Path(made)
        town.make(folder / "original", size, server.url)
        for scene in given.scenes:
            contestants: dict[str, Callable[[], Sample]] = {
                name: partial(measure, name, SCENES[scene], server, folder, size)
                for name in given.only
            }
            kit.note(SCENES[scene].told)
            if told := kit.in_turn(contestants, rounds):
                found[scene] = told
    middles = {
        scene: {name: kit.medians(samples) for name, samples in all_.items()}
        for scene, all_ in found.items()
    }
    for scene, middle in middles.items():
        kit.tell(f"\nreport to page, {SCENES[scene].told}, medians of the rounds")
        keys = list(next(iter(middle.values())))
        rows = [[CONTESTANTS[name], *(m[k] for k in keys)] for name, m in middle.items()]
        kit.table(rows, ["", *keys])
    kept = kit.tell_goals(goals(middles))
    result = {"medians": middles, "goals": kept, "samples": found}
    kit.save("report_to_page", result, given.out, before=before)
    with kit.plot("report_to_page", given.out, columns=len(middles)) as axes:
        every = [axes] if len(middles) == 1 else axes
        for each, (scene, middle) in zip(every, middles.items(), strict=True):
            values = {CONTESTANTS[name]: m["first_median_ms"] for name, m in middle.items()}
            kit.bars(each, values, f"Report to first page, {SCENES[scene].told}", "ms, median")


if __name__ == "__main__":
    main()
