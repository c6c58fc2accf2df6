"""The audit: who changed trust, rosters, playbooks and keys, and who read an incident.

What it is for
    A log that nobody with the disk can thin out unnoticed: each line is sealed, bound to its
    number, and chained to the line before it by a keyed hash; a keyed head counts them.

Rules it keeps
    * A line joins in the transaction of what it tells of: there is never one without the other.
    * Without the network's key nobody makes a line, a link or a head that `verify` takes.
    * Nothing that stands there stops the network: where the head is gone or false, the chain
      begins anew and says so; a line that is no line of ours makes way for one that is.
    * Lines are forgotten after a year (`KEPT`), the oldest first; the chain stays verifiable.

What it must not know
    Who reads it, and what a verb means. That a whole database was put back from an older copy
    no file can tell of itself: for that, `Verdict.mark` is noted down elsewhere.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from responder.core.changes import NETWORK_KEY, AuditLine
from responder.core.model import Record, decode, encode
from responder.errors import ResponderError
from responder.storage.sealing import Keyring, Unsealable
from responder.storage.sql import queries

KEPT: Final = timedelta(days=365)
"""How long a line is kept."""
BEGUN_ANEW: Final = "audit.begun-anew"
_NOTHING: Final = bytes(32)
_MARK_BYTES: Final = 8


class NoSuchMark(ResponderError):
    """What was given as a noted mark is none."""


class Numbered(Record):
    """One line and its number, counted from 1."""

    number: int
    line: AuditLine


class Fault(Record):
    """What is wrong with the log; `number` is the line's, None for the log as a whole."""

    text: str
    number: int | None = None


class Verdict(Record):
    """What `verify` found. `mark` stands for all lines up to `last`: note it down elsewhere."""

    first: int
    last: int
    mark: str
    faults: tuple[Fault, ...] = ()


class _Head(NamedTuple):
    base: int
    base_mac: bytes
    last: int
    last_mac: bytes


class _Row(NamedTuple):
    number: int
    sealed: bytes
    mac: bytes


# --- writing --------------------------------------------------------------------------------------


def begin(db: sqlite3.Connection, keys: Keyring) -> None:
    """Start the log of a new network; the ring must know the network's data key."""
    _put_head(db, keys, _Head(0, _NOTHING, 0, _NOTHING))


def append(db: sqlite3.Connection, keys: Keyring, lines: Iterable[AuditLine]) -> None:
    """Add lines to the end, in this order, within the transaction that is open."""
    head = _head(db, keys)
    wanted = list(lines)
    if head is None:
        (highest,) = _run(db, "audit_last").fetchone()
        head = _Head(highest, _NOTHING, highest, _NOTHING)
        wanted.insert(0, AuditLine(at=wanted[0].at, verb=BEGUN_ANEW))
    number, mac = head.last, head.last_mac
    for line in wanted:
        number += 1
        sealed = keys.seal("audit", str(number), NETWORK_KEY, encode(line))
        mac = _link(keys, number, mac, sealed)
        _run(db, "add_audit", number=number, sealed=sealed, mac=mac)
    _put_head(db, keys, head._replace(last=number, last_mac=mac))


def prune(db: sqlite3.Connection, keys: Keyring, before: datetime) -> None:
    """Forget the lines from before this time, the oldest first; those after stay verifiable."""
    head = _head(db, keys)
    if head is None:
        return
    gone = None
    for row in _rows(db):
        line = _opened(keys, row.number, row.sealed)
        if line is not None and line.at >= before:
            break
        if line is not None:
            gone = row
    if gone is not None and gone.number <= head.last:
        _run(db, "prune_audit", number=gone.number)
        _put_head(db, keys, head._replace(base=gone.number, base_mac=gone.mac))


# --- reading --------------------------------------------------------------------------------------


def lines(db: sqlite3.Connection, keys: Keyring) -> list[Numbered]:
    """Every line that can be read, the oldest first."""
    read = ((row.number, _opened(keys, row.number, row.sealed)) for row in _rows(db))
    return [Numbered(number=number, line=line) for number, line in read if line is not None]


