"""The Signal service's own folder, as signal-cli leaves it: nothing there is sealed by us.

What it must not know
    The network's own files.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from responder.custody.seized.sights import Sight, reading, sight

_NAMED: Final = ("profile_given_name", "given_name", "username")
"""The columns in which signal-cli keeps what people call themselves, or are called."""
_PARTS: Final = {"attachments": "attachments", "avatars": "faces", "msg-cache": "unread"}
"""Its folders, and what lies in them."""
_NAMES: Final = "names of recipients"


def look(folder: Path | None) -> Iterator[Sight]:
    """What it gives away: the account, whom it knows, what it sent, what came with messages."""
    if folder is None:
        yield sight("signal.not-named")
        return
    files, closed = _files(folder)
    if closed:
        yield sight("signal.closed", closed=closed)
    elif not files:
        yield sight("signal.absent")
    if not files:
        return
    size = sum(path.stat().st_size for path in files)
    accounts = sum(_accounts(path) for path in files if path.name == "accounts.json")
    yield sight("signal.account", accounts=accounts, files=len(files), bytes=size)
    found: Counter[str] = Counter()
    for path in files:
        found.update(_counted(path))
    recipients = found["recipient"] + found["group_v2"] + found["group_v1"]
    yield sight(
        "signal.contacts", recipients=recipients, names=found[_NAMES], sessions=found["session"]
    )
    # By the names that signal-cli gives them (MessageSendLogStore): kept for a day, to send again.
    sent, times = found["message_send_log_content"], found["message_send_log"]
    yield sight("signal.sent", sent=sent, times=times)
    for part, kept in _PARTS.items():
        within = [p for p in files if part in p.relative_to(folder).parts[:-1]]
        size = sum(path.stat().st_size for path in within)
        yield sight(f"signal.{kept}", **{kept: len(within)}, bytes=size)


def _files(folder: Path) -> tuple[list[Path], int]:
    """Its files that this account may read, and how many files and folders it may not."""
    closed: list[str] = []
    inside = os.walk(folder, onerror=lambda error: closed.append(str(error.filename)))
    every = [Path(where) / name for where, _, names in inside for name in names]
    files = [path for path in every if path.is_file()]
    readable = [path for path in files if os.access(path, os.R_OK)]
    gone = not os.access(folder, os.F_OK)
    return readable, 0 if gone else len(closed) + len(files) - len(readable)


def _accounts(path: Path) -> int:
    try:
        found = json.loads(path.read_bytes())
        return sum(bool(one.get("number")) for one in found["accounts"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return 0


def _counted(path: Path) -> dict[str, int]:
    """How many rows each table of a database has, and how many names; nothing for other files."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            return {}
    try:
        with closing(reading(path)) as db:
            names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            # A table's name cannot be a parameter; it is quoted instead.
            found = {name: _count(db, f"FROM {_quoted(name)}") for name in names}
            if "recipient" in names:
                found[_NAMES] = _count(db, f"FROM recipient WHERE {_named(db)}")
            return found
    except sqlite3.Error:
        return {}


def _named(db: sqlite3.Connection) -> str:
    """The condition under which a recipient has a name, in whichever columns there are."""
    columns = {row[1] for row in db.execute("PRAGMA table_info(recipient)")}
    return " OR ".join(f"coalesce({c}, '') <> ''" for c in _NAMED if c in columns) or "0"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(db: sqlite3.Connection, what: str) -> int:
    (number,) = db.execute(f"SELECT count(*) {what}").fetchone()
    return int(number)
