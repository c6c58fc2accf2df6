"""Pairing: which teams are sound, which is chosen, and how many to page for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.model import Level, Person, PersonId, Training, Vouch
from responder.core.pairing import (
    Unsound,
    assign_roles,
    choose,
    could_pair,
    how_many,
    sound,
    speaks,
    trained,
)

TODAY = date(2026, 11, 27)
AT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ["heron", "wren", "otter", "badger", "robin", "stoat", "finch"]


@dataclass(frozen=True)
class A:
    """A need: two people, nothing special."""

    size: int = 2
    at_least: int = 2
    training: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    experienced: int = 0


def a_person(name: str, *by: str, **fields: Any) -> Person:
    """A member vouched for by two of their own, or only by those named."""
    given_by = tuple(
        Vouch(by=PersonId(voucher), at=AT) for voucher in by or (f"{name}-1", f"{name}-2")
    )
    return Person(id=PersonId(name), call_sign=name.title(), vouches=given_by, **fields)


def an_old_hand(name: str, *by: str, **fields: Any) -> Person:
    """An experienced member."""
    return a_person(name, *by, experienced=True, **fields)


def fault(*team: Person, need: A | None = None, **how: Any) -> Unsound | None:
    """Why these people are no team of two at least."""
    return sound(team, need or A(), **{"at_least": 2, "today": TODAY, **how})


def chosen(candidates: list[Person], need: A | None = None, **how: Any) -> list[str] | None:
    """The names of the team of two that is chosen, if any."""
    need = need or A()
    team = choose(candidates, need, **{"size": need.size, "today": TODAY, **how})
    return None if team is None else [person.id for person in team]


@st.composite
def crowds(draw: st.DrawFn) -> list[Person]:
    """Up to seven people with few vouchers, few skills and some keep-apart rules."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    few = st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=2)
    return [
        a_person(
            name,
            *draw(few),
            experienced=draw(st.booleans()),
            skills=tuple(draw(st.lists(st.sampled_from(["film", "listen"]), max_size=2))),
            keep_apart=tuple(
                PersonId(n) for n in draw(st.lists(st.sampled_from(NAMES), max_size=1))
            ),
        )
        for name in names
    ]


# --- sound teams ------------------------------------------------------------------------------


def test_a_newcomer_goes_with_an_experienced_one() -> None:
    """The plain good case."""
    assert fault(an_old_hand("heron"), a_person("wren")) is None


def test_nobody_is_a_team_alone_whatever_is_asked() -> None:
    """One person, or the same person twice, is never a team (law L1)."""
    heron = an_old_hand("heron")
    assert fault(heron, at_least=1) is Unsound.TOO_FEW
    assert fault(at_least=0) is Unsound.TOO_FEW
    assert fault(heron, heron) is Unsound.TWICE
    assert fault(heron, a_person("wren"), at_least=3) is Unsound.TOO_FEW


def test_either_ones_keep_apart_rule_separates() -> None:
    """The rule is symmetrical."""
    heron, wren = an_old_hand("heron"), a_person("wren", keep_apart=(PersonId("heron"),))
    assert fault(heron, wren) is Unsound.KEEP_APART
    assert fault(wren, heron) is Unsound.KEEP_APART


@pytest.mark.parametrize(
    ("experienced", "newcomers", "expected"),
    [
        (0, 2, Unsound.NEWCOMERS),
        (1, 1, None),
        (1, 2, Unsound.NEWCOMERS),
        (2, 2, None),
        (2, 0, None),
    ],
)
def test_newcomers_never_outnumber_the_experienced(
    experienced: int, newcomers: int, expected: Unsound | None
) -> None:
    """So two newcomers never pair (law L3)."""
    old = [an_old_hand(f"old{number}") for number in range(experienced)]
    new = [a_person(f"new{number}") for number in range(newcomers)]
    assert fault(*old, *new) is expected


def test_two_vouched_for_by_one_same_member_never_share_a_team() -> None:
    """Not in a pair, and not in a larger team; a second voucher frees them."""
    heron, wren = an_old_hand("heron", "badger"), an_old_hand("wren", "badger")
    assert fault(heron, wren) is Unsound.SAME_VOUCHER
    assert fault(heron, an_old_hand("otter"), wren) is Unsound.SAME_VOUCHER
    assert fault(heron, an_old_hand("wren", "badger", "otter")) is None


