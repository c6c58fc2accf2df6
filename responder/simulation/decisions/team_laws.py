"""L1, L5 and L7 over decisions: nobody alone, nobody forgotten, no silence unnoticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from responder.core import events
from responder.core.effects import AlarmKind, Card, Tell
from responder.core.model import (
    Alarm,
    CallState,
    Incident,
    Level,
    Mate,
    Outcome,
    PersonId,
    Role,
    Stage,
    State,
)
from responder.simulation.decisions.ledger import Ledger, Look, counted
from responder.simulation.laws.notes import OPEN, STANDS
from responder.simulation.laws.reckoning import deadline
from responder.simulation.laws.silence import waits

_UNNOTICED: Final = timedelta(minutes=3)
"""So far a clock may be set back before the network takes it for a silence."""
_LATE: Final = timedelta(minutes=5)
_MOST_RINGS: Final = 300
"""One in two who are rung answers: so often it cannot be chance that none of them counts."""
_BUSY_S: Final = 600
"""So late a busy machine may look at deadlines, all in all, before a silence is known."""
_HEARD: Final = (Card.HOLD_BACK, Card.LEAVE, Card.STAND_DOWN, Card.DROPPED)
_LAST_WORDS: Final = {
    Outcome.NOBODY: (Card.NOBODY, Card.EXPIRED),
    Outcome.ENDED: (Card.NOBODY, Card.EXPIRED),
    Outcome.EXPIRED: (Card.EXPIRED,),
    Outcome.NOT_CONFIRMED: (Card.EXPIRED,),
    Outcome.RESPONDED: (Card.OVER, Card.EXPIRED),
    Outcome.CANCELLED: (Card.OVER, Card.EXPIRED),
}

# --- L1: nobody alone ---------------------------------------------------------------------------


def team_of_two(ledger: Ledger, look: Look) -> None:
    """A team that stands has two active members; out, two who were told to go."""
    incident = look.after
    if incident.state not in STANDS:
        return
    active = incident.active
    if len(active) < 2:
        ledger.fail(f"L1: {incident.code} stands with less than two")
    if incident.state is State.OUT and sum(m.went for m in active) < 2:
        ledger.fail(f"L1: {incident.code} is out with less than two who were sent")


def alone_holds_back(ledger: Ledger, look: Look) -> None:
    """Whoever is left over while a partner is sought was told to hold back, last of all."""
    incident = look.after
    if incident.state is not State.PAGING or not incident.team:
        return
    for mate in incident.active:
        last = ledger.last_word.get((incident.id, mate.person))
        if not mate.held_back or last is not Card.HOLD_BACK:
            ledger.fail(f"L1: {mate.person} is alone on {incident.code} and does not know")


def told_at_once(ledger: Ledger, look: Look) -> None:
    """Whoever loses the team hears of it in the same decision, and a replacement is sought."""
    if not look.broke or look.before is None:
        return
    incident = look.after
    for mate in look.before.active:
        heard = any((mate.person, card) in look.told for card in _HEARD)
        freed = mate.stage is Stage.BRIEFED and incident.mate(mate.person) is None
        if not (heard or freed or look.by == mate.person or ledger.gone(mate.person)):
            ledger.fail(f"L1: {mate.person} lost the team of {incident.code} and was not told")
    if incident.state is State.PAGING:
        asked = any(c.state in (CallState.PAGED, CallState.ACCEPTED) for c in incident.calls)
        if not asked and not any(a.kind == AlarmKind.NO_TEAM for a in incident.alarms):
            ledger.fail(f"L1: {incident.code} lost a partner, and nobody is asked")


def a_failed_brief_is_a_loss(ledger: Ledger, look: Look) -> None:
    """A brief that reached nobody, while its reader was waited for, is a partner who left."""
    event = look.event
    if not isinstance(event, events.MessageFailed) or event.card != Card.BRIEF:
        return
    mate = look.before.mate(event.to) if look.before else None
    if mate is None or mate.brief != event.message or mate.brief_by is None:
        return
    now = next((m for m in look.after.active if m.person == event.to), None)
    if mate.stage is Stage.BRIEFED and now is not None and now.brief == event.message:
        ledger.fail(f"L1: {event.to} never got the brief and counts as a partner")


def places_go_to_teams(ledger: Ledger, look: Look, tell: Tell) -> None:
    """What tells a place goes to a member of a team of two that stands."""
    incident = look.after
    if tell.card is Card.UPDATE and tell.params.get("what") != "text":
        return
    active = [m.person for m in incident.active]
    if incident.state not in STANDS or tell.to not in active or len(active) < 2:
        ledger.fail(f"L1: {tell.card} with a place goes to {tell.to}, who is in no team")


def go_when_all_have_it(ledger: Ledger, look: Look, tell: Tell) -> None:
    """ "Go" follows only when every active member has said that they have the newest brief."""
    incident = look.after
    for mate in incident.active:
        if (incident.id, mate.person, mate.brief) not in ledger.read:
            ledger.fail(f"L1: go on {incident.code}, and {mate.person} has not got the brief")


# --- L5: nobody forgotten -----------------------------------------------------------------------


def nobody_disappears(ledger: Ledger, look: Look) -> None:
    """Whoever was sent or called back is counted until out, or a coordinator tells how it is."""
    if look.before is None or not look.before.team:
        return
    now = look.after
    for mate in look.before.team:
        if not counted(mate):
            continue
        after = now.mate(mate.person)
        if mate.went and (after is None or not after.went) and mate.person not in now.past:
            ledger.fail(f"L5: {mate.person} was sent to {now.code} and is counted no more")
        if after is None or after.stage is Stage.OUT_SAFE:
            own = look.by == mate.person and isinstance(look.event, events.OutSafe)
            if not own and not _known_how(ledger, look, mate):
                ledger.fail(f"L5: {mate.person} counts as out of {now.code} and nobody said so")


def _known_how(ledger: Ledger, look: Look, mate: Mate) -> bool:
    """Whether a coordinator, or the machine's own line, counted them out with a reason."""
    event = look.event
    if not isinstance(event, events.Ended | events.AccountedFor) or look.before is None:
        return False
    if isinstance(event, events.AccountedFor) and event.person != mate.person:
        return False
    if isinstance(event, events.Ended) and not look.before.end_said:
        return False
    who = ledger.reckoning.everybody.get(event.by) if event.by else None
    said = event.by is None or (who is not None and who.has(Role.COORDINATOR))
    said = said or (who is not None and who.has(Role.VERIFIER))
    return said and event.by != mate.person and len(look.after.notes) > len(look.before.notes)


