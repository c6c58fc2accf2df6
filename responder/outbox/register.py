"""What became of messages, told to the desk until it is on disk.

Rules it keeps
    * Of a message that carried an edit the original's fate is told first: the edit can follow it.
    * A reference on disk says that a message was sent: it is written after the message's own fate.
    * What arrived at about the same time is told together: one word to the desk, one commit.
    * What the desk did not take is told again: what is not on disk would be sent again.

What it must not know
    Why a message met its fate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import structlog

from responder.core.messages import Fate, Message, Settled
from responder.core.model import MessageId
from responder.outbox.mailbag import Parcel, Trace
from responder.outbox.needs import Desk, Timer

Told: TypeAlias = Sequence[tuple[Message, Settled]]
"""The fates of the messages of one parcel, the original's first."""

STORE_WAIT_S: Final = 1.0
"""Before the store is asked again after it failed."""

_log = structlog.get_logger("outbox")


class Register:
    """Where fates are put on record; after `closing` each is told once more at the most.

    `told` hears of each message that arrived, once that is on disk.
    """

    def __init__(
        self,
        desk: Desk,
        clock: Callable[[], datetime],
        timer: Timer,
        closing: asyncio.Event,
        told: Callable[[Trace], None],
    ) -> None:
        self._desk, self._clock, self._timer, self._closing = desk, clock, timer, closing
        self.told = told
        self._arrived: list[tuple[Parcel, Told]] = []

    def fate(
        self,
        id: MessageId,
        fate: Fate,
        channel: str = "",
        ref: str = "",
        *,
        last: bool = True,
        unopened: bool = False,
    ) -> Settled:
        """The end of this message on this channel, now."""
        return Settled(
            message=id,
            channel=channel,
            fate=fate,
            at=self._clock(),
            ref=ref,
            last=last,
            unopened=unopened,
        )

    @property
    def waiting(self) -> bool:
        """Whether something arrived that `tell` has to be called for."""
        return bool(self._arrived)

    def arrived(self, parcel: Parcel, fates: Told) -> None:
        """It arrived, and is put on record with all others that `tell` finds."""
        self._arrived.append((parcel, fates))

    async def tell(self) -> None:
        """Put on record what has arrived by now: in one go, or where that fails, each by itself."""
        batch, self._arrived = self._arrived, []
        if not batch:
            return
        try:
            await self._desk.arrived([fates for _, fates in batch])
        except Exception as error:
            _log.error("outbox.settle_failed", error=type(error).__name__, count=len(batch))
            await asyncio.gather(*(self.conclude(*one) for one in batch))
        else:
            for parcel, _ in batch:
                await self._on_record(parcel)
        for parcel, _ in batch:
            self.told(parcel.trace)

    async def settle(self, message: Message, fate: Settled) -> None:
        """Tell the desk until it is on disk: what is not there would be sent again."""
        tries = 0
        while True:
            try:
                return await self._desk.settled(message, fate)
            except Exception as error:
                _log.error("outbox.settle_failed", error=type(error).__name__, attempt=tries)
            if self._closing.is_set():
                return
            await self._timer.wait(self._closing, min(STORE_WAIT_S * 2.0 ** min(tries, 5), 30.0))
            tries += 1

    async def conclude(self, parcel: Parcel, fates: Told) -> None:
        """Put the fates on record, the original's first: an edit that it carried can follow it."""
        for message, fate in fates:
            await self.settle(message, fate)
        await self._on_record(parcel)

    async def _on_record(self, parcel: Parcel) -> None:
        if parcel.first:
            parcel.trace.open = False
        if parcel.trace.unwritten:
            await self.write_refs(parcel.trace, parcel.owners[0])

    async def write_refs(self, trace: Trace, message: Message) -> None:
        """Put on record under which references the original can be changed and answered.

        Only once it has met its own fate: a reference on disk says that it was sent.
        """
        while trace.unwritten and not trace.open:
            channel = min(trace.unwritten)
            trace.unwritten -= {channel}
            refs = " ".join(trace.refs[channel])
            fate = self.fate(trace.id, Fate.SENT, channel, refs, last=False)
            await self.settle(message, fate)
