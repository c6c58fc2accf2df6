"""A made-up town: neighbourhoods, members, reporters, playbooks, all from one seed.

Nobody in it fits well together: some were let in by one and the same member, some must be kept
apart, some have no private channel, have let a training run out, are new, rest, or are blocked;
a ring of infiltrators stands for each other. Some read the network on a phone of their own.

What it must not know
    What happens there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Device, Stored
from responder.core.model import (
    CONSENT,
    Care,
    Level,
    Limits,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Role,
    Shift,
)
from responder.core.playbook import Playbook
from responder.core.reach import Reach
from responder.simulation import cast
from responder.simulation.cast import DURESS, KINDS, PLACES, START, a_member, a_teller
from responder.simulation.plan import Plan, dice

TEMPERS: Final = (
    *("quick",) * 8,
    *("slow", "slow", "asleep", "declines", "never", "vanishes", "silent-out"),
)
"""How a member answers pages; `quick` and `slow` go, `vanishes` says yes and is gone."""
TELLERS: Final = ("true", "true", "true", "mistaken")
FLOODERS: Final = 25


@dataclass
class Town:
    """The people of one plan, and the records that its network begins with."""

    records: list[Stored]
    places: tuple[Neighbourhood, ...]
    limits: Limits
    playbooks: list[Playbook]
    members: list[PersonId]
    reporters: list[PersonId]
    plotters: list[PersonId]
    """Members who stand for each other and for nobody else's good."""
    tempers: dict[PersonId, str] = field(default_factory=dict)
    awake: frozenset[PersonId] = frozenset()
    """The coordinators who are not asleep."""
    blind: frozenset[PersonId] = frozenset()
    """Those who never open a sealed page."""


