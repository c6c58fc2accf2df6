"""One town over many lives: killed at moments that a seed chooses, and looked at in between.

What it is for
    `Lives(town, seed)` kills the process after a number of requests, again and again, and holds
    what each life said to what the database knew at the end of the one before.

Rules it keeps
    * Said again is only what had no acknowledgement on disk, and it bears the mark of a repeat.
    * The database is looked at in a copy, as the next start will find it.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bots.wording import REPEAT_MARK
from responder.core.model import Person
from responder.storage.keyfile import KeyFile
from responder.storage.store import Store
from tests.e2e.process import Sending, Town

SLOWEST_S = 0.8
"""A life in which fewer requests come than its seed says ends after so long."""


@asynccontextmanager
async def opened(data: Path, town: Town) -> AsyncIterator[Store]:
    """The town's database in that folder, which nobody serves."""
    store = await Store.open(data / "network.db", KeyFile(town.home / "network.key").load())
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def as_found(town: Town) -> AsyncIterator[Store]:
    """The database as the next start will find it, opened from a copy."""
    copy = town.folder / "copy"
    shutil.copytree(town.data, copy, ignore=shutil.ignore_patterns("*.sock"))
    try:
        async with opened(copy, town) as store:
            yield store
    finally:
        shutil.rmtree(copy)


def is_whole(folder: Path) -> bool:
    """Whether the database passes SQLite's own check."""
    with sqlite3.connect(folder / "network.db") as raw:
        (said,) = raw.execute("PRAGMA integrity_check").fetchone()
    raw.close()
    return bool(said == "ok")


def words_of(sending: Sending) -> tuple[str, str]:
    """Who was told what, whether as a repeat or not; answers' numbers stand below the words."""
    words = re.split(r"\n\n\d+  ", sending.text.removeprefix(f"{REPEAT_MARK} "))[0]
    return sending.to, words


class Lives:
    """What was said over all lives, and what was on its way at the end of the last.

    Each life ends after 1 to `most` requests. `doubled` holds what was said again, a list a life.
    """

    def __init__(self, town: Town, seed: int, most: int = 20) -> None:
        self.town = town
        self.most = most
        self.chance = random.Random(seed)
        self.said: list[Sending] = []
        self.on_the_way: set[tuple[str, str]] = set()
        self.doubled: list[list[Sending]] = []

    def requests(self) -> int:
        """How many requests both platforms have had."""
        return len(self.town.signal.requests) + len(self.town.telegram.requests)

    async def lives_and_dies(self) -> None:
        """One life, killed after a number of requests."""
        until = self.requests() + self.chance.randint(1, self.most)
        await self.town.starts(attached=False)
        with suppress(TimeoutError, AssertionError):
            async with asyncio.timeout(SLOWEST_S):
                await either(self.town, lambda: self.requests() >= until)
        await self.town.dies()
        await self.look()

    async def look(self) -> None:
        """Hold what this life said to what was on its way, and see what is on its way now."""
        assert is_whole(self.town.data)
        fresh = fresh_of(list(self.town.sendings()), self.said)
        before = {words_of(one) for one in self.said}
        self.doubled.append([])
        for sending in fresh:
            if words_of(sending) in before and "Incident" in sending.text:
                self.doubled[-1].append(sending)
                assert words_of(sending) in self.on_the_way, f"said again: {sending}"
                assert sending.text.startswith(REPEAT_MARK), f"not marked: {sending}"
        self.said += fresh
        async with as_found(self.town) as store:
            people = {p.id: p for p in await store.load(Person)}
            self.on_the_way = {
                (address.handle, text)
                for one in await store.waiting()
                for address in people[one.message.to].addresses
                for text in (one.message.text, one.message.notice)
            }


def fresh_of(now: list[Sending], before: list[Sending]) -> list[Sending]:
    """What was said since."""
    known = {(one.channel, one.number) for one in before}
    return [one for one in now if (one.channel, one.number) not in known]


async def either(town: Town, there: Callable[[], bool]) -> None:
    """Wait until it is so, woken by either platform."""
    waits = [
        asyncio.create_task(town.signal.until(there, 60)),
        asyncio.create_task(town.telegram.until(there, 60)),
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
