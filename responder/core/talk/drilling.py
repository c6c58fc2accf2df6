"""Drills in chat: a coordinator begins one and reads its report; everybody answers with one tap.

Rules it keeps
    * Only coordinators begin a drill or read what one found.
    * What a drill found names people: it goes over private channels or sealed.
    * A tap that comes too late is thanked for all the same.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from typing import Final

from responder.core.changes import Action
from responder.core.model import Place, Role
from responder.core.phrases import say
from responder.core.places import folded
from responder.core.rehearsing import drill_report, drills, reaching
from responder.core.rehearsing.drills import Refusal
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation

VERBS: Final = frozenset({Verb.DRILL, Verb.UNDRILL, Verb.REACHABLE, Verb.NOT_FREE})


def press(talk: Conversation, action: Action) -> None:
    """Do what a press about a drill means."""
    match action.verb:
        case Verb.DRILL:
            begin(talk, Place(action.arg))
        case Verb.UNDRILL:
            stop(talk, action.arg)
        case _:
            tapped(talk, action)


def command(talk: Conversation, arg: str) -> None:
    """`/drill PLACE` begins one, `/drill CODE` tells what it found, `/drill` offers places."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    if not arg:
        _offer_places(talk)
        return
    place = _place(talk, arg)
    drill = drill_report.newest(talk.world, arg)
    if place is not None:
        begin(talk, place)
    elif drill is not None:
        language = talk.person.language
        text = drill_report.words(talk.world, drill, language)
        notice = say(language, "desk.notice")
        talk.reply(Reply(text=text, notice=notice, sealed=True))
    else:
        _say(talk, "unknown_place")


def _place(talk: Conversation, arg: str) -> Place | None:
    wanted = folded(arg)
    for one in talk.world.neighbourhoods.values():
        if wanted in {folded(called) for called in (one.id, one.name, *one.aliases)}:
            return one.id
    return None


def _offer_places(talk: Conversation) -> None:
    """The neighbourhoods to choose from; where others read along their names stand sealed."""
    places = tuple(talk.world.neighbourhoods.values())
    private = talk.inbound.channel in talk.world.private_channels
    labels = [place.name if private else str(n) for n, place in enumerate(places, 1)]
    rows = tuple(
        (Offer(label=label, action=Action(verb=Verb.DRILL, arg=place.id)),)
        for label, place in zip(labels, places, strict=True)
    )
    language = talk.person.language
    text = say(language, "drill.where")
    if private:
        talk.reply(Reply(text=text, rows=rows))
        return
    listed = "\n".join(f"{n}  {place.name}" for n, place in enumerate(places, 1))
    notice = say(language, "desk.notice")
    talk.reply(Reply(text=f"{text}\n{listed}", rows=rows, notice=notice, sealed=True))


def begin(talk: Conversation, place: Place) -> None:
    """A coordinator begins a drill there."""
    if not talk.person.has(Role.COORDINATOR) or place not in talk.world.neighbourhoods:
        talk.say(chat.not_member_reply)
        return
    begun = drills.begin(talk.desk, place, by=talk.person.id)
    if isinstance(begun, Refusal):
        _say(talk, f"refused.{begun.value}")
    else:
        language = talk.person.language
        text = say(language, "drill.begun", code=begun.code, asked=len(begun.asked))
        stop = Offer(
            label=say(language, "order.button.stop"),
            action=Action(verb=Verb.UNDRILL, arg=begun.id),
        )
        talk.reply(Reply(text=text, rows=((stop,),)))


def stop(talk: Conversation, id: str) -> None:
    """A coordinator ends a drill before its time; its report comes as ever."""
    drill = talk.world.drills.get(id)
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif drill is None or drill.ended_at is not None:
        _say(talk, "over")
    else:
        drills.end(talk.desk, drill)


def tapped(talk: Conversation, action: Action) -> None:
    """Somebody says that they are reached."""
    desk, person, on = talk.desk, talk.person.id, talk.inbound.channel
    free = action.verb == Verb.REACHABLE
    if action.arg:
        counted = drills.tapped(desk, person, action.arg, on, free=free)
    else:
        counted = reaching.tapped(desk, person, on)
    if not counted:
        _say(talk, "over")
    elif not talk.inbound.token:
        # Whoever wrote a number sees no button change: a word says that it counted.
        talk.say(chat.noted_reply)


def _say(talk: Conversation, key: str, **params: object) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"drill.{key}", **params)))
