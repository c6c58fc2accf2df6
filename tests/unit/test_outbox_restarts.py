"""Crashes, endings and disks that fail: nothing is lost, and nothing doubled unmarked."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from responder.core.changes import Changes
from responder.core.messages import Fate, Message, Settled
from responder.core.model import MessageId
from responder.outbox import Outbox
from responder.ports import Rejected
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.ports import PATIENCE_S
from tests.unit.outbox_kit import (
    HERON,
    ONE_AT_A_TIME,
    SLOW,
    START,
    FakeDesk,
    FakeStore,
    Network,
    a_word,
    an_edit,
    at_random,
    flock,
    settle_down,
    someone,
    words,
)


async def test_what_was_under_way_at_a_crash_leaves_again_marked_as_a_repeat() -> None:
    store = FakeStore()
    async with Network(*flock(3), store=store) as before:
        before.add(a_word("acknowledged", "bird-0"))
        await before.after(1)
        before.signal.took_s = 60.0
        before.add(a_word("under-way", "bird-1"))
        await before.after(1)
        store.commit(a_word("due", "bird-2"))
    async with Network(*flock(3), store=store) as network:
        await network.after(1)
        sent = {out.text: out.repeat for out in network.signal.sent}
        assert sent == {"words of under-way": True, "words of due": False}


@pytest.mark.parametrize("seed", range(6))
async def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled_unmarked(
    seed: int,
) -> None:
    chance = Random(seed)
    people = [someone(f"bird-{n}", "telegram", "signal") for n in range(5)]
    store = FakeStore()
    once: list[str] = []
    for life in range(4):
        async with Network(*people, store=store, signal=SLOW) as network:
            network.signal.took_s = 0.3
            for number in range(10):
                message = at_random(chance, 10 * life + number, chance.choice(people).id)
                network.add(message)
                if chance.random() < 0.3:
                    network.add(an_edit(f"{message.id}e", message.id, message.to))
            await network.after(chance.random() * 2 if life < 3 else 600.0)
            once += [out.text for _, out in network.signal.begun if not out.repeat]
    assert set(store.states.values()) <= {"sent", "withdrawn"}
    assert len(once) == len(set(once))


async def test_after_a_restart_a_channel_that_had_refused_is_not_asked_again() -> None:
    person = someone("heron", "signal", "terminal")
    store = FakeStore()
    async with Network(person, store=store) as before:
        before.signal.answers.append(Rejected("no"))
        before.terminal.took_s = 60.0
        before.add(a_word("m"))
        await before.after(1)
    async with Network(person, store=store) as network:
        await network.after(1)
        assert (network.signal.begun, network.terminal.texts) == ([], words("m"))


async def test_what_is_handed_over_before_the_rest_is_read_leaves_once() -> None:
    network = Network(HERON)
    network.add(a_word("m"), an_edit("e", "m"), an_edit("stray", "long-gone"))
    async with network:
        await network.after(1)
        assert network.signal.texts == words("e")
        assert [network.desk.fates(id) for id in ("m", "e", "stray")] == [
            ["sent"],
            ["sent"],
            ["withdrawn"],
        ]


async def test_an_original_and_its_edit_that_wait_on_disk_leave_as_one() -> None:
    store = FakeStore()
    store.commit(a_word("m"), an_edit("e", "m", created_at=START + timedelta(seconds=1)))
    async with Network(HERON, store=store) as network:
        await network.after(1)
        assert network.signal.texts == words("e")
        assert set(store.states.values()) == {"sent"}


async def test_closing_lets_requests_under_way_finish() -> None:
    async with Network(*flock(2), signal=ONE_AT_A_TIME) as network:
        network.signal.took_s = 2.0
        network.add(a_word("a", "bird-0"), a_word("b", "bird-1"))
        await network.after(1)
        closing = asyncio.create_task(network.outbox.close(5.0))
        await network.after(10)
        assert closing.done()
        assert (network.signal.texts, network.desk.fates("a")) == (words("a"), ["sent"])
        assert len(network.signal.begun) == 1


async def test_closing_waits_no_longer_than_its_grace() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 60.0
        network.add(a_word("m"))
        await network.after(1)
        closing = asyncio.create_task(network.outbox.close(3.0))
        await network.after(2.9)
        assert not closing.done()
        await network.after(0.2)
        assert closing.done() and network.store.states[MessageId("m")] == "claimed"


async def test_a_disk_that_cannot_write_delays_and_doubles_nothing() -> None:
    async with Network(HERON) as network:
        network.store.broken = 3
        network.add(a_word("m"))
        await network.after(2.5)
        assert network.signal.begun == []
        await network.after(1)
        network.store.broken = 0
        assert network.signal.texts == words("m")


async def test_an_acknowledgement_is_put_on_record_however_often_the_disk_fails() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 1.0
        network.add(a_word("m"))
        await network.after(0.5)
        network.store.broken = 4
        await network.after(60)
        assert (network.desk.fates("m"), len(network.signal.begun)) == (["sent"], 1)


class StoreDesk(FakeDesk):
    """Puts fates into the real store, as the dispatcher does."""

    def __init__(self, store: Store) -> None:
        super().__init__(FakeStore(), [HERON])
        self.real = store

    async def settled(self, message: Message, fate: Settled) -> None:
        await self.real.commit(Changes(settled=[fate]))
        self.told.append(fate)


async def test_the_real_store_and_real_time_carry_it_through_a_restart(tmp_path: Path) -> None:
    ring = Keyring.random()
    (tmp_path / "data").mkdir(mode=0o700)
    async with await Store.open(tmp_path / "data" / "network.db", ring) as store:
        await store.commit(Changes(messages=[a_word("m1"), a_word("m2")]))
        await store.claim([MessageId("m1")])
    async with await Store.open(tmp_path / "data" / "network.db", ring) as store:
        network, desk = Network(HERON), StoreDesk(store)
        outbox = Outbox(
            store,
            {"signal": network.signal},
            desk,
            clock=network.time.clock,
            steady=time.monotonic,
            jitter=lambda: 0.5,
            attach=network._attach,
        )
        await outbox.load()
        running = asyncio.create_task(outbox.run())
        async with asyncio.timeout(PATIENCE_S):
            while len(desk.told) < 2:
                await settle_down()
        await outbox.close(1.0)
        await running
        assert {out.text: out.repeat for out in network.signal.sent} == {
            "words of m1": True,
            "words of m2": False,
        }
        assert await store.waiting() == []
        assert [fate.fate for fate in desk.told] == [Fate.SENT, Fate.SENT]
