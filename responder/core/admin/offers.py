"""What help members offer, counted: for whoever looks whether a request would find anybody.

Rules it keeps
    * Counts only; nobody reads at the machine who offers what.
    * What nobody offers is told too: that is what is missing.

What it must not know
    Storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from responder.core import offering
from responder.core.admin import args
from responder.core.admin.args import Args
from responder.core.desk import Desk
from responder.core.model import Role

_LANGUAGES: Final = ("en", "es")


class _Where(Args):
    neighbourhood: str | None = None


def listed(desk: Desk, given: Mapping[str, object]) -> object:
    """How many members offer each help in each neighbourhood, of all that can be offered."""
    asked = args.read(_Where, given)
    world = desk.world
    places = list(world.neighbourhoods.values())
    if asked.neighbourhood is not None:
        places = [args.place(world, asked.neighbourhood)]
    found = offering.counted(world.with_role(Role.RESPONDER))
    return [
        {
            "neighbourhood": place.id,
            "kind": playbook.id,
            "help": help,
            "label": {language: label.in_(language) for language in _LANGUAGES},
            "people": found[(place.id, playbook.id, help)],
        }
        for place in places
        for playbook in world.playbooks.values()
        for help in (playbook.offers.answers if playbook.offers else ())
        if (label := playbook.help(help))
    ]
