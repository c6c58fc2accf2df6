"""Builders and fakes for the tests of the Signal bot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bots.signal.bot import SignalBot
from responder.ports import (
    Inbound,
    Option,
    Outbound,
)
from tests.e2e.signal_server import OUR_NUMBER, SignalServer
from tests.e2e.signal_users import FakeUser
from tests.ports import PATIENCE_S

ROWS = (
    (Option(label="Going", token="t1", number=1), Option(label="Cannot", token="t2", number=2)),
    (Option(label="Need more people", token="t3", number=7),),
)


class Desk:
    """Takes messages in as the dispatcher would; fails the first `faults` times."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []
        self.batches: list[int] = []
        self.faults = 0
        self.tries = 0
        self._changed = asyncio.Condition()

    async def receive(self, messages: Sequence[Inbound]) -> None:
        async with self._changed:
            self.tries += 1
            self._changed.notify_all()
            if self.tries <= self.faults:
                raise OSError("disk full")
            self.messages += messages
            self.batches.append(len(messages))

    async def has(self, count: int) -> list[Inbound]:
        await self.when(lambda: len(self.messages) >= count)
        return self.messages

    async def when(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(there)


@asynccontextmanager
async def a_bot(server: SignalServer, **settings: Any) -> AsyncIterator[SignalBot]:
    """A bot that is started; its clock stands a minute after the server's."""
    usual: dict[str, Any] = {"service_url": server.url, "clock": lambda: server.tick() / 1000 + 60}
    bot = SignalBot(OUR_NUMBER, **usual | settings)
    await bot.start()
    try:
        yield bot
    finally:
        async with asyncio.timeout(PATIENCE_S):
            await bot.close()


@asynccontextmanager
async def receiving(bot: SignalBot, desk: Desk) -> AsyncIterator[None]:
    """The bot's `run` under way."""
    running = asyncio.create_task(bot.run(desk.receive))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running}, timeout=PATIENCE_S)
        assert running.done()


def to(person: FakeUser, text: str = "you are asked", **rest: Any) -> Outbound:
    return Outbound(handle=person.handle, text=text, **rest)


def sends(server: SignalServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in server.requests if request.path == "/v2/send"]


def a_frame(envelope: dict[str, Any]) -> bytes:
    return json.dumps({"envelope": envelope, "account": OUR_NUMBER}).encode()


class Clock:
    """Seconds since 1970, set by hand."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at
