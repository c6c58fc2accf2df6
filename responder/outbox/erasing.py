"""Takes messages back from people's screens, as far as their platforms let us.

What it is for
    What was recalled is deleted wherever it arrived, one after the other, behind everything that
    still has to reach somebody.

Rules it keeps
    * Best effort: what a platform refuses to take back is counted in the log and left; where it
      does not answer, it is asked again, after a restart as well.
    * Every version of an edited message is named: apps differ in which of them they obey.

What it must not know
    Why something is taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from responder.core.messages import Urgency
from responder.core.model import MessageId, Person, PersonId
from responder.outbox.pacing import Gate
from responder.ports import Channel, RetryLater, Unsure
from responder.storage.rows import StoreError

TRIES: Final = 5
LOOK_AGAIN_S: Final = 1.0
"""While something else keeps a channel busy."""
STORE_WAIT_S: Final = 1.0
"""Before the store is asked again after it failed."""
UNSURE_WAIT_S: Final = 2.0
"""Before an order whose answer was lost is given once more: twice does no harm."""

_log = structlog.get_logger("outbox")

Arrivals = Callable[[MessageId], Awaitable[tuple[PersonId, Mapping[str, tuple[str, ...]]]]]
"""Whom a message reached, and the references that it has on each channel."""


@dataclass(frozen=True)
class Theirs:
    """What somebody wrote to us, to be deleted from their chat; `done` puts that on record."""

    channel: str
    handle: str
    ref: str
    done: Callable[[], Awaitable[None]]


_Turn = tuple[bool, int, MessageId | Theirs]
"""Whether it gives way, and how many came before: ours first, in the order in which they came."""


class Eraser:
    """A queue of messages to take back, ours and theirs. `run` works it off until cancelled.

    `wait` waits for at most so many seconds. `done` puts on record that a message is taken back;
    `under_way` tells whether some of it may still arrive.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        gates: Mapping[str, Gate],
        *,
        arrivals: Arrivals,
        under_way: Callable[[MessageId], bool],
        done: Callable[[MessageId], Awaitable[None]],
        person: Callable[[PersonId], Person | None],
        steady: Callable[[], float],
        wait: Callable[[float], Awaitable[None]],
        freed: Callable[[], None],
    ) -> None:
        self._channels, self._gates = channels, gates
        self._arrivals, self._person = arrivals, person
        self._under_way, self._done = under_way, done
        self._steady, self._wait, self._freed = steady, wait, freed
        self._queue: asyncio.PriorityQueue[_Turn] = asyncio.PriorityQueue()
        self._added = 0

    def add(self, one: MessageId | Theirs) -> None:
        """Take this message back, in its turn: after a flood there are thousands of theirs, and
        what people were told of a place must not stand until all of them are gone."""
        self._put(one, gives_way=isinstance(one, Theirs))

    def _put(self, one: MessageId | Theirs, *, gives_way: bool) -> None:
        self._added += 1
        self._queue.put_nowait((gives_way, self._added, one))

    async def run(self) -> None:
        """Take back what is in the queue, until cancelled."""
        while True:
            _, _, one = await self._queue.get()
            try:
                if not await self._taken_back(one):
                    # Behind all others, theirs among them: they may stand on one that answers.
                    self._put(one, gives_way=True)
            except StoreError as error:
                _log.error("outbox.refs_unread", error=type(error).__name__)
                self.add(one)
                await self._wait(STORE_WAIT_S)
            except Exception as error:
                # A bug of ours: it stays on disk for the next start, and the others go on.
                _log.error("outbox.not_erased", error=type(error).__name__)

    async def _taken_back(self, one: MessageId | Theirs) -> bool:
        """Whether that was done and, where nothing of it is still under way, put on record."""
        if isinstance(one, Theirs):
            there = one.channel in self._channels
            if there and not await self._erase_one(one.channel, one.handle, one.ref):
                return False
            await one.done()
            return True
        if not await self._erase(one):
            return False
        if not self._under_way(one):
            await self._done(one)
        return True

    async def _erase(self, id: MessageId) -> bool:
        """Whether nothing of it is left that can be taken back."""
        reader, refs = await self._arrivals(id)
        person = self._person(reader)
        handles: dict[str, str] = {}
        for address in person.addresses if person else ():
            handles.setdefault(address.channel, address.handle)
        answered = True
        for channel in sorted(refs.keys() & handles.keys() & self._channels.keys()):
            for ref in reversed(refs[channel]):
                answered &= await self._erase_one(channel, handles[channel], ref)
        return answered

    async def _erase_one(self, name: str, handle: str, ref: str) -> bool:
        """Whether the platform answered, whatever it said."""
        gate, unsure = self._gates[name], False
        for _ in range(TRIES):
            if unsure:
                await self._wait(UNSURE_WAIT_S)
            begun = await self._turn(gate, handle)
            ticket = gate.begin(handle, begun)
            try:
                await self._channels[name].delete(handle, ref)
            except RetryLater as error:
                unsure = False
                if error.whole:
                    gate.hold(error.after_s, begun, self._steady())
                else:
                    gate.hold_chat(handle, error.after_s, self._steady())
            except Unsure:
                unsure = True
            except Exception as error:
                _log.warning("outbox.erase_failed", channel=name, error=type(error).__name__)
                return True
            else:
                return True
            finally:
                gate.end(ticket)
                self._freed()
        return unsure

    async def _turn(self, gate: Gate, handle: str) -> float:
        """Wait until nothing more urgent needs the gate, and the chat is not held; the time.

        What is deleted in a chat disturbs nobody there: it keeps no distance.
        """
        while True:
            now = self._steady()
            held = gate.chat_opens_at(handle, Urgency.PAGE, now)
            opens = max(gate.opens_at(Urgency.QUIET, now), held)
            if opens <= now:
                return now
            await self._wait(min(opens - now, LOOK_AGAIN_S))
