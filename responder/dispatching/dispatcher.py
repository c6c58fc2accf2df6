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
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from responder.core import aside, early, network, reach, sweeping
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.messages import Fate, Message, Settled
from responder.core.model import IncidentId, MessageId, Person, PersonId, State
from responder.core.rehearsing import drills
from responder.core.talk import locking, orders
from responder.core.world import World
from responder.dispatching.housekeeping import Housekeeping
from responder.dispatching.writing import Job, Work, Writer, fresh_nonce, passes
from responder.ports import Inbound
from responder.storage.store import AlreadyTaken, Store, StoreError

_log = structlog.get_logger()

T = TypeVar("T")
LONGEST_SLEEP_S: Final = 20.0
"""Wall clocks jump: nobody sleeps through a deadline for longer than this."""
STUCK_FOR: Final = timedelta(minutes=1)
STUCK_TOLD_EVERY: Final = timedelta(hours=1)
"""How often coordinators hear that an incident cannot be worked off."""


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
        nonce: Callable[[], bytes] = fresh_nonce,
        serving: bool = True,
        by_hand: bool = False,
    ) -> None:
        self.store = store
        self.task: asyncio.Task[None]
        self.clock = clock
        self.more_status: Callable[[], dict[str, object]] = dict
        self.message_of: Callable[[str, str], MessageId | None] = lambda _channel, _ref: None
        self.counts: Counter[str] = Counter()
        self.writer = Writer(store, world, clock=clock, rebuild=rebuild, nonce=nonce)
        self._serving = serving
        self._stuck: dict[IncidentId, datetime] = {}
        self._told_stuck: dict[IncidentId, datetime] = {}
        self.house = Housekeeping(
            self.writer,
            store,
            strokes=partial(
                sweeping.strokes,
                unfinished=unfinished,
                strangers=strangers,
                reach_every=reach_every,
            ),
            counts=self.counts,
            look_at=self._look_at,
            by_hand=by_hand,
        )

    @property
    def world(self) -> World:
        """The world in memory, as it is on disk; another one after it was read anew."""
        return self.writer.world

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

    def _heard(self, message: Inbound) -> Job:
        return self._submit(partial(self._hear, message), (message.channel, message.key))

    async def _outcome(self, message: Inbound, job: Job) -> str:
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

    async def _failure(self, job: Job) -> Exception | None:
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
        if failed or fate.unopened or measured:
            await self._submit(work).done
        else:
            await self.store.settle((fate,))
        self.counts["failed"] += int(failed)
        self.counts["unopened"] += int(fate.unopened)
        self._count_sent((fate,))

    async def arrived(self, told: Sequence[Sequence[tuple[Message, Settled]]]) -> None:
        """What arrived at about the same time, on disk: what nothing follows from as one job."""
        plain: list[Settled] = []
        others: list[Sequence[tuple[Message, Settled]]] = []
        for parcel in told:
            if any(fate.unopened or message.card in reach.CARDS for message, fate in parcel):
                others.append(parcel)
            else:
                plain += [fate for _, fate in parcel]
        await self.store.settle(plain)
        self._count_sent(plain)
        await asyncio.gather(*map(self._settled_in_turn, others))

    async def _settled_in_turn(self, parcel: Sequence[tuple[Message, Settled]]) -> None:
        for message, fate in parcel:
            await self.settled(message, fate)

    def _count_sent(self, fates: Sequence[Settled]) -> None:
        sent = [fate for fate in fates if fate.fate is Fate.SENT]
        self.counts["sent"] += sum(fate.last for fate in sent)
        if sent and early.some(self.world):
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
        while self.house.sweeping:
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
        return not self.writer.lost and network.unanswered(self.world, message)

    def may_leave(self, message: Message, at: datetime) -> bool:
        """Whether the laws still allow the message, at the moment when it is about to go out."""
        return not self.writer.lost and network.may_leave(self.world, message, at)

    # --- the writer -----------------------------------------------------------------------------

    def _submit(self, work: Work, key: tuple[str, str] | None = None) -> Job:
        return self.writer.submit(work, key)

    def start(self) -> None:
        """Begin to work."""
        self.task = asyncio.create_task(self._run(), name="dispatcher")

    async def close(self) -> None:
        """Take nothing more in, finish what is on the desk, and end."""
        self.writer.stop()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._serve()
        except Exception as error:
            self.writer.hang_up(error)
            raise
        finally:
            self.writer.hang_up(ConnectionAbortedError("The network is closing."))

    async def _serve(self) -> None:
        if self._serving:
            await self.house.begin(self.clock())
        while not self.writer.stopping or self.writer.has_jobs:
            idle = not self.writer.has_jobs and not self.house.sweeping
            if idle and not self.writer.stopping:
                await self.writer.sleep(self._pause_s())
            if self._serving:
                await self.house.look_round(self.clock())
            await self.writer.work_off()
            if self._serving and not self.writer.stopping:
                await self.step(self.clock())

    def _pause_s(self) -> float:
        """The seconds until something is due; wall clocks jump, so never very many."""
        due = self.world.next_due()
        if due is None or not self._serving:
            return LONGEST_SLEEP_S
        return min(max((due - self.clock()).total_seconds(), 0.0), LONGEST_SLEEP_S)

    # --- what is due ----------------------------------------------------------------------------

    async def step(self, now: datetime) -> datetime | None:
        """Do everything that is due by `now`; returns the next deadline of any incident."""
        # Whatever is due in a network that was locked waits until it is opened again.
        due = () if locking.is_locked(self.world) else self.world.due_by(now)
        late = [i for i in due if self._may_be_tried(i, now)]
        for incident in late:
            job = await self.writer.do(partial(_tick, incident))
            self._look_at(incident, job, now)
        await self._hear_early()
        for drill in drills.due(self.world, now):
            await self.writer.do(partial(_drill_over, drill))
        if orders.any_over(self.world, now):
            await self.writer.do(network.orders_over)
        try:
            await self.house.keep(now)
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
                await self.writer.do(partial(_early, name, target))

    def _may_be_tried(self, incident: IncidentId, now: datetime) -> bool:
        """Not right after it failed; where the clock was set back since, at once."""
        again_at = self._stuck.get(incident, now)
        return again_at <= now or again_at - now > STUCK_FOR

    def _look_at(self, incident: IncidentId, job: Job, now: datetime) -> None:
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

    # --- looking --------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """What a person who looks after the machine wants to know; names nobody."""
        states = Counter(i.state.value for i in self.world.incidents.values())
        due = self.world.next_due()
        return {
            "members": len(self.world.members()),
            "incidents": {s.value: states[s.value] for s in State if states[s.value]},
            "next_deadline": due.isoformat() if due else None,
            "sweeping": self.house.sweeping,
            "set_aside": sum(name.startswith(aside.ASIDE) for name in self.world.settings),
            "stuck": len(self._stuck),
            "counts": dict(self.counts),
            "playbooks": sorted(self.world.playbooks),
            **self.more_status(),
        }


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


def _unreachable(
    person: PersonId, channel: str, handle: str, world: World, at: datetime, nonce: bytes
) -> Changes:
    return network.unreachable(world, person, channel, handle, at, nonce)
