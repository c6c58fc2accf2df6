"""L2, trust before noise: nobody is paged before a report's word is good enough."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Final

from responder.core.effects import Card
from responder.core.model import Incident, IncidentId, Level, Person, Role, State
from responder.core.spoken import Verb
from responder.simulation.laws.book import Book, Step
from responder.simulation.laws.reckoning import apart
from responder.simulation.post import Left

_PAST_THE_LINE: Final = frozenset({State.PAGING, State.BRIEFING, State.OUT})


def trust_before_noise(book: Book, step: Step) -> None:
    """Nobody is sought before a report reaches the line, is confirmed, or is agreed with.

    That holds for a search with nobody to page, too: silence must not count as a confirmation.
    """
    paged = {m.incident for m in step.changes.messages if m.card in (Card.PAGE, Card.REQUEST)}
    for touched in step.touched:
        now = touched.after
        if now is None or now.id in book.justified:
            continue
        if now.id in paged or now.state in _PAST_THE_LINE:
            book.must(_justified(book, now), f"L2: {now.code} pages, and nothing stands for it")
            book.justified.add(now.id)


def _justified(book: Book, incident: Incident) -> bool:
    line = book.playbook(incident.id).trust
    known = [s for s in incident.sources if s.level.rank >= Level.KNOWN.rank]
    if any(s.level.rank >= line.pages_at.rank for s in known):
        return True
    if incident.confirmed_by is not None:
        return (incident.id, incident.confirmed_by) in book.confirmed
    rule = line.corroboration
    if rule is None:
        return False
    newest = max((s.at for s in known), default=incident.opened_at)
    recent = [s for s in known if newest - s.at <= timedelta(seconds=rule.within_s)]
    return any(
        book.agree({s.reporter for s in some})
        for some in combinations(recent, max(2, rule.reports))
    )


def levels_are_true(book: Book, step: Step) -> None:
    """The level that a report came in with, and those in memory, are those that vouches give."""
    moved = any(isinstance(r, Person) for r in step.changes.puts.values())
    for touched in step.touched:
        known = {s.report for s in touched.before.sources} if touched.before else set()
        for source in touched.after.sources if touched.after and not moved else ():
            true = book.reckoning.level(source.reporter)
            right = source.report in known or source.level is true or source.at != step.at
            book.must(right, f"L2: the report of {source.reporter} came in as {source.level}")
    if moved:
        fresh, levels = book.reckoning.levels, book.world.levels()
        wrong = [id for id, level in levels.items() if level is not fresh.get(id, Level.UNKNOWN)]
        book.must(not wrong, f"L2: levels in memory are not true for {wrong}")


def nobody_verifies_their_own(book: Book, step: Step) -> None:
    """Nobody decides on a report of their own or of somebody they stand for."""
    for before, now in step.changed:
        decided = before.state is State.HELD and now.state is not State.HELD
        if step.by is None or not decided or step.pressed not in _DECISIONS:
            continue
        who = book.world.everybody[step.by]
        right = who.has(Role.VERIFIER) or who.has(Role.COORDINATOR)
        book.must(right, f"L2: {step.by} decided on {before.code} and is no verifier")
        for reporter in book.reporters(before):
            own = reporter.id == step.by or step.by in book.reckoning.ever_stood_for(reporter)
            book.must(not own, f"L2: {step.by} decided on a report of {reporter.id}")
            book.must(not apart(who, reporter), f"L2: {step.by} decided on {reporter.id}, kept off")


_DECISIONS: Final = frozenset({Verb.CONFIRM, Verb.NOT_CONFIRMED, Verb.MERGE})


def verifiers_are_asked_rightly(book: Book, left: Left) -> None:
    """When a verifier's card leaves, its reader stands for none of those who reported."""
    message = left.message
    if message.card not in (Card.VERIFY, Card.VERIFY_MORE) or message.incident is None:
        return
    for reporter in _reporters_of(book, message.incident):
        own = reporter.id == message.to
        own = own or message.to in book.reckoning.ever_stood_for(reporter)
        book.must(not own, f"L2: {message.to} was asked about a report of {reporter.id}")


def _reporters_of(book: Book, incident: IncidentId) -> list[Person]:
    found = book.world.incidents.get(incident)
    return book.reporters(found) if found and found.state is State.HELD else []


def numbers_only_hasten(book: Book, step: Step) -> None:
    """Another report of an unconfirmed incident makes the search for a verifier more urgent."""
    for before, now in step.changed:
        if before.state is State.HELD is now.state and len(now.sources) > len(before.sources):
            book.must(now.verification.urgent, f"L2: {now.code} is told again and not more urgent")
            was, until = before.verification.until, now.verification.until
            right = was is None or (until is not None and until <= was)
            book.must(right, f"L2: {now.code} is told again and waits longer")


def words_that_count(book: Book, step: Step) -> None:
    """A report counts by its own level, by agreement, or by a verifier who was shown it."""
    for before, now in step.changed:
        if before.state is not State.HELD or now.confirmed_by is None:
            continue
        shown = {
            report
            for asked in (*before.verification.asked, *before.verification.unreached)
            if asked.person == now.confirmed_by
            for report in asked.shown
        }
        line = book.playbook(now.id).trust.pages_at
        for source in now.sources:
            good = source.level.rank >= max(line.rank, Level.KNOWN.rank)
            right = not source.counts or good or source.report in shown
            book.must(right, f"L2: a report on {now.code} counts that nobody confirmed")


STATE: Final = ()
STEP: Final = (
    trust_before_noise,
    levels_are_true,
    nobody_verifies_their_own,
    numbers_only_hasten,
    words_that_count,
)
LEAVING: Final = (verifiers_are_asked_rightly,)
LAST: Final = ()
