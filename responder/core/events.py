"""What happens to an incident: half of the verbs of the domain; `effects` are the other half.

Rules it keeps
    * `event.at` is the only time that a decision knows.
    * Late, double and out-of-order events are normal; each may find nothing left to change.

What it must not know
    Platforms, storage, and any word that people are sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from responder.core.model import (
    IncidentId,
    Media,
    MessageId,
    PersonId,
    Pin,
    Record,
    Report,
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
