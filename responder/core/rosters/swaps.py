"""Two people swap their turns: one proposes, the other agrees; or a coordinator does it for them.

Rules it keeps
    * Nothing changes before both have said yes, and then all of it or nothing.
    * Each must be able to take the other's turn; turns that overlap are no swap.
    * Saying no needs no reason and leaves no trace.

What it must not know
    Storage, the clock, what people write.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.model import Override, Person, PersonId, Record, decode, encode
from responder.core.phrases import say
from responder.core.rosters import openings, turns
from responder.core.rosters.openings import Refused
from responder.core.rosters.turns import Turn
from responder.core.spoken import Offer, Verb
from responder.core.world import World

_NAME: Final = "swap:"
_MOST: Final = 6


class Swap(Record):
    """What one proposes: `mine` for `theirs`."""

    id: str
    mine: Turn
    theirs: Turn


def possible(world: World, mine: Turn, at: datetime) -> tuple[Turn, ...]:
    """Turns of others in that neighbourhood for which this one could be swapped."""
    start = max(mine.start, at)
    if not turns.holds(world, mine, at):
        return ()
    found = []
    for other in openings.candidates(world, mine.place, start, mine.end):
        theirs = turns.ahead(world, other.id, at, most=3)
        found += [t for t in theirs if _fits(world, mine, t, at) is None]
    return tuple(sorted(found, key=lambda t: (t.start, t.person)))[:_MOST]


def _fits(world: World, mine: Turn, theirs: Turn, at: datetime) -> Refused | None:
    """Why these two cannot be swapped."""
    if not (turns.holds(world, mine, at) and turns.holds(world, theirs, at)):
        return Refused.TAKEN
    if mine.start < theirs.end and theirs.start < mine.end:
        return Refused.YOURS
    for turn, taker in ((mine, theirs.person), (theirs, mine.person)):
        could = openings.candidates(world, turn.place, max(turn.start, at), turn.end)
        if all(p.id != taker for p in could) or _on_call_meanwhile(world, taker, turn, at):
            return Refused.NOT_NOW
    return None


def _on_call_meanwhile(world: World, person: PersonId, turn: Turn, at: datetime) -> bool:
    """Whether this person has a turn during part of that one: two would become one unnoticed."""
    spans = world.on_call_spans(turn.place, max(turn.start, at), turn.end)
    return any(person in people for _, _, people in spans)


def propose(desk: Desk, mine: Turn, theirs: Turn) -> Refused | None:
    """Ask the other whether they swap."""
    world = desk.world
    refused = _fits(world, mine, theirs, desk.at)
    other, me = world.person(theirs.person), world.person(mine.person)
    if refused is not None or other is None or me is None:
        return refused or Refused.TAKEN
    swap = Swap(id=desk.ids.next(), mine=mine, theirs=theirs)
    desk.put(Setting(name=_NAME + swap.id, value=encode(swap).decode()))
    rows = tuple(
        Offer(
            label=say(other.language, f"roster.button.{verb}"),
            action=Action(verb=verb, arg=swap.id),
        )
        for verb in (Verb.SWAP_YES, Verb.SWAP_NO)
    )
    text = say(
        other.language,
        "roster.ask.swap",
        call_sign=me.call_sign,
        theirs=_shown(world, other, mine),
        yours=_shown(world, other, theirs),
    )
    openings.tell(desk, other, text, (rows,))
    return None


def answer(desk: Desk, person: PersonId, id: str, *, agreed: bool) -> Refused | None:
    """The other agrees, or does not; None where it is settled that way."""
    value = desk.world.settings.get(_NAME + id)
    swap = decode(value.encode(), Swap) if value else None
    if swap is None or swap.theirs.person != person:
        return Refused.TAKEN
    desk.delete(Setting(name=_NAME + id, value=""))
    asker = desk.world.person(swap.mine.person)
    refused = _fits(desk.world, swap.mine, swap.theirs, desk.at) if agreed else None
    if agreed and refused is None:
        swapped(desk, swap.mine, swap.theirs, by=person)
    elif asker is not None and asker.member:
        openings.tell(desk, asker, say(asker.language, "roster.swap.no"))
    return refused


def swapped(
    desk: Desk, mine: Turn, theirs: Turn, *, by: PersonId | None
) -> tuple[Override, ...] | Refused:
    """Swap two turns now, and tell both and the coordinators; the four exceptions it took."""
    world = desk.world
    refused = _fits(world, mine, theirs, desk.at)
    if refused is not None:
        return refused
    made = tuple(
        turns.exception(desk, Turn(person=who, place=t.place, start=t.start, end=t.end),
                        available=who != t.person)
        for t in (mine, theirs)
        for who in (mine.person, theirs.person)
    )  # fmt: skip
    desk.audit("shift.swap", mine.person, by)
    both = {mine.person: theirs, theirs.person: mine}
    for id, turn in both.items():
        person = world.person(id)
        if person is not None:
            when = _shown(world, person, turn)
            key = "roster.swap.done" if by in both else "roster.swap.done-for-you"
            openings.tell(desk, person, say(person.language, key, when=when))
    for coordinator in openings.coordinators(world):
        if coordinator.id not in both:
            names = [p.call_sign for p in world.people([mine.person, theirs.person])]
            text = say(coordinator.language, "roster.told.swap", one=names[0], other=names[-1])
            openings.tell(desk, coordinator, text)
    return made


def sweep(desk: Desk) -> None:
    """Proposals whose time has come are over."""
    for name, value in tuple(desk.world.settings.items()):
        if name.startswith(_NAME):
            swap = decode(value.encode(), Swap)
            if min(swap.mine.start, swap.theirs.start) <= desk.at:
                desk.delete(Setting(name=name, value=""))


def _shown(world: World, reader: Person, turn: Turn) -> str:
    return turns.shown(world, reader.language, turn.place, turn.start, turn.end)
