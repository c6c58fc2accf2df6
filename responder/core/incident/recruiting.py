"""The search for people: waves of pages, acceptances, and the moment when a team forms.

Rules it keeps
    * Enough are paged for the team at the playbook's acceptance rate, and no more; at enough the
      rest are thanked.
    * Nobody who accepted is told where before a sound team of two or more stands (L1).
    * Those who offered such help are left alone at night: they are asked in the morning, if no team
      was found by then, and the reporter knows from the first moment on.
    * Whoever waits alone is told so. When nobody is left to page, coordinators are alarmed and
      the reporter is told at once (L7).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from responder.core import offering, pairing
from responder.core.barring import Barred
from responder.core.effects import AlarmKind, Card, Paged, Recall, Why
from responder.core.incident import closing
from responder.core.incident.case import Case
from responder.core.model import (
    Call,
    CallState,
    Incident,
    Mate,
    Outcome,
    Person,
    PersonId,
    Recruiting,
    Stage,
    State,
)
from responder.core.playbook import Wave

HARMLESS_AFTER_PAGE = frozenset({Barred.OFF_CALL, Barred.LIMIT, Barred.ALREADY_PAGED})
"""What forbids a page but not the answer to one that was already sent."""

MOST_MORE = 4
"""How many people a team may ask for beyond the playbook's size."""


def begin(case: Case) -> None:
    """The report stands: from now on a team is sought."""
    case.set(state=State.PAGING, wanted=case.playbook.team.size)
    case.settle_place()
    case.news(Card.ASKED)
    case.open_boards()
    offers = case.playbook.offers
    if offers and not _said(case):
        # Until they say which help they need, nobody who offered it can be found: but not for long.
        case.set(recruiting=Recruiting(until=case.later(offers.wait_s)))
    else:
        next_wave(case, 0)


def _said(case: Case) -> bool:
    """Whether somebody whose report counts has said what to look for."""
    return any(s.wants is not None and s.counts and not s.gone for s in case.incident.sources)


def answered(case: Case) -> None:
    """A reporter may have said what to look for: the search that waited for it begins."""
    if awaits_answer(case.incident) and _said(case):
        next_wave(case, 0)


def awaits_answer(incident: Incident) -> bool:
    """Whether the search waits for a reporter to say what to look for."""
    search = incident.recruiting
    return incident.state is State.PAGING and search.wave < 0 and search.until is not None


def resume(case: Case) -> None:
    """A member was lost: seek a replacement, from the first wave on."""
    case.set(state=State.PAGING, recruiting=Recruiting(), give_up_at=None)
    if try_team(case):
        return
    if case.sound(case.incident.active):
        form(case, case.people(case.incident.active))
    else:
        next_wave(case, 0)


def more(case: Case) -> bool:
    """The team wants another person; False where it has asked for as many as it may."""
    wanted = len(case.incident.active) + 1
    if wanted > case.playbook.team.size + MOST_MORE:
        return False
    case.set(wanted=wanted, recruiting=Recruiting())
    next_wave(case, 0)
    return True


def searching(case: Case) -> bool:
    """Whether an acceptance can still change anything."""
    return case.incident.state is State.PAGING or case.incident.recruiting.until is not None


# --- waves ------------------------------------------------------------------------------------


def next_wave(case: Case, number: int) -> None:
    """Start this wave, or the first one after it that has anybody to ask."""
    for index in range(number, len(case.playbook.waves)):
        wave = case.playbook.waves[index]
        if wave.whom == "offers":
            _leave_for_the_morning(case)
        running = Recruiting(wave=index, until=_no_later_than_morning(case, wave.wait_s))
        if wave.whom == "coordinators":
            case.alarm(AlarmKind.NO_TEAM)
            case.set(recruiting=running)
            return
        most = _how_many(case, wave)
        people = case.view.candidates(case.incident, wave.whom, case.at, most)
        if people:
            case.set(recruiting=running)
            card = Card.REQUEST if wave.whom == "offers" else Card.PAGE
            calls = [_page(case, person, index, card) for person in people]
            case.set(calls=(*case.incident.calls, *calls))
            return
    _exhausted(case)


def _leave_for_the_morning(case: Case) -> None:
    """Where it is night, and somebody could be asked in the morning, keep the question for then."""
    incident = case.incident
    time_zone = case.view.neighbourhood(incident.neighbourhood).time_zone
    case.set(morning=None)
    if offering.by_day(case.at, time_zone) or incident.state is not State.PAGING or incident.team:
        return
    morning = offering.morning(case.at, time_zone)
    if case.view.candidates(incident, "offers", morning, 1):
        case.set(morning=morning)
        case.news(Card.MORNING)


def _no_later_than_morning(case: Case, wait_s: float) -> datetime:
    until, morning = case.later(wait_s), case.incident.morning
    return until if morning is None or morning <= case.at else min(until, morning)


