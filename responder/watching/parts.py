"""What runs beside the machine: it goes on whatever fails in it, and the auditor knows if it does.

Rules it keeps
    * A part that fails is begun anew, ever more rarely while it goes on failing; it ends neither
      in silence nor the process: people are served without it.
    * A part fails from its first fault until it goes well again.
    * A fault that repeats stands in the log once a minute.

What it must not know
    What any part does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from responder.core.auditing import Broken

_log = structlog.get_logger()

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
WELL_AFTER: Final = timedelta(minutes=2)
"""A part that was begun anew and has not failed for so long goes well again."""
LOGGED_EVERY: Final = timedelta(minutes=1)


class Parts:
    """The parts of one process by name, a word of the program's own. `wait` waits seconds."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now, self._wait = now, wait
        self._since: dict[str, datetime] = {}
        self._last: dict[str, datetime] = {}
        self._logged: dict[str, datetime] = {}

    def broken(self) -> tuple[Broken, ...]:
        """The parts that fail, and since when."""
        now = self._now()
        for name, last in tuple(self._last.items()):
            if abs(now - last) >= WELL_AFTER:
                self._well(name)
        return tuple(Broken(part=name, since=since) for name, since in self._since.items())

    async def again_and_again(
        self, name: str, look: Callable[[], Awaitable[None]], every_s: float
    ) -> None:
        """Look every so many seconds, for the first time after the first of them."""
        wait_s = every_s
        while True:
            await self._wait(wait_s)
            went_well = await self.once(name, look)
            wait_s = every_s if went_well else max(min(wait_s * 2, LONGEST_WAIT_S), every_s)

    async def once(self, name: str, look: Callable[[], Awaitable[None]]) -> bool:
        """Look once; whether it went well. Raises nothing but cancellation."""
        try:
            await look()
        except Exception as error:
            self._failed(name, error)
            return False
        self._well(name)
        return True

    async def kept(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run until it has ended by itself, beginning anew wherever it fails."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                return await work()
            except Exception as error:
                self._failed(name, error)
            await self._wait(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def _failed(self, name: str, error: Exception) -> None:
        now = self._now()
        self._since.setdefault(name, now)
        self._last[name] = now
        logged = self._logged.get(name)
        if logged is None or abs(now - logged) >= LOGGED_EVERY:
            self._logged[name] = now
            _log.error("part_failed", kind=name, error=type(error).__name__)

    def _well(self, name: str) -> None:
        for known in (self._since, self._last, self._logged):
            known.pop(name, None)
