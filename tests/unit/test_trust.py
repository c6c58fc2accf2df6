"""Trust: what vouches lift, which reports agree, who may verify, what a report sets in motion."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core.model import Level, Limits, Person, PersonId, Role, Vouch
from responder.core.trust import (
    NETWORK,
    Route,
    enough,
    independent,
    level_of,
    levels,
    may_verify,
    route,
    vouchers,
)

LIMITS = Limits(vouches_for_known=1, vouches_for_trusted=2)
AT = datetime(2026, 11, 27, 20, tzinfo=UTC)
IDS = [PersonId(name) for name in ("heron", "wren", "otter", "badger", "robin", "stoat")]
People = dict[PersonId, Person]


def a_member(name: str, *by: str, **fields: Any) -> Person:
    """A member for whom those named have vouched."""
    given_by = tuple(Vouch(by=PersonId(voucher), at=AT) for voucher in by)
    return Person(id=PersonId(name), call_sign=name.title(), vouches=given_by, **fields)


def a_root(name: str, *by: str, **fields: Any) -> Person:
    """A member whom the machine's own command line made trusted."""
    return a_member(name, *by, granted=Level.TRUSTED, **fields)


def network(*people: Person) -> People:
    """These people by id."""
    return {person.id: person for person in people}


def level_in(people: People, name: str) -> Level:
    """The level of the one named."""
    return levels(people, LIMITS)[PersonId(name)]


def reckoned_slowly(people: People, limits: Limits) -> dict[PersonId, Level]:
    """The least fixed point by the rule's own words: go round until nothing moves."""
    found = {
        id: p.granted if not p.removed or p.granted is Level.BLOCKED else Level.UNKNOWN
        for id, p in people.items()
    }
    for _ in range(len(people) + 1):
        for id, person in people.items():
            if person.removed or person.granted is Level.BLOCKED:
                continue
            names = {v.by for v in person.vouches} - {id}
            count = sum(
                1 for by in names if by in people and people[by].member and found[by] == "trusted"
            )
            earned = Level.UNKNOWN
            if count >= limits.vouches_for_known:
                earned = Level.KNOWN
            if count >= limits.vouches_for_trusted:
                earned = Level.TRUSTED
            found[id] = max(person.granted, earned, key=lambda level: level.rank)
    return found


@st.composite
def networks(draw: st.DrawFn) -> People:
    """Small networks with any vouches, grants, removals and people who are no members."""
    people = network()
    for id in IDS:
        by = draw(st.lists(st.sampled_from(IDS), max_size=4))
        people[id] = Person(
            id=id,
            call_sign=draw(st.sampled_from(["", "Call", "Call", "Call"])),
            vouches=tuple(Vouch(by=voucher, at=AT) for voucher in by),
            granted=draw(st.sampled_from([Level.UNKNOWN, Level.UNKNOWN, *Level])),
            granted_by=draw(st.sampled_from([None, *IDS])),
            removed=draw(st.sampled_from([False, False, False, True])),
        )
    return people


# --- levels -----------------------------------------------------------------------------------


def test_vouches_of_trusted_members_lift_to_known_and_to_trusted() -> None:
    """One trusted voice makes known, two make trusted, and the newly trusted lift in turn."""
    people = network(
        a_root("heron"),
        a_root("wren"),
        a_member("otter", "heron"),
        a_member("badger", "heron", "wren"),
        a_member("robin", "badger", "heron"),
    )
    assert level_in(people, "otter") is Level.KNOWN
    assert level_in(people, "badger") is Level.TRUSTED
    assert level_in(people, "robin") is Level.TRUSTED


@pytest.mark.parametrize(
    "voucher",
    [
        a_member("heron", granted=Level.KNOWN),
        a_root("heron", removed=True),
        a_member("heron", granted=Level.BLOCKED),
        Person(id=PersonId("heron"), granted=Level.TRUSTED),
    ],
    ids=["only known", "removed", "blocked", "no member"],
)
def test_a_vouch_counts_only_from_a_trusted_member(voucher: Person) -> None:
    """The word of anyone else changes nothing."""
    assert level_in(network(voucher, a_member("wren", "heron")), "wren") is Level.UNKNOWN


def test_one_member_counts_once_and_never_for_themselves() -> None:
    """Vouching twice is vouching once."""
    people = network(
        a_root("heron"), a_member("wren", "heron", "heron"), a_member("otter", "otter")
    )
    assert level_in(people, "wren") is Level.KNOWN
    assert level_in(people, "otter") is Level.UNKNOWN


