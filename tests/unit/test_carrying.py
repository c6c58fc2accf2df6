"""The log is carried into the file beside the writer, who waits for it only to be alone."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from responder.core.model import Person
from responder.storage import carrying
from responder.storage.carrying import Carrier
from responder.storage.store import Store
from tests.unit.stored import a_person, changes


def in_the_file(folder: Path) -> int:
    """How many records stand in the file itself, without its log."""
    file = (folder / "network.db").absolute().as_uri()
    raw = sqlite3.connect(f"{file}?mode=ro&immutable=1", uri=True)
    (count,) = raw.execute("SELECT count(*) FROM drawer").fetchone()
    raw.close()
    return int(count)


async def test_what_was_written_is_carried_into_the_file_meanwhile(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "CARRIED_AFTER", 1)
    await store.commit(changes(a_person("heron")))
    await store._db._carrier.end()
    assert in_the_file(folder) == 1


async def test_a_few_rows_are_left_in_the_log(store: Store, folder: Path) -> None:
    before = in_the_file(folder)
    await store.commit(changes(a_person("heron")))
    await store._db._carrier.end()
    assert in_the_file(folder) == before


async def test_while_somebody_has_the_log_to_themselves_nothing_is_carried(
    store: Store, folder: Path
) -> None:
    await store.commit(changes(a_person("heron")))
    carrier = Carrier(folder / "network.db")
    with carrier.apart:
        carrier.begin(carrying.CARRIED_AFTER)
        carrying_on = asyncio.ensure_future(carrier.end())
        assert (await asyncio.wait([carrying_on], timeout=0.05))[1] == {carrying_on}
        assert in_the_file(folder) == 0
    await carrying_on
    assert in_the_file(folder) == 1


async def test_a_key_that_is_destroyed_meanwhile_is_gone_from_the_log(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "CARRIED_AFTER", 1)
    for number in range(20):
        await store.commit(changes(a_person(f"p{number}")))
        await store.commit(changes(destroyed=[f"person:p{number}"]))
        log = folder / "network.db-wal"
        assert not log.exists() or not log.read_bytes().strip(b"\0")
    assert await store.load(Person) == []