def a_town(plan: Plan) -> Town:
    """The town of this plan."""
    chance = dice(plan.seed, "town")
    places = cast.neighbourhoods(max(2, min(len(PLACES), plan.members // 30 + 2)))
    members = _at_the_desk(plan, _members(plan, chance, places))
    reporters = _reporters(chance, members)
    limits = Limits(pages_a_night=chance.choice((1, 4, 8, 8)), unknown_held=chance.choice((2, 20)))
    records: list[Stored] = [*members, *reporters]
    for person in members:
        records += _on_call(person, dice(plan.seed, "call", person.id), plan)
        records += _phone_of(person)
    here = [p.id for p in members]
    tempers = {p: dice(plan.seed, "temper", p).choice(TEMPERS) for p in here}
    tempers |= {p.id: dice(plan.seed, "temper", p.id).choice(TELLERS) for p in reporters}
    return Town(
        records=[r for r in records if _owner(r) not in plan.without],
        places=places,
        limits=limits,
        playbooks=[cast.edition(kind, 1, chance) for kind in KINDS],
        members=[p for p in here if p not in plan.without],
        reporters=[p.id for p in reporters],
        plotters=[p.id for p in members if p.id.startswith("plotter") and p.id not in plan.without],
        tempers=tempers,
        awake=frozenset(
            p.id
            for p in members
            if p.has(Role.COORDINATOR) and dice(plan.seed, "awake", p.id).random() < 0.7
        ),
        blind=frozenset(p for p in here if dice(plan.seed, "blind", p).random() < 0.3),
    )


def _owner(record: Stored) -> PersonId | None:
    match record:
        case Person():
            return record.id
        case Care() | Shift() | Override() | Device() | Reach():
            return record.person
        case _:
            return None


# --- members --------------------------------------------------------------------------------------


def _members(plan: Plan, chance: Random, places: Sequence[Neighbourhood]) -> list[Person]:
    signs = list(islice(cast.call_signs(), plan.members))
    least = max(3, plan.members // 20)
    founders = [PersonId(sign.lower()) for sign in signs[:least]]
    members = [_a_founder(sign, number, places) for number, sign in enumerate(signs[:least])]
    members += [_a_volunteer(sign, founders, chance, places) for sign in signs[least:]]
    for _ in range(chance.randint(0, 8 + plan.members // 10)):
        one, other = chance.sample(range(len(members)), 2)
        members[one] = replace(members[one], keep_apart=(members[other].id,))
    if chance.random() < 0.4 or plan.members > 50:
        members += _plotters(founders, chance)
    return members


def _a_founder(sign: str, number: int, places: Sequence[Neighbourhood]) -> Person:
    roles = (
        (Role.COORDINATOR, Role.VERIFIER),
        (Role.COORDINATOR, Role.RESPONDER),
        (Role.VERIFIER, Role.RESPONDER),
    )
    home = (places[number // 3 % len(places)].id,)
    return a_member(
        sign,
        roles=roles[number % 3],
        duress_phrase=DURESS,
        skills=("radio",),
        neighbourhoods=home,
    )


def _a_volunteer(
    sign: str, founders: Sequence[PersonId], chance: Random, places: Sequence[Neighbourhood]
) -> Person:
    home = chance.choice(places)
    near = chance.choice((home.id, *home.adjacent))
    person = a_member(
        sign,
        granted=chance.choice((Level.TRUSTED, Level.KNOWN, Level.KNOWN, Level.UNKNOWN)),
        granted_by=chance.choice((None, *founders)),
        vouches=cast.vouched(chance.sample(list(founders), chance.randint(0, 3))),
        experienced=chance.random() < 0.6,
        skills=chance.choice(((), ("radio",))),
        language=chance.choice(("en", "en", "es")),
        neighbourhoods=tuple(dict.fromkeys((home.id, near))),
        duress_phrase=chance.choice(("", DURESS)),
        pages_a_night=chance.choice((None, None, None, 1)),
        roles=chance.choice(
            ((Role.RESPONDER,), (Role.RESPONDER,), (Role.RESPONDER, Role.VERIFIER))
        ),
    )
    if chance.random() < 0.25:
        # One founder lets in whoever asks: of those, no two may go alone together.
        person = replace(person, granted=Level.KNOWN, granted_by=founders[1], vouches=())
    if person.vouches:
        person = replace(person, offers=cast.offers(person))
    return _unfit(person, chance)


def _unfit(person: Person, chance: Random) -> Person:
    """One in four has something that forbids to page them."""
    match chance.randrange(16):
        case 0:
            return replace(person, granted=Level.BLOCKED)
        case 1:
            return replace(person, trainings=cast.trained(START - timedelta(days=1)))
        case 2:
            # The last day of the training: it runs out at midnight, in the middle of the night.
            return replace(person, trainings=cast.trained(START))
        case 3 | 6:
            return replace(person, addresses=(cast.on_telegram(person),))
        case 7:
            # Joined, and has not said yes to what is kept about them.
            return replace(person, welcome=(CONSENT,))
        case 4 | 5:
            return replace(person, addresses=(cast.on_telegram(person), *person.addresses))
        case 8:
            return replace(person, addresses=(*person.addresses, cast.on_telegram(person)))
        case _:
            return person


def _plotters(founders: Sequence[PersonId], chance: Random) -> list[Person]:
    """Three who were let in by one careless founder or by nobody, and vouch for each other."""
    ids = [PersonId(f"plotter{n}") for n in range(3)]
    careless = chance.choice((None, founders[0]))
    found = []
    for id in ids:
        others = [o for o in ids if o != id]
        person = a_member(
            id.capitalize(),
            granted=Level.UNKNOWN,
            vouches=cast.vouched([*others, *([careless] if careless else [])]),
            experienced=chance.random() < 0.5,
            roles=(Role.RESPONDER, Role.VERIFIER),
        )
        found.append(person)
    return found


def _at_the_desk(plan: Plan, members: Sequence[Person]) -> list[Person]:
    """Some towns have coordinators besides the founders; some coordinate over Telegram alone."""
    chance = dice(plan.seed, "desk")
    fit = [p for p in members if not p.id.startswith("plotter") and p.granted is not Level.BLOCKED]
    others = [p.id for p in fit if not p.has(Role.COORDINATOR) and CONSENT not in p.welcome]
    more = set(chance.sample(others, min(len(others), chance.choice((0, 1, 1, 2)))))
    found = []
    for person in members:
        if person.id in more:
            person = replace(person, roles=(*person.roles, Role.COORDINATOR))
        if person.has(Role.COORDINATOR) and chance.random() < 0.25:
            telegram = cast.on_telegram(person)
            others_too = tuple(a for a in person.addresses if a.channel != cast.TELEGRAM)
            kept = chance.choice(((), others_too))
            person = replace(person, addresses=(*kept, telegram))
        found.append(person)
    return found


def _on_call(person: Person, chance: Random, plan: Plan) -> list[Stored]:
    found: list[Stored] = []
    if chance.random() < 0.1:
        until = START + timedelta(hours=chance.randint(1, 5))
        found.append(Care(person=person.id, rest_until=until))
    if chance.random() < 0.4 or plan.days > 2:
        days = (5,) if plan.days < 2 else chance.sample(range(7), chance.randint(2, 5))
        found += [
            Shift(
                id=f"shift-{person.id}-{place}-{day}",
                person=person.id,
                neighbourhood=place,
                start="18:00",
                end=chance.choice(("02:00", "06:00")),
                weekday=day,
            )
            for place in person.neighbourhoods
            for day in days
        ]
    elif chance.random() < 0.95:
        hours = chance.choice((1, 6, 10, 24, 24))
        found.append(
            Override(
                id=f"on-{person.id}",
                person=person.id,
                start=START - timedelta(hours=1),
                end=START + timedelta(hours=hours),
                available=True,
                made_at=START,
            )
        )
    return found


def _phone_of(person: Person) -> list[Device]:
    """Some of those who are on a channel that its platform reads have a phone for sealed pages."""
    public = any(a.channel == cast.TELEGRAM for a in person.addresses)
    return [cast.a_phone(person)] if public and len(person.id) % 2 else []


# --- reporters ------------------------------------------------------------------------------------


def _reporters(chance: Random, members: Sequence[Person]) -> list[Person]:
    """Trusted ones, known ones with different vouchers, a ring vouched for by one, and unknowns."""
    founders = [p.id for p in members[:3]]
    people = [a_teller(f"truster{n}") for n in range(2)]
    for number in range(3):
        by = chance.sample(founders, chance.randint(1, 2))
        people.append(a_teller(f"knowner{number}", Level.UNKNOWN, vouches=cast.vouched(by)))
    ring = cast.vouched([chance.choice(founders)])
    people += [a_teller(f"ring{n}", Level.UNKNOWN, vouches=ring) for n in range(3)]
    people += [a_teller(f"unknowner{n}", Level.UNKNOWN) for n in range(4)]
    apart = chance.choice(members).id
    people[0] = replace(people[0], keep_apart=(apart,))
    channels = (cast.SIGNAL, cast.TELEGRAM)
    return [
        replace(p, addresses=(replace(p.addresses[0], channel=chance.choice(channels)),))
        for p in people
    ]
