"""Those who send one alert to many: the product, the libraries beside it, and the limit.

    python -m benchmarks.senders aiohttp-64 --url http://127.0.0.1:8081 --people 1000

What it is for
    `fan_out.py` starts each of them as a process of its own. Each imports and opens what it needs,
    says `ready`, waits for `go`, sends, and tells what that cost it.

Rules it keeps
    * Each is written as its own documentation writes it; none is slowed down.
    * All send the same words to the same chats, and none ends before every answer is there. The
      product ends when every acknowledgement is on disk.
    * What a client prepares once (a session, a connection pool) is opened before `go`; connections
      to the server are not.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from benchmarks.kit import Meter, answer, wait_for_go
from benchmarks.loopback import TOKEN

if TYPE_CHECKING:
    from responder.core.desk import Desk

FIRST: Final = 1_000_000
OPEN: Final = 64
WORDS: Final = (
    "The meeting place on Third Street is closed tonight. Do not go there. "
    "Whoever is on the way, please turn back and write to your coordinator."
)

Send = Callable[[range], Awaitable[None]]


async def _at_once(one: Callable[[int], Awaitable[object]], chats: Iterable[int]) -> None:
    """Send to each chat, with so many requests open at a time."""
    left = iter(chats)

    async def work() -> None:
        for chat in left:
            await one(chat)

    await asyncio.gather(*(work() for _ in range(OPEN)))


# --- the product ----------------------------------------------------------------------------------


@asynccontextmanager
async def _product(folder: Path, *, for_phones: bool) -> AsyncIterator[Send]:
    """One commit by the dispatcher, then the outbox; the last answer is on disk when it ends.

    With `for_phones` the words are for no other eyes, so that each is sealed for its reader's
    phone; otherwise anybody may read them.
    """
    from benchmarks import serving
    from benchmarks.town import FIRST_MEMBER

    # The bot loads aiogram beside its loop; that is start-up, and measured elsewhere.
    __import__("bots.telegram.updates")
    assert FIRST_MEMBER == FIRST
    serving.lift_pace()

    async with serving.machine(folder) as served:

        async def send(chats: range) -> None:
            dispatcher = served.dispatcher
            before = dispatcher.counts["sent"]
            await dispatcher.do(lambda desk: alert(desk, len(chats), sealed=for_phones))
            while dispatcher.counts["sent"] - before < len(chats) or _waiting(served.outbox):
                assert not dispatcher.counts["failed"]
                await asyncio.sleep(0.001)

        yield send


def _waiting(outbox: Any) -> bool:
    return any(outbox.depth().values())


def alert(desk: Desk, people: int, *, sealed: bool) -> None:
    """An urgent word to so many members, each in a message of its own."""
    from msgspec.structs import replace

    from responder.core.messages import Urgency
    from responder.core.spoken import Reply

    for person in desk.world.members()[:people]:
        reply = Reply(text=WORDS, notice="There is a word for you.", sealed=sealed)
        desk.reply(person, reply, "telegram")
    messages = desk.changes.messages
    messages[:] = [replace(message, urgency=Urgency.PAGE) for message in messages]


# --- libraries ------------------------------------------------------------------------------------


@asynccontextmanager
async def _aiogram(url: str, *, at_once: bool) -> AsyncIterator[Send]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    async with Bot(TOKEN, session=session) as bot:

        async def send(chats: range) -> None:
            if at_once:
                await _at_once(lambda chat: bot.send_message(chat, WORDS), chats)
                return
            for chat in chats:
                await bot.send_message(chat, WORDS)

        yield send


@asynccontextmanager
async def _telegram_bot(url: str) -> AsyncIterator[Send]:
    from telegram import Bot
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(connection_pool_size=OPEN)
    async with Bot(TOKEN, base_url=f"{url}/bot", request=request) as bot:

        async def send(chats: range) -> None:
            for chat in chats:
                await bot.send_message(chat, WORDS)

        yield send


@asynccontextmanager
async def _telegram_bot_64(url: str) -> AsyncIterator[Send]:
    from telegram import Bot
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(connection_pool_size=OPEN, pool_timeout=60)
    async with Bot(TOKEN, base_url=f"{url}/bot", request=request) as bot:

        async def send(chats: range) -> None:
            await _at_once(lambda chat: bot.send_message(chat, WORDS), chats)

        yield send


@asynccontextmanager
async def _apprise(url: str) -> AsyncIterator[Send]:
    """One address of Telegram with every chat in it, as its manual shows."""
    import apprise
    from apprise.plugins.telegram import NotifyTelegram

    NotifyTelegram.notify_url = f"{url}/bot"
    NotifyTelegram.request_rate_per_sec = 0

    async def send(chats: range) -> None:
        notifier = apprise.Apprise()
        assert notifier.add(f"tgram://{TOKEN}/" + "/".join(map(str, chats)))
        assert await notifier.async_notify(body=WORDS)

    yield send


@asynccontextmanager
async def _aiohttp(url: str) -> AsyncIterator[Send]:
    """Nothing is kept: whoever is not told when it ends is never told."""
    import aiohttp

    where = f"{url}/bot{TOKEN}/sendMessage"
    connector = aiohttp.TCPConnector(limit=OPEN)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(chat: int) -> None:
            async with session.post(where, json={"chat_id": chat, "text": WORDS}) as response:
                assert (await response.json())["ok"]

        async def send(chats: range) -> None:
            await _at_once(one, chats)

        yield send


# --- the limit ------------------------------------------------------------------------------------


class _Writer(asyncio.Protocol):
    """One connection that writes the next request as soon as the last one is answered."""

    def __init__(self, host: str, chats: Iterable[int]) -> None:
        self._head = (
            f"POST /bot{TOKEN}/sendMessage HTTP/1.1\r\nHost: {host}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._chats = chats
        self._held = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        chat = next(iter(self._chats), None)
        if chat is None:
            self._transport.close()
            self.done.set_result(None)
            return
        body = json.dumps({"chat_id": chat, "text": WORDS}).encode()
        self._transport.write(self._head + b"%d\r\n\r\n" % len(body) + body)

    def data_received(self, data: bytes) -> None:
        """The answer; what it says is looked at, as all others look at it."""
        self._held += data
        head, found, body = self._held.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.rpartition(b"Content-Length: ")[2]):
            assert json.loads(body)["ok"]
            self._held = b""
            self._next()


@asynccontextmanager
async def _raw(url: str) -> AsyncIterator[Send]:
    where = urlsplit(url)

    async def send(chats: range) -> None:
        loop, left = asyncio.get_running_loop(), iter(chats)
        writers = [
            await loop.create_connection(
                lambda: _Writer(where.netloc, left), str(where.hostname), where.port or 80
            )
            for _ in range(OPEN)
        ]
        await asyncio.gather(*(writer.done for _, writer in writers))

    yield send


# --- one of them ----------------------------------------------------------------------------------


def _sender(name: str, url: str, folder: Path) -> Any:
    match name:
        case "responder":
            return _product(folder, for_phones=False)
        case "responder-phones":
            return _product(folder, for_phones=True)
        case "aiogram-loop":
            return _aiogram(url, at_once=False)
        case "aiogram-64":
            return _aiogram(url, at_once=True)
        case "telegram-bot":
            return _telegram_bot(url)
        case "telegram-bot-64":
            return _telegram_bot_64(url)
        case "apprise":
            return _apprise(url)
        case "aiohttp-64":
            return _aiohttp(url)
        case "raw":
            return _raw(url)
    raise ValueError(name)


async def run(name: str, url: str, folder: Path, people: int, profile: str) -> None:
    """Get ready, send once told to, and tell what it cost."""
    meter = Meter()
    async with _sender(name, url, folder) as send:
        wait_for_go()
        looking = cProfile.Profile() if profile else nullcontext()
        with looking:
            meter.start()
            await send(range(FIRST, FIRST + people))
            found = meter.read()
        if isinstance(looking, cProfile.Profile):
            looking.dump_stats(profile)
    answer(found)


def main() -> None:
    """One sender, as the command line names it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name")
    options.add_argument("--url", required=True)
    options.add_argument("--people", type=int, required=True)
    options.add_argument("--folder", type=Path, default=Path())
    options.add_argument("--profile", default="")
    given = options.parse_args()
    asyncio.run(run(given.name, given.url, given.folder, given.people, given.profile))


if __name__ == "__main__":
    main()
