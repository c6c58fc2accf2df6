"""What all benchmarks share: processes, medians, what a process costs, results and plots.

Rules it keeps
    * What is compared is measured in one run, in turn (a, b, c, a, b, c, ...), so that a busy
      minute of the machine hits all alike; what counts is the median and the ratio within the run.
    * Each measurement is a process of its own, started fresh. It says `ready` once it has imported
      and opened all that it needs, and the clock starts after that.
    * Every result says by which command it came, on which machine, and how busy that was.

What it must not know
    What is measured.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import resource
import shlex
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = Path(__file__).parent / "results"
PATIENCE_S: Final = 60.0

Sample = dict[str, Any]


# --- the command line -----------------------------------------------------------------------------


def options(told: str | None, rounds: int = 5) -> argparse.ArgumentParser:
    """The options that every benchmark has; `told` is its docstring."""
    parser = argparse.ArgumentParser(
        description=told, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one small round, to see it work")
    parser.add_argument("--rounds", type=int, default=rounds, help="the median is of so many")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder of the results")
    return parser


# --- processes ------------------------------------------------------------------------------------


def compiled() -> None:
    """Compile our own modules beforehand, as pip does with what it installs.

    Where nothing may write bytecode (`PYTHONDONTWRITEBYTECODE`) each start would do it again.
    """
    for package in ("responder", "bots"):
        compileall.compile_dir(ROOT / package, quiet=2)


class Child:
    """A Python process that says `ready`, waits for `go`, and answers with one JSON object."""

    def __init__(self, *args: str) -> None:
        self._args = [sys.executable, "-m", *args]
        self._process = subprocess.Popen(  # noqa: S603 - our own modules with our own arguments
            self._args,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def line(self) -> str:
        """The next line that it says; raises where it ended instead."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(f"{shlex.join(self._args)} ended: {self.ended()}")
        return said.rstrip("\n")

    def stop(self) -> Sample:
        """Tell one that works until it is told to stop to do so, and take what it found."""
        self.tell("stop")
        return cast(Sample, json.loads(self.line()))

    def tell(self, word: str) -> None:
        """Say one line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def ready(self) -> None:
        """Wait until it has all that it needs."""
        said = self.line()
        if said != "ready":
            raise RuntimeError(said)

    def run(self) -> Sample:
        """Let it do its work, and wait for what it found and for its end."""
        self.tell("go")
        found = cast(Sample, json.loads(self.line()))
        self._process.wait(PATIENCE_S)
        return found

    def ended(self) -> int:
        """End it, and wait for that."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@contextmanager
def child(*args: str) -> Iterator[Child]:
    """A child that is ready, and is ended in any case."""
    started = Child(*args)
    try:
        started.ready()
        yield started
    finally:
        started.ended()


def wait_for_go() -> None:
    """In a child: say that all is there, and wait until it is wanted."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while os.read(0, 1) != b"\n":  # Unbuffered: what comes after it is read by others.
        pass


def standard_input() -> Any:
    """What the parent says, as a pipe that an event loop can read."""
    return os.fdopen(0, "rb", buffering=0, closefd=False)


def answer(found: Sample) -> None:
    """In a child: say what was found."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


class Loopback:
    """The loopback Telegram as its own process; `url` is where it listens."""

    def __init__(self, *args: str) -> None:
        self._child = Child("benchmarks.loopback", *args)
        self.url = self._child.line()

    def ask(self, what: str, order: object = None) -> Any:
        """Ask it for what it counted, or tell it to do something."""
        body = b"" if order is None else json.dumps(order).encode()
        url = f"{self.url}/control/{what}"
        with urllib.request.urlopen(url, body) as said:  # noqa: S310 - our own loopback address
            return json.loads(said.read())

    def schedule(self, updates: Sequence[object], per_second: float) -> None:
        """Hand these updates out, so many a second; 0 is all at once."""
        self.ask("schedule", {"updates": updates, "per_second": per_second})

    def until_polled(self) -> None:
        """Wait until a bot holds a `getUpdates` open: it has loaded all that it needs."""
        self.until(lambda _sent, _refused, polls, waiting: polls > 0 and not waiting)

    def until(self, there: Callable[[int, int, int, int], bool], patience_s: float = 60) -> bool:
        """Wait until it is so, for a while; `there` is asked with messages taken and refused,
        polls that are open, and updates that wait."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if there(*self.ask("count")):
                return True
            time.sleep(0.05)
        return False

    def until_quiet(
        self, least_s: float = 0.0, quiet_s: float = 1.0, patience_s: float = 60
    ) -> None:
        """Wait until no message has come for a while, `least_s` at least; at most `patience_s`."""
        began = last = time.monotonic()
        count: tuple[int, ...] = ()
        while (now := time.monotonic()) < max(began + least_s, last) + quiet_s:
            if now > began + patience_s:
                note("it does not become quiet; going on")
                return
            sent, refused, _, waiting = self.ask("count")
            if (sent, refused, waiting) != count:
                count, last = (sent, refused, waiting), now
            time.sleep(0.1)

    def forget(self) -> None:
        """Drop the updates that nobody confirmed: the next bot is another one."""
        self.ask("forget")

    def reset(self) -> None:
        """Forget what was counted."""
        self.ask("reset")

    def stats(self) -> Sample:
        """What it counted; `sent` as (seconds, chat, bytes) in the order of arrival."""
        return cast(Sample, self.ask("stats"))

    def close(self) -> None:
        """End it."""
        self._child.ended()


@contextmanager
def loopback(*args: str) -> Iterator[Loopback]:
    """A loopback Telegram for as long as it is needed."""
    server = Loopback(*args)
    try:
        yield server
    finally:
        server.close()


# --- what a process costs -------------------------------------------------------------------------


class Meter:
    """Time and processor of this process, from `start` until `read`."""

    def __init__(self) -> None:
        self.began = 0.0
        self._cpu_s = self._loop_cpu_s = 0.0

    def start(self) -> None:
        """From now on."""
        self.began = time.monotonic()
        self._cpu_s, self._loop_cpu_s = _cpu_s(), time.thread_time()

    def read(self) -> Sample:
        """`began` and `ended` of the monotonic clock, processor seconds of all threads and of
        this one, memory in MB."""
        ended = time.monotonic()
        return {
            "began": self.began,
            "ended": ended,
            "cpu_s": _cpu_s() - self._cpu_s,
            "loop_cpu_s": time.thread_time() - self._loop_cpu_s,
            "peak_mb": memory_mb("VmHWM"),
            "rss_mb": memory_mb("VmRSS"),
        }


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory_mb(field: str, pid: int | str = "self") -> float:
    """A line of /proc/PID/status in MB: `VmRSS` is now, `VmHWM` the most there was."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(field)


