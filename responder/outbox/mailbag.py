"""What waits to be sent: in which order, what replaces what, and what grew too old.

What it is for
    A `Parcel` is one thing to deliver: the words of a message, or the notice that goes besides.
    A `Trace` follows one message and its edits to where they arrived. A `Mailbag` holds the
    parcels in lines and shows those that may leave next.

Rules it keeps
    * Parcels of one person and one thread stand in one line, and only its first may leave. A line
      is as urgent as the most urgent parcel in it: nothing urgent waits for its turn behind a
      crowd because of what stands before it.
    * Of as many reports as come at once each has its first page on the way before anybody's second:
      a team needs two people soon, not one report twenty.
    * Notices have lines of their own: a channel that is down for words delays no notice.
    * An edit takes the place of what has not left: the reader sees the newest state, once.
    * What each of ten thousand messages needs is little, and made when it is needed: the collector
      looks through all of it while they wait.

What it must not know
    Channels, tasks, the database, the clock.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, insort
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final, TypeAlias

from responder.core.messages import Message, Urgency
from responder.core.model import MessageId, PersonId
from responder.ports import Attachment

LASTS: Final[dict[Urgency, timedelta]] = {
    Urgency.LEAVE: timedelta(hours=6),
    Urgency.PAGE: timedelta(minutes=30),
    Urgency.NEWS: timedelta(hours=12),
    Urgency.QUIET: timedelta(hours=24),
}
"""How long a message is worth sending that does not say so itself.

"Leave" is right however late it comes, and the check-ins notice meanwhile who is silent. A page
that is half an hour old asks for somebody who is not needed any more.
"""
KEPT_REFS: Final = 4
"""References kept of one message on one channel: the first, and the newest."""

ANYWHERE: Final = ""
"""No channel's name: what waits for none that is known."""

Rank: TypeAlias = tuple[int, int, float, float, int]
LineKey: TypeAlias = tuple[str, str, bool]
Crowd: TypeAlias = tuple[str, str]


def expiry(message: Message) -> datetime:
    """When the message is too old to be sent."""
    if message.expires_at is not None:
        return message.expires_at
    since = max(message.created_at, message.not_before or message.created_at)
    return since + LASTS[message.urgency]


def thread_of(message: Message) -> str:
    """What the message stays in order with; answers without a thread, with those on its channel."""
    return message.thread or f"@{message.channel}"


@dataclass(eq=False, slots=True)
class Trace:
    """Where one message and its edits arrived, and what of them is on its way.

    `refs` are the platform's references on each channel, the newest last: the next edit must name
    that one, and an answer may name any. `unwritten` are channels whose references are not on
    disk yet. `open`: the message itself has not met its fate. `recalled`: what still arrives is
    to be taken back. The words are not kept: this outlives them.
    """

    id: MessageId
    to: PersonId
    thread: str
    open: bool = False
    names: tuple[MessageId, ...] = ()
    refs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unwritten: frozenset[str] = frozenset()
    parcels: list[Parcel] = field(default_factory=list)
    recalled: bool = False

    @property
    def newest(self) -> dict[str, str]:
        """The reference that an edit must name, for each channel."""
        return {channel: refs[-1] for channel, refs in self.refs.items()}

    def note(self, channel: str, ref: str) -> bool:
        """It arrived under this reference; whether that is a new one."""
        before = self.refs.get(channel, ())
        if before and before[-1] == ref:
            return False
        kept = (*before, ref)
        if len(kept) > KEPT_REFS:
            kept = (kept[0], *kept[1 - KEPT_REFS :])
        self.refs[channel] = kept
        return True

    def waiting(self, *, main: bool) -> Parcel | None:
        """What has not left yet, of the words or of the notice."""
        found = (p for p in self.parcels if p.main is main and not p.under_way)
        return next(found, None)

    def leaving(self, *, main: bool) -> bool:
        """Whether something is under way, of the words or of the notice."""
        return any(p.main is main and p.under_way for p in self.parcels)

    @property
    def first_waits(self) -> bool:
        """Whether the message itself, not an edit, may still arrive."""
        return any(parcel.first for parcel in self.parcels)


