"""The database: whole transactions in, records out, one writer.

What it is for
    Carries `Changes` to the disk and brings everything back after a restart. What happened when
    `commit` has returned survives `kill -9`.

Rules it keeps
    * One task and one thread own the connection; nobody else ever touches it. Callers that
      commit at the same time share one sync to disk, and no other fate: a transaction that
      fails, fails by itself.
    * A caller that is cancelled while it waits leaves its transaction whole.
    * Keys in memory change after the commit only. After a key was destroyed, the write-ahead log
      is cut, so that no wrapped copy of it stays behind.
    * Files are open to one account alone, and to one writing process at a time.

What it must not know
    What any change means; the clock; channels.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

import aiosqlite

from responder.audit import Numbered, Verdict
from responder.core.changes import Changes, Piece, Settled, Stored, StoryLine
from responder.core.model import Incident, IncidentId, MessageId, PersonId
from responder.drawer import (
    AlreadyAssigned,
    AlreadyTaken,
    Drawer,
    DueOf,
    SentRef,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreRefused,
    Waiting,
)
from responder.older import bring_up_to_date
from responder.sealing import Keyring
from responder.sql import migrate

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "AlreadyAssigned",
    "AlreadyTaken",
    "DataLock",
    "DataLocked",
    "SentRef",
    "Store",
    "StoreClosed",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreRefused",
    "Waiting",
    "private_folder",
]

S = TypeVar("S", bound=Stored)
T = TypeVar("T")

GROUP_MAX: Final = 64
FATES_ENOUGH: Final = 32
"""So many acknowledgements are worth a commit of their own while others follow."""
LINGER_S: Final = 0.002
"""How long fewer of them wait for company, or for the claim that takes their places."""
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
    # 16 MB: while a thousand messages leave, the log is moved into the file once and not ten times.
    "wal_autocheckpoint = 4000",
    "trusted_schema = OFF",
)


class StoreClosed(StoreError):
    """The store is closed or closing."""


class DataLocked(StoreError):
    """Another process writes to this data folder."""


# --- files ------------------------------------------------------------------------------------


def private_folder(folder: Path) -> Path:
    """The folder, made with mode 0700 where it is missing; refused where others can enter it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The data folder {folder} cannot be made: {error.strerror}.") from None
    _refuse_open(folder, "700")
    return folder


def _refuse_open(path: Path, mode: str) -> None:
    if path.stat().st_mode & 0o077:
        raise StoreError(
            f"Other accounts on this machine can open {path}. Run: chmod {mode} {path}"
        )


def _open_private(path: Path) -> int:
    """An open handle to the file, made with mode 0600 where it is missing."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror}. "
            "It must belong to the account that runs the network."
        ) from None
    try:
        _refuse_open(path, "600")
    except StoreError:
        os.close(handle)
        raise
    return handle


class DataLock:
    """The right to write to a data folder, for one process at a time.

    The kernel lets go of it when the process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock; `DataLocked` where another process has it."""
        if self._handle is not None:
            return
        handle = _open_private(private_folder(self._folder) / "lock")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise DataLocked(
                f"The network is already running on {self._folder}. "
                "Stop it first, or speak to the running one."
            ) from None
        self._handle = handle

    def release(self) -> None:
        """Let go; harmless where the lock is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> DataLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


# --- the connection ---------------------------------------------------------------------------


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

    def parts(self) -> Sequence[_Job[T]]:
        """What it is made of, each of which can be done by itself."""
        return (self,)


class _Fates(_Job[None]):
    """Many messages' fates as one job; each of them can be done by itself."""

    def __init__(self) -> None:
        self._fates: list[Settled] = []
        self._jobs: list[_Job[None]] = []

    def add(self, fate: Settled) -> _Job[None]:
        job = _Job(lambda drawer: drawer.settle((fate,)))
        self._fates.append(fate)
        self._jobs.append(job)
        return job

    def __len__(self) -> int:
        return len(self._fates)

    def do(self, drawer: Drawer) -> None:
        drawer.settle(self._fates)

    def report(self) -> None:
        for job in self._jobs:
            job.report()

    def parts(self) -> Sequence[_Job[None]]:
        return self._jobs


# --- the store --------------------------------------------------------------------------------


def _never(incident: Incident) -> datetime | None:
    return None


