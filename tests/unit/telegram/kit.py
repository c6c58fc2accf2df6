"""Builders and fakes for the tests of the Telegram bot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from bots.telegram.bot import TelegramBot
from responder.ports import (
    Inbound,
    Option,
    Outbound,
    Receive,
)
from tests.e2e.telegram_server import TOKEN, FakeUser, TelegramServer
from tests.ports import PATIENCE_S

CANARY = "canary-on-elm-street"


def a_bot(server: TelegramServer, **settings: object) -> TelegramBot:
    """A bot of the loopback server that waits hundredths of a second between attempts."""
    known: dict[str, object] = {"api_url": server.url, "poll_timeout_s": 5}
    return TelegramBot(TOKEN, retry_s=(0.01, 0.05), **(known | settings))  # type: ignore[arg-type]


def a_message(person: FakeUser, text: str = "hello", **more: object) -> Outbound:
    """A message to that person."""
    return Outbound(handle=str(person.id), text=text, **more)  # type: ignore[arg-type]


def options(*labels: str) -> tuple[Option, ...]:
    """One row of options, with tokens t1, t2 and so on."""
    return tuple(Option(label=one, token=f"t{n}", number=n) for n, one in enumerate(labels, 1))


class Inbox:
    """Takes in what a bot hands over; raises for as long as `broken` is set."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.offered: list[str] = []
        self.broken: Exception | None = None
        self._changed = asyncio.Event()

    async def receive(self, batch: Sequence[Inbound]) -> None:
        self.offered += [message.key for message in batch]
        self._changed.set()
        if self.broken is not None:
            raise self.broken
        self.taken += batch

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not there():
                self._changed.clear()
                await self._changed.wait()

    async def first(self) -> Inbound:
        await self.until(lambda: bool(self.taken))
        return self.taken[0]


@contextlib.asynccontextmanager
async def running(bot: TelegramBot, receive: Receive) -> AsyncIterator[None]:
    """The bot, started and receiving."""
    await bot.start()
    task = asyncio.create_task(bot.run(receive))
    try:
        yield
        assert not task.done(), "the receiving loop has ended by itself"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bot.close()
