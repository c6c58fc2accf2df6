"""What systemd is told: that the network serves, how it is, that it lives, that it stops.

The protocol is sd_notify(3): lines of NAME=value in one datagram to the socket that the
environment names.

Rules it keeps
    * Without that socket nothing happens; where nobody listens, nothing fails.
    * WATCHDOG=1 is kept back only where a restart would help: it is a kill.
    * Nothing that is said names anybody: everybody on the machine can read it.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from responder.watching.watch import Watch

LOOK_S: Final = 20.0
"""How often the state is passed on where no watchdog asks for more."""


class Systemd:
    """A way to the service manager; `watchdog_s` is how long it waits for a sign of life."""

    def __init__(self, address: str, watchdog_s: float | None = None) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_s = watchdog_s

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Systemd:
        """The one that this environment names; one that tells nobody where there is none."""
        watchdog_s = None
        for_us = environment.get("WATCHDOG_PID") in (None, "", str(os.getpid()))
        if for_us and (given := environment.get("WATCHDOG_USEC", "")).isdecimal():
            watchdog_s = int(given) / 1e6 or None
        return cls(environment.get("NOTIFY_SOCKET", ""), watchdog_s)

    def ready(self) -> None:
        """The network listens."""
        self._say("READY=1", "STATUS=Serving.")

    def stopping(self) -> None:
        """It takes nothing more in."""
        self._say("STOPPING=1", "STATUS=Closing.")

    async def run(
        self, watch: Watch, *, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Pass on how it is, until cancelled."""
        every_s = min(self.watchdog_s / 3, LOOK_S) if self.watchdog_s else LOOK_S
        while self._address:
            self.look(watch)
            await wait(every_s)

    def look(self, watch: Watch) -> None:
        """Say how it is now; keep the sign of life back where a restart would help."""
        status = "STATUS=" + _state(watch)
        if watch.restart_helps:
            self._say(status)
        else:
            self._say(status, "WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto("\n".join(lines).encode(), self._address)


def _state(watch: Watch) -> str:
    if watch.content:
        return "Serving; all is well."
    if watch.restart_helps:
        return "The network stands still: responder status"
    count = len(watch.worries)
    return f"Serving; {count} {'worry' if count == 1 else 'worries'}: responder status"
