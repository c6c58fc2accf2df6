"""Two platforms as they are on a bad day: what each does with one message that is handed to it.

What it is for
    Signal (end-to-end private) and Telegram (read by its operator), each with moods: refusing
    much, hanging, taking messages and delivering nothing.

Rules it keeps
    * Every answer that a real bot can get has its case here; a time-out may have delivered.
    * Dice are the reader's own, so that one person's luck is not another's.

What it must not know
    What a message says, what the outbox makes of an answer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Final

from responder.simulation.cast import SIGNAL, TELEGRAM


class Answer(StrEnum):
    """What the outbox hears of one attempt."""

    SENT = "sent"
    SLOW_DOWN = "429"
    BLOCKED = "403"
    BROKEN = "5xx"
    REJECTED = "400"
    TIME_OUT = "time-out"


@dataclass(frozen=True)
class Attempt:
    """What one attempt came to: the answer, whether it arrived, and how long to wait."""

    answer: Answer
    arrived: bool
    took_s: float
    retry_after_s: float = 0.0


_SENT: Final = Attempt(Answer.SENT, arrived=True, took_s=0.2)


class Platform:
    """One platform, with its mood."""

    def __init__(self, name: str, wildness: float, faults: Counter[str]) -> None:
        self.name = name
        self.wildness = wildness
        self.deaf_until: datetime | None = None
        self.stuck_until: datetime | None = None
        self.swallows_until: datetime | None = None
        self.restarts_until: datetime | None = None
        """Until then nobody is attached to take what comes in, and it is lost."""
        self._faults = faults

    def send(self, dice: Random, now: datetime) -> Attempt:
        """One attempt at one message."""
        if self.stuck_until is not None and now < self.stuck_until:
            return self._bad(Attempt(Answer.TIME_OUT, arrived=False, took_s=30))
        if self.swallows_until is not None and now < self.swallows_until:
            return self._bad(Attempt(Answer.SENT, arrived=False, took_s=0.2))
        wildness = self.wildness
        if self.deaf_until is not None and now < self.deaf_until:
            wildness = 0.7
        if not wildness or dice.random() >= wildness:
            return _SENT
        return self._bad(_badly(self.name, dice))

    def _bad(self, attempt: Attempt) -> Attempt:
        lost = "" if attempt.arrived else ", nothing delivered"
        self._faults[f"{self.name}: {attempt.answer}{lost}"] += 1
        return attempt

    def brings(self, dice: Random, now: datetime) -> tuple[float, ...]:
        """After how many seconds a person's message is handed in, each time that it is.

        Mostly once and at once; late (and so out of order), twice, or, on Signal, never.
        """
        if self.restarts_until is not None and now < self.restarts_until:
            self._faults[f"{self.name}: a message is lost while its service restarts"] += 1
            return ()
        if not self.wildness or dice.random() >= self.wildness:
            return (0.0,)
        match dice.randrange(6):
            case 0 if self.name == SIGNAL:
                self._faults[f"{self.name}: a message is lost on its way in"] += 1
                return ()
            case 0 | 1 | 2:
                self._faults[f"{self.name}: a message comes late"] += 1
                return (dice.uniform(5, 400),)
            case _:
                self._faults[f"{self.name}: a message comes twice"] += 1
                return (0.0, dice.uniform(0, 900))


def _badly(name: str, dice: Random) -> Attempt:
    match dice.randrange(12):
        case 0 | 1 | 2:
            # Signal's can come although the message went out.
            arrived = name == SIGNAL and dice.random() < 0.3
            wait_s = dice.choice((1.0, 3.0, 35.0))
            return Attempt(Answer.SLOW_DOWN, arrived, 0.2, retry_after_s=wait_s)
        case 3 | 4 | 5 | 6:
            return Attempt(Answer.BROKEN, arrived=False, took_s=dice.uniform(0.1, 5))
        case 7 | 8:
            return Attempt(Answer.TIME_OUT, arrived=True, took_s=30)
        case 9:
            return Attempt(Answer.TIME_OUT, arrived=False, took_s=30)
        case 10 if name == TELEGRAM or dice.random() < 0.2:
            return Attempt(Answer.BLOCKED, arrived=False, took_s=0.2)
        case _:
            return Attempt(Answer.REJECTED, arrived=False, took_s=0.2)
