"""The Signal bot against a loopback service that behaves as badly as the real one."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog

from bots.signal import SignalBot
from bots.signal_frames import pin_in
from bots.signal_receive import Buffer
from bots.wording import REPEAT_MARK, with_numbers
from responder.core.model import Media, MediaKind, Pin
from responder.ports import (
    Attachment,
    Channel,
    Inbound,
    Option,
    Outbound,
    Rejected,
    RetryLater,
    SendError,
    Sent,
    Unreachable,
    Unsure,
)
from tests.e2e.signal_server import OUR_NUMBER, FakeUser, SignalServer
from tests.ports import PATIENCE_S

ROWS = (
    (Option(label="Going", token="t1", number=1), Option(label="Cannot", token="t2", number=2)),
    (Option(label="Need more people", token="t3", number=7),),
)


class Desk:
    """Takes messages in as the dispatcher would; fails the first `faults` times."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []
        self.batches: list[int] = []
        self.faults = 0
        self.tries = 0
        self._changed = asyncio.Condition()

    async def receive(self, messages: Sequence[Inbound]) -> None:
        async with self._changed:
            self.tries += 1
            self._changed.notify_all()
            if self.tries <= self.faults:
                raise OSError("disk full")
            self.messages += messages
            self.batches.append(len(messages))

    async def has(self, count: int) -> list[Inbound]:
        await self.when(lambda: len(self.messages) >= count)
        return self.messages

    async def when(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(there)


@pytest.fixture
async def server() -> AsyncIterator[SignalServer]:
    async with SignalServer() as service:
        yield service
        assert not service.unexpected


@pytest.fixture
def heron(server: SignalServer) -> FakeUser:
    return server.user("Heron")


@asynccontextmanager
async def a_bot(server: SignalServer, **settings: Any) -> AsyncIterator[SignalBot]:
    """A bot that is started; its clock stands a minute after the server's."""
    usual: dict[str, Any] = {"service_url": server.url, "clock": lambda: server.tick() / 1000 + 60}
    bot = SignalBot(OUR_NUMBER, **usual | settings)
    await bot.start()
    try:
        yield bot
    finally:
        async with asyncio.timeout(PATIENCE_S):
            await bot.close()


@asynccontextmanager
async def receiving(bot: SignalBot, desk: Desk) -> AsyncIterator[None]:
    """The bot's `run` under way."""
    running = asyncio.create_task(bot.run(desk.receive))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running}, timeout=PATIENCE_S)
        assert running.done()


@pytest.fixture
async def bot(server: SignalServer) -> AsyncIterator[SignalBot]:
    async with a_bot(server) as started:
        yield started


@pytest.fixture
async def desk(server: SignalServer, bot: SignalBot) -> AsyncIterator[Desk]:
    """A desk behind a bot that is attached."""
    taking = Desk()
    async with receiving(bot, taking):
        await server.is_attached()
        yield taking


def to(person: FakeUser, text: str = "you are asked", **rest: Any) -> Outbound:
    return Outbound(handle=person.handle, text=text, **rest)


def sends(server: SignalServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in server.requests if request.path == "/v2/send"]


# --- receiving: what may never make it deaf -------------------------------------------------------


async def test_a_text_arrives_with_key_handle_and_time(desk: Desk, heron: FakeUser) -> None:
    sent_ms = await heron.writes("they stop kids at the corner")
    [message] = await desk.has(1)
    assert message.channel == "signal"
    assert message.key == f"{heron.uuid}:{sent_ms}"
    assert message.handle == heron.uuid
    assert message.text == "they stop kids at the corner"
    assert message.at.timestamp() * 1000 == pytest.approx(sent_ms + 40)


@pytest.mark.parametrize("code", [1000, 1001, 1011])
async def test_a_graceful_close_does_not_make_it_deaf(
    server: SignalServer, desk: Desk, heron: FakeUser, code: int
) -> None:
    await server.closes(code)
    await server.is_attached(times=2)
    await heron.writes("still there?")
    assert [message.text for message in await desk.has(1)] == ["still there?"]


