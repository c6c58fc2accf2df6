"""A new network key: everything still opens, the old key opens nothing, and no crash locks out."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from responder.core.model import Person
from responder.custody.rotation import beside, generation_of, rotate, settle
from responder.storage.keyfile import Cost, KeyFile, KeyFileError, WrongPassphrase
from responder.storage.sealing import SealingError, WrongKey
from responder.storage.store import Store
from tests.unit.stored import a_person, bytes_in, changes

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
WORDS, OTHER = "heron wren otter badger", "badger otter wren heron"


def paths(folder: Path) -> tuple[KeyFile, Path]:
    return KeyFile(folder / "network.key"), folder / "data" / "network.db"


async def a_network(folder: Path, passphrase: str | None = None) -> None:
    file, database = paths(folder)
    keys = file.create(passphrase, CHEAP)
    async with await Store.open(database, keys) as store:
        for name in ("heron", "wren", "otter"):
            await store.commit(changes(a_person(name)))


async def people(folder: Path, passphrase: str | None = None) -> list[str]:
    file, database = paths(folder)
    async with await Store.open(database, file.load(passphrase)) as store:
        return [person.id for person in await store.load(Person)]


async def turn(folder: Path, passphrase: str | None = None, new: str | None = None) -> None:
    file, database = paths(folder)
    async with await Store.open(database, file.load(passphrase)) as store:
        await rotate(file, store, passphrase=passphrase, new_passphrase=new, cost=CHEAP)
        await store.commit(changes(a_person("badger")))


async def test_everything_opens_with_the_new_key_and_nothing_with_the_old(tmp_path: Path) -> None:
    await a_network(tmp_path)
    file, database = paths(tmp_path)
    old = file.load()
    await turn(tmp_path)
    assert await people(tmp_path) == ["heron", "wren", "otter", "badger"]
    assert file.generation == generation_of(database) == 1
    with pytest.raises(WrongKey):
        await Store.open(database, old)


async def test_a_running_store_goes_on_with_the_new_key(tmp_path: Path) -> None:
    await a_network(tmp_path)
    file, database = paths(tmp_path)
    async with await Store.open(database, file.load()) as store:
        writing = [store.commit(changes(a_person(f"p{n}"))) for n in range(40)]
        await asyncio.gather(rotate(file, store), *writing)
        await rotate(file, store)
        await store.commit(changes(a_person("badger")))
        assert len(await store.load(Person)) == 44
    assert len(await people(tmp_path)) == 44
    assert file.generation == 2


async def test_addresses_are_still_found_for_the_hash_key_stays(tmp_path: Path) -> None:
    await a_network(tmp_path)
    file, _ = paths(tmp_path)
    before = file.load().address_hash("signal", "+15550100")
    await turn(tmp_path)
    assert file.load().address_hash("signal", "+15550100") == before


async def test_no_data_key_wrapped_by_the_old_key_stays_on_disk(tmp_path: Path) -> None:
    await a_network(tmp_path)
    _, database = paths(tmp_path)
    db = sqlite3.connect(database)
    wrapped = [row[0] for row in db.execute("SELECT wrapped FROM key_slot")]
    db.close()
    await turn(tmp_path)
    assert len(wrapped) == 4
    assert not any(one in bytes_in(database.parent) for one in wrapped)


async def test_a_locked_key_stays_locked_and_takes_a_new_passphrase(tmp_path: Path) -> None:
    await a_network(tmp_path, WORDS)
    await turn(tmp_path, WORDS)
    assert await people(tmp_path, WORDS)
    await turn(tmp_path, WORDS, OTHER)
    assert await people(tmp_path, OTHER)
    with pytest.raises(WrongPassphrase):
        await people(tmp_path, WORDS)


async def test_a_key_without_a_passphrase_gets_one(tmp_path: Path) -> None:
    await a_network(tmp_path)
    await turn(tmp_path, None, WORDS)
    assert await people(tmp_path, WORDS)


async def test_a_wrong_or_short_passphrase_changes_nothing(tmp_path: Path) -> None:
    await a_network(tmp_path, WORDS)
    file, database = paths(tmp_path)
    before = file.path.read_bytes()
    async with await Store.open(database, file.load(WORDS)) as store:
        for given, new in ((OTHER, None), (None, None), (WORDS, "short")):
            with pytest.raises(SealingError):
                await rotate(file, store, passphrase=given, new_passphrase=new)
    assert file.path.read_bytes() == before
    assert generation_of(database) == 0 and not beside(file).path.exists()


async def test_a_key_file_of_another_day_is_refused_before_anything_changes(
    tmp_path: Path,
) -> None:
    await a_network(tmp_path)
    file, database = paths(tmp_path)
    yesterday = file.path.read_bytes()
    async with await Store.open(database, file.load()) as store:
        await rotate(file, store)
        file.path.write_bytes(yesterday)
        with pytest.raises(KeyFileError, match="last sealed with"):
            await rotate(file, store)


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from responder.custody import rotation
from responder.storage import keyfile, sealing
from responder.storage.store import Store

folder, step = Path(sys.argv[1]), sys.argv[2]
file = keyfile.KeyFile(folder / "network.key")

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def half(self, data):
    self.path.write_bytes(data[:40])
    die()

async def dying(self, *_):
    die()

match step:
    case "writing the new file":
        keyfile.KeyFile._write = half
    case "before the transaction":
        Store.rekey = dying
    case "within the transaction":
        sealing.Stage.rekey = die
    case "after the transaction":
        rotation.put_in_place = die
    case "in place":
        rotation.wipe = die

async def main():
    store = await Store.open(folder / "data" / "network.db", file.load())
    await rotation.rotate(file, store)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("step", "generation"),
    [
        ("writing the new file", 0),
        ("before the transaction", 0),
        ("within the transaction", 0),
        ("after the transaction", 1),
        ("in place", 1),
    ],
)
async def test_a_kill_at_any_step_leaves_a_key_that_opens(
    tmp_path: Path, step: str, generation: int
) -> None:
    await a_network(tmp_path)
    file, database = paths(tmp_path)
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _KILLED, str(tmp_path), step], timeout=60
    )
    assert died.returncode == -signal.SIGKILL
    settle(file, database)
    assert await people(tmp_path) == ["heron", "wren", "otter"]
    assert file.generation == generation_of(database) == generation
    assert not beside(file).path.exists()
    await turn(tmp_path)
    assert len(await people(tmp_path)) == 4


async def test_two_key_files_of_other_generations_are_both_refused(tmp_path: Path) -> None:
    await a_network(tmp_path)
    file, database = paths(tmp_path)
    beside(file).create(generation=7)
    file.path.unlink()
    file.create(generation=6)
    with pytest.raises(KeyFileError, match="Bring the right one back"):
        settle(file, database)
    assert file.generation == 6 and beside(file).generation == 7
