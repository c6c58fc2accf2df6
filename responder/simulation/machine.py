"""What the rooms of one history may ask of the process that they run in.

What it must not know
    Who plays that process.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Protocol

from responder.core.changes import Changes
from responder.core.messages import Message
from responder.core.world import World
from responder.simulation.disk import Disk

Decide = Callable[[World, datetime, bytes], Changes]
"""What a step makes of the world, at an instant, with that much chance."""


class Machine(Protocol):
    """A process on virtual time: it decides, commits, dies and begins anew."""

    @property
    def world(self) -> World:
        """Memory as it is now."""

    @property
    def disk(self) -> Disk:
        """What was committed."""

    @property
    def full(self) -> bool:
        """Whether the disk takes nothing now."""

    @property
    def wall(self) -> datetime:
        """What the machine's clock shows."""

    @property
    def now(self) -> datetime:
        """The true time."""

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Something in the world happens so many seconds from now."""

    def soon(self, seconds: float, act: Callable[[], None]) -> None:
        """Do this later, as long as the process lives."""

    def dice_of(self, person: str) -> Random:
        """The chance of that person's platforms."""

    def may_die(self, where: str) -> bool:
        """Whether the process dies here; True when it is dead."""

    def go_down(self, seconds: float) -> None:
        """The process ends, and is started again that much later."""

    def step(self, what: str, kind: str, decide: Decide, *, failed: Message | None = None) -> bool:
        """One transaction, checked and carried out; False where it was not committed."""

    def tell(self, what: str) -> None:
        """One line of the story."""
