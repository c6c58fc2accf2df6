"""L5, nobody forgotten: every incident ends, all who were sent are counted, reporters hear."""

from __future__ import annotations

from typing import Final

from responder.core.effects import AlarmKind, Card
from responder.core.model import Alarm, Incident, Mate, Outcome, PersonId, Stage, State
from responder.core.spoken import Verb
from responder.simulation.laws.book import Book, Step, Touched
from responder.simulation.laws.reckoning import deadline

_LAST_WORDS: Final = {
    Outcome.NOBODY: (Card.NOBODY, Card.EXPIRED),
    Outcome.ENDED: (Card.NOBODY, Card.EXPIRED),
    Outcome.EXPIRED: (Card.EXPIRED,),
    Outcome.NOT_CONFIRMED: (Card.EXPIRED,),
    Outcome.RESPONDED: (Card.OVER, Card.EXPIRED),
    Outcome.CANCELLED: (Card.OVER, Card.EXPIRED),
}


def ends_or_is_due(book: Book, touched: Touched, step: Step) -> None:
    """An incident that is not closed has a deadline."""
    incident = touched.after
    if incident is not None and incident.state is not State.CLOSED:
        book.must(deadline(incident) is not None, f"L5: {incident.code} is due never")


def nobody_disappears(book: Book, step: Step) -> None:
    """Whoever was told "go" or "leave" is counted until out, or accounted for by a coordinator."""
    for before, now in step.changed:
        for mate in before.team:
            if not _counted(mate):
                continue
            after = now.mate(mate.person)
            book.must(
                not mate.went or (after is not None and after.went) or mate.person in now.past,
                f"L5: {mate.person} was sent to {now.code} and is counted no more",
            )
            if after is None or after.stage is Stage.OUT_SAFE:
                own = step.by == mate.person and step.pressed == Verb.OUT
                book.must(
                    own or book.coordinated(step, before, mate.person),
                    f"L5: {mate.person} counts as out of {now.code} and nobody said so",
                )
                reason = any(note.text for note in now.notes[len(before.notes) :])
                book.must(
                    own or reason,
                    f"L5: {mate.person} was counted out of {now.code} without a reason",
                )


def _counted(mate: Mate) -> bool:
    return (mate.went or mate.told_leave) and mate.stage is not Stage.OUT_SAFE


def stood_down(book: Book, step: Step) -> None:
    """Whoever was told "go" has been told "stand down" since, when the response is over."""
    for incident in book.over(step):
        for person in sorted(book.went[incident.id]):
            if not book.gone(person):
                told = book.told[(incident.id, person)]
                after = told[len(told) - told[::-1].index(Card.GO) :]
                book.must(
                    Card.STAND_DOWN in after,
                    f"L5: {person} went for {incident.code} and was never told to stand down",
                )
        book.must(
            book.went[incident.id] <= set(incident.past),
            f"L5: somebody went for {incident.code} and is not among those who did",
        )


def reporters_hear_the_end(book: Book, step: Step) -> None:
    """Every reporter who has not taken the report back hears what became of it."""
    for incident in book.over(step):
        book.outcomes[str(incident.outcome)] += 1
        if incident.outcome is Outcome.MERGED or incident.outcome is None:
            continue
        last = _LAST_WORDS[incident.outcome]
        told = {m.to: m.card for m in step.changes.messages if m.card in last}
        for source in _to_hear(step, incident):
            known = book.world.person(source) is not None
            book.must(
                not known or source in told,
                f"L5: {source} never hears how {incident.code} ended",
            )


def _to_hear(step: Step, incident: Incident) -> list[PersonId]:
    """Those who reported it before this step or in it, and have not taken it back."""
    sources = {s.report: s for s in incident.sources}
    for before, now in step.changed:
        if now is incident:
            others = {s.report: s for s in before.sources if s.reporter != step.by}
            sources = others | sources
    return sorted({s.reporter for s in sources.values() if not s.gone})


def reporters_hear_at_once(book: Book, step: Step) -> None:
    """Whoever reports hears in the same step that it was taken in."""
    for touched in step.touched:
        if touched.after is None or step.kind != "hear":
            continue
        before = {s.report for s in touched.before.sources} if touched.before else set()
        for source in touched.after.sources:
            if source.report in before or source.gone or source.reporter != step.by:
                continue
            heard = any(m.to == source.reporter for m in step.changes.messages)
            book.must(heard, f"L5: {source.reporter} told of {touched.after.code}, hears nothing")


def duress_is_settled_by_people(book: Book, step: Step) -> None:
    """An alarm of duress ends only with a coordinator's word about that person."""
    for before, now in step.changed:
        for alarm in before.alarms:
            gone = not any(a.kind == alarm.kind and a.about == alarm.about for a in now.alarms)
            if alarm.kind == AlarmKind.DURESS and gone:
                book.must(
                    alarm.about is not None and book.coordinated(step, before, alarm.about),
                    f"L5: the alarm of duress on {now.code} ended by itself",
                )


def alarms_are_heard(book: Book, step: Step) -> None:
    """A new alarm, and each repeat of one, reaches every coordinator who may hear it."""
    for touched in step.touched:
        now = touched.after
        if now is None:
            continue
        before = touched.before.alarms if touched.before else ()
        was = {(a.kind, a.about): a.repeats for a in before}
        told = {m.to for m in step.changes.messages if m.card == Card.ALARM}
        for alarm in now.alarms:
            if was.get((alarm.kind, alarm.about), -1) < alarm.repeats:
                reached = any(map(book.reached, told))
                deaf = not reached and _somebody_could_hear(book, now, alarm)
                book.must(not deaf, f"L5: the alarm {alarm.kind} on {now.code} rings for nobody")


def _somebody_could_hear(book: Book, incident: Incident, alarm: Alarm) -> bool:
    world = book.world
    people = {*world.coordinators(incident), *world.stand_ins(incident)} - {alarm.about}
    if alarm.kind == AlarmKind.DURESS:
        people -= {m.person for m in incident.team} | set(incident.past)
    return any(map(book.reached, people))


def all_is_over(book: Book) -> None:
    """In the end every incident has ended."""
    left = [i.code for i in book.world.incidents.values()]
    book.must(not left, f"L5: {left} never ended")


STATE: Final = (ends_or_is_due,)
STEP: Final = (
    nobody_disappears,
    stood_down,
    reporters_hear_the_end,
    reporters_hear_at_once,
    duress_is_settled_by_people,
    alarms_are_heard,
)
LEAVING: Final = ()
LAST: Final = (all_is_over,)
