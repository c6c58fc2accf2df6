"""Drills: each message says that it is one, nothing real is mixed with it, and it gives way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from responder.core.messages import Message
from responder.core.model import CallState, Care, Incident, Level, Person, Role, State
from responder.core.reach import DRILL, Drill
from responder.core.spoken import Verb
from responder.simulation.laws.book import Book, Step
from responder.simulation.laws.notes import OPEN
from responder.simulation.laws.reckoning import pages_tonight
from responder.simulation.post import Left

_MARKS: Final = {"en": "DRILL: ", "es": "SIMULACRO: "}
_TAPS: Final = frozenset({Verb.REACHABLE, Verb.NOT_FREE})
_SLACK: Final = timedelta(minutes=2)
_REAL: Final = frozenset({CallState.PAGED, CallState.ACCEPTED})


def drills_say_so(book: Book, step: Step) -> None:
    """Every message of a drill says first that it is one; nothing real says that it is."""
    for message in step.changes.messages:
        marked = _marked(book, message)
        if message.card == DRILL:
            book.must(marked, f"L4: a drill's message to {message.to} does not say that it is one")
            book.must(message.incident is None, "L4: a drill's message belongs to an incident")
        elif message.incident is not None:
            book.must(not marked, f"L4: {message.card} is real, and is called a drill")


def _marked(book: Book, message: Message) -> bool:
    who = book.world.person(message.to)
    mark = _MARKS[who.language if who else "en"]
    notice = not message.notice or message.notice.startswith(mark)
    return message.text.startswith(mark) and notice


def drills_move_nobody(book: Book, step: Step) -> None:
    """What somebody answers to a drill changes no incident, takes nobody, counts as no page."""
    if step.pressed not in _TAPS or not step.sure:
        return
    moved = step.touched or step.changes.assigned
    cared = any(isinstance(r, Care) for r in step.changes.puts.values())
    book.must(not moved and not cared, f"L3: {step.by} answered a drill, and something real moved")


def drills_ask_the_right_people(book: Book, left: Left) -> None:
    """At the moment at which a drill asks somebody, nothing forbids it, and nothing real runs."""
    message = left.message
    if message.card != DRILL:
        return
    drill = next((d for d in _running(book) if message.to in d.asked), None)
    book.must(drill is not None, f"L3: a drill that is over asks {message.to}")
    who = book.world.person(message.to)
    book.must(who is not None, f"L3: a drill asks {message.to}, who is forgotten")
    if drill is not None and who is not None:
        for reason in _forbidden(book, drill, who, left):
            book.must(False, f"L3: a drill asks {who.id}, who is {reason}")


def _forbidden(book: Book, drill: Drill, person: Person, left: Left) -> Iterator[str]:
    world, at = book.world, left.at
    place = {drill.neighbourhood}
    if not book.reckoning.on_call(person, at, world.shifts(), world.overrides(), place):
        yield "off call"
    care = world.cares.get(person.id)
    if care and care.rest_until and at < care.rest_until:
        yield "resting"
    most = min(book.seen.limits.pages_a_night, person.pages_a_night or 99)
    if care and pages_tonight(care.paged_at, at) >= most:
        yield "past the limit"
    if book.gone(person.id) or not person.has(Role.RESPONDER):
        yield "no responder"
    if book.reckoning.level(person.id) is Level.BLOCKED:
        yield "blocked"
    if world.busy_in(person.id) is not None:
        yield "in a team"


def drills_give_way(book: Book, step: Step) -> None:
    """A drill ends in time, and at once when something real begins there or needs its people."""
    for drill in _running(book):
        late = step.at - max(drill.until, book.awake_since)
        book.must(late <= _SLACK, f"L7: a drill in {drill.neighbourhood} does not end")
        needed = any(_needs(incident, drill) for incident in book.world.incidents.values())
        since = book.needed_since.setdefault(drill.id, step.at) if needed else step.at
        if not needed:
            book.needed_since.pop(drill.id, None)
        slow = step.at - max(since, book.awake_since)
        book.must(slow <= _SLACK, f"L3: a drill in {drill.neighbourhood} goes on beside the real")


def _needs(incident: Incident, drill: Drill) -> bool:
    if incident.state not in OPEN or incident.state is State.HELD:
        return False
    asked = {c.person for c in incident.calls if c.state in _REAL}
    return incident.neighbourhood == drill.neighbourhood or bool(asked & set(drill.asked))


def _running(book: Book) -> list[Drill]:
    return [drill for drill in book.world.drills.values() if drill.ended_at is None]


STATE: Final = ()
STEP: Final = (drills_say_so, drills_move_nobody, drills_give_way)
LEAVING: Final = (drills_ask_the_right_people,)
LAST: Final = ()
