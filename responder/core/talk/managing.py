"""Members in chat, as coordinators look after them: the list, one of them, trust, blocks, vouches.

Rules it keeps
    * Call signs, neighbourhoods and levels are for private channels, or sealed; where others read
      along stand buttons with numbers.
    * What one coordinator may do alone can be undone with one tap, as long as nobody changed it
      meanwhile, and the other coordinators hear of it. What is grave goes to `orders`.
    * Nobody changes their own standing.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from typing import Final

from responder.core import membership, roster
from responder.core.changes import Action
from responder.core.model import Level, Person, PersonId, Role
from responder.core.phrases import say
from responder.core.rosters.coverage import zone_of
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat, orders
from responder.core.talk.commands import fold, listed
from responder.core.talk.conversation import Conversation
from responder.core.talk.orders import What

VERBS: Final = frozenset(
    {
        Verb.MEMBERS,
        Verb.MEMBER,
        Verb.TRUST,
        Verb.BLOCK,
        Verb.STAND_FOR,
        Verb.UNVOUCH,
        Verb.UNTRUST,
        Verb.UNCODE,
    }
)
_A_PAGE: Final = 8
_GIVEN: Final = (Level.TRUSTED, Level.KNOWN, Level.UNKNOWN)
"""The levels that can be given by hand; a block is its own thing."""

Rows = tuple[tuple[Offer, ...], ...]


# --- commands -------------------------------------------------------------------------------------


def members(talk: Conversation, arg: str) -> None:
    """`/members`: all of them, with a button each; `/members Heron`: that one."""
    found = talk.world.by_call_sign(arg) if arg else None
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif found is not None:
        _show(talk, found)
    elif arg:
        _tell(talk, "nobody")
    else:
        _list(talk, 0)


def trust(talk: Conversation, arg: str) -> None:
    """`/trust Heron known` gives a level; `/trust Heron` shows who stands for them."""
    call_sign, _, word = arg.strip().rpartition(" ")
    level = _level(word)
    found = talk.world.by_call_sign(call_sign) if level else None
    if found is None or level is None or not talk.person.has(Role.COORDINATOR):
        members(talk, arg.strip())
    else:
        _grant(talk, found, level)


def _level(word: str) -> Level | None:
    """The level that is named, in any language."""
    for level in _GIVEN:
        if fold(word) in listed(f"member.level.{level}"):
            return level
    return None


def press(talk: Conversation, action: Action) -> None:
    """Do what a press about a member means."""
    verb, arg = action.verb, action.arg
    if verb == Verb.UNCODE:
        _uncode(talk, arg)
        return
    person = talk.world.person(PersonId(arg.partition(":")[0]))
    known = person is not None and person.member
    if verb in (Verb.STAND_FOR, Verb.UNVOUCH):
        if person is not None and known:
            _vouch(talk, person, yes=verb == Verb.STAND_FOR)
    elif not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif verb == Verb.MEMBERS:
        _list(talk, int(arg or 0))
    elif person is None or not known:
        _tell(talk, "nobody")
    elif verb == Verb.MEMBER:
        _show(talk, person)
    elif verb == Verb.TRUST:
        _grant(talk, person, Level(arg.partition(":")[2]))
    elif verb == Verb.BLOCK:
        _block(talk, person)
    else:
        _undo(talk, person, arg)


# --- answering ------------------------------------------------------------------------------------


def _tell(talk: Conversation, key: str, rows: Rows = (), **params: object) -> None:
    _send(talk, say(talk.person.language, f"member.{key}", **params), rows)


def _send(talk: Conversation, text: str, rows: Rows = ()) -> None:
    notice = say(talk.person.language, "member.notice")
    talk.reply(Reply(text=text, notice=notice, rows=rows, sealed=True))


def _offer(talk: Conversation, key: str, verb: Verb, arg: str, **params: object) -> Offer:
    label = say(talk.person.language, f"member.button.{key}", **params)
    return Offer(label=label, action=Action(verb=verb, arg=arg))


def _tell_others(talk: Conversation, about: Person, key: str, **params: object) -> None:
    """The other coordinators hear what one of them did about a member."""
    for other in talk.world.members():
        if other.has(Role.COORDINATOR) and other.id not in (talk.person.id, about.id):
            named = {name: _word(other, value) for name, value in params.items()}
            text = say(
                other.language,
                f"member.told.{key}",
                by=talk.person.call_sign,
                call_sign=about.call_sign,
                **named,
            )
            notice = say(other.language, "member.notice")
            talk.desk.reply(other, Reply(text=text, notice=notice, sealed=True), "")


def _word(reader: Person, value: object) -> object:
    return level_word(reader.language, value) if isinstance(value, Level) else value


def level_word(language: str, level: Level) -> str:
    """The level as that language's readers call it."""
    return say(language, f"member.level.{level}").split(",")[0]