class Store:
    """The network's database. Open it with `Store.open`; close it, or use `async with`."""

    def __init__(self, db: _Connection, keyring: Keyring, due_of: DueOf) -> None:
        self._db = db
        self._keyring = keyring
        self._due_of = due_of
        self._jobs: asyncio.Queue[_Job[object] | None] = asyncio.Queue()
        self._fates: _Fates | None = None
        self._committed_at = -LINGER_S
        self._company: asyncio.Future[None] | None = None
        self._closing = False
        self._log_to_cut = False
        self.holds_leftovers = True
        """Whether the file may hold copies of what was deleted, since it was last written anew."""
        self._writer = asyncio.create_task(self._write(), name="store-writer")

    @classmethod
    async def open(cls, path: Path, keyring: Keyring, *, due_of: DueOf = _never) -> Store:
        """Open the database file, made where it is missing, and bring its schema up to date.

        `due_of` tells an incident's next deadline. Refuses files that others can open, a database
        of a newer program (`sql.NewerDatabase`) and the wrong key file (`sealing.WrongKey`).
        """
        private_folder(path.parent)
        os.close(_open_private(path))
        db = _Connection(path)
        await db
        try:
            await db.run(lambda raw: _set_up(raw, keyring))
        except BaseException as error:
            await db.close()
            raise _in_plain_words(error) from None
        return cls(db, keyring, due_of)

    async def close(self) -> None:
        """Commit what was handed in, cut the log, close the file. May be called twice."""
        if not self._closing:
            self._closing = True
            self._put(None)
        await asyncio.wait([self._writer])
        await self._db.close()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # --- writing --------------------------------------------------------------------------

    async def commit(self, changes: Changes) -> None:
        """Write the changes to disk, all or nothing; they are there once this returns.

        `AlreadyTaken`, `AlreadyAssigned`, `StoreFull` or another `StoreError`: then nothing of
        these changes was written. The changes must not be touched any more.
        """
        if not changes.empty:
            await self._submit(lambda drawer: drawer.apply(changes))

    async def commit_all(self, batch: Sequence[Changes]) -> None:
        """Write several changes in this order as one transaction: all of them, or none.

        Raises as `commit` does; then nothing of any of them was written.
        """

        def apply_all(drawer: Drawer) -> None:
            for changes in batch:
                drawer.apply(changes)

        if any(not changes.empty for changes in batch):
            await self._submit(apply_all)

    async def settle(self, fate: Settled) -> None:
        """Write down what became of a message; it is on disk once this returns.

        Raises as `commit` does. What is settled at the same time is one job.
        """
        if self._fates is None or self._closing:
            fates = _Fates()
            self._hand_in(fates)
            self._fates = fates
        job = self._fates.add(fate)
        if len(self._fates) >= FATES_ENOUGH:
            self._hurry()
        await job.done()

    async def claim(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        """Mark messages as under way, in one commit, and tell which of them may be sent.

        Left out are those that met their fate meanwhile. Whatever is claimed and not settled
        comes back from `waiting` marked as a repeat.
        """
        ids = tuple(messages)
        return await self._submit(lambda drawer: drawer.claim(ids)) if ids else frozenset()

    async def recall_done(self, message: MessageId) -> None:
        """This message was taken back from people's screens, as far as it can be."""
        await self._submit(lambda drawer: drawer.recall_done(message))

    async def prune(
        self,
        before: datetime,
        *,
        audit_before: datetime | None = None,
        shown: Collection[MessageId] = (),
        anew: bool = True,
    ) -> None:
        """Drop inbox keys and settled messages from before this time; with `anew`, for sure.

        Where `shown` messages went stays on record: they are to be edited or taken back. Lines of
        the audit go where they are from before `audit_before`. Without `anew`, `write_anew` is to
        follow at a better moment.
        """

        def work(drawer: Drawer) -> None:
            drawer.prune(before, shown)
            if audit_before is not None:
                drawer.prune_audit(audit_before)

        await self._submit(work)
        if anew:
            await self.write_anew()

    async def write_anew(self) -> None:
        """Write the file anew where something was deleted: only then nothing of it is left there.

        Pages keep copies of rows that moved. Nothing else is committed meanwhile, about a second
        for 100 MB.
        """
        if self.holds_leftovers:
            await self._on_thread(self._write_anew)

    async def rekey(self, to: Keyring, generation: int, also: Changes | None = None) -> None:
        """Wrap every data key anew with the network key of `to`, and `also` this, in one commit.

        From then on this store works with that key. The key file that holds it must be on the
        disk already.
        """

        def work(drawer: Drawer) -> None:
            drawer.rekey(to, generation)
            drawer.apply(also or Changes())

        await self._submit(work)

    # --- reading --------------------------------------------------------------------------

    async def audit_lines(self) -> list[Numbered]:
        """The audit, the oldest line first; what cannot be read is left out."""
        return await self._read(lambda drawer: drawer.audit_lines())

    async def audit_verdict(self, noted: str = "") -> Verdict:
        """Whether the audit is whole; `noted` is a mark of an earlier verdict."""
        return await self._read(lambda drawer: drawer.audit_verdict(noted))

    async def generation(self) -> int:
        """How often the network key was replaced."""
        return await self._read(lambda drawer: drawer.generation())

    async def copy(self) -> tuple[sqlite3.Connection, Keyring]:
        """All that is committed, as a database in memory, and a ring that opens it.

        The caller owns both, on any one thread at a time, and closes the connection.
        """
        return await self._on_thread(lambda raw: (_copied(raw), self._keyring.twin()))

    async def load(self, kind: type[S]) -> list[S]:
        """Every record of this kind, in the order in which they were first put."""
        return await self._read(lambda drawer: drawer.load(kind))

    async def load_all(self, kinds: Sequence[type[Stored]]) -> list[Stored]:
        """Every record of these kinds: kind after kind, each in the order of `load`."""
        return await self._read(lambda drawer: drawer.load_all(kinds))

    async def open_incidents(self) -> list[Incident]:
        """The incidents that have not reached their end."""
        return await self._read(lambda drawer: drawer.open_incidents())

    async def piece(self, id: str) -> Piece | None:
        """A picture or voice message that was taken in; None where it is forgotten."""
        return await self._read(lambda drawer: drawer.one(Piece, id))

    async def incident(self, id: IncidentId) -> Incident | None:
        """The incident, open or closed; None where it is forgotten or never was."""
        return await self._read(lambda drawer: drawer.one(Incident, id))

    async def events(self, incident: IncidentId) -> list[StoryLine]:
        """The incident's story, in the order in which it was committed."""
        key_name = f"incident:{incident}"  # as in changes.key_of
        return await self._read(lambda drawer: drawer.under(StoryLine, key_name))

    async def assignments(self) -> list[tuple[PersonId, IncidentId]]:
        """Who is assigned to which incident; nobody stands here twice."""
        return await self._read(lambda drawer: drawer.assignments())

    async def waiting(self) -> list[Waiting]:
        """Every message without a fate, the most urgent first, then the oldest."""
        return await self._read(lambda drawer: drawer.waiting())

    async def recalls(self) -> list[MessageId]:
        """Every message that was recalled and may still stand on somebody's screen."""
        return await self._read(lambda drawer: drawer.recalls())

    async def deliveries(self, message: MessageId) -> list[tuple[str, str]]:
        """The (channel, platform's reference) pairs under which the message arrived."""
        return [(sent.channel, sent.ref) for sent in await self.sent_refs((message,))]

    async def sent_refs(self, messages: Sequence[MessageId]) -> list[SentRef]:
        """Where each of these messages arrived; nothing for those that did not.

        Still there after the key of the message was destroyed, until its reader is forgotten.
        """
        return await self._read(lambda drawer: drawer.sent_refs(messages))

    async def seen(self, channel: str, key: str) -> bool:
        """Whether this inbound message was taken in before."""
        return await self._read(lambda drawer: drawer.seen(channel, key))

    async def taken_in(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the (channel, key) pairs that were taken in before."""
        asked = tuple(keys)
        return await self._read(lambda drawer: {key for key in asked if drawer.seen(*key)})

    async def person_at(self, channel: str, handle: str) -> PersonId | None:
        """Whose address this is."""
        return await self._read(lambda drawer: drawer.person_at(channel, handle))

    async def _read(self, work: Callable[[Drawer], T]) -> T:
        return await self._on_thread(lambda raw: work(Drawer(raw, self._keyring, self._due_of)))

    async def _on_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closing:
            raise StoreClosed("The store is closed.")
        try:
            return await self._db.run(work)
        except sqlite3.Error as error:
            raise _in_plain_words(error) from None

    # --- the writer -----------------------------------------------------------------------

    async def _submit(self, work: Callable[[Drawer], T]) -> T:
        job = _Job(work)
        self._hand_in(job)
        return await job.done()

    def _hand_in(self, job: _Job[T]) -> None:
        if self._closing or self._writer.done():
            raise StoreClosed("The store is closed.")
        self._put(cast("_Job[object]", job))

    def _put(self, job: _Job[object] | None) -> None:
        self._jobs.put_nowait(job)
        self._hurry()

    def _hurry(self) -> None:
        """Acknowledgements have company enough, or something came that must not wait for them."""
        if self._company is not None and not self._company.done():
            self._company.set_result(None)

    async def _write(self) -> None:
        """Take jobs in order and commit them in groups, until told to end."""
        group: list[_Job[object]] = []
        ending = False
        try:
            while not ending:
                ending = await self._next_group(group)
                self._fates = None  # what is settled from now on comes with the next group
                await self._db.run(partial(self._commit, tuple(group)))
                self._committed_at = asyncio.get_running_loop().time()
                for job in group:
                    job.report()
                group = []
        finally:
            self._fates = None
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
        if isinstance(job, _Fates):
            group.append(cast("_Job[object]", job))
            await self._gather()
            if self._jobs.empty():
                return False
            job = self._jobs.get_nowait()
        while job is not None:
            group.append(job)
            if len(group) == GROUP_MAX or self._jobs.empty():
                return False
            job = self._jobs.get_nowait()
        return True

    async def _gather(self) -> None:
        """While many messages leave, let an acknowledgement wait for others for a moment.

        What is claimed next is written behind them: so no more messages are under way on disk
        than requests are open.
        """
        loop = asyncio.get_running_loop()
        busy = loop.time() - self._committed_at < LINGER_S
        if not busy or self._closing or not self._jobs.empty():
            return
        self._company = loop.create_future()
        alarm = loop.call_later(LINGER_S, self._hurry)
        try:
            await self._company
        finally:
            alarm.cancel()
            self._company = None

    def _commit(self, jobs: Sequence[_Job[object]], raw: sqlite3.Connection) -> None:
        """Commit the jobs as one transaction, or, where that fails, each as its own."""
        if jobs:
            try:
                self._transact(jobs, raw)
            except Exception as error:
                parts = [part for job in jobs for part in job.parts()]
                if len(parts) == 1:
                    parts[0].fail(_in_plain_words(error))
                else:
                    for part in parts:
                        self._commit((part,), raw)
        self._cut_log(raw)

    def _transact(self, jobs: Sequence[_Job[object]], raw: sqlite3.Connection) -> None:
        keys = self._keyring.stage()
        drawer = Drawer(raw, keys, self._due_of)
        raw.execute("BEGIN IMMEDIATE")
        try:
            for job in jobs:
                job.do(drawer)
            raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        keys.keep()
        self._log_to_cut = self._log_to_cut or drawer.destroyed
        self.holds_leftovers = self.holds_leftovers or drawer.deleted

    def _write_anew(self, raw: sqlite3.Connection) -> None:
        raw.execute("VACUUM")
        self.holds_leftovers = False
        self._log_to_cut = True
        self._cut_log(raw)
        _give_memory_back()

    def _cut_log(self, raw: sqlite3.Connection) -> None:
        """Move the write-ahead log into the database and empty it, where that is due."""
        if not self._log_to_cut:
            return
        try:
            (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            return  # It stays due, and comes again with the next commit.
        self._log_to_cut = bool(busy)


def _set_up(raw: sqlite3.Connection, keyring: Keyring) -> None:
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").fetchall()
    migrate(raw)
    keys = keyring.stage()
    raw.execute("BEGIN IMMEDIATE")
    try:
        drawer = Drawer(raw, keys, _never)
        drawer.found()
        bring_up_to_date(drawer)
        raw.execute("COMMIT")
    except BaseException:
        raw.execute("ROLLBACK")
        raise
    keys.keep()
    # A crash may have come between the destruction of a key and the cut that belongs to it.
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _give_memory_back() -> None:
    """Let the system have what writing the file anew took: all of the file, once over.

    It is written anew in memory, so that no second file holds what was deleted; glibc would keep
    that memory for as long as the process lives. Other C libraries know no such call.
    """
    import ctypes  # once an hour, and never while a start waits

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _copied(raw: sqlite3.Connection) -> sqlite3.Connection:
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
