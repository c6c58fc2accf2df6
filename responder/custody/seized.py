"""What somebody learns who takes the machine: without the key, and with it.

What it is for
    `look` reads the data folder, the config, the log and the Signal service's folder as somebody
    with the disk would; `look_with_key` opens all that the network's key opens, and counts it.

Rules it keeps
    * Every figure is computed from what lies there. What cannot be looked at is said, not guessed.
    * Reading changes nothing, and works beside a running network.
    * No name, address, place, word or secret leaves this module: counts, times and sizes alone.

What it must not know
    How it is shown; its words stand in `seized_words`.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from responder.config import Settings
from responder.core.aside import ASIDE
from responder.core.changes import (
    KINDS,
    NETWORK_KEY,
    AuditLine,
    Device,
    JoinCode,
    Piece,
    Session,
    Setting,
    StoryLine,
    Tally,
)
from responder.core.early import EARLY
from responder.core.halves import HALF
from responder.core.model import Incident, Override, Person, Record, Report, Shift, State, decode
from responder.core.reach import Drill, Reach
from responder.custody.seized_words import WORDS
from responder.sealed.phones import KEYS as PAGER_KEYS
from responder.storage import audit
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring, SealingError

_SIZED: Final = ("report", "incident", "piece", "session")
_NUMBER: Final = re.compile(r"\+[0-9][0-9 ()-]{6,18}[0-9]")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_EVENT: Final = re.compile(r'(?:"event": ?"|event=)([a-z][a-z0-9._-]*)')
_FRAME_HEAD: Final = 24
_WAL_HEAD: Final = 32
NEVER: Final = "never"


class Sight(Record):
    """One thing that is learned; `text` has the `figures` in it."""

    part: str
    text: str
    figures: dict[str, Any]


def _sight(key: str, **figures: Any) -> Sight:
    return Sight(part=key.partition(".")[0], text=WORDS[key].format(**figures), figures=figures)


def look(settings: Settings, config: Path, database: Path) -> list[Sight]:
    """What the disk tells whoever has it and not the key; the key's own place comes first."""
    return [
        *_key(settings),
        *_database(database),
        *_remains(database),
        *_folder(settings.network.data_dir),
        *_config(config, settings),
        *_playbooks(settings.network.playbooks_dir),
        *_log(settings.log.file),
        *_signal(settings.signal.service_dir),
    ]


def look_with_key(database: Path, keys: Keyring) -> list[Sight]:
    """What the database tells whoever has the disk and the key."""
    try:
        with closing(_opened(database)) as db:
            return list(_with_key(db, keys))
    except (sqlite3.Error, SealingError) as error:
        return [_sight("opened.locked", reason=_reason(error))]


# --- the key --------------------------------------------------------------------------------------


