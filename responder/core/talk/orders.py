"""Grave orders in chat: one coordinator asks, another agrees, and only then it happens.

What it is for
    Making a coordinator, taking that away, blocking one, removing somebody, sending out the whole
    roster. Whoever holds one coordinator's account, or one platform, must not be able to do these.

Rules it keeps
    * Whoever asked never agrees; whom it is about is not asked.
    * One of the two at least writes over a channel that nobody reads along: a platform that can
      press one button can press both.
    * Half an hour, then it is void, and everybody who was asked hears so.
    * It is looked at again when it is agreed to: whether both are coordinators still, and whether
      it still means anything.
    * Asking, agreeing, refusing and running out each leave a line in the audit.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from responder.core import membership, shift_words
from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.model import Level, Person, PersonId, Record, Role, decode, encode
from responder.core.phrases import say
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation
from responder.core.world import World

LASTS: Final = timedelta(minutes=30)
VERBS: Final = frozenset({Verb.ORDER, Verb.ORDER_YES, Verb.ORDER_NO})
_NAME: Final = "order:"
_LINES_A_MESSAGE: Final = 30
"""Shifts in one message of an export: a long one is cut by platforms where they like."""


class What(StrEnum):
    """What takes two."""

    COORDINATOR = "coordinator"
    NO_COORDINATOR = "no-coordinator"
    BLOCK = "block"
    """Of a coordinator; anybody else one coordinator may block."""
    REMOVE = "remove"
    EXPORT = "export"


class Order(Record):
    """What one coordinator asked for; `private`: over a channel that nobody reads along."""

    id: str
    what: What
    by: PersonId
    at: datetime
    about: PersonId | None = None
    private: bool = False


# --- keeping --------------------------------------------------------------------------------------


def all_of(world: World) -> Iterator[Order]:
    """Every order that waits for a second coordinator."""
    for name, value in tuple(world.settings.items()):
        if name.startswith(_NAME):
            yield decode(value.encode(), Order)


def _find(world: World, id: str) -> Order | None:
    value = world.settings.get(_NAME + id)
    return decode(value.encode(), Order) if value else None


def _settle(desk: Desk, order: Order, how: str, by: PersonId | None = None) -> None:
    """It waits no longer: no button of it means anything from now on."""
    desk.delete(Setting(name=_NAME + order.id, value=""))
    # Whoever was asked may be no member any more.
    asked = tuple(desk.world.questions.all.values())
    desk.asking.close_where(asked, lambda p: p.action.verb in VERBS and p.action.arg == order.id)
    desk.audit(f"order.{how}", order.about or "", by, detail=order.what.value)


def asked_of(world: World, order: Order) -> list[Person]:
    """Those who may agree: coordinators who neither asked for it nor are what it is about."""
    return [
        p
        for p in world.members()
        if p.has(Role.COORDINATOR)
        and p.id not in (order.by, order.about)
        and world.level(p.id) is not Level.BLOCKED
    ]


def _fits(world: World, order: Order) -> bool:
    """Whether the order would still change what it was meant to change."""
    if order.what is What.EXPORT:
        return True
    person = world.person(order.about) if order.about else None
    if person is None or not person.member:
        return False
    match order.what:
        case What.COORDINATOR:
            return not person.has(Role.COORDINATOR) and person.granted is not Level.BLOCKED
        case What.NO_COORDINATOR:
            return person.has(Role.COORDINATOR)
        case What.BLOCK:
            return person.granted is not Level.BLOCKED
        case What.REMOVE:
            return True
        case never:
            assert_never(never)


# --- asking ---------------------------------------------------------------------------------------


def press(talk: Conversation, action: Action) -> None:
    """A coordinator orders something grave, agrees to it, or refuses."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif action.verb == Verb.ORDER:
        what, _, about = action.arg.partition(":")
        ask(talk, What(what), PersonId(about) if about else None)
    elif action.verb == Verb.ORDER_YES:
        _agree(talk, _find(talk.world, action.arg))
    else:
        _refuse(talk, _find(talk.world, action.arg))


def export(talk: Conversation, _: str) -> None:
    """`/export`: the whole roster, as lines that `/shifts` reads back."""
    if talk.person.has(Role.COORDINATOR):
        ask(talk, What.EXPORT, None)
    else:
        talk.say(chat.not_member_reply)


def ask(talk: Conversation, what: What, about: PersonId | None) -> None:
    """Put it before the other coordinators; where one of them asked for the same, agree to that."""
    world, desk = talk.world, talk.desk
    private = talk.inbound.channel in world.private_channels
    order = Order(
        id=desk.ids.next(), what=what, by=talk.person.id, at=desk.at, about=about, private=private
    )
    waiting = [o for o in all_of(world) if not _is_over(o, desk.at)]
    same = [o for o in waiting if (o.what, o.about) == (what, about)]
    if not _fits(world, order):
        _say(talk, "changed")
    elif same:
        _agree(talk, same[0])
    elif not (others := asked_of(world, order)):
        _tell(desk, talk.person, _words(world, order, talk.person, "alone"), talk.inbound.channel)
    else:
        desk.put(Setting(name=_NAME + order.id, value=encode(order).decode()))
        desk.audit("order.asked", about or "", talk.person.id, detail=what.value)
        for other in others:
            _put_before(talk, order, other)
        words = _words(world, order, talk.person, "asked", asked=len(others))
        _tell(desk, talk.person, words, talk.inbound.channel)


