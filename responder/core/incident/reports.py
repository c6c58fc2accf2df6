"""What reporters do to an incident: tell, tell more, take back, say that they are safe.

Rules it keeps
    * Words reach the team only from a report that counts; an unconfirmed one is for verifiers.
    * A reporter never stands anybody down; once a team is formed it is told, and decides.
    * A reporter who turns out to be one whom a rule forbids to meet frees the others at once (L3).
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from responder.core import events
from responder.core.barring import Barred
from responder.core.effects import Card, Why
from responder.core.incident import closing, recruiting, response, verification
from responder.core.incident.case import Case
from responder.core.model import (
    CallState,
    Incident,
    Note,
    Outcome,
    PersonId,
    Report,
    Source,
    Stage,
    State,
    Words,
)
from responder.core.playbook import Playbook
from responder.core.trust import Route, route
from responder.core.view import View


def _source(report: Report, view: View, at: datetime, playbook: Playbook) -> Source:
    return Source(
        report=report.id,
        reporter=report.reporter,
        at=at,
        level=view.level(report.reporter),
        follow_up=report.follow_up,
        wants=_wants(report, playbook),
    )


def _wants(report: Report, playbook: Playbook) -> str | None:
    """Which help that people offer this report asks for; see `Source.wants`."""
    offers = playbook.offers
    told = [a.choice for a in report.answers if offers and a.question == offers.question]
    return (told[-1] if offers and told[-1] in offers.answers else "") if told else None


def opened(event: events.Filed, view: View) -> Case:
    """A report opens an incident of its own: page at once, or hold and ask a verifier."""
    report = event.report
    incident = Incident(
        id=event.incident,
        code=event.code,
        opened_at=event.at,
        playbook=event.playbook,
        schema=event.schema,
        kind=report.kind,
        neighbourhood=report.neighbourhood,
        state=State.HELD,
        drill=event.drill,
    )
    case = Case(incident, event.at, view)
    source = _source(report, view, event.at, case.playbook)
    pages = route(source.level, case.playbook.trust.pages_at) is Route.PAGE
    case.add_source(replace(source, counts=pages))
    case.add_words(report)
    case.remember("opened", detail=source.level.value)
    if pages:
        recruiting.begin(case)
    else:
        verification.begin(case)
    return case


def joined(case: Case, event: events.Joined) -> Why | None:
    """Another report of the same thing."""
    report = event.report
    mate = case.incident.mate(report.reporter)
    if mate and mate.stage is not Stage.OUT_SAFE:
        return _from_mate(case, report.reporter, report.text)
    if case.incident.source(report.reporter):
        words = events.Added(
            at=event.at,
            by=report.reporter,
            text=report.text,
            place=report.place,
            pin=report.pin,
            media=report.media,
        )
        return added(case, words)
    source = _source(report, case.view, event.at, case.playbook)
    pages = route(source.level, case.playbook.trust.pages_at) is Route.PAGE
    held = case.incident.state is State.HELD
    counts = event.confirmed or (pages and not held)
    case.tell(report.reporter, Card.JOINED)
    case.add_source(replace(source, counts=counts, heard=Card.JOINED.value))
    case.add_words(report)
    case.show_on_boards(report.media)
    case.remember("joined", detail=source.level.value)
    if held:
        verification.joined(case, source, pages=pages or event.confirmed)
    else:
        _bar_anew(case)
        case.settle_place()
        if counts:
            response.update(case, report.text or report.place, report.media)
        recruiting.answered(case)
    return None


def identified(case: Case, event: events.Identified) -> Why | None:
    """A reporter turns out to be a member: one person, with one word, and all rules about both."""
    sources = case.incident.sources
    if all(s.reporter != event.old for s in sources):
        return Why.OVER
    twice = any(s.reporter == event.new and not s.gone for s in sources)
    case.set(
        sources=tuple(
            replace(s, reporter=event.new, gone=s.gone or twice, counts=s.counts and not twice)
            if s.reporter == event.old
            else s
            for s in sources
        )
    )
    case.remember("identified", about=event.new)
    _look_again(case)
    return None


def parted(case: Case, event: events.Parted) -> Why | None:
    """Two people are to be kept apart who may both have a part in this: then not any more."""
    incident = case.incident
    here = {s.reporter for s in incident.sources}
    here |= {c.person for c in incident.calls} | {m.person for m in incident.team}
    here |= {a.person for a in incident.verification.asked}
    if not {event.one, event.other} <= here:
        return Why.OVER
    _look_again(case)
    return None


def _look_again(case: Case) -> None:
    """Whoever was asked, or goes, may be the wrong person now."""
    if case.incident.state is State.HELD:
        verification.recheck(case)
    elif case.incident.state in (State.PAGING, State.BRIEFING, State.OUT):
        _bar_anew(case)


def _bar_anew(case: Case) -> None:
    """A reporter can forbid people paged before, themselves or by a keep-apart rule; so can a
    rule between two who were paged."""
    stops = (Barred.REPORTER, Barred.KEEP_APART)
    for call in case.calls(CallState.PAGED, CallState.ACCEPTED):
        mate = case.incident.mate(call.person)
        if mate and mate.told_leave:
            continue
        if case.view.barred(case.incident, call.person, case.at) in stops:
            if mate:
                response.lost(case, mate, unheard=True)
            else:
                case.thank(call, Card.ENOUGH)
    recruiting.hurry(case)


def added(case: Case, event: events.Added) -> Why | None:
    """The reporter told more; or a member of the team wrote to the others."""
    incident = case.incident
    source = incident.source(event.by)
    if source is None:
        return _from_mate(case, event.by, event.text)
    if event.wants is not None:
        _asks_for(case, source, event.wants)
    if not (event.text or event.place or event.pin or event.media):
        return None
    words = Words(
        report=source.report, text=event.text, place=event.place, pin=event.pin, media=event.media
    )
    case.set(words=(*incident.words, words))
    case.settle_place()
    pin = f"{event.pin.latitude:.5f}, {event.pin.longitude:.5f}" if event.pin else ""
    text = "\n".join(t for t in (event.text, event.place, pin) if t)
    case.show_on_boards(event.media)
    if incident.state is State.HELD:
        verification.told_more(case, source.report, text, event.media)
    elif source.counts:
        response.update(case, text, event.media)
    return None


def _asks_for(case: Case, source: Source, help: str) -> None:
    """The reporter says which help they need: whoever offered it can be looked for."""
    offers = case.playbook.offers
    known = help if offers and help in offers.answers else ""
    now = replace(source, wants=known)
    sources = tuple(now if s.report == now.report else s for s in case.incident.sources)
    case.set(sources=sources)
    recruiting.answered(case)


def _from_mate(case: Case, by: PersonId, text: str) -> Why | None:
    """Words from a member of the team go to the others in it and to the coordinators."""
    if case.incident.mate(by) is None or not text:
        return Why.NOT_YOURS
    case.tell_team(Card.UPDATE, but=by, about=by, what="mate", text=text)
    case.set(notes=(*case.incident.notes, Note(at=case.at, by=by, text=text)))
    return None


def reporter_safe(case: Case, event: events.ReporterSafe) -> Why | None:
    """The reporter says that they are safe: the team is told, nobody is stood down."""
    if case.incident.source(event.by) is None:
        return Why.NOT_YOURS
    case.tell_team(Card.UPDATE, what="safe", text="")
    case.remember("reporter-safe")
    return None


def reporter_cancelled(case: Case, event: events.ReporterCancelled) -> Why | None:
    """The reporter takes the report back, or wants it forgotten."""
    mine = {s.report for s in case.incident.sources if _takes_back(s, event)}
    if not mine:
        return Why.NOT_YOURS
    sources = tuple(
        replace(s, gone=True, forget=s.forget or event.forget) if s.report in mine else s
        for s in case.incident.sources
    )
    case.set(sources=sources)
    case.remember("forgotten" if event.forget else "cancelled")
    left = any(not s.gone for s in sources)
    match case.incident.state:
        case State.HELD if not left:
            verification.taken_back(case)
        case State.PAGING if not left and not case.incident.team:
            closing.drop(case, Outcome.CANCELLED)
        case State.LEAVING | State.AFTERCARE | State.CLOSED:
            pass
        case _:
            what = "forgotten" if event.forget else "cancelled"
            case.tell_team(Card.UPDATE, what=what, text="")
    # Only a team still needs the words; "at once" is at once where there is none.
    nobody_goes = case.incident.state is State.PAGING and not case.incident.team
    if nobody_goes or case.incident.state in (State.HELD, State.AFTERCARE, State.CLOSED):
        closing.forget_asked(case)
    return None


def _takes_back(source: Source, event: events.ReporterCancelled) -> bool:
    """Whether this takes the report back; one that is taken back can still be forgotten."""
    done = source.forget if event.forget else source.gone
    return source.reporter == event.by and not done


def follow_up(case: Case, event: events.FollowUpWanted) -> Why | None:
    """The reporter says whether somebody may ask after them later."""
    source = case.incident.source(event.by)
    follow_up = case.playbook.follow_up
    if source is None or follow_up is None:
        return Why.NOT_YOURS
    wants = replace(source, follow_up=event.wanted)
    sources = tuple(wants if s.report == source.report else s for s in case.incident.sources)
    case.set(sources=sources)
    if case.incident.state is State.AFTERCARE:
        wanted = any(s.follow_up and not s.gone for s in sources)
        case.set(follow_up_at=case.later(follow_up.after_s) if wanted else None)
        closing.aftercare(case)
    return None
