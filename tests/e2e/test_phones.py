"""Members whom Telegram alone reaches: their phones open what the real process seals for them.

One process serves most of this module. Badger, Wren, Fox and Eagle have Telegram and a phone and
nothing else; Heron and Owl have Signal. The phones are Python that knows the format by the document
(`pager_kit`); at the end a real Chromium opens the page that the process serves itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import string
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from PIL import Image

from responder.sealed.pages import (
    PagerFacts,
    fingerprint_words,
    probe_payload,
    registration_payload,
)
from responder.sealed.private_reports import (
    PrivateReport,
    seal_report,
)
from tests.e2e.browser import chromium, find_chromium
from tests.e2e.process import Member, Town
from tests.e2e.telegram_server import FakeUser, Shown
from tests.pager_kit import Named, NotOpened, Phone, open_link, open_parcel, unbase64
from tests.ports import Port
from tests.unit.test_media import a_picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

GO = "Go, and stay together"
OPEN_IT = "Open it on your phone"
OVER = "It is over, thank you"

STORIES = {
    "copwatch": PrivateReport(
        words="Police are stopping a tangerine van", place="Obsidian Lane, Northside"
    ),
    "hate-incident": PrivateReport(
        words="Somebody shouts racist slurs at a florist", place="Periwinkle Gate, Northside"
    ),
    "de-escalation": PrivateReport(
        words="There is a fight about a vermilion bicycle", place="Cobble Stairs, Northside"
    ),
}
CANARIES = (
    *("tangerine", "florist", "slurs", "vermilion", "bicycle", "saffron"),
    *("Obsidian", "Periwinkle", "Cobble"),
    *("Badger", "Wren", "Fox", "Eagle", "Heron", "Owl"),
)
KINDS = ("police", "racist", "hate", "fight", "tense", "copwatch", "escalation", "Northside")
"""What intake itself says to the reporter, and nothing says to anybody else."""


# --- a phone in somebody's hand -------------------------------------------------------------------


@dataclass
class Held:
    """A registered phone: it opens links as the pager does, and remembers what was over."""

    town: Town
    member: Member
    phone: Phone
    facts: PagerFacts
    seen: dict[str, int] = field(default_factory=dict)
    proved: set[str] = field(default_factory=set)

    def links(self, message: Shown) -> list[str]:
        return [data for row in message.buttons for _, data in row if data.startswith("http")]

    def opened(self, link: str) -> dict[str, Any]:
        """What the pager would show for this link; `NotOpened` where it refuses."""
        page = open_link(link, self.phone, self.facts)
        if page["sequence"] < self.seen.get(page["thread"], -1):
            raise NotOpened("a newer page was seen")
        self.seen[page["thread"]] = page["sequence"]
        return page

    def pages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """All of this story that can be read without opening it in the pager, the newest first."""
        chat, since = self.member.chat, self.member.since[1]
        for message in reversed(chat.screen):
            for link in self.links(message) if message.id > since else ():
                with suppress(NotOpened):  # sealed for a phone that was lost
                    yield link, open_link(link, self.phone, self.facts)

    async def finds(self, words: str) -> str:
        """The newest link of this story under which the words lie, once there is one."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [link for link, page in self.pages() if words in read(page)]
            return bool(found)

        await self.town.telegram.until(
            there,
            what=lambda: (
                f"{words!r}; {self.member.call_sign} reads "
                f"{[read(page) for _, page in self.pages()]}, sees {self.member.chat._seen()}"
            ),
        )
        return found[0]

    async def reads(self, words: str) -> str:
        """Open it on the phone; all that it says."""
        return read(self.opened(await self.finds(words)))

    async def reads_all(self, words: str) -> str:
        """Open every part of the page that holds the words."""
        first = self.opened(await self.finds(words))
        same = [page for _, page in self.pages() if page["thread"] == first["thread"]]
        parts = [page for page in same if page["sequence"] == first["sequence"]]
        return "\n".join(read(page) for page in parts)

    async def proves(self) -> None:
        """Open the newest probe, if there is a new one, and tell the bot."""
        for _, page in self.pages():
            if page["purpose"] == "probe" and page["token"] not in self.proved:
                self.proved.add(page["token"])
                asked = self.town.telegram.next_message_id()
                await self.member.chat.writes(f"/start {probe_payload(page['token'])}")
                await self.member.chat.sees("phone", after=asked)
                return


