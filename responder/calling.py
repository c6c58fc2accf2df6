"""How a command speaks to a running network: one question over its socket, one answer.

Rules it keeps
    * Nothing is imported that only the network itself needs: a question is asked at once.
    * One line of JSON out, one line in; whoever does not answer in time is not waited for.

What it must not know
    Who answers, and how (`control`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from responder.errors import ResponderError

REQUEST_MAX: Final = 64 * 1024
ANSWER_MAX: Final = 32 * 1024 * 1024
LIVE_ONLY: Final = frozenset({"status", "playbook.reload", "drill.begin", "drill.stop"})
"""What means something for a running network alone."""


class ControlError(ResponderError):
    """The socket cannot be made, or cannot be spoken to."""


class NotRunning(ControlError):
    """Nobody answers on the socket."""


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked."""

    op: str
    args: dict[str, Any] = msgspec.field(default_factory=dict)


class Answer(msgspec.Struct, omit_defaults=True):
    """What is answered: `ok`, or a fault in plain words."""

    ok: Any = None
    fault: str = ""
    not_now: bool = False


async def ask(path: Path, op: str, args: Mapping[str, object], *, wait_s: float = 60.0) -> object:
    """Ask the network that listens at `path`; returns its answer.

    Raises `NotRunning` where nobody answers, `AdminFault` with what the network refuses.
    """
    line = msgspec.json.encode({"op": op, "args": dict(args)}) + b"\n"
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=ANSWER_MAX)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotRunning("The network is not running. Start it with: responder run") from None
    except OSError as error:
        raise ControlError(
            f"The network's socket {path} cannot be opened: {error.strerror}. "
            "Run this command as the account that runs the network."
        ) from None
    try:
        async with asyncio.timeout(wait_s):
            with contextlib.suppress(ConnectionError):
                writer.write(line)
                await writer.drain()
            said = await reader.readline()
        answer = msgspec.json.decode(said, type=Answer)
    except (TimeoutError, ConnectionError, ValueError):
        raise ControlError(
            "The network did not answer. Whether it did what was asked, `responder status` and"
            " the lists show."
        ) from None
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if answer.fault:
        # All of the core comes with it, so only where it is needed.
        from responder.core.admin import AdminFault, NotNow

        raise (NotNow if answer.not_now else AdminFault)(answer.fault)
    return answer.ok
