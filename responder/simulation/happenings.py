"""How each planned happening comes about: reports, plots, and faults of machine and platforms.

What it must not know
    What the core makes of it, what any law says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol

from msgspec.structs import replace

from responder.core import events
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.model import (
    IncidentId,
    Level,
    Media,
    Neighbourhood,
    Person,
    PersonId,
    Place,
    Role,
    State,
)
from responder.core.playbook import Playbook
from responder.core.spoken import Verb
from responder.core.world import World
from responder.simulation import cast, letters
from responder.simulation.clock import Clock
from responder.simulation.errands import KNOWN_WORDS, Errands
from responder.simulation.habits import People
from responder.simulation.machine import Machine
from responder.simulation.plan import DAY_S, Plan, What
from responder.simulation.platforms import Platform
from responder.simulation.town import Town

_OVER: Final = frozenset({State.AFTERCARE, State.CLOSED})
_SIGHTS: Final = (*cast.SIGHTS.values(), *(cast.SIGHTS["copwatch"],) * 4)
"""Many see the same: else nobody's report would ever agree with another one's."""
_HOUR_S: Final = 3600.0


class Played(Machine, Protocol):
    """The history that all this happens to."""

    plan: Plan
    town: Town
    places: tuple[Neighbourhood, ...]
    editions: dict[str, Playbook]
    clock: Clock
    platforms: dict[str, Platform]
    errands: Errands
    people: People
    full_until: datetime | None

    @property
    def finished(self) -> bool:
        """Whether everything that was to be forgotten by now is."""

    def canary(self, person: PersonId, kind: str) -> str:
        """A word that only this person's words hold."""

    def picture(self, person: PersonId) -> Media:
        """This person takes a picture, or speaks, where they write."""

    def say(self, person: PersonId, text: str = "", *, media: tuple[Media, ...] = ()) -> None:
        """This person sends that; the platform brings it, late, twice, or never."""

    def show(self, person: PersonId, text: str) -> None:
        """This person sends a picture, with a word or without."""

    def sweep(self) -> None:
        """The broom of the house."""

    def die_next(self) -> None:
        """Kill the process at the next commit or between the next two effects."""

    def after_silence(self, since: datetime) -> None:
        """Whoever is out there hears that the network was away."""


# --- reports --------------------------------------------------------------------------------------


def _somebody_reports(history: Played, chance: Random) -> None:
    town = history.town
    tellers = [*town.reporters, *town.reporters]
    if town.members:
        tellers.append(chance.choice(town.members))
    if history.plan.days > 1:
        # In a month most reports come from people who never wrote before.
        tellers += [PersonId(f"passer{chance.randrange(10**6)}") for _ in tellers]
    reports(history, chance, chance.choice(tellers))
    if chance.random() < 0.5:
        other = chance.choice(tellers)
        history.later(chance.uniform(30, 1500), lambda: reports(history, chance, other))


def reports(history: Played, chance: Random, person: PersonId) -> None:
    """This person tells of something, in one message or two."""
    what = chance.choice(_SIGHTS)
    names = [str(place.id) for place in history.places]
    where = chance.choice((*names, names[0], ""))
    words, place = history.canary(person, "w"), history.canary(person, "p")
    corner = f" at the corner of {place} and Third" if chance.random() < 0.7 else ""
    anew = "/report " if chance.random() < 0.2 else ""
    history.say(
        person,
        f"{anew}{what} in {where}{corner}. {words}",
        media=_pictures(history, chance, person),
    )
    if chance.random() < 0.3:
        more = history.canary(person, "w")
        history.people.write(person, f"they are getting louder {more}", 60, 2000)
    if chance.random() < 0.15:
        wait_s = chance.uniform(20, 1500)
        history.later(wait_s, lambda: history.show(person, chance.choice(("", "look at this"))))
    match chance.randrange(12):
        case 0:
            history.people.write(person, "/cancel", 30, 4000)
        case 1:
            history.people.write(person, "/safe", 30, 4000)
        case 2:
            wait_s = chance.uniform(30, 6000)
            history.later(wait_s, lambda: history.people.forget(person))
        case _:
            return


def _pictures(history: Played, chance: Random, person: PersonId) -> tuple[Media, ...]:
    number = chance.choice((0, 0, 0, 1, 2))
    return tuple(history.picture(person) for _ in range(number))


def _letter(history: Played, chance: Random) -> None:
    """A private report in parts: some come twice, most out of order, now and then one never."""
    town = history.town
    person = chance.choice([*town.reporters, *town.members])
    words, place = history.canary(person, "w"), history.canary(person, "p")
    where = chance.choice([str(one.id) for one in history.places])
    told = f"{chance.choice(_SIGHTS)} in {where} at the corner of {place} and Third. {words}"
    texts = letters.parts(f"letter{chance.randrange(10**6)}", told, chance.randint(2, 4))
    chance.shuffle(texts)
    if chance.random() < 0.2:
        texts.pop()
    if chance.random() < 0.4:
        texts.append(chance.choice(texts))
    for text in texts:
        history.people.write(person, text, 1, chance.choice((30, 30, 900)))
    if chance.random() < 0.15:
        history.later(chance.uniform(30, 600), lambda: history.people.forget(person))


