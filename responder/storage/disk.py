"""What must be on the disk for sure: folders synced, and zeros where a file gave up its place.

What it is for
    A file system forgets where a file lay, not what stood there: what is deleted or cut short can
    be read from the bare disk, keys among it that were destroyed since, and all that they open.
    So zeros are the last thing that stands in such a place.

Rules it keeps
    * The zeros are on the disk before the place is given up.
    * A power cut at any moment leaves files that the database opens, in whatever order the disk
      takes what it was given.

What it must not know
    What lies in files and folders. A solid-state disk, and a file system that never writes in
    place, may keep an older copy all the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

SECTOR: Final = 512
"""Bytes that every disk writes whole or not at all."""
_ZEROS: Final = bytes(1 << 20)


def sync_folder(folder: Path) -> None:
    """Bring what was made, renamed or deleted in the folder to the disk for sure."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def wipe(handle: int, start: int = 0, end: int | None = None) -> None:
    """Overwrite these bytes of an open file, else all of it, and see the zeros to the disk."""
    end = os.fstat(handle).st_size if end is None else end
    at = start
    while at < end:
        at += os.pwrite(handle, _ZEROS[: end - at], at)
    if start < end:
        os.fsync(handle)


def wipe_log(path: Path) -> None:
    """Overwrite a write-ahead log of which the database needs nothing more; none is fine.

    Its head goes first, and for sure. What follows a whole head would count after a power cut:
    older pages, up to the first zeros, in the place of newer ones.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        size = os.fstat(handle).st_size
        wipe(handle, 0, min(SECTOR, size))
        wipe(handle, SECTOR, size)
    finally:
        os.close(handle)


def discard(path: Path) -> None:
    """Overwrite a file and delete it; none is fine."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        wipe(handle)
    finally:
        os.close(handle)
    path.unlink()
