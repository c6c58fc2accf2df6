"""decide(incident, event, view): what an event makes of an incident, and what follows.

What it is for
    The one door to the life of an incident. `MEANINGFUL` says which events can change anything in
    which state; the rooms behind it (`team`, `coordinating`, `verification` and others) say how.

Rules it keeps
    * Pure: the same incident, event and view give the same decision.
    * Late, double and out-of-order events return `Ignored` and change nothing; only our own bugs
      raise.
    * An incident that is not closed always has a deadline (`due`), so nobody is forgotten.

What it must not know
    Words, channels, storage, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from responder.core import events
from responder.core.effects import Card, Decision, Ignored, Why
from responder.core.events import Event
from responder.core.incident import (
    closing,
    coordinating,
    recruiting,
    reports,
    response,
    team,
    verification,
    waking,
)
from responder.core.incident.case import Case
from responder.core.model import (
    CallState,
    Incident,
    Stage,
    State,
)
from responder.core.view import View

_OPEN: Final = frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})
_RUNNING: Final = _OPEN - {State.HELD}
_TEAM: Final = _RUNNING - {State.LEAVING}
_ALL: Final = frozenset(State)
_CLOSED: Final = State.CLOSED

MEANINGFUL: Final[Mapping[type[Any], frozenset[State]]] = {
    events.Joined: _OPEN - {State.LEAVING},
    events.Identified: _ALL,
    events.Added: _OPEN,
    events.ReporterSafe: _OPEN,
    events.ReporterCancelled: _ALL,
    events.FollowUpWanted: _ALL - {State.CLOSED},
    events.Confirmed: frozenset({State.HELD}),
    events.NotConfirmed: frozenset({State.HELD}),
    events.ReporterAsked: frozenset({State.HELD}),
    events.Merged: frozenset({State.HELD}),
    events.Accepted: _TEAM,
    events.Declined: _TEAM,
    events.HaveIt: frozenset({State.BRIEFING, State.OUT}),
    events.There: _RUNNING,
    events.CheckedIn: _RUNNING | {State.AFTERCARE},
    events.MoreNeeded: frozenset({State.OUT}),
    events.LeaveNow: _RUNNING,
    events.Done: _RUNNING,
    events.OutSafe: _RUNNING,
    events.HardCall: _RUNNING | {State.AFTERCARE},
    events.Ended: _OPEN | {State.AFTERCARE},
    events.AccountedFor: _RUNNING | {State.AFTERCARE},
    events.Noted: _ALL - {State.CLOSED},
    events.Widened: _TEAM,
    events.LeaveOrdered: _RUNNING,
    events.MessageFailed: _ALL,
    events.PersonGone: _ALL,
    events.Parted: frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT}),
    events.Returned: _OPEN,
    events.Due: _ALL,
}
"""In which states an event of each kind can change anything."""


def decide(incident: Incident | None, event: Event, view: View) -> Decision | Ignored:
    """What `event` makes of `incident`, and what follows from it.

    `incident` is None exactly when a report opens it (`Filed`). `Ignored` says why nothing
    changed. Raises only on a bug of our own.
    """
    if isinstance(event, events.Filed):
        case = reports.opened(event, view)
        return _decision(case)
    if incident is None:
        return Ignored(reason=Why.OVER)
    kind = type(event)
    if incident.state not in MEANINGFUL[kind]:
        return Ignored(reason=Why.OVER)
    case = Case(incident, event.at, view)
    refused = _HANDLERS[kind](case, event)
    if refused is not None:
        return Ignored(reason=refused)
    if not case.effects and case.incident == incident:
        return Ignored(reason=Why.NOT_DUE)
    return _decision(case, closed=incident.state is _CLOSED)


def _decision(case: Case, *, closed: bool = False) -> Decision:
    if not closed:
        case.refresh_boards()
    incident = case.settled()
    if incident.state is not _CLOSED and due(incident) is None:
        raise AssertionError(f"an incident in state {incident.state} has no deadline")
    return Decision(incident=incident, effects=tuple(case.effects))


def due(incident: Incident) -> datetime | None:
    """The next instant at which something is due on this incident; None after it is shredded."""
    times: list[datetime | None] = [
        incident.verification.until,
        incident.recruiting.until,
        incident.give_up_at,
        incident.debrief_at,
        incident.follow_up_at,
        incident.words_until,
        incident.shred_at,
    ]
    for alarm in incident.alarms:
        times.append(alarm.again_at)
    for mate in incident.team:
        times += (mate.due, mate.brief_by)
    found = [time for time in times if time is not None]
    return min(found) if found else None


# --- the machine ----------------------------------------------------------------------------------


def _message_failed(case: Case, event: events.MessageFailed) -> Why | None:
    card = Card(event.card)
    incident = case.incident
    mate = incident.mate(event.to)
    call = incident.call(event.to)
    if card in (Card.PAGE, Card.REQUEST):
        if call is None or call.message != event.message or call.state is not CallState.PAGED:
            return Why.ALREADY
        recruiting.page_failed(case, call)
    elif card is Card.VERIFY:
        if incident.state is not State.HELD:
            return Why.OVER
        verification.asked_failed(case, event.to)
    elif mate is not None and not _superseded(case, event, card):
        response.message_failed(case, mate, card)
    elif mate is None and (card in _LAST_WORDS or incident.source(event.to) is not None):
        about = event.to if card in _LAST_WORDS else None
        case.tell_coordinators(Card.UNREACHED, about=about, but=lambda _: False, card=card.value)
    else:
        return Why.OVER
    case.remember("not-delivered", about=event.to, detail=card.value)
    return None


_LAST_WORDS: Final = frozenset({Card.DROPPED, Card.LEAVE, Card.STAND_DOWN, Card.HOLD_BACK})
"""What somebody must hear even after leaving the team: coordinators are told if they did not."""


def _superseded(case: Case, event: events.MessageFailed, card: Card) -> bool:
    """Whether the member has answered since, so that the failed message matters no more."""
    mate = case.incident.mate(event.to)
    if mate is None or mate.stage is Stage.OUT_SAFE:
        return True
    if card is Card.BRIEF:
        # No time runs for a brief once it was read, or the team broke up or was told to leave.
        return mate.brief != event.message or mate.brief_by is None
    if card is Card.GO:
        return mate.stage is not Stage.GONE or mate.controls != event.message
    return False


def _person_gone(case: Case, event: events.PersonGone) -> Why | None:
    incident = case.incident
    mate = incident.mate(event.person)
    call = incident.call(event.person)
    asked = any(a.person == event.person for a in incident.verification.asked)
    if mate is not None and not mate.told_leave:
        response.lost(case, mate)
    elif mate is None and call and call.state in (CallState.PAGED, CallState.ACCEPTED):
        recruiting.page_failed(case, call)
    elif asked:
        verification.asked_failed(case, event.person)
    else:
        return Why.OVER
    return None


def _returned(case: Case, _: events.Returned) -> Why | None:
    waking.returned(case)
    return None


def _due(case: Case, _: events.Due) -> Why | None:
    for step in _STEPS:
        step(case)
    return None


def _passed(case: Case, time: datetime | None) -> bool:
    return time is not None and time <= case.at


def _verification_due(case: Case) -> None:
    if _passed(case, case.incident.verification.until):
        verification.round_over(case)


def _wave_due(case: Case) -> None:
    if _passed(case, case.incident.recruiting.until):
        recruiting.wave_over(case)


def _give_up_due(case: Case) -> None:
    if _passed(case, case.incident.give_up_at):
        recruiting.give_up(case)


def _alarms_due(case: Case) -> None:
    for alarm in case.incident.alarms:
        if alarm.again_at <= case.at and alarm in case.incident.alarms:
            again_at = case.later(case.playbook.check_in.repeat_s)
            again = replace(alarm, again_at=again_at, repeats=alarm.repeats + 1)
            alarms = tuple(again if a == alarm else a for a in case.incident.alarms)
            case.set(alarms=alarms)
            case.ring(again)


def _after_due(case: Case) -> None:
    incident = case.incident
    if _passed(case, incident.debrief_at) or _passed(case, incident.follow_up_at):
        closing.aftercare(case)
    if incident.state is State.CLOSED:
        closing.forget(case)


_STEPS: Final[tuple[Callable[[Case], None], ...]] = (
    response.unread,
    response.overdue,
    _verification_due,
    _wave_due,
    _give_up_due,
    _alarms_due,
    _after_due,
)
"""What may have come due, in the order in which it is looked at: people who are out there first."""

_HANDLERS: Final[Mapping[type[Any], Callable[[Case, Any], Why | None]]] = {
    events.Joined: reports.joined,
    events.Identified: reports.identified,
    events.Added: reports.added,
    events.ReporterSafe: reports.reporter_safe,
    events.ReporterCancelled: reports.reporter_cancelled,
    events.FollowUpWanted: reports.follow_up,
    events.Confirmed: lambda case, e: verification.confirm(case, e.by),
    events.NotConfirmed: lambda case, e: verification.not_confirmed(case, e.by),
    events.ReporterAsked: lambda case, e: verification.ask_reporter(case, e.by, e.text),
    events.Merged: lambda case, e: verification.merge(case, e.by, e.into),
    events.Accepted: team.accepted,
    events.Declined: team.declined,
    events.HaveIt: team.have_it,
    events.There: team.there,
    events.CheckedIn: team.checked_in,
    events.MoreNeeded: team.more,
    events.LeaveNow: team.leave_now,
    events.Done: team.done,
    events.OutSafe: team.out_safe,
    events.HardCall: team.hard_call,
    events.Ended: coordinating.ended,
    events.AccountedFor: coordinating.accounted_for,
    events.Noted: coordinating.noted,
    events.Widened: coordinating.widened,
    events.LeaveOrdered: team.leave_ordered,
    events.MessageFailed: _message_failed,
    events.PersonGone: _person_gone,
    events.Parted: reports.parted,
    events.Returned: _returned,
    events.Due: _due,
}