async def test_a_cut_line_is_opened_again_within_seconds(
    server: SignalServer, desk: Desk, heron: FakeUser
) -> None:
    for times in (2, 3, 4):
        server.cut()
        await server.is_attached(times=times)
    await heron.writes("and again")
    assert len(await desk.has(1)) == 1


async def test_a_service_that_restarts_is_found_again(
    server: SignalServer, desk: Desk, heron: FakeUser
) -> None:
    await server.goes_down()
    await server.goes_up()
    await server.is_attached(times=2)
    await heron.writes("after the restart")
    assert len(await desk.has(1)) == 1


@pytest.mark.parametrize(
    "frame",
    ['{"error": "Lost connection"}', "{not json", "[]", "null", '"words"', '{"envelope": 7}', ""],
)
async def test_a_frame_that_is_no_message_costs_nothing_else(
    server: SignalServer, desk: Desk, heron: FakeUser, frame: str
) -> None:
    await server.frame(frame)
    await heron.writes("a real one")
    assert [message.text for message in await desk.has(1)] == ["a real one"]
    assert server.times_attached == 1


async def test_fields_that_signalbot_demands_may_be_missing(
    server: SignalServer, desk: Desk, heron: FakeUser
) -> None:
    """Older versions of signal-cli leave out `isVoiceNote`; signalbot then refuses the frame."""
    envelope = heron.envelope()
    envelope["dataMessage"] = {
        "timestamp": 1,
        "message": "look",
        "attachments": [{"contentType": "image/jpeg", "id": "a1.jpg", "size": 3}],
    }
    await server.deliver(envelope)
    [message] = await desk.has(1)
    assert message.text == "look"
    assert message.media[0].ref == "a1.jpg"


async def test_what_could_not_be_committed_is_tried_again_in_order(
    desk: Desk, heron: FakeUser
) -> None:
    desk.faults = 2
    for text in ("one", "two", "three"):
        await heron.writes(text)
    assert [message.text for message in await desk.has(3)] == ["one", "two", "three"]


async def test_a_burst_is_handed_on_in_batches(desk: Desk, heron: FakeUser) -> None:
    for number in range(200):
        await heron.writes(str(number))
    messages = await desk.has(200)
    assert [message.text for message in messages] == [str(number) for number in range(200)]
    assert max(desk.batches) <= 64
    assert len({message.key for message in messages}) == 200


async def test_a_full_buffer_makes_the_service_wait(heron: FakeUser) -> None:
    buffer = Buffer(OUR_NUMBER, size=2)
    frames = [_frame(heron.envelope(dataMessage={"message": str(n)})) for n in range(3)]
    for frame in frames[:2]:
        await buffer.take(frame)
    third = asyncio.create_task(buffer.take(frames[2]))
    await asyncio.sleep(0)
    assert not third.done()
    desk = Desk()
    handing = asyncio.create_task(buffer.hand_on(desk.receive))
    assert [message.text for message in await desk.has(3)] == ["0", "1", "2"]
    handing.cancel()


async def test_a_message_in_memory_gets_a_last_try_when_it_is_stopped(
    server: SignalServer, bot: SignalBot, heron: FakeUser
) -> None:
    desk = Desk()
    desk.faults = 1
    async with receiving(bot, desk):
        await server.is_attached()
        await heron.writes("just before the end")
        await desk.when(lambda: desk.tries == 1)
    assert [message.text for message in desk.messages] == ["just before the end"]


# --- receiving: by webhook ------------------------------------------------------------------------


@asynccontextmanager
async def pushed_to(server: SignalServer, desk: Desk, **settings: Any) -> AsyncIterator[None]:
    settings = {"receive": "webhook", "webhook_port": 0} | settings
    async with a_bot(server, **settings) as bot, receiving(bot, desk):
        async with asyncio.timeout(PATIENCE_S):
            while not bot.webhook_port:
                await asyncio.sleep(0)
        server.pushes_to = f"http://127.0.0.1:{bot.webhook_port}/signal"
        yield


