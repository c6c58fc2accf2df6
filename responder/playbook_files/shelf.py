"""Playbooks from their files: a folder of them, with the parts that they share beside it.

What it is for
    `folder(path)` and `files(paths)` read what coordinators write; the network, its command line
    and its checks all see the same playbooks and the same faults.

Rules it keeps
    * A file that cannot be read or used is a fault with its place, and never hides another file.
    * Parts in `shared/` beside a playbook are its own; a fault there is told once.
    * No file is read beyond a greatest size.

What it must not know
    Which playbooks are in force, and what stands in any of them.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from responder.core.playbook import (
    Fault,
    Playbook,
    PlaybookFaults,
    Shared,
    decoded,
    load,
    read_shared,
    warnings,
)

SHARED: Final = "shared"
"""The folder of shared parts, inside a folder of playbooks."""
_LARGEST: Final = 1 << 20


@dataclass(frozen=True)
class Source:
    """What stands in a playbook's file, and the account whose file it is."""

    text: str
    account: str


@dataclass(frozen=True)
class Stock:
    """The sound playbooks by id; every fault of the others, whose ids are `faulty`.

    `warnings` are what is likely to go wrong with the sound ones, where they were asked for.
    """

    found: dict[str, Playbook]
    faults: tuple[Fault, ...]
    faulty: frozenset[str]
    warnings: tuple[Fault, ...] = ()
    sources: dict[str, Source] = field(default_factory=dict)
    """Where each sound playbook came from, by its id."""


def folder(path: Path) -> Stock:
    """The playbooks of a folder; one without any is no fault."""
    here = _inside(path)
    return files([path]) if here else Stock({}, (), frozenset())


def parts(path: Path) -> Shared:
    """The parts that the playbooks of a folder share; those of a faulty file are left out."""
    return _shared(path, [])


def lend(path: Path, to: Path) -> list[Path]:
    """Copy the files of shared parts to another folder; what stands there already stays."""
    lent = []
    for file in _inside(path / SHARED):
        copy = to / SHARED / file.name
        if not copy.exists():
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(file.read_bytes())
            lent.append(copy)
    return lent


def stamps(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a playbook of the folder does, or a part that they share."""
    found = []
    for file in (*_inside(path), *_inside(path / SHARED)):
        with contextlib.suppress(OSError):
            stat = file.stat()
            found.append((str(file), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def files(paths: Iterable[Path], *, warn: bool = False) -> Stock:
    """The playbooks in files and folders. Of two files with one name the later counts.

    With `warn` sound ones are looked at for what is likely to go wrong.
    """
    found: dict[str, Playbook] = {}
    faulty: set[str] = set()
    faults: list[Fault] = []
    doubts: list[Fault] = []
    shelves: dict[Path, Shared] = {}
    sources: dict[str, Source] = {}
    for path in paths:
        here = _inside(path) if path.is_dir() else [path]
        if not here:
            what = "this folder holds no playbook"
            faults.append(Fault(str(path), 1, 1, what, "put a file that ends in .yaml there"))
        for file in here:
            if file.parent not in shelves:
                shelves[file.parent] = _shared(file.parent, faults)
            try:
                text = decoded(_read(file), str(file))
                playbook = load(text, str(file), shared=shelves[file.parent])
                if warn:
                    doubts += warnings(text, str(file), shared=shelves[file.parent])
            except PlaybookFaults as error:
                faults.extend(error.faults)
                faulty.add(file.stem)
                continue
            if playbook.id in found:
                what = f"there is another playbook `{playbook.id}`"
                faults.append(Fault(str(file), 1, 1, what, "the file's name is the id: rename one"))
            found[playbook.id] = playbook
            sources[playbook.id] = Source(text, _account(file))
    told = tuple(dict.fromkeys(faults))
    return Stock(found, told, frozenset(faulty), tuple(dict.fromkeys(doubts)), sources)


# --- putting an older text back ------------------------------------------------------------------


def file_of(folder: Path, id: str) -> Path:
    """Where that playbook stands, or would stand."""
    known = (folder / f"{id}.yaml", folder / f"{id}.yml")
    return next((file for file in known if file.exists()), known[0])


def text_of(file: Path) -> str:
    """What stands in a playbook's file."""
    return file.read_bytes().decode("utf-8-sig", errors="replace")


def put_back(file: Path, text: str, newest: str) -> Path | None:
    """Make this text the file; where what stood there is not `newest`, and so kept nowhere else,
    it is set aside first, and where is returned."""
    aside = None
    if file.exists() and text_of(file) != newest:
        aside = file.with_suffix(f"{file.suffix}.before")
        aside.write_bytes(file.read_bytes())
    _replace(file, text)
    return aside


def _replace(file: Path, text: str) -> None:
    """Put the text in the file's place in one step: nobody reads half of it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as fresh:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


# --- reading --------------------------------------------------------------------------------------


def _account(file: Path) -> str:
    """The account whose file it is; its number where it has no name."""
    try:
        return file.owner()
    except KeyError:
        return str(file.stat().st_uid)
    except OSError:
        return ""


def _inside(path: Path) -> list[Path]:
    return sorted((*path.glob("*.yaml"), *path.glob("*.yml")))


def _shared(beside: Path, faults: list[Fault]) -> Shared:
    """The parts that the playbooks of a folder share; their faults are added."""
    texts: dict[str, str] = {}
    for file in _inside(beside / SHARED):
        try:
            texts[str(file)] = decoded(_read(file), str(file))
        except PlaybookFaults as error:
            faults.extend(error.faults)
    parts, wrong = read_shared(texts)
    faults.extend(wrong)
    return parts


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST)
    except OSError as error:
        what = f"this file cannot be read: {error.strerror}"
        meant = "check its name, and that the account that runs the network may read it"
        raise PlaybookFaults([Fault(str(file), 1, 1, what, meant)]) from None
