"""The passphrase after /lock, looked at before anything else in the program sees it.

Rules it keeps
    * Whatever stands after /lock is taken out of the message at once, whoever wrote it and
      wherever: what goes on holds the command and whether the words were right, never the words.
      Without the slash that goes for the right words alone.
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
from responder.storage.keyfile import KeyFile, WrongPassphrase
from responder.storage.sealing import SealingError

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
        command = _lock(message.text)
        bare = None if command else _lock(f"/{message.text.lstrip()}")
        if bare is not None and self._may(message, world):
            # On Signal people know no slash. "Lock the doors, they are here" is no passphrase, and
            # must be heard: only the right words are taken out.
            read = await self._read(message, bare, world, at)
            return read if read.lock is LockSign.RIGHT else message
        return message if command is None else await self._read(message, command, world, at)

    async def _read(
        self, message: Inbound, command: commands.Command, world: World, at: datetime
    ) -> Inbound:
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

    def _may(self, message: Inbound, world: World) -> bool:
        """Whether this comes from a coordinator over a channel that nobody reads along."""
        person = world.at_address(message.channel, message.handle)
        private = message.channel in world.private_channels
        return private and person is not None and person.has(Role.COORDINATOR)

    def _left(self, person: PersonId, world: World, at: datetime) -> int:
        """Tries that are left: counted here too, for those that are not committed yet."""
        self._wrong = [(who, then) for who, then in self._wrong if abs(at - then) < _WITHIN]
        here = sum(who == person for who, _ in self._wrong)
        return min(locking.tries_left(world, person, at), locking.TRIES - here)


def _lock(text: str) -> commands.Command | None:
    """The command, where it is /lock with words after it."""
    command = commands.parse(text, slashless=False)
    is_lock = command is not None and command.name is commands.Name.LOCK
    return command if command is not None and is_lock and command.arg else None
