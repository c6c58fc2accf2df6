"""Word to members whose times on call somebody else has changed: what, by whom, how to object.

Rules it keeps
    * Whoever is put on call, or taken off it, by somebody else hears of it, in their own language.
    * A shift is objected to with one tap, and no reason is asked; an exception with a command.
    * Who has no channel yet is told nothing, and whoever made the change hears that.

What it must not know
    Storage, the clock, who may change what.
"""

from __future__ import annotations

from collections.abc import Sequence

from responder.core import shift_words
from responder.core.changes import Action
from responder.core.desk import Desk
from responder.core.model import Override, Person, PersonId, Place, Shift, encode
from responder.core.phrases import say
from responder.core.rosters import openings, turns
from responder.core.spoken import Offer, Verb
from responder.core.world import World

_MOST_LINES = 12


def put(desk: Desk, shift: Shift, by: Person | None) -> bool:
    """Tell the owner of a shift that it is theirs now; True if they are told.

    `by` is who did it, None at the machine; who does it to themselves hears nothing of it.
    """
    owner = _hearer(desk.world, shift.person, by)
    if owner is None:
        return False
    no = _offer(owner, "not-for-me", Verb.NOT_FOR_ME, shift.id)
    openings.tell(desk, owner, _changed(desk.world, owner, "put", shift, by), ((no,),))
    return True


def gone(desk: Desk, shift: Shift, by: Person | None) -> bool:
    """Tell the owner of a shift that it was taken away, and offer to keep it; as `put`."""
    desk.asking.close_where(
        desk.world.questions.of(shift.person),
        lambda p: p.action.verb == Verb.NOT_FOR_ME and p.action.arg == shift.id,
    )
    owner = _hearer(desk.world, shift.person, by)
    if owner is None:
        return False
    keep = _offer(owner, "keep-shift", Verb.KEEP_SHIFT, encode(shift).decode())
    openings.tell(desk, owner, _changed(desk.world, owner, "away", shift, by), ((keep,),))
    return True


def many(desk: Desk, owner: PersonId, shifts: Sequence[Shift]) -> bool:
    """Tell somebody of all the shifts that the machine put there at once; as `put`."""
    person = _hearer(desk.world, owner, None)
    if person is None:
        return False
    lines = [
        say(person.language, "roster.told.line", when=when, place=place)
        for when, place in (described(desk.world, s, person.language) for s in shifts[:_MOST_LINES])
    ]
    if len(shifts) > _MOST_LINES:
        lines.append(say(person.language, "roster.told.more", number=len(shifts) - _MOST_LINES))
    text = say(person.language, "roster.told.many", by=_by(person, None), lines="\n".join(lines))
    openings.tell(desk, person, text)
    return True


def exception(desk: Desk, made: Override, *, over: bool = False) -> bool:
    """Tell somebody of an exception that the machine made, or with `over` took back; as `put`."""
    person = _hearer(desk.world, made.person, None)
    if person is None:
        return False
    key = "exception-over" if over else "on" if made.available else "off"
    text = say(
        person.language,
        f"roster.told.{key}",
        by=_by(person, None),
        when=_span(desk.world, person, made),
    )
    openings.tell(desk, person, text)
    return True


def objected(desk: Desk, shift: Shift, owner: Person, *, kept: bool) -> None:
    """Tell the coordinators that the owner of a shift undid what was done to it."""
    key = "kept-shift" if kept else "objected"
    for reader in openings.coordinators(desk.world):
        if reader.id != owner.id:
            when, place = described(desk.world, shift, reader.language)
            text = say(
                reader.language,
                f"roster.told.{key}",
                call_sign=owner.call_sign,
                when=when,
                place=place,
            )
            openings.tell(desk, reader, text)


def described(world: World, shift: Shift, language: str) -> tuple[str, str]:
    """When a shift comes, in words of that language, and the name of its neighbourhood."""
    place = world.neighbourhoods.get(shift.neighbourhood)
    return shift_words.shown(shift, language), place.name if place else shift.neighbourhood


def _hearer(world: World, id: PersonId, by: Person | None) -> Person | None:
    person = world.person(id)
    if person is None or not person.member or not person.addresses:
        return None
    return None if by is not None and by.id == id else person


def _changed(world: World, owner: Person, key: str, shift: Shift, by: Person | None) -> str:
    when, place = described(world, shift, owner.language)
    return say(owner.language, f"roster.told.{key}", by=_by(owner, by), when=when, place=place)


def _by(reader: Person, by: Person | None) -> str:
    return by.call_sign if by else say(reader.language, "roster.a-coordinator")


def _offer(reader: Person, words: str, verb: Verb, arg: str) -> Offer:
    label = say(reader.language, f"roster.button.{words}")
    return Offer(label=label, action=Action(verb=verb, arg=arg))


def _span(world: World, person: Person, made: Override) -> str:
    """An exception's time; without a place it holds in all of the person's neighbourhoods."""
    places = (made.neighbourhood, *person.neighbourhoods, *world.neighbourhoods)
    place = next(Place(p) for p in places if p in world.neighbourhoods)
    return turns.shown(world, person.language, place, made.start, made.end)
