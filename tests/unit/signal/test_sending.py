"""What is sent over Signal, and what each answer of the service comes to."""

from __future__ import annotations

from typing import Any

import pytest

from bots.signal.bot import SignalBot
from bots.wording import REPEAT_MARK, with_numbers
from responder.ports import (
    Attachment,
    Outbound,
    Rejected,
    RetryLater,
    SendError,
    Sent,
    Unreachable,
    Unsure,
)
from tests.e2e.signal_server import OUR_NUMBER, SignalServer
from tests.e2e.signal_users import FakeUser
from tests.unit.signal.kit import ROWS, Desk, a_bot, sends, to


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

TOO_MANY = {"error": "Failed: [413] Rate limit exceeded: 413 (RateLimitException) canary"}
"""In signal-cli's words, which some versions of the service pass on with another code."""

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
    (400, TOO_MANY, Unsure, "limits"),
    (400, {"error": "canary: CAPTCHA proof required"}, RetryLater, "limits"),
    (413, TOO_MANY, Unsure, "limits"),
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


@pytest.mark.parametrize(("status", "body"), [(429, LIMITED), (413, TOO_MANY), (400, TOO_MANY)])
async def test_after_a_rate_limit_nothing_is_sent_for_a_while(
    server: SignalServer, heron: FakeUser, status: int, body: object
) -> None:
    """The message of a 429 may be out, so it is unsure; those after it surely are not."""
    now = [0.0]
    async with a_bot(server, steady=lambda: now[0]) as bot:
        server.answers_next(status, body, taken=True)
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
