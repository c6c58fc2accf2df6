"""What kinds and neighbourhoods are called, per language, for whoever shows an answer to people.

Rules it keeps
    * An incident is called as in the playbook that it runs on; what is only counted, as in the one
      that is in force now, and by its id where there is none any more.
    * Two kinds of one title keep their ids beside it: they must not become one.

What it must not know
    Storage, which language is wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from responder.core.model import Incident
from responder.core.playbook import Playbook
from responder.core.world import World

_FIRST: Final = "en"
Titles = dict[str, str]
"""A title by language."""


def of(world: World, incident: Incident) -> Titles:
    """How the kind of an incident is called."""
    playbook = world.texts.get(incident.playbook)
    return dict(playbook.title.root) if playbook else {_FIRST: incident.kind}


def of_kind(world: World, kind: str) -> Titles:
    """How a kind is called in the playbook that is in force now."""
    playbook = world.playbooks.get(kind)
    return dict(playbook.title.root) if playbook else {_FIRST: kind}


def all_of(world: World) -> dict[str, dict[str, Titles]]:
    """Names by part and id, as `looking_back.numbers` takes them: kinds and neighbourhoods."""
    often = Counter(playbook.title.in_(_FIRST) for playbook in world.playbooks.values())
    return {
        "kind": {
            id: _apart(playbook) if often[playbook.title.in_(_FIRST)] > 1 else of_kind(world, id)
            for id, playbook in world.playbooks.items()
        },
        "neighbourhood": {id: {_FIRST: place.name} for id, place in world.neighbourhoods.items()},
    }


def _apart(playbook: Playbook) -> Titles:
    return {code: f"{title} ({playbook.id})" for code, title in playbook.title.root.items()}


def told(titles: Mapping[str, str], language: str) -> str:
    """The title in that language, else in English, else in any."""
    return titles.get(language) or titles.get(_FIRST) or next(iter(titles.values()))
