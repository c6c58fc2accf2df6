"""What people wrote stands in other people's messages as words, and as nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from responder.core.clean import clean

SIGNS = st.text(alphabet="ab1.:/@#?& \n\u200b\u202e。．é", max_size=40)

TAPPABLE = re.compile(
    r"://|\w[.。．｡][^\W\d_]|(?:^|[^\w@])@\w|(?:^|[^\w/])/[^\W\d_]|(?:\d{1,3}\.){3}\d{1,3}"
)
"""What a messenger makes a link, a mention or a command of."""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("see https://evil.example/x now", "see https: //evil. example/x now"),
        ("tg://resolve?domain=eve", "tg: //resolve?domain=eve"),
        ("write @eve or /lock", "write @ eve or / lock"),
        ("mail eve@evil.example", "mail eve@evil. example"),
        ("on 192.0.2.1", "on 192. 0.2.1"),
        ("evil。com", "evil。 com"),
        ("http:/\u200b/evil.\u200bcom", "http: //evil. com"),
        ("/\u2060lock", "/ lock"),
    ],
)
def test_a_link_a_mention_and_a_command_stay_readable_and_cannot_be_tapped(
    said: str, shown: str
) -> None:
    assert clean(said, 99) == shown


@pytest.mark.parametrize(
    "said", ["5.30 at Quill/Third and/or Elm", "on 22.11.2026", "Wait... what?!", "Nr. 5, St. Mark"]
)
def test_what_nobody_can_tap_stays_as_it_was_written(said: str) -> None:
    assert clean(said, 99) == said


@given(SIGNS)
@example("a.b.c.d")
@example("1.2.3.4.a")
def test_no_way_of_writing_leaves_anything_to_tap(said: str) -> None:
    shown = clean(said, 200)
    assert TAPPABLE.search(shown) is None, shown
    assert clean(shown, 400) == shown
