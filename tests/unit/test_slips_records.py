"""Records wait on slips: on disk with the commit, in rows of their own when nothing else is."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from responder.core.changes import Changes, StoryLine
from responder.core.model import Care, IncidentId, PersonId, Report, ReportId, State
from responder.storage import connection, slips
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests import builders
from tests.builders import NOW, an_incident
from tests.unit.stored import changes

WREN = Care(person=PersonId("wren"), hard_calls=1)


@pytest.fixture(autouse=True)
def never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, nothing is filed unless it asks for it."""
    monkeypatch.setattr(connection, "QUIET_S", 3600.0)


def a_report(text: str = "canary", id: str = "r1") -> Report:
    return replace(builders.a_report(PersonId("r")), id=ReportId(id), text=text)


def rows(raw: sqlite3.Connection) -> list[str]:
    return [kind for (kind,) in raw.execute("SELECT kind FROM drawer ORDER BY seq")]


def without(record: Report) -> Changes:
    made = Changes()
    made.delete(record)
    return made


async def test_what_a_decision_wrote_touches_no_row_until_somebody_reads(
    store: Store, raw: sqlite3.Connection
) -> None:
    await store.commit(changes(a_report(), WREN))
    assert rows(raw) == []
    assert await store.load(Report) == [a_report()]
    assert rows(raw) == ["report", "care"]


async def test_it_is_all_there_for_whoever_opens_what_a_killed_process_left(
    store: Store, folder: Path, ring: Keyring, tmp_path: Path
) -> None:
    await store.commit(changes(a_report("before"), WREN))
    await store.commit(changes(a_report("after")))
    left = tmp_path / "left"
    shutil.copytree(folder, left)
    async with await Store.open(left / "network.db", ring) as found:
        assert await found.load_all([Report, Care]) == [a_report("after"), WREN]


async def test_of_what_several_slips_say_of_a_record_the_last_word_holds(store: Store) -> None:
    gone, back = a_report(id="gone"), a_report(id="back")
    await store.commit(changes(gone, back))
    await store.commit(without(gone))
    await store.commit(without(back))
    await store.commit(changes(a_report(), back))
    assert await store.load(Report) == [a_report(), back]


async def test_an_incident_on_a_slip_is_found_among_the_open_ones(store: Store) -> None:
    story = an_incident(State.PAGING)
    (incident,) = story.world.incidents.values()
    await store.commit(changes(incident))
    assert await store.open_incidents() == [incident]


async def test_what_stands_on_a_slip_goes_with_its_key(
    store: Store, raw: sqlite3.Connection
) -> None:
    await store.commit(changes(a_report(), WREN))
    await store.commit(changes(destroyed=["report:r1"]))
    assert await store.load(Report) == []
    assert rows(raw) == ["care"]


async def test_a_slip_alone_does_not_open_what_stands_on_it(
    store: Store, raw: sqlite3.Connection, ring: Keyring
) -> None:
    await store.commit(changes(a_report()))
    (number, sealed) = raw.execute("SELECT number, sealed FROM slip").fetchone()
    opened = store._db.keyring.open("slip", str(number), "network", sealed)
    assert b"report" in opened and b"canary" not in opened


async def test_lines_of_a_story_stay_in_order_however_many_are_told_at_once(
    store: Store, raw: sqlite3.Connection
) -> None:
    i1 = IncidentId("i1")
    lines = [StoryLine(id=f"l{n}", incident=i1, at=NOW, name="paged") for n in range(5)]
    await store.commit(changes(*lines[:3]))
    await store.commit(changes(*lines[3:]))
    assert await store.events(i1) == lines
    assert rows(raw) == ["story", "story"]


async def test_a_disk_that_takes_nothing_more_keeps_nobody_from_reading(
    store: Store, raw: sqlite3.Connection
) -> None:
    def refused(_action: int, what: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if what == "COMMIT" else sqlite3.SQLITE_OK

    await store.commit(changes(a_report()))
    await store._db.on_thread(lambda db: db.set_authorizer(refused))
    assert await store.load(Report) == [a_report()]
    await store._db.on_thread(lambda db: db.set_authorizer(None))
    assert rows(raw) == []
    assert await store.load(Report) == [a_report()]
    assert rows(raw) == ["report"]


async def test_many_records_are_filed_bit_by_bit(
    store: Store, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.storage.fates.ROWS_AT_ONCE", 2)
    for n in range(4):
        await store.commit(changes(a_report(id=f"r{n}")))
    await store._db.submit(lambda drawer: drawer.file(slips.FILED_AT_ONCE))
    assert len(rows(raw)) == 2


async def test_what_came_onto_a_slip_while_the_file_was_written_anew_is_not_forgotten_there(
    store: Store,
) -> None:
    busy = threading.Event()
    held = asyncio.create_task(store._db.on_thread(lambda _: busy.wait()))
    put = asyncio.create_task(store.commit(changes(a_report())))
    for _ in range(5):  # it is handed over, and nobody here knows yet that it is on a slip
        await asyncio.sleep(0)
    anew = asyncio.create_task(store.write_anew())
    await asyncio.sleep(0)
    busy.set()
    await asyncio.gather(held, put, anew)
    assert store.holds_leftovers
    await store.write_anew()
    assert not store.holds_leftovers
