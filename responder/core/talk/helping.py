"""Standing offers of help in chat: made with a tap or in words, seen, and taken back with a tap.

Rules it keeps
    * Only whoever may be asked to go offers anything: two go together, with the training. Another
      member hears how to become one; anybody else gets the answer to every members' command.
    * What somebody offers, and where, is for private channels; elsewhere stand buttons and counts.
    * Coordinators read how many offer what in each neighbourhood, never who.
    * The audit says that an offer was made or taken back, and not of what.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from responder.core import offering, shift_words
from responder.core.changes import Action
from responder.core.model import HelpOffer, Neighbourhood, Place, Record, Role, Shift
from responder.core.pairing import trained
from responder.core.phrases import say
from responder.core.playbook import Playbook, Words
from responder.core.roster import RosterFault
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.commands import Name, fold, shown_name
from responder.core.talk.conversation import Conversation
from responder.core.world import World

VERBS: Final = frozenset({Verb.GIVE_HELP, Verb.KEEP_HELP})
_MOST: Final = 20
_ARTICLES: Final = 3
"""Letters up to which a label's first word may be left out: "a ride", "la comida"."""


class _Help(Record):
    """Something that can be offered."""

    kind: str
    id: str
    label: Words


def _choices(world: World) -> tuple[_Help, ...]:
    """All that can be offered in this network, in the order of its playbooks."""
    return tuple(
        _Help(kind=playbook.id, id=id, label=label)
        for playbook in world.playbooks.values()
        for id in (playbook.offers.answers if playbook.offers else ())
        if (label := playbook.help(id))
    )


def press(talk: Conversation, action: Action) -> None:
    """Make the offer that was tapped, or take one back."""
    if action.verb == Verb.KEEP_HELP:
        _take_back(talk, action.arg)
        return
    kind, _, id = action.arg.partition(":")
    known = [one for one in _choices(talk.world) if (one.kind, one.id) == (kind, id)]
    if not talk.person.has(Role.RESPONDER):
        _not_for(talk)
    elif known:
        _make(talk, known[0], None, None)
    else:
        _say(talk, "gone")


# --- making one -----------------------------------------------------------------------------------


def offer(talk: Conversation, arg: str) -> None:
    """`/offer`: all that can be offered; with words, "ride weekdays 9-12 in Northside"."""
    if not talk.person.has(Role.RESPONDER):
        _not_for(talk)
        return
    choices = _choices(talk.world)
    if not choices:
        _say(talk, "nothing")
    elif not arg:
        _ask(talk, choices)
    else:
        _read(talk, choices, arg)


def _not_for(talk: Conversation) -> None:
    """Members who are no responders learn what is missing; who is no member learns nothing."""
    if talk.person.member:
        _say(talk, "not-responder")
    else:
        talk.say(chat.not_member_reply)


def _ask(talk: Conversation, choices: Sequence[_Help]) -> None:
    _close_lists(talk)
    language = talk.person.language
    names = [one.label.in_(language) for one in choices]
    lines = [say(language, "help.which")]
    lines += [say(language, "help.line", number=n, what=name) for n, name in enumerate(names, 1)]
    lines.append(say(language, "help.which.words", offer=_command(talk, Name.OFFER)))
    rows = tuple(
        (_button(talk, Verb.GIVE_HELP, f"{one.kind}:{one.id}", "give", number=n),)
        for n, one in enumerate(choices, 1)
    )
    _sealed(talk, "\n".join(lines), rows)


def _read(talk: Conversation, choices: Sequence[_Help], text: str) -> None:
    words, place = _where(talk, text)
    found = _named(choices, words)
    if found is None:
        _ask(talk, choices)
        return
    help, rest = found
    try:
        when = _when(talk, rest)
    except RosterFault:
        _say(talk, "bad", offer=_command(talk, Name.OFFER))
        return
    _make(talk, help, place, when)


def _where(talk: Conversation, text: str) -> tuple[str, Neighbourhood | None]:
    """The words without the neighbourhood that stands last in them, and which one is meant."""
    said = f" {text.strip()}"
    for place in talk.world.neighbourhoods.values():
        for name in (place.name, place.id, *place.aliases):
            for word in ("in", "en"):
                end = f" {word} {name}"
                if said.casefold().endswith(end.casefold()):
                    return said[: -len(end)].strip(), place
    return text.strip(), None


def _named(choices: Sequence[_Help], text: str) -> tuple[_Help, str] | None:
    """The help that the words begin with, and the rest of them; the longest name counts."""
    words = text.split()
    for length in range(len(words), 0, -1):
        said = fold(" ".join(words[:length]))
        for one in choices:
            if said in _names(one):
                return one, " ".join(words[length:])
    return None


def _names(help: _Help) -> Iterator[str]:
    yield fold(help.id)
    for label in help.label.root.values():
        words = fold(label).split()
        yield " ".join(words)
        if len(words) > 1 and len(words[0]) <= _ARTICLES:
            yield " ".join(words[1:])


def _when(talk: Conversation, text: str) -> Shift | None:
    """When it holds; days without hours mean all hours in which anybody is asked."""
    if not text:
        return None
    if not any(character.isdigit() for character in text):
        text += f" {offering.ASKED_FROM:%H:%M}-{offering.ASKED_UNTIL:%H:%M}"
    places = talk.person.neighbourhoods or tuple(talk.world.neighbourhoods)
    today = talk.world.today(places[0], talk.desk.at)
    return shift_words.parse(
        text, id="", person=talk.person.id, neighbourhood=Place(""), today=today
    )


