"""What became of each message, noted on its way from the outbox to the desk.

Rules it keeps
    * A fate counts once the desk has it on disk; until then a failure stands here as unsettled.
    * The messages themselves are not kept.

What it must not know
    Why a message failed, and what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from responder.core.auditing import Unsettled
from responder.core.messages import Fate, Message, Settled
from responder.core.model import MessageId, PersonId
from responder.dispatching.dispatcher import Dispatcher

Told = Callable[[Message, Settled], None]
"""Hears of a fate that is on disk."""


class Ledger:
    """The desk as the outbox sees it, with a note of each fate that passes."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._unsettled: dict[MessageId, Unsettled] = {}
        self.settled_at: datetime | None = None
        """When the last fate came through: whether the outbox gets anything done at all."""
        self.told: list[Told] = []
        self.person = dispatcher.person
        self.may_leave = dispatcher.may_leave
        self.unanswered = dispatcher.unanswered
        self.has_phone = dispatcher.has_phone

    def unsettled(self) -> tuple[Unsettled, ...]:
        """The messages that failed, and of which the desk could not take note yet."""
        return tuple(self._unsettled.values())

    async def settled(self, message: Message, fate: Settled) -> None:
        """Let the desk commit the fate. Raises what the desk raises."""
        if fate.fate is Fate.FAILED and fate.last and message.id not in self._unsettled:
            one = Unsettled(message=message.id, since=fate.at, incident=message.incident)
            self._unsettled[message.id] = one
        await self._dispatcher.settled(message, fate)
        self._unsettled.pop(message.id, None)
        self.settled_at = fate.at
        for told in self.told:
            told(message, fate)

    async def arrived(self, told: Sequence[Sequence[tuple[Message, Settled]]]) -> None:
        """Let the desk commit what arrived at about the same time. Raises what the desk raises."""
        await self._dispatcher.arrived(told)
        self.settled_at = told[-1][-1][1].at
        for hear in self.told:
            for parcel in told:
                for message, fate in parcel:
                    hear(message, fate)

    async def unreachable(self, person: PersonId, channel: str, handle: str) -> None:
        """Let the desk mark the address as dead."""
        await self._dispatcher.unreachable(person, channel, handle)
