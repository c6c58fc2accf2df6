"""L2, L4 and L9 over decisions: trust before noise, need to know, a frozen playbook."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Final

from responder.core import effects, events
from responder.core.effects import Card, Tell
from responder.core.model import Incident, Level, ReportId, Role, State
from responder.simulation.decisions.ledger import Ledger, Look
from responder.simulation.laws.notes import STANDS
from responder.simulation.laws.reckoning import apart

_PAST_THE_LINE: Final = STANDS | {State.PAGING}

# --- L2: trust before noise ---------------------------------------------------------------------


def trust_before_noise(ledger: Ledger, look: Look) -> None:
    """Nobody is sought before a report reaches the line, is confirmed, or is agreed with."""
    incident = look.after
    if incident.id in ledger.justified or incident.state not in _PAST_THE_LINE:
        return
    if not _justified(ledger, look):
        ledger.fail(f"L2: {incident.code} pages, and nothing stands for it")
    ledger.justified.add(incident.id)


def _justified(ledger: Ledger, look: Look) -> bool:
    incident, event = look.after, look.event
    line = ledger.playbook(incident).trust
    known = [s for s in incident.sources if s.level.rank >= Level.KNOWN.rank]
    if any(s.level.rank >= line.pages_at.rank for s in known):
        return True
    if isinstance(event, events.Confirmed) or (
        isinstance(event, events.Joined) and event.confirmed
    ):
        return True  # who may say so is looked at in `nobody_verifies_their_own`
    if line.corroboration is None:
        return False
    # A report from before the clock was set back seems to lie ahead: it was the moment before.
    within = timedelta(seconds=line.corroboration.within_s)
    recent = [s for s in known if look.at - s.at <= within]
    needed = max(2, line.corroboration.reports)
    return any(ledger.agree({s.reporter for s in some}) for some in combinations(recent, needed))


def levels_are_true(ledger: Ledger, look: Look) -> None:
    """A report comes in with the level that grants and vouches give its reporter."""
    if isinstance(look.event, events.Filed | events.Joined):
        for source in look.after.sources:
            true = ledger.reckoning.level(source.reporter)
            if source.report == look.event.report.id and source.level is not true:
                ledger.fail(f"L2: the report of {source.reporter} came in as {source.level}")


def nobody_verifies_their_own(ledger: Ledger, look: Look) -> None:
    """Nobody decides on a report of their own or of somebody they stand for."""
    event, before = look.event, look.before
    if before is None or not isinstance(event, _DECISIONS) or before.state is not State.HELD:
        return
    who = ledger.reckoning.everybody[event.by]
    if not (who.has(Role.VERIFIER) or who.has(Role.COORDINATOR)):
        ledger.fail(f"L2: {event.by} decided on {before.code} and is no verifier")
    for reporter in ledger.reporters(before):
        stands = who.id in ledger.reckoning.ever_stood_for(reporter)
        if reporter.id == who.id or stands or apart(who, reporter):
            ledger.fail(f"L2: {who.id} decided on a report of {reporter.id}")


_DECISIONS: Final = (events.Confirmed, events.NotConfirmed, events.Merged)


def asked_rightly(ledger: Ledger, look: Look, tell: Tell) -> None:
    """A verifier's card goes to somebody who may judge those who reported."""
    who = ledger.reckoning.everybody[tell.to]
    if not (who.has(Role.VERIFIER) or who.has(Role.COORDINATOR)) or not ledger.private(who):
        ledger.fail(f"L4: {tell.to} was asked to verify")
    for reporter in ledger.reporters(look.after):
        stands = who.id in ledger.reckoning.ever_stood_for(reporter)
        if reporter.id == who.id or stands:
            ledger.fail(f"L2: {tell.to} was asked about a report of {reporter.id}")


def numbers_only_hasten(ledger: Ledger, look: Look) -> None:
    """Another report of an unconfirmed incident makes the search more urgent, and no longer."""
    before, now = look.before, look.after
    if before is None or not (before.state is State.HELD is now.state):
        return
    if len(now.sources) > len(before.sources):
        was, until = before.verification.until, now.verification.until
        longer = was is not None and (until is None or until > was)
        if not now.verification.urgent or longer:
            ledger.fail(f"L2: {now.code} is told again and not more urgent")


