"""Many histories, one seed after the other, over all cores: the long search for a broken law.

What it is for
    `soak` plays seed after seed and hands out a `Tally` for each bundle of them, in the order of
    the seeds, so that whoever stops it knows with which seed to go on.

Rules it keeps
    * What one seed does depends on nothing but the seed: processes share nothing.
    * A broken law ends its own history, and no other.

What it must not know
    How totals are shown.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import count, islice
from typing import Final

from responder.simulation.decisions import Rush, a_rush
from responder.simulation.history import History
from responder.simulation.laws import Broken
from responder.simulation.plan import Plan, a_month, a_night

BUNDLE: Final = 20
_EVERY_WEEK: Final = 100


class Tier(StrEnum):
    """How much of the network a soak plays."""

    NIGHTS = "nights"
    """All of the core with every word, platforms, the disk: some twenty incidents a second."""
    DECISIONS = "decisions"
    """What is decided, and nothing else: hundreds of incidents a second."""


@dataclass
class Tally:
    """What some histories came to; two of them can be added up. `broken`: seed and law."""

    next_seed: int = 0
    histories: int = 0
    incidents: int = 0
    steps: int = 0
    checked: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    cards: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    """Seed, kind and words of each broken law."""

    def add(self, other: Tally) -> None:
        """Take another one in, whose seeds come after these."""
        self.next_seed = other.next_seed
        self.histories += other.histories
        self.incidents += other.incidents
        self.steps += other.steps
        self.checked += other.checked
        self.faults += other.faults
        self.outcomes += other.outcomes
        self.cards += other.cards
        self.broken += other.broken

    def note(self, history: History | Rush) -> None:
        """Count one history that was played, to its end or to a broken law."""
        self.histories += 1
        self.incidents += history.incidents
        self.steps += history.steps
        self.checked += history.laws.checked
        self.faults += history.faults
        self.outcomes += history.laws.outcomes
        self.cards += history.laws.cards


def a_plan(seed: int, tier: Tier = Tier.NIGHTS) -> Plan:
    """What this seed plays: mostly a small town's night, now and then a bigger one's week."""
    if tier is Tier.DECISIONS:
        return a_rush(seed)
    if seed % _EVERY_WEEK == _EVERY_WEEK - 1:
        return a_month(seed, days=7, members=150)
    return a_night(seed)


def played_by(tier: Tier) -> type[History] | type[Rush]:
    """What plays the plans of this tier."""
    return Rush if tier is Tier.DECISIONS else History


def play(seeds: Iterable[int], tier: Tier = Tier.NIGHTS) -> Tally:
    """Play these seeds, one after the other."""
    tally = Tally()
    for seed in seeds:
        history = played_by(tier)(a_plan(seed, tier))
        try:
            history.run()
        except Broken as broken:
            tally.broken.append((seed, broken.kind, str(broken)))
        tally.note(history)
        tally.next_seed = seed + 1
    return tally


def soak(
    first: int, number: int | None = None, processes: int = 1, tier: Tier = Tier.NIGHTS
) -> Iterator[Tally]:
    """Tallies of bundles of seeds from `first` on, in order; without `number`, for ever."""
    bundles, bundled = _bundles(first, number), partial(play, tier=tier)
    if processes <= 1:
        yield from map(bundled, bundles)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=_leave_ctrl_c_to_the_parent) as pool:
        waiting = [
            pool.apply_async(bundled, (bundle,)) for bundle in islice(bundles, processes * 2)
        ]
        while waiting:
            yield waiting.pop(0).get()
            waiting += [pool.apply_async(bundled, (bundle,)) for bundle in islice(bundles, 1)]


def _bundles(first: int, number: int | None) -> Iterator[range]:
    for begin in count(first, BUNDLE):
        if number is not None and begin >= first + number:
            return
        end = begin + BUNDLE if number is None else min(begin + BUNDLE, first + number)
        yield range(begin, end)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
