"""What a network costs as it grows to 100,000 members in 1,000 neighbourhoods.

    python -m benchmarks.growth
    python -m benchmarks.growth --quick

The product, served on networks of growing size with a hundred members a neighbourhood: the time to
listen, memory at rest, and from a report to the first page. Each member has a phone for sealed
pages; each report pages twenty.
"""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import kit, town
from benchmarks.kit import Loopback, Sample
from benchmarks.report_to_page import Scene, waits

SIZES: Final = (1_000, 3_000, 10_000, 30_000, 100_000)
A_NEIGHBOURHOOD: Final = 100
SCENE: Final = Scene("at rest", 20, 5)


def size(members: int) -> town.Town:
    """A town of so many; a few neighbourhoods at least, for the reports are each from another."""
    places = max(members // A_NEIGHBOURHOOD, 10)
    return town.Town(members=members, neighbourhoods=places, reporters=places, phones=True)


def measure(members: int, server: Loopback, folder: Path) -> Sample:
    """One network, served once."""
    copy = town.copied(folder / str(members), folder / "served")
    bot = kit.Child("benchmarks.serve", "--folder", str(copy), "--lifted")
    try:
        bot.ready()
        began = time.monotonic()
        bot.tell("go")
        server.until_polled()
        listening_s = time.monotonic() - began
        rss_mb = kit.memory_mb("VmRSS", bot.pid)
        found = waits(server, bot, SCENE, size(members))
    finally:
        bot.ended()
        server.until(lambda _sent, _refused, polls, _waiting: not polls)
        server.forget()
    return {"listening_s": listening_s, "rss_mb": rss_mb} | found


def main() -> None:
    """Measure, and tell."""
    options = kit.options(__doc__)
    options.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    given = options.parse_args()
    sizes = [1000, 10_000] if given.quick else given.sizes
    before, rounds = kit.machine(), 1 if given.quick else given.rounds
    kit.compiled()
    with kit.loopback() as server, tempfile.TemporaryDirectory(prefix="growth-") as made:
        folder = Path(made)
        for members in sizes:
            kit.note(f"making a network of {members:,}")
            town.make(folder / str(members), size(members), server.url)
        found = kit.in_turn(
            {str(members): partial(measure, members, server, folder) for members in sizes}, rounds
        )
    middle = {name: kit.medians(samples) for name, samples in found.items()}
    kit.tell("\nas a network grows, medians")
    keys = ["listening_s", "rss_mb", "first_median_ms", "all_median_ms", "cpu_ms_per_report"]
    rows = [[f"{int(name):,}", *(m[key] for key in keys)] for name, m in middle.items()]
    kit.table(rows, ["members", *keys])
    kit.save("growth", {"medians": middle, "samples": found}, given.out, before=before)
    looks = {"listening_s": "s to listen", "rss_mb": "MB", "first_median_ms": "ms to first page"}
    with kit.plot("growth", given.out, columns=3) as axes:
        for each, (key, unit) in zip(axes, looks.items(), strict=True):
            each.plot(
                [int(name) for name in middle],
                [m[key] for m in middle.values()],
                marker="o",
                color="#4477aa",
            )
            each.set_xlabel("members")
            each.set_ylabel(unit)
            each.set_ylim(bottom=0)
            each.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
