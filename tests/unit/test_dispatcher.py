"""The one writer on a real store: what it sees first after a silence, and what it leaves alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from responder import checking, control
from responder.config import Settings
from responder.core import aside, network
from responder.core import incident as incidents
from responder.core.changes import Changes, Setting
from responder.core.desk import Desk
from responder.core.effects import Card
from responder.core.model import Incident, Place, Role, State
from responder.core.spoken import Inbound, Verb
from responder.core.talk import hearing, orders
from responder.core.world import World
from responder.dispatching.dispatcher import Dispatcher
from responder.dispatching.writing import MemoryLost
from responder.storage import library
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring
from responder.storage.store import Store, StoreError, StoreFull
from tests.builders import (
    HERON,
    NOW,
    OWL,
    WREN,
    Nonces,
    a_member,
    a_playbook,
    a_small_network,
    on_call_now,
)
from tests.ports import PATIENCE_S
from tests.unit.stored import a_message
from tests.unit.test_backup import the_settings

REPORT = "cops are searching a kid in northside at the corner of Quill and Third"


class House:
    """A network on disk that can be opened again and again; its clock stands where it is put."""

    def __init__(self, folder: Path) -> None:
        self.settings = the_settings(folder)
        self.database = self.settings.network.data_dir / "network.db"
        self.keys: Keyring = KeyFile(self.settings.network.key_file).create()
        self.at = NOW
        self.dispatcher: Dispatcher
        self.store: Store
        self.nonces = Nonces()
        self.rebuilt = 0
        self.unreadable = False

    @asynccontextmanager
    async def opened(self, at: datetime = NOW, **how: Any) -> AsyncIterator[Dispatcher]:
        """The dispatcher at this time; `how` as it takes it."""
        self.at = at
        async with await Store.open(self.database, self.keys, due_of=incidents.due) as self.store:
            self.dispatcher = Dispatcher(
                self.store,
                await self._world(),
                clock=lambda: self.at,
                rebuild=self._world,
                nonce=self.nonces,
                **how,
            )
            self.dispatcher.start()
            yield self.dispatcher
            await self.dispatcher.close()

    async def _world(self) -> World:
        self.rebuilt += 1
        if self.unreadable:
            raise StoreError("The disk does not answer.")
        return await library.load_world(self.settings, self.store, ("signal",))

    async def settle_in(self) -> None:
        """Playbooks and people, all on call."""
        playbooks = {p.id: p for p in map(a_playbook, ("copwatch", "hate-incident"))}
        await self.dispatcher.do(lambda desk: library.take_in(desk, playbooks, set()))
        for person in a_small_network().everybody.values():
            await self.dispatcher.do(lambda desk, person=person: desk.put(person))  # type: ignore[misc]
            on_call = on_call_now(person)
            await self.dispatcher.do(lambda desk, on_call=on_call: desk.put(on_call))  # type: ignore[misc]

    async def out(self) -> None:
        """Heron and Wren are out for r's report."""
        await self.settle_in()
        await self.dispatcher.receive([said("r", REPORT)])
        for verb in (Verb.ACCEPT, Verb.HAVE_IT):
            for person in (HERON, WREN):
                found = self.dispatcher.world.prompts_of(person)  # type: ignore[arg-type]
                token = next(p.token for p in found if p.action.verb == verb)
                await self.dispatcher.receive([said(person, token=token)])
        assert self.incident.state is State.OUT

    @property
    def incident(self) -> Incident:
        (incident,) = self.dispatcher.world.incidents.values()
        return incident

    async def told(self, person: str) -> list[str]:
        """The cards that wait for this person, the newest last."""
        waiting = [one.message for one in await self.store.waiting()]
        return [m.card for m in sorted(waiting, key=lambda m: m.created_at) if m.to == person]


def said(who: str, text: str = "", token: str = "", key: str = "") -> Inbound:
    handle = f"+1999{who}" if len(who) == 1 else f"+1555{who}"
    key = key or f"{who}{text}{token}"
    return Inbound(channel="signal", key=key, handle=handle, at=NOW, text=text, token=token)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


