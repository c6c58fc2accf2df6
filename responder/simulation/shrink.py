"""A broken law, told by its shortest story: happenings and members are left out one after another.

What it is for
    Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
    2002) over what was planned: as long as the very same law still breaks, less is planned.

Rules it keeps
    * The same plan shrinks to the same plan; `tries` bounds the work, not a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from responder.core.model import PersonId
from responder.simulation.history import History
from responder.simulation.laws import Broken
from responder.simulation.plan import Plan
from responder.simulation.town import a_town

T = TypeVar("T")


@dataclass(frozen=True)
class Shrunk:
    """The shortest plan that was found, how the law breaks in it, and how many were played."""

    plan: Plan
    broken: Broken
    tries: int


class _Search:
    """Plays plans, and remembers the shortest that breaks the same law."""

    def __init__(
        self, plan: Plan, broken: Broken, tries: int, play: Callable[[Plan], object]
    ) -> None:
        self._play = play
        self.plan = plan
        self.broken = broken
        self.left = tries
        self.played = 0

    def breaks(self, plan: Plan) -> bool:
        """Whether the same law breaks in this plan; then it is the shortest so far."""
        if self.left <= 0:
            return False
        self.left -= 1
        self.played += 1
        try:
            self._play(plan)
        except Broken as broken:
            if broken.kind == self.broken.kind:
                self.plan, self.broken = plan, broken
                return True
        return False


def _a_history(plan: Plan) -> object:
    return History(plan).run()


def shrunk(
    plan: Plan, broken: Broken, tries: int = 300, play: Callable[[Plan], object] = _a_history
) -> Shrunk:
    """The shortest plan in which the law that `plan` breaks still breaks, as `play` plays it."""
    search = _Search(plan, broken, tries, play)
    for calmer in (
        replace(plan, crashes=0.0),
        replace(plan, wildness=0.0),
        replace(plan, crashes=0.0, wildness=0.0),
    ):
        if calmer != search.plan:
            search.breaks(calmer)
    _least(search.plan.happenings, lambda kept: search.breaks(search.plan.keeping(tuple(kept))))
    people = a_town(search.plan.leaving_out(frozenset())).members

    def without_the_rest(kept: Sequence[PersonId]) -> bool:
        return search.breaks(search.plan.leaving_out(frozenset(people) - frozenset(kept)))

    _least(people, without_the_rest)
    return Shrunk(search.plan, search.broken, search.played)


def _least(things: Sequence[T], still: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """The fewest of these with which it `still` holds: halves, quarters, ... single ones."""
    pieces = 2
    while len(things) >= 1:
        size = max(1, len(things) // pieces)
        for begin in range(0, len(things), size):
            rest = [*things[:begin], *things[begin + size :]]
            if still(rest):
                things = rest
                pieces = max(2, pieces - 1)
                break
        else:
            if size == 1:
                break
            pieces = min(len(things), pieces * 2)
    return things
