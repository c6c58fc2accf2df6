"""Closing the network: who may, who hears of it, and how it stays closed."""

from __future__ import annotations

import asyncio
import stat
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from responder import app
from responder.config import Settings, load
from responder.core import aside, network
from responder.core.changes import Changes, Setting
from responder.core.desk import Desk
from responder.core.effects import Card, Tell
from responder.core.messages import Urgency
from responder.core.model import PersonId, Role, State
from responder.core.spoken import Inbound, LockSign, Verb
from responder.core.talk import locking
from responder.doorway.lockword import LockWords
from responder.storage.keyfile import Cost, KeyFile, WrongPassphrase
from tests.builders import HERON, NOW, OWL, WREN, Story, a_member, an_incident
from tests.unit.stored import a_message

PASSPHRASE = "four plain words here"


def out() -> Story:
    """A team is out, Owl coordinates, and a key with a passphrase guards the network."""
    story = an_incident(State.OUT)
    story.world.put(a_member("Lark", roles=(Role.COORDINATOR,)))
    story.world.lockable = True
    return story


def says(story: Story, who: str, text: str = "", token: str = "") -> Changes:
    person = story.world.everybody[PersonId(who)]
    here = person.addresses[0]
    key = f"{who}{text}{token}"
    inbound = Inbound(
        channel=here.channel, key=key, handle=here.handle, at=NOW, text=text, token=token
    )
    return network.hear(story.world, inbound, story.at, key.encode()[:32].ljust(32, b"n"))


def locked(story: Story) -> bool:
    return locking.LOCKED in story.world.settings


def test_it_takes_two_coordinators() -> None:
    story = out()
    says(story, OWL, "/lock")
    says(story, OWL, "/lock ")
    assert not locked(story), "one and the same person twice is one"
    says(story, "lark", "/lock")
    assert locked(story)


def test_the_second_may_press_what_the_first_set_off() -> None:
    story = out()
    says(story, OWL, "/lock")
    (prompt,) = [p for p in story.world.prompts_of(PersonId("lark")) if p.action.verb == Verb.LOCK]
    says(story, "lark", token=prompt.token)
    assert locked(story)


def test_what_somebody_asked_who_coordinates_no_more_is_no_first_word() -> None:
    story = out()
    says(story, OWL, "/lock")
    story.world.put(replace(story.world.everybody[PersonId(OWL)], roles=(Role.RESPONDER,)))
    says(story, "lark", "/lock")
    assert not locked(story)


def test_nobody_else_can_lock_and_a_key_without_passphrase_locks_nothing() -> None:
    story = out()
    for who in (HERON, WREN):
        says(story, who, "/lock")
    story.world.lockable = False
    says(story, OWL, "/lock")
    says(story, "lark", "/lock")
    assert not locked(story)


def test_teams_are_told_to_leave_before_anybody_hears_that_it_is_closed() -> None:
    story = out()
    desk = Desk(story.world, story.at, b"n" * 32)
    told = locking.lock(desk, None)
    cards = [m.card for m in desk.changes.messages]
    assert cards.index(Card.LEAVE) < cards.index("reply")
    assert {m.to for m in desk.changes.messages if m.card == Card.LEAVE} == {HERON, WREN}
    assert told["called_back"] == 1


@pytest.mark.parametrize("text", ["/report police search a kid in Riverside", "police, Riverside"])
def test_whoever_comes_back_to_a_locked_network_is_heard_and_begins_nothing_new(text: str) -> None:
    story = out()
    locking.lock(Desk(story.world, story.at, b"n" * 32), None)
    (safe,) = [p for p in story.world.prompts_of(PersonId(HERON)) if p.action.verb == Verb.OUT]
    assert any(m.card == Card.THANKS for m in says(story, HERON, token=safe.token).messages)
    changes = says(story, HERON, text)
    assert len(story.world.incidents) == 1
    assert ["closed" in m.text for m in changes.messages] == [True]


def test_no_page_leaves_a_locked_network_whenever_it_was_written() -> None:
    story = an_incident(State.PAGING)
    page = next(m for m in story.effects if isinstance(m, Tell) and m.card is Card.PAGE)
    message = a_message(page.message, to=page.to, incident=story.incident.id)
    assert network.may_leave(story.world, message, story.at)
    story.world.put(Setting(name=locking.LOCKED, value=story.at.isoformat()))
    assert not network.may_leave(story.world, message, story.at)


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """A network whose key has a passphrase."""
    text = (
        '[network]\nname = "N"\nkey = "passphrase"\n'
        '[network.emergency_line]\nen = "Call."\nes = "Llama."\n'
        '[[neighbourhood]]\nid = "northside"\nname = "Northside"\ntime_zone = "UTC"\n'
    )
    (tmp_path / "config.toml").write_text(text)
    settings = load(tmp_path / "config.toml", {"RESPONDER_PASSPHRASE": PASSPHRASE})
    await app.create(settings, PASSPHRASE)
    assert KeyFile(settings.network.key_file).wants_passphrase
    return settings


