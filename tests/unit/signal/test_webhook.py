"""What the Signal service pushes counts once, whichever other way it came by."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.e2e.signal_server import SignalServer
from tests.e2e.signal_users import FakeUser
from tests.ports import PATIENCE_S
from tests.unit.signal.kit import Desk, a_bot, receiving


@asynccontextmanager
async def pushed_to(server: SignalServer, desk: Desk, **settings: Any) -> AsyncIterator[None]:
    settings = {"receive": "webhook", "webhook_port": 0} | settings
    async with a_bot(server, **settings) as bot, receiving(bot, desk):
        async with asyncio.timeout(PATIENCE_S):
            while not bot.webhook_port:
                await asyncio.sleep(0)
        server.pushes_to = f"http://127.0.0.1:{bot.webhook_port}/signal"
        yield


async def test_the_webhook_answers_after_the_commit(server: SignalServer, heron: FakeUser) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await heron.writes("by webhook")
        assert [message.text for message in desk.messages] == ["by webhook"]
        assert server.push_statuses == [200]


async def test_what_comes_by_webhook_and_websocket_is_one_message(
    server: SignalServer, heron: FakeUser
) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.is_attached()
        for text in ("one", "two"):
            await heron.writes(text)
        assert [message.text for message in await desk.has(2)] == ["one", "two"]
        assert server.push_statuses == [200, 200]


async def test_a_burst_over_the_webhook_arrives_whole_and_each_once(
    server: SignalServer, heron: FakeUser
) -> None:
    desk, texts = Desk(), {str(n) for n in range(200)}
    async with pushed_to(server, desk):
        await asyncio.gather(*(heron.writes(text) for text in texts))
        said = [message.text for message in await desk.has(len(texts))]
        assert len(said) == len(texts) and set(said) == texts
        assert set(server.push_statuses) == {200}


async def test_what_a_call_loses_comes_by_websocket(server: SignalServer, heron: FakeUser) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.is_attached()
        server.pushes_to += "-nobody-listens-here"
        await heron.writes("all the same")
        assert [message.text for message in await desk.has(1)] == ["all the same"]
        assert server.push_statuses == [404]


async def test_a_call_of_boundless_size_is_refused(server: SignalServer, heron: FakeUser) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.frame(json.dumps("x" * 5 * 1024 * 1024))
        await heron.writes("still there")
        assert [message.text for message in await desk.has(1)] == ["still there"]
        assert server.push_statuses == [413, 200]


async def test_the_webhook_keeps_what_could_not_be_committed(
    server: SignalServer, heron: FakeUser
) -> None:
    """The service does not repeat a call after a 503."""
    desk = Desk()
    desk.faults = 2
    async with pushed_to(server, desk, webhook_patience_s=0.05):
        await heron.writes("kept")
        assert server.push_statuses == [503]
        assert [message.text for message in await desk.has(1)] == ["kept"]


async def test_the_webhook_answers_at_once_what_does_not_concern_us(
    server: SignalServer, heron: FakeUser
) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.deliver(heron.envelope(typingMessage={"action": "STARTED", "timestamp": 1}))
        await server.frame('"garbage"')
        assert server.push_statuses == [200, 200]
    assert desk.messages == []
