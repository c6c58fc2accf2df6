"""What happenings may ask of the history that they happen to.

What it must not know
    What happens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.model import Neighbourhood
from responder.core.playbook import Playbook
from responder.core.world import World
from responder.simulation.arriving import Arrivals
from responder.simulation.backups import Backup
from responder.simulation.clock import Clock
from responder.simulation.errands import Errands
from responder.simulation.habits import People
from responder.simulation.machine import Decide, Machine
from responder.simulation.plan import Plan
from responder.simulation.platforms import Platform
from responder.simulation.town import Town

_TRY_AGAIN_S: Final = 60.0


class Played(Machine, Protocol):
    """The history that all this happens to."""

    plan: Plan
    town: Town
    places: tuple[Neighbourhood, ...]
    editions: dict[str, Playbook]
    clock: Clock
    platforms: dict[str, Platform]
    errands: Errands
    people: People
    arrivals: Arrivals
    full_until: datetime | None

    @property
    def finished(self) -> bool:
        """Whether everything that was to be forgotten by now is."""

    def sweep(self) -> None:
        """The broom of the house."""

    def die_next(self) -> None:
        """Kill the process at the next commit or between the next two effects."""

    def backup(self) -> Backup:
        """A copy of what is on disk, as it is now."""

    def put_back(self, backup: Backup) -> None:
        """Somebody stops the network, and puts a backup in its place."""

    def at_the_terminal(self, what: str, kind: str, decide: Decide) -> bool:
        """One step of the process of a command, while none serves; then the network is started."""

    def after_silence(self, since: datetime) -> None:
        """Whoever is out there hears that the network was away."""


def at_the_desk(history: Played, what: str, kind: str, act: Callable[[Desk], None]) -> None:
    """Do something at the desk, and again a minute later where the disk did not take it."""

    def decide(world: World, at: datetime, nonce: bytes) -> Changes:
        desk = Desk(world, at, nonce)
        act(desk)
        return desk.changes

    if not history.step(what, kind, decide):
        history.later(_TRY_AGAIN_S, lambda: at_the_desk(history, what, kind, act))
