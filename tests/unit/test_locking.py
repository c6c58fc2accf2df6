"""Closing the network: who may, who hears of it, and how it stays closed."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from responder import app
from responder.config import Settings, load
from responder.core import network
from responder.core.changes import Changes, Urgency
from responder.core.desk import Desk
from responder.core.events import Card
from responder.core.model import PersonId, Role, State
from responder.core.spoken import Inbound, Verb
from responder.core.talk import locking
from responder.sealing import KeyFile, WrongPassphrase
from tests.builders import HERON, NOW, OWL, WREN, Story, a_member, an_incident

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
    (prompt,) = [p for p in story.world.prompts.values() if p.action.verb == Verb.LOCK]
    assert prompt.person == "lark"
    says(story, "lark", token=prompt.token)
    assert locked(story)


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
