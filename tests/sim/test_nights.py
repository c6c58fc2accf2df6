"""Nights of made-up towns, every law looked at after every step.

More of them: `responder simulate --soak`.
"""

from __future__ import annotations

from collections import Counter

import pytest

from responder.core.events import Card
from responder.simulation import History, What, a_month, a_night

SEEDS = range(64)


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """What these nights have told people and done to the machine so far."""
    return Counter()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_law_is_broken_in_any_night(seed: int, seen: Counter[str]) -> None:
    history = History(a_night(seed)).run()
    assert history.finished, "a law that is broken raises; this is the end of all forgetting"
    seen.update(history.laws.cards)
    seen.update(history.faults)
    seen.update(f"outcome {outcome}" for outcome in history.laws.outcomes.elements())
    seen["incidents"] += history.incidents


def test_these_nights_leave_little_out(seen: Counter[str]) -> None:
    """A law that nothing could have broken says nothing: nearly every card and end was seen."""
    if not seen["incidents"] >= 300:
        pytest.skip("these nights were not all played in this process")
    unseen = {card for card in Card if not seen[card]} - {Card.FOLLOW_UP}
    assert {card for card in unseen if not card.endswith("media")} == set()
    for outcome in ("responded", "nobody", "not-confirmed", "expired", "cancelled", "merged"):
        assert seen[f"outcome {outcome}"], outcome


def test_these_nights_put_every_kind_of_fault_in(seen: Counter[str]) -> None:
    if not seen["incidents"] >= 300:
        pytest.skip("these nights were not all played in this process")
    planned = set(What) - {What.REPORT}
    assert {what for what in planned if not seen[what]} == set()
    kills = ("before the commit", "after the commit", "at an acknowledgement")
    for where in (*kills, "between the sending and its acknowledgement"):
        assert seen[f"killed {where}"], where
    for answer in ("429", "403, nothing delivered", "5xx, nothing delivered", "time-out"):
        assert any(fault.endswith(answer) for fault in seen), answer


def test_a_week_of_a_bigger_town_breaks_no_law() -> None:
    history = History(a_month(5, days=4, members=120, incidents=24)).run()
    assert history.incidents >= 20
    assert history.figures.pages > 20
    assert history.finished
