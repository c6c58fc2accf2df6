"""Answers that came too early: a thumb on a message of which we do not know yet that it arrived.

What it is for
    A platform shows our message, and takes its time to tell us so. Whoever reacts meanwhile has
    answered: "going", or a sign of life. It is kept until we know which message it means.

Rules it keeps
    * Only somebody whom we asked something is kept waiting, with few reactions and not for long:
      what is old by then answers nothing.
    * They are sealed under their sender's key: forgetting the person forgets them.

What it must not know
    What a reaction means; how a message is found by a platform's reference.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.core.model import Person, Record, decode, encode
from responder.core.spoken import Inbound
from responder.core.world import World

EARLY: Final = "early:"
EACH: Final = 5
"""Reactions of one person that are kept: the newest."""
LASTS: Final = timedelta(minutes=10)
"""As long as words answer an old press. A platform that needs longer repeats the message."""


class Early(Record):
    """A reaction, and when it came."""

    at: datetime
    message: Inbound


def keep(desk: Desk, message: Inbound) -> bool:
    """Keep this reaction to a message that is not known yet; whether it may mean anything."""
    person = desk.world.at_address(message.channel, message.handle)
    if person is None or not message.target or not desk.world.prompts_of(person.id):
        return False
    mine = [name for name, one in all_of(desk.world).items() if _same(one.message, message)]
    for name in mine[: len(mine) - EACH + 1] if len(mine) >= EACH else ():
        drop(desk, name)
    setting = Setting(
        name=f"{EARLY}{message.channel}:{message.handle}:{message.target}",
        value=encode(Early(at=desk.at, message=message)).decode(),
        sealed_under=f"person:{person.id}",
    )
    desk.put(setting)
    return True


def some(world: World) -> bool:
    """Whether any waits."""
    return any(name.startswith(EARLY) for name in world.settings)


def all_of(world: World) -> dict[str, Early]:
    """Every reaction that waits, by its setting's name, the oldest first."""
    names = [name for name in world.settings if name.startswith(EARLY)]
    found = {name: decode(world.settings[name].encode(), Early) for name in names}
    return dict(sorted(found.items(), key=lambda item: item[1].at))


def drop(desk: Desk, name: str) -> None:
    """It waits no longer."""
    desk.delete(Setting(name=name, value=""))


def sweep(desk: Desk) -> None:
    """Drop what came too long ago."""
    for name, one in all_of(desk.world).items():
        if desk.at - one.at >= LASTS:
            drop(desk, name)


def forget(desk: Desk, person: Person) -> None:
    """Whatever this person answered too early goes with them."""
    here = {(a.channel, a.handle) for a in person.addresses}
    for name, one in all_of(desk.world).items():
        if (one.message.channel, one.message.handle) in here:
            drop(desk, name)


def _same(one: Inbound, other: Inbound) -> bool:
    return (one.channel, one.handle) == (other.channel, other.handle)
