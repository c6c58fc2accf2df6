"""What one decision changes, as data: the whole content of one transaction.

What it is for
    The core returns `Changes`; the store commits them, all or nothing; the world in memory takes
    them over. The simulator needs no store to do the same.

Rules it keeps
    * A record is put whole or deleted; nothing is edited in place.
    * Every sealed record names the key that it is sealed under (`key_of`): destroying that key
      makes the record unreadable wherever a copy of its bytes is left.

What it must not know
    SQL, cryptography, channels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from responder.core.messages import Message, Settled
from responder.core.model import (
    Answer,
    Care,
    Incident,
    IncidentId,
    Media,
    MessageId,
    Override,
    Person,
    PersonId,
    Pin,
    Place,
    Record,
    Report,
    ReportId,
    Shift,
)
from responder.core.reach import Drill, Reach

# --- open questions and conversations -----------------------------------------------------------


class Action(Record):
    """What a pressed button or an answered number means. `verb` is one of `chat.VERBS`."""

    verb: str
    incident: IncidentId | None = None
    arg: str = ""


class Prompt(Record):
    """One answer to an open question: the token and the number that give it, and what it does.

    Numbers are unique among one person's open questions.
    """

    token: str
    number: int
    action: Action
    at: datetime
    label: str = ""
    pressed: bool = False
    """It was answered, and can be answered again."""


class Question(Record):
    """All that one message offers one person, as one record: it stays open until it is answered."""

    message: MessageId
    person: PersonId
    sealed_under: str
    prompts: tuple[Prompt, ...]

    def prompt(self, token: str) -> Prompt | None:
        """The answer that this token gives."""
        return next((p for p in self.prompts if p.token == token), None)


class Draft(Record):
    """A report that is being told. It has its own id and key before it is a report."""

    report: ReportId
    begun_at: datetime
    kind: str = ""
    neighbourhood: Place | None = None
    text: str = ""
    place: str = ""
    pin: Pin | None = None
    answers: tuple[Answer, ...] = ()
    media: tuple[Media, ...] = ()
    asking: str = ""
    """The question that waits for an answer: "kind", "place", or a question id of the playbook."""
    incident: IncidentId | None = None
    """Set once the incident is open: what comes now enriches it."""
    follow_up: bool = False


class Session(Record):
    """Where a conversation with one person stands."""

    person: PersonId
    channel: str = ""
    draft: Draft | None = None
    awaiting: Action | None = None
    """A press that wants words (a reason, a question): the next text is its argument."""
    awaiting_since: datetime | None = None
    incident: IncidentId | None = None
    """The open incident that this person reported, if any."""
    question: MessageId | None = None
    """The reply that asked the question which waits now."""
    last_text: str = ""
    """What was last added to a running incident, should it turn out to be something new."""
    recent: tuple[datetime, ...] = ()
    """When the last messages came, newest last: for the rate limit."""
    told_limit_at: datetime | None = None
    active_at: datetime | None = None


class JoinCode(Record):
    """A one-time code that ties an address to a person, or carries a member's vouch.

    `person` None: whoever redeems it becomes a new person vouched for by `vouched_by`.
    """

    code: str
    expires_at: datetime
    person: PersonId | None = None
    vouched_by: PersonId | None = None


class Piece(Record):
    """A picture or voice message as it may be shown: stripped of metadata, sealed with its report.

    `id` is `piece_id` of the platform's own reference, so that whoever holds that finds this.
    """

    id: str
    report: ReportId
    mime: str
    data: bytes


def piece_id(media: Media) -> str:
    """Where the bytes of this piece of media are kept, if they are."""
    return f"{media.channel}:{media.ref}"


class Device(Record):
    """A member's phone on which sealed pages are opened.

    `key` is the phone's public key (base64url), `words` its fingerprint as people compare it. It
    counts from the time when somebody confirmed it and it opened a probe, and only as long as it
    goes on opening them: `proof` is the token of the probe that is on its way, `unopened` how
    many messages in a row had to go another way since nobody answered them there.
    """

    id: str
    person: PersonId
    key: str
    words: tuple[str, ...]
    registered_at: datetime
    confirmed_at: datetime | None = None
    confirmed_by: PersonId | None = None
    proof: str = ""
    probed_at: datetime | None = None
    proved_at: datetime | None = None
    unopened: int = 0


class StoryLine(Record):
    """One line of an incident's story, for its timeline; sealed under its incident."""

    id: str
    incident: IncidentId
    at: datetime
    name: str
    about: PersonId | None = None
    by: PersonId | None = None
    detail: str = ""


class PlaybookText(Record):
    """A resolved playbook, kept by its digest for as long as an incident runs on it (L9)."""

    digest: str
    schema: int
    text: str
    id: str = ""
    since: datetime | None = None
    current: bool = False


class Edition(Record):
    """A text of a playbook as it stood in its file, so that there is a way back to it.

    `number` counts its playbook's texts from 1; `account` is whose file it was, `digest` what it
    amounted to then, with the parts that it shared.
    """

    id: str
    playbook: str
    number: int
    digest: str
    since: datetime
    account: str
    source: str


