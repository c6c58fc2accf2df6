"""L3 and L5, what one coordinator does alone: only those who may, undone exactly, others hear."""

from __future__ import annotations

from typing import Final

from responder.core.changes import Question
from responder.core.model import Level, Override, Person, PersonId, Role, Shift
from responder.core.spoken import Verb
from responder.simulation.laws.book import Book, Step
from responder.simulation.laws.ledgers import Fact, Undo, level_of

_UNDO: Final = frozenset(
    {Verb.UNTRUST, Verb.UNVOUCH, Verb.STAND_FOR, Verb.UNSHIFT, Verb.RESHIFT, Verb.UNSWAP}
)


def only_who_may(book: Book, step: Step) -> None:
    """Levels and others' shifts are for coordinators, a vouch for its giver; never one's own."""
    if step.kind != "hear" or step.by is None:
        return
    leads = _leads(book.was(step.by))
    for fact, (before, now) in book.desk.moved.items():
        match fact:
            case ("level", about):
                right = leads and about != step.by
                book.must(right, f"L3: {step.by} sets the level of {about}")
                others = {p.id for p in book.reckoning.everybody.values() if _leads(p)}
                deaf = others - {step.by, about} - {m.to for m in step.changes.messages}
                book.must(not deaf, f"L5: {sorted(deaf)} never hear of the level of {about}")
            case ("vouch", about, by):
                own = by == step.by != about
                book.must(own, f"L3: {step.by} moves the word of {by} for {about}")
            case ("shift", _):
                shift = now or before
                own = isinstance(shift, Shift) and shift.person == step.by
                book.must(own or leads, f"L3: {step.by} moves a shift of somebody else")
            case _:
                pass


def _leads(who: Person | None) -> bool:
    return who is not None and who.has(Role.COORDINATOR) and who.granted is not Level.BLOCKED


def undone_exactly(book: Book, step: Step) -> None:
    """One tap gives back just what was; where anybody changed it meanwhile, nothing moves."""
    undo = book.desk.undos.get(step.token) if step.sure else None
    if undo is None or step.by != undo.by or step.pressed not in _UNDO:
        return
    del book.desk.undos[step.token]
    moved = book.desk.moved
    intact = all(_before(book, fact) == now for fact, (_, now) in undo.moved.items())
    if not intact:
        wrong = [f for f in undo.moved if f in moved]
        book.must(not wrong, f"L3: {step.by} undid {wrong}, which was changed meanwhile")
        return
    book.outcomes["undone"] += 1
    for fact, (before, _) in undo.moved.items():
        done = moved[fact][1] == before if fact in moved else False
        book.must(
            done or _forbidden(book, step, undo, fact), f"L3: {step.by} undid {fact} and it stays"
        )


def _before(book: Book, fact: Fact) -> object:
    """What this was right before this step."""
    if fact in book.desk.moved:
        return book.desk.moved[fact][0]
    if fact[0] in ("shift", "override"):
        return book.desk.turns.get((fact[0], fact[1]))
    who = book.world.person(PersonId(fact[1]))
    if who is None:
        return None
    if fact[0] == "level":
        return level_of(who)
    return any(v.by == fact[2] for v in who.vouches) or None


def _forbidden(book: Book, step: Step, undo: Undo, fact: Fact) -> bool:
    """Whether there is a reason why this cannot be given back."""
    me, locked = book.was(undo.by), book.locked
    if me is None or locked or me.removed or me.granted is Level.BLOCKED:
        return True
    before, now = undo.moved[fact]
    match fact[0]:
        case "level":
            about = book.was(PersonId(fact[1]))
            # To block a coordinator takes two, also where it would be an undoing.
            lifted = isinstance(before, tuple) and before[0] is Level.BLOCKED and _leads(about)
            return not _leads(me) or lifted or about is None or about.removed
        case "vouch":
            about = book.was(PersonId(fact[1]))
            weak = book.reckoning.level(me.id) is not Level.TRUSTED
            return about is None or about.removed or (before is not None and weak)
        case "shift":
            shift = before or now
            own = isinstance(shift, Shift) and shift.person == me.id
            owner = book.was(shift.person) if isinstance(shift, Shift) else None
            return not (own or _leads(me)) or owner is None or owner.removed
        case _:
            made = [one for _, one in undo.moved.values() if isinstance(one, Override)]
            return not _leads(me) or any(one.start <= step.at for one in made)


def note_what_can_be_undone(book: Book, step: Step) -> None:
    """An undoing is offered in the very step that changed something."""
    if step.kind != "hear" or step.by is None or not book.desk.moved:
        return
    for record in step.changes.puts.values():
        if isinstance(record, Question) and record.person == step.by:
            for prompt in record.prompts:
                if prompt.action.verb in _UNDO:
                    book.desk.undos[prompt.token] = Undo(step.by, dict(book.desk.moved))


STATE: Final = ()
STEP: Final = (only_who_may, undone_exactly, note_what_can_be_undone)
LEAVING: Final = ()
LAST: Final = ()
