"""Rosters in chat: one's own shifts, giving away, swapping, taking over, how much is covered.

Rules it keeps
    * Neighbourhoods, times and call signs are for private channels; elsewhere stand counts and
      buttons with numbers.
    * A members' command from anybody else gets the same answer as any other.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from msgspec.structs import replace

from responder.core import shift_words
from responder.core.changes import Action
from responder.core.model import Neighbourhood, Person, PersonId, Place, Role, Shift
from responder.core.phrases import say
from responder.core.roster import RosterFault
from responder.core.rosters import coverage as coverage_of
from responder.core.rosters import openings, overlaps, swaps, telling, turns
from responder.core.rosters.coverage import Coverage, Stretch
from responder.core.rosters.openings import Opening, Refused
from responder.core.rosters.turns import Turn
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation

VERBS: Final = frozenset(
    {
        Verb.TAKE,
        Verb.KEEP,
        Verb.GIVE,
        Verb.SWAP,
        Verb.SWAP_WITH,
        Verb.SWAP_YES,
        Verb.SWAP_NO,
    }
)
_LISTED: Final = frozenset({Verb.TAKE, Verb.GIVE, Verb.SWAP, Verb.SWAP_WITH})
_PLACED: Final = re.compile(r"(.+) (?:in|en) ([^,;.!?]{2,40})", re.IGNORECASE)
_DAYS: Final = 7
_MOST_OPEN: Final = 4


def press(talk: Conversation, action: Action) -> None:
    """Do what a press about the roster means."""
    match action.verb:
        case Verb.TAKE:
            _take(talk, action.arg)
        case Verb.KEEP:
            refused = openings.keep(talk.desk, talk.person.id, action.arg)
            _tell(talk, f"refused.{refused}" if refused else "kept")
        case Verb.GIVE:
            _give(talk, turns.read(action.arg))
        case Verb.SWAP:
            _swaps(talk, turns.read(action.arg))
        case Verb.SWAP_WITH:
            mine, _, theirs = action.arg.partition(";")
            refused = swaps.propose(talk.desk, turns.read(mine), turns.read(theirs))
            _tell(talk, f"refused.{refused}" if refused else "swap.asked")
        case _:
            agreed = action.verb == Verb.SWAP_YES
            refused = swaps.answer(talk.desk, talk.person.id, action.arg, agreed=agreed)
            if refused or not agreed:
                _tell(talk, f"refused.{refused}" if refused else "swap.declined")


def _tell(
    talk: Conversation,
    key: str,
    rows: tuple[tuple[Offer, ...], ...] = (),
    notice: str = "",
    **params: object,
) -> None:
    language = talk.person.language
    text = say(language, f"roster.{key}", **params)
    notice = notice or say(language, "roster.notice")
    talk.reply(Reply(text=text, notice=notice, rows=rows, sealed=True))


def _offer(talk: Conversation, verb: Verb, arg: str, words: str, **params: object) -> Offer:
    label = say(talk.person.language, f"roster.button.{words}", **params)
    return Offer(label=label, action=Action(verb=verb, arg=arg))


def _shown(talk: Conversation, turn: Turn | Opening) -> str:
    return turns.shown(talk.world, talk.person.language, turn.place, turn.start, turn.end)


def dropped_out(talk: Conversation) -> None:
    """Somebody went off call: where that leaves a gap, others are asked at once."""
    openings.look(talk.desk, talk.person.neighbourhoods)


# --- one's own shifts -----------------------------------------------------------------------------


def shifts(talk: Conversation, arg: str) -> None:
    """`/shifts`: the next times on call, with what can be done with them, and what is open.

    With words it puts one there: "every fri 18-22"; a coordinator may say a call sign first.
    """
    person, world, at = talk.person, talk.world, talk.desk.at
    if not set(person.roles) or not person.member:
        talk.say(chat.not_member_reply)
        return
    if arg:
        _put(talk, arg)
        return
    _close_lists(talk)
    mine = turns.ahead(world, person.id, at)
    free = [o for o in openings.all_of(world) if _could(talk, o)][:_MOST_OPEN]
    language = person.language
    lines = [say(language, "roster.shifts" if mine else "roster.shifts.none")]
    rows: list[tuple[Offer, ...]] = []
    for number, turn in enumerate(mine, 1):
        lines.append(_line(talk, number, turn))
        rows.append(
            (
                _offer(talk, Verb.GIVE, turn.written, "give", number=number),
                _offer(talk, Verb.SWAP, turn.written, "swap", number=number),
            )
        )
    if free:
        lines += ["", say(language, "roster.shifts.open")]
    for number, opening in enumerate(free, len(mine) + 1):
        lines.append(_line(talk, number, opening))
        rows.append((_offer(talk, Verb.TAKE, opening.id, "take-n", number=number),))
    notice = say(language, "roster.notice")
    talk.reply(Reply(text="\n".join(lines), notice=notice, rows=tuple(rows), sealed=True))


def _put(talk: Conversation, text: str) -> None:
    """Write a shift for oneself, or as a coordinator for the member who is named first."""
    world, person = talk.world, talk.person
    if person.has(Role.COORDINATOR):
        named = [m for m in world.members() if _begins(text, m.call_sign)]
        if named:
            person = max(named, key=lambda m: len(m.call_sign))
            text = text[len(person.call_sign) :].strip()
    words, where = _where(talk, person, text)
    if where is None:
        _tell(talk, "put.where")
        return
    today = world.today(where.id, talk.desk.at)
    try:
        shift = shift_words.parse(
            words, id=talk.desk.ids.next(), person=person.id, neighbourhood=where.id, today=today
        )
    except RosterFault:
        _unread(talk, words, today)
        return
    known = any(replace(shift, id=other.id) == other for other in world.shifts())
    if known or (shift.on is not None and not shift.rule and shift.on < today):
        _tell(talk, "put.known" if known else "put.past")
        return
    twice = list(_twice(talk, shift))
    talk.desk.put(shift)
    talk.desk.audit("shift.add", person.id, talk.person.id)
    undo = _offer(talk, Verb.UNSHIFT, shift.id, "undo")
    language = talk.person.language
    when = shift_words.shown(shift, language)
    text = say(language, "roster.put", call_sign=person.call_sign, when=when, place=where.name)
    text = "\n".join((with_word(talk, text, shift, put=True), *twice))
    notice = say(language, "roster.notice")
    talk.reply(Reply(text=text, notice=notice, rows=((undo,),), sealed=True))


def _twice(talk: Conversation, shift: Shift) -> Iterator[str]:
    """A line for each shift that its owner has at the same time already."""
    language = talk.person.language
    for other, day in overlaps.of(talk.world, shift, talk.desk.at):
        when, place = telling.described(talk.world, other, language)
        yield say(language, "roster.put.twice", when=when, place=place, day=day)


def with_word(talk: Conversation, text: str, shift: Shift, *, put: bool) -> str:
    """Tell the owner of a shift what a coordinator did to it, and say so below that text."""
    owner = talk.world.person(shift.person)
    if owner is None or owner.id == talk.person.id:
        return text
    told = (telling.put if put else telling.gone)(talk.desk, shift, talk.person)
    key = "roster.owner.told" if told else "roster.owner.untold"
    return f"{text}\n{say(talk.person.language, key, call_sign=owner.call_sign)}"


def _unread(talk: Conversation, text: str, today: date) -> None:
    """Say what is wrong with words that are no shift: the neighbourhood, the call sign, or all."""
    where = _PLACED.fullmatch(text)
    if where is not None and _reads(where[1], today):
        places = ", ".join(place.name for place in talk.world.neighbourhoods.values())
        _tell(talk, "put.no-place", name=where[2], places=places)
        return
    name, _, rest = text.partition(" ")
    if talk.person.has(Role.COORDINATOR) and _reads(rest, today):
        signs = {p.call_sign.casefold(): p.call_sign for p in talk.world.members()}
        near = get_close_matches(name.casefold(), signs, n=1, cutoff=0.6)
        key = "put.nobody.near" if near else "put.nobody"
        _tell(talk, key, name=name, near=signs[near[0]] if near else "")
        return
    _tell(talk, "put.bad")


def _reads(text: str, today: date) -> bool:
    """Whether these words are a shift by themselves."""
    try:
        shift_words.parse(text, id="", person=PersonId(""), neighbourhood=Place(""), today=today)
    except RosterFault:
        return False
    return True


def _begins(text: str, call_sign: str) -> bool:
    return f"{text} ".casefold().startswith(f"{call_sign} ".casefold())


def _where(talk: Conversation, person: Person, text: str) -> tuple[str, Neighbourhood | None]:
    """The words without the neighbourhood that stands last in them, and which one is meant."""
    for place in talk.world.neighbourhoods.values():
        for name in (place.name, place.id, *place.aliases):
            for word in ("in", "en"):
                end = f" {word} {name}"
                if text.casefold().endswith(end.casefold()):
                    return text[: -len(end)], place
    own = coverage_of.served(talk.world, person)
    return text, own[0] if len(own) == 1 else None


def _line(talk: Conversation, number: int, turn: Turn | Opening) -> str:
    when = _shown(talk, turn)
    return say(talk.person.language, "roster.shifts.line", number=number, when=when)


def _could(talk: Conversation, opening: Opening) -> bool:
    start = max(opening.start, talk.desk.at)
    if opening.giver == talk.person.id or opening.end <= start:
        return False
    could = openings.candidates(talk.world, opening.place, start, opening.end, opening.lacking)
    return any(p.id == talk.person.id for p in could)


def _close_lists(talk: Conversation) -> None:
    """The buttons of an older list go, so that their numbers are free again."""
    mine = talk.world.questions.of(talk.person.id)
    talk.desk.asking.close_where(mine, lambda p: p.action.verb in _LISTED)


def _take(talk: Conversation, id: str) -> None:
    taken = openings.take(talk.desk, talk.person, id)
    if isinstance(taken, Refused):
        _tell(talk, f"refused.{taken}")
        return
    back = _offer(talk, Verb.GIVE, taken.written, "back")
    _tell(talk, "taken", ((back,),), when=_shown(talk, taken))


def _give(talk: Conversation, turn: Turn) -> None:
    given = openings.give(talk.desk, turn)
    if isinstance(given, Refused):
        _tell(talk, f"refused.{given}")
        return
    opening, asked = given
    rows = ((_offer(talk, Verb.KEEP, opening.id, "keep"),),)
    key = "gave" if asked else "gave.nobody"
    _tell(talk, key, rows, when=_shown(talk, turn), asked=asked)


def _swaps(talk: Conversation, turn: Turn) -> None:
    found = swaps.possible(talk.world, turn, talk.desk.at)
    when = _shown(talk, turn)
    if not found:
        _tell(talk, "swap.none", when=when)
        return
    language = talk.person.language
    lines = [say(language, "roster.swap.which", when=when)]
    rows: list[tuple[Offer, ...]] = []
    for number, other in enumerate(found, 1):
        names = talk.world.people([other.person])
        lines.append(
            say(
                language,
                "roster.swap.line",
                number=number,
                call_sign=names[0].call_sign,
                when=_shown(talk, other),
            )
        )
        arg = f"{turn.written};{other.written}"
        rows.append((_offer(talk, Verb.SWAP_WITH, arg, "swap-with", number=number),))
    notice = say(language, "roster.notice")
    talk.reply(Reply(text="\n".join(lines), notice=notice, rows=tuple(rows), sealed=True))


# --- coverage -------------------------------------------------------------------------------------


def coverage(talk: Conversation, _: str) -> None:
    """`/coverage`: hours without anybody, with one alone, and the gaps; elsewhere only counts."""
    person, at = talk.person, talk.desk.at
    if not person.member:
        talk.say(chat.not_member_reply)
        return
    seen, language = Coverage(talk.world), person.language
    end = at + timedelta(days=_DAYS)
    lines = [say(language, "roster.coverage", days=_DAYS)]
    sums = [0.0, 0.0, 0.0]
    gaps = 0
    for place in talk.world.neighbourhoods.values():
        hours = _hours(seen.stretches(place.id, at, end))
        sums = [one + other for one, other in zip(sums, hours, strict=True)]
        empty, alone, covered = map(round, hours)
        lines.append(
            say(
                language,
                "roster.coverage.place",
                place=place.name,
                empty=empty,
                alone=alone,
                covered=covered,
            )
        )
        for gap in seen.gaps(place.id, at, end):
            gaps += 1
            when = turns.shown(talk.world, language, gap.place, gap.start, gap.end)
            lines.append("  " + say(language, "roster.coverage.gap", when=when))
    tired = [p.call_sign for p in seen.over_limit(at)]
    if tired and person.has(Role.COORDINATOR):
        lines.append(say(language, "roster.coverage.limit", names=", ".join(tired)))
    counts = say(
        language, "roster.coverage.counts", empty=round(sums[0]), alone=round(sums[1]), gaps=gaps
    )
    talk.reply(Reply(text="\n".join(lines), notice=counts, sealed=True))


def _hours(stretches: Sequence[Stretch]) -> list[float]:
    """Hours with nobody, with one person alone, with more."""
    sums = [0.0, 0.0, 0.0]
    for one in stretches:
        sums[min(len(one.people), 2)] += (one.end - one.start) / timedelta(hours=1)
    return sums
