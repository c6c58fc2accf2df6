"""A sign of life to somebody outside: an address that is called while all is well.

What it is for
    Whoever watches from elsewhere raises an alarm when the calls stay out: a machine that is off
    cannot say so itself.

Rules it keeps
    * Called only while the auditor is content; never with a word about anybody.
    * No cookie, no redirect, no name of a library: the call says "now" and nothing else.
    * However it fails, nobody else notices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    import aiohttp

_log = structlog.get_logger()

EVERY_S: Final = 60.0
PATIENCE_S: Final = 10.0


class Heartbeat:
    """Calls `url` every minute in which `content()` is true."""

    def __init__(
        self,
        url: str,
        content: Callable[[], bool],
        *,
        now: Callable[[], datetime],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._url, self._content = url, content
        self._now, self._wait = now, wait
        self._patience_s = patience_s
        self._failed = False
        self.last: datetime | None = None
        """When it was last heard."""

    async def run(self) -> None:
        """Beat until cancelled."""
        import aiohttp  # a fifth of a second, which the first page need not wait for

        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._patience_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent",),
        ) as session:
            while True:
                if self._content():
                    await self._beat(session)
                await self._wait(EVERY_S)

    async def _beat(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.get(self._url, allow_redirects=False) as answer:
                heard = answer.status < 300
                fault = f"status {answer.status}"
        except Exception as error:
            heard, fault = False, type(error).__name__
        if heard:
            self.last = self._now()
        elif not self._failed:
            _log.warning("heartbeat_unheard", reason=fault)
        self._failed = not heard
