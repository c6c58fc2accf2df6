"""How many say yes is counted without names, and measured once enough were asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from responder.core import answers
from responder.core.answers import ENOUGH, Counts, Measured
from responder.core.model import Call, CallState, Incident, MessageId, PersonId
from tests.builders import NORTHSIDE, NOW, a_playbook, an_incident

COPWATCH = a_playbook("copwatch")
LONG = timedelta(minutes=20)


def a_call(number: int, state: CallState, after_s: float | None = None, wave: int = 0) -> Call:
    """A page at `NOW`, and what became of it after so long."""
    answered = None if after_s is None else NOW + timedelta(seconds=after_s)
    person, message = PersonId(f"p{number}"), MessageId(f"m{number}")
    return Call(
        person=person, wave=wave, message=message, at=NOW, state=state, answered_at=answered
    )


def yes(number: int, after_s: float = 40) -> Call:
    return a_call(number, CallState.THANKED, after_s)


def no(number: int, after_s: float = 40) -> Call:
    return a_call(number, CallState.DECLINED, after_s)


def silent(number: int) -> Call:
    return a_call(number, CallState.THANKED)


def ended(*calls: Call, teamed_at: datetime | None = None) -> Incident:
    return replace(an_incident().incident, calls=calls, teamed_at=teamed_at, ended_at=NOW + LONG)


def sums(*incidents: Incident) -> dict[str, str]:
    """What is kept once these have ended, one after the other."""
    kept: dict[str, str] = {}
    for incident in incidents:
        for one in answers.noted(incident, COPWATCH, NOW + LONG, "UTC", kept):
            kept[one.name] = one.value
    return kept


def measured(kept: dict[str, str], at: datetime = NOW) -> Measured | None:
    return answers.measured(kept, "copwatch", NORTHSIDE, at, "UTC")


def test_a_share_is_measured_from_enough_who_were_asked() -> None:
    incident = ended(*map(yes, range(10)), *map(no, range(10, 20)), *map(silent, range(20, 40)))
    found = measured(sums(incident))
    assert found is not None and found.part == "evening"
    assert found.counts.known == 40
    assert found.counts.acceptance == pytest.approx(0.25)


def test_fewer_than_enough_measure_nothing() -> None:
    few = ended(*map(yes, range(ENOUGH - 1)))
    assert measured(sums(few)) is None
    assert measured(sums(few, ended(yes(0)))) is not None


def test_whoever_was_not_needed_after_a_moment_did_not_say_no() -> None:
    """Twelve are asked, two say yes within 20 seconds, and the others are thanked: no two in 12."""
    nights = [
        ended(yes(0, 10), yes(1, 20), *map(silent, range(2, 12)), teamed_at=NOW + timedelta(0, 20))
        for _ in range(20)
    ]
    found = measured(sums(*nights))
    assert found is not None
    assert found.counts.known == 40
    assert 2 / 12 < found.counts.acceptance < 0.5


def test_other_hours_count_where_these_have_too_few() -> None:
    kept = sums(ended(*map(yes, range(ENOUGH))))
    by_day = measured(kept, NOW - timedelta(hours=8))
    assert by_day is not None and by_day.part == ""


def test_a_page_that_reached_nobody_counts_nowhere() -> None:
    assert sums(ended(a_call(1, CallState.FAILED))) == {}


def test_coordinators_who_are_asked_last_count_nowhere() -> None:
    last = len(COPWATCH.waves) - 1
    assert COPWATCH.waves[last].whom == "coordinators"
    assert sums(ended(a_call(1, CallState.DECLINED, 30, wave=last))) == {}


def test_what_is_kept_names_no_person_and_no_incident() -> None:
    incident = ended(yes(1), no(2), silent(3))
    ((name, value),) = sums(incident).items()
    assert name == "answers:copwatch:northside:evening"
    assert set(value) <= set('{}[]":,0123456789yesnolost')
    assert str(incident.id) not in name + value


def test_the_spread_narrows_with_more_who_were_asked() -> None:
    few = Counts(yes=(9, 0, 0, 0, 0, 0), no=(21, 0, 0, 0, 0, 0))
    many = Counts(yes=(90, 0, 0, 0, 0, 0), no=(210, 0, 0, 0, 0, 0))
    assert few.spread[0] < many.spread[0] < 0.3 < many.spread[1] < few.spread[1]


def test_old_answers_fade() -> None:
    old = ended(*map(no, range(420)))
    new = ended(*map(yes, range(210)))
    found = measured(sums(old, new))
    assert found is not None and found.counts.acceptance == pytest.approx(0.5)
