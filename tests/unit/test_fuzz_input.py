"""What machines send and files hold, broken in every way: read as far as it goes, or refused.

Each test takes something whole and breaks it: values of the wrong type, missing parts, nests,
numbers beyond any range, half of a surrogate pair.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bots.signal.frames import Reader, UnreadableFrame, pick
from bots.telegram import updates as telegram_updates
from responder.config import ConfigFaults, load

CANARY = "quxblort"
NUMBER = "+15550100000"

BROKEN: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "\ud800", "\x00", CANARY * 2_000, [], {}, [[[]]], {"id": {"id": 1}}]),
)

UPDATE: dict[str, Any] = {
    "update_id": 7,
    "message": {
        "message_id": 3,
        "date": 1_750_000_000,
        "chat": {"id": 5, "type": "private", "first_name": "Wren"},
        "from": {"id": 5, "is_bot": False, "first_name": "Wren", "language_code": "es"},
        "text": CANARY,
        "entities": [{"type": "bold", "offset": 0, "length": 2}],
        "location": {"latitude": 1.5, "longitude": 2.5},
        "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
    },
    "callback_query": {
        "id": "9",
        "from": {"id": 5, "is_bot": False, "first_name": "Wren"},
        "chat_instance": "1",
        "data": "token",
        "message": {"message_id": 3, "date": 0, "chat": {"id": 5, "type": "private"}},
    },
}

FRAME: dict[str, Any] = {
    "account": NUMBER,
    "envelope": {
        "source": "+15550100001",
        "sourceNumber": "+15550100001",
        "sourceUuid": "7f9b7c3e-0000-4000-8000-000000000001",
        "sourceName": "Wren",
        "sourceDevice": 1,
        "timestamp": 1_750_000_000_000,
        "serverReceivedTimestamp": 1_750_000_000_001,
        "dataMessage": {
            "timestamp": 1_750_000_000_000,
            "message": CANARY,
            "expiresInSeconds": 60,
            "viewOnce": False,
            "attachments": [{"id": "a.jpg", "contentType": "image/jpeg", "size": 10}],
            "reaction": {"emoji": "👍", "targetAuthor": NUMBER, "targetSentTimestamp": 1},
        },
    },
}

LINES = (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8").splitlines()
KEYS = [number for number, line in enumerate(LINES) if re.match(r"#?[a-z_]+ = ", line)]
VALUES = [
    "-1", "999999999999999999999", "1e400", "nan", "true", '""', "[]", "{}", "[[1]]", "1979-05-27",
    '"\\u0000"', '"-5 s"',
    '"9999999999 d"', '"../../etc"', '"ftp://x"', '"://"', '"[::1"', '["en", 1]', "\u201cen\u201d",
]  # fmt: skip


def places(whole: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in it, as the keys that lead there."""
    inner = whole.items() if isinstance(whole, dict) else enumerate(whole)
    found: list[tuple[str | int, ...]] = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


def broken(whole: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The same with up to three places replaced, or taken out."""
    breaks = st.lists(
        st.tuples(st.sampled_from(places(whole)), st.one_of(BROKEN, st.just(...))),
        min_size=1,
        max_size=3,
    )
    return breaks.map(lambda all_of_them: _broken_at(whole, all_of_them))


def _broken_at(whole: dict[str, Any], breaks: list[tuple[tuple[str | int, ...], Any]]) -> Any:
    copy = deepcopy(whole)
    for path, value in breaks:
        part: Any = copy
        try:
            for key in path[:-1]:
                part = part[key]
            if value is ...:
                del part[path[-1]]
            else:
                part[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier break took that place away
    return copy


@settings(max_examples=400, deadline=None)
@given(st.one_of(broken(UPDATE), BROKEN))
@example({"update_id": 1, "message": {"text": CANARY}})
def test_no_update_of_telegram_stops_those_behind_it(update: Any) -> None:
    read = telegram_updates.read(update, str)
    if read.inbound is not None:
        assert isinstance(read.inbound.text, str)
        assert read.inbound.handle


@settings(max_examples=400, deadline=None)
@given(broken(FRAME))
async def test_no_frame_of_signal_stops_the_reader(frame: Any) -> None:
    try:
        picked = pick(json.dumps(frame).encode(errors="surrogatepass"), NUMBER)
    except UnreadableFrame as fault:
        assert CANARY not in f"{fault!r} {fault.__cause__!r}"
        return
    if picked is not None:
        inbound = await Reader().read(picked)
        assert inbound is None or inbound.handle == picked.sender


@given(st.binary(max_size=60))
@example(b"[" * 100_000)
@example(b'{"envelope":' * 5_000)
@example(b"\xff\xfe{}")
def test_what_is_no_frame_at_all_is_refused_without_its_content(raw: bytes) -> None:
    try:
        assert pick(raw, NUMBER) is None
    except UnreadableFrame as fault:
        assert str(fault) in {"garbage", "error", "no-envelope", "undecryptable"}


@settings(max_examples=300, deadline=None)
@given(line=st.sampled_from(KEYS), value=st.sampled_from(VALUES))
def test_a_config_of_the_wrong_type_is_taken_or_refused_by_its_key(
    config: Path, line: int, value: str
) -> None:
    lines = list(LINES)
    key = lines[line].lstrip("#").split(" = ")[0]
    lines[line] = f"{key} = {value}"
    config.write_text("\n".join(lines), encoding="utf-8")
    try:
        load(config, {})
    except ConfigFaults as faults:
        assert key in str(faults) or "TOML" in str(faults)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "config.toml"


@given(st.binary(max_size=80))
@example(b"[network]\n[network]\n")
@example(b"\xef\xbb\xbf[network]\n")
@example("[network]\nname = \u201cRiverside\u201d\n".encode())
def test_a_config_that_is_no_toml_is_refused(config: Path, raw: bytes) -> None:
    config.write_bytes(raw)
    try:
        load(config, {})
    except ConfigFaults as faults:
        assert str(faults).strip()
    else:
        raise AssertionError("it was taken")
