"""Sorts what comes in: new messages into lines, edits to their originals, withdrawals out of both.

What it is for
    The outbox sends; here stands what there is to send. It also remembers where messages arrived,
    so that an edit, a recall and a reaction find them.

Rules it keeps
    * An edit of what has not left changes that; an edit of what is under way waits for it; an
      edit of what never arrived is dropped.
    * What has left is remembered by its references only, never by its words, and not for ever;
      but what arrived sealed and asks something is kept until it is answered or goes another way.

What it must not know
    Channels, tasks, the database.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeVar

from responder.core.messages import Fate, Message, Urgency
from responder.core.model import MessageId, PersonId
from responder.core.routing import Leg
from responder.core.unopened import due_at
from responder.outbox.mailbag import ANYWHERE, Line, Mailbag, Parcel, Trace, thread_of
from responder.outbox.unopened import Sealed, Unopened
from responder.storage.drawer import SentRef, Waiting

REMEMBERED: Final = 4096
"""Traces of what has left; where older ones arrived is read from the store."""
ORIGINS: Final = 16384
"""References that a reaction or an answer may name."""

V = TypeVar("V")


class Ending(Protocol):
    """What the outbox does where sorting comes to an end of something."""

    def drop(self, edit: Message) -> None:
        """Nobody will see this edit: put on record that it was withdrawn."""

    def end(self, parcel: Parcel, fate: Fate, told: Sequence[Message]) -> None:
        """Take this parcel out; `told` are those of its messages that get this fate."""

    def read(self, message: Message) -> None:
        """It arrived sealed and need not go another way: put on record that it was sent."""


class _Newest(OrderedDict[str, V]):
    """The newest entries only."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: str, value: V) -> None:
        if key in self:
            self.move_to_end(key)
        super().__setitem__(key, value)
        if len(self) > self._most:
            self.popitem(last=False)


