"""What must be on the disk for sure before the program goes on.

What it must not know
    What lies in files and folders.
"""

from __future__ import annotations

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring what was made, renamed or deleted in the folder to the disk for sure."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