def the_end(ledger: Ledger, look: Look) -> None:
    """At the end all who went are told to stand down, and every reporter hears what became of it.

    The place is forgotten with the end, and so is what somebody asked to have forgotten.
    """
    if not look.over:
        return
    incident = look.after
    ledger.outcomes[str(incident.outcome)] += 1
    for person in sorted(ledger.went[incident.id]):
        if (incident.id, person) in ledger.to_stand_down and not ledger.gone(person):
            ledger.fail(f"L5: {person} went for {incident.code} and was never told to stand down")
        if person not in incident.past:
            ledger.fail(f"L5: {person} went for {incident.code} and is not among those who did")
    if incident.place or incident.pin or any(w.place or w.pin for w in incident.words):
        ledger.fail(f"L8: {incident.code} is over and keeps its place")
    for source in incident.sources:
        if source.forget and source.report in ledger.reports:
            ledger.fail(f"L8: {source.reporter} asked to be forgotten on {incident.code}")
    if incident.outcome is Outcome.MERGED or incident.outcome is None:
        return
    heard = {t.to for t in look.tells if t.card in _LAST_WORDS[incident.outcome or Outcome.ENDED]}
    before = look.before.sources if look.before else ()
    sources = {s.report: s for s in (*before, *incident.sources)}
    for source in sources.values():
        own = look.by == source.reporter
        if not (source.gone or own or source.reporter in heard):
            ledger.fail(f"L5: {source.reporter} never hears how {incident.code} ended")


