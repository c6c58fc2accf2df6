"""What one transaction writes and reads: records into sealed rows, and back.

What it is for
    The store's synchronous half. A `Drawer` lives for one transaction, on the one thread that
    owns the connection; it neither begins nor ends the transaction. `rows` seals and unseals.

Rules it keeps
    * Nothing is plain on disk but random ids, keyed hashes, times, urgencies and states.
    * What hangs on a destroyed key goes with it.

What it must not know
    Tasks, files, locks, and why anything changes.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import TypeAlias, TypeVar, cast

import msgspec

from responder.core.changes import (
    KINDS,
    NETWORK_KEY,
    Changes,
    Setting,
    Stored,
    StoryLine,
    id_of,
    key_of,
)
from responder.core.messages import Message
from responder.core.model import (
    Incident,
    IncidentId,
    MessageId,
    Person,
    PersonId,
    Record,
    State,
    encode,
)
from responder.storage import audit
from responder.storage.fates import Fates, delivery_id, ms
from responder.storage.rows import (
    AlreadyAssigned,
    AlreadyTaken,
    StoreError,
    Values,
    unknown_form,
)
from responder.storage.sealing import WRAPPED_SIZE, Keyring
from responder.storage.slips import Row, Stage

S = TypeVar("S", bound=Stored)
T = TypeVar("T")
DueOf: TypeAlias = Callable[[Incident], datetime | None]

_PERSON, _STORY = KINDS[Person], KINDS[StoryLine]
Lines: TypeAlias = StoryLine | tuple[StoryLine, ...]
"""What a story's row holds: all that one transaction told; one line, before schema step 5."""


class SentRef(Record):
    """Where a message arrived: `ref` is the platform's own reference of it on `channel`."""

    message: MessageId
    person: PersonId
    channel: str
    ref: str


class Waiting(Record):
    """A message that has not met its fate.

    `repeat`: it was under way when the program stopped, and may have arrived.
    `tried` are the channels on which it failed, in the order they were tried. `arrived`: where it
    lies sealed since `arrived_at`, and nobody has answered it.
    """

    message: Message
    repeat: bool = False
    tried: tuple[str, ...] = ()
    arrived: tuple[SentRef, ...] = ()
    arrived_at: datetime | None = None