def _aid(history: Played, chance: Random) -> None:
    """Somebody needs food, mostly by day, sometimes when nobody may be asked who only offers it."""
    person = chance.choice(history.town.reporters[:5])
    place = chance.choice(history.places).id
    hours = chance.choice((0.0, 9.5, 14.0, 16.0, 23.9))

    def ask() -> None:
        words = history.canary(person, "w")
        history.say(person, f"/report {cast.SIGHTS['mutual-aid']} in {place}. {words}")
        history.people.write(person, chance.choice(("Food", "Food", "A ride")), 20, 60)

    history.later(hours * _HOUR_S, ask)


def _flood(history: Played, chance: Random) -> None:
    wave = chance.randrange(10**6)
    for number in range(25):
        person = PersonId(f"flooder{wave}n{number}")
        history.later(number * 3, lambda p=person: reports(history, chance, p))  # type: ignore[misc]


def _ring(history: Played, chance: Random) -> None:
    """People for whom one and the same member stands, all telling the same."""
    for number in range(3):
        person = PersonId(f"ring{number}")
        history.later(number * 40, lambda p=person: reports(history, chance, p))  # type: ignore[misc]


def _conspiracy(history: Played, chance: Random) -> None:
    """Members who vouch for each other report; the others are eager to confirm and to go."""
    for number, person in enumerate(history.town.plotters):
        wait_s = number * chance.uniform(10, 200)
        history.later(wait_s, lambda p=person: reports(history, chance, p))  # type: ignore[misc]


def _lure(history: Played, chance: Random) -> None:
    """One account calls people out again and again, to the same corner."""
    person = PersonId(f"lurer{chance.randrange(10**6)}")
    place = history.places[0].id
    for number in range(chance.randint(3, 6)):
        history.later(
            number * chance.uniform(100, 1500),
            lambda: history.say(
                person, f"/report cops search a kid in {place} {history.canary(person, 'w')}"
            ),
        )


# --- people and playbooks -------------------------------------------------------------------------


def _somebody_goes(history: Played, chance: Random) -> None:
    """A member is removed or blocked, perhaps in the middle of a response."""
    busy = [p for p in history.town.members if history.world.busy_in(p)]
    here = busy or history.town.members
    who = history.world.person(chance.choice(here)) if here else None
    if who is None or who.has(Role.COORDINATOR):
        return
    gone = chance.choice((replace(who, removed=True), replace(who, granted=Level.BLOCKED)))
    _try(history, f"{who.id} is removed or blocked", "gone", _leaving(gone))


def _leaving(gone: Person) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        desk.put(gone)
        desk.person_gone(gone.id)

    return act


def _try(history: Played, what: str, kind: str, act: Callable[[Desk], None]) -> None:
    """Do something at the desk, and again a minute later where the disk did not take it."""

    def decide(world: World, at: datetime, nonce: bytes) -> Changes:
        desk = Desk(world, at, nonce)
        act(desk)
        return desk.changes

    if not history.step(what, kind, decide):
        history.later(60, lambda: _try(history, what, kind, act))


def _edit(history: Played, chance: Random) -> None:
    kind = chance.choice(sorted(history.disk.playbooks))
    new = cast.edition(kind, len(history.editions) + 1, chance)
    history.editions[new.digest] = new
    history.disk.edit(new)
    history.disk.show_playbooks(history.world)


# --- coordinators ---------------------------------------------------------------------------------


def _coordinators(history: Played) -> list[PersonId]:
    """The coordinators who are still there, as they stand in memory now."""
    people = map(history.world.person, history.town.members)
    return [p.id for p in people if p is not None and p.member and p.has(Role.COORDINATOR)]


def _drill(history: Played, chance: Random) -> None:
    """A coordinator holds a drill, sometimes just before somebody reports from there."""
    coordinators = _coordinators(history)
    if not coordinators:
        return
    place = chance.choice(history.places).id
    history.say(chance.choice(coordinators), f"/drill {place}")
    if chance.random() < 0.5:
        history.later(chance.uniform(20, 600), lambda: _report_from(history, chance, place))


def _report_from(history: Played, chance: Random, place: Place) -> None:
    person = chance.choice(history.town.reporters)
    words = history.canary(person, "w")
    history.say(person, f"{chance.choice(_SIGHTS)} in {place}. {words}")


