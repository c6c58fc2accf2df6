"""Whether what people write on Signal still reaches us, judged by what reaches us.

Rules it keeps
    * Only what came over the real path counts: a service that answers is not one that delivers.
    * A probe goes from a second number of the network's to ours, says nothing, and is never taken
      for a message. (A message to oneself does not come back: Signal delivers it to one's other
      devices alone.)
    * Without a second number, sends to three people of which no phone confirms one within a minute
      speak against it; everybody's app confirms by itself.
    * Gaps of the line are kept until somebody asks for them.

What it must not know
    What people write, and whom to tell.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

GAP: Final = timedelta(seconds=5)
"""A line that is back sooner is not worth a word to anybody."""
CONFIRMED_WITHIN: Final = timedelta(seconds=60)
SILENT_PHONES: Final = 3
_TEXT = "Checking that messages get through: {nonce}"
_PROBE: Final = re.compile(rb"Checking that messages get through: [0-9a-f]{16}\"")

_FROM_SIGNAL: Final = b'"envelope"'
"""Only what Signal delivered lies in one; faults of the service's own come without."""

Gap = tuple[datetime, datetime]


class Hearing:
    """The signs of one account: frames, probes, sends without an echo, a line that was away.

    `now` gives aware UTC times.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._silent: dict[str, datetime] = {}
        self._away_since: datetime | None = None
        self._gaps: list[Gap] = []
        self.heard_at: datetime | None = None

    @staticmethod
    def probe_text() -> str:
        """What the next probe says; nobody else could have written it."""
        return _TEXT.format(nonce=secrets.token_hex(8))

    def frame(self, raw: bytes) -> bool:
        """Something came in; whether it was a probe. What the service says of itself is no sign."""
        if _FROM_SIGNAL not in raw:
            return False
        self.heard_at = self._now()
        self._silent.clear()
        return _PROBE.search(raw) is not None

    def sent(self, handle: str) -> None:
        """The service took a message to this address; its phone should confirm it."""
        if len(self._silent) < SILENT_PHONES:
            self._silent.setdefault(handle, self._now())

    def nothing_against(self) -> bool:
        """Whether no sends went without an echo for too long. Then all may be well."""
        late = self._now() - CONFIRMED_WITHIN
        return sum(at <= late for at in self._silent.values()) < SILENT_PHONES

    def all_may_be_well(self) -> None:
        """Note that nothing speaks against it, where no probe can tell."""
        self.heard_at = self._now()

    def line(self, *, up: bool) -> None:
        """The line to the service came, or went."""
        if not up:
            self._away_since = self._away_since or self._now()
            return
        since, self._away_since = self._away_since, None
        if since is not None and self._now() - since >= GAP:
            self._gaps.append((since, self._now()))

    def take_gaps(self) -> list[Gap]:
        """When nothing could come in, as far as nobody asked yet."""
        gaps, self._gaps = self._gaps, []
        return gaps
