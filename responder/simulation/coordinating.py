"""What coordinators do in chat: drills, locks, grave orders, trust, blocks, other people's shifts.

What it is for
    Each planned happening of that kind becomes messages and taps of made-up coordinators, honest,
    hasty or hostile: they ask twice, ask for the opposite, undo, and undo what others have changed.

Rules it keeps
    * Whom an order is about is chosen among those who are in the middle of something, if any are.

What it must not know
    What the core makes of it, what any law says.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

from responder.core import membership
from responder.core.desk import Desk
from responder.core.model import Level, Person, PersonId, Place, Role
from responder.core.spoken import Verb
from responder.core.talk.orders import What as Grave
from responder.simulation import cast
from responder.simulation.errands import KNOWN_WORDS
from responder.simulation.played import Played, at_the_desk

_HOUR_S: Final = 3600.0
_GRAVE: Final = (
    *(Grave.REMOVE, Grave.REMOVE, Grave.REMOVE, Grave.COORDINATOR, Grave.COORDINATOR),
    *(Grave.NO_COORDINATOR, Grave.NO_COORDINATOR, Grave.BLOCK, Grave.BLOCK, Grave.EXPORT),
)
_ABOUT_COORDINATORS: Final = frozenset({Grave.NO_COORDINATOR, Grave.BLOCK})
_TOMORROW: Final = (cast.START + timedelta(days=1)).date()
_LEVELS: Final = (Level.TRUSTED, Level.KNOWN, Level.UNKNOWN)


def _coordinators(history: Played) -> list[PersonId]:
    """The coordinators who are still there, as they stand in memory now."""
    people = map(history.world.person, history.town.members)
    return [p.id for p in people if p is not None and p.member and p.has(Role.COORDINATOR)]


def _somebody(history: Played, chance: Random) -> Person | None:
    """Some member; if anybody is in the middle of a response, mostly one of those."""
    here = [p for p in map(history.world.person, history.town.members) if p and p.member]
    busy = [p for p in here if history.world.busy_in(p.id)]
    if busy and chance.random() < 0.7:
        return chance.choice(busy)
    return chance.choice(here) if here else None


# --- drills and locks -----------------------------------------------------------------------------


def drill(history: Played, chance: Random) -> None:
    """A coordinator holds a drill, sometimes just before somebody reports from there."""
    coordinators = _coordinators(history)
    if not coordinators:
        return
    place = chance.choice(history.places).id
    history.arrivals.say(chance.choice(coordinators), f"/drill {place}")
    if chance.random() < 0.5:
        history.later(chance.uniform(20, 600), lambda: _report_from(history, chance, place))


def _report_from(history: Played, chance: Random, place: Place) -> None:
    person = chance.choice(history.town.reporters)
    words = history.arrivals.canary(person, "w")
    history.arrivals.say(person, f"{chance.choice(cast.SEEN)} in {place}. {words}")


def lock(history: Played, chance: Random) -> None:
    """Two coordinators lock the network, or one who has the passphrase; or somebody only tries."""
    coordinators = _coordinators(history)
    if not coordinators:
        return
    first, other = chance.choice(coordinators), chance.choice(coordinators)
    say = history.arrivals.say
    match chance.randrange(6):
        case 0:
            say(first, f"/lock {KNOWN_WORDS}")
        case 1:
            for _ in range(4):
                history.people.write(first, "/lock of no use", 1, 200)
        case 2:
            say(first, "/lock")
            history.people.write(first, "/lock", 10, 60)
        case 3:
            say(chance.choice([*history.town.members, *history.town.reporters]), "/lock")
        case _:
            say(first, "/lock")
            history.people.write(other, "/lock", 30, chance.choice((60, 900)))
            history.people.tap(other, Verb.LOCK, 20, 200)
    later_s = chance.choice((1800, 2 * _HOUR_S, 9 * _HOUR_S))
    history.later(later_s, history.errands.unlock)
    if chance.random() < 0.3:
        history.later(chance.choice((0, 20, 40, 60)), lambda: _disk_full(history, 45))


def _disk_full(history: Played, seconds: float) -> None:
    history.tell("the disk is full, just as the network is being locked")
    history.full_until = history.now + timedelta(seconds=seconds)


# --- what takes two -------------------------------------------------------------------------------


def order(history: Played, chance: Random) -> None:
    """One grave order, or several at once."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _one_order(history, chance)


def _one_order(history: Played, chance: Random) -> None:
    coordinators = _coordinators(history)
    if not coordinators:
        return
    by, other = chance.choice(coordinators), chance.choice(coordinators)
    what = chance.choice(_GRAVE)
    if what is Grave.EXPORT:
        history.arrivals.say(by, "/export")
    elif what in _ABOUT_COORDINATORS:
        about = history.world.person(chance.choice(coordinators))
        _asks(history, chance, by, what, about)
    else:
        about = _somebody(history, chance)
        _asks(history, chance, by, what, about)
        if chance.random() < 0.25:
            # The same person asks twice, or another one asks for the same.
            history.later(
                chance.uniform(60, 1500),
                lambda: _asks(history, chance, chance.choice((by, other)), what, about),
            )
    if chance.random() < 0.15:
        history.later(chance.uniform(30, 900), lambda: _loses_it(history, chance))


