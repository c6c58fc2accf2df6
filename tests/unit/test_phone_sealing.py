"""What is sealed for members' phones, opened as a phone would; and what phones send back."""

from __future__ import annotations

import base64
import json
import random
import string
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from responder.config import Settings
from responder.core import cards
from responder.core import incident as incidents
from responder.core.changes import Changes, Device
from responder.core.desk import Desk
from responder.core.effects import AlarmKind, Card, Tell
from responder.core.messages import Message
from responder.core.model import MessageId, PersonId, Pin, State
from responder.core.phrases import say
from responder.core.talk.phones import FACTS as PUBLIC
from responder.core.world import World
from responder.custody import backup, restoring
from responder.ports import Inbound, Option, Rejected
from responder.sealed import contents
from responder.sealed.pages import (
    fingerprint_words,
    probe_payload,
    registration_payload,
)
from responder.sealed.phones import KEYS, Phones, open_phones
from responder.sealed.private_reports import (
    PrivateReport,
    seal_report,
)
from responder.storage.keyfile import KeyFile
from responder.storage.library import load_world
from responder.storage.store import Store
from tests.builders import (
    HERON,
    NOW,
    OWL,
    PLACE,
    WORDS,
    WREN,
    Story,
    a_member,
    a_small_network,
    an_incident,
)
from tests.pager_kit import REPORT_KEY, SIGNER, NotOpened, Phone, open_link, some_facts

FIRST, SECOND = Phone.of(b"\x31" * 32), Phone.of(b"\x32" * 32)
FACTS = some_facts()
MINUTE = timedelta(minutes=1)
LOCKED = "correct horse battery staple"


def a_device(id: str, phone: Phone, person: str = HERON, **changes: Any) -> Device:
    device = Device(
        id=id,
        person=PersonId(person),
        key=base64.urlsafe_b64encode(phone.key.public).decode().rstrip("="),
        words=fingerprint_words(phone.key),
        registered_at=NOW,
        confirmed_at=NOW,
        proved_at=NOW,
    )
    return replace(device, **changes)


def noise(length: int) -> str:
    """Letters that no compression makes shorter than three quarters."""
    return "".join(random.Random(length).choices(string.ascii_letters + string.digits, k=length))


class Desktop:
    """A network, its pager, and what the outbox would be given."""

    def __init__(self, world: World | None = None, *devices: Device) -> None:
        self.world = world or a_small_network()
        self.pager = Phones(FACTS, SIGNER, REPORT_KEY)
        self.at = NOW
        for device in devices or (a_device("first", FIRST),):
            self.world.put(device)

    def links(self, message: Message) -> tuple[Option, ...]:
        return self.sealed(message)[1]

    def sealed(self, message: Message) -> tuple[str, tuple[Option, ...]]:
        return self.pager.sealer(lambda: self.world, lambda: self.at)(message)

    def opened(self, message: Message, phone: Phone = FIRST) -> dict[str, Any]:
        (link,) = self.links(message)
        return open_link(link.url, phone, FACTS)


