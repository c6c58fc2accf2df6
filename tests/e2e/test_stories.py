"""The three stories from one chat message to stand-down, over both platforms at once.

One process serves all of this module. Heron and Otter are on Signal, Wren on Telegram and Signal,
Lark reads Spanish, Badger has Telegram alone, Fox verifies, Owl coordinates.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from tests.e2e.process import PIN, Member, Town
from tests.e2e.signal_users import FakeUser as SignalUser

pytestmark = pytest.mark.asyncio(loop_scope="module")

GO = "Go, and stay together"
BRIEF = "Read this, then tap"
PLACE = "Quill and Third"
WORDS = "one of them is crying"
DURESS = "did you feed the blue cat"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_town() -> AsyncIterator[Town]:
    async with Town() as town:
        await town.starts()
        await town.member("Heron", duress_phrase=DURESS, emergency_contact="ring 7001")
        await town.member("Wren", "telegram", "signal")
        await town.member("Otter")
        await town.member("Lark", language="es")
        await town.member("Badger", "telegram")
        await town.member("Fox", roles=("verifier",))
        await town.member("Owl", roles=("coordinator",))
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(whole_town: Town) -> Town:
    await whole_town.new_story()
    return whole_town


# --- what happens in every story ------------------------------------------------------------------


async def a_pair_goes(*pair: Member) -> None:
    """These two say yes on Signal, read the brief and are told to go."""
    for mate in pair:
        await mate.answers("Going, 10 min")
    for mate in pair:
        await mate.reads(BRIEF)
        await mate.answers("I have it")
    for mate in pair:
        await mate.reads(GO)


async def a_known_neighbour(town: Town, name: str) -> SignalUser:
    """Somebody on Signal for whom Heron stands."""
    neighbour = town.signal.user(name)
    await town.vouches(town.members["Heron"], neighbour)
    return neighbour


async def a_pair_is_out(town: Town, reporter: str) -> SignalUser:
    """A neighbour reports a police stop, and Heron and Otter go; returns the neighbour."""
    neighbour = await a_known_neighbour(town, reporter)
    await neighbour.writes(f"Police arrest somebody, {WORDS}, at the corner of {PLACE}, Northside")
    await a_pair_goes(town.members["Heron"], town.members["Otter"])
    await neighbour.sees("People are on their way")
    return neighbour


async def alarms(town: Town) -> list[str]:
    """The alarms of the one incident that there is."""
    (incident,) = await town.ask("incident.list")
    return list(incident["alarms"])


def a_photo() -> bytes:
    """A picture that tells in its EXIF where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Kestrel Cameras"
    exif.get_ifd(0x8825)[29] = "1999:12:31"
    data = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(data, "JPEG", exif=exif, comment=b"made by Mara")
    return data.getvalue()


def without_digits(text: str) -> str:
    """The words without times and numbers, which differ from one reader to the next."""
    return re.sub(r"\d", "", text)


# --- a police stop --------------------------------------------------------------------------------


async def test_neighbours_watch_a_police_stop(town: Town) -> None:
    """Copwatch, from one message on Telegram to the debrief and the forgetting."""
    heron, wren, owl = (town.members[name] for name in ("Heron", "Wren", "Owl"))
    mara = town.telegram.user("Mara")
    await town.vouches(heron, mara)
    await mara.writes(f"Police are stopping kids, {WORDS}. At the corner of {PLACE}, Northside.")
    await mara.sees("We are asking people to come now")
    assert BRIEF not in await heron.reads("Needed: Two people to watch")
    await heron.settled()
    await heron.phone.reacts("\N{THUMBS UP SIGN}", to="Needed: Two people to watch")
    await heron.reads("There is nobody to go with you yet")
    assert town.readers(PLACE) <= {"Owl/signal"}

    await wren.glimpses("Something needs you. The words are on Signal.")
    await wren.presses("Going, 20 min")
    for mate, other in ((heron, "Wren"), (wren, "Heron")):
        brief = await mate.reads(BRIEF)
        assert PLACE in brief and WORDS in brief and f"You go with: {other}" in brief
    for surplus in ("Otter", "Lark"):
        words = "puedes descansar" if surplus == "Lark" else "Enough people have said yes"
        await town.members[surplus].phone.sees(words)

    await heron.answers("I have it")
    await heron.settled()
    assert not town.told(heron.phone, GO)
    await wren.presses("I have it")
    await heron.reads(GO)
    await wren.reads(GO)
    await wren.glimpses("Everybody is ready. The words are on Signal.")
    await mara.sees("They should be there in about 20 minutes")
    await owl.reads("A team is out.")

    await heron.answers("There")
    await wren.presses("There")
    await mara.sees("Our people are there now")
    await wren.presses("Done")
    for mate in (heron, wren):
        await mate.reads("It is over, thank you")
    await heron.answers("I am out")
    await wren.presses("I am out")
    await mara.sees("It is over, and our people have left")
    await owl.reads("Over, everybody is accounted for")

    boards = [m for m in owl.phone.screen if "Police stop" in m.text]
    assert len(boards) == 1 and boards[0].edited
    assert town.readers(PLACE) == {"Heron/signal", "Wren/signal", "Owl/signal"}
    assert PLACE not in town.to_telegram() and WORDS not in town.to_telegram()
    assert not town.told(town.members["Badger"].chat, "needs you")
    await town.passes(days=1, hours=1)
    await heron.reads("Please take ten minutes with your partner")
    await wren.glimpses("There is something for you to read")