# --- silence --------------------------------------------------------------------------------------


async def test_after_a_silence_no_deadline_is_worked_off_before_people_hear_of_it(
    house: House,
) -> None:
    """The check-ins were due while nobody could answer: nobody is called silent for that."""
    async with house.opened():
        await house.out()
    async with house.opened(NOW + timedelta(hours=1)) as dispatcher:
        await dispatcher.catch_up()
        for person in (HERON, WREN):
            told = await house.told(person)
            assert Card.BACK in told and Card.NUDGE not in told


async def test_a_command_on_a_stopped_network_works_off_no_deadline_and_leaves_no_sign_of_life(
    house: House,
) -> None:
    async with house.opened():
        await house.out()
    async with house.opened(NOW + timedelta(minutes=55), serving=False) as dispatcher:
        await dispatcher.catch_up()
        assert Card.NUDGE not in await house.told(HERON)
    async with house.opened(NOW + timedelta(minutes=56)) as dispatcher:
        await dispatcher.catch_up()
        assert Card.BACK in await house.told(HERON)


async def test_a_machine_that_slept_says_so_before_anything_is_due(house: House) -> None:
    async with house.opened() as dispatcher:
        await house.out()
        house.at += timedelta(hours=1)
        await dispatcher.catch_up()
        told = await house.told(HERON)
        assert Card.BACK in told and Card.NUDGE not in told


async def test_a_clock_that_somebody_sets_forward_by_hand_is_no_silence(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.out()
        house.at += timedelta(hours=1)
        await dispatcher.catch_up()
        assert Card.BACK not in await house.told(HERON)
        assert Card.NUDGE in await house.told(HERON)


async def test_a_clock_that_was_set_back_hides_no_silence(house: House) -> None:
    async with house.opened():
        await house.out()
    async with house.opened(NOW - timedelta(hours=2)) as dispatcher:
        await dispatcher.catch_up()
        assert Card.BACK in await house.told(HERON)


async def test_a_short_break_is_no_silence(house: House) -> None:
    async with house.opened():
        await house.out()
    async with house.opened(NOW + timedelta(minutes=2)) as dispatcher:
        await dispatcher.catch_up()
        assert Card.BACK not in await house.told(HERON)


# --- what fails -----------------------------------------------------------------------------------


def failing(house: House, error: Exception, times: int = 1) -> list[int]:
    """Let the next commits fail; returns how many inputs each of them held."""
    tried: list[int] = []
    commit_all = house.store.commit_all

    async def commit(batch: Sequence[Changes]) -> None:
        tried.append(len(batch))
        if len(tried) <= times:
            raise error
        await commit_all(batch)

    house.store.commit_all = commit  # type: ignore[method-assign]
    return tried


async def test_a_message_that_comes_twice_at_once_costs_no_reading_of_the_world(
    house: House,
) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        before = house.rebuilt
        hello = said("z", "hello")
        both = await asyncio.gather(dispatcher.receive([hello, hello]), dispatcher.receive([hello]))
        assert [*both] == [["", ""], [""]]
        assert house.rebuilt == before
        assert len([m for m in await house.store.waiting() if m.message.card == "reply"]) == 1


@pytest.mark.parametrize(
    ("longest_s", "together"),
    [
        (-1.0, [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]),
        (1e6, [[0, 1], [0, 1], [0, 1, 2], [0, 1, 2, 3]]),
    ],
    ids=["one by one", "half of what waits"],
)
async def test_what_takes_long_to_decide_is_committed_bit_by_bit_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch, longest_s: float, together: list[list[int]]
) -> None:
    monkeypatch.setattr("responder.dispatching.writing.THOUGHT_S", -1.0)
    monkeypatch.setattr("responder.dispatching.writing.LONGEST_THOUGHT_S", longest_s)
    async with house.opened() as dispatcher:
        await house.settle_in()
        done: list[int] = []
        seen: list[list[int]] = []
        dispatcher.writer.on_commit = lambda changes: (
            seen.append(done.copy()) if changes.audit else None
        )

        def work(number: int, desk: Desk) -> None:
            desk.audit("playbook.add", str(number))
            done.append(number)

        await asyncio.gather(*(dispatcher.do(partial(work, number)) for number in range(4)))
    assert seen == together