class Drawer(Fates):
    """One transaction's view of the database. `keys` may be a stage, kept after the commit.

    So are `slips`; without them, what is claimed and settled goes into the rows at once.
    """

    def __init__(
        self, db: sqlite3.Connection, keys: Keyring, due_of: DueOf, slips: Stage | None = None
    ) -> None:
        super().__init__(db, keys, slips)
        self._due_of = due_of
        self.destroyed = False
        """Whether a wrapped key was overwritten, so that the database's log must be cut after."""

    # --- writing --------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Write all of it; raises in the middle, and then the caller must roll back.

        `AlreadyTaken`, `AlreadyAssigned`, and `sqlite3.Error` for what the database refuses.
        """
        self._take_in(changes.inbox)
        self._many("release", ({"person": who, "incident": what} for who, what in changes.released))
        self._assign(changes.assigned)
        self.put(changes.puts.values())
        self._delete(changes.deletes)
        for incident in changes.hushed:
            self._hush(f"incident:{incident}")  # as in changes.key_of
        self._together("add_messages", list(map(self._message_row, changes.messages)))
        gone = (*changes.withdrawn, *changes.recalled)
        for message in gone:
            self._withdraw(message)
        self._many("add_recall", ({"message": message} for message in changes.recalled))
        self.settle_now(changes.settled)
        if changes.audit:
            audit.append(self._db, self._keys, changes.audit)
        for key_name in changes.destroyed:
            self.destroy(key_name)
        # What is neither put nor taken in takes something away; a setting says nothing of anybody.
        more = (changes.deletes, changes.hushed, gone, changes.settled, changes.destroyed)
        records = changes.puts.values()
        self.deleted = (
            self.deleted or any(more) or any(not isinstance(one, Setting) for one in records)
        )

    def recall_done(self, message: MessageId) -> None:
        """It was taken back, as far as it can be."""
        self._run("recall_done", message=message)

    def prune(self, before: datetime, shown: Collection[MessageId] = ()) -> None:
        """Drop inbox keys, settled messages and their deliveries from before this time.

        What has no delivery left cannot be taken back any more: those of `shown` messages stay.
        """
        self.file()
        changes = self._db.total_changes
        for name in ("prune_inbox", "prune_outbox"):
            self._run(name, before_ms=ms(before))
        old = [id for (id,) in self._run("old_delivery", before_ms=ms(before))]
        self._many("prune_delivery", ({"message": id} for id in old if id not in shown))
        self._run("prune_recall")
        self.deleted = self.deleted or self._db.total_changes > changes

    def prune_audit(self, before: datetime) -> None:
        """Forget the lines of the audit from before this time."""
        changes = self._db.total_changes
        audit.prune(self._db, self._keys, before)
        self.deleted = self.deleted or self._db.total_changes > changes

    def found(self) -> None:
        """Make what a new network needs: its own data key, and the beginning of its audit."""
        if not self._has(NETWORK_KEY):
            self.need(NETWORK_KEY)
            audit.begin(self._db, self._keys)

    def rekey(self, to: Keyring, generation: int) -> None:
        """Wrap every data key with the other ring's network key, which holds from then on."""
        for name, slot, wrapped in self._run("wrapped_slots").fetchall():
            self._run("fill_slot", slot=slot, wrapped=self._keys.rewrapped(name, wrapped, to))
        self._run("set_generation", generation=generation)
        self._keys.rekey(to)
        self.destroyed = self.deleted = True

    def _take_in(self, inbox: Iterable[tuple[str, str, datetime]]) -> None:
        rows = (
            {"hash": self._keys.inbox_hash(channel, key), "at_ms": ms(at)}
            for channel, key, at in inbox
        )
        try:
            self._many("take_in", rows)
        except sqlite3.IntegrityError:
            raise AlreadyTaken("This message was taken in before.") from None

    def _assign(self, assigned: Iterable[tuple[PersonId, IncidentId]]) -> None:
        rows = ({"person": who, "incident": what} for who, what in assigned)
        try:
            self._many("assign", rows)
        except sqlite3.IntegrityError:
            raise AlreadyAssigned("Somebody is in another team by now: decide again.") from None

    def put(self, records: Iterable[Stored]) -> None:
        """Write these records, new or changed; lines of one story as one row."""
        people: list[Person] = []
        rows: list[Row] = []
        stories: defaultdict[str, list[StoryLine]] = defaultdict(list)
        for record in records:
            if isinstance(record, StoryLine):
                stories[key_of(record)].append(record)
                continue
            rows.append(self._record_row(record))
            if isinstance(record, Person):
                people.append(record)
        rows += [self._story_row(key_name, lines) for key_name, lines in stories.items()]
        self.write(rows)
        self._many("drop_addresses", ({"person": person.id} for person in people))
        self._many("put_address", (row for person in people for row in self._address_rows(person)))

    def _delete(self, where: Iterable[tuple[str, str]]) -> None:
        for kind, id in where:
            self.write((Row(kind=kind, id=self._row_id(kind, id)),))
            if kind == _PERSON:
                self._run("drop_addresses", person=id)

    def drop_kind(self, kind: str) -> None:
        """Delete every record of the kind."""
        self._run("delete_kind", kind=kind)

    def once(self, step: str) -> bool:
        """Whether this step of bringing older records up to date is due; it is not due again."""
        return self._run("older_done", step=step).rowcount > 0

    def _hush(self, key_name: str) -> None:
        """Withdraw what waits under the key and quotes a report."""
        waiting = self._run("waiting_under", key_name=key_name).fetchall()
        for id, sealed, wrapped in waiting:
            if self._unseal(Message, "outbox", id, key_name, sealed, wrapped).quotes:
                self._withdraw(MessageId(id))

    def destroy(self, key_name: str) -> None:
        """Destroy a data key, and delete what hangs on it; harmless where it is gone."""
        if key_name == NETWORK_KEY:
            raise StoreError("The network's own key is never destroyed while the network lives.")
        self.file()
        row = self._run("slot", name=key_name).fetchone()
        if row is None:
            return
        (slot,) = row
        self._run("destroy_key", name=key_name)
        self._run("fill_slot", slot=slot, wrapped=bytes(WRAPPED_SIZE))
        self._run("leave_slot", slot=slot)
        self._keys.forget(key_name)
        self.destroyed = True

    # --- reading --------------------------------------------------------------------------

    def load(self, kind: type[S]) -> list[S]:
        """Every record of the kind, in the order in which they were first put."""
        return self._records(kind, "records")

    def older(self, kind: str, form: type[T]) -> list[T]:
        """Every record of a kind that today's program does not write, in order."""
        return self._read_rows(kind, form, "records")

    def load_all(self, kinds: Iterable[type[Stored]]) -> list[Stored]:
        """Every record of these kinds: kind after kind, each in the order of `load`."""
        found: dict[str, list[Stored]] = {_name_of(kind): [] for kind in kinds}
        decoders = {
            _name_of(kind): msgspec.json.Decoder(Lines if kind is StoryLine else kind)
            for kind in kinds
        }
        wrapped = dict(self._run("every_key"))
        for kind, id, key_name, sealed in self._run("every_record", kinds=json.dumps([*found])):
            plaintext = self._opened(kind, id, key_name, sealed, wrapped.get(key_name, b""))
            try:
                record = decoders[kind].decode(plaintext)
            except msgspec.MsgspecError:
                raise unknown_form(kind, id) from None
            if isinstance(record, tuple):
                found[kind] += record
            else:
                found[kind].append(record)
        return [record for records in found.values() for record in records]

    def open_incidents(self) -> list[Incident]:
        """The incidents that have not reached their end."""
        return self._records(Incident, "open_incidents")

    def under(self, kind: type[S], key_name: str) -> list[S]:
        """The records of the kind that are sealed under this key, in order."""
        return self._records(kind, "records_under", key_name=key_name)

    def one(self, kind: type[S], id: str) -> S | None:
        """The record, or None."""
        found = self._records(kind, "record", id=self._row_id(_name_of(kind), id))
        return found[0] if found else None

    def assignments(self) -> list[tuple[PersonId, IncidentId]]:
        """Who is in which incident's team or on the way into it."""
        return [(PersonId(who), IncidentId(what)) for who, what in self._run("assignments")]

    def seen(self, channel: str, key: str) -> bool:
        """Whether this inbound message was taken in before."""
        found = self._run("seen", hash=self._keys.inbox_hash(channel, key)).fetchone()
        return found is not None

    def person_at(self, channel: str, handle: str) -> PersonId | None:
        """Whose address this is."""
        row = self._run("person_at", hash=self._keys.address_hash(channel, handle)).fetchone()
        return PersonId(row[0]) if row else None

    def waiting(self) -> list[Waiting]:
        """Every message without a fate, the most urgent first, then the oldest."""
        self.file()
        tried: defaultdict[str, list[str]] = defaultdict(list)
        for message, channel in self._run("tried"):
            tried[message].append(channel)
        arrived = {id: datetime.fromtimestamp(ms / 1000, UTC) for id, ms in self._run("arrived")}
        return [
            Waiting(
                message=self._unseal(Message, "outbox", id, key_name, sealed, wrapped),
                repeat=state == "claimed",
                tried=tuple(tried[id]),
                arrived=tuple(self.sent_refs([MessageId(id)])) if id in arrived else (),
                arrived_at=arrived.get(id),
            )
            for id, state, key_name, sealed, wrapped in self._run("waiting").fetchall()
        ]

    def recalls(self) -> list[MessageId]:
        """The messages that are still to be taken back."""
        return [MessageId(message) for (message,) in self._run("recalls")]

    def sent_refs(self, messages: Iterable[MessageId]) -> list[SentRef]:
        """Where each of these messages arrived; nothing for those that did not."""
        self.file()
        return [
            SentRef(
                message=MessageId(message),
                person=PersonId(person),
                channel=channel,
                ref=self._opened(
                    "delivery", delivery_id(message, channel), key_name, sealed, wrapped
                ).decode(),
            )
            for asked in messages
            for message, person, channel, key_name, sealed, wrapped in self._run(
                "sent", message=asked
            )
        ]

    def audit_lines(self) -> list[audit.Numbered]:
        """The audit, the oldest line first."""
        return audit.lines(self._db, self._keys)

    def audit_verdict(self, noted: str) -> audit.Verdict:
        """Whether the audit is whole."""
        return audit.verify(self._db, self._keys, noted)

    def generation(self) -> int:
        """How often the network key was replaced."""
        (number,) = self._run("generation").fetchone()
        return int(number)

    def _records(self, kind: type[S], query: str, **values: object) -> list[S]:
        if kind is StoryLine:
            return cast("list[S]", self._lines(query, **values))
        return self._read_rows(_name_of(kind), kind, query, **values)

    def _lines(self, query: str, **values: object) -> list[StoryLine]:
        found: list[Lines] = self._read_rows(_STORY, cast("type[Lines]", Lines), query, **values)
        told = ((some,) if isinstance(some, StoryLine) else some for some in found)
        return [line for lines in told for line in lines]

    def _read_rows(self, kind: str, form: type[T], query: str, **values: object) -> list[T]:
        rows = self._run(query, kind=kind, **values).fetchall()
        rows.sort(key=itemgetter(0))  # the database would carry whole envelopes about for it
        return [
            self._unseal(form, kind, id, key_name, sealed, wrapped)
            for _, id, key_name, sealed, wrapped in rows
        ]

    # --- rows -----------------------------------------------------------------------------

    def _record_row(self, record: Stored) -> Row:
        kind = KINDS[type(record)]
        id = self._row_id(kind, id_of(record))
        key_name = self.need(key_of(record))
        is_open, due_ms = None, None
        if isinstance(record, Incident):
            is_open, due = record.state is not State.CLOSED, self._due_of(record)
            due_ms = None if due is None else ms(due)
        return Row(
            kind=kind,
            id=id,
            key_name=key_name,
            sealed=self._keys.seal(kind, id, key_name, encode(record)),
            open=is_open,
            due_ms=due_ms,
        )

    def _story_row(self, key_name: str, lines: Sequence[StoryLine]) -> Row:
        id = self._row_id(_STORY, lines[0].id)
        sealed = self._keys.seal(_STORY, id, self.need(key_name), msgspec.json.encode(lines))
        return Row(kind=_STORY, id=id, key_name=key_name, sealed=sealed)

    def _address_rows(self, person: Person) -> Iterable[Mapping[str, object]]:
        for address in person.addresses:
            hashed = self._keys.address_hash(address.channel, address.handle)
            yield {"hash": hashed, "person": person.id, "key_name": key_of(person)}

    def _message_row(self, message: Message) -> Values:
        key_name = self.need(message.sealed_under)
        return (
            message.id,
            message.to,
            int(message.urgency),
            ms(message.created_at),
            key_name,
            self._keys.seal("outbox", message.id, key_name, encode(message)),
        )


def _name_of(kind: type[S]) -> str:
    return cast("Mapping[type[S], str]", KINDS)[kind]
