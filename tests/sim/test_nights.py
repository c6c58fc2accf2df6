"""Nights of made-up towns, every law looked at after every step.

More of them: `python -m tests.sim --seeds 1000`.
"""

from __future__ import annotations

from collections import Counter

import pytest

from responder.core.events import Card
from tests.sim.night import Night

SEEDS = range(48)


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """What these nights have told people so far, by card and by outcome."""
    return Counter()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_law_is_broken_in_any_night(seed: int, seen: Counter[str]) -> None:
    night = Night(seed).run()
    assert night.world.next_due() is None, "a law that is broken raises; this is the night's end"
    seen.update(night.laws.seen)
    seen.update(f"outcome {outcome}" for outcome in night.laws.outcomes.elements())
    seen["incidents"] += len(night.opened)


def test_these_nights_leave_little_out(seen: Counter[str]) -> None:
    """A law that nothing could have broken says nothing: nearly every card and end was seen."""
    if not seen:
        pytest.skip("the nights were not played in this run")
    assert seen["incidents"] >= 200
    assert {card for card in Card if not seen[card]} <= {
        Card.MEDIA,
        Card.VERIFY_MEDIA,
        Card.BOARD_MEDIA,
        Card.BACK,
        Card.REPORTER_BACK,
        Card.FOLLOW_UP,
    }
    for outcome in ("responded", "nobody", "not-confirmed", "expired", "cancelled", "merged"):
        assert seen[f"outcome {outcome}"], outcome


def test_the_same_seed_gives_the_same_night() -> None:
    assert Night(7).run().digest == Night(7).run().digest


def test_another_seed_gives_another_night() -> None:
    assert Night(7).run().digest != Night(8).run().digest
