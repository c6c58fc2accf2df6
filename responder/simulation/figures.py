"""What a simulated time came to, in numbers for people.

What it must not know
    Laws, words for people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from responder.core.changes import Changes
from responder.core.effects import Card
from responder.core.model import CallState, Outcome
from responder.simulation.laws import Touched


@dataclass
class Figures:
    """Counted step by step; two of them can be added up."""

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind and outcome."""
    seconds_to_pair: list[float] = field(default_factory=list)
    pages: int = 0
    declines: int = 0
    accepts: int = 0
    nobody: set[date] = field(default_factory=set)
    """The nights in which somebody was sought and nobody came."""
    failed: Counter[str] = field(default_factory=Counter)

    def note(self, now: datetime, touched: Sequence[Touched], changes: Changes) -> None:
        """Count one step."""
        self.pages += sum(message.card == Card.PAGE for message in changes.messages)
        for one in touched:
            self._note_incident(now, one)

    def _note_incident(self, now: datetime, one: Touched) -> None:
        before, after = one.before, one.after
        if after is None:
            return
        if after.teamed_at and (before is None or not before.teamed_at):
            self.seconds_to_pair.append((after.teamed_at - after.opened_at).total_seconds())
        if after.outcome is not None and (before is None or before.outcome is None):
            self.ends[(after.kind, after.outcome.value)] += 1
            if after.outcome is Outcome.NOBODY:
                self.nobody.add((now - timedelta(hours=12)).date())
        was = {c.message: c.state for c in before.calls} if before else {}
        for call in after.calls:
            moved = was.get(call.message) is not call.state
            self.declines += moved and call.state is CallState.DECLINED
            self.accepts += moved and call.state is CallState.ACCEPTED
