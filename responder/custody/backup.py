"""Backups: the network in one sealed file, without what has ended; and such a file, opened.

What it is for
    `write` takes one from an open store, also while the network runs; `read` opens it whole or
    refuses it; `Backup.unpack` makes a data folder's database of it. Sealed with a passphrase it
    is all that a new machine needs; sealed with the network key it needs the key file besides.

Rules it keeps
    * Nothing of an ended incident goes in: not its story, its reports, its pictures, its messages
      or its keys.
    * A passphrase's backup holds the data keys wrapped by a network key of its own: it opens
      itself, and nothing that was written after it.
    * Chunks of AES-256-GCM, each bound to its place, to the head of the file and to whether it is
      the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway, Vizár, 2015): a file that
      was changed, cut, lengthened or put in another order is refused before anything is used.
    * Nothing is ever overwritten. The size tells the database's in steps of 64 KiB.
    * Messages that were waiting come back marked as repeats: they may have left since.

What it must not know
    The running network, and what becomes of a backup once it is restored.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from responder.core.changes import Session
from responder.core.model import Incident, Record, Report, State
from responder.errors import ResponderError
from responder.storage.disk import sync_folder
from responder.storage.drawer import Drawer
from responder.storage.keyfile import Cost, Lock, check_strength
from responder.storage.sealing import Keyring, SealingError, open_part, seal_part
from responder.storage.store import Store

CHUNK: Final = 64 * 1024
_MAGIC: Final = b"responder backup\n"
_HEAD_MAX: Final = 4096
_TAG: Final = 16
_SIZE: Final = struct.Struct(">Q")
_WITH: Final = "RESPONDER_BACKUP_PASSPHRASE"


class BackupError(ResponderError):
    """A backup cannot be written, or is not what was written."""


class Altered(BackupError):
    """The file was changed, cut short or lengthened, or this is not what it was sealed with."""


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands before the chunks, in the clear and bound to each of them."""

    sealed_with: Literal["passphrase", "network-key"]
    salt: bytes
    lock: Lock | None = None
    version: int = 1


class _Contents(msgspec.Struct, frozen=True, kw_only=True):
    made_at: datetime
    network_key: bytes
    hash_key: bytes
    database: bytes


class Written(Record):
    """What went into a backup."""

    bytes: int
    people: int
    open_incidents: int
    ended_left_out: int


class Backup:
    """A backup that was opened and found whole."""

    def __init__(self, contents: _Contents, *, own_key: bool) -> None:
        self._contents = contents
        self.made_at = contents.made_at
        self.own_key = own_key
        """Whether it brings its key along; else it opens with the key file that is there."""

    @property
    def keys(self) -> Keyring | None:
        """The keys that open the database in it; None where it did not bring them along."""
        network_key, hash_key = self._contents.network_key, self._contents.hash_key
        return Keyring(network_key, hash_key) if self.own_key else None

    def unpack(self, path: Path) -> None:
        """Write the database to this path, where there must be none, and to the disk for sure."""
        _write_new(path, iter([self._contents.database]))


# --- taking one -----------------------------------------------------------------------------------


async def write(
    store: Store,
    path: Path,
    at: datetime,
    *,
    passphrase: str | None = None,
    cost: Cost | None = None,
) -> Written:
    """Write a backup of all that is committed; the network goes on meanwhile.

    With a `passphrase` (12 characters or more) that opens it anywhere; without one it is sealed
    with the network key and opens with this network's present key file alone. `BackupError` where
    the file is there already or cannot be written.
    """
    if passphrase is not None:
        check_strength(passphrase)
    db, keys = await store.copy()
    with contextlib.closing(db):
        return await asyncio.to_thread(_write, db, keys, path, at, passphrase, cost)


def _write(
    db: sqlite3.Connection,
    keys: Keyring,
    path: Path,
    at: datetime,
    passphrase: str | None,
    cost: Cost | None,
) -> Written:
    left_out = _leave_out_ended(db, keys)
    network_key = hash_key = b""
    if passphrase is not None:
        own = keys.renewed()
        Drawer(db, keys, lambda _: None).rekey(own, 0)
        network_key, hash_key = own.exported()
    db.execute("VACUUM")
    contents = _Contents(
        made_at=at, network_key=network_key, hash_key=hash_key, database=db.serialize()
    )
    head = _Head(
        sealed_with="network-key" if passphrase is None else "passphrase",
        salt=os.urandom(16),
        lock=None if passphrase is None else Lock.fresh(cost),
    )
    key = _key(head, passphrase, keys)
    _write_new(path, _sealed(head, key, msgspec.msgpack.encode(contents)))
    return Written(
        bytes=path.stat().st_size,
        people=_count(db, "SELECT count(*) FROM drawer WHERE kind = 'person'"),
        open_incidents=_count(db, "SELECT count(*) FROM incident_index"),
        ended_left_out=left_out,
    )


def _count(db: sqlite3.Connection, query: str) -> int:
    (number,) = db.execute(query).fetchone()
    return int(number)


