"""A simulated outbox: every message leaves, is withdrawn, or fails, and each does so once.

It keeps what the real one must keep: the last look before a message leaves, words for members
only over private channels, an edit after the message that it edits, nothing after its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from responder.core import network
from responder.core.changes import Changes, Fate, Message
from responder.core.model import Address, MessageId, PersonId
from responder.core.world import World


@dataclass(frozen=True)
class Left:
    """A message as it left: which form of it went where."""

    message: Message
    at: datetime
    channel: str
    text: str
    whole: bool
    """Whether the words themselves went, and not the notice."""


class Post:
    """Takes messages from committed changes and carries them, at times badly."""

    def __init__(
        self,
        world: World,
        chance: Random,
        later: Callable[[float, Callable[[], None]], None],
        left: Callable[[Left], None],
        failed: Callable[[Message, str], None],
    ) -> None:
        self._world = world
        self._chance = chance
        self._later = later
        self._left = left
        self._failed = failed
        self.fates: dict[MessageId, Fate | None] = {}
        self.losses = 0.03

    def take(self, changes: Changes) -> None:
        """Messages of one transaction: from now on they wait to leave."""
        for id in changes.withdrawn:
            if id in self.fates and self.fates[id] is None:
                self.fates[id] = Fate.WITHDRAWN
        for message in changes.messages:
            assert message.id not in self.fates, f"two messages are called {message.id}"
            self.fates[message.id] = None
            self._try_later(message, 0.5 + message.urgency * self._chance.uniform(0.1, 4))

    def _try_later(self, message: Message, seconds: float) -> None:
        self._later(seconds, lambda: self._leave(message))

    def _leave(self, message: Message) -> None:
        if self.fates[message.id] is not None:
            return
        edited = self.fates.get(message.replaces) if message.replaces else Fate.SENT
        if edited is None:
            self._try_later(message, 1)
        elif edited is Fate.WITHDRAWN:
            self._settle(message, Fate.WITHDRAWN)
        else:
            self._send(message)

    def _send(self, message: Message) -> None:
        at = self.now()
        where = self._where(message)
        why = ""
        if message.expires_at is not None and message.expires_at < at:
            why = "too late"
        elif not network.may_leave(self._world, message, at):
            why = "barred"
        elif where is None:
            why = "no address"
        elif self._chance.random() < self.losses:
            why = "refused"
        if why or where is None:
            self._settle(message, Fate.FAILED)
            self._failed(message, why)
            return
        self._settle(message, Fate.SENT)
        whole = message.open or where.channel in self._world.private_channels
        text = message.text if whole else message.notice
        self._left(Left(message, at, where.channel, text, whole))

    def _where(self, message: Message) -> Address | None:
        if message.handle:
            return Address(channel=message.channel, handle=message.handle)
        person = self._world.person(message.to)
        living = [a for a in person.addresses if not a.dead] if person else []
        if message.only:
            living = [a for a in living if a.channel == message.channel]
        private = self._world.private_channels

        def turn(address: Address) -> tuple[bool, bool]:
            asked = address.channel == message.channel
            return not asked, not message.open and address.channel not in private

        return min(living, key=turn, default=None)

    def _settle(self, message: Message, fate: Fate) -> None:
        assert self.fates[message.id] is None, f"{message.id} is settled twice"
        self.fates[message.id] = fate

    now: Callable[[], datetime]

    @property
    def open(self) -> list[MessageId]:
        """Those that have no fate yet."""
        return [id for id, fate in self.fates.items() if fate is None]


def soon(chance: Random, low: float, high: float) -> float:
    """Some seconds between these."""
    return round(chance.uniform(low, high), 3)


def hours(number: float) -> timedelta:
    """That many hours."""
    return timedelta(hours=number)


def handle_of(world: World, person: PersonId) -> Address | None:
    """Where this person writes from."""
    who = world.person(person)
    return who.addresses[-1] if who and who.addresses else None
