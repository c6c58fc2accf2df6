"""A page that stays unopened on the phone: the real process, Telegram first and Signal second.

Heron reads sealed pages on a phone and has Signal besides. Badger has Signal alone and goes along.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from responder.core.phrases import say
from tests.e2e.process import Town
from tests.e2e.test_phones import OPEN_IT, Held, PagerTown, registers

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPORT = "Police stop kids with a zinnia banner, at the corner of Quill and Third, Northside"
PAGE, BRIEF, GO = "Needed: Two people to watch", "Read this, then tap", "Go, and stay together"
SECOND = say("en", "phone.second")
LONG_ENOUGH = {"seconds": 41}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_town() -> AsyncIterator[PagerTown]:
    async with PagerTown() as town:
        await town.starts()
        owl = await town.member("Owl", roles=("coordinator",))
        await town.member("Badger")
        heron = await town.member("Heron", "telegram", "signal")
        town.phones["Heron"] = await registers(town, heron, owl, 1)
        await town.vouches(owl, town.signal.user("Mara"))
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def heron(whole_town: PagerTown) -> Held:
    await whole_town.new_story()
    return whole_town.phones["Heron"]


async def reported(heron: Held) -> None:
    """Mara, who is known, tells of it."""
    users = heron.town.signal._users.values()
    await next(user for user in users if user.name == "Mara").writes(REPORT)


async def is_paged(heron: Held) -> None:
    """Heron's page lies sealed on the phone."""
    await reported(heron)
    await heron.member.chat.sees(f"Something needs you. {OPEN_IT}", after=heron.member.since[1])
    await heron.finds(PAGE)


async def waits_in_vain(heron: Held) -> None:
    """What Telegram took is on record, and then nobody opens it for long enough."""
    await heron.town.members["Badger"].settled()
    await heron.town.passes(**LONG_ENOUGH)
    await heron.town.members["Badger"].settled()


def on_signal(heron: Held, words: str) -> list[str]:
    """Everything of this story on Heron's Signal that holds the words."""
    shown = heron.member.phone.screen
    return [m.text for m in shown if m.ref > heron.member.since[0] and words in m.text]


async def test_an_unopened_page_comes_over_signal_and_either_may_be_answered(heron: Held) -> None:
    await is_paged(heron)
    assert on_signal(heron, PAGE) == []
    await waits_in_vain(heron)
    assert SECOND in await heron.member.reads(PAGE)

    await heron.member.answers("Going, 10 min")
    await heron.member.chat.sees("Thank you for saying yes", after=heron.member.since[1])
    await heron.member.chat.presses("Going, 20 min", after=heron.member.since[1])
    await heron.town.telegram.until(
        lambda: any("already" in toast for toast in heron.member.chat.toasts),
        what=lambda: f"that it was answered already; {heron.member.chat.toasts}",
    )
    assert "Heron" not in heron.town.to_telegram(), "Telegram learns nothing by it"


async def test_who_answers_beside_the_phone_is_paged_once(heron: Held) -> None:
    await is_paged(heron)
    await heron.member.presses("Going, 10 min")
    await heron.member.chat.sees("Thank you for saying yes", after=heron.member.since[1])
    await waits_in_vain(heron)
    assert on_signal(heron, PAGE) == []


async def test_a_killed_process_still_finds_the_page_unopened(heron: Held) -> None:
    town = heron.town
    await is_paged(heron)
    await town.members["Badger"].settled()
    await town.dies()
    await town.passes(**LONG_ENOUGH)
    await town.starts()
    assert SECOND in await heron.member.reads(PAGE)
    await waits_in_vain(heron)
    assert len(on_signal(heron, PAGE)) == 1
    assert len(town.told(heron.member.chat, "Something needs you")) <= 3


async def test_a_brief_reaches_signal_before_it_counts_as_unread(heron: Held) -> None:
    town = heron.town
    await is_paged(heron)
    await heron.member.presses("Going, 10 min")
    await town.members["Badger"].answers("Going, 10 min")
    await heron.finds(BRIEF)
    await waits_in_vain(heron)
    assert "corner of Quill and Third" in await heron.member.reads(BRIEF)
    await heron.member.answers("I have it")
    await town.members["Badger"].answers("I have it")
    await town.members["Badger"].reads(GO)


async def test_a_phone_on_which_nothing_is_opened_gives_way_until_it_is_tried(
    whole_town: PagerTown, heron: Held
) -> None:
    """Wren answers page, brief and "go" on Signal alone."""
    town = whole_town
    badger, owl = town.members["Badger"], town.members["Owl"]
    member = await town.member("Wren", "telegram", "signal")
    wren = await registers(town, member, owl, 2)
    since = member.since = (town.signal.tick(), town.telegram.next_message_id())
    await is_paged(wren)
    for words, answer in ((PAGE, "Going, 10 min"), (BRIEF, "I have it"), (GO, "")):
        await wren.finds(words)
        await waits_in_vain(wren)
        assert SECOND in await member.reads(words)
        if answer:
            await badger.answers(answer)
            await member.answers(answer)
    await member.glimpses("Nothing was lost")
    assert [d["works"] for d in (await town.cli("member", "devices", "Wren"))["devices"]] == [False]

    await Town.new_story(town)  # in which nobody opens what was sent to try the phone
    await reported(wren)
    assert SECOND not in await member.reads(PAGE)
    await member.glimpses("Signal")
    member.since = since
    await wren.proves()
    await member.glimpses("Your phone works")
