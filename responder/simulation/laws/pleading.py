"""L4, L5 and L8, pleas: who reads one, who answers, that it is heard, and gone after a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from responder.core.changes import Prompt, Question
from responder.core.effects import Card
from responder.core.model import Level, PersonId, Role
from responder.core.spoken import Verb
from responder.core.talk.pleas import PLEA
from responder.simulation.laws.book import CANARY, Book, Step
from responder.simulation.laws.ledgers import Plead
from responder.simulation.laws.reckoning import apart
from responder.simulation.laws.right_people import private
from responder.simulation.post import Left

_LASTS: Final = timedelta(days=1)
_BROOM: Final = timedelta(hours=2)
_WAITING: Final = frozenset({Verb.TAKE_PLEA, Verb.ANSWER_PLEA})
_CALLS: Final = frozenset({Card.PAGE, Card.REQUEST, Card.VERIFY})


def may_read(book: Book, reader: PersonId, by: PersonId) -> bool:
    """Whether this person may read that person's plea.

    A coordinator with a private channel, who neither wrote it nor is kept apart from whoever did;
    once one of them took it that one alone, as long as they may.
    """
    plead = next((p for p in book.desk.pleas.values() if p.by == by), None)
    if plead is None or not _reads(book, reader, by):
        return False
    taken = plead.taken_by
    return taken is None or taken == reader or not _reads(book, taken, by)


def _reads(book: Book, reader: PersonId, by: PersonId) -> bool:
    who, asker = book.world.person(reader), book.world.person(by)
    if who is None or not who.has(Role.COORDINATOR) or reader == by or not private(book, who):
        return False
    blocked = book.reckoning.level(reader) is Level.BLOCKED
    return not blocked and not (asker is not None and apart(who, asker))


def _offered(step: Step) -> Iterator[tuple[Question, Prompt]]:
    for record in step.changes.puts.values():
        if isinstance(record, Question):
            for prompt in record.prompts:
                if prompt.action.verb in _WAITING:
                    yield record, prompt


# --- beginning ------------------------------------------------------------------------------------


def pleas_begin(book: Book, step: Step) -> None:
    """Somebody asks for a coordinator; nobody is paged by it, and no more wait than are read."""
    pleas = book.desk.pleas
    for question, prompt in _offered(step):
        report = prompt.action.arg
        if report not in pleas:
            own = step.pressed == Verb.PLEA and step.by is not None
            book.must(own, f"L4: {step.what} hands a plea on that nobody made")
            assert step.by is not None
            pleas[report] = Plead(report, step.by, step.at)
            book.know_secrets(step.by)
        pleas[report].messages.add(question.message)
    if step.pressed == Verb.PLEA:
        called = [m.to for m in step.changes.messages if m.card in _CALLS]
        book.must(not called, f"L2: a plea calls {called}")
        most = book.seen.limits.unknown_held
        book.must(len(pleas) <= most, f"L2: {len(pleas)} wait for a coordinator")


# --- taking and answering -------------------------------------------------------------------------


def one_takes_a_plea(book: Book, step: Step) -> None:
    """The first who takes it has it, and whoever asked hears so."""
    plead = book.desk.pleas.get(step.arg) if step.pressed == Verb.TAKE_PLEA else None
    by = step.by
    if plead is None or by is None or by == plead.by or book.locked:
        return
    told = any(m.to == plead.by for m in step.changes.messages)
    if may_read(book, by, plead.by):
        deaf = step.sure and not told and book.world.person(plead.by) is not None
        book.must(not deaf, f"L5: {by} takes the plea of {plead.by}, who never hears")
    else:
        book.must(not told, f"L4: {by} takes the plea of {plead.by}, and may not")
    if told:
        plead.taken_by = by


def who_took_it_answers(book: Book, step: Step) -> None:
    """The words of an answer go to who asked, from whoever took it and nobody else."""
    by = step.by
    if by is None or step.kind != "hear":
        return
    awaited = book.desk.writes.pop(by, None)
    if step.pressed == Verb.ANSWER_PLEA and step.sure and not book.locked:
        book.desk.writes[by] = step.arg
    for plead in book.desk.pleas.values() if step.said and not step.pressed else ():
        told = (m for m in step.changes.messages if m.to == plead.by and m.incident is None)
        heard = any(step.said in m.text for m in told)
        if by == plead.by:
            continue
        takes = plead.taken_by == by and _reads(book, by, plead.by)
        if heard:
            book.must(takes, f"L4: {by} answers {plead.by}, and did not take that plea")
            plead.answered = True
        elif awaited == plead.report and takes and not step.said.startswith("/"):
            gone = book.world.person(plead.by) is None or book.locked
            book.must(gone, f"L6: what {by} answers never goes to {plead.by}")


# --- the end --------------------------------------------------------------------------------------


def pleas_end_heard(book: Book, step: Step) -> None:
    """After a day it is over at the latest; whom nobody answered hears so, and all words go."""
    for plead in tuple(book.desk.pleas.values()):
        if PLEA + plead.report in book.world.settings:
            late = step.at - plead.at > _LASTS + _BROOM and step.at - book.awake_since > _BROOM
            book.must(not late or book.locked, f"L8: the plea of {plead.by} is kept too long")
            continue
        del book.desk.pleas[plead.report]
        book.outcomes["plea-answered" if plead.answered else "plea-over"] += 1
        told = any(m.to == plead.by for m in step.changes.messages)
        known = book.world.person(plead.by) is not None
        book.must(
            told or plead.answered or step.by == plead.by or not known,
            f"L5: the plea of {plead.by} ends by {step.what}, and nobody says so",
        )
        left = plead.messages - set(step.changes.recalled)
        book.must(not left, f"L8: the plea of {plead.by} is over and stays on screens")
        for question in book.world.questions.all.values():
            still = any(
                p.action.verb in _WAITING and p.action.arg == plead.report for p in question.prompts
            )
            book.must(not still, f"L6: {question.person} is asked still to answer {plead.by}")


def pleas_leave_to_readers(book: Book, left: Left) -> None:
    """At the moment at which somebody's plea leaves, its reader may still read it."""
    message = left.message
    if message.incident is not None or message.open:
        return
    for canary in set(CANARY.findall(message.text)):
        teller = book.seen.teller(canary)
        # What was decided before somebody took it may leave to the others.
        right = message.to == teller or (teller is not None and _reads(book, message.to, teller))
        book.must(right, f"L4: a plea of {teller} leaves to {message.to}, who may not read it")


STATE: Final = ()
STEP: Final = (pleas_begin, one_takes_a_plea, who_took_it_answers, pleas_end_heard)
LEAVING: Final = (pleas_leave_to_readers,)
LAST: Final = ()