def verify(db: sqlite3.Connection, keys: Keyring, noted: str = "") -> Verdict:
    """Whether every line is there, unchanged and in its place; `noted` is a mark from earlier.

    `NoSuchMark` where `noted` is not of the form that `Verdict.mark` has.
    """
    rows = {row.number: row for row in _rows(db)}
    head = _head(db, keys)
    faults: list[Fault] = []
    if head is None:
        faults.append(Fault(text="The log's head is gone or was changed: its end is not certain."))
        base, last = min(rows, default=1) - 1, max(rows, default=0)
        head = _Head(base, _NOTHING, last, rows[last].mac if last else _NOTHING)
        faults += _each(keys, rows, head, sure=False)
    else:
        faults += _each(keys, rows, head, sure=True)
        faults += _outside(rows, head)
    if noted:
        faults += _against(noted, rows, head)
    mark = f"{head.last}:{head.last_mac[:_MARK_BYTES].hex()}"
    first = min((n for n in rows if n > head.base), default=head.last)
    return Verdict(first=first, last=head.last, mark=mark, faults=tuple(faults))


def _each(keys: Keyring, rows: Mapping[int, _Row], head: _Head, *, sure: bool) -> Iterable[Fault]:
    """The faults line by line. What follows a fault is judged by what was written there."""
    before: bytes | None = head.base_mac if sure else None
    for number in range(head.base + 1, head.last + 1):
        row = rows.get(number)
        if row is None:
            yield Fault(number=number, text="was removed")
            before = None
            continue
        line = _opened(keys, number, row.sealed)
        if line is None:
            yield Fault(number=number, text=_moved(keys, rows, row))
            before = None
            continue
        if line.verb == BEGUN_ANEW:
            yield Fault(number=number, text="begins the log anew: what stood before was broken")
        link = row.mac if before is None else _link(keys, number, before, row.sealed)
        if link != row.mac:
            yield Fault(number=number, text="does not follow from the line before it")
        before = row.mac if before is None else link
    if sure and before is not None and before != head.last_mac:
        yield Fault(number=head.last, text="is not the line that was last written")


def _moved(keys: Keyring, rows: Mapping[int, _Row], row: _Row) -> str:
    for other in rows:
        if other != row.number and _opened(keys, other, row.sealed) is not None:
            return f"holds what was written as line {other}: the order was changed"
    return "was changed"


def _outside(rows: Mapping[int, _Row], head: _Head) -> Iterable[Fault]:
    for number in rows:
        if number > head.last:
            yield Fault(number=number, text="was added, or the log's end was put back")
        elif number <= head.base:
            yield Fault(number=number, text="stands there although it was forgotten")


def _against(noted: str, rows: Mapping[int, _Row], head: _Head) -> Iterable[Fault]:
    number_text, _, mark = noted.strip().partition(":")
    if not number_text.isdecimal() or len(mark) != 2 * _MARK_BYTES:
        raise NoSuchMark("A mark looks like 42:0123456789abcdef, as `responder audit verify` says.")
    number = int(number_text)
    if number > head.last:
        text = f"The log ends at line {head.last}, but {number} were noted: an older copy is here."
        yield Fault(text=text)
    elif number in rows and rows[number].mac[:_MARK_BYTES].hex() != mark.casefold():
        yield Fault(number=number, text="is not the line that was noted: the log is another one")


# --- rows -----------------------------------------------------------------------------------------


def _rows(db: sqlite3.Connection) -> Iterable[_Row]:
    return (_Row(*row) for row in _run(db, "audit_lines"))


def _opened(keys: Keyring, number: int, sealed: bytes) -> AuditLine | None:
    try:
        return decode(keys.open("audit", str(number), NETWORK_KEY, sealed), AuditLine)
    except Unsealable:
        return None


def _head(db: sqlite3.Connection, keys: Keyring) -> _Head | None:
    """The head, None where it is not there or was not made with this network's key."""
    row = _run(db, "audit_head").fetchone()
    if row is None:
        return None
    *fields, mac = row
    head = _Head(*fields)
    if min(head.base, head.last) < 0:
        return None
    return head if hmac.compare_digest(mac, _head_mac(keys, head)) else None


def _put_head(db: sqlite3.Connection, keys: Keyring, head: _Head) -> None:
    _run(db, "put_audit_head", **head._asdict(), mac=_head_mac(keys, head))


def _link(keys: Keyring, number: int, before: bytes, sealed: bytes) -> bytes:
    return keys.mac(NETWORK_KEY, "audit-line", _int(number), before, sealed)


def _head_mac(keys: Keyring, head: _Head) -> bytes:
    parts = (_int(head.base), head.base_mac, _int(head.last), head.last_mac)
    return keys.mac(NETWORK_KEY, "audit-head", *parts)


def _int(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _run(db: sqlite3.Connection, query: str, **values: object) -> sqlite3.Cursor:
    return db.execute(queries()[query], values)
