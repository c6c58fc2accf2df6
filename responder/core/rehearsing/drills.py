"""Drills: those on call in one neighbourhood are asked for one tap, and nobody is sent anywhere.

Rules it keeps
    * Every message of a drill says first that it is one; none tells a place, and none says "go".
    * Law L3 holds as for a page: nobody is asked who is off call, resting, past their limit or in a
      team; it is looked at again when the message is about to leave. A drill counts as no page.
    * "Not free" is as good an answer as any: both say that somebody is reached.
    * It stops at enough: when everybody has answered, when its time is over, or at once when
      something real begins there, or anywhere else needs somebody whom it asks.

What it must not know
    Storage, the clock, platforms beyond the names of their channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from responder.core import reach
from responder.core.barring import Barred, Bars
from responder.core.changes import Action
from responder.core.desk import Desk
from responder.core.messages import Fate, Message, Settled, Urgency
from responder.core.model import CallState, MessageId, Person, PersonId, Place, State
from responder.core.phrases import say
from responder.core.playbook import Playbook
from responder.core.reach import Drill, LeftOut, Try
from responder.core.spoken import Offer, Verb
from responder.core.world import World

LASTS: Final = timedelta(minutes=15)
"""So long answers are waited for, unless somebody says otherwise."""
LONGEST: Final = timedelta(hours=2)
KEPT: Final = timedelta(days=90)
"""So long its report is kept; then its key is destroyed."""
_UNSAID: Final = frozenset({Barred.REMOVED, Barred.BLOCKED, Barred.NOT_RESPONDER})
"""Who is never paged anyway is no finding of a drill."""


class Refusal(StrEnum):
    """Why no drill begins."""

    REAL = "real"
    """Something real is going on there."""
    RUNNING = "running"
    NOBODY = "nobody"
    """Nobody is on call there who may be asked."""


# --- beginning ------------------------------------------------------------------------------------


def begin(
    desk: Desk,
    place: Place,
    *,
    by: PersonId | None = None,
    playbook: Playbook | None = None,
    every_channel: bool = False,
    lasts: timedelta = LASTS,
) -> Drill | Refusal:
    """Ask everybody on call there who may be asked.

    With a `playbook` only those whom it would page, and the report says when its team had formed.
    With `every_channel` each living address is asked by itself; else it goes as a page goes.
    """
    world = desk.world
    if _real(world, place):
        return Refusal.REAL
    if any(one.neighbourhood == place for one in running(world)):
        return Refusal.RUNNING
    asked, left_out = _sorted_out(world, place, desk.at, playbook, every_channel=every_channel)
    if not asked:
        return Refusal.NOBODY
    codes = {one.code for one in world.drills.values()}
    drill = Drill(
        id=desk.ids.next(),
        code=desk.ids.code(lambda code: code in codes or world.by_code(code) is not None),
        neighbourhood=place,
        begun_at=desk.at,
        until=desk.at + lasts,
        playbook=playbook.id if playbook else "",
        team=playbook.team.size if playbook else 0,
        by=by,
        every_channel=every_channel,
        left_out=left_out,
    )
    tries = [
        _ask(desk, drill, person, channel)
        for person in asked
        for channel in (_channels(person) if every_channel else ("",))
    ]
    drill = replace(drill, tries=tuple(tries))
    desk.put(drill)
    desk.audit("drill.begin", drill.id, by, detail="every channel" if every_channel else "")
    return drill


def _sorted_out(
    world: World, place: Place, at: datetime, playbook: Playbook | None, *, every_channel: bool
) -> tuple[list[Person], tuple[LeftOut, ...]]:
    """Those to ask, by call sign, and those on call who are left alone, with the reason."""
    training = tuple(playbook.team.training) if playbook else ()
    asked, left_out = [], []
    taken = _needed(world).union(*(one.asked for one in running(world)))
    people = world.people(sorted(world.on_call(place, at)))
    for person in sorted(people, key=lambda p: p.call_sign.casefold()):
        why = _barred(world, place, person, at, training)
        if why is None and not every_channel and not world.private(person):
            why = Barred.NO_PRIVATE_CHANNEL
        if why is None and person.id in taken:
            why = Barred.ALREADY_PAGED
        if why is None:
            asked.append(person)
        elif why not in _UNSAID:
            left_out.append(LeftOut(person=person.id, reason=why.value))
    return asked, tuple(left_out)


def _barred(
    world: World, place: Place, person: Person, at: datetime, training: tuple[str, ...]
) -> Barred | None:
    """Why law L3 forbids to ask; whether a page could be read is for the drill to find out."""
    bars = Bars(
        at=at,
        training=training,
        reporters=(),
        team=(),
        limits=world.limits,
        time_zone=world.neighbourhoods[place].time_zone,
    )
    return bars.why(
        person,
        level=world.level(person.id),
        care=world.cares.get(person.id),
        on_call=person.id in world.on_call(place, at),
        busy=world.busy_in(person.id) is not None,
        private=True,
    )


def _channels(person: Person) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.channel for a in person.addresses if not a.dead))


def _ask(desk: Desk, drill: Drill, person: Person, channel: str) -> Try:
    """One message; over a channel on which no page could be read it goes in plain words."""
    world, language = desk.world, person.language
    unread = channel not in world.private_channels and not world.phones(person.id)
    mark = say(language, "card.drill") + "\n"
    message = Message(
        id=MessageId(desk.ids.next()),
        to=person.id,
        card=reach.DRILL,
        text=mark + say(language, "drill.ask"),
        notice=mark + say(language, "drill.notice"),
        open=bool(channel) and unread,
        channel=channel,
        only=bool(channel),
        created_at=desk.at,
        expires_at=drill.until,
        sealed_under=f"person:{person.id}",
        urgency=Urgency.NEWS,
    )
    arg = f"{drill.id}:{channel}"
    verbs = (Verb.REACHABLE, Verb.NOT_FREE)
    desk.ask(
        message,
        tuple(
            (Offer(label=say(language, f"drill.{verb}"), action=Action(verb=verb, arg=arg)),)
            for verb in verbs
        ),
    )
    return Try(message=message.id, person=person.id, at=desk.at, channel=channel)


# --- going on -------------------------------------------------------------------------------------


def running(world: World) -> Iterator[Drill]:
    """The drills that have not ended."""
    return (one for one in world.drills.values() if one.ended_at is None)


def may_leave(world: World, message: Message, at: datetime) -> bool:
    """Whether this message of a drill may still go out: the last look of law L3."""
    person = world.person(message.to)
    for drill in running(world):
        if any(one.message == message.id for one in drill.tries):
            return person is not None and (
                _barred(world, drill.neighbourhood, person, at, ()) is None
            )
    return False


def settled(desk: Desk, message: Message, fate: Settled) -> None:
    """Note what became of a message of a drill, also of one that ended before that was known:
    a quick tap may overtake the platform's word."""
    for drill in desk.world.drills.values():
        for one in drill.tries:
            if one.message == message.id:
                changed = noted(desk.world, one, message, fate)
                if changed != one:
                    desk.put(replace(drill, tries=reach.with_try(drill.tries, changed)))
                return


