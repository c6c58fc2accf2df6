"""Who is reached, over which channel, how fast: the records of drills and of monthly checks.

What it is for
    A drill asks those on call in one neighbourhood for one tap; a check asks each member for one
    in a month. Both are made of tries: one message, where it arrived, when it was answered.

Rules it keeps
    * What somebody tapped is kept as "reached" alone: nobody's "not now" stands under their name.
    * Arriving is what a platform said; only a tap says that a person has seen it.

What it must not know
    Rosters, channels beyond their names, words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core.model import MessageId, PersonId, Place, Record

DRILL: Final = "drill"
CHECK: Final = "reach-check"
CARDS: Final = frozenset({DRILL, CHECK})
"""The cards of messages whose fate and answer are noted in these records."""


class Arrival(Record):
    """That a platform took the words of a message for its reader, and when."""

    channel: str
    at: datetime


class Try(Record):
    """One message that asks one person for one tap.

    `channel` is the only one that it may take; where it is empty, the message goes as a page would.
    `failed`: nothing carried its words. `tapped_on` is where the answer came from.
    """

    message: MessageId
    person: PersonId
    at: datetime
    channel: str = ""
    arrived: tuple[Arrival, ...] = ()
    failed: bool = False
    tapped_at: datetime | None = None
    tapped_on: str = ""

    @property
    def tap_s(self) -> int | None:
        """Seconds from the question to the tap."""
        return _seconds(self.at, self.tapped_at)


class LeftOut(Record):
    """Somebody on call who was not asked, and why, in a word of `barring.Barred`."""

    person: PersonId
    reason: str


class Drill(Record):
    """One drill: whom it asked, who answered, and when it ended.

    `team` is how many the playbook named by `playbook` sends; 0 where none was named. `free_at`:
    when somebody tapped who could have gone, without a name. `by` None: at the machine.
    """

    id: str
    code: str
    neighbourhood: Place
    begun_at: datetime
    until: datetime
    playbook: str = ""
    team: int = 0
    by: PersonId | None = None
    every_channel: bool = False
    tries: tuple[Try, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    free_at: tuple[datetime, ...] = ()
    ended_at: datetime | None = None

    @property
    def asked(self) -> tuple[PersonId, ...]:
        """Those who were asked, each once."""
        return tuple(dict.fromkeys(one.person for one in self.tries))

    @property
    def reached(self) -> frozenset[PersonId]:
        """Those who tapped, wherever."""
        return frozenset(one.person for one in self.tries if one.tapped_at is not None)

    @property
    def enough(self) -> bool:
        """Whether nothing more is to be learned: every message is answered or reached nobody."""
        return all(one.tapped_at is not None or one.failed for one in self.tries)

    @property
    def teamed_s(self) -> int | None:
        """Seconds until as many had tapped who could have gone as a team needs."""
        if not 0 < self.team <= len(self.free_at):
            return None
        return _seconds(self.begun_at, sorted(self.free_at)[self.team - 1])


class Reach(Record):
    """The last monthly check of one person. `over_at`: when an answer is not waited for longer."""

    person: PersonId
    last: Try
    over_at: datetime


# --- what becomes of a try ------------------------------------------------------------------------


def arrived(one: Try, channel: str, at: datetime) -> Try:
    """The try, once its words arrived on that channel; the first arrival on each counts."""
    if any(a.channel == channel for a in one.arrived):
        return one
    return replace(one, arrived=(*one.arrived, Arrival(channel=channel, at=at)))


def tapped(one: Try, on: str, at: datetime) -> Try:
    """The try, once it was answered; the first tap counts."""
    return one if one.tapped_at is not None else replace(one, tapped_at=at, tapped_on=on)


def with_try(tries: Iterable[Try], changed: Try) -> tuple[Try, ...]:
    """The tries with this one in the place of the one with the same message."""
    return tuple(changed if one.message == changed.message else one for one in tries)


def arrival_s(one: Try, arrival: Arrival) -> int:
    """Seconds from the question to this arrival."""
    return _seconds(one.at, arrival.at) or 0


def _seconds(since: datetime, at: datetime | None) -> int | None:
    return None if at is None else max(round((at - since) / timedelta(seconds=1)), 0)
