"""L1, nobody alone: an exact place and "go" only for a team of two; who is left over hears it."""

from __future__ import annotations

from typing import Final

from responder.core.effects import AlarmKind, Card
from responder.core.messages import Message
from responder.core.model import CallState, Incident, Mate, Stage, State
from responder.core.spoken import Verb
from responder.simulation.laws.book import CANARY, SECURITY, TO_TEAM, Book, Step, Touched
from responder.simulation.laws.notes import STANDS
from responder.simulation.post import Left


def team_of_two(book: Book, touched: Touched, step: Step) -> None:
    """A team that stands has two active members at least; out, two who were told to go."""
    incident = touched.after
    assert incident is not None
    if incident.state in STANDS:
        book.must(len(incident.active) >= 2, f"L1: {incident.code} stands with less than two")
    if incident.state is State.OUT:
        went = [m for m in incident.active if m.went]
        book.must(len(went) >= 2, f"L1: {incident.code} is out with less than two who were sent")


def alone_holds_back(book: Book, touched: Touched, step: Step) -> None:
    """Whoever is left over while a partner is sought has been told to hold back, last of all."""
    incident = touched.after
    assert incident is not None
    if incident.state is not State.PAGING:
        return
    for mate in incident.active:
        told = book.told[(incident.id, mate.person)]
        held = mate.held_back and Card.HOLD_BACK in told
        book.must(held, f"L1: {mate.person} is alone on {incident.code} and does not know")
        after = set(told[len(told) - told[::-1].index(Card.HOLD_BACK) :])
        book.must(
            not after & {Card.GO, Card.BRIEF, Card.TEAM_CHANGED},
            f"L1: {mate.person} was sent on after being held back on {incident.code}",
        )


def told_at_once(book: Book, step: Step) -> None:
    """Who loses the partner is told to hold back, or to leave, in the same step."""
    heard = {*SECURITY, Card.DROPPED}
    told = {(m.incident, m.to) for m in step.changes.messages if m.card in heard}
    for before, now in step.changed:
        if before.state not in STANDS or now.state in STANDS:
            continue
        for mate in before.active:
            out = now.mate(mate.person) is None
            gone = step.by == mate.person or book.gone(mate.person)
            freed = out and mate.stage is Stage.BRIEFED
            book.must(
                (now.id, mate.person) in told or gone or freed,
                f"L1: {mate.person} lost the team of {now.code} and was not told",
            )


def a_replacement_is_sought(book: Book, step: Step) -> None:
    """A team that broke is searched for anew: somebody is paged, or the coordinators are alarmed.

    Of a search that waits for its coordinators, the alarm is the page.
    """
    for before, now in step.changed:
        if before.state in STANDS and now.state is State.PAGING:
            asked = any(c.state in (CallState.PAGED, CallState.ACCEPTED) for c in now.calls)
            alarmed = any(a.kind == AlarmKind.NO_TEAM for a in now.alarms)
            book.must(asked or alarmed, f"L1: {now.code} lost a partner, and nobody is asked")


def a_failed_brief_is_a_loss(book: Book, step: Step) -> None:
    """A brief that reached nobody counts as a partner who left."""
    message = step.failed
    if message is None or message.card != Card.BRIEF:
        return
    for before, now in step.changed:
        mate = before.mate(message.to)
        if before.id == message.incident and mate is not None and _reads(mate, message):
            after = now.mate(message.to)
            renewed = after is not None and after.brief != message.id
            book.must(
                after is None or renewed or after not in now.active,
                f"L1: {message.to} never got the brief of {now.code} and counts as a partner",
            )


def _reads(mate: Mate, message: Message) -> bool:
    return mate.brief == message.id and mate.stage is Stage.BRIEFED and mate.brief_by is not None


def go_when_all_have_it(book: Book, step: Step) -> None:
    """ "Go" follows only when every active member has tapped that they have the brief."""
    for message in step.changes.messages:
        if message.card != Card.GO or message.incident is None:
            continue
        incident = _now(step, message)
        book.must(len(incident.active) >= 2, f"L1: go to {message.to} alone on {incident.code}")
        for mate in incident.active:
            read = mate.brief is not None and (mate.person, mate.brief) in book.briefs_read
            book.must(read, f"L1: go on {incident.code}, and {mate.person} has not got the brief")


def _now(step: Step, message: Message) -> Incident:
    return next(t.after for t in step.touched if t.after and t.after.id == message.incident)


def can_answer_the_brief(book: Book, touched: Touched, step: Step) -> None:
    """As long as time runs for a brief, its reader can say that they have it."""
    incident = touched.after
    assert incident is not None
    for mate in incident.active:
        if mate.stage is Stage.BRIEFED and mate.brief_by is not None:
            open_still = any(
                p.action.verb == Verb.HAVE_IT and p.action.incident == incident.id
                for p in book.world.prompts_of(mate.person)
            )
            book.must(open_still, f"L1: {mate.person} cannot answer the brief of {incident.code}")


def leaves_to_a_team(book: Book, left: Left) -> None:
    """When a place leaves, its reader still is in a team of two that stands."""
    message = left.message
    tells = bool(CANARY.search(message.text)) or message.card in (Card.BRIEF, Card.GO)
    if message.open or message.incident is None or message.card not in TO_TEAM or not tells:
        return
    incident = book.world.incidents.get(message.incident)
    mate = incident.mate(message.to) if incident else None
    stands = incident is not None and mate in incident.active and len(incident.active) >= 2
    book.must(
        stands and incident is not None and incident.state in STANDS,
        f"L1: {message.card} with a place leaves to {message.to}, who is in no team",
    )
    if message.card == Card.GO:
        book.must(mate is not None and mate.went, f"L1: go leaves to {message.to}, who must stay")


STATE: Final = (team_of_two, alone_holds_back, can_answer_the_brief)
STEP: Final = (
    told_at_once,
    a_replacement_is_sought,
    a_failed_brief_is_a_loss,
    go_when_all_have_it,
)
LEAVING: Final = (leaves_to_a_team,)
LAST: Final = ()