class Memory:
    """What a phone remembers of versions, as the pager keeps it."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def shows(self, page: dict[str, Any]) -> bool:
        newest = self._seen.get(page["thread"], -1)
        if page["sequence"] < newest:
            return False
        self._seen[page["thread"]] = page["sequence"]
        return True


def faces_of(story: Story) -> cards.Faces:
    """What the cards of this incident are written by."""
    incident, world = story.incident, story.world
    return cards.Faces(incident, world.playbook(incident.playbook), world, world.network)


class Night:
    """An incident that goes its way; whatever Heron is told can be sealed."""

    def __init__(self, state: State = State.PAGING) -> None:
        self.story = an_incident(state)
        self.desk = Desktop(self.story.world)

    def told(self, card: Card, at: datetime | None = None, to: str = HERON, **more: Any) -> Message:
        """This card as it would be written to them now."""
        at = at or self.story.at
        desk = Desk(self.story.world, at, b"n" * 32)
        tell = Tell(
            to=PersonId(to),
            card=card,
            message=MessageId(f"i1.{card.value}.{at.timestamp()}"),
            **more,
        )
        desk._effect(self.story.incident, tell, faces_of(self.story))
        return desk.changes.messages[-1]

    def opened(self, card: Card, **more: Any) -> dict[str, Any]:
        return self.desk.opened(self.told(card, **more))


def words_of(page: dict[str, Any]) -> str:
    return "\n".join(
        str(part)
        for field in ("title", "place", "partner", "lines", "safety", "leave", "guidance")
        for part in ([page[field]] if isinstance(page.get(field), str) else page.get(field, []))
    )


# --- which phones ---------------------------------------------------------------------------------


def a_word(**changes: Any) -> Message:
    made = Message(
        id=MessageId("m1"),
        to=PersonId(HERON),
        card="reply",
        text="A title\nand words",
        notice="There is something.",
        created_at=NOW,
        sealed_under="person:heron",
    )
    return replace(made, **changes)


def test_each_phone_gets_links_of_its_own_and_says_which_one_it_is() -> None:
    desk = Desktop(None, a_device("first", FIRST), a_device("second", SECOND))
    one, two = desk.links(a_word())
    assert (one.label, two.label) == ("Open on phone 1", "Open on phone 2")
    assert open_link(one.url, FIRST, FACTS)["lines"] == ["and words"]
    assert open_link(two.url, SECOND, FACTS)["lines"] == ["and words"]
    with pytest.raises(NotOpened, match="other phone"):
        open_link(two.url, FIRST, FACTS)


def test_one_phone_needs_no_number_but_its_parts_do() -> None:
    desk = Desktop()
    (one,) = desk.links(a_word())
    assert one.label == "Open"
    words = noise(2000)
    parts = desk.links(a_word(text="A title\n" + words))
    assert [part.label for part in parts[:2]] == ["Open, part 1", "Open, part 2"]
    whole = "".join("".join(open_link(p.url, FIRST, FACTS)["lines"]) for p in parts)
    assert whole == words


def test_only_phones_that_count_are_sealed_for() -> None:
    """Numbers stay those of /devices, where all phones stand."""
    fresh = a_device("fresh", SECOND, confirmed_at=None, proved_at=None)
    (link,) = Desktop(None, fresh, a_device("works", FIRST)).links(a_word())
    assert link.label == "Open on phone 2"
    assert open_link(link.url, FIRST, FACTS)


def test_a_message_for_one_phone_is_sealed_for_no_other() -> None:
    unproved = a_device("second", SECOND, proved_at=None)
    desk = Desktop(None, a_device("first", FIRST), unproved)
    probe = a_word(card="probe", text="a-token-of-a-probe", device="second", thread="probe.second")
    (link,) = desk.links(probe)
    opened = open_link(link.url, SECOND, FACTS)
    assert (opened["purpose"], opened["token"]) == ("probe", "a-token-of-a-probe")


def test_a_phone_taken_away_before_sending_gets_nothing() -> None:
    desk = Desktop()
    desk.world.delete(a_device("first", FIRST))
    for message in (a_word(), a_word(device="first")):
        with pytest.raises(Rejected):
            desk.links(message)


def test_what_no_page_can_hold_is_refused_and_never_cut() -> None:
    """Then the next channel carries it."""
    with pytest.raises(Rejected, match="cannot be sealed"):
        Desktop().links(a_word(text="A title\n" + noise(16_000)))


def test_a_tag_names_nobody() -> None:
    desk = Desktop()
    opened = desk.opened(a_word())
    assert HERON not in opened["tag"].lower()
    assert opened["tag"] == desk.opened(a_word(id=MessageId("m2")))["tag"]


# --- which words ----------------------------------------------------------------------------------


def test_a_long_first_line_is_not_cut() -> None:
    line = "Ask Heron in person or by voice for the words. " * 6
    assert Desktop().opened(a_word(text=line))["lines"] == [line]


def test_a_text_of_one_line_has_no_title() -> None:
    opened = Desktop().opened(a_word(text="One line."))
    assert opened["lines"] == ["One line."] and "title" not in opened


def test_a_brief_opens_whole_with_its_place_apart() -> None:
    """Every line of the card stands on the phone, each under the heading where it belongs."""
    night = Night(State.BRIEFING)
    message = night.told(Card.BRIEF)
    links = night.desk.links(message)
    pages = [open_link(link.url, FIRST, FACTS) for link in links]
    assert pages[0]["place"] == PLACE and pages[0]["layout"] == "brief"
    read = "\n".join(map(words_of, pages))
    headings = {say("en", f"card.{key}") for key in ("place", "safety", "disengage")}
    for line in message.text.split("\n"):
        bare = line.removeprefix("> ").removeprefix("- ").removeprefix("You go with: ")
        assert bare in read or bare in headings
    assert WORDS in "".join(pages[0]["lines"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_brief_shows_the_partner_and_what_keeps_safe_under_their_own_headings(
    language: str,
) -> None:
    night = Night(State.BRIEFING)
    heron = night.desk.world.person(PersonId(HERON))
    assert heron is not None
    night.desk.world.put(replace(heron, language=language))
    links = night.desk.links(night.told(Card.BRIEF))
    pages = [open_link(link.url, FIRST, FACTS) for link in links]
    playbook = night.desk.world.playbook(night.story.incident.playbook)
    assert pages[0]["partner"].startswith("Wren")
    for field, told in (("safety", playbook.safety), ("leave", playbook.disengage)):
        shown = [point for page in pages for point in page.get(field, [])]
        assert shown and shown == list(told.in_(language))
        assert not set(shown) & {line for page in pages for line in page.get("guidance", [])}


def test_a_pin_can_be_opened_on_the_phones_own_map() -> None:
    night = Night(State.BRIEFING)
    pin = Pin(latitude=50.05, longitude=10.05)
    message = replace(night.told(Card.BRIEF), pin=pin)
    page = open_link(night.desk.links(message)[0].url, FIRST, FACTS)
    assert page["pin"] == [50.05, 10.05]


def test_a_drill_says_so_first_on_both_sides() -> None:
    night = Night()
    night.story.incident = replace(night.story.incident, drill=True)
    message = night.told(Card.PAGE)
    notice, (link,) = night.desk.sealed(message)
    assert notice.startswith("DRILL") and "Signal" not in notice
    assert open_link(link.url, FIRST, FACTS)["title"].startswith("DRILL")


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_notice_above_links_sends_to_another_channel(language: str) -> None:
    night = Night(State.OUT)
    heron = night.story.world.everybody[PersonId(HERON)]
    night.story.world.put(replace(heron, language=language))
    for card in (Card.BRIEF, Card.GO, Card.UPDATE, Card.NUDGE, Card.CONTROLS, Card.TEAM_CHANGED):
        notice, links = night.desk.sealed(night.told(card))
        assert links and "Signal" not in notice and notice.strip()
    assert "Signal" not in night.desk.sealed(a_word())[0]


# --- what is newer ------------------------------------------------------------------------------


def test_a_newer_brief_closes_the_older_one() -> None:
    night, phone = Night(State.BRIEFING), Memory()
    old = night.told(Card.BRIEF)
    new = night.told(Card.BRIEF, at=night.story.at + MINUTE)
    older, newer = (open_link(night.desk.links(m)[0].url, FIRST, FACTS) for m in (old, new))
    assert phone.shows(older) and phone.shows(newer)
    assert not phone.shows(older) and phone.shows(newer)


def test_what_is_sent_late_is_as_old_as_it_was_decided() -> None:
    """A brief that waited for a broken channel until after the stand-down opens nowhere."""
    night, phone = Night(State.BRIEFING), Memory()
    brief = night.told(Card.BRIEF)
    over = night.told(Card.STAND_DOWN, at=night.story.at + MINUTE)
    night.desk.at = night.story.at + 2 * MINUTE
    assert phone.shows(night.desk.opened(over))
    night.desk.at = night.story.at + 9 * MINUTE
    assert not phone.shows(open_link(night.desk.links(brief)[0].url, FIRST, FACTS))


def test_both_copies_of_a_repeated_page_open() -> None:
    night, phone = Night(), Memory()
    page = night.told(Card.PAGE)
    first = night.desk.opened(page)
    night.desk.at += MINUTE
    assert phone.shows(night.desk.opened(page)) and phone.shows(first)


@pytest.mark.parametrize("card", [Card.UPDATE, Card.GO, Card.TEAM_CHANGED, Card.MEDIA, Card.NUDGE])
def test_what_adds_to_a_brief_leaves_it_readable(card: Card) -> None:
    night, phone = Night(State.OUT), Memory()
    mate = night.story.incident.mate(PersonId(HERON))
    assert mate is not None and mate.briefed_at is not None
    brief = night.told(Card.BRIEF, at=mate.briefed_at)
    more = night.opened(card, at=night.story.at + MINUTE)
    briefs = [open_link(link.url, FIRST, FACTS) for link in night.desk.links(brief)]
    assert phone.shows(more) and all(map(phone.shows, briefs)) and phone.shows(more)


@pytest.mark.parametrize("card", [Card.STAND_DOWN, Card.THANKS, Card.RELEASED, Card.LEFT])
def test_once_the_end_was_opened_nothing_of_the_call_opens(card: Card) -> None:
    """Brief, update and page are refused; even if all were decided in the same moment."""
    night, phone = Night(State.OUT), Memory()
    mate = night.story.incident.mate(PersonId(HERON))
    assert mate is not None
    told = (Card.PAGE, Card.BRIEF, Card.UPDATE, Card.TEAM_CHANGED, Card.GO)
    before = [
        open_link(link.url, FIRST, FACTS)
        for one in told
        for link in night.desk.links(night.told(one, at=mate.briefed_at))
    ]
    assert phone.shows(night.opened(card, at=mate.briefed_at))
    assert not any(map(phone.shows, before))


def test_an_end_shows_no_words_and_says_what_its_button_does() -> None:
    night = Night(State.OUT)
    message = night.told(Card.STAND_DOWN)
    notice, (link,) = night.desk.sealed(message)
    assert notice == message.text and link.label == "Clear it from the phone"
    opened = open_link(link.url, FIRST, FACTS)
    assert opened["layout"] == "over" and words_of(opened) == ""


def test_who_is_paged_again_can_read_the_new_page() -> None:
    night, phone = Night(), Memory()
    phone.shows(night.opened(Card.RELEASED))
    assert phone.shows(night.opened(Card.PAGE, at=night.story.at + MINUTE))


@pytest.mark.parametrize("card", [Card.LEAVE, Card.HOLD_BACK, Card.WAITING])
def test_plain_words_that_end_nothing_carry_no_link(card: Card) -> None:
    """Whoever must leave may still need the lines on how."""
    night = Night(State.OUT)
    message = replace(a_word(), card=card, text="Leave now.", notice="Leave now.", incident=None)
    assert night.desk.sealed(message) == ("Leave now.", ())


def test_more_for_a_verifier_leaves_the_card_readable_until_it_is_settled() -> None:
    night, phone = Night(State.HELD), Memory()
    night.story.world.put(a_device("first", FIRST, "fox"))
    card = night.opened(Card.VERIFY, to="fox")
    more = night.opened(
        Card.VERIFY_MORE, to="fox", at=night.story.at + MINUTE, params={"text": "more"}
    )
    assert phone.shows(more) and phone.shows(card)
    closed = night.opened(
        Card.VERIFY_CLOSED, to="fox", at=night.story.at + MINUTE, params={"how": "confirmed"}
    )
    assert phone.shows(closed) and not phone.shows(card) and not phone.shows(more)


def test_one_alarm_does_not_close_another() -> None:
    night, phone = Night(State.OUT), Memory()
    night.story.world.put(a_device("first", FIRST, OWL))
    kinds = (AlarmKind.OVERDUE, AlarmKind.DURESS)
    overdue, duress = (
        night.opened(
            Card.ALARM,
            to=OWL,
            at=night.story.at + number * MINUTE,
            params={"kind": kind.value},
            about=PersonId(WREN),
        )
        for number, kind in enumerate(kinds)
    )
    assert phone.shows(duress) and phone.shows(overdue)


def test_a_board_shows_its_newest_state_alone() -> None:
    night, phone = Night(), Memory()
    night.story.world.put(a_device("first", FIRST, OWL))
    old = night.told(Card.BOARD, to=OWL)
    new = night.told(Card.BOARD, to=OWL, at=night.story.at + MINUTE, replaces=old.id)
    older, newer = night.desk.opened(old), night.desk.opened(new)
    assert phone.shows(newer) and not phone.shows(older)


# --- how long -------------------------------------------------------------------------------------


def test_a_page_can_be_read_as_long_as_late_answers_count() -> None:
    night = Night()
    page = night.told(Card.PAGE, expires_at=night.story.at + 3 * MINUTE)
    expiry = night.desk.opened(page)["expiry"]
    assert expiry == int((night.desk.at + contents.PAGE_SHOWN_FOR).timestamp())


def test_what_left_late_can_still_be_read() -> None:
    desk = Desktop()
    desk.at = NOW + timedelta(hours=20)
    assert desk.opened(a_word())["expiry"] == int((desk.at + contents.SHOWN_FOR).timestamp())


# --- what phones send ---------------------------------------------------------------------------


def wrote(text: str, handle: str = "700", key: str = "k") -> Inbound:
    return Inbound(channel="telegram", key=key, handle=handle, at=NOW, text=text, language="en")


def a_pager() -> Phones:
    return Phones(FACTS, SIGNER, REPORT_KEY)


def read(pager: Phones, text: str, *, member: bool = True, told: tuple[str, ...] = ()) -> Inbound:
    return pager.read(wrote(text), member=member, told=told)


def long_report() -> tuple[str, ...]:
    parts = seal_report(PrivateReport(words=noise(4000), kind="police stop"), FACTS)
    assert len(parts) == 2
    return parts


def test_a_registration_is_read_with_its_words() -> None:
    sign = read(a_pager(), f"/start {registration_payload(FIRST.key, FACTS)}").phone
    assert sign is not None and sign.words == fingerprint_words(FIRST.key)


def test_words_are_not_computed_for_strangers() -> None:
    """They cost 20 ms each: a crowd of strangers would hold up everybody's reports."""
    sign = read(a_pager(), registration_payload(FIRST.key, FACTS), member=False).phone
    assert sign is not None and sign.key and sign.words == ()


