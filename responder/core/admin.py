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

from responder.core import admin_incidents, admin_members, admin_shifts, admin_trust
from responder.core.admin_args import AdminFault, NotNow
from responder.core.admin_incidents import named, story
from responder.core.desk import Desk

__all__ = ["OPS", "AdminFault", "NotNow", "Op", "named", "story"]

Op: TypeAlias = Callable[[Desk, Mapping[str, object]], object]

OPS: Final[Mapping[str, Op]] = {
    "member.add": admin_members.add,
    "member.code": admin_members.code,
    "member.set": admin_members.change,
    "member.list": admin_members.listed,
    "member.show": admin_members.show,
    "member.remove": admin_trust.remove,
    "member.block": admin_trust.block,
    "member.unblock": admin_trust.unblock,
    "member.vouch": admin_trust.vouch,
    "member.keep_apart": admin_trust.keep_apart,
    "member.train": admin_members.train,
    "shift.add": admin_shifts.add,
    "shift.list": admin_shifts.listed,
    "shift.remove": admin_shifts.remove,
    "shift.override": admin_shifts.override,
    "shift.oncall": admin_shifts.oncall,
    "incident.list": admin_incidents.listed,
    "incident.show": admin_incidents.show,
    "incident.end": admin_incidents.end,
    "incident.note": admin_incidents.note,
    "incident.widen": admin_incidents.widen,
    "incident.leave": admin_incidents.leave,
    "incident.accounted": admin_incidents.accounted,
}
"""Every operation: a pure function from the desk and its arguments to a JSON answer."""
