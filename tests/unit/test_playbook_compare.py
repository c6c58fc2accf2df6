"""What a change of a playbook changes for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from responder.cli import app
from responder.core.playbook import Difference, Playbook, compare, friendly, load, seconds
from tests.unit.test_playbook import GOOD

ROOT = Path(__file__).parents[2]


def changed(old: str, new: str) -> tuple[Difference, ...]:
    assert old in GOOD
    before, after = (load(text, "lost-dog.yaml") for text in (GOOD, GOOD.replace(old, new, 1)))
    return compare(before, after)


def the_same() -> Playbook:
    return load(GOOD, "lost-dog.yaml")


def test_nothing_differs_from_itself_nor_from_other_notes_and_quotes() -> None:
    assert compare(the_same(), the_same()) == ()
    assert changed("urgency: low", '# a note\nurgency: "low"') == ()


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("urgency: low", "urgency: high", Difference("urgency", "low", "high")),
        ("size: 3", "size: 4", Difference("team, size", "3", "4")),
        ("wait: 90 s", "wait: 5 min", Difference("waves, 1, wait", "90 s", "5 min")),
        ("1 h 30 min", "2 h", Difference("waves, 2, wait", "1 h 30 min", "2 h")),
    ],
)
def test_a_value_is_named_by_its_keys_and_shown_as_it_is_written(
    old: str, new: str, difference: Difference
) -> None:
    assert changed(old, new) == (difference,)


def test_what_is_new_and_what_is_gone_have_one_side_only() -> None:
    wave = "  - { whom: coordinators, how_many: all, wait: 10 min }\n"
    last = "  - { whom: network, how_many: enough, wait: 1 h 30 min }\n"
    added = changed(last, last + wave)
    assert [(one.key, one.before) for one in added] == [
        ("waves, 3, whom", ""), ("waves, 3, how_many", ""), ("waves, 3, wait", "")
    ]  # fmt: skip


def test_an_answer_is_known_by_its_name_wherever_it_stands() -> None:
    brown, black = (line for line in GOOD.splitlines(keepends=True) if "- { id: b" in line)
    assert changed(brown + black, black + brown) == (
        Difference("intake, colour, options, order", "brown, black", "black, brown"),
    )


def test_a_line_that_comes_first_moves_no_other() -> None:
    before = the_same()
    first = before.safety.root["en"]
    grown = before.safety.model_copy(
        update={"root": {**before.safety.root, "en": ("Look around first.", *first)}}
    )
    after = before.model_copy(update={"safety": grown})
    assert compare(before, after) == (Difference("safety, en", "", "Look around first."),)


@pytest.mark.parametrize(
    ("length", "said"),
    [(30 * 86_400, "30 days"), (14 * 86_400, "2 weeks"), (86_400, "1 day"), (604_800, "1 week")],
)
def test_days_are_told_as_weeks_where_they_are_whole_ones(length: int, said: str) -> None:
    assert friendly(length) == said


@given(st.integers(1, 10_000_000))
def test_a_length_of_time_reads_back_as_the_same(length: int) -> None:
    assert seconds(friendly(length)) == length


def test_the_guide_shows_what_the_command_says(tmp_path: Path) -> None:
    shipped = ROOT / "playbooks" / "copwatch.yaml"
    text = shipped.read_text(encoding="utf-8")
    mine = tmp_path / "my-copwatch.yaml"
    text = text.replace("urgency: high", "urgency: low")
    second = text.index("wait: 4 min", text.index("whom: adjacent"))
    mine.write_text(text[:second] + text[second:].replace("4", "6", 1), encoding="utf-8")
    told = CliRunner().invoke(app, ["playbook", "diff", str(mine), str(shipped)]).stdout
    guide = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    assert f"```text\n{told}```" in guide
