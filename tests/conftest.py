"""What holds for every test: no network but this machine's own, the same chance in every run.

And the same surroundings: what a CI or somebody's shell says of colours, widths, a service manager
and networks of their own is taken out before anything is imported that reads it.
"""

from __future__ import annotations

import ipaddress
import os
import sys

import pytest
from hypothesis import settings

for _name in (
    *("CLICOLOR_FORCE", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "GITHUB_ACTIONS"),
    *("COLUMNS", "LINES", "TERMINAL_WIDTH", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
    *("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"),
    *("RESPONDER_CONFIG", "RESPONDER_PASSPHRASE", "RESPONDER_TELEGRAM_TOKEN"),
):
    os.environ.pop(_name, None)

settings.register_profile("shared", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("shared")

_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKS_UP = {"socket.getaddrinfo", "socket.gethostbyname"}


def _stays_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback or str(host) in {"0.0.0.0", "::"}
    except ValueError:
        return False


def _refuse_the_world(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: unlike a patched socket it also sees what C code and event loops do."""
    if event in _CONNECTS:
        address = args[1]
        # An address that is no pair is a Unix socket's path, or none: the socket is connected.
        where = address[0] if isinstance(address, tuple) else None
    elif event in _LOOKS_UP:
        where = args[0]
    else:
        return
    if not _stays_here(where):
        pytest.fail(f"a test reached for the network: {event} {where!r}")


sys.addaudithook(_refuse_the_world)
