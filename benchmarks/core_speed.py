"""How many whole incidents a second the core decides on one core, and how that grows with a city.

    python -m benchmarks.core_speed [--quick] [--out FILE]

An incident is a report by somebody unknown, a verifier's yes, pages, two who go, their briefs,
arrivals, check-ins and way out, the reporter's answer to a question, debrief, follow-up and all
forgetting: what is put in is recorded once and then put into a world of the same make again.

    decide   the state machine with its effects alone: `incident.decide`, no words
    core     all of it, with every word that anybody is sent: `network.hear` and `network.tick`

Counts the processor's time of this process, so that what else runs on the machine matters little.
Prints a table, and writes the same as JSON. Every case runs in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Final

from benchmarks.core_town import History, Night, Size, a_town, replay
from responder.core import incident as incidents
from responder.core.effects import Assign, Decision, Release
from responder.core.events import Event
from responder.core.model import Incident
from responder.core.world import World

RUNS: Final = 5
WARM_UP: Final = 45
"""Incidents before the first that counts: as many nights as one is kept, and a few."""
BUSY: Final = tuple(Size(m, 10, c) for m in (100, 10_000) for c in (2, 20))
GROWING: Final = (Size(1_000, 10, 2), Size(10_000, 100, 2), Size(100_000, 1_000, 2))
OUT: Final = Path(__file__).parent / "results" / "core_speed.json"


@dataclass(frozen=True)
class Result:
    """One case. Rates are incidents a second, medians of `RUNS`; memory is the world's at rest."""

    members: int
    neighbourhoods: int
    coordinators: int
    inputs: float
    events: float
    messages: float
    decide_per_s: float
    decide_runs: list[float]
    core_per_s: float
    core_runs: list[float]
    world_mb: float


def main() -> None:
    """Run every case, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer incidents, small towns only")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    given = parser.parse_args()
    each = 20 if given.quick else 100
    sizes = BUSY if given.quick else (*BUSY, *GROWING)
    machine = {"cpu": cpu_model(), "cores": os.cpu_count(), "python": platform.python_version()}
    _say(f"{machine['cpu']}, Python {machine['python']}; medians of {RUNS} runs of {each}")
    _say(_HEAD)
    results = []
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            result = alone.submit(measure, size, each).result()
        _say(_line(result))
        results.append(asdict(result))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    told = {"machine": machine, "incidents_a_run": each, "results": results}
    given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


_HEAD: Final = (
    "members neighbourhoods coordinators | inputs events messages an incident"
    " | decide/s   core/s | world MB"
)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _line(r: Result) -> str:
    return (
        f"{r.members:7} {r.neighbourhoods:14} {r.coordinators:12} | {r.inputs:6.1f}"
        f" {r.events:6.1f} {r.messages:20.1f} | {r.decide_per_s:8.0f} {r.core_per_s:8.1f}"
        f" | {r.world_mb:8.1f}"
    )


def cpu_model() -> str:
    """The processor's own name, where the machine tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    names = (line.partition(":")[2] for line in told.splitlines() if line.startswith("model name"))
    return next(names, "unknown processor").strip()


# --- one case -------------------------------------------------------------------------------------


def measure(size: Size, each: int) -> Result:
    """Record a history over a town of this size, and put it into another of the same make."""
    before = _resident_mb()
    world = a_town(size)
    world_mb = _resident_mb() - before
    history = History(world)
    history.play(WARM_UP + RUNS * each)
    counted = history.nights[WARM_UP:]
    whole = history.whole()
    world = _at_rest(size)
    replay(world, history.nights[:WARM_UP])
    core = [_timed_core(world, counted[i * each : (i + 1) * each]) for i in range(RUNS)]
    world = _at_rest(size)
    told = whole[:each]
    _timed_decide(world, told)
    decide = [_timed_decide(world, told) for _ in range(RUNS)]
    return Result(
        members=size.members,
        neighbourhoods=size.places,
        coordinators=size.coordinators,
        inputs=statistics.mean(len(night.steps) for night in counted),
        events=statistics.mean(map(len, told)),
        messages=statistics.mean(night.messages for night in counted),
        decide_per_s=statistics.median(decide),
        decide_runs=decide,
        core_per_s=statistics.median(core),
        core_runs=core,
        world_mb=world_mb,
    )


def _at_rest(size: Size) -> World:
    """A town as the program holds it once it runs: out of the garbage collector's sight."""
    gc.unfreeze()
    world = a_town(size)
    gc.collect()
    gc.freeze()
    return world


def _timed_core(world: World, nights: list[Night]) -> float:
    began = process_time()
    replay(world, nights)
    return len(nights) / (process_time() - began)


def _timed_decide(world: World, histories: list[list[Event]]) -> float:
    began = process_time()
    for told in histories:
        decided(world, told)
    return len(histories) / (process_time() - began)


def decided(world: World, told: list[Event]) -> None:
    """One incident from its first event to its last; the world follows, as decisions look at it."""
    incident: Incident | None = None
    for event in told:
        decision = incidents.decide(incident, event, world)
        assert isinstance(decision, Decision), "the replay is not what was recorded"
        incident = decision.incident
        world.put(incident)
        for effect in decision.effects:
            if type(effect) is Assign:
                world.assign(effect.person, incident.id)
            elif type(effect) is Release:
                world.release(effect.person, incident.id)
    assert incident is not None
    world.delete(incident)


def _resident_mb() -> float:
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
