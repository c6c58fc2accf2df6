"""Everything that the command line can ask of the network, by name.

What it is for
    `responder member add ...` becomes ("member.add", {...}); whether a running network or the
    folder of a stopped one works it off, it is the same function at the same desk.

Rules it keeps
    * An operation is one transaction: `AdminFault` before any change, or all of it.
    * Arguments are checked strictly; answers are plain JSON.

What it must not know
    Sockets, terminals, storage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from responder.core.admin import calendar as admin_calendar
from responder.core.admin import care as admin_care
from responder.core.admin import coverage as admin_coverage
from responder.core.admin import drills as admin_drills
from responder.core.admin import incidents as admin_incidents
from responder.core.admin import members as admin_members
from responder.core.admin import offers as admin_offers
from responder.core.admin import playbooks as admin_playbooks
from responder.core.admin import rehearsal
from responder.core.admin import shifts as admin_shifts
from responder.core.admin import trust as admin_trust
from responder.core.admin import turns as admin_turns
from responder.core.admin.args import AdminFault, NotNow
from responder.core.admin.incidents import story
from responder.core.desk import Desk
from responder.core.model import Incident, Override, Shift
from responder.core.talk import locking, phones
from responder.core.world import World

__all__ = ["OPS", "AdminFault", "NotNow", "Op", "named", "story"]

Op: TypeAlias = Callable[[Desk, Mapping[str, object]], object]

_NAMES: Final = frozenset({"call_sign", "by", "for", "other", "rename", "code", "id", "incident"})
_TELLING: Final = frozenset({"level", "roles"})
"""The arguments whose values the audit keeps: words of the program's own."""


def _audited(name: str, work: Op) -> Op:
    """The same operation, with a line in the audit: whom it was about and what was set."""

    def do(desk: Desk, given: Mapping[str, object]) -> object:
        about = _about(desk.world, given)
        answer = work(desk, given)
        desk.audit(name, about or _about(desk.world, given), detail=_detail(given))
        return answer

    return do


def _about(world: World, given: Mapping[str, object]) -> str:
    """The id of the member, the incident or the shift's member that the arguments name."""
    person = world.by_call_sign(str(given.get("for") or given.get("call_sign") or ""))
    if person is not None:
        return person.id
    found = world.by_code(str(given.get("code") or given.get("incident") or ""))
    if found is not None:
        return found.id
    id = str(given.get("id") or "")
    turns: tuple[Shift | Override, ...] = (*world.shifts(), *world.overrides())
    return next((t.person for t in turns if id and t.id.startswith(id)), "")


def _detail(given: Mapping[str, object]) -> str:
    """Which arguments were given; the values of those alone that quote nobody."""
    said = []
    for name, value in sorted(given.items()):
        if name in _TELLING:
            words = value if isinstance(value, list | tuple) else [value]
            said.append(f"{name} {'+'.join(map(str, words)) or 'none'}")
        elif name not in _NAMES and value is not False:
            said.append(name.replace("_", " "))
    return ", ".join(said)


def named(desk: Desk, given: Mapping[str, object]) -> Incident:
    """The incident whose story is asked for."""
    found = admin_incidents.named(desk, given)
    desk.audit("incident.story", found.id)
    return found


_ALL: Final[Mapping[str, Op]] = {
    "member.add": admin_members.add,
    "member.code": admin_members.code,
    "member.set": admin_members.change,
    "member.list": admin_members.listed,
    "member.show": admin_members.show,
    "network.lock": lambda desk, _: locking.lock(desk, None),
    "member.devices": admin_members.devices,
    "member.device_off": admin_members.revoke,
    "member.device_on": admin_members.confirm,
    "member.remove": admin_trust.remove,
    "member.block": admin_trust.block,
    "member.unblock": admin_trust.unblock,
    "member.vouch": admin_trust.vouch,
    "member.keep_apart": admin_trust.keep_apart,
    "member.train": admin_members.train,
    "pager.facts": phones.facts,
    "playbook.text": admin_playbooks.text,
    "rehearsal.facts": rehearsal.facts,
    "shift.add": admin_shifts.add,
    "shift.list": admin_shifts.listed,
    "shift.remove": admin_shifts.remove,
    "shift.override": admin_shifts.override,
    "shift.oncall": admin_shifts.oncall,
    "shift.coverage": admin_coverage.show,
    "shift.note": admin_care.note,
    "care.show": admin_care.show,
    "offers.count": admin_offers.listed,
    "shift.export": admin_calendar.export,
    "shift.import": admin_calendar.take_in,
    "shift.open": admin_turns.open_shift,
    "shift.close": admin_turns.close,
    "shift.openings": admin_turns.listed,
    "shift.swap": admin_turns.swap,
    "drill.begin": admin_drills.begin,
    "drill.stop": admin_drills.stop,
    "drill.report": admin_drills.report,
    "drill.list": admin_drills.listed,
    "reach.list": admin_drills.reached,
    "incident.list": admin_incidents.listed,
    "incident.show": admin_incidents.show,
    "incident.end": admin_incidents.end,
    "incident.note": admin_incidents.note,
    "incident.lesson": admin_incidents.lesson,
    "lesson.list": admin_incidents.lessons_listed,
    "lesson.drop": admin_incidents.lesson_dropped,
    "incident.widen": admin_incidents.widen,
    "incident.leave": admin_incidents.leave,
    "incident.accounted": admin_incidents.accounted,
}
_IN_THE_AUDIT: Final = frozenset(
    {
        "member.add",
        "member.code",
        "member.set",
        "member.remove",
        "member.block",
        "member.unblock",
        "member.vouch",
        "member.keep_apart",
        "member.train",
        "shift.add",
        "shift.remove",
        "shift.override",
        "shift.note",
        "care.show",
        "shift.export",
        "shift.open",
        "shift.close",
        "incident.show",
    }
)
"""Who changed trust and rosters, who read an incident; what steers one stands in its own story."""

OPS: Final[Mapping[str, Op]] = {
    name: _audited(name, work) if name in _IN_THE_AUDIT else work for name, work in _ALL.items()
}
"""Every operation: a pure function from the desk and its arguments to a JSON answer."""
