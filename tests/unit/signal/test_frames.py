"""What a frame of the Signal service means, and which ones do not concern us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bots.signal.bot import SignalBot
from bots.signal.frames import pin_in
from responder.core.model import MediaKind, Pin
from responder.ports import (
    Outbound,
)
from tests.e2e.signal_server import OUR_NUMBER, SignalServer
from tests.e2e.signal_users import FakeUser
from tests.unit.signal.kit import Desk, to


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
