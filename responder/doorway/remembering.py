"""What bots have kept about people's addresses, in the network's own sealed store.

Rules it keeps
    * It is sealed under the person's key, so that it goes when the person is forgotten.
    * It is filed under the person, not the address: no number or name of an account is in it.

What it must not know
    What a fact means to the bot that keeps it.
"""

from __future__ import annotations

from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.dispatching.dispatcher import Dispatcher


class Notebook:
    """The `Memory` of one channel."""

    def __init__(self, dispatcher: Dispatcher, channel: str) -> None:
        self._dispatcher = dispatcher
        self._channel = channel

    def recall(self, handle: str) -> str | None:
        """What was kept; "" where nothing was, None where nobody is known at this address."""
        world = self._dispatcher.world
        person = world.at_address(self._channel, handle)
        return None if person is None else world.settings.get(self._name(person.id), "")

    async def keep(self, handle: str, fact: str) -> None:
        """Put it on disk in the place of what was kept before."""

        def put(desk: Desk) -> None:
            person = desk.world.at_address(self._channel, handle)
            if person is not None:
                key = f"person:{person.id}"
                desk.put(Setting(name=self._name(person.id), value=fact, sealed_under=key))

        await self._dispatcher.do(put)

    def _name(self, person: str) -> str:
        return f"{self._channel}-kept:{person}"
