"""L6 and L8 for private reports in parts: all parts make one report, and none is kept too long."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from responder.core.halves import HALF
from responder.core.model import Level, PersonId
from responder.core.spoken import Verb
from responder.simulation.laws.book import Book, Letter, Step

_LASTS: Final = timedelta(days=1)
_MOST: Final = 3
"""Private reports that one person may have begun."""


def parts_make_a_whole(book: Book, step: Step) -> None:
    """Once every part was taken in, in whatever order, the report is told: then, and only then."""
    part, by = step.letter, step.by
    if part is None or by is None:
        return
    letter = book.letters.setdefault(part.letter, Letter(by, step.at, set()))
    letter.numbers.add(part.number)
    whole = len(letter.numbers) == part.of
    if _counts(book, by, letter, step):
        told = "is not told" if whole else "is told without all of it"
        book.must(step.whole is whole, f"L6: a private report by {by} {told}")
    if step.whole:
        del book.letters[part.letter]
        kept = _kept(book, part.letter)
        book.must(not kept, "L8: parts of a private report are kept although it was told")


def _counts(book: Book, by: PersonId, letter: Letter, step: Step) -> bool:
    """Whether its parts had to be kept: not from whoever is blocked or begins far too many."""
    begun = sum(other.by == by for other in book.letters.values())
    blocked = book.reckoning.level(by) is Level.BLOCKED
    return begun <= _MOST and not blocked and abs(step.at - letter.begun_at) < _LASTS


def _kept(book: Book, letter: str) -> bool:
    return any(n.startswith(HALF) and n.endswith(f":{letter}") for n in book.world.settings)


def parts_are_forgotten(book: Book, step: Step) -> None:
    """Parts go when their sender asks to be forgotten, and when the broom finds them a day old."""
    if step.pressed == Verb.FORGET:
        for name in [n for n, one in book.letters.items() if one.by == step.by]:
            stays = _kept(book, name)
            book.must(
                not (step.sure and stays), f"L8: {step.by} is forgotten; parts of a report stay"
            )
            if not stays:
                del book.letters[name]
    if step.kind == "sweep":
        for name in [n for n, one in book.letters.items() if step.at - one.begun_at >= _LASTS]:
            del book.letters[name]
            book.must(not _kept(book, name), "L8: parts of a private report outlive their day")


def no_part_is_left(book: Book) -> None:
    """In the end no part of any private report is kept."""
    left = [name for name in book.world.settings if name.startswith(HALF)]
    book.must(not left, f"L8: {len(left)} private reports are kept in part")


STATE: Final = ()
STEP: Final = (parts_make_a_whole, parts_are_forgotten)
LEAVING: Final = ()
LAST: Final = (no_part_is_left,)
