"""The network watches itself: what it finds on a real store, whom it tells, what it mends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from responder import app
from responder.core.auditing import Sort
from responder.core.messages import Fate, Settled
from responder.core.model import State
from responder.dispatching.dispatcher import Dispatcher
from responder.ports import Health
from responder.storage.store import StoreError, StoreFull
from responder.watching import Watch
from responder.watching import watch as watching
from responder.watching.words import report
from tests.builders import OWL
from tests.ports import PATIENCE_S
from tests.unit.outbox_kit import Clockwork, FakeChannel
from tests.unit.test_dispatcher import REPORT, House, said

SOON = timedelta(seconds=30)


class Platform(FakeChannel):
    """Signal, which says of itself what a test wants."""

    def __init__(self) -> None:
        super().__init__(Clockwork(), "signal", private=True)
        self.ill: Exception | str = ""

    async def health(self) -> Health:
        if isinstance(self.ill, Exception):
            raise self.ill
        return Health(ok=not self.ill, detail=self.ill or "it answers")


class Watched:
    """A house with its machine, which sends nothing: what is due waits on disk."""

    def __init__(self, house: House, dispatcher: Dispatcher) -> None:
        self.house, self.dispatcher = house, dispatcher
        self.platform = Platform()
        self.machine = app.Machine(
            house.store, dispatcher, {"signal": self.platform}, now=lambda: house.at
        )

    @property
    def watch(self) -> Watch:
        return self.machine.watch

    @property
    def sorts(self) -> set[Sort]:
        return {one.sort for one in self.watch.worries}

    async def look(self, times: int = 2) -> set[Sort]:
        """Look so often, half a minute apart; what the auditor worries about then."""
        for _ in range(times):
            self.house.at += SOON
            await self.watch.audit()
        return self.sorts

    async def all_sent(self) -> None:
        """Everything that waits has arrived."""
        for row in await self.house.store.waiting():
            fate = Settled(
                message=row.message.id, channel="signal", fate=Fate.SENT, at=self.house.at, ref="1"
            )
            await self.machine.ledger.settled(row.message, fate)

    def breaks(self, **changes: Any) -> None:
        """The incident as only a bug of ours could leave it, in memory."""
        self.dispatcher.world.put(replace(self.house.incident, **changes))

    async def told(self) -> list[str]:
        """What Owl was told since, without the cards of the incident."""
        waiting = [one.message for one in await self.house.store.waiting()]
        return [m.text for m in waiting if m.to == OWL and m.card == "reply"]


@asynccontextmanager
async def out(house: House) -> AsyncIterator[Watched]:
    """Heron and Wren are out, everything was sent, and the auditor has not looked yet."""
    async with house.opened(by_hand=True) as dispatcher:
        watched = Watched(house, dispatcher)
        await house.out()
        await watched.all_sent()
        yield watched


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


# --- content, and not ----------------------------------------------------------------------------


async def test_all_is_well_while_a_team_is_out(house: House) -> None:
    async with out(house) as watched:
        assert await watched.look() == set()
        assert watched.watch.content and not watched.watch.restart_helps


async def test_what_is_seen_once_is_no_worry_yet(house: House) -> None:
    async with out(house) as watched:
        watched.breaks(team=tuple(replace(m, due=None) for m in house.incident.team))
        assert await watched.look(1) == set()
        assert Sort.UNWATCHED in await watched.look(1)
        assert not watched.watch.content


async def test_a_worry_that_has_passed_is_forgotten(house: House) -> None:
    async with out(house) as watched:
        sound = house.incident
        watched.breaks(team=tuple(replace(m, due=None) for m in sound.team))
        await watched.look()
        watched.dispatcher.world.put(sound)
        assert await watched.look(1) == set() and watched.watch.content


async def test_coordinators_hear_of_a_worry_once_and_which_incident_it_is(house: House) -> None:
    async with out(house) as watched:
        watched.breaks(team=tuple(replace(m, due=None) for m in house.incident.team))
        await watched.look(6)
        told = [text for text in await watched.told() if "sign of life" in text]
        assert len(told) == 1 and house.incident.code in told[0]


async def test_a_worry_that_comes_back_after_long_is_told_again(house: House) -> None:
    async with out(house) as watched:
        sound = house.incident
        for _ in range(2):
            watched.breaks(team=tuple(replace(m, due=None) for m in sound.team))
            await watched.look()
            watched.dispatcher.world.put(sound)
            house.at += watching.TOLD_FOR
            await watched.watch.audit()
        told = [text for text in await watched.told() if "sign of life" in text]
        assert len(told) == 2


# --- what it mends -------------------------------------------------------------------------------


async def test_a_deadline_that_was_passed_over_is_worked_off(house: House) -> None:
    """The dispatcher never wakes up; the auditor looks again in its place."""
    async with out(house) as watched:
        house.dispatcher._serving = False
        house.at += timedelta(minutes=40)
        await watched.watch.audit()
        assert "nudge" in await house.told("heron")
        await watched.all_sent()
        assert Sort.OVERDUE not in await watched.look(1)


async def test_a_message_that_memory_lost_is_taken_up_from_disk(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        watched = Watched(house, dispatcher)
        dispatcher.writer.on_commit = lambda _: None
        await house.settle_in()
        await dispatcher.receive([said("r", REPORT)])
        assert sum(watched.machine.outbox.depth().values()) == 0
        await watched.look(4)
        assert sum(watched.machine.outbox.depth().values()) > 0


# --- what it sees of the shell -------------------------------------------------------------------


async def test_pages_that_wait_on_disk_are_seen(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        watched = Watched(house, dispatcher)
        await house.settle_in()
        await dispatcher.receive([said("r", REPORT)])
        assert house.incident.state is State.PAGING
        assert {Sort.NOBODY_ASKED, Sort.UNSENT} <= await watched.look(4)
        assert any(house.incident.code in text for text in await watched.told())


async def test_a_part_of_the_program_that_fails_is_a_worry_until_it_goes_well(
    house: House,
) -> None:
    async def full() -> None:
        raise StoreFull("The disk is full.")

    async def well() -> None:
        pass

    async with out(house) as watched:
        await watched.machine.parts.once("playbooks", full)
        assert await watched.look() == {Sort.PART}
        told = report(watched.watch, watched.dispatcher.world)
        assert [one["part"] for one in told["worries"]] == ["playbooks"]
        await watched.machine.parts.once("playbooks", well)
        assert await watched.look(1) == set()


async def test_where_nothing_can_be_committed_any_more_the_process_ends(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug of the writer")

    async with out(house) as watched:
        waiting = asyncio.create_task(watched.machine.wait(asyncio.Event()))
        monkeypatch.setattr(house.store._db, "_commit", broken)
        with suppress(StoreError):
            await watched.dispatcher.do(lambda desk: desk.tell_coordinators("notice"))
        with pytest.raises(RuntimeError, match="a bug of the writer"):
            await asyncio.wait_for(waiting, PATIENCE_S)


async def test_a_failure_that_cannot_be_written_down_is_seen(house: House) -> None:
    async with out(house) as watched:
        await watched.dispatcher.do(lambda desk: desk.tell_coordinators("notice"))
        row, *_ = await house.store.waiting()
        fate = Settled(message=row.message.id, channel="", fate=Fate.FAILED, at=house.at)

        async def full(batch: object) -> None:
            raise StoreFull("The disk is full.")

        commit, house.store.commit_all = house.store.commit_all, full  # type: ignore[method-assign]
        with pytest.raises(StoreFull):
            await watched.machine.ledger.settled(row.message, fate)
        house.store.commit_all = commit  # type: ignore[method-assign]
        assert Sort.NOT_ESCALATED in await watched.look(4)
        await watched.machine.ledger.settled(row.message, fate)
        assert Sort.NOT_ESCALATED not in await watched.look(1)


@pytest.mark.parametrize("ill", ["the service has lost our number", ConnectionError("canary")])
async def test_a_channel_that_stays_deaf_is_a_worry_and_says_since_when(
    house: House, ill: Exception | str
) -> None:
    async with out(house) as watched:
        await watched.look(1)
        watched.platform.ill = ill
        since = house.at + SOON
        assert await watched.look(6) == set()
        assert await watched.look(3) == {Sort.DEAF}
        told = report(watched.watch, house.dispatcher.world)
        assert told["channels"]["signal"]["since"] == since.isoformat(timespec="seconds")
        assert "canary" not in str(told)


async def test_a_deaf_channel_is_no_reason_to_be_killed(house: House) -> None:
    async with out(house) as watched:
        watched.platform.ill = "down"
        await watched.look(20)
        assert not watched.watch.content and not watched.watch.restart_helps


async def test_a_disk_that_refuses_the_sign_of_life_is_seen(house: House) -> None:
    async with out(house) as watched:
        for _ in range(2):
            house.dispatcher.counts["housekeeping_failed"] += 1
            await watched.look(1)
        assert watched.sorts == {Sort.DISK}


# --- standing still ------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(watching, "TURN_S", 0.02)
    yield


@pytest.mark.usefixtures("impatient")
async def test_a_writer_that_stands_still_is_noticed_without_waiting_for_it(house: House) -> None:
    async with out(house) as watched:
        stuck, go_on = asyncio.Event(), house.store.commit_all

        async def hang(batch: Any) -> None:
            await stuck.wait()
            await go_on(batch)

        house.store.commit_all = hang  # type: ignore[method-assign]
        await watched.watch.audit()
        assert not watched.watch.turning and watched.watch.restart_helps
        stuck.set()
        await watched.dispatcher.catch_up()
        await watched.watch.audit()
        assert watched.watch.turning


async def test_an_outbox_that_does_nothing_at_all_is_worth_a_restart(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "STALLED_AFTER", timedelta(minutes=2))
    async with house.opened(by_hand=True) as dispatcher:
        watched = Watched(house, dispatcher)
        await house.settle_in()
        await dispatcher.receive([said("r", REPORT)])
        await watched.look(4)
        assert not watched.watch.restart_helps
        await watched.look(2)
        assert watched.watch.restart_helps


async def test_an_auditor_that_fails_is_not_content(house: House) -> None:
    async with out(house) as watched:
        watched.dispatcher.world.incidents["x" * 3] = None  # type: ignore[index,assignment]
        ended = asyncio.Event()

        async def wait(_: float) -> None:
            ended.set()
            await asyncio.Event().wait()

        watched.watch._wait = wait
        running = asyncio.create_task(watched.watch.run())
        await ended.wait()
        running.cancel()
        assert not watched.watch.content and watched.watch.restart_helps
        del watched.dispatcher.world.incidents["x" * 3]  # type: ignore[arg-type]