def read(page: dict[str, Any]) -> str:
    """Every word of a page."""
    texts: list[str] = [page.get(name, "") for name in ("title", "place", "partner", "token")]
    for name in ("lines", "safety", "leave", "guidance"):
        texts += page.get(name, [])
    return "\n".join(texts)


async def facts_of(address: str) -> PagerFacts:
    """What the page that the process serves says of its network."""
    async with aiohttp.ClientSession() as client, client.get(f"{address}/network.json") as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        told = json.loads(await answer.read())
    for name in ("sign_public", "report_public"):
        told[name] = unbase64(told[name])
    return msgspec.convert({**told, "pager_url": f"{address}/"}, PagerFacts)


async def registers(town: PagerTown, member: Member, by: Member, secret: int) -> Held:
    """A phone is registered, compared, confirmed and tried out."""
    held = Held(town, member, Phone.of(bytes([secret]) * 32), await facts_of(town.page))
    await member.chat.writes(f"/start {registration_payload(held.phone.key, held.facts)}")
    words = " ".join(fingerprint_words(held.phone.key))
    await member.chat.sees(words)
    asked = await by.reads(f"{member.call_sign} registered a phone")
    assert words in asked
    await by.answers("Yes, the same")
    await member.chat.sees("so that we know that sealed pages reach you")
    await held.proves()
    await member.chat.sees("Your phone works")
    return held


class PagerTown(Town):
    """A town whose process serves the pager; `page` is where."""

    def __init__(self) -> None:
        self._port = Port()
        self.page = self._port.url
        pager = f'[pager]\nurl = "{self.page}"\nlisten = "{self._port.address}"\n'
        super().__init__(log=pager, telegram='bot_name = "northside_bot"')
        self.phones: dict[str, Held] = {}

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, trace)
        self._port.let_go()

    async def new_story(self) -> None:
        """Begin in peace; a week may have passed, so that phones are asked to prove themselves."""
        await super().new_story()
        for held in self.phones.values():
            before, held.member.since = held.member.since, (0, 0)
            await held.proves()
            held.member.since = before


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_town() -> AsyncIterator[PagerTown]:
    async with PagerTown() as town:
        await town.starts()
        owl = await town.member("Owl", roles=("coordinator",))
        await town.member("Heron")
        for number, (name, role) in enumerate(
            (
                ("Badger", "responder"),
                ("Wren", "responder"),
                ("Fox", "verifier"),
                ("Eagle", "coordinator"),
            ),
            1,
        ):
            member = await town.member(name, "telegram", roles=(role,))
            town.phones[name] = await registers(town, member, owl, number)
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(whole_town: PagerTown) -> PagerTown:
    await whole_town.new_story()
    return whole_town


async def reports(user: FakeUser, report: PrivateReport, facts: PagerFacts) -> None:
    for message in seal_report(report, facts):
        await user.writes(message)


async def both_go(*mates: Held) -> None:
    """Over Telegram: yes, the brief, I have it, go."""
    for mate in mates:
        await mate.member.chat.presses("Going, 10 min")
    for mate in mates:
        await mate.finds("Read this, then tap")
        await mate.member.chat.presses("I have it")
    for mate in mates:
        await mate.finds(GO)


# --- the stories --------------------------------------------------------------------------------


