"""`python -m tests.sim.mutations`: plays every mutation, and prints which law caught it where."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from tests.sim.mutations.catalogue import MUTATIONS, Mutation, Tier
from tests.sim.mutations.running import SEEDS, Caught, DoesNotFit, played


def main() -> int:
    """0 when every mutation was caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.mutations", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many nights at most, each")
    parser.add_argument("--processes", type=int, default=1, help="how many mutations at once")
    parser.add_argument("--only", default="", help="those with this in their name")
    parser.add_argument("--tier", choices=list(Tier), help="where to play all of them")
    given = parser.parse_args()
    tier = Tier(given.tier) if given.tier else None
    chosen = [m for m in MUTATIONS if given.only in m.name]

    def play(mutation: Mutation) -> tuple[Mutation, Caught | str, float]:
        began = perf_counter()
        try:
            found: Caught | str = played(mutation, given.seeds, tier)
        except (DoesNotFit, AssertionError) as error:
            found = str(error)
        return mutation, found, perf_counter() - began

    print("| mutation | caught by | seed | seconds |\n|---|---|---:|---:|")
    missed = []
    with ThreadPoolExecutor(given.processes) as pool:
        for mutation, found, took_s in pool.map(play, chosen):
            caught = isinstance(found, Caught) and bool(found.law)
            law = (
                (found.law if caught else "**not caught**") if isinstance(found, Caught) else found
            )
            seed = found.seed if isinstance(found, Caught) else -1
            print(f"| {mutation.name} | {law} | {seed} | {took_s:.1f} |", flush=True)
            if not caught:
                missed.append(mutation.name)
    print(f"\n{len(chosen) - len(missed)} of {len(chosen)} caught", *missed, sep="\n  ")
    return 1 if missed else 0


sys.exit(main())
