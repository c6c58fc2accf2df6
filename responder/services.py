"""What runs beside the machine: the pager's page, the watch, playbooks that change, the lock.

Rules it keeps
    * Nothing of it ends the process: `watching.Parts` begins anew what failed.
    * An address that cannot be listened on is told with the key that names it.

What it must not know
    How a network is opened, and what any of its decisions means.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from responder.config import WatchSettings
from responder.core.changes import Changes
from responder.dispatching.dispatcher import Dispatcher
from responder.errors import ResponderError
from responder.outbox import Outbox
from responder.playbook_files import shelf
from responder.sealed.phones import Phones
from responder.watching import Ledger, Parts, Watch
from responder.watching.heartbeat import Heartbeat
from responder.watching.systemd import Systemd

if TYPE_CHECKING:
    from aiohttp import web

    from responder.sealed.hatch import Hatch

_log = structlog.get_logger()

LOOK_AT_PLAYBOOKS_S: Final = 5.0
LOOK_AT_ROSTERS_S: Final = 60.0

Stop = Callable[[], Awaitable[None]]


class CannotListen(ResponderError):
    """An address of the config cannot be listened on."""


# --- tasks ----------------------------------------------------------------------------------------


@asynccontextmanager
async def running(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """These run as tasks as long as the context lasts."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# --- sites ----------------------------------------------------------------------------------------


async def _served(site: web.Application, listen: str, key: str) -> Stop:
    from responder.watching.site import serve

    try:
        return await serve(site, listen)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise CannotListen(
            f"{key}: nothing can listen on {listen}: {reason}. Is another program there, or this "
            "network already running? Name another port in the config."
        ) from None


async def serve_pager(
    phones: Phones | None, listen: str | None, hatch: Hatch | None = None
) -> Stop:
    """Serve the pager's page at this address, where both are there; returns what stops it.

    With a `hatch` phones fetch pictures and voice there.

    No access log: who opened the pager when is nobody's business.
    """
    if phones is None or listen is None:
        return _nothing
    from aiohttp import web

    from responder.sealed.pager_files import handler

    site = web.Application()
    if hatch is not None:
        site.router.add_get(hatch.path, hatch.serve)
    site.router.add_get("/{path:.*}", handler(phones.facts))
    return await _served(site, listen, "pager.listen")


async def _nothing() -> None:
    """What stops a page that is not served."""


# --- the watch ------------------------------------------------------------------------------------


@asynccontextmanager
async def watched(
    settings: WatchSettings,
    dispatcher: Dispatcher,
    outbox: Outbox,
    ledger: Ledger,
    watch: Watch,
    parts: Parts,
    on_commit: list[Callable[[Changes], None]],
    *,
    now: Callable[[], datetime],
    systemd: Systemd,
) -> AsyncIterator[None]:
    """The auditor, and whoever passes on what it finds, as long as the context lasts."""
    async with AsyncExitStack() as closing:
        works = [
            parts.kept("audit", watch.run),
            parts.kept("systemd", lambda: systemd.run(watch)),
        ]
        heart: Heartbeat | None = None
        if settings.heartbeat_url is not None:
            heart = Heartbeat(settings.heartbeat_url, lambda: watch.content, now=now)
            works.append(parts.kept("heartbeat", heart.run))
        await closing.enter_async_context(running(*works))
        if settings.listen is not None:
            from responder.watching.metrics import Metrics
            from responder.watching.site import application

            metrics = Metrics(
                dispatcher, outbox, watch, now=now, heartbeat=lambda: heart.last if heart else None
            )
            site = application(watch, metrics)
            closing.push_async_callback(await _served(site, settings.listen, "watch.listen"))
            on_commit.append(metrics.committed)
            ledger.told.append(metrics.settled)
            dispatcher.writer.timed = metrics.timed
        yield


# --- playbooks ------------------------------------------------------------------------------------


class ShelfWatch:
    """Takes changed playbooks in within seconds; tells coordinators of a fault, once."""

    def __init__(
        self, folder: Path, dispatcher: Dispatcher, take_in: Callable[[], Awaitable[Sequence[str]]]
    ) -> None:
        self._folder = folder
        self._dispatcher = dispatcher
        self._take_in = take_in
        self._told: frozenset[str] = frozenset()
        self._seen: tuple[tuple[str, int, int], ...] | None = None

    async def look(self) -> None:
        """Take in what changed since the last look that went well; all of it with the first."""
        now_there = await asyncio.to_thread(shelf.stamps, self._folder)
        if now_there == self._seen:
            return
        faults = frozenset(await self._take_in())
        if faults - self._told:
            _log.warning("playbook_faults", count=len(faults))
            words = "\n".join(sorted(faults))
            await self._dispatcher.do(
                lambda desk: desk.tell_coordinators("playbook_fault", fault=words)
            )
        self._told, self._seen = faults, now_there
