"""What coordinators make of an incident: an end, somebody accounted for, a note, more people.

Rules it keeps
    * Whoever went, or spoke under duress, settles nothing of it.

What it must not know
    Words, channels, storage, the clock; in which states it is asked.
"""

from __future__ import annotations

from msgspec.structs import replace

from responder.core import events
from responder.core.effects import AlarmKind, Card, Why
from responder.core.incident import closing, recruiting, verification
from responder.core.incident.case import Case
from responder.core.model import Incident, Note, Outcome, PersonId, Stage, State


def _note(case: Case, by: PersonId | None, text: str) -> None:
    case.set(notes=(*case.incident.notes, Note(at=case.at, by=by, text=text)))


def _coordinates(case: Case, by: PersonId | None) -> bool:
    if by is None or by in case.view.coordinators(case.incident):
        return True
    # Of whom an alarm is about, or whom nothing reaches, nobody waits for a word: then those who
    # are rung instead decide.
    view, incident = case.view, case.incident
    others = (p for p in view.coordinators(incident) if not _has_a_part(incident, p))
    return not any(map(view.hears, others)) and by in view.stand_ins(incident)


def _has_a_part(incident: Incident, by: PersonId | None) -> bool:
    """Whether they went, or spoke under duress: then they settle nothing of it."""
    if by is None:
        return False
    return incident.mate(by) is not None or by in (*incident.past, *incident.duress)


def ended(case: Case, event: events.Ended) -> Why | None:
    """A coordinator ends the response, or what is left of it."""
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


def accounted_for(case: Case, event: events.AccountedFor) -> Why | None:
    """A coordinator knows that somebody is well."""
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


def noted(case: Case, event: events.Noted) -> Why | None:
    """A coordinator notes something, perhaps for the team."""
    if not _coordinates(case, event.by):
        return Why.NOT_YOURS
    _note(case, event.by, event.text)
    if event.to_team:
        case.tell_team(Card.UPDATE, what="note", text=event.text)
    return None


def widened(case: Case, event: events.Widened) -> Why | None:
    """A coordinator has more people asked."""
    if not _coordinates(case, event.by):
        return Why.NOT_YOURS
    if not recruiting.searching(case):
        return Why.ENOUGH
    case.remember("widened", by=event.by)
    case.set(give_up_at=None)
    wave = case.incident.recruiting.wave + 1
    if case.incident.recruiting.exhausted:
        recruiting.ask_unreached_again(case)
        wave = 0
    recruiting.next_wave(case, wave)
    return None