class Tally(Record):
    """All that is left of an incident for counting once it is forgotten. Names nobody."""

    id: str
    kind: str
    neighbourhood: Place
    week: str
    outcome: str
    minutes_to_team: int | None = None


class Setting(Record):
    """A small fact that the network keeps about itself, by name: JSON text.

    `sealed_under` names another key than the network's, for what goes with a person or a report.
    """

    name: str
    value: str
    sealed_under: str = ""


class AuditLine(Record):
    """One line of the audit: who did what about whom, in ids and words of the program alone.

    `by` None: at the machine's own command line. `about` is a random id or a playbook's name;
    `detail` says what of it changed, never a name, an address or anything that somebody wrote.
    """

    at: datetime
    verb: str
    by: PersonId | None = None
    about: str = ""
    detail: str = ""


Stored: TypeAlias = (
    Person
    | Care
    | Shift
    | Override
    | Report
    | Incident
    | Question
    | Session
    | JoinCode
    | StoryLine
    | Piece
    | Device
    | Drill
    | Reach
    | PlaybookText
    | Edition
    | Tally
    | Setting
)

KINDS: dict[type[Stored], str] = {
    Person: "person",
    Care: "care",
    Shift: "shift",
    Override: "override",
    Report: "report",
    Incident: "incident",
    Question: "question",
    Session: "session",
    JoinCode: "join-code",
    StoryLine: "story",
    Piece: "piece",
    Device: "device",
    Drill: "drill",
    Reach: "reach",
    PlaybookText: "playbook",
    Edition: "edition",
    Tally: "tally",
    Setting: "setting",
}

_NAMED_BY: dict[type[Stored], str] = {
    **dict.fromkeys(KINDS, "id"),
    Care: "person",
    Session: "person",
    Reach: "person",
    Question: "message",
    JoinCode: "code",
    PlaybookText: "digest",
    Setting: "name",
}
"""The field that is a record's id within its kind."""

NETWORK_KEY = "network"
"""The key of what belongs to no single incident, report or person."""


def id_of(record: Stored) -> str:
    """The record's id within its kind."""
    return str(getattr(record, _NAMED_BY[type(record)]))


def _where(record: Stored) -> tuple[str, str]:
    kind = type(record)
    return KINDS[kind], getattr(record, _NAMED_BY[kind])


def key_of(record: Stored) -> str:
    """The name of the key that the record is sealed under.

    A conversation with a draft in it goes under the draft's own key, so that forgetting the
    report forgets the draft.
    """
    match record:
        case Person():
            return f"person:{record.id}"
        case Care() | Shift() | Override() | Device() | Reach():
            return f"person:{record.person}"
        case Session():
            return f"report:{record.draft.report}" if record.draft else f"person:{record.person}"
        case Report():
            return f"report:{record.id}"
        case Piece():
            return f"report:{record.report}"
        case Incident():
            return f"incident:{record.id}"
        case StoryLine():
            return f"incident:{record.incident}"
        case Question():
            return record.sealed_under
        case Drill():
            return f"drill:{record.id}"
        case Setting():
            return record.sealed_under or NETWORK_KEY
        case JoinCode() | PlaybookText() | Edition() | Tally():
            return NETWORK_KEY


@dataclass
class Changes:
    """One transaction. Built up by the core, committed by the store, then read-only.

    `puts` and `deletes` hold by kind and id: the last word on a record wins.
    `inbox` are the (channel, key) pairs that this transaction takes in; a pair that is there
    already makes the store refuse the whole (`store.AlreadyTaken`).
    `assigned` and `released` keep the table in which a person stands at most once
    (`store.AlreadyAssigned` refuses the whole). `destroyed` names keys to destroy.
    """

    puts: dict[tuple[str, str], Stored] = field(default_factory=dict)
    deletes: set[tuple[str, str]] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    withdrawn: list[MessageId] = field(default_factory=list)
    """Messages not to be sent any more; harmless for those that have left."""
    recalled: list[MessageId] = field(default_factory=list)
    """Messages to take back from people's screens, if they had left."""
    settled: list[Settled] = field(default_factory=list)
    inbox: list[tuple[str, str, datetime]] = field(default_factory=list)
    assigned: list[tuple[PersonId, IncidentId]] = field(default_factory=list)
    released: list[tuple[PersonId, IncidentId]] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    hushed: list[IncidentId] = field(default_factory=list)
    """Incidents of which a report is forgotten: messages that quote one and wait go with it."""
    audit: list[AuditLine] = field(default_factory=list)
    """Lines for the audit, in this order."""
    press_note: str = ""
    """A short line for whoever pressed a button; shown after the commit, never stored."""

    def put(self, record: Stored) -> None:
        """Store the record, new or changed."""
        where = _where(record)
        self.deletes.discard(where)
        self.puts[where] = record

    def delete(self, record: Stored) -> None:
        """Remove the record; harmless where there is none."""
        where = _where(record)
        self.puts.pop(where, None)
        self.deletes.add(where)

    def extend(self, messages: Iterable[Message]) -> None:
        """Add messages to send after the commit."""
        self.messages.extend(messages)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not any(value for name, value in vars(self).items() if name != "press_note")