async def test_the_webhook_answers_after_the_commit(server: SignalServer, heron: FakeUser) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await heron.writes("by webhook")
        assert [message.text for message in desk.messages] == ["by webhook"]
        assert server.push_statuses == [200]


async def test_what_comes_by_webhook_and_websocket_is_one_message(
    server: SignalServer, heron: FakeUser
) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.is_attached()
        for text in ("one", "two"):
            await heron.writes(text)
        assert [message.text for message in await desk.has(2)] == ["one", "two"]
        assert server.push_statuses == [200, 200]


async def test_what_a_call_loses_comes_by_websocket(server: SignalServer, heron: FakeUser) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.is_attached()
        server.pushes_to += "-nobody-listens-here"
        await heron.writes("all the same")
        assert [message.text for message in await desk.has(1)] == ["all the same"]
        assert server.push_statuses == [404]


async def test_a_call_of_boundless_size_is_refused(server: SignalServer, heron: FakeUser) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.frame(json.dumps("x" * 5 * 1024 * 1024))
        await heron.writes("still there")
        assert [message.text for message in await desk.has(1)] == ["still there"]
        assert server.push_statuses == [413, 200]


async def test_the_webhook_keeps_what_could_not_be_committed(
    server: SignalServer, heron: FakeUser
) -> None:
    """The service does not repeat a call after a 503."""
    desk = Desk()
    desk.faults = 2
    async with pushed_to(server, desk, webhook_patience_s=0.05):
        await heron.writes("kept")
        assert server.push_statuses == [503]
        assert [message.text for message in await desk.has(1)] == ["kept"]


async def test_the_webhook_answers_at_once_what_does_not_concern_us(
    server: SignalServer, heron: FakeUser
) -> None:
    desk = Desk()
    async with pushed_to(server, desk):
        await server.deliver(heron.envelope(typingMessage={"action": "STARTED", "timestamp": 1}))
        await server.frame('"garbage"')
        assert server.push_statuses == [200, 200]
    assert desk.messages == []


# --- receiving: what a frame means ----------------------------------------------------------------


async def test_a_reaction_names_our_message_and_has_a_key_of_its_own(
    bot: SignalBot, desk: Desk, heron: FakeUser
) -> None:
    sent = await bot.send(to(heron))
    first = await heron.reacts("👍", to="you are asked")
    second = await heron.reacts("👎", to="you are asked")
    messages = await desk.has(2)
    assert [(m.reaction, m.target) for m in messages] == [("👍", sent.ref), ("👎", sent.ref)]
    assert [m.key for m in messages] == [f"{heron.uuid}:{stamp}" for stamp in (first, second)]


async def test_attachments_come_as_media_by_kind(desk: Desk, heron: FakeUser) -> None:
    mimes = ["image/jpeg", "audio/aac", "video/mp4", "application/pdf"]
    refs = [await heron.sends_attachment(b"1234", mime) for mime in mimes]
    media = [message.media[0] for message in await desk.has(4)]
    assert [item.ref for item in media] == refs
    kinds = [MediaKind.PICTURE, MediaKind.VOICE, MediaKind.VIDEO, MediaKind.FILE]
    assert [item.kind for item in media] == kinds
    assert {(item.channel, item.size) for item in media} == {("signal", 4)}


async def test_a_shared_place_comes_as_a_pin(desk: Desk, heron: FakeUser) -> None:
    await heron.sends_location(41.8818, -87.6231)
    [message] = await desk.has(1)
    assert message.pin == Pin(latitude=41.8818, longitude=-87.6231)


async def test_an_edit_is_marked_and_counts_as_its_own_message(desk: Desk, heron: FakeUser) -> None:
    original = await heron.writes("at the north gate")
    edited = await heron.edits(original, "at the south gate")
    messages = await desk.has(2)
    assert [message.edited for message in messages] == [False, True]
    assert messages[1].text == "at the south gate"
    assert messages[1].key.endswith(f":{edited}")


