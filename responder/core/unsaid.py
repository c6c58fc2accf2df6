"""What people wrote and what is to be deleted from their chat, now that it is safely here.

What it is for
    A network may want what is reported to leave the chat, and a passphrase always must. The
    platform deletes it after the commit, at some moment: until it has, it is to be done.

Rules it keeps
    * That it is to be done commits with the message itself: no crash leaves a report standing.
    * It is kept as long as a platform lets a bot do so, and no longer; sealed under the writer's
      key, so that forgetting the person forgets it.

What it must not know
    Platforms, and when the moment is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.core.model import Person, Record, decode, encode
from responder.core.spoken import Inbound
from responder.core.world import World

UNSAID: Final = "unsaid:"
KEPT: Final = timedelta(hours=48)
"""Telegram lets a bot delete what a person wrote for so long (`deleteMessage` of its Bot API)."""


class Unsaid(Record):
    """A message of somebody's that is to be deleted, by its platform's reference."""

    at: datetime
    channel: str
    handle: str
    ref: str


def keep(desk: Desk, message: Inbound) -> None:
    """Note that this message is to be deleted, where it is, and where its writer is known."""
    person = desk.world.at_address(message.channel, message.handle)
    if not message.unsay or person is None:
        return
    one = Unsaid(at=desk.at, channel=message.channel, handle=message.handle, ref=message.ref)
    key = f"person:{person.id}"
    desk.put(Setting(name=name_of(message), value=encode(one).decode(), sealed_under=key))


def name_of(message: Inbound) -> str:
    """Under which name it is noted."""
    return f"{UNSAID}{message.channel}:{message.handle}:{message.ref}"


def all_of(world: World) -> dict[str, Unsaid]:
    """Every message that is still to be deleted, by its setting's name, the oldest first."""
    names = [name for name in world.settings if name.startswith(UNSAID)]
    found = {name: decode(world.settings[name].encode(), Unsaid) for name in names}
    return dict(sorted(found.items(), key=lambda item: item[1].at))


def drop(desk: Desk, name: str) -> None:
    """It is deleted, or can't be."""
    if name in desk.world.settings:
        desk.delete(Setting(name=name, value=""))


def sweep(desk: Desk) -> None:
    """Drop what no platform deletes any more."""
    for name, one in all_of(desk.world).items():
        if desk.at - one.at >= KEPT:
            drop(desk, name)


def forget(desk: Desk, person: Person) -> None:
    """Whatever this person wrote goes with them."""
    here = {(a.channel, a.handle) for a in person.addresses}
    for name, one in all_of(desk.world).items():
        if (one.channel, one.handle) in here:
            drop(desk, name)
