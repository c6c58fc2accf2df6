"""The world as it stands on disk: records from the store, playbooks as they were read.

Rules it keeps
    * A faulty playbook never stops the network: the last good text of it stays in force, and the
      fault is told with its file, line and column.
    * A neighbourhood that left the config is served on, as it was last known, for as long as
      anything on record names it.
    * Every text that an incident runs on is kept in the store until no incident needs it (L9).

What it must not know
    Platforms.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec.structs import replace

from responder.config import Settings
from responder.core.changes import Device, JoinCode, PlaybookText, Question, Session, Setting
from responder.core.desk import Desk
from responder.core.model import (
    Care,
    Incident,
    Neighbourhood,
    Network,
    Override,
    Person,
    Place,
    Report,
    Shift,
    decode,
    encode,
)
from responder.core.playbook import Playbook, dump, restore
from responder.core.reach import Drill, Reach
from responder.core.world import World
from responder.storage.store import Store

_IN_MEMORY = (
    Person,
    Care,
    Shift,
    Override,
    Report,
    Question,
    Session,
    JoinCode,
    Setting,
    Device,
    Drill,
    Reach,
    Incident,
)
PLACES = "places"
"""The setting that holds the neighbourhoods of the config, as they were when it was last read."""
FORMER_PLACES = "former-places"
"""And those that left it while records still name them."""


async def load_world(settings: Settings, store: Store, private: Iterable[str]) -> World:
    """All that the network knows, from the store. `private`: channels that are end-to-end private.

    Raises `StoreError` where a record cannot be read.
    """
    world = World(
        Network(
            name=settings.network.name,
            languages=tuple(settings.network.languages),
            emergency=dict(settings.network.emergency_line),
            closed=dict(settings.network.closed),
        ),
        settings.neighbourhoods(),
        settings.limits(),
        tuple(private),
    )
    if settings.pager.page:
        world.pager_link = f"{settings.pager.page}#register"
        world.report_link = f"{settings.pager.page}#report"
    for text in await store.load(PlaybookText):
        playbook = restore(text.text)
        world.texts[playbook.digest] = playbook
        if text.current:
            world.playbooks[playbook.id] = playbook
    with _uncollected():
        for record in await store.load_all(_IN_MEMORY):
            world.put(record)
    for person, incident in await store.assignments():
        world.assign(person, incident)
    for place in _former(world):
        world.neighbourhoods[place.id] = place
    return world


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through what is read, now and ever after.

    Nothing of it is garbage, and there is so much that each look takes a tenth of a second.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was:
            gc.enable()


def _former(world: World) -> list[Neighbourhood]:
    """The neighbourhoods that the config does not know, and records still name."""
    configured = world.neighbourhoods
    gone = sorted(_named(world) - configured.keys())
    was = {n.id: n for name in (PLACES, FORMER_PLACES) for n in places_in(world, name)}
    names = {n.name for n in configured.values()}
    found = []
    for id in gone:
        old = was.get(id) or Neighbourhood(id=id, name=str(id))
        adjacent = tuple(a for a in old.adjacent if a in configured or a in gone)
        # Where it was renamed, the words people use for it mean the new one.
        name = old.name if old.name not in names else str(id)
        found.append(replace(old, name=name, adjacent=adjacent, aliases=(), boundary=()))
    return found


def _named(world: World) -> set[Place]:
    """Every neighbourhood that a record names."""
    drafts = (session.draft for session in world.sessions.values() if session.draft)
    turns: tuple[Shift | Override, ...] = (*world.shifts(), *world.overrides())
    named: list[Place | None] = [i.neighbourhood for i in world.incidents.values()]
    named += [report.neighbourhood for report in world.reports.values()]
    named += [draft.neighbourhood for draft in drafts]
    named += [turn.neighbourhood for turn in turns]
    for person in world.everybody.values():
        named += person.neighbourhoods
    return {place for place in named if place}


def places_in(world: World, name: str) -> list[Neighbourhood]:
    """The neighbourhoods as the setting of that name remembers them."""
    stored = world.settings.get(name)
    return decode(stored.encode(), list[Neighbourhood]) if stored else []


def remember_places(desk: Desk, configured: Iterable[Neighbourhood]) -> tuple[Place, ...]:
    """Keep what is known of each neighbourhood now; those that the config does not know."""
    here = list(configured)
    ids = {place.id for place in here}
    former = [p for p in desk.world.neighbourhoods.values() if p.id not in ids]
    for name, places in ((PLACES, here), (FORMER_PLACES, former)):
        value = encode(places).decode()
        if desk.world.settings.get(name, "[]") != value:
            desk.put(Setting(name=name, value=value))
    return tuple(place.id for place in former)


def take_in(desk: Desk, found: dict[str, Playbook], faulty: set[str]) -> None:
    """Put playbooks in force; those of `faulty` files keep their last good text.

    A playbook whose file is gone takes no new reports; what runs on it runs on. Texts that
    nothing needs any more are dropped.
    """
    world, changes = desk.world, desk.changes
    current = {**found, **{id: p for id, p in world.playbooks.items() if id in faulty}}
    for id, playbook in current.items():
        before = world.playbooks.get(id)
        if before is None or before.digest != playbook.digest:
            changes.put(_text(playbook, desk.at))
            desk.audit("playbook.change" if before else "playbook.add", id)
        world.texts[playbook.digest] = playbook
    in_force = {p.digest for p in current.values()}
    needed = {i.playbook for i in world.incidents.values()}
    for digest, playbook in tuple(world.texts.items()):
        if digest in needed - in_force:
            changes.put(replace(_text(playbook, desk.at), current=False))
        elif digest not in in_force:
            changes.delete(_text(playbook, desk.at))
            del world.texts[digest]
    for id in sorted(set(world.playbooks) - set(current)):
        desk.audit("playbook.remove", id)
    world.touched += 1
    world.playbooks.clear()
    world.playbooks.update(current)


def _text(playbook: Playbook, at: datetime) -> PlaybookText:
    return PlaybookText(
        digest=playbook.digest,
        schema=playbook.schema_version,
        text=dump(playbook),
        id=playbook.id,
        since=at,
        current=True,
    )
