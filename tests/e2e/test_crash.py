"""Killed without a word, again and again: nothing that was taken in is lost, nothing is said twice.

The process is killed after a number of requests that a seed chooses, while six reports come in
over Telegram and a town of responders is paged over Signal. Between two lives the database is
looked at as the next life will find it.
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

import pytest

from bots.wording import REPEAT_MARK
from responder.core.model import Incident, Person, State
from responder.sealing import KeyFile
from responder.store import Store
from tests.e2e.process import Member, Sending, Town

SEED = 20
LIVES = 20
RESPONDERS = ("Heron", "Wren", "Otter", "Lark", "Plover", "Curlew", "Avocet", "Knot")
REPORTS = {
    "Mara": "Police are stopping kids in Northside",
    "Sol": "Someone was harassed in Northside",
    "Nuri": "A fight is about to turn in Northside",
    "Ines": "Police are stopping kids in Riverside",
    "Tomas": "Someone was harassed in Riverside",
    "Lea": "A fight is about to turn in Riverside",
}
SLOWEST_S = 0.8
"""A life in which fewer requests come than its seed says ends after so long."""


@asynccontextmanager
async def as_found(town: Town) -> AsyncIterator[Store]:
    """The database as the next start will find it, opened from a copy."""
    copy = town.folder / "copy"
    shutil.copytree(town.data, copy, ignore=shutil.ignore_patterns("*.sock"))
    try:
        store = await Store.open(copy / "network.db", KeyFile(town.home / "network.key").load())
        try:
            yield store
        finally:
            await store.close()
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
    """One town over many lives, and what was on its way at the end of each."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.chance = random.Random(SEED)
        self.said: list[Sending] = []
        self.on_the_way: set[tuple[str, str]] = set()
        self.doubled: list[Sending] = []

    def requests(self) -> int:
        """How many requests both platforms have had."""
        return len(self.town.signal.requests) + len(self.town.telegram.requests)

    async def lives_and_dies(self) -> None:
        """One life, killed after a number of requests."""
        until = self.requests() + self.chance.randint(1, 20)
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
        for sending in fresh:
            if words_of(sending) in before and "Incident" in sending.text:
                self.doubled.append(sending)
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


@asynccontextmanager
async def a_town() -> AsyncIterator[Town]:
    """Eight responders, a coordinator, and six neighbours for whom Heron stands; not running."""
    async with Town() as town:
        await town.starts()
        for name in RESPONDERS:
            await town.member(name)
        await town.member("Owl", roles=("coordinator",))
        for name in REPORTS:
            await town.vouches(town.members["Heron"], town.telegram.user(name))
        assert await town.stops() == 0
        yield town


async def paged(member: Member, code: str) -> None:
    """Wait until this member has the page of that incident."""
    await member.phone.sees(f"Incident {code}. Nobody goes alone")


@pytest.mark.timeout(60)
async def test_no_report_and_no_page_is_lost_and_no_acknowledged_one_repeated() -> None:
    """Six reports, twenty kills: six incidents, every page there, repeats only where in flight."""
    print(f"seed {SEED}")
    async with a_town() as town:
        lives = Lives(town)
        lives.said = list(town.sendings())
        reporters = {user.name: user for user in town.telegram.users.values()}
        waiting = list(REPORTS.items())
        for number in range(LIVES):
            if waiting and number % 2 == 0:
                name, text = waiting.pop()
                await reporters[name].writes(text)
            await lives.lives_and_dies()
        await town.starts()
        incidents = await town.ask("incident.list")
        told = {(one["kind"], one["neighbourhood"]) for one in incidents}
        assert len(incidents) == len(told) == len(REPORTS)
        for one in incidents:
            for name in RESPONDERS:
                await paged(town.members[name], one["code"])
        for name in REPORTS:
            await reporters[name].sees("We are asking people to come now")
        await town.dies()
        await lives.look()
        assert lives.doubled, "no kill hit a message in flight: choose another seed"


@pytest.mark.timeout(60)
async def test_deadlines_outlive_the_process() -> None:
    """A check-in that fell due while the process was dead is asked for after the restart."""
    async with a_town() as town:
        await town.starts()
        reporter = next(u for u in town.telegram.users.values() if u.name == "Mara")
        await reporter.writes(REPORTS["Mara"])
        pair = [town.members[name] for name in ("Heron", "Wren")]
        for mate in pair:
            await mate.answers("Going, 10 min")
        for mate in pair:
            await mate.answers("I have it")
        for mate in pair:
            await mate.reads("Go, and stay together")
        await town.passes(minutes=18)
        await town.dies()
        await town.passes(minutes=2.5)
        await town.starts()
        for mate in pair:
            await mate.reads("Your check-in is due")
        async with as_found(town) as store:
            (incident,) = await store.load(Incident)
            assert incident.state is State.OUT
