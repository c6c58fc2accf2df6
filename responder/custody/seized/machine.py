"""Around the database: the key, the folder, the config, texts, the log, commands, memory on disk.

What it must not know
    What lies in the database, and the Signal service's own files.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from responder.config import Settings
from responder.custody.seized.sights import Sight, keys, one_disk, reason, sight, when
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import SealingError

_NUMBER: Final = re.compile(r"\+[0-9][0-9 ()-]{6,18}[0-9]")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_EVENT: Final = re.compile(r'(?:"event": ?"|event=)([a-z][a-z0-9._-]*)')
_OURS: Final = re.compile(r"(?:^|[\s;|&/])responder\s+[a-z]")
_HISTORIES: Final = (".bash_history", ".zsh_history", ".local/share/fish/fish_history")
_SWAPS: Final = Path("/proc/swaps")
_BLOCKS: Final = Path("/sys/class/block")


def key(settings: Settings) -> Iterator[Sight]:
    """Where the key lies, and what it takes to use it."""
    network = settings.network
    if not network.key_file.exists():
        yield sight("key.absent")
        return
    if not one_disk(network.key_file, network.data_dir):
        yield sight("key.elsewhere")
        return
    try:
        lock = KeyFile(network.key_file).lock
    except SealingError as error:
        yield sight("key.unclear", reason=str(error))
        return
    if lock is None:
        yield sight("key.beside")
        return
    beside = network.passphrase_file
    if beside is not None and beside.exists() and one_disk(beside, network.data_dir):
        yield sight("key.passphrase-beside")
    cost = lock.cost
    yield sight("key.locked", memory_mib=cost.memory_kib // 1024, passes=cost.passes)


def folder(folder: Path) -> Iterator[Sight]:
    """The names of the files beside the database, how large they are, when they changed."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        status = path.lstat()
        changed = when(int(status.st_mtime * 1000))
        yield sight("folder.file", name=path.name, bytes=status.st_size, changed=changed)


def config(config: Path, settings: Settings) -> Iterator[Sight]:
    """What the settings file says in the clear: places, numbers, secrets."""
    try:
        raw = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield sight("config.absent", reason=reason(error))
        return
    said = list(_values(raw))
    places = [k for k, _ in said if k.startswith("neighbourhood.") or k == "network.name"]
    yield sight("config.places", keys=keys(places), places=len(settings.neighbourhood))
    numbers = [k for k, value in said if _NUMBER.search(value)]
    if numbers:
        yield sight("config.numbers", keys=keys(numbers))
    tokens = [k for k, _ in said if k.endswith((".token", ".passphrase"))]
    yield sight("config.tokens", keys=keys(tokens)) if tokens else sight("config.no-secrets")
    named = {
        "telegram.token_file": settings.telegram.token_file,
        "network.passphrase_file": settings.network.passphrase_file,
    }
    beside = [
        key for key, path in named.items() if path and path.exists() and one_disk(path, config)
    ]
    if beside:
        yield sight("config.secret-files", keys=keys(beside))


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


def playbooks(folder: Path) -> Iterator[Sight]:
    """How much the network's playbooks say."""
    found = [p for p in folder.glob("*.y*ml") if p.is_file()] if folder.is_dir() else []
    if found:
        size = sum(path.stat().st_size for path in found)
        yield sight("playbooks.clear", playbooks=len(found), bytes=size)


def log(path: Path | None) -> Iterator[Sight]:
    """From when to when the log reaches."""
    if path is None:
        yield sight("log.standard-error")
        return
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
    stamps = [found[0] for line in lines if (found := _STAMP.search(line))]
    events = {found[1] for line in lines if (found := _EVENT.search(line))}
    if not lines:
        yield sight("log.empty")
        return
    first, last = (stamps[0], stamps[-1]) if stamps else ("-", "-")
    yield sight("log.file", lines=len(lines), first=first, last=last, events=len(events))


def history(home: Path) -> Iterator[Sight]:
    """What the shells of this account remember of our own commands."""
    named = os.environ.get("HISTFILE")
    files = {home / name for name in _HISTORIES} | ({Path(named)} if named else set())
    lines = 0
    for path in files:
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        lines += sum(bool(_OURS.search(line)) for line in text.splitlines())
    yield sight("history.commands", lines=lines)


def swap() -> Iterator[Sight]:
    """Memory that the system may have put on a disk, keys among it."""
    rows = _SWAPS.read_text().splitlines()[1:] if _SWAPS.exists() else []
    sizes = [int(row.split()[2]) for row in rows if _in_plain(Path(row.split()[0]))]
    yield sight("memory.swap", areas=len(sizes), mib=sum(sizes) // 1024)


def _in_plain(area: Path) -> bool:
    """Whether an area of swap lies on a disk, and is not known to be encrypted."""
    block = _BLOCKS / area.resolve().name
    uuid = block / "dm" / "uuid"
    encrypted = uuid.exists() and uuid.read_text().startswith("CRYPT-")
    return not encrypted and not block.name.startswith("zram")
