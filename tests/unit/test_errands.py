"""What only the machine can look up, asked in chat: playbooks, older texts, sums."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from responder import app
from responder.commands import setup
from responder.config import Settings, load
from responder.core import desk as core
from responder.core.changes import Changes
from responder.core.messages import Message
from responder.core.model import Person, Role
from responder.core.phrases import say
from responder.core.spoken import Inbound
from responder.core.talk import errands
from responder.dispatching.dispatcher import Dispatcher
from responder.errands import Errands
from responder.playbook_files import shelf
from tests.builders import a_member

COMMENT = "# one more word\n"


class Desk:
    """Owl coordinates a network on disk, and Lark with them; what they write is worked off."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.folder = settings.network.playbooks_dir
        self.file = self.folder / "copwatch.yaml"
        self.sent: list[Message] = []
        self._count = 0
        dispatcher.writer.on_commit = self._committed

        async def reload() -> tuple[str, ...]:
            return await app.take_in_playbooks(settings, dispatcher)

        self.reload = reload
        self.errands = Errands(settings.network.playbooks_dir, dispatcher, reload)

    def _committed(self, changes: Changes) -> None:
        self.sent += changes.messages

    async def says(self, text: str = "", token: str = "", *, looked_up: bool = True) -> str:
        """Owl writes or taps; all that Owl is told, also by what the machine looked up."""
        self.sent.clear()
        self._count += 1
        person = self.dispatcher.world.by_call_sign("Owl")
        assert person is not None
        here = person.addresses[0]
        inbound = Inbound(
            channel=here.channel,
            key=str(self._count),
            handle=here.handle,
            at=self.dispatcher.clock(),
            text=text,
            token=token,
        )
        await self.dispatcher.receive([inbound])
        if looked_up:
            await self.errands.look()
        return "\n".join(m.text for m in self.sent if m.to == person.id)

    async def taps(self, label: str, *, looked_up: bool = True) -> str:
        found = [c for m in self.sent for row in m.rows for c in row if c.label == label]
        assert found, f"there is no {label!r}"
        return await self.says(token=found[0].token, looked_up=looked_up)

    async def edited(self) -> str:
        """The playbook's file gets another text, which is taken in; the one before."""
        before = self.file.read_text(encoding="utf-8")
        self.file.write_text(before + COMMENT, encoding="utf-8")
        await self.reload()
        return before


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(setup.make(tmp_path / "home", "Made up", None))


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    async with app.offline(settings) as dispatcher:
        for call_sign in ("Owl", "Lark"):
            person = a_member(call_sign, roles=(Role.COORDINATOR,))
            await dispatcher.do(partial(_put, person=person))
        yield Desk(settings, dispatcher)


def _put(desk: core.Desk, person: Person) -> None:
    desk.put(person)


async def test_coordinators_read_which_playbooks_are_in_force_and_since_when(desk: Desk) -> None:
    told = await desk.says("/playbooks")
    kinds = len(desk.dispatcher.world.playbooks)
    assert say("en", "errand.playbooks", number=kinds) in told
    assert told.count("text 1, since ") == kinds
    assert say("en", "errand.no_faults") in told
    assert not errands.all_of(desk.dispatcher.world)


async def test_a_file_that_was_refused_is_told_with_its_fault(desk: Desk) -> None:
    desk.file.write_text("title: [broken\n", encoding="utf-8")
    told = await desk.says("/playbooks")
    assert say("en", "errand.faults") in told
    assert "copwatch.yaml:" in told


async def test_an_older_text_comes_back_by_two_taps_and_a_third_undoes_it(desk: Desk) -> None:
    first = await desk.edited()
    told = await desk.says("/playbooks copwatch")
    assert "(in force)" in told.splitlines()[1]
    assert "shall text 1 be in force again" in await desk.taps("Back to text 1")
    assert desk.file.read_text(encoding="utf-8") == first + COMMENT
    assert "Owl put text 1 back" in await desk.taps("Yes, go back")
    assert desk.file.read_text(encoding="utf-8") == first
    assert any(m.to == "lark" for m in desk.sent), "the other coordinators hear of it"
    await desk.taps("Undo")
    assert desk.file.read_text(encoding="utf-8") == first + COMMENT


async def test_a_text_whose_shared_part_has_changed_is_not_put_back(desk: Desk) -> None:
    desk.file = desk.folder / "mutual-aid.yaml"
    first = await desk.edited()
    (part,) = (desk.folder / shelf.SHARED).iterdir()
    text = part.read_text(encoding="utf-8")
    part.write_text(text.replace(" the ", " that "), encoding="utf-8")
    await desk.says("/playbooks mutual-aid")
    await desk.taps("Back to text 1")
    assert "--anyway" in await desk.taps("Yes, go back")
    assert desk.file.read_text(encoding="utf-8") == first + COMMENT


async def test_a_month_comes_in_numbers(desk: Desk) -> None:
    assert await desk.says("/numbers 2026-11") == "Incidents in 2026-11: 0"
    assert await desk.says("/numbers november") == say("en", "errand.month")


async def test_an_errand_of_somebody_who_coordinates_no_more_is_dropped(desk: Desk) -> None:
    await desk.says("/playbooks", looked_up=False)
    await desk.dispatcher.do(partial(_put, person=a_member("Owl")))
    await desk.errands.look()
    assert not desk.sent
    assert not errands.all_of(desk.dispatcher.world)


async def test_nothing_is_put_back_for_somebody_who_coordinates_no_more(desk: Desk) -> None:
    first = await desk.edited()
    await desk.says("/playbooks copwatch")
    await desk.taps("Back to text 1")
    await desk.taps("Yes, go back", looked_up=False)
    await desk.dispatcher.do(partial(_put, person=a_member("Owl")))
    await desk.errands.look()
    assert desk.file.read_text(encoding="utf-8") == first + COMMENT
    assert not errands.all_of(desk.dispatcher.world)


async def test_an_errand_that_fails_says_so_and_waits_no_longer(desk: Desk) -> None:
    await desk.edited()
    await desk.says("/playbooks copwatch")
    await desk.taps("Back to text 1")
    desk.file.unlink()
    desk.file.mkdir()
    assert "its log says more" in await desk.taps("Yes, go back")
    assert not errands.all_of(desk.dispatcher.world)