def _leave_out_ended(db: sqlite3.Connection, keys: Keyring) -> int:
    """Destroy in the copy whatever hangs on an incident that has ended; how many those were."""
    for pragma in ("secure_delete = ON", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    drawer = Drawer(db, keys, lambda _: None)
    incidents = drawer.load(Incident)
    ended = {i.id for i in incidents if i.ended_at is not None or i.state is State.CLOSED}
    running = {i.id for i in incidents} - ended
    gone = {f"incident:{id}" for id in ended}
    gone |= {f"report:{r.id}" for r in drawer.load(Report) if r.incident not in running}
    for session in drawer.load(Session):
        if session.draft and session.draft.incident in ended:
            gone.add(f"report:{session.draft.report}")
    db.execute("BEGIN IMMEDIATE")
    for key_name in sorted(gone):
        drawer.destroy(key_name)
    for id in ended:
        db.execute("DELETE FROM assignment WHERE incident = ?", (id,))
    db.execute("DELETE FROM delivery WHERE message NOT IN (SELECT id FROM outbox)")
    db.execute("UPDATE outbox SET state = 'claimed' WHERE state = 'due'")
    db.execute("COMMIT")
    return len(ended)


# --- opening one ----------------------------------------------------------------------------------


def wants_passphrase(path: Path) -> bool:
    """Whether the backup opens with a passphrase of its own; `Altered` where it is none."""
    head, _ = _split(_read(path))
    return head.sealed_with == "passphrase"


def read(path: Path, *, passphrase: str | None = None, keys: Keyring | None = None) -> Backup:
    """The backup, opened whole. `Altered` where a single bit of it is not as it was written.

    `passphrase` or `keys`, as `wants_passphrase` says.
    """
    head, body = _split(_read(path))
    if head.sealed_with == "passphrase" and passphrase is None:
        raise BackupError(f"This backup opens with a passphrase: type it, or set {_WITH}.")
    try:
        plain = b"".join(_opened(head, _key(head, passphrase, keys), body))
        (size,) = _SIZE.unpack_from(plain)
        contents = msgspec.msgpack.decode(plain[_SIZE.size : _SIZE.size + size], type=_Contents)
    except (SealingError, msgspec.MsgspecError, struct.error):
        raise _altered() from None
    return Backup(contents, own_key=head.sealed_with == "passphrase")


def _altered() -> Altered:
    return Altered(
        "This backup does not open: the passphrase or key file is not its own, or the file was "
        "changed or cut short. Nothing of it was used. Try again, or take another copy."
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BackupError(f"The backup {path} cannot be read: {error.strerror}.") from None


# --- the form of the file -------------------------------------------------------------------------


def _key(head: _Head, passphrase: str | None, keys: Keyring | None) -> bytes:
    if head.lock is not None and passphrase is not None:
        return head.lock.key(passphrase)
    if head.lock is None and keys is not None:
        return keys.network_secret("backup", head.salt)
    raise BackupError("This backup opens with this network's key file: bring that back first.")


def _split(data: bytes) -> tuple[_Head, bytes]:
    start = len(_MAGIC) + 4
    if not data.startswith(_MAGIC) or len(data) < start:
        raise Altered("This is no backup of a network, or it was cut short.")
    size = int.from_bytes(data[len(_MAGIC) : start], "big")
    if size > _HEAD_MAX:
        raise _altered()
    try:
        head = msgspec.json.decode(data[start : start + size], type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _altered() from None
    if head.version != 1 or (head.lock is None) != (head.sealed_with == "network-key"):
        raise _altered()
    if _head_bytes(head) != data[: start + size]:
        raise _altered()
    return head, data[start + size :]


def _head_bytes(head: _Head) -> bytes:
    encoded = msgspec.json.encode(head)
    return _MAGIC + len(encoded).to_bytes(4, "big") + encoded


def _sealed(head: _Head, key: bytes, plain: bytes) -> Iterator[bytes]:
    """The file's bytes, part after part. The key is this file's alone, so a counter is a nonce."""
    bound = _head_bytes(head)
    yield bound
    whole = _SIZE.pack(len(plain)) + plain
    starts = range(0, len(whole), CHUNK)
    for number, start in enumerate(starts):
        chunk = whole[start : start + CHUNK].ljust(CHUNK, b"\0")
        yield seal_part(key, _nonce(number, last=number == len(starts) - 1), bound, chunk)


def _opened(head: _Head, key: bytes, body: bytes) -> Iterator[bytes]:
    bound, size = _head_bytes(head), CHUNK + _TAG
    count, rest = divmod(len(body), size)
    if count == 0 or rest:
        raise _altered()
    for number in range(count):
        part = body[number * size : (number + 1) * size]
        yield open_part(key, _nonce(number, last=number == count - 1), bound, part)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _write_new(path: Path, parts: Iterator[bytes]) -> None:
    """Write a file that nobody else can open; what could not be written whole is taken away."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise BackupError(
            f"There is something at {path} already, and it is not overwritten."
            " Name another file, or move that one away first."
        ) from None
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(handle)
        sync_folder(path.parent)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise BackupError(f"{path} could not be written whole: {error.strerror}.") from None
        raise
