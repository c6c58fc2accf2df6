"""10,000 reports in a minute from accounts that nobody knows, and one from a trusted member.

    python -m benchmarks.flood
    python -m benchmarks.flood --quick

The product keeps its own pace, at a loopback Telegram that takes 30 messages a second. In the midst
of the flood somebody trusted reports: how soon does the first page leave? And what does the flood
cost in memory, and is every report in it answered, or counted as waiting for its answer?
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from benchmarks import kit, town
from benchmarks.kit import Goal, Loopback, Sample

CAP: Final = 30
TOWN: Final = town.Town(members=1000, neighbourhoods=50, reporters=50, phones=True)
PATIENCE_S: Final = 180.0


def measure(server: Loopback, folder: Path, strangers: int, minute_s: float) -> Sample:
    """One flood, with one true report in the middle of it."""
    copy = town.copied(folder / "original", folder / "served")
    bot = kit.Child("benchmarks.serve", "--folder", str(copy))
    try:
        bot.ready()
        bot.tell("go")
        server.until_polled()
        server.reset()
        before_mb = kit.memory_mb("VmRSS", bot.pid)
        flood = [
            town.report(n % TOWN.neighbourhoods, town.FIRST_STRANGER + n, n + 1)
            for n in range(strangers)
        ]
        true = [town.report(0, town.FIRST_REPORTER, 1)]
        middle = threading.Timer(minute_s / 2, server.schedule, (true, 0))
        began = time.monotonic()
        middle.start()
        server.schedule(flood, strangers / minute_s)
        middle.join()
        time.sleep(max(0.0, began + minute_s - time.monotonic()))
        # The last of them come a moment later than asked for.
        while len(server.stats()["handed"]) < strangers + 1:
            time.sleep(0.05)
        taken_in = server.until(
            lambda _sent, _refused, polls, waiting: bool(polls and not waiting), PATIENCE_S
        )
        behind_s = time.monotonic() - began - minute_s
        after_mb = kit.memory_mb("VmRSS", bot.pid)
        cost, record = bot.stop(), server.stats()
    finally:
        bot.ended()
        server.forget()
    if not taken_in:
        raise RuntimeError("the flood was not taken in")
    return _found(record, cost, strangers) | {
        "behind_s": behind_s,
        "before_mb": before_mb,
        "after_mb": after_mb,
        "peak_mb": cost["peak_mb"],
    }


def _found(record: Sample, cost: Sample, strangers: int) -> Sample:
    paged = set(town.members_of(0, TOWN))
    # The only trusted report is the one that pages: strangers' wait for a verifier.
    pages = [at for at, chat, _ in record["sent"] if chat in paged]
    answered = {chat for _, chat, _ in record["sent"] if chat >= town.FIRST_STRANGER}
    waiting = {chat for chat in cost["waiting_for"] if chat >= town.FIRST_STRANGER}
    true = next(at for at, chat in record["handed"] if chat == town.FIRST_REPORTER)
    return {
        "first_page_s": pages[0] - true,
        "last_page_s": pages[-1] - true,
        "pages": len(pages),
        "taken_in": cost["counts"].get("taken_in", 0),
        "answered": len(answered),
        "waiting": len(waiting - answered),
        "neither": strangers - len(answered | waiting),
        "messages_waiting": cost["waiting"],
        "refused_429": len(record["refused"]),
        "cpu_s": cost["cpu_s"],
    }


def goals(middle: Sample) -> list[Goal]:
    """A second for the true report; memory that does not run away; nobody dropped."""
    grown = middle["peak_mb"] - middle["before_mb"]
    return [
        Goal(
            "first page has left, s (goal 1)", middle["first_page_s"], middle["first_page_s"] <= 1
        ),
        Goal("MB more at the most (bounded: goal 200)", grown, grown <= 200),
        Goal("neither answered nor waiting (goal 0)", middle["neither"], middle["neither"] <= 0),
    ]


def main() -> None:
    """Measure, and tell."""
    given = kit.options(__doc__).parse_args()
    before, rounds, strangers, minute_s = kit.machine(), given.rounds, 10_000, 60.0
    if given.quick:
        rounds, strangers, minute_s = 1, 1000, 6.0
    with (
        kit.loopback("--cap", str(CAP)) as server,
        tempfile.TemporaryDirectory(prefix="flood-") as made,
    ):
        folder = Path(made)
        town.make(folder / "original", TOWN, server.url)
        one = {"responder": lambda: measure(server, folder, strangers, minute_s)}
        found = kit.in_turn(one, rounds)
    middle = kit.medians(found["responder"])
    kit.tell(f"\n{strangers:,} reports of strangers in {minute_s:.0f} s, and a trusted one")
    kit.table([[name, value] for name, value in middle.items()], ["", "median of the rounds"])
    kept = kit.tell_goals(goals(middle))
    told = {"medians": middle, "goals": kept, "samples": found}
    kit.save("flood", told, given.out, before=before)
    with kit.plot("flood", given.out) as axes:
        looks = {"before": "before_mb", "after": "after_mb", "at the most": "peak_mb"}
        values = {told: middle[key] for told, key in looks.items()}
        kit.bars(axes, values, f"Memory through {strangers:,} reports of strangers", "MB")


if __name__ == "__main__":
    main()
