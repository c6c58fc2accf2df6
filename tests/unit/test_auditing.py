"""The auditor: content with every healthy network, and worried by each way to be forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from responder.core import incident as incidents
from responder.core.auditing import (
    OVERDUE_AFTER,
    Sick,
    Sight,
    Sort,
    Unsent,
    Unsettled,
    Worry,
    worries,
)
from responder.core.messages import Urgency
from responder.core.model import CallState, MessageId, Recruiting, State
from tests.builders import NOW, Story, an_incident

MINUTE = timedelta(minutes=1)


def found(story: Story, sight: Sight | None = None, at: datetime | None = None) -> list[Worry]:
    return list(worries(story.world, at or story.at, sight))


def sorts(story: Story, sight: Sight | None = None, at: datetime | None = None) -> set[Sort]:
    return {worry.sort for worry in found(story, sight, at)}


def broken(story: Story, **changes: Any) -> Story:
    """The incident as only a bug of ours could leave it; the rules are not asked."""
    story.incident = replace(story.incident, **changes)
    story.world.put(story.incident)
    return story


def pages_wait(story: Story, since: timedelta) -> Sight:
    """Every open page still waits in the outbox."""
    open_pages = [c.message for c in story.incident.calls if c.state is CallState.PAGED]
    assert open_pages
    at = story.at - since
    ids = [Unsent(message=m, urgency=Urgency.QUIET, since=at) for m in open_pages]
    return Sight(unsent=tuple(ids))


@pytest.mark.parametrize("state", list(State))
def test_an_incident_in_good_order_worries_nobody(state: State) -> None:
    story = an_incident(state)
    assert found(story) == []
    due = incidents.due(story.incident)
    assert due is not None and found(story, at=due) == [], "what is due this second is not late"


@pytest.mark.parametrize("state", list(State))
def test_a_deadline_that_nobody_worked_off_is_found(state: State) -> None:
    story = an_incident(state)
    due = incidents.due(story.incident)
    assert due is not None
    late = due + OVERDUE_AFTER + timedelta(seconds=1)
    (worry,) = found(story, at=late)
    assert (worry.sort, worry.incident, worry.since) == (Sort.OVERDUE, story.incident.id, due)


def test_an_incident_that_nothing_would_ever_wake_is_found() -> None:
    story = broken(an_incident(State.PAGING), recruiting=Recruiting(), alarms=())
    assert sorts(story) == {Sort.NO_DEADLINE, Sort.NOBODY_ASKED}


def test_a_search_without_a_wave_is_found_though_an_alarm_still_repeats() -> None:
    story = an_incident(State.PAGING)
    while not story.incident.alarms:
        story.wait()
    assert sorts(story) == set()
    assert sorts(broken(story, recruiting=Recruiting(), give_up_at=None)) == {Sort.NOBODY_ASKED}


def test_a_wave_of_which_no_page_has_left_is_found_after_a_minute() -> None:
    story = an_incident(State.PAGING)
    waiting = pages_wait(story, timedelta())
    assert sorts(story, waiting, story.at + MINUTE) == set()
    later = story.at + MINUTE + timedelta(seconds=1)
    assert sorts(story, waiting, later) == {Sort.NOBODY_ASKED}


def test_one_page_that_has_left_is_a_wave_that_was_delivered() -> None:
    story = an_incident(State.PAGING)
    waiting = pages_wait(story, timedelta())
    some = Sight(unsent=waiting.unsent[1:])
    assert some.unsent
    assert sorts(story, some, story.at + 2 * MINUTE) == set()


@pytest.mark.parametrize("state", [State.OUT, State.LEAVING])
def test_somebody_out_there_for_whose_sign_no_time_runs_is_found(state: State) -> None:
    story = an_incident(state)
    first, *rest = story.incident.team
    broken(story, team=(replace(first, due=None), *rest))
    (worry,) = [w for w in found(story) if w.sort is Sort.UNWATCHED]
    assert (worry.incident, worry.count) == (story.incident.id, 1)


def test_a_brief_for_which_no_time_runs_is_found() -> None:
    story = an_incident(State.BRIEFING)
    team = tuple(replace(m, brief_by=None) for m in story.incident.team)
    assert Sort.UNWATCHED in sorts(broken(story, team=team))


def test_a_team_is_alone_where_no_alarm_would_reach_anybody() -> None:
    story = an_incident(State.OUT)
    for who in ("owl", "fox"):
        person = story.world.everybody[who]  # type: ignore[index]
        dead = tuple(replace(a, dead=True) for a in person.addresses)
        assert Sort.NOBODY_TO_ALARM not in sorts(story)
        story.world.put(replace(person, addresses=dead))
    assert sorts(story) == {Sort.NOBODY_TO_ALARM}


@pytest.mark.parametrize(
    ("urgency", "bearable_min"),
    [(Urgency.LEAVE, 1), (Urgency.PAGE, 1), (Urgency.NEWS, 5), (Urgency.QUIET, 30)],
)
def test_what_is_urgent_may_wait_least(urgency: Urgency, bearable_min: int) -> None:
    story = an_incident(State.OUT)
    one = Unsent(message=MessageId("m"), urgency=urgency, since=NOW, incident=story.incident.id)
    sight = Sight(unsent=(one,))
    until = NOW + timedelta(minutes=bearable_min)
    for at, expected in ((until, []), (until + timedelta(seconds=1), [Sort.UNSENT])):
        late = [w.sort for w in worries(story.world, at, sight) if w.sort is not Sort.OVERDUE]
        assert late == expected


def test_messages_that_wait_are_told_of_together() -> None:
    story = an_incident(State.CLOSED)
    waits = [
        Unsent(message=MessageId(f"m{n}"), urgency=Urgency.PAGE, since=NOW - n * MINUTE)
        for n in range(2, 5)
    ]
    (worry,) = worries(story.world, NOW, Sight(unsent=tuple(waits)))
    assert (worry.incident, worry.count, worry.since) == (None, 3, NOW - 4 * MINUTE)


def test_a_failure_that_nothing_followed_from_is_found() -> None:
    story = an_incident(State.OUT)
    one = Unsettled(message=MessageId("m"), since=story.at, incident=story.incident.id)
    sight = Sight(unsettled=(one,))
    assert sorts(story, sight) == set()
    assert sorts(story, sight, story.at + 2 * MINUTE) == {Sort.NOT_ESCALATED}


def test_a_channel_may_be_deaf_for_three_minutes() -> None:
    story = an_incident(State.CLOSED)
    sight = Sight(sick=(Sick(channel="signal", since=NOW),))
    assert worries(story.world, NOW + 3 * MINUTE, sight) == ()
    (worry,) = worries(story.world, NOW + 4 * MINUTE, sight)
    assert (worry.sort, worry.channel) == (Sort.DEAF, "signal")


def test_a_disk_that_refuses_is_found() -> None:
    assert sorts(an_incident(State.CLOSED), Sight(disk_refuses=True)) == {Sort.DISK}


def test_people_out_there_come_first() -> None:
    story = an_incident(State.OUT)
    team = tuple(replace(m, due=None) for m in story.incident.team)
    broken(story, team=team)
    first, *_ = found(story, Sight(disk_refuses=True))
    assert first.sort in (Sort.UNWATCHED, Sort.NO_DEADLINE)
