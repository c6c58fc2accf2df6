"""The simulator itself: the same for the same seed, and able to see what it looks for."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import responder
from responder.core import network
from responder.core.changes import Changes
from responder.core.messages import Fate
from responder.core.world import World
from responder.simulation import Broken, History, a_month, a_night, shrunk
from responder.simulation.disk import differences
from responder.simulation.soak import Tally, play, soak

ROOT = Path(responder.__file__).parent.parent


def a_digest(seed: int) -> str:
    return History(a_night(seed)).run().digest


def test_the_same_seed_gives_the_same_history() -> None:
    assert a_digest(7) == a_digest(7)
    assert a_digest(7) != a_digest(8)


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_another_process_plays_the_same_history(hash_seed: str) -> None:
    """No order of a set, no address in memory and no clock has a word in it."""
    code = (
        "from responder.simulation import *; print(*[History(a_night(s)).run().digest "
        "for s in (3, 7)], History(a_month(2, days=0.5, members=40)).run().digest)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    here = History(a_month(2, days=0.5, members=40)).run().digest
    assert run.stdout.split() == [*map(a_digest, (3, 7)), here]


def test_memory_that_is_thrown_away_after_every_commit_decides_the_same() -> None:
    """Whatever is decided hangs on what was committed, and on nothing besides.

    But for the numbers that stand for buttons: a restart may give out one anew.
    """
    for seed in (4, 9):
        plan = replace(a_night(seed), crashes=0.0, anew=False)
        kept, anew = (History(replace(plan, anew=how)).run() for how in (False, True))
        assert without_numbers(kept) == without_numbers(anew), f"seed {seed}"


def without_numbers(history: History) -> list[str]:
    return [re.sub(r": \d+$", ": a number", line) for line in history.story]


def test_two_memories_that_differ_are_seen_to_differ() -> None:
    history = History(a_night(1))
    other = history.disk.memory()
    assert list(differences(history.world, other)) == []
    heron = next(iter(other.everybody.values()))
    other.delete(heron)
    assert "everybody" in list(differences(history.world, other))


def test_a_broken_law_is_shrunk_to_a_shorter_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that forgets to tick breaks a law; one report is enough to show it."""

    def nothing(world: World, incident: str, at: object, nonce: bytes) -> Changes:
        return Changes()

    monkeypatch.setattr(network, "tick", nothing)
    plan = a_night(12)
    with pytest.raises(Broken) as found:
        History(plan).run()
    shortest = shrunk(plan, found.value, tries=80)
    assert shortest.broken.kind == found.value.kind == "L7 nothing_stays_due"
    assert len(shortest.plan.happenings) == 1 < len(plan.happenings)
    assert "seed 12" in str(shortest.broken)
    assert shortest.broken.story


def test_what_was_in_flight_at_a_kill_repeats_marked_and_what_was_acknowledged_never() -> None:
    history = History(replace(a_night(6), crashes=0.2)).run()
    twice = [id for id, times in history.laws.arrived.items() if times > 1]
    assert twice, "no message was in flight at any kill: this night shows nothing"
    assert all(row.fate is not None for row in history.disk.rows.values())
    assert any(row.fate is Fate.SENT for row in history.disk.rows.values())


def test_bundles_of_seeds_add_up_to_the_same_whatever_their_number() -> None:
    whole = play(range(10, 13))
    parts = Tally()
    for bundle in (range(10, 11), range(11, 13)):
        parts.add(play(bundle))
    assert parts == whole
    assert next(iter(soak(10, 3))) == whole
    assert whole.next_seed == 13
    assert whole.broken == []
