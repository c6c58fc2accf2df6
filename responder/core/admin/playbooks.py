"""Playbooks as the network has them: the text that is in force.

What it must not know
    Files.
"""

from __future__ import annotations

from collections.abc import Mapping

from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args, did_you_mean
from responder.core.desk import Desk
from responder.core.playbook import dump


class _Named(Args):
    id: str


def text(desk: Desk, given: Mapping[str, object]) -> object:
    """The frozen text of the playbook that new incidents of this kind open with."""
    asked = args.read(_Named, given)
    found = desk.world.playbooks.get(asked.id)
    if found is None:
        hint = did_you_mean(asked.id, desk.world.playbooks)
        raise AdminFault(f"No playbook {asked.id!r} is in force.{hint}")
    return {"id": found.id, "text": dump(found)}