def reporters_hear_at_once(ledger: Ledger, look: Look) -> None:
    """Whoever reports hears in the same decision that it was taken in."""
    event = look.event
    if isinstance(event, events.Filed | events.Joined):
        known = any(s.report == event.report.id for s in look.after.sources)
        if known and all(t.to != event.report.reporter for t in look.tells):
            ledger.fail(f"L5: {event.report.reporter} told of {look.after.code}, hears nothing")


def alarms(ledger: Ledger, look: Look) -> None:
    """A new alarm, and each repeat, is heard by somebody; duress ends by a person's word alone."""
    before = look.before.alarms if look.before else ()
    now = look.after.alarms
    if before == now:
        return
    left = {(a.kind, a.about) for a in now}
    for alarm in before:
        if alarm.kind == AlarmKind.DURESS and (alarm.kind, alarm.about) not in left:
            _settled_by_somebody(ledger, look, alarm)
    was = {(a.kind, a.about): a.repeats for a in before}
    for alarm in now:
        if was.get((alarm.kind, alarm.about), -1) < alarm.repeats:
            _heard(ledger, look, alarm)


def _settled_by_somebody(ledger: Ledger, look: Look, alarm: Alarm) -> None:
    event = look.event
    if not isinstance(event, events.Ended | events.AccountedFor) or event.by == alarm.about:
        ledger.fail(f"L5: the alarm of duress on {look.after.code} ended by itself")


def _heard(ledger: Ledger, look: Look, alarm: Alarm) -> None:
    incident = look.after
    told = {
        t.to
        for t in look.tells
        if t.card is Card.ALARM and (t.params["kind"], t.about) == (alarm.kind, alarm.about)
    }
    near = {m.person for m in incident.team}.union(incident.past, incident.duress)
    if alarm.kind == AlarmKind.DURESS and told & ({alarm.about} | near):
        ledger.fail(f"L5: somebody near {alarm.about} hears of duress on {incident.code}")
    if told:
        if alarm.repeats > _MOST_RINGS:
            ledger.fail(
                f"L5: the alarm {alarm.kind} on {incident.code} is settled by nobody it rings for"
            )
        return
    for person in ledger.reckoning.everybody.values():
        if person.id == alarm.about or (alarm.kind == AlarmKind.DURESS and person.id in near):
            continue
        stands_in = person.has(Role.COORDINATOR) or person.has(Role.VERIFIER)
        blocked = ledger.reckoning.level(person.id) is Level.BLOCKED
        may = stands_in and not blocked and person.id not in near and ledger.private(person)
        if may or ledger.coordinates(incident, person.id):
            ledger.fail(f"L5: the alarm {alarm.kind} on {incident.code} rings for nobody")


def all_is_over(ledger: Ledger) -> None:
    """In the end every incident has ended, and every report is forgotten."""
    if ledger.world.incidents:
        left = [i.code for i in ledger.world.incidents.values()]
        ledger.fail(f"L5: {left} never ended")
    if ledger.reports:
        ledger.fail(f"L8: {sorted(ledger.reports)} were never forgotten")


# --- L7: silence escalates ----------------------------------------------------------------------


def nothing_stays_due(ledger: Ledger, look: Look) -> None:
    """An incident has a deadline until it is shredded, ahead of any look at what is due."""
    due = deadline(look.after)
    if due is None and look.after.state is not State.CLOSED:
        ledger.fail(f"L5: {look.after.code} is due never")
    if isinstance(look.event, events.Due) and due is not None and due <= look.at:
        ledger.fail(f"L7: {look.after.code} was looked at, and stays due")
    ledger.note_due(look.after.id, due)
    first = ledger.most_overdue()
    if first is not None and look.at - max(first[0], ledger.awake_since) > _LATE:
        ledger.fail(f"L7: {first[1]} was due at {first[0]:%H:%M:%S}, and nobody looked")


