"""The outbox: what was committed leaves, most urgent first, and its fate goes back on record.

What it is for
    The dispatcher commits messages and hands them over (`add`). The outbox chooses the channel,
    keeps the platforms' limits, tries again, falls back, and tells the desk how each one ended.

Rules it keeps
    * A message is claimed on disk before it is sent, and not sent any more once its
      acknowledgement is there. One that was under way at a crash leaves again, marked as a repeat.
    * Every message is sent at least once or ends as failed; too late counts as failed, and
      nothing is sent late.
    * Which words go over which channel is decided in `core.routing` alone, anew for each attempt:
      people change their addresses while messages wait.
    * What arrived is written down together with the claim of what takes its place: no more
      messages are under way on disk than requests are open.
    * A notice that goes besides is best effort: it neither delays the words nor fails them.
    * Waiting is data, not sleeping tasks: one loop works off what is due and learns when to look
      again.
    * Log lines hold channels, kinds and numbers; no address, text or token.

What it must not know
    Incidents, playbooks, how a platform works, what follows when a message failed.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from responder.core.changes import Question
from responder.core.messages import Fate, Message, Urgency
from responder.core.model import MessageId, PersonId
from responder.outbox.choosing import Attempt, Chooser
from responder.outbox.envelopes import Envelopes
from responder.outbox.erasing import Eraser, Theirs
from responder.outbox.mailbag import Parcel, Trace
from responder.outbox.needs import Attach, Desk, Records, Seal, Timer, no_seal
from responder.outbox.pacing import Gate
from responder.outbox.register import STORE_WAIT_S, Register
from responder.outbox.requesting import Requests
from responder.outbox.sorting import Sorting
from responder.ports import Attachment, Channel
from responder.storage.drawer import Waiting
from responder.storage.rows import StoreError

LINGER_S: Final = 0.002
"""How long a place that became free waits for others to be claimed with."""
ENDED_ENOUGH: Final = 16
"""So many places are worth a claim of their own while requests are open."""

_log = structlog.get_logger("outbox")


class Outbox:
    """One network's outgoing messages. `load`, then `run`; `close` from another task.

    `clock` gives aware UTC times, `steady` seconds of a monotonic clock, and `timer` waits: all
    three at one speed. `jitter` gives numbers from 0 up to 1. `attach` gets the bytes of a picture
    or voice message without their metadata, or None. `deaf` says whether a channel takes messages
    and seems to deliver none. `linger_s`: how long fewer than `ENDED_ENOUGH` places that became
    free wait for more, so that one commit claims what takes them.
    """

    def __init__(
        self,
        store: Records,
        channels: Mapping[str, Channel],
        desk: Desk,
        *,
        clock: Callable[[], datetime],
        attach: Attach,
        steady: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        timer: Timer | None = None,
        seal: Seal | None = None,
        deaf: Callable[[str], bool] = lambda _channel: False,
        linger_s: float = 0.0,
    ) -> None:
        self._store = store
        self._channels = dict(channels)
        self._private = {name: channel.private for name, channel in channels.items()}
        self._gates = {name: Gate(channel.pace, jitter) for name, channel in channels.items()}
        self._desk = desk
        self._clock, self._steady = clock, steady
        self._attach = attach
        self._timer = timer or Timer()
        self._wake, self._idle, self._closing = (asyncio.Event() for _ in range(3))
        self._register = Register(desk, clock, self._timer, self._closing, self._told)
        self._chooser = Chooser(self._private, self._gates, desk.person, desk.has_phone, deaf)
        self._sorting = Sorting(self._chooser.route, self, clock=clock, steady=steady)
        self._eraser = Eraser(
            self._channels,
            self._gates,
            arrivals=self._arrivals,
            under_way=self._may_arrive,
            done=store.recall_done,
            person=desk.person,
            steady=steady,
            wait=lambda seconds: self._timer.wait(self._closing, seconds),
            freed=self._wake.set,
        )
        self._requests = Requests(
            self,
            self._channels,
            self._gates,
            desk,
            sorting=self._sorting,
            chooser=self._chooser,
            envelopes=Envelopes(desk, seal or no_seal, self._private),
            register=self._register,
            closing=self._closing,
            clock=clock,
            steady=steady,
        )
        self._linger_s = linger_s
        self._ended = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._helpers: set[asyncio.Task[None]] = set()

    # --- handing over ---------------------------------------------------------------------------

    async def load(self) -> None:
        """Take up everything on disk that has not met its fate. Once, before `run`.

        What was added already is not taken twice.
        """
        waiting = await self._store.waiting()
        waiting.sort(key=lambda one: one.message.created_at)
        for one in waiting:
            self._sorting.admit(one)
        asked = [question.message for question in await self._store.load(Question)]
        for sent in await self._store.sent_refs(asked):
            self._sorting.remember(sent.channel, sent.ref.split(), sent.message)
        for id in await self._store.recalls():
            self._eraser.add(id)
        self._wake.set()

    def add(
        self,
        messages: Iterable[Message] = (),
        withdrawn: Iterable[MessageId] = (),
        recalled: Iterable[MessageId] = (),
    ) -> None:
        """Take over what was just committed. Returns at once; nothing has left by then."""
        recalls = tuple(recalled)
        for id in (*withdrawn, *recalls):
            self._sorting.withdraw(id)
        for id in recalls:
            self._sorting.recall(id)
            self._eraser.add(id)
        for message in messages:
            self._sorting.admit(Waiting(message=message))
        self._wake.set()

    def unsay(
        self, channel: str, handle: str, ref: str, done: Callable[[], Awaitable[None]]
    ) -> None:
        """Delete what somebody wrote from their chat, behind all that still has to reach somebody.

        `done` puts on record that nothing of it is left that can be deleted; what it raises is
        logged, and where the disk is at fault it is asked again.
        """
        self._eraser.add(Theirs(channel, handle, ref, done))

    def message_of(self, channel: str, ref: str) -> MessageId | None:
        """The message that a platform's reference means; for an edit, the one that it edits.

        None for what left long ago and asks nothing any more.
        """
        return self._sorting.origin(channel, ref)

    def depth(self) -> dict[Urgency, int]:
        """How many messages wait or are under way, of each urgency."""
        return self._sorting.depth()

    def idle(self) -> bool:
        """Whether nothing waits or is under way."""
        return self._sorting.empty()

    def oldest(self) -> dict[Urgency, datetime]:
        """When the oldest message that waits was written, for each urgency that has one."""
        return self._sorting.oldest()

    # --- running --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send what is due, until cancelled or closed."""
        eraser = asyncio.create_task(self._eraser.run(), name="outbox-eraser")
        self._keep(self._helpers, eraser)
        try:
            while not self._closing.is_set():
                self._wake.clear()
                self._ended = 0
                delay_s = await self._pump()
                await self._timer.wait(self._wake, delay_s)
        finally:
            eraser.cancel()

    async def close(self, grace_s: float) -> None:
        """Begin nothing more, let requests under way finish for `grace_s` seconds, then stop."""
        self._closing.set()
        self._wake.set()
        for helper in tuple(self._helpers):
            helper.cancel()
        self.spawn(self._register.tell())
        until = self._steady() + grace_s
        while (self._tasks or self._requests.posted) and (left_s := until - self._steady()) > 0:
            self._idle.clear()
            await self._timer.wait(self._idle, left_s)
        self._requests.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._helpers, return_exceptions=True)

    async def _pump(self) -> float | None:
        """Send all that may leave now; the seconds until there may be more, None for never."""
        if self._register.waiting:
            self.spawn(self._register.tell())
            await asyncio.sleep(0)  # so that it is written before the claim of what takes its place
        wait_s = await self._look_up()
        self._ask_again()
        self._drop_expired()
        now = self._steady()
        chosen = self._chooser.choose(self._sorting, now)
        for parcel in chosen.lost:
            self.fail(parcel, "", "no-way")
        for parcel in chosen.bare:
            self._fetch(parcel)
        wait_s = min(wait_s, chosen.opens_at - now, await self._launch(chosen.attempts))
        for due in (self._sorting.next_expiry(), self._sorting.next_unopened()):
            if due is not None:
                wait_s = min(wait_s, (due - self._clock()).total_seconds())
        return None if math.isinf(wait_s) else max(wait_s, 0.0)

    async def _look_up(self) -> float:
        """Find where the originals of edits arrived that left long ago, or before a restart.

        Returns the seconds until it is tried again, if it must be.
        """
        originals = self._sorting.astray()
        if not originals:
            return math.inf
        try:
            refs = await self._store.sent_refs(tuple(originals))
        except StoreError as error:
            _log.error("outbox.refs_unread", error=type(error).__name__)
            return STORE_WAIT_S
        self._sorting.found(originals, refs)
        return math.inf

    def _ask_again(self) -> None:
        """What lay sealed for long enough and asks something still goes another way."""
        for one in self._sorting.unopened(self._clock()):
            if self._requests.unanswered(one.message):
                _log.info("outbox.unopened", kind=one.message.card)
                self._sorting.again(one)
            else:
                self.read(one.message)

    def _drop_expired(self) -> None:
        for parcel in self._sorting.expired(self._clock()):
            if not parcel.under_way:  # what is under way is asked about again if it comes back
                self.fail(parcel, "", "too-late")

    # --- media ----------------------------------------------------------------------------------

    def _fetch(self, parcel: Parcel) -> None:
        """Get what goes along beside the loop; a parcel waits for its own pictures only."""
        parcel.fetching = True
        self._keep(self._helpers, asyncio.create_task(self._fetched(parcel, parcel.shown)))

    async def _fetched(self, parcel: Parcel, message: Message) -> None:
        found: list[Attachment] = []
        try:
            for item in message.media:
                attachment = await self._attach(item)
                if attachment is not None:
                    found.append(attachment)
        except Exception as error:
            # The words must leave, whatever is wrong with a picture.
            _log.error("outbox.media_lost", error=type(error).__name__)
        finally:
            parcel.fetching = False
            self._wake.set()
        if parcel.shown is message:
            parcel.attachments = tuple(found)

    # --- sending --------------------------------------------------------------------------------

    async def _launch(self, attempts: Sequence[Attempt]) -> float:
        """Claim them in one commit and send; the seconds until it is tried again, if it must be."""
        if not attempts:
            return math.inf
        ids = dict.fromkeys(one.id for a in attempts for one in a.parcel.owners)
        try:
            claimed = await self._store.claim(ids)
        except StoreError as error:
            _log.error("outbox.claim_failed", error=type(error).__name__)
            for attempt in attempts:
                self._gates[attempt.leg.channel].end(attempt.ticket)
                self._requests.wait_again(attempt.parcel)
            return STORE_WAIT_S
        for attempt in attempts:
            parcel = attempt.parcel
            # A notice may leave after its words, which are settled then and claimed no more.
            if parcel.owners[0].id in claimed or not parcel.main:
                self._requests.begin(attempt)
            else:
                self._gates[attempt.leg.channel].end(attempt.ticket)
                self.end(parcel, Fate.WITHDRAWN, parcel.owners[1:])
        return math.inf

    def place_free(self) -> None:
        """Look again what may leave: at once, or once a few more places are free."""
        self._ended += 1
        if self._linger_s <= 0 or self._ended >= ENDED_ENOUGH:
            self._wake.set()
        elif self._ended == 1:
            asyncio.get_running_loop().call_later(self._linger_s, self._wake.set)

    # --- ends -----------------------------------------------------------------------------------

    def fail(self, parcel: Parcel, channel: str, reason: str) -> None:
        """Nobody will get this. A notice fails without a word: it promised nothing."""
        if parcel.cancelled or not parcel.main:
            self.end(parcel, Fate.WITHDRAWN, parcel.edits)
            return
        if parcel.second:
            # It lies sealed on a phone, and whoever waits for an answer knows that none came.
            self.end(parcel, Fate.SENT, parcel.owners)
            return
        card, urgency = parcel.shown.card, parcel.shown.urgency
        _log.warning("outbox.failed", reason=reason, kind=card, urgency=int(urgency))
        self.end(parcel, Fate.FAILED, parcel.owners, channel)

    def end(self, parcel: Parcel, fate: Fate, told: Sequence[Message], channel: str = "") -> None:
        """Take out a parcel that did not arrive; `told` are those of its messages with this fate.

        The others have theirs already: the store itself knows what the dispatcher withdrew.
        """
        if parcel.main:
            fates = [(one, self._register.fate(one.id, fate, channel)) for one in told]
            self.spawn(self._register.conclude(parcel, fates))
        self._sorting.remove(parcel)
        self._wake.set()

    def read(self, message: Message) -> None:
        """Put on record that it was sent: it lies sealed, and nobody need hear of it again."""
        self.spawn(self._register.settle(message, self._register.fate(message.id, Fate.SENT)))

    def drop(self, edit: Message) -> None:
        """Put on record that nobody will see this edit."""
        self.spawn(self._register.settle(edit, self._register.fate(edit.id, Fate.WITHDRAWN)))

    # --- where it is -----------------------------------------------------------------------------

    def _told(self, trace: Trace) -> None:
        """It is on disk that it arrived: it can be taken back."""
        if trace.recalled:
            self._eraser.add(trace.id)

    def _may_arrive(self, id: MessageId) -> bool:
        """Whether some of it is under way: what arrives then is taken back in its turn."""
        trace = self._sorting.trace(id)
        return trace is not None and trace.id == id and bool(trace.parcels)

    async def _arrivals(self, id: MessageId) -> tuple[PersonId, Mapping[str, tuple[str, ...]]]:
        """Whom a message reached, and where."""
        trace = self._sorting.trace(id)
        if trace is not None and trace.id == id:
            return trace.to, trace.refs
        found = await self._store.sent_refs((id,))
        refs = {sent.channel: tuple(sent.ref.split()) for sent in found}
        return (found[0].person if found else PersonId("")), refs

    # --- tasks ----------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """See this to its end, also while it closes, as far as there is time."""
        self._keep(self._tasks, asyncio.get_running_loop().create_task(work))

    def _keep(self, where: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        where.add(task)
        task.add_done_callback(lambda done: self._done(where, done))

    def _done(self, where: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        where.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A bug of ours: the message stays on disk without a fate, and the auditor finds it.
            _log.error("outbox.task_failed", error=type(error).__name__)
        self.done()

    def done(self) -> None:
        """A request or a task ended."""
        if not (self._tasks or self._requests.posted):
            self._idle.set()

    def look_again(self) -> None:
        """Something waits that did not wait before."""
        self._wake.set()