def test_a_registration_for_other_keys_is_told_apart() -> None:
    other = registration_payload(FIRST.key, some_facts(network_id="another"))
    sign = read(a_pager(), f"/start {other}").phone
    assert sign is not None and sign.other_network


def test_an_opened_probe_is_read() -> None:
    sign = read(a_pager(), f"/start {probe_payload('token-12345')}").phone
    assert sign is not None and sign.proof == "token-12345"


def test_other_messages_pass_as_they_are() -> None:
    for text in ("", "/start", "/start abc", "hello", "R1.nothing", "k1 and p1"):
        message = wrote(text)
        assert a_pager().read(message, member=True) is message


def test_a_private_report_becomes_plain_words_for_intake() -> None:
    report = PrivateReport(words="they stop a cyclist", kind="police", place="Quill", language="es")
    (text,) = seal_report(report, FACTS)
    found = read(a_pager(), text)
    assert found.text == "police\nQuill\nthey stop a cyclist"
    assert (found.phone, found.place, found.language) == (None, "Quill", "es")


def test_two_parts_in_any_order_are_one_report() -> None:
    pager = a_pager()
    first, second = long_report()
    waiting = read(pager, second)
    assert waiting.phone is not None and waiting.phone.unfinished and not waiting.text
    assert waiting.part is not None and waiting.part.text == second
    whole = read(pager, first, told=(waiting.part.text,))
    assert whole.text.startswith("police stop\n")
    assert whole.part is not None and whole.part.whole


