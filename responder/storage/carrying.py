"""What stands in the write-ahead log is carried into the file beside the writer, and not by it.

What it is for
    Once the log is long, SQLite lets the next commit carry all of it into the file: a tenth of a
    second in which nobody's page is claimed. A connection of its own does it bit by bit meanwhile,
    and leaves that commit little.

Rules it keeps
    * It writes nothing that is not in the log already: what is committed stays committed.
    * While the log is cut or the file written anew, it keeps away (`apart`).

What it must not know
    What is written, who waits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Final

CARRIED_AFTER: Final = 1000
"""Rows that were written since: about as many pages, a fourth of the longest log."""


class Carrier:
    """Carries the log of this database. `begin` and `end` belong to the event loop."""

    def __init__(self, path: Path) -> None:
        self.apart = threading.Lock()
        """Whoever holds it has the log and the file to themselves."""
        self._path = path
        self._carried = 0
        self._under_way: asyncio.Task[None] | None = None

    def begin(self, written: int) -> None:
        """`written` rows were by now: begin in a thread of its own, if that is worth it."""
        if written - self._carried >= CARRIED_AFTER and self._under_way is None:
            self._carried = written
            self._under_way = asyncio.create_task(asyncio.to_thread(self._carry))
            self._under_way.add_done_callback(self._ended)

    async def end(self) -> None:
        """Wait for what is under way."""
        if self._under_way is not None:
            await asyncio.wait([self._under_way])

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way = None
        if not task.cancelled():
            task.exception()  # whatever it was, the next commits carry the log themselves

    def _carry(self) -> None:
        opened = partial(sqlite3.connect, self._path, isolation_level=None)
        with self.apart, suppress(sqlite3.Error), closing(opened()) as raw:
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
