"""Trust as coordinators give and take it at the machine: vouches, blocks, removals, keep-apart.

Rules it keeps
    * Whoever reported is never shown, also where a rule about them is made.
    * Removing or blocking somebody takes them out of every incident in the same transaction.
    * Whose level moves with it is told, so that somebody looks at them again.

What it must not know
    Channels, storage.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from responder.core import membership
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.admin.members import Who, moved_levels, told
from responder.core.desk import Desk
from responder.core.model import Level, Person, Role, State
from responder.core.world import World


def remove(desk: Desk, given: Mapping[str, object]) -> object:
    """Somebody leaves the network for good; their word for others does not count any more."""
    world = desk.world
    person = args.member(world, args.read(Who, given).call_sign)
    before = dict(world.levels())
    membership.tell_of_machine(desk, "removed", call_sign=person.call_sign)
    membership.remove(desk, person)
    others = [m for m in moved_levels(world, before) if m["call_sign"] != person.call_sign]
    return {
        "call_sign": person.call_sign,
        "levels": others,
        "notes": [*_still_out(desk, person), *_nobody_coordinates(world)],
    }


def _still_out(desk: Desk, person: Person) -> list[str]:
    there = [i for i in desk.world.incidents.values() if i.mate(person.id) is not None]
    return [
        f"{person.call_sign} is counted in {i.code} until out: responder incident accounted"
        f" {i.code} {person.call_sign} --reason ..."
        for i in there
        if i.state is not State.CLOSED
    ]


def _nobody_coordinates(world: World) -> list[str]:
    if any(p.has(Role.COORDINATOR) for p in world.members()):
        return []
    return ["Nobody coordinates now: responder member set CALL-SIGN --role coordinator"]


class _Block(Args):
    call_sign: str | None = None
    incident: str | None = None
    report: int | None = None


def _meant(world: World, asked: _Block) -> tuple[Person, str]:
    """Who is meant, and how to name them: somebody who reported is never named."""
    if (asked.call_sign is None) == (asked.incident is None):
        raise AdminFault("Name either a call sign or an incident whose reporter is meant.")
    if asked.call_sign is not None:
        person = args.member(world, asked.call_sign)
        return person, person.call_sign
    person = args.reporter(world, asked.incident or "", asked.report)
    return person, f"whoever gave that report of {args.incident(world, asked.incident or '').code}"


def _not_by_number(asked: _Block, person: Person) -> None:
    """A member's level is there for all coordinators to see: it must not tell who reported."""
    if asked.incident is not None and person.call_sign:
        raise AdminFault("Whoever gave that report can be blocked or unblocked by call sign only.")


def block(desk: Desk, given: Mapping[str, object]) -> object:
    """Nothing that this person says counts any more, and nobody pages them."""
    asked = args.read(_Block, given)
    person, named = _meant(desk.world, asked)
    _not_by_number(asked, person)
    if person.granted is Level.BLOCKED:
        raise AdminFault(f"{named} is blocked already.")
    before = dict(desk.world.levels())
    membership.tell_of_power(desk, person, membership.with_coordinator(person, yes=False))
    membership.block(desk, person)
    moved = [m for m in moved_levels(desk.world, before) if m["call_sign"] != person.call_sign]
    return {"who": named, "levels": moved, "notes": []}


def unblock(desk: Desk, given: Mapping[str, object]) -> object:
    """The block is lifted; the level follows from vouches again, not from an earlier grant."""
    asked = args.read(_Block, given)
    person, named = _meant(desk.world, asked)
    _not_by_number(asked, person)
    if person.granted is not Level.BLOCKED:
        raise AdminFault(f"{named} is not blocked.")
    membership.grant(desk, person, Level.UNKNOWN)
    level = desk.world.level(person.id)
    notes = []
    if person.call_sign and level is Level.UNKNOWN:
        notes = ["Nobody's vouch counts for them now: responder member set ... --level known"]
    return {"who": named, "level": level.value, "notes": notes}


class _Vouches(Args):
    by: str
    for_: str = msgspec.field(name="for")


def vouch(desk: Desk, given: Mapping[str, object]) -> object:
    """One member's word for another, given at the machine because it was given in person."""
    asked = args.read(_Vouches, given)
    world = desk.world
    by, other = args.member(world, asked.by), args.member(world, asked.for_)
    if by.id == other.id:
        raise AdminFault("Nobody vouches for themselves.")
    if world.level(by.id) is not Level.TRUSTED:
        raise AdminFault(
            f"{by.call_sign} is {world.level(by.id)}, and only the word of trusted members counts."
        )
    before = dict(world.levels())
    changed = membership.vouch(desk, other, by.id)
    return told(desk, changed, before)


class _Apart(Args):
    call_sign: str
    other: str | None = None
    incident: str | None = None
    report: int | None = None
    undo: bool = False


def keep_apart(desk: Desk, given: Mapping[str, object]) -> object:
    """Two people who are never to meet through the network; with `undo` the rule is lifted."""
    asked = args.read(_Apart, given)
    world = desk.world
    one = args.member(world, asked.call_sign)
    whom = _Block(call_sign=asked.other, incident=asked.incident, report=asked.report)
    other, named = _meant(world, whom)
    if other.id == one.id:
        # Said of a report, this would tell whose it is.
        if asked.incident is not None:
            return _apart(one, named, undo=asked.undo)
        raise AdminFault("Name two different people.")
    if asked.undo:
        for left, right in ((one, other), (other, one)):
            if right.id in left.keep_apart:
                kept = tuple(p for p in left.keep_apart if p != right.id)
                desk.put(replace(left, keep_apart=kept))
    elif other.id not in one.keep_apart:
        desk.put(replace(one, keep_apart=(*one.keep_apart, other.id)))
        desk.parted(one.id, other.id)
    return _apart(one, named, undo=asked.undo)


def _apart(one: Person, named: str, *, undo: bool) -> dict[str, object]:
    return {"call_sign": one.call_sign, "other": named, "apart": not undo, "notes": []}