def _lock(history: Played, chance: Random) -> None:
    """Two coordinators lock the network, or one who has the passphrase; or somebody only tries."""
    coordinators = _coordinators(history)
    if not coordinators:
        return
    first, other = chance.choice(coordinators), chance.choice(coordinators)
    match chance.randrange(6):
        case 0:
            history.say(first, f"/lock {KNOWN_WORDS}")
        case 1:
            for _ in range(4):
                history.people.write(first, "/lock of no use", 1, 200)
        case 2:
            history.say(first, "/lock")
            history.people.write(first, "/lock", 10, 60)
        case 3:
            history.say(chance.choice([*history.town.members, *history.town.reporters]), "/lock")
        case _:
            history.say(first, "/lock")
            history.people.write(other, "/lock", 30, chance.choice((60, 900)))
            history.people.tap(other, Verb.LOCK, 20, 200)
    later_s = chance.choice((1800, 2 * _HOUR_S, 9 * _HOUR_S))
    history.later(later_s, history.errands.unlock)


# --- the machine and the platforms ----------------------------------------------------------------


def _outage(history: Played, chance: Random) -> None:
    history.go_down(chance.choice((60, 240, 40 * 60, 6 * _HOUR_S)))


def _crash(history: Played, chance: Random) -> None:
    history.die_next()


def _disk_full(history: Played, chance: Random) -> None:
    history.full_until = history.now + timedelta(seconds=chance.choice((1, 120, 1200)))


def _set_clock(history: Played, chance: Random) -> None:
    before = history.wall
    history.clock.set_wall(chance.choice((-7200, -600, -90, 90, 600, 7200)))
    history.tell(f"the clock shows {history.wall:%d %H:%M:%S}")
    history.after_silence(before)


def _deaf(history: Played, chance: Random) -> None:
    platform = history.platforms[chance.choice(sorted(history.platforms))]
    platform.deaf_until = history.now + timedelta(minutes=20)


def _stuck(history: Played, chance: Random) -> None:
    platform = history.platforms[chance.choice(sorted(history.platforms))]
    platform.stuck_until = history.now + timedelta(minutes=chance.choice((2, 15, 60)))


def _swallows(history: Played, chance: Random) -> None:
    platform = history.platforms[chance.choice(sorted(history.platforms))]
    platform.swallows_until = history.now + timedelta(minutes=chance.choice((2, 15, 60)))


HAPPEN: Final[Mapping[What, Callable[[Played, Random], None]]] = {
    What.REPORT: _somebody_reports,
    What.FLOOD: _flood,
    What.RING: _ring,
    What.CONSPIRACY: _conspiracy,
    What.LURE: _lure,
    What.AID: _aid,
    What.LETTER: _letter,
    What.GOES: _somebody_goes,
    What.DRILL: _drill,
    What.LOCK: _lock,
    What.EDITION: _edit,
    What.OUTAGE: _outage,
    What.CRASH: _crash,
    What.DISK_FULL: _disk_full,
    What.CLOCK: _set_clock,
    What.DEAF: _deaf,
    What.STUCK: _stuck,
    What.SWALLOWS: _swallows,
}


# --- what every day brings ------------------------------------------------------------------------


def plan_days(history: Played) -> None:
    """Mornings in which coordinators look at what is open, and the broom at noon."""
    days = max(1, round(history.plan.days))
    for day in range(days):
        for hour in (12, 13):
            history.later(day * DAY_S + hour * _HOUR_S, lambda: _morning(history))
        history.later(day * DAY_S + 14 * _HOUR_S, lambda: _at_the_machine(history))
    history.later(days * DAY_S, lambda: _at_the_machine(history))
    history.later(DAY_S * 3 / 4, lambda: _sweep_daily(history))


def _sweep_daily(history: Played) -> None:
    history.sweep()
    if not history.finished:
        history.later(DAY_S, lambda: _sweep_daily(history))


def _morning(history: Played) -> None:
    """Coordinators wake and end whatever is still open, knowing that all are home."""
    still = [i for i in history.world.incidents.values() if i.state not in _OVER or i.alarms]
    codes = [i.code for i in still]
    for person in history.town.members:
        who = history.world.person(person)
        if codes and who is not None and who.has(Role.COORDINATOR):
            history.people.silent.discard(person)
            for code in codes:
                history.say(person, f"/end {code} everybody is home, I called them")


def _at_the_machine(history: Played) -> None:
    """Whatever no coordinator could end is ended at the machine's own command line."""
    history.errands.unlock()
    for id in list(history.world.incidents):
        for _ in range(2):
            incident = history.world.incidents.get(id)
            if incident is None or (incident.state in _OVER and not incident.alarms):
                break
            _try(history, f"{incident.code} is ended at the machine", "machine", _ends(id))


def _ends(id: IncidentId) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        incident = desk.world.incidents.get(id)
        if incident is not None:
            ended = events.Ended(at=desk.at, by=None, reason="all home")
            desk.apply(incident, ended)

    return act
