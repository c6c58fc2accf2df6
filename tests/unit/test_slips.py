"""Slips: what was claimed and settled is on disk at once, and in its rows when nothing else is."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from responder.core.messages import Fate
from responder.core.model import Address, MessageId, Person
from responder.storage import connection
from responder.storage.drawer import Drawer
from responder.storage.sealing import Keyring
from responder.storage.store import Store, StoreError
from tests.unit.stored import a_message, a_person, a_sending, changes

M1, M2, M3 = MessageId("m1"), MessageId("m2"), MessageId("m3")


@pytest.fixture(autouse=True)
def never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, nothing is filed unless it asks for it."""
    monkeypatch.setattr(connection, "QUIET_S", 3600.0)


def states(raw: sqlite3.Connection) -> dict[str, str]:
    return dict(raw.execute("SELECT id, state FROM outbox"))


def slips(raw: sqlite3.Connection) -> int:
    (count,) = raw.execute("SELECT count(*) FROM slip").fetchone()
    return int(count)


async def three_messages(store: Store) -> None:
    """Three of them for somebody: the first has arrived, the second is under way."""
    heron = a_person(addresses=(Address(channel="signal", handle="42"),))
    messages = [a_message(id, to="heron") for id in ("m1", "m2", "m3")]
    await store.commit(changes(heron, messages=messages))
    assert await store.claim([M1, M2]) == {M1, M2}
    await store.settle([a_sending("m1", ref="77")])


def claimed_in_vain(drawer: Drawer) -> None:
    drawer.claim([M1])
    drawer.destroy("network")


async def test_what_was_claimed_and_settled_touches_no_row_of_a_message(
    store: Store, raw: sqlite3.Connection
) -> None:
    await three_messages(store)
    assert states(raw) == {"m1": "due", "m2": "due", "m3": "due"}
    assert slips(raw) == 2


async def test_it_is_all_there_for_whoever_opens_what_a_killed_process_left(
    store: Store, folder: Path, ring: Keyring, tmp_path: Path
) -> None:
    await three_messages(store)
    left = tmp_path / "left"
    shutil.copytree(folder, left)
    async with await Store.open(left / "network.db", ring) as found:
        assert await found.deliveries(M1) == [("signal", "77")]
        waiting = {one.message.id: one.repeat for one in await found.waiting()}
        assert waiting == {M2: True, M3: False}


async def test_whoever_asks_what_waits_has_the_slips_filed(
    store: Store, raw: sqlite3.Connection
) -> None:
    await three_messages(store)
    assert {one.message.id: one.repeat for one in await store.waiting()} == {M2: True, M3: False}
    assert states(raw) == {"m1": "sent", "m2": "claimed", "m3": "due"}
    assert slips(raw) == 0


async def test_a_message_that_arrived_is_neither_claimed_nor_withdrawn_any_more(
    store: Store, raw: sqlite3.Connection
) -> None:
    await three_messages(store)
    assert await store.claim([M1, M3]) == {M3}
    await store.commit(changes(withdrawn=[M1, M2]))
    assert await store.claim([M2]) == frozenset()
    assert await store.deliveries(M1) == [("signal", "77")]
    assert states(raw) == {"m1": "sent", "m2": "withdrawn", "m3": "claimed"}


async def test_a_later_fate_that_comes_with_other_changes_counts_after_the_slips(
    store: Store,
) -> None:
    await three_messages(store)
    await store.settle([a_sending("m2", ref="78", last=False)])
    await store.commit(changes(settled=[a_sending("m2", ref="79")]))
    assert await store.deliveries(M2) == [("signal", "79")]
    assert [one.message.id for one in await store.waiting()] == [M3]


async def test_nothing_of_what_a_slip_says_outlives_the_key_of_its_reader(
    store: Store, raw: sqlite3.Connection
) -> None:
    await three_messages(store)
    await store.commit(changes(destroyed=["person:heron"]))
    assert slips(raw) == 0
    assert raw.execute("SELECT count(*) FROM delivery").fetchone() == (0,)


async def test_a_copy_has_everything_filed_and_the_original_goes_on(
    store: Store, raw: sqlite3.Connection
) -> None:
    await three_messages(store)
    copy, _ = await store.copy()
    assert states(copy) == {"m1": "sent", "m2": "claimed", "m3": "due"}
    assert (slips(copy), slips(raw)) == (0, 2)
    copy.close()


async def test_of_a_transaction_that_fails_nothing_is_remembered(store: Store) -> None:
    await store.commit(changes(messages=[a_message(id) for id in ("m1", "m2")]))
    outcomes = await asyncio.gather(
        store.settle([a_sending("m1", ref="77")]),
        store.settle([a_sending("m2", ref="78"), a_sending("m2", ref="\ud800")]),
        return_exceptions=True,
    )
    assert outcomes[0] is None and isinstance(outcomes[1], UnicodeEncodeError)
    assert await store.claim([M1, M2]) == {M2}
    assert await store.deliveries(M2) == []


async def test_a_claim_that_fails_leaves_the_message_as_it_was(store: Store) -> None:
    await store.commit(changes(messages=[a_message("m1")]))
    with pytest.raises(StoreError):
        await store._db.submit(claimed_in_vain)
    assert [one.repeat for one in await store.waiting()] == [False]


async def test_slips_that_heap_up_are_filed_while_others_are_written(
    store: Store, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SLIPS_MAX", 2)
    await store.commit(changes(messages=[a_message(f"m{n}") for n in range(9)]))
    for n in range(9):
        await store.settle([a_sending(f"m{n}", ref=str(n))])
    while len(store._db._slips) > 2:
        await store.claim([M1])
    assert slips(raw) <= 2
    assert "sent" in states(raw).values()


async def test_slips_are_filed_once_nothing_else_is_written(
    store: Store, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "QUIET_S", 0.0)
    await three_messages(store)
    while store._db._slips:
        await store.load(Person)
    assert states(raw) == {"m1": "sent", "m2": "claimed", "m3": "due"}


async def test_a_closed_database_has_no_slips_left(
    folder: Path, ring: Keyring, tmp_path: Path
) -> None:
    async with await Store.open(tmp_path / "n" / "network.db", ring) as store:
        await store.commit(changes(messages=[a_message("m1")]))
        await store.settle([a_sending("m1", fate=Fate.FAILED)])
    raw = sqlite3.connect(tmp_path / "n" / "network.db")
    assert (slips(raw), states(raw)) == (0, {"m1": "failed"})
    raw.close()