def _asks(history: Played, chance: Random, by: PersonId, what: Grave, about: Person | None) -> None:
    if about is None:
        return
    history.arrivals.say(by, f"/members {about.call_sign}")
    history.people.tap(by, Verb.ORDER, 15, 60, arg=f"{what}:{about.id}")
    if what is Grave.BLOCK:
        history.people.tap(by, Verb.BLOCK, 15, 60, arg=about.id)


def _loses_it(history: Played, chance: Random) -> None:
    """At the machine a coordinator is blocked, or is one no more, while orders wait."""
    coordinators = _coordinators(history)
    if len(coordinators) < 2:
        return
    id, blocked = chance.choice(coordinators), chance.random() < 0.5

    def act(desk: Desk) -> None:
        who = desk.world.person(id)
        if who is None:
            return
        if blocked:
            membership.block(desk, who)
        else:
            desk.put(membership.with_coordinator(who, yes=False))

    at_the_desk(history, f"{id} coordinates no more, says the machine", "gone", act)


# --- what one does alone, and undoes --------------------------------------------------------------


def standing(history: Played, chance: Random) -> None:
    """A level, a block or a word for somebody; then perhaps the undoing, or another's change."""
    coordinators, about = _coordinators(history), _somebody(history, chance)
    if not coordinators or about is None:
        return
    by, other = chance.choice(coordinators), chance.choice(coordinators)
    say, tap = history.arrivals.say, history.people.tap
    match chance.randrange(4):
        case 0 | 1:
            say(by, f"/trust {about.call_sign} {chance.choice(_LEVELS)}")
            undo = Verb.UNTRUST
        case 2:
            say(by, f"/members {about.call_sign}")
            tap(by, Verb.BLOCK, 15, 60, arg=about.id)
            undo = Verb.UNTRUST
        case _:
            by = chance.choice(history.town.members)
            say(by, f"/vouch {about.call_sign}")
            undo = Verb.UNVOUCH
            if chance.random() < 0.4:
                tap(by, Verb.UNVOUCH, 60, 300, arg=about.id)
                undo = Verb.STAND_FOR
    if chance.random() < 0.35:
        changed = f"/trust {about.call_sign} {chance.choice(_LEVELS)}"
        history.people.write(other, changed, 60, 500)
        tap(other, Verb.UNTRUST, 500, 900, arg=f"{about.id}:")
    if chance.random() < 0.7:
        tap(by, undo, 70, chance.choice((120, 1200)), arg=about.id)


def turns(history: Played, chance: Random) -> None:
    """A coordinator writes, takes away or swaps somebody's shifts; or a member their own."""
    coordinators, about = _coordinators(history), _somebody(history, chance)
    if not coordinators or about is None:
        return
    by = chance.choice((*coordinators, about.id))
    hours = chance.choice(("sat 21:00-23:00", "every sat 20:30-03:00", "sun 01:00-04:00"))
    place = chance.choice(history.places).name
    say, tap = history.arrivals.say, history.people.tap
    whose = "" if by == about.id else f" {about.call_sign}"
    match chance.randrange(4):
        case 0:
            say(by, f"/shifts{whose} {hours} in {place}")
            _and_back(history, chance, by, Verb.UNSHIFT, Verb.RESHIFT)
        case 1:
            say(by, f"/shifts {about.call_sign}")
            tap(by, Verb.UNSHIFT, 15, 60)
            _and_back(history, chance, by, Verb.RESHIFT, Verb.UNSHIFT)
        case 2:
            _swap(history, chance, by, about)
        case _:
            say(about.id, "/shifts")
            tap(about.id, chance.choice((Verb.GIVE, Verb.SWAP)), 15, 60)
            tap(about.id, Verb.SWAP_WITH, 61, 120)
            if chance.random() < 0.3:
                tap(about.id, Verb.KEEP, 130, 900)


def _swap(history: Played, chance: Random, by: PersonId, about: Person) -> None:
    """Two members of one neighbourhood get a turn each tomorrow, and a coordinator swaps them."""
    here = [p for p in map(history.world.person, history.town.members) if p and p.member]
    place = chance.choice(about.neighbourhoods or (history.places[0].id,))
    mates = [p for p in here if place in p.neighbourhoods and p.id != about.id]
    say, tap = history.arrivals.say, history.people.tap
    for one, hours in ((about, "10:00-12:00"), *((mate, "13:00-15:00") for mate in mates[:2])):
        say(by, f"/shifts {one.call_sign} {_TOMORROW:%Y-%m-%d} {hours} in {place}")
    history.people.write(by, f"/shifts {about.call_sign}", 5, 10)
    tap(by, Verb.SWAP_OF, 20, 60, arg=f"{about.id}|{place}|{_TOMORROW:%Y-%m-%d}")
    tap(by, Verb.SWAP_FOR, 65, 120)
    _and_back(history, chance, by, Verb.UNSWAP, Verb.UNSWAP)


def _and_back(history: Played, chance: Random, by: PersonId, undo: Verb, again: Verb) -> None:
    """Undo it with one tap, and now and then the undoing too."""
    if chance.random() < 0.7:
        history.people.tap(by, undo, 130, chance.choice((200, 2000)))
    if chance.random() < 0.3:
        history.people.tap(by, again, 2001, 3000)
