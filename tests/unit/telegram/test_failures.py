"""What failures of Telegram mean to the outbox, and what they must never give away."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import traceback

import pytest

from bots.telegram.bot import TelegramBot
from responder.core.model import Media, MediaKind
from responder.ports import (
    Outbound,
    Rejected,
    RetryLater,
    SendError,
    Unreachable,
    Unsure,
)
from tests.e2e.telegram_server import TOKEN, FakeUser, FaultKind, TelegramServer
from tests.unit.telegram.kit import CANARY, Inbox, a_bot, a_message, running


async def failure(bot: TelegramBot, person: FakeUser) -> SendError:
    """The error that sending to that person ends in."""
    with pytest.raises(SendError) as caught:
        await bot.send(a_message(person, CANARY))
    return caught.value


@pytest.mark.parametrize(
    ("kind", "expected", "after_s"),
    [
        ("429", RetryLater, 7.0),
        ("429-bare", RetryLater, None),
        ("502", RetryLater, None),
        ("garbled", Unsure, None),
        ("drop", Unsure, None),
        ("lose-answer", Unsure, None),
    ],
)
async def test_a_fault_of_the_platform_says_whether_and_when_to_repeat(
    bot: TelegramBot,
    server: TelegramServer,
    heron: FakeUser,
    kind: FaultKind,
    expected: type[SendError],
    after_s: float | None,
) -> None:
    server.fault(kind, retry_after=7)
    error = await failure(bot, heron)
    assert type(error) is expected
    if isinstance(error, RetryLater):
        assert (error.after_s, error.whole) == (after_s, True)


@pytest.mark.parametrize(
    ("status", "description", "expected"),
    [
        (403, "Forbidden: bot was blocked by the user", Unreachable),
        (403, "Forbidden: user is deactivated", Unreachable),
        (400, "Bad Request: chat not found", Unreachable),
        (400, "Bad Request: PEER_ID_INVALID", Unreachable),
        (400, f"Bad Request: can't parse {CANARY}", Rejected),
        (413, "Request Entity Too Large", Rejected),
        (401, "Unauthorized", RetryLater),
        (404, "Not Found", RetryLater),
        (500, "Internal Server Error", RetryLater),
        (429, "Too Many Requests: chat is flooded", RetryLater),
    ],
)
async def test_a_refusal_means_one_kind_of_error_and_never_quotes(
    bot: TelegramBot,
    server: TelegramServer,
    heron: FakeUser,
    status: int,
    description: str,
    expected: type[SendError],
) -> None:
    body = {"ok": False, "error_code": status, "description": description}
    server.fault("reply", status=status, body=json.dumps(body))
    error = await failure(bot, heron)
    assert isinstance(error, expected)
    assert CANARY not in str(error)
    assert getattr(error, "whole", None) is {429: False}.get(
        status, True if expected is RetryLater else None
    )


async def test_people_who_never_wrote_or_block_the_bot_are_unreachable(
    bot: TelegramBot, server: TelegramServer, heron: FakeUser
) -> None:
    assert isinstance(await failure(bot, server.user("Badger")), Unreachable)
    await heron.blocks_bot()
    assert isinstance(await failure(bot, heron), Unreachable)


@pytest.mark.parametrize("handle", ["", "@channel", "-100500", "12x"])
async def test_only_private_chats_are_written_to(
    bot: TelegramBot, server: TelegramServer, handle: str
) -> None:
    with pytest.raises(Unreachable):
        await bot.send(Outbound(handle=handle, text="hello"))
    assert server.requests == []


async def test_an_answer_that_does_not_come_in_time_may_have_been_delivered(
    bot: TelegramBot,
    server: TelegramServer,
    heron: FakeUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bots.telegram.bot.CALL_S", 0.05)
    server.fault("hang")
    assert isinstance(await failure(bot, heron), Unsure)


async def test_a_server_that_cannot_be_reached_has_certainly_delivered_nothing(
    server: TelegramServer, heron: FakeUser
) -> None:
    bot = a_bot(server, api_url="http://127.0.0.1:1")
    await bot.start()
    error = await failure(bot, heron)
    await bot.close()
    assert type(error) is RetryLater and error.whole


async def test_sending_before_start_or_after_close_is_to_be_tried_later(
    server: TelegramServer, heron: FakeUser
) -> None:
    bot = a_bot(server)
    assert isinstance(await failure(bot, heron), RetryLater)
    await bot.start()
    await bot.close()
    assert isinstance(await failure(bot, heron), RetryLater)


async def test_pressing_is_answered_without_ever_raising(
    bot: TelegramBot, server: TelegramServer
) -> None:
    await bot.answer_press("", "nothing to answer")
    await bot.answer_press("unknown", "x" * 500)
    server.fault("502")
    await bot.answer_press("unknown", "hello")
    assert len(server.calls("answerCallbackQuery")[0]["text"]) == 200


async def test_a_file_that_is_gone_or_lies_outside_is_rejected(
    bot: TelegramBot, server: TelegramServer
) -> None:
    item = Media(channel="telegram", ref="unknown", kind=MediaKind.PICTURE)
    with pytest.raises(Rejected):
        await bot.media(item, 100)
    for path in ("/etc/passwd", "../bot/getMe", "photos/none.jpg"):
        found = {"ok": True, "result": {"file_path": path}}
        server.fault("reply", method="getFile", status=200, body=json.dumps(found))
        with pytest.raises(Rejected):
            await bot.media(item, 100)


async def test_health_tells_a_bad_token_from_an_outage(server: TelegramServer) -> None:
    good, bad = a_bot(server), TelegramBot("1:wrong", api_url=server.url)
    await good.start()
    await bad.start()
    assert (await good.health()).ok
    refused = await bad.health()
    server.fault("502")
    outage = await good.health()
    await good.close()
    await bad.close()
    assert (refused.ok, outage.ok) == (False, False)
    assert "telegram.token" in refused.detail and "telegram.token" not in outage.detail


def every_word_of(error: BaseException | None) -> str:
    """All text of an exception, with all exceptions that hang on it."""
    words = ""
    while error is not None:
        words += repr(error) + "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return words


async def test_a_server_that_takes_no_connection_is_out_of_reach(
    server: TelegramServer, heron: FakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.telegram.session.CONNECT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        bot = a_bot(server, api_url=f"https://127.0.0.1:{mute.getsockname()[1]}")
        await bot.start()
        error = await failure(bot, heron)
        await bot.close()
    assert type(error) is RetryLater and "reached (TimeoutError)" in str(error)
    assert TOKEN not in every_word_of(error)


@pytest.mark.parametrize("kind", ["502", "garbled", "drop", "hang", "429", "reply"])
async def test_no_exception_holds_the_token_or_the_words(
    bot: TelegramBot,
    server: TelegramServer,
    heron: FakeUser,
    kind: FaultKind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bots.telegram.bot.CALL_S", 0.05)
    server.fault(kind, body=CANARY)
    error = await failure(bot, heron)
    words = every_word_of(error)
    assert (error.__cause__, error.__context__) == (None, None)
    assert TOKEN not in words and TOKEN.split(":")[1] not in words
    assert CANARY not in words


async def test_no_log_line_holds_the_token_a_chat_or_any_words(
    server: TelegramServer,
    heron: FakeUser,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    kinds: tuple[FaultKind, ...] = ("garbled", "reply", "drop", "502")
    for kind in kinds:
        server.fault(kind, method="getUpdates", body=f'{{"text": "{CANARY}"')
    await server.deliver({"message": {"message_id": CANARY, "text": CANARY}})
    await server.deliver({"unheard_of": {"text": CANARY}})
    await heron.writes(CANARY)
    inbox.broken = RuntimeError(CANARY)
    async with running(a_bot(server), inbox.receive):
        await inbox.until(lambda: len(inbox.offered) >= 2)
        inbox.broken = None
        await inbox.first()
    captured = capfd.readouterr()
    words = caplog.text + captured.out + captured.err
    assert "updates_unreadable" in words and "receive_failed" in words
    assert not [one for one in (CANARY, TOKEN, str(heron.id)) if one in words]
