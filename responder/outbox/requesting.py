"""One request: from the last look at the laws to what became of it.

Rules it keeps
    * Whether a page may still leave, and there, is asked again in the moment in which it leaves.
    * A place at the channel is free again with the answer; what the answer means follows after.
    * What arrived sealed, asks something and stays unanswered goes once more over the next private
      channel; if it cannot, it counts as sent where it lies.
    * Log lines hold channels, kinds and numbers; no address, text or token.

What it must not know
    What leaves next, the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial
from typing import Final, Protocol

import structlog

from responder.core.messages import Fate, Message, Settled
from responder.core.model import PersonId
from responder.core.routing import Form, Leg
from responder.core.unopened import due_at
from responder.outbox.choosing import Attempt, Chooser
from responder.outbox.envelopes import Envelopes
from responder.outbox.mailbag import Parcel
from responder.outbox.needs import Desk
from responder.outbox.pacing import Gate
from responder.outbox.register import Register
from responder.outbox.sorting import Sorting
from responder.ports import (
    Channel,
    Outbound,
    Quick,
    Rejected,
    RetryLater,
    SendError,
    Sent,
    Unreachable,
    Unsure,
)

UNSURE_WAIT_S: Final = 2.0
"""Before a message that may have arrived is sent once more on the same channel."""

_log = structlog.get_logger("outbox")


class Around(Protocol):
    """What the outbox does for its requests."""

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """See this to its end."""

    def place_free(self) -> None:
        """A request ended, and another may begin."""

    def look_again(self) -> None:
        """Something waits that did not wait before."""

    def done(self) -> None:
        """None is under way without a task."""

    def fail(self, parcel: Parcel, channel: str, reason: str) -> None:
        """Nobody will get this."""


class Requests:
    """All requests of one outbox. `clock` gives aware UTC times, `steady` monotonic seconds."""

    def __init__(
        self,
        around: Around,
        channels: Mapping[str, Channel],
        gates: Mapping[str, Gate],
        desk: Desk,
        *,
        sorting: Sorting,
        chooser: Chooser,
        envelopes: Envelopes,
        register: Register,
        closing: asyncio.Event,
        clock: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._around = around
        self._channels, self._gates, self._desk = channels, gates, desk
        self._quick = {name: c for name, c in channels.items() if isinstance(c, Quick)}
        self._sorting, self._chooser = sorting, chooser
        self._envelopes, self._register = envelopes, register
        self._closing, self._clock, self._steady = closing, clock, steady
        self._stopped = False
        self.posted = 0
        """Requests under way without a task of their own."""

    # --- beginning ------------------------------------------------------------------------------

    def begin(self, attempt: Attempt) -> None:
        """Start the request, if the reader may have the message at this very moment."""
        parcel, leg = attempt.parcel, attempt.leg
        gate = self._gates[leg.channel]
        if self._closing.is_set():
            gate.end(attempt.ticket)
        elif parcel.cancelled or not self._may_leave(parcel):
            gate.end(attempt.ticket)
            self._around.fail(parcel, "", "barred")
        elif not self._chooser.still_a_way(attempt):
            gate.end(attempt.ticket)
            self.wait_again(parcel)
            self._around.look_again()
        else:
            try:
                out = self._envelopes.outbound(parcel, leg)
                gate.leaves(attempt.ticket, leg.handle, self._steady())
                quick = self._quick.get(leg.channel)
                if quick is not None and quick.post(out, partial(self._told, attempt)):
                    self.posted += 1
                else:
                    self._around.spawn(self._send(attempt, out))
            except SendError as error:
                self._ended(attempt, error)
            except Exception as error:
                self._ended(attempt, _bot_failed(leg, error))

    def unanswered(self, message: Message) -> bool:
        """Whether its reader has answered nothing of it, as far as the desk can tell."""
        try:
            return self._desk.unanswered(message)
        except Exception as error:
            return _nobody_knows(message, error)

    def stop(self) -> None:
        """Hear no more answers: what is under way stays claimed."""
        self._stopped = True

    def _may_leave(self, parcel: Parcel) -> bool:
        message = parcel.shown
        if parcel.second and not self.unanswered(message):
            return False
        try:
            return self._desk.may_leave(message, self._clock())
        except Exception as error:
            return _nobody_knows(message, error)

    async def _send(self, attempt: Attempt, out: Outbound) -> None:
        answer: Sent | SendError
        try:
            answer = await self._channels[attempt.leg.channel].send(out)
        except SendError as error:
            answer = error
        except Exception as error:
            answer = _bot_failed(attempt.leg, error)
        self._ended(attempt, answer)

    # --- what became of it ----------------------------------------------------------------------

    def _told(self, attempt: Attempt, answer: Sent | SendError) -> None:
        """The answer to a request that has no task of its own."""
        if self._stopped:
            return
        try:
            self._ended(attempt, answer)
        finally:
            self.posted -= 1
            if not self.posted:
                self._around.done()

    def _ended(self, attempt: Attempt, answer: Sent | SendError) -> None:
        leg, now = attempt.leg, self._steady()
        gate = self._gates[leg.channel]
        gate.end(attempt.ticket, now)
        self._around.place_free()
        if isinstance(answer, Sent):
            gate.answered(leg.handle, now)
            self._arrived(attempt.parcel, leg, answer.ref)
        else:
            self._around.spawn(self._refused(attempt, answer))

    def _arrived(self, parcel: Parcel, leg: Leg, ref: str) -> None:
        trace, message, fate = parcel.trace, parcel.owners[0], self._register.fate
        fresh = self._sorting.arrived(parcel, leg.channel, ref)
        if not (parcel.main and parcel.first):
            if fresh:
                trace.unwritten |= {leg.channel}
            self._around.spawn(self._arrived_besides(parcel, leg, ref))
            return
        opened_by = self._opened_by(parcel, leg)
        if opened_by is None:
            self._register.arrived(parcel, self._fates(parcel, leg, ref))
        else:
            self._sorting.wait_to_be_opened(parcel, leg.channel, opened_by)
            lies = fate(message.id, Fate.SENT, leg.channel, ref, last=False)
            self._register.arrived(parcel, [(message, lies)])
        if self._closing.is_set():
            self._around.spawn(self._register.tell())

    async def _arrived_besides(self, parcel: Parcel, leg: Leg, ref: str) -> None:
        """An edit, or a notice: where it lies is put on record before what became of it."""
        await self._register.write_refs(parcel.trace, parcel.owners[0])
        if parcel.main:
            await self._register.conclude(parcel, self._fates(parcel, leg, ref))
        self._register.told(parcel.trace)

    def _fates(self, parcel: Parcel, leg: Leg, ref: str) -> list[tuple[Message, Settled]]:
        late = parcel.second and not parcel.cancelled
        fate = self._register.fate
        return [
            (one, fate(one.id, Fate.SENT, leg.channel, ref, unopened=late)) for one in parcel.owners
        ]

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

    async def _refused(self, attempt: Attempt, error: SendError) -> None:
        parcel, leg, now = attempt.parcel, attempt.leg, self._steady()
        gate = self._gates[leg.channel]
        match error:
            case RetryLater(whole=True):
                wait_s = gate.hold(error.after_s, attempt.begun, now)
                _log.warning("outbox.channel_held", channel=leg.channel, after_s=round(wait_s, 1))
                self.wait_again(parcel)
            case RetryLater():
                gate.hold_chat(leg.handle, error.after_s, now)
                self.wait_again(parcel)
            case Unsure() if leg.channel not in parcel.unsure:
                parcel.unsure |= {leg.channel}
                parcel.repeat = True
                parcel.not_before_s = now + UNSURE_WAIT_S
                self.wait_again(parcel)
            case Unreachable():
                gate.answered(leg.handle, now)
                await self._tell_unreachable(parcel.trace.to, leg)
                await self._leg_ended(parcel, leg, error)
            case _:
                if isinstance(error, Rejected):
                    gate.answered(leg.handle, now)
                await self._leg_ended(parcel, leg, error)
        self._around.look_again()

    async def _tell_unreachable(self, person: PersonId, leg: Leg) -> None:
        try:
            await self._desk.unreachable(person, leg.channel, leg.handle)
        except Exception as error:
            # The next message there finds out again; this one must go on.
            _log.error("outbox.desk_failed", channel=leg.channel, error=type(error).__name__)

    async def _leg_ended(self, parcel: Parcel, leg: Leg, error: SendError) -> None:
        """Nothing more is tried on this leg: the next one, or the end."""
        parcel.ended |= {(leg.channel, leg.handle)}
        kind = type(error).__name__
        _log.warning("outbox.leg_failed", channel=leg.channel, error=kind, kind=parcel.shown.card)
        if parcel.cancelled or not self._chooser.legs_left(parcel):
            self._around.fail(parcel, leg.channel, "refused")
            return
        fate = self._register.fate(parcel.owners[0].id, Fate.FAILED, leg.channel, last=False)
        if parcel.main:
            await self._register.settle(parcel.owners[0], fate)
        self.wait_again(parcel)

    def wait_again(self, parcel: Parcel) -> None:
        """It has not left after all, and is tried again unless nobody wants it any more."""
        if parcel.cancelled:
            self._around.fail(parcel, "", "withdrawn")
        else:
            self._sorting.back(parcel)


def _nobody_knows(message: Message, error: Exception) -> bool:
    # Nobody can tell that this is the right person, and all others wait behind it.
    _log.error("outbox.desk_failed", kind=message.card, error=type(error).__name__)
    return False


def _bot_failed(leg: Leg, error: Exception) -> Unsure:
    # A fault of the bot: nobody knows how far it came.
    _log.error("outbox.bot_failed", channel=leg.channel, error=type(error).__name__)
    return Unsure("the bot failed")
