"""A report below the trust line: who is asked, what their answer does, how it expires.

Rules it keeps (law L2)
    * Nobody is paged before a verifier confirms or enough independent reports agree.
    * Reports from people for whom nobody vouches only make the search for a verifier more urgent.
    * Nobody decides on their own report or on that of someone they stand for; it is checked when
      the card is sent and again when the answer comes.
    * Unanswered, the search widens, ends with the coordinators, and expires with a kind word.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from responder.core.effects import Card, ForgetReport, Handover, Why
from responder.core.incident import closing, recruiting
from responder.core.incident.case import Case
from responder.core.model import (
    Asked,
    IncidentId,
    Level,
    Media,
    Outcome,
    PersonId,
    ReportId,
    Source,
    State,
    Verification,
)

COORDINATORS = 3
ROUNDS = 4
"""On call here, on call anywhere, all verifiers, coordinators; then one last wait."""


def begin(case: Case) -> None:
    """Hold the report and start asking."""
    case.settle_place()
    case.news(Card.HELD)
    ask_round(case, 0)


def ask_round(case: Case, first: int) -> None:
    """Ask whoever this round adds; a round that adds nobody is passed over at once."""
    asked = {a.person for a in case.incident.verification.asked}
    for number in range(first, ROUNDS):
        people = case.view.verifiers(case.incident, number, case.at)
        fresh = [p for p in people if p not in asked]
        if fresh:
            for person in fresh:
                _ask(case, person)
            break
    else:
        number = ROUNDS
    if number >= COORDINATORS:
        case.open_boards()
    search = replace(case.incident.verification, round=number, until=case.later(_wait_s(case)))
    case.set(verification=search)


def _ask(case: Case, person: PersonId) -> None:
    running = case.view.running(case.incident)
    choices = ",".join(f"{i.id}={i.code}" for i in running)
    message = case.tell(person, Card.VERIFY, params={"running": choices})
    case.show(person, Card.VERIFY_MEDIA, case.told_media)
    shown = tuple(s.report for s in case.incident.sources if not s.gone)
    one = Asked(person=person, message=message, shown=shown)
    asked = (*case.incident.verification.asked, one)
    case.set(verification=replace(case.incident.verification, asked=asked))


def _wait_s(case: Case) -> float:
    wait_s = case.playbook.trust.verify_wait_s
    return wait_s / 2 if case.incident.verification.urgent else wait_s


def round_over(case: Case) -> None:
    """Nobody answered in time: widen, or let it expire downwards."""
    number = case.incident.verification.round
    if number >= COORDINATORS:
        _end(case, Outcome.EXPIRED, "expired")
    else:
        ask_round(case, number + 1)


def asked_failed(case: Case, person: PersonId) -> None:
    """The card reached nobody there; if nobody else has it, the search widens now."""
    search = case.incident.verification
    left = tuple(a for a in search.asked if a.person != person)
    lost = tuple(a for a in search.asked if a.person == person)
    case.set(verification=replace(search, asked=left, unreached=(*search.unreached, *lost)))
    if not left and search.round < ROUNDS:
        ask_round(case, search.round + 1)


# --- answers ------------------------------------------------------------------------------------


def _refused(case: Case, by: PersonId) -> Why | None:
    if case.incident.state is not State.HELD:
        return Why.ALREADY
    if not case.view.may_verify(case.incident, by):
        return Why.NOT_YOURS
    return None


def confirm(case: Case, by: PersonId) -> Why | None:
    """A verifier stands for it: page. The reports that this verifier has read count from here on.

    One that came in behind their back, the moment before, still counts for nothing.
    """
    refused = _refused(case, by)
    if refused is None:
        read = _read_by(case, by)
        case.set(confirmed_by=by)
        _count(case, lambda s: not s.gone and s.report in read)
        case.remember("confirmed", by=by)
        _page(case, "confirmed")
    return refused


def not_confirmed(case: Case, by: PersonId) -> Why | None:
    """A verifier looked and does not stand for it."""
    refused = _refused(case, by)
    if refused is None:
        case.remember("not-confirmed", by=by)
        _end(case, Outcome.NOT_CONFIRMED, "not-confirmed")
    return refused


def ask_reporter(case: Case, by: PersonId, text: str) -> Why | None:
    """Relay a verifier's question to the reporters, and give them time to answer."""
    refused = _refused(case, by)
    if refused is None:
        for source in case.incident.sources:
            if not source.gone:
                case.tell(source.reporter, Card.QUESTION, params={"text": text})
        search = case.incident.verification
        case.set(verification=replace(search, until=case.later(_wait_s(case))))
        case.remember("asked-reporter", by=by)
    return refused