@dataclass(eq=False, slots=True)
class Parcel:
    """One thing to deliver: words (`main`) or a notice. It bears the fate of its `owners`.

    The first owner is the message that it was made for; a second is an edit that came before it
    had left. `shown` is what the reader gets to see: the newest of them. `waits_for` is the
    channel that was found shut when it was last looked at. `crowd`: those of one kind for one
    incident, as the pages of a wave; `turn`: how many of them waited when it came. `second`: it
    arrived sealed and stayed unopened, and goes another way; if it finds none, the first counts.
    """

    trace: Trace
    owners: list[Message]
    main: bool
    number: int
    crowd: Crowd
    turn: int
    shown: Message
    repeat: bool = False
    second: bool = False
    tried: frozenset[str] = frozenset()
    ended: frozenset[tuple[str, str]] = frozenset()
    unsure: frozenset[str] = frozenset()
    not_before_s: float = -math.inf
    waits_for: str = ANYWHERE
    attachments: tuple[Attachment, ...] | None = None
    fetching: bool = False
    under_way: bool = False
    cancelled: bool = False
    gone: bool = False

    @property
    def first(self) -> bool:
        """Whether it carries the message itself and not an edit of what has arrived."""
        return self.owners[0].id == self.trace.id

    @property
    def edits(self) -> list[Message]:
        """Those of its owners that edit the message."""
        return [owner for owner in self.owners if owner.id != self.trace.id]

    @property
    def expires_at(self) -> datetime:
        """When it is too old to be sent."""
        return expiry(self.shown)

    @property
    def line(self) -> LineKey:
        """The line in which it stands."""
        return (self.trace.to, self.trace.thread, self.main)

    @property
    def rank(self) -> Rank:
        """Urgency, then its turn, what expires soonest, what was written first."""
        message = self.shown
        expires, created = self.expires_at.timestamp(), message.created_at.timestamp()
        return (int(message.urgency), self.turn, expires, created, self.number)

    def show(self, message: Message) -> None:
        """Let the reader see this instead."""
        self.shown = message
        self.attachments = None
        self.waits_for = ANYWHERE

    def take_over(self, edit: Message) -> list[Message]:
        """Carry this edit instead of an earlier one; those that nobody will see any more."""
        kept = self.owners[:1] if self.first else []
        dropped = self.owners[len(kept) :]
        if dropped and not kept:
            self.repeat = False  # what may have arrived was another text, in the same place
        self.owners = [*kept, edit]
        self.show(edit)
        return dropped


class Line:
    """The parcels of one person and thread, in order."""

    __slots__ = ("parcels", "rank", "stands", "urgency")

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.rank: Rank = (0, 0, 0.0, 0.0, 0)
        self.urgency = Urgency.LEAVE
        """That of the most urgent parcel in it."""
        self.stands = ANYWHERE

    @property
    def head(self) -> Parcel:
        """The only one that may leave."""
        return self.parcels[0]