# --- a hate incident ------------------------------------------------------------------------------


async def test_somebody_harassed_is_believed_and_accompanied(town: Town) -> None:
    """A hate incident in Spanish from somebody unknown: verified, asked back, accompanied."""
    heron, lark, fox = (town.members[name] for name in ("Heron", "Lark", "Fox"))
    sol = town.telegram.user("Sol", "es")
    await sol.writes("Me insultaron y me siguieron, en la esquina de Abeto y Nogal, en Riverside")
    await sol.sees("Primero lo comprueba alguien de los nuestros")
    assert "Abeto y Nogal" in await fox.reads("Please check this report")
    await fox.answers("Ask a question")
    await fox.reads("Write the question in your next message")
    await fox.phone.writes("Is anybody with you?")
    await sol.sees("Is anybody with you?")
    await sol.writes("Estoy sola junto a la fuente azul")
    await fox.reads("fuente azul")
    assert town.readers("Abeto y Nogal") == {"Fox/signal"}
    assert not town.told(heron.phone, "somebody who was harassed")

    await fox.answers("Confirm")
    await fox.reads("is confirmed. Thank you.")
    await sol.sees("Estamos pidiendo a gente que vaya")
    await heron.answers("Going, 10 min")
    await lark.answers("Voy, 10 min")
    assert "fuente azul" in await heron.reads(BRIEF)
    await heron.answers("I have it")
    await lark.answers("Lo tengo")
    await heron.reads(GO)
    await sol.sees("Hay gente en camino")
    await sol.writes("/safe")
    await heron.reads("the reporter says they are safe now")
    await heron.answers("Done")
    await heron.reads("It is over, thank you")
    await heron.answers("I am out")
    await lark.answers("Ya estoy fuera")

    await sol.sees("Ya terminó y nuestra gente se ha ido")
    await town.telegram.until_confirmed(await sol.presses("Sí, por favor"))
    await town.passes(days=1, hours=1)
    await sol.sees("Ayer nos contaste algo difícil")
    asked = await heron.phone.writes("status")
    await heron.phone.sees("You are resting until", after=asked)
    assert "Nogal" not in town.to_telegram() and "fuente azul" not in town.to_telegram()


# --- a tense situation ----------------------------------------------------------------------------


async def test_partners_leave_come_and_get_out(town: Town) -> None:
    """De-escalation: a partner declines after the brief, one is under duress, all leave."""
    heron, otter, wren, lark, owl = (
        town.members[name] for name in ("Heron", "Otter", "Wren", "Lark", "Owl")
    )
    neighbour = await a_known_neighbour(town, "Nuthatch")
    await neighbour.writes(f"There is a fight, {WORDS}, at the corner of {PLACE}, Northside")
    for mate in (heron, otter):
        await mate.answers("Going, 20 min")
    for mate in (heron, otter):
        await mate.reads(BRIEF)
    await otter.answers("Cannot after all")
    await otter.reads("Noted, you are free")
    await heron.reads("Please do not go: stay where you are")

    await wren.presses("Going, 10 min")
    assert "You go with: Heron" in await wren.reads(BRIEF)
    assert "You go with: Wren" in await heron.reads(BRIEF)
    assert not town.told(heron.phone, GO) or GO not in heron.phone.screen[-1].text
    await heron.answers("I have it")
    await wren.presses("I have it")
    await heron.reads(GO)
    await wren.reads(GO)

    await wren.presses("Check in")
    usual = await wren.reads("you have checked in")
    await heron.phone.writes(DURESS)
    assert without_digits(await heron.reads("you have checked in")) == without_digits(usual)
    await owl.reads("Quiet alarm: Heron has given the duress phrase")
    await heron.phone.writes("ok")

    await wren.presses("Need more people")
    await lark.answers("Voy, 10 min")
    await lark.answers("Lo tengo")
    await lark.phone.sees("Todo el equipo", after=lark.since[0])
    await wren.presses("Leave now")
    for mate in (heron, wren):
        await mate.reads("Leave now. Walk calmly")
    await wren.glimpses("Leave now. Walk calmly")
    await neighbour.sees("Our people had to step back")
    await lark.answers("Ya estoy fuera")
    await wren.presses("I am out")
    await heron.answers("I am out")
    await heron.reads("You are out, and we have noted it")

    await neighbour.sees("It is over, and our people have left")
    assert await alarms(town) == ["duress"]
    await owl.answers("Accounted for")
    await owl.reads("how you know that they are all right")
    await owl.phone.writes("I sat down with Heron")
    await owl.phone.sees("Noted. Thank you.", after=owl.since[0])
    assert await alarms(town) == []
    assert PLACE not in town.to_telegram() and "duress" not in town.to_telegram()
    assert town.readers("duress phrase") == {"Owl/signal"}