# --- the list, and one of them --------------------------------------------------------------------


def _list(talk: Conversation, skip: int) -> None:
    language, world = talk.person.language, talk.world
    close_lists(talk, Verb.MEMBER, Verb.MEMBERS)
    everybody = world.members()
    shown = everybody[skip : skip + _A_PAGE]
    lines = [say(language, "member.list", number=len(everybody))]
    offers = []
    for number, person in enumerate(shown, skip + 1):
        named = talk.unread
        # Where buttons carry names, a number in the list would be taken for an answer's.
        lines.append(_line(talk, person) if named else f"{number}. {_line(talk, person)}")
        label = person.call_sign if named else say(language, "member.button.show", number=number)
        offers.append(Offer(label=label, action=Action(verb=Verb.MEMBER, arg=person.id)))
    rows = [tuple(offers[first : first + 2]) for first in range(0, len(offers), 2)]
    if skip + _A_PAGE < len(everybody):
        rows.append((_offer(talk, "more", Verb.MEMBERS, str(skip + _A_PAGE)),))
    _send(talk, "\n".join(lines), tuple(rows))


def close_lists(talk: Conversation, *verbs: Verb) -> None:
    """The buttons of an older list go, so that their numbers are free again."""
    mine = talk.world.questions.of(talk.person.id)
    talk.desk.asking.close_where(mine, lambda p: p.action.verb in verbs)


def _line(talk: Conversation, person: Person) -> str:
    language, world, at = talk.person.language, talk.world, talk.desk.at
    said = [level_word(language, world.level(person.id))]
    said += [say(language, f"member.role.{role}") for role in person.roles]
    said += _places(talk, person)
    if any(person.id in world.on_call(place, at) for place in world.neighbourhoods):
        said.append(say(language, "member.on_call"))
    return f"{person.call_sign}: {', '.join(said)}"


def _places(talk: Conversation, person: Person) -> list[str]:
    known = (talk.world.neighbourhoods.get(place) for place in person.neighbourhoods)
    return [place.name for place in known if place is not None]


def _show(talk: Conversation, person: Person) -> None:
    world, language = talk.world, talk.person.language
    lines = [_line(talk, person)]
    care = world.cares.get(person.id)
    if care and care.rest_until and care.rest_until > talk.desk.at:
        zone = roster.zone(zone_of(world, talk.person))
        until = chat.clock(language, care.rest_until.astimezone(zone), talk.desk.at)
        lines.append(say(language, "member.rests", until=until))
    if not world.private(person):
        lines.append(say(language, "member.not_private"))
    by = [p.call_sign for p in world.people([v.by for v in person.vouches]) if p.member]
    lines.append(say(language, "member.vouched_by", names=", ".join(by) or "-"))
    theirs = [p.call_sign for p in world.members() if any(v.by == person.id for v in p.vouches)]
    if theirs:
        lines.append(say(language, "member.vouches_for", names=", ".join(theirs)))
    _send(talk, "\n".join(lines), _buttons(talk, person))


def _buttons(talk: Conversation, person: Person) -> Rows:
    coordinates, own = person.has(Role.COORDINATOR), person.id == talk.person.id
    role = What.NO_COORDINATOR if coordinates else What.COORDINATOR
    grave = [_order(talk, person, role)]
    if own:
        return (tuple(grave),)
    blocked = person.granted is Level.BLOCKED
    levels = [
        _offer(talk, f"level.{level}", Verb.TRUST, f"{person.id}:{level}")
        for level in _GIVEN
        if not blocked and level is not person.granted
    ]
    if blocked:
        levels = [_offer(talk, "unblock", Verb.TRUST, f"{person.id}:{Level.UNKNOWN}")]
        grave = []
    elif coordinates:
        grave.append(_order(talk, person, What.BLOCK))
    else:
        levels.append(_offer(talk, "block", Verb.BLOCK, person.id))
    stands = any(v.by == talk.person.id for v in person.vouches)
    word = []
    if stands:
        word = [_offer(talk, "unvouch", Verb.UNVOUCH, person.id)]
    elif not blocked and talk.world.level(talk.person.id) is Level.TRUSTED:
        word = [_offer(talk, "vouch", Verb.STAND_FOR, person.id)]
    grave.append(_order(talk, person, What.REMOVE))
    return tuple(row for row in (tuple(levels), tuple(word), tuple(grave)) if row)


