"""What those who respond say of themselves: yes, no, there, well, more people, leave, out, hard.

Rules it keeps
    * Nobody speaks for another: a word of somebody without a part in it changes nothing.

What it must not know
    Words, channels, storage, the clock; in which states it is asked.
"""

from __future__ import annotations

from responder.core import events
from responder.core.effects import Card, Why
from responder.core.incident import closing, recruiting, response
from responder.core.incident.case import Case
from responder.core.model import CallState, PersonId, Stage, State


def accepted(case: Case, event: events.Accepted) -> Why | None:
    """Somebody who was paged says yes."""
    return recruiting.accept(case, event.by, event.eta_s)


def declined(case: Case, event: events.Declined) -> Why | None:
    """Somebody says no, or that they cannot go on."""
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


def have_it(case: Case, event: events.HaveIt) -> Why | None:
    """A member has read the brief."""
    mate = case.incident.mate(event.by)
    return response.have_it(case, mate) if mate else Why.NOT_YOURS


def there(case: Case, event: events.There) -> Why | None:
    """A member has arrived."""
    mate = case.incident.mate(event.by)
    return response.there(case, mate) if mate else Why.NOT_YOURS


def checked_in(case: Case, event: events.CheckedIn) -> Why | None:
    """Somebody gives a sign of life, perhaps under duress."""
    incident, by = case.incident, event.by
    mate, call = incident.mate(by), incident.call(by)
    if mate is not None and response.out_there(mate):
        return response.check_in(case, mate, duress=event.duress)
    waits = call is not None and call.state is CallState.ACCEPTED
    if mate is None and not waits and by not in incident.past:
        return Why.NOT_YOURS
    response.heard_of(case, by, duress=event.duress)
    return None


def more(case: Case, event: events.MoreNeeded) -> Why | None:
    """A member asks for more people."""
    mate = case.incident.mate(event.by)
    if mate is None or not mate.went or mate.told_leave:
        return Why.NOT_YOURS
    if case.incident.recruiting.until is not None or not recruiting.more(case):
        return Why.ALREADY
    case.tell_team(Card.UPDATE, but=event.by, what="more-asked", text="")
    response.alive(case, event.by, noted="more")
    case.remember("more-asked", by=event.by)
    return None


def leave_now(case: Case, event: events.LeaveNow) -> Why | None:
    """A member calls everybody back."""
    mate = case.incident.mate(event.by)
    if mate is None or mate.stage is Stage.OUT_SAFE:
        return Why.NOT_YOURS
    return _leave(case, event.by)


def leave_ordered(case: Case, event: events.LeaveOrdered) -> Why | None:
    """Whoever coordinates calls everybody back."""
    if not case.incident.team:
        return Why.NOT_DUE
    return _leave(case, event.by)


def _leave(case: Case, by: PersonId | None) -> Why | None:
    if case.incident.leave_word == closing.LEAVE_NOW:
        return Why.ALREADY
    case.remember("leave-now", by=by)
    closing.leave(case, closing.LEAVE_NOW)
    return None


def done(case: Case, event: events.Done) -> Why | None:
    """A member says that there is nothing left to do."""
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


def out_safe(case: Case, event: events.OutSafe) -> Why | None:
    """A member is out and safe."""
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


def hard_call(case: Case, event: events.HardCall) -> Why | None:
    """Somebody says that it was hard."""
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
