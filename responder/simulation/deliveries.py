"""What becomes of a message: what the outbox says, looked at by the laws and committed.

Rules it keeps
    * What was sent, sealed or failed is committed with all that follows from it, or not at all.
    * Whoever got a message sees it; who did not is never shown it.

What it must not know
    Which way a message takes, how often it is tried.
"""

from __future__ import annotations

from datetime import datetime

from responder.core import network, reach
from responder.core.changes import Changes
from responder.core.messages import Fate, Message, Settled
from responder.core.model import Media
from responder.core.routing import Leg
from responder.core.world import World
from responder.simulation.disk import Row
from responder.simulation.errands import Errands
from responder.simulation.figures import Figures
from responder.simulation.habits import People
from responder.simulation.laws import Laws
from responder.simulation.machine import Machine
from responder.simulation.post import Left


class Deliveries:
    """All that the outbox of one history says; it outlives the process."""

    def __init__(
        self, machine: Machine, laws: Laws, people: People, errands: Errands, figures: Figures
    ) -> None:
        self._machine = machine
        self._laws = laws
        self._people = people
        self._errands = errands
        self._figures = figures

    def left(self, left: Left) -> None:
        """A message went over a channel, and perhaps arrived."""
        self._laws.leaving(left)
        if left.arrived:
            self._people.see(left)

    def acknowledged(self, message: Message, channel: str) -> bool:
        """Commit that it was sent."""
        if message.card in reach.CARDS:
            return self._noted(message, Fate.SENT, channel)
        if self._machine.full or self._machine.may_die("at an acknowledgement"):
            return False
        self._machine.disk.settle(message.id, Fate.SENT)
        return True

    def sealed(self, row: Row, channel: str) -> bool:
        """Commit that it lies sealed on its reader's phone."""
        if self._machine.full or self._machine.may_die("at an acknowledgement"):
            return False
        row.sealed_at, row.tried = self._machine.wall, row.tried | {channel}
        return True

    def unopened(self, message: Message, channel: str) -> bool:
        """Commit that it had to go another way, with all that follows from it."""
        if message.card in reach.CARDS:
            return self._noted(message, Fate.SENT, channel, unopened=True)

        def decide(world: World, at: datetime, nonce: bytes) -> Changes:
            changes = network.unopened(world, message, at, nonce)
            changes.settled.append(_fate(message, Fate.SENT, channel, at))
            return changes

        return self._machine.step(
            f"{message.card} to {message.to} was not opened", "unopened", decide
        )

    def _noted(self, message: Message, fate: Fate, channel: str, *, unopened: bool = False) -> bool:
        """What becomes of a message that asks whether somebody is reached."""

        def decide(world: World, at: datetime, nonce: bytes) -> Changes:
            settled = _fate(message, fate, channel, at, unopened=unopened)
            changes = network.noted(world, message, at, nonce, fate=settled)
            changes.settled.append(settled)
            return changes

        return self._machine.step(f"{message.card} to {message.to}: {fate}", "noted", decide)

    def withheld(self, message: Message) -> None:
        """It was to go another way, and may not, or cannot."""
        self._laws.lying.pop(message.id, None)

    def pictures(self, message: Message) -> tuple[Media, ...]:
        """What goes along with this message, as far as it can still be had."""
        return self._errands.goes_along(message)

    def failed(self, message: Message, why: str) -> bool:
        """Commit that it failed, with all that follows from it."""
        self._figures.failed[why] += 1
        if message.card in reach.CARDS:
            return self._noted(message, Fate.FAILED, "")

        def decide(world: World, at: datetime, nonce: bytes) -> Changes:
            changes = network.failed(world, message, at, nonce)
            changes.settled.append(_fate(message, Fate.FAILED, "", at))
            return changes

        what = f"{message.card} to {message.to} failed: {why}"
        return self._machine.step(what, "failed", decide, failed=message)

    def unreachable(self, message: Message, leg: Leg) -> None:
        """A platform says that nothing reaches this address."""
        to, channel, handle = message.to, leg.channel, leg.handle
        self._machine.step(
            f"{to} is not reached over {channel}",
            "unreachable",
            lambda w, at, n: network.unreachable(w, to, channel, handle, at, n),
        )


def _fate(
    message: Message, fate: Fate, channel: str, at: datetime, *, unopened: bool = False
) -> Settled:
    return Settled(message=message.id, channel=channel, fate=fate, at=at, unopened=unopened)
