"""What the dispatcher does for its own house: a sign of life, the broom, word after a silence.

Rules it keeps
    * The sign of life is on disk every half minute; where it is too old, or the clock was set,
      those who are out there are told before any deadline is looked at.
    * An end as it was told leaves a sign of its own: so the next start knows whether anything that
      had come in can have been lost.
    * Once an hour what is past its time is deleted, in short strokes between which whatever came in
      is worked off, and what is due. The file is written anew where something was
      deleted since: at a quiet moment, since nothing else is committed meanwhile, and at the latest
      some hours later, quiet or not. Keys that are destroyed are gone at once; this is for what
      pages keep of rows that moved.

What it must not know
    What comes in, how an incident goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

import structlog

from responder.core import network, sweeping
from responder.core.changes import Changes, Setting
from responder.core.desk import Desk
from responder.core.model import IncidentId, State
from responder.core.sweeping import Stroke
from responder.core.world import World
from responder.dispatching.writing import Job, Writer
from responder.storage.audit import KEPT as AUDIT_KEPT
from responder.storage.store import Store

_log = structlog.get_logger()

ALIVE_EVERY: Final = timedelta(seconds=30)
SILENT_AFTER: Final = timedelta(minutes=3)
"""After so long a silence of the machine, those who are out there are told first."""
SWEEP_EVERY: Final = timedelta(hours=1)
SWEEP_AFTER_START: Final = timedelta(seconds=10)
"""What waited for the start leaves first."""
ANEW_AT_LATEST: Final = timedelta(hours=6)
"""So long the file waits for a quiet moment to be written anew."""
SETTLED_KEPT: Final = timedelta(days=2)
_ALIVE: Final = "alive-at"
_CLOSED: Final = "closed-at"
"""The same time as `_ALIVE` where the process ended as it was told to."""

LookAt = Callable[[IncidentId, Job, datetime], None]
"""Sees to it that an incident which cannot be worked off is tried again."""


class Absence(NamedTuple):
    """Since when nobody of ours was there before this start; `clean`: by a proper end."""

    since: datetime
    clean: bool


class Housekeeping:
    """One network's. `idle` tells whether nothing waits to be sent; `by_hand`: the clock is set
    forward by somebody who looks on, so that a leap of it while the process runs is no silence."""

    def __init__(
        self,
        writer: Writer,
        store: Store,
        *,
        strokes: Callable[[World], Iterable[Stroke]],
        counts: Counter[str],
        look_at: LookAt,
        by_hand: bool,
    ) -> None:
        self.idle: Callable[[], bool] = lambda: True
        self.absence: Absence | None = None
        """The time before this start; None where it is the first, or nobody is served."""
        self._writer, self._store = writer, store
        self._strokes, self._look_at = strokes, look_at
        self._counts = counts
        self._by_hand = by_hand
        self._alive_at: datetime | None = None
        self._closed = False
        self.swept_at: datetime | None = None
        """When the last sweep was over; None where there was none since the start."""
        self._sweep_of: datetime | None = None
        self._left: Iterator[Stroke] | None = None
        self._anew_since: datetime | None = None

    # --- silence --------------------------------------------------------------------------------

    async def begin(self, now: datetime) -> None:
        """Tell of a silence since the last sign of life on disk."""
        settings = self._writer.world.settings
        alive = settings.get(_ALIVE)
        if alive:
            since = datetime.fromisoformat(alive)
            self.absence = Absence(since, clean=settings.get(_CLOSED) == alive)
            await self._after_silence(since, now)

    async def look_round(self, now: datetime) -> None:
        """Tell of a silence since the last sign of life of this process."""
        if self._alive_at is not None and not self._by_hand:
            await self._after_silence(self._alive_at, now)

    async def _after_silence(self, since: datetime, now: datetime) -> None:
        """Where the machine was away since then, tell those out there and those who wait.

        Away is a process that was down, a machine that slept, and a clock that was set: forward
        or back, nobody knows how long people heard nothing.
        """
        if abs(now - since) < SILENT_AFTER:
            return
        incidents = self._writer.world.incidents.values()
        waiting = [i.id for i in incidents if i.state in _SILENCE_MATTERS]
        for incident in waiting:
            job = await self._writer.do(partial(_returned, incident, min(since, now)))
            self._look_at(incident, job, now)
        self._alive_at = None
        if waiting:
            _log.warning("back_after_silence", count=len(waiting))

    # --- the broom ------------------------------------------------------------------------------

    async def keep(self, now: datetime) -> None:
        """The sign that we are alive, once an hour the broom, and the file anew when it is due.

        Raises `StoreError` where the disk does not take it.
        """
        due = self._alive_at is None or abs(now - self._alive_at) >= ALIVE_EVERY
        if due and not self._closed:
            self._alive_at = now
            await self._sign(now, _ALIVE)
        if self._sweep_of is None:
            self._sweep_of = now - SWEEP_EVERY + SWEEP_AFTER_START
        if self._left is None and abs(now - self._sweep_of) >= SWEEP_EVERY:
            self._sweep_of = now
            self._left = iter(self._strokes(self._writer.world))
        if self._left is not None:
            await self._sweep(self._left, now)
        if self._anew_since is not None and self._may_write_anew(now, self._anew_since):
            await self._store.write_anew()
            self._anew_since = None

    async def close(self, now: datetime) -> None:
        """Nothing comes in from now on, and all that did is on disk. Raises `StoreError`."""
        self._closed = True
        await self._sign(now, _ALIVE, _CLOSED)

    async def _sign(self, now: datetime, *names: str) -> None:
        signs = Changes()
        for name in names:
            signs.put(Setting(name=name, value=now.isoformat()))
        await self._store.commit(signs)

    @property
    def sweeping(self) -> bool:
        """Whether a sweep is under way: then `keep` wants to be called again at once."""
        return self._left is not None

    async def _sweep(self, left: Iterator[Stroke], now: datetime) -> None:
        """One stroke: what came in and what is due must not wait for the whole house."""
        stroke = next(left, None)
        if stroke is not None:
            await asyncio.sleep(0)  # one that changes nothing commits nothing, and would not yield
            job = await self._writer.do(partial(_taken, stroke))
            if (error := job.done.exception()) is not None:
                # What is due to be destroyed on disk is destroyed all the same.
                self._counts["housekeeping_failed"] += 1
                _log.error("sweep_failed", error=type(error).__name__)
            return
        shown = sweeping.still_shown(self._writer.world)
        before, audit_before = now - SETTLED_KEPT, now - AUDIT_KEPT
        try:
            await self._store.prune(before, audit_before=audit_before, shown=shown, anew=False)
        finally:
            self._left = None  # on a full disk the next sweep comes in an hour, not at once
        self.swept_at = now
        if self._store.holds_leftovers and self._anew_since is None:
            self._anew_since = now

    def _may_write_anew(self, now: datetime, since: datetime) -> bool:
        """Whether nobody would wait for it now, or it has waited for long enough."""
        if abs(now - since) >= ANEW_AT_LATEST:
            return True
        if self._writer.has_jobs or not self.idle():
            return False
        states = {incident.state for incident in self._writer.world.incidents.values()}
        return states.isdisjoint(_SILENCE_MATTERS)


_SILENCE_MATTERS: Final = frozenset(
    {State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING}
)


def _taken(stroke: Stroke, world: World, at: datetime, nonce: bytes) -> Changes:
    desk = Desk(world, at, nonce)
    stroke(desk)
    return desk.changes


def _returned(
    incident: IncidentId, since: datetime, world: World, at: datetime, nonce: bytes
) -> Changes:
    return network.returned(world, incident, since, at, nonce)
