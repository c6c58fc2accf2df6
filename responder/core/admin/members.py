"""Members as coordinators keep them at the machine: joining, editing, training, looking.

Rules it keeps
    * Nobody's address, emergency contact or duress phrase is ever shown.
    * A one-time code is the only way to an address: a bot cannot write first.

What it must not know
    Channels beyond their names, storage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from responder.core import membership, roster
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.changes import Device, JoinCode
from responder.core.desk import Desk
from responder.core.model import (
    Level,
    Person,
    PersonId,
    Place,
    Role,
    Training,
)
from responder.core.playbook import Team
from responder.core.talk import commands, phones
from responder.core.talk.naming import CODE_LASTS, join_code
from responder.core.trust import kept_apart
from responder.core.world import World

_MOST_PAGES: Final = 50
_LONGEST_CONTACT: Final = 200
_SHORTEST_PHRASE: Final = 4

# --- what can be said of a member -----------------------------------------------------------------


class Profile(Args):
    """All that can be set; what is left out stays as it is, and a list replaces the whole list."""

    roles: tuple[str, ...] | UnsetType = UNSET
    neighbourhoods: tuple[str, ...] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    skills: tuple[str, ...] | UnsetType = UNSET
    trainings: tuple[str, ...] | UnsetType = UNSET
    experienced: bool | UnsetType = UNSET
    level: str | UnsetType = UNSET
    emergency_contact: str | UnsetType = UNSET
    duress_phrase: str | UnsetType = UNSET
    pages_a_night: int | UnsetType | None = UNSET


class AddMember(Profile, kw_only=True):
    """A new member."""

    call_sign: str


class SetMember(Profile, kw_only=True):
    """Changes to a member; `prefer` puts one channel first, `drop_channel` forgets one."""

    call_sign: str
    rename: str | UnsetType = UNSET
    prefer: str | UnsetType = UNSET
    drop_channel: str | UnsetType = UNSET


def _roles(_: World, words: Iterable[str]) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(args.one_of(Role, word, "role") for word in words))


def _places(world: World, words: Iterable[str]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(args.place(world, word).id for word in words))


def _level(_: World, word: str) -> Level:
    level = args.one_of(Level, word, "level")
    if level is Level.BLOCKED:
        raise AdminFault("Block somebody with: responder member block CALL-SIGN")
    return level


def _trainings(_: World, words: Iterable[str]) -> tuple[Training, ...]:
    return tuple({t.name: t for t in map(args.training, words)}.values())


def _contact(_: World, words: str) -> str:
    if len(words) > _LONGEST_CONTACT:
        raise AdminFault(f"Keep the emergency contact below {_LONGEST_CONTACT} characters.")
    return words.strip()


def _phrase(_: World, words: str) -> str:
    plain = commands.fold(words)
    if plain and (
        len(plain) < _SHORTEST_PHRASE
        or commands.is_ok(words)
        or commands.number_in(words) is not None
        or commands.parse(words, slashless=True) is not None
    ):
        raise AdminFault(
            "Choose a duress phrase that nobody says by accident, and that is no command and no"
            " number: two or three words are best."
        )
    return words.strip()


def _pages(_: World, number: int | None) -> int | None:
    if number is not None and not 0 <= number <= _MOST_PAGES:
        raise AdminFault(f"Pages a night are a number from 0 to {_MOST_PAGES}.")
    return number


_READERS: Final[Mapping[str, tuple[str, Callable[[World, Any], object]]]] = {
    "roles": ("roles", _roles),
    "neighbourhoods": ("neighbourhoods", _places),
    "language": ("language", lambda world, word: args.language(word, world.network.languages)),
    "languages": ("languages", lambda _, words: tuple(map(args.language, words))),
    "skills": ("skills", lambda _, words: tuple(args.short_name(w, "skill") for w in words)),
    "trainings": ("trainings", _trainings),
    "experienced": ("experienced", lambda _, yes: yes),
    "level": ("granted", _level),
    "emergency_contact": ("emergency_contact", _contact),
    "duress_phrase": ("duress_phrase", _phrase),
    "pages_a_night": ("pages_a_night", _pages),
}
"""For each argument the field of the person, and how it is read."""


def _applied(world: World, person: Person, profile: Profile) -> Person:
    given = {name: getattr(profile, name) for name in _READERS}
    fields: dict[str, Any] = {
        field: reader(world, given[name])
        for name, (field, reader) in _READERS.items()
        if given[name] is not UNSET
    }
    if "granted" in fields:
        fields["granted_by"] = None
    if "language" in fields:
        fields["language_chosen"] = True
    return replace(person, **fields)


# --- adding and editing ---------------------------------------------------------------------------


def add(desk: Desk, given: Mapping[str, object]) -> object:
    """A new member, and the one-time code that ties the first channel to them."""
    asked = args.read(AddMember, given)
    call_sign = args.fresh_call_sign(desk.world, asked.call_sign)
    fresh = Person(id=PersonId(desk.ids.next()), call_sign=call_sign, created_at=desk.at)
    person = _applied(desk.world, fresh, asked)
    membership.tell_of_power(desk, None, person)
    desk.put(person)
    return {**_new_code(desk, person), "notes": _notes(desk, person)}


def code(desk: Desk, given: Mapping[str, object]) -> object:
    """Another one-time code, for another channel of the same member."""
    person = args.member(desk.world, args.read(Who, given).call_sign)
    return {**_new_code(desk, person), "notes": []}


class Who(Args):
    """A member, by call sign."""

    call_sign: str


def _new_code(desk: Desk, person: Person) -> dict[str, object]:
    made = JoinCode(
        code=join_code(desk.ids.next()), expires_at=desk.at + CODE_LASTS, person=person.id
    )
    desk.put(made)
    until = args.shown(made.expires_at, args.zone_of(desk.world, person))
    return {"call_sign": person.call_sign, "code": made.code, "expires_at": until}


def change(desk: Desk, given: Mapping[str, object]) -> object:
    """Edit a member; what is not named stays."""
    asked = args.read(SetMember, given)
    world = desk.world
    before = dict(world.levels())
    person = args.member(world, asked.call_sign)
    changed = _applied(world, person, asked)
    if asked.rename is not UNSET:
        name = args.fresh_call_sign(world, asked.rename, but=person)
        changed = replace(changed, call_sign=name)
    if asked.drop_channel is not UNSET:
        kept = tuple(a for a in changed.addresses if a.channel != asked.drop_channel)
        _has_channel(changed, asked.drop_channel)
        changed = replace(changed, addresses=kept)
    if asked.prefer is not UNSET:
        _has_channel(changed, asked.prefer)
        order = sorted(changed.addresses, key=lambda a: a.channel != asked.prefer)
        changed = replace(changed, addresses=tuple(order))
    if changed == person:
        raise AdminFault(f"Nothing about {person.call_sign} would change: say what to set.")
    membership.tell_of_power(desk, person, changed)
    desk.put(changed)
    return told(desk, changed, before)


def _has_channel(person: Person, channel: str) -> None:
    known = [a.channel for a in person.addresses]
    if channel not in known:
        hint = args.did_you_mean(channel, known)
        raise AdminFault(f"{person.call_sign} has not joined over {channel!r}.{hint}")


class _Train(Args):
    call_sign: str
    trainings: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


def train(desk: Desk, given: Mapping[str, object]) -> object:
    """Add trainings or renew them, and drop others."""
    asked = args.read(_Train, given)
    person = args.member(desk.world, asked.call_sign)
    known = {t.name: t for t in person.trainings}
    for name in asked.drop:
        if known.pop(name, None) is None:
            hint = args.did_you_mean(name, known)
            raise AdminFault(f"{person.call_sign} has no training {name!r}.{hint}")
    known |= {t.name: t for t in map(args.training, asked.trainings)}
    if not asked.trainings and not asked.drop:
        raise AdminFault("Name a training, for example observer:2027-06-30.")
    changed = replace(person, trainings=tuple(known.values()))
    desk.put(changed)
    return told(desk, changed, desk.world.levels())


def told(desk: Desk, person: Person, before: Mapping[PersonId, Level]) -> dict[str, object]:
    """The answer to a change of a member; `before` are the levels from before it."""
    return {
        "call_sign": person.call_sign,
        "level": desk.world.level(person.id).value,
        "levels": moved_levels(desk.world, before),
        "notes": _notes(desk, person),
    }


def moved_levels(world: World, before: Mapping[PersonId, Level]) -> list[dict[str, str]]:
    """Everybody whose level is another one than before; whoever has no call sign stays unnamed."""
    moved = [
        {"call_sign": args.name_of(world.person(id)), "before": old.value, "after": new.value}
        for id, old, new in membership.moved(world, before)
    ]
    return sorted(moved, key=lambda one: one["call_sign"])


def _notes(desk: Desk, person: Person) -> list[str]:
    """What a coordinator may not have thought of."""
    world, notes = desk.world, []
    teams = [playbook.team for playbook in world.playbooks.values()]
    for what, had, asked in (
        ("skill", set(person.skills), {s for team in teams for s in team.skills}),
        (
            "training",
            {t.name for t in person.trainings},
            {t for team in teams for t in team.training},
        ),
    ):
        for name in sorted(had - asked) if teams else ():
            notes.append(f"No playbook asks for the {what} {name}.{args.did_you_mean(name, asked)}")
    past = [t.name for t in person.trainings if t.expires_on and t.expires_on < desk.at.date()]
    notes += [f"The training {name} has expired already." for name in past]
    if not person.roles:
        notes.append("Without a role nobody is paged or asked: give one with --role.")
    elif Role.RESPONDER in person.roles and not person.neighbourhoods:
        notes.append("Without a neighbourhood /oncall puts nobody on call: give one.")
    elif not {Role.RESPONDER, Role.VERIFIER} & set(person.roles):
        notes.append("Hears alarms and is never paged: whoever goes is a responder too (--role).")
    if Role.RESPONDER in person.roles and teams and not any(_fits(person, t) for t in teams):
        wanted = ", ".join(sorted({t for team in teams for t in team.training}))
        notes.append(f"No playbook pages them: each asks for a training that they lack ({wanted}).")
    if person.roles and person.addresses and not world.private(person):
        notes.append("No Signal and no registered phone yet: no page reaches them.")
    return notes


def _fits(person: Person, team: Team) -> bool:
    """Whether they have the trainings that this team asks for, expired or not."""
    return {t.name for t in person.trainings} >= set(team.training)


# --- looking --------------------------------------------------------------------------------------


class _Filter(Args):
    role: str | None = None
    neighbourhood: str | None = None


def listed(desk: Desk, given: Mapping[str, object]) -> object:
    """Every member in one line each: no address, nothing that is asked for by `show` alone."""
    asked = args.read(_Filter, given)
    world = desk.world
    role = args.one_of(Role, asked.role, "role") if asked.role else None
    where = args.place(world, asked.neighbourhood).id if asked.neighbourhood else None
    on_call = {p for place in world.neighbourhoods for p in world.on_call(place, desk.at)}
    return [
        {
            "call_sign": person.call_sign,
            "level": world.level(person.id).value,
            "roles": [r.value for r in person.roles],
            "neighbourhoods": list(person.neighbourhoods),
            "experienced": person.experienced,
            "channels": _channels(person),
            "private": world.private(person),
            "on_call": person.id in on_call,
        }
        for person in world.members()
        if (role is None or role in person.roles)
        and (where is None or where in person.neighbourhoods)
    ]


def _channels(person: Person) -> list[str]:
    return [a.channel + (" (dead)" if a.dead else "") for a in person.addresses]


class Phone(Args):
    """A phone by its number in the list."""

    call_sign: str
    number: int


def devices(desk: Desk, given: Mapping[str, object]) -> object:
    """A member's phones, oldest first, numbered from 1."""
    person = args.member(desk.world, args.read(Who, given).call_sign)
    return {
        "call_sign": person.call_sign,
        "devices": [
            {
                "number": number,
                "words": " ".join(device.words),
                "registered": device.registered_at.isoformat(),
                "confirmed": device.confirmed_at is not None,
                "works": device.proved_at is not None,
            }
            for number, device in enumerate(desk.world.devices_of(person.id), 1)
        ],
    }


