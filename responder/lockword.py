"""The passphrase after /lock, looked at before anything else in the program sees it.

Rules it keeps
    * Whatever stands after /lock is taken out of the message at once, whoever wrote it and
      wherever: what goes on holds the command and whether the words were right, never the words.
    * It is looked at only where it came from a coordinator over a channel that nobody reads along,
      and three times an hour for each: a guess costs the guesser an hour, not half a second.
    * It is looked at beside the event loop: stretching a passphrase takes half a second.
    * The same message handed in again gets the same answer, and counts once.

What it must not know
    What closing the network means.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec.structs import replace

from responder.core.model import PersonId, Role
from responder.core.spoken import Inbound, LockSign
from responder.core.talk import commands, locking
from responder.core.world import World
from responder.sealing import KeyFile, SealingError, WrongPassphrase

_log = structlog.get_logger()

_REMEMBERED: Final = 64
_WITHIN: Final = timedelta(hours=1)


class LockWords:
    """Takes the words after /lock out of messages, and compares them with the key file's."""

    def __init__(self, key_file: KeyFile | None) -> None:
        self._key_file = key_file
        self._wrong: list[tuple[PersonId, datetime]] = []
        self._answered: dict[tuple[str, str], LockSign | None] = {}

    async def read(self, message: Inbound, world: World, at: datetime) -> Inbound:
        """The message without such words, with what they were worth; others as they are."""
        command = commands.parse(message.text, slashless=False)
        if command is None or command.name is not commands.Name.LOCK or not command.arg:
            return message
        key = (message.channel, message.key)
        if key not in self._answered:
            sign = await self._sign(message, command.arg, world, at)
            while len(self._answered) >= _REMEMBERED:
                del self._answered[next(iter(self._answered))]
            self._answered[key] = sign
        return replace(message, text="/lock", lock=self._answered[key])

    async def _sign(
        self, message: Inbound, words: str, world: World, at: datetime
    ) -> LockSign | None:
        if message.channel not in world.private_channels:
            return LockSign.NOT_HERE
        person = world.at_address(message.channel, message.handle)
        if person is None or not person.has(Role.COORDINATOR) or self._key_file is None:
            return None
        if self._left(person.id, world, at) <= 0:
            return LockSign.TOO_MANY
        try:
            if not self._key_file.wants_passphrase:
                return None
            await asyncio.to_thread(self._key_file.load, words)
        except WrongPassphrase:
            self._wrong.append((person.id, at))
            return LockSign.WRONG
        except SealingError as error:
            _log.error("lock_words_unchecked", error=type(error).__name__)
            return None
        return LockSign.RIGHT

    def _left(self, person: PersonId, world: World, at: datetime) -> int:
        """Tries that are left: counted here too, for those that are not committed yet."""
        self._wrong = [(who, then) for who, then in self._wrong if abs(at - then) < _WITHIN]
        here = sum(who == person for who, _ in self._wrong)
        return min(locking.tries_left(world, person, at), locking.TRIES - here)
