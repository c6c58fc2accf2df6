"""Decisions alone: bounded rushes of made-up towns, every law looked at after every decision.

More of them: `responder simulate --soak --tier decisions`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from responder.core import incident as incidents
from responder.core.effects import Card, Decision, Ignored
from responder.core.events import Event
from responder.core.model import Incident, Outcome
from responder.core.view import View
from responder.simulation import Broken, shrunk
from responder.simulation.decisions import Rush, a_rush
from responder.simulation.soak import Tally, Tier, play

Decide = Callable[[Incident | None, Event, View], Decision | Ignored]


@pytest.fixture(scope="module")
def rushes() -> Tally:
    """What these rushes have told people."""
    return play(range(60), Tier.DECISIONS)


def test_no_law_is_broken_in_any_rush(rushes: Tally) -> None:
    assert rushes.broken == []
    assert rushes.incidents > 800
    assert rushes.checked > 10 * rushes.steps


def test_the_rushes_leave_little_out(rushes: Tally) -> None:
    """A law that nothing could have broken says nothing: every card and every end was seen."""
    assert {card for card in Card if not rushes.cards[card]} <= {Card.BOARD}
    assert {outcome for outcome in Outcome if not rushes.outcomes[outcome]} == set()


def test_the_same_plan_gives_the_same_story() -> None:
    one, other = Rush(a_rush(7)).run(), Rush(a_rush(7)).run()
    assert one.broken("", "").story == other.broken("", "").story
    assert one.steps == other.steps > 100


def test_a_core_that_calls_nobody_back_is_told_by_a_short_story(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide: Decide = incidents.decide

    def deaf(incident: Incident | None, event: Event, view: View) -> Decision | Ignored:
        found = decide(incident, event, view)
        if isinstance(found, Ignored):
            return found
        told = tuple(effect for effect in found.effects if not _calls_back(effect))
        return Decision(incident=found.incident, effects=told)

    monkeypatch.setattr(incidents, "decide", deaf)
    with pytest.raises(Broken, match=r"L1|L5") as broken:
        for seed in range(20):
            Rush(a_rush(seed)).run()
    plan = a_rush(broken.value.seed)
    found = shrunk(plan, broken.value, tries=40, play=lambda plan: Rush(plan).run())
    assert len(found.plan.happenings) < len(plan.happenings)
    assert found.broken.kind == broken.value.kind


def _calls_back(effect: object) -> bool:
    return getattr(effect, "card", None) in (Card.HOLD_BACK, Card.STAND_DOWN)
