"""What lies sealed on somebody's phone and may have to go another way.

Rules it keeps
    * When it is due is known from what is on disk: when it arrived, and what it asks.
    * It stands in no line meanwhile: nothing waits behind it.

What it must not know
    Whether an answer came; where it goes instead; the clock.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime

from responder.core.messages import Message
from responder.core.model import MessageId
from responder.outbox.mailbag import Trace


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message that arrived sealed; `tried` are the channels that it need not go over again."""

    trace: Trace
    message: Message
    tried: frozenset[str]


class Unopened:
    """Sealed messages by the time at which they go another way."""

    def __init__(self) -> None:
        self._waiting: dict[MessageId, Sealed] = {}
        self._due: list[tuple[datetime, MessageId]] = []

    def add(self, one: Sealed, due_at: datetime) -> None:
        """Let it wait until then."""
        self._waiting[one.message.id] = one
        heapq.heappush(self._due, (due_at, one.message.id))

    def drop(self, id: MessageId) -> Message | None:
        """It waits no more; the message, if it did."""
        found = self._waiting.pop(id, None)
        return found.message if found else None

    def due(self, at: datetime) -> list[Sealed]:
        """Take out what has waited long enough by `at`, the first due first."""
        found = []
        while self._due and self._due[0][0] <= at:
            _, id = heapq.heappop(self._due)
            one = self._waiting.pop(id, None)
            if one is not None:
                found.append(one)
        return found

    def next_due(self) -> datetime | None:
        """When to ask again at the latest."""
        while self._due and self._due[0][1] not in self._waiting:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None