async def test_a_locked_network_opens_with_the_passphrase_alone(settings: Settings) -> None:
    app.mark_locked(settings)
    with pytest.raises(app.Locked, match="responder unlock"):
        async with app.offline(settings):
            pytest.fail("a locked network was opened")
    with pytest.raises(WrongPassphrase):
        await app.unlock(settings, "another set of words")
    await app.unlock(settings, PASSPHRASE)
    async with app.offline(settings) as dispatcher:
        assert locking.LOCKED not in dispatcher.world.settings


async def test_a_network_that_crashed_before_it_was_marked_stays_locked(settings: Settings) -> None:
    async with app.offline(settings) as dispatcher:
        await dispatcher.do(lambda desk: locking.lock(desk, None))
    with pytest.raises(app.Locked):
        async with app.offline(settings):
            pytest.fail("a locked network was opened")
    mark = settings.network.data_dir / app.LOCKED_FILE
    assert stat.S_IMODE(mark.stat().st_mode) == 0o600
    await app.unlock(settings, PASSPHRASE)
    async with app.offline(settings):
        assert not mark.exists()


@pytest.mark.parametrize(
    ("waits", "ends_after_s"),
    [({}, 0), ({Urgency.NEWS: 2}, 20), ({Urgency.LEAVE: 1, Urgency.NEWS: 2}, 60)],
)
async def test_the_process_waits_longest_for_those_who_must_leave(
    settings: Settings, waits: dict[Urgency, int], ends_after_s: float
) -> None:
    locked, stopped, waited = asyncio.Event(), asyncio.Event(), []
    locked.set()
    outbox = SimpleNamespace(depth=lambda: waits)
    machine: Any = SimpleNamespace(locked=locked, outbox=outbox)

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    await app._close_when_locked(settings, machine, stopped, wait=wait)
    assert sum(waited) == pytest.approx(ends_after_s, abs=0.2)
    assert stopped.is_set()
    assert (settings.network.data_dir / app.LOCKED_FILE).exists()


# --- with the passphrase, in chat -----------------------------------------------------------------


def signs(story: Story, who: str, sign: LockSign, key: str = "") -> Changes:
    """What the core hears of a passphrase that somebody gave."""
    here = story.world.everybody[PersonId(who)].addresses[0]
    key = key or f"{who}{sign}"
    inbound = Inbound(
        channel=here.channel, key=key, handle=here.handle, at=NOW, text="/lock", lock=sign
    )
    return network.hear(story.world, inbound, story.at, key.encode()[:32].ljust(32, b"n"))


def texts(changes: Changes, to: str) -> str:
    return "\n".join(m.text for m in changes.messages if m.to == to)


def test_one_coordinator_locks_with_the_passphrase() -> None:
    story = out()
    heard = signs(story, OWL, LockSign.RIGHT)
    assert locked(story)
    assert {m.to for m in heard.messages if m.card == Card.LEAVE} == {HERON, WREN}
    assert "Delete the message" in texts(heard, OWL)


def test_the_passphrase_of_anybody_else_locks_nothing() -> None:
    story = out()
    signs(story, HERON, LockSign.RIGHT)
    assert not locked(story)


def test_wrong_passphrases_are_counted_and_the_others_hear_of_the_third() -> None:
    story = out()
    first = signs(story, OWL, LockSign.WRONG, "1")
    assert "Tries left in this hour: 2" in texts(first, OWL)
    assert not texts(first, "lark")
    signs(story, OWL, LockSign.WRONG, "2")
    third = signs(story, OWL, LockSign.WRONG, "3")
    assert "three wrong passphrases" in texts(third, "lark")
    assert locking.tries_left(story.world, PersonId(OWL), story.at) == 0
    assert locking.tries_left(story.world, PersonId(OWL), story.at + timedelta(hours=1)) == 3
    assert locking.tries_left(story.world, PersonId("lark"), story.at) == 3
    assert not locked(story)