def no_wait_is_too_long(ledger: Ledger, look: Look) -> None:
    """Each deadline is as near as its playbook says, also after the clock was set back."""
    incident = look.after
    if incident.state not in OPEN:
        return
    for name, until, longest_s in waits(incident, ledger.playbook(incident)):
        if until is not None and until - look.at > timedelta(seconds=longest_s) + _UNNOTICED:
            ledger.fail(f"L7: {incident.code} waits too long for {name}")


def a_search_moves(ledger: Ledger, look: Look) -> None:
    """A search goes on, waits for a last answer, or is alarmed; it never just stands."""
    incident = look.after
    search = incident.recruiting
    if incident.state is State.HELD and incident.verification.until is None:
        ledger.fail(f"L7: nothing moves the verification of {incident.code}")
    if incident.state is not State.PAGING:
        return
    if search.until is None and incident.give_up_at is None:
        ledger.fail(f"L7: nothing moves the search of {incident.code}")
    if search.exhausted and all(a.kind != AlarmKind.NO_TEAM for a in incident.alarms):
        ledger.fail(f"L7: nobody is left to page for {incident.code}, and no alarm")
    before = look.before
    if before is None or before.state is not State.PAGING or before.recruiting.until is None:
        return
    over = isinstance(look.event, events.Due) and before.recruiting.until <= look.at
    if over and before.recruiting == search:
        ledger.fail(f"L7: the wave of {incident.code} is over, and nobody else is asked")


def everybody_out_is_watched(ledger: Ledger, look: Look) -> None:
    """Whoever was sent or called back has a time by which a sign of life is due, and no brief
    may stay unread for ever. Whoever is silent beyond all grace is known to be.
    """
    incident = look.after
    if incident.state not in OPEN or not incident.team:
        return
    due = isinstance(look.event, events.Due)
    for mate in incident.team:
        if counted(mate):
            if mate.due is None:
                ledger.fail(f"L7: nobody waits for {mate.person}")
            if due:
                _known_to_be_silent(ledger, look, mate.person)
        unread = mate.stage is Stage.BRIEFED and mate.brief_by is None
        if unread and not (mate.told_leave or mate.held_back):
            ledger.fail(f"L7: {mate.person} may read for ever")


def _known_to_be_silent(ledger: Ledger, look: Look, person: PersonId) -> None:
    since = ledger.signs[look.after.id].get(person)
    check = ledger.playbook(look.after).check_in
    longest_s = max(check.every_s, check.grace_s) + 2 * check.grace_s + _BUSY_S
    if since is None or look.at - since <= timedelta(seconds=longest_s):
        return
    if not _alarmed(look.after, person):
        quiet_s = (look.at - since).total_seconds()
        ledger.fail(f"L7: {person} is silent for {quiet_s:.0f} s, nobody knows")


def _alarmed(incident: Incident, person: PersonId) -> bool:
    return any(a.about == person for a in incident.alarms)


STEP: Final = (
    team_of_two,
    alone_holds_back,
    told_at_once,
    a_failed_brief_is_a_loss,
    nobody_disappears,
    the_end,
    reporters_hear_at_once,
    alarms,
    nothing_stays_due,
    no_wait_is_too_long,
    a_search_moves,
    everybody_out_is_watched,
)
TELLS: Final = {
    Card.BRIEF: (places_go_to_teams,),
    Card.GO: (places_go_to_teams, go_when_all_have_it),
    Card.MEDIA: (places_go_to_teams,),
    Card.UPDATE: (places_go_to_teams,),
}
LAST: Final = (all_is_over,)
