"""A backup, and what is left of a network into which it is put back hours or weeks later.

What it is for
    After a restore the network stands where it stood: whatever it decided, heard and told since is
    unknown to it, though people remember. From there on every law holds as ever; so the laws' own
    notes are taken back with it.

Rules it keeps
    * What people have on their screens, and what their platforms keep, is not taken back.
    * Playbooks are files, and stand as they stand now.

What it must not know
    What is destroyed on the way, and what follows the start.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any, Final

from responder.simulation.disk import Disk
from responder.simulation.laws import Laws

_FILES: Final = frozenset({"playbooks"})
_COUNTS: Final = frozenset({"checked", "outcomes", "cards", "seen"})
"""What goes on counting, or is no note at all."""


class Backup:
    """One network's disk, and the laws' notes of it, at one moment."""

    def __init__(self, disk: Disk, laws: Laws, made_at: datetime) -> None:
        self.made_at = made_at
        """What the machine's clock showed."""
        messages = (row.message for row in disk.rows.values())
        never_change = (*disk.records.values(), *disk.texts.values(), *messages)
        self._same: dict[int, Any] = {id(one): one for one in never_change}
        """What needs no copy."""
        self._disk = self._copy(disk, _FILES)
        self._laws = self._copy(laws, _COUNTS)

    def _copy(self, kept: object, but: frozenset[str]) -> dict[str, Any]:
        named = {name: value for name, value in vars(kept).items() if name not in but}
        return deepcopy(named, dict(self._same))

    def put_back(self, disk: Disk, laws: Laws) -> None:
        """All of it is as it was then."""
        vars(disk).update(deepcopy(self._disk, dict(self._same)))
        disk.texts.update({p.digest: p for p in disk.playbooks.values()})
        vars(laws).update(deepcopy(self._laws, dict(self._same)))
