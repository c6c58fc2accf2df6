"""Virtual time: what happens next, and what the machine's own clock says meanwhile.

Rules it keeps
    * `now` only goes forward. `wall` is what the machine believes; setting it moves `skew` alone.
    * Two things at one instant happen in the order in which they were planned.

What it must not know
    What any of it means.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from responder.simulation.cast import START

Act = Callable[[], None]
_NOTHING: Final = timedelta(0)


class Clock:
    """The time of one history, and the queue of what is planned in it."""

    def __init__(self) -> None:
        self.now = START
        self.skew = _NOTHING
        self._queue: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    @property
    def wall(self) -> datetime:
        """What the machine's clock shows."""
        return self.now + self.skew

    def later(self, seconds: float, act: Act) -> None:
        """Do this so many seconds from now."""
        when = self.now + timedelta(seconds=seconds)
        heapq.heappush(self._queue, (when, next(self._numbers), act))

    def next(self) -> datetime | None:
        """When the next planned thing happens."""
        return self._queue[0][0] if self._queue else None

    def do_next(self) -> None:
        """Jump there, and let it happen."""
        when, _, act = heapq.heappop(self._queue)
        self.now = max(self.now, when)
        act()

    def jump_to_wall(self, wall: datetime) -> None:
        """Jump to where the machine's clock shows this; stay where it shows more already."""
        self.now = max(self.now, wall - self.skew)

    def set_wall(self, seconds: float) -> None:
        """Somebody sets the machine's clock forward, or back."""
        self.skew += timedelta(seconds=seconds)
