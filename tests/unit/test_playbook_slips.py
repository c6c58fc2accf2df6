"""What the check proposes where a length of time, a share or a number was written another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from responder.core.playbook import PlaybookFaults, load
from responder.core.playbooks import slips
from responder.core.playbooks.records import seconds
from responder.playbook_files import shelf
from tests.unit.test_playbook import GOOD, faults


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("30m", "30 min"),
        ("30 mins.", "30 min"),
        ("1.5 h", "1 h 30 min"),
        ("1,5h", "1 h 30 min"),
        ("0:45", "45 min"),
        ("5 minutos", "5 min"),
        ("2 horas", "2 h"),
        ("1d", "1 day"),
        ("0.5 days", "12 h"),
        ("2w", "2 weeks"),
    ],
)
def test_a_length_of_time_is_proposed_as_it_can_be_written(text: str, proposed: str) -> None:
    assert slips.length(text) == proposed
    assert seconds(proposed) > 0


@pytest.mark.parametrize("text", ["soon", "", "5", "5 parsecs", "h 5", "0 m"])
def test_what_is_no_length_of_time_is_not_guessed_at(text: str) -> None:
    assert slips.length(text) == ""


@pytest.mark.parametrize(
    ("value", "proposed"),
    [("30%", "0.3"), ("30 %", "0.3"), ("0,3", "0.3"), (30, "0.3"), (5.0, "0.05"), ("most", ""),
     (0, ""), (300, ""), (True, ""), ("0 %", "")],
)  # fmt: skip
def test_a_share_is_proposed_as_a_number_up_to_one(value: object, proposed: str) -> None:
    assert slips.share(value) == proposed


@pytest.mark.parametrize(
    ("value", "proposed"), [("two", "2"), ("2 people", "2"), ("2", "2"), ("a pair", ""), (2.5, "")]
)
def test_a_number_is_proposed_in_digits(value: object, proposed: str) -> None:
    assert slips.number(value) == proposed


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("wait: 90 s", "wait: 90sec.", "did you mean `1 min 30 s`?"),
        ("size: 3", "size: two", "did you mean `2`, without quotes?"),
        ("how_many: 4", "how_many: 4 people", "did you mean `4`?"),
        ("urgency: low", "urgency: low\nacceptance: 30%", "did you mean `0.3`?"),
        ("urgency: low", "urgency: low\nacceptance: most", "such as 0.3"),
    ],
)
def test_the_check_says_what_was_meant(old: str, new: str, says: str) -> None:
    assert GOOD.count(old) == 1
    (fault,) = faults(GOOD.replace(old, new))
    assert fault.endswith(says)


def test_a_misspelt_language_beside_a_shared_part_is_named_and_nothing_else() -> None:
    text = (Path(__file__).parents[2] / "playbooks" / "mutual-aid.yaml").read_text("utf-8")
    before, _, rest = text.partition("\nsafety:")
    shared = shelf.parts(Path(__file__).parents[2] / "playbooks")
    with pytest.raises(PlaybookFaults) as caught:
        load(f"{before}\nsafety:{rest.replace('  es:', '  se:', 1)}", "m.yaml", shared=shared)
    (fault,) = caught.value.faults
    assert fault.meant == "is `se:` meant to be `es:`?"


def test_a_misspelt_language_is_marked_where_it_stands() -> None:
    slip = GOOD.replace("title: { en: Lost dog, es:", "title: { en: Lost dog, se:")
    (fault,) = faults(slip)
    assert fault.startswith("lost-dog.yaml:2:24: no text in `es`; is `se:` meant")
