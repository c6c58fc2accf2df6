"""Starting: to the first page of a thousand that wait, to rest, and to a line of help.

    python -m benchmarks.restart
    python -m benchmarks.restart --quick

The real process, `responder run`, started anew on a network of 10,000 members in whose outbox 1,000
urgent messages wait; its pace is its own. Then the same network at rest: memory and processor,
beside a process that has only imported the two bot libraries. Then `responder --help`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import kit, town
from benchmarks.kit import Goal, Loopback, Sample
from benchmarks.senders import alert
from responder import app

TOWN: Final = town.Town(members=10_000, neighbourhoods=50, reporters=50, phones=True)
WAITING: Final = 1000
_RESPONDER: Final = (sys.executable, "-c", "from responder.cli import main; main()")
_IMPORTS: Final = "import aiogram, signalbot; print('ready', flush=True); input()"


def fill(folder: Path) -> None:
    """Leave urgent messages in the outbox of this network, as a process that was killed would."""

    async def write() -> None:
        async with app.offline(town.settings_of(folder)) as dispatcher:
            await dispatcher.do(lambda desk: alert(desk, WAITING, sealed=False))

    asyncio.run(write())


def to_first_page(server: Loopback, folder: Path) -> Sample:
    """From the start of the process to the first message at Telegram."""
    copy = town.copied(folder / "waiting", folder / "served")
    server.reset()
    began = time.monotonic()
    with started(copy):
        server.until(lambda sent, *_: sent > 0)
        server.until_polled()
    record = server.stats()
    server.until(lambda _sent, _refused, polls, _waiting: not polls)
    return {"first_page_s": record["sent"][0][0] - began}


@contextmanager
def started(folder: Path) -> Iterator[int]:
    """`responder run` on this folder until the block ends; the number of its process."""
    command = [*_RESPONDER, "run", "--config", str(folder / "config.toml")]
    process = subprocess.Popen(command, cwd=kit.ROOT)  # noqa: S603 - our own command
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def at_rest(server: Loopback, folder: Path, look_s: float) -> Sample:
    """Memory and processor of a network where nothing happens."""
    copy = town.copied(folder / "original", folder / "served")
    with started(copy) as pid:
        server.until_polled()
        time.sleep(3)
        used = kit.cpu_s_of(pid)
        time.sleep(look_s)
        found = {
            "rss_mb": kit.memory_mb("VmRSS", pid),
            "cpu_percent": 100 * (kit.cpu_s_of(pid) - used) / look_s,
        }
    server.until(lambda _sent, _refused, polls, _waiting: not polls)
    return found


def imports() -> Sample:
    """The two bot libraries, imported and nothing else."""
    began = time.monotonic()
    command = [sys.executable, "-c", _IMPORTS]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        took_s = time.monotonic() - began
        rss_mb = kit.memory_mb("VmRSS", process.pid)
        process.communicate(b"\n")
    return {"rss_mb": rss_mb, "import_s": took_s}


def helps() -> Sample:
    """A line of help, from the start of the process to its end."""
    began = time.monotonic()
    command = [*_RESPONDER, "--help"]
    subprocess.run(command, cwd=kit.ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return {"help_s": time.monotonic() - began}


def goals(middle: dict[str, Sample]) -> list[Goal]:
    """A second, 60 MB, 0.3 s."""
    first = middle["first page"]["first_page_s"]
    more = middle["at rest"]["rss_mb"] - middle["imports"]["rss_mb"]
    help_s = middle["help"]["help_s"]
    return [
        Goal("restart to first waiting page, s (goal 1)", first, first < 1),
        Goal("MB at rest above importing the two libraries (goal 60)", more, more <= 60),
        Goal("responder --help, s (goal 0.3)", help_s, help_s < 0.3),
    ]


def main() -> None:
    """Measure, and tell."""
    given = kit.options(__doc__).parse_args()
    before, rounds, look_s = kit.machine(), given.rounds, 20.0
    if given.quick:
        rounds, look_s = 1, 3.0
    kit.compiled()
    with kit.loopback() as server, tempfile.TemporaryDirectory(prefix="restart-") as made:
        folder = Path(made)
        town.make(folder / "original", TOWN, server.url)
        fill(town.copied(folder / "original", folder / "waiting"))
        found = kit.in_turn(
            {
                "first page": lambda: to_first_page(server, folder),
                "at rest": lambda: at_rest(server, folder, look_s),
                "imports": imports,
                "help": helps,
            },
            rounds,
        )
    middle = {name: kit.medians(samples) for name, samples in found.items()}
    kit.tell(f"\n{TOWN.members:,} members, {WAITING:,} urgent messages waiting; medians")
    rows = [[name, key, value] for name, some in middle.items() for key, value in some.items()]
    kit.table(rows, ["", "what", "found"])
    kept = kit.tell_goals(goals(middle))
    told = {"medians": middle, "goals": kept, "samples": found}
    kit.save("restart", told, given.out, before=before)
    with kit.plot("restart", given.out, columns=2) as (left, right):
        memory = {"responder at rest": middle["at rest"]["rss_mb"]}
        memory |= {"aiogram and signalbot imported": middle["imports"]["rss_mb"]}
        times = {"first waiting page": middle["first page"]["first_page_s"]}
        times |= {"--help": middle["help"]["help_s"], "both imports": middle["imports"]["import_s"]}
        kit.bars(left, times, "From the start of a process", "s")
        kit.bars(right, memory, f"{TOWN.members:,} members at rest", "MB")


if __name__ == "__main__":
    main()
