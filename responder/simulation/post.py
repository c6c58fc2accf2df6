"""A simulated outbox: every message leaves, is withdrawn, or fails, and each does so once.

What it is for
    It keeps what the real one must keep: the last look before a message leaves, the ways that
    `core.routing` allows, an edit after the message that it edits, nothing after its time, tries
    that end; and what the disk remembers of it is all that is left after a crash.

Rules it keeps
    * An attempt is claimed on disk before it begins. What was claimed and not settled when the
      process died leaves again, marked as a repeat; what was settled never does.
    * A message that failed for good goes back to the core in the same transaction.

What it must not know
    What people do with what they get.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from responder.core import network, unopened
from responder.core.changes import Changes
from responder.core.messages import Fate, Message, Urgency
from responder.core.model import Media, MessageId
from responder.core.routing import Form, Leg, legs, reader_of
from responder.simulation import cast
from responder.simulation.disk import Row
from responder.simulation.machine import Machine
from responder.simulation.platforms import Answer, Attempt, Platform

PRIVACY: Final = {cast.SIGNAL: True, cast.TELEGRAM: False}
_TRIES: Final = 5
_LASTS: Final = {
    Urgency.LEAVE: timedelta(hours=6),
    Urgency.PAGE: timedelta(minutes=30),
    Urgency.NEWS: timedelta(hours=12),
    Urgency.QUIET: timedelta(hours=24),
}
"""How long a message is worth sending that does not say so itself."""


@dataclass(frozen=True)
class Left:
    """A message as it went over one channel. `shown` is what that channel's operator can read.

    `arrived` false: it was lost on the way. `repeat`: marked as one that may have come before.
    `pictures` go along, or are named for the phone to fetch.
    """

    message: Message
    at: datetime
    channel: str
    form: Form
    arrived: bool
    repeat: bool
    second: bool = False
    pictures: tuple[Media, ...] = ()

    @property
    def shown(self) -> str:
        """What the channel itself carries in the clear."""
        return self.message.text if self.form is Form.WORDS else self.message.notice


class Outcomes(Protocol):
    """Who is told what becomes of each message, and commits it."""

    def left(self, left: Left) -> None:
        """A message went over a channel."""

    def acknowledged(self, message: Message, channel: str) -> bool:
        """Commit that it was sent; False where the disk does not take it now."""

    def failed(self, message: Message, why: str) -> bool:
        """Commit that it failed, with what follows; False where the disk does not take it now."""

    def sealed(self, row: Row, channel: str) -> bool:
        """Commit that it lies sealed on its reader's phone; False where that is not taken now."""

    def unopened(self, message: Message, channel: str) -> bool:
        """Commit that it had to go another way; False where the disk does not take it now."""

    def withheld(self, message: Message) -> None:
        """It was to go another way, and may not, or cannot."""

    def pictures(self, message: Message) -> tuple[Media, ...]:
        """What goes along with this message, as far as it can still be had."""

    def unreachable(self, message: Message, leg: Leg) -> None:
        """A platform says that nothing reaches this address."""


