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
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Final

from responder.core import incident as incidents
from responder.core import roster, trust
from responder.core.changes import (
    Device,
    JoinCode,
    Prompt,
    Session,
    Setting,
    Stored,
)
from responder.core.model import (
    CallState,
    Care,
    Incident,
    IncidentId,
    Level,
    Limits,
    MessageId,
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
from responder.core.playbook import Playbook
from responder.core.roster import Barred
from responder.core.spoken import WORK

_RUNNING: Final = frozenset({State.PAGING, State.BRIEFING, State.OUT})
_MOST_RUNNING: Final = 3
_LOOK_AHEAD: Final = 50
"""Changes of a roster that are looked through for the end of somebody's time on call."""


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
        self.incidents: dict[IncidentId, Incident] = {}
        self.reports: dict[ReportId, Report] = {}
        self.prompts: dict[str, Prompt] = {}
        self.settings: dict[str, str] = {}
        self.lockable = False
        """Whether a passphrase guards the key, so that a locked network stays locked."""
        self.pager_link = ""
        """Where members register a phone; empty where no pager is set up."""
        self.report_link = ""
        """Where a report is written that the channel cannot read."""
        self.devices: dict[str, Device] = {}
        self._shifts: dict[str, Shift] = {}
        self._overrides: dict[str, Override] = {}
        self._team_of: dict[PersonId, IncidentId] = {}
        self._at_address: dict[tuple[str, str], PersonId] = {}
        self._prompts_of: defaultdict[PersonId, dict[str, Prompt]] = defaultdict(dict)
        self._prompts_under: defaultdict[MessageId, dict[str, Prompt]] = defaultdict(dict)
        self._work_numbers: dict[PersonId, int] = {}
        self._due: dict[IncidentId, datetime] = {}
        self._levels: dict[PersonId, Level] | None = None
        self._on_call: dict[Place, tuple[datetime, datetime | None, frozenset[PersonId]]] = {}

    # --- changing -------------------------------------------------------------------------------

    def put(self, record: Stored) -> None:
        """Take a record in, new or changed; kinds that memory need not hold are passed over."""
        self.touched += 1
        match record:
            case Person():
                self._put_person(record)
            case Incident():
                self._put_incident(record)
            case Report():
                self.reports[record.id] = record
            case Prompt():
                old = self.prompts.get(record.token)
                if old is not None and old.message != record.message:
                    self._prompts_under[old.message].pop(record.token, None)
                self.prompts[record.token] = record
                if old is None and record.action.verb in WORK:
                    self._work_numbers[record.person] = record.number
                self._prompts_of[record.person][record.token] = record
                self._prompts_under[record.message][record.token] = record
            case Care():
                self.cares[record.person] = record
            case Session():
                self.sessions[record.person] = record
            case JoinCode():
                self.codes[record.code] = record
            case Shift():
                self._shifts[record.id] = record
                self._on_call.clear()
            case Override():
                self._overrides[record.id] = record
                self._on_call.clear()
            case Setting():
                self.settings[record.name] = record.value
            case Device():
                self.devices[record.id] = record
            case _:
                pass

    def delete(self, record: Stored) -> None:
        """Drop a record."""
        self.touched += 1
        match record:
            case Person():
                self._drop_person(record)
            case Incident():
                self.incidents.pop(record.id, None)
                self._due.pop(record.id, None)
            case Report():
                self.reports.pop(record.id, None)
            case Prompt():
                self.prompts.pop(record.token, None)
                for held in (self._prompts_of[record.person], self._prompts_under[record.message]):
                    held.pop(record.token, None)
                if not self._prompts_of[record.person]:
                    del self._prompts_of[record.person]
                if not self._prompts_under[record.message]:
                    del self._prompts_under[record.message]
            case Session():
                self.sessions.pop(record.person, None)
            case Care():
                self.cares.pop(record.person, None)
            case JoinCode():
                self.codes.pop(record.code, None)
            case Device():
                self.devices.pop(record.id, None)
            case Setting():
                self.settings.pop(record.name, None)
            case Shift():
                self._shifts.pop(record.id, None)
                self._on_call.clear()
            case Override():
                self._overrides.pop(record.id, None)
                self._on_call.clear()
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
        if old is None and _plain(person):
            if self._levels is not None:
                self._levels[person.id] = Level.UNKNOWN
        elif old is None or _standing(old) != _standing(person):
            self._levels = None
        if _on_rosters(old) != _on_rosters(person):
            self._on_call.clear()

    def _drop_person(self, person: Person) -> None:
        self.everybody.pop(person.id, None)
        self.cares.pop(person.id, None)
        for address in person.addresses:
            self._at_address.pop((address.channel, address.handle), None)
        if not _plain(person):
            self._levels = None
            self._on_call.clear()
        elif self._levels is not None:
            self._levels.pop(person.id, None)

    def _put_incident(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident
        due = incidents.due(incident)
        if due is None:
            self._due.pop(incident.id, None)
        else:
            self._due[incident.id] = due

    # --- looking: everything --------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """The earliest deadline of any incident."""
        return min(self._due.values(), default=None)

    def due_by(self, at: datetime) -> tuple[IncidentId, ...]:
        """The incidents with a deadline at or before `at`, the most overdue first."""
        late = [(due, id) for id, due in self._due.items() if due <= at]
        return tuple(id for _, id in sorted(late))

    def at_address(self, channel: str, handle: str) -> Person | None:
        """Who writes from there."""
        person = self._at_address.get((channel, handle))
        return self.everybody.get(person) if person else None

    def prompts_of(self, person: PersonId) -> tuple[Prompt, ...]:
        """The open questions to one person, oldest first."""
        return tuple(self._prompts_of.get(person, {}).values())

    def last_work_number(self, person: PersonId) -> int:
        """The last number that this person was given for something to do; 0 when all is done."""
        busy = any(p.action.verb in WORK for p in self.prompts_of(person))
        return self._work_numbers.get(person, 0) if busy else 0

    def shifts(self) -> tuple[Shift, ...]:
        """All shifts."""
        return tuple(self._shifts.values())

    def overrides(self) -> tuple[Override, ...]:
        """All overrides."""
        return tuple(self._overrides.values())

    def shift(self, id: str) -> Shift | None:
        """The shift of that id."""
        return self._shifts.get(id)

    def private(self, person: Person) -> bool:
        """Whether words reach this person unread by others: a private channel, or a phone."""
        living = [a for a in person.addresses if not a.dead]
        if any(a.channel in self.private_channels for a in living):
            return True
        return bool(living) and bool(self.phones(person.id))

    def devices_of(self, person: PersonId) -> tuple[Device, ...]:
        """All phones that this person registered, oldest first."""
        return tuple(d for d in self.devices.values() if d.person == person)

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
        wanted = code.strip().casefold()
        found = [i for i in self.incidents.values() if i.code.casefold() == wanted]
        found.sort(key=lambda i: (i.state is State.CLOSED, -i.opened_at.timestamp()))
        return found[0] if found else None

    def levels(self) -> Mapping[PersonId, Level]:
        """Everybody's level as it counts now."""
        if self._levels is None:
            self._levels = trust.levels(self.everybody, self._limits)
        return self._levels

    def on_call(self, place: Place, at: datetime) -> frozenset[PersonId]:
        """Who is on call there at that instant. Kept until the next change of the roster."""
        known = self._on_call.get(place)
        if known and known[0] <= at and (known[1] is None or at < known[1]):
            return known[2]
        where = self.neighbourhoods[place]
        shifts = [s for s in self._shifts.values() if s.neighbourhood == place]
        overrides = self._overrides.values()
        people = roster.on_call(where, at, shifts, overrides, self.everybody)
        until = roster.next_change(where, at, shifts, overrides)
        self._on_call[place] = (at, until, people)
        return people

    def on_call_until(self, place: Place, person: PersonId, at: datetime) -> datetime | None:
        """When this person's time on call there ends; None where no end is in sight."""
        return self._turn(place, person, at, on=False)

    def on_call_from(self, place: Place, person: PersonId, at: datetime) -> datetime | None:
        """When this person is next on call there; None where no shift is in sight."""
        return self._turn(place, person, at, on=True)

    def _turn(self, place: Place, person: PersonId, at: datetime, *, on: bool) -> datetime | None:
        """The next instant after `at` at which this person is on call there, or is not."""
        where = self.neighbourhoods[place]
        shifts = [
            s for s in self._shifts.values() if (s.neighbourhood, s.person) == (place, person)
        ]
        overrides = [o for o in self._overrides.values() if o.person == person]
        for _ in range(_LOOK_AHEAD):
            change = roster.next_change(where, at, shifts, overrides)
            if change is None:
                return None
            there = roster.on_call(where, change, shifts, overrides, self.everybody)
            if (person in there) is on:
                return change
            at = change
        return None

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
        found = (self.everybody.get(p) for p in persons)
        return tuple(p for p in found if p is not None)

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

    def candidates(self, incident: Incident, whom: str, at: datetime) -> Sequence[PersonId]:
        """See `view.View`."""
        on_call: set[PersonId] = set()
        for place in self._places(incident.neighbourhood, whom):
            on_call |= self.on_call(place, at)
        called = {c.person: c.state for c in incident.calls}
        free = [
            p
            for p in on_call
            if called.get(p, CallState.THANKED) is CallState.THANKED
            and self._barred(incident, p, at, on_call=True, paged=False) is None
        ]
        return self._in_order(incident, free, at)

    def _places(self, place: Place, whom: str) -> Iterable[Place]:
        match whom:
            case "neighbourhood":
                return (place,)
            case "adjacent":
                return (place, *self.neighbourhoods[place].adjacent)
            case _:
                return self.neighbourhoods

    def _in_order(
        self, incident: Incident, free: Iterable[PersonId], at: datetime
    ) -> Sequence[PersonId]:
        zone = self.neighbourhoods[incident.neighbourhood].time_zone
        willing = {c.person for c in incident.calls if c.answered_at is not None}

        def turn(person: PersonId) -> tuple[bool, int, bytes]:
            care = self.cares.get(person)
            tonight = roster.pages_tonight(care, at, zone) if care else 0
            lot = blake2b(f"{incident.id}:{person}".encode(), digest_size=8).digest()
            return (person not in willing, tonight, lot)

        ordered = sorted(free, key=turn)
        old_hands = [p for p in ordered if self.everybody[p].experienced]
        newcomers = [p for p in ordered if not self.everybody[p].experienced]
        mixed: list[PersonId] = []
        for index in range(max(len(old_hands), len(newcomers))):
            mixed += old_hands[index : index + 1] + newcomers[index : index + 1]
        return mixed

    def barred(self, incident: Incident, person: PersonId, at: datetime) -> Barred | None:
        """See `view.View`."""
        places = self._places(incident.neighbourhood, "network")
        on_call = any(person in self.on_call(place, at) for place in places)
        return self._barred(incident, person, at, on_call=on_call, paged=True)

    def _barred(
        self, incident: Incident, person: PersonId, at: datetime, *, on_call: bool, paged: bool
    ) -> Barred | None:
        who = self.everybody.get(person)
        if who is None:
            return Barred.REMOVED
        team_of = self._team_of.get(person)
        return roster.barred(
            who,
            level=self.level(person),
            care=self._care_before(incident, person) if paged else self.cares.get(person),
            at=at,
            on_call=on_call,
            busy=team_of is not None and (not paged or team_of != incident.id),
            private=self.private(who),
            training=self.playbook(incident.playbook).team.training,
            reporters=self.people([s.reporter for s in incident.sources]),
            team=self.people([m.person for m in incident.team if m.person != person]),
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
        match round:
            case 0:
                there: Iterable[PersonId] = self.on_call(incident.neighbourhood, at)
            case 1:
                there = frozenset().union(*(self.on_call(p, at) for p in self.neighbourhoods))
            case _:
                there = self.everybody
        role = Role.COORDINATOR if round == 3 else Role.VERIFIER
        asked = (
            p
            for p in self.people(tuple(there))
            if self._may_verify(incident, p, role) and self.private(p)
        )
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
        reporters = self.people([s.reporter for s in incident.sources])
        return sorted(
            p.id
            for p in self.everybody.values()
            if p.has(Role.COORDINATOR)
            and self.level(p.id) is not Level.BLOCKED
            and not any(r.id == p.id or trust.kept_apart(p, r) for r in reporters)
        )

    def stand_ins(self, incident: Incident) -> Sequence[PersonId]:
        """See `view.View`."""
        near = {m.person for m in incident.team} | set(incident.past)
        return sorted(
            p.id
            for p in self.everybody.values()
            if (p.has(Role.COORDINATOR) or p.has(Role.VERIFIER))
            and self.level(p.id) is not Level.BLOCKED
            and self.private(p)
            and p.id not in near
        )

    def running(self, incident: Incident) -> Sequence[Incident]:
        """See `view.View`."""
        there = [
            i
            for i in self.incidents.values()
            if i.state in _RUNNING
            and i.neighbourhood == incident.neighbourhood
            and i.id != incident.id
        ]
        there.sort(key=lambda i: i.opened_at, reverse=True)
        return there[:_MOST_RUNNING]

    def prompts_under(self, message: MessageId) -> tuple[Prompt, ...]:
        """The open questions that one message asked."""
        return tuple(self._prompts_under.get(message, {}).values())


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
