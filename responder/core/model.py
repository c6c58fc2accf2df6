"""Ids and records: the nouns of the domain.

What it is for
    Every other module speaks in these records: the core decides over them, the store seals them,
    the simulator compares them. Events and effects, the verbs, stand in `events.py`.

Rules it keeps
    * A record is frozen and compares by value; a change is a new one (`msgspec.structs.replace`).
    * Times are aware UTC datetimes; a name that holds a length of time ends in `_s` (seconds),
      one that holds a length in metres ends in `_m`.
    * Every record goes to JSON and back without loss (`encode`, `decode`).

What it must not know
    Platforms, files, the clock, chance, and any word that people are sent.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType, TypeVar, dataclass_transform

import msgspec

PersonId = NewType("PersonId", str)
IncidentId = NewType("IncidentId", str)
ReportId = NewType("ReportId", str)
MessageId = NewType("MessageId", str)
Place = NewType("Place", str)
"""The id of a neighbourhood: the unit of routing, never an address."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of all records: frozen, compared by value, JSON both ways."""


T = TypeVar("T")


def encode(record: object) -> bytes:
    """The record as JSON bytes; defaults are left out."""
    return msgspec.json.encode(record)


def decode(data: bytes, kind: type[T]) -> T:
    """The record that `encode` wrote; `msgspec.ValidationError` where the bytes are not one."""
    return msgspec.json.decode(data, type=kind)


# --- people -----------------------------------------------------------------------------------


class Level(StrEnum):
    """How far a person's word goes by itself."""

    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    KNOWN = "known"
    TRUSTED = "trusted"

    @property
    def rank(self) -> int:
        """0 for blocked to 3 for trusted."""
        return list(Level).index(self)


class Role(StrEnum):
    """What a member may be besides; only coordinators give and take roles."""

    RESPONDER = "responder"
    VERIFIER = "verifier"
    COORDINATOR = "coordinator"


class Address(Record):
    """Where a person is reached: `channel` is a bot's name, `handle` that platform's own id.

    `dead`: the platform said that nothing reaches it (blocked, gone). A message from it heals it.
    """

    channel: str
    handle: str
    dead: bool = False


class Training(Record):
    """A training, by the name that playbooks use; good up to and including `expires_on`."""

    name: str
    expires_on: date | None = None


class HelpOffer(Record):
    """Help that a member offers until they take it back; nobody is on call for it.

    `help` is an answer of the question that the playbook `kind` matches. `place` None: in all
    neighbourhoods of that person. `when` None: on any day, at the hours in which people are asked.
    """

    id: str
    kind: str
    help: str
    place: Place | None = None
    when: Shift | None = None


CONSENT: Final = "consent"
"""In `Person.welcome`: they have not said yet that they want to be kept and asked."""


class Vouch(Record):
    """One member's word for another person."""

    by: PersonId
    at: datetime


class Person(Record):
    """Anyone who ever wrote or was added. A member has a call sign; others have none.

    `granted` is a level that a coordinator gave by hand (`granted_by` who; None: at the machine's
    own command line); `blocked` there outranks every vouch. The level that counts is
    `trust.level(...)`, never this field. `addresses` stand in the person's order of preference.
    """

    id: PersonId
    call_sign: str = ""
    addresses: tuple[Address, ...] = ()
    language: str = "en"
    language_chosen: bool = False
    languages: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    granted: Level = Level.UNKNOWN
    granted_by: PersonId | None = None
    vouches: tuple[Vouch, ...] = ()
    skills: tuple[str, ...] = ()
    trainings: tuple[Training, ...] = ()
    experienced: bool = False
    neighbourhoods: tuple[Place, ...] = ()
    keep_apart: tuple[PersonId, ...] = ()
    emergency_contact: str = ""
    duress_phrase: str = ""
    pages_a_night: int | None = None
    removed: bool = False
    removed_at: datetime | None = None
    created_at: datetime | None = None
    claimed: tuple[str, ...] = ()
    """Trainings that they say they have: they count for nothing until a coordinator confirms."""
    welcome: tuple[str, ...] = ()
    """The questions of the welcome that are still to be asked (`talk.welcoming.Step`)."""
    offers: tuple[HelpOffer, ...] = ()

    @property
    def member(self) -> bool:
        """Joined and not removed since."""
        return self.call_sign != "" and not self.removed

    @property
    def agreed(self) -> bool:
        """Whether they said yes to what is kept about them, or joined without being asked."""
        return CONSENT not in self.welcome

    def has(self, role: Role) -> bool:
        """Whether this is a member who holds the role."""
        return role in self.roles and self.member


