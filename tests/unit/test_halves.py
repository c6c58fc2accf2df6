"""Private reports that come in parts: on disk until they are whole, and nobody loses another's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from responder import app
from responder.core import halves, sweeping
from responder.core.changes import Setting
from responder.core.spoken import Inbound
from responder.dispatching.dispatcher import Dispatcher
from responder.sealed.phones import Phones
from responder.sealed.private_reports import (
    PrivateReport,
    seal_report,
)
from responder.storage.store import StoreFull
from tests.builders import NOW
from tests.pager_kit import REPORT_KEY, SIGNER
from tests.unit.test_dispatcher import House, failing
from tests.unit.test_phone_sealing import FACTS, noise

MARA, MALLORY = "700", "666"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def parts() -> tuple[str, ...]:
    """A private report that takes two messages."""
    made = seal_report(PrivateReport(words=f"canary {noise(4000)}", kind="police stop"), FACTS)
    assert len(made) == 2
    return made


def bot(house: House, dispatcher: Dispatcher) -> Callable[..., Awaitable[None]]:
    """How messages of this person come in over a bot."""
    phones = Phones(FACTS, SIGNER, REPORT_KEY)
    channel: Any = SimpleNamespace(name="telegram")
    receive = app.Machine(house.store, dispatcher, {}, phones=phones)._receiver(channel)

    async def hears(handle: str, *texts: str) -> None:
        batch = [
            Inbound(channel="telegram", key=f"{handle}{t}", handle=handle, at=house.at, text=t)
            for t in texts
        ]
        await receive(batch)

    return hears


def told(dispatcher: Dispatcher) -> list[str]:
    """The words of every report that is being told."""
    sessions = dispatcher.world.sessions.values()
    return [s.draft.text for s in sessions if s.draft is not None and "canary" in s.draft.text]


async def kept(house: House) -> int:
    return sum(s.name.startswith(halves.HALF) for s in await house.store.load(Setting))


async def test_a_part_outlives_the_process_and_goes_once_the_whole_is_taken_in(
    house: House, parts: tuple[str, ...]
) -> None:
    first, second = parts
    async with house.opened() as dispatcher:
        await house.settle_in()
        await bot(house, dispatcher)(MARA, first)
        assert (told(dispatcher), await kept(house)) == ([], 1)
    async with house.opened() as dispatcher:
        await bot(house, dispatcher)(MARA, second)
        assert (len(told(dispatcher)), await kept(house)) == (1, 0)


async def test_a_commit_that_fails_loses_no_part(house: House, parts: tuple[str, ...]) -> None:
    first, second = parts
    async with house.opened() as dispatcher:
        await house.settle_in()
        hears = bot(house, dispatcher)
        await hears(MARA, first)
        failing(house, StoreFull("The disk is full."))
        with pytest.raises(StoreFull):
            await hears(MARA, second)
        await hears(MARA, second)
        assert (len(told(dispatcher)), await kept(house)) == (1, 0)


async def test_parts_of_one_batch_are_one_report(house: House, parts: tuple[str, ...]) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        await bot(house, dispatcher)(MARA, *reversed(parts))
        assert (len(told(dispatcher)), await kept(house)) == (1, 0)


async def test_nobody_pushes_out_another_persons_parts_or_completes_them(
    house: House, parts: tuple[str, ...]
) -> None:
    first, second = parts
    async with house.opened() as dispatcher:
        await house.settle_in()
        hears = bot(house, dispatcher)
        await hears(MARA, first)
        for number in range(8):
            await hears(MALLORY, f"R1.{number:06x}.1.2.AAAA")
        await hears(MALLORY, second)
        assert (told(dispatcher), await kept(house)) == ([], 1 + halves.EACH)
        await hears(MARA, second)
        assert len(told(dispatcher)) == 1


async def test_parts_go_with_their_sender_and_after_a_day(
    house: House, parts: tuple[str, ...]
) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        hears = bot(house, dispatcher)
        await hears(MARA, parts[0])
        await hears(MALLORY, parts[0])
        mara = dispatcher.world.at_address("telegram", MARA)
        assert mara is not None
        await dispatcher.do(lambda desk: sweeping.forget_waiting(desk, mara))
        assert await kept(house) == 1
    async with house.opened(NOW + timedelta(days=1)) as dispatcher:
        await dispatcher.catch_up()
        house.at += timedelta(seconds=10)
        await dispatcher.catch_up()
        assert await kept(house) == 0