def _put_before(talk: Conversation, order: Order, other: Person) -> None:
    row = tuple(
        Offer(
            label=say(other.language, f"order.button.{key}"),
            action=Action(verb=verb, arg=order.id),
        )
        for key, verb in (("yes", Verb.ORDER_YES), ("no", Verb.ORDER_NO))
    )
    _tell(talk.desk, other, _words(talk.world, order, other, "question"), rows=(row,))


def _words(world: World, order: Order, reader: Person, key: str, **params: object) -> str:
    """A phrase about an order, in its reader's language: what is asked for, and by whom."""
    language = reader.language
    call_sign = membership.name_of(world.person(order.about)) if order.about else ""
    by = membership.name_of(world.person(order.by))
    what = say(language, f"order.what.{order.what}", call_sign=call_sign, by=by)
    at_machine = say(language, f"order.machine.{order.what}", call_sign=call_sign)
    return say(
        language, f"order.{key}", what=what, by=by, machine=at_machine, minutes=_minutes(), **params
    )


def _minutes() -> int:
    return int(LASTS.total_seconds()) // 60


def _tell(
    desk: Desk,
    to: Person,
    text: str,
    channel: str = "",
    rows: tuple[tuple[Offer, ...], ...] = (),
) -> None:
    notice = say(to.language, "order.notice")
    desk.reply(to, Reply(text=text, notice=notice, rows=rows, sealed=True), channel)


def _say(talk: Conversation, key: str, **params: object) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"order.{key}", **params)))


# --- agreeing -------------------------------------------------------------------------------------


def _is_over(order: Order, at: datetime) -> bool:
    """Whether its half hour has passed; a clock that was set back far makes none longer."""
    return abs(at - order.at) >= LASTS


def _agree(talk: Conversation, order: Order | None) -> None:
    desk, world, me = talk.desk, talk.world, talk.person
    if order is None or _is_over(order, desk.at):
        _say(talk, "late")
        return
    asker = world.person(order.by)
    private = talk.inbound.channel in world.private_channels
    if me.id in (order.by, order.about):
        _say(talk, "own" if me.id == order.by else "about_you")
    elif asker is None or not asker.has(Role.COORDINATOR) or not _fits(world, order):
        _settle(desk, order, "void")
        _say(talk, "changed")
    elif not (order.private or private):
        _say(talk, "other_channel", channel=talk.inbound.channel.capitalize())
    else:
        _settle(desk, order, "agreed", me.id)
        _do(desk, order, me)


def _refuse(talk: Conversation, order: Order | None) -> None:
    if order is None or _is_over(order, talk.desk.at):
        _say(talk, "late")
        return
    _settle(talk.desk, order, "refused", talk.person.id)
    talk.say(chat.noted_reply)
    for other in _concerned(talk.world, order):
        if other.id != talk.person.id:
            words = _words(talk.world, order, other, "refused", other=talk.person.call_sign)
            _tell(talk.desk, other, words)


def _concerned(world: World, order: Order) -> list[Person]:
    """Whoever asked for it, and those who were asked."""
    return [p for p in world.people([order.by]) if p.member] + asked_of(world, order)


def _do(desk: Desk, order: Order, second: Person) -> None:
    """Both have agreed. Those who lose something by it hear of it as well."""
    world = desk.world
    person = world.person(order.about) if order.about else None
    hearers = {p.id: p for p in world.with_role(Role.COORDINATOR)}
    match order.what:
        case What.EXPORT:
            _send_roster(desk, world.everybody[order.by])
        case _ if person is None:
            return
        case What.COORDINATOR | What.NO_COORDINATOR:
            yes = order.what is What.COORDINATOR
            hearers[person.id] = membership.with_coordinator(person, yes=yes)
            desk.put(hearers[person.id])
            desk.audit("member.set", person.id, order.by, detail=f"roles {order.what}")
        case What.BLOCK:
            membership.block(desk, person, order.by)
            desk.audit("member.block", person.id, order.by)
        case What.REMOVE:
            membership.remove(desk, person)
            desk.audit("member.remove", person.id, order.by)
        case never:
            assert_never(never)
    for reader in sorted(hearers.values(), key=lambda p: p.call_sign.casefold()):
        words = _words(world, order, reader, "done", other=second.call_sign)
        _tell(desk, reader, words)


def _send_roster(desk: Desk, to: Person) -> None:
    """Every shift as a line of `/shifts`, to whoever asked, over private channels or sealed."""
    world = desk.world
    lines = [
        say(
            to.language,
            "order.export.line",
            call_sign=membership.name_of(world.person(shift.person)),
            when=shift_words.shown(shift, to.language),
            place=world.neighbourhoods[shift.neighbourhood].name,
        )
        for shift in world.shifts()
        if shift.neighbourhood in world.neighbourhoods
    ]
    lines.sort()
    desk.audit("shift.export", by=to.id)
    for first in range(0, len(lines), _LINES_A_MESSAGE):
        _tell(desk, to, "\n".join(lines[first : first + _LINES_A_MESSAGE]))
    if not lines:
        _tell(desk, to, say(to.language, "order.export.none"))


# --- running out ----------------------------------------------------------------------------------


def expire(desk: Desk) -> None:
    """What nobody agreed to in time is void; whoever asked and those who were asked hear so."""
    for order in all_of(desk.world):
        if _is_over(order, desk.at):
            _settle(desk, order, "void")
            for reader in _concerned(desk.world, order):
                _tell(desk, reader, _words(desk.world, order, reader, "void"))


def any_over(world: World, at: datetime) -> bool:
    """Whether some order has run out."""
    return any(_is_over(order, at) for order in all_of(world))
