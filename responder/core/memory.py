"""All that the network knows now, in memory: its records by id, and what is found by them.

What it is for
    The dispatcher fills it from the store when it starts and puts every change into it; the
    simulator fills it by hand. `world.World` answers decisions from it.

Rules it keeps
    * It changes only through `put`, `delete`, `assign` and `release`; looking changes nothing.
    * Closed incidents and their reports stay until they are shredded; stories stay on disk.

What it must not know
    Storage, channels beyond their names, words, whom an incident may ask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from responder.core.changes import Device, JoinCode, Prompt, Question, Session, Setting, Stored
from responder.core.docket import Docket
from responder.core.duty import Duty
from responder.core.level_book import LevelBook
from responder.core.model import (
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
from responder.core.playbook import Playbook
from responder.core.reach import Drill, Reach


class Memory:
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
        self._level_book = LevelBook(self.everybody, self._limits)
        self._coordinating: dict[tuple[PersonId, ...], tuple[PersonId, ...]] = {}
        """Coordinators for these reporters; emptied whenever anybody's record changes."""
        self._vouchers: dict[PersonId, frozenset[PersonId]] = {}
        """Who stands for somebody; emptied with it."""

    # --- changing -------------------------------------------------------------------------------

    def put(self, record: Stored) -> None:
        """Take a record in, new or changed; kinds that memory need not hold are passed over."""
        self.touched += 1
        match record:
            case Incident():
                self.docket.put(record)
            case Question():
                self.questions.put(record)
            case Session():
                self.sessions[record.person] = record
            case Care():
                self.cares[record.person] = record
            case Report():
                self.reports[record.id] = record
            case Person():
                self._put_person(record)
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
        self._people_changed()
        roles = person.roles if person.member else ()
        for role, holders in self._with_role.items():
            if role in roles:
                holders[person.id] = person
            elif old is not None:
                holders.pop(person.id, None)
        self._level_book.changed(old, person)
        if _on_rosters(old) != _on_rosters(person):
            self._duty.person_changed(person.id)

    def _people_changed(self) -> None:
        self._coordinating.clear()
        self._vouchers.clear()

    def _drop_person(self, person: Person) -> None:
        self._level_book.changed(self.everybody.pop(person.id, None), None)
        self.cares.pop(person.id, None)
        self.reaches.pop(person.id, None)
        self._people_changed()
        for holders in self._with_role.values():
            holders.pop(person.id, None)
        for address in person.addresses:
            self._at_address.pop((address.channel, address.handle), None)
        self._duty.person_changed(person.id)
        # What is sealed under a person's key goes with it.
        for record in (*self._duty.of(person.id), *self.devices_of(person.id)):
            self.delete(record)

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
        return self._level_book.levels()

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


def _on_rosters(person: Person | None) -> tuple[object, ...]:
    """All that being on call depends on besides shifts and overrides."""
    if person is None or not person.member:
        return ()
    return (person.neighbourhoods,)
