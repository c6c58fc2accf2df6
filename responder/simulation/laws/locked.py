"""Locking: two coordinators or the passphrase; people out there first; then nothing begins."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from responder.core.effects import Card
from responder.core.model import Mate, PersonId, Role, Stage
from responder.core.spoken import LockSign
from responder.core.talk.locking import LOCKED
from responder.simulation.laws.book import Book, Step
from responder.simulation.laws.notes import OPEN
from responder.simulation.post import Left

_WITHIN: Final = timedelta(minutes=10)
_BEGINS: Final = frozenset({Card.PAGE, Card.BRIEF, Card.GO, Card.VERIFY})
_BACK: Final = frozenset({Card.LEAVE, Card.STAND_DOWN})


def two_lock_it(book: Book, step: Step) -> None:
    """It takes a second coordinator within ten minutes, or the right passphrase, or the machine."""
    by = step.by
    if ("setting", LOCKED) in step.changes.puts and step.kind != "machine":
        right = step.kind == "hear" and by is not None and _coordinates(book, by)
        book.must(right, f"L5: {by} locked the network and coordinates nothing")
        others = {
            other
            for other, at in book.lock_asked.items()
            if other != by and abs(step.at - at) < _WITHIN and _coordinates(book, other)
        }
        knows = step.lock is LockSign.RIGHT
        book.must(knows or bool(others), f"L5: {by} alone locked the network")
    if step.said == "/lock" and step.lock is None and by is not None:
        book.lock_asked[by] = step.at


def _coordinates(book: Book, person: PersonId) -> bool:
    who = book.world.person(person)
    return who is not None and who.has(Role.COORDINATOR)


def leave_comes_first(book: Book, step: Step) -> None:
    """With the lock everybody out there is told to leave, before anybody hears anything else."""
    if ("setting", LOCKED) not in step.changes.puts:
        return
    for incident in book.world.incidents.values():
        for mate in incident.team if incident.state in OPEN else ():
            told = book.told[(incident.id, mate.person)]
            back = _is_back(mate) or bool(_BACK & set(_since_go(told)))
            book.must(
                back or book.gone(mate.person),
                f"L5: the network is locked, and {mate.person} was not told to leave",
            )
    order = [message.incident is None for message in step.changes.messages]
    leaving = [n for n, m in enumerate(step.changes.messages) if m.card in _BACK]
    other = order.index(True) if True in order else len(order)
    book.must(all(n < other for n in leaving), "L5: others hear of the lock before the teams do")


def _is_back(mate: Mate) -> bool:
    return mate.stage is Stage.OUT_SAFE


def _since_go(told: list[str]) -> list[str]:
    return told[len(told) - told[::-1].index(Card.GO) :] if Card.GO in told else told


def locked_begins_nothing(book: Book, step: Step) -> None:
    """While it is locked no incident opens, and nobody is asked to come or to verify."""
    if book.locked and step.kind != "unlock":
        opened = [t.after for t in step.touched if t.before is None]
        book.must(not opened, "L5: an incident opens in a network that is locked")
        for message in step.changes.messages:
            begins = message.card in _BEGINS
            book.must(not begins, f"L5: {message.card} to {message.to} in a locked network")
    book.locked = LOCKED in book.world.settings


def locked_sends_nobody(book: Book, left: Left) -> None:
    """What would send people out does not leave a locked network any more."""
    begins = book.locked and left.message.card in _BEGINS
    book.must(not begins, f"L5: {left.message.card} leaves a network that is locked")


STATE: Final = ()
STEP: Final = (two_lock_it, leave_comes_first, locked_begins_nothing)
LEAVING: Final = (locked_sends_nobody,)
LAST: Final = ()