async def test_whoever_hides_the_uuid_is_known_by_number(
    server: SignalServer, bot: SignalBot, desk: Desk
) -> None:
    wren = server.user("Wren", hides_uuid=True)
    await wren.writes("hello")
    [message] = await desk.has(1)
    assert message.handle == wren.number
    await bot.send(Outbound(handle=message.handle, text="received"))
    await wren.sees("received")


async def test_the_same_message_seen_twice_is_one(
    server: SignalServer, desk: Desk, heron: FakeUser
) -> None:
    envelope = heron.envelope(dataMessage={"timestamp": 5, "message": "once"})
    await server.deliver(envelope)
    await server.deliver(envelope)
    await heron.writes("and another")
    assert [message.text for message in await desk.has(2)] == ["once", "and another"]


def _ignored(person: FakeUser) -> dict[str, dict[str, Any]]:
    group = {"groupId": "Z3JvdXA=", "groupName": "g", "revision": 1, "type": "DELIVER"}
    sent = {"timestamp": 1, "message": "mine", "destination": person.number}
    reaction = {"emoji": "👍", "targetSentTimestamp": 5, "isRemove": True}
    own = {"emoji": "👍", "targetAuthorUuid": person.uuid, "targetSentTimestamp": 5}
    receipt = {"isDelivery": True, "isRead": False, "isViewed": False, "timestamps": [1]}
    return {
        "group": {"dataMessage": {"timestamp": 1, "message": "x", "groupInfo": group}},
        "group update": {"dataMessage": {"timestamp": 1, "groupInfo": group | {"type": "UPDATE"}}},
        "edit in a group": {
            "editMessage": {
                "targetSentTimestamp": 1,
                "dataMessage": {"timestamp": 1, "message": "x", "groupInfo": group},
            }
        },
        "sync": {"syncMessage": {"sentMessage": sent}},
        "our own": {"sourceNumber": OUR_NUMBER, "dataMessage": {"timestamp": 1, "message": "x"}},
        "receipt": {"receiptMessage": receipt | {"when": 1}},
        "typing": {"typingMessage": {"action": "STARTED", "timestamp": 1}},
        "story": {"storyMessage": {"allowsReplies": False, "textAttachment": {"text": "x"}}},
        "call": {"callMessage": {"hangupMessage": {"id": 1, "type": "NORMAL"}}},
        "deletion": {"dataMessage": {"timestamp": 1, "remoteDelete": {"timestamp": 1}}},
        "reaction taken back": {"dataMessage": {"timestamp": 1, "reaction": reaction}},
        "reaction to self": {
            "dataMessage": {"timestamp": 1, "reaction": own | {"isRemove": False}}
        },
        "timer": {
            "dataMessage": {"timestamp": 1, "isExpirationUpdate": True, "expiresInSeconds": 9}
        },
        "nobody": {"sourceUuid": None, "sourceNumber": None, "dataMessage": {"message": "x"}},
    }


async def test_what_does_not_concern_us_is_ignored(
    server: SignalServer, desk: Desk, heron: FakeUser
) -> None:
    for parts in _ignored(heron).values():
        await server.deliver(heron.envelope(**parts))
    await heron.writes("the only one")
    assert [message.text for message in await desk.has(1)] == ["the only one"]


async def test_frames_for_another_account_are_ignored(
    server: SignalServer, desk: Desk, heron: FakeUser
) -> None:
    envelope = heron.envelope(dataMessage={"timestamp": 1, "message": "not yours"})
    await server.frame(json.dumps({"account": "+15555550199", "envelope": envelope}))
    await heron.writes("yours")
    assert [message.text for message in await desk.has(1)] == ["yours"]