async def test_who_has_telegram_alone_goes_with_somebody_on_signal(town: PagerTown) -> None:
    """From the page to the stand-down: exact words on the phone, nothing of them in the chat."""
    badger, heron = town.phones["Badger"], town.members["Heron"]
    mara = town.signal.user("Mara")
    await town.vouches(heron, mara)
    await mara.writes(
        "Police stop kids with a zinnia banner, at the corner of Quill and Third, Northside"
    )
    page = await badger.reads("Needed: Two people to watch")
    assert "Police stop" in page and "Northside" in page and "Quill" not in page
    await badger.member.chat.sees(f"Something needs you. {OPEN_IT}.")
    await badger.member.chat.presses("Going, 10 min")
    await heron.answers("Going, 10 min")

    brief_link = await badger.finds("Quill and Third")
    brief = await badger.reads_all("Read this, then tap")
    assert "corner of Quill and Third" in brief and "zinnia" in brief and "Heron" in brief
    assert "corner of Quill and Third" in badger.opened(brief_link)["place"]
    await badger.member.chat.presses("I have it")
    await heron.answers("I have it")
    await badger.reads(GO)
    assert badger.opened(brief_link), "go leaves the brief readable"

    await mara.writes("Now there is a second car")
    await badger.reads("second car")
    assert badger.opened(brief_link), "an update leaves the brief readable"
    await badger.member.chat.presses("Done")
    over = await badger.member.chat.sees(OVER, after=badger.member.since[1])
    assert over.labels[0] == "Clear it from the phone"
    assert badger.opened(badger.links(over)[0])["layout"] == "over"
    with pytest.raises(NotOpened, match="newer"):
        badger.opened(brief_link)
    await badger.member.chat.presses("I am out")
    await heron.answers("I am out")
    await mara.sees("It is over, and our people have left")
    for words in ("Quill", "zinnia", "Heron", "Police stop", "Northside", "second car"):
        assert words not in town.to_telegram()


@pytest.mark.parametrize("kind", STORIES)
async def test_telegram_learns_nothing_of_a_whole_story(town: PagerTown, kind: str) -> None:
    """The canary: reported privately, verified, boarded, responded to, all over Telegram alone."""
    report, since = STORIES[kind], len(town.telegram.requests)
    badger, wren, fox, eagle = (town.phones[n] for n in ("Badger", "Wren", "Fox", "Eagle"))
    neighbour = town.telegram.user("Neighbour")
    await reports(neighbour, report, badger.facts)
    await neighbour.sees("One of our people checks it first")
    street = report.place.partition(",")[0]
    card = await fox.reads_all("Please check this report")
    assert street in card and report.words in card
    await fox.member.chat.presses("Confirm")
    await neighbour.sees("We are asking people to come now")
    assert not town.told(neighbour, "Where exactly"), "it was told already, unread"

    await both_go(badger, wren)
    brief = await badger.reads_all("Read this, then tap")
    assert report.place in badger.opened(await badger.finds("Read this, then tap"))["place"]
    assert street in brief and report.words in brief and "Wren" in brief
    assert report.words in await eagle.reads_all("A team is out.")
    for mate in (badger, wren):
        await mate.member.chat.presses("There")
    await neighbour.sees("Our people are there now")
    await wren.member.chat.presses("Check in")
    await wren.reads("you have checked in")
    await eagle.member.chat.presses("Add a note")
    await eagle.member.chat.sees("Write the note in your next message")
    await eagle.member.chat.writes("Come back by the saffron bridge")
    await badger.reads("saffron bridge")
    await wren.member.chat.presses("Done")
    for mate in (badger, wren):
        await mate.member.chat.sees(OVER, after=mate.member.since[1])
        await mate.member.chat.presses("I am out")
    await neighbour.sees("It is over, and our people have left")
    await town.passes(days=1, hours=1)
    await badger.reads("Please take ten minutes with your partner")
    telegram_never_saw(town, since, neighbour)


ASKED = {
    "/who": "Wren",
    "/members": "Heron",
    "/coverage": "Northside",
    "/playbooks": "Police stop",
    "/shifts Heron": "Heron",
    "/handover Northside The saffron gate is locked.": "Northside",
    "/incidents": "Police stop",
}
"""What a coordinator asks in chat, and a word that the answer shows on the phone."""


