"""The Signal bot's attachments, its health, its end, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest
import structlog

from bots.signal.bot import SignalBot
from responder.core.model import Media, MediaKind
from responder.ports import (
    Channel,
    Rejected,
    SendError,
    Unreachable,
    Unsure,
)
from tests.e2e.signal_server import OUR_NUMBER, SignalServer
from tests.e2e.signal_users import FakeUser
from tests.unit.signal.kit import Desk, a_bot, receiving, to


async def test_media_is_fetched_up_to_a_limit_and_forgotten(
    server: SignalServer, bot: SignalBot, desk: Desk, heron: FakeUser
) -> None:
    ref = await heron.sends_attachment(b"x" * 1000, "image/png")
    [message] = await desk.has(1)
    assert await bot.media(message.media[0], 1000) == b"x" * 1000
    with pytest.raises(Rejected, match="larger"):
        await bot.media(message.media[0], 999)
    await bot.forget_media(message.media[0])
    assert server.attachments_deleted == [ref]
    with pytest.raises(Rejected, match="no more"):
        await bot.media(message.media[0], 1000)


async def test_forgetting_never_raises(server: SignalServer, bot: SignalBot) -> None:
    await bot.forget_media(Media(channel="signal", ref="gone", kind=MediaKind.FILE))
    await bot.forget_media(Media(channel="signal", ref="../../v2/send", kind=MediaKind.FILE))
    await server.goes_down()
    await bot.forget_media(Media(channel="signal", ref="gone", kind=MediaKind.FILE))
    await bot.answer_press("", "")
    assert [request.path for request in server.requests] == ["/v1/attachments/gone"]


@pytest.mark.parametrize(
    ("about", "words"),
    [({"mode": "normal"}, "json-rpc"), ({"version": "0.99"}, "too old"), ({}, "")],
)
async def test_health_names_what_is_wrong_with_the_service(
    server: SignalServer, bot: SignalBot, about: dict[str, str], words: str
) -> None:
    server.about |= about
    health = await bot.health()
    assert health.ok is (not words)
    assert words in health.detail


async def test_health_tells_of_an_account_that_is_not_there_and_of_being_detached(
    server: SignalServer, bot: SignalBot, desk: Desk
) -> None:
    assert (await bot.health()).ok
    server.accounts = []
    assert "signal.number" in (await bot.health()).detail
    await server.goes_down()
    detail = (await bot.health()).detail
    assert "cannot be reached" in detail
    assert OUR_NUMBER not in detail


async def test_closing_leaves_the_event_loop_running(server: SignalServer, heron: FakeUser) -> None:
    async with a_bot(server) as bot:
        async with receiving(bot, Desk()):
            await server.is_attached()
            server.hangs_next()
            hanging = asyncio.create_task(bot.send(to(heron)))
            await heron.sees("you are asked")
        await bot.close()
        with pytest.raises(SendError):
            await hanging
    assert asyncio.get_running_loop().is_running()


async def test_a_line_outlives_the_time_that_a_request_may_take(
    server: SignalServer, heron: FakeUser
) -> None:
    desk = Desk()
    async with a_bot(server, timeout_s=0.1) as bot, receiving(bot, desk):
        await server.is_attached()
        server.hangs_next()
        with pytest.raises(Unsure):
            await bot.send(to(heron))
        await heron.writes("later than any time-out")
        await desk.has(1)
    assert server.times_attached == 1


def test_it_is_a_channel() -> None:
    channel: Channel = SignalBot(OUR_NUMBER)
    assert (channel.name, channel.private, channel.buttons) == ("signal", True, False)


async def test_logs_hold_nothing_of_anyone(
    server: SignalServer,
    bot: SignalBot,
    desk: Desk,
    heron: FakeUser,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.faults = 1
    with structlog.testing.capture_logs() as events:
        await heron.writes("canary words")
        await server.frame('{"error": "canary error"}')
        await server.deliver(heron.envelope(dataMessage={"message": "canary bare"}))
        await desk.has(2)
        server.answers_next(400, {"error": f'Unregistered user "{heron.number}" canary'})
        with pytest.raises(Unreachable):
            await bot.send(to(heron, "canary out"))
        await server.closes(1000)
        await server.is_attached(times=2)
    told = f"{events}{caplog.text}{capfd.readouterr()}"
    assert events
    for secret in ("canary", heron.uuid, heron.number, OUR_NUMBER):
        assert secret not in told


ALONE = """
import asyncio, sys
from bots.signal.bot import SignalBot
from responder.ports import Outbound
async def main():
    bot = SignalBot(sys.argv[1], service_url=sys.argv[2])
    await bot.start()
    await bot.send(Outbound(handle=sys.argv[3], text="due"))
    await bot.close()
    assert "signalbot" not in sys.modules and "pydantic" not in sys.modules
asyncio.run(main())
"""


async def test_sending_works_without_signalbot(server: SignalServer, heron: FakeUser) -> None:
    arguments = [sys.executable, "-c", ALONE, OUR_NUMBER, server.url, heron.uuid]
    process = await asyncio.create_subprocess_exec(*arguments)
    assert await process.wait() == 0
    await heron.sees("due")
