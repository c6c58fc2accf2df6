"""One alert to 1,000 and to 10,000 people: the product beside libraries and the limit.

    python -m benchmarks.fan_out            # about ten minutes
    python -m benchmarks.fan_out --quick    # one round, 1,000 people, a minute
    python -m benchmarks.fan_out --only responder --people 1000 --profile fan_out.prof

The product commits the alert, seals every message at rest, sends it through its outbox and its
Telegram bot, and has every acknowledgement on disk before its clock stops. The others send and
forget. All of them talk to one loopback Telegram in a process of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import kit, town
from benchmarks.kit import Goal, Loopback, Sample

CONTESTANTS: Final = {
    "responder": "responder, durable and sealed at rest",
    "responder-phones": "responder, sealed to each phone besides",
    "aiohttp-64": "aiohttp, 64 requests open",
    "aiogram-loop": "aiogram, one by one",
    "aiogram-64": "aiogram, 64 at a time",
    "telegram-bot": "python-telegram-bot, one by one",
    "telegram-bot-64": "python-telegram-bot, 64 at a time",
    "apprise": "Apprise",
    "raw": "raw asyncio sockets, the limit",
}
SLOW: Final = frozenset({"telegram-bot", "telegram-bot-64", "apprise"})
"""Those that `--leave-out-slow` leaves out where there are many people: half a minute a round."""
MANY: Final = 5_000
DURABLE_BEST: Final = 420.0
"""Messages a second of arq on Redis, the best durable queue, on a machine of this kind; that
machine's figure for aiogram's own loop was 1,190, by which it is put into proportion."""
AIOGRAM_THERE: Final = 1190.0


def measure(name: str, people: int, server: Loopback, originals: Path, profile: str = "") -> Sample:
    """One sender, once, in a process of its own."""
    args = [name, "--url", server.url, "--people", str(people)]
    if name.startswith("responder"):
        original = originals / f"{'phones' if name.endswith('phones') else 'plain'}-{people}"
        copy = town.copied(original, originals / "served")
        town.point_at(copy, server.url)
        args += ["--folder", str(copy)]
    if profile:
        args += ["--profile", profile]
    with kit.child("benchmarks.senders", *args) as sender:
        server.reset()
        found = sender.run()
    record = server.stats()
    arrived = [at for at, *_ in record["sent"]]
    if len({chat for _, chat, _ in record["sent"]}) != people or len(arrived) != people:
        raise RuntimeError(f"{name}: {len(arrived)} arrived of {people}")
    return {
        "messages_per_s": people / (found["ended"] - found["began"]),
        "cpu_ms_per_message": 1000 * found["cpu_s"] / people,
        "in_the_loop_ms": 1000 * found.get("loop_cpu_s", 0.0) / people,
        "peak_mb": found["peak_mb"],
        "first_s": arrived[0] - found["began"],
        "last_s": arrived[-1] - found["began"],
        "server_cpu_ms_per_message": 1000 * record["cpu_s"] / people,
    }


def run_all(
    names: Callable[[int], list[str]],
    sizes: list[int],
    rounds: int,
    server: Loopback,
    profile: str = "",
) -> dict[str, dict[str, list[Sample]]]:
    """Every sender that `names` tells for a size, at every size, in turn."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="fan-out-") as folder:
        originals = Path(folder)
        for people in sizes:
            for name in {n for n in names(people) if n.startswith("responder")}:
                phones = name.endswith("phones")
                made = originals / f"{'phones' if phones else 'plain'}-{people}"
                town.make(made, town.Town(members=people, phones=phones), server.url)
            contestants = {
                name: partial(measure, name, people, server, originals, profile)
                for name in names(people)
            }
            kit.note(f"{people:,} people")
            if told := kit.in_turn(contestants, rounds):
                found[str(people)] = told
    return found


def goals(middle: dict[str, Sample]) -> list[Goal]:
    """The ratios that were to be reached, as far as all that they need was measured."""
    rate = {name: sample["messages_per_s"] for name, sample in middle.items()}
    ours = rate.get("responder", 0.0)
    told = []
    for name, least in (("aiohttp-64", 1.0), ("aiogram-loop", 2.5)):
        if name in rate:
            times = ours / rate[name]
            told.append(Goal(f"times {CONTESTANTS[name]} (goal {least:g})", times, times >= least))
    for name in ("telegram-bot", "apprise"):
        if name in rate:
            times = ours / rate[name]
            told.append(Goal(f"times {CONTESTANTS[name]} (goal 7)", times, times >= 7))
    if "aiogram-loop" in rate:
        durable = DURABLE_BEST * rate["aiogram-loop"] / AIOGRAM_THERE
        times = ours / durable
        told.append(
            Goal("times arq on Redis, as aiogram's loop scales it (goal 7)", times, times >= 7)
        )
    return told


def report(found: dict[str, dict[str, list[Sample]]], given: object, before: Sample) -> None:
    """Tables, goals, JSON and a plot."""
    out: Path = given.out  # type: ignore[attr-defined]
    middles = {
        size: {name: kit.medians(samples) for name, samples in all_.items()}
        for size, all_ in found.items()
    }
    for size, middle in middles.items():
        kit.tell(f"\none alert to {int(size):,} people, medians")
        keys = list(next(iter(middle.values())))
        rows = [[CONTESTANTS[name], *(m[k] for k in keys)] for name, m in middle.items()]
        kit.table(rows, ["", *keys])
    kept = {size: kit.tell_goals(goals(middle)) for size, middle in middles.items()}
    told = {"medians": middles, "goals": kept, "samples": found}
    kit.save("fan_out", told, out, before=before)
    with kit.plot("fan_out", out, columns=len(middles)) as axes:
        every = [axes] if len(middles) == 1 else axes
        for each, (size, middle) in zip(every, middles.items(), strict=True):
            values = {CONTESTANTS[name]: m["messages_per_s"] for name, m in middle.items()}
            kit.bars(each, values, f"One alert to {int(size):,} people", "messages a second")


def main() -> None:
    """Measure, and tell."""
    options = kit.options(__doc__)
    options.add_argument("--people", type=int, nargs="*", default=[1000, 10_000])
    options.add_argument("--only", nargs="*", choices=CONTESTANTS, default=list(CONTESTANTS))
    options.add_argument(
        "--leave-out-slow",
        action="store_true",
        help=f"from {MANY:,} people: without {sorted(SLOW)}",
    )
    options.add_argument("--profile", default="", help="write what cProfile saw to this file")
    given = options.parse_args()
    sizes, rounds = ([1000], 1) if given.quick or given.profile else (given.people, given.rounds)
    before = kit.machine()

    def names(people: int) -> list[str]:
        short = given.leave_out_slow and people >= MANY
        return [name for name in given.only if not (short and name in SLOW)]

    with kit.loopback() as server:
        found = run_all(names, sizes, rounds, server, given.profile)
    report(found, given, before)


if __name__ == "__main__":
    main()
