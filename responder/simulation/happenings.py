"""How each planned happening comes about: reports, plots, and faults of machine and platforms.

What it must not know
    What the core makes of it, what any law says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Final

from msgspec.structs import replace

from responder.core import events, sweeping
from responder.core.desk import Desk
from responder.core.model import (
    IncidentId,
    Level,
    Media,
    Person,
    PersonId,
    Role,
    State,
)
from responder.simulation import cast, coordinating, letters
from responder.simulation.backups import Backup
from responder.simulation.plan import DAY_S, What
from responder.simulation.played import Played, at_the_desk

_OVER: Final = frozenset({State.AFTERCARE, State.CLOSED})
_HOUR_S: Final = 3600.0
_ALL_ASLEEP: Final = timedelta(days=1)


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
    what = chance.choice(cast.SEEN)
    names = [str(place.id) for place in history.places]
    where = chance.choice((*names, names[0], ""))
    words, place = history.arrivals.canary(person, "w"), history.arrivals.canary(person, "p")
    corner = f" at the corner of {place} and Third" if chance.random() < 0.7 else ""
    anew = "/report " if chance.random() < 0.2 else ""
    history.arrivals.say(
        person,
        f"{anew}{what} in {where}{corner}. {words}",
        media=_pictures(history, chance, person),
    )
    if chance.random() < 0.3:
        more = history.arrivals.canary(person, "w")
        history.people.write(person, f"they are getting louder {more}", 60, 2000)
    if chance.random() < 0.15:
        wait_s = chance.uniform(20, 1500)
        history.later(
            wait_s, lambda: history.arrivals.show(person, chance.choice(("", "look at this")))
        )
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
    return tuple(history.arrivals.picture(person) for _ in range(number))


def _letter(history: Played, chance: Random) -> None:
    """A private report in parts: some come twice, most out of order, now and then one never."""
    town = history.town
    person = chance.choice([*town.reporters, *town.members])
    words, place = history.arrivals.canary(person, "w"), history.arrivals.canary(person, "p")
    where = chance.choice([str(one.id) for one in history.places])
    told = f"{chance.choice(cast.SEEN)} in {where} at the corner of {place} and Third. {words}"
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
        words = history.arrivals.canary(person, "w")
        history.arrivals.say(person, f"/report {cast.SIGHTS['mutual-aid']} in {place}. {words}")
        history.people.write(person, chance.choice(("Food", "Food", "A ride")), 20, 60)

    history.later(hours * _HOUR_S, ask)


def _plea(history: Played, chance: Random) -> None:
    """Somebody whose words fit no kind asks for a coordinator, and mostly writes on."""
    known = [*history.town.reporters, *history.town.members]
    new = PersonId(f"pleader{chance.randrange(10**6)}")
    person = chance.choice((new, chance.choice(known)))
    arrivals, people = history.arrivals, history.people
    people.pleads.add(person)
    arrivals.say(person, f"/report something is not right here. {arrivals.canary(person, 'w')}")
    for _ in range(chance.choice((0, 1, 1, 3))):
        more = arrivals.canary(person, "w")
        people.write(person, f"I am still waiting {more}", 90, chance.choice((600, 20_000)))
    match chance.randrange(8):
        case 0:
            people.write(person, "/cancel", 60, 4000)
        case 1:
            history.later(chance.uniform(60, 6000), lambda: people.forget(person))
        case 2:
            history.later(chance.uniform(60, 4000), lambda: reports(history, chance, person))
        case _:
            return


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
    arrivals = history.arrivals
    person = PersonId(f"lurer{chance.randrange(10**6)}")
    place = history.places[0].id
    for number in range(chance.randint(3, 6)):
        history.later(
            number * chance.uniform(100, 1500),
            lambda: arrivals.say(
                person, f"/report cops search a kid in {place} {arrivals.canary(person, 'w')}"
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
    at_the_desk(history, f"{who.id} is removed or blocked", "gone", _leaving(gone))


def _leaving(gone: Person) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        desk.put(gone)
        desk.person_gone(gone.id)

    return act


def _edit(history: Played, chance: Random) -> None:
    kind = chance.choice(sorted(history.disk.playbooks))
    new = cast.edition(kind, len(history.editions) + 1, chance)
    history.editions[new.digest] = new
    history.disk.edit(new)
    history.disk.show_playbooks(history.world)


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


def _restarts(history: Played, chance: Random) -> None:
    """For less than the three minutes after which anybody is told of a silence."""
    platform = history.platforms[cast.SIGNAL]
    platform.restarts_until = history.now + timedelta(seconds=chance.choice((20, 90, 170)))


def _restore(history: Played, chance: Random) -> None:
    """A backup is made now, and put back half an hour, a day or weeks later."""
    if history.disk.locked:
        return
    backup = history.backup()
    wait_s = chance.choice((_HOUR_S / 2, 6 * _HOUR_S, 26 * _HOUR_S, 9 * DAY_S, 40 * DAY_S))
    history.later(wait_s, lambda: _put_back(history, backup))


def _put_back(history: Played, backup: Backup) -> None:
    if history.disk.locked:
        history.later(_HOUR_S, lambda: _put_back(history, backup))
        return
    history.tell("a backup is put back")
    history.put_back(backup)
    _destroy_what_outlived(history, backup)
    for hours in (9, 10):
        history.later(hours * _HOUR_S, lambda: _morning(history))
    history.later(11 * _HOUR_S, lambda: _at_the_machine(history))


def _destroy_what_outlived(history: Played, backup: Backup) -> None:
    """What is past its time goes before the network serves; then it is started."""
    made_at = backup.made_at
    if history.at_the_terminal(
        "what outlived its time goes",
        "restore",
        lambda w, at, n: sweeping.outlived(w, at, n, made_at),
    ):
        history.sweep()
    else:
        history.later(60, lambda: _destroy_what_outlived(history, backup))


HAPPEN: Final[Mapping[What, Callable[[Played, Random], None]]] = {
    What.REPORT: _somebody_reports,
    What.FLOOD: _flood,
    What.RING: _ring,
    What.CONSPIRACY: _conspiracy,
    What.LURE: _lure,
    What.AID: _aid,
    What.LETTER: _letter,
    What.GOES: _somebody_goes,
    What.DRILL: coordinating.drill,
    What.LOCK: coordinating.lock,
    What.EDITION: _edit,
    What.OUTAGE: _outage,
    What.CRASH: _crash,
    What.DISK_FULL: _disk_full,
    What.CLOCK: _set_clock,
    What.DEAF: _deaf,
    What.STUCK: _stuck,
    What.SWALLOWS: _swallows,
    What.RESTARTS: _restarts,
    What.RESTORE: _restore,
    What.PLEA: _plea,
    What.ORDER: coordinating.order,
    What.STANDING: coordinating.standing,
    What.TURNS: coordinating.turns,
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
    if history.now - cast.START > timedelta(seconds=history.plan.length_s) + _ALL_ASLEEP:
        # An alarm that began when everybody had gone home rings until somebody looks.
        _at_the_machine(history)
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
                history.arrivals.say(person, f"/end {code} everybody is home, I called them")


def _at_the_machine(history: Played) -> None:
    """Whatever no coordinator could end is ended at the machine's own command line."""
    history.errands.unlock()
    for id in list(history.world.incidents):
        for _ in range(2):
            incident = history.world.incidents.get(id)
            if incident is None or (incident.state in _OVER and not incident.alarms):
                break
            at_the_desk(history, f"{incident.code} is ended at the machine", "machine", _ends(id))


def _ends(id: IncidentId) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        incident = desk.world.incidents.get(id)
        if incident is not None:
            ended = events.Ended(at=desk.at, by=None, reason="all home")
            desk.apply(incident, ended)

    return act
