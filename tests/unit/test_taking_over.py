"""What somebody wrote leaves the chat once it is on disk, where the network wants it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from responder import app
from responder.core import unsaid
from responder.core.spoken import Inbound
from responder.dispatching.dispatcher import Dispatcher
from responder.ports import RetryLater
from responder.storage.store import StoreError, StoreFull
from tests.ports import PATIENCE_S
from tests.unit.outbox_kit import HERON, FakeChannel, Network, a_word, settle_down, someone
from tests.unit.test_dispatcher import House, failing

SAID = ("700", "41")
"""The chat and the number of what was written."""


class Chat(FakeChannel):
    """Telegram, on which nothing is sent; it counts what it deletes."""

    def __init__(self) -> None:
        super().__init__(Network().time, "telegram", private=False)
        self.emptied = asyncio.Event()

    async def delete(self, handle: str, ref: str) -> None:
        await super().delete(handle, ref)
        self.emptied.set()


def machine_of(house: House, dispatcher: Dispatcher, chat: Chat, *forgetting: str) -> app.Machine:
    return app.Machine(house.store, dispatcher, {"telegram": chat}, forget_reports_on=forgetting)


async def hears(machine: app.Machine, chat: Chat, **said: str) -> None:
    """Hand one message in, and wait for all that is owed for it at once."""
    given = {"channel": "telegram", "key": "k", "handle": "700", "text": "a fight", "ref": "41"}
    message = Inbound(at=machine.dispatcher.clock(), **given | said)  # type: ignore[arg-type]
    await machine._receiver(chat)([message])
    while machine._errands:
        await asyncio.gather(*machine._errands)


@asynccontextmanager
async def sending(machine: app.Machine) -> AsyncIterator[None]:
    """The outbox at work."""
    work = asyncio.create_task(machine.outbox.run())
    try:
        yield
    finally:
        await machine.outbox.close(0.0)
        await asyncio.wait_for(work, PATIENCE_S)


def left(dispatcher: Dispatcher) -> list[tuple[str, str]]:
    """What is still to be deleted, as it stands on disk."""
    return [(one.handle, one.ref) for one in unsaid.all_of(dispatcher.world).values()]


@pytest.mark.parametrize(
    ("where", "said", "goes"),
    [
        (("telegram",), {}, [SAID]),
        (("telegram",), {"press": "p"}, []),
        (("telegram",), {"ref": ""}, []),
        (("signal",), {}, []),
        ((), {}, []),
    ],
)
async def test_a_report_leaves_the_chat_where_the_network_says_so_and_nowhere_else(
    tmp_path: Path, where: tuple[str, ...], said: dict[str, str], goes: list[tuple[str, str]]
) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        machine = machine_of(house, dispatcher, chat, *where)
        await hears(machine, chat, **said)
        assert left(dispatcher) == goes
        if goes:
            async with sending(machine):
                await asyncio.wait_for(chat.emptied.wait(), PATIENCE_S)
                await dispatcher.catch_up()
        assert chat.deleted == goes and left(dispatcher) == []


async def test_what_was_to_be_deleted_at_a_crash_is_deleted_after_the_next_start(
    tmp_path: Path,
) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        await hears(machine_of(house, dispatcher, chat, "telegram"), chat)
    async with house.opened() as dispatcher:
        assert left(dispatcher) == [SAID]
        machine = machine_of(house, dispatcher, chat)
        await machine._go_on()
        async with sending(machine):
            await asyncio.wait_for(chat.emptied.wait(), PATIENCE_S)
            await dispatcher.catch_up()
    async with house.opened() as dispatcher:
        assert chat.deleted == [SAID] and left(dispatcher) == []


async def test_what_no_platform_deletes_any_more_is_tried_no_longer(tmp_path: Path) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        await hears(machine_of(house, dispatcher, chat, "telegram"), chat)
        house.at += unsaid.KEPT - timedelta(minutes=1)
        await dispatcher.do(unsaid.sweep)
        assert left(dispatcher) == [SAID]
        house.at += timedelta(minutes=1)
        await dispatcher.do(unsaid.sweep)
        assert left(dispatcher) == []


async def test_whoever_is_forgotten_leaves_nothing_to_be_deleted(tmp_path: Path) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        machine = machine_of(house, dispatcher, chat, "telegram")
        await hears(machine, chat)
        person = dispatcher.world.at_address("telegram", "700")
        assert person is not None
        await dispatcher.do(lambda desk: unsaid.forget(desk, person))
        assert left(dispatcher) == []


async def test_what_the_disk_did_not_take_stays_in_the_chat(tmp_path: Path) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        failing(house, StoreFull("The disk is full."))
        machine = machine_of(house, dispatcher, chat, "telegram")
        with pytest.raises(StoreFull):
            await hears(machine, chat)
        async with sending(machine):
            await settle_down()
        assert chat.deleted == []


# --- when it is their turn ------------------------------------------------------------------------


class Done:
    """Puts on record that something is deleted; fails as it is told to."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.times = 0

    async def __call__(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.times += 1


async def test_a_platform_that_asks_for_time_is_asked_again_and_then_it_is_on_record() -> None:
    done = Done()
    async with Network(HERON) as network:
        network.telegram.answers.append(RetryLater("slow down", 5.0))
        network.outbox.unsay("telegram", *SAID, done)
        await network.after(1)
        assert (network.telegram.deleted, done.times) == ([], 0)
        await network.after(10)
        assert (network.telegram.deleted, done.times) == ([SAID], 1)


@pytest.mark.parametrize("fault", [StoreError("The disk does not answer."), RuntimeError("a bug")])
async def test_whatever_goes_wrong_with_one_the_others_go_on(fault: Exception) -> None:
    first, second = Done(fault), Done()
    async with Network(HERON) as network:
        network.outbox.unsay("telegram", *SAID, first)
        network.outbox.unsay("telegram", "701", "42", second)
        await network.after(10)
        assert second.times == 1
        assert first.times == isinstance(fault, StoreError)


async def test_what_we_said_is_taken_back_before_what_others_wrote() -> None:
    wren = someone("wren", "telegram")
    async with Network(wren) as network:
        network.add(a_word("m", "wren", open=True))
        await network.after(1)
        for ref in ("41", "42"):
            network.outbox.unsay("telegram", "700", ref, Done())
        network.recall("m")
        await network.after(5)
        ours = (wren.addresses[0].handle, "telegram-1")
        assert network.telegram.deleted == [ours, ("700", "41"), ("700", "42")]


async def test_what_we_cannot_take_back_for_now_does_not_keep_theirs_in_the_chat() -> None:
    done = Done()
    async with Network(HERON) as network:
        network.add(a_word("m"))
        await network.after(1)
        network.signal.answers += [RetryLater("down")] * 100
        network.recall("m")
        network.outbox.unsay("telegram", *SAID, done)
        await network.after(300)
        assert network.store.recalled == ["m"]
        assert (network.telegram.deleted, done.times) == ([SAID], 1)