def _morning_has_come(case: Case) -> bool:
    """Ask those who offered such help, where that was kept for this hour; False where it was not.

    Whatever becomes of it is news again to whoever was told to wait for it.
    """
    morning = case.incident.morning
    if morning is None or case.at < morning or case.incident.state is not State.PAGING:
        return False
    sources = tuple(replace(s, heard="") for s in case.incident.sources)
    case.set(morning=None, give_up_at=None, sources=sources)
    waves, asked = enumerate(case.playbook.waves), len(case.incident.calls)
    next_wave(case, next(index for index, wave in waves if wave.whom == "offers"))
    case.news(Card.ASKED if len(case.incident.calls) > asked else Card.NOBODY)
    return True


def _how_many(case: Case, wave: Wave) -> int | None:
    """How many this wave pages; None: all that there are."""
    match wave.how_many:
        case "all":
            return None
        case int(number):
            return number
        case _:
            missing = case.incident.wanted - len(case.incident.active) - len(waiting(case))
            return pairing.how_many(max(missing, 1), case.playbook.acceptance)


def _page(case: Case, person: PersonId, wave: int, card: Card) -> Call:
    expires_at = case.later(case.playbook.waves[wave].wait_s)
    message = case.tell(person, card, expires_at=expires_at)
    case.do(Paged(person=person))
    case.remember("paged", about=person, detail=str(wave))
    return Call(person=person, wave=wave, message=message, at=case.at)


def _exhausted(case: Case) -> None:
    """Nobody is left to page. A lone member who was sent does not wait out there."""
    case.set(
        recruiting=Recruiting(wave=len(case.playbook.waves), exhausted=True),
    )
    if case.incident.state is not State.PAGING:
        case.silence(None, AlarmKind.NO_TEAM)
        case.tell_team(Card.UPDATE, what="no-more", text="")
        return
    if try_team(case, settle=True):
        return
    case.alarm(AlarmKind.NO_TEAM)
    if case.incident.team:
        closing.leave(case, closing.NOBODY)
    else:
        case.news(Card.NOBODY)
        case.set(give_up_at=_no_later_than_morning(case, case.playbook.give_up_s))


def wave_over(case: Case) -> None:
    """The running wave has waited long enough: a smaller team will do, or the next wave starts."""
    if case.incident.state is State.PAGING and try_team(case, settle=True):
        return
    if _morning_has_come(case):
        return
    next_wave(case, case.incident.recruiting.wave + 1)


def hurry(case: Case) -> None:
    """Everybody who was paged has answered, and it is not enough: no need to wait."""
    if awaits_answer(case.incident):
        return
    if case.incident.recruiting.until and not case.calls(CallState.PAGED):
        wave = case.playbook.waves[case.incident.recruiting.wave]
        if wave.whom != "coordinators":
            wave_over(case)


def give_up(case: Case) -> None:
    """Nobody came in time: those who waited are released; but not before a morning to wait for."""
    if _morning_has_come(case):
        return
    if case.incident.morning is not None:
        case.set(give_up_at=_no_later_than_morning(case, case.playbook.give_up_s))
        return
    case.thank_all(Card.RELEASED)
    closing.finish(case, Outcome.NOBODY)


# --- answers ------------------------------------------------------------------------------------


_MAY_STILL_COME: Final = frozenset({CallState.PAGED, CallState.DECLINED, CallState.FAILED})
"""A page that counts as failed may have arrived all the same: its platform did not say so."""


def accept(case: Case, by: PersonId, eta_s: int | None) -> Why | None:
    """A paged person is going; None when it counted, else why it changes nothing."""
    call = case.incident.call(by)
    if call is None:
        return Why.NOT_YOURS
    if call.state is CallState.ACCEPTED or case.incident.mate(by) is not None:
        # Whoever went and came out is counted for good, and joins no second team here: waiting
        # for one, they would be taken for ever.
        return Why.ALREADY
    if not searching(case):
        return Why.ENOUGH
    if case.view.busy_in(by) is not None:
        return Why.BUSY
    if call.state not in _MAY_STILL_COME:
        return Why.ENOUGH
    if not _still_right(case, by):
        return Why.NOT_YOURS
    case.set_call(replace(call, state=CallState.ACCEPTED, answered_at=case.at, eta_s=eta_s))
    case.assign(by)
    case.remember("accepted", about=by)
    if not try_team(case, settle=case.incident.recruiting.exhausted, newest=by):
        case.tell(by, Card.WAITING)
        hurry(case)
    return None


def decline(case: Case, call: Call) -> None:
    """A paged person cannot, or cannot after all while waiting; nobody asks why."""
    if call.state is CallState.ACCEPTED:
        case.release(call.person)
    case.set_call(replace(call, state=CallState.DECLINED, answered_at=case.at))
    case.remember("declined", about=call.person)
    case.tell(call.person, Card.LEFT, replaces=call.message)
    hurry(case)


