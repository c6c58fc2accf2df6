"""decide(incident, event, view): what an event makes of an incident, and what follows.

What it is for
    The one door to the life of an incident. `MEANINGFUL` says which events can change anything in
    which state; the rooms behind it (`verification`, `recruiting`, `response`, `closing`) say how.

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
from responder.core.events import (
    AlarmKind,
    Card,
    Decision,
    Event,
    Ignored,
    Why,
)
from responder.core.incident import (
    closing,
    recruiting,
    reports,
    response,
    verification,
    waking,
)
from responder.core.incident.case import Case
from responder.core.model import (
    CallState,
    Incident,
    Note,
    Outcome,
    PersonId,
    Stage,
    State,
)
from responder.core.view import View

_OPEN: Final = frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})
_RUNNING: Final = _OPEN - {State.HELD}
_TEAM: Final = _RUNNING - {State.LEAVING}
_ALL: Final = frozenset(State)

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
    if incident.state not in MEANINGFUL[type(event)]:
        return Ignored(reason=Why.OVER)
    case = Case(incident, event.at, view)
    refused = _HANDLERS[type(event)](case, event)
    if refused is not None:
        return Ignored(reason=refused)
    if not case.effects and case.incident == incident:
        return Ignored(reason=Why.NOT_DUE)
    return _decision(case, closed=incident.state is State.CLOSED)


def _decision(case: Case, *, closed: bool = False) -> Decision:
    if not closed:
        case.refresh_boards()
    incident = case.settled()
    if incident.state is not State.CLOSED and due(incident) is None:
        raise AssertionError(f"an incident in state {incident.state} has no deadline")
    return Decision(incident=incident, effects=tuple(case.effects))


def due(incident: Incident) -> datetime | None:
    """The next instant at which something is due on this incident; None after it is shredded."""
    times = [
        incident.verification.until,
        incident.recruiting.until,
        incident.give_up_at,
        incident.debrief_at,
        incident.follow_up_at,
        incident.words_until,
        incident.shred_at,
        *[alarm.again_at for alarm in incident.alarms],
    ]
    for mate in incident.team:
        times += (mate.due, mate.brief_by)
    return min(filter(None, times), default=None)


# --- responders -----------------------------------------------------------------------------------


def _accepted(case: Case, event: events.Accepted) -> Why | None:
    return recruiting.accept(case, event.by, event.eta_s)


def _declined(case: Case, event: events.Declined) -> Why | None:
    mate = case.incident.mate(event.by)
    if mate is not None:
        if mate.told_leave:
            return Why.ALREADY
        response.lost(case, mate)
        return None
    call = case.incident.call(event.by)
    if call is None:
        return Why.NOT_YOURS
    if call.state not in (CallState.PAGED, CallState.ACCEPTED):
        return Why.ALREADY
    recruiting.decline(case, call)
    return None


def _have_it(case: Case, event: events.HaveIt) -> Why | None:
    mate = case.incident.mate(event.by)
    return response.have_it(case, mate) if mate else Why.NOT_YOURS


def _there(case: Case, event: events.There) -> Why | None:
    mate = case.incident.mate(event.by)
    return response.there(case, mate) if mate else Why.NOT_YOURS


def _checked_in(case: Case, event: events.CheckedIn) -> Why | None:
    incident, by = case.incident, event.by
    mate, call = incident.mate(by), incident.call(by)
    if mate is not None and response.out_there(mate):
        return response.check_in(case, mate, duress=event.duress)
    waits = call is not None and call.state is CallState.ACCEPTED
    if mate is None and not waits and by not in incident.past:
        return Why.NOT_YOURS
    response.heard_of(case, by, duress=event.duress)
    return None


def _more(case: Case, event: events.MoreNeeded) -> Why | None:
    mate = case.incident.mate(event.by)
    if mate is None or not mate.went or mate.told_leave:
        return Why.NOT_YOURS
    if case.incident.recruiting.until is not None or not recruiting.more(case):
        return Why.ALREADY
    case.tell_team(Card.UPDATE, but=event.by, what="more-asked", text="")
    response.alive(case, event.by, noted="more")
    case.remember("more-asked", by=event.by)
    return None


def _leave_now(case: Case, event: events.LeaveNow) -> Why | None:
    mate = case.incident.mate(event.by)
    if mate is None or mate.stage is Stage.OUT_SAFE:
        return Why.NOT_YOURS
    return _leave(case, event.by)


def _leave_ordered(case: Case, event: events.LeaveOrdered) -> Why | None:
    if not case.incident.team:
        return Why.NOT_DUE
    return _leave(case, event.by)


def _leave(case: Case, by: PersonId | None) -> Why | None:
    if case.incident.leave_word == closing.LEAVE_NOW:
        return Why.ALREADY
    case.remember("leave-now", by=by)
    closing.leave(case, closing.LEAVE_NOW)
    return None


def _done(case: Case, event: events.Done) -> Why | None:
    mate = case.incident.mate(event.by)
    if mate is None:
        return Why.NOT_YOURS
    if case.incident.state is State.LEAVING or mate.told_leave:
        return Why.ALREADY
    if not mate.went:
        return Why.NOT_DUE
    case.remember("done", by=event.by)
    closing.leave(case, closing.DONE)
    return None


def _out_safe(case: Case, event: events.OutSafe) -> Why | None:
    mate = case.incident.mate(event.by)
    if mate is None or not (mate.went or mate.told_leave):
        return Why.NOT_YOURS
    if mate.stage is Stage.OUT_SAFE:
        return Why.ALREADY
    case.remember("out-safe", about=event.by)
    closing.out_safe(case, mate)
    if case.incident.state is State.LEAVING:
        closing.finish_if_all_out(case)
    else:
        response.stay(case)
    return None


def _hard_call(case: Case, event: events.HardCall) -> Why | None:
    incident = case.incident
    if event.by not in incident.past and incident.mate(event.by) is None:
        return Why.NOT_YOURS
    if incident.hard:
        return Why.ALREADY
    case.set(hard=True)
    case.remember("hard-call")
    if incident.state is State.AFTERCARE:
        closing.rest(case)
    return None


# --- coordinators ---------------------------------------------------------------------------------


def _note(case: Case, by: PersonId | None, text: str) -> None:
    case.set(notes=(*case.incident.notes, Note(at=case.at, by=by, text=text)))


def _coordinates(case: Case, by: PersonId | None) -> bool:
    if by is None or by in case.view.coordinators(case.incident):
        return True
    # Of whom an alarm is about, nobody waits for a word: then those who are rung instead decide.
    others = (p for p in case.view.coordinators(case.incident) if not _has_a_part(case.incident, p))
    return not any(others) and by in case.view.stand_ins(case.incident)


def _has_a_part(incident: Incident, by: PersonId | None) -> bool:
    """Whether they went, or spoke under duress: then they settle nothing of it."""
    if by is None:
        return False
    return incident.mate(by) is not None or by in (*incident.past, *incident.duress)


def _ended(case: Case, event: events.Ended) -> Why | None:
    incident = case.incident
    if _has_a_part(incident, event.by) or not _coordinates(case, event.by):
        return Why.NOT_YOURS
    if incident.state is State.AFTERCARE and not incident.alarms:
        return Why.OVER
    _note(case, event.by, event.reason)
    case.remember("ended-by-coordinator", by=event.by)
    if incident.state is State.HELD:
        verification.ended(case)
    elif incident.state is State.AFTERCARE:
        case.set(alarms=(), duress=())
        closing.aftercare(case)
    elif incident.state is State.LEAVING and not incident.end_said:
        # The first "end" after "leave now" must not count anybody out: it names who is missing.
        case.set(end_said=True)
        for mate in closing.unaccounted(case):
            case.alarm(AlarmKind.OVERDUE, mate.person)
    elif incident.state is State.LEAVING:
        for mate in closing.unaccounted(case):
            closing.out_safe(case, mate)
        case.set(alarms=())
        closing.finish_if_all_out(case)
    elif incident.team:
        case.set(end_said=True)
        closing.leave(case, closing.ENDED)
    else:
        closing.drop(case, Outcome.ENDED)
    return None


def _accounted_for(case: Case, event: events.AccountedFor) -> Why | None:
    incident = case.incident
    mate = incident.mate(event.person)
    concerns = mate is not None or any(a.about == event.person for a in incident.alarms)
    if not concerns or _has_a_part(incident, event.by) or not _coordinates(case, event.by):
        return Why.NOT_YOURS
    _note(case, event.by, event.reason)
    case.remember("accounted-for", about=event.person, by=event.by)
    case.silence(event.person, AlarmKind.DURESS, AlarmKind.OVERDUE, AlarmKind.NOT_TOLD)
    case.set(duress=tuple(p for p in case.incident.duress if p != event.person))
    if mate is not None and mate.stage is not Stage.OUT_SAFE and mate.told_leave:
        closing.out_safe(case, mate)
    elif mate is not None and mate.stage is not Stage.OUT_SAFE:
        every_s = case.playbook.check_in.every_s
        case.set_mate(replace(mate, missed=0, due=case.later(every_s) if mate.went else None))
    closing.finish_if_all_out(case)
    if incident.state is State.AFTERCARE:
        closing.aftercare(case)
    return None


def _noted(case: Case, event: events.Noted) -> Why | None:
    if not _coordinates(case, event.by):
        return Why.NOT_YOURS
    _note(case, event.by, event.text)
    if event.to_team:
        case.tell_team(Card.UPDATE, what="note", text=event.text)
    return None


def _widened(case: Case, event: events.Widened) -> Why | None:
    if not _coordinates(case, event.by):
        return Why.NOT_YOURS
    if not recruiting.searching(case):
        return Why.ENOUGH
    case.remember("widened", by=event.by)
    case.set(give_up_at=None)
    wave = case.incident.recruiting.wave
    recruiting.next_wave(case, 0 if case.incident.recruiting.exhausted else wave + 1)
    return None


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
    events.Accepted: _accepted,
    events.Declined: _declined,
    events.HaveIt: _have_it,
    events.There: _there,
    events.CheckedIn: _checked_in,
    events.MoreNeeded: _more,
    events.LeaveNow: _leave_now,
    events.Done: _done,
    events.OutSafe: _out_safe,
    events.HardCall: _hard_call,
    events.Ended: _ended,
    events.AccountedFor: _accounted_for,
    events.Noted: _noted,
    events.Widened: _widened,
    events.LeaveOrdered: _leave_ordered,
    events.MessageFailed: _message_failed,
    events.PersonGone: _person_gone,
    events.Parted: reports.parted,
    events.Returned: _returned,
    events.Due: _due,
}
