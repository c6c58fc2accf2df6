"""Key, backup and audit through the socket of a network that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from responder.control import Control, ask
from responder.core.admin import AdminFault
from responder.core.model import Person
from responder.custody import backup
from responder.storage.keyfile import KeyFile
from responder.storage.store import Store
from tests.unit.stored import a_person, changes
from tests.unit.test_forgetting import House, house

__all__ = ["house"]
WORDS = "heron wren otter badger"


@pytest.fixture
async def socket(house: House, tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "c.sock"
    async with Control(house.dispatcher, path):
        yield path


async def test_the_key_is_replaced_while_the_network_runs(
    house: House, socket: Path, tmp_path: Path
) -> None:
    file = tmp_path / "network.key"
    answer = await ask(socket, "key.rotate", {"key_file": str(file), "new_passphrase": WORDS})
    assert answer == {"generation": 1, "locked": True}
    await house.store.commit(changes(a_person("plover")))
    database = house.folder / "network.db"
    async with await Store.open(database, KeyFile(file).load(WORDS)) as again:
        assert "plover" in [person.id for person in await again.load(Person)]


async def test_a_backup_is_written_while_the_network_runs(
    house: House, socket: Path, tmp_path: Path
) -> None:
    path = tmp_path / "backup"
    answer: Any = await ask(socket, "backup.write", {"path": str(path), "passphrase": WORDS})
    assert answer["bytes"] == path.stat().st_size and answer["people"] == 9
    assert backup.read(path, passphrase=WORDS).own_key
    with pytest.raises(AdminFault, match="not overwritten"):
        await ask(socket, "backup.write", {"path": str(path), "passphrase": WORDS})


async def test_what_was_done_to_the_whole_stands_in_the_audit(
    house: House, socket: Path, tmp_path: Path
) -> None:
    await ask(socket, "key.rotate", {"key_file": str(tmp_path / "network.key")})
    await ask(socket, "backup.write", {"path": str(tmp_path / "backup")})
    await ask(socket, "member.set", {"call_sign": "Wren", "level": "known"})
    lines: Any = await ask(socket, "audit.list", {"most": 3})
    told = [(line["what"], line["by"], line["about"], line["detail"]) for line in lines]
    assert told == [
        ("key.rotate", "the machine", "", ""),
        ("backup.write", "the machine", "", "with the network key"),
        ("member.set", "the machine", "Wren", "level known"),
    ]
    verdict: Any = await ask(socket, "audit.verify", {})
    assert verdict["faults"] == [] and verdict["last"] == lines[-1]["number"]


async def test_a_refusal_leaves_no_line(house: House, socket: Path, tmp_path: Path) -> None:
    before = len(await house.store.audit_lines())
    with pytest.raises(AdminFault):
        await ask(socket, "key.rotate", {"key_file": str(tmp_path / "none.key")})
    with pytest.raises(AdminFault):
        await ask(socket, "audit.verify", {"noted": "nine"})
    assert len(await house.store.audit_lines()) == before