class Post:
    """The outbox of one life of the process; `disk` outlives it."""

    def __init__(
        self, machine: Machine, outcomes: Outcomes, platforms: dict[str, Platform]
    ) -> None:
        self._machine = machine
        self._outcomes = outcomes
        self._platforms = platforms
        self._newest: dict[MessageId, MessageId] = {}
        self._tries: dict[MessageId, int] = {}
        self._used_up: dict[MessageId, set[str]] = {}
        self._under_way: set[MessageId] = set()

    def load(self) -> None:
        """Take up whatever waits on disk, after a start."""
        for row in tuple(self._machine.disk.waiting.values()):
            row.second = False
            if row.sealed_at is not None:
                self._await_opening(row, row.sealed_at)
            else:
                self._take(row.message)

    def take(self, changes: Changes) -> None:
        """Messages of one committed transaction: from now on they wait to leave."""
        for message in changes.messages:
            self._take(message)

    def _take(self, message: Message) -> None:
        anchor = message.replaces
        if anchor is not None:
            older = self._newest.get(anchor)
            if older is not None and older not in self._under_way:
                # An edit takes the place of one that has not left.
                self._machine.disk.settle(older, Fate.WITHDRAWN)
            self._newest[anchor] = message.id
        wait_s = 0.5 + message.urgency * self._machine.dice_of(message.to).uniform(0.1, 4)
        self._try_later(message, wait_s)

    def _try_later(self, message: Message, seconds: float) -> None:
        self._machine.soon(seconds, lambda: self._look(message))

    def _look(self, message: Message) -> None:
        row = self._machine.disk.waiting.get(message.id)
        if row is None:
            return
        rows = self._machine.disk.rows
        edited = rows.get(message.replaces) if message.replaces else None
        if edited is not None and edited.fate is None:
            if edited.sealed_at is not None:
                # The edit shows what became of it: nobody is asked a second time.
                self._acknowledge(edited.message)
            self._try_later(message, 1)
        elif edited is not None and edited.fate is Fate.WITHDRAWN:
            self._machine.disk.settle(message.id, Fate.WITHDRAWN)
        else:
            self._send(row)

    def _send(self, row: Row) -> None:
        machine, message = self._machine, row.message
        expires_at = message.expires_at or message.created_at + _LASTS[message.urgency]
        if expires_at < machine.wall:
            self._fail(message, "too late")
        elif not network.may_leave(machine.world, message, machine.wall):
            self._fail(message, "barred")
        else:
            ways = self._ways(message)
            if not ways:
                self._fail(message, "no way is left")
            else:
                self._attempt(row, ways[0])

    def _ways(self, message: Message) -> list[Leg]:
        world = self._machine.world
        reader = reader_of(message, world.person(message.to))
        if reader is None:
            return []
        used_up = self._used_up.get(message.id, ())
        found = legs(message, reader, PRIVACY, phone=bool(world.phones(message.to)))
        tried = self._machine.disk.rows[message.id].tried
        return [leg for leg in found if leg.main and leg.channel not in {*used_up, *tried}]

    # --- one attempt ----------------------------------------------------------------------------

    def _attempt(self, row: Row, leg: Leg) -> None:
        machine, message = self._machine, row.message
        repeat = row.claimed
        row.claimed = True
        if machine.may_die("between the claim and the sending"):
            return
        platform = self._platforms[leg.channel]
        attempt = platform.send(machine.dice_of(message.to), machine.now)
        self._under_way.add(message.id)
        self._outcomes.left(
            Left(
                message,
                machine.wall,
                leg.channel,
                leg.form,
                attempt.arrived,
                repeat,
                row.second,
                self._outcomes.pictures(message),
            )
        )
        if machine.may_die("between the sending and its acknowledgement"):
            return
        if attempt.answer is not Answer.SENT:
            self._again(message, leg, attempt)
        elif row.second:
            self._had_to_go_again(message, leg.channel)
        elif leg.form is Form.SEALED and self._may_stay_unopened(message, leg):
            self._seal(row, leg.channel)
        else:
            self._acknowledge(message, leg.channel)

    def _acknowledge(self, message: Message, channel: str = "") -> None:
        waits = message.id in self._machine.disk.waiting
        if waits and not self._outcomes.acknowledged(message, channel):
            self._machine.soon(5, lambda: self._acknowledge(message, channel))

    # --- what lies sealed on a phone ------------------------------------------------------------

    def _may_stay_unopened(self, message: Message, leg: Leg) -> bool:
        """Whether it asks something, and could go another way if nobody opens it."""
        asks = unopened.due_at(message, self._machine.wall) is not None
        moved_on = self._newest.get(message.id) is not None
        return asks and not moved_on and any(w.channel != leg.channel for w in self._ways(message))

    def _seal(self, row: Row, channel: str) -> None:
        if row.fate is not None:
            return
        if self._outcomes.sealed(row, channel):
            self._under_way.discard(row.message.id)
            self._await_opening(row, self._machine.wall)
        else:
            self._machine.soon(5, lambda: self._seal(row, channel))

    def _await_opening(self, row: Row, since: datetime) -> None:
        due = unopened.due_at(row.message, since) or since
        wait_s = max(0.0, (due - self._machine.wall).total_seconds())
        self._machine.soon(wait_s, lambda: self._ask_again(row))

    def _ask_again(self, row: Row) -> None:
        """What lay sealed for long enough and asks something still goes another way."""
        if row.fate is not None:
            return
        if network.unanswered(self._machine.world, row.message):
            row.second = True
            self._try_later(row.message, 0.1)
        else:
            self._acknowledge(row.message)

    def _had_to_go_again(self, message: Message, channel: str) -> None:
        waits = message.id in self._machine.disk.waiting
        if waits and not self._outcomes.unopened(message, channel):
            self._machine.soon(5, lambda: self._had_to_go_again(message, channel))

    def _again(self, message: Message, leg: Leg, attempt: Attempt) -> None:
        self._under_way.discard(message.id)
        tries = self._tries[message.id] = self._tries.get(message.id, 0) + 1
        match attempt.answer:
            case Answer.BLOCKED:
                self._used_up.setdefault(message.id, set()).add(leg.channel)
                self._outcomes.unreachable(message, leg)
            case Answer.REJECTED:
                self._used_up.setdefault(message.id, set()).add(leg.channel)
            case _ if tries % _TRIES == 0:
                self._used_up.setdefault(message.id, set()).add(leg.channel)
            case _:
                pass
        self._try_later(message, attempt.took_s + max(attempt.retry_after_s, 2.0 ** (tries % 5)))

    def _fail(self, message: Message, why: str) -> None:
        if self._machine.disk.rows[message.id].second:
            self._outcomes.withheld(message)
            # It lies sealed on a phone, and whoever waits for an answer knows that none came.
            self._acknowledge(message)
        elif message.id in self._machine.disk.waiting and not self._outcomes.failed(message, why):
            self._machine.soon(5, lambda: self._fail(message, why))
