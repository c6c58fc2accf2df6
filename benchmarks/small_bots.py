"""Two small bots that page twenty people for each report: what the product is held against.

    python -m benchmarks.small_bots raw --url http://127.0.0.1:8081 --folder FOLDER --members 10000

What it is for
    `raw` is the least that keeps what it took in: an asyncio loop, SQLite, sockets, no library.
    `aiogram` is what a good tutorial would write with aiogram and aiosqlite. Neither knows trust,
    rosters, teams, sealing, retries or limits.

Rules it keeps
    * Both have a report on disk before they page anybody, and each page before it leaves.
    * Both thank the reporter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
from collections import deque
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks import kit
from benchmarks.loopback import TOKEN
from benchmarks.town import Town, members_of, place_name

OPEN: Final = 64
PAGE: Final = "People are needed to watch a police stop, from a distance. Can you go?"
THANKS: Final = "Thank you. We are asking people to come now."
_TABLES: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE member (chat INTEGER PRIMARY KEY, place TEXT);
CREATE INDEX member_place ON member (place);
CREATE TABLE report (id INTEGER PRIMARY KEY, chat INTEGER, text TEXT);
CREATE TABLE page (id INTEGER PRIMARY KEY, chat INTEGER, report INTEGER, sent INTEGER DEFAULT 0);
"""


def _make(path: Path, town: Town) -> None:
    """A database with the members of every neighbourhood."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.executescript(_TABLES)
        rows = (
            (chat, place_name(place))
            for place in range(town.neighbourhoods)
            for chat in members_of(place, town)
        )
        database.executemany("INSERT INTO member VALUES (?, ?)", rows)
    database.close()


# --- raw ------------------------------------------------------------------------------------------


class _Caller:
    """A kept-alive connection that calls one method after the other."""

    def __init__(self, url: str) -> None:
        self._where = urlsplit(url)
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> _Caller:
        host, port = self._where.hostname, self._where.port
        self._reader, self._writer = await asyncio.open_connection(host, port, limit=1 << 20)
        return self

    async def call(self, method: str, params: dict[str, object]) -> Any:
        body = json.dumps(params).encode()
        head = (
            f"POST /bot{TOKEN}/{method} HTTP/1.1\r\nHost: {self._where.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        told = await self._reader.readuntil(b"\r\n\r\n")
        size = int(told.rpartition(b"Content-Length: ")[2])
        return json.loads(await self._reader.readexactly(size))["result"]


class _Raw:
    """One loop that takes in, one that sends, one database; a commit for each batch."""

    def __init__(self, url: str, database: Path) -> None:
        self._url = url
        self._database = sqlite3.connect(database, isolation_level=None)
        self._database.execute("PRAGMA synchronous = FULL")
        self._due: deque[tuple[int, int, str]] = deque()
        self._sent: list[int] = []
        self._wake = asyncio.Condition()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(OPEN):
                tasks.create_task(self._send())
            tasks.create_task(self._listen())

    async def _listen(self) -> None:
        caller, offset = await _Caller(self._url).open(), 0
        while True:
            updates = await caller.call("getUpdates", {"offset": offset, "timeout": 25})
            if updates:
                offset = updates[-1]["update_id"] + 1
                self._commit([update["message"] for update in updates])
                async with self._wake:
                    self._wake.notify(OPEN)

    def _commit(self, messages: list[dict[str, Any]]) -> None:
        run = self._database.execute
        run("BEGIN")
        for id in self._sent:
            run("UPDATE page SET sent = 1 WHERE id = ?", (id,))
        self._sent.clear()
        for message in messages:
            chat, text = message["chat"]["id"], message["text"]
            report = run("INSERT INTO report (chat, text) VALUES (?, ?)", (chat, text)).lastrowid
            place = text.rpartition(" ")[2]
            found = run("SELECT chat FROM member WHERE place = ?", (place,)).fetchall()
            for (to,) in (*found, (chat,)):
                page = run("INSERT INTO page (chat, report) VALUES (?, ?)", (to, report)).lastrowid
                self._due.append((page or 0, to, THANKS if to == chat else PAGE))
        run("COMMIT")

    async def _send(self) -> None:
        caller = await _Caller(self._url).open()
        while True:
            while not self._due:
                async with self._wake:
                    await self._wake.wait()
            id, chat, text = self._due.popleft()
            await caller.call("sendMessage", {"chat_id": chat, "text": text})
            self._sent.append(id)
            if len(self._sent) >= OPEN:
                self._commit([])


# --- aiogram and aiosqlite ------------------------------------------------------------------------


async def _tutorial(url: str, path: Path) -> None:
    """A router with one handler, one connection to the database, and aiogram's own polling."""
    import aiosqlite
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    dispatcher = Dispatcher()
    async with aiosqlite.connect(path) as database:
        await database.execute("PRAGMA synchronous = FULL")

        @dispatcher.message()
        async def reported(message: Message) -> None:
            text = message.text or ""
            report = await database.execute_insert(
                "INSERT INTO report (chat, text) VALUES (?, ?)", (message.chat.id, text)
            )
            await database.commit()
            await message.answer(THANKS)
            place = text.rpartition(" ")[2]
            found = await database.execute_fetchall(
                "SELECT chat FROM member WHERE place = ?", (place,)
            )
            for (chat,) in found:
                page = await database.execute_insert(
                    "INSERT INTO page (chat, report) VALUES (?, ?)", (chat, report and report[0])
                )
                await database.commit()
                await bot.send_message(chat, PAGE)
                await database.execute("UPDATE page SET sent = 1 WHERE id = ?", page)
                await database.commit()

        await dispatcher.start_polling(bot, handle_signals=False)


async def _run(name: str, url: str, path: Path) -> None:
    if name == "raw":
        await _Raw(url, path).run()
    else:
        await _tutorial(url, path)


def main() -> None:
    """Serve until ended."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", choices=("raw", "aiogram"))
    options.add_argument("--url", required=True)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--members", type=int, required=True)
    options.add_argument("--neighbourhoods", type=int, required=True)
    given = options.parse_args()
    town = Town(members=given.members, neighbourhoods=given.neighbourhoods)
    path = given.folder / f"{given.name}.db"
    _make(path, town)
    kit.wait_for_go()
    asyncio.run(_run(given.name, given.url, path))


if __name__ == "__main__":
    main()
