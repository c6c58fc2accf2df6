"""What could not be worked off: kept sealed, told to those concerned, tried again, forgotten.

Rules it keeps
    * Only the program's own bugs bring a message here; its sender and the coordinators hear of it.
    * It is sealed under its sender's key: forgetting the person forgets it.
    * What is shown of it is when it came, over which channel and of which sort; never a word.

What it must not know
    Storage, the clock, what was wrong with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import unsaid
from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.core.model import Level, Person, Record, decode, encode
from responder.core.phrases import say
from responder.core.spoken import Inbound, Reply
from responder.core.talk.chat import emergency_line
from responder.core.talk.conversation import Conversation
from responder.core.world import World

ASIDE: Final = "aside:"
KEPT: Final = timedelta(days=7)
"""So long it waits for somebody to look into it."""
_TOLD_EVERY: Final = timedelta(minutes=10)
"""How often one sender, and all coordinators, hear of such messages."""


class Aside(Record):
    """A message that could not be worked off, and when it was put aside."""

    at: datetime
    message: Inbound

    @property
    def sort(self) -> str:
        """What it is, in one word that says nothing of its content."""
        said = self.message
        if said.token or said.reaction:
            return "answer"
        return "picture or voice" if said.media else "place" if said.pin else "words"


def name_of(at: datetime, id: str = "") -> str:
    """Under which name a message is put aside, by day."""
    return f"{ASIDE}{at:%Y-%m-%d}:{id}"


def put(desk: Desk, message: Inbound, *, answered: bool = True) -> None:
    """Put it aside; `answered`: and let its sender and the coordinators know."""
    known = desk.world.at_address(message.channel, message.handle)
    lately = [a for a in all_of(desk.world).values() if abs(desk.at - a.at) < _TOLD_EVERY]
    theirs = any(_from_there(a, message.channel, message.handle) for a in lately)
    if answered and not theirs:
        known = Conversation(desk, message).person
        if desk.world.level(known.id) is not Level.BLOCKED:
            words = say(known.language, "desk.aside_sender")
            line = emergency_line(desk.world.network, known.language)
            desk.reply(known, Reply(text=f"{words}\n\n{line}"), message.channel)
    setting = Setting(
        name=name_of(desk.at, desk.ids.next()),
        # A passphrase that was right then must not close the network days later.
        value=encode(Aside(at=desk.at, message=replace(message, lock=None, unsay=False))).decode(),
        sealed_under=f"person:{known.id}" if known else "",
    )
    desk.put(setting)
    unsaid.keep(desk, message)
    if not lately:
        desk.tell_coordinators("set_aside")


def all_of(world: World) -> dict[str, Aside]:
    """Every message that was put aside, by its setting's name, the oldest first."""
    names = sorted(name for name in world.settings if name.startswith(ASIDE))
    found = {name: decode(world.settings[name].encode(), Aside) for name in names}
    return dict(sorted(found.items(), key=lambda item: item[1].at))


def drop(desk: Desk, name: str) -> None:
    """It waits no longer."""
    desk.delete(Setting(name=name, value=""))
    desk.world.settings.pop(name, None)


def forget(desk: Desk, person: Person) -> None:
    """Whatever came from this person and was put aside goes with them."""
    here = {(a.channel, a.handle) for a in person.addresses}
    for name, found in all_of(desk.world).items():
        if (found.message.channel, found.message.handle) in here:
            drop(desk, name)


def _from_there(aside: Aside, channel: str, handle: str) -> bool:
    return (aside.message.channel, aside.message.handle) == (channel, handle)


def listed(desk: Desk) -> list[dict[str, str]]:
    """What waits, for whoever looks after the machine."""
    return [
        {
            "id": name.rpartition(":")[2][:8],
            "at": found.at.isoformat(),
            "channel": found.message.channel,
            "sort": found.sort,
        }
        for name, found in all_of(desk.world).items()
    ]
