"""A made-up town for one night: neighbourhoods, members, reporters, playbooks, all from one seed.

Nobody in it fits well together: some were let in by one and the same member, some must be kept
apart, some have no private channel, have let a training run out, are new, rest, or are blocked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from msgspec.structs import replace

from responder.core.model import (
    Address,
    Care,
    Level,
    Limits,
    Override,
    Person,
    PersonId,
    Role,
    Shift,
    Training,
    Vouch,
)
from responder.core.playbook import Playbook, Wave, Words
from responder.core.world import World
from tests.builders import (
    KINDS,
    NORTHSIDE,
    NOW,
    RIVERSIDE,
    a_member,
    a_network,
    a_playbook,
    a_reporter,
    changed,
    trained_in_all,
)

CALL_SIGNS = (
    *("Heron", "Wren", "Otter", "Badger", "Lapwing", "Marten", "Siskin", "Plover"),
    *("Dunlin", "Linnet", "Godwit", "Stoat", "Curlew", "Avocet", "Pipit", "Whimbrel"),
)
DURESS = "purple teapot"


@dataclass
class Town:
    """The people of one night. `tempers` says how each member answers pages."""

    world: World
    members: list[PersonId]
    reporters: list[PersonId]
    tempers: dict[PersonId, str] = field(default_factory=dict)
    awake: set[PersonId] = field(default_factory=set)
    """The coordinators who are not asleep."""


TEMPERS = (
    *("quick",) * 8,
    *("slow", "slow", "declines", "never", "vanishes", "silent-out"),
)


def a_town(chance: Random) -> Town:
    """The town of this seed."""
    members = _members(chance)
    reporters = _reporters(chance, members)
    limits = Limits(pages_a_night=chance.choice((1, 4, 8, 8)), unknown_held=chance.choice((2, 20)))
    world = a_network(
        *members,
        *reporters,
        playbooks=[edition(a_playbook(kind), 1, chance) for kind in KINDS],
        limits=limits,
        on_call=False,
    )
    for person in members:
        _put_on_call(world, person, chance)
    town = Town(world, [p.id for p in members], [p.id for p in reporters])
    town.tempers = {p.id: chance.choice(TEMPERS) for p in members}
    town.awake = {p.id for p in members if p.has(Role.COORDINATOR) and chance.random() < 0.7}
    return town


def edition(playbook: Playbook, number: int, chance: Random) -> Playbook:
    """A playbook whose brief says which edition it is of, with rules of its own."""
    size = chance.choice((2, 2, 2, 3))
    waves = tuple(_wave(wave, chance) for wave in playbook.waves)
    marked = {
        tongue: f"{text} edition-{number}." for tongue, text in playbook.brief.text.root.items()
    }
    changes: dict[str, dict[str, object]] = {
        "team": {"size": size, "skills": chance.choice(((), (), ("radio",)))},
        "trust": {"pages_at": chance.choice((Level.KNOWN, Level.TRUSTED))},
        "brief": {"text": Words(marked)},
    }
    return changed(playbook, **changes).model_copy(update={"waves": waves})


def _wave(wave: Wave, chance: Random) -> Wave:
    if wave.whom == "coordinators":
        return wave
    return wave.model_copy(update={"how_many": chance.choice(("enough", "enough", "all", 2))})


def _members(chance: Random) -> list[Person]:
    signs = list(CALL_SIGNS[: chance.randint(9, len(CALL_SIGNS))])
    founders = [PersonId(sign.lower()) for sign in signs[:3]]
    members = [_a_founder(sign, number) for number, sign in enumerate(signs[:3])]
    for sign in signs[3:]:
        members.append(_a_volunteer(sign, founders, chance))
    for _ in range(chance.randint(0, 3)):
        one, other = chance.sample(range(len(members)), 2)
        members[one] = replace(members[one], keep_apart=(members[other].id,))
    return members


def _a_founder(sign: str, number: int) -> Person:
    roles = (
        (Role.COORDINATOR, Role.VERIFIER),
        (Role.COORDINATOR, Role.RESPONDER),
        (Role.VERIFIER, Role.RESPONDER),
    )
    return a_member(sign, roles=roles[number], duress_phrase=DURESS, skills=("radio",))


def _a_volunteer(sign: str, founders: Sequence[PersonId], chance: Random) -> Person:
    person = a_member(
        sign,
        granted=chance.choice((Level.TRUSTED, Level.KNOWN, Level.KNOWN, Level.UNKNOWN)),
        granted_by=chance.choice((None, *founders)),
        vouches=tuple(
            Vouch(by=by, at=NOW) for by in chance.sample(list(founders), chance.randint(0, 3))
        ),
        experienced=chance.random() < 0.6,
        skills=chance.choice(((), ("radio",))),
        language=chance.choice(("en", "en", "es")),
        neighbourhoods=chance.choice(((NORTHSIDE,), (RIVERSIDE,), (NORTHSIDE, RIVERSIDE))),
        duress_phrase=chance.choice(("", DURESS)),
        pages_a_night=chance.choice((None, None, None, 1)),
        roles=chance.choice(
            ((Role.RESPONDER,), (Role.RESPONDER,), (Role.RESPONDER, Role.VERIFIER))
        ),
    )
    return _unfit(person, chance)


def _unfit(person: Person, chance: Random) -> Person:
    """One in four has something that forbids to page them."""
    telegram = (Address(channel="telegram", handle=f"tg-{person.id}"),)
    match chance.randrange(16):
        case 0:
            return replace(person, granted=Level.BLOCKED)
        case 1:
            yesterday = (NOW - timedelta(days=1)).date()
            trainings = tuple(Training(name=t.name, expires_on=yesterday) for t in trained_in_all())
            return replace(person, trainings=trainings)
        case 2:
            # The last day of the training: it runs out at midnight, in the middle of the night.
            trainings = tuple(
                Training(name=t.name, expires_on=NOW.date()) for t in trained_in_all()
            )
            return replace(person, trainings=trainings)
        case 3:
            return replace(person, addresses=telegram)
        case 4 | 5:
            return replace(person, addresses=(*telegram, *person.addresses))
        case _:
            return person


def _put_on_call(world: World, person: Person, chance: Random) -> None:
    if chance.random() < 0.1:
        until = NOW + timedelta(hours=chance.randint(1, 5))
        world.put(Care(person=person.id, rest_until=until))
    if chance.random() < 0.4:
        for place in person.neighbourhoods:
            id = f"shift-{person.id}-{place}"
            shift = Shift(
                id=id, person=person.id, neighbourhood=place, start="18:00", end="02:00", weekday=5
            )
            world.put(shift)
    elif chance.random() < 0.95:
        hours = chance.choice((1, 6, 10, 24, 24))
        world.put(
            Override(
                id=f"on-{person.id}",
                person=person.id,
                start=NOW - timedelta(hours=1),
                end=NOW + timedelta(hours=hours),
                available=True,
                made_at=NOW,
            )
        )


def _reporters(chance: Random, members: Sequence[Person]) -> list[Person]:
    """Trusted ones, known ones with different vouchers, a ring vouched for by one, and unknowns."""
    founders = [p.id for p in members[:3]]
    people = [a_reporter(f"t{n}") for n in range(2)]
    for number in range(3):
        by = chance.sample(founders, chance.randint(1, 2))
        vouches = tuple(Vouch(by=one, at=NOW) for one in by)
        people.append(a_reporter(f"k{number}", Level.UNKNOWN, vouches=vouches))
    ring = (Vouch(by=chance.choice(founders), at=NOW),)
    people += [a_reporter(f"ring{n}", Level.UNKNOWN, vouches=ring) for n in range(3)]
    people += [a_reporter(f"u{n}", Level.UNKNOWN) for n in range(4)]
    apart = chance.choice(members).id
    people[0] = replace(people[0], keep_apart=(apart,))
    channels = ("signal", "telegram")
    return [
        replace(p, addresses=(replace(p.addresses[0], channel=chance.choice(channels)),))
        for p in people
    ]
