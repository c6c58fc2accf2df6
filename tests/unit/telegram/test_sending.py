"""What goes out by Telegram: what people see of it, and what is never even tried."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bots.telegram.bot import TelegramBot
from bots.telegram.layout import split, units
from bots.wording import REPEAT_MARK
from responder.ports import (
    Attachment,
    Option,
    Outbound,
    Rejected,
    RetryLater,
    SendError,
    Sent,
    Unreachable,
)
from tests.e2e.telegram_server import TOKEN, FakeUser, TelegramServer
from tests.unit.telegram.kit import CANARY, Inbox, a_bot, a_message, options, running


async def test_a_message_shows_plain_words_and_its_buttons(
    bot: TelegramBot, server: TelegramServer, heron: FakeUser
) -> None:
    text = "<b>*Go*</b> [here](http://example.org)"
    sent = await bot.send(a_message(heron, text, rows=(options("Going"), options("Cannot"))))
    shown = await heron.sees(text)
    assert (sent, shown.labels, shown.protected) == (
        Sent(ref=str(shown.id)),
        ["Going", "Cannot"],
        True,
    )
    asked = server.calls("sendMessage")[0]
    assert asked["link_preview_options"] == {"is_disabled": True} and "parse_mode" not in asked


def posted(bot: TelegramBot, out: Outbound) -> asyncio.Future[Sent | SendError] | None:
    """What is told of a message that was sent without a task; None where it was not."""
    told: asyncio.Future[Sent | SendError] = asyncio.get_running_loop().create_future()
    return told if bot.post(out, told.set_result) else None


async def test_the_next_text_needs_no_task_once_a_connection_is_open(
    bot: TelegramBot, heron: FakeUser
) -> None:
    assert posted(bot, a_message(heron, "first")) is None
    await bot.send(a_message(heron, "first"))
    told = posted(bot, a_message(heron, "second", rows=(options("Going"),)))
    assert told is not None
    shown = await heron.sees("second")
    assert (await told, shown.labels) == (Sent(ref=str(shown.id)), ["Going"])


async def test_what_takes_more_than_one_request_is_not_sent_at_once(
    bot: TelegramBot, heron: FakeUser
) -> None:
    sent = await bot.send(a_message(heron, "first"))
    picture = Attachment(mime="image/jpeg", data=b"clean", name="picture.jpg")
    assert posted(bot, a_message(heron, "second", edits=sent.ref)) is None
    assert posted(bot, a_message(heron, "third", attachments=(picture,))) is None
    assert posted(bot, a_message(heron, "word " * 1000)) is None
    assert [one.text for one in heron.screen] == ["first"]


async def test_a_refusal_of_what_was_sent_at_once_is_told_as_it_would_be_raised(
    bot: TelegramBot, heron: FakeUser
) -> None:
    await bot.send(a_message(heron, "first"))
    heron.started = False
    told = posted(bot, a_message(heron, "second"))
    assert told is not None and isinstance(await told, Unreachable)


async def test_a_silent_message_makes_no_sound(bot: TelegramBot, heron: FakeUser) -> None:
    await bot.send(a_message(heron, "board", silent=True))
    await bot.send(a_message(heron, "page"))
    assert [shown.silent for shown in heron.screen] == [True, False]


async def test_a_repeat_is_marked(bot: TelegramBot, heron: FakeUser) -> None:
    await bot.send(a_message(heron, "Go now", repeat=True))
    assert [shown.text for shown in heron.screen] == [f"{REPEAT_MARK} Go now"]


async def test_an_edit_changes_the_message_in_place(bot: TelegramBot, heron: FakeUser) -> None:
    sent = await bot.send(a_message(heron, "1 of 2", rows=(options("End"),)))
    again = await bot.send(a_message(heron, "2 of 2", edits=sent.ref))
    assert again == sent
    assert [(one.text, one.labels) for one in heron.screen] == [("2 of 2", [])]


async def test_an_edit_that_changes_nothing_succeeds(bot: TelegramBot, heron: FakeUser) -> None:
    sent = await bot.send(a_message(heron, "same"))
    assert await bot.send(a_message(heron, "same", edits=sent.ref)) == sent


async def test_an_edit_of_a_message_that_is_gone_is_sent_anew(
    bot: TelegramBot, heron: FakeUser
) -> None:
    sent = await bot.send(a_message(heron, "first"))
    await bot.delete(str(heron.id), sent.ref)
    again = await bot.send(a_message(heron, "second", edits=sent.ref))
    assert again.ref != sent.ref
    assert [one.text for one in heron.screen] == ["second"]


async def test_deleting_twice_does_no_harm(bot: TelegramBot, heron: FakeUser) -> None:
    sent = await bot.send(a_message(heron, "gone soon"))
    await bot.delete(str(heron.id), sent.ref)
    await bot.delete(str(heron.id), sent.ref)
    assert heron.screen == []


async def test_a_message_too_old_to_be_deleted_loses_its_words(
    bot: TelegramBot, server: TelegramServer, heron: FakeUser
) -> None:
    sent = await bot.send(a_message(heron, CANARY))
    said = {"ok": False, "error_code": 400, "description": "Bad Request: message can't be deleted"}
    server.fault("reply", method="deleteMessage", status=400, body=json.dumps(said))
    await bot.delete(str(heron.id), sent.ref)
    assert CANARY not in heron.screen[0].text


async def test_a_long_text_is_split_at_paragraphs_with_the_buttons_last(
    bot: TelegramBot, heron: FakeUser
) -> None:
    paragraphs = [f"{number} " + "word " * 500 for number in range(4)]
    text = "\n\n".join(one.strip() for one in paragraphs)
    sent = await bot.send(a_message(heron, text, rows=(options("I have it"),)))
    texts = [one.text for one in heron.screen]
    assert "\n\n".join(texts) == text
    assert [one.labels for one in heron.screen] == [[]] * (len(texts) - 1) + [["I have it"]]
    assert sent.ref == "+".join(str(one.id) for one in heron.screen)


async def test_all_parts_of_a_long_text_are_deleted_together(
    bot: TelegramBot, heron: FakeUser
) -> None:
    sent = await bot.send(a_message(heron, "word " * 2000))
    assert len(heron.screen) == 3
    short = await bot.send(a_message(heron, "short", edits=sent.ref))
    assert [one.text for one in heron.screen] == ["short"]
    await bot.delete(str(heron.id), short.ref)
    assert heron.screen == []


async def test_a_press_under_a_long_text_names_the_whole_of_it(
    server: TelegramServer, heron: FakeUser, inbox: Inbox
) -> None:
    async with running(bot := a_bot(server), inbox.receive):
        sent = await bot.send(a_message(heron, "word " * 1500, rows=(options("Going"),)))
        await heron.presses("Going")
        assert (await inbox.first()).target == sent.ref


def test_lengths_count_utf16_units_and_letters_stay_whole() -> None:
    text = "\N{FIRE}" * 5000
    parts = list(split(text))
    assert [units(part) for part in parts] == [4096, 4096, 1808]
    assert "".join(parts) == text


async def test_telegram_takes_a_text_of_exactly_the_limit(
    bot: TelegramBot, heron: FakeUser
) -> None:
    await bot.send(a_message(heron, "\N{FIRE}" * 2048))
    assert len(heron.screen) == 1


async def test_a_half_sent_text_goes_on_where_it_stopped(
    bot: TelegramBot, server: TelegramServer, heron: FakeUser
) -> None:
    out = a_message(heron, "word " * 1500)
    server.fault("502", method="sendMessage")
    with pytest.raises(RetryLater):
        await bot.send(out)
    server.limits = True
    with pytest.raises(RetryLater):
        await bot.send(out)
    server.limits = False
    await bot.send(out)
    assert [len(one.text) for one in heron.screen] == [4094, 3404]


async def test_the_button_for_a_place_yields_to_other_buttons(
    bot: TelegramBot, heron: FakeUser
) -> None:
    await bot.send(a_message(heron, "Where?", ask_place=True))
    await bot.send(a_message(heron, "Where?", ask_place=True, rows=(options("Northside"),)))
    first, second = heron.screen
    assert first.keyboard[0][0]["request_location"] is True
    assert (second.keyboard, second.labels) == ([], ["Northside"])


async def test_files_are_sent_before_the_text(bot: TelegramBot, heron: FakeUser) -> None:
    files = (
        Attachment(mime="image/jpeg", data=b"picture\r\n--x", name="picture.jpg"),
        Attachment(mime="audio/ogg", data=b"spoken", name="voice.ogg"),
        Attachment(mime="application/pdf", data=b"%PDF", name="file.pdf"),
    )
    await bot.send(a_message(heron, "from the reporter", attachments=files))
    assert [(one.kind, one.file) for one in heron.screen[:3]] == [
        ("photo", b"picture\r\n--x"),
        ("voice", b"spoken"),
        ("document", b"%PDF"),
    ]
    assert heron.screen[3].text == "from the reporter"


async def test_a_row_that_is_too_long_goes_on_in_the_next(
    bot: TelegramBot, heron: FakeUser
) -> None:
    await bot.send(a_message(heron, "Which?", rows=(options(*"abcdefghijklmno"),)))
    assert [len(row) for row in heron.screen[0].buttons] == [12, 3]


@pytest.mark.parametrize(
    "more",
    [
        {"text": ""},
        {"text": " \n"},
        {"text": "half \ud83d"},
        {"rows": ((Option(label="Go", token="x" * 65, number=1),),)},
        {"rows": ((Option(label="Go", token="\N{FIRE}" * 17, number=1),),)},
        {"rows": ((Option(label="Go", token="", number=1),),)},
        {"rows": ((Option(label=" ", token="x", number=1),),)},
        {"rows": tuple(options("a") for _ in range(101))},
        {"attachments": (Attachment(mime="image/jpeg", data=b"", name="picture.jpg"),)},
    ],
)
async def test_what_telegram_would_refuse_is_rejected_before_it_is_sent(
    bot: TelegramBot, server: TelegramServer, heron: FakeUser, more: dict[str, object]
) -> None:
    with pytest.raises(Rejected):
        await bot.send(a_message(heron, **{"text": "x", **more}))  # type: ignore[arg-type]
    assert server.requests == []


SEND_AND_LIST_MODULES = """
import asyncio, sys
from bots.telegram.bot import TelegramBot
from responder.ports import Outbound