@pytest.mark.parametrize(
    "text",
    [
        "https://maps.google.com/maps?q=41.881800%2C-87.623100",
        "here https://www.google.com/maps?hl=en&q=41.8818,-87.6231 now",
        "https://www.google.com/maps/place/x/@41.8818,-87.6231,17z",
        "geo:41.8818,-87.6231;u=35",
        "https://maps.apple.com/?ll=41.8818,-87.6231",
        "https://www.openstreetmap.org/?mlat=41.8818&mlon=-87.6231#map=18",
    ],
)
def test_a_map_link_becomes_a_pin(text: str) -> None:
    assert pin_in(text) == Pin(latitude=41.8818, longitude=-87.6231)


@pytest.mark.parametrize(
    "text", ["", "at 41.88, -87.62", "geo:141.0,10.0", "https://example.org/?q=41.8,-87.6", "100%"]
)
def test_other_text_is_no_pin(text: str) -> None:
    assert pin_in(text) is None


# --- sending --------------------------------------------------------------------------------------


async def test_one_message_goes_to_one_person_as_plain_text(
    server: SignalServer, bot: SignalBot, heron: FakeUser
) -> None:
    sent = await bot.send(to(heron, "*not bold* `at all`"))
    shown = await heron.sees("*not bold* `at all`")
    assert sent == Sent(ref=str(shown.ref))
    [order] = sends(server)
    assert order["recipients"] == [heron.uuid]
    assert order["text_mode"] == "normal"


async def test_options_stand_under_the_text_with_their_numbers(
    bot: SignalBot, desk: Desk, heron: FakeUser
) -> None:
    await bot.send(to(heron, "Can you come?", rows=ROWS))
    shown = await heron.sees("Can you come?")
    assert shown.text == "Can you come?\n\n1  Going\n2  Cannot\n7  Need more people"
    await heron.answers("Need more")
    assert [message.text for message in await desk.has(1)] == ["7"]


def test_numbers_alone_and_text_alone_have_no_blank_line() -> None:
    assert with_numbers("text", ()) == "text"
    assert with_numbers("", ROWS[1:]) == "7  Need more people"


async def test_a_long_text_is_cut_but_keeps_its_options(bot: SignalBot, heron: FakeUser) -> None:
    await bot.send(to(heron, "long " * 4000, rows=ROWS))
    shown = await heron.sees("long")
    assert len(shown.text) <= 8000
    assert shown.text.endswith("7  Need more people")


async def test_a_repeat_is_marked(bot: SignalBot, heron: FakeUser) -> None:
    await bot.send(to(heron, "go", repeat=True))
    assert (await heron.sees("go")).text == f"{REPEAT_MARK} go"


async def test_an_edit_replaces_and_the_next_one_names_the_newest_reference(
    bot: SignalBot, heron: FakeUser
) -> None:
    ref = (await bot.send(to(heron, "first"))).ref
    for text in ("second", "third"):
        ref = (await bot.send(to(heron, text, edits=ref))).ref
    assert [shown.text for shown in heron.screen] == ["third"]
    assert ref == str(heron.screen[0].ref)


@pytest.mark.parametrize("ref", ["1790000000999999", "17", "no number"])
async def test_an_edit_that_cannot_be_done_is_sent_anew(
    bot: SignalBot, heron: FakeUser, ref: str
) -> None:
    await bot.send(to(heron, "first"))
    await bot.send(to(heron, "second", edits=ref))
    assert [shown.text for shown in heron.screen] == ["first", "second"]


async def test_an_edit_of_yesterday_is_sent_anew(server: SignalServer, heron: FakeUser) -> None:
    """Apps drop an edit of a message that is more than a day old, without a word."""
    async with a_bot(server, clock=lambda: server.tick() / 1000 + 24 * 3600) as bot:
        ref = (await bot.send(to(heron, "first"))).ref
        await bot.send(to(heron, "second", edits=ref))
    assert [shown.text for shown in heron.screen] == ["first", "second"]
    assert all("edit_timestamp" not in order for order in sends(server))