@pytest.mark.parametrize(
    ("sign", "told"),
    [(LockSign.TOO_MANY, "not even looked at"), (LockSign.NOT_HERE, "has read what you wrote")],
)
def test_a_passphrase_that_was_not_looked_at_is_answered_with_the_way_that_works(
    sign: LockSign, told: str
) -> None:
    story = out()
    heard = signs(story, OWL, sign)
    assert told in texts(heard, OWL)
    assert "without any words after it" in texts(heard, OWL)
    assert not locked(story)


def test_what_is_put_aside_locks_nothing_days_later() -> None:
    story = out()
    here = story.world.everybody[PersonId(OWL)].addresses[0]
    message = Inbound(
        channel=here.channel,
        key="k",
        handle=here.handle,
        at=NOW,
        text="/lock",
        lock=LockSign.RIGHT,
    )
    aside.put(Desk(story.world, story.at, b"n" * 32), message)
    (name,) = aside.all_of(story.world)
    network.hear_again(story.world, name, story.at, b"m" * 32)
    assert not locked(story)


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    file = KeyFile(tmp_path / "network.key")
    file.create(PASSPHRASE, Cost(memory_kib=64, passes=1, lanes=1))
    return file


def typed(story: Story, who: str, text: str, **more: Any) -> Inbound:
    here = story.world.everybody[PersonId(who)].addresses[0]
    usual: dict[str, Any] = {
        "channel": here.channel,
        "handle": here.handle,
        "key": f"{who}{text}",
        "at": NOW,
    }
    return Inbound(text=text, **usual | more)


@pytest.mark.parametrize(
    ("words", "sign"), [(PASSPHRASE, LockSign.RIGHT), ("not these words", LockSign.WRONG)]
)
async def test_the_words_are_gone_before_the_core_hears_them(
    key_file: KeyFile, words: str, sign: LockSign
) -> None:
    story = out()
    hasty = (f"/lock: {words}", f"/lock, {words}", f"/ lock {words}", f"\u200b/lock {words}")
    for text in (f"/lock {words}", f"  /Bloquear  {words}\n", *hasty):
        message = typed(story, OWL, text)
        read = await LockWords(key_file).read(message, story.world, story.at)
        assert read == replace(message, text="/lock", lock=sign)


async def test_a_stranger_and_a_key_without_passphrase_get_nothing_looked_at(
    key_file: KeyFile, tmp_path: Path
) -> None:
    story = out()
    words = f"/lock {PASSPHRASE}"
    open_file = KeyFile(tmp_path / "open.key")
    open_file.create()
    for who, file in ((HERON, key_file), (OWL, open_file), (OWL, None)):
        read = await LockWords(file).read(typed(story, who, words), story.world, story.at)
        assert (read.text, read.lock) == ("/lock", None)


async def test_over_a_channel_that_others_read_it_is_never_looked_at(key_file: KeyFile) -> None:
    story = out()
    message = typed(story, OWL, f"/lock {PASSPHRASE}", channel="telegram")
    read = await LockWords(key_file).read(message, story.world, story.at)
    assert (read.text, read.lock) == ("/lock", LockSign.NOT_HERE)


async def test_the_fourth_guess_of_an_hour_is_not_looked_at_even_within_one_batch(
    key_file: KeyFile,
) -> None:
    story, words = out(), LockWords(key_file)
    for number in range(3):
        message = typed(story, OWL, f"/lock guess {number}")
        for _ in range(2):  # handed in again, because the disk was full
            read = await words.read(message, story.world, story.at)
            assert read.lock is LockSign.WRONG
    right = typed(story, OWL, f"/lock {PASSPHRASE}")
    assert (await words.read(right, story.world, story.at)).lock is LockSign.TOO_MANY
    later = replace(right, key="later")
    at = story.at + timedelta(hours=1)
    assert (await words.read(later, story.world, at)).lock is LockSign.RIGHT


async def test_without_a_slash_the_right_words_lock_and_all_others_are_heard(
    key_file: KeyFile,
) -> None:
    story = out()
    message = typed(story, OWL, f"lock {PASSPHRASE}")
    read = await LockWords(key_file).read(message, story.world, story.at)
    assert read == replace(message, text="/lock", lock=LockSign.RIGHT)
    for who, text in ((HERON, f"lock {PASSPHRASE}"), (OWL, "lock the doors, they are here")):
        message = typed(story, who, text)
        assert await LockWords(key_file).read(message, story.world, story.at) is message


async def test_other_messages_pass_as_they_are(key_file: KeyFile) -> None:
    story = out()
    for text in ("/lock", "lock the doors, they are here", "/status", ""):
        message = typed(story, OWL, text)
        assert await LockWords(key_file).read(message, story.world, story.at) is message
