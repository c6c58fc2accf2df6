"""A new network key in place of the old one, while the network runs or while it is stopped.

What it is for
    Whoever may have seen the key file, or its passphrase, is shut out from what is written next
    to it from now on. Data keys are wrapped anew; no envelope and no hash is touched.

Rules it keeps
    * At any moment the disk holds a key file that opens the database. Three steps, each synced
      before the next: the new key file beside the old one; all data keys wrapped anew together
      with a new generation, in one transaction; the new file put into the old one's place.
    * After a crash `settle` finishes or takes back what was begun. It needs no passphrase: the
      generation stands plain in the key files and in the database.
    * The old key's bytes are overwritten before they are let go, as far as the disk does so.

What it must not know
    Records, people, the running network.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

import structlog

from responder.core.changes import Changes
from responder.core.model import Record
from responder.storage.disk import sync_folder, wipe
from responder.storage.keyfile import Cost, KeyFile, KeyFileError
from responder.storage.sealing import Keyring
from responder.storage.sql import queries
from responder.storage.store import Store

_log = structlog.get_logger()

_BESIDE: Final = ".new"
_under_way: Final[set[Path]] = set()


class Rotated(Record):
    """What was done: `generation` counts the keys that the network has had before this one."""

    generation: int
    locked: bool


def beside(file: KeyFile) -> KeyFile:
    """Where the new key waits until the database follows it."""
    return KeyFile(file.path.with_name(file.path.name + _BESIDE))


async def rotate(
    file: KeyFile,
    store: Store,
    *,
    passphrase: str | None = None,
    new_passphrase: str | None = None,
    cost: Cost | None = None,
    also: Changes | None = None,
) -> Rotated:
    """Replace the network key of an open store and of its key file.

    A locked file needs its `passphrase`, and stays locked: with `new_passphrase`, or the same.
    A file without one gets one where `new_passphrase` is given. What `also` changes goes into the
    same transaction. `KeyFileError` and
    `WrongPassphrase` change nothing. Takes a second where a passphrase is in it.
    """
    if file.path in _under_way:
        raise KeyFileError("The key is being replaced this very moment. Try again in a minute.")
    _under_way.add(file.path)
    try:
        return await _rotate(file, store, passphrase, new_passphrase, cost, also)
    finally:
        _under_way.discard(file.path)


async def _rotate(
    file: KeyFile,
    store: Store,
    passphrase: str | None,
    new_passphrase: str | None,
    cost: Cost | None,
    also: Changes | None,
) -> Rotated:
    fresh, words = await asyncio.to_thread(_proven, file, passphrase, new_passphrase)
    generation = await store.generation()
    if file.generation != generation:
        raise KeyFileError(
            f"The key file {file.path} is not the one that this database was last sealed with. "
            "Stop the network and start it again; then try once more."
        )
    new = beside(file)
    # What waits here was left by an attempt that came to nothing: the generations say so.
    new.path.unlink(missing_ok=True)
    await asyncio.to_thread(
        new.create, words, cost or _cost(file), keys=fresh, generation=generation + 1
    )
    await store.rekey(fresh, generation + 1, also)
    await asyncio.to_thread(put_in_place, new, file)
    return Rotated(generation=generation + 1, locked=words is not None)


def _proven(
    file: KeyFile, passphrase: str | None, new_passphrase: str | None
) -> tuple[Keyring, str | None]:
    """The new keys, and the passphrase of their file; the old one must open the old file."""
    fresh = file.load(passphrase).renewed()
    return fresh, new_passphrase or (passphrase if file.lock else None)


def _cost(file: KeyFile) -> Cost | None:
    lock = file.lock
    return lock.cost if lock else None


def put_in_place(new: KeyFile, file: KeyFile) -> None:
    """Put the new file into the old one's place, whole at every moment; then wipe the old bytes."""
    with contextlib.suppress(FileNotFoundError):
        with file.path.open("r+b") as old:
            os.replace(new.path, file.path)
            sync_folder(file.path.parent)
            wipe(old.fileno())
        return
    os.replace(new.path, file.path)
    sync_folder(file.path.parent)


def settle(file: KeyFile, database: Path) -> None:
    """Finish or take back a rotation that a crash cut short; the data lock must be held.

    `KeyFileError` where neither key file is of the database's generation.
    """
    new = beside(file)
    if not new.path.exists():
        return
    wanted = generation_of(database)
    if file.path.exists() and file.generation == wanted:
        new.path.unlink()
        sync_folder(new.path.parent)
        _log.warning("key_rotation_taken_back")
        return
    if new.generation != wanted:
        raise KeyFileError(
            f"Neither {file.path} nor {new.path} is the key file that this database was last "
            "sealed with. Bring the right one back from where you keep its copy."
        )
    put_in_place(new, file)
    _log.warning("key_rotation_finished")


def generation_of(database: Path) -> int:
    """How often the network key of this database was replaced; 0 where there is no database."""
    if not database.exists():
        return 0
    # For reading alone: whoever closes it last would delete the log of a crash, and not wipe it.
    with contextlib.closing(
        sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    ) as db:
        try:
            row = db.execute(queries()["generation"]).fetchone()
        except sqlite3.OperationalError:
            return 0  # A database of an older version: its key was never replaced.
    return int(row[0]) if row else 0
