"""Whether the Signal bot still hears, judged by what reaches it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bots.signal.bot import SignalBot
from bots.signal.hearing import DYING
from tests.e2e.signal_server import SignalServer
from tests.e2e.signal_users import FakeUser
from tests.ports import PATIENCE_S
from tests.unit.signal.kit import Clock, Desk, a_bot, receiving, to

SECOND = "+15555550101"


async def test_a_probe_comes_back_and_is_no_message(
    server: SignalServer, clock: Clock, heron: FakeUser
) -> None:
    server.adds_account(SECOND)
    desk = Desk()
    async with a_bot(server, probe_number=SECOND, clock=clock) as bot, receiving(bot, desk):
        await server.is_attached()
        for _ in range(3):
            clock.at += 60
            await bot.probe()
            await server.until(lambda: bot.heard_at and bot.heard_at.timestamp() == clock.at)
        await heron.writes("a person")
        assert [message.text for message in await desk.has(1)] == ["a person"]
    assert len(server.ours) == 1, "those before it were taken back"


async def test_a_service_that_delivers_nothing_brings_no_probe_back(
    server: SignalServer, clock: Clock
) -> None:
    server.adds_account(SECOND)
    server.delivers_nothing = True
    async with a_bot(server, probe_number=SECOND, clock=clock) as bot, receiving(bot, Desk()):
        await server.is_attached()
        await bot.probe()
        await bot.probe()
        assert bot.heard_at is None


async def test_without_a_second_number_three_silent_phones_speak_against_it(
    server: SignalServer, clock: Clock, heron: FakeUser
) -> None:
    desk = Desk()
    async with a_bot(server, clock=clock) as bot, receiving(bot, desk):
        await server.is_attached()
        for name in ("Heron", "Wren", "Otter"):
            await bot.send(to(server.user(name)))
        await bot.probe()
        assert bot.heard_at is not None, "they have a minute to confirm"
        before = bot.heard_at
        clock.at += 61
        await bot.probe()
        assert bot.heard_at == before
        await heron.writes("here I am")
        await desk.has(1)
        assert bot.heard_at > before


async def test_a_phone_that_confirms_speaks_for_us_and_is_no_message(
    server: SignalServer, clock: Clock
) -> None:
    desk = Desk()
    async with a_bot(server, clock=clock) as bot, receiving(bot, desk):
        await server.is_attached()
        wren, *_ = people = [server.user(name) for name in ("Wren", "Otter", "Badger")]
        for person in people:
            await bot.send(to(person))
        receipt = {"when": 1, "isDelivery": True, "isRead": False, "timestamps": [1]}
        clock.at += 61
        await server.deliver(wren.envelope(receiptMessage=receipt))
        await it_is(lambda: bot.heard_at is not None)
        before = bot.heard_at
        clock.at += 61
        await bot.probe()
        assert before is not None and bot.heard_at is not None and bot.heard_at > before
    assert desk.messages == []


async def it_is(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not there():
            await asyncio.sleep(0)


async def its_line(bot: SignalBot, *, up: bool) -> None:
    await it_is(lambda: bool(bot._faults_of_line()) is not up)


def attached(bot: SignalBot) -> bool:
    return bot._socket is not None and bot._socket.attached


async def test_a_line_that_was_away_is_told_as_a_gap_once(
    server: SignalServer, clock: Clock
) -> None:
    async with a_bot(server, clock=clock) as bot, receiving(bot, Desk()):
        await server.is_attached()
        await server.goes_down()
        await its_line(bot, up=False)
        clock.at += 90
        await server.goes_up()
        await its_line(bot, up=True)
        [(since, until)] = bot.take_gaps()
        assert (until - since).total_seconds() == 90
        assert not bot.take_gaps()


# --- a start ------------------------------------------------------------------------------------


def absent(clock: Clock, seconds: float) -> datetime:
    """When the process was last there; the clock goes on by so much."""
    since = datetime.fromtimestamp(clock.at, UTC)
    clock.at += seconds
    return since


@pytest.mark.parametrize("receive", ["websocket", "webhook"])
@pytest.mark.parametrize(("away_s", "gaps"), [(40, [40]), (3, [])])
async def test_what_came_while_the_service_ran_and_nobody_was_there_is_a_gap(
    server: SignalServer, clock: Clock, receive: str, away_s: float, gaps: list[float]
) -> None:
    async with a_bot(server, clock=clock, receive=receive, webhook_port=0) as bot:
        bot.unattended(absent(clock, away_s), clean=True)
        async with receiving(bot, Desk()):
            await it_is(lambda: attached(bot))
            assert lengths(bot) == gaps


@pytest.mark.parametrize(
    ("receive", "clean", "gaps"),
    [
        ("webhook", True, []),
        ("webhook", False, [DYING.total_seconds()]),
        ("websocket", True, [3600]),
    ],
)
async def test_where_the_service_was_off_as_well_only_a_webhook_gets_all_that_waited(
    server: SignalServer, clock: Clock, receive: str, clean: bool, gaps: list[float]
) -> None:
    await server.goes_down()
    async with a_bot(server, clock=clock, receive=receive, webhook_port=0) as bot:
        bot.unattended(absent(clock, 3600), clean=clean)
        async with receiving(bot, Desk()):
            await it_is(lambda: bot._hearing._absence is None)
            await server.goes_up()
            await it_is(lambda: attached(bot))
            assert lengths(bot) == gaps


async def test_a_first_start_before_its_service_misses_nothing(
    server: SignalServer, clock: Clock
) -> None:
    await server.goes_down()
    async with a_bot(server, clock=clock) as bot, receiving(bot, Desk()):
        await its_line(bot, up=False)
        clock.at += 90
        await server.goes_up()
        await server.is_attached()
        await its_line(bot, up=True)
        assert bot.take_gaps() == []


def lengths(bot: SignalBot) -> list[float]:
    return [(until - since).total_seconds() for since, until in bot.take_gaps()]


async def test_health_tells_of_deafness(server: SignalServer) -> None:
    async with a_bot(server) as bot:
        bot.judged(deaf=True)
        assert "messages do not arrive" in (await bot.health()).detail
        bot.judged(deaf=False)
        assert (await bot.health()).ok


async def test_what_the_service_says_itself_is_no_sign_that_signal_works(
    server: SignalServer, bot: SignalBot, desk: Desk, heron: FakeUser
) -> None:
    await server.frame('{"error": "Lost connection"}')
    await server.frame("[]")
    assert bot.heard_at is None
    await heron.writes("but this is")
    await desk.has(1)
    assert bot.heard_at is not None


@pytest.mark.parametrize(
    ("host", "path", "guarded"),
    [
        ("127.0.0.1", "/signal", True),
        ("172.30.0.1", "/signal", True),
        ("0.0.0.0", "/signal", False),
        ("0.0.0.0", "/k3j9x2m4q8r7t5w1", True),
    ],
)
async def test_health_tells_of_a_webhook_that_everybody_reaches(
    server: SignalServer, host: str, path: str, guarded: bool
) -> None:
    more = {"receive": "webhook", "webhook_host": host, "webhook_path": path}
    async with a_bot(server, **more) as bot:
        assert ("can speak as any member" in (await bot.health()).detail) is not guarded
