"""All that the network knows now, in memory: what decisions look at (`view.View`).

What it is for
    The dispatcher fills it from the store when it starts and puts every change into it; the
    simulator fills it by hand. Both decide over the same object.

Rules it keeps
    * It changes only through `put`, `delete`, `assign` and `release`; looking changes nothing.
    * Closed incidents and their reports stay until they are shredded; stories stay on disk.

What it must not know
    Storage, channels beyond their names, words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from itertools import islice, zip_longest
from typing import Final, Protocol

from responder.core import offering, roster, trust
from responder.core.changes import (
    Device,
    JoinCode,
    Prompt,
    Question,
    Session,
    Setting,
    Stored,
)
from responder.core.docket import Docket
from responder.core.duty import Duty
from responder.core.model import (
    CallState,
    Care,
    Incident,
    IncidentId,
    Level,
    Limits,
    Neighbourhood,
    Network,
    Override,
    Person,
    PersonId,
    Place,
    Report,
    ReportId,
    Role,
    Shift,
    State,
)
from responder.core.open_questions import OpenQuestions
from responder.core.places import Gazetteer
from responder.core.playbook import Playbook, Wave
from responder.core.reach import Drill, Reach
from responder.core.roster import Barred

_RUNNING: Final = frozenset({State.PAGING, State.BRIEFING, State.OUT})
_MOST_RUNNING: Final = 3
_MOST_KEPT: Final = 256
"""Answers about coordinators that are kept; there is one a set of reporters."""


class _Bars(Protocol):
    """Why law L3 forbids this person, or None."""

    def __call__(
        self, who: Person, care: Care | None, on_call: bool = True, busy: bool | None = None
    ) -> Barred | None: ...


class World:
    """The network in memory. One writer; no method waits for anything."""

    def __init__(
        self,
        network: Network,
        neighbourhoods: Iterable[Neighbourhood],
        limits: Limits | None = None,
        private_channels: Collection[str] = (),
    ) -> None:
        self.touched = 0
        """Counts every change: whether a decision that failed has left anything behind."""
        self.network = network
        self.neighbourhoods: dict[Place, Neighbourhood] = {n.id: n for n in neighbourhoods}
        self._limits = limits or Limits()
        self.private_channels = frozenset(private_channels)
        self.playbooks: dict[str, Playbook] = {}
        """The playbooks that new incidents open with, by id."""
        self.texts: dict[str, Playbook] = {}
        """Every playbook that an incident runs on, by digest."""
        self.everybody: dict[PersonId, Person] = {}
        self.cares: dict[PersonId, Care] = {}
        self.sessions: dict[PersonId, Session] = {}
        self.codes: dict[str, JoinCode] = {}
        self.docket = Docket()
        self.incidents: dict[IncidentId, Incident] = self.docket.all
        self.reports: dict[ReportId, Report] = {}
        self.questions = OpenQuestions()
        self.settings: dict[str, str] = {}
        self.lockable = False
        """Whether a passphrase guards the key, so that a locked network stays locked."""
        self.pager_link = ""
        """Where members register a phone; empty where no pager is set up."""
        self.report_link = ""
        """Where a report is written that the channel cannot read."""
        self.devices: dict[str, Device] = {}
        self.drills: dict[str, Drill] = {}
        self.reaches: dict[PersonId, Reach] = {}
        self._editions: dict[str, tuple[Playbook, str]] = {}
        """The digest of each playbook, beside the very record that it was made of."""
        self._gazetteer = Gazetteer(())
        self._duty = Duty(self.everybody)
        self._team_of: dict[PersonId, IncidentId] = {}
        self._at_address: dict[tuple[str, str], PersonId] = {}
        self._devices_of: defaultdict[PersonId, dict[str, Device]] = defaultdict(dict)
        self._with_role: dict[Role, dict[PersonId, Person]] = {role: {} for role in Role}
        self._levels: dict[PersonId, Level] | None = None
        self._coordinating: dict[tuple[PersonId, ...], tuple[PersonId, ...]] = {}
        """Coordinators for these reporters; emptied whenever anybody's record changes."""

    # --- changing -------------------------------------------------------------------------------

    def put(self, record: Stored) -> None:
        """Take a record in, new or changed; kinds that memory need not hold are passed over."""
        self.touched += 1
        match record:
            case Person():
                self._put_person(record)
            case Incident():
                self.docket.put(record)
            case Report():
                self.reports[record.id] = record
            case Question():
                self.questions.put(record)
            case Care():
                self.cares[record.person] = record
            case Session():
                self.sessions[record.person] = record
            case JoinCode():
                self.codes[record.code] = record
            case Shift():
                self._duty.put_shift(record)
            case Override():
                self._duty.put_override(record)
            case Setting():
                self.settings[record.name] = record.value
            case Device():
                self.devices[record.id] = record
                self._devices_of[record.person][record.id] = record
            case Drill():
                self.drills[record.id] = record
            case Reach():
                self.reaches[record.person] = record
            case _:
                pass

    def delete(self, record: Stored) -> None:
        """Drop a record."""
        self.touched += 1
        match record:
            case Person():
                self._drop_person(record)
            case Incident():
                self.docket.drop(record.id)
            case Report():
                self.reports.pop(record.id, None)
            case Question():
                self.questions.drop(record.message)
            case Session():
                self.sessions.pop(record.person, None)
            case Care():
                self.cares.pop(record.person, None)
            case JoinCode():
                self.codes.pop(record.code, None)
            case Device():
                self.devices.pop(record.id, None)
                self._devices_of[record.person].pop(record.id, None)
            case Drill():
                self.drills.pop(record.id, None)
            case Reach():
                self.reaches.pop(record.person, None)
            case Setting():
                self.settings.pop(record.name, None)
            case Shift():
                self._duty.drop_shift(record.id)
            case Override():
                self._duty.drop_override(record.id)
            case _:
                pass

    def assign(self, person: PersonId, incident: IncidentId) -> None:
        """This person is in a team; in one at most."""
        self.touched += 1
        self._team_of[person] = incident

    def release(self, person: PersonId, incident: IncidentId) -> None:
        """This person is in that incident's team no more."""
        self.touched += 1
        if self._team_of.get(person) == incident:
            del self._team_of[person]

    def _put_person(self, person: Person) -> None:
        old = self.everybody.get(person.id)
        for address in old.addresses if old else ():
            self._at_address.pop((address.channel, address.handle), None)
        for address in person.addresses:
            self._at_address[(address.channel, address.handle)] = person.id
        self.everybody[person.id] = person
        self._coordinating.clear()
        roles = person.roles if person.member else ()
        for role, holders in self._with_role.items():
            if role in roles:
                holders[person.id] = person
            elif old is not None:
                holders.pop(person.id, None)
        if old is None and _plain(person):
            if self._levels is not None:
                self._levels[person.id] = Level.UNKNOWN
        elif old is None or _standing(old) != _standing(person):
            self._levels = None
        if _on_rosters(old) != _on_rosters(person):
            self._duty.person_changed(person.id)

    def _drop_person(self, person: Person) -> None:
        self.everybody.pop(person.id, None)
        self.cares.pop(person.id, None)
        self.reaches.pop(person.id, None)
        self._coordinating.clear()
        for holders in self._with_role.values():
            holders.pop(person.id, None)
        for address in person.addresses:
            self._at_address.pop((address.channel, address.handle), None)
        if not _plain(person):
            self._levels = None
            self._duty.person_changed(person.id)
            # What is sealed under a person's key goes with it.
            for record in (*self._duty.of(person.id), *self.devices_of(person.id)):
                self.delete(record)
        elif self._levels is not None:
            self._levels.pop(person.id, None)

    # --- looking: everything --------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """The earliest deadline of any incident."""
        return self.docket.next_due()

    def due_by(self, at: datetime) -> tuple[IncidentId, ...]:
        """The incidents with a deadline at or before `at`, the most overdue first."""
        return self.docket.due_by(at)

    def at_address(self, channel: str, handle: str) -> Person | None:
        """Who writes from there."""
        person = self._at_address.get((channel, handle))
        return self.everybody.get(person) if person else None

    def prompts_of(self, person: PersonId) -> tuple[Prompt, ...]:
        """All that one person can answer now, the oldest question first."""
        return tuple([p for question in self.questions.of(person) for p in question.prompts])

    def shifts(self) -> tuple[Shift, ...]:
        """All shifts."""
        return self._duty.shifts()

    def overrides(self) -> tuple[Override, ...]:
        """All overrides."""
        return self._duty.overrides()

    def shift(self, id: str) -> Shift | None:
        """The shift of that id."""
        return self._duty.shift(id)

    def private(self, person: Person) -> bool:
        """Whether words reach this person unread by others: a private channel, or a phone."""
        living = False
        for address in person.addresses:
            if not address.dead:
                living = True
                if address.channel in self.private_channels:
                    return True
        return living and bool(self.phones(person.id))

    def devices_of(self, person: PersonId) -> tuple[Device, ...]:
        """All phones that this person registered, oldest first."""
        return tuple(self._devices_of.get(person, {}).values())

    def phones(self, person: PersonId) -> tuple[Device, ...]:
        """The phones of this person that count: confirmed, and known to open sealed pages."""
        return tuple(d for d in self.devices_of(person) if d.confirmed_at and d.proved_at)

    def members(self) -> tuple[Person, ...]:
        """Everybody who has joined and not been removed, by call sign."""
        members = (p for p in self.everybody.values() if p.member)
        return tuple(sorted(members, key=lambda p: p.call_sign.casefold()))

    def by_call_sign(self, call_sign: str) -> Person | None:
        """The member of that call sign, in any case of letters."""
        wanted = call_sign.strip().casefold()
        found = (p for p in self.everybody.values() if p.member)
        return next((p for p in found if p.call_sign.casefold() == wanted), None)

    def by_code(self, code: str) -> Incident | None:
        """The newest incident of that short code, open ones before closed ones."""
        found = list(self.docket.coded(code.strip()))
        found.sort(key=lambda i: (i.state is State.CLOSED, -i.opened_at.timestamp()))
        return found[0] if found else None

    def levels(self) -> Mapping[PersonId, Level]:
        """Everybody's level as it counts now."""
        if self._levels is None:
            self._levels = trust.levels(self.everybody, self._limits)
        return self._levels

    def on_call(self, place: Place, at: datetime) -> frozenset[PersonId]:
        """Who is on call there at that instant."""
        return self._duty.on_call(self.neighbourhoods[place], at)

    def is_on_call(self, person: PersonId, at: datetime) -> bool:
        """Whether this person is on call anywhere at that instant."""
        return any(
            person in self.on_call(place, at)
            for place in self._duty.serves(person)
            if place in self.neighbourhoods
        )

    def on_call_spans(
        self, place: Place, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime, frozenset[PersonId]], ...]:
        """Who is on call there between two instants: (from, until, people), without a break."""
        return self._duty.spans(self.neighbourhoods[place], start, end)

    def turns_of(self, person: PersonId) -> tuple[Shift | Override, ...]:
        """All shifts and overrides of this person."""
        return self._duty.of(person)

    def on_call_until(self, place: Place, person: PersonId, at: datetime) -> datetime | None:
        """When this person's time on call there ends; None where no end is in sight."""
        return self._duty.turn(self.neighbourhoods[place], person, at, on=False)

    def on_call_from(self, place: Place, person: PersonId, at: datetime) -> datetime | None:
        """When this person is next on call there; None where no shift is in sight."""
        return self._duty.turn(self.neighbourhoods[place], person, at, on=True)

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """The members who hold that role."""
        return tuple(self._with_role[role].values())

    # --- looking: what a decision sees (view.View) ----------------------------------------------

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
        return self.levels().get(person, Level.UNKNOWN)

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
        levels = self.levels()
        return {p.id: trust.vouchers(p, self.everybody, levels) for p in people}

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
        barred = self._bars(incident, at)

        def free(*, experienced: bool) -> Iterator[PersonId]:
            for who in ordered:
                if who.experienced is experienced and not barred(who, self.cares.get(who.id)):
                    yield who.id

        turns = zip_longest(free(experienced=True), free(experienced=False))
        mixed = (person for turn in turns for person in turn if person is not None)
        return tuple(islice(mixed, most))

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

        def turn(person: PersonId) -> tuple[bool, bool, int, bytes]:
            care = self.cares.get(person)
            tonight = sum(since <= paged < until for paged in care.paged_at) if care else 0
            lot = blake2b(f"{incident.id}:{person}".encode(), digest_size=8).digest()
            asleep = not (care and care.awake_until and at < care.awake_until)
            return (person not in willing, asleep, tonight, lot)

        return self.people(sorted(people, key=turn))

    def barred(self, incident: Incident, person: PersonId, at: datetime) -> Barred | None:
        """See `view.View`."""
        who = self.everybody.get(person)
        if who is None:
            return Barred.REMOVED
        elsewhere = self._team_of.get(person) not in (None, incident.id)
        barred = self._bars(incident, at, but=person)
        care = self._care_before(incident, person)
        if self._asked_as_offered(incident, person):
            near = (incident.neighbourhood, *self.neighbourhoods[incident.neighbourhood].adjacent)
            asked = self._offers(who, incident, near, at)
        else:
            asked = self.is_on_call(person, at)
        return barred(who, care, on_call=asked, busy=elsewhere)

    def _bars(self, incident: Incident, at: datetime, but: PersonId | None = None) -> _Bars:
        """What bars somebody from this incident now; what is the same for all is looked up once.

        Asked without more, it takes the person for somebody on call whom a team keeps busy.
        """
        reporters = self.people([s.reporter for s in incident.sources])
        team = self.people([m.person for m in incident.team if m.person != but])
        training = self.playbook(incident.playbook).team.training
        time_zone = self.neighbourhoods[incident.neighbourhood].time_zone

        def barred(
            who: Person, care: Care | None, on_call: bool = True, busy: bool | None = None
        ) -> Barred | None:
            return roster.barred(
                who,
                level=self.level(who.id),
                care=care,
                at=at,
                on_call=on_call,
                busy=who.id in self._team_of if busy is None else busy,
                private=self.private(who),
                training=training,
                reporters=reporters,
                team=team,
                limits=self._limits,
                time_zone=time_zone,
            )

        return barred

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
        return sorted(p.id for p in asked)

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

    def running(self, incident: Incident) -> Sequence[Incident]:
        """See `view.View`."""
        there = [
            i
            for i in self.docket.open_at(incident.neighbourhood)
            if i.state in _RUNNING and i.id != incident.id
        ]
        there.sort(key=lambda i: i.opened_at, reverse=True)
        return there[:_MOST_RUNNING]

    def edition(self, kind: str) -> tuple[Playbook, str]:
        """The playbook that an incident of that kind opens with now, and its digest."""
        playbook = self.playbooks[kind]
        known = self._editions.get(kind)
        if known is None or known[0] is not playbook:
            known = self._editions[kind] = (playbook, playbook.digest)
        return known

    def gazetteer(self) -> Gazetteer:
        """The names of the neighbourhoods as they stand now."""
        places = tuple(self.neighbourhoods.values())
        if self._gazetteer.places != places:
            self._gazetteer = Gazetteer(places)
        return self._gazetteer


def _plain(person: Person) -> bool:
    """Whether this person can have no level but unknown, nor lift anybody."""
    return (
        person.granted is Level.UNKNOWN
        and not person.vouches
        and not person.call_sign
        and not person.removed
    )


def _standing(person: Person) -> tuple[object, ...]:
    """All that levels are made of."""
    return (person.granted, person.granted_by, person.vouches, person.member, person.removed)


def _on_rosters(person: Person | None) -> tuple[object, ...]:
    """All that being on call depends on besides shifts and overrides."""
    if person is None or not person.member:
        return ()
    return (person.neighbourhoods,)
