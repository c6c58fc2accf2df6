"""The real store and dispatcher, killed before each effect of one story.

All of them with a word for each fault: `python -m tests.sim.real`.
"""

from __future__ import annotations

from pathlib import Path

from tests.sim.real import faults, goes_on, moments

EVERY = 4


def test_a_story_goes_on_to_its_end_from_what_a_kill_left_between_two_effects(
    tmp_path: Path,
) -> None:
    keys, found, whole = moments(tmp_path)
    effects = {moment.effect for moment in found}
    assert effects >= {"a message is taken in", "a claim", "a sending", "an acknowledgement"}
    assert whole.wrong == []
    assert {card for *_, card, _ in whole.arrived} >= {"page", "brief", "go", "stand-down"}
    assert [fault for moment in found[::EVERY] for fault in faults(keys, moment, whole)] == []


def test_what_was_under_way_at_the_kill_comes_again_and_says_so(tmp_path: Path) -> None:
    keys, found, whole = moments(tmp_path)
    moment = next(m for m in found if m.effect == "an acknowledgement")
    (last, to, card, _) = moment.outside.arrived[-1]
    _, outside = goes_on(keys, moment)
    again = [arrival for arrival in outside.arrived if arrival[0] == last]
    assert again == [(last, to, card, False), (last, to, card, True)]
    assert whole.wrong == []
