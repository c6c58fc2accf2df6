"""The store: whole transactions or none, and messages that are neither lost nor doubled."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from responder.core.changes import Changes, JoinCode, StoryLine
from responder.core.messages import Fate, Urgency
from responder.core.model import (
    Address,
    IncidentId,
    MessageId,
    Person,
    Report,
    State,
)
from responder.storage.sealing import Keyring
from responder.storage.store import (
    AlreadyAssigned,
    AlreadyTaken,
    Store,
    StoreClosed,
    StoreError,
    StoreFull,
    Waiting,
)
from tests.unit.stored import (
    NOW,
    a_message,
    a_person,
    a_sending,
    an_incident,
    changes,
    every_record,
    filled,
    ids,
    with_random_ids,
)

# --- there and back ----------------------------------------------------------------------------


async def test_every_record_comes_back_equal_after_a_restart(folder: Path, ring: Keyring) -> None:
    records = every_record("ribera ñandú 'quoted' \x00 \U0001f9a9")
    async with await Store.open(folder / "network.db", ring) as store:
        await store.commit(changes(*records))
    fresh = await Store.open(folder / "network.db", ring)
    async with fresh:
        for record in records:
            assert await fresh.load(type(record)) == [record]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=80))
async def test_a_record_with_any_words_comes_back_equal(store: Store, words: str) -> None:
    report = with_random_ids(filled(Report, words))
    await store.commit(changes(report))
    assert await store.load(Report) == [report]


async def test_a_record_that_is_put_again_replaces_the_first(store: Store) -> None:
    await store.commit(changes(a_person("heron"), a_person("wren")))
    await store.commit(changes(a_person("heron", language="es")))
    assert [(p.id, p.language) for p in await store.load(Person)] == [
        ("heron", "es"),
        ("wren", "en"),
    ]


async def test_a_deleted_record_is_gone_and_so_is_its_address(store: Store) -> None:
    person = a_person(addresses=(Address(channel="signal", handle="+1555"),))
    await store.commit(changes(person, JoinCode(code="c1", expires_at=NOW)))
    gone = Changes()
    gone.delete(a_person("heron"))
    gone.delete(JoinCode(code="c1", expires_at=NOW))
    await store.commit(gone)
    assert await store.load(Person) == []
    assert await store.load(JoinCode) == []
    assert await store.person_at("signal", "+1555") is None


async def test_only_open_incidents_are_among_the_open_ones(store: Store) -> None:
    await store.commit(changes(an_incident("i1"), an_incident("i2", State.AFTERCARE)))
    await store.commit(changes(an_incident("i1", State.CLOSED)))
    assert [incident.id for incident in await store.open_incidents()] == ["i2"]
    closed = await store.incident(IncidentId("i1"))
    assert closed is not None
    assert closed.state is State.CLOSED


async def test_an_incident_that_never_was_is_none(store: Store) -> None:
    assert await store.incident(IncidentId("nowhere")) is None


async def test_an_incident_is_indexed_by_its_next_deadline(folder: Path, ring: Keyring) -> None:
    path = folder / "network.db"
    async with await Store.open(path, ring, due_of=lambda _: NOW) as store:
        await store.commit(changes(an_incident()))
    db = sqlite3.connect(path)
    assert db.execute("SELECT id, is_open, due_ms FROM incident_index").fetchall() == [
        ("i1", 1, int(NOW.timestamp() * 1000))
    ]
    db.close()


async def test_events_of_one_incident_come_in_the_order_they_were_committed(store: Store) -> None:
    def event(id: str, incident: str) -> StoryLine:
        return StoryLine(id=id, incident=IncidentId(incident), at=NOW, name=id)

    await store.commit(changes(event("z", "i1"), event("y", "i2")))
    await store.commit(changes(event("a", "i1")))
    assert [event.name for event in await store.events(IncidentId("i1"))] == ["z", "a"]


async def test_a_person_is_found_by_each_address_until_it_changes(store: Store) -> None:
    signal_, telegram = (Address(channel=c, handle="42") for c in ("signal", "telegram"))
    await store.commit(changes(a_person(addresses=(signal_, telegram))))
    assert await store.person_at("telegram", "42") == "heron"
    await store.commit(changes(a_person(addresses=(signal_,))))
    assert await store.person_at("telegram", "42") is None
    assert await store.person_at("signal", "42") == "heron"


async def test_an_address_that_moves_to_another_person_is_found_there(store: Store) -> None:
    address = Address(channel="signal", handle="42")
    await store.commit(changes(a_person("stranger", addresses=(address,))))
    await store.commit(changes(a_person("wren", addresses=(address,)), a_person("stranger")))
    assert await store.person_at("signal", "42") == "wren"


# --- all or nothing ----------------------------------------------------------------------------


async def test_a_message_counts_once_and_takes_the_whole_transaction_along(store: Store) -> None:
    pair = ("signal", "key-1", NOW)
    await store.commit(changes(inbox=[pair]))
    with pytest.raises(AlreadyTaken):
        await store.commit(changes(a_person(), inbox=[("signal", "key-2", NOW), pair]))
    assert await store.load(Person) == []
    assert await store.seen("signal", "key-1")
    assert not await store.seen("signal", "key-2")


async def test_nobody_is_assigned_twice(store: Store) -> None:
    await store.commit(changes(assigned=[("heron", "i1")]))
    with pytest.raises(AlreadyAssigned):
        await store.commit(changes(an_incident("i2"), assigned=[("wren", "i2"), ("heron", "i2")]))
    assert await store.assignments() == [("heron", "i1")]
    assert await store.open_incidents() == []


async def test_who_is_released_can_be_assigned_in_the_same_transaction(store: Store) -> None:
    await store.commit(changes(assigned=[("heron", "i1")]))
    await store.commit(changes(released=[("heron", "i1")], assigned=[("heron", "i2")]))
    assert await store.assignments() == [("heron", "i2")]


async def test_a_release_from_another_incident_changes_nothing(store: Store) -> None:
    await store.commit(changes(assigned=[("heron", "i1")]))
    await store.commit(changes(released=[("heron", "i2")]))
    assert await store.assignments() == [("heron", "i1")]


async def test_a_bad_transaction_in_a_group_fails_alone(store: Store) -> None:
    await store.commit(changes(inbox=[("signal", "known", NOW)]))
    group = [changes(a_person(f"p{n}"), inbox=[("signal", str(n), NOW)]) for n in range(20)]
    group[7] = changes(a_person("bad"), inbox=[("signal", "known", NOW)])
    group[11] = changes(a_person("worse"), a_person("p3"), inbox=[("signal", "3", NOW)])
    ends = await asyncio.gather(*map(store.commit, group), return_exceptions=True)
    failed = {n: type(end) for n, end in enumerate(ends) if end is not None}
    assert failed == {7: AlreadyTaken, 11: AlreadyTaken}
    assert {p.id for p in await store.load(Person)} == {f"p{n}" for n in range(20)} - {"p7", "p11"}


async def test_transactions_that_wait_together_share_one_sync(
    store: Store, raw: sqlite3.Connection
) -> None:
    before = raw.execute("PRAGMA data_version").fetchone()
    seen: list[int] = []

    async def commit(n: int) -> None:
        await store.commit(changes(a_person(f"p{n}")))
        seen.append(raw.execute("SELECT count(*) FROM drawer").fetchone()[0])

    await asyncio.gather(*(commit(n) for n in range(100)))
    assert set(seen) == {64, 100}
    assert raw.execute("PRAGMA data_version").fetchone() != before


async def test_a_fault_of_our_own_reaches_its_caller_and_nobody_else(store: Store) -> None:
    broken = changes(a_person("bad", addresses=(object(),)))
    ends = await asyncio.gather(
        store.commit(changes(a_person("heron"))), store.commit(broken), return_exceptions=True
    )
    assert ends[0] is None
    assert isinstance(ends[1], TypeError | AttributeError)
    assert [person.id for person in await store.load(Person)] == ["heron"]


async def test_a_key_of_a_transaction_that_failed_is_not_kept(store: Store) -> None:
    await store.commit(changes(inbox=[("signal", "known", NOW)]))
    with pytest.raises(AlreadyAssigned):
        await store.commit(changes(a_person(), assigned=[("a", "i1"), ("a", "i2")]))
    await store.commit(changes(a_person()))
    assert await store.load(Person) == [a_person()]


async def test_a_cancelled_caller_leaves_its_transaction_whole(store: Store) -> None:
    task = asyncio.create_task(
        store.commit(changes(a_person("heron"), inbox=[("signal", "1", NOW)]))
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.commit(changes(a_person("wren")))
    assert [person.id for person in await store.load(Person)] == ["heron", "wren"]
    assert await store.seen("signal", "1")


async def test_a_full_disk_says_so_and_is_got_over(store: Store) -> None:
    def limit(pages: int) -> Any:
        return store._db.on_thread(lambda db: db.execute(f"PRAGMA max_page_count = {pages}"))

    await limit(1)
    with pytest.raises(StoreFull, match="Free some space"):
        await store.commit(changes(a_person(emergency_contact="x" * 300_000)))
    await limit(1_000_000)
    await store.commit(changes(a_person()))
    assert await store.load(Person) == [a_person()]


# --- messages ----------------------------------------------------------------------------------


async def test_messages_wait_by_urgency_and_then_by_age(store: Store) -> None:
    quiet, page = (
        a_message(id, urgency=u) for id, u in (("q", Urgency.QUIET), ("p", Urgency.PAGE))
    )
    leave, later = a_message("l", urgency=Urgency.LEAVE), a_message("p2", urgency=Urgency.PAGE)
    await store.commit(changes(messages=[quiet, page]))
    await store.commit(changes(messages=[leave, later]))
    waiting = await store.waiting()
    assert ids(waiting) == ["l", "p", "p2", "q"]
    assert waiting[1] == Waiting(message=page)


async def test_what_was_under_way_at_a_crash_comes_back_as_a_repeat(store: Store) -> None:
    await store.commit(changes(messages=[a_message("m1"), a_message("m2")]))
    assert await store.claim([MessageId("m1")]) == {"m1"}
    assert [(w.message.id, w.repeat) for w in await store.waiting()] == [
        ("m1", True),
        ("m2", False),
    ]


async def test_a_withdrawn_or_recalled_message_can_not_be_claimed(store: Store) -> None:
    await store.commit(changes(messages=[a_message(id) for id in ("m1", "m2", "m3")]))
    await store.commit(changes(withdrawn=[MessageId("m1")], recalled=[MessageId("m2")]))
    assert await store.claim([MessageId(id) for id in ("m1", "m2", "m3")]) == {"m3"}
    assert ids(await store.waiting()) == ["m3"]


async def test_an_acknowledged_message_is_never_sent_again(store: Store) -> None:
    await store.commit(changes(messages=[a_message()]))
    await store.claim([MessageId("m1")])
    await store.commit(changes(settled=[a_sending(ref="77")]))
    await store.commit(changes(withdrawn=[MessageId("m1")]))
    await store.commit(changes(settled=[a_sending(fate=Fate.FAILED)]))
    assert await store.waiting() == []
    assert await store.claim([MessageId("m1")]) == frozenset()
    assert await store.deliveries(MessageId("m1")) == [("signal", "77")]


async def test_a_channel_that_failed_is_remembered_while_others_are_left(store: Store) -> None:
    await store.commit(changes(messages=[a_message()]))
    for channel, at in (("signal", NOW), ("telegram", NOW + timedelta(seconds=1))):
        failed = a_sending(channel=channel, at=at, fate=Fate.FAILED, last=False)
        await store.commit(changes(settled=[failed]))
    assert [w.tried for w in await store.waiting()] == [("signal", "telegram")]
    assert await store.deliveries(MessageId("m1")) == []


@pytest.mark.parametrize("fate", [Fate.FAILED, Fate.WITHDRAWN])
async def test_a_message_that_failed_for_good_or_was_withdrawn_waits_no_more(
    store: Store, fate: Fate
) -> None:
    await store.commit(changes(messages=[a_message()]))
    await store.commit(changes(settled=[a_sending(fate=fate, channel="")]))
    assert await store.waiting() == []


async def test_a_message_that_left_while_it_was_withdrawn_counts_as_sent(store: Store) -> None:
    await store.commit(changes(messages=[a_message()]))
    await store.claim([MessageId("m1")])
    await store.commit(changes(withdrawn=[MessageId("m1")]))
    await store.commit(changes(settled=[a_sending(ref="77")]))
    assert await store.deliveries(MessageId("m1")) == [("signal", "77")]


async def test_the_words_of_a_message_go_when_it_has_met_its_fate(
    store: Store, raw: sqlite3.Connection
) -> None:
    await store.commit(changes(messages=[a_message(id) for id in ("m1", "m2", "m3")]))
    await store.commit(changes(settled=[a_sending()], withdrawn=[MessageId("m2")]))
    kept = raw.execute("SELECT id FROM outbox WHERE sealed IS NOT NULL").fetchall()
    assert kept == [("m3",)]


async def test_the_end_of_an_unknown_message_changes_nothing(store: Store) -> None:
    await store.commit(changes(settled=[a_sending("never-was")]))
    assert await store.sent_refs([MessageId("never-was")]) == []


async def test_two_messages_with_one_id_are_refused(store: Store) -> None:
    await store.commit(changes(messages=[a_message()]))
    with pytest.raises(StoreError, match="refused"):
        await store.commit(changes(messages=[a_message()]))


async def test_pruning_drops_what_is_settled_and_old_and_keeps_what_waits(store: Store) -> None:
    old, new = NOW - timedelta(days=40), NOW
    messages = [a_message(id, created_at=old) for id in ("sent-long-ago", "sent-now", "waiting")]
    await store.commit(changes(messages=messages, inbox=[("s", "old", old), ("s", "new", new)]))
    await store.commit(
        changes(settled=[a_sending("sent-long-ago", at=old), a_sending("sent-now", at=new)])
    )
    await store.prune(NOW - timedelta(days=30))
    assert [await store.seen("s", key) for key in ("old", "new")] == [False, True]
    refs = await store.sent_refs([message.id for message in messages])
    assert [ref.message for ref in refs] == ["sent-now"]
    assert ids(await store.waiting()) == ["waiting"]


async def test_where_a_message_went_is_known_as_long_as_it_is_to_change(store: Store) -> None:
    """An incident may last for days, and its overviews stand until its words are forgotten."""
    old = NOW - timedelta(days=40)
    names = [MessageId("board"), MessageId("page")]
    await store.commit(changes(messages=[a_message(id, created_at=old) for id in names]))
    await store.commit(changes(settled=[a_sending(id, at=old) for id in names]))
    await store.prune(NOW, shown={MessageId("board")})
    assert [ref.message for ref in await store.sent_refs(names)] == ["board"]
    await store.prune(NOW)
    assert await store.sent_refs(names) == []


async def test_what_is_to_be_taken_back_is_known_until_it_was_or_is_not_there_any_more(
    folder: Path, ring: Keyring
) -> None:
    async with await Store.open(folder / "network.db", ring) as store:
        await store.commit(changes(messages=[a_message("m1"), a_message("m2")]))
        await store.commit(changes(settled=[a_sending("m1"), a_sending("m2")]))
        await store.commit(changes(recalled=[MessageId("m1"), MessageId("m2")]))
        await store.commit(changes(recalled=[MessageId("m1")]))
        await store.recall_done(MessageId("m2"))
    async with await Store.open(folder / "network.db", ring) as store:
        assert await store.recalls() == ["m1"]
        await store.prune(NOW - timedelta(days=1))
        assert await store.recalls() == ["m1"]
        await store.prune(NOW + timedelta(days=1))
        assert await store.recalls() == []


async def test_a_store_that_is_closed_leaves_no_thread_behind(folder: Path, ring: Keyring) -> None:
    """One that runs on into the interpreter's end can abort the process."""
    for number in range(20):
        before = threading.active_count()
        await (await Store.open(folder / f"{number}.db", ring)).close()
        assert threading.active_count() == before


