"""Care and handover as coordinators see and write them at the machine.

Rules it keeps
    * Times are shown in the person's own local time.

What it must not know
    Storage.
"""

from __future__ import annotations

from collections.abc import Mapping

from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.desk import Desk
from responder.core.model import Person
from responder.core.rosters import caring, handover


class _Which(Args):
    call_sign: str | None = None


def show(desk: Desk, given: Mapping[str, object]) -> object:
    """Pages, hard calls and rest of each member who has any, or of the one who is named."""
    asked = args.read(_Which, given)
    if asked.call_sign:
        return [_account(desk, args.member(desk.world, asked.call_sign))]
    return [_account(desk, p) for p in desk.world.members() if p.id in desk.world.cares]


def _account(desk: Desk, person: Person) -> dict[str, object]:
    zone = args.zone_of(desk.world, person)
    found = caring.account(desk.world, person, desk.at)
    return {
        "call_sign": person.call_sign,
        "tonight": found.tonight,
        "most": found.most,
        "two_days": found.lately,
        "hard_calls": found.hard_calls,
        "rest_until": args.shown(found.rest_until, zone),
        "awake_until": args.shown(found.awake_until, zone),
    }


class _Note(Args):
    neighbourhood: str
    text: str = ""


def note(desk: Desk, given: Mapping[str, object]) -> object:
    """Set the handover note of a neighbourhood, or take it away."""
    asked = args.read(_Note, given)
    where = args.place(desk.world, asked.neighbourhood)
    if len(asked.text.strip()) > handover.LONGEST:
        raise AdminFault(f"A handover note has {handover.LONGEST} characters at most.")
    told = handover.write(desk, where.id, asked.text)
    return {"neighbourhood": where.name, "told": told, "there": bool(asked.text.strip())}