def test_a_part_that_came_before_adds_nothing() -> None:
    first, _ = long_report()
    again = read(a_pager(), first, told=(first,))
    assert again.phone is not None and again.phone.unfinished
    assert again.part is not None and not again.part.text


def test_a_changed_report_is_refused_and_forgotten() -> None:
    pager = a_pager()
    (text,) = seal_report(PrivateReport(words="they stop a cyclist"), FACTS)
    at = len(text) // 2
    broken = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    sign = read(pager, broken).phone
    assert sign is not None and sign.unopened
    assert read(pager, text).text == "they stop a cyclist"


# --- the keys -----------------------------------------------------------------------------------


def the_settings(folder: Path, url: str | None = "https://pager.example/") -> Settings:
    network = {
        "name": "Demo Watch",
        "emergency_line": {"en": "Call.", "es": "Llama."},
        "data_dir": folder / "data",
        "key_file": folder / "network.key",
    }
    place = {"id": "northside", "name": "Northside", "time_zone": "UTC"}
    return Settings.model_validate(
        {"network": network, "pager": {"url": url}, "neighbourhood": [place]}
    )


async def a_start(settings: Settings) -> tuple[Phones | None, World]:
    """What a process finds when it opens the network; made first where there is none."""
    folder = settings.network.data_dir
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    file = KeyFile(settings.network.key_file)
    keys = file.load() if settings.network.key_file.exists() else file.create()
    async with await Store.open(folder / "network.db", keys, due_of=incidents.due) as store:
        world = await load_world(settings, store, ("signal",))
        return await open_phones(settings, store, world), world