async def test_telegram_learns_nothing_from_the_answers_to_a_coordinator(town: PagerTown) -> None:
    """Names, places and kinds are asked for in chat, and answered on the phone alone."""
    eagle, since = town.phones["Eagle"], len(town.telegram.requests)
    neighbour = town.telegram.user("Linnet")
    await reports(neighbour, STORIES["copwatch"], eagle.facts)
    await neighbour.sees("One of our people checks it first")
    for asked, answer in ASKED.items():
        eagle.member.since = (0, town.telegram.next_message_id())
        await eagle.member.chat.writes(asked)
        await eagle.finds(answer)
    await eagle.member.chat.presses("Show 1", after=eagle.member.since[1])
    assert "tangerine" in await eagle.reads_all("Obsidian")
    telegram_never_saw(town, since, neighbour)


def telegram_never_saw(town: PagerTown, since: int, neighbour: FakeUser) -> None:
    """No byte to the Bot API tells anything; the reporter's chat sees intake's own choices only."""
    for request in town.telegram.requests[since:]:
        said = f"{request.params} {request.body.decode(errors='replace')}"
        # Ciphertext in base64 and the buttons' random tokens may hold a short word by chance.
        plain = re.sub(r"#1\.[\w-]+|\b[a-z2-7]{24}\b", "", said).casefold()
        theirs = str(request.params.get("chat_id")) == str(neighbour.id)
        for words in CANARIES if theirs else (*CANARIES, *KINDS):
            assert words.casefold() not in plain, (words, request.method, theirs)


# --- pictures -------------------------------------------------------------------------------------


async def parcel_under(held: Held, words: str) -> tuple[Named, bytes]:
    """What the page with these words names, fetched from the page's own host once it is there."""
    page = held.opened(await held.finds(words))
    named = Named.of(page["parcels"][0])
    async with aiohttp.ClientSession() as client, asyncio.timeout(30):
        while True:
            async with client.get(f"{held.facts.pager_url}parcel/{named.token}") as answer:
                if answer.status == 200:
                    return named, await answer.read()
                assert answer.status == 404, "it may still be on its way to us"
            await asyncio.sleep(0.05)


async def is_gone(held: Held, named: Named) -> bool:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{held.facts.pager_url}parcel/{named.token}") as answer,
    ):
        return answer.status == 404


async def test_pictures_reach_phones_sealed_and_telegram_sees_no_byte_of_them(
    town: PagerTown,
) -> None:
    """Verifier, coordinator and team, each for as long as it is theirs to see."""
    badger, wren, fox, eagle = (town.phones[n] for n in ("Badger", "Wren", "Fox", "Eagle"))
    since, picture = len(town.telegram.requests), a_picture("JPEG", (640, 400))
    lapwing = town.signal.user("Lapwing")
    await lapwing.sends_attachment(
        picture, "image/jpeg", "Police are stopping a tangerine van at Obsidian Lane, Northside"
    )
    await lapwing.sees("One of our people checks it first")
    for_fox, sealed = await parcel_under(fox, "for those who check the report")
    mime, data = open_parcel(sealed, for_fox.key)
    with Image.open(BytesIO(data)) as seen:
        assert (mime, seen.size) == ("image/jpeg", (640, 400)) and not seen.getexif()
    await fox.member.chat.presses("Confirm")
    await lapwing.sees("We are asking people to come now")
    assert await is_gone(fox, for_fox), "a verifier has decided"

    _, sealed = await parcel_under(eagle, "for you as a coordinator")
    await both_go(badger, wren)
    for_badger, again = await parcel_under(badger, "for your team only")
    assert open_parcel(again, for_badger.key) == (mime, data)
    await badger.member.chat.presses("Done")
    for mate in (badger, wren):
        await mate.member.chat.sees(OVER, after=mate.member.since[1])
        await mate.member.chat.presses("I am out")
    await lapwing.sees("It is over, and our people have left")
    assert await is_gone(badger, for_badger), "the response is over"
    told = town.telegram.requests[since:]
    assert not any("photo" in r.method.casefold() for r in told)
    for secret in (data[200:240], b64encode(data[300:360]), sealed[:40], for_fox.token.encode()):
        assert not any(secret in r.body for r in told)