class Sorting:
    """Everything that waits or is under way, and where the rest went.

    `route` tells the ways to a person for a message, `clock` the aware UTC time, `steady` seconds
    of a monotonic clock.
    """

    def __init__(
        self,
        route: Callable[[PersonId, Message, Mapping[str, str]], Iterable[Leg]],
        ending: Ending,
        *,
        clock: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._route = route
        self._ending = ending
        self._clock, self._steady = clock, steady
        self._bag = Mailbag()
        self._traces: dict[str, Trace] = {}
        self._left: _Newest[Trace] = _Newest(REMEMBERED)
        self._origins: _Newest[MessageId] = _Newest(ORIGINS)
        self._strays: list[Waiting] = []
        self._unopened = Unopened()

    # --- looking --------------------------------------------------------------------------------

    def lines(self, shut: Container[str] = ()) -> Iterator[Line]:
        """The lines, the most urgent first, without those that wait for what is shut.

        Nothing may be sorted meanwhile.
        """
        return self._bag.lines(shut)

    def park(self, parcels: Iterable[Parcel]) -> None:
        """Pass these over while the channels that they wait for are shut."""
        self._bag.park(parcels)

    def unpark(self) -> None:
        """Pass none over any more: a channel that was waited for may be given up by now."""
        self._bag.unpark()

    def expired(self, at: datetime) -> list[Parcel]:
        """What became too old by `at`; each is told once, unless it changes."""
        return self._bag.expired(at)

    def next_expiry(self) -> datetime | None:
        """When to ask for the next of them at the latest."""
        return self._bag.next_expiry()

    def unopened(self, at: datetime) -> list[Sealed]:
        """Take out what has lain sealed and unanswered for long enough by `at`."""
        return self._unopened.due(at)

    def next_unopened(self) -> datetime | None:
        """When to ask for the next of them at the latest."""
        return self._unopened.next_due()

    def trace(self, id: MessageId) -> Trace | None:
        """What is known of a message or of the one that it edits; None if it left long ago."""
        return self._traces.get(id) or self._left.get(id)

    def origin(self, channel: str, ref: str) -> MessageId | None:
        """The message that arrived there under this reference, itself or by an edit."""
        return self._origins.get(f"{channel} {ref}")

    def depth(self) -> dict[Urgency, int]:
        """How many messages there are of each urgency."""
        depth = dict.fromkeys(Urgency, 0)
        for parcel in self._bag.parcels():
            depth[parcel.shown.urgency] += parcel.main
        return depth

    def empty(self) -> bool:
        """Whether there is nothing to send; what lies sealed does not count."""
        return self._bag.empty() and not self._strays

    def oldest(self) -> dict[Urgency, datetime]:
        """When the oldest message was written, for each urgency that has one."""
        oldest: dict[Urgency, datetime] = {}
        for parcel in self._bag.parcels():
            message = parcel.shown
            if parcel.main:
                before = oldest.get(message.urgency, message.created_at)
                oldest[message.urgency] = min(before, message.created_at)
        return oldest

    # --- coming in ------------------------------------------------------------------------------

    def admit(self, one: Waiting) -> None:
        """Put a message in its place; edits of what is not known become strays.

        What was admitted before is passed over: what is committed while the rest is read from
        disk comes both ways.
        """
        message = one.message
        if self.trace(message.id):
            return
        if self._strays and any(s.message.id == message.id for s in self._strays):
            return
        if one.arrived_at is not None:
            self._back_unopened(one, one.arrived_at)
            return
        if message.replaces is not None:
            known = self.trace(message.replaces)
            if known is None:
                self._strays.append(one)
            else:
                self._edit(known, one)
            return
        trace = Trace(message.id, message.to, thread_of(message), open=True)
        self._post(trace, one, main=True)
        if self._has_notice(trace, message):
            self._post(trace, one, main=False)

    def astray(self) -> frozenset[MessageId]:
        """The originals of strays: where they arrived must be looked up."""
        originals = (one.message.replaces for one in self._strays)
        return frozenset(id for id in originals if id is not None)

    def found(self, originals: frozenset[MessageId], refs: Sequence[SentRef]) -> None:
        """These originals were looked up: sort their edits."""
        strays, self._strays = self._strays, []
        for one in strays:
            message = one.message
            if message.replaces is None or message.replaces not in originals:
                self._strays.append(one)
                continue
            trace = self.trace(message.replaces)
            if trace is None:
                trace = Trace(message.replaces, message.to, thread_of(message))
                mine = (sent for sent in refs if sent.message == trace.id)
                trace.refs = {sent.channel: tuple(sent.ref.split()) for sent in mine}
            self._edit(trace, one)

    def _back_unopened(self, one: Waiting, arrived_at: datetime) -> None:
        """What lay sealed on a phone when the program stopped goes on waiting to be opened."""
        message = one.message
        trace = Trace(message.id, message.to, thread_of(message))
        for sent in one.arrived:
            trace.refs[sent.channel] = tuple(sent.ref.split())
            self.remember(sent.channel, trace.refs[sent.channel], message.id)
        self._left[message.id] = trace
        tried = frozenset((*one.tried, *trace.refs))
        due = due_at(message, arrived_at) or arrived_at
        self._unopened.add(Sealed(trace, message, tried), due)

    def _post(self, trace: Trace, one: Waiting, *, main: bool) -> None:
        message = one.message
        parcel = self._bag.make(trace, message, main=main)
        parcel.repeat = one.repeat
        parcel.tried = frozenset(one.tried) if main else frozenset()
        if message.not_before is not None:
            wait_s = (message.not_before - self._clock()).total_seconds()
            parcel.not_before_s = self._steady() + wait_s
        self._follow(trace, message)

    def _edit(self, trace: Trace, one: Waiting) -> None:
        """Put an edit into what has not left yet, or behind what is under way."""
        edit = one.message
        if trace.recalled or not (trace.refs or trace.first_waits):
            self._ending.drop(edit)
            return
        self._moved_on(trace)
        for main in (True, False):
            waiting = trace.waiting(main=main)
            if waiting is not None:
                self._fold(waiting, [edit])
            elif main or trace.leaving(main=False) or self._has_notice(trace, edit):
                self._post(trace, one, main=main)
        self._follow(trace, edit)

    def _moved_on(self, trace: Trace) -> None:
        """An edit shows what became of it: nobody is asked a second time."""
        message = self._unopened.drop(trace.id)
        if message is not None:
            self._ending.read(message)
        for parcel in tuple(trace.parcels):
            if parcel.second and not parcel.under_way:
                self._ending.end(parcel, Fate.SENT, parcel.owners)

    def _fold(self, parcel: Parcel, edits: Sequence[Message]) -> None:
        """Let a parcel that has not left show the last of these edits."""
        for edit in edits:
            dropped = parcel.take_over(edit)
            if parcel.main:
                for message in dropped:
                    self._ending.drop(message)
        self._bag.changed(parcel)

    def _has_notice(self, trace: Trace, message: Message) -> bool:
        if message.open or not message.notice:
            return False  # `routing` has none for it, whoever reads it
        delivered = trace.newest if message.replaces else {}
        return any(not leg.main for leg in self._route(trace.to, message, delivered))

    # --- going out ------------------------------------------------------------------------------

    def withdraw(self, id: MessageId) -> None:
        """Send this no more. What is under way goes on, and is remembered if it arrives."""
        self._unopened.drop(id)
        self._strays = [one for one in self._strays if one.message.id != id]
        trace = self.trace(id)
        for parcel in tuple(trace.parcels) if trace else ():
            if parcel.gone or all(message.id != id for message in parcel.owners):
                continue
            if parcel.under_way:
                parcel.cancelled = parcel.owners[0].id == id
            elif parcel.owners[0].id == id:
                self._ending.end(parcel, Fate.WITHDRAWN, parcel.owners[1:])
            else:
                parcel.owners = parcel.owners[:1]
                parcel.show(parcel.owners[0])
                self._bag.changed(parcel)

    def recall(self, id: MessageId) -> None:
        """Send neither this nor its edits any more, and have what still arrives taken back."""
        for stray in [one for one in self._strays if one.message.replaces == id]:
            self._strays.remove(stray)
            self._ending.drop(stray.message)
        trace = self.trace(id)
        if trace is None or trace.id != id:
            return
        trace.recalled = True
        for parcel in tuple(trace.parcels):
            if parcel.under_way:
                parcel.cancelled = True
            elif not parcel.gone:
                self._ending.end(parcel, Fate.WITHDRAWN, parcel.edits)

    def back(self, parcel: Parcel) -> None:
        """It has not left after all; an edit that came meanwhile takes its place."""
        later = parcel.trace.waiting(main=parcel.main)
        parcel.under_way = False
        parcel.waits_for = ANYWHERE
        if later is not None:
            self._bag.remove(later)
            self._fold(parcel, later.owners)
        self._bag.changed(parcel)

    def wait_to_be_opened(self, parcel: Parcel, channel: str, until: datetime) -> None:
        """It arrived there sealed: unless it is answered by then, it goes another way."""
        ended = (tried for tried, _ in parcel.ended)
        tried = frozenset((*parcel.tried, *ended, channel))
        self._unopened.add(Sealed(parcel.trace, parcel.shown, tried), until)

    def again(self, one: Sealed) -> None:
        """Nobody opened it: it leaves once more, over another channel."""
        parcel = self._bag.make(one.trace, one.message, main=True)
        parcel.second = parcel.repeat = True
        parcel.tried = one.tried
        self._follow(one.trace, one.message)

    def arrived(self, parcel: Parcel, channel: str, ref: str) -> bool:
        """It was taken under this reference; whether that is a new one."""
        fresh = parcel.trace.note(channel, ref)
        self.remember(channel, (ref,), parcel.trace.id)
        self._bag.remove(parcel)
        self._retire(parcel.trace)
        return fresh

    def remove(self, parcel: Parcel) -> None:
        """It did not arrive; edits that wait for it alone are dropped with it."""
        self._bag.remove(parcel)
        trace = parcel.trace
        if not (trace.refs or trace.first_waits):
            for orphan in tuple(trace.parcels):
                self._bag.remove(orphan)
                if orphan.main:
                    self._ending.drop(orphan.owners[0])
        self._retire(trace)

    def remember(self, channel: str, refs: Iterable[str], message: MessageId) -> None:
        """These references there mean this message."""
        for ref in refs:
            self._origins[f"{channel} {ref}"] = message

    def _follow(self, trace: Trace, message: Message) -> None:
        """Find the trace by this message from now on, as by the one that it edits."""
        for id in (trace.id, message.id):
            if id not in trace.names:
                trace.names = (*trace.names, id)
            self._traces[id] = trace

    def _retire(self, trace: Trace) -> None:
        """Count a trace with nothing on its way among those that may be forgotten."""
        if not trace.parcels:
            for id in trace.names:
                self._traces.pop(id, None)
                self._left[id] = trace
            trace.names = (trace.id,)
