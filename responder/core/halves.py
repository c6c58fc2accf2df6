"""Private reports of which some parts are still to come: kept sealed until the rest is there.

Rules it keeps
    * A part is on disk before its platform hears that we have it; it goes when the whole is
      taken in, in the same transaction.
    * Nobody's parts push out another person's: each has few, and all go after a day.
    * They are sealed under their sender's key: forgetting the person forgets them.

What it must not know
    How parts are put together and opened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.core.model import Level, Person, Record, decode, encode
from responder.core.spoken import Inbound
from responder.core.world import World

HALF: Final = "half:"
EACH: Final = 3
"""Private reports that one person may have begun: whoever begins more loses their own oldest."""
LASTS: Final = timedelta(days=1)
LARGEST: Final = 32 * 1024
"""Characters of one message that are kept."""


class Half(Record):
    """What has come of one private report, as it came, the oldest part first."""

    channel: str
    handle: str
    begun_at: datetime
    texts: tuple[str, ...] = ()


def told(world: World, channel: str, handle: str) -> tuple[str, ...]:
    """All parts of unfinished private reports from there."""
    halves = _from_there(world, channel, handle).values()
    return tuple(text for half in halves for text in half.texts)


def follow(desk: Desk, message: Inbound) -> None:
    """Keep the part that this message is, or let all of them go that it completes."""
    part = message.part
    person = desk.world.at_address(message.channel, message.handle)
    if part is None or person is None:
        return
    name = f"{HALF}{message.channel}:{message.handle}:{part.report}"
    if part.whole:
        _drop(desk, name)
        return
    if not 0 < len(part.text) <= LARGEST or desk.world.level(person.id) is Level.BLOCKED:
        return
    mine = _from_there(desk.world, message.channel, message.handle)
    half = mine.get(name) or Half(channel=message.channel, handle=message.handle, begun_at=desk.at)
    mine[name] = replace(half, texts=(*half.texts, part.text))
    value = encode(mine[name]).decode()
    desk.put(Setting(name=name, value=value, sealed_under=f"person:{person.id}"))
    for old in sorted(mine, key=lambda n: mine[n].begun_at)[:-EACH]:
        _drop(desk, old)


def forget(desk: Desk, person: Person) -> None:
    """Whatever this person began to tell goes with them."""
    here = {(a.channel, a.handle) for a in person.addresses}
    for name, half in _all(desk.world).items():
        if (half.channel, half.handle) in here:
            _drop(desk, name)


def sweep(desk: Desk) -> None:
    """Drop what was begun too long ago."""
    for name, half in _all(desk.world).items():
        if desk.at - half.begun_at >= LASTS:
            _drop(desk, name)


def _drop(desk: Desk, name: str) -> None:
    if name in desk.world.settings:
        desk.delete(Setting(name=name, value=""))
        desk.world.settings.pop(name, None)


def _all(world: World) -> dict[str, Half]:
    names = [name for name in world.settings if name.startswith(HALF)]
    return {name: decode(world.settings[name].encode(), Half) for name in names}


def _from_there(world: World, channel: str, handle: str) -> dict[str, Half]:
    return {n: h for n, h in _all(world).items() if (h.channel, h.handle) == (channel, handle)}
