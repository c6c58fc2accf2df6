"""Nights of made-up towns, every law looked at after every step.

More of them: `responder simulate --soak`.
"""

from __future__ import annotations

import pytest

from responder.core.effects import Card
from responder.simulation import History, What, a_month, a_night
from responder.simulation.soak import Tally, play

TOGETHER = range(36)
APART = range(36, 60)


@pytest.fixture(scope="module")
def nights() -> Tally:
    """What these nights have told people and done to the machine."""
    return play(TOGETHER)


def test_no_law_is_broken_in_any_of_these_nights(nights: Tally) -> None:
    assert nights.broken == []
    assert nights.histories == len(TOGETHER)
    assert nights.checked > 10 * nights.steps


def test_these_nights_leave_little_out(nights: Tally) -> None:
    """A law that nothing could have broken says nothing: nearly every card and end was seen."""
    assert nights.incidents >= 200
    unseen = {card for card in Card if not nights.cards[card]} - {Card.FOLLOW_UP, Card.REQUEST}
    assert {card for card in unseen if not card.endswith("media")} == set()
    for outcome in ("responded", "nobody", "not-confirmed", "expired", "cancelled", "merged"):
        assert nights.outcomes[outcome], outcome


def test_these_nights_decide_refuse_undo_and_answer_in_chat(nights: Tally) -> None:
    """What takes two was agreed to, refused and left to run out; pleas were answered or not."""
    orders = ("order-agreed", "order-refused", "order-void", "undone")
    for outcome in (*orders, "plea-answered", "plea-over"):
        assert nights.outcomes[outcome], outcome


def test_these_nights_put_every_kind_of_fault_in(nights: Tally) -> None:
    planned = set(What) - {What.REPORT}
    assert {what for what in planned if not nights.faults[what]} == set()
    kills = ("before the commit", "after the commit", "at an acknowledgement")
    for where in (*kills, "between the sending and its acknowledgement"):
        assert nights.faults[f"killed {where}"], where
    for answer in ("429", "403, nothing delivered", "5xx, nothing delivered", "time-out"):
        assert any(fault.endswith(answer) for fault in nights.faults), answer


@pytest.mark.parametrize("seed", APART)
def test_no_law_is_broken_in_a_night(seed: int) -> None:
    history = History(a_night(seed)).run()
    assert history.finished, "a law that is broken raises; this is the end of all forgetting"


def test_some_days_of_a_bigger_town_break_no_law() -> None:
    history = History(a_month(5, days=3, members=120, incidents=18)).run()
    assert history.incidents >= 12
    assert history.figures.pages > 12
    assert history.finished
