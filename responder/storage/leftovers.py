"""What is left of deleted rows: in the write-ahead log, in the file's pages, on the bare disk.

Rules it keeps
    * Nothing gives up its place on the disk before it was overwritten: neither the log when it is
      cut, nor the end of the file when that becomes shorter.
    * Both happen on the one connection that writes; others may read meanwhile.

What it must not know
    What is written and read, and when it is time.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from responder.storage.disk import wipe, wipe_log

LOG_PAGES: Final = 4000
"""16 MB: while a thousand messages leave, the log is moved into the file once and not ten times."""


def cut(raw: sqlite3.Connection, log: Path) -> bool:
    """Move the write-ahead log into the database and empty it; whether nobody stood in the way.

    It is overwritten once all of it is in the database, where readers look alone from then on.
    """
    (busy, *_) = raw.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    if busy:
        return False
    wipe_log(log)
    (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def write_anew(raw: sqlite3.Connection, file: int) -> None:
    """Write the database anew, into its log: pages keep copies of rows that moved.

    `file` is an open handle to it; what it needs no longer is overwritten, and cut off with the
    log. Takes as much memory as the file is large for a moment.
    """
    raw.execute("PRAGMA wal_autocheckpoint = 0")  # with the commit it would be cut off already
    try:
        raw.execute("VACUUM")
        (pages,) = raw.execute("PRAGMA page_count").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
        wipe(file, pages * size)
    finally:
        raw.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        _give_memory_back()


def _give_memory_back() -> None:
    """Let the system have what writing the file anew took: all of the file, once over.

    It is written anew in memory, so that no second file holds what was deleted; glibc would keep
    that memory for as long as the process lives. Other C libraries know no such call.
    """
    import ctypes  # once an hour, and never while a start waits

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
