"""What happens to an incident (events) and what follows from it (effects): the verbs of the domain.

Rules it keeps
    * `event.at` is the only time that a decision knows.
    * Late, double and out-of-order events are normal; each may find nothing left to change.
    * An effect says what shall be done, never how: no channel, no language, no words.

What it must not know
    Platforms, storage, and any word that people are sent.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from responder.core.model import (
    Incident,
    IncidentId,
    Media,
    MessageId,
    Outcome,
    PersonId,
    Pin,
    Record,
    Report,
    ReportId,
)

# --- events: reporters and verifiers --------------------------------------------------------------


class Filed(Record):
    """A report that opens an incident of its own, on the playbook that holds at this moment."""

    at: datetime
    incident: IncidentId
    code: str
    report: Report
    playbook: str
    schema: int
    drill: bool = False


class Identified(Record):
    """A reporter turns out to be a member: what `old` reported, `new` has reported."""

    at: datetime
    old: PersonId
    new: PersonId


class Joined(Record):
    """Another report of what this incident is about. `confirmed`: a verifier merged it here."""

    at: datetime
    report: Report
    confirmed: bool = False


class Added(Record):
    """The reporter told more: words, an exact place, a pin, pictures or voice."""

    at: datetime
    by: PersonId
    text: str = ""
    place: str = ""
    pin: Pin | None = None
    media: tuple[Media, ...] = ()
    wants: str | None = None
    """What `model.Source.wants` becomes, where they just said it."""


class ReporterSafe(Record):
    """The reporter says that they are safe now. It stands nobody down."""

    at: datetime
    by: PersonId


class ReporterCancelled(Record):
    """The reporter takes the report back; with `forget`, what was sent is to be destroyed too."""

    at: datetime
    by: PersonId
    forget: bool = False


class FollowUpWanted(Record):
    """The reporter says whether somebody may ask after them later."""

    at: datetime
    by: PersonId
    wanted: bool


class Confirmed(Record):
    """A verifier stands for it."""

    at: datetime
    by: PersonId


class NotConfirmed(Record):
    """A verifier looked and does not stand for it."""

    at: datetime
    by: PersonId


class ReporterAsked(Record):
    """A verifier's question to the reporter, relayed without names."""

    at: datetime
    by: PersonId
    text: str


class Merged(Record):
    """A verifier says that this is the same as a running incident."""

    at: datetime
    by: PersonId
    into: IncidentId


# --- events: responders ------------------------------------------------------------------------


class Accepted(Record):
    """A paged person is going; `eta_s` is the travel time where it was given."""

    at: datetime
    by: PersonId
    eta_s: int | None = None


class Declined(Record):
    """A person cannot: said to a page, or later, as a member of a team. No reason is asked."""

    at: datetime
    by: PersonId


class HaveIt(Record):
    """A team member has read the brief."""

    at: datetime
    by: PersonId


class There(Record):
    """A team member has arrived; it is a sign of life too."""

    at: datetime
    by: PersonId


class CheckedIn(Record):
    """A sign of life. With `duress` it looks like any other to everybody near that person."""

    at: datetime
    by: PersonId
    duress: bool = False


class MoreNeeded(Record):
    """The team asks for more people."""

    at: datetime
    by: PersonId


class LeaveNow(Record):
    """Break off: from a team member or a coordinator."""

    at: datetime
    by: PersonId


class Done(Record):
    """The team says that it is over there."""

    at: datetime
    by: PersonId


class OutSafe(Record):
    """A team member is out of harm's way."""

    at: datetime
    by: PersonId


class HardCall(Record):
    """One of the pair says that it was hard: both rest."""

    at: datetime
    by: PersonId


# --- events: coordinators ----------------------------------------------------------------------


class Ended(Record):
    """A coordinator ends it, with a reason (None `by`: at the machine's own command line).

    The first time people are stood down and counted; said again while they are still being
    counted, it closes the count with that reason.
    """

    at: datetime
    by: PersonId | None
    reason: str


class AccountedFor(Record):
    """A coordinator knows how somebody is, and says how; it settles every alarm about them."""

    at: datetime
    by: PersonId | None
    person: PersonId
    reason: str


class Noted(Record):
    """A coordinator's note; it reaches the team as an update when `to_team`."""

    at: datetime
    by: PersonId | None
    text: str
    to_team: bool = False


class Widened(Record):
    """A coordinator asks for the next wave now, or for another round of the whole network."""

    at: datetime
    by: PersonId | None


class LeaveOrdered(Record):
    """A coordinator orders leave-now."""

    at: datetime
    by: PersonId | None


# --- events: the machine --------------------------------------------------------------------------


class MessageFailed(Record):
    """A watched message reached nobody: refused everywhere, too late, or barred at last."""

    at: datetime
    message: MessageId
    to: PersonId
    card: str


class PersonGone(Record):
    """Somebody was removed, blocked or forgot themselves: they can carry nothing any more."""

    at: datetime
    person: PersonId


class Parted(Record):
    """Two people are to be kept apart from now on, whatever part either of them has in this."""

    at: datetime
    one: PersonId
    other: PersonId


class Returned(Record):
    """The network was silent since `since` and is back."""

    at: datetime
    since: datetime


class Due(Record):
    """Time has come to `at`: whatever was due by then happens now."""

    at: datetime


Event: TypeAlias = (
    Filed
    | Joined
    | Identified
    | Added
    | ReporterSafe
    | ReporterCancelled
    | FollowUpWanted
    | Confirmed
    | NotConfirmed
    | ReporterAsked
    | Merged
    | Accepted
    | Declined
    | HaveIt
    | There
    | CheckedIn
    | MoreNeeded
    | LeaveNow
    | Done
    | OutSafe
    | HardCall
    | Ended
    | AccountedFor
    | Noted
    | Widened
    | LeaveOrdered
    | MessageFailed
    | PersonGone
    | Parted
    | Returned
    | Due
)


