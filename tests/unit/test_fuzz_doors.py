"""The other doors: what the command line asks for, what a pager says through the bot."""

from __future__ import annotations

import string
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from responder.core.admin import OPS, AdminFault
from responder.core.admin.args import Args
from responder.core.model import encode
from responder.core.spoken import Inbound
from tests.unit.test_admin import Town
from tests.unit.test_phone_sealing import a_pager, long_report, read, wrote

WORDS = [
    "Heron", "heron", "HERON ", "Wren", "northside", "riverside", "responder", "coordinator",
    "trusted", "blocked", "signal", "+15550100001", "en", "observer", "sat", "sat 22:00-02:00",
    "2026-11-22 20:00", "2026-02-30", "9999-12-31 23:59", "0001-01-01 00:00", "24:00-00:00",
    "999999999999h", "3h", "now", "22:00", "observer:2027-06-30",
    "observer:9999-12-31", "Heron:1", "",
    " ", "\x00", "\u202e", "a" * 5_000, "none", "*", "%s", "{0}",
]  # fmt: skip
ANYTHING = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.lists(st.sampled_from(WORDS), max_size=3),
)


def fitting(kind: type[Args]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of this shape: those that there must be, and some of the others."""
    fields = msgspec.structs.fields(kind)
    must = {f.encode_name: _of(f.type) for f in fields if f.required}
    may = {f.encode_name: _of(f.type) for f in fields if not f.required}
    return st.fixed_dictionaries(must, optional=may)


def _of(kind: Any) -> st.SearchStrategy[Any]:
    if kind is str:
        return st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
    if kind is int:
        return st.integers(-(2**40), 2**40)
    return ANYTHING


def a_town() -> Town:
    """Heron and Wren, and a shift of Heron's."""
    town = Town()
    for name in ("Heron", "Wren"):
        town.do("member.add", call_sign=name, roles=["responder"], neighbourhoods=["northside"])
    return town


KINDS = sorted(Args.__subclasses__(), key=lambda kind: f"{kind.__module__}.{kind.__name__}")
ORDERS = [
    (op, kind)
    for op in sorted(OPS)
    for kind in KINDS
    if op.split(".")[0] in kind.__module__ or (op[0] == "m" and kind.__module__.endswith("trust"))
]
"""Every operation with every shape of arguments that lies in the same room."""


@settings(max_examples=1_000, deadline=None)
@given(st.data(), st.sampled_from(ORDERS))
def test_whatever_is_ordered_is_done_or_refused_in_words(
    data: st.DataObject, order: tuple[str, type[Args]]
) -> None:
    op, kind = order
    town = a_town()
    given_args = data.draw(fitting(kind))
    desk = town.desk()
    try:
        answer = OPS[op](desk, given_args)
    except AdminFault as fault:
        assert str(fault).strip()
        assert desk.changes.empty
    else:
        assert encode(answer)


SEALED = long_report()
MESSAGES = st.one_of(
    st.text(max_size=80),
    st.text(alphabet=string.ascii_letters + string.digits + "-_.=", min_size=20, max_size=200),
    st.builds("/start {}".format, st.text(max_size=64)),
    st.builds(
        lambda part, at, sign: part[:at] + sign + part[at + 1 :],
        st.sampled_from(SEALED),
        st.integers(0, max(map(len, SEALED))),
        st.text(max_size=3),
    ),
    st.builds(lambda part, at: part[:at], st.sampled_from(SEALED), st.integers(0, 3_000)),
)


@settings(max_examples=300, deadline=None)
@given(MESSAGES, st.booleans(), st.lists(MESSAGES, max_size=3))
@example(SEALED[0], True, [SEALED[0]])
@example(SEALED[1], True, [])
def test_what_no_phone_said_is_taken_for_words_or_told_to_be_broken(
    text: str, member: bool, told: list[str]
) -> None:
    heard: Inbound = read(a_pager(), text, member=member, told=tuple(told))
    assert heard.key == wrote(text).key
    assert heard.text in ("", text) or heard.phone is not None or heard.part is not None
