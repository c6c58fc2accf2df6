"""L3 and L5, grave orders: two decide, one unread; all hear; after half an hour they are void."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from responder.core.changes import Question
from responder.core.model import Level, Person, PersonId, Role
from responder.core.spoken import Verb
from responder.simulation.laws.book import Book, Step
from responder.simulation.laws.ledgers import Ask
from responder.simulation.post import PRIVACY

_LASTS: Final = timedelta(minutes=30)
_SLACK: Final = timedelta(minutes=2)
_SETTING: Final = "order:"
_ANSWERS: Final = frozenset({Verb.ORDER_YES, Verb.ORDER_NO})


def _coordinates(book: Book, person: PersonId | None) -> bool:
    """Whether this person coordinated before this step."""
    who = book.was(person) if person else None
    return who is not None and who.has(Role.COORDINATOR) and who.granted is not Level.BLOCKED


def _coordinators(book: Book) -> set[PersonId]:
    everybody = {*book.reckoning.everybody, *book.desk.before}
    return {p for p in everybody if _coordinates(book, p)}


# --- asking ---------------------------------------------------------------------------------------


def orders_are_put_before_others(book: Book, step: Step) -> None:
    """A coordinator asks; every other coordinator is asked, but whom it is about."""
    asked: dict[str, set[PersonId]] = {}
    questions = [r for r in step.changes.puts.values() if isinstance(r, Question)]
    for question in questions:
        for prompt in question.prompts:
            if prompt.action.verb == Verb.ORDER_YES and prompt.action.arg not in book.desk.asks:
                asked.setdefault(prompt.action.arg, set()).add(question.person)
    for id, people in asked.items():
        by, meant = step.by, _meant(step)
        book.must(meant is not None, f"L3: {step.what} asks for an order that nobody gave")
        book.must(_coordinates(book, by), f"L3: {by} orders, and coordinates nothing")
        assert by is not None and meant is not None
        what, about = meant
        should = _coordinators(book) - {by, about}
        book.must(people == should, f"L3: {what} {about} is put before {sorted(people)}")
        private = PRIVACY[step.channel]
        book.desk.asks[id] = Ask(id, what, about, by, step.at, private, frozenset(people))


def _meant(step: Step) -> tuple[str, PersonId | None] | None:
    """What is ordered by this press or these words."""
    match step.pressed:
        case Verb.ORDER:
            what, _, about = step.arg.partition(":")
            return what, PersonId(about) if about else None
        case Verb.BLOCK | Verb.UNTRUST:
            return "block", PersonId(step.arg.partition(":")[0])
        case _:
            return ("export", None) if step.said.startswith("/export") else None


# --- deciding -------------------------------------------------------------------------------------


def two_decide(book: Book, step: Step) -> None:
    """What is grave happens by two coordinators within half an hour, and all of them hear of it."""
    for what, about in _grave(book, step) if step.kind == "hear" else ():
        asks = book.desk.asks.values()
        ask = next((a for a in asks if (a.what, a.about) == (what, about)), None)
        by = step.by
        alone = ask is None or ask.by == by
        book.must(not alone, f"L3: {by} alone decides: {what} {about or ''}")
        assert ask is not None
        del book.desk.asks[ask.id]
        book.outcomes["order-agreed"] += 1
        book.must(abs(step.at - ask.at) < _LASTS, f"L3: {what} was void, and {by} agrees to it")
        for one in (ask.by, by):
            book.must(_coordinates(book, one), f"L3: {one} decides {what}, and coordinates nothing")
        book.must(by != about, f"L3: {by} decides about themselves: {what}")
        unread = ask.private or PRIVACY[step.channel]
        book.must(unread, f"L3: {what} {about or ''} is decided over a channel that is read")
        deaf = _coordinators(book) - {m.to for m in step.changes.messages}
        book.must(not deaf, f"L5: {sorted(deaf)} never hear of {what} {about or ''}")
        _nothing_is_asked_any_more(book, ask)
        if what == "export":
            _roster_goes_to_one(book, step, ask)


def _grave(book: Book, step: Step) -> Iterator[tuple[str, PersonId | None]]:
    """All that happened in this step and takes two."""
    for id, before in book.desk.before.items():
        now = book.world.person(id)
        what = _grave_change(before, now) if now is not None else None
        if what is not None and not (what == "remove" and step.by == id):
            yield what, id
    if any(line.verb == "shift.export" for line in step.changes.audit):
        yield "export", None


def _grave_change(before: Person, now: Person) -> str | None:
    had, has = before.has(Role.COORDINATOR), now.has(Role.COORDINATOR)
    if now.removed and not before.removed:
        return "remove"
    if had and now.granted is Level.BLOCKED is not before.granted:
        return "block"
    if had != has:
        return "coordinator" if has else "no-coordinator"
    return None


def _roster_goes_to_one(book: Book, step: Step, ask: Ask) -> None:
    for message in step.changes.messages:
        named = set(message.text.split()) & book.names.keys()
        few = message.to == ask.by or len(named) <= 2
        book.must(few, f"L4: {message.to} gets a roster that {ask.by} asked for")


def blocked_lead_nobody(book: Book, step: Step) -> None:
    """Whoever is blocked is no coordinator any more: one alone could give it back with a level."""
    for id in book.desk.before:
        now = book.world.person(id)
        leads = now is not None and now.granted is Level.BLOCKED and now.has(Role.COORDINATOR)
        book.must(not leads, f"L3: {id} is blocked and coordinates")


# --- ending ---------------------------------------------------------------------------------------


def orders_end_heard(book: Book, step: Step) -> None:
    """An order that nobody agreed to ends in half an hour; who asked and who was asked hear so."""
    for ask in tuple(book.desk.asks.values()):
        if _SETTING + ask.id in book.world.settings:
            waits = max(step.at - ask.at, ask.at - step.at) > _LASTS + _SLACK
            late = waits and step.at - book.awake_since > _SLACK and not book.locked
            book.must(not late, f"L5: {ask.what} {ask.about or ''} waits for ever")
            continue
        del book.desk.asks[ask.id]
        _nothing_is_asked_any_more(book, ask)
        if step.pressed not in (Verb.ORDER_NO, ""):
            changed = f"L5: {ask.what} {ask.about or ''} ends, and nothing speaks against it"
            book.must(_means_nothing(book, ask), changed)
            continue
        refused = step.pressed == Verb.ORDER_NO
        right = refused and _coordinates(book, step.by) and step.by != ask.by
        over = abs(step.at - ask.at) >= _LASTS
        book.must(right or over, f"L5: {ask.what} {ask.about or ''} ends by {step.what}")
        concerned = {ask.by, *(p for p in ask.asked if _coordinates(book, p))} - {step.by}
        book.outcomes["order-refused" if refused else "order-void"] += 1
        told = {m.to for m in step.changes.messages}
        deaf = {p for p in concerned if p not in told and not book.gone(p)}
        book.must(not deaf, f"L5: {sorted(deaf)} never hear how {ask.what} ended")


def _means_nothing(book: Book, ask: Ask) -> bool:
    """Whether there is a reason why the order can be carried out no more."""
    about = book.world.person(ask.about) if ask.about else None
    if not _coordinates(book, ask.by):
        return True
    if ask.what == "export":
        return False
    if about is None or about.removed:
        return True
    leads, blocked = about.has(Role.COORDINATOR), about.granted is Level.BLOCKED
    match ask.what:
        case "coordinator":
            return leads or blocked
        case "no-coordinator":
            return not leads
        case _:
            return blocked


def _nothing_is_asked_any_more(book: Book, ask: Ask) -> None:
    for question in book.world.questions.all.values():
        for prompt in question.prompts:
            still = prompt.action.verb in _ANSWERS and prompt.action.arg == ask.id
            book.must(not still, f"L6: {question.person} is asked still for {ask.what}, decided")


STATE: Final = ()
STEP: Final = (
    orders_are_put_before_others,
    two_decide,
    blocked_lead_nobody,
    orders_end_heard,
)
LEAVING: Final = ()
LAST: Final = ()
