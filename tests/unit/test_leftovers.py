"""What deleting leaves on the bare disk: zeros, where a file gave up its place.

A file system hands a place on as it is. So whatever is in the log, or behind the end of the file,
at the moment in which that is cut off can be read from the disk for years.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from responder.storage.disk import SECTOR, discard, wipe_log
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.unit.stored import NOW, a_person, changes

LONG = "x" * 3000


async def watched(store: Store, look: Callable[[], object], *, at: str) -> None:
    """See to it that `look` is called whenever the database is about to do this."""

    def see(statement: str) -> None:
        if at in statement:
            look()

    await store._db.on_thread(lambda raw: raw.set_trace_callback(see))


@pytest.fixture
def given_up(folder: Path) -> list[bytes]:
    """What stood in the log, each time that it was cut."""
    return []


async def watch_the_log(store: Store, folder: Path, given_up: list[bytes]) -> None:
    log = folder / "network.db-wal"
    await watched(store, lambda: given_up.append(log.read_bytes()), at="TRUNCATE")


async def test_the_log_is_zeros_when_it_is_cut_after_a_key_was_destroyed(
    store: Store, folder: Path, given_up: list[bytes]
) -> None:
    await store.commit(changes(*(a_person(f"p{n}", emergency_contact=LONG) for n in range(20))))
    await watch_the_log(store, folder, given_up)
    await store.commit(changes(destroyed=["person:p7"]))
    (log,) = given_up
    assert len(log) > 20 * len(LONG) and not any(log)


async def test_the_log_is_zeros_when_the_file_is_closed(
    folder: Path, ring: Keyring, given_up: list[bytes]
) -> None:
    async with await Store.open(folder / "network.db", ring) as store:
        await store.commit(changes(a_person(emergency_contact=LONG)))
        await watch_the_log(store, folder, given_up)
    (log,) = given_up
    assert len(log) > len(LONG) and not any(log)
    assert [path.name for path in folder.iterdir()] == ["network.db"]


async def test_the_end_of_the_file_is_zeros_when_it_becomes_shorter(
    store: Store, folder: Path
) -> None:
    path, ends = folder / "network.db", list[bytes]()
    names = [f"p{n}" for n in range(200)]
    await store.commit(changes(*(a_person(name, emergency_contact=LONG) for name in names)))
    await store.commit(changes(destroyed=[f"person:{name}" for name in names[1:]]))
    before = path.read_bytes()
    await watched(store, lambda: ends.append(path.read_bytes()), at="RESTART")
    await store.prune(NOW - timedelta(days=1))
    now = path.stat().st_size
    assert now < len(before) / 2 and any(before[now:])
    assert len(ends[0]) == len(before) and not any(ends[0][now:])


async def test_a_file_that_grew_past_what_the_log_holds_is_cut_all_the_same(
    store: Store, folder: Path
) -> None:
    """More pages than the log takes before it moves by itself."""
    many = [a_person(f"p{n}", emergency_contact="x" * 100_000) for n in range(200)]
    await store.commit(changes(*many))
    ends = list[bytes]()
    path = folder / "network.db"
    await store.commit(changes(destroyed=[f"person:p{n}" for n in range(30)]))
    before = path.stat().st_size
    await watched(store, lambda: ends.append(path.read_bytes()), at="RESTART")
    await store.prune(NOW - timedelta(days=1))
    assert path.stat().st_size < before == len(ends[0])
    assert not any(ends[0][path.stat().st_size :])


def test_the_head_of_a_log_is_on_the_disk_before_the_rest_of_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, synced, sync = tmp_path / "log", list[bytes](), os.fsync
    log.write_bytes(b"x" * 5 * SECTOR)

    def watching(handle: int) -> None:
        sync(handle)
        synced.append(log.read_bytes())

    monkeypatch.setattr(os, "fsync", watching)
    wipe_log(log)
    assert synced == [bytes(SECTOR) + b"x" * 4 * SECTOR, bytes(5 * SECTOR)]


def test_nothing_to_wipe_is_no_fault(tmp_path: Path) -> None:
    wipe_log(tmp_path / "none")
    discard(tmp_path / "none")
    (tmp_path / "empty").touch()
    wipe_log(tmp_path / "empty")
    assert (tmp_path / "empty").stat().st_size == 0


def test_what_is_discarded_was_zeros(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.write_bytes(b"canary" * 1000)
    os.link(left, tmp_path / "same")
    discard(left)
    assert not left.exists()
    assert (tmp_path / "same").read_bytes() == bytes(6000)
