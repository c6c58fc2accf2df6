"""Rows on a terminal and in a pipe: nothing torn, nothing cut, nothing said by a colour."""

from __future__ import annotations

import re

import pytest

from responder.commands.tables import lines

HEADINGS = ("call sign", "level", "roles", "where", "channels")
ROWS = (
    ("Heron", "trusted", "responder, verifier, coordinator", "northside, riverside", "signal"),
    ("Wren (newcomer)", "known", "responder", "northside", ""),
)


def words(told: list[str]) -> set[str]:
    return {word for line in told for word in line.split()}


EVERY = words([*HEADINGS, *(cell for row in ROWS for cell in row)])


def test_a_pipe_gets_each_row_as_one_line_whose_columns_can_be_told_apart() -> None:
    told = list(lines(HEADINGS, ROWS, None))
    assert [tuple(re.split(" {2,}", line)) for line in told] == [
        HEADINGS,
        ROWS[0],
        ("Wren (newcomer)", "known", "responder", "northside", "-"),
    ]


def test_what_people_wrote_cannot_pass_for_another_column_or_row() -> None:
    (_, row) = lines(("id", "lesson"), [("a1", "two  cars\n\nwere too many")], None)
    assert re.split(" {2,}", row) == ["a1", "two cars were too many"]


@pytest.mark.parametrize("width", [132, 80, 64, 50, 30])
def test_no_word_is_torn_and_none_is_lost_however_narrow_the_terminal(width: int) -> None:
    told = list(lines(HEADINGS, ROWS, width))
    assert all(len(line) <= width for line in told)
    found = {word.rstrip(":;") for word in words(told)}
    missing = {word for word in EVERY if word not in found}
    # Where columns do not fit, each value follows its heading, and the first needs none.
    assert missing <= {"call", "sign"}


def test_where_columns_do_not_fit_each_row_says_what_is_what() -> None:
    told = "\n".join(lines(HEADINGS, ROWS, 30))
    assert told.startswith("Heron\n  level: trusted\n  roles: responder, verifier,")
    assert "\nWren (newcomer)\n  level: known\n  roles: responder\n  where: northside" in told


def test_wide_letters_take_the_room_that_they_take() -> None:
    told = list(lines(("name", "level"), [("見張り", "known"), ("Heron", "known")], None))
    assert told[1:] == ["見張り  known", "Heron   known"]