def revoke(desk: Desk, given: Mapping[str, object]) -> object:
    """Take a lost phone away: nothing is sealed to it any more."""
    person, number, device, others = _phone(desk, given)
    phones.revoke(desk, device, None)
    return {"call_sign": person.call_sign, "removed": number, "left": others}


def confirm(desk: Desk, given: Mapping[str, object]) -> object:
    """Somebody at the machine compared the words of a phone; it is tried out at once."""
    person, number, device, _ = _phone(desk, given)
    if device.confirmed_at is not None:
        raise AdminFault(f"Phone {number} of {person.call_sign} is confirmed already.")
    phones.confirm(desk, device, None)
    return {"call_sign": person.call_sign, "confirmed": number, "words": " ".join(device.words)}


def _phone(desk: Desk, given: Mapping[str, object]) -> tuple[Person, int, Device, int]:
    """The member, the number, the phone of that number, and how many others there are."""
    asked = args.read(Phone, given)
    person = args.member(desk.world, asked.call_sign)
    found = desk.world.devices_of(person.id)
    if not 1 <= asked.number <= len(found):
        raise AdminFault(
            f"{person.call_sign} has no phone {asked.number}: see `responder member devices`."
        )
    return person, asked.number, found[asked.number - 1], len(found) - 1


def show(desk: Desk, given: Mapping[str, object]) -> object:
    """All that is kept of a member, but for addresses, emergency contact and duress phrase."""
    world = desk.world
    person = args.member(world, args.read(Who, given).call_sign)
    zone = args.zone_of(world, person)
    care = world.cares.get(person.id)
    return {
        "call_sign": person.call_sign,
        "level": world.level(person.id).value,
        "granted": person.granted.value,
        "vouched_by": [args.name_of(world.person(v.by)) for v in person.vouches],
        "vouched_for": sorted(
            p.call_sign for p in world.members() if any(v.by == person.id for v in p.vouches)
        ),
        "roles": [r.value for r in person.roles],
        "neighbourhoods": list(person.neighbourhoods),
        "language": person.language,
        "languages": list(person.languages),
        "skills": list(person.skills),
        "trainings": {
            t.name: t.expires_on.isoformat() if t.expires_on else None for t in person.trainings
        },
        "claimed": sorted(set(person.claimed) - {t.name for t in person.trainings}),
        "experienced": person.experienced,
        "channels": _channels(person),
        "private": world.private(person),
        # A number only: a rule may be about somebody who reported.
        "keep_apart": sum(kept_apart(person, p) for p in world.everybody.values()),
        "emergency_contact": bool(person.emergency_contact),
        "duress_phrase": bool(person.duress_phrase),
        "pages_a_night": person.pages_a_night,
        "pages_tonight": roster.pages_tonight(care, desk.at, zone) if care else 0,
        "rest_until": args.shown(care.rest_until, zone) if care else None,
        "open_codes": sum(c.person == person.id for c in _codes(desk)),
    }


def _codes(desk: Desk) -> list[JoinCode]:
    return [c for c in desk.world.codes.values() if c.expires_at > desk.at]
