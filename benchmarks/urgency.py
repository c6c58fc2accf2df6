"""A page while news go out to 3,000 people, over a bot that may send 30 messages a second.

    python -m benchmarks.urgency
    python -m benchmarks.urgency --quick

The loopback Telegram counts as the real one does and answers 429 beyond its limit. The product
keeps its own pace, nothing is lifted. While the news are on their way, reports come in one after
the other, each paging the ten people of one neighbourhood: the clock starts when Telegram has the
report.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks import kit, town
from benchmarks.kit import Goal, Loopback, Sample

CAP: Final = 30
SEALED: Final = 600
"""A page is a link of more bytes than this, the news are a line."""
PAGED: Final = 10
TOWN: Final = town.Town(members=3000, neighbourhoods=300, reporters=300, phones=True)
APART_S: Final = 3.0


def measure(server: Loopback, folder: Path, pages: int) -> Sample:
    """One broadcast, and so many reports in the midst of it."""
    copy = town.copied(folder / "original", folder / "served")
    bot = kit.Child("benchmarks.serve", "--folder", str(copy), "--broadcast", str(TOWN.members))
    try:
        bot.ready()
        server.reset()
        bot.tell("go")
        server.until_polled()
        time.sleep(APART_S)
        reports = [town.report(n, town.FIRST_REPORTER + n, n + 1) for n in range(pages)]
        server.schedule(reports, 1 / APART_S)
        time.sleep(APART_S * pages)
        record, cost = server.stats(), bot.stop()
    finally:
        bot.ended()
        server.forget()
    return _found(record, pages) | {"still_waiting": cost["waiting"]}


def _found(record: Sample, pages: int) -> Sample:
    first, last = [], []
    for place, (handed, _) in zip(range(pages), record["handed"], strict=True):
        here = set(town.members_of(place, TOWN))
        times = [
            at - handed
            for at, chat, size in record["sent"]
            if chat in here and at >= handed and size > SEALED
        ]
        if len(times) < PAGED:
            raise RuntimeError(f"only {len(times)} of {PAGED} pages left in {APART_S} s")
        first.append(times[0])
        last.append(times[PAGED - 1])
    by_chat: defaultdict[int, list[float]] = defaultdict(list)
    for at, chat, _ in record["sent"]:
        by_chat[chat].append(at)
    # What is urgent may come close to the news: those who were not paged tell the spacing.
    paged = {chat for place in range(pages) for chat in town.members_of(place, TOWN)}
    close = sum(
        later - earlier < 1.0
        for chat, times in by_chat.items()
        if chat not in paged
        for earlier, later in pairwise(times)
    )
    sent = [at for at, *_ in record["sent"]]
    return {
        "first_median_ms": 1000 * kit.quantile(first, 0.5),
        "first_most_ms": 1000 * max(first),
        "all_median_ms": 1000 * kit.quantile(last, 0.5),
        "all_most_ms": 1000 * max(last),
        "refused_429": len(record["refused"]),
        "too_close_in_a_chat": close,
        "messages_per_s": len(sent) / (sent[-1] - sent[0]),
    }


def goals(middle: Sample) -> list[Goal]:
    """First, all, and no refusal."""
    first, last = middle["first_median_ms"], middle["all_median_ms"]
    return [
        Goal("first page has left, ms (goal 50)", first, first <= 50),
        Goal("all ten have left, ms (goal 400)", last, last <= 400),
        Goal("answered 429 (goal 0)", middle["refused_429"], not middle["refused_429"]),
        Goal(
            "messages too close in one chat (goal 0)",
            middle["too_close_in_a_chat"],
            not middle["too_close_in_a_chat"],
        ),
    ]


def main() -> None:
    """Measure, and tell."""
    given = kit.options(__doc__).parse_args()
    before, rounds, pages = kit.machine(), given.rounds, 10
    if given.quick:
        rounds, pages = 1, 3
    with (
        kit.loopback("--cap", str(CAP)) as server,
        tempfile.TemporaryDirectory(prefix="urgency-") as made,
    ):
        folder = Path(made)
        town.make(folder / "original", TOWN, server.url)
        found = kit.in_turn({"responder": lambda: measure(server, folder, pages)}, rounds)
    middle = kit.medians(found["responder"])
    kit.tell(f"\na page to {PAGED} amid news to {TOWN.members:,}, at most {CAP} messages a second")
    kit.table([[name, value] for name, value in middle.items()], ["", "median of the rounds"])
    kept = kit.tell_goals(goals(middle))
    told = {"medians": middle, "goals": kept, "samples": found}
    kit.save("urgency", told, given.out, before=before)
    with kit.plot("urgency", given.out) as axes:
        looks = {"first page": "first_median_ms", "slowest first": "first_most_ms"}
        looks |= {"all ten": "all_median_ms", "slowest all ten": "all_most_ms"}
        values = {told: middle[key] for told, key in looks.items()}
        kit.bars(axes, values, f"A page to {PAGED} amid news to {TOWN.members:,}", "ms")


if __name__ == "__main__":
    main()
