"""`python -m tests.sim --seeds 1000`: many nights, every fault with the seed and the story."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from time import perf_counter

from tests.sim.night import Broken, Night


def main() -> int:
    """Play the nights; 0 when no law was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many nights")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--stories", type=int, default=3, help="how many stories to tell in full")
    given = parser.parse_args()
    began, steps, incidents = perf_counter(), 0, 0
    faults: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    cards: Counter[str] = Counter()
    for seed in range(given.first, given.first + given.seeds):
        night = Night(seed)
        try:
            night.run()
        except Broken as broken:
            kind = re.sub(r"\b[A-Z2-9]{2,6}\b|[\w.]*\d\w*", "*", str(broken).split("\n")[0])
            if not faults[kind] and len(faults) < given.stories:
                print(broken, end="\n\n")
            if not faults[kind]:
                print(f"first seen in seed {seed}: {kind}")
            faults[kind] += 1
        steps += sum(not line.startswith(" ") for line in night.story)
        incidents += len(night.opened)
        outcomes += night.laws.outcomes
        cards += night.laws.seen
    took = perf_counter() - began
    print(f"{given.seeds} nights, {incidents} incidents, {steps} steps in {took:.1f} s")
    print("outcomes:", dict(outcomes))
    print("cards:", dict(cards))
    for kind, number in faults.most_common():
        print(f"{number:6} {kind}")
    return 1 if faults else 0


sys.exit(main())