def merge(case: Case, by: PersonId, into: IncidentId) -> Why | None:
    """A verifier says that this is a running incident: its reports go there, confirmed."""
    refused = _refused(case, by)
    if refused:
        return refused
    if all(i.id != into for i in case.view.running(case.incident)):
        return Why.OVER
    read = _read_by(case, by)
    _close_cards(case, "merged")
    for source in case.incident.sources:
        if source.gone:
            case.do(ForgetReport(report=source.report))
        else:
            confirmed = source.report in read
            case.do(Handover(report=source.report, into=into, confirmed=confirmed))
    # The reports and their reporters live on over there, and hear from there.
    case.set(sources=(), words=(), place="", pin=None, verification=Verification())
    case.remember("merged", by=by)
    closing.close(case, Outcome.MERGED)
    return None


# --- more reports ---------------------------------------------------------------------------------


def joined(case: Case, source: Source, *, pages: bool) -> None:
    """Another report of the same thing came in while this one was held."""
    if pages:
        _count(case, lambda s: s.report == source.report)
        _page(case, "corroborated")
        return
    rule = case.playbook.trust.corroboration
    if rule is not None and source.level.rank >= Level.KNOWN.rank:
        since = case.at - timedelta(seconds=rule.within_s)
        agreeing = [s for s in case.incident.sources if _vouched(s) and s.at >= since]
        if case.view.independent([s.reporter for s in agreeing], rule.reports):
            reports = {s.report for s in agreeing}
            _count(case, lambda s: s.report in reports)
            case.remember("corroborated", detail=str(len(agreeing)))
            _page(case, "corroborated")
            return
    case.settle_place()
    _hasten(case)


def _vouched(source: Source) -> bool:
    return not source.gone and source.level.rank >= Level.KNOWN.rank


def _hasten(case: Case) -> None:
    search = case.incident.verification
    if not search.urgent:
        soon = case.later(case.playbook.trust.verify_wait_s / 2)
        until = min(search.until or soon, soon)
        case.set(verification=replace(search, urgent=True, until=until))
    if _worth_telling(len(case.incident.sources)):
        newest = case.incident.words[-1]
        told_more(case, newest.report, newest.text, newest.media)


def _worth_telling(reports: int) -> bool:
    """Whether this many reports are news to a verifier: 2, 4, 8, ...; a crowd must not page."""
    return reports & (reports - 1) == 0


def told_more(case: Case, report: ReportId, text: str, media: tuple[Media, ...] = ()) -> None:
    """A report says something new: those who were asked read it, and have read it from then on."""
    asked = case.incident.verification.asked
    for one in asked:
        if text or not media:
            case.tell(one.person, Card.VERIFY_MORE, params={"text": text})
        if case.view.may_verify(case.incident, one.person):
            case.show(one.person, Card.VERIFY_MEDIA, media)
    read = tuple(replace(one, shown=tuple(dict.fromkeys((*one.shown, report)))) for one in asked)
    case.set(verification=replace(case.incident.verification, asked=read))


def _read_by(case: Case, by: PersonId) -> frozenset[ReportId]:
    """The reports that this verifier was shown."""
    search = case.incident.verification
    asked = (*search.asked, *search.unreached)
    return frozenset(report for one in asked if one.person == by for report in one.shown)


# --- the way out ------------------------------------------------------------------------------


def taken_back(case: Case) -> None:
    """All its reporters took their reports back."""
    _close_cards(case, "gone")
    closing.drop(case, Outcome.CANCELLED)


def ended(case: Case) -> None:
    """A coordinator ended it."""
    _end(case, Outcome.ENDED, "expired")


def recheck(case: Case) -> None:
    """Somebody turned out to be a reporter of it: those who must not judge it are asked no more."""
    search = case.incident.verification
    for one in search.asked:
        if not case.view.may_verify(case.incident, one.person):
            params = {"how": "gone"}
            case.tell(one.person, Card.VERIFY_CLOSED, params=params, replaces=one.message)
            asked_failed(case, one.person)


def _count(case: Case, which: Callable[[Source], bool]) -> None:
    sources = tuple(replace(s, counts=True) if which(s) else s for s in case.incident.sources)
    case.set(sources=sources)


def _page(case: Case, how: str) -> None:
    _close_cards(case, how)
    recruiting.begin(case)


def _end(case: Case, outcome: Outcome, how: str) -> None:
    _close_cards(case, how)
    closing.drop(case, outcome)


def _close_cards(case: Case, how: str) -> None:
    for asked in case.incident.verification.asked:
        case.tell(asked.person, Card.VERIFY_CLOSED, params={"how": how}, replaces=asked.message)
    case.set(verification=Verification(round=case.incident.verification.round))
