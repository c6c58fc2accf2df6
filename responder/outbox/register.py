"""What became of messages, told to the desk until it is on disk.

Rules it keeps
    * Of a message that carried an edit the original's fate is told first: the edit can follow it.
    * A reference on disk says that a message was sent: it is written after the message's own fate.
    * What the desk did not take is told again: what is not on disk would be sent again.

What it must not know
    Why a message met its fate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from responder.core.messages import Fate, Message, Settled
from responder.core.model import MessageId
from responder.outbox.mailbag import Parcel, Trace
from responder.outbox.needs import Desk, Timer

STORE_WAIT_S: Final = 1.0
"""Before the store is asked again after it failed."""

_log = structlog.get_logger("outbox")


class Register:
    """Where fates are put on record; after `closing` each is told once more at the most."""

    def __init__(
        self, desk: Desk, clock: Callable[[], datetime], timer: Timer, closing: asyncio.Event
    ) -> None:
        self._desk, self._clock, self._timer, self._closing = desk, clock, timer, closing

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

    async def conclude(self, parcel: Parcel, fates: Sequence[tuple[Message, Settled]]) -> None:
        """Put the fates on record, the original's first: an edit that it carried can follow it."""
        for message, fate in fates:
            await self.settle(message, fate)
        if parcel.first:
            parcel.trace.open = False
        await self.write_refs(parcel.trace, parcel.owners[0])

    async def write_refs(self, trace: Trace, message: Message) -> None:
        """Put on record under which references the original can be changed and answered.

        Only once it has met its own fate: a reference on disk says that it was sent.
        """
        while trace.unwritten and not trace.open:
            channel = trace.unwritten.pop()
            refs = " ".join(trace.refs[channel])
            fate = self.fate(trace.id, Fate.SENT, channel, refs, last=False)
            await self.settle(message, fate)
