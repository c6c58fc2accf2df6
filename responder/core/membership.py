"""What changes a member's standing, whoever ordered it: trust, blocks, vouches, roles, leaving.

Rules it keeps
    * Whoever is removed or blocked is taken out of every incident in the same transaction.
    * What gives or takes power at the machine is told to coordinators in the same transaction, as
      they were before it: whoever loses it hears of it too.
    * Whose level moves when a voucher goes is told, so that somebody looks at them again.

What it must not know
    Who asked in which way, channels, storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from responder.core.desk import Desk
from responder.core.model import Level, Person, PersonId, Role, Vouch
from responder.core.world import World

_TOLD_FOR: Final = timedelta(days=7)
"""A network that stood still tells it when it runs again."""


def name_of(person: Person | None) -> str:
    """What to call somebody in an answer: the call sign of whoever has one."""
    return person.call_sign if person and person.call_sign else "somebody without a call sign"


def moved(world: World, before: Mapping[PersonId, Level]) -> list[tuple[PersonId, Level, Level]]:
    """Everybody whose level is another one than before: who, before, now."""
    now = world.levels()
    return [
        (id, level, now[id]) for id, level in before.items() if id in now and now[id] is not level
    ]


def tell_of_machine(desk: Desk, key: str, **params: object) -> None:
    """Coordinators hear what was done at the machine, where nobody had to agree to it."""
    first = len(desk.changes.messages)
    desk.tell_coordinators(f"machine.{key}", **params)
    until = desk.at + _TOLD_FOR
    told = [replace(m, expires_at=until) for m in desk.changes.messages[first:]]
    desk.changes.messages[first:] = told


# --- roles and leaving ----------------------------------------------------------------------------


def with_coordinator(person: Person, *, yes: bool) -> Person:
    """The same person with the role of a coordinator, or without it."""
    others = tuple(r for r in person.roles if r is not Role.COORDINATOR)
    return replace(person, roles=(*others, Role.COORDINATOR) if yes else others)


def tell_of_power(desk: Desk, before: Person | None, after: Person) -> None:
    """Coordinators hear that the machine is about to give that role, or to take it."""
    had = before is not None and before.has(Role.COORDINATOR)
    if had != after.has(Role.COORDINATOR):
        key = "no_coordinator" if had else "coordinator"
        tell_of_machine(desk, key, call_sign=after.call_sign)


def remove(desk: Desk, person: Person) -> list[tuple[PersonId, Level, Level]]:
    """Somebody leaves the network for good; returns whose level moved with it."""
    world = desk.world
    before = dict(world.levels())
    _off_the_rosters(desk, person)
    gone = replace(
        person,
        removed=True,
        offers=(),
        removed_at=desk.at,
        roles=(),
        skills=(),
        trainings=(),
        neighbourhoods=(),
        emergency_contact="",
        pages_a_night=None,
    )
    desk.put(gone)
    desk.person_gone(person.id)
    others = [one for one in moved(world, before) if one[0] != person.id]
    if others:
        people = ", ".join(sorted(name_of(world.person(id)) for id, _, _ in others))
        desk.tell_coordinators("vouches_reopened", call_sign=person.call_sign, people=people)
    return others


def _off_the_rosters(desk: Desk, person: Person) -> None:
    world = desk.world
    for shift in world.shifts():
        if shift.person == person.id:
            desk.delete(shift)
    for override in world.overrides():
        if override.person == person.id:
            desk.delete(override)
    for device in world.devices_of(person.id):
        desk.delete(device)
    _void_codes(desk, person)


def _void_codes(desk: Desk, person: Person) -> None:
    for made in tuple(desk.world.codes.values()):
        if person.id in (made.person, made.vouched_by):
            desk.delete(made)


# --- trust ----------------------------------------------------------------------------------------


def block(desk: Desk, person: Person, by: PersonId | None = None) -> None:
    """Nothing that this person says counts any more, and nobody pages them.

    A coordinator is one no more: lifting the block, which one may do alone, makes nobody that.
    """
    blocked = replace(person, granted=Level.BLOCKED, granted_by=by)
    desk.put(with_coordinator(blocked, yes=False))
    _void_codes(desk, person)
    desk.person_gone(person.id)


def grant(desk: Desk, person: Person, level: Level, by: PersonId | None = None) -> None:
    """Give a level by hand; `unknown` leaves it to vouches alone, and lifts a block."""
    desk.put(replace(person, granted=level, granted_by=by))


def vouch(desk: Desk, person: Person, by: PersonId) -> Person:
    """One member's word for another; given twice it counts once. The person as changed."""
    vouches = tuple(v for v in person.vouches if v.by != by)
    changed = replace(person, vouches=(*vouches, Vouch(by=by, at=desk.at)))
    desk.put(changed)
    return changed


def unvouch(desk: Desk, person: Person, by: PersonId) -> bool:
    """One member's word is taken back; False where there is none."""
    vouches = tuple(v for v in person.vouches if v.by != by)
    if vouches == person.vouches:
        return False
    desk.put(replace(person, vouches=vouches))
    return True