async def test_attachments_travel_with_a_harmless_name(
    server: SignalServer, bot: SignalBot, heron: FakeUser
) -> None:
    picture = Attachment(mime="image/jpeg", data=b"\xff\xd8bytes", name="../../etc/x;y.jpg")
    await bot.send(to(heron, "see", attachments=(picture,)))
    assert (await heron.sees("see")).attachments == [b"\xff\xd8bytes"]
    [order] = sends(server)
    assert order["base64_attachments"][0].startswith("data:image/jpeg;filename=etcxy.jpg;base64,")


async def test_a_message_is_taken_back(bot: SignalBot, heron: FakeUser) -> None:
    ref = (await bot.send(to(heron))).ref
    await bot.delete(heron.handle, ref)
    assert heron.screen == []


async def test_who_left_signal_or_changed_phones_is_unreachable(
    bot: SignalBot, heron: FakeUser
) -> None:
    heron.trusted = False
    with pytest.raises(Unreachable, match="safety number"):
        await bot.send(to(heron))
    heron.leaves()
    with pytest.raises(Unreachable, match="no Signal account"):
        await bot.send(to(heron))


@pytest.mark.parametrize("handle", ["group.Zm9v", "heron.01", "", "+1 555", "5f0e\n"])
async def test_nothing_goes_to_what_is_no_single_account(
    server: SignalServer, bot: SignalBot, handle: str
) -> None:
    """The service would take such a handle for a group or for somebody's user name."""
    with pytest.raises(Unreachable):
        await bot.send(Outbound(handle=handle, text="x"))
    assert server.requests == []


def _errors(reason: str) -> list[dict[str, Any]]:
    return [{"timestamp": "1", "errors": {"recipients": [{"reason": reason, "uuid": "canary"}]}}]


LIMITED = {"error": "rate limit canary", "challenge_tokens": ["challenge-1"], "account": "canary"}

ANSWERS: list[tuple[int, object, type[SendError], str]] = [
    (201, _errors("UNREGISTERED_FAILURE"), Unreachable, "no Signal account"),
    (201, _errors("IDENTITY_FAILURE"), Unreachable, "safety number"),
    (201, _errors("RATE_LIMIT_FAILURE"), RetryLater, "limits"),
    (201, _errors("NETWORK_FAILURE"), Unsure, "lost its line"),
    (201, _errors("INVALID_PRE_KEY_FAILURE"), Unreachable, "too long"),
    (201, _errors("canary of tomorrow"), Unsure, "no name"),
    (201, [], Unsure, "no time"),
    (201, "canary", Unsure, "unreadably"),
    (400, {"error": 'Unregistered user "canary"'}, Unreachable, "no Signal account"),
    (400, {"error": "The user canary is not registered."}, Unreachable, "no Signal account"),
    (400, {"error": "due to untrusted recipient keys canary"}, Unreachable, "safety number"),
    (400, {"error": "User canary is not registered."}, RetryLater, "own number"),
    (400, {"error": "Specified account does not exist canary"}, RetryLater, "own number"),
    (400, {"error": "Failed to send message"}, RetryLater, "does not say why"),
    (400, {"error": "Failed: canary (SocketTimeoutException)"}, Unsure, "lost its line"),
    (400, {"error": "illegal base64 canary"}, Rejected, "malformed"),
    (400, "canary", Rejected, "malformed"),
    (413, {"error": "canary"}, Rejected, "413"),
    (429, LIMITED, Unsure, "limits"),
    (302, {"error": "canary"}, RetryLater, "service_url"),
    (404, {"error": "canary"}, RetryLater, "service_url"),
    (500, {"error": "canary"}, Unsure, "500"),
    (503, {"error": "canary"}, RetryLater, "not ready"),
]