def test_a_ring_of_vouches_without_a_root_lifts_nobody() -> None:
    """Everybody vouches for everybody, and all stay unknown."""
    people = network(*(a_member(id, *IDS) for id in IDS))
    assert set(levels(people, LIMITS).values()) == {Level.UNKNOWN}


def test_a_block_outranks_every_vouch() -> None:
    """However many stand for someone blocked."""
    blocked = a_member("otter", "heron", "wren", granted=Level.BLOCKED)
    assert level_in(network(a_root("heron"), a_root("wren"), blocked), "otter") is Level.BLOCKED


def test_removing_a_member_reopens_the_vouches_they_gave() -> None:
    """Whoever was lifted by that member's word falls back."""
    people = network(a_root("heron"), a_root("wren"), a_member("otter", "heron", "wren"))
    people[PersonId("wren")] = replace(people[PersonId("wren")], removed=True)
    assert level_in(people, "otter") is Level.KNOWN


@given(networks())
@settings(max_examples=150, deadline=None)
def test_levels_are_the_least_fixed_point(people: People) -> None:
    """The quick reckoning and the slow one agree, and one person's level agrees with both."""
    found = levels(people, LIMITS)
    assert found == reckoned_slowly(people, LIMITS)
    assert found == {id: level_of(p, people, found, LIMITS) for id, p in people.items()}


@given(networks(), st.sampled_from(IDS), st.sampled_from(IDS))
@settings(max_examples=150, deadline=None)
def test_one_more_vouch_never_lowers_anybody(people: People, by: PersonId, of: PersonId) -> None:
    """Vouching is monotonic over the whole network."""
    before = levels(people, LIMITS)
    vouched = replace(people[of], vouches=(*people[of].vouches, Vouch(by=by, at=AT)))
    after = levels({**people, of: vouched}, LIMITS)
    assert all(after[id].rank >= before[id].rank for id in people)


@given(networks(), st.sampled_from(IDS))
@settings(max_examples=150, deadline=None)
def test_removing_a_member_never_raises_anybody(people: People, gone: PersonId) -> None:
    """Nobody gains by someone else's leaving."""
    before = levels(people, LIMITS)
    after = levels({**people, gone: replace(people[gone], removed=True)}, LIMITS)
    assert all(after[id].rank <= before[id].rank for id in people)


@given(networks())
@settings(max_examples=100, deadline=None)
def test_the_blocked_stay_blocked(people: People) -> None:
    """A granted block is the level, whatever else is on record."""
    found = levels(people, LIMITS)
    assert all(
        (found[id] is Level.BLOCKED) == (p.granted is Level.BLOCKED) for id, p in people.items()
    )


def test_ten_thousand_members_are_reckoned_in_one_pass() -> None:
    """A chain in the worst order is settled completely."""
    ids = [PersonId(f"m{number:05}") for number in range(10_000)]
    chain = network(*(a_member(id, before) for before, id in pairwise(ids)))
    people = {**dict(reversed(chain.items())), ids[0]: a_root(ids[0])}
    found = levels(people, Limits(vouches_for_known=1, vouches_for_trusted=1))
    assert set(found.values()) == {Level.TRUSTED}


# --- reports that agree ---------------------------------------------------------------------------

TOWN = network(
    a_root("heron"),
    a_root("wren"),
    a_root("stoat", granted_by=PersonId("heron")),
    a_member("otter", "heron"),
    a_member("badger", "heron"),
    a_member("robin", "wren"),
    a_member("finch", "heron", "wren"),
    Person(id=PersonId("stranger1")),
    Person(id=PersonId("stranger2")),
)


def agree(*names: str, people: People = TOWN) -> bool:
    """Whether reports of those named corroborate each other."""
    reporters = [people[PersonId(name)] for name in names]
    return independent(reporters, people, levels(people, LIMITS))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["otter", "robin"], True),
        (["otter", "badger"], False),
        (["otter", "stoat"], False),
        (["otter", "badger", "robin"], True),
        (["otter", "finch"], True),
        (["heron", "wren"], True),
        (["heron", "otter"], False),
        (["heron", "finch"], True),
        (["otter"], False),
        (["otter", "otter"], False),
        ([], False),
        (["otter", "stranger1"], False),
        (["stranger1", "stranger2"], False),
    ],
)
def test_reports_agree_when_no_one_member_is_behind_them_all(
    names: list[str], expected: bool
) -> None:
    """Different people, each vouched for by somebody outside, not all by the same member."""
    assert agree(*names) is expected


def test_a_hundred_unknown_reports_never_agree() -> None:
    """Numbers do not make trust (law L2)."""
    crowd = [Person(id=PersonId(f"stranger{number}")) for number in range(100)]
    people = {**TOWN, **network(*crowd)}
    assert not enough([*crowd, TOWN[PersonId("otter")]], 2, people, levels(people, LIMITS))


