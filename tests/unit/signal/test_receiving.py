"""What people write on Signal arrives, however its line and its service behave."""

from __future__ import annotations

import asyncio

import pytest

from bots.signal.bot import SignalBot
from bots.signal.receive import Buffer
from tests.e2e.signal_server import OUR_NUMBER, SignalServer
from tests.e2e.signal_users import FakeUser
from tests.unit.signal.kit import Desk, a_frame, receiving


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
    frames = [a_frame(heron.envelope(dataMessage={"message": str(n)})) for n in range(3)]
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
