"""The database with the key: what somebody reads who has the disk and the network's key.

What it must not know
    Any other file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeVar

from responder.core.aside import ASIDE
from responder.core.changes import (
    KINDS,
    NETWORK_KEY,
    AuditLine,
    Device,
    Edition,
    JoinCode,
    Piece,
    PlaybookText,
    Question,
    Session,
    Setting,
    Stored,
    StoryLine,
    Tally,
)
from responder.core.early import EARLY
from responder.core.halves import HALF
from responder.core.model import Care, Incident, Override, Person, Report, Shift, State, decode
from responder.core.reach import Drill, Reach
from responder.core.talk.pleas import PLEA
from responder.custody.seized.sights import Sight, oldest, sight
from responder.sealed.phones import KEYS as PAGER_KEYS
from responder.storage import audit
from responder.storage.drawer import Lines
from responder.storage.sealing import Keyring, SealingError
from responder.storage.slips import Row, Slip

T = TypeVar("T", bound=Stored)


class _Records:
    """Every record that the key opens, by its kind, and how many rows it does not open."""

    def __init__(self, found: dict[str, list[Any]], unreadable: int) -> None:
        self._found = found
        self.unreadable = unreadable

    def all_of(self, kind: type[T]) -> list[T]:
        return self._found.get(KINDS[kind], [])  # type: ignore[index]

    def named(self, start: str) -> int:
        """How many settings have a name that begins so."""
        return sum(one.name.startswith(start) for one in self.all_of(Setting))


def look(db: sqlite3.Connection, keys: Keyring) -> Iterator[Sight]:
    """What is read, counted; raises `SealingError` where this is another network's key."""
    for (wrapped,) in db.execute("SELECT wrapped FROM wrapped_key WHERE name = ?", (NETWORK_KEY,)):
        keys.learn(NETWORK_KEY, wrapped)
    records = _unsealed(db, keys)
    yield from _people(records)
    yield from _incidents(records)
    yield from _talk(db, keys, records)
    if records.named(PAGER_KEYS):
        yield sight("opened.pager")
    yield sight("opened.phones", phones=len(records.all_of(Device)))
    texts = len(records.all_of(PlaybookText)) + len(records.all_of(Edition))
    yield sight("opened.texts", texts=texts)
    lines: list[AuditLine] = [one.line for one in audit.lines(db, keys)]
    yield sight("opened.audit", lines=len(lines), oldest=oldest(line.at for line in lines))
    tallies = len(records.all_of(Tally))
    still = sum(i.state is State.CLOSED for i in records.all_of(Incident))
    yield sight("opened.gone", tallies=tallies, gone=max(tallies - still, 0))
    yield sight("opened.unreadable", rows=records.unreadable)


def _people(records: _Records) -> Iterator[Sight]:
    people = records.all_of(Person)
    yield sight(
        "opened.people",
        people=len(people),
        call_signs=sum(bool(p.call_sign) for p in people),
        addresses=sum(len(p.addresses) for p in people),
        contacts=sum(bool(p.emergency_contact) for p in people),
        vouches=sum(len(p.vouches) for p in people),
    )
    shifts = len(records.all_of(Shift)) + len(records.all_of(Override))
    yield sight("opened.rosters", shifts=shifts)
    cares = records.all_of(Care)
    yield sight(
        "opened.care",
        cares=len(cares),
        pages=sum(len(care.paged_at) for care in cares),
        hard=sum(care.hard_calls for care in cares),
    )
    drills, checks = len(records.all_of(Drill)), len(records.all_of(Reach))
    yield sight("opened.drills", drills=drills, checks=checks)


def _incidents(records: _Records) -> Iterator[Sight]:
    incidents, reports = records.all_of(Incident), records.all_of(Report)
    yield sight(
        "opened.incidents",
        worded=sum(any(w.text for w in i.words) for i in incidents),
        placed=sum(bool(i.place or i.pin or any(w.place for w in i.words)) for i in incidents),
        reports=len(reports),
        stories=len(records.all_of(StoryLine)),
        oldest=oldest([i.opened_at for i in incidents] + [r.at for r in reports]),
    )
    yield sight("opened.media", pieces=len(records.all_of(Piece)))


def _talk(db: sqlite3.Connection, keys: Keyring, records: _Records) -> Iterator[Sight]:
    sessions = records.all_of(Session)
    yield sight(
        "opened.conversations",
        drafts=sum(s.draft is not None for s in sessions),
        wrote=sum(s.active_at is not None for s in sessions),
        waiting=_readable_messages(db, keys),
        codes=len(records.all_of(JoinCode)),
    )
    questions = records.all_of(Question)
    yield sight(
        "opened.questions",
        questions=len(questions),
        answers=sum(len(question.prompts) for question in questions),
    )
    (arrived,) = db.execute("SELECT count(*) FROM delivery WHERE fate = 'sent'").fetchone()
    yield sight("opened.arrived", arrived=arrived)
    yield sight(
        "opened.set-aside",
        failed=records.named(ASIDE),
        halves=records.named(HALF),
        early=records.named(EARLY),
    )
    yield sight("opened.notes", settings=len(records.all_of(Setting)), pleas=records.named(PLEA))


def _unsealed(db: sqlite3.Connection, keys: Keyring) -> _Records:
    kinds: dict[str, Any] = {name: kind for kind, name in KINDS.items()}
    kinds[KINDS[StoryLine]] = Lines
    wrapped = dict(db.execute("SELECT name, wrapped FROM wrapped_key"))
    rows = {row[:2]: row[2:] for row in db.execute("SELECT kind, id, key_name, sealed FROM drawer")}
    for row in _on_slips(db, keys):
        rows[row.kind, row.id] = (row.key_name, row.sealed)
    found: dict[str, list[Any]] = {}
    unreadable = 0
    for (kind, id), (key_name, sealed) in rows.items():
        if sealed is None or key_name not in wrapped:
            continue
        try:
            record = decode(_open(keys, kind, id, key_name, sealed, wrapped[key_name]), kinds[kind])
        except (SealingError, ValueError, KeyError):
            unreadable += 1
            continue
        found.setdefault(kind, []).extend(record if isinstance(record, tuple) else (record,))
    return _Records(found, unreadable)


def _on_slips(db: sqlite3.Connection, keys: Keyring) -> Iterator[Row]:
    """The records that a killed process left on slips, in order."""
    for number, sealed in db.execute("SELECT number, sealed FROM slip ORDER BY number"):
        with suppress(SealingError, ValueError):
            yield from decode(keys.open("slip", str(number), NETWORK_KEY, sealed), Slip).rows


def _readable_messages(db: sqlite3.Connection, keys: Keyring) -> int:
    """How many messages wait whose words the key opens."""
    readable = 0
    for id, key_name, sealed, wrapped in db.execute(
        "SELECT o.id, o.key_name, o.sealed, k.wrapped"
        " FROM outbox o JOIN wrapped_key k ON k.name = o.key_name WHERE o.sealed IS NOT NULL"
    ):
        with suppress(SealingError):
            _open(keys, "outbox", id, key_name, sealed, wrapped)
            readable += 1
    return readable


def _open(keys: Keyring, kind: str, id: str, key_name: str, sealed: bytes, wrapped: bytes) -> bytes:
    if not keys.knows(key_name):
        keys.learn(key_name, wrapped)
    return keys.open(kind, id, key_name, sealed)
