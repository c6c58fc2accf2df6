"""The single writer's queue: what was handed in becomes transactions, one after the other.

What it is for
    A `Job` is one input. The writer takes them in order, lets each be decided on the world in
    memory, and commits what a moment's thought has decided as one transaction.

Rules it keeps
    * Memory never runs ahead of the disk: if a commit fails, memory is read anew from it; where
      that fails too, nothing is decided any more, and nobody waits for an answer that cannot come.
    * A group that fails is tried again one by one: each input fails by itself alone. Where the
      disk is at fault, all of it fails, and whoever handed it in tries again.
    * Of each inbound message one job is worked off; a second one is told `AlreadyTaken`.

What it must not know
    What is due, what the inputs mean, who hands them in.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import structlog

from responder.core.changes import Changes
from responder.core.world import World
from responder.errors import ResponderError
from responder.storage.store import (
    AlreadyAssigned,
    AlreadyTaken,
    Store,
    StoreDamaged,
    StoreError,
    StoreRefused,
)

_log = structlog.get_logger()

Work: TypeAlias = Callable[[World, datetime, bytes], Changes]

GROUP_MAX: Final = 64
"""Inputs that are worked off in one transaction at most."""
THOUGHT_S: Final = 0.01
"""After so long what was decided is committed, and the rest of the group comes next. It counts
the processor's time: on a busy machine each decision takes longer, and more commits would not help.
"""
LONGEST_THOUGHT_S: Final = 0.04
"""In a burst half of what waits is decided at once, for so long at most: a commit of many costs
each of them less, and whoever comes last waits for all commits before."""
INTAKE_AT_MOST: Final = timedelta(milliseconds=50)
"""After so long a flood of what comes in gives way to what is due; it goes on right after."""
REMEMBERED: Final = 20_000
"""Keys of messages that were taken in: more than can wait between being looked up and decided."""


def fresh_nonce() -> bytes:
    """32 bytes that nobody can guess."""
    return os.urandom(32)


class MemoryLost(ResponderError):
    """What is in memory may be wrong, and could not be read anew."""


class Job:
    """One input, and whoever waits for what becomes of it. `key`: the message that it takes in."""

    def __init__(self, work: Work, key: tuple[str, str] | None = None) -> None:
        self.work = work
        self.key = key
        self.done: asyncio.Future[Changes] = asyncio.get_running_loop().create_future()

    def settle(self, outcome: Changes | BaseException) -> None:
        """Tell whoever waits what became of it."""
        if self.done.done():
            return
        if isinstance(outcome, BaseException):
            self.done.set_exception(outcome)
            # Whoever waited may be gone; nobody is told twice.
            self.done.exception()
        else:
            self.done.set_result(outcome)


class Writer:
    """The world in memory, and the one way to change it. `rebuild` reads it anew from the store."""

    def __init__(
        self,
        store: Store,
        world: World,
        *,
        clock: Callable[[], datetime],
        rebuild: Callable[[], Awaitable[World]],
        nonce: Callable[[], bytes] = fresh_nonce,
    ) -> None:
        self.world = world
        self.lost = False
        """Whether memory may be wrong: then nothing may be decided, and nothing may leave."""
        self.stopping = False
        self.on_commit: Callable[[Changes], None] = lambda _: None
        self.timed: Callable[[float], None] = lambda _: None
        self._store = store
        self._clock = clock
        self._rebuild = rebuild
        self._nonce = nonce
        self._jobs: deque[Job] = deque()
        self._taken_in: dict[tuple[str, str], None] = {}
        self._under_way: list[Job] = []
        self._wake = asyncio.Event()

    @property
    def has_jobs(self) -> bool:
        """Whether something waits to be worked off."""
        return bool(self._jobs)

    def submit(self, work: Work, key: tuple[str, str] | None = None) -> Job:
        """Put this behind what waits; refused once it is stopping."""
        job = Job(work, key)
        if self.stopping:
            job.settle(ConnectionAbortedError("The network is closing."))
        else:
            self._jobs.append(job)
            self._wake.set()
        return job

    async def do(self, work: Work) -> Job:
        """Work this off now, before what waits; only where nothing else is being worked off."""
        job = Job(work)
        await self._commit((job,))
        return job

    def stop(self) -> None:
        """Take nothing more in."""
        self.stopping = True
        self._wake.set()

    def hang_up(self, error: Exception) -> None:
        """Whatever ended the work: nobody waits for ever."""
        self.stopping = True
        for job in (*self._under_way, *self._jobs):
            job.settle(error)
        self._jobs.clear()

    async def sleep(self, pause_s: float) -> None:
        """Wait until something is handed in, or for so long."""
        self._wake.clear()
        try:
            async with asyncio.timeout(pause_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def work_off(self) -> None:
        """What lies there, in groups; in a flood of it, deadlines are looked at meanwhile."""
        began = self._clock()
        while self._jobs and abs(self._clock() - began) < INTAKE_AT_MOST:
            self._under_way = self._next_group()
            await self._commit(self._under_way)

    def _next_group(self) -> list[Job]:
        """What is worked off next: of each inbound message one, and none that was taken in.

        What was on disk when it was handed in, `receive` has passed over; since then only this
        dispatcher has taken anything in.
        """
        group: list[Job] = []
        keys: set[tuple[str, str]] = set()
        while self._jobs and len(group) < GROUP_MAX and self._jobs[0].key not in keys:
            job = self._jobs.popleft()
            if job.key in self._taken_in:
                job.settle(AlreadyTaken("This message was taken in before."))
                continue
            if job.key is not None:
                keys.add(job.key)
            group.append(job)
        return group

    def _decide(self, group: Sequence[Job]) -> tuple[Sequence[Job], list[Changes]]:
        """What becomes of as many of these as a moment allows; the others go back in line.

        The first page of a burst must not wait until all of it was thought about.
        """
        at, began = self._clock(), time.thread_time()
        waited = len(group) + len(self._jobs)
        decided: list[Changes] = []
        for job in group:
            decided.append(job.work(self.world, at, self._nonce()))
            enough_s = LONGEST_THOUGHT_S if 2 * len(decided) < waited else THOUGHT_S
            if time.thread_time() - began > enough_s:
                break
        now, later = group[: len(decided)], group[len(decided) :]
        if later:
            self._jobs.extendleft(reversed(later))
            self._under_way = list(now)
        return now, decided

    async def _commit(self, group: Sequence[Job]) -> None:
        before = self.world.touched
        try:
            group, batch = self._decide(group)
            began = time.perf_counter()
            await self._store.commit_all(batch)
            self.timed(time.perf_counter() - began)
        except Exception as error:
            if self.world.touched != before:
                await self._read_anew()
            if len(group) == 1 or passes(error):
                for job in group:
                    job.settle(error)
                return
            for job in group:
                await self._commit((job,))
            return
        for job, changes in zip(group, batch, strict=True):
            if job.key is not None:
                self._remember(job.key)
            self.on_commit(changes)
            job.settle(changes)

    def _remember(self, key: tuple[str, str]) -> None:
        self._taken_in[key] = None
        if len(self._taken_in) > REMEMBERED:
            del self._taken_in[next(iter(self._taken_in))]

    async def _read_anew(self) -> None:
        """Memory as it is on disk. Raises `MemoryLost`: then nothing may be decided any more."""
        try:
            self.world = await self._rebuild()
        except Exception as error:
            self.lost = True
            _log.error("memory_lost", error=type(error).__name__)
            raise MemoryLost(
                "The network's memory could not be read anew from the data folder, so it ends "
                "here. What was taken in is safe. Look at the disk, then start it again."
            ) from error


def passes(error: Exception) -> bool:
    """Whether the disk or the moment is at fault, so that the same input may go well later."""
    of_the_input = (AlreadyTaken, AlreadyAssigned, StoreRefused, StoreDamaged)
    of_the_moment = (StoreError, MemoryLost, ConnectionAbortedError)
    return isinstance(error, of_the_moment) and not isinstance(error, of_the_input)
