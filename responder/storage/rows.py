"""The sealed rows of one transaction: statements, keys, and what lies in an envelope.

Rules it keeps
    * A record's row is bound to its kind, its row id and its key.
    * A data key is made on first use.
    * Nothing is plain on disk but random ids, keyed hashes, times, urgencies and states.

What it must not know
    What is written, and why.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from responder.core.model import decode
from responder.errors import ResponderError
from responder.storage.sealing import Keyring, SealingError
from responder.storage.sql import queries, repeated

T = TypeVar("T")
Values: TypeAlias = tuple[object, ...]

PLAIN_IDS: Final = frozenset({"person", "care", "session", "report", "incident"})
"""The kinds whose ids are random and open nothing; all others stand on disk as keyed hashes."""

_TOGETHER: Final = (64, 16, 4, 1)
"""How many rows one statement carries: few sizes, so that each is compiled only once."""


class StoreError(ResponderError):
    """The store could not do what it was asked; nothing of it was done."""


class AlreadyTaken(StoreError):
    """An inbound message was taken in before: it must not count twice."""


class AlreadyAssigned(StoreError):
    """A person stands in another assignment: decide again."""


class StoreRefused(StoreError):
    """The database will never take this very change; others it takes."""


class StoreFull(StoreError):
    """The disk has no room."""


class StoreDamaged(StoreError):
    """A row, or the whole file, is not what was written."""


class Rows:
    """What may be asked of the database in one transaction, sealed and unsealed with `keys`."""

    def __init__(self, db: sqlite3.Connection, keys: Keyring) -> None:
        self._db = db
        self._keys = keys

    def need(self, key_name: str) -> str:
        """The same name, once the key is there; made where it is new."""
        if not self._has(key_name):
            wrapped = self._keys.new_key(key_name)
            self._run("add_key", name=key_name, slot=self._slot_with(wrapped))
            self._keys.learn(key_name, wrapped)
        return key_name

    def _slot_with(self, wrapped: bytes) -> int:
        (slot,) = self._run("free_slot").fetchone()
        if slot is None:
            (slot,) = self._run("add_slot", wrapped=wrapped).fetchone()
        else:
            self._run("use_slot", slot=slot)
            self._run("fill_slot", slot=slot, wrapped=wrapped)
        return int(slot)

    def _row_id(self, kind: str, id: str) -> str:
        return id if kind in PLAIN_IDS else self._keys.id_hash(kind, id)

    def _has(self, key_name: str) -> bool:
        """Whether the key is there; teaches it to the ring if so."""
        if self._keys.knows(key_name):
            return True
        row = self._run("key", name=key_name).fetchone()
        if row is not None:
            self._keys.learn(key_name, row[0])
        return row is not None

    def _run(self, query: str, **values: object) -> sqlite3.Cursor:
        return self._db.execute(queries()[query], values)

    def _many(self, query: str, rows: Iterable[Any]) -> None:
        # Made into a list first: making a row may itself write a key.
        listed = list(rows)
        if listed:
            self._db.executemany(queries()[query], listed)

    def _together(self, query: str, rows: Sequence[Values]) -> list[Any]:
        """Run a starred query for all rows, as few statements as may be; what they return.

        Each statement gives the interpreter away and waits to have it back, which costs more than
        the rows themselves while the event loop is busy.
        """
        found: list[Any] = []
        at = 0
        while at < len(rows):
            size = next(size for size in _TOGETHER if size <= len(rows) - at)
            values = [value for row in rows[at : at + size] for value in row]
            found += self._db.execute(repeated(query, size), values).fetchall()
            at += size
        return found

    def _unseal(
        self, as_kind: type[T], kind: str, id: str, key_name: str, sealed: bytes, wrapped: bytes
    ) -> T:
        plaintext = self._opened(kind, id, key_name, sealed, wrapped)
        try:
            return decode(plaintext, as_kind)
        except msgspec.MsgspecError:
            raise unknown_form(kind, id) from None

    def _opened(self, kind: str, id: str, key_name: str, sealed: bytes, wrapped: bytes) -> bytes:
        try:
            if not self._keys.knows(key_name):
                self._keys.learn(key_name, wrapped)
            return self._keys.open(kind, id, key_name, sealed)
        except SealingError:
            raise StoreDamaged(
                f"The {kind} in row {id} was damaged or changed outside of this program. "
                "Restore the last copy of the data folder."
            ) from None


def unknown_form(kind: str, id: str) -> StoreDamaged:
    """The error for a record that no form of this version fits."""
    return StoreDamaged(
        f"The {kind} in row {id} is not of a form that this version of the program knows. "
        "Install the version that wrote it, or restore the last copy of the data folder."
    )
