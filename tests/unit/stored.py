"""Builders of records and changes for the tests of the store; the people in them are made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from responder.core.changes import (
    KINDS,
    Changes,
    Device,
    Piece,
    Question,
    Session,
    Setting,
    Stored,
    StoryLine,
)
from responder.core.messages import Fate, Message, Settled
from responder.core.model import (
    Care,
    Incident,
    IncidentId,
    MessageId,
    Override,
    Person,
    PersonId,
    Place,
    Report,
    Shift,
    State,
)
from responder.core.reach import Drill, Reach
from responder.storage.store import (
    Waiting,
)

NOW = datetime(2025, 3, 1, 23, 40, tzinfo=UTC)
WORDS = "canary-words"


def a_person(id: str = "heron", **fields: Any) -> Person:
    return Person(id=PersonId(id), call_sign=id.title(), **fields)


def an_incident(id: str = "i1", state: State = State.PAGING, **fields: Any) -> Incident:
    return Incident(
        id=IncidentId(id),
        code="A7",
        opened_at=NOW,
        playbook="digest",
        schema=1,
        kind="copwatch",
        neighbourhood=Place("northside"),
        state=state,
        **fields,
    )


def a_message(id: str = "m1", to: str = "heron", under: str = "incident:i1", **f: Any) -> Message:
    return Message(
        id=MessageId(id),
        to=PersonId(to),
        card="page",
        text=WORDS,
        created_at=f.pop("created_at", NOW),
        sealed_under=under,
        **f,
    )


def a_sending(id: str = "m1", channel: str = "signal", **fields: Any) -> Settled:
    return Settled(
        message=MessageId(id),
        channel=channel,
        fate=fields.pop("fate", Fate.SENT),
        at=fields.pop("at", NOW),
        **fields,
    )


def changes(*puts: Stored, **fields: Any) -> Changes:
    made = Changes(**fields)
    for record in puts:
        made.put(record)
    return made


def filled(kind: type[Stored | Message], words: str) -> Any:
    """A record of the kind with these words in each of its strings, however deep."""
    return _fill(msgspec.inspect.type_info(kind), words)


def _fill(shape: msgspec.inspect.Type, words: str) -> Any:
    match shape:
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            return cls(**{field.name: _fill(field.type, words) for field in fields})
        case msgspec.inspect.UnionType(types=types):
            some = [one for one in types if not isinstance(one, msgspec.inspect.NoneType)]
            return _fill(some[0], words)
        case msgspec.inspect.VarTupleType(item_type=item):
            return (_fill(item, words),) * 2
        case msgspec.inspect.TupleType(item_types=items):
            return tuple(_fill(item, words) for item in items)
        case msgspec.inspect.EnumType(cls=cls):
            return next(iter(cls))
        case msgspec.inspect.StrType():
            return words
        case msgspec.inspect.BytesType():
            return words.encode()
        case msgspec.inspect.DateTimeType():
            return NOW
        case msgspec.inspect.DateType():
            return date(2026, 1, 1)
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            return 7
    raise AssertionError(f"a record holds something new: {shape}")


def with_random_ids(record: Stored) -> Stored:
    """The same record with the few ids that may stand plain taken from their own random space."""
    plain: dict[type[Stored], dict[str, Any]] = {
        Person: {"id": "p1"},
        Care: {"person": "p1"},
        Shift: {"person": "p1"},
        Override: {"person": "p1"},
        Report: {"id": "r1"},
        Incident: {"id": "i1"},
        StoryLine: {"incident": "i1"},
        Piece: {"report": "r1"},
        Device: {"person": "p1"},
        Drill: {"id": "d1"},
        Reach: {"person": "p1"},
        Question: {"sealed_under": "incident:i1"},
        Session: {"person": "p1"},
        Setting: {"sealed_under": "person:p1"},
    }
    record = msgspec.structs.replace(record, **plain.get(type(record), {}))
    if isinstance(record, Session) and record.draft is not None:
        draft = msgspec.structs.replace(record.draft, report="r1")
        record = msgspec.structs.replace(record, draft=draft)
    return record


def every_record(words: str) -> list[Stored]:
    return [with_random_ids(filled(kind, words)) for kind in KINDS]


def a_full_message(words: str) -> Message:
    whole: Message = filled(Message, words)
    ids = {"id": "m1", "to": "p1", "sealed_under": "incident:i1"}
    return msgspec.structs.replace(whole, **ids)


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def ids(waiting: list[Waiting]) -> list[str]:
    return [one.message.id for one in waiting]
