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
    * Whether a page may still leave is asked again in the moment in which it leaves.
    * What arrived sealed, asks something and stays unanswered goes once more over the next private
      channel; if it cannot, it counts as sent where it lies.
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
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from responder.core.changes import Question
from responder.core.messages import Fate, Message, Urgency
from responder.core.model import MessageId, PersonId
from responder.core.routing import Form, Leg
from responder.core.unopened import due_at
from responder.outbox.choosing import Attempt, Chooser
from responder.outbox.envelopes import Envelopes
from responder.outbox.erasing import Eraser
from responder.outbox.mailbag import Parcel
from responder.outbox.needs import Attach, Desk, Records, Seal, Timer, no_seal
from responder.outbox.pacing import Gate
from responder.outbox.register import STORE_WAIT_S, Register
from responder.outbox.sorting import Sorting
from responder.ports import (
    Attachment,
    Channel,
    Rejected,
    RetryLater,
    SendError,
    Sent,
    Unreachable,
    Unsure,
)
from responder.storage.drawer import Waiting
from responder.storage.rows import StoreError

UNSURE_WAIT_S: Final = 2.0
"""Before a message that may have arrived is sent once more on the same channel."""
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
        self._envelopes = Envelopes(desk, seal or no_seal, self._private)
        self._register = Register(desk, clock, self._timer, self._closing)
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
        until = self._steady() + grace_s
        while self._tasks and (left_s := until - self._steady()) > 0:
            self._idle.clear()
            await self._timer.wait(self._idle, left_s)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._helpers, return_exceptions=True)

    async def _pump(self) -> float | None:
        """Send all that may leave now; the seconds until there may be more, None for never."""
        wait_s = await self._look_up()
        self._ask_again()
        self._drop_expired()
        now = self._steady()
        chosen = self._chooser.choose(self._sorting, now)
        for parcel in chosen.lost:
            self._fail(parcel, "", "no-way")
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
            if self._unanswered(one.message):
                _log.info("outbox.unopened", kind=one.message.card)
                self._sorting.again(one)
            else:
                self.read(one.message)

    def _drop_expired(self) -> None:
        for parcel in self._sorting.expired(self._clock()):
            if not parcel.under_way:  # what is under way is asked about again if it comes back
                self._fail(parcel, "", "too-late")

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
                self._wait_again(attempt.parcel)
            return STORE_WAIT_S
        for attempt in attempts:
            parcel = attempt.parcel
            # A notice may leave after its words, which are settled then and claimed no more.
            if parcel.owners[0].id in claimed or not parcel.main:
                self._begin(attempt)
            else:
                self._gates[attempt.leg.channel].end(attempt.ticket)
                self.end(parcel, Fate.WITHDRAWN, parcel.owners[1:])
        return math.inf

    def _begin(self, attempt: Attempt) -> None:
        """Start the request, if the reader may have the message at this very moment."""
        parcel = attempt.parcel
        if not self._closing.is_set() and not parcel.cancelled and self._may_leave(parcel):
            self._spawn(self._send(attempt))
            return
        self._gates[attempt.leg.channel].end(attempt.ticket)
        if not self._closing.is_set():
            self._fail(parcel, "", "barred")

    def _may_leave(self, parcel: Parcel) -> bool:
        message = parcel.shown
        if parcel.second and not self._unanswered(message):
            return False
        return self._agreed(lambda: self._desk.may_leave(message, self._clock()), message)

    def _unanswered(self, message: Message) -> bool:
        return self._agreed(lambda: self._desk.unanswered(message), message)

    def _agreed(self, question: Callable[[], bool], message: Message) -> bool:
        try:
            return question()
        except Exception as error:
            # Nobody can tell that this is the right person, and all others wait behind it.
            _log.error("outbox.desk_failed", kind=message.card, error=type(error).__name__)
            return False

    async def _send(self, attempt: Attempt) -> None:
        parcel, leg = attempt.parcel, attempt.leg
        gate, channel = self._gates[leg.channel], self._channels[leg.channel]
        answer: Sent | SendError
        try:
            out = self._envelopes.outbound(parcel, leg)
            gate.leaves(attempt.ticket, leg.handle, self._steady())
            answer = await channel.send(out)
        except SendError as error:
            answer = error
        except Exception as error:
            # A fault of the bot: nobody knows how far it came.
            _log.error("outbox.bot_failed", channel=leg.channel, error=type(error).__name__)
            answer = Unsure("the bot failed")
        finally:
            gate.end(attempt.ticket, self._steady())
            self._place_free()
        if isinstance(answer, Sent):
            gate.answered(leg.handle, self._steady())
            await self._arrived(parcel, leg, answer.ref)
        else:
            await self._refused(attempt, answer)
            self._wake.set()

    def _place_free(self) -> None:
        """Look again what may leave: at once, or once a few more places are free."""
        self._ended += 1
        if self._linger_s <= 0 or self._ended >= ENDED_ENOUGH:
            self._wake.set()
        elif self._ended == 1:
            asyncio.get_running_loop().call_later(self._linger_s, self._wake.set)

    async def _refused(self, attempt: Attempt, error: SendError) -> None:
        parcel, leg, now = attempt.parcel, attempt.leg, self._steady()
        gate = self._gates[leg.channel]
        match error:
            case RetryLater(whole=True):
                wait_s = gate.hold(error.after_s, attempt.begun, now)
                _log.warning("outbox.channel_held", channel=leg.channel, after_s=round(wait_s, 1))
                self._wait_again(parcel)
            case RetryLater():
                gate.hold_chat(leg.handle, error.after_s, now)
                self._wait_again(parcel)
            case Unsure() if leg.channel not in parcel.unsure:
                parcel.unsure.add(leg.channel)
                parcel.repeat = True
                parcel.not_before_s = now + UNSURE_WAIT_S
                self._wait_again(parcel)
            case Unreachable():
                gate.answered(leg.handle, now)
                await self._tell_unreachable(parcel.trace.to, leg)
                await self._leg_ended(parcel, leg, error)
            case _:
                if isinstance(error, Rejected):
                    gate.answered(leg.handle, now)
                await self._leg_ended(parcel, leg, error)

    async def _tell_unreachable(self, person: PersonId, leg: Leg) -> None:
        try:
            await self._desk.unreachable(person, leg.channel, leg.handle)
        except Exception as error:
            # The next message there finds out again; this one must go on.
            _log.error("outbox.desk_failed", channel=leg.channel, error=type(error).__name__)

    async def _leg_ended(self, parcel: Parcel, leg: Leg, error: SendError) -> None:
        """Nothing more is tried on this leg: the next one, or the end."""
        parcel.ended.add((leg.channel, leg.handle))
        kind = type(error).__name__
        _log.warning("outbox.leg_failed", channel=leg.channel, error=kind, kind=parcel.shown.card)
        if parcel.cancelled or not self._chooser.legs_left(parcel):
            self._fail(parcel, leg.channel, "refused")
            return
        fate = self._register.fate(parcel.owners[0].id, Fate.FAILED, leg.channel, last=False)
        if parcel.main:
            await self._register.settle(parcel.owners[0], fate)
        self._wait_again(parcel)

    def _wait_again(self, parcel: Parcel) -> None:
        """It has not left after all, and is tried again unless nobody wants it any more."""
        if parcel.cancelled:
            self._fail(parcel, "", "withdrawn")
        else:
            self._sorting.back(parcel)

    # --- ends -----------------------------------------------------------------------------------

    async def _arrived(self, parcel: Parcel, leg: Leg, ref: str) -> None:
        trace, message = parcel.trace, parcel.owners[0]
        fresh = self._sorting.arrived(parcel, leg.channel, ref)
        if not (parcel.main and parcel.first):
            if fresh:
                trace.unwritten.add(leg.channel)
            await self._register.write_refs(trace, message)
        opened_by = self._opened_by(parcel, leg)
        if opened_by is not None:
            self._sorting.wait_to_be_opened(parcel, leg.channel, opened_by)
            lies = self._register.fate(message.id, Fate.SENT, leg.channel, ref, last=False)
            await self._register.conclude(parcel, [(message, lies)])
        elif parcel.main:
            late = parcel.second and not parcel.cancelled
            sent = [
                self._register.fate(one.id, Fate.SENT, leg.channel, ref, unopened=late)
                for one in parcel.owners
            ]
            await self._register.conclude(parcel, list(zip(parcel.owners, sent, strict=True)))
        if trace.recalled:
            self._eraser.add(trace.id)

    def _opened_by(self, parcel: Parcel, leg: Leg) -> datetime | None:
        """Until when what has just arrived may stay unanswered; None where that changes nothing.

        What was edited or called back meanwhile asks nothing any more.
        """
        moved_on = parcel.cancelled or len(parcel.owners) > 1 or bool(parcel.trace.parcels)
        if leg.form is not Form.SEALED or not parcel.first or moved_on:
            return None
        if not self._chooser.readable_left(parcel):
            return None
        return due_at(parcel.shown, self._clock())

    def _fail(self, parcel: Parcel, channel: str, reason: str) -> None:
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
            self._spawn(self._register.conclude(parcel, fates))
        self._sorting.remove(parcel)
        self._wake.set()

    def read(self, message: Message) -> None:
        """Put on record that it was sent: it lies sealed, and nobody need hear of it again."""
        self._spawn(self._register.settle(message, self._register.fate(message.id, Fate.SENT)))

    def drop(self, edit: Message) -> None:
        """Put on record that nobody will see this edit."""
        self._spawn(self._register.settle(edit, self._register.fate(edit.id, Fate.WITHDRAWN)))

    # --- where it is -----------------------------------------------------------------------------

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

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        self._keep(self._tasks, asyncio.get_running_loop().create_task(work))

    def _keep(self, where: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        where.add(task)
        task.add_done_callback(lambda done: self._done(where, done))

    def _done(self, where: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        where.discard(task)
        if not self._tasks:
            self._idle.set()
