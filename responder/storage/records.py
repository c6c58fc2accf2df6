"""The records of one transaction: on a slip, or in their rows.

What it is for
    A report writes some sixty records of twenty people and one incident. In rows of their own, and
    in all of their indices, these lie on as many pages of the database, and the commit that the
    first page waits for writes all of them. On a slip (`slips`) they are one row; later, several
    slips together, they go into their own.

Rules it keeps
    * A record is sealed under its own key before it stands on a slip: what forgets the key forgets
      the record there, too.
    * Of what several slips say of one record, the last word goes into its row.

What it must not know
    What a record means, when slips are filed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from responder.storage.rows import Rows
from responder.storage.sealing import Keyring
from responder.storage.slips import Row, Stage

PUT_OFF: Final = frozenset({"care", "incident", "question", "report", "session", "story"})
"""The kinds that wait on slips: what a decision writes, and nobody reads until a restart."""

_INCIDENT: Final = "incident"


class Records(Rows):
    """The records' part of one transaction; `slips` None: all go into their rows at once."""

    def __init__(self, db: sqlite3.Connection, keys: Keyring, slips: Stage | None) -> None:
        super().__init__(db, keys)
        self._slips = slips

    def write(self, rows: Iterable[Row]) -> None:
        """Put these, and delete those of them that hold nothing."""
        now: list[Row] = []
        for row in rows:
            if self._slips is not None and row.kind in PUT_OFF:
                self._slips.write(row)
            else:
                now.append(row)
        if now:
            self._write(now)

    def _write(self, rows: Sequence[Row]) -> None:
        """Write what is said of records into their rows."""
        put: dict[tuple[str, str], Row] = {}
        gone: dict[tuple[str, str], None] = {}
        for row in rows:
            where = (row.kind, row.id)
            if row.sealed is None:
                gone[where] = None
                put.pop(where, None)
            else:
                put[where] = row
        for kind, id in gone:
            self._run("delete_record", kind=kind, id=id)
            if kind == _INCIDENT:
                self._run("delete_index", id=id)
        kept = put.values()
        self._together("put_record", [(row.kind, row.id, row.key_name, row.sealed) for row in kept])
        self._many(
            "put_index",
            (
                {"id": r.id, "is_open": int(r.open), "due_ms": r.due_ms, "key_name": r.key_name}
                for r in kept
                if r.open is not None
            ),
        )
