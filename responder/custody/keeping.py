"""What is done to the whole of a network's data: its key, its backups, its audit.

What it is for
    The operations behind `responder key`, `backup` and `audit`, in a running network or in the
    folder of a stopped one.

Rules it keeps
    * Each of them that changes or copies something leaves a line in the audit.
    * Passphrases come in as arguments, are used at once and kept nowhere.

What it must not know
    Sockets, terminals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from responder.core import membership
from responder.core.admin import args as args
from responder.core.admin import titles
from responder.core.admin.args import AdminFault, Args
from responder.core.changes import AuditLine, Changes, Tally
from responder.core.looking_back import numbers as figures
from responder.core.model import IncidentId, PersonId
from responder.core.world import World
from responder.custody import backup, rotation
from responder.dispatching.dispatcher import Dispatcher
from responder.storage.keyfile import KeyFile

OPS: Final = frozenset({"key.rotate", "backup.write", "audit.list", "audit.verify"})
"""The operations that `perform` knows."""
_SHORT: Final = 8
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class _Rotate(Args):
    key_file: str
    passphrase: str | None = None
    new_passphrase: str | None = None


class _Write(Args):
    path: str
    passphrase: str | None = None


class _Verify(Args):
    noted: str = ""


class _Month(Args):
    month: str = ""


class _Newest(Args):
    most: int = 0


async def perform(dispatcher: Dispatcher, op: str, given: Mapping[str, object]) -> object:
    """Do one of `OPS` and return its answer, plain JSON; `ResponderError` where it cannot be."""
    match op:
        case "key.rotate":
            return msgspec.to_builtins(await _rotate(dispatcher, args.read(_Rotate, given)))
        case "backup.write":
            return msgspec.to_builtins(await _write(dispatcher, args.read(_Write, given)))
        case "audit.verify":
            return await _verified(dispatcher, args.read(_Verify, given))
        case "audit.list":
            return await _listed(dispatcher, args.read(_Newest, given))
    raise AdminFault(f"There is no operation {op!r}.")


async def numbers(dispatcher: Dispatcher, given: Mapping[str, object]) -> object:
    """What is left of one month's incidents for counting, small counts hidden."""
    asked = args.read(_Month, given)
    month = asked.month or f"{dispatcher.clock().replace(day=1) - timedelta(days=1):%Y-%m}"
    if not _MONTH.fullmatch(month):
        raise AdminFault("Write a month as 2026-11.")
    names = titles.all_of(dispatcher.world)
    found = figures.figures(await dispatcher.store.load(Tally), month, names)
    return {"network": dispatcher.world.network.name, **msgspec.to_builtins(found)}


async def _rotate(dispatcher: Dispatcher, asked: _Rotate) -> rotation.Rotated:
    line = AuditLine(at=dispatcher.clock(), verb="key.rotate")
    return await rotation.rotate(
        KeyFile(Path(asked.key_file)),
        dispatcher.store,
        passphrase=asked.passphrase,
        new_passphrase=asked.new_passphrase,
        also=Changes(audit=[line]),
    )


async def _write(dispatcher: Dispatcher, asked: _Write) -> backup.Written:
    sealed_with = "a passphrase" if asked.passphrase else "the network key"
    line = AuditLine(at=dispatcher.clock(), verb="backup.write", detail=f"with {sealed_with}")
    path = Path(asked.path)
    done = await backup.write(
        dispatcher.store, path, dispatcher.clock(), passphrase=asked.passphrase
    )
    await dispatcher.store.commit(Changes(audit=[line]))
    await dispatcher.do(lambda desk: membership.tell_of_machine(desk, "backup"))
    return done


async def _verified(dispatcher: Dispatcher, asked: _Verify) -> dict[str, object]:
    found = await dispatcher.store.audit_verdict(asked.noted)
    faults = [{"line": f.number, "text": f.text} for f in found.faults]
    return {"first": found.first, "last": found.last, "mark": found.mark, "faults": faults}


async def _listed(dispatcher: Dispatcher, asked: _Newest) -> list[dict[str, object]]:
    lines = await dispatcher.store.audit_lines()
    world = dispatcher.world
    return [
        {
            "number": one.number,
            "at": args.shown(one.line.at, args.zone_of(world)),
            "what": one.line.verb,
            "by": _who(world, one.line.by) if one.line.by else "the machine",
            "about": _who(world, one.line.about),
            "detail": one.line.detail,
        }
        for one in lines[-asked.most :]
    ]


def _who(world: World, id: str) -> str:
    """A member's call sign, an incident's code, a playbook's name; else the first of a bare id."""
    person = world.person(PersonId(id))
    if person is not None:
        return person.call_sign or f"somebody ({id[:_SHORT]})"
    incident = world.incidents.get(IncidentId(id))
    if incident is not None:
        return incident.code
    return id if id in world.playbooks else id[:_SHORT]