def _key(settings: Settings) -> Iterator[Sight]:
    network = settings.network
    if not network.key_file.exists():
        yield _sight("key.absent")
        return
    if not _one_disk(network.key_file, network.data_dir):
        yield _sight("key.elsewhere")
        return
    try:
        lock = KeyFile(network.key_file).lock
    except SealingError as error:
        yield _sight("key.unclear", reason=str(error))
        return
    if lock is None:
        yield _sight("key.beside")
        return
    beside = network.passphrase_file
    if beside is not None and beside.exists() and _one_disk(beside, network.data_dir):
        yield _sight("key.passphrase-beside")
    cost = lock.cost
    yield _sight("key.locked", memory_mib=cost.memory_kib // 1024, passes=cost.passes)


def _one_disk(path: Path, folder: Path) -> bool:
    return not folder.exists() or path.stat().st_dev == folder.stat().st_dev


# --- the database, without the key ----------------------------------------------------------------


def _opened(database: Path) -> sqlite3.Connection:
    """The database as it stands, for reading alone."""
    # Where nothing writes, SQLite would leave files of its own beside a database that it reads.
    still = not database.with_name(database.name + "-wal").exists()
    mode = "mode=ro&immutable=1" if still else "mode=ro"
    db = sqlite3.connect(f"{database.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    db.execute("BEGIN")
    return db


def _database(database: Path) -> Iterator[Sight]:
    if not database.exists():
        yield _sight("database.absent")
        return
    try:
        with closing(_opened(database)) as db:
            yield from list(_rows(db))
    except sqlite3.Error as error:
        yield _sight("database.unclear", reason=_reason(error))


def _rows(db: sqlite3.Connection) -> Iterator[Sight]:
    def one(query: str) -> tuple[Any, ...]:
        return tuple(db.execute(query).fetchone())

    kinds = dict(db.execute("SELECT kind, count(*) FROM drawer GROUP BY kind ORDER BY kind"))
    (people,) = one("SELECT count(*) FROM data_key WHERE name LIKE 'person:%'")
    (written,) = one("SELECT count(DISTINCT person) FROM outbox")
    yield _sight("database.people", people=people, members_written=written)
    incidents, opened, due = one(
        "SELECT count(*), coalesce(sum(is_open), 0), min(due_ms) FROM incident_index"
    )
    yield _sight(
        "database.incidents",
        incidents=incidents,
        open=opened,
        reports=one("SELECT count(*) FROM data_key WHERE name LIKE 'report:%'")[0],
        pieces=kinds.get("piece", 0),
        next_due=_when(due),
    )
    people, teams = one("SELECT count(*), count(DISTINCT incident) FROM assignment")
    yield _sight("database.teams", people=people, incidents=teams)
    yield from _traffic(db)
    yield from _sizes(db)
    yield _sight("database.kinds", kinds=_listed(kinds))
    yield _sight("database.audit", audit=one("SELECT count(*) FROM audit")[0])
    yield _sight("remains.slots", empty=one("SELECT count(*) FROM free_slot")[0])


def _traffic(db: sqlite3.Connection) -> Iterator[Sight]:
    messages, waiting, urgent, first, last = db.execute(
        "SELECT count(*), coalesce(sum(state IN ('due', 'claimed')), 0),"
        " coalesce(sum(urgency = 0), 0), min(at_ms), max(at_ms) FROM outbox"
    ).fetchone()
    most = db.execute("SELECT count(*) FROM outbox GROUP BY person ORDER BY 1 DESC").fetchone()
    yield _sight(
        "database.messages",
        messages=messages,
        waiting=waiting,
        urgent=urgent,
        first=_when(first),
        last=_when(last),
        most=most[0] if most else 0,
    )
    channels = dict(db.execute("SELECT channel, count(*) FROM delivery GROUP BY channel"))
    if channels:
        yield _sight("database.channels", channels=_listed(channels))
    inbox, first, last = db.execute("SELECT count(*), min(at_ms), max(at_ms) FROM inbox").fetchone()
    yield _sight("database.inbox", inbox=inbox, first=_when(first), last=_when(last))


def _sizes(db: sqlite3.Connection) -> Iterator[Sight]:
    for kind in _SIZED:
        found = db.execute("SELECT length(sealed) FROM drawer WHERE kind = ?", (kind,))
        sizes = sorted(size for (size,) in found)
        if sizes:
            yield _sight(
                "database.sizes",
                kind=kind,
                count=len(sizes),
                smallest=sizes[0],
                largest=sizes[-1],
                median=int(median(sizes)),
            )


# --- what deleting leaves -------------------------------------------------------------------------


def _remains(database: Path) -> Iterator[Sight]:
    """From the file's own bytes (sqlite.org/fileformat2.html), since SQLite shows none of it."""
    if not database.exists():
        return
    data = database.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512:
        return
    free = list(_free_pages(data, size))
    dirty = sum(any(data[(n - 1) * size : n * size]) for n in free)
    yield _sight("remains.pages", free=len(free), dirty=dirty)
    wal = database.with_name(database.name + "-wal")
    if wal.exists() and wal.stat().st_size > _WAL_HEAD:
        frames = wal.read_bytes()[_WAL_HEAD:]
        step = _FRAME_HEAD + size
        pages = [frames[i : i + 4] for i in range(0, len(frames) - step + 1, step)]
        older = len(pages) - len(set(pages))
        yield _sight("remains.log", frames=len(pages), older=older, bytes=len(frames))


def _free_pages(data: bytes, size: int) -> Iterator[int]:
    """The numbers of the free pages that hold no list of others themselves."""
    trunk, seen = int.from_bytes(data[32:36], "big"), set[int]()
    while trunk and trunk not in seen:
        seen.add(trunk)
        page = data[(trunk - 1) * size : trunk * size]
        count = min(int.from_bytes(page[4:8], "big"), size // 4 - 2)
        for n in range(count):
            yield int.from_bytes(page[8 + 4 * n : 12 + 4 * n], "big")
        trunk = int.from_bytes(page[:4], "big")


# --- files ----------------------------------------------------------------------------------------


def _folder(folder: Path) -> Iterator[Sight]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        status = path.lstat()
        changed = _when(int(status.st_mtime * 1000))
        yield _sight("folder.file", name=path.name, bytes=status.st_size, changed=changed)


def _config(config: Path, settings: Settings) -> Iterator[Sight]:
    try:
        raw = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield _sight("config.absent", reason=_reason(error))
        return
    said = list(_values(raw))
    places = [k for k, _ in said if k.startswith("neighbourhood.") or k == "network.name"]
    yield _sight("config.places", keys=_keys(places), places=len(settings.neighbourhood))
    numbers = [k for k, value in said if _NUMBER.search(value)]
    if numbers:
        yield _sight("config.numbers", keys=_keys(numbers))
    tokens = [k for k, _ in said if k.endswith((".token", ".passphrase"))]
    yield _sight("config.tokens", keys=_keys(tokens)) if tokens else _sight("config.no-secrets")
    named = {
        "telegram.token_file": settings.telegram.token_file,
        "network.passphrase_file": settings.network.passphrase_file,
    }
    beside = [
        key for key, path in named.items() if path and path.exists() and _one_disk(path, config)
    ]
    if beside:
        yield _sight("config.secret-files", keys=_keys(beside))


def _values(raw: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in the file, with its dotted key."""
    match raw:
        case dict():
            for name, value in raw.items():
                yield from _values(value, f"{key}.{name}".strip("."))
        case list():
            for value in raw:
                yield from _values(value, key)
        case str():
            yield key, raw


def _playbooks(folder: Path) -> Iterator[Sight]:
    found = [p for p in folder.glob("*.y*ml") if p.is_file()] if folder.is_dir() else []
    if found:
        size = sum(path.stat().st_size for path in found)
        yield _sight("playbooks.clear", playbooks=len(found), bytes=size)


def _log(path: Path | None) -> Iterator[Sight]:
    if path is None:
        yield _sight("log.standard-error")
        return
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
    stamps = [found[0] for line in lines if (found := _STAMP.search(line))]
    events = {found[1] for line in lines if (found := _EVENT.search(line))}
    if not lines:
        yield _sight("log.empty")
        return
    first, last = (stamps[0], stamps[-1]) if stamps else ("-", "-")
    yield _sight("log.file", lines=len(lines), first=first, last=last, events=len(events))


# --- the Signal service's folder ------------------------------------------------------------------


def _signal(folder: Path | None) -> Iterator[Sight]:
    if folder is None:
        yield _sight("signal.not-named")
        return
    files = [p for p in folder.rglob("*") if p.is_file()] if folder.is_dir() else []
    if not files:
        yield _sight("signal.absent")
        return
    size = sum(path.stat().st_size for path in files)
    accounts = sum(_accounts(path) for path in files if path.name == "accounts.json")
    yield _sight("signal.account", accounts=accounts, files=len(files), bytes=size)
    tables: Counter[str] = Counter()
    for path in files:
        tables.update(_tables(path))
    recipients = tables["recipient"] + tables["group_v2"] + tables["group_v1"]
    yield _sight("signal.contacts", recipients=recipients, sessions=tables["session"])
    # By the names that signal-cli gives them (MessageSendLogStore): kept for a day, to send again.
    sent, times = tables["message_send_log_content"], tables["message_send_log"]
    yield _sight("signal.sent", sent=sent, times=times)
    kept = [p for p in files if "attachments" in p.relative_to(folder).parts[:-1]]
    size = sum(path.stat().st_size for path in kept)
    yield _sight("signal.attachments", attachments=len(kept), bytes=size)


def _accounts(path: Path) -> int:
    try:
        found = json.loads(path.read_bytes())
        return sum(bool(one.get("number")) for one in found["accounts"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return 0


def _tables(path: Path) -> dict[str, int]:
    """How many rows each table of a database of the service's has; nothing for other files."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            return {}
    try:
        with closing(_opened(path)) as db:
            names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
            # A table's name cannot be a parameter; it is quoted instead.
            counts = {n: db.execute(f"SELECT count(*) FROM {quoted[n]}") for n in names}  # noqa: S608
            return {name: int(found.fetchone()[0]) for name, found in counts.items()}
    except sqlite3.Error:
        return {}


# --- with the key ---------------------------------------------------------------------------------


def _with_key(db: sqlite3.Connection, keys: Keyring) -> Iterator[Sight]:
    for (wrapped,) in db.execute("SELECT wrapped FROM wrapped_key WHERE name = ?", (NETWORK_KEY,)):
        keys.learn(NETWORK_KEY, wrapped)
    records, unreadable = _unsealed(db, keys)

    def all_of(kind: type[Any]) -> list[Any]:
        return records.get(KINDS[kind], [])

    people: list[Person] = all_of(Person)
    yield _sight(
        "opened.people",
        people=len(people),
        call_signs=sum(bool(p.call_sign) for p in people),
        addresses=sum(len(p.addresses) for p in people),
        contacts=sum(bool(p.emergency_contact) for p in people),
        vouches=sum(len(p.vouches) for p in people),
    )
    yield _sight("opened.rosters", shifts=len(all_of(Shift)) + len(all_of(Override)))
    yield _sight("opened.drills", drills=len(all_of(Drill)), checks=len(all_of(Reach)))
    incidents: list[Incident] = all_of(Incident)
    reports: list[Report] = all_of(Report)
    yield _sight(
        "opened.incidents",
        worded=sum(any(w.text for w in i.words) for i in incidents),
        placed=sum(bool(i.place or i.pin or any(w.place for w in i.words)) for i in incidents),
        reports=len(reports),
        stories=len(all_of(StoryLine)),
        oldest=_oldest([i.opened_at for i in incidents] + [r.at for r in reports]),
    )
    yield _sight("opened.media", pieces=len(all_of(Piece)))
    yield _sight(
        "opened.conversations",
        drafts=sum(s.draft is not None for s in all_of(Session)),
        waiting=_readable_messages(db, keys),
        codes=len(all_of(JoinCode)),
    )
    settings: list[Setting] = all_of(Setting)
    yield _sight(
        "opened.set-aside",
        failed=sum(s.name.startswith(ASIDE) for s in settings),
        halves=sum(s.name.startswith(HALF) for s in settings),
        early=sum(s.name.startswith(EARLY) for s in settings),
    )
    if any(s.name == PAGER_KEYS for s in settings):
        yield _sight("opened.pager", phones=len(all_of(Device)))
    lines: list[AuditLine] = [one.line for one in audit.lines(db, keys)]
    yield _sight("opened.audit", lines=len(lines), oldest=_oldest([line.at for line in lines]))
    tallies = len(all_of(Tally))
    still = sum(i.state is State.CLOSED for i in incidents)
    yield _sight("opened.gone", tallies=tallies, gone=max(tallies - still, 0))
    yield _sight("opened.unreadable", rows=unreadable)


def _unsealed(db: sqlite3.Connection, keys: Keyring) -> tuple[dict[str, list[Any]], int]:
    """Every record by its kind, and how many rows the key does not open."""
    kinds = {name: kind for kind, name in KINDS.items()}
    found: dict[str, list[Any]] = {}
    unreadable = 0
    for kind, id, key_name, sealed, wrapped in db.execute(
        "SELECT d.kind, d.id, d.key_name, d.sealed, k.wrapped"
        " FROM drawer d JOIN wrapped_key k ON k.name = d.key_name"
    ):
        try:
            record = decode(_open(keys, kind, id, key_name, sealed, wrapped), kinds[kind])
        except (SealingError, ValueError, KeyError):
            unreadable += 1
            continue
        found.setdefault(kind, []).append(record)
    return found, unreadable


def _readable_messages(db: sqlite3.Connection, keys: Keyring) -> int:
    """How many messages wait whose words the key opens."""
    readable = 0
    for id, key_name, sealed, wrapped in db.execute(
        "SELECT o.id, o.key_name, o.sealed, k.wrapped"
        " FROM outbox o JOIN wrapped_key k ON k.name = o.key_name WHERE o.sealed IS NOT NULL"
    ):
        with suppress(SealingError):
            _open(keys, "outbox", id, key_name, sealed, wrapped)
            readable += 1
    return readable


def _open(keys: Keyring, kind: str, id: str, key_name: str, sealed: bytes, wrapped: bytes) -> bytes:
    if not keys.knows(key_name):
        keys.learn(key_name, wrapped)
    return keys.open(kind, id, key_name, sealed)


# --- figures --------------------------------------------------------------------------------------


def _when(ms: int | None) -> str:
    if ms is None:
        return NEVER
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _oldest(times: Iterable[datetime]) -> str:
    first = min(times, default=None)
    return "nothing" if first is None else first.strftime("%Y-%m-%d %H:%M UTC")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(sorted(set(keys)))


def _reason(error: Exception) -> str:
    """What went wrong, without a path, a value or a word from any file."""
    if isinstance(error, SealingError):
        return str(error)
    return getattr(error, "strerror", None) or type(error).__name__
