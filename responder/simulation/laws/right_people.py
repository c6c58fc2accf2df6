"""L3, only the right people: what forbids a page, what makes a team unsound, one team each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from responder.core.effects import Card
from responder.core.model import CallState, Incident, Level, Person, Place, Role, Stage
from responder.simulation.laws.book import Book, Step, Touched
from responder.simulation.laws.notes import OPEN
from responder.simulation.laws.reckoning import apart, offered, pages_tonight
from responder.simulation.post import PRIVACY, Left


def only_the_right_people(book: Book, left: Left) -> None:
    """At the moment at which a page leaves, nothing forbids it."""
    message = left.message
    if message.card not in (Card.PAGE, Card.REQUEST) or message.incident is None:
        return
    incident = book.world.incidents.get(message.incident)
    book.must(incident is not None, f"L3: a page for nothing leaves to {message.to}")
    who = book.world.person(message.to)
    book.must(who is not None, f"L3: a page leaves to {message.to}, who is forgotten")
    if incident is not None and who is not None:
        for reason in _forbidden(book, incident, who, left):
            book.must(False, f"L3: {who.id} was paged for {incident.code} and is {reason}")


def _forbidden(book: Book, incident: Incident, person: Person, left: Left) -> Iterator[str]:
    world, at = book.world, left.at
    call = incident.call(person.id)
    if call is None or call.message != left.message.id or call.state is not CallState.PAGED:
        yield "asked no more"
    if left.message.card == Card.REQUEST:
        near = {incident.neighbourhood, *_adjacent(book, incident)}
        if not offered(person, incident, near, at):
            yield "asked for what they do not offer here and now"
    elif not book.reckoning.on_call(person, at, world.shifts(), world.overrides()):
        yield "off call"
    care = world.cares.get(person.id)
    if care and care.rest_until and at < care.rest_until:
        yield "resting"
    most = min(book.seen.limits.pages_a_night, person.pages_a_night or 99)
    if care and pages_tonight(care.paged_at, at) > most:
        yield "past the limit"
    needed = set(book.playbook(incident.id).team.training)
    have = {t.name for t in person.trainings if t.expires_on is None or t.expires_on >= at.date()}
    if not needed <= have:
        yield "not trained"
    if book.gone(person.id) or not person.has(Role.RESPONDER):
        yield "no responder"
    if "consent" in person.welcome:
        yield "still thinking about joining"
    if book.reckoning.level(person.id) is Level.BLOCKED:
        yield "blocked"
    if world.busy_in(person.id) is not None:
        yield "in a team"
    if not private(book, person):
        yield "without a private channel"
    others = [s.reporter for s in incident.sources] + [m.person for m in incident.team]
    for other in world.people(others):
        if other.id == person.id or apart(person, other):
            yield f"to be kept apart from {other.id}"


def _adjacent(book: Book, incident: Incident) -> tuple[Place, ...]:
    return book.world.neighbourhoods[incident.neighbourhood].adjacent


def private(book: Book, person: Person) -> bool:
    """Whether words for this person alone reach them: over Signal, or sealed to a phone."""
    living = [a.channel for a in person.addresses if not a.dead]
    phone = any(
        d.person == person.id and d.confirmed_at and d.proved_at
        for d in book.world.devices.values()
    )
    return any(PRIVACY[channel] for channel in living) or (bool(living) and phone)


def sound_teams(book: Book, step: Step) -> None:
    """No two newcomers, none to be kept apart, none let in by one and the same member alone."""
    briefed = {m.incident for m in step.changes.messages if m.card in (Card.BRIEF, Card.GO)}
    for touched in step.touched:
        incident = touched.after
        if incident is None or incident.id not in briefed:
            continue
        team = book.people(incident.active)
        new = sum(not p.experienced for p in team)
        book.must(2 * new <= len(team), f"L3: newcomers pair on {incident.code}")
        reporters = book.reporters(incident)
        for one, other in combinations(team, 2):
            book.must(not apart(one, other), f"L3: {one.id} and {other.id} must be kept apart")
            tied = book.reckoning.tied(one, other)
            book.must(not tied, f"L3: {one.id} and {other.id} were let in by one member alone")
        for mate in team:
            wrong = any(r.id == mate.id or apart(mate, r) for r in reporters)
            book.must(not wrong, f"L3: {mate.id} would meet a reporter of {incident.code}")


def one_team_each(book: Book, touched: Touched, step: Step) -> None:
    """Whoever is in a team is taken by it, and by no other; in memory and on disk."""
    incident = touched.after
    assert incident is not None
    if incident.state not in OPEN:
        return
    for mate in incident.team:
        if mate.stage is not Stage.OUT_SAFE and not book.gone(mate.person):
            taken = book.world.busy_in(mate.person) == incident.id
            kept = book.seen.disk.assigned.get(mate.person) == incident.id
            book.must(
                taken and kept, f"L3: {mate.person} is in {incident.code} and not taken by it"
            )


def taken_for_a_reason(book: Book, step: Step) -> None:
    """Whoever this step leaves taken by an incident has a part in it."""
    for person, id in step.changes.assigned:
        incident = book.world.incidents.get(id)
        if book.world.busy_in(person) != id or incident is None:
            continue
        call = incident.call(person)
        waits = call is not None and call.state is CallState.ACCEPTED
        book.must(waits or incident.mate(person) is not None, f"L3: {person} is taken for nothing")


def nobody_taken_for_ever(book: Book) -> None:
    """Once all is over nobody is still taken."""
    for person in book.world.everybody:
        book.must(book.world.busy_in(person) is None, f"L3: {person} is taken for ever")
    book.must(not book.seen.disk.assigned, "L3: somebody is taken for ever on disk")


STATE: Final = (one_team_each,)
STEP: Final = (sound_teams, taken_for_a_reason)
LEAVING: Final = (only_the_right_people,)
LAST: Final = (nobody_taken_for_ever,)
