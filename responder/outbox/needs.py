"""What the outbox needs of the program around it: a store, a desk, time, and what goes along.

Rules it keeps
    * These are shapes alone: tests hand in fakes, `app` the real things.

What it must not know
    Who stands behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

from responder.core.changes import Stored
from responder.core.messages import Message, Settled
from responder.core.model import Media, MessageId, Person, PersonId
from responder.ports import Attachment, Option, Rejected
from responder.storage.drawer import SentRef, Waiting

S = TypeVar("S", bound=Stored)
Seal: TypeAlias = Callable[[Message], tuple[str, tuple[Option, ...]]]
"""What stands above the links, and the links under which a message lies sealed for its reader's
phones: none where a phone has nothing to learn from it. Raises `Rejected`."""
Attach: TypeAlias = Callable[[Media], Awaitable[Attachment | None]]


class Records(Protocol):
    """What the outbox needs of the store."""

    async def claim(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        """Mark messages as under way; those of them that may be sent."""

    async def waiting(self) -> list[Waiting]:
        """Every message without a fate."""

    async def sent_refs(self, messages: Sequence[MessageId]) -> list[SentRef]:
        """Where these messages arrived."""

    async def recalls(self) -> list[MessageId]:
        """Every message that was recalled and is not known to be taken back."""

    async def recall_done(self, message: MessageId) -> None:
        """It was taken back, as far as it can be."""

    async def load(self, kind: type[S]) -> list[S]:
        """Every record of the kind."""


class Desk(Protocol):
    """What the outbox needs of the dispatcher."""

    def person(self, person: PersonId) -> Person | None:
        """The person's record; None where it has been forgotten."""

    def may_leave(self, message: Message, at: datetime) -> bool:
        """Whether the message may still be sent to its reader (law L3); asked for notices too."""

    def unanswered(self, message: Message) -> bool:
        """Whether its reader has answered nothing of what the message asks, and still could."""

    def has_phone(self, person: PersonId) -> bool:
        """Whether this person has a phone for which words can be sealed."""

    async def settled(self, message: Message, fate: Settled) -> None:
        """Commit the fate, with all that follows from it. May be told twice.

        With `fate.last` false nothing follows: one channel of several failed, or a reference
        changed. Then `fate.message` may name the original that `message` edits, and `fate.ref`
        holds all references that are worth keeping, parted by spaces, the newest last.
        """

    async def arrived(self, told: Sequence[Sequence[tuple[Message, Settled]]]) -> None:
        """Commit these fates as `settled` would, as few commits as may be: those of one parcel in
        order. Where it raises, some may be committed. May be told twice."""

    async def unreachable(self, person: PersonId, channel: str, handle: str) -> None:
        """Mark the address as dead, and tell coordinators. May be told twice."""


def no_seal(message: Message) -> tuple[str, tuple[Option, ...]]:
    """As where there is no pager."""
    raise Rejected("there is no pager to seal for")


class Timer:
    """Waits in real time; tests hand in one that needs none."""

    async def wait(self, event: asyncio.Event, timeout_s: float | None) -> None:
        """Return when the event is set, or after `timeout_s` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await event.wait()