# --- pieces of stories ----------------------------------------------------------------------------


async def test_a_pin_and_a_picture_reach_the_team_and_the_coordinators_alone(town: Town) -> None:
    """A pin names the neighbourhood; a picture goes out stripped, its first copy is deleted."""
    heron, otter = town.members["Heron"], town.members["Otter"]
    neighbour = await a_known_neighbour(town, "Dipper")
    await neighbour.writes("The police are searching somebody")
    await neighbour.sees("Which neighbourhood is it in?")
    await neighbour.sends_location(*PIN)
    await a_pair_goes(heron, otter)
    assert "50.05" in await heron.reads(BRIEF)
    photo = a_photo()
    ref = await neighbour.sends_attachment(photo, "image/jpeg", "this is what I see")
    for mate in (heron, otter):
        shown = await mate.phone.sees("sent by the reporter", after=mate.since[0])
        (got,) = shown.attachments
        assert got.startswith(b"\xff\xd8") and got != photo
        assert not any(mark in got for mark in (b"Exif", b"Kestrel", b"1999", b"Mara"))
    await town.signal.until(lambda: ref in town.signal.attachments_deleted)
    seers = {one.phone.handle for one in (heron, otter, town.members["Owl"])}
    await town.signal.until(lambda: seers <= {s.to for s in town.sendings() if s.files})
    assert {s.to for s in town.sendings() if s.files} == seers


async def test_two_who_say_yes_at_once_read_the_brief_last(town: Town) -> None:
    """However close the answers come, "there is nobody to go with you yet" never comes late."""
    heron, otter = town.members["Heron"], town.members["Otter"]
    neighbour = await a_known_neighbour(town, "Twite")
    await neighbour.writes("Police stop a bus, Northside")
    for mate in (heron, otter):
        await mate.reads("Needed:")
    await asyncio.gather(*(mate.answers("Going, 10 min") for mate in (heron, otter)))
    for mate in (heron, otter):
        await mate.reads(BRIEF)
        await mate.settled()
        brief = await mate.phone.sees(BRIEF)
        late = [one for one in mate.phone.screen if one.ref > brief.ref]
        assert not any("nobody to go with you yet" in one.text for one in late)


async def test_silence_is_noticed(town: Town) -> None:
    """A missed check-in: a nudge, then an alarm with the emergency contact, until they answer."""
    heron, otter, owl = (town.members[name] for name in ("Heron", "Otter", "Owl"))
    await a_pair_is_out(town, "Siskin")
    await town.passes(minutes=21)
    await otter.reads("Your check-in is due")
    await otter.settled()
    await otter.phone.reacts("\N{THUMBS UP SIGN}", to="Your check-in is due")
    await otter.settled()
    await heron.reads("Your check-in is due")
    assert not town.told(owl.phone, "ring 7001")
    await town.passes(minutes=6)
    assert "ring 7001" in await owl.reads("No sign of life from Heron")
    await heron.phone.writes("all good")
    await heron.reads("you have checked in")
    assert await alarms(town) == []
    assert town.readers("ring 7001") == {"Owl/signal"}


async def test_a_report_taken_back_lets_everybody_sleep(town: Town) -> None:
    """/cancel before anybody goes: whoever was paged is thanked."""
    mara = town.telegram.user("Merlin")
    await town.vouches(town.members["Heron"], mara)
    await mara.writes("Police raid in Northside")
    await town.members["Otter"].reads("Needed: Two people to watch")
    await mara.writes("/cancel")
    await mara.sees("Your report is taken back")
    await town.members["Otter"].reads("It came to nothing this time")
    assert await town.ask("incident.list") == []


async def test_a_stranger_is_forgotten_on_request(town: Town) -> None:
    """/forget of somebody unknown: the report and the person are gone, the verifier sees it."""
    fox = town.members["Fox"]
    crake = town.signal.user("Crake")
    await crake.writes("Police checkpoint in Northside, by the old well")
    await fox.reads("by the old well")
    await crake.writes("forget")
    await crake.answers("Yes, forget it")
    await crake.sees("What you sent us is destroyed")
    await fox.reads("the report was taken back")
    assert await town.ask("incident.list") == []


async def test_whoever_has_telegram_alone_is_told_and_never_paged(town: Town) -> None:
    """No end-to-end private channel: no page, and a word about it on joining and asking."""
    badger = town.members["Badger"].chat
    await badger.sees("You have no private channel with us yet")
    await a_pair_is_out(town, "Grebe")
    await badger.writes("/oncall")
    await badger.sees("Noted. Thank you.")
    assert not town.told(badger, "needs you")
    assert "Badger (no private channel" in (await asks_who(town))


async def asks_who(town: Town) -> str:
    """What Otter is told about who is on call."""
    otter = town.members["Otter"].phone
    asked = await otter.writes("who")
    return (await otter.sees("On call now", after=asked)).text
