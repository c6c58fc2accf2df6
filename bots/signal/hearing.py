"""Whether what people write on Signal still reaches us, judged by what reaches us.

Rules it keeps
    * Only what came over the real path counts: a service that answers is not one that delivers.
    * A probe goes from a second number of the network's to ours, says nothing, and is never taken
      for a message. (A message to oneself does not come back: Signal delivers it to one's other
      devices alone.)
    * Without a second number, sends to three people of which no phone confirms one within a minute
      speak against it; everybody's app confirms by itself.
    * Gaps are kept until somebody asks for them. One is a line that was away; and, at a start, the
      time in which the service ran and nobody took over what came: it keeps nothing for later.
    * A service that is off when we come was off before, as its unit sees to, and what was written
      meanwhile waits at Signal. Only where the process was killed can the moments until the service
      ended as well have cost something.

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
DYING: Final = timedelta(seconds=90)
"""From the last sign of a process that was killed until the service can be trusted to be off: half
a minute to the next sign, and what systemd takes to end the service."""
CONFIRMED_WITHIN: Final = timedelta(seconds=60)
SILENT_PHONES: Final = 3
_TEXT = "Checking that messages get through: {nonce}"
_PROBE: Final = re.compile(rb"Checking that messages get through: [0-9a-f]{16}\"")

_FROM_SIGNAL: Final = b'"envelope"'
"""Only what Signal delivered lies in one; faults of the service's own come without."""

Gap = tuple[datetime, datetime]


class Hearing:
    """The signs of one account: frames, probes, sends without an echo, a line that was away.

    `now` gives aware UTC times. `pushed`: a webhook stands beside the line, so that a line which
    breaks loses nothing, and a burst neither.
    """

    def __init__(self, now: Callable[[], datetime], *, pushed: bool = False) -> None:
        self._now = now
        self._pushed = pushed
        self._silent: dict[str, datetime] = {}
        self._absence: tuple[datetime, bool] | None = None
        self._was_up = False
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

    def unattended(self, since: datetime, *, clean: bool) -> None:
        """Nobody was attached since then; the first word of the line says what that cost."""
        self._absence = (since, clean)

    def line(self, up: bool) -> None:
        """The line to the service came, or went, or could not be had."""
        absence, self._absence = self._absence, None
        if absence is not None:
            self._back(*absence, there=up)
        if up:
            since, self._away_since = self._away_since, None
            self._was_up = True
            if since is not None:
                self._note(since, self._now())
        elif self._was_up and not self._pushed:
            self._away_since = self._away_since or self._now()

    def _back(self, since: datetime, clean: bool, *, there: bool) -> None:
        """The first look after an absence: whether the service ran meanwhile."""
        if there or not self._pushed:
            # What waited at Signal comes in one burst, and most of that a websocket loses.
            self._away_since = since
        elif not clean:
            self._note(since, min(since + DYING, self._now()))

    def _note(self, since: datetime, until: datetime) -> None:
        if until - since >= GAP:
            self._gaps.append((since, until))

    def take_gaps(self) -> list[Gap]:
        """When nothing could come in, as far as nobody asked yet."""
        gaps, self._gaps = self._gaps, []
        return gaps
