"""How each planned happening comes about: reports, plots, and faults of machine and platforms.

What it must not know
    What the core makes of it, what any law says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from responder.core import events
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.model import IncidentId, Level, Person, PersonId, Role, State
from responder.core.world import World
from responder.simulation import cast
from responder.simulation.plan import DAY_S, What

if TYPE_CHECKING:
    from responder.simulation.history import History

_OVER: Final = frozenset({State.AFTERCARE, State.CLOSED})
_SIGHTS: Final = (*cast.SIGHTS.values(), *(cast.SIGHTS["copwatch"],) * 4)
"""Many see the same: else nobody's report would ever agree with another one's."""
_HOUR_S: Final = 3600.0


# --- reports --------------------------------------------------------------------------------------


def _somebody_reports(history: History, chance: Random) -> None:
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


def reports(history: History, chance: Random, person: PersonId) -> None:
    """This person tells of something, in one message or two."""
    what = chance.choice(_SIGHTS)
    names = [str(place.id) for place in history.places]
    where = chance.choice((*names, names[0], ""))
    words, place = history.canary(person, "w"), history.canary(person, "p")
    corner = f" at the corner of {place} and Third" if chance.random() < 0.7 else ""
    anew = "/report " if chance.random() < 0.2 else ""
    history.say(person, f"{anew}{what} in {where}{corner}. {words}")
    if chance.random() < 0.3:
        more = history.canary(person, "w")
        history.people.write(person, f"they are getting louder {more}", 60, 2000)
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


def _flood(history: History, chance: Random) -> None:
    wave = chance.randrange(10**6)
    for number in range(25):
        person = PersonId(f"flooder{wave}n{number}")
        history.later(number * 3, lambda p=person: reports(history, chance, p))  # type: ignore[misc]


def _ring(history: History, chance: Random) -> None:
    """People for whom one and the same member stands, all telling the same."""
    for number in range(3):
        person = PersonId(f"ring{number}")
        history.later(number * 40, lambda p=person: reports(history, chance, p))  # type: ignore[misc]


def _conspiracy(history: History, chance: Random) -> None:
    """Members who vouch for each other report; the others are eager to confirm and to go."""
    for number, person in enumerate(history.town.plotters):
        wait_s = number * chance.uniform(10, 200)
        history.later(wait_s, lambda p=person: reports(history, chance, p))  # type: ignore[misc]


def _lure(history: History, chance: Random) -> None:
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


def _somebody_goes(history: History, chance: Random) -> None:
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


def _try(history: History, what: str, kind: str, act: Callable[[Desk], None]) -> None:
    """Do something at the desk, and again a minute later where the disk did not take it."""

    def decide(world: World, at: datetime, nonce: bytes) -> Changes:
        desk = Desk(world, at, nonce)
        act(desk)
        return desk.changes

    if not history.step(what, kind, decide):
        history.later(60, lambda: _try(history, what, kind, act))


def _edit(history: History, chance: Random) -> None:
    kind = chance.choice(sorted(history.disk.playbooks))
    new = cast.edition(kind, len(history.editions) + 1, chance)
    history.editions[new.digest] = new
    history.disk.edit(new)
    history.disk.show_playbooks(history.world)


# --- the machine and the platforms ----------------------------------------------------------------


def _outage(history: History, chance: Random) -> None:
    history.go_down(chance.choice((60, 240, 40 * 60, 6 * _HOUR_S)))


def _crash(history: History, chance: Random) -> None:
    history.die_next()


def _disk_full(history: History, chance: Random) -> None:
    history.full_until = history.now + timedelta(seconds=chance.choice((1, 120, 1200)))


def _set_clock(history: History, chance: Random) -> None:
    before = history.wall
    history.clock.set_wall(chance.choice((-7200, -600, -90, 90, 600, 7200)))
    history.tell(f"the clock shows {history.wall:%d %H:%M:%S}")
    history.after_silence(before)


def _deaf(history: History, chance: Random) -> None:
    platform = history.platforms[chance.choice(sorted(history.platforms))]
    platform.deaf_until = history.now + timedelta(minutes=20)


def _stuck(history: History, chance: Random) -> None:
    platform = history.platforms[chance.choice(sorted(history.platforms))]
    platform.stuck_until = history.now + timedelta(minutes=chance.choice((2, 15, 60)))


def _swallows(history: History, chance: Random) -> None:
    platform = history.platforms[chance.choice(sorted(history.platforms))]
    platform.swallows_until = history.now + timedelta(minutes=chance.choice((2, 15, 60)))


HAPPEN: Final[Mapping[What, Callable[[History, Random], None]]] = {
    What.REPORT: _somebody_reports,
    What.FLOOD: _flood,
    What.RING: _ring,
    What.CONSPIRACY: _conspiracy,
    What.LURE: _lure,
    What.GOES: _somebody_goes,
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


def plan_days(history: History) -> None:
    """Mornings in which coordinators look at what is open, and the broom at noon."""
    days = max(1, round(history.plan.days))
    for day in range(days):
        for hour in (12, 13):
            history.later(day * DAY_S + hour * _HOUR_S, lambda: _morning(history))
        history.later(day * DAY_S + 14 * _HOUR_S, lambda: _at_the_machine(history))
    history.later(days * DAY_S, lambda: _at_the_machine(history))
    history.later(DAY_S * 3 / 4, lambda: _sweep_daily(history))


def _sweep_daily(history: History) -> None:
    history.sweep()
    if not history.finished:
        history.later(DAY_S, lambda: _sweep_daily(history))


def _morning(history: History) -> None:
    """Coordinators wake and end whatever is still open, knowing that all are home."""
    still = [i for i in history.world.incidents.values() if i.state not in _OVER or i.alarms]
    codes = [i.code for i in still]
    for person in history.town.members:
        who = history.world.person(person)
        if codes and who is not None and who.has(Role.COORDINATOR):
            history.people.silent.discard(person)
            for code in codes:
                history.say(person, f"/end {code} everybody is home, I called them")


def _at_the_machine(history: History) -> None:
    """Whatever no coordinator could end is ended at the machine's own command line."""
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