# --- effects -------------------------------------------------------------------------------------


class Card(StrEnum):
    """Every kind of message that an incident gives rise to; `cards.py` knows its words.

    In brackets: what `Tell.params` holds beyond what the incident and the playbook say.
    """

    # to reporters
    HELD = "held"
    ASKED = "asked"
    JOINED = "joined"
    ON_THE_WAY = "on-the-way"  # [minutes, may be ""]
    THERE = "there"
    HAD_TO_LEAVE = "had-to-leave"
    NOBODY = "nobody"
    OVER = "over"
    EXPIRED = "expired"
    QUESTION = "question"  # [text] a verifier's question
    FOLLOW_UP = "follow-up"
    REPORTER_BACK = "reporter-back"  # the network was silent
    # to responders
    PAGE = "page"  # buttons: going in 10/20/40 minutes, cannot
    REQUEST = "request"  # to somebody who offered such help; buttons: I can, cannot
    ENOUGH = "enough"
    WAITING = "waiting"  # accepted, no partner yet: do not go
    RELEASED = "released"  # accepted, and it came to nothing
    BRIEF = "brief"  # buttons: I have it, cannot after all
    GO = "go"  # buttons: there, check in, need more people, leave now, done, cannot go on
    CONTROLS = "controls"  # the same buttons after a press [noted: there|check-in|more, minutes]
    TEAM_CHANGED = "team-changed"
    HOLD_BACK = "hold-back"  # the partner left; buttons: check in, leave now, I am out
    UPDATE = "update"  # [text | what: safe|cancelled|more-asked|note, text]
    MEDIA = "media"  # pictures or voice for the team: Tell.media
    NUDGE = "nudge"  # check-in missed; buttons: as CONTROLS
    LEAVE = "leave"  # leave now; button: I am out
    STAND_DOWN = "stand-down"  # over; button: I am out (where counted)
    THANKS = "thanks"  # accounted for; button: it was hard
    DROPPED = "dropped"  # the brief stayed unread: please do not go
    LEFT = "left"  # cannot after all, noted
    BACK = "back"  # the network was silent; buttons: as CONTROLS
    DEBRIEF = "debrief"
    # to verifiers
    VERIFY = "verify"  # buttons: confirm, ask, not confirmed, merge
    VERIFY_MORE = "verify-more"  # [text] the reporter told more
    VERIFY_MEDIA = "verify-media"  # pictures or voice of what they are asked about: Tell.media
    VERIFY_CLOSED = (
        "verify-closed"  # [how: confirmed|not-confirmed|merged|corroborated|expired|gone]
    )
    # to coordinators
    BOARD = "board"  # buttons: end, note, widen, leave now
    BOARD_MEDIA = "board-media"  # pictures or voice of their incident: Tell.media
    ALARM = "alarm"  # [kind, repeats] Tell.about; buttons by kind
    UNREACHED = "unreached"  # [card] a reporter or responder could not be told


class AlarmKind(StrEnum):
    """What can only be settled by a coordinator."""

    NO_TEAM = "no-team"
    OVERDUE = "overdue"
    DURESS = "duress"
    NOT_TOLD = "not-told"


class Tell(Record):
    """One message to one person; its words are made when it is written down.

    `replaces` edits an earlier one in place. `media` goes along to end-to-end private channels
    only.
    """

    to: PersonId
    card: Card
    message: MessageId
    params: dict[str, str] = msgspec.field(default_factory=dict)
    about: PersonId | None = None
    replaces: MessageId | None = None
    media: tuple[Media, ...] = ()
    expires_at: datetime | None = None


class Withdraw(Record):
    """Do not send this message if it has not left, and close its open questions."""

    message: MessageId


class Recall(Record):
    """Take this message off its reader's screen, as far as the platform lets us."""

    message: MessageId


class Assign(Record):
    """This person is in a team of this incident from now on; nobody is in two."""

    person: PersonId


class Release(Record):
    """This person is free again."""

    person: PersonId


class Paged(Record):
    """One page counts against this person's night."""

    person: PersonId


class Rest(Record):
    """This person is left alone until then; `hard` counts a hard call."""

    person: PersonId
    until: datetime
    hard: bool = True


class Handover(Record):
    """This report goes to another incident; `confirmed`: a verifier has read it and says so."""

    report: ReportId
    into: IncidentId
    confirmed: bool = False


class ForgetReport(Record):
    """Destroy this report and its key now."""

    report: ReportId


class Shred(Record):
    """Destroy the incident, its reports, its story and their keys now."""


class Remember(Record):
    """One line for the incident's story."""

    name: str
    about: PersonId | None = None
    by: PersonId | None = None
    detail: str = ""


class Finished(Record):
    """The incident is closed: count it."""

    outcome: Outcome


Effect: TypeAlias = (
    Tell
    | Withdraw
    | Recall
    | Assign
    | Release
    | Paged
    | Rest
    | Handover
    | ForgetReport
    | Shred
    | Remember
    | Finished
)


class Decision(Record):
    """The incident after the event, and what follows."""

    incident: Incident
    effects: tuple[Effect, ...] = ()


class Why(StrEnum):
    """Why an event changed nothing."""

    ALREADY = "already"
    ENOUGH = "enough"
    OVER = "over"
    NOT_YOURS = "not-yours"
    BUSY = "busy"
    NOT_DUE = "not-due"


class Ignored(Record):
    """Nothing changed; `reason` is one of `Why`, for the one who pressed."""

    reason: Why
