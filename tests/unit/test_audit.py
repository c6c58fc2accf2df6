"""The audit: whole until somebody without the key touches it, and then it says which line."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from responder.core import admin
from responder.core.changes import AuditLine, Changes
from responder.core.desk import Desk
from responder.core.model import Level, PersonId, Role, State
from responder.storage import library
from responder.storage.audit import BEGUN_ANEW, KEPT, NoSuchMark, Verdict
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.builders import NOW, a_member, a_playbook, a_small_network, an_incident
from tests.unit.desk_kit import OWL, Evening, coordinator

Touch = Callable[[sqlite3.Connection], object]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "data" / "network.db", Keyring.random()) as opened:
        yield opened


@pytest.fixture
def raw(tmp_path: Path, store: Store) -> Iterator[sqlite3.Connection]:
    """A hand in the drawer, as somebody with the disk has it."""
    db = sqlite3.connect(tmp_path / "data" / "network.db", isolation_level=None)
    yield db
    db.close()


def a_line(number: int, **fields: object) -> AuditLine:
    at = NOW + timedelta(days=number)
    return AuditLine(at=at, verb="member.set", about=f"person-{number}")


async def write(store: Store, first: int = 1, last: int = 9) -> None:
    for number in range(first, last + 1):
        await store.commit(Changes(audit=[a_line(number)]))


def told(verdict: Verdict) -> list[tuple[int | None, str]]:
    return [(fault.number, fault.text) for fault in verdict.faults]


async def test_lines_come_back_in_order_and_are_whole(store: Store) -> None:
    await write(store)
    lines = await store.audit_lines()
    assert [one.line for one in lines] == [a_line(n) for n in range(1, 10)]
    verdict = await store.audit_verdict()
    assert (verdict.first, verdict.last, verdict.faults) == (1, 9, ())


async def test_a_new_network_has_an_empty_log_that_is_whole(store: Store) -> None:
    verdict = await store.audit_verdict()
    assert (verdict.last, verdict.faults) == (0, ())


async def test_several_lines_of_one_transaction_are_chained_too(store: Store) -> None:
    await store.commit(Changes(audit=[a_line(1), a_line(2)]))
    await store.commit_all([Changes(audit=[a_line(3)]), Changes(audit=[a_line(4)])])
    verdict = await store.audit_verdict()
    assert (verdict.last, verdict.faults) == (4, ())


def removed(number: int) -> Touch:
    return lambda db: db.execute("DELETE FROM audit WHERE number = ?", (number,))


def changed(number: int) -> Touch:
    query = "UPDATE audit SET sealed = substr(sealed, 1, 20) || x'ff' || substr(sealed, 22)"
    return lambda db: db.execute(f"{query} WHERE number = ?", (number,))


def relinked(number: int) -> Touch:
    return lambda db: db.execute("UPDATE audit SET mac = zeroblob(32) WHERE number = ?", (number,))


def swapped(one: int, other: int) -> Touch:
    def touch(db: sqlite3.Connection) -> None:
        for old, new in ((one, -1), (other, one), (-1, other)):
            db.execute("UPDATE audit SET number = ? WHERE number = ?", (new, old))

    return touch


def truncated(last: int) -> Touch:
    return lambda db: db.execute("DELETE FROM audit WHERE number > ?", (last,))


def added(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO audit SELECT 10, sealed, mac FROM audit WHERE number = 3")


@pytest.mark.parametrize(
    ("touch", "faults"),
    [
        (removed(5), [(5, "was removed")]),
        (removed(1), [(1, "was removed")]),
        (removed(9), [(9, "was removed")]),
        (truncated(6), [(n, "was removed") for n in (7, 8, 9)]),
        (changed(5), [(5, "was changed")]),
        (changed(9), [(9, "was changed")]),
        (relinked(5), [(5, "does not follow from the line before it")]),
        (
            swapped(3, 7),
            [
                (3, "holds what was written as line 7: the order was changed"),
                (7, "holds what was written as line 3: the order was changed"),
            ],
        ),
        (added, [(10, "was added, or the log's end was put back")]),
    ],
)
async def test_verify_says_which_line_was_touched(
    store: Store, raw: sqlite3.Connection, touch: Touch, faults: list[tuple[int, str]]
) -> None:
    await write(store)
    touch(raw)
    assert told(await store.audit_verdict()) == faults


@pytest.mark.parametrize(
    "touch",
    [
        lambda db: db.execute("DELETE FROM audit_head"),
        lambda db: db.execute("UPDATE audit_head SET last = 6"),
        lambda db: (truncated(6)(db), db.execute("UPDATE audit_head SET last = 6")),
    ],
    ids=["gone", "changed", "changed to hide a cut"],
)
async def test_a_head_that_was_touched_is_told_and_stays_told(
    store: Store, raw: sqlite3.Connection, touch: Touch
) -> None:
    await write(store)
    touch(raw)
    (first, *_) = told(await store.audit_verdict())
    assert first[0] is None and "head" in first[1]
    await write(store, 20, 20)
    verdict = await store.audit_verdict()
    assert any("begins the log anew" in text for _, text in told(verdict))
    assert [one.line.verb for one in await store.audit_lines()][-2:] == [BEGUN_ANEW, "member.set"]


async def test_everything_wiped_is_told_when_the_log_goes_on(
    store: Store, raw: sqlite3.Connection
) -> None:
    await write(store)
    raw.execute("DELETE FROM audit")
    raw.execute("DELETE FROM audit_head")
    await write(store, 20, 20)
    assert "begins the log anew" in told(await store.audit_verdict())[0][1]


async def test_a_line_after_a_cut_does_not_hide_the_cut(
    store: Store, raw: sqlite3.Connection
) -> None:
    await write(store)
    truncated(6)(raw)
    await write(store, 10, 11)
    assert told(await store.audit_verdict()) == [(n, "was removed") for n in (7, 8, 9)]


async def test_an_older_copy_of_the_whole_database_is_told_by_a_noted_mark(store: Store) -> None:
    await write(store, 1, 5)
    earlier = (await store.audit_verdict()).mark
    await write(store, 6, 9)
    mark = (await store.audit_verdict()).mark
    assert (await store.audit_verdict(mark)).faults == ()
    assert (await store.audit_verdict(earlier)).faults == ()
    later = "12" + mark[1:]
    assert "an older copy is here" in told(await store.audit_verdict(later))[0][1]
    other = mark[:-1] + ("0" if mark[-1] != "0" else "1")
    assert told(await store.audit_verdict(other))[0][0] == 9
    with pytest.raises(NoSuchMark):
        await store.audit_verdict("nine")


async def test_a_line_of_another_day_in_the_place_of_the_same_number_is_told(
    store: Store, raw: sqlite3.Connection, tmp_path: Path
) -> None:
    """Once restored from a backup, a network writes other lines under numbers that it had used."""
    await write(store, 1, 5)
    other = sqlite3.connect(tmp_path / "other.db")
    raw.backup(other)
    await store.commit(Changes(audit=[a_line(6), a_line(7)]))
    (theirs,) = raw.execute("SELECT number, sealed, mac FROM audit WHERE number = 7").fetchall()
    for table in ("audit", "audit_head"):
        raw.execute(f"DELETE FROM {table}")
        rows = other.execute(f"SELECT * FROM {table}").fetchall()
        marks = ", ".join("?" * len(rows[0]))
        raw.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    other.close()
    await store.commit(Changes(audit=[a_line(16), a_line(17), a_line(18)]))
    assert told(await store.audit_verdict()) == []
    raw.execute("UPDATE audit SET sealed = ?, mac = ? WHERE number = 7", theirs[1:])
    faults = told(await store.audit_verdict())
    assert faults[0] == (7, "does not follow from the line before it")


async def test_lines_go_after_a_year_and_the_rest_stays_verifiable(store: Store) -> None:
    await write(store)
    at = NOW + KEPT + timedelta(days=5)
    await store.prune(at, audit_before=at - KEPT)
    assert [one.number for one in await store.audit_lines()] == [5, 6, 7, 8, 9]
    await write(store, 10, 10)
    verdict = await store.audit_verdict()
    assert (verdict.first, verdict.last, verdict.faults) == (5, 10, ())


async def test_the_chain_holds_when_every_line_went_by_its_time(store: Store) -> None:
    await write(store)
    await store.prune(NOW, audit_before=NOW + 2 * KEPT)
    await write(store, 10, 11)
    verdict = await store.audit_verdict()
    assert (verdict.first, verdict.last, verdict.faults) == (10, 11, ())


async def test_a_forgotten_line_that_is_put_back_is_told(
    store: Store, raw: sqlite3.Connection
) -> None:
    await write(store)
    old = raw.execute("SELECT * FROM audit WHERE number = 2").fetchone()
    await store.prune(NOW, audit_before=NOW + timedelta(days=5))
    raw.execute("INSERT INTO audit VALUES (?, ?, ?)", old)
    assert told(await store.audit_verdict()) == [(2, "stands there although it was forgotten")]


async def test_lines_are_sealed_on_disk(store: Store, tmp_path: Path) -> None:
    await store.commit(Changes(audit=[AuditLine(at=NOW, verb="canary-verb", about="canary-id")]))
    for path in (tmp_path / "data").iterdir():
        assert b"canary" not in path.read_bytes()


# --- who writes them ------------------------------------------------------------------------------


def do(desk: Desk, op: str, **given: object) -> AuditLine:
    admin.OPS[op](desk, given)
    (line,) = desk.changes.audit
    return line


def a_desk() -> Desk:
    return Desk(a_small_network(), NOW, b"n" * 32)


def test_a_change_of_trust_is_noted_with_ids_and_the_words_of_the_program() -> None:
    line = do(a_desk(), "member.set", call_sign="Wren", level="known", duress_phrase="blue canary")
    assert (line.verb, line.by, line.about) == ("member.set", None, "wren")
    assert line.detail == "duress phrase, level known"


def test_a_new_member_is_noted_by_id() -> None:
    desk = a_desk()
    line = do(desk, "member.add", call_sign="Plover", roles=["verifier"], level="known")
    plover = desk.world.by_call_sign("Plover")
    assert plover is not None and plover.has(Role.VERIFIER)
    assert (line.about, line.detail) == (plover.id, "level known, roles verifier")


def test_a_renamed_a_removed_and_a_vouched_for_member_are_noted() -> None:
    assert do(a_desk(), "member.set", call_sign="Wren", rename="Plover").about == "wren"
    assert do(a_desk(), "member.remove", call_sign="Wren").about == "wren"
    line = do(a_desk(), "member.vouch", **{"by": "Heron", "for": "Wren"})
    assert (line.verb, line.about) == ("member.vouch", "wren")


def test_what_is_refused_leaves_no_line() -> None:
    desk = a_desk()
    with pytest.raises(admin.AdminFault):
        admin.OPS["member.set"](desk, {"call_sign": "Nobody", "level": "known"})
    assert desk.changes.audit == []


def test_whoever_reads_an_incident_is_noted_and_lists_are_not() -> None:
    from tests.builders import a_report

    desk = a_desk()
    incident = desk.open(a_report(PersonId("r")))
    admin.OPS["incident.list"](desk, {})
    line = do(desk, "incident.show", code=incident.code, words=True)
    assert (line.verb, line.about, line.detail) == ("incident.show", incident.id, "words")
    admin.named(desk, {"code": incident.code})
    assert desk.changes.audit[-1].verb == "incident.story"


def test_a_shift_is_noted_under_its_member() -> None:
    desk = a_desk()
    added_line = do(desk, "shift.add", call_sign="Wren", when="fri 18:00-22:00")
    assert added_line.about == "wren"
    (shift,) = desk.world.shifts()
    admin.OPS["shift.remove"](desk, {"id": shift.id[:6]})
    assert desk.changes.audit[-1].about == "wren"


def test_a_members_name_and_words_are_in_no_line() -> None:
    line = do(a_desk(), "member.set", call_sign="Wren", emergency_contact="Canary Road 5")
    assert "anary" not in repr(line) and "Wren" not in repr(line)
    assert a_member("Wren").call_sign == "Wren"


@pytest.mark.parametrize(
    ("button", "verb"),
    [
        ("Known", "member.set"),
        ("Block", "member.block"),
        ("I stand for them", "vouch"),
    ],
)
def test_what_a_coordinator_changes_of_trust_in_chat_is_noted(button: str, verb: str) -> None:
    wren = a_member("Wren", granted=Level.UNKNOWN)
    evening = Evening(people=(coordinator("Owl"), coordinator("Lark"), wren))
    evening.says(OWL, "/members Wren").taps(OWL, button)
    assert (verb, OWL) in evening.audited


def test_whoever_opens_an_incident_in_chat_is_noted_and_lists_are_not() -> None:
    story = an_incident(State.OUT)
    evening = Evening(people=())
    evening.world, evening.at = story.world, story.at
    evening.says(OWL, "/incidents")
    assert evening.audited == []
    evening.taps(OWL, story.incident.code)
    assert evening.audited == [("incident.show", OWL)]


def test_playbooks_that_come_change_and_go_are_noted() -> None:
    world = a_small_network()
    first, other = a_playbook("copwatch"), a_playbook("hate-incident")
    changed = first.model_copy(update={"hard_call": not first.hard_call})
    noted = []
    for found in ((), (first, other), (changed, other), (changed,)):
        desk = Desk(world, NOW, b"n" * 32)
        library.take_in(desk, {one.id: one for one in found}, set())
        noted.append([(line.verb, line.about) for line in desk.changes.audit])
    assert noted[1:] == [
        [("playbook.add", "copwatch"), ("playbook.add", "hate-incident")],
        [("playbook.change", "copwatch")],
        [("playbook.remove", "hate-incident")],
    ]
