"""Standing offers of help: whose offer fits what somebody asks for, and when people are asked.

What it is for
    Food, a ride, an hour with the children: such help is offered once and matched later. Whoever
    offers it is on no roster, so the on-call question does not ask for them; this does.

Rules it keeps
    * Nobody is asked from 20:00 to 9:00 by the neighbourhood's clock, while they are off by their
      own word, or after as many pages and requests within a day as they take in a night.
    * What else forbids to page somebody forbids to ask them: `barring.Bars` is looked at besides.

What it must not know
    Incidents beyond what is asked for where; words; storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final

from responder.core import roster
from responder.core.model import Care, HelpOffer, Limits, Override, Person, Place, Shift

ASKED_FROM: Final = time(9)
ASKED_UNTIL: Final = time(20)
_DAY: Final = timedelta(days=1)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


def by_day(at: datetime, time_zone: str) -> bool:
    """Whether people who offered help may be asked at this hour of the wall clock."""
    return ASKED_FROM <= at.astimezone(roster.zone(time_zone)).time() < ASKED_UNTIL


def morning(at: datetime, time_zone: str) -> datetime:
    """The first instant from `at` on at which people who offered help may be asked again."""
    local = at.astimezone(roster.zone(time_zone))
    day = local.date() + (_DAY if local.time() >= ASKED_UNTIL else timedelta(0))
    return max(at, roster.instant(datetime.combine(day, ASKED_FROM), time_zone))


def places_of(person: Person, offer: HelpOffer) -> tuple[Place, ...]:
    """The neighbourhoods in which this person makes the offer."""
    return person.neighbourhoods if offer.place is None else (offer.place,)


def fits(
    person: Person,
    kind: str,
    wants: Collection[str],
    places: Collection[Place],
    at: datetime,
    time_zone: str,
) -> bool:
    """Whether this person offers such help in one of these neighbourhoods at this instant."""
    return any(
        offer.kind == kind
        and offer.help in wants
        and not frozenset(places).isdisjoint(places_of(person, offer))
        and (offer.when is None or roster.covers(offer.when, at, time_zone))
        for offer in person.offers
    )


def left_alone(
    person: Person,
    care: Care | None,
    turns: Iterable[Shift | Override],
    at: datetime,
    limits: Limits,
) -> bool:
    """Whether this person is off by their own word, or was asked often enough within a day."""
    own = person.pages_a_night
    most = limits.pages_a_night if own is None else min(own, limits.pages_a_night)
    if sum(at - paged < _DAY for paged in (care.paged_at if care else ())) >= most:
        return True
    said = [
        t
        for t in turns
        if isinstance(t, Override) and t.neighbourhood is None and t.start <= at < t.end
    ]
    newest = max(said, key=lambda t: (t.made_at or _EARLIEST, t.id), default=None)
    return newest is not None and not newest.available


def counted(members: Iterable[Person]) -> Counter[tuple[Place, str, str]]:
    """How many members offer each help in each neighbourhood: (neighbourhood, kind, help)."""
    return Counter(
        found
        for person in members
        for found in {
            (place, offer.kind, offer.help)
            for offer in person.offers
            for place in places_of(person, offer)
        }
    )