async def test_the_pagers_keys_outlive_a_restart(tmp_path: Path) -> None:
    """A phone that registered before opens what is sealed after."""
    before, _ = await a_start(the_settings(tmp_path))
    after, world = await a_start(the_settings(tmp_path))
    assert before is not None and after is not None
    assert after.facts == before.facts
    desk = Desktop(world, a_device("first", FIRST))
    desk.pager = after
    world.put(a_member("Heron"))
    (link,) = desk.links(a_word())
    assert open_link(link.url, FIRST, before.facts)["lines"] == ["and words"]


async def test_a_new_address_of_the_pager_keeps_the_keys(tmp_path: Path) -> None:
    before, _ = await a_start(the_settings(tmp_path))
    after, world = await a_start(the_settings(tmp_path, "https://elsewhere.example/"))
    assert before is not None and after is not None
    assert after.facts == replace(before.facts, pager_url="https://elsewhere.example/")
    assert "elsewhere.example" in world.settings[PUBLIC]


async def test_without_an_address_there_is_no_pager(tmp_path: Path) -> None:
    found, world = await a_start(the_settings(tmp_path, None))
    assert found is None and not world.settings


async def test_the_public_facts_hold_no_secret_key(tmp_path: Path) -> None:
    """They are shown to whoever asks for the page; the secret halves stay in their own setting."""
    _, world = await a_start(the_settings(tmp_path))
    secrets = json.loads(world.settings[KEYS])
    public = world.settings[PUBLIC]
    assert secrets["sign"] not in public and secrets["report"] not in public
    assert secrets["network"] in public


async def test_phones_and_keys_come_back_from_a_backup(tmp_path: Path) -> None:
    here, there = the_settings(tmp_path / "here"), the_settings(tmp_path / "there")
    before, _ = await a_start(here)
    assert before is not None
    keys = KeyFile(here.network.key_file).load()
    async with await Store.open(here.network.data_dir / "network.db", keys) as store:
        known = Changes()
        known.put(a_member("Heron"))
        known.put(a_device("first", FIRST))
        await store.commit(known)
        file = tmp_path / "backup"
        await backup.write(store, file, NOW, passphrase=LOCKED)
    database = there.network.data_dir / "network.db"
    await restoring.restore(there, database, file, NOW + MINUTE, passphrase=LOCKED)
    after, world = await a_start(there)
    assert after is not None and after.facts == before.facts
    desk = Desktop(world, *world.devices_of(PersonId(HERON)))
    desk.pager = after
    (link,) = desk.links(a_word())
    assert open_link(link.url, FIRST, before.facts)["lines"] == ["and words"]