class Care(Record):
    """What one person was asked to carry lately: enforced limits, never a score."""

    person: PersonId
    paged_at: tuple[datetime, ...] = ()
    rest_until: datetime | None = None
    hard_calls: int = 0
    awake_until: datetime | None = None
    """By their own word: until then they are asked before those who sleep."""


# --- neighbourhoods and limits ------------------------------------------------------------------


class Neighbourhood(Record):
    """A unit of routing. `boundary` holds polygons, each a ring of (longitude, latitude) points."""

    id: Place
    name: str
    aliases: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    adjacent: tuple[Place, ...] = ()
    time_zone: str = "UTC"
    boundary: tuple[tuple[tuple[float, float], ...], ...] = ()


class Limits(Record):
    """The network's own rules of care and trust, the same for every playbook."""

    pages_a_night: int = 3
    """Pages from 18:00 to 10:00 local time; a person may set a lower number."""
    rest_s: int = 24 * 3600
    """Rest after a hard call, where the playbook names none."""
    vouches_for_known: int = 1
    vouches_for_trusted: int = 3
    reports_per_10_min: int = 12
    """Messages that one person may send in ten minutes before being asked to slow down."""
    unknown_held: int = 20
    """How many incidents of unknown reporters may be held at once, over the whole network."""


class Network(Record):
    """What the network says of itself, in its own words, per language."""

    name: str
    languages: tuple[str, ...] = ("en", "es")
    emergency: dict[str, str] = msgspec.field(default_factory=dict)
    """When and whom to call if someone is in danger of their life."""
    closed: dict[str, str] = msgspec.field(default_factory=dict)
    """Where members turn when the network was locked."""


# --- rosters ----------------------------------------------------------------------------------


class Shift(Record):
    """An interval on call, in the neighbourhood's own local time.

    Weekly when `weekday` is set (0 is Monday), single when `on` is; with a `rule` (RRULE) it comes
    on that rule's days, counted from `on`, but for `skips`. `start` and `end` are "HH:MM"; an end
    that is not after its start falls on the next day.
    """

    id: str
    person: PersonId
    neighbourhood: Place
    start: str
    end: str
    weekday: int | None = None
    on: date | None = None
    rule: str = ""
    skips: tuple[date, ...] = ()


class Override(Record):
    """An exception to the shifts: on or off call from `start` until `end` (UTC, end excluded).

    `neighbourhood` None means all neighbourhoods of that person. The newest override that covers
    an instant wins over older ones and over every shift.
    """

    id: str
    person: PersonId
    start: datetime
    end: datetime
    available: bool
    neighbourhood: Place | None = None
    made_at: datetime | None = None


# --- reports ----------------------------------------------------------------------------------


class Pin(Record):
    """A point on the map, WGS 84 degrees."""

    latitude: float
    longitude: float


class MediaKind(StrEnum):
    """What a piece of media is; anything else is refused at the door."""

    PICTURE = "picture"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"


class Media(Record):
    """A picture or voice message that waits on its platform; the bytes are never kept here."""

    channel: str
    ref: str
    kind: MediaKind
    mime: str = ""
    size: int = 0


class Answer(Record):
    """One answer to one intake question of the playbook, in the reporter's words.

    `choice` is the id of the option where it was one of those that were offered.
    """

    question: str
    text: str
    choice: str = ""