class Mailbag:
    """All parcels, in their lines; each line stands with those that wait for the same channel."""

    def __init__(self) -> None:
        self._lines: dict[LineKey, Line] = {}
        self._orders: dict[str, list[tuple[Rank, Line]]] = {ANYWHERE: []}
        self._numbers = 0
        self._parcels: dict[int, Parcel] = {}
        self._crowds: dict[Crowd, int] = {}
        # Numbers, not parcels: what has left must not stay in memory until it would have expired.
        self._expiries: list[tuple[datetime, int]] = []

    def make(self, trace: Trace, message: Message, *, main: bool) -> Parcel:
        """A new parcel at the end of its line."""
        self._numbers += 1
        crowd = (message.incident or message.id, message.card)
        turn = self._crowds.get(crowd, 0)
        parcel = Parcel(trace, [message], main, self._numbers, crowd, turn, message)
        self._crowds[crowd] = turn + 1
        trace.parcels.append(parcel)
        self._parcels[parcel.number] = parcel
        key = parcel.line
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line()
        self._unrank(line)
        line.parcels.append(parcel)
        self._rank(line)
        self._watch(parcel)
        return parcel

    def changed(self, parcel: Parcel) -> None:
        """It shows something else, or waits again."""
        line = self._lines[parcel.line]
        self._unrank(line)
        self._rank(line)
        self._watch(parcel)

    def remove(self, parcel: Parcel) -> None:
        """Take it out, wherever in its line it stands; harmless if that was done."""
        if parcel.gone:
            return
        parcel.gone = True
        parcel.trace.parcels.remove(parcel)
        del self._parcels[parcel.number]
        left = self._crowds[parcel.crowd] - 1
        if left:
            self._crowds[parcel.crowd] = left
        else:
            del self._crowds[parcel.crowd]
        key = parcel.line
        line = self._lines[key]
        self._unrank(line)
        line.parcels.remove(parcel)
        if line.parcels:
            self._rank(line)
        else:
            del self._lines[key]

    def lines(self, shut: Container[str] = ()) -> Iterator[Line]:
        """The lines, the most urgent first, without those that wait for a channel that is shut.

        `shut` may grow meanwhile; the bag must not change.
        """
        at = dict.fromkeys((name for name, order in self._orders.items() if order), 0)
        first = ANYWHERE
        while at:
            if len(at) > 1 or first not in at:
                first = min(at, key=lambda name: self._orders[name][at[name]][0])
            order, place = self._orders[first], at[first]
            if first in shut:
                del at[first]
                continue
            yield order[place][1]
            at[first] = place + 1
            if place + 1 == len(order):
                del at[first]

    def park(self, parcels: Iterable[Parcel]) -> None:
        """Let these stand with those that wait for the same channel, out of the others' way."""
        for parcel in parcels:
            line = self._lines[parcel.line]
            self._unrank(line)
            self._rank(line)

    def unpark(self) -> None:
        """Look at all of them again: whatever they waited for, there may be another way by now."""
        every = [entry for order in self._orders.values() for entry in order]
        for _, line in every:
            line.stands = line.head.waits_for = ANYWHERE
        self._orders = {ANYWHERE: sorted(every, key=itemgetter(0))}

    def parcels(self) -> Iterator[Parcel]:
        """Every parcel."""
        return iter(self._parcels.values())

    def empty(self) -> bool:
        """Whether there is none."""
        return not self._parcels

    def expired(self, at: datetime) -> list[Parcel]:
        """What became too old by `at`; each is told once, unless it changes."""
        found = []
        while self._expiries and self._expiries[0][0] <= at:
            _, number = heapq.heappop(self._expiries)
            parcel = self._parcels.get(number)
            if parcel is not None and parcel.expires_at <= at:
                found.append(parcel)
        return list(dict.fromkeys(found))

    def next_expiry(self) -> datetime | None:
        """When to ask again at the latest."""
        return self._expiries[0][0] if self._expiries else None

    def _watch(self, parcel: Parcel) -> None:
        heapq.heappush(self._expiries, (parcel.expires_at, parcel.number))

    def _rank(self, line: Line) -> None:
        line.rank = line.head.rank
        if len(line.parcels) > 1:
            line.rank = min(parcel.rank for parcel in line.parcels)
        line.urgency = Urgency(line.rank[0])
        line.stands = line.head.waits_for
        insort(self._orders.setdefault(line.stands, []), (line.rank, line))

    def _unrank(self, line: Line) -> None:
        if line.parcels:
            order = self._orders[line.stands]
            del order[bisect_left(order, line.rank, key=itemgetter(0))]