def cpu_s_of(pid: int) -> float:
    """Processor seconds that another process has used since it began."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- numbers --------------------------------------------------------------------------------------


def in_turn(
    contestants: Mapping[str, Callable[[], Sample]], rounds: int
) -> dict[str, list[Sample]]:
    """Measure each in turn, so many rounds; tells how it goes on standard error.

    One that fails loses its sample and not the others theirs; one that never succeeds is left out.
    """
    found: dict[str, list[Sample]] = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        for name, measure in contestants.items():
            note(f"round {number}/{rounds}: {name}")
            try:
                found[name].append(measure())
            except RuntimeError as error:
                note(f"{name} FAILED: {error}")
    return {name: samples for name, samples in found.items() if samples}


def medians(samples: Sequence[Sample]) -> Sample:
    """The median of each number over the samples."""
    keys = [key for key, value in samples[0].items() if isinstance(value, int | float)]
    return {key: round(statistics.median(s[key] for s in samples), 5) for key in keys}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


# --- telling --------------------------------------------------------------------------------------


def note(words: str) -> None:
    """A line on standard error, for whoever waits."""
    sys.stderr.write(words + "\n")


def tell(words: str = "") -> None:
    """A line on standard output."""
    sys.stdout.write(words + "\n")


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> None:
    """A table on standard output; numbers stand to the right."""
    cells = [list(head), *([_cell(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        first, *others = (c.rjust(w) for c, w in zip(row, widths, strict=True))
        tell("  ".join([first.strip().ljust(widths[0]), *others]))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def machine() -> Sample:
    """Where and when this was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def commit() -> str:
    """The commit that is measured, with a + where files differ from it; empty without git."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()


def command() -> str:
    """How this run was called."""
    spec = sys.modules["__main__"].__spec__
    name = spec.name if spec else sys.argv[0]
    words = sys.argv[1:]
    if "--out" in words:  # Where it was written says nothing of what was measured.
        at = words.index("--out")
        words = words[:at] + words[at + 2 :]
    return shlex.join(["python", "-m", name, *words])


def save(name: str, found: Sample, out: Path, *, before: Sample) -> Path:
    """Write the results as JSON; `before` is `machine()` as it was when the run began."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}.json"
    told = {"benchmark": name, "command": command(), "commit": commit(), "machine": before}
    path.write_text(json.dumps(told | found, indent=1) + "\n", encoding="utf-8")
    note(f"written: {path}")
    return path


# --- plots ----------------------------------------------------------------------------------------


@contextmanager
def plot(name: str, out: Path, *, columns: int = 1) -> Iterator[Any]:
    """Axes to draw on, written as SVG afterwards; needs matplotlib (`pip install -e .[bench]`)."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = name
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, columns, figsize=(7.5 * columns, 4.2), layout="constrained")
    yield axes
    out.mkdir(parents=True, exist_ok=True)
    figure.savefig(out / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)
    note(f"written: {out / name}.svg")


def bars(axes: Any, values: Mapping[str, float], title: str, unit: str) -> None:
    """Horizontal bars, the first on top, each with its number."""
    names = list(values)
    drawn = axes.barh(names, list(values.values()), color="#4477aa")
    axes.bar_label(drawn, [_cell(float(v)) for v in values.values()], padding=3)
    axes.invert_yaxis()
    axes.set_title(title)
    axes.set_xlabel(unit)
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)


@dataclass(frozen=True)
class Goal:
    """What was to be reached: a sentence, the number that was found, and whether it is enough."""

    told: str
    found: float
    met: bool

    def line(self) -> str:
        """One line for people."""
        return f"{'met  ' if self.met else 'SHORT'}  {self.told}: {_cell(self.found)}"


def tell_goals(goals: Sequence[Goal]) -> list[Sample]:
    """Tell each goal, and give them back for the results."""
    tell()
    for goal in goals:
        tell(goal.line())
    return [vars(goal) for goal in goals]
