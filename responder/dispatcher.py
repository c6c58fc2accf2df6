"""The dispatcher: takes in, decides, commits, and wakes for what is due. The only writer.

What it is for
    Messages, deadlines, the fate of what was sent, and the coordinators' own commands all come
    through here, one after the other; each becomes one transaction.

Rules it keeps
    * What was taken in counts once and survives: it is on disk before `receive` returns.
    * Memory never runs ahead of the disk: if a commit fails, memory is read anew from it; where
      that fails too, the process ends, and nobody waits for an answer that cannot come.
    * A batch that fails is tried again one by one; a message that fails by itself twice is put
      aside sealed, its sender and the coordinators hear of it, and the others go on. Where the
      disk is at fault, nothing is put aside: whoever handed it in tries again.
    * Deadlines are data: `step(now)` does all that is due and says when to come again.
    * After a silence, those who are out there are told of it before any deadline is looked at;
      and where nobody is served, no deadline is worked off and no sign of life is left.

What it must not know
    Platforms, TOML, how records lie on disk.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from responder.audit import KEPT as AUDIT_KEPT
from responder.core import aside, early, network, reach, sweeping
from responder.core.changes import Changes, Fate, Message, Setting, Settled
from responder.core.desk import Desk
from responder.core.model import IncidentId, MessageId, Person, PersonId, State
from responder.core.rehearsing import drills
from responder.core.talk import orders
from responder.core.world import World
from responder.errors import ResponderError
from responder.ports import Inbound
from responder.store import (
    AlreadyAssigned,
    AlreadyTaken,
    Store,
    StoreDamaged,
    StoreError,
    StoreRefused,
)

_log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[World, datetime, bytes], Changes]

GROUP_MAX: Final = 64
"""Inputs that are worked off in one transaction at most."""
LONGEST_THOUGHT_S: Final = 0.01
"""After so long what was decided is committed, and the rest of the group comes next."""
INTAKE_AT_MOST: Final = timedelta(milliseconds=50)
"""After so long a flood of what comes in gives way to what is due; it goes on right after."""
REMEMBERED: Final = 20_000
"""Keys of messages that were taken in: more than can wait between being looked up and decided."""
LONGEST_SLEEP_S: Final = 20.0
"""Wall clocks jump: nobody sleeps through a deadline for longer than this."""
ALIVE_EVERY: Final = timedelta(seconds=30)
SILENT_AFTER: Final = timedelta(minutes=3)
"""After so long a silence of the machine, those who are out there are told first."""
SWEEP_EVERY: Final = timedelta(hours=1)
SWEEP_AFTER_START: Final = timedelta(seconds=10)
"""To sweep is to write the whole file anew: what waited for the start leaves first."""
STUCK_FOR: Final = timedelta(minutes=1)
STUCK_TOLD_EVERY: Final = timedelta(hours=1)
"""How often coordinators hear that an incident cannot be worked off."""
_ALIVE: Final = "alive-at"


def _nonce() -> bytes:
    return os.urandom(32)


class MemoryLost(ResponderError):
    """What is in memory may be wrong, and could not be read anew."""


class _Job:
    """One input, and whoever waits for what becomes of it. `key`: the message that it takes in."""

    def __init__(self, work: Work, key: tuple[str, str] | None = None) -> None:
        self.work = work
        self.key = key
        self.done: asyncio.Future[Changes] = asyncio.get_running_loop().create_future()

    def settle(self, outcome: Changes | BaseException) -> None:
        if self.done.done():
            return
        if isinstance(outcome, BaseException):
            self.done.set_exception(outcome)
            # Whoever waited may be gone; nobody is told twice.
            self.done.exception()
        else:
            self.done.set_result(outcome)


class Dispatcher:
    """The one writer. `rebuild` reads the world anew from the store.

    `serving`: people are served, so that deadlines count; a command on a stopped network's folder
    works off what it was asked alone. `by_hand`: the clock is set forward by somebody who looks
    on, so that a leap of it while the process runs is no silence.
    """

    def __init__(
        self,
        store: Store,
        world: World,
        *,
        clock: Callable[[], datetime],
        rebuild: Callable[[], Awaitable[World]],
        unfinished: timedelta = timedelta(hours=24),
        strangers: timedelta = timedelta(days=7),
        reach_every: timedelta | None = None,
        nonce: Callable[[], bytes] = _nonce,
        serving: bool = True,
        by_hand: bool = False,
    ) -> None:
        self.world = world
        self.store = store
        self.task: asyncio.Task[None]
        self.clock = clock
        self.on_commit: Callable[[Changes], None] = lambda _: None
        self.more_status: Callable[[], dict[str, object]] = dict
        self.message_of: Callable[[str, str], MessageId | None] = lambda _channel, _ref: None
        self.timed: Callable[[float], None] = lambda _: None
        self._rebuild = rebuild
        self._nonce = nonce
        self._unfinished = unfinished
        self._strangers = strangers
        self._reach_every = reach_every
        self._serving = serving
        self._by_hand = by_hand
        self._jobs: deque[_Job] = deque()
        self._taken_in: dict[tuple[str, str], None] = {}
        self._under_way: list[_Job] = []
        self._lost = False
        self._wake = asyncio.Event()
        self._stopping = False
        self._stuck: dict[IncidentId, datetime] = {}
        self._told_stuck: dict[IncidentId, datetime] = {}
        self._alive_at: datetime | None = None
        self._swept_at: datetime | None = None
        self.counts: Counter[str] = Counter()

    # --- what comes in --------------------------------------------------------------------------

    async def receive(self, batch: Sequence[Inbound]) -> list[str]:
        """Take messages in, in order; returns after the commit, with a word for each press.

        A message that was taken in before changes nothing. One that cannot be worked off is put
        aside, sealed, so that those behind it are not held up. Raises where the disk did not take
        it or nothing is taken in any more: then the whole batch must be handed in again.
        """
        known = await self.store.taken_in((m.channel, m.key) for m in batch)
        fresh = [m for m in batch if (m.channel, m.key) not in known]
        jobs = [self._heard(message) for message in fresh]
        notes = {m.key: await self._outcome(m, job) for m, job in zip(fresh, jobs, strict=True)}
        self.counts["taken_in"] += len(fresh)
        return [notes.get(message.key, "") for message in batch]

    def _heard(self, message: Inbound) -> _Job:
        return self._submit(partial(self._hear, message), (message.channel, message.key))

    async def _outcome(self, message: Inbound, job: _Job) -> str:
        """The word for a press; tried once more where it failed by itself, then put aside."""
        error = await self._failure(job)
        if error is not None:
            job = self._heard(message)
            error = await self._failure(job)
        if error is not None:
            _log.error("message_set_aside", channel=message.channel, error=type(error).__name__)
            self.counts["set_aside"] += 1
            job = self._submit(_setting_aside(message, answered=True))
            if await self._failure(job) is not None:
                # Whatever is wrong with it may be wrong with the answer to it, too.
                job = self._submit(_setting_aside(message, answered=False))
                await job.done
        return "" if job.done.exception() else job.done.result().press_note

    async def _failure(self, job: _Job) -> Exception | None:
        """What of the input itself made it fail; raises what lies with the disk or the moment."""
        try:
            await job.done
        except AlreadyTaken:
            return None
        except Exception as error:
            if passes(error):
                raise
            return error
        return None

    async def hear_again(self, name: str) -> bool:
        """Work off what was put aside under this name; whether that went well this time."""
        job = self._submit(partial(_again, name))
        return await self._failure(job) is None

    def _hear(self, message: Inbound, world: World, at: datetime, nonce: bytes) -> Changes:
        target = self.message_of(message.channel, message.target) if message.reaction else None
        return network.hear(world, message, at, nonce, target)

    async def settled(self, message: Message, fate: Settled) -> None:
        """What became of a message, on disk; what follows from a failure, or from one that stayed
        unopened, goes with it."""
        measured = message.card in reach.CARDS
        follows = network.unopened if fate.unopened else network.failed

        def work(world: World, at: datetime, nonce: bytes) -> Changes:
            if measured:
                changes = network.noted(world, message, at, nonce, fate=fate)
            else:
                changes = follows(world, message, at, nonce)
            changes.settled.append(fate)
            return changes

        failed = fate.fate is Fate.FAILED and fate.last
        self.counts["failed"] += int(failed)
        self.counts["unopened"] += int(fate.unopened)
        self.counts["sent"] += int(fate.fate is Fate.SENT and fate.last)
        if failed or fate.unopened or measured:
            await self._submit(work).done
        else:
            await self.store.settle(fate)
        if fate.fate is Fate.SENT and early.some(self.world):
            # Somebody may have answered before the platform told us that it had arrived.
            self._submit(lambda *_: Changes())

    async def unreachable(self, person: PersonId, channel: str, handle: str) -> None:
        """A platform said that nothing reaches this address."""
        work = partial(_unreachable, person, channel, handle)
        await self._submit(work).done

    async def do(self, work: Callable[[Desk], T]) -> T:
        """Do something at the desk as one transaction, and return what it returned.

        What it raises is raised here, and nothing is changed.
        """
        results: list[T] = []

        def job(world: World, at: datetime, nonce: bytes) -> Changes:
            desk = Desk(world, at, nonce)
            results.append(work(desk))
            return desk.changes

        await self._submit(job).done
        return results[-1]

    async def catch_up(self) -> None:
        """Wait until what was handed in before, and what is due by now, is worked off.

        Whoever sets the clock forward calls this, so that the deadlines in between are seen now.
        """
        for _ in range(2):
            # Between the two the desk looks at what is due: it does so whenever it has worked.
            await self.do(lambda _: None)

    # --- what the outbox asks -------------------------------------------------------------------

    def person(self, person: PersonId) -> Person | None:
        """The reader of a message, None where forgotten."""
        return self.world.person(person)

    def has_phone(self, person: PersonId) -> bool:
        """Whether words can be sealed for a phone of this person."""
        return bool(self.world.phones(person))

    def unanswered(self, message: Message) -> bool:
        """Whether its reader has answered nothing of what the message asks, and still could."""
        return not self._lost and network.unanswered(self.world, message)

    def may_leave(self, message: Message, at: datetime) -> bool:
        """Whether the laws still allow the message, at the moment when it is about to go out."""
        return not self._lost and network.may_leave(self.world, message, at)

    # --- the writer -----------------------------------------------------------------------------

    def _submit(self, work: Work, key: tuple[str, str] | None = None) -> _Job:
        job: _Job = _Job(work, key)
        if self._stopping:
            job.settle(ConnectionAbortedError("The network is closing."))
        else:
            self._jobs.append(job)
            self._wake.set()
        return job

    def start(self) -> None:
        """Begin to work."""
        self.task = asyncio.create_task(self._run(), name="dispatcher")

    async def close(self) -> None:
        """Take nothing more in, finish what is on the desk, and end."""
        self._stopping = True
        self._wake.set()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._serve()
        except Exception as error:
            self._hang_up(error)
            raise
        finally:
            self._hang_up(ConnectionAbortedError("The network is closing."))

    def _hang_up(self, error: Exception) -> None:
        """Whatever ended the work: nobody waits for ever."""
        self._stopping = True
        for job in (*self._under_way, *self._jobs):
            job.settle(error)
        self._jobs.clear()

    async def _serve(self) -> None:
        if self._serving:
            await self._after_silence(self.world.settings.get(_ALIVE))
        while not self._stopping or self._jobs:
            if not self._jobs and not self._stopping:
                await self._sleep(self._pause_s())
            if self._serving and self._alive_at is not None and not self._by_hand:
                await self._after_silence(self._alive_at.isoformat())
            await self._work_off()
            if self._serving and not self._stopping:
                await self.step(self.clock())

    def _pause_s(self) -> float:
        """The seconds until something is due; wall clocks jump, so never very many."""
        due = self.world.next_due()
        if due is None or not self._serving:
            return LONGEST_SLEEP_S
        return min(max((due - self.clock()).total_seconds(), 0.0), LONGEST_SLEEP_S)

    async def _sleep(self, pause_s: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(pause_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _work_off(self) -> None:
        """What lies there, in groups; in a flood of it, deadlines are looked at meanwhile."""
        began = self.clock()
        while self._jobs and abs(self.clock() - began) < INTAKE_AT_MOST:
            self._under_way = self._next_group()
            await self._commit(self._under_way)

    def _next_group(self) -> list[_Job]:
        """What is worked off next: of each inbound message one, and none that was taken in.

        What was on disk when it was handed in, `receive` has passed over; since then only this
        dispatcher has taken anything in.
        """
        group: list[_Job] = []
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

    def _decide(self, group: Sequence[_Job]) -> tuple[Sequence[_Job], list[Changes]]:
        """What becomes of as many of these as a moment allows; the others go back in line.

        The first page of a burst must not wait until all of it was thought about.
        """
        at, began = self.clock(), time.perf_counter()
        decided: list[Changes] = []
        for job in group:
            decided.append(job.work(self.world, at, self._nonce()))
            if time.perf_counter() - began > LONGEST_THOUGHT_S:
                break
        now, later = group[: len(decided)], group[len(decided) :]
        if later:
            self._jobs.extendleft(reversed(later))
            self._under_way = list(now)
        return now, decided

    async def _commit(self, group: Sequence[_Job]) -> None:
        before = self.world.touched
        try:
            group, batch = self._decide(group)
            began = time.perf_counter()
            await self.store.commit_all(batch)
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
            self._lost = True
            _log.error("memory_lost", error=type(error).__name__)
            raise MemoryLost(
                "The network's memory could not be read anew from the data folder, so it ends "
                "here. What was taken in is safe. Look at the disk, then start it again."
            ) from error

    # --- what is due ----------------------------------------------------------------------------

    async def step(self, now: datetime) -> datetime | None:
        """Do everything that is due by `now`; returns the next deadline of any incident."""
        late = [i for i in self.world.due_by(now) if self._may_be_tried(i, now)]
        for incident in late:
            job: _Job = _Job(partial(_tick, incident))
            await self._commit((job,))
            self._look_at(incident, job, now)
        await self._hear_early()
        for drill in drills.due(self.world, now):
            await self._commit((_Job(partial(_drill_over, drill)),))
        try:
            await self._keep_house(now)
        except StoreError as error:
            # A full disk must not end the work on what is still possible; it is tried again.
            self.counts["housekeeping_failed"] += 1
            _log.error("housekeeping_failed", error=type(error).__name__)
        return self.world.next_due()

    async def _hear_early(self) -> None:
        """Reactions whose messages are known by now count from now on."""
        for name, one in early.all_of(self.world).items():
            target = self.message_of(one.message.channel, one.message.target)
            if target is not None:
                job: _Job = _Job(partial(_early, name, target))
                await self._commit((job,))

    def _may_be_tried(self, incident: IncidentId, now: datetime) -> bool:
        """Not right after it failed; where the clock was set back since, at once."""
        again_at = self._stuck.get(incident, now)
        return again_at <= now or again_at - now > STUCK_FOR

    async def _keep_house(self, now: datetime) -> None:
        """The sign that we are alive, and once an hour the broom."""
        if self._alive_at is None or abs(now - self._alive_at) >= ALIVE_EVERY:
            self._alive_at = now
            alive = Changes()
            alive.put(Setting(name=_ALIVE, value=now.isoformat()))
            await self.store.commit(alive)
            if orders.any_over(self.world, now):
                await self._commit((_Job(network.orders_over),))
        if self._swept_at is None:
            self._swept_at = now - SWEEP_EVERY + SWEEP_AFTER_START
        if abs(now - self._swept_at) >= SWEEP_EVERY:
            self._swept_at = now
            await self._sweep(now)

    def _look_at(self, incident: IncidentId, job: _Job, now: datetime) -> None:
        """An incident that cannot be worked off is tried again later, not at once for ever."""
        error = job.done.exception()
        if error is None:
            self._stuck.pop(incident, None)
            self._told_stuck.pop(incident, None)
            return
        self._stuck[incident] = now + STUCK_FOR
        self.counts["stuck"] += 1
        _log.error("deadline_failed", error=type(error).__name__)
        told = self._told_stuck.get(incident)
        if told is None or abs(now - told) >= STUCK_TOLD_EVERY:
            self._tell_stuck(incident, now)

    def _tell_stuck(self, incident: IncidentId, now: datetime) -> None:
        """Coordinators hear of it: nobody else watches over this incident any more."""

        def tell(world: World, at: datetime, nonce: bytes) -> Changes:
            desk = Desk(world, at, nonce)
            found = world.incidents.get(incident)
            if found is not None:
                desk.tell_coordinators("stuck", code=found.code)
            return desk.changes

        def told(done: asyncio.Future[Changes]) -> None:
            if done.exception() is None and incident in self._stuck:
                self._told_stuck[incident] = now

        self._submit(tell).done.add_done_callback(told)

    async def _sweep(self, now: datetime) -> None:
        work = partial(
            sweeping.sweep,
            unfinished=self._unfinished,
            strangers=self._strangers,
            reach_every=self._reach_every,
        )
        job: _Job = _Job(work)
        await self._commit((job,))
        if (error := job.done.exception()) is not None:
            # What is due to be destroyed on disk is destroyed all the same.
            self.counts["housekeeping_failed"] += 1
            _log.error("sweep_failed", error=type(error).__name__)
        shown = sweeping.still_shown(self.world)
        await self.store.prune(now - timedelta(days=2), audit_before=now - AUDIT_KEPT, shown=shown)

    async def _after_silence(self, alive: str | None) -> None:
        """Where the machine was away since `alive`, tell those out there and those who wait.

        Away is a process that was down, a machine that slept, and a clock that was set: forward
        or back, nobody knows how long people heard nothing.
        """
        now = self.clock()
        since = datetime.fromisoformat(alive) if alive else now
        if abs(now - since) < SILENT_AFTER:
            return
        waiting = [i.id for i in self.world.incidents.values() if i.state in _SILENCE_MATTERS]
        for incident in waiting:
            job: _Job = _Job(partial(_returned, incident, min(since, now)))
            await self._commit((job,))
            self._look_at(incident, job, now)
        self._alive_at = None
        if waiting:
            _log.warning("back_after_silence", count=len(waiting))

    # --- looking --------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """What a person who looks after the machine wants to know; names nobody."""
        states = Counter(i.state.value for i in self.world.incidents.values())
        due = self.world.next_due()
        return {
            "members": len(self.world.members()),
            "incidents": {s.value: states[s.value] for s in State if states[s.value]},
            "next_deadline": due.isoformat() if due else None,
            "set_aside": sum(name.startswith(aside.ASIDE) for name in self.world.settings),
            "stuck": len(self._stuck),
            "counts": dict(self.counts),
            "playbooks": sorted(self.world.playbooks),
            **self.more_status(),
        }


def passes(error: Exception) -> bool:
    """Whether the disk or the moment is at fault, so that the same input may go well later."""
    of_the_input = (AlreadyTaken, AlreadyAssigned, StoreRefused, StoreDamaged)
    of_the_moment = (StoreError, MemoryLost, ConnectionAbortedError)
    return isinstance(error, of_the_moment) and not isinstance(error, of_the_input)


_SILENCE_MATTERS: Final = frozenset(
    {State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING}
)


def _setting_aside(message: Inbound, *, answered: bool) -> Work:
    def work(world: World, at: datetime, nonce: bytes) -> Changes:
        desk = Desk(world, at, nonce)
        desk.changes.inbox.append((message.channel, message.key, at))
        aside.put(desk, message, answered=answered)
        return desk.changes

    return work


def _again(name: str, world: World, at: datetime, nonce: bytes) -> Changes:
    return network.hear_again(world, name, at, nonce)


def _early(name: str, target: MessageId, world: World, at: datetime, nonce: bytes) -> Changes:
    return network.hear_early(world, name, target, at, nonce)


def _tick(incident: IncidentId, world: World, at: datetime, nonce: bytes) -> Changes:
    return network.tick(world, incident, at, nonce)


def _drill_over(drill: str, world: World, at: datetime, nonce: bytes) -> Changes:
    return network.drill_over(world, drill, at, nonce)


def _returned(
    incident: IncidentId, since: datetime, world: World, at: datetime, nonce: bytes
) -> Changes:
    return network.returned(world, incident, since, at, nonce)


def _unreachable(
    person: PersonId, channel: str, handle: str, world: World, at: datetime, nonce: bytes
) -> Changes:
    return network.unreachable(world, person, channel, handle, at, nonce)
