"""L6, nothing lost, nothing doubled: a message is sent, withdrawn or failed, and counts once."""

from __future__ import annotations

from typing import Final

from responder.core.effects import AlarmKind, Card
from responder.core.messages import Fate
from responder.core.model import CallState, Stage, State
from responder.simulation.laws.book import Book, Step
from responder.simulation.post import Left

_SAFETY: Final = frozenset({Card.LEAVE, Card.STAND_DOWN, Card.HOLD_BACK})


def ids_are_unique(book: Book, step: Step) -> None:
    """Every message has an id of its own."""
    for message in step.changes.messages:
        book.must(message.id not in book.ids, f"L6: two messages are called {message.id}")
        book.ids.add(message.id)


def counted_once(book: Book, step: Step) -> None:
    """A message that a person sent counts once, however often it is handed in."""
    for channel, key, _ in step.changes.inbox:
        book.must(step.kind == "hear", f"L6: {channel} {key} is taken in by {step.kind}")
    book.must(
        step.kind != "hear" or bool(step.changes.inbox), "L6: a message counts as never heard"
    )


def sent_once(book: Book, left: Left) -> None:
    """What was acknowledged never leaves again; what may repeat is marked as a repeat."""
    row = book.seen.disk.rows[left.message.id]
    book.must(row.fate is not Fate.SENT, f"L6: {left.message.card} leaves after it was sent")
    book.arrived[left.message.id] += int(left.arrived)
    again = book.arrived[left.message.id] > 1
    book.must(left.repeat or not again, f"L6: {left.message.card} comes twice and does not say so")


def told_when_it_failed(book: Book, step: Step) -> None:
    """A failed word to somebody who is out there alarms the coordinators."""
    message = step.failed
    if message is None or message.card not in _SAFETY:
        return
    for touched in step.touched:
        before, now = touched.before, touched.after
        mate = before.mate(message.to) if before and before.id == message.incident else None
        if now is None or mate is None or mate.stage is Stage.OUT_SAFE or not mate.went:
            continue
        alarm = any(a.kind == AlarmKind.NOT_TOLD and a.about == mate.person for a in now.alarms)
        book.must(alarm, f"L6: {mate.person} was not told {message.card} and nobody knows")


def failure_is_followed(book: Book, step: Step) -> None:
    """A failed page, verifier's or safety card changes its incident, if that still hangs on it."""
    message = step.failed
    if message is None or message.incident is None or step.touched or book.locked:
        return
    incident = book.world.incidents.get(message.incident)
    if incident is None:
        return
    call, mate = incident.call(message.to), incident.mate(message.to)
    hangs = False
    match message.card:
        case Card.PAGE | Card.REQUEST:
            current = call is not None and call.message == message.id
            hangs = current and call is not None and call.state is CallState.PAGED
        case Card.VERIFY:
            asked = (a.message for a in incident.verification.asked)
            hangs = incident.state is State.HELD and message.id in asked
        case Card.LEAVE | Card.STAND_DOWN | Card.HOLD_BACK:
            hangs = mate is not None and mate.went and mate.stage is not Stage.OUT_SAFE
            hangs = hangs and not any(a.about == message.to for a in incident.alarms)
        case _:
            pass
    book.must(not hangs, f"L6: {message.card} to {message.to} failed, and nothing follows")


def every_message_ends(book: Book) -> None:
    """Every message was sent, withdrawn, or failed."""
    open_still = list(book.seen.disk.waiting)
    book.must(not open_still, f"L6: {open_still} have no end")


STATE: Final = ()
STEP: Final = (ids_are_unique, counted_once, told_when_it_failed, failure_is_followed)
LEAVING: Final = (sent_once,)
LAST: Final = (every_message_ends,)
