"""Other people's shifts in chat: a coordinator sees them, takes one away, swaps two turns.

Rules it keeps
    * A swap keeps the rules of one that two people agree on, but for the asking: both are told,
      and both are told again where it is undone.
    * Whatever is done here is undone with one tap, as long as nobody changed it meanwhile.
    * Whose shift is put there or taken away by somebody else hears of it, and may object.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from typing import Final

from responder.core import shift_words
from responder.core.changes import Action
from responder.core.model import Override, Person, Role, Shift, decode, encode
from responder.core.phrases import say
from responder.core.rosters import openings, swaps, telling, turns
from responder.core.rosters.openings import Refused
from responder.core.rosters.turns import Turn
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat, rostering
from responder.core.talk.conversation import Conversation

VERBS: Final = frozenset({Verb.UNSHIFT, Verb.RESHIFT, Verb.SWAP_OF, Verb.SWAP_FOR, Verb.UNSWAP})
_LISTED: Final = frozenset({Verb.SWAP_OF, Verb.SWAP_FOR})

Rows = tuple[tuple[Offer, ...], ...]


def shifts(talk: Conversation, arg: str) -> None:
    """`/shifts`: one's own; `/shifts Heron`, for a coordinator: those of that member."""
    other = talk.world.by_call_sign(arg) if arg else None
    if other is not None and talk.person.has(Role.COORDINATOR):
        _show(talk, other)
    else:
        rostering.shifts(talk, arg)


def press(talk: Conversation, action: Action) -> None:
    """Do what a press about somebody's shifts means."""
    if action.verb == Verb.UNSHIFT:
        _take_away(talk, action.arg)
    elif action.verb == Verb.RESHIFT:
        _put_back(talk, decode(action.arg.encode(), Shift))
    elif not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif action.verb == Verb.SWAP_OF:
        _offer_swaps(talk, turns.read(action.arg))
    elif action.verb == Verb.SWAP_FOR:
        mine, _, theirs = action.arg.partition(";")
        _swap(talk, turns.read(mine), turns.read(theirs))
    else:
        _unswap(talk, frozenset(action.arg.split(";")))


def _send(talk: Conversation, text: str, rows: Rows = ()) -> None:
    notice = say(talk.person.language, "roster.notice")
    talk.reply(Reply(text=text, notice=notice, rows=rows, sealed=True))


def _say(talk: Conversation, key: str, rows: Rows = (), **params: object) -> None:
    _send(talk, say(talk.person.language, key, **params), rows)


def _offer(talk: Conversation, key: str, verb: Verb, arg: str, **params: object) -> Offer:
    label = say(talk.person.language, key, **params)
    return Offer(label=label, action=Action(verb=verb, arg=arg))


def _when(talk: Conversation, turn: Turn) -> str:
    return turns.shown(talk.world, talk.person.language, turn.place, turn.start, turn.end)


# --- what somebody has ----------------------------------------------------------------------------


def _show(talk: Conversation, other: Person) -> None:
    """Their shifts, each to take away, and their next turns, each to swap."""
    language, world = talk.person.language, talk.world
    older = world.questions.of(talk.person.id)
    talk.desk.asking.close_where(older, lambda p: p.action.verb in _LISTED)
    theirs = [
        s
        for s in world.shifts()
        if s.person == other.id and s.neighbourhood in world.neighbourhoods
    ]
    ahead = turns.ahead(world, other.id, talk.desk.at)
    lines = [say(language, "turning.shifts", call_sign=other.call_sign, number=len(theirs))]
    rows: list[tuple[Offer, ...]] = []
    for number, shift in enumerate(theirs, 1):
        place = world.neighbourhoods[shift.neighbourhood].name
        when = shift_words.shown(shift, talk.person.language)
        line = say(language, "turning.line", number=number, when=when, place=place)
        lines.append(line)
        rows.append((_offer(talk, "turning.button.away", Verb.UNSHIFT, shift.id, number=number),))
    if ahead:
        lines.append(say(language, "turning.ahead"))
    for number, turn in enumerate(ahead, len(theirs) + 1):
        lines.append(say(language, "roster.shifts.line", number=number, when=_when(talk, turn)))
        swap = _offer(talk, "roster.button.swap", Verb.SWAP_OF, turn.written, number=number)
        rows.append((swap,))
    _send(talk, "\n".join(lines), tuple(rows))