async def main(url, token, handle):
    bot = TelegramBot(token, api_url=url)
    await bot.start()
    await bot.send(Outbound(handle=handle, text="due before the restart"))
    await bot.close()
    print([name for name in sys.modules if name.startswith("aiogram")])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_is_due_leaves_before_aiogram_is_loaded(
    server: TelegramServer, heron: FakeUser
) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", SEND_AND_LIST_MODULES, server.url, TOKEN, str(heron.id)]
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        timeout=30,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert heron.screen[0].text == "due before the restart"


async def test_links_that_are_too_much_for_one_message_go_under_several(
    bot: TelegramBot, server: TelegramServer, heron: FakeUser
) -> None:
    """Telegram refuses a keyboard of 10 kB; a brief for three phones is more."""
    url = "https://pager.example/#" + "x" * 1900
    links = tuple((Option(label=f"Open {n}", url=url),) for n in range(7))
    sent = await bot.send(a_message(heron, "Read this", rows=(*links, options("I have it"))))
    assert [one.text for one in heron.screen] == ["Read this", "\N{HORIZONTAL ELLIPSIS}"]
    assert [len(one.labels) for one in heron.screen] == [4, 4]
    assert heron.screen[-1].labels[-1] == "I have it"
    assert [one.silent for one in heron.screen] == [False, True]
    await bot.send(a_message(heron, "It is over", edits=sent.ref))
    assert [one.text for one in heron.screen] == ["It is over"]
