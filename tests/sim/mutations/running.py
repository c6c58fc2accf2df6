"""Puts one mutation into a copy of the package, and plays it in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import responder
from tests.sim.mutations.catalogue import Mutation, Tier

ROOT = Path(responder.__file__).parent.parent
SEEDS = 400
_NIGHTS = """
import json, sys
from responder.simulation import Broken, History, a_night
for seed in range(int(sys.argv[1])):
    try:
        History(a_night(seed)).run()
    except Broken as broken:
        print(json.dumps({"law": broken.law, "seed": seed}))
        break
"""
_DECISIONS = """
import json, sys
from responder.simulation import Broken
from responder.simulation.decisions import Rush, a_rush
for seed in range(int(sys.argv[1])):
    try:
        Rush(a_rush(seed)).run()
    except (Broken, AssertionError) as broken:
        law = getattr(broken, "law", f"it raised AssertionError: {broken}")
        print(json.dumps({"law": law, "seed": seed}))
        break
"""
_REAL = """
import json, sys, tempfile
from pathlib import Path
from tests.sim import real
with tempfile.TemporaryDirectory() as name:
    keys, found, whole = real.moments(Path(name))
    wrong = [(n, f) for n, m in enumerate(found) for f in real.faults(keys, m, whole)]
    if whole.wrong or wrong:
        number, fault = wrong[0] if wrong else (0, whole.wrong[0])
        print(json.dumps({"law": fault, "seed": number}))
"""


_CODE = {Tier.NIGHTS: _NIGHTS, Tier.REAL: _REAL, Tier.DECISIONS: _DECISIONS}


class DoesNotFit(AssertionError):
    """The text that a mutation changes is not there, or not once."""


@dataclass(frozen=True)
class Caught:
    """The law that broke, and in which seed (or at which kill). `law` empty: not caught."""

    law: str
    seed: int


def mutated(mutation: Mutation, text: str) -> str:
    """The text with the fault in it."""
    found = text.count(mutation.old)
    if found != 1:
        raise DoesNotFit(
            f"{mutation.name!r} does not fit: its old text stands {found} times in "
            f"{mutation.file}. Look at what became of it there, and bring the mutation after it."
        )
    return text.replace(mutation.old, mutation.new)


def fits(mutation: Mutation) -> None:
    """Raise `DoesNotFit` where the core has moved on."""
    mutated(mutation, (ROOT / "responder" / mutation.file).read_text(encoding="utf-8"))


def played(mutation: Mutation, seeds: int = SEEDS, tier: Tier | None = None) -> Caught:
    """Play until a law breaks, for so many seeds at most, in its own tier or in another one."""
    with tempfile.TemporaryDirectory() as name:
        there = Path(name)
        ignore = shutil.ignore_patterns("__pycache__")
        for part in ("responder", "playbooks", "tests", "bots"):
            shutil.copytree(ROOT / part, there / part, ignore=ignore)
        file = there / "responder" / mutation.file
        file.write_text(mutated(mutation, file.read_text(encoding="utf-8")), encoding="utf-8")
        code = _CODE[tier or mutation.tier]
        run = subprocess.run(
            [sys.executable, "-c", code, str(seeds)],
            cwd=there,
            env={**os.environ, "PYTHONPATH": name, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        last = run.stderr.strip().rpartition("\n")[2]
        raise AssertionError(f"{mutation.name!r} could not be played: {last}")
    if not run.stdout.strip():
        return Caught("", -1)
    told = json.loads(run.stdout)
    return Caught(told["law"], told["seed"])