class Report(Record):
    """What one reporter told, unverified. `text` holds their own words, oldest first."""

    id: ReportId
    reporter: PersonId
    at: datetime
    kind: str
    neighbourhood: Place
    incident: IncidentId
    text: str = ""
    place: str = ""
    pin: Pin | None = None
    answers: tuple[Answer, ...] = ()
    media: tuple[Media, ...] = ()
    follow_up: bool = False
    channel: str = ""


# --- incidents --------------------------------------------------------------------------------


class State(StrEnum):
    """Where an incident stands. CLOSED is the only end; every other state has a deadline."""

    HELD = "held"
    """Below the playbook's trust line: waiting for a verifier or for other reports."""
    PAGING = "paging"
    """A team is being sought; nobody is out as a team."""
    BRIEFING = "briefing"
    """A team is formed and has its briefs; not all have tapped that they have it."""
    OUT = "out"
    """Everybody has the brief and was told to go."""
    LEAVING = "leaving"
    """The response is over or was broken off; those who were sent are counted until out."""
    AFTERCARE = "aftercare"
    """Everybody is accounted for; the debrief and the follow-up are still to come."""
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an incident ended; kept for counting after the rest is forgotten."""

    RESPONDED = "responded"
    NOBODY = "nobody"
    NOT_CONFIRMED = "not-confirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MERGED = "merged"
    ENDED = "ended"


class CallState(StrEnum):
    """What became of one page."""

    PAGED = "paged"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    THANKED = "thanked"
    FAILED = "failed"


class Call(Record):
    """One page to one person; `eta_s` is the travel time that came with the acceptance."""

    person: PersonId
    wave: int
    message: MessageId
    at: datetime
    state: CallState = CallState.PAGED
    answered_at: datetime | None = None
    eta_s: int | None = None


class Stage(StrEnum):
    """How far one team member has got."""

    BRIEFED = "briefed"
    READY = "ready"
    GONE = "gone"
    THERE = "there"
    OUT_SAFE = "out-safe"


class Mate(Record):
    """A member of a formed team.

    `went`: was told "go" and so must be accounted for. `held_back`: told to hold back since the
    team broke. `due` is when the next sign of life is expected; `missed` counts steps since:
    0 none, 1 nudged, 2 and more escalated that often.
    """

    person: PersonId
    stage: Stage
    brief: MessageId | None = None
    controls: MessageId | None = None
    """The message whose buttons this member uses now."""
    brief_by: datetime | None = None
    briefed_at: datetime | None = None
    """When the newest brief was written: what a phone knows its versions by."""
    role: str = ""
    eta_s: int | None = None
    went: bool = False
    held_back: bool = False
    told_leave: bool = False
    due: datetime | None = None
    missed: int = 0


class Asked(Record):
    """A verifier who was sent the card, by which message, and which reports they have read."""

    person: PersonId
    message: MessageId
    shown: tuple[ReportId, ...] = ()


class Verification(Record):
    """The search for somebody who can confirm. `round` counts the widening, from 0."""

    round: int = 0
    until: datetime | None = None
    asked: tuple[Asked, ...] = ()
    unreached: tuple[Asked, ...] = ()
    """Whose card seems to have reached nobody: an answer to it still counts for what it showed."""
    urgent: bool = False


class Recruiting(Record):
    """The search for people. `wave` counts from 0; `until` None: no wave is running.

    While it runs at -1, the reporter is asked what is to be looked for.
    """

    wave: int = -1
    until: datetime | None = None
    exhausted: bool = False


class Source(Record):
    """One report as the incident knows it.

    `counts`: this reporter's word alone reaches the trust line, or a verifier confirmed it.
    `level` is the reporter's level when it came in.
    """

    report: ReportId
    reporter: PersonId
    at: datetime
    level: Level
    counts: bool = False
    gone: bool = False
    """Cancelled or forgotten: hears nothing more."""
    forget: bool = False
    """The reporter asked to be forgotten; done at the latest when the team is back."""
    follow_up: bool = False
    wants: str | None = None
    """Which of the kinds of help that people offer this reporter asks for; "" for none of them.
    None: not said yet."""
    heard: str = ""
    """The last news that this reporter was sent, so that none is sent twice."""


class Words(Record):
    """What one report said, as it came: words, an exact place, a pin, media, or several of them."""

    report: ReportId
    text: str = ""
    place: str = ""
    pin: Pin | None = None
    media: tuple[Media, ...] = ()


class Board(Record):
    """The one message per coordinator that is edited as the incident moves."""

    person: PersonId
    message: MessageId


class Alarm(Record):
    """Something that only a coordinator can settle; it repeats at `again_at` until one does."""

    kind: str
    again_at: datetime
    about: PersonId | None = None
    repeats: int = 0


class Note(Record):
    """A line that a coordinator added, or a reason that one gave."""

    at: datetime
    by: PersonId | None
    text: str


class Incident(Record):
    """What the network handles: one report or more, and all that follows from it.

    It runs to its end on the playbook whose digest is `playbook` (the text is kept as long as
    the incident is). `words` are all that was told; `place` and `pin` are settled from them:
    only reports that count, once there is one.
    """

    id: IncidentId
    code: str
    opened_at: datetime
    playbook: str
    schema: int
    kind: str
    neighbourhood: Place
    state: State
    drill: bool = False
    sources: tuple[Source, ...] = ()
    words: tuple[Words, ...] = ()
    place: str = ""
    pin: Pin | None = None
    verification: Verification = Verification()
    recruiting: Recruiting = Recruiting()
    morning: datetime | None = None
    """From when those who offered such help may be asked; it was night when it was needed."""
    wanted: int = 2
    calls: tuple[Call, ...] = ()
    team: tuple[Mate, ...] = ()
    past: tuple[PersonId, ...] = ()
    """Those who were told "go" in this incident and have been accounted for."""
    boards: tuple[Board, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    duress: tuple[PersonId, ...] = ()
    notes: tuple[Note, ...] = ()
    confirmed_by: PersonId | None = None
    teamed_at: datetime | None = None
    met_at: datetime | None = None
    """When two of the team were there for the first time."""
    give_up_at: datetime | None = None
    end_said: bool = False
    """A coordinator has ended it: said again, it closes the count of those not out yet."""
    leave_word: str = ""
    """Why people are leaving: "leave-now", "done", "ended", "nobody"."""
    hard: bool = False
    ended_at: datetime | None = None
    debrief_at: datetime | None = None
    follow_up_at: datetime | None = None
    closed_at: datetime | None = None
    words_until: datetime | None = None
    shred_at: datetime | None = None
    outcome: Outcome | None = None
    served: tuple[MessageId, ...] = ()
    """Messages that told a place, words or a partner, to be taken back when the response is over;
    those that came after that, when its words go."""
    said: int = 0
    """How many messages this incident has given rise to; the next one's number."""

    @property
    def active(self) -> tuple[Mate, ...]:
        """The members who are still in the team: neither told to leave nor out."""
        out = Stage.OUT_SAFE
        return tuple([m for m in self.team if not m.told_leave and m.stage is not out])

    @property
    def wants(self) -> frozenset[str]:
        """The kinds of help that are asked for, by reports that count."""
        return frozenset(s.wants for s in self.sources if s.wants and s.counts and not s.gone)

    @property
    def team_words(self) -> tuple[Words, ...]:
        """What the team may read: the words of reports that count, never an unconfirmed one's."""
        counting = {s.report for s in self.sources if s.counts}
        return tuple([w for w in self.words if w.report in counting])

    @property
    def team_media(self) -> tuple[Media, ...]:
        """The pictures and voice that the team may see."""
        return tuple(m for w in self.team_words for m in w.media)

    def mate(self, person: PersonId) -> Mate | None:
        """That person's place in the team."""
        for mate in self.team:
            if mate.person == person:
                return mate
        return None

    def call(self, person: PersonId) -> Call | None:
        """The last page to that person."""
        for call in reversed(self.calls):
            if call.person == person:
                return call
        return None

    def source(self, reporter: PersonId) -> Source | None:
        """That reporter's report, if it has not been taken back."""
        return next((s for s in self.sources if s.reporter == reporter and not s.gone), None)