# --- taking away, and back ------------------------------------------------------------------------


def _take_away(talk: Conversation, id: str) -> None:
    shift = talk.world.shift(id)
    mine = shift is not None and shift.person == talk.person.id
    if shift is None or not (mine or talk.person.has(Role.COORDINATOR)):
        _say(talk, "roster.refused.taken")
        return
    talk.desk.delete(shift)
    talk.desk.audit("shift.remove", shift.person, talk.person.id)
    back = _offer(talk, "roster.button.undo", Verb.RESHIFT, encode(shift).decode())
    text = say(talk.person.language, "roster.unput")
    _send(talk, rostering.with_word(talk, text, shift, put=False), ((back,),))


def _put_back(talk: Conversation, shift: Shift) -> None:
    world = talk.world
    mine = shift.person == talk.person.id and talk.person.member
    owner = world.person(shift.person)
    placeless = shift.neighbourhood not in world.neighbourhoods
    may = mine or talk.person.has(Role.COORDINATOR)
    if owner is None or not owner.member or placeless or world.shift(shift.id) or not may:
        _say(talk, "roster.refused.taken")
        return
    talk.desk.put(shift)
    talk.desk.audit("shift.add", shift.person, talk.person.id)
    undo = _offer(talk, "roster.button.undo", Verb.UNSHIFT, shift.id)
    when, place = telling.described(world, shift, talk.person.language)
    text = say(
        talk.person.language, "roster.put", call_sign=owner.call_sign, when=when, place=place
    )
    _send(talk, rostering.with_word(talk, text, shift, put=True), ((undo,),))


# --- swapping for others --------------------------------------------------------------------------


def _offer_swaps(talk: Conversation, turn: Turn) -> None:
    found = swaps.possible(talk.world, turn, talk.desk.at)
    language, when = talk.person.language, _when(talk, turn)
    if not found:
        _say(talk, "roster.swap.none", when=when)
        return
    lines = [say(language, "turning.swap.which", when=when)]
    rows = []
    for number, other in enumerate(found, 1):
        (person,) = talk.world.people([other.person])
        line = say(
            language,
            "roster.swap.line",
            number=number,
            call_sign=person.call_sign,
            when=_when(talk, other),
        )
        lines.append(line)
        arg = f"{turn.written};{other.written}"
        rows.append((_offer(talk, "turning.button.swap-for", Verb.SWAP_FOR, arg, number=number),))
    _send(talk, "\n".join(lines), tuple(rows))


def _swap(talk: Conversation, mine: Turn, theirs: Turn) -> None:
    made = swaps.swapped(talk.desk, mine, theirs, by=talk.person.id)
    if isinstance(made, Refused):
        _say(talk, f"roster.refused.{made}")
        return
    ids = ";".join(one.id for one in made)
    undo = _offer(talk, "roster.button.undo", Verb.UNSWAP, ids)
    _say(talk, "turning.swapped", ((undo,),))


def _unswap(talk: Conversation, ids: frozenset[str]) -> None:
    """Both have their own turns again, unless the first of the two has begun."""
    world, at = talk.world, talk.desk.at
    made: list[Override] = [o for o in world.overrides() if o.id in ids]
    if len(made) != len(ids) or any(o.start <= at for o in made):
        _say(talk, "roster.refused.taken")
        return
    for override in made:
        talk.desk.delete(override)
    both = world.people(sorted({o.person for o in made}))
    talk.desk.audit("shift.unswap", made[0].person, talk.person.id)
    for person in both:
        openings.tell(talk.desk, person, say(person.language, "turning.unswapped"))
    _say(talk, "turning.undone")
