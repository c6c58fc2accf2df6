"""What a transaction leaves behind: the committed state, and memory as it is built from it.

What it is for
    A simulated store. It does what `responder.storage.store` promises, without a file: all or
    nothing, a message counted once, whatever hangs on a destroyed key gone with it.

Rules it keeps
    * Nothing is here that was not committed; memory after a crash is made of this alone.
    * A row of the outbox that was claimed and not settled comes back marked as a repeat.

What it must not know
    Why anything was changed, platforms, laws.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from responder.core.changes import KINDS, Changes, Piece, Stored, id_of, key_of, piece_id
from responder.core.messages import Fate, Message
from responder.core.model import Incident, IncidentId, Media, MessageId, PersonId
from responder.core.playbook import Playbook
from responder.core.talk import locking
from responder.core.world import World
from responder.simulation import cast
from responder.simulation.town import Town

Where = tuple[str, str]
PRIVATE = (cast.SIGNAL,)
_NOT_IN_MEMORY = frozenset({"story", "tally", "piece"})


@dataclass
class Row:
    """One message on its way. `claimed`: an attempt began, and may have arrived.

    `sealed_at`: it lies sealed on its reader's phone since then, where it came over the channels
    in `tried`; `second`: nobody opened it, and it goes another way.
    """

    message: Message
    fate: Fate | None = None
    claimed: bool = False
    sealed_at: datetime | None = None
    tried: frozenset[str] = frozenset()
    second: bool = False


class Disk:
    """One network's committed state."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.records: dict[Where, Stored] = {}
        self.under: defaultdict[str, set[Where]] = defaultdict(set)
        self.rows: dict[MessageId, Row] = {}
        self.waiting: dict[MessageId, Row] = {}
        """The rows without a fate."""
        self.taken: set[tuple[str, str]] = set()
        self.assigned: dict[PersonId, IncidentId] = {}
        self.destroyed: set[str] = set()
        self.playbooks = {p.id: p for p in town.playbooks}
        self.texts = {p.digest: p for p in town.playbooks}
        for record in town.records:
            self._put((KINDS[type(record)], id_of(record)), record)

    # --- writing --------------------------------------------------------------------------------

    def commit(self, changes: Changes) -> None:
        """All of these changes."""
        self.taken.update((channel, key) for channel, key, _ in changes.inbox)
        for where in changes.deletes:
            self._drop(where)
        for where, record in changes.puts.items():
            self._put(where, record)
        for person, incident in changes.released:
            if self.assigned.get(person) == incident:
                del self.assigned[person]
        for person, incident in changes.assigned:
            self.assigned[person] = incident
        for key in changes.destroyed:
            self._destroy(key)
        for id in (*changes.withdrawn, *changes.recalled):
            self.settle(id, Fate.WITHDRAWN)
        for incident in changes.hushed:
            self._hush(incident)
        for message in changes.messages:
            row = Row(message)
            self.rows[message.id] = self.waiting[message.id] = row
        for settled in changes.settled:
            self.settle(settled.message, settled.fate)

    def settle(self, message: MessageId, fate: Fate) -> None:
        """This message has met its fate, unless it had met it before."""
        row = self.waiting.pop(message, None)
        if row is not None:
            row.fate = fate

    def edit(self, playbook: Playbook) -> None:
        """From now on incidents of this kind open with this text; unneeded texts are dropped."""
        self.playbooks[playbook.id] = playbook
        self.texts[playbook.digest] = playbook
        needed = {p.digest for p in self.playbooks.values()}
        needed |= {r.playbook for r in self.records.values() if isinstance(r, Incident)}
        for digest in self.texts.keys() - needed:
            del self.texts[digest]

    def _put(self, where: Where, record: Stored) -> None:
        old, key = self.records.get(where), key_of(record)
        if old is not None and key_of(old) != key:
            self._drop(where)
        self.records[where] = record
        self.under[key].add(where)

    def _drop(self, where: Where) -> None:
        old = self.records.pop(where, None)
        if old is not None:
            key = key_of(old)
            self.under[key].discard(where)
            if not self.under[key]:
                del self.under[key]

    def _destroy(self, key: str) -> None:
        self.destroyed.add(key)
        for where in self.under.pop(key, ()):
            self.records.pop(where, None)
        for row in tuple(self.waiting.values()):
            if row.message.sealed_under == key:
                self.settle(row.message.id, Fate.WITHDRAWN)

    def _hush(self, incident: IncidentId) -> None:
        for row in tuple(self.waiting.values()):
            if row.message.incident == incident and row.message.quotes:
                self.settle(row.message.id, Fate.WITHDRAWN)

    # --- reading --------------------------------------------------------------------------------

    def incident(self, id: str) -> Incident | None:
        """The incident as it was committed."""
        found = self.records.get(("incident", id))
        return found if isinstance(found, Incident) else None

    @property
    def locked(self) -> bool:
        """Whether the network was locked: then nothing but the passphrase opens it."""
        return ("setting", locking.LOCKED) in self.records

    def piece(self, media: Media) -> Piece | None:
        """The picture or voice as it is kept, if it is."""
        found = self.records.get(("piece", piece_id(media)))
        return found if isinstance(found, Piece) else None

    def memory(self) -> World:
        """The network's memory, built anew from what was committed."""
        world = World(cast.network(), self._town.places, self._town.limits, PRIVATE)
        self.show_playbooks(world)
        for (kind, _), record in self.records.items():
            if kind not in _NOT_IN_MEMORY:
                world.put(record)
        for person, incident in self.assigned.items():
            world.assign(person, incident)
        world.lockable = True
        return world

    def show_playbooks(self, world: World) -> None:
        """Let memory follow an edit."""
        world.playbooks.clear()
        world.playbooks.update(self.playbooks)
        world.texts.clear()
        world.texts.update(self.texts)


def differences(one: World, other: World) -> Iterable[str]:
    """In what two memories are not the same: where memory ran ahead of the disk, or beside it."""
    for name in ("everybody", "cares", "sessions", "codes", "incidents", "reports"):
        if getattr(one, name) != getattr(other, name):
            yield name
    for name in ("settings", "devices"):
        if getattr(one, name) != getattr(other, name):
            yield name
    if one.questions.all != other.questions.all:
        yield "questions"
    if dict(one.levels()) != dict(other.levels()):
        yield "levels"
    if any(one.busy_in(p) != other.busy_in(p) for p in one.everybody):
        yield "assignments"
    if one.next_due() != other.next_due():
        yield "deadlines"
    if set(one.shifts()) != set(other.shifts()) or set(one.overrides()) != set(other.overrides()):
        yield "rosters"
