"""What comes in by Telegram: what it is read as, and when it is confirmed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

import pytest
import structlog

from bots.telegram.bot import TelegramBot
from responder.core.model import MediaKind, Pin
from responder.ports import (
    Channel,
    Inbound,
    Rejected,
    RetryLater,
)
from tests.e2e.telegram_server import TOKEN, FakeUser, FaultKind, TelegramServer
from tests.ports import PATIENCE_S
from tests.unit.telegram.kit import CANARY, Inbox, a_bot, a_message, options, running


async def test_it_is_a_channel_without_privacy_but_with_buttons(bot: TelegramBot) -> None:
    channel: Channel = bot
    assert (channel.name, channel.private, channel.buttons) == ("telegram", False, True)
    assert channel.pace.per_second < 30 and channel.pace.per_chat_s >= 1


async def test_a_text_arrives_with_its_key_sender_language_and_time(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    update = await heron.writes("/start JOIN-42")
    async with running(a_bot(server), inbox.receive):
        got = await inbox.first()
    assert (got.channel, got.key, got.handle) == ("telegram", str(update), str(heron.id))
    assert (got.text, got.language, got.edited) == ("/start JOIN-42", "es", False)
    assert abs(got.at.timestamp() - time.time()) < 60 and got.at.utcoffset() is not None


async def test_the_offset_is_raised_only_after_the_commit(
    server: TelegramServer, heron: FakeUser
) -> None:
    began, commit = asyncio.Event(), asyncio.Event()

    async def receive(batch: Sequence[Inbound]) -> None:
        began.set()
        await commit.wait()

    update = await heron.writes("they stopped two kids")
    async with running(a_bot(server), receive):
        await began.wait()
        assert server.confirmed <= update
        assert len(server.calls("getUpdates")) == 1
        commit.set()
        await server.until_confirmed(update)


async def test_what_could_not_be_committed_comes_again(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    inbox.broken = RuntimeError("disk full")
    update = await heron.writes("hello")
    async with running(a_bot(server), inbox.receive):
        await inbox.until(lambda: len(inbox.offered) >= 3)
        assert server.confirmed <= update
        inbox.broken = None
        await inbox.first()
        await server.until_confirmed(update)
    assert set(inbox.offered) == {str(update)}
    assert [message.text for message in inbox.taken] == ["hello"]


async def test_what_was_not_confirmed_before_a_crash_comes_to_the_next_run(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    inbox.broken = RuntimeError("killed")
    update = await heron.writes("hello")
    async with running(a_bot(server), inbox.receive):
        await inbox.until(lambda: bool(inbox.offered))
    restarted = Inbox()
    async with running(a_bot(server), restarted.receive):
        assert (await restarted.first()).key == str(update)


async def test_a_press_names_the_person_the_token_and_the_message(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(bot := a_bot(server), inbox.receive):
        sent = await bot.send(a_message(heron, "Can you go?", rows=(options("Going", "Cannot"),)))
        await heron.presses("Cannot")
        got = await inbox.first()
        await bot.answer_press(got.press, "Noted")
    assert (got.handle, got.token, got.target) == (str(heron.id), "t2", sent.ref)
    assert (got.text, got.language, heron.toasts) == ("", "es", ["Noted"])


async def test_a_place_arrives_as_a_pin(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    where = {"latitude": 41.5, "longitude": -87.5}
    venue = {"location": where, "title": "Library", "address": "1 Elm"}
    async with running(a_bot(server), inbox.receive):
        await heron.sends_location(41.25, -87.75)
        await heron.sends({"venue": venue, "location": where})
        await inbox.until(lambda: len(inbox.taken) == 2)
    assert inbox.taken[0].pin == Pin(latitude=41.25, longitude=-87.75)
    assert (inbox.taken[1].pin, inbox.taken[1].text) == (Pin(**where), "Library, 1 Elm")


async def test_the_largest_size_of_a_picture_can_be_fetched(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(bot := a_bot(server), inbox.receive):
        await heron.sends_photo(b"the whole picture", caption="on the corner")
        got = await inbox.first()
        data = await bot.media(got.media[0], limit=1000)
        with pytest.raises(Rejected):
            await bot.media(got.media[0], limit=5)
    assert (got.text, got.media[0].kind, data) == (
        "on the corner",
        MediaKind.PICTURE,
        b"the whole picture",
    )


async def test_voice_and_documents_arrive_as_what_they_are(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    kept = server.keep_file(b"scan", "documents")
    async with running(a_bot(server), inbox.receive):
        await heron.sends_voice(b"spoken")
        await heron.sends({"document": kept | {"mime_type": "image/png", "file_name": "a.png"}})
        await heron.sends({"document": kept | {"mime_type": "application/pdf"}})
        await inbox.until(lambda: len(inbox.taken) == 3)
    kinds = [message.media[0].kind for message in inbox.taken]
    assert kinds == [MediaKind.VOICE, MediaKind.PICTURE, MediaKind.FILE]
    assert inbox.taken[0].media[0].mime == "audio/ogg"


async def test_an_edit_is_marked_as_one_and_counts_by_itself(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(a_bot(server), inbox.receive):
        await heron.writes("two cars")
        await heron.edits("three cars")
        await inbox.until(lambda: len(inbox.taken) == 2)
    first, second = inbox.taken
    assert (first.edited, second.edited, second.text) == (False, True, "three cars")
    assert first.key != second.key


async def test_a_persons_message_can_be_deleted_after_it_was_taken_in(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(bot := a_bot(server), inbox.receive):
        await heron.writes("hello")
        said = await inbox.first()
        for _ in range(2):
            await bot.delete(said.handle, said.ref)
    assert list(heron.wrote.values()) == [False]


async def test_nothing_said_in_a_group_is_taken_in_and_the_group_is_left(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    await server.said_in_group("/report fight")
    await server.said_in_group("/report fight")
    async with running(a_bot(server), inbox.receive):
        await heron.writes("hello")
        await inbox.first()
        await server.until_asked("leaveChat")
    assert [message.text for message in inbox.taken] == ["hello"]
    assert server.left == [-5000]


async def test_being_blocked_is_no_message(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(a_bot(server), inbox.receive):
        await heron.blocks_bot()
        last = await server.user("Otter").writes("hello")
        await server.until_confirmed(last)
    assert [message.text for message in inbox.taken] == ["hello"]


@pytest.mark.parametrize(
    "broken",
    [
        {"message": {"message_id": "x", "text": CANARY}},
        {"message": CANARY},
        {"callback_query": {"id": [], "data": CANARY}},
        {"something_new": {"text": CANARY}},
        {
            "edited_message": {
                "message_id": 1,
                "date": 1,
                "edit_date": 10**18,
                "chat": {"id": 1001, "type": "private"},
                "text": CANARY,
            }
        },
        {},
    ],
)
async def test_an_update_that_cannot_be_read_costs_only_itself(
    server: TelegramServer, heron: FakeUser, inbox: Inbox, broken: dict[str, object]
) -> None:
    await heron.writes("before")
    await server.deliver(broken)
    last = await heron.writes("after")
    async with running(a_bot(server), inbox.receive):
        await server.until_confirmed(last)
    assert [message.text for message in inbox.taken] == ["before", "after"]


async def test_a_report_with_ornaments_newer_than_aiogram_still_arrives(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    await heron.sends({"text": "help at the bus stop", "entities": "of a new kind"})
    async with running(a_bot(server), inbox.receive):
        got = await inbox.first()
    assert (got.text, got.handle) == ("help at the bus stop", str(heron.id))


async def test_an_unknown_kind_of_message_still_gets_somebody_an_answer(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(a_bot(server), inbox.receive):
        await heron.sends({"hologram": {"id": 1}})
        assert (await inbox.first()).text == ""


@pytest.mark.parametrize("kind", ["429", "429-bare", "502", "garbled", "drop"])
async def test_receiving_outlives_failures_of_the_platform(
    server: TelegramServer, heron: FakeUser, inbox: Inbox, kind: FaultKind
) -> None:
    server.fault(kind, 3, method="getUpdates", retry_after=0)
    async with running(a_bot(server), inbox.receive):
        await heron.writes("hello")
        assert (await inbox.first()).text == "hello"
    assert len(server.calls("getUpdates")) >= 4


async def test_receiving_waits_as_long_as_telegram_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    bot = TelegramBot(TOKEN, retry_s=(1.0, 60.0))
    await bot._pause(RetryLater("too many requests", 7.0), 1)
    await bot._pause(RetryLater("it is down"), 3)
    assert waits == [7.0, 4.0]


async def test_receiving_starts_while_the_platform_is_still_down(inbox: Inbox) -> None:
    server = TelegramServer()
    with structlog.testing.capture_logs() as lines:
        async with running(a_bot(server), inbox.receive):
            while not lines:
                await asyncio.sleep(0)
            await server.listen()
            await server.user("Wren").writes("hello")
            assert (await inbox.first()).text == "hello"
    await server.close()
    assert {line["event"] for line in lines} == {"telegram.poll_failed"}


async def test_another_reader_of_the_same_bot_is_waited_for_and_told(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    said = {"ok": False, "error_code": 409, "description": "Conflict: terminated by other"}
    server.fault("reply", 3, method="getUpdates", status=409, body=json.dumps(said))
    with structlog.testing.capture_logs() as lines:
        async with running(bot := a_bot(server), inbox.receive):
            await server.until_asked("getUpdates", 3)
            assert "another program" in (await bot.health()).detail
            await heron.writes("hello")
            await inbox.first()
            await server.until_asked("getUpdates", 5)
            assert (await bot.health()).ok
    assert [line["event"] for line in lines] == ["telegram.conflict"] * 3


async def test_a_webhook_that_stands_in_the_way_is_removed(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    server.webhook = True
    await heron.writes("hello")
    async with running(a_bot(server), inbox.receive):
        await inbox.first()
    assert not server.webhook


async def test_commands_are_announced_in_each_language(
    server: TelegramServer, inbox: Inbox
) -> None:
    commands = {"en": [("report", "Report something")], "es": [("report", "Avisar de algo")]}
    async with running(a_bot(server, commands=commands), inbox.receive):
        await server.until_asked("setMyCommands", 3)
        await server.until(lambda: len(server.commands) == 3)
    assert server.commands[""] == server.commands["en"]
    assert server.commands["es"][0]["description"] == "Avisar de algo"


async def test_it_stops_at_once_in_the_middle_of_a_long_poll(
    server: TelegramServer, inbox: Inbox
) -> None:
    """A poll hangs for longer than anybody waits here."""
    bot = a_bot(server, poll_timeout_s=int(PATIENCE_S * 2))
    async with asyncio.timeout(PATIENCE_S), running(bot, inbox.receive):
        await server.until_asked("getUpdates", 2)
