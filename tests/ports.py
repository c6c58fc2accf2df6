"""Ports of this machine that stay a test's own, and how long a test waits for what must come."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self

HERE = "127.0.0.1"
PATIENCE_S = 60.0
"""Nothing is this slow, however busy the machine; it only ends a test that waits in vain."""


class Port:
    """A port that is held by a socket which is bound and never listens.

    Whoever connects is refused until somebody listens there. Servers may, again and again, as long
    as they ask for SO_REUSEADDR, as asyncio's do; whoever asks for just any free port is never
    given this one. (A port that was looked up and let go can be somebody else's a moment later.)
    """

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind((HERE, 0))
        self.number: int = self._held.getsockname()[1]

    @property
    def address(self) -> str:
        """As in a configuration: host and port."""
        return f"{HERE}:{self.number}"

    @property
    def url(self) -> str:
        """As a client is told it."""
        return f"http://{self.address}"

    def let_go(self) -> None:
        """Let anybody have it."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.let_go()