def _order(talk: Conversation, person: Person, what: What) -> Offer:
    return _offer(talk, f"order.{what}", Verb.ORDER, f"{what}:{person.id}")


# --- trust ----------------------------------------------------------------------------------------


def _grant(talk: Conversation, person: Person, level: Level) -> None:
    desk, world = talk.desk, talk.world
    if person.id == talk.person.id:
        _tell(talk, "not_yourself")
        return
    if level is person.granted:
        _tell(talk, "already")
        return
    before = dict(world.levels())
    membership.grant(desk, person, level, talk.person.id)
    verb = "member.unblock" if person.granted is Level.BLOCKED else "member.set"
    desk.audit(verb, person.id, talk.person.id, detail=f"level {level}")
    _tell_others(talk, person, "level", level=level)
    now = level_word(talk.person.language, world.level(person.id))
    rows = ((_offer(talk, "undo", Verb.UNTRUST, _was(person, level)),),)
    _tell(talk, "level", rows, call_sign=person.call_sign, level=now)
    _tell_moved(talk, person, before)


def _was(person: Person, now: Level) -> str:
    """What an undo needs to know; it counts only while the level is still what it was set to."""
    return f"{person.id}:{person.granted}:{person.granted_by or ''}:{now}"


def _tell_moved(talk: Conversation, person: Person, before: dict[PersonId, Level]) -> None:
    """Whose level moved because somebody else's word counts more, or less, than before."""
    world = talk.world
    others = [id for id, _, _ in membership.moved(world, before) if id != person.id]
    if others:
        names = ", ".join(sorted(membership.name_of(p) for p in world.people(others)))
        _tell(talk, "moved", names=names)


def _block(talk: Conversation, person: Person) -> None:
    if person.id == talk.person.id:
        _tell(talk, "not_yourself")
        return
    if person.has(Role.COORDINATOR):
        orders.ask(talk, What.BLOCK, person.id)
        return
    if person.granted is Level.BLOCKED:
        _tell(talk, "already")
        return
    before = dict(talk.world.levels())
    membership.block(talk.desk, person, talk.person.id)
    talk.desk.audit("member.block", person.id, talk.person.id)
    _tell_others(talk, person, "blocked")
    rows = ((_offer(talk, "undo", Verb.UNTRUST, _was(person, Level.BLOCKED)),),)
    _tell(talk, "blocked", rows, call_sign=person.call_sign)
    _tell_moved(talk, person, before)


def _undo(talk: Conversation, person: Person, arg: str) -> None:
    _, was, by, now = arg.split(":")
    if person.granted is not Level(now) or person.id == talk.person.id:
        _tell(talk, "changed_since")
        return
    if Level(was) is Level.BLOCKED:
        _block(talk, person)
        return
    membership.grant(talk.desk, person, Level(was), PersonId(by) if by else None)
    talk.desk.audit("member.set", person.id, talk.person.id, detail=f"level {was}, undone")
    _tell_others(talk, person, "level", level=Level(was))
    level = level_word(talk.person.language, talk.world.level(person.id))
    _tell(talk, "level", call_sign=person.call_sign, level=level)


# --- vouches --------------------------------------------------------------------------------------


def stand_for(talk: Conversation, person: Person) -> None:
    """This member's word for another, with a way to take it back."""
    _vouch(talk, person, yes=True)


def _vouch(talk: Conversation, person: Person, *, yes: bool) -> None:
    me = talk.person
    if not me.member or (yes and talk.world.level(me.id) is not Level.TRUSTED):
        talk.say(chat.not_member_reply)
    elif person.id == me.id:
        _tell(talk, "not_yourself")
    elif yes:
        membership.vouch(talk.desk, person, me.id)
        talk.desk.audit("vouch", person.id, me.id)
        rows = ((_offer(talk, "undo", Verb.UNVOUCH, person.id),),)
        _tell(talk, "vouched", rows, call_sign=person.call_sign)
    elif membership.unvouch(talk.desk, person, me.id):
        talk.desk.audit("vouch.back", person.id, me.id)
        rows = ((_offer(talk, "undo", Verb.STAND_FOR, person.id),),)
        _tell(talk, "unvouched", rows, call_sign=person.call_sign)
    else:
        _tell(talk, "changed_since")


def _uncode(talk: Conversation, code: str) -> None:
    """The one-time code that carries this member's word is worth nothing any more."""
    made = talk.world.codes.get(code)
    if made is None or made.vouched_by != talk.person.id:
        _tell(talk, "changed_since")
        return
    talk.desk.delete(made)
    talk.desk.audit("vouch.back", by=talk.person.id)
    _tell(talk, "uncoded")