# --- many fates at once ---------------------------------------------------------------------------


async def test_fates_that_arrive_together_are_all_on_disk(store: Store) -> None:
    messages = [a_message(f"m{n}") for n in range(100)]
    await store.commit(changes(messages=messages))
    await asyncio.gather(*(store.settle([a_sending(m.id, ref=f"7{m.id}")]) for m in messages[:90]))
    assert {one.message.id for one in await store.waiting()} == {m.id for m in messages[90:]}
    assert await store.deliveries(messages[42].id) == [("signal", "7m42")]


async def test_two_fates_of_one_message_count_in_their_order(store: Store) -> None:
    await store.commit(changes(messages=[a_message("m1")]))
    await asyncio.gather(
        store.settle([a_sending("m1", fate=Fate.FAILED, channel="telegram", last=False)]),
        store.settle([a_sending("m1", ref="77")]),
    )
    assert await store.waiting() == []
    assert await store.deliveries(MessageId("m1")) == [("signal", "77")]


async def test_a_fate_that_cannot_be_written_takes_no_other_along(store: Store) -> None:
    await store.commit(changes(messages=[a_message("m1"), a_message("m2")]))
    outcomes = await asyncio.gather(
        store.settle([a_sending("m1", ref="77")]),
        store.settle([a_sending("m2", ref="\ud800")]),
        return_exceptions=True,
    )
    assert outcomes[0] is None and isinstance(outcomes[1], UnicodeEncodeError)
    assert [one.message.id for one in await store.waiting()] == ["m2"]


async def test_no_fate_is_taken_by_a_closed_store(store: Store) -> None:
    await store.close()
    with pytest.raises(StoreClosed):
        await store.settle([a_sending("m1")])
