"""The note that whoever comes on call in a neighbourhood gets when their time begins.

Rules it keeps
    * A coordinator writes it; it goes to members on call there, over private channels alone.
    * One gets it once for each time that one comes on. After a week a note is too old to be sent.

What it must not know
    Storage, the clock, who may write it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.core.model import PersonId, Place, Record, decode, encode
from responder.core.phrases import say
from responder.core.rosters import openings
from responder.core.world import World

_NAME: Final = "handover:"
LONGEST: Final = 1000
KEPT: Final = timedelta(days=7)
_LOOKED_BACK: Final = timedelta(hours=1)


class Note(Record):
    """A note, when it was written, and who was on call when it was last looked at."""

    text: str
    at: datetime
    seen_at: datetime
    on_call: tuple[PersonId, ...] = ()


def note(world: World, place: Place) -> Note | None:
    """The note for a neighbourhood."""
    value = world.settings.get(_NAME + place)
    return decode(value.encode(), Note) if value else None


def write(desk: Desk, place: Place, text: str) -> int:
    """Set the note, or take it away with no words; who is on call gets it: how many privately."""
    name = _NAME + place
    if not text.strip():
        desk.delete(Setting(name=name, value=""))
        return 0
    made = Note(text=text.strip()[:LONGEST], at=desk.at, seen_at=desk.at)
    return _tell(desk, place, made)


def look(desk: Desk) -> None:
    """Whoever has come on call since the last look gets the note; one that is too old goes."""
    for place in desk.world.neighbourhoods:
        found = note(desk.world, place)
        if found is not None and desk.at - found.at >= KEPT:
            desk.delete(Setting(name=_NAME + place, value=""))
        elif found is not None:
            _tell(desk, place, found)


def _tell(desk: Desk, place: Place, found: Note) -> int:
    now = desk.world.on_call(place, desk.at)
    # After a long silence nobody can tell who came on when: those who are on are told again.
    before = found.on_call if desk.at - found.seen_at < _LOOKED_BACK else ()
    fresh = desk.world.people(sorted(now - set(before)))
    where = desk.world.neighbourhoods[place].name
    for person in fresh:
        text = say(person.language, "roster.handover", place=where, text=found.text)
        openings.tell(desk, person, text)
    kept = tuple(sorted(now))
    stale = desk.at - found.seen_at >= _LOOKED_BACK / 2
    if kept != found.on_call or stale or _NAME + place not in desk.world.settings:
        after = Note(text=found.text, at=found.at, seen_at=desk.at, on_call=kept)
        desk.put(Setting(name=_NAME + place, value=encode(after).decode()))
    return sum(desk.world.private(person) for person in fresh)
