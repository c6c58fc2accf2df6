"""What the store leaves on disk: sealed rows, nothing forgotten, nothing lost when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from responder.core.changes import KINDS, Action, JoinCode, Prompt, Question, Setting, StoryLine
from responder.core.messages import Message
from responder.core.model import (
    Address,
    Care,
    IncidentId,
    MessageId,
    Person,
    PersonId,
)
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring, WrongKey
from responder.storage.store import (
    AlreadyTaken,
    DataLock,
    DataLocked,
    Store,
    StoreClosed,
    StoreDamaged,
    StoreError,
)
from tests.unit.stored import (
    NOW,
    a_full_message,
    a_message,
    a_person,
    a_sending,
    an_incident,
    bytes_in,
    changes,
    every_record,
    filled,
    ids,
)

# --- forgetting --------------------------------------------------------------------------------


async def test_a_destroyed_key_takes_everything_under_it_along(store: Store, ring: Keyring) -> None:
    person = a_person(addresses=(Address(channel="signal", handle="42"),))
    event = StoryLine(id="e1", incident=IncidentId("i1"), at=NOW, name="opened")
    await store.commit(changes(person, an_incident(), event, messages=[a_message()]))
    await store.commit(changes(destroyed=["incident:i1", "person:heron"]))
    assert not ring.knows("incident:i1")
    assert await store.incident(IncidentId("i1")) is None
    assert await store.open_incidents() == []
    assert await store.events(IncidentId("i1")) == []
    assert await store.waiting() == []
    assert await store.load(Person) == []
    assert await store.person_at("signal", "42") is None


async def test_no_table_holds_a_row_of_what_was_destroyed(
    store: Store, raw: sqlite3.Connection
) -> None:
    people = a_person(addresses=(Address(channel="signal", handle="42"),))
    await store.commit(changes(people, an_incident(), messages=[a_message()]))
    await store.commit(changes(settled=[a_sending(ref="77")]))
    await store.commit(changes(destroyed=["incident:i1", "person:heron"]))
    tables = ("drawer", "address", "incident_index", "outbox", "delivery")
    counts = [raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    assert counts == [0, 0, 0, 0, 0]


async def test_a_destroyed_key_leaves_no_copy_anywhere_on_disk(
    store: Store, raw: sqlite3.Connection, folder: Path
) -> None:
    gone: list[bytes] = []
    for turn in range(40):
        people = [
            a_person(f"{turn}-{n}", emergency_contact="x" * (turn * 37 + n * 101)) for n in range(9)
        ]
        await store.commit(changes(*people))
        names = [f"person:{turn}-{n}" for n in range(turn % 9)]
        for name in names:
            gone += raw.execute(
                "SELECT wrapped FROM wrapped_key WHERE name = ?", (name,)
            ).fetchone()
        await store.commit(changes(destroyed=names))
    held = bytes_in(folder)
    assert len(gone) > 100
    assert not any(wrapped in held for wrapped in gone)


async def test_a_name_whose_key_was_destroyed_gets_a_new_key(store: Store) -> None:
    await store.commit(changes(a_person(language="es")))
    await store.commit(changes(destroyed=["person:heron"]))
    await store.commit(changes(a_person()))
    assert await store.load(Person) == [a_person()]


async def test_destruction_and_new_use_may_wait_in_the_same_group(store: Store) -> None:
    await store.commit(changes(a_person("old"), a_person("heron", language="es")))
    await asyncio.gather(
        store.commit(changes(destroyed=["person:heron", "person:never-was"])),
        store.commit(changes(a_person())),
        store.commit(changes(a_person("wren"))),
    )
    assert {person.id: person.language for person in await store.load(Person)} == {
        "old": "en",
        "heron": "en",
        "wren": "en",
    }


async def test_what_is_put_under_a_key_destroyed_with_it_is_gone(store: Store) -> None:
    await store.commit(changes(a_person(), destroyed=["person:heron"]))
    assert await store.load(Person) == []


async def test_a_failed_transaction_destroys_nothing(store: Store) -> None:
    await store.commit(changes(a_person(), inbox=[("signal", "1", NOW)]))
    with pytest.raises(AlreadyTaken):
        await store.commit(changes(destroyed=["person:heron"], inbox=[("signal", "1", NOW)]))
    assert await store.load(Person) == [a_person()]


async def test_a_message_can_be_taken_back_after_its_incident_was_forgotten(store: Store) -> None:
    await store.commit(changes(a_person(), an_incident(), messages=[a_message()]))
    await store.commit(changes(settled=[a_sending(ref="77")]))
    await store.commit(changes(recalled=[MessageId("m1")], destroyed=["incident:i1"]))
    (sent,) = await store.sent_refs([MessageId("m1")])
    assert (sent.person, sent.channel, sent.ref) == ("heron", "signal", "77")


async def test_the_networks_own_key_is_never_destroyed(store: Store) -> None:
    await store.commit(changes(Setting(name="cursor", value="1")))
    with pytest.raises(StoreError, match="own key"):
        await store.commit(changes(destroyed=["network"]))
    assert await store.load(Setting) == [Setting(name="cursor", value="1")]


# --- sealed on disk ----------------------------------------------------------------------------


async def test_no_word_of_any_record_is_found_in_any_byte(folder: Path, ring: Keyring) -> None:
    canary = "canary-6f1d"
    made = changes(*every_record(canary), messages=[a_full_message(canary)])
    made.inbox = [(canary, canary, NOW)]
    async with await Store.open(folder / "network.db", ring) as store:
        await store.commit(made)
        await store.claim([MessageId("m1")])
        assert canary.encode() not in bytes_in(folder)
        await store.commit(changes(settled=[a_sending(ref=canary)]))
        assert canary.encode() not in bytes_in(folder)
        assert await store.deliveries(MessageId("m1")) == [("signal", canary)]
        await store.prune(NOW - timedelta(days=1))
        assert canary.encode() not in bytes_in(folder)
    assert canary.encode() not in bytes_in(folder)


def test_every_field_of_every_record_was_filled_for_the_search() -> None:
    for kind in (*KINDS, Message):
        held = msgspec.to_builtins(filled(kind, "canary"))
        missing = {field.encode_name for field in msgspec.structs.fields(kind)} - held.keys()
        assert not missing, kind
        assert "canary" in str(held), kind


async def test_tokens_and_codes_do_not_stand_plain_as_row_names(
    store: Store, raw: sqlite3.Connection
) -> None:
    prompt = Prompt(token="canary-token", number=1, action=Action(verb="accept"), at=NOW)
    question = Question(
        message=MessageId("canary-m1"),
        person=PersonId("heron"),
        sealed_under="incident:i1",
        prompts=(prompt,),
    )
    await store.commit(changes(question, JoinCode(code="canary-code", expires_at=NOW)))
    assert await store.load(Question) == [question]
    names = [id for (id,) in raw.execute("SELECT id FROM drawer")]
    assert len(names) == 2
    assert not any("canary" in name for name in names)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE drawer SET sealed = zeroblob(60) WHERE id = 'heron'",
        "UPDATE drawer SET sealed = (SELECT sealed FROM drawer WHERE id = 'wren')",
        "UPDATE drawer SET kind = 'person' WHERE kind = 'care'",
        "UPDATE drawer SET key_name = 'person:wren'",
    ],
)
async def test_a_row_that_was_tampered_with_is_named_and_not_quoted(
    store: Store, raw: sqlite3.Connection, tampering: str
) -> None:
    await store.commit(changes(a_person("wren"), a_person(), Care(person=PersonId("otter"))))
    await store.load(Care)  # from its own row, and not from a slip
    raw.execute(tampering)
    with pytest.raises(StoreDamaged, match="person in row") as caught:
        await store.load(Person)
    assert "Heron" not in str(caught.value)


async def test_a_record_of_an_unknown_form_is_named_and_not_quoted(
    store: Store, raw: sqlite3.Connection, ring: Keyring
) -> None:
    await store.commit(changes(a_person()))
    sealed = ring.seal("person", "heron", "person:heron", b'{"id":"heron","granted":"canary"}')
    raw.execute("UPDATE drawer SET sealed = ?", (sealed,))
    with pytest.raises(StoreDamaged, match="version") as caught:
        await store.load(Person)
    assert "canary" not in str(caught.value)


# --- opening and closing -----------------------------------------------------------------------


async def test_the_files_and_the_folder_are_open_to_one_account(folder: Path, store: Store) -> None:
    await store.commit(changes(a_person()))
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert set(modes) == {"network.db", "network.db-wal", "network.db-shm"}
    assert set(modes.values()) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_folder_or_database_that_others_can_open_is_refused(
    folder: Path, ring: Keyring
) -> None:
    path = folder / "network.db"
    await (await Store.open(path, ring)).close()
    path.chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        await Store.open(path, ring)
    path.chmod(0o600)
    folder.chmod(0o755)
    with pytest.raises(StoreError, match="chmod 700"):
        await Store.open(path, ring)


async def test_the_wrong_key_file_is_refused(folder: Path, ring: Keyring) -> None:
    await (await Store.open(folder / "network.db", ring)).close()
    with pytest.raises(WrongKey, match="belongs to this data folder"):
        await Store.open(folder / "network.db", Keyring.random())


async def test_a_file_that_is_no_database_is_refused(folder: Path, ring: Keyring) -> None:
    folder.mkdir(0o700)
    (folder / "network.db").touch(0o600)
    (folder / "network.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreDamaged, match="last copy"):
        await Store.open(folder / "network.db", ring)


async def test_a_closed_store_refuses_and_closes_twice(folder: Path, ring: Keyring) -> None:
    store = await Store.open(folder / "network.db", ring)
    last = asyncio.create_task(store.commit(changes(a_person())))
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    await last
    with pytest.raises(StoreClosed):
        await store.commit(changes(a_person()))
    with pytest.raises(StoreClosed):
        await store.load(Person)


async def test_waiting_callers_are_told_when_the_loop_is_torn_down(
    folder: Path, ring: Keyring
) -> None:
    store = await Store.open(folder / "network.db", ring)
    caller = asyncio.create_task(store.commit(changes(a_person())))
    await asyncio.sleep(0)
    store._db.writer.cancel()
    with pytest.raises(StoreClosed):
        await caller
    with pytest.raises(StoreClosed):
        await store.commit(changes(a_person()))
    await store.close()


def test_a_second_process_can_not_write_to_the_same_folder(folder: Path) -> None:
    with DataLock(folder):
        other = DataLock(folder)
        with pytest.raises(DataLocked, match="already running"):
            other.acquire()
    with DataLock(folder) as again:
        again.acquire()
    assert (folder / "lock").stat().st_mode & 0o777 == 0o600


# --- when the process dies ---------------------------------------------------------------------

COMMITTER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from responder.core.changes import Changes
from responder.core.messages import Message
from responder.core.model import MessageId, Person, PersonId
from responder.storage.keyfile import KeyFile
from responder.storage.store import Store

NOW = datetime(2025, 3, 1, tzinfo=UTC)

async def one(store, name):
    changes = Changes(inbox=[("signal", name, NOW)])
    changes.put(Person(id=PersonId(name), call_sign="Heron"))
    changes.messages.append(Message(
        id=MessageId(name), to=PersonId(name), card="page", text="words", created_at=NOW,
        sealed_under=f"incident:{name}"))
    if name.endswith("3"):
        changes.destroyed.append(f"incident:{name[:-1]}2")
    await store.commit(changes)
    print(name, flush=True)

async def main(folder):
    store = await Store.open(folder / "data" / "network.db", KeyFile(folder / "key").load())
    for turn in range(10**6):
        await asyncio.gather(*(one(store, f"{turn}-{n}") for n in range(5)))

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("lines", [7, 60, 203])
async def test_what_was_committed_outlives_a_kill(tmp_path: Path, lines: int) -> None:
    ring = KeyFile(tmp_path / "key").create()
    with subprocess.Popen(
        [sys.executable, "-c", COMMITTER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    async with await Store.open(tmp_path / "data" / "network.db", ring) as store:
        people = {person.id for person in await store.load(Person)}
        waiting = set(ids(await store.waiting()))
        assert set(told) <= people
        assert {name for name in told if not name.endswith("2")} <= waiting
        assert all([await store.seen("signal", name) for name in people])
        check = await store._db.on_thread(
            lambda db: db.execute("PRAGMA integrity_check").fetchall()
        )
        assert check == [("ok",)]


def test_a_store_that_nobody_closed_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from responder.storage.sealing import Keyring; from responder.storage.store import Store\n"
        "kept = asyncio.run(Store.open(Path(sys.argv[1]) / 'data' / 'x.db', Keyring.random()))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], timeout=30, check=False)
    assert ended.returncode == 0
