"""The laws' own reckoning: levels, who stands for whom, who is on call, who must be kept apart.

What it is for
    A second opinion. It is written from what the laws say, slowly and plainly, and shares no code
    with the core, so that a fault there is seen here.

Rules it keeps
    * The made-up towns live in UTC; local time is the core's affair and has tests of its own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from responder.core.model import (
    Incident,
    Level,
    Limits,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Place,
    Shift,
)

THE_MACHINE = PersonId("")
_DAY = timedelta(days=1)


def apart(one: Person, other: Person) -> bool:
    """Whether either of the two must not meet the other."""
    return other.id in one.keep_apart or one.id in other.keep_apart


def offered(person: Person, incident: Incident, near: Container[Place], at: datetime) -> bool:
    """Whether this person offers what is asked for there, at an hour when people are asked."""
    asked = {s.wants for s in incident.sources if s.counts and not s.gone}
    return 9 <= at.hour < 20 and any(
        offer.kind == incident.kind
        and offer.help in asked
        and any(p in near for p in ([offer.place] if offer.place else person.neighbourhoods))
        and (offer.when is None or _covers(offer.when, at))
        for offer in person.offers
    )


class Reckoning:
    """Levels and rosters of one town, reckoned anew whenever somebody changes."""

    def __init__(self, places: tuple[Neighbourhood, ...], limits: Limits) -> None:
        self._places = places
        self._limits = limits
        self.everybody: dict[PersonId, Person] = {}
        self._levels: dict[PersonId, Level] | None = None

    # --- people ---------------------------------------------------------------------------------

    def meet(self, person: Person) -> bool:
        """Take somebody in, new or changed; whether anybody's level can have moved by that."""
        old = self.everybody.get(person.id)
        self.everybody[person.id] = person
        moved = _says(old) != _says(person)
        if moved:
            self._levels = None
        return moved

    def forget(self, person: PersonId) -> None:
        """Somebody is gone."""
        if _says(self.everybody.pop(person, None)) != _says(None):
            self._levels = None

    @property
    def levels(self) -> dict[PersonId, Level]:
        """Everybody's level, but for those for whom nothing was ever said."""
        if self._levels is None:
            self._levels = self._reckoned()
        return self._levels

    def level(self, person: PersonId) -> Level:
        """One person's level."""
        return self.levels.get(person, Level.UNKNOWN)

    def _reckoned(self) -> dict[PersonId, Level]:
        """Grants are the roots; vouches of trusted members lift, until nobody rises any more."""
        found = {p.id: _granted(p) for p in self.everybody.values() if _says(p) != _says(None)}
        rising = True
        while rising:
            rising = False
            for id in found:
                said = len(self._voices(self.everybody[id], found))
                earned = self._earned(said)
                blocked = found[id] is Level.BLOCKED or self.everybody[id].removed
                if not blocked and earned.rank > found[id].rank:
                    found[id], rising = earned, True
        return found

    def _voices(self, person: Person, levels: dict[PersonId, Level]) -> set[PersonId]:
        return {
            v.by
            for v in person.vouches
            if v.by != person.id and levels.get(v.by) is Level.TRUSTED and self._member(v.by)
        }

    def _member(self, person: PersonId) -> bool:
        who = self.everybody.get(person)
        return who is not None and who.member

    def _earned(self, said: int) -> Level:
        if said >= self._limits.vouches_for_trusted:
            return Level.TRUSTED
        return Level.KNOWN if said >= self._limits.vouches_for_known else Level.UNKNOWN

    def stand_for(self, person: Person) -> set[PersonId]:
        """Those whose word counts for this person, and whoever let them in."""
        voices = self._voices(person, self.levels)
        if person.granted in (Level.KNOWN, Level.TRUSTED):
            voices.add(person.granted_by or THE_MACHINE)
        return voices

    def ever_stood_for(self, person: Person) -> set[PersonId]:
        """Everybody who ever gave their word for this person."""
        voices = {v.by for v in person.vouches if v.by != person.id}
        if person.granted in (Level.KNOWN, Level.TRUSTED):
            voices.add(person.granted_by or THE_MACHINE)
        return voices

    def tied(self, one: Person, other: Person) -> bool:
        """Whether one and the same member is all that stands for either."""
        mine, theirs = self.stand_for(one), self.stand_for(other)
        return len(mine) == 1 and mine == theirs and THE_MACHINE not in mine

    # --- rosters --------------------------------------------------------------------------------

    def on_call(
        self,
        person: Person,
        at: datetime,
        shifts: Iterable[Shift],
        overrides: Iterable[Override],
        places: Container[Place] | None = None,
    ) -> bool:
        """Whether this person is on call at that instant in any of these places; None: in all."""
        mine = [s for s in shifts if s.person == person.id]
        exceptions = [o for o in overrides if o.person == person.id and o.start <= at < o.end]
        return person.member and any(
            self._on_call_at(place.id, person, at, mine, exceptions)
            for place in self._places
            if places is None or place.id in places
        )

    @staticmethod
    def _on_call_at(
        place: Place, person: Person, at: datetime, shifts: list[Shift], overrides: list[Override]
    ) -> bool:
        here = [
            o
            for o in overrides
            if o.neighbourhood == place
            or (o.neighbourhood is None and (not o.available or place in person.neighbourhoods))
        ]
        if here:
            return max(here, key=lambda o: (o.made_at or at - 9999 * _DAY, o.id)).available
        return any(_covers(s, at) for s in shifts if s.neighbourhood == place)


def _covers(shift: Shift, at: datetime) -> bool:
    """Whether a shift holds at an instant, looked at from the day it began."""
    for day in (at.date(), (at - _DAY).date()):
        right_day = shift.on == day if shift.on else shift.weekday == day.weekday()
        if not right_day:
            continue
        midnight = datetime(day.year, day.month, day.day, tzinfo=at.tzinfo)
        begins, ends = (
            midnight + timedelta(hours=int(text[:2]), minutes=int(text[3:]))
            for text in (shift.start, shift.end)
        )
        if begins <= at < (ends if ends > begins else ends + _DAY):
            return True
    return False


def pages_tonight(paged_at: Iterable[datetime], at: datetime) -> int:
    """How many of these pages fall into the night of `at`, from 18:00 to 10:00; by day none."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if at.hour >= 18:
        begins = midnight + timedelta(hours=18)
    elif at.hour < 10:
        begins = midnight - timedelta(hours=6)
    else:
        return 0
    return sum(begins <= paged < begins + timedelta(hours=16) for paged in paged_at)


def deadline(incident: Incident) -> datetime | None:
    """The next instant at which anything is due on an incident; None where nothing ever is."""
    times = [
        *(incident.verification.until, incident.recruiting.until, incident.give_up_at),
        *(incident.debrief_at, incident.follow_up_at, incident.words_until, incident.shred_at),
        *(alarm.again_at for alarm in incident.alarms),
        *(mate.due for mate in incident.team),
        *(mate.brief_by for mate in incident.team),
    ]
    return min((time for time in times if time is not None), default=None)


def _says(person: Person | None) -> tuple[object, ...]:
    """All of a person that any level hangs on."""
    if person is None:
        return (Level.UNKNOWN, None, (), False, False)
    return (
        person.granted,
        person.granted_by,
        person.vouches,
        bool(person.call_sign),
        person.removed,
    )


def _granted(person: Person) -> Level:
    if person.removed and person.granted is not Level.BLOCKED:
        return Level.UNKNOWN
    return person.granted
