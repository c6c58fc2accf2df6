"""The connection to the database, its thread, and the one task that writes over it.

Rules it keeps
    * One task and one thread own the connection; nobody else ever touches it, nor writes anything
      but what is committed already (`carrying`). Callers that
      commit at the same time share one sync to disk, and no other fate: a transaction that
      fails, fails by itself.
    * A caller that is cancelled while it waits leaves its transaction whole.
    * Keys in memory change after the commit only. After a key was destroyed, the write-ahead log
      is overwritten and cut, so that no wrapped copy of it stays behind, on the bare disk neither.
      So it is before the file is closed: what it holds may be destroyed later.

What it must not know
    What is written and read.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

import aiosqlite

from responder.core.model import Incident
from responder.storage.carrying import Carrier
from responder.storage.drawer import Drawer, DueOf
from responder.storage.files import open_private, private_folder
from responder.storage.leftovers import LOG_PAGES, cut, write_anew
from responder.storage.older import bring_up_to_date
from responder.storage.rows import StoreDamaged, StoreError, StoreFull, StoreRefused
from responder.storage.sealing import Keyring
from responder.storage.slips import FILED_AT_ONCE, Slips, Stage
from responder.storage.sql import migrate

T = TypeVar("T")

GROUP_MAX: Final = 64
QUIET_S: Final = 0.5
"""So long after the last commit slips are filed."""
SLIPS_MAX: Final = 256
"""More of them are filed whatever goes on: they are in memory, too."""
_FULL: Final = "SQLITE_FULL"
_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_REFUSED: Final = (
    "SQLITE_CONSTRAINT",
    "SQLITE_MISMATCH",
    "SQLITE_MISUSE",
    "SQLITE_RANGE",
    "SQLITE_TOOBIG",
    "InterfaceError",
    "ProgrammingError",
)
"""What lies in the change itself, and not in the disk or in the moment."""
_PRAGMAS: Final = (
    "secure_delete = ON",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "busy_timeout = 5000",
    "temp_store = MEMORY",
    # Nothing reaches the disk before its commit: what is only read with it needs no room there.
    "cache_spill = OFF",
    f"wal_autocheckpoint = {LOG_PAGES}",
    "trusted_schema = OFF",
)


class StoreClosed(StoreError):
    """The store is closed or closing."""


class _Connection(aiosqlite.Connection):
    """A connection that runs a whole function on its thread: one hop for one group.

    The library takes one hop for each statement, and logs statements with their values at DEBUG;
    a function shows nothing.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: sqlite3.connect(path, isolation_level=None), iter_chunk_size=64)
        # A store that nobody closed must not keep the process from ending; what was committed
        # is on disk by then.
        self._thread.daemon = True

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        # The library leaves this method untyped.
        return cast(T, await self._execute(lambda: work(self._conn)))  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close, and see the thread to its end.

        A thread that still runs when the interpreter ends can take the process down with it
        (SIGABRT), after everything went well. It has nothing left to do: this takes no time.
        """
        await super().close()
        if self._thread.is_alive():
            self._thread.join()


class _Job(Generic[T]):
    """A piece of one transaction, and whoever waits for it."""

    def __init__(self, work: Callable[[Drawer], T]) -> None:
        self._work = work
        self._waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._result: T | None = None
        self._error: Exception | None = None

    def do(self, drawer: Drawer) -> None:
        self._result = self._work(drawer)
        self._error = None

    def fail(self, error: Exception) -> None:
        self._error = error

    def report(self) -> None:
        if self._waiter.done():
            return
        if self._error is not None:
            self._waiter.set_exception(self._error)
        else:
            self._waiter.set_result(cast(T, self._result))

    async def done(self) -> T:
        return await self._waiter

    def forgotten(self) -> None:
        """Nobody waits for how it ends."""
        self._waiter.add_done_callback(asyncio.Future.exception)


def never(incident: Incident) -> datetime | None:
    """No incident is ever due: for who only looks."""
    return None


class Database:
    """The one connection, and the task that alone writes over it. Open it with `Database.open`."""

    def __init__(
        self, path: Path, file: int, db: _Connection, keyring: Keyring, due_of: DueOf
    ) -> None:
        self.keyring = keyring
        self.holds_leftovers = True
        """Whether the file may hold copies of what was deleted, since it was last written anew."""
        self._log = _log_of(path)
        self._file = file
        self._db = db
        self._due_of = due_of
        self._jobs: asyncio.Queue[_Job[object] | None] = asyncio.Queue()
        self._slips = Slips()
        self._committed_at = -QUIET_S
        self._filing: asyncio.TimerHandle | None = None
        self._closing = self._closed = False
        self._log_to_cut = False
        self._written = 0
        self._carrier = Carrier(path)
        self.writer = asyncio.create_task(self._write(), name="store-writer")

    @classmethod
    async def open(cls, path: Path, keyring: Keyring, due_of: DueOf) -> Database:
        """Open the file, made where it is missing, and bring its schema up to date."""
        private_folder(path.parent)
        # Open for as long as the connection: closing it lets go of the connection's own locks.
        file = open_private(path)
        db = _Connection(path)
        try:
            await db
            await db.run(lambda raw: _set_up(raw, _log_of(path), keyring))
        except BaseException as error:
            await db.close()
            os.close(file)
            raise _in_plain_words(error) from None
        return cls(path, file, db, keyring, due_of)

    async def close(self) -> None:
        """Commit what was handed in, cut the log, close the file. May be called twice."""
        if not self._closing:
            if not self.writer.done():
                self._file_some(-1)
            self._closing = True
            self._put(None)
        await asyncio.wait([self.writer])
        if self._closed:
            return
        self._closed = self._log_to_cut = True
        await self._carrier.end()
        try:
            await self._db.run(self._cut_log)
        finally:
            await self._db.close()
            os.close(self._file)

    async def look(self, work: Callable[[Drawer], T]) -> T:
        """What the work finds in the records that are committed; some may stand on slips."""
        if not self._slips.with_records:
            return await self.read(work)
        return await self.on_thread(lambda raw: self._look(work, raw))

    async def read(self, work: Callable[[Drawer], T]) -> T:
        """What the work finds in what is committed, but for what stands on slips."""
        return await self.on_thread(lambda raw: work(Drawer(raw, self.keyring, self._due_of)))

    async def on_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do this between two transactions; `StoreError` in plain words where it fails."""
        if self._closing:
            raise StoreClosed("The store is closed.")
        try:
            return await self._db.run(work)
        except sqlite3.Error as error:
            raise _in_plain_words(error) from None

    async def write_anew(self) -> None:
        """Write the file anew where it may hold copies of what was deleted."""
        await self.file()
        if self.holds_leftovers:
            await self.on_thread(self._write_anew)

    async def file(self) -> None:
        """File all slips, so that whoever reads sees what became of messages."""
        if self._slips:
            await self.submit(lambda drawer: drawer.file())

    # --- the writer ------------------------------------------------------------------------------

    async def submit(self, work: Callable[[Drawer], T]) -> T:
        """What the work returns, once it is committed; it shares a sync to disk, and no fate."""
        job = _Job(work)
        self._hand_in(job)
        return await job.done()

    def _hand_in(self, job: _Job[T]) -> None:
        if self._closing or self.writer.done():
            raise StoreClosed("The store is closed.")
        self._put(cast("_Job[object]", job))

    def _put(self, job: _Job[object] | None) -> None:
        self._jobs.put_nowait(job)

    async def _write(self) -> None:
        """Take jobs in order and commit them in groups, until told to end."""
        group: list[_Job[object]] = []
        ending = False
        try:
            while not ending:
                ending = await self._next_group(group)
                await self._db.run(partial(self._commit, tuple(group)))
                self._committed_at = asyncio.get_running_loop().time()
                for job in group:
                    job.report()
                group = []
                self._file_later()
                self._carrier.begin(self._written)
        finally:
            if self._filing is not None:
                self._filing.cancel()
            # Reached with jobs left only when the loop is being torn down around the writer.
            while not self._jobs.empty():
                if left := self._jobs.get_nowait():
                    group.append(left)
            for job in group:
                job.fail(StoreClosed("The store was closed before it could say how this ended."))
                job.report()

    async def _next_group(self, group: list[_Job[object]]) -> bool:
        """Put what is committed next into the group; whether it is the last."""
        job = await self._jobs.get()
        while job is not None:
            group.append(job)
            if len(group) == GROUP_MAX or self._jobs.empty():
                return False
            job = self._jobs.get_nowait()
        return True

    def _file_later(self) -> None:
        """See to it that slips are filed, some at a time, once nothing else is written."""
        if len(self._slips) > SLIPS_MAX:
            self._file_some()
        elif self._slips and self._filing is None:
            self._filing = asyncio.get_running_loop().call_later(QUIET_S, self._file_if_quiet)

    def _file_if_quiet(self) -> None:
        self._filing = None
        if asyncio.get_running_loop().time() - self._committed_at >= QUIET_S:
            self._file_some()
        else:
            self._file_later()

    def _file_some(self, most: int = FILED_AT_ONCE) -> None:
        """What goes wrong with it is tried again after the next commit; nobody waits for it."""
        if not self._closing:
            job = _Job(lambda drawer: drawer.file(most))
            job.forgotten()
            self._put(cast("_Job[object]", job))

    def _commit(self, jobs: Sequence[_Job[object]], raw: sqlite3.Connection) -> None:
        """Commit the jobs as one transaction, or, where that fails, each as its own."""
        if jobs:
            try:
                self._transact(jobs, raw)
            except Exception as error:
                if len(jobs) == 1:
                    jobs[0].fail(_in_plain_words(error))
                else:
                    for job in jobs:
                        self._commit((job,), raw)
        self._cut_log(raw)

    def _look(self, work: Callable[[Drawer], T], raw: sqlite3.Connection) -> T:
        """What the work finds once all slips are filed; a disk that does not take it may fail."""
        keys, slips = self.keyring.stage(), Stage(self._slips)
        drawer = Drawer(raw, keys, self._due_of, slips)
        raw.execute("BEGIN IMMEDIATE")
        try:
            drawer.file()
            found = work(drawer)
            with suppress(sqlite3.Error):  # then they stay where they are, and what was found holds
                raw.execute("COMMIT")
                keys.keep()
                slips.keep()
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
        return found

    def _transact(self, jobs: Sequence[_Job[object]], raw: sqlite3.Connection) -> None:
        keys, slips = self.keyring.stage(), Stage(self._slips)
        drawer = Drawer(raw, keys, self._due_of, slips)
        raw.execute("BEGIN IMMEDIATE")
        try:
            for job in jobs:
                job.do(drawer)
            drawer.note()
            raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        keys.keep()
        slips.keep()
        self._written = raw.total_changes
        self._log_to_cut = self._log_to_cut or drawer.destroyed
        self.holds_leftovers = self.holds_leftovers or drawer.deleted

    def _write_anew(self, raw: sqlite3.Connection) -> None:
        # An OSError: then it holds leftovers still, and is written anew once more.
        with suppress(OSError), self._carrier.apart:
            write_anew(raw, self._file)
            # What was committed since they were filed leaves something behind when it is.
            self.holds_leftovers = bool(self._slips)
        self._log_to_cut = True
        self._cut_log(raw)

    def _cut_log(self, raw: sqlite3.Connection) -> None:
        """Empty the write-ahead log, where that is due."""
        if not self._log_to_cut:
            return
        # Where it fails it stays due, and comes again with the next commit.
        with suppress(sqlite3.Error, OSError), self._carrier.apart:
            self._log_to_cut = not cut(raw, self._log)


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _set_up(raw: sqlite3.Connection, log: Path, keyring: Keyring) -> None:
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").fetchall()
    migrate(raw)
    keys = keyring.stage()
    raw.execute("BEGIN IMMEDIATE")
    try:
        drawer = Drawer(raw, keys, never)
        drawer.found()
        drawer.file_left()
        bring_up_to_date(drawer)
        raw.execute("COMMIT")
    except BaseException:
        raw.execute("ROLLBACK")
        raise
    keys.keep()
    # A crash may have come between the destruction of a key and the cut that belongs to it.
    cut(raw, log)


def copied(raw: sqlite3.Connection) -> sqlite3.Connection:
    """All that is committed, as a database in memory; the caller closes it."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    raw.backup(copy)
    return copy


def _in_plain_words(error: T) -> T | StoreError:
    """What a coordinator can do about an error of the database; other errors as they are."""
    if not isinstance(error, sqlite3.Error):
        return error
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name == _FULL:
        return StoreFull(
            "The disk is full, so nothing more can be kept. Free some space on the disk of the "
            "data folder; the network goes on by itself."
        )
    if name.startswith(_DAMAGED):
        return StoreDamaged(
            f"The database is damaged ({name}). Stop the network and restore the last copy of "
            "the data folder."
        )
    kind = StoreRefused if name.startswith(_REFUSED) else StoreError
    return kind(
        f"The database refused a change ({name}). If it happens again, stop the network, "
        "look at the disk, and restore the last copy of the data folder if need be."
    )
