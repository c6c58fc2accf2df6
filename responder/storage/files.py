"""The data folder: open to one account alone, and to one writing process at a time.

Rules it keeps
    * What others on the machine can open is refused, not mended: somebody may have read it.
    * The kernel lets go of the lock when the process ends, however it ends.

What it must not know
    What lies in the files.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from responder.storage.rows import StoreError


class DataLocked(StoreError):
    """Another process writes to this data folder."""


def private_folder(folder: Path) -> Path:
    """The folder, made with mode 0700 where it is missing; refused where others can enter it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The data folder {folder} cannot be made: {error.strerror}.") from None
    _refuse_open(folder, "700")
    return folder


def _refuse_open(path: Path, mode: str) -> None:
    if path.stat().st_mode & 0o077:
        raise StoreError(
            f"Other accounts on this machine can open {path}. Run: chmod {mode} {path}"
        )


def open_private(path: Path) -> int:
    """An open handle to the file, made with mode 0600 where it is missing."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror}. "
            "It must belong to the account that runs the network."
        ) from None
    try:
        _refuse_open(path, "600")
    except StoreError:
        os.close(handle)
        raise
    return handle


class DataLock:
    """The right to write to a data folder, for one process at a time.

    The kernel lets go of it when the process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock; `DataLocked` where another process has it."""
        if self._handle is not None:
            return
        handle = open_private(private_folder(self._folder) / "lock")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise DataLocked(
                f"The network is already running on {self._folder}. "
                "Stop it first, or speak to the running one."
            ) from None
        self._handle = handle

    def release(self) -> None:
        """Let go; harmless where the lock is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> DataLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