def test_a_coordinators_grant_ties_and_the_machines_does_not() -> None:
    """Two whom one coordinator let in are tied; two whom the network let in are not."""
    granted = [
        Person(id=PersonId(n), experienced=True, granted=Level.KNOWN, granted_by=PersonId("badger"))
        for n in ("heron", "wren")
    ]
    free = [
        Person(id=PersonId(n), experienced=True, granted=Level.KNOWN) for n in ("otter", "robin")
    ]
    assert fault(*granted) is Unsound.SAME_VOUCHER
    assert fault(granted[0], an_old_hand("finch", "badger")) is Unsound.SAME_VOUCHER
    assert fault(*free) is None
    assert fault(granted[0], free[0]) is None


def test_only_vouches_that_count_today_untie() -> None:
    """Where it is known whose word counts, a worthless second vouch does not help."""
    heron, wren = an_old_hand("heron", "badger", "stoat"), an_old_hand("wren", "badger", "finch")
    counted = {person.id: frozenset({PersonId("badger")}) for person in (heron, wren)}
    assert fault(heron, wren) is None
    assert fault(heron, wren, vouchers=counted) is Unsound.SAME_VOUCHER


def test_every_member_has_the_training_to_its_last_day() -> None:
    """The day of expiry still counts, the next one does not."""
    course = (Training(name="copwatch", expires_on=TODAY),)
    team = an_old_hand("heron", trainings=course), a_person("wren", trainings=course)
    need = A(training=("copwatch",))
    assert fault(*team, need=need) is None
    assert fault(*team, need=need, today=date(2026, 11, 28)) is Unsound.TRAINING
    assert fault(team[0], a_person("otter"), need=need) is Unsound.TRAINING
    assert trained(a_person("robin", trainings=(Training(name="copwatch"),)), ["copwatch"], TODAY)


def test_experience_skills_and_language_are_counted_over_the_team() -> None:
    """Each skill by somebody, the experienced by number, the language by somebody."""
    pair = an_old_hand("heron", skills=("film",)), a_person("wren", languages=("es",))
    assert fault(*pair, need=A(experienced=2)) is Unsound.EXPERIENCE
    assert fault(*pair, need=A(skills=("film",))) is None
    assert fault(*pair, need=A(skills=("film", "first-aid"))) is Unsound.SKILLS
    assert fault(*pair, language="es-MX") is None
    assert fault(*pair, language="so") is Unsound.LANGUAGE
    assert speaks(pair[0], "EN_gb")


# --- the choice -------------------------------------------------------------------------------


def test_the_first_who_fit_are_chosen_in_the_order_of_acceptance() -> None:
    """Two newcomers came first; the experienced one goes with the earlier of them."""
    crowd = [a_person("wren"), a_person("otter"), an_old_hand("heron"), an_old_hand("badger")]
    assert chosen(crowd) == ["wren", "heron"]


def test_somebody_who_speaks_the_reporters_language_is_worth_waiting_for() -> None:
    """A later acceptance wins if the team could not talk with the reporter without it."""
    crowd = [an_old_hand("heron"), a_person("wren"), a_person("otter", languages=("es",))]
    assert chosen(crowd, language="es") == ["heron", "otter"]
    assert chosen(crowd, language="so") == ["heron", "wren"]


def test_equal_turns_are_settled_by_balance_and_then_by_the_eta() -> None:
    """First and fourth, or second and third: the mixed pair, then the sooner pair."""
    names = ["heron", "wren", "otter", "badger"]
    apart = {"heron": ("wren", "otter"), "badger": ("wren", "otter")}
    old = [an_old_hand(n, keep_apart=tuple(PersonId(m) for m in apart.get(n, ()))) for n in names]
    mixed = [old[0], a_person("wren"), old[2], old[3]]
    assert chosen(mixed) == ["wren", "otter"]
    late = {PersonId("heron"): 3600, **dict.fromkeys(map(PersonId, names[1:]), 300)}
    assert chosen(old, eta_s=late) == ["wren", "otter"]


def test_whoever_stays_is_in_the_team_and_those_apart_from_them_are_not() -> None:
    """A replacement fits the one who stayed."""
    wren = a_person("wren", keep_apart=(PersonId("heron"),))
    crowd = [a_person("otter"), an_old_hand("heron"), an_old_hand("badger")]
    assert chosen(crowd, staying=[wren]) == ["wren", "badger"]
    assert chosen(crowd[:2], staying=[wren]) is None