def page_failed(case: Case, call: Call) -> None:
    """The page reached nobody, or was barred at the last look."""
    if call.state is CallState.ACCEPTED:
        case.release(call.person)
    case.set_call(replace(call, state=CallState.FAILED))
    hurry(case)


def ask_unreached_again(case: Case) -> None:
    """Whom no page reached may be paged anew; what may have arrived after all is taken back."""
    unreached = case.calls(CallState.FAILED)
    for call in unreached:
        case.do(Recall(message=call.message))
    case.set(calls=tuple(c for c in case.incident.calls if c not in unreached))


def _still_right(case: Case, person: PersonId) -> bool:
    reason = case.view.barred(case.incident, person, case.at)
    return reason is None or reason in HARMLESS_AFTER_PAGE


def waiting(case: Case) -> tuple[Call, ...]:
    """Those who said yes and are in no team yet, in the order of their answers."""
    team = {m.person for m in case.incident.team}
    calls = [c for c in case.calls(CallState.ACCEPTED) if c.person not in team]
    return tuple(sorted(calls, key=lambda c: c.answered_at or c.at))


# --- teams --------------------------------------------------------------------------------------


def try_team(case: Case, *, settle: bool = False, newest: PersonId | None = None) -> bool:
    """Form a team from those who accepted, if a sound one can be made.

    With `settle` a smaller one will do, down to the playbook's `at_least`, never under two.
    `newest` has said yes in this very decision, and nothing bars them.
    """
    staying = case.people(case.incident.active)
    calls = waiting(case)
    sizes = _sizes(case, len(staying), settle=settle)
    if not sizes or len(staying) + len(calls) < sizes[-1]:
        return False
    ready = case.view.people(
        [c.person for c in calls if c.person == newest or _still_right(case, c.person)]
    )
    if not ready:
        return False
    etas = {c.person: c.eta_s for c in calls if c.eta_s is not None}
    for size in sizes:
        chosen = pairing.choose(
            ready,
            case.playbook.team,
            size=size,
            staying=staying,
            today=case.view.today(case.incident.neighbourhood, case.at),
            language=_language(case),
            eta_s=etas,
            vouchers=case.view.vouchers((*staying, *ready)),
        )
        if chosen:
            form(case, chosen)
            return True
    return False


def _sizes(case: Case, staying: int, *, settle: bool) -> range:
    wanted = max(case.incident.wanted, staying + 1, 2)
    if not settle:
        return range(wanted, wanted - 1, -1)
    least = max(case.playbook.team.at_least, staying + 1, 2)
    return range(wanted, least - 1, -1)


def _language(case: Case) -> str | None:
    for source in case.incident.sources:
        reporter = case.view.person(source.reporter)
        if reporter:
            return reporter.language
    return None


def form(case: Case, chosen: tuple[Person, ...]) -> None:
    """These go together: each gets the brief, everybody else is thanked.

    Those who already are out as a sound team keep going; the new ones get the brief alone. After
    a team broke, everybody reads the new brief before anybody goes on.
    """
    incident = case.incident
    roles = pairing.assign_roles(chosen, [r.id for r in case.playbook.team.roles])
    joining = incident.state is State.OUT
    here = frozenset(p.id for p in chosen)
    case.set(
        team=tuple(_mate(case, p, roles.get(p.id, ""), rebrief=not joining) for p in chosen)
        + tuple(m for m in incident.team if m.person not in here),
        recruiting=Recruiting(wave=incident.recruiting.wave),
        wanted=max(len(chosen), 2),
        give_up_at=None,
        morning=None,
        teamed_at=incident.teamed_at or case.at,
    )
    if not joining:
        case.set(state=State.BRIEFING)
    case.silence(None, AlarmKind.NO_TEAM)
    case.thank_all(Card.ENOUGH, but=here)
    for mate in case.incident.active:
        if mate.stage is Stage.BRIEFED:
            brief = case.tell(mate.person, Card.BRIEF, expires_at=mate.brief_by)
            case.set_mate(replace(mate, brief=brief, briefed_at=case.at))
        else:
            case.tell(mate.person, Card.TEAM_CHANGED)
        case.remember("teamed", about=mate.person, detail=mate.role)


def _mate(case: Case, person: Person, role: str, *, rebrief: bool) -> Mate:
    old = case.incident.mate(person.id)
    brief_by = case.later(case.playbook.brief.within_s)
    if old is None:
        call = case.incident.call(person.id)
        return Mate(
            person=person.id,
            stage=Stage.BRIEFED,
            brief_by=brief_by,
            role=role,
            eta_s=call.eta_s if call else None,
        )
    if rebrief:
        return replace(
            old, stage=Stage.BRIEFED, brief_by=brief_by, role=role or old.role, held_back=False
        )
    return old
