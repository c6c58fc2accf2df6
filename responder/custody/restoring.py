"""A backup becomes a network again: on a new machine, or beside what is left of the old one.

Rules it keeps
    * Nothing is overwritten: neither a database nor, where the backup brings its key, a key file.
    * What is past its retention is destroyed before the database stands where a network would
      serve it.
    * Deadlines that passed meanwhile stay: the network deals with them as after an outage.

What it must not know
    Terminals, and how a backup is sealed.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from responder.config import Settings
from responder.core import incident as incidents
from responder.core import sweeping
from responder.core.changes import Tally
from responder.core.desk import Desk
from responder.core.model import Record
from responder.custody.backup import Backup, BackupError, read, wants_passphrase
from responder.storage import library
from responder.storage.audit import KEPT as AUDIT_KEPT
from responder.storage.disk import discard, sync_folder
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring
from responder.storage.store import DataLock, Store

_BESIDE: Final = ".restoring"
_SETTLED_KEPT: Final = timedelta(days=2)


class Restored(Record):
    """What a backup brought back; `outlived` incidents and `swept` people were past retention."""

    made_at: datetime
    members: int
    people: int
    incidents: int
    waiting: int
    tallies: int
    outlived: int
    swept: int
    new_key_file: bool


async def restore(
    settings: Settings, database: Path, path: Path, at: datetime, *, passphrase: str | None = None
) -> Restored:
    """Open the backup at `path` and put its network where the settings say; returns what it was.

    `passphrase` is the backup's own. A new key file is locked where the settings want one that is.
    Raises `BackupError`, `DataLocked`, `KeyFileError`; then nothing is left of the attempt.
    """
    file = KeyFile(settings.network.key_file)
    with DataLock(database.parent):
        for taken in (database, database.with_name(database.name + "-wal")):
            if taken.exists():
                raise BackupError(
                    f"There is a database at {taken} already, and it is not overwritten. "
                    "Move the data folder away, or name another one in the config."
                )
        keys = None
        if not await asyncio.to_thread(wants_passphrase, path):
            keys = await asyncio.to_thread(_present_keys, settings, file)
        found = await asyncio.to_thread(read, path, passphrase=passphrase, keys=keys)
        if found.own_key and file.path.exists():
            raise BackupError(
                f"There is a key file at {file.path} already, and it is not overwritten. "
                "Move it away: this backup brings a key of its own."
            )
        return await _put(settings, found, keys or found.keys, file, database, at)


def _present_keys(settings: Settings, file: KeyFile) -> Keyring:
    passphrase = settings.network.passphrase
    return file.load(passphrase.get_secret_value() if passphrase else None)


async def _put(
    settings: Settings,
    found: Backup,
    keys: Keyring | None,
    file: KeyFile,
    database: Path,
    at: datetime,
) -> Restored:
    assert keys is not None, "a backup without keys opened without a key file"
    beside = database.with_name(database.name + _BESIDE)
    for left in beside.parent.glob(beside.name + "*"):
        discard(left)
    try:
        await asyncio.to_thread(found.unpack, beside)
        async with await Store.open(beside, keys, due_of=incidents.due) as store:
            restored = await _swept(settings, store, found, at)
        if found.own_key:
            await asyncio.to_thread(file.create, _lock_with(settings), keys=keys)
        try:
            os.rename(beside, database)
            sync_folder(database.parent)
        except OSError as error:
            if found.own_key:
                file.path.unlink(missing_ok=True)
            raise BackupError(f"{database} cannot be written: {error.strerror}.") from None
    finally:
        for left in beside.parent.glob(beside.name + "*"):
            discard(left)
    return restored


def _lock_with(settings: Settings) -> str | None:
    if settings.network.key != "passphrase":
        return None
    if settings.network.passphrase is None:
        raise BackupError("The config wants a key file locked with a passphrase: give one.")
    return settings.network.passphrase.get_secret_value()


async def _swept(settings: Settings, store: Store, found: Backup, at: datetime) -> Restored:
    """Destroy what the network no longer keeps, and count what is left."""
    world = await library.load_world(settings, store, ())
    before = len(world.incidents), len(world.everybody)
    await store.commit(sweeping.outlived(world, at, os.urandom(32), found.made_at))
    kept = settings.retention
    await store.commit(
        sweeping.sweep(
            world,
            at,
            os.urandom(32),
            unfinished=kept.unfinished_reports,
            strangers=kept.strangers,
        )
    )
    desk = Desk(world, at, os.urandom(32))
    desk.audit("backup.restored", detail=f"made {found.made_at:%Y-%m-%d %H:%M} UTC")
    await store.commit(desk.changes)
    shown = sweeping.still_shown(world)
    await store.prune(at - _SETTLED_KEPT, audit_before=at - AUDIT_KEPT, shown=shown)
    return Restored(
        made_at=found.made_at,
        members=len(world.members()),
        people=len(world.everybody),
        incidents=len(world.incidents),
        waiting=len(await store.waiting()),
        tallies=len(await store.load(Tally)),
        outlived=before[0] - len(world.incidents),
        swept=before[1] - len(world.everybody),
        new_key_file=found.own_key,
    )