def test_no_team_is_made_of_too_few_or_of_too_many_who_stay() -> None:
    """Exactly the size, or nothing."""
    heron, wren, otter = an_old_hand("heron"), a_person("wren"), an_old_hand("otter")
    assert chosen([heron]) is None
    assert chosen([], staying=[heron]) is None
    assert chosen([], staying=[heron, wren]) == ["heron", "wren"]
    assert chosen([], staying=[heron, wren, otter]) is None
    assert chosen([heron, wren], size=1) == ["heron", "wren"]
    assert chosen([heron, heron]) is None


def test_the_one_whom_the_team_lacks_is_seen_behind_a_crowd() -> None:
    """Forty newcomers answered first; experience, skill and another voucher came last."""
    crowd = [a_person(f"new{number:02}", "badger") for number in range(40)]
    helper = an_old_hand("heron", "badger", "wren", skills=("first-aid",))
    assert chosen([*crowd, helper], A(skills=("first-aid",))) == ["new00", "heron"]
    tied = [an_old_hand(f"old{number:02}", "badger") for number in range(40)]
    assert chosen([*tied, an_old_hand("otter", "stoat")]) == ["old00", "otter"]


@given(crowds(), st.integers(2, 4), st.sampled_from([(), ("film",), ("film", "listen")]))
@settings(max_examples=200, deadline=None)
def test_a_team_is_found_exactly_where_there_is_one(
    crowd: list[Person], size: int, skills: tuple[str, ...]
) -> None:
    """Against trying every combination; what is found is sound, and of the size."""
    need = A(size=size, at_least=size, skills=skills)
    possible = any(fault(*team, need=need) is None for team in combinations(crowd, size))
    team = choose(crowd, need, size=size, today=TODAY)
    assert (team is not None) == possible
    assert team is None or (len(team) == size and fault(*team, need=need) is None)
    assert could_pair(crowd, need, today=TODAY) == possible


def test_a_large_roster_is_answered_without_trying_every_pair() -> None:
    """Three thousand whom one coordinator let in cannot pair, and that is seen at once."""
    everyone = [an_old_hand(f"m{number}", "badger") for number in range(3_000)]
    assert not could_pair(everyone, A(), today=TODAY)
    assert could_pair([*everyone, an_old_hand("heron")], A(), today=TODAY)


def test_the_first_role_goes_to_the_most_experienced() -> None:
    """Among equals more trainings, then the order of the team; the last role is shared."""
    course = (Training(name="copwatch"),)
    team = [a_person("wren"), a_person("otter", trainings=course), an_old_hand("heron")]
    assert assign_roles(team, ["lead", "second"]) == {
        "heron": "lead",
        "otter": "second",
        "wren": "second",
    }
    assert assign_roles(team[:2], []) == {"otter": "", "wren": ""}


# --- how many ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "people"), [(0.17, 22), (0.30, 12), (0.47, 7)])
def test_how_many_to_page_for_nine_in_ten_chances_of_two(rate: float, people: int) -> None:
    """The figures that volunteer paging schemes report."""
    assert how_many(2, rate) == people


@given(st.integers(1, 5), st.floats(0.05, 1.0), st.sampled_from([0.5, 0.9, 0.99]))
@settings(max_examples=100, deadline=None)
def test_it_is_the_smallest_number_that_is_certain_enough(
    wanted: int, rate: float, certainty: float
) -> None:
    """Against the binomial formula, with a hair's breadth for rounding."""

    def chance(paged: int) -> float:
        few = (comb(paged, k) * rate**k * (1 - rate) ** (paged - k) for k in range(wanted))
        return 1 - sum(few)

    paged = how_many(wanted, rate, certainty)
    assert chance(paged) >= certainty - 1e-9
    assert paged == wanted or chance(paged - 1) < certainty + 1e-9


def test_odd_rates_are_taken_and_odd_certainties_refused() -> None:
    """Nobody wanted is nobody paged; a rate of nothing is reckoned as one in a hundred."""
    assert how_many(0, 0.3) == 0
    assert how_many(2, 2.0) == 2
    assert how_many(2, 0.0) == how_many(2, 0.01)
    with pytest.raises(ValueError, match=r"for example 0\.9"):
        how_many(2, 0.3, 1.0)
