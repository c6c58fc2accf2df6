"""What follows from an event: effects, and the decision that they are part of.

Rules it keeps
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
    Record,
    ReportId,
)


class Card(StrEnum):
    """Every kind of message that an incident gives rise to; `cards.py` knows its words.

    In brackets: what `Tell.params` holds beyond what the incident and the playbook say.
    """

    # to reporters
    HELD = "held"
    ASKED = "asked"
    MORNING = "morning"  # it is night: who offered such help is asked in the morning
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
