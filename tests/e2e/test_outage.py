"""Platforms that fail, a process that was away, and how it starts, stops and keeps others out."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.process import Town
from tests.e2e.test_stories import GO, a_pair_is_out

HANGS_S = 20.0
"""After so long the Signal bot gives up a request by itself; a stop does not wait for that."""


@pytest_asyncio.fixture
async def town() -> AsyncIterator[Town]:
    """A running network: Heron and Otter respond, Fox verifies."""
    async with Town() as town:
        await town.starts()
        await town.member("Heron")
        await town.member("Otter")
        await town.member("Fox", roles=("verifier",))
        yield town


# --- platforms --------------------------------------------------------------------------------


async def test_telegram_may_be_down_at_the_start_and_come_later(town: Town) -> None:
    """Signal works meanwhile; what a reporter on Telegram is owed waits and arrives."""
    mara = town.telegram.user("Mara")
    await mara.writes("Police stop a bus in Northside")
    fox = town.members["Fox"]
    await fox.reads("Please check this report")
    await mara.sees("One of our people checks it first")
    await town.dies()
    await town.telegram.goes_down()
    await town.starts()
    await fox.answers("Confirm")
    await town.members["Heron"].reads("Needed: Two people to watch")
    await mara.writes("It is still going on")
    await town.telegram.listen()
    await mara.sees("We are asking people to come now")
    await mara.sees("Thank you, I have that")
    assert len(town.told(mara, "We are asking people")) == 1


@pytest.mark.parametrize("way", ["1000", "1001", "cut", "error", "garbage"])
async def test_signal_is_heard_again_however_its_line_ended(town: Town, way: str) -> None:
    """A graceful close, a cut line, a frame that is none: the next message is answered."""
    before = town.signal.times_attached
    match way:
        case "cut":
            town.signal.cut()
        case "error":
            await town.signal.frame('{"error": "the daemon said something odd"}')
        case "garbage":
            await town.signal.frame("{not even json")
        case code:
            await town.signal.closes(int(code))
    if way in ("1000", "1001", "cut"):
        await town.signal.is_attached(times=before + 1)
    sol = town.signal.user("Sol")
    await sol.writes("Police stop a bus in Northside")
    answer = await sol.sees("Your message has arrived")
    assert answer in sol.screen


async def test_a_platform_that_asks_for_patience_gets_it(town: Town) -> None:
    """Telegram says 429 for a second: the answer comes once, after that second."""
    mara = town.telegram.user("Mara")
    town.telegram.fault("429", method="sendMessage", retry_after=1)
    began = time.monotonic()
    await mara.writes("hello")
    await mara.sees("Hello, this is Demo Watch")
    assert time.monotonic() - began >= 1.0
    assert len(mara.screen) == 1


async def test_an_answer_that_was_lost_is_repeated_with_a_mark(town: Town) -> None:
    """Telegram took a message and broke off: it is sent once more, marked, and no third time."""
    mara = town.telegram.user("Mara")
    town.telegram.fault("lose-answer", method="sendMessage")
    await mara.writes("hello")
    first = await mara.sees("Hello, this is Demo Watch")
    again = await mara.sees("\N{CLOCKWISE OPEN CIRCLE ARROW} Hello", after=first.id)
    assert [one.id for one in mara.screen] == [first.id, again.id]


# --- away for a while -------------------------------------------------------------------------


async def test_a_team_out_there_hears_first_that_the_network_is_back() -> None:
    """Dead for five minutes: those who are out are asked first, before any library is loaded."""
    async with Town() as town:
        await town.passes(minutes=-5)
        await town.starts()
        heron, otter = await town.member("Heron"), await town.member("Otter")
        neighbour = await a_pair_is_out(town, "Siskin")
        await town.dies()
        before = len(town.signal.requests)
        polls = len(town.telegram.calls("getUpdates"))
        await town.starts(plain=True, attached=False)
        for mate in (heron, otter):
            await mate.reads("The network was silent for a while and works again")
        assert len(town.telegram.calls("getUpdates")) == polls
        await neighbour.sees("Our network was down for a while")
        since = [one for one in town.sendings() if one.channel == "signal" and one.number >= before]
        first = since[:2]
        assert {one.to for one in first} == {heron.phone.handle, otter.phone.handle}
        assert all("was silent for a while" in one.text for one in first)


# --- starting and stopping --------------------------------------------------------------------


async def test_it_stops_within_seconds_and_goes_on_where_it_was(town: Town) -> None:
    """SIGTERM to a plain start, with a request that hangs: exit code 0, the rest after the next."""
    await town.dies()
    await town.starts(plain=True)
    neighbour = town.signal.user("Dipper")
    town.signal.hangs_next()
    await neighbour.writes("Police stop a bus in Northside")
    await town.signal.until(lambda: neighbour.screen)
    began = time.monotonic()
    assert await town.stops() == 0
    assert time.monotonic() - began < HANGS_S
    await town.starts()
    await neighbour.sees("Your message has arrived")
    await town.members["Fox"].reads("Please check this report")


async def test_nobody_runs_a_network_twice(town: Town) -> None:
    """A second `run` refuses and says why; the first goes on."""
    second = await town.command("run")
    assert await second.ended() == 3
    assert "already running" in second.told and "Traceback" not in second.told
    asked = await town.members["Heron"].phone.writes("status")
    await town.members["Heron"].phone.sees("You are on call until", after=asked)


async def test_a_member_added_at_the_command_line_is_there_at_once(town: Town) -> None:
    """`responder member add` on the running network, as people type it."""
    command = await town.command("member", "add", "Wren", "--json", plain=True)
    assert await command.ended() == 0, command.told
    wren = town.signal.user("Wren")
    await wren.writes(f"join {json.loads(bytes(command.out.data))['code']}")
    await wren.sees("Welcome, Wren")


async def test_a_shift_added_at_the_command_line_pages_at_once(town: Town) -> None:
    """Somebody whose shifts were added a moment ago is paged for the next report."""
    await town.ask(
        "member.add", call_sign="Wren", neighbourhoods=["northside"], roles=["responder"]
    )
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        await town.cli("shift", "add", "Wren", f"{day} 00:00-00:00")
    (northside, _) = await town.cli("shift", "oncall")
    assert "Wren" in [one["call_sign"] for one in northside["people"]]


async def test_what_was_ordered_while_it_was_stopped_holds(town: Town) -> None:
    """The command line works on the folder of a stopped network too."""
    assert await town.stops() == 0
    added = await town.cli("member", "add", "Wren")
    await town.starts()
    wren = town.signal.user("Wren")
    await wren.writes(f"join {added['code']}")
    await wren.sees("Welcome, Wren")


async def test_a_team_goes_over_one_platform_while_the_other_is_down(town: Town) -> None:
    """Without Telegram a whole response over Signal works, from the report to the word go."""
    await town.telegram.close()
    await a_pair_is_out(town, "Nuthatch")
    assert town.told(town.members["Heron"].phone, GO)
