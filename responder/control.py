"""The command line's way into a running network: a socket that one account can open.

What it is for
    `Control` answers beside the bots (`calling.ask` speaks to it), and `perform` does what was
    asked, here or (for a stopped network) in the command's own process.

Rules it keeps
    * One line of JSON in, `{"op": ..., "args": {...}}`; one line out, `{"ok": ...}` or
      `{"fault": text}`. Lines have a greatest length, and whoever is slow is cut off.
    * The socket is made with mode 0600, and the kernel is asked who speaks: the account that runs
      the network, and nobody else.
    * A socket that somebody still answers on is never replaced.

What it must not know
    Terminals, and what any operation means.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import msgspec
import structlog

from responder import checking
from responder.calling import LIVE_ONLY, REQUEST_MAX, Answer, ControlError, NotRunning, Request, ask
from responder.core import admin, aside
from responder.core.admin import AdminFault, NotNow
from responder.custody import keeping
from responder.dispatching.dispatcher import Dispatcher
from responder.errors import ResponderError
from responder.playbook_files import editions

__all__ = [
    "LIVE_ONLY",
    "REQUEST_MAX",
    "Control",
    "ControlError",
    "NotRunning",
    "Reload",
    "ask",
    "perform",
]

_log = structlog.get_logger()

Reload = Callable[[], Awaitable[Sequence[str]]]
"""Takes the playbooks in anew; returns the faults, each as file:line:column."""

PATIENCE_S: Final = 10.0
_CREDENTIALS: Final = struct.Struct("3i")


# --- doing what is asked --------------------------------------------------------------------------


async def perform(
    dispatcher: Dispatcher,
    op: str,
    args: Mapping[str, object],
    *,
    live: bool = False,
    reload: Reload | None = None,
) -> object:
    """Do one operation and return its answer, plain JSON; `AdminFault` where it cannot be.

    `live`: the network runs, so that "status" and "playbook.reload" mean something.
    """
    if op in LIVE_ONLY and not live:
        raise NotNow("The network is not running. Start it with: responder run")
    match op:
        case "status":
            return {**dispatcher.status(), "last_backup": await _last_backup(dispatcher)}
        case "playbook.reload":
            if reload is None:
                raise NotNow("A running network takes changed playbooks in within seconds.")
            return list(await reload())
        case "incident.story":
            incident = await dispatcher.do(lambda desk: admin.named(desk, args))
            lines = await dispatcher.store.events(incident.id)
            return admin.story(dispatcher.world, incident, lines)
        case "numbers":
            return await keeping.numbers(dispatcher, args)
        case "aside.list":
            return await dispatcher.do(aside.listed)
        case "aside.retry":
            return await _retry(dispatcher)
        case "people.check":
            found = await dispatcher.do(lambda desk: checking.people(desk.world, desk.at))
            return msgspec.to_builtins(found)
    if op in editions.OPS:
        return await editions.perform(dispatcher, op, args)
    if op in keeping.OPS:
        return await keeping.perform(dispatcher, op, args)
    work = admin.OPS.get(op)
    if work is None:
        raise AdminFault("The running network does not know this: is it of another version?")
    return await dispatcher.do(lambda desk: work(desk, args))


async def _last_backup(dispatcher: Dispatcher) -> str | None:
    """When a backup was last written from here, as far as the audit goes back."""
    lines = await dispatcher.store.audit_lines()
    made = (one.line.at for one in reversed(lines) if one.line.verb == "backup.write")
    at = next(made, None)
    return at.isoformat() if at else None


async def _retry(dispatcher: Dispatcher) -> dict[str, int]:
    """Try everything that was put aside once more; how many went well, how many wait on."""
    names = await dispatcher.do(lambda desk: tuple(aside.all_of(desk.world)))
    well = [await dispatcher.hear_again(name) for name in names]
    await dispatcher.do(lambda desk: desk.audit("aside.retry", detail=f"{sum(well)} went well"))
    return {"done": sum(well), "left": len(well) - sum(well)}


# --- the server -----------------------------------------------------------------------------------


class Control:
    """Answers on the socket at `path` until it is closed; `uid` is the one account served."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        path: Path,
        *,
        reload: Reload | None = None,
        uid: int | None = None,
    ) -> None:
        self._dispatcher = dispatcher
        self._path = path
        self._reload = reload
        self._uid = os.geteuid() if uid is None else uid
        self._server: asyncio.Server | None = None
        self._made: tuple[int, int] | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Make the socket and listen; `ControlError` where somebody else answers there."""
        sock = _bound(self._path)
        self._made = _identity(self._path)
        self._server = await asyncio.start_unix_server(self._talk, sock=sock, limit=REQUEST_MAX)

    async def close(self) -> None:
        """Stop listening, end what is being said, and take the socket away. May be called twice."""
        if self._server is None:
            return
        self._server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self._server = None
        if self._made is not None and _identity(self._path) == self._made:
            self._path.unlink(missing_ok=True)

    async def __aenter__(self) -> Control:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            answer = await self._answer(reader, writer)
            writer.write(msgspec.json.encode(answer) + b"\n")
            async with asyncio.timeout(PATIENCE_S):
                await writer.drain()
        except OSError:
            # A time-out is one too.
            _log.debug("control_hung_up")
        finally:
            self._talks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
        if _peer(writer) != self._uid:
            _log.warning("control_refused")
            return Answer(
                fault="Only the account that runs the network may speak to it: "
                "run this command as that account.",
                not_now=True,
            )
        try:
            async with asyncio.timeout(PATIENCE_S):
                line = await reader.readline()
            request = msgspec.json.decode(line, type=Request)
        except ValueError:
            # Too long a line, or no request: both are ValueErrors.
            return Answer(fault="That is no request, or too long a one.")
        return await self._do(request)

    async def _do(self, request: Request) -> Answer:
        try:
            done = await perform(
                self._dispatcher, request.op, request.args, live=True, reload=self._reload
            )
        except AdminFault as fault:
            return Answer(fault=str(fault), not_now=isinstance(fault, NotNow))
        except ResponderError as error:
            return Answer(fault=str(error), not_now=True)
        except Exception as error:
            _log.error("control_failed", error=type(error).__name__)
            return Answer(
                fault="The network could not do that, and nothing was changed. Its log says more.",
                not_now=True,
            )
        return Answer(ok=done)


def _peer(writer: asyncio.StreamWriter) -> int:
    """The user id of whoever speaks, from the kernel (SO_PEERCRED in unix(7))."""
    sock = writer.get_extra_info("socket")
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(raw)
    return int(uid)


def _identity(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(FileNotFoundError):
        status = path.lstat()
        return status.st_dev, status.st_ino
    return None


def _bound(path: Path) -> socket.socket:
    """A listening socket that only this account can open, also between its making and `chmod`."""
    _clear(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        sock.bind(os.fspath(path))
    except OSError as error:
        sock.close()
        raise ControlError(
            f"The socket {path} cannot be made: {error.strerror}. Its folder must be there and"
            " belong to the account that runs the network; control.socket names another path."
        ) from None
    finally:
        os.umask(before)
    return sock


def _clear(path: Path) -> None:
    """Take away a socket on which nobody answers; refuse to touch anything else."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ControlError(f"{path} is no socket: move it away, or name another control.socket.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError:
            pass
    raise ControlError(
        f"A network answers on {path} already. Stop it first, or name another control.socket."
    )
