"""Killed without a word, again and again: nothing that was taken in is lost, nothing is said twice.

The process is killed after a number of requests that a seed chooses, while six reports come in
over Telegram and a town of responders is paged over Signal. Between two lives the database is
looked at as the next life will find it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from responder.core.model import Incident, State
from tests.e2e.lives import Lives, as_found
from tests.e2e.process import Member, Town

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


async def test_no_report_and_no_page_is_lost_and_no_acknowledged_one_repeated() -> None:
    """Six reports, twenty kills: six incidents, every page there, repeats only where in flight."""
    print(f"seed {SEED}")
    async with a_town() as town:
        lives = Lives(town, SEED)
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
        assert any(lives.doubled), "no kill hit a message in flight: choose another seed"


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
