"""What somebody learns who takes the machine: without the key, and with it.

What it is for
    `look` reads the data folder, the config, the log, the Signal service's folder and what the
    machine keeps of commands and memory, as somebody with the disk would; `look_with_key` opens
    all that the network's key opens, and counts it.

Rules it keeps
    * Every figure is computed from what lies there. What cannot be looked at is said, not guessed.
    * No name, address, place, word or secret leaves this package: counts, times and sizes alone.

What it must not know
    How it is shown.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from responder.config import Settings
from responder.custody.seized import database as sealed
from responder.custody.seized import machine, opened, signal_service
from responder.custody.seized.sights import Sight as Sight
from responder.custody.seized.sights import reading, reason, sight
from responder.custody.seized.words import HEADINGS as HEADINGS
from responder.storage.sealing import Keyring, SealingError


def look(settings: Settings, config: Path, database: Path) -> list[Sight]:
    """What the disk tells whoever has it and not the key; the key's own place comes first."""
    return [
        *machine.key(settings),
        *sealed.rows(database),
        *sealed.remains(database),
        *machine.folder(settings.network.data_dir),
        *machine.config(config, settings),
        *machine.playbooks(settings.network.playbooks_dir),
        *machine.log(settings.log.file),
        *machine.history(Path.home()),
        *machine.swap(),
        *signal_service.look(settings.signal.service_dir),
    ]


def look_with_key(database: Path, keys: Keyring) -> list[Sight]:
    """What the database tells whoever has the disk and the key."""
    try:
        with closing(reading(database)) as db:
            return list(opened.look(db, keys))
    except (sqlite3.Error, SealingError) as error:
        return [sight("opened.locked", reason=reason(error))]
