"""The database without the key: what its plain columns tell, and what deleting has left in it.

What it must not know
    Keys, and any file but the database and its log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any, Final

from responder.custody.seized.sights import Sight, listed, reading, reason, sight, when

_SIZED: Final = ("report", "incident", "piece", "session")
_MEMBERS_HAVE: Final = "('shift', 'override', 'device', 'care', 'reach')"
_FRAME_HEAD: Final = 24
_WAL_HEAD: Final = 32


def rows(database: Path) -> Iterator[Sight]:
    """What can be counted and dated, and what belongs together, by the plain columns."""
    if not database.exists():
        yield sight("database.absent")
        return
    try:
        with closing(reading(database)) as db:
            yield from list(_rows(db))
    except sqlite3.Error as error:
        yield sight("database.unclear", reason=reason(error))


def _rows(db: sqlite3.Connection) -> Iterator[Sight]:
    kinds = dict(db.execute("SELECT kind, count(*) FROM drawer GROUP BY kind ORDER BY kind"))
    yield from _people(db)
    incidents, opened, due = _one(
        db, "SELECT count(*), coalesce(sum(is_open), 0), min(due_ms) FROM incident_index"
    )
    yield sight(
        "database.incidents",
        incidents=incidents,
        open=opened,
        reports=_one(db, "SELECT count(*) FROM data_key WHERE name LIKE 'report:%'")[0],
        pieces=kinds.get("piece", 0),
        next_due=when(due),
    )
    people, teams = _one(db, "SELECT count(*), count(DISTINCT incident) FROM assignment")
    yield sight("database.teams", people=people, incidents=teams)
    yield from _traffic(db)
    yield from _sizes(db)
    yield sight("database.kinds", kinds=listed(kinds))
    yield sight("database.audit", audit=_one(db, "SELECT count(*) FROM audit")[0])
    yield sight("remains.slots", empty=_one(db, "SELECT count(*) FROM free_slot")[0])


def _people(db: sqlite3.Connection) -> Iterator[Sight]:
    yield sight(
        "database.people",
        people=_one(db, "SELECT count(*) FROM data_key WHERE name LIKE 'person:%'")[0],
        members_written=_one(db, "SELECT count(DISTINCT person) FROM outbox")[0],
        marked=_one(
            db,
            "SELECT count(DISTINCT key_name) FROM drawer"  # noqa: S608 - no word from outside
            f" WHERE key_name LIKE 'person:%' AND kind IN {_MEMBERS_HAVE}",
        )[0],
    )
    tied, incidents = _one(
        db,
        "SELECT count(DISTINCT person), count(DISTINCT key_name) FROM outbox"
        " WHERE key_name LIKE 'incident:%'",
    )
    telling = "SELECT id FROM drawer WHERE kind = 'session' AND key_name LIKE 'report:%'"
    heard = "SELECT person FROM outbox WHERE key_name LIKE 'report:%'"
    (reporters,) = _one(db, f"SELECT count(*) FROM ({telling} UNION {heard})")  # noqa: S608
    yield sight("database.ties", tied=tied, tied_to=incidents, reporters=reporters)


def _traffic(db: sqlite3.Connection) -> Iterator[Sight]:
    messages, waiting, urgent, first, last = _one(
        db,
        "SELECT count(*), coalesce(sum(state IN ('due', 'claimed')), 0),"
        " coalesce(sum(urgency = 0), 0), min(at_ms), max(at_ms) FROM outbox",
    )
    most = db.execute("SELECT count(*) FROM outbox GROUP BY person ORDER BY 1 DESC").fetchone()
    yield sight(
        "database.messages",
        messages=messages,
        waiting=waiting,
        urgent=urgent,
        first=when(first),
        last=when(last),
        most=most[0] if most else 0,
    )
    channels = dict(db.execute("SELECT channel, count(*) FROM delivery GROUP BY channel"))
    if channels:
        yield sight("database.channels", channels=listed(channels))
    yield sight("database.slips", slips=_one(db, "SELECT count(*) FROM slip")[0])
    inbox, first, last = _one(db, "SELECT count(*), min(at_ms), max(at_ms) FROM inbox")
    yield sight("database.inbox", inbox=inbox, first=when(first), last=when(last))


def _sizes(db: sqlite3.Connection) -> Iterator[Sight]:
    for kind in _SIZED:
        found = db.execute("SELECT length(sealed) FROM drawer WHERE kind = ?", (kind,))
        sizes = sorted(size for (size,) in found)
        if sizes:
            yield sight(
                "database.sizes",
                kind=kind,
                count=len(sizes),
                smallest=sizes[0],
                largest=sizes[-1],
                median=int(median(sizes)),
            )


def _one(db: sqlite3.Connection, query: str) -> tuple[Any, ...]:
    return tuple(db.execute(query).fetchone())


# --- what deleting leaves -------------------------------------------------------------------------


def remains(database: Path) -> Iterator[Sight]:
    """What the file's own bytes show (sqlite.org/fileformat2.html): SQLite shows none of it."""
    if not database.exists():
        return
    data = database.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512:
        return
    free = list(_free_pages(data, size))
    dirty = sum(any(data[(n - 1) * size : n * size]) for n in free)
    yield sight("remains.pages", free=len(free), dirty=dirty)
    wal = database.with_name(database.name + "-wal")
    if wal.exists() and wal.stat().st_size > _WAL_HEAD:
        frames = wal.read_bytes()[_WAL_HEAD:]
        step = _FRAME_HEAD + size
        pages = [frames[i : i + 4] for i in range(0, len(frames) - step + 1, step)]
        older = len(pages) - len(set(pages))
        yield sight("remains.log", frames=len(pages), older=older, bytes=len(frames))


def _free_pages(data: bytes, size: int) -> Iterator[int]:
    """The numbers of the free pages that hold no list of others themselves."""
    trunk, seen = int.from_bytes(data[32:36], "big"), set[int]()
    while trunk and trunk not in seen:
        seen.add(trunk)
        page = data[(trunk - 1) * size : trunk * size]
        count = min(int.from_bytes(page[4:8], "big"), size // 4 - 2)
        for n in range(count):
            yield int.from_bytes(page[8 + 4 * n : 12 + 4 * n], "big")
        trunk = int.from_bytes(page[:4], "big")
