"""When one person is on call next, and how such a time is written and handed on.

Rules it keeps
    * A turn is what being on call amounts to, whatever shifts and exceptions it is made of.
    * Handing it on leaves every shift as it is: two exceptions say who is there instead.
    * Times are told in the neighbourhood's own local time.

What it must not know
    Who may hand on what, messages.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from responder.core import roster
from responder.core.desk import Desk
from responder.core.model import Override, PersonId, Place, Record
from responder.core.phrases import say
from responder.core.world import World

_DAY: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=14)


class Turn(Record):
    """One person's time on call in one neighbourhood; a longer one comes in pieces of a day."""

    person: PersonId
    place: Place
    start: datetime
    end: datetime

    @property
    def written(self) -> str:
        """The turn as one word, for a button's hidden argument."""
        return "|".join((self.person, self.place, self.start.isoformat(), self.end.isoformat()))


def read(text: str) -> Turn:
    """The turn that `written` gave."""
    person, place, start, end = text.split("|")
    since, until = (datetime.fromisoformat(t).astimezone(UTC) for t in (start, end))
    return Turn(person=PersonId(person), place=Place(place), start=since, end=until)


def ahead(world: World, person: PersonId, at: datetime, most: int = 6) -> tuple[Turn, ...]:
    """This person's next turns from `at` on, the earliest first; two weeks at most."""
    found: list[Turn] = []
    for place in world.neighbourhoods:
        here: list[Turn] = []
        start: datetime | None = at
        while start is not None and start < at + AHEAD and len(here) < most:
            if person not in world.on_call(place, start):
                start = world.on_call_from(place, person, start)
                continue
            until = world.on_call_until(place, person, start) or at + AHEAD
            end = min(until, start + _DAY)
            here.append(Turn(person=person, place=place, start=start, end=end))
            start = end
        found += here
    return tuple(sorted(found, key=lambda t: (t.start, t.place)))[:most]


def holds(world: World, turn: Turn, at: datetime) -> bool:
    """Whether this turn still lies ahead, or goes on, and is this person's."""
    if turn.end <= at or turn.place not in world.neighbourhoods:
        return False
    spans = world.on_call_spans(turn.place, max(turn.start, at), turn.end)
    return all(turn.person in people for _, _, people in spans)


def exception(desk: Desk, turn: Turn, *, available: bool) -> Override:
    """This person is on call, or is not, for the rest of that turn, whatever else is known."""
    made = Override(
        id=desk.ids.next(),
        person=turn.person,
        start=max(turn.start, desk.at),
        end=turn.end,
        available=available,
        neighbourhood=turn.place,
        made_at=desk.at,
    )
    desk.put(made)
    return made


def shown(world: World, language: str, place: Place, start: datetime, end: datetime) -> str:
    """A neighbourhood and a time as people read them: "Northside, Fri 2026-11-27, 18:00-22:00"."""
    where = world.neighbourhoods[place]
    zone = roster.zone(where.time_zone)
    first, last = start.astimezone(zone), end.astimezone(zone)
    days = say(language, "chat.weekdays").split(",")
    until = f"{last:%H:%M}" if end - start < _DAY else f"{last:%Y-%m-%d %H:%M}"
    return say(
        language,
        "roster.time",
        place=where.name,
        day=days[first.weekday()],
        date=f"{first:%Y-%m-%d}",
        start=f"{first:%H:%M}",
        end=until,
    )
