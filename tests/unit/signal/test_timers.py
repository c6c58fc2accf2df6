"""Disappearing messages on Signal: set beside the send, once a contact, and again where undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog

from bots.signal.bot import SignalBot
from bots.signal.timers import AGAIN_S, RETRY_S
from responder.ports import Outbound
from tests.e2e.signal_server import OUR_NUMBER, SignalServer
from tests.e2e.signal_users import FakeUser
from tests.ports import PATIENCE_S
from tests.unit.signal.kit import Desk, receiving

DAY_S = 86_400


class Pad:
    """Keeps facts in memory; `strangers` are addresses of nobody."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.strangers: set[str] = set()

    def recall(self, handle: str) -> str | None:
        return None if handle in self.strangers else self.kept.get(handle, "")

    async def keep(self, handle: str, fact: str) -> None:
        self.kept[handle] = fact


class Steady:
    """Monotonic seconds, set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pad() -> Pad:
    return Pad()


@pytest.fixture
def steady() -> Steady:
    return Steady()


@asynccontextmanager
async def a_bot(server: SignalServer, pad: Pad, steady: Steady, **more: Any) -> AsyncIterator[Any]:
    settings: dict[str, Any] = {"disappear_s": DAY_S, "steady": steady, "timer_gap_s": 0.0}
    bot = SignalBot(OUR_NUMBER, service_url=server.url, **settings | more)
    bot.remember_in(pad)
    await bot.start()
    desk = Desk()
    async with receiving(bot, desk):
        await server.is_attached()
        yield bot, desk
    await bot.close()


async def told(bot: SignalBot, person: FakeUser) -> None:
    """Send something to this person, and let what goes beside it be done."""
    await bot.send(Outbound(handle=person.handle, text="word"))
    if (work := bot._timers._task) is not None:
        await asyncio.wait({work}, timeout=PATIENCE_S)


async def test_a_contact_gets_the_timer_at_the_first_send_and_only_then(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    async with a_bot(server, pad, steady) as (bot, _):
        await told(bot, heron)
        await told(bot, heron)
    async with a_bot(server, pad, steady) as (bot, _):
        await told(bot, heron)
    assert server.timers_ordered == [("Heron", DAY_S)]
    assert pad.kept == {heron.handle: str(DAY_S)}


async def test_another_length_is_set_anew(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    pad.kept[heron.handle] = "3600"
    async with a_bot(server, pad, steady) as (bot, _):
        await told(bot, heron)
    assert server.timers_ordered == [("Heron", DAY_S)]


async def test_without_a_length_nothing_is_set(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    async with a_bot(server, pad, steady, disappear_s=0) as (bot, _):
        await told(bot, heron)
    assert server.timers_ordered == []


@pytest.mark.parametrize("theirs", [0, 7 * DAY_S])
async def test_a_timer_that_was_switched_off_or_made_longer_is_set_again(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser, theirs: int
) -> None:
    pad.kept[heron.handle] = str(DAY_S)
    async with a_bot(server, pad, steady) as (bot, desk):
        await heron.sets_timer(theirs)
        await heron.writes("and now?")
        await desk.has(1)
        await told(bot, heron)
    assert server.timers_ordered == [("Heron", DAY_S)]


async def test_a_shorter_timer_of_theirs_stays_after_a_restart_too(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    async with a_bot(server, pad, steady) as (bot, desk):
        await heron.sets_timer(3600)
        await heron.writes("keep it short")
        await desk.has(1)
        await told(bot, heron)
    async with a_bot(server, pad, steady) as (bot, _):
        await told(bot, heron)
    assert server.timers_ordered == []
    assert heron.timer_s == 3600


async def test_whoever_switches_it_off_again_and_again_gets_one_order_in_ten_minutes(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    async with a_bot(server, pad, steady) as (bot, desk):
        await told(bot, heron)
        for after_s, orders in ((1.0, 1), (AGAIN_S, 2)):
            steady.now += after_s
            await heron.sets_timer(0)
            await heron.writes("off")
            await desk.has(orders)
            await told(bot, heron)
            assert len(server.timers_ordered) == orders


async def test_a_refused_order_fails_no_message_and_is_tried_later(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    server.refuses_timers = "Failed to send message"
    async with a_bot(server, pad, steady) as (bot, _):
        with structlog.testing.capture_logs() as lines:
            await told(bot, heron)
            await told(bot, heron)
        server.refuses_timers = ""
        steady.now += RETRY_S
        await told(bot, heron)
    assert len(heron.screen) == 3
    assert server.timers_ordered == [("Heron", DAY_S)]
    assert [line["event"] for line in lines].count("signal_timer_later") == 1
    assert heron.number not in str(lines)
    assert heron.handle not in str(lines)


async def test_nothing_is_ordered_for_somebody_who_was_forgotten(
    server: SignalServer, pad: Pad, steady: Steady, heron: FakeUser
) -> None:
    pad.strangers.add(heron.handle)
    async with a_bot(server, pad, steady) as (bot, _):
        await told(bot, heron)
    assert server.timers_ordered == []


async def test_many_new_contacts_get_one_order_after_the_other(
    server: SignalServer, pad: Pad, steady: Steady
) -> None:
    people = [server.user(name) for name in ("Heron", "Wren", "Otter")]
    async with a_bot(server, pad, steady, timer_gap_s=600.0) as (bot, _):
        for person in people:
            await bot.send(Outbound(handle=person.handle, text="word"))
        await server.until(lambda: server.timers_ordered, 3.0)
        assert len(server.timers_ordered) == 1
        assert [len(person.screen) for person in people] == [1, 1, 1]
