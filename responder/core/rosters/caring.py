"""What people were asked to carry lately: pages a night, hard calls, rest. A limit, no score.

Rules it keeps
    * Only pages, hard calls and rest are counted. Whether somebody said yes, no or nothing to a
      page or a shift stands nowhere here.
    * One sees one's own; coordinators see everybody's.

What it must not know
    Words, messages.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from responder.core import roster
from responder.core.desk import Desk
from responder.core.model import Care, Person, PersonId, Record
from responder.core.rosters.coverage import zone_of
from responder.core.world import World


class Carried(Record):
    """One person's account: pages tonight and in two days, of at most `most` a night."""

    person: PersonId
    tonight: int
    lately: int
    most: int
    hard_calls: int
    rest_until: datetime | None = None
    awake_until: datetime | None = None


def account(world: World, person: Person, at: datetime) -> Carried:
    """What this person carries now."""
    care = world.cares.get(person.id) or Care(person=person.id)
    own = person.pages_a_night
    limit = world.limits.pages_a_night
    return Carried(
        person=person.id,
        tonight=roster.pages_tonight(care, at, zone_of(world, person)),
        lately=len(care.paged_at),
        most=limit if own is None else min(own, limit),
        hard_calls=care.hard_calls,
        rest_until=care.rest_until if care.rest_until and care.rest_until > at else None,
        awake_until=care.awake_until if care.awake_until and care.awake_until > at else None,
    )


def stay_awake(desk: Desk, person: PersonId, until: datetime | None) -> None:
    """This person is awake until then, by their own word: they are asked before those who sleep."""
    care = desk.world.cares.get(person) or Care(person=person)
    desk.put(replace(care, awake_until=until))