def noted(world: World, one: Try, message: Message, fate: Settled) -> Try:
    """The try after this fate of its message; a bare notice is no arrival."""
    if fate.fate is Fate.SENT and fate.channel:
        carries = message.open or fate.channel in world.private_channels
        words = carries or bool(world.phones(message.to))
        return reach.arrived(one, fate.channel, fate.at) if words else one
    if fate.fate is Fate.FAILED and fate.last:
        return replace(one, failed=not one.arrived)
    return one


def tapped(desk: Desk, person: PersonId, arg: str, on: str, *, free: bool) -> bool:
    """Somebody answered on the channel `on`; False where that drill is over."""
    id, _, channel = arg.partition(":")
    drill = desk.world.drills.get(id)
    if drill is None or drill.ended_at is not None:
        return False
    one = next((t for t in drill.tries if (t.person, t.channel) == (person, channel)), None)
    if one is None:
        return False
    first = person not in drill.reached
    tries = reach.with_try(drill.tries, reach.tapped(one, on, desk.at))
    free_at = (*drill.free_at, desk.at) if free and first else drill.free_at
    drill = replace(drill, tries=tries, free_at=free_at)
    desk.put(drill)
    if drill.enough:
        end(desk, drill)
    return True


# --- ending ---------------------------------------------------------------------------------------


def due(world: World, at: datetime) -> tuple[str, ...]:
    """The drills that are to end now: answered, too old, or overtaken by something real."""
    return tuple(
        one.id
        for one in running(world)
        if at >= one.until
        or one.enough
        or _real(world, one.neighbourhood)
        or not _needed(world).isdisjoint(one.asked)
    )


def _real(world: World, place: Place) -> bool:
    """Whether people are sought or out there; what merely waits to be verified stops no drill."""
    return any(i.state is not State.HELD for i in world.docket.open_at(place))


def _needed(world: World) -> frozenset[PersonId]:
    """Those who are asked to come to something real, wherever, or have said yes to it."""
    return frozenset(
        call.person
        for place in world.neighbourhoods
        for incident in world.docket.open_at(place)
        if incident.state is not State.HELD
        for call in incident.calls
        if call.state in (CallState.PAGED, CallState.ACCEPTED)
    )


def end(desk: Desk, drill: Drill) -> None:
    """Take back what nobody answered, and tell the coordinators what was found."""
    world = desk.world
    for one in drill.tries:
        if one.tapped_at is None:
            desk.asking.close(one.message)
            desk.changes.recalled.append(one.message)
    drill = replace(drill, ended_at=desk.at)
    desk.put(drill)
    desk.audit("drill.end", drill.id)
    place = world.neighbourhoods.get(drill.neighbourhood)
    desk.tell_coordinators(
        "drill",
        code=drill.code,
        place=place.name if place else drill.neighbourhood,
        reached=len(drill.reached),
        asked=len(drill.asked),
        unreached=_names(world, unreached(drill)),
        silent=_names(world, silent(drill)),
    )


def unreached(drill: Drill) -> tuple[PersonId, ...]:
    """Those whom no channel reached: nothing arrived, and no tap came."""
    heard = drill.reached | {one.person for one in drill.tries if one.arrived}
    return tuple(person for person in drill.asked if person not in heard)


def silent(drill: Drill) -> tuple[PersonId, ...]:
    """Those to whom something arrived, and who did not tap in time."""
    nowhere = unreached(drill)
    return tuple(p for p in drill.asked if p not in drill.reached and p not in nowhere)


def _names(world: World, people: tuple[PersonId, ...]) -> str:
    return ", ".join(p.call_sign for p in world.people(people)) or "-"


def sweep(desk: Desk) -> None:
    """Destroy what is older than it is kept."""
    for drill in tuple(desk.world.drills.values()):
        if desk.at - drill.begun_at >= KEPT:
            desk.delete(drill)
            desk.destroy(f"drill:{drill.id}")
