"""The store: whole transactions in, records out.

What it is for
    Carries `Changes` to the disk and brings everything back after a restart. What happened when
    `commit` has returned survives `kill -9`.

Rules it keeps
    * What is written goes through the one writer of the database; what is read, between two
      of its transactions.
    * A caller that is cancelled while it waits leaves its transaction whole.

What it must not know
    What any change means; the clock; channels; how commits are made and shared (`connection`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from responder.core.changes import Changes, Piece, Stored, StoryLine
from responder.core.messages import Settled
from responder.core.model import Incident, IncidentId, MessageId, PersonId
from responder.storage.audit import Numbered, Verdict
from responder.storage.connection import Database, StoreClosed, copied, never
from responder.storage.drawer import Drawer, DueOf, SentRef, Waiting
from responder.storage.files import DataLock, DataLocked, private_folder
from responder.storage.rows import (
    AlreadyAssigned,
    AlreadyTaken,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreRefused,
)
from responder.storage.sealing import Keyring

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


class Store:
    """The network's database. Open it with `Store.open`; close it, or use `async with`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def holds_leftovers(self) -> bool:
        """Whether the file may hold copies of what was deleted, since it was last written anew."""
        return self._db.holds_leftovers

    @property
    def writer(self) -> asyncio.Task[None]:
        """The task that alone writes; where it ends, nothing is committed any more."""
        return self._db.writer

    @classmethod
    async def open(cls, path: Path, keyring: Keyring, *, due_of: DueOf = never) -> Store:
        """Open the database file, made where it is missing, and bring its schema up to date.

        `due_of` tells an incident's next deadline. Refuses files that others can open, a database
        of a newer program (`sql.NewerDatabase`) and the wrong key file (`sealing.WrongKey`).
        """
        return cls(await Database.open(path, keyring, due_of))

    async def close(self) -> None:
        """Commit what was handed in, cut the log, close the file. May be called twice."""
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
            await self._db.submit(lambda drawer: drawer.apply(changes))

    async def commit_all(self, batch: Sequence[Changes]) -> None:
        """Write several changes in this order as one transaction: all of them, or none.

        Raises as `commit` does; then nothing of any of them was written.
        """

        def apply_all(drawer: Drawer) -> None:
            for changes in batch:
                drawer.apply(changes)

        if any(not changes.empty for changes in batch):
            await self._db.submit(apply_all)

    async def settle(self, fates: Sequence[Settled]) -> None:
        """Write down what became of messages, all or nothing; it is on disk once this returns.

        Raises as `commit` does.
        """
        if fates:
            await self._db.submit(lambda drawer: drawer.settle(fates))

    async def claim(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        """Mark messages as under way, in one commit, and tell which of them may be sent.

        Left out are those that met their fate meanwhile. Whatever is claimed and not settled
        comes back from `waiting` marked as a repeat.
        """
        ids = tuple(messages)
        return await self._db.submit(lambda drawer: drawer.claim(ids)) if ids else frozenset()

    async def recall_done(self, message: MessageId) -> None:
        """This message was taken back from people's screens, as far as it can be."""
        await self._db.submit(lambda drawer: drawer.recall_done(message))

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

        await self._db.submit(work)
        if anew:
            await self.write_anew()

    async def write_anew(self) -> None:
        """Write the file anew where something was deleted: only then nothing of it is left there.

        Pages keep copies of rows that moved. Nothing else is committed meanwhile, about a second
        for 100 MB.
        """
        await self._db.write_anew()

    async def rekey(self, to: Keyring, generation: int, also: Changes | None = None) -> None:
        """Wrap every data key anew with the network key of `to`, and `also` this, in one commit.

        From then on this store works with that key. The key file that holds it must be on the
        disk already.
        """

        def work(drawer: Drawer) -> None:
            drawer.rekey(to, generation)
            drawer.apply(also or Changes())

        await self._db.submit(work)

    # --- reading --------------------------------------------------------------------------

    async def audit_lines(self) -> list[Numbered]:
        """The audit, the oldest line first; what cannot be read is left out."""
        return await self._db.read(lambda drawer: drawer.audit_lines())

    async def audit_verdict(self, noted: str = "") -> Verdict:
        """Whether the audit is whole; `noted` is a mark of an earlier verdict."""
        return await self._db.read(lambda drawer: drawer.audit_verdict(noted))

    async def generation(self) -> int:
        """How often the network key was replaced."""
        return await self._db.read(lambda drawer: drawer.generation())

    async def copy(self) -> tuple[sqlite3.Connection, Keyring]:
        """All that is committed, as a database in memory, and a ring that opens it.

        The caller owns both, on any one thread at a time, and closes the connection.
        """

        def work(raw: sqlite3.Connection) -> tuple[sqlite3.Connection, Keyring]:
            copy, keys = copied(raw), self._db.keyring.twin()
            Drawer(copy, keys, never).file_left()
            return copy, keys

        return await self._db.on_thread(work)

    async def load(self, kind: type[S]) -> list[S]:
        """Every record of this kind, in the order in which they were first put."""
        return await self._db.look(lambda drawer: drawer.load(kind))

    async def load_all(self, kinds: Sequence[type[Stored]]) -> list[Stored]:
        """Every record of these kinds: kind after kind, each in the order of `load`."""
        return await self._db.look(lambda drawer: drawer.load_all(kinds))

    async def open_incidents(self) -> list[Incident]:
        """The incidents that have not reached their end."""
        return await self._db.look(lambda drawer: drawer.open_incidents())

    async def piece(self, id: str) -> Piece | None:
        """A picture or voice message that was taken in; None where it is forgotten."""
        return await self._db.read(lambda drawer: drawer.one(Piece, id))

    async def incident(self, id: IncidentId) -> Incident | None:
        """The incident, open or closed; None where it is forgotten or never was."""
        return await self._db.look(lambda drawer: drawer.one(Incident, id))

    async def events(self, incident: IncidentId) -> list[StoryLine]:
        """The incident's story, in the order in which it was committed."""
        key_name = f"incident:{incident}"  # as in changes.key_of
        return await self._db.look(lambda drawer: drawer.under(StoryLine, key_name))

    async def assignments(self) -> list[tuple[PersonId, IncidentId]]:
        """Who is assigned to which incident; nobody stands here twice."""
        return await self._db.read(lambda drawer: drawer.assignments())

    async def waiting(self) -> list[Waiting]:
        """Every message without a fate, the most urgent first, then the oldest."""
        return await self._db.submit(lambda drawer: drawer.waiting())

    async def recalls(self) -> list[MessageId]:
        """Every message that was recalled and may still stand on somebody's screen."""
        return await self._db.read(lambda drawer: drawer.recalls())

    async def deliveries(self, message: MessageId) -> list[tuple[str, str]]:
        """The (channel, platform's reference) pairs under which the message arrived."""
        return [(sent.channel, sent.ref) for sent in await self.sent_refs((message,))]

    async def sent_refs(self, messages: Sequence[MessageId]) -> list[SentRef]:
        """Where each of these messages arrived; nothing for those that did not.

        Still there after the key of the message was destroyed, until its reader is forgotten.
        """
        return await self._db.submit(lambda drawer: drawer.sent_refs(messages))

    async def seen(self, channel: str, key: str) -> bool:
        """Whether this inbound message was taken in before."""
        return await self._db.read(lambda drawer: drawer.seen(channel, key))

    async def taken_in(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the (channel, key) pairs that were taken in before."""
        asked = tuple(keys)
        return await self._db.read(lambda drawer: {key for key in asked if drawer.seen(*key)})

    async def person_at(self, channel: str, handle: str) -> PersonId | None:
        """Whose address this is."""
        return await self._db.read(lambda drawer: drawer.person_at(channel, handle))
