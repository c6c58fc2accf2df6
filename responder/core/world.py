"""What decisions look at (`view.View`), answered from what the network knows now.

Rules it keeps
    * Looking changes nothing: the records are `memory.Memory`'s.
    * The laws on whom to ask stand in `roster`, `trust` and `offering`; here they are handed what
      they need to know.

What it must not know
    Storage, channels beyond their names, words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from hashlib import blake2b
from itertools import islice, zip_longest
from typing import Final

from responder.core import offering, roster, trust
from responder.core.barring import Barred, Bars
from responder.core.memory import Memory
from responder.core.model import (
    CallState,
    Care,
    Incident,
    IncidentId,
    Level,
    Limits,
    Neighbourhood,
    Person,
    PersonId,
    Place,
    Role,
    State,
)
from responder.core.playbook import Playbook, Wave

_UNKNOWN: Final = Level.UNKNOWN
_RUNNING: Final = frozenset({State.PAGING, State.BRIEFING, State.OUT})
_MOST_RUNNING: Final = 3
_MOST_TOLD_APART: Final = 255
"""Pages in a night: whoever got more comes no later for it."""
_MOST_KEPT: Final = 256
"""Answers about coordinators that are kept; there is one a set of reporters."""


class World(Memory):
    """The network in memory, and what decisions ask of it."""

    @property
    def limits(self) -> Limits:
        """See `view.View`."""
        return self._limits

    def person(self, person: PersonId) -> Person | None:
        """See `view.View`."""
        return self.everybody.get(person)

    def people(self, persons: Collection[PersonId]) -> tuple[Person, ...]:
        """See `view.View`."""
        known = self.everybody
        return tuple([known[p] for p in persons if p in known])

    def level(self, person: PersonId) -> Level:
        """See `view.View`."""
        return self.levels().get(person, _UNKNOWN)

    def playbook(self, digest: str) -> Playbook:
        """See `view.View`."""
        return self.texts[digest]

    def neighbourhood(self, place: Place) -> Neighbourhood:
        """See `view.View`."""
        return self.neighbourhoods[place]

    def today(self, place: Place, at: datetime) -> date:
        """See `view.View`."""
        return roster.local_date(at, self.neighbourhoods[place].time_zone)

    def vouchers(self, people: Collection[Person]) -> trust.Vouchers:
        """See `view.View`."""
        return {person.id: self._vouchers_of(person) for person in people}

    def _vouchers_of(self, person: Person) -> frozenset[PersonId]:
        known = self._vouchers.get(person.id)
        if known is None:
            known = trust.vouchers(person, self.everybody, self.levels())
            self._vouchers[person.id] = known
        return known

    def candidates(
        self, incident: Incident, whom: str, at: datetime, most: int | None = None
    ) -> Sequence[PersonId]:
        """See `view.View`."""
        on_call: set[PersonId] = set()
        if whom == "offers":
            on_call |= self._offering(incident, at)
        else:
            for place in self._places(incident.neighbourhood, whom):
                on_call |= self.on_call(place, at)
        # Whoever was called before and has not been thanked is not called again.
        on_call -= {c.person for c in incident.calls if c.state is not CallState.THANKED}
        ordered = self._in_order(incident, on_call, at)
        if whom == "offers":
            here = (incident.neighbourhood,)
            ordered = sorted(ordered, key=lambda p: not self._offers(p, incident, here, at))
        bars = self._bars(incident, at)

        def free(*, experienced: bool) -> Iterator[PersonId]:
            for who in ordered:
                if who.experienced is experienced and self._is_free(who, bars):
                    yield who.id

        turns = zip_longest(free(experienced=True), free(experienced=False))
        mixed = (person for turn in turns for person in turn if person is not None)
        return tuple(islice(mixed, most))

    def _is_free(self, who: Person, bars: Bars) -> bool:
        """Whether nothing bars somebody who is on call."""
        id = who.id
        why = bars.why(
            who,
            level=self.level(id),
            care=self.cares.get(id),
            on_call=True,
            busy=id in self._team_of,
            private=self.private(who),
        )
        return why is None

    def _offering(self, incident: Incident, at: datetime) -> set[PersonId]:
        """Those who offered what is asked for, here or next door, and may be asked now."""
        near = (incident.neighbourhood, *self.neighbourhoods[incident.neighbourhood].adjacent)
        there = self._with_role[Role.RESPONDER].values()
        return {p.id for p in there if p.offers and self._offers(p, incident, near, at)}

    def _offers(
        self, who: Person, incident: Incident, places: Collection[Place], at: datetime
    ) -> bool:
        """Whether this person offers what is asked for in these places, and may be asked now."""
        time_zone = self.neighbourhoods[incident.neighbourhood].time_zone
        care = self._care_before(incident, who.id)
        return (
            offering.by_day(at, time_zone)
            and offering.fits(who, incident.kind, incident.wants, places, at, time_zone)
            and not offering.left_alone(who, care, self.turns_of(who.id), at, self._limits)
        )

    def _asked_as_offered(self, incident: Incident, person: PersonId) -> bool:
        """Whether the last call to this person went to them for what they offered."""
        call = incident.call(person)
        return call is not None and self._wave(incident, call.wave).whom == "offers"

    def _wave(self, incident: Incident, number: int) -> Wave:
        return self.playbook(incident.playbook).waves[number]

    def _places(self, place: Place, whom: str) -> Iterable[Place]:
        match whom:
            case "neighbourhood":
                return (place,)
            case "adjacent":
                return (place, *self.neighbourhoods[place].adjacent)
            case _:
                return self.neighbourhoods

    def _in_order(
        self, incident: Incident, people: Iterable[PersonId], at: datetime
    ) -> Sequence[Person]:
        """Who said yes before, who is awake by their word, who was paged least tonight; a lot."""
        since, until = roster.night_of(at, self.neighbourhoods[incident.neighbourhood].time_zone)
        willing = {c.person for c in incident.calls if c.answered_at is not None}
        lots = blake2b(f"{incident.id}:".encode(), digest_size=8)
        cares = self.cares

        def turn(person: PersonId) -> bytes:
            asleep, tonight = True, 0
            care = cares.get(person)
            if care is not None:
                tonight = min(
                    _MOST_TOLD_APART, len([p for p in care.paged_at if since <= p < until])
                )
                asleep = care.awake_until is None or care.awake_until <= at
            lot = lots.copy()
            lot.update(person.encode())
            # As bytes: of thousands on call, comparing takes longer than finding out.
            return bytes((person not in willing, asleep, tonight)) + lot.digest()

        return self.people(sorted(people, key=turn))

    def barred(self, incident: Incident, person: PersonId, at: datetime) -> Barred | None:
        """See `view.View`."""
        who = self.everybody.get(person)
        if who is None:
            return Barred.REMOVED
        elsewhere = self._team_of.get(person) not in (None, incident.id)
        if self._asked_as_offered(incident, person):
            near = (incident.neighbourhood, *self.neighbourhoods[incident.neighbourhood].adjacent)
            asked = self._offers(who, incident, near, at)
        else:
            asked = self.is_on_call(person, at)
        return self._bars(incident, at, but=person).why(
            who,
            level=self.level(person),
            care=self._care_before(incident, person),
            on_call=asked,
            busy=elsewhere,
            private=self.private(who),
        )

    def _bars(self, incident: Incident, at: datetime, but: PersonId | None = None) -> Bars:
        """What bars people from this incident now; `but` is not taken for one of its team."""
        return Bars(
            at=at,
            training=self.playbook(incident.playbook).team.training,
            reporters=self.people([s.reporter for s in incident.sources]),
            team=self.people([m.person for m in incident.team if m.person != but]),
            limits=self._limits,
            time_zone=self.neighbourhoods[incident.neighbourhood].time_zone,
        )

    def _care_before(self, incident: Incident, person: PersonId) -> Care | None:
        """What this person carried without this incident's own page, which must not bar itself."""
        care = self.cares.get(person)
        call = incident.call(person)
        if care is None or call is None or call.at not in care.paged_at:
            return care
        index = care.paged_at.index(call.at)
        paged_at = care.paged_at[:index] + care.paged_at[index + 1 :]
        return Care(
            person=person,
            paged_at=paged_at,
            rest_until=care.rest_until,
            hard_calls=care.hard_calls,
        )

    def busy_in(self, person: PersonId) -> IncidentId | None:
        """See `view.View`."""
        return self._team_of.get(person)

    def verifiers(self, incident: Incident, round: int, at: datetime) -> Sequence[PersonId]:
        """See `view.View`."""
        role = Role.COORDINATOR if round == 3 else Role.VERIFIER
        there: Iterable[Person] = self._with_role[role].values()
        match round:
            case 0:
                here = self.on_call(incident.neighbourhood, at)
                there = (p for p in there if p.id in here)
            case 1:
                there = (p for p in there if self.is_on_call(p.id, at))
            case _:
                pass
        asked = (p for p in there if self._may_verify(incident, p, role) and self.private(p))
        return sorted(p.id for p in asked if p.agreed)

    def may_verify(self, incident: Incident, person: PersonId) -> bool:
        """See `view.View`."""
        who = self.everybody.get(person)
        if who is None:
            return False
        return any(
            self._may_verify(incident, who, role) for role in (Role.VERIFIER, Role.COORDINATOR)
        )

    def _may_verify(self, incident: Incident, who: Person, role: Role) -> bool:
        reporters = self.people([s.reporter for s in incident.sources])
        return trust.may_verify(who, reporters, self.levels(), role=role)

    def independent(self, reporters: Sequence[PersonId], needed: int) -> bool:
        """See `view.View`."""
        return trust.enough(self.people(reporters), needed, self.everybody, self.levels())

    def coordinators(self, incident: Incident) -> Sequence[PersonId]:
        """See `view.View`."""
        named = tuple([s.reporter for s in incident.sources])
        known = self._coordinating.get(named)
        if known is None:
            if len(self._coordinating) >= _MOST_KEPT:
                self._coordinating.clear()
            reporters = self.people(named)
            known = self._coordinating[named] = tuple(
                sorted(
                    p.id
                    for p in self._with_role[Role.COORDINATOR].values()
                    if self.level(p.id) is not Level.BLOCKED
                    and not any(r.id == p.id or trust.kept_apart(p, r) for r in reporters)
                )
            )
        return known

    def stand_ins(self, incident: Incident) -> Sequence[PersonId]:
        """See `view.View`."""
        near = {m.person for m in incident.team}.union(incident.past, incident.duress)
        stand = {**self._with_role[Role.COORDINATOR], **self._with_role[Role.VERIFIER]}
        return sorted(
            p.id
            for p in stand.values()
            if self.level(p.id) is not Level.BLOCKED and self.private(p) and p.id not in near
        )

    def hears(self, person: PersonId) -> bool:
        """See `view.View`."""
        who = self.person(person)
        return who is not None and not all(address.dead for address in who.addresses)

    def running(self, incident: Incident) -> Sequence[Incident]:
        """See `view.View`."""
        there = [
            i
            for i in self.docket.open_at(incident.neighbourhood)
            if i.state in _RUNNING and i.id != incident.id
        ]
        there.sort(key=lambda i: i.opened_at, reverse=True)
        return there[:_MOST_RUNNING]