def words_that_count(ledger: Ledger, look: Look) -> None:
    """A report counts by its own level, by agreement, or by a verifier who was shown it."""
    before, now, event = look.before, look.after, look.event
    if before is None or before.state is not State.HELD or now.confirmed_by is None:
        return
    read = _shown(before, event.by) if isinstance(event, events.Confirmed) else frozenset()
    line = max(ledger.playbook(now).trust.pages_at.rank, Level.KNOWN.rank)
    for source in now.sources:
        if source.counts and source.level.rank < line and source.report not in read:
            ledger.fail(f"L2: a report on {now.code} counts that nobody confirmed")


def handed_over_as_read(ledger: Ledger, look: Look) -> None:
    """What goes to another incident as confirmed was shown to whoever says so."""
    if not isinstance(look.event, events.Merged) or look.before is None:
        return
    read = _shown(look.before, look.event.by)
    for effect in look.effects:
        if isinstance(effect, effects.Handover) and effect.confirmed and effect.report not in read:
            ledger.fail(f"L2: {effect.report} goes over as confirmed, and nobody has read it")


def _shown(before: Incident, by: str) -> frozenset[ReportId]:
    asked = (*before.verification.asked, *before.verification.unreached)
    return frozenset(report for one in asked if one.person == by for report in one.shown)


# --- L4: need to know ---------------------------------------------------------------------------


def words_of_the_confirmed(ledger: Ledger, look: Look, tell: Tell) -> None:
    """Words and pictures reach the team only from reports that count."""
    counting = {s.report for s in look.after.sources if s.counts}
    reporters = {s.reporter for s in look.after.sources if s.counts}
    shown = {m.ref for w in look.after.words if w.report in counting for m in w.media}
    if any(m.ref not in shown for m in tell.media):
        ledger.fail(f"L4: a picture that nobody confirmed goes to {tell.to}")
    text = tell.params.get("text", "")
    named = text.partition(" by ")[2].partition("\n")[0]
    if tell.params.get("what") == "text" and named and named not in reporters:
        ledger.fail(f"L4: words of {named}, which nobody confirmed, go to {tell.to}")


def pictures_to_their_readers(ledger: Ledger, look: Look, tell: Tell) -> None:
    """Pictures of a report go to those who were asked about it, and to its coordinators."""
    asked = any(a.person == tell.to for a in look.after.verification.asked)
    if tell.card is Card.VERIFY_MEDIA and not asked:
        ledger.fail(f"L4: a picture goes to {tell.to}, who was not asked")
    if tell.card is Card.BOARD_MEDIA and not ledger.coordinates(look.after, tell.to):
        ledger.fail(f"L4: a picture goes to {tell.to}, who coordinates nothing there")


def alarms_to_their_readers(ledger: Ledger, look: Look, tell: Tell) -> None:
    """An alarm goes to the incident's coordinators; bare of words to those who stand in."""
    if not ledger.coordinates(look.after, tell.to) and tell.params.get("bare") != "yes":
        ledger.fail(f"L4: an alarm of {look.after.code} goes to {tell.to}")


# --- L9: a frozen playbook ----------------------------------------------------------------------


def frozen_playbook(ledger: Ledger, look: Look) -> None:
    """The stamp of text and schema never changes, and the world still reads that very text."""
    now = look.after
    stamp = ledger.stamps[now.id]
    if (now.playbook, now.schema) != stamp:
        ledger.fail(f"L9: {now.code} changed its playbook")
    if ledger.world.playbook(now.playbook) is not ledger.texts[stamp[0]]:
        ledger.fail(f"L9: the text of {now.code} is another one")


STEP: Final = (
    trust_before_noise,
    levels_are_true,
    nobody_verifies_their_own,
    numbers_only_hasten,
    words_that_count,
    handed_over_as_read,
    frozen_playbook,
)
TELLS: Final = {
    Card.VERIFY: (asked_rightly,),
    Card.UPDATE: (words_of_the_confirmed,),
    Card.MEDIA: (words_of_the_confirmed,),
    Card.VERIFY_MEDIA: (pictures_to_their_readers,),
    Card.BOARD_MEDIA: (pictures_to_their_readers,),
    Card.ALARM: (alarms_to_their_readers,),
}
