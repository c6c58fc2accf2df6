"""A backup brings back all that is open and nothing that has ended, or refuses to open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from responder.config import (
    NeighbourhoodSettings,
    NetworkSettings,
    Settings,
)
from responder.core import events
from responder.core import incident as incidents
from responder.core.changes import Changes, Piece, PlaybookText, Stored
from responder.core.desk import Desk
from responder.core.model import Incident, Person, PersonId, Report, ReportId, State
from responder.core.playbook import dump
from responder.core.world import World
from responder.custody import backup, restoring
from responder.custody.backup import CHUNK, Altered, BackupError
from responder.storage import library
from responder.storage.keyfile import Cost, KeyFile, WrongPassphrase
from responder.storage.sealing import SealingError
from responder.storage.store import DataLock, DataLocked, Store
from tests.builders import NOW, a_network, a_playbook, a_report, a_small_network
from tests.unit.stored import bytes_in

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
WORDS = "heron wren otter badger"
SOON = NOW + timedelta(hours=3)


def the_settings(folder: Path, **network: Any) -> Settings:
    fields: dict[str, Any] = {
        "data_dir": folder / "data",
        "key_file": folder / "network.key",
        "name": "Demo Watch",
        "emergency_line": {"en": "Call 911.", "es": "Llama al 911."},
    }
    places = tuple(
        NeighbourhoodSettings(id=name, name=name.title(), time_zone="UTC")
        for name in ("northside", "riverside")
    )
    return Settings(network=NetworkSettings(**(fields | network)), neighbourhood=places)


def texts() -> list[PlaybookText]:
    return [
        PlaybookText(digest=p.digest, schema=p.schema_version, text=dump(p), id=p.id, current=True)
        for p in map(a_playbook, ("copwatch", "hate-incident", "de-escalation"))
    ]


def everything(world: World) -> list[Stored]:
    return [*world.everybody.values(), *world.overrides(), *texts()]


def canaries(name: str, reporter: str) -> Report:
    return a_report(
        PersonId(reporter),
        id=ReportId(f"report-{name}"),
        text=f"canary-{name}-text",
        place=f"canary-{name}-place",
    )


async def a_story(store: Store, world: World, name: str, reporter: str) -> Incident:
    """An incident that is open, with its report, a picture and messages."""
    desk = Desk(world, NOW, name.encode().ljust(32, b"."))
    incident = desk.open(canaries(name, reporter))
    data = f"canary-{name}-picture".encode()
    piece = Piece(id=f"p-{name}", report=ReportId(f"report-{name}"), mime="image/png", data=data)
    desk.changes.put(piece)
    await store.commit(desk.changes)
    return world.incidents[incident.id]


async def end(store: Store, world: World, incident: Incident, at: datetime) -> None:
    desk = Desk(world, at, b"e" * 32)
    ended = events.Ended(at=at, by=None, reason="canary-reason")
    assert desk.apply(world.incidents[incident.id], ended) is None
    await store.commit(desk.changes)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[tuple[Settings, Store, World, Incident]]:
    """A network with one open incident and one that has ended."""
    config = the_settings(tmp_path / "here")
    config.network.data_dir.mkdir(parents=True, mode=0o700)
    keys = KeyFile(config.network.key_file).create()
    path = config.network.data_dir / "network.db"
    async with await Store.open(path, keys, due_of=incidents.due) as store:
        world = a_small_network()
        await store.commit(changes_of(everything(world)))
        still_open = await a_story(store, world, "open", "r")
        ended = await a_story(store, world, "ended", "k")
        await end(store, world, ended, NOW + timedelta(minutes=5))
        yield config, store, world, still_open


def changes_of(records: list[Stored]) -> Changes:
    made = Changes()
    for record in records:
        made.put(record)
    return made


async def restored(
    folder: Path,
    file: Path,
    at: datetime = SOON,
    passphrase: str | None = WORDS,
    network: dict[str, Any] | None = None,
) -> tuple[restoring.Restored, World, bytes]:
    """The network that a backup becomes, its world, and all that its key opens."""
    config = the_settings(folder, **(network or {}))
    database = config.network.data_dir / "network.db"
    done = await restoring.restore(config, database, file, at, passphrase=passphrase)
    secret = config.network.passphrase
    keys = KeyFile(config.network.key_file).load(secret.get_secret_value() if secret else None)
    async with await Store.open(database, keys, due_of=incidents.due) as store:
        world = await library.load_world(config, store, ("signal",))
        waiting = await store.waiting()
        told = b"".join(one.message.text.encode() for one in waiting)
        assert all(one.repeat for one in waiting)
        pieces = [await store.piece("p-open"), await store.piece("p-ended")]
        told += b"".join(piece.data for piece in pieces if piece)
        story = [line for i in ("open", "ended") for line in await store.events(i)]  # type: ignore[arg-type]
        return done, world, told + repr((story, vars(world))).encode()


async def test_what_is_open_comes_back_as_it_was(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, world, still_open = here
    written = await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    done, again, _ = await restored(tmp_path / "there", tmp_path / "b")
    assert again.incidents == {still_open.id: still_open}
    assert dict(again.everybody) == dict(world.everybody)
    assert again.overrides() == world.overrides()
    assert again.reports == {
        id: report for id, report in world.reports.items() if report.incident == still_open.id
    }
    assert again.playbooks.keys() == world.playbooks.keys()
    assert (written.open_incidents, written.ended_left_out) == (1, 1)
    assert (done.incidents, done.outlived, done.new_key_file) == (1, 0, True)


async def test_nothing_of_an_ended_incident_is_in_a_backup(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    _, _, all_of_it = await restored(tmp_path / "there", tmp_path / "b")
    assert b"canary-open-text" in all_of_it and b"canary-open-picture" in all_of_it
    assert b"canary-ended" not in all_of_it and b"canary-reason" not in all_of_it
    opened = backup.read(tmp_path / "b", passphrase=WORDS)
    opened.unpack(tmp_path / "image")
    image = (tmp_path / "image").read_bytes()
    assert b"report:report-open" in image and b"report:report-ended" not in image


async def test_an_incident_in_aftercare_has_ended_too(tmp_path: Path) -> None:
    from tests.builders import an_incident

    story = an_incident(State.AFTERCARE)
    config = the_settings(tmp_path)
    config.network.data_dir.mkdir(mode=0o700)
    keys = KeyFile(config.network.key_file).create()
    async with await Store.open(config.network.data_dir / "network.db", keys) as store:
        await store.commit(changes_of([*everything(story.world), story.incident]))
        written = await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    assert (written.open_incidents, written.ended_left_out) == (0, 1)


async def test_the_backups_own_key_opens_nothing_that_comes_after_it(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    config, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    keys = backup.read(tmp_path / "b", passphrase=WORDS).keys
    assert keys is not None
    with pytest.raises(SealingError):
        await Store.open(config.network.data_dir / "network.db", keys)


async def test_nothing_of_a_backup_is_plain(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    data = (tmp_path / "b").read_bytes()
    assert b"canary" not in data and b"SQLite" not in data and b"incident:" not in data
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600


async def test_a_backup_under_the_network_key_needs_its_key_file(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    config, store, _, still_open = here
    await backup.write(store, tmp_path / "b", NOW)
    there = tmp_path / "there"
    with pytest.raises(SealingError):
        await restored(there, tmp_path / "b", passphrase=None)
    (there / "network.key").write_bytes(config.network.key_file.read_bytes())
    (there / "network.key").chmod(0o600)
    done, again, _ = await restored(there, tmp_path / "b", passphrase=None)
    assert still_open.id in again.incidents and not done.new_key_file


async def test_neither_a_backup_nor_a_database_nor_a_key_is_overwritten(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    config, store, _, _ = here
    file = tmp_path / "b"
    await backup.write(store, file, NOW, passphrase=WORDS, cost=CHEAP)
    before = file.read_bytes(), config.network.key_file.read_bytes()
    with pytest.raises(BackupError, match="not overwritten"):
        await backup.write(store, file, NOW, passphrase=WORDS, cost=CHEAP)
    with pytest.raises(BackupError, match="database"):
        await restored(tmp_path / "here", file)
    (tmp_path / "keyed").mkdir()
    (tmp_path / "keyed" / "network.key").write_bytes(b"mine")
    with pytest.raises(BackupError, match="key file"):
        await restored(tmp_path / "keyed", file)
    assert before == (file.read_bytes(), config.network.key_file.read_bytes())
    assert not (tmp_path / "keyed" / "data" / "network.db").exists()


async def test_a_running_network_is_not_restored_over(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    (tmp_path / "there" / "data").mkdir(parents=True, mode=0o700)
    with DataLock(tmp_path / "there" / "data"), pytest.raises(DataLocked):
        await restored(tmp_path / "there", tmp_path / "b")


async def test_a_restored_key_file_is_locked_where_the_config_wants_it(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    lock = {"key": "passphrase", "passphrase": SecretStr("otter badger heron wren")}
    await restored(tmp_path / "there", tmp_path / "b", network=lock)
    with pytest.raises(WrongPassphrase):
        KeyFile(tmp_path / "there" / "network.key").load()


async def test_a_restore_destroys_what_is_past_its_retention_before_anybody_is_served(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, still_open = here
    await store.commit(changes_of([Person(id=PersonId("stranger"), created_at=NOW)]))
    await store.commit(Changes(assigned=[(PersonId("heron"), still_open.id)]))
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    kept = a_playbook("copwatch").retention
    late = NOW + timedelta(seconds=min(kept.reports_s, kept.incident_s))
    done, again, all_of_it = await restored(tmp_path / "there", tmp_path / "b", late)
    assert (done.incidents, done.outlived) == (0, 1)
    assert not again.incidents and not again.reports and PersonId("stranger") not in again.everybody
    assert again.busy_in(PersonId("heron")) is None
    assert b"canary" not in all_of_it
    assert b"report-open" not in bytes_in(tmp_path / "there" / "data")


async def test_a_backup_says_in_the_audit_that_it_was_restored(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    await restored(tmp_path / "there", tmp_path / "b")
    keys = KeyFile(tmp_path / "there" / "network.key").load()
    async with await Store.open(tmp_path / "there" / "data" / "network.db", keys) as again:
        assert (await again.audit_verdict()).faults == ()
        assert [one.line.verb for one in await again.audit_lines()] == ["backup.restored"]


async def test_a_failed_restore_leaves_nothing(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    with pytest.raises(BackupError, match="passphrase"):
        await restored(tmp_path / "there", tmp_path / "b", network={"key": "passphrase"})
    assert [p.name for p in (tmp_path / "there" / "data").iterdir()] == ["lock"]
    assert not (tmp_path / "there" / "network.key").exists()


async def test_waiting_messages_come_back_marked_as_repeats(
    here: tuple[Settings, Store, World, Incident], tmp_path: Path
) -> None:
    _, store, _, _ = here
    due = [one.message.id for one in await store.waiting() if one.message.card == "page"]
    await backup.write(store, tmp_path / "b", NOW, passphrase=WORDS, cost=CHEAP)
    done, _, _ = await restored(tmp_path / "there", tmp_path / "b")
    assert due and done.waiting >= len(due)
    assert not any(one.repeat for one in await store.waiting())


# --- a file that was touched ----------------------------------------------------------------------


@cache
def a_file() -> bytes:
    """A backup of three chunks or more, made once."""
    import asyncio
    import tempfile

    async def make(folder: Path) -> bytes:
        keys = KeyFile(folder / "network.key").create()
        async with await Store.open(folder / "data" / "network.db", keys) as store:
            await store.commit(changes_of([*everything(a_network())]))
            await backup.write(store, folder / "b", NOW, passphrase=WORDS, cost=CHEAP)
        return (folder / "b").read_bytes()

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(make(Path(folder)))


def opened(data: bytes, folder: Path) -> None:
    path = folder / "touched"
    path.write_bytes(data)
    backup.read(path, passphrase=WORDS)


@settings(max_examples=60)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, where: float, bit: int
) -> None:
    data = bytearray(a_file())
    data[int(where * len(data))] ^= 1 << bit
    with pytest.raises((Altered, SealingError)):
        opened(bytes(data), tmp_path_factory.mktemp("flip"))


@settings(max_examples=40)
@given(where=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, where: float
) -> None:
    data = a_file()
    with pytest.raises(Altered):
        opened(data[: int(where * len(data))], tmp_path_factory.mktemp("cut"))


def chunks(data: bytes) -> tuple[bytes, list[bytes]]:
    step = CHUNK + 16
    count = len(data) // step
    start = len(data) - count * step
    return data[:start], [data[start + n * step : start + (n + 1) * step] for n in range(count)]


@pytest.mark.parametrize(
    "order", [[0], [0, 1], [1, 0, 2], [0, 2, 1], [0, 1, 2, 2], [0, 0, 1, 2], []]
)
def test_whole_chunks_left_out_doubled_or_reordered_are_refused(
    tmp_path: Path, order: list[int]
) -> None:
    head, (first, second, *others) = chunks(a_file())
    parts = [first, second, b"".join(others)]
    assert others
    opened(head + b"".join(parts), tmp_path)
    with pytest.raises(Altered):
        opened(head + b"".join(parts[n] for n in order), tmp_path)


@pytest.mark.parametrize("tail", [b"x", bytes(CHUNK + 16)])
def test_a_lengthened_file_is_refused(tmp_path: Path, tail: bytes) -> None:
    with pytest.raises(Altered):
        opened(a_file() + tail, tmp_path)


def test_another_passphrase_and_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(a_file())
    with pytest.raises(Altered, match="passphrase"):
        backup.read(path, passphrase="another one altogether")
    with pytest.raises(BackupError, match="passphrase"):
        backup.read(path)
    assert backup.wants_passphrase(path)
