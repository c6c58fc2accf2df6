"""One thing that is learned, and how what lies there is looked at without touching it.

Rules it keeps
    * Reading changes nothing, and works beside a running network.
    * A figure is a count, a time or a size; never a name, a path's content or a word.

What it must not know
    What is looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from responder.core.model import Record
from responder.custody.seized.words import told
from responder.storage.sealing import SealingError

NEVER: Final = "never"


class Sight(Record):
    """One thing that is learned; `text` has the `figures` in it."""

    part: str
    text: str
    figures: dict[str, Any]

    @property
    def nothing(self) -> bool:
        """Whether all that it could say is nought and never."""
        values = self.figures.values()
        return bool(values) and all(value in (0, "", NEVER) for value in values)


def sight(key: str, **figures: Any) -> Sight:
    """What is learned, by the key of its words."""
    return Sight(part=key.partition(".")[0], text=told(key, figures), figures=figures)


def reading(database: Path) -> sqlite3.Connection:
    """The database as it stands, for reading alone."""
    # Where nothing writes, SQLite would leave files of its own beside a database that it reads.
    still = not database.with_name(database.name + "-wal").exists()
    mode = "mode=ro&immutable=1" if still else "mode=ro"
    db = sqlite3.connect(f"{database.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    db.execute("BEGIN")
    return db


def one_disk(path: Path, folder: Path) -> bool:
    """Whether both lie on one disk; also where the folder is not there."""
    return not folder.exists() or path.stat().st_dev == folder.stat().st_dev


def when(ms: int | None) -> str:
    """Milliseconds since 1970 as a time to the minute."""
    if ms is None:
        return NEVER
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def oldest(times: Iterable[datetime]) -> str:
    """The first of these times, to the minute."""
    first = min(times, default=None)
    return NEVER if first is None else first.strftime("%Y-%m-%d %H:%M UTC")


def listed(counts: Mapping[str, int]) -> str:
    """Kinds of things, and how many of each."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"


def keys(names: Iterable[str]) -> str:
    """The names of settings, each once."""
    return ", ".join(sorted(set(names)))


def reason(error: Exception) -> str:
    """What went wrong, without a path, a value or a word from any file."""
    if isinstance(error, SealingError):
        return str(error)
    return getattr(error, "strerror", None) or type(error).__name__
