"""Who is swept away by itself, after how long, and who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core import sweeping
from responder.core.admin import OPS
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.model import Care, Level, PersonId, State
from responder.core.world import World
from tests.builders import HERON, NOW, OTTER, a_reporter, a_small_network, an_incident
from tests.unit.test_network import REPORT, Chat

WEEK = timedelta(days=7)


def swept(world: World, days: float, strangers: timedelta = WEEK) -> Changes:
    """What goes so many days after the evening on which all began."""
    at = NOW + timedelta(days=days)
    return sweeping.sweep(world, at, bytes(32), unfinished=timedelta(days=1), strangers=strangers)


def removed(world: World, person: str) -> None:
    """A coordinator takes this member out."""
    sign = world.everybody[PersonId(person)].call_sign
    OPS["member.remove"](Desk(world, NOW, bytes(31) + b"r"), {"call_sign": sign})


@pytest.mark.parametrize(("days", "there"), [(6.9, True), (7.1, False)])
def test_a_stranger_who_is_silent_for_a_week_is_forgotten(days: float, there: bool) -> None:
    chat = Chat()
    chat.say("+1999", "hello")
    stranger = chat.world.at_address("signal", "+1999")
    assert stranger is not None
    changes = swept(chat.world, days)
    assert (stranger.id in chat.world.everybody) is there
    assert (f"person:{stranger.id}" in changes.destroyed) is not there


def test_more_strangers_than_one_stroke_looks_at_are_forgotten_too() -> None:
    world = a_small_network()
    members = set(world.everybody)
    for number in range(sweeping.AT_ONCE + 1):
        world.put(a_reporter(f"n{number}", Level.UNKNOWN, created_at=NOW - WEEK))
    swept(world, 1)
    assert set(world.everybody) == members


def test_a_stranger_whose_report_is_open_is_not_forgotten() -> None:
    chat = Chat()
    chat.say("+1999", REPORT)
    stranger = chat.world.at_address("signal", "+1999")
    assert stranger is not None
    swept(chat.world, 30)
    assert stranger.id in chat.world.everybody


def test_somebody_whose_word_counts_is_not_a_stranger() -> None:
    world = a_small_network()
    world.put(a_reporter("n", Level.KNOWN, created_at=NOW - WEEK))
    swept(world, 365)
    assert PersonId("n") in world.everybody


@pytest.mark.parametrize(("days", "there"), [(6.9, True), (7.1, False)])
def test_a_member_who_left_is_forgotten_after_the_same_time(days: float, there: bool) -> None:
    world = a_small_network()
    removed(world, HERON)
    changes = swept(world, days)
    assert (PersonId(HERON) in world.everybody) is there
    assert (f"person:{HERON}" in changes.destroyed) is not there


def test_members_who_stay_stay() -> None:
    world = a_small_network()
    before = {person.id for person in world.members()}
    swept(world, 3_650)
    assert before <= set(world.everybody)


def test_whoever_was_in_an_incident_goes_only_after_it() -> None:
    story = an_incident(State.OUT)
    removed(story.world, HERON)
    swept(story.world, 30)
    assert PersonId(HERON) in story.world.everybody
    story.world.delete(story.world.incidents[story.incident.id])
    swept(story.world, 30)
    assert PersonId(HERON) not in story.world.everybody


def test_whoever_was_blocked_stays_known_so_as_to_stay_blocked() -> None:
    world = a_small_network()
    otter = world.everybody[PersonId(OTTER)]
    world.put(replace(otter, granted=Level.BLOCKED))
    removed(world, OTTER)
    swept(world, 365)
    assert world.level(PersonId(OTTER)) is Level.BLOCKED


def test_what_stands_on_screens_for_an_incident_is_known_as_long_as_the_incident() -> None:
    story = an_incident(State.OUT)
    shown = sweeping.still_shown(story.world)
    assert {board.message for board in story.incident.boards} <= shown
    assert set(story.incident.served) <= shown
    story.world.delete(story.incident)
    assert sweeping.still_shown(story.world) == frozenset()


# --- times --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "kept"), [(1.9, True), (2.1, False)])
def test_when_somebody_was_paged_is_kept_for_two_days_alone(days: float, kept: bool) -> None:
    chat = Chat()
    chat.say("r", REPORT)
    paged = {person: care.paged_at for person, care in chat.world.cares.items()}
    assert len(paged) > 1 and all(paged.values())
    swept(chat.world, days)
    left = {person: care.paged_at for person, care in chat.world.cares.items()}
    assert left == (paged if kept else dict.fromkeys(paged, ()))


def test_a_rest_that_is_over_leaves_no_date_and_counts_still() -> None:
    world, over = a_small_network(), NOW + timedelta(hours=6)
    for person, until in ((HERON, over), (OTTER, NOW + WEEK)):
        care = Care(person=PersonId(person), rest_until=until, awake_until=until, hard_calls=1)
        world.put(care)
    swept(world, 1)
    assert world.cares[PersonId(HERON)] == Care(person=PersonId(HERON), hard_calls=1)
    assert world.cares[PersonId(OTTER)].rest_until == NOW + WEEK


def test_when_a_member_wrote_last_is_not_kept_and_of_a_stranger_it_is() -> None:
    chat = Chat()
    for handle in ("+1555heron", "+1999"):
        chat.say(handle, "hello")
    swept(chat.world, 3)
    heron, stranger = (chat.world.at_address("signal", h) for h in ("+1555heron", "+1999"))
    assert heron is not None and stranger is not None
    for person, active in ((heron, None), (stranger, NOW)):
        session = chat.world.sessions[person.id]
        assert (session.recent, session.active_at) == ((), active)
