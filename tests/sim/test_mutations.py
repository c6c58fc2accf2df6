"""A law that nothing could break says nothing: faults put in on purpose are caught.

All of them: `python -m tests.sim.mutations`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sim.mutations.catalogue import MUTATIONS, Mutation
from tests.sim.mutations.running import DoesNotFit, fits, played

QUICK = ("page before trust", "forget a deadline", "go before everybody has the brief")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_every_mutation_still_fits_the_core(mutation: Mutation) -> None:
    fits(mutation)
    assert mutation.why and mutation.law in {f"L{n}" for n in range(1, 10)}


def test_every_law_has_a_mutation_and_no_two_are_the_same() -> None:
    assert {m.law for m in MUTATIONS} == {f"L{n}" for n in range(1, 10)}
    assert len({(m.file, m.old, m.new) for m in MUTATIONS}) == len(MUTATIONS) >= 20


def test_a_mutation_that_does_not_fit_any_more_fails_loudly() -> None:
    gone = replace(MUTATIONS[0], old="a line that nobody wrote")
    with pytest.raises(DoesNotFit, match="stands 0 times"):
        fits(gone)


@pytest.mark.parametrize("name", QUICK)
def test_a_mutation_is_caught_by_its_law(name: str) -> None:
    mutation = next(m for m in MUTATIONS if m.name == name)
    assert played(mutation, seeds=12).law.startswith(mutation.law)


def test_a_core_that_nobody_touched_is_caught_of_nothing() -> None:
    same = replace(MUTATIONS[0], new=MUTATIONS[0].old)
    assert played(same, seeds=2).law == ""
