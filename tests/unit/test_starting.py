"""A start after a crash: what waits leaves first, and what that does not need comes after."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from responder import app, services
from responder.core.model import Person
from responder.playbook_files import shelf
from responder.ports import Outbound, Receive, Sent
from responder.storage.rows import StoreDamaged
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.builders import HERON, NOW
from tests.unit.outbox_kit import Clockwork, FakeChannel
from tests.unit.stored import a_message, a_person, changes, every_record, with_random_ids
from tests.unit.test_dispatcher import House

ROOT = Path(__file__).parents[2]
LOADED = """
import sys, gc
from responder import starting
starting.lean()
import structlog, responder.app
print([name for name in ("rich", "PIL", "aiogram", "signalbot") if name in sys.modules])
print(gc.isenabled())
starting.settled()
import rich.console
print(gc.isenabled())
"""


class Listening(FakeChannel):
    """A platform that tells in which order the first message left and it was listened to."""

    def __init__(self) -> None:
        super().__init__(Clockwork(), "signal", private=True)
        self.order: list[str] = []

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def send(self, out: Outbound) -> Sent:
        self.order.append("sent")
        return await super().send(out)

    async def run(self, receive: Receive) -> None:
        self.order.append("listened")
        await asyncio.Event().wait()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_start_loads_nothing_to_draw_with_and_leaves_garbage_until_it_is_done() -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=60)
    assert (done.stdout.split("\n")[:3], done.stderr) == (["[]", "False", "True"], "")


async def test_what_waits_leaves_before_playbooks_are_read_and_anybody_is_listened_to(
    house: House,
) -> None:
    channel = Listening()
    async with house.opened(by_hand=True) as dispatcher:
        await house.settle_in()
        waiting = a_message("m1", to=HERON, under=f"person:{HERON}", created_at=NOW)
        await house.store.commit(changes(messages=[waiting]))
        machine = app.Machine(house.store, dispatcher, {"signal": channel}, now=lambda: house.at)

        async def read_playbooks() -> None:
            while not channel.sent:
                await asyncio.sleep(0)
            channel.order.append("read")

        await machine.start(before_hearing=read_playbooks)
        await asyncio.sleep(0)
        await machine.stop()
    assert channel.order == ["sent", "read", "listened"]


async def test_playbooks_are_taken_in_at_the_first_look_and_when_one_changed(
    house: House, tmp_path: Path
) -> None:
    folder, looks = tmp_path / "some", list[int]()

    async def take_in() -> list[str]:
        looks.append(len(shelf.stamps(folder)))
        return []

    async with house.opened(by_hand=True) as dispatcher:
        watch = services.ShelfWatch(folder, dispatcher, take_in)
        await watch.look()
        await watch.look()
        folder.mkdir()
        (folder / "one.yaml").touch()
        await watch.look()
    assert looks == [0, 1]


async def test_what_was_not_taken_in_of_the_folder_is_tried_again(
    house: House, tmp_path: Path
) -> None:
    tries = list[str]()

    async def take_in() -> list[str]:
        tries.append("tried")
        if len(tries) == 1:
            raise OSError("no space left")
        return []

    async with house.opened(by_hand=True) as dispatcher:
        watch = services.ShelfWatch(tmp_path / "some", dispatcher, take_in)
        with pytest.raises(OSError, match="no space left"):
            await watch.look()
        await watch.look()
        await watch.look()
    assert len(tries) == 2


async def test_the_broom_waits_until_a_start_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = list[Any]()

    async def prune(_store: Store, *when: Any, **_more: Any) -> None:
        swept.append(when)

    monkeypatch.setattr(Store, "prune", prune)
    async with house.opened(by_hand=True) as dispatcher:
        await dispatcher.catch_up()
        assert swept == []
        for seconds in (10, 20):
            house.at = NOW + timedelta(seconds=seconds)
            await dispatcher.catch_up()
        assert len(swept) == 1


async def test_all_records_come_at_once_as_they_come_kind_by_kind(store: Store) -> None:
    await store.commit(changes(*every_record("ribera"), *map(with_random_ids, every_record("x"))))
    kinds = tuple(dict.fromkeys(type(record) for record in every_record("x")))
    one_by_one = [record for kind in kinds for record in await store.load(kind)]
    assert await store.load_all(kinds) == one_by_one
    assert await store.load_all(kinds[:1]) == await store.load(kinds[0])


async def test_a_record_of_another_form_is_told_when_all_are_read(
    store: Store, raw: sqlite3.Connection, ring: Keyring
) -> None:
    await store.commit(changes(a_person("heron")))
    sealed = ring.seal("person", "heron", "person:heron", b'{"id": 5}')
    raw.execute("UPDATE drawer SET sealed = ?", (sealed,))
    with pytest.raises(StoreDamaged, match="not of a form"):
        await store.load_all([Person])


async def test_the_broom_needs_nothing_that_only_one_c_library_has(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    await store.prune(NOW)
    assert await store.load(Person) == []


def test_a_command_that_dies_leaves_no_picture_of_its_memory() -> None:
    program = (
        "import resource, sys; sys.argv = ['responder', '--version']\n"
        "from responder.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.splitlines()[-1] == "(0, 0)"