# --- reports --------------------------------------------------------------------------------------


async def test_report_offers_a_link_under_which_telegram_cannot_read(town: PagerTown) -> None:
    mara = town.telegram.user("Mara")
    await mara.writes("/report")
    offered = await mara.sees("To write it so that Telegram cannot read it")
    assert f"{town.page}/#report" in offered.text
    merlin = town.signal.user("Merlin")
    asked = await merlin.writes("report")
    await merlin.sees("happening", after=asked)
    assert not any("#report" in message.text for message in merlin.screen)


async def test_a_private_report_in_two_parts_opens_the_same_intake(town: PagerTown) -> None:
    fox = town.phones["Fox"]
    neighbour = town.telegram.user("Siskin")
    chance = Random(7)
    plates = (" ".join(chance.choices(string.ascii_letters, k=9)) for _ in range(300))
    report = PrivateReport(
        words="Police car " + "".join(plates)[:5400], place="Obsidian Lane, Northside"
    )
    parts = seal_report(report, fox.facts)
    assert len(parts) == 2
    await neighbour.writes(parts[1])
    await neighbour.sees("That is one part of your report")
    await neighbour.writes(parts[0])
    await neighbour.sees("One of our people checks it first")
    await fox.finds("Police car")


async def test_a_private_report_that_was_changed_is_refused_in_words(town: PagerTown) -> None:
    neighbour = town.telegram.user("Crake")
    (message,) = seal_report(STORIES["copwatch"], town.phones["Fox"].facts)
    await neighbour.writes(message[:-9] + "AAAAAAAAA")
    await neighbour.sees("That report could not be opened")
    assert await town.ask("incident.list") == []


# --- losing things --------------------------------------------------------------------------------


async def test_a_lost_phone_is_taken_away_and_another_registered(town: PagerTown) -> None:
    """As docs/operations.md says it: at the machine, then the way in anew."""
    wren, owl = town.phones["Wren"], town.members["Owl"]
    listed = await town.cli("member", "devices", "Wren")
    assert [one["works"] for one in listed["devices"]] == [True]
    await town.cli("member", "devices", "Wren", "--remove", "1")
    await wren.member.chat.sees("was taken off by a coordinator")
    neighbour = town.telegram.user("Dunnock")
    await reports(neighbour, STORIES["copwatch"], wren.facts)
    await town.phones["Fox"].finds("Please check this report")
    await town.phones["Fox"].member.chat.presses("Confirm")
    await town.phones["Badger"].finds("Needed: Two people to watch")
    assert not list(wren.pages()), "nobody without a phone is paged"

    await town.new_story()
    wren.phone = Phone.of(bytes([77]) * 32)
    await wren.member.chat.writes(f"/start {registration_payload(wren.phone.key, wren.facts)}")
    await owl.reads("Wren registered a phone")
    answer = await town.cli("member", "devices", "Wren", "--confirm", "1")
    assert answer["words"] == " ".join(fingerprint_words(wren.phone.key))
    await wren.finds("")
    await wren.proves()
    await wren.member.chat.sees("Your phone works")


async def test_a_coordinator_whose_account_was_taken_comes_back_with_another(
    town: PagerTown,
) -> None:
    """As docs/operations.md says it: the old account is a stranger's at once."""
    eagle, thief = town.phones["Eagle"], town.phones["Eagle"].member.chat
    await town.cli("member", "set", "Eagle", "--drop-channel", "telegram")
    await town.cli("member", "devices", "Eagle", "--remove", "1")
    asked = town.telegram.next_message_id()
    await thief.writes("/who")
    await thief.sees("That does not work here", after=asked)

    eagle.member.codes.append((await town.cli("member", "code", "Eagle"))["code"])
    await town._joins(eagle.member, "telegram", "en")
    town.phones["Eagle"] = await registers(town, eagle.member, town.members["Owl"], 88)
    neighbour = town.telegram.user("Ouzel")
    await reports(neighbour, STORIES["de-escalation"], eagle.facts)
    await town.phones["Fox"].finds("Please check this report")
    await town.phones["Fox"].member.chat.presses("Confirm")
    assert "vermilion" in await town.phones["Eagle"].reads_all("vermilion")
    assert not any(m.id > asked + 5 for m in thief.screen), "nothing more goes to the old account"