@pytest.mark.parametrize(("status", "body", "kind", "words"), ANSWERS)
async def test_an_answer_means_what_it_means_and_is_never_quoted(
    server: SignalServer,
    bot: SignalBot,
    heron: FakeUser,
    status: int,
    body: object,
    kind: type[SendError],
    words: str,
) -> None:
    server.answers_next(status, body)
    with pytest.raises(kind) as caught:
        await bot.send(to(heron))
    assert words in str(caught.value)
    assert "canary" not in repr(caught.value)
    assert heron.uuid not in repr(caught.value)


async def test_the_older_schema_of_an_answer_is_read_too(
    server: SignalServer, bot: SignalBot, heron: FakeUser
) -> None:
    server.answers_next(201, {"timestamp": "1790000000123"})
    assert await bot.send(to(heron)) == Sent(ref="1790000000123")


async def test_after_a_rate_limit_nothing_is_sent_for_a_while(
    server: SignalServer, heron: FakeUser
) -> None:
    """The message of a 429 may be out, so it is unsure; those after it surely are not."""
    now = [0.0]
    async with a_bot(server, steady=lambda: now[0]) as bot:
        server.answers_next(429, LIMITED, taken=True)
        with pytest.raises(Unsure):
            await bot.send(to(heron, "first"))
        with pytest.raises(RetryLater) as caught:
            await bot.send(to(heron, "second"))
        assert (caught.value.after_s, caught.value.whole) == (30.0, True)
        assert len(sends(server)) == 1
        now[0] = 31.0
        await bot.send(to(heron, "second"))
    assert [shown.text for shown in heron.screen] == ["first", "second"]


async def test_health_tells_of_the_captcha_and_where_to_solve_it(
    server: SignalServer, bot: SignalBot, heron: FakeUser
) -> None:
    server.answers_next(429, LIMITED)
    with pytest.raises(Unsure):
        await bot.send(to(heron))
    health = await bot.health()
    assert not health.ok
    assert "signalcaptchas.org" in health.detail
    assert "challenge-1" in health.detail
    assert OUR_NUMBER not in health.detail


async def test_no_answer_in_time_is_unsure(server: SignalServer, heron: FakeUser) -> None:
    async with a_bot(server, timeout_s=0.1) as bot:
        server.hangs_next()
        with pytest.raises(Unsure):
            await bot.send(to(heron))
    assert len(heron.screen) == 1


async def test_a_service_that_is_down_is_tried_later(
    server: SignalServer, bot: SignalBot, heron: FakeUser
) -> None:
    await server.goes_down()
    with pytest.raises(RetryLater) as caught:
        await bot.send(to(heron))
    assert caught.value.after_s is None
    assert caught.value.whole


async def test_https_never_falls_back_to_http(server: SignalServer, heron: FakeUser) -> None:
    async with a_bot(server, service_url=server.url.replace("http:", "https:")) as bot:
        with pytest.raises(SendError):
            await bot.send(to(heron))
        assert not (await bot.health()).ok
    assert server.requests == []


# --- attachments, health, the end -----------------------------------------------------------------


async def test_media_is_fetched_up_to_a_limit_and_forgotten(
    server: SignalServer, bot: SignalBot, desk: Desk, heron: FakeUser
) -> None:
    ref = await heron.sends_attachment(b"x" * 1000, "image/png")
    [message] = await desk.has(1)
    assert await bot.media(message.media[0], 1000) == b"x" * 1000
    with pytest.raises(Rejected, match="larger"):
        await bot.media(message.media[0], 999)
    await bot.forget_inbound(message)
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
from bots.signal import SignalBot
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


def _frame(envelope: dict[str, Any]) -> bytes:
    return json.dumps({"envelope": envelope, "account": OUR_NUMBER}).encode()


# --- whether it hears -----------------------------------------------------------------------------

SECOND = "+15555550101"


class Clock:
    """Seconds since 1970, set by hand."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock(server: SignalServer) -> Clock:
    return Clock(server.tick() / 1000)


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


async def its_line(bot: SignalBot, *, up: bool) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while bool(bot._faults_of_line()) is up:
            await asyncio.sleep(0)


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