def test_one_report_is_never_enough_to_agree() -> None:
    """Even where one is asked for: agreement takes two."""
    known = levels(TOWN, LIMITS)
    assert not enough([TOWN[PersonId("otter")]], 1, TOWN, known)
    assert enough([TOWN[PersonId("otter")], TOWN[PersonId("robin")]], 0, TOWN, known)


def test_many_who_were_let_in_by_one_member_count_as_that_member() -> None:
    """A member's own crowd neither agrees by itself nor hides those who do."""
    crowd = [a_member(f"puppet{number}", "heron") for number in range(40)]
    people = {**TOWN, **network(*crowd)}
    known = levels(people, LIMITS)
    assert not enough(crowd, 2, people, known)
    assert enough([*crowd, people[PersonId("robin")]], 2, people, known)


@given(networks(), st.lists(st.sampled_from(IDS), unique=True), st.sampled_from(IDS))
@settings(max_examples=150, deadline=None)
def test_one_more_report_never_ends_an_agreement(
    people: People, names: list[PersonId], more: PersonId
) -> None:
    """Not even the report of someone who vouched for one of the others."""
    known = levels(people, LIMITS)
    reporters = [people[id] for id in names]
    if enough(reporters, 2, people, known):
        assert enough([people[more], *reporters], 2, people, known)


def test_a_grant_counts_as_the_word_of_whoever_gave_it() -> None:
    """A coordinator's grant names the coordinator; the machine's own names the network."""
    known = levels(TOWN, LIMITS)
    assert vouchers(TOWN[PersonId("stoat")], TOWN, known) == {"heron"}
    assert vouchers(TOWN[PersonId("heron")], TOWN, known) == {NETWORK}
    assert vouchers(TOWN[PersonId("stranger1")], TOWN, known) == frozenset()


# --- verifying and routing ------------------------------------------------------------------------


def verifies(verifier: Person, reporter: Person, role: Role = Role.VERIFIER) -> bool:
    """Whether the one may verify the other's report."""
    known = levels(network(verifier, reporter), LIMITS)
    return may_verify(verifier, [reporter], known, role=role)


CHECKER = a_root("wren", roles=(Role.VERIFIER,))


@pytest.mark.parametrize(
    ("verifier", "reporter", "expected"),
    [
        (CHECKER, a_member("otter", "heron"), True),
        (CHECKER, CHECKER, False),
        (CHECKER, a_member("otter", "wren"), False),
        (CHECKER, a_member("otter", granted=Level.KNOWN, granted_by=PersonId("wren")), False),
        (CHECKER, a_member("otter", keep_apart=(PersonId("wren"),)), False),
        (replace(CHECKER, keep_apart=(PersonId("otter"),)), a_member("otter"), False),
        (replace(CHECKER, granted=Level.BLOCKED), a_member("otter"), False),
        (replace(CHECKER, removed=True), a_member("otter"), False),
        (replace(CHECKER, roles=(Role.RESPONDER,)), a_member("otter"), False),
    ],
)
def test_who_may_verify_a_report(verifier: Person, reporter: Person, expected: bool) -> None:
    """A verifier who neither reported, nor stands for, nor is kept apart from the reporter."""
    assert verifies(verifier, reporter) is expected


def test_a_coordinator_may_verify_where_the_card_goes_to_coordinators() -> None:
    """The same rule with another role."""
    coordinator = replace(CHECKER, roles=(Role.COORDINATOR,))
    assert not verifies(coordinator, a_member("otter"))
    assert verifies(coordinator, a_member("otter"), Role.COORDINATOR)
    assert not verifies(coordinator, a_member("otter", "wren"), Role.COORDINATOR)


@pytest.mark.parametrize(
    ("level", "pages_at", "expected"),
    [
        (Level.BLOCKED, Level.BLOCKED, Route.REFUSE),
        (Level.UNKNOWN, Level.BLOCKED, Route.HOLD),
        (Level.UNKNOWN, Level.UNKNOWN, Route.HOLD),
        (Level.KNOWN, Level.UNKNOWN, Route.PAGE),
        (Level.KNOWN, Level.KNOWN, Route.PAGE),
        (Level.KNOWN, Level.TRUSTED, Route.HOLD),
        (Level.TRUSTED, Level.TRUSTED, Route.PAGE),
    ],
)
def test_where_a_report_goes(level: Level, pages_at: Level, expected: Route) -> None:
    """An unknown person's report never pages, whatever the playbook says."""
    assert route(level, pages_at) is expected
