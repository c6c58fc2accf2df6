"""Drills and reachability as coordinators order and read them at the machine.

Rules it keeps
    * What is ordered here is ordered by nobody in particular (`by` None): the machine's own line.
    * A drill that cannot begin now says why, and changes nothing.

What it must not know
    Storage, terminals.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args, NotNow
from responder.core.desk import Desk
from responder.core.playbook import Playbook
from responder.core.reach import Drill
from responder.core.rehearsing import drill_report, drills, reaching
from responder.core.rehearsing.drills import Refusal
from responder.core.world import World

_REFUSED: Final[Mapping[Refusal, str]] = {
    Refusal.REAL: "Something real is going on there: no drill now. See: responder incident list",
    Refusal.RUNNING: "A drill is running there already. See: responder drill report",
    Refusal.NOBODY: (
        "Nobody is on call there who may be asked now. See: responder shift oncall --neighbourhood"
    ),
}


class _Begin(Args):
    neighbourhood: str
    playbook: str | None = None
    every_channel: bool = False
    minutes: int = int(drills.LASTS.total_seconds()) // 60


class _Code(Args):
    code: str = ""


class _None(Args):
    pass


def begin(desk: Desk, given: Mapping[str, object]) -> object:
    """Ask everybody on call there for one tap."""
    asked = args.read(_Begin, given)
    place = args.place(desk.world, asked.neighbourhood)
    longest = int(drills.LONGEST.total_seconds()) // 60
    if not 1 <= asked.minutes <= longest:
        raise AdminFault(f"A drill lasts from 1 to {longest} minutes.")
    begun = drills.begin(
        desk,
        place.id,
        playbook=_playbook(desk.world, asked.playbook),
        every_channel=asked.every_channel,
        lasts=timedelta(minutes=asked.minutes),
    )
    if isinstance(begun, Refusal):
        raise NotNow(_REFUSED[begun])
    return {
        "code": begun.code,
        "neighbourhood": place.id,
        "asked": len(begun.asked),
        "left_out": len(begun.left_out),
        "minutes": asked.minutes,
    }


def _playbook(world: World, name: str | None) -> Playbook | None:
    if name is None:
        return None
    if name not in world.playbooks:
        raise AdminFault(
            f"There is no playbook {name!r}.{args.did_you_mean(name, world.playbooks)}"
        )
    return world.playbooks[name]


def stop(desk: Desk, given: Mapping[str, object]) -> object:
    """End a drill now; what nobody answered is taken back."""
    drill = _named(desk.world, args.read(_Code, given).code)
    if drill.ended_at is not None:
        raise NotNow(f"Drill {drill.code} is over. See: responder drill report {drill.code}")
    drills.end(desk, drill)
    return drill_report.facts(desk.world, desk.world.drills[drill.id])


def report(desk: Desk, given: Mapping[str, object]) -> object:
    """What a drill found, the last one where none is named; `text` is for people."""
    drill = _named(desk.world, args.read(_Code, given).code)
    world = desk.world
    return {**drill_report.facts(world, drill), "text": drill_report.words(world, drill, "en")}


def listed(desk: Desk, given: Mapping[str, object]) -> object:
    """The drills that are kept, the newest first."""
    args.read(_None, given)
    found = sorted(desk.world.drills.values(), key=lambda d: d.begun_at, reverse=True)
    return [drill_report.facts(desk.world, one) for one in found]


def _named(world: World, code: str) -> Drill:
    found = drill_report.newest(world, code)
    if found is None and not code:
        raise NotNow("There has been no drill yet. Begin one: responder drill NEIGHBOURHOOD")
    if found is None:
        hint = args.did_you_mean(code, (d.code for d in world.drills.values()))
        raise AdminFault(f"There is no drill {code!r}.{hint}")
    return found


def reached(desk: Desk, given: Mapping[str, object]) -> object:
    """Every member, and whether the last monthly check reached them."""
    args.read(_None, given)
    world = desk.world
    rows = []
    for person in world.members():
        found = world.reaches.get(person.id)
        zone = args.zone_of(world, person)
        rows.append(
            {
                "call_sign": person.call_sign,
                "standing": reaching.standing(world, person, desk.at).value,
                "pages_read": world.private(person),
                "asked_at": args.shown(found.last.at, zone) if found else None,
                "tap_s": found.last.tap_s if found else None,
                "tapped_on": found.last.tapped_on if found else "",
                "channels": [a.channel for a in person.addresses if not a.dead],
            }
        )
    return rows
