"""A channel that hears nobody: coordinators learn of it elsewhere, people how to repeat.

Rules it keeps
    * Coordinators are told over every other channel of theirs, in words that say nothing of
      anyone; over the deaf one only where they have no other.
    * Whoever wrote there lately and waits for something is asked to write again; strangers with
      nothing open are not written to.

What it must not know
    How it was found out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core import roster
from responder.core.desk import Desk
from responder.core.model import Level, Person, Role
from responder.core.phrases import say
from responder.core.spoken import Reply

_LATELY: Final = timedelta(minutes=30)
_MOST: Final = 500


def began(desk: Desk, channel: str, since: datetime) -> None:
    """Nothing seems to arrive over this channel since then."""
    _tell(desk, channel, "deaf.began", since, since)


def ended(desk: Desk, channel: str, since: datetime, until: datetime) -> None:
    """It hears again; what was written between the two may be lost."""
    _tell(desk, channel, "deaf.ended", since, until)
    told = 0
    for session in tuple(desk.world.sessions.values()):
        person = desk.world.person(session.person)
        active = session.active_at
        if person is None or session.channel != channel or told >= _MOST:
            continue
        waits = session.draft is not None or session.incident is not None
        waits = waits or desk.world.busy_in(person.id) is not None
        lately = active is not None and active >= since - _LATELY
        if waits and lately and desk.world.level(person.id) is not Level.BLOCKED:
            words = say(person.language, "deaf.repeat", **_span(desk, person, since, until))
            desk.reply(person, Reply(text=words), channel)
            told += 1


def _tell(desk: Desk, channel: str, key: str, since: datetime, until: datetime) -> None:
    for person in desk.world.members():
        if not person.has(Role.COORDINATOR):
            continue
        span = _span(desk, person, since, until)
        words = say(person.language, key, channel=channel.capitalize(), **span)
        live = dict.fromkeys(a.channel for a in person.addresses if not a.dead)
        others = [name for name in live if name != channel] or list(live)
        for name in others:
            desk.reply(person, Reply(text=words), name)


def _span(desk: Desk, person: Person, since: datetime, until: datetime) -> dict[str, str]:
    """The two times, as clocks show them where this person is."""
    places = [p for p in person.neighbourhoods if p in desk.world.neighbourhoods]
    places = places or list(desk.world.neighbourhoods)
    zone = roster.zone(desk.world.neighbourhoods[places[0]].time_zone if places else "UTC")
    clock = "%H:%M"
    return {
        "since": since.astimezone(zone).strftime(clock),
        "until": until.astimezone(zone).strftime(clock),
    }
