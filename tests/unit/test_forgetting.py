"""After its time an incident is gone from every byte of the folder, with and without the key (L8).

The dispatcher runs on a real store and a clock that stands where the test puts it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from responder.core import aside, events
from responder.core import incident as incidents
from responder.core.answers import Counts
from responder.core.changes import KINDS, Piece, Setting, Tally
from responder.core.desk import Desk
from responder.core.messages import Fate, Settled
from responder.core.model import (
    Answer,
    IncidentId,
    Media,
    MediaKind,
    PersonId,
    Pin,
    ReportId,
    State,
    decode,
    encode,
)
from responder.core.spoken import Inbound, Verb
from responder.dispatching.dispatcher import Dispatcher
from responder.storage import library
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.builders import (
    HERON,
    NOW,
    OWL,
    WREN,
    Nonces,
    a_playbook,
    a_report,
    a_small_network,
    on_call_now,
)
from tests.unit.stored import bytes_in
from tests.unit.test_backup import the_settings

CANARY = "canary"


@dataclass
class House:
    """A network on disk, and everything that its key opens."""

    folder: Path
    store: Store
    keys: Keyring
    dispatcher: Dispatcher
    at: datetime = NOW

    async def do(self, work: Callable[[Desk], Any]) -> None:
        await self.dispatcher.do(work)

    async def until(self, at: datetime) -> None:
        """Go there, and return once everything that is due by then was done."""
        self.at = at
        await self.dispatcher.catch_up()

    async def happens(self, *things: events.Event) -> None:
        (incident,) = self.dispatcher.world.incidents.values()
        for event in things:
            now = self.dispatcher.world.incidents[incident.id]
            await self.do(lambda desk, now=now, event=event: desk.apply(now, event))  # type: ignore[misc]

    def raw(self) -> bytes:
        return bytes_in(self.folder)

    async def opened(self) -> bytes:
        """Everything that the key opens, as text."""
        found: list[object] = [*await self.store.waiting(), *await self.store.audit_lines()]
        for kind in KINDS:
            found += await self.store.load(kind)
        return b"\n".join(map(encode, found))

    def slots(self) -> dict[str, bytes]:
        """Every data key as it lies there, wrapped."""
        db = sqlite3.connect(self.folder / "network.db")
        rows = dict(db.execute("SELECT name, wrapped FROM wrapped_key").fetchall())
        db.close()
        return rows


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    settings = the_settings(tmp_path)
    folder = settings.network.data_dir
    keys = KeyFile(settings.network.key_file).create()
    store = await Store.open(folder / "network.db", keys, due_of=incidents.due)

    async def rebuild() -> Any:
        return await library.load_world(settings, store, ("signal",))

    here: House
    dispatcher = Dispatcher(
        store,
        await rebuild(),
        clock=lambda: here.at,
        rebuild=rebuild,
        nonce=Nonces(),
        by_hand=True,
    )
    here = House(folder, store, keys, dispatcher)
    dispatcher.start()
    playbooks = {p.id: p for p in map(a_playbook, ("copwatch", "hate-incident"))}
    await here.do(lambda desk: library.take_in(desk, playbooks, set()))
    for person in a_small_network().everybody.values():
        await here.do(lambda desk, person=person: desk.put(person))  # type: ignore[misc]
        on_call = on_call_now(person)
        if person.member:
            await here.do(lambda desk, on_call=on_call: desk.put(on_call))  # type: ignore[misc]
    yield here
    await dispatcher.close()
    await store.close()


def a_full_report() -> Any:
    """A report with a canary in each of its fields that hold words."""
    media = Media(channel="signal", ref=f"{CANARY}-ref", kind=MediaKind.PICTURE, mime="image/png")
    return a_report(
        PersonId("r"),
        id=ReportId("report-one"),
        text=f"{CANARY}-text",
        place=f"{CANARY}-place",
        pin=Pin(latitude=41.98765432, longitude=-87.12345678),
        answers=(Answer(question="size", text=f"{CANARY}-answer"),),
        media=(media,),
        follow_up=True,
    )


async def a_response(house: House) -> IncidentId:
    """The whole of an incident, from report to stand-down, with canaries all along."""
    piece = Piece(id=f"{CANARY}-ref", report=ReportId("report-one"), mime="", data=b"canary-bytes")
    opened: list[IncidentId] = []

    def open_it(desk: Desk) -> None:
        opened.append(desk.open(a_full_report()).id)
        desk.changes.put(piece)

    await house.do(open_it)
    heron, wren, owl, at = PersonId(HERON), PersonId(WREN), PersonId(OWL), house.at
    for kind in (events.Accepted, events.HaveIt):
        await house.happens(kind(at=at, by=heron), kind(at=at, by=wren))
    await house.happens(
        events.Added(at=at, by=PersonId("r"), text=f"{CANARY}-added", place=f"{CANARY}-there"),
        events.Noted(at=at, by=owl, text=f"{CANARY}-note", to_team=True),
        events.Done(at=at, by=heron),
        events.OutSafe(at=at, by=heron),
        events.OutSafe(at=at, by=wren),
    )
    return opened[0]


async def close(house: House, incident: IncidentId) -> datetime:
    """Live through debrief and follow-up; when all of it must be gone."""
    for _ in range(12):
        now = house.dispatcher.world.incidents[incident]
        if now.state is State.CLOSED:
            break
        due = house.dispatcher.world.next_due()
        assert due is not None
        await house.until(max(due, house.at))
    shred_at = house.dispatcher.world.incidents[incident].shred_at
    assert shred_at is not None
    return shred_at


async def test_while_it_runs_the_key_opens_every_canary_and_the_disk_shows_none(
    house: House,
) -> None:
    await a_response(house)
    opened = await house.opened()
    for word in ("text", "answer", "added", "note", "ref"):
        assert f"{CANARY}-{word}".encode() in opened
    assert CANARY.encode() not in house.raw()


async def test_the_exact_place_is_gone_when_the_response_is_over(house: House) -> None:
    """From every record; what told it and has not left yet goes with its own time."""
    await a_response(house)
    kept = [record for kind in KINDS for record in await house.store.load(kind)]
    opened = b"\n".join(map(encode, kept))
    assert f"{CANARY}-text".encode() in opened
    for place in (f"{CANARY}-place", f"{CANARY}-there", "41.98765432"):
        assert place.encode() not in opened


async def test_words_go_first_when_their_own_time_is_over(house: House) -> None:
    incident = await a_response(house)
    await close(house, incident)
    words_until = house.dispatcher.world.incidents[incident].words_until
    assert words_until is not None
    await house.until(words_until)
    opened = await house.opened()
    assert incident in house.dispatcher.world.incidents
    assert f"{CANARY}-text".encode() not in opened and b"41.98765432" not in opened


async def test_after_its_retention_no_canary_is_found_with_the_key_or_without(
    house: House,
) -> None:
    incident = await a_response(house)
    await house.until(await close(house, incident))
    opened, raw = await house.opened(), house.raw()
    for word in (CANARY.encode(), b"41.98765432", b"report-one", incident.encode()):
        assert word not in opened
    for plain in (CANARY, "report-one", incident):
        assert plain.encode() not in raw


async def test_after_its_retention_its_keys_are_gone_from_every_byte(house: House) -> None:
    incident = await a_response(house)
    its_own = {f"incident:{incident}", "report:report-one"}
    before = {name: wrapped for name, wrapped in house.slots().items() if name in its_own}
    assert before.keys() == its_own
    await house.until(await close(house, incident))
    raw = house.raw()
    assert not its_own & house.slots().keys()
    assert not any(wrapped in raw for wrapped in before.values())
    assert not any(house.keys.knows(name) for name in its_own)


async def test_after_its_retention_the_log_is_cut_and_no_page_keeps_a_copy(house: House) -> None:
    incident = await a_response(house)
    await house.until(await close(house, incident))
    await house.until(house.at + timedelta(hours=1))
    db = sqlite3.connect(house.folder / "network.db")
    assert db.execute("PRAGMA freelist_count").fetchone() == (0,)
    db.close()
    wal = house.folder / "network.db-wal"
    # What stands there came after the cut: the sign of life of this very hour.
    assert not wal.exists() or wal.stat().st_size < 64 * 1024


async def test_how_many_said_yes_is_left_in_one_sum(house: House) -> None:
    incident = await a_response(house)
    await house.until(await close(house, incident))
    (sums,) = [s for s in await house.store.load(Setting) if s.name.startswith("answers:")]
    assert sums.name.startswith("answers:copwatch:northside:")
    assert sum(decode(sums.value.encode(), Counts).yes) == 2


async def test_what_is_left_for_counting_names_nobody(house: House) -> None:
    incident = await a_response(house)
    await house.until(await close(house, incident))
    (tally,) = await house.store.load(Tally)
    fields = {"id", "kind", "neighbourhood", "week", "outcome", "minutes_to_team"}
    assert set(Tally.__struct_fields__) == fields
    assert tally.id != incident
    assert (tally.kind, tally.neighbourhood, tally.outcome) == (
        "copwatch",
        "northside",
        "responded",
    )
    assert tally.week == f"{NOW:%G-W%V}" and tally.minutes_to_team == 0


# --- /forget --------------------------------------------------------------------------------------


async def says(house: House, key: str, handle: str = f"+1999{CANARY}", **fields: Any) -> None:
    await house.dispatcher.receive(
        [Inbound(channel="signal", key=key, handle=handle, at=house.at, **fields)]
    )


async def forgets(house: House, handle: str = f"+1999{CANARY}") -> None:
    await says(house, "forget", handle, text="/forget")
    questions = house.dispatcher.world.questions.all.values()
    prompts = (p for question in questions for p in question.prompts)
    token = next(p.token for p in prompts if p.action.verb == Verb.FORGET)
    await says(house, "yes", handle, token=token)


@pytest.mark.parametrize(
    "words", ["Police are stopping kids in Northside, canary corner", "canary, please help"]
)
async def test_forget_destroys_at_once_what_a_stranger_sent(house: House, words: str) -> None:
    await says(house, "one", text=words)
    assert CANARY.encode() in await house.opened()
    keys = house.slots()
    await forgets(house)
    gone = set(keys) - set(house.slots())
    assert any(name.startswith("report:") for name in gone)
    assert any(name.startswith("person:") for name in gone)
    opened = await house.opened()
    assert words.encode() not in opened and b"canary corner" not in opened
    assert not any(keys[name] in house.raw() for name in gone)
    assert CANARY.encode() not in house.raw()


async def test_what_waits_of_a_member_goes_with_their_forgetting_too(house: House) -> None:
    """What a bug of ours put aside; the member stays on record, and their key with them."""
    handle = house.dispatcher.world.everybody[PersonId(WREN)].addresses[0].handle
    lost = Inbound(channel="signal", key="lost", handle=handle, at=house.at, text=CANARY)
    await house.do(lambda desk: aside.put(desk, lost))
    assert CANARY.encode() in await house.opened()
    await forgets(house, handle)
    assert CANARY.encode() not in await house.opened()
    assert PersonId(WREN) in house.dispatcher.world.everybody


async def test_the_address_goes_with_the_last_word_to_it(house: House) -> None:
    await says(house, "one", text="canary, please help")
    await forgets(house)
    last = [one.message for one in await house.store.waiting() if one.message.handle]
    assert [message.handle for message in last] == [f"+1999{CANARY}"]
    for message in last:
        fate = Settled(
            message=message.id, channel="signal", fate=Fate.SENT, at=house.at, ref="r", last=True
        )
        await house.dispatcher.settled(message, fate)
    assert CANARY.encode() not in await house.opened()
    assert await house.store.person_at("signal", f"+1999{CANARY}") is None