async def test_phones_outlive_a_restart_of_the_network(town: PagerTown) -> None:
    badger = town.phones["Badger"]
    assert await town.stops() == 0
    await town.starts()
    assert await facts_of(town.page) == badger.facts
    assert (await town.cli("member", "devices", "Badger"))["devices"][0]["works"]
    await badger.member.chat.writes("/who")
    await badger.finds("On call now")


async def test_the_page_can_be_built_while_the_network_runs(town: PagerTown) -> None:
    """The same site as the one that is served, for any other host."""
    folder = town.folder / "site"
    command = await town.command("pager", "build", str(folder))
    assert await command.ended() == 0, command.told
    names = ["network.json", "index.html", "app.js", "sw.js"]
    async with aiohttp.ClientSession() as client:
        for name in names:
            async with client.get(f"{town.page}/{name}") as answer:
                assert await answer.read() == (folder / name).read_bytes()


# --- a real browser -------------------------------------------------------------------------------


async def test_a_real_browser_opens_a_brief_of_the_running_network(
    town: PagerTown, tmp_path: Path
) -> None:
    """Chromium registers on the page that the process serves, proves itself, and reads a brief."""
    find_chromium()
    otter = await town.member("Otter", "telegram")
    async with chromium(tmp_path / "profile") as browser:
        tab = await browser.tab()
        await tab.go(f"{town.page}/#register")
        await tab.tap("Register this phone")
        await tab.wait("document.querySelector('.words')")
        await otter.chat.writes(await started(tab, "a.deed"))
        await town.members["Owl"].reads("Otter registered a phone")
        await town.members["Owl"].answers("Yes, the same")
        await tab.go(link_of(await otter.chat.sees("so that we know")))
        assert await tab.title() == "This phone works"
        await otter.chat.writes(await started(tab, "a.deed"))
        await otter.chat.sees("Your phone works")

        brief = link_of(await a_brief_for(town, otter))
        await tab.go(brief)
        shown = await tab.text()
        assert "Obsidian Lane" in shown and "tangerine van" in shown
        await otter.chat.presses("Cannot after all")
        await tab.go(link_of(await otter.chat.sees("you are free")))
        assert await tab.title() == "This is over"
        await tab.go(brief)
        assert await tab.title() == "There is a newer page"
        assert tab.said() == []


async def started(tab: Any, selector: str) -> str:
    """What the link in the page would make Telegram send to the bot."""
    href = str(await tab.run(f"document.querySelector({selector!r}).href"))
    link, _, value = href.partition("?start=")
    assert link == "https://t.me/northside_bot"
    return f"/start {value}"


def link_of(message: Shown) -> str:
    """The first link under it, as it stands now."""
    return next(data for row in message.buttons for _, data in row if data.startswith("http"))


async def a_brief_for(town: PagerTown, otter: Member) -> Shown:
    """A story that comes as far as Otter's brief, with Badger as partner."""
    neighbour = town.telegram.user("Avocet")
    await reports(neighbour, STORIES["copwatch"], town.phones["Fox"].facts)
    await town.phones["Fox"].finds("Please check this report")
    await town.phones["Fox"].member.chat.presses("Confirm")
    badger = town.phones["Badger"]
    await badger.finds("Needed: Two people to watch")
    await otter.chat.sees(f"Something needs you. {OPEN_IT}.")
    await otter.chat.presses("Going, 10 min")
    await badger.member.chat.presses("Going, 10 min")
    return await otter.chat.sees(f"read now. {OPEN_IT}")