async def test_a_flood_of_what_comes_in_keeps_no_deadline_waiting(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.out()
        due = dispatcher.world.next_due()
        assert due is not None
        house.at = due - timedelta(seconds=1)
        ended, noticed = due + timedelta(seconds=1), asyncio.Event()
        seen: list[datetime] = []

        def flood(desk: Desk) -> None:
            """A job that takes 10 ms, and hands in the next before it is done."""
            desk.audit("playbook.add", "flood")
            house.at += timedelta(milliseconds=10)
            if desk.world.next_due() != due:
                seen.append(house.at)
            if seen or house.at > ended:
                noticed.set()
            else:
                pending.append(asyncio.ensure_future(dispatcher.do(flood)))

        pending = [asyncio.ensure_future(dispatcher.do(flood)) for _ in range(3)]
        await noticed.wait()
        await asyncio.gather(*pending)
        assert seen and seen[0] - due < timedelta(milliseconds=100)


async def test_a_full_disk_is_not_asked_again_for_each_of_many_messages(house: House) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        before = house.rebuilt
        tried = failing(house, StoreFull("The disk is full."))
        work = [dispatcher.do(lambda desk: desk.put(a_member("Siskin"))) for _ in range(5)]
        ends = await asyncio.gather(*work, return_exceptions=True)
        assert all(isinstance(end, StoreFull) for end in ends)
        assert (tried, house.rebuilt) == ([5], before + 1)


async def test_where_memory_cannot_be_read_anew_nobody_waits_and_the_process_ends(
    house: House,
) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        failing(house, StoreFull("The disk is full."), times=9)
        house.unreadable = True
        work = [dispatcher.do(lambda desk: desk.put(a_member("Siskin"))) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            ends = await asyncio.gather(*work, return_exceptions=True)
            assert {type(end) for end in ends} == {MemoryLost}
            with pytest.raises(MemoryLost, match="start it again"):
                await dispatcher.task
        assert not dispatcher.may_leave(a_message(), house.at)
        with pytest.raises(ConnectionAbortedError):
            await dispatcher.do(lambda desk: None)


async def test_a_full_disk_puts_nothing_aside_and_the_bot_hands_it_in_again(house: House) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        failing(house, StoreFull("The disk is full."))
        report = said("r", REPORT)
        with pytest.raises(StoreFull):
            await dispatcher.receive([report])
        await dispatcher.receive([report])
        assert house.incident.state is State.PAGING
        assert dispatcher.status()["set_aside"] == 0


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A bug of ours: nothing that anybody writes can be worked off until it is undone."""

    def breaks(*_: object) -> None:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(hearing, "hear", breaks)
    return monkeypatch


async def test_what_fails_by_itself_is_put_aside_and_its_sender_and_coordinators_hear_of_it(
    house: House, bug: pytest.MonkeyPatch
) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([said("z", REPORT)])
        waiting = [one.message for one in await house.store.waiting()]
        stranger = dispatcher.world.at_address("signal", "+1999z")
        assert stranger is not None
        (answer,) = [m.text for m in waiting if m.to == stranger.id]
        assert "has acted on it yet" in answer and "911" in answer
        assert [m.to for m in waiting if "aside" in m.text] == [OWL]
        assert dispatcher.status()["set_aside"] == 1
        (row,) = await dispatcher.do(aside.listed)
        assert "Quill" not in str(row)


async def test_what_was_put_aside_is_worked_off_once_the_bug_is_gone(
    house: House, bug: pytest.MonkeyPatch
) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([said("r", REPORT)])
        assert await control.perform(dispatcher, "aside.retry", {}) == {"done": 0, "left": 1}
        bug.undo()
        assert await control.perform(dispatcher, "aside.retry", {}) == {"done": 1, "left": 0}
        assert house.incident.state is State.PAGING
        assert await control.perform(dispatcher, "aside.list", {}) == []


async def test_what_was_put_aside_goes_with_its_sender(
    house: House, bug: pytest.MonkeyPatch
) -> None:
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([said("z", REPORT), said("r", REPORT)])
        stranger = dispatcher.world.at_address("signal", "+1999z")
        assert stranger is not None
        await dispatcher.do(lambda desk: aside.forget(desk, stranger))
        left = [setting.name for setting in await house.store.load(Setting)]
        assert sum(name.startswith(aside.ASIDE) for name in left) == 1
        reporter = f"person:{dispatcher.world.at_address('signal', '+1999r').id}"  # type: ignore[union-attr]
        await dispatcher.do(lambda desk: desk.destroy(reporter))
        left = [setting.name for setting in await house.store.load(Setting)]
        assert not any(name.startswith(aside.ASIDE) for name in left)


async def test_coordinators_hear_at_once_and_each_hour_of_an_incident_that_cannot_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.out()
        code = house.incident.code

        def breaks(*_: object) -> Changes:
            raise KeyError("a bug of ours")

        monkeypatch.setattr(network, "tick", breaks)
        heard = []
        for minutes in (30, 1, 1, 60):
            house.at += timedelta(minutes=minutes)
            await dispatcher.catch_up()
            waiting = [one.message for one in await house.store.waiting()]
            heard.append(sum(f"due on {code}" in m.text for m in waiting if m.to == OWL))
        assert heard == [1, 1, 1, 2]


# --- what two must agree to -----------------------------------------------------------------------


async def test_a_grave_order_that_nobody_agrees_to_ends_by_itself_and_is_told(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.settle_in()
        lark = a_member("Lark", roles=(Role.COORDINATOR,))
        await dispatcher.do(lambda desk: desk.put(lark))
        await dispatcher.receive([said(OWL, "/export")])
        assert len(list(orders.all_of(dispatcher.world))) == 1
        house.at += orders.LASTS
        await dispatcher.catch_up()
        waiting = [one.message for one in await house.store.waiting()]
        assert not list(orders.all_of(dispatcher.world))
        assert {m.to for m in waiting if "nobody agreed" in m.text} == {OWL, "lark"}


# --- a config that changed ------------------------------------------------------------------------


async def test_a_neighbourhood_that_left_the_config_is_served_on(house: House) -> None:
    """Northside was renamed: who is out there is asked as before, and the check says so."""
    async with house.opened() as dispatcher:
        here = house.settings.neighbourhoods()
        await dispatcher.do(lambda desk: library.remember_places(desk, here))
        await house.out()
    house.settings = renamed(house.settings, "northside", "hillside")
    async with house.opened(NOW + timedelta(minutes=2), by_hand=True) as dispatcher:
        here = house.settings.neighbourhoods()
        former = await dispatcher.do(lambda desk: library.remember_places(desk, here))
        assert former == ("northside",)
        house.at += timedelta(hours=1)
        await dispatcher.catch_up()
        assert Card.NUDGE in await house.told(HERON)
        await dispatcher.receive([said("r", "/status")])
        found = checking.people(dispatcher.world, house.at)
        assert any("no neighbourhood `northside`" in finding.text for finding in found)
        assert dispatcher.world.neighbourhoods[Place("northside")].name == "northside"


def renamed(settings: Settings, old: str, new: str) -> Settings:
    """The same places by the same names; one of them has another id."""
    places = (
        one.model_copy(update={"id": new}) if one.id == old else one
        for one in settings.neighbourhood
    )
    return settings.model_copy(update={"neighbourhood": tuple(places)})