def _make(talk: Conversation, help: _Help, place: Neighbourhood | None, when: Shift | None) -> None:
    person = talk.person
    made = HelpOffer(
        id=talk.desk.ids.next(),
        kind=help.kind,
        help=help.id,
        place=place.id if place else None,
        when=when,
    )
    same = [one for one in person.offers if replace(one, id=made.id) == made]
    if not same and len(person.offers) >= _MOST:
        _say(talk, "most", offers=_command(talk, Name.OFFERS))
        return
    if not same:
        _keep(talk, (*person.offers, made))
        talk.desk.audit("offer.make", person.id, person.id)
    back = _button(talk, Verb.KEEP_HELP, (same or [made])[0].id, "back")
    language = person.language
    lines = [say(language, "help.made", what=_shown(talk, made)), *_still_missing(talk, help)]
    lines.append(say(language, "help.hours", offers=_command(talk, Name.OFFERS)))
    _sealed(talk, "\n".join(lines), ((back,),))


def _still_missing(talk: Conversation, help: _Help) -> Iterator[str]:
    """Why nobody will ask them for it yet."""
    person, world = talk.person, talk.world
    needed = world.playbooks[help.kind].team.training
    day = talk.desk.at.date()
    lacking = [name for name in needed if not trained(person, (name,), day)]
    if lacking:
        yield say(person.language, "help.training", names=", ".join(lacking))
    if not world.private(person):
        yield say(person.language, "chat.not_private")


# --- seeing and taking back -----------------------------------------------------------------------


def offers(talk: Conversation, _: str) -> None:
    """`/offers`: what one offers oneself; for a coordinator also how many offer what where."""
    person, language = talk.person, talk.person.language
    if not person.has(Role.RESPONDER) and not person.has(Role.COORDINATOR):
        _not_for(talk)
        return
    _close_lists(talk)
    mine = person.offers
    lines = [say(language, "help.mine" if mine else "help.none", offer=_command(talk, Name.OFFER))]
    rows = []
    for number, one in enumerate(mine, 1):
        lines.append(say(language, "help.line", number=number, what=_shown(talk, one)))
        rows.append((_button(talk, Verb.KEEP_HELP, one.id, "back-n", number=number),))
    if person.has(Role.COORDINATOR):
        lines += ["", *_counts(talk)]
    _sealed(talk, "\n".join(lines), tuple(rows))


def _counts(talk: Conversation) -> Iterator[str]:
    world, language = talk.world, talk.person.language
    found = offering.counted(world.with_role(Role.RESPONDER))
    choices = _choices(world)
    yield say(language, "help.counts")
    for place in world.neighbourhoods.values():
        told = [
            say(language, "help.count", what=one.label.in_(language), people=people)
            for one in choices
            if (people := found[(place.id, one.kind, one.id)])
        ]
        what = ", ".join(told) or say(language, "help.count.none")
        yield say(language, "help.counts.line", place=place.name, what=what)


def _take_back(talk: Conversation, id: str) -> None:
    left = tuple(one for one in talk.person.offers if one.id != id)
    if left == talk.person.offers:
        _say(talk, "gone")
        return
    _keep(talk, left)
    talk.desk.audit("offer.withdraw", talk.person.id, talk.person.id)
    _say(talk, "back")


# --- small things ---------------------------------------------------------------------------------


def _shown(talk: Conversation, one: HelpOffer) -> str:
    """An offer as its member reads it: what, when, where."""
    world, language = talk.world, talk.person.language
    playbook: Playbook | None = world.playbooks.get(one.kind)
    label = playbook.help(one.help) if playbook else None
    known = [world.neighbourhoods.get(p) for p in offering.places_of(talk.person, one)]
    where = ", ".join(place.name for place in known if place) or say(language, "help.nowhere")
    when = shift_words.shown(one.when, language) if one.when else say(language, "help.always")
    what = label.in_(language) if label else one.help
    return say(language, "help.offer", what=what, when=when, where=where)


def _close_lists(talk: Conversation) -> None:
    """The buttons of an older list go, so that their numbers are free again."""
    mine = talk.world.questions.of(talk.person.id)
    talk.desk.asking.close_where(mine, lambda p: p.action.verb in VERBS)


def _button(talk: Conversation, verb: Verb, arg: str, words: str, **params: object) -> Offer:
    label = say(talk.person.language, f"help.button.{words}", **params)
    return Offer(label=label, action=Action(verb=verb, arg=arg))


def _command(talk: Conversation, name: Name) -> str:
    return "/" + shown_name(talk.person.language, name)


def _keep(talk: Conversation, offers: tuple[HelpOffer, ...]) -> None:
    talk.person = replace(talk.person, offers=offers)
    talk.desk.put(talk.person)


def _say(talk: Conversation, key: str, **params: object) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"help.{key}", **params)))


def _sealed(talk: Conversation, text: str, rows: tuple[tuple[Offer, ...], ...]) -> None:
    notice = say(talk.person.language, "help.notice")
    talk.reply(Reply(text=text, notice=notice, rows=rows, sealed=True))
