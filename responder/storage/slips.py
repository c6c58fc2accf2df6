"""Slips: what a transaction says of messages and records is one row, and filed later.

What it is for
    While a thousand messages leave, each of them changes twice: it is claimed, and it arrives. In
    its own row and all of their indices that touches a hundred pages a commit. A slip is one small
    row for all that one transaction claimed and settled, and for the records that it put; it is on
    disk as safely. When nothing leaves, slips are filed: written into the rows that they are about.

Rules it keeps
    * Whoever reads or changes what slips are about has them filed first, or asks here.
    * Slips are filed in order, those of one message one after the other.
    * What a database is opened with is filed before anybody looks.
    * In memory stand ids alone, and after the commit alone.

What it must not know
    Statements, tasks, why a message met its fate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from responder.core.messages import Fate, Settled
from responder.core.model import MessageId, Record

FILED_AT_ONCE: Final = 8
"""Slips filed in one transaction: a few hundred messages, so that nobody waits for long."""


ROWS_AT_ONCE: Final = 500
"""Fewer slips are filed in one transaction where they hold so many records."""


class Row(Record):
    """A sealed record on its way into its row; `sealed` None: it is deleted.

    `open` and `due_ms` are an incident's, and None for all others.
    """

    kind: str
    id: str
    key_name: str = ""
    sealed: bytes | None = None
    open: bool | None = None
    due_ms: int | None = None


class Slip(Record):
    """What one transaction claimed, then settled, and the records that it wrote, in order."""

    claimed: tuple[MessageId, ...] = ()
    settled: tuple[Settled, ...] = ()
    rows: tuple[Row, ...] = ()


def ends(fate: Settled) -> bool:
    """Whether the message itself has its fate with this."""
    return fate.last or fate.fate is Fate.WITHDRAWN


def in_turns(fates: Iterable[Settled]) -> Iterator[list[Settled]]:
    """The fates in order, cut so that no message stands in one list twice."""
    turn: dict[MessageId, Settled] = {}
    for fate in fates:
        if fate.message in turn:
            yield list(turn.values())
            turn = {}
        turn[fate.message] = fate
    yield list(turn.values())


class Slips:
    """Which messages stand on slips that are on disk and not filed yet."""

    def __init__(self) -> None:
        self._on: deque[tuple[int, tuple[MessageId, ...], bool]] = deque()
        self._last = 0
        self.with_records = 0
        """How many of them hold records."""
        self._settled: dict[MessageId, int] = {}
        self._ended: set[MessageId] = set()

    def __len__(self) -> int:
        """How many slips there are."""
        return len(self._on)

    def settled(self, id: MessageId) -> bool:
        """Whether some fate of this message waits to be filed."""
        return id in self._settled

    def ended(self, id: MessageId) -> bool:
        """Whether this message met its fate, and its row does not say so yet."""
        return id in self._ended

    @property
    def next(self) -> int:
        """The number of the next slip."""
        return self._last + 1

    def noted(self, slip: Slip) -> None:
        """The next slip is on disk."""
        self._last += 1
        told = tuple(fate.message for fate in slip.settled)
        self._on.append((self._last, told, bool(slip.rows)))
        self.with_records += bool(slip.rows)
        for fate in slip.settled:
            self._settled[fate.message] = self._last
            if ends(fate):
                self._ended.add(fate.message)

    def filed(self, number: int) -> None:
        """All slips up to this one are filed, on disk."""
        while self._on and self._on[0][0] <= number:
            _, told, with_records = self._on.popleft()
            self.with_records -= with_records
            for id in told:
                if self._settled.get(id, number + 1) <= number:
                    del self._settled[id]
                    self._ended.discard(id)


class Stage:
    """What one transaction notes and files; it counts once `keep` is called, after the commit."""

    def __init__(self, under: Slips) -> None:
        self._under = under
        self._claimed: list[MessageId] = []
        self._settled: list[Settled] = []
        self._ended: set[MessageId] = set()
        self._rows: list[Row] = []
        self._slip: Slip | None = None
        self._filed = 0

    @property
    def number(self) -> int:
        """The number of the slip of this transaction."""
        return self._under.next

    @property
    def unfiled(self) -> bool:
        """Whether there is anything that is not filed."""
        return bool(self._claimed or self._settled or self._rows) or len(self._under) > 0

    def settled(self, id: MessageId) -> bool:
        """Whether some fate of this message waits to be filed."""
        return self._under.settled(id) or any(fate.message == id for fate in self._settled)

    def ended(self, id: MessageId) -> bool:
        """Whether this message met its fate, and its row does not say so yet."""
        return id in self._ended or self._under.ended(id)

    def claim(self, ids: Iterable[MessageId]) -> None:
        """These are under way."""
        self._claimed += ids

    def settle(self, fates: Sequence[Settled]) -> None:
        """These became of messages."""
        self._settled += fates
        self._ended.update(fate.message for fate in fates if ends(fate))

    def write(self, row: Row) -> None:
        """This is to be a record's row."""
        self._rows.append(row)

    def take(self) -> Slip:
        """What was said in this transaction so far, to be filed at once."""
        slip = Slip(
            claimed=tuple(self._claimed), settled=tuple(self._settled), rows=tuple(self._rows)
        )
        self._claimed, self._settled, self._rows = [], [], []
        return slip

    def note(self) -> Slip | None:
        """What is to be written down as the next slip, None where there is nothing."""
        slip = self.take()
        self._slip = slip if slip.claimed or slip.settled or slip.rows else None
        return self._slip

    def filed(self, number: int) -> None:
        """Slips up to this one are in their rows."""
        self._filed = number

    def keep(self) -> None:
        """It is committed."""
        if self._slip is not None:
            self._under.noted(self._slip)
        self._under.filed(self._filed)
