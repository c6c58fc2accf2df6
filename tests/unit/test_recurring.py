"""Shifts that come again by a rule: how they are written, and when they cover."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core import recurring, roster, shift_words
from responder.core.model import Neighbourhood, PersonId, Shift, decode, encode
from responder.core.phrases import LANGUAGES
from responder.core.recurring import RuleFault
from responder.core.roster import RosterFault
from tests.builders import NORTHSIDE, a_member

TODAY = date(2026, 11, 22)  # a Sunday
HERON = a_member("Heron")


def parsed(text: str) -> Shift:
    return shift_words.parse(
        text, id="s", person=PersonId("heron"), neighbourhood=NORTHSIDE, today=TODAY
    )


@pytest.mark.parametrize(
    ("text", "rule", "first"),
    [
        ("every 2nd sat 10:00-14:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "2026-11-28"),
        ("every other sat 10-14", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "2026-11-28"),
        ("cada 2 sábado 10-14", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "2026-11-28"),
        ("every 2nd sat 10-14 from 2026-12-05", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "2026-12-05"),
        ("first sun of the month 9-12", "FREQ=MONTHLY;BYDAY=1SU", "2026-12-06"),
        ("every last friday of the month 18-22", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("primer domingo del mes 9-12", "FREQ=MONTHLY;BYDAY=1SU", "2026-12-06"),
        ("último viernes de cada mes 18-22", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("every day 18-22", "FREQ=DAILY", "2026-11-22"),
        ("weekdays 18-22", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
        ("weekends 10-14", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-22"),
        ("every weekend 10-14", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-22"),
        ("fines de semana 10-14", "FREQ=WEEKLY;BYDAY=SA,SU", "2026-11-22"),
        ("every 2nd weekend 10-14", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU", "2026-11-22"),
        ("every 2nd mon, wed 18-22", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "2026-11-23"),
        ("every wed and mon 18-22", "FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-23"),
        ("lun, mie y vie 18-22", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-11-23"),
        ("fri 18-22 until 2027-01-31", "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270131", "2026-11-27"),
    ],
)
def test_the_usual_words_make_a_rule(text: str, rule: str, first: str) -> None:
    shift = parsed(text)
    assert (shift.rule, str(shift.on), shift.weekday) == (rule, first, None)
    for language in LANGUAGES:
        again = parsed(shift_words.shown(shift, language))
        assert again == shift, f"what is shown in {language} can be written again"


@pytest.mark.parametrize(
    ("text", "in_spanish"),
    [
        ("fri 18-22", "cada viernes 18:00-22:00"),
        ("every 2nd sat 10-14", "cada 2 sábados 10:00-14:00 desde 2026-11-28"),
        ("last fri of the month 18-22", "último viernes del mes 18:00-22:00 desde 2026-11-27"),
        ("every day 18-22", "cada día 18:00-22:00 desde 2026-11-22"),
        ("mon 18-22 until 2027-01-31", "cada lunes 18:00-22:00 desde 2026-11-23 hasta 2027-01-31"),
    ],
)
def test_a_shift_is_shown_in_its_readers_language(text: str, in_spanish: str) -> None:
    assert shift_words.shown(parsed(text), "es") == in_spanish


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today 18-22", "2026-11-22"),
        ("tonight 18-2", "2026-11-22"),
        ("tomorrow 18:00-22:00", "2026-11-23"),
        ("mañana 18-22", "2026-11-23"),
        ("pasado mañana 18-22", "2026-11-24"),
    ],
)
def test_tomorrow_is_a_date(text: str, day: str) -> None:
    shift = parsed(text)
    assert (str(shift.on), shift.rule, shift.weekday) == (day, "", None)


@pytest.mark.parametrize("text", ["every fri 18:00-22:00", "cada viernes 18-22", "fri 6pm-10pm"])
def test_every_friday_is_the_weekly_shift_that_it_always_was(text: str) -> None:
    assert parsed(text) == roster.parse_shift(
        "fri 18:00-22:00", id="s", person=PersonId("heron"), neighbourhood=NORTHSIDE
    )


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("2nd sat 10-14", "of what"),
        ("every first sat 10-14", "of the month"),
        ("sun 22:00-22:00", "00:00-24:00"),
        ("every fri 22-22", "00:00-24:00"),
        ("every 2nd week 10-14", "every 2nd sat"),
        ("every 2026-11-27 10-14", "hours"),
        ("2026-11-27 10-14 until 2026-12-01", "that day alone"),
        ("fri 18-22 until 2026-11-01", "no day any more"),
        ("fri 18-22 from 2026-02-30", "no date"),
        ("every moonday 18-22", "weekday"),
        ("next week 18-22", "tomorrow"),
        ("every", "hours"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(RosterFault, match=advice):
        parsed(text)


def test_a_whole_day_is_written_as_one() -> None:
    assert (parsed("sun 00:00-24:00").start, parsed("sun 00:00-24:00").end) == ("00:00", "00:00")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;COUNT=x",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;FREQ=DAILY",
        "",
    ],
)
def test_a_rule_that_no_roster_needs_is_refused(rule: str) -> None:
    with pytest.raises(RuleFault):
        recurring.checked(rule, TODAY, TODAY)


def test_records_of_before_are_read_as_they_were() -> None:
    old = b'{"id":"s","person":"p","neighbourhood":"n","start":"18:00","end":"22:00","weekday":4}'
    assert decode(old, Shift).rule == "" and encode(decode(old, Shift)) == old


rules = st.sampled_from(
    (
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;COUNT=200",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU",
        "FREQ=MONTHLY;BYDAY=-1SU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=WEEKLY;BYDAY=SU;UNTIL=20261101",
    )
)
ZONES = ("America/Chicago", "Europe/Madrid", "Australia/Lord_Howe", "America/Havana")
# Around a change of the clocks of each of these zones, and somewhere else.
CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4),
           date(2026, 10, 25), date(2026, 11, 1), date(2026, 7, 1))  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(
    rules, st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(0, 23), st.integers(1, 24)
)
def test_it_covers_what_its_days_and_the_wall_clock_say_minute_by_minute(
    rule: str, name: str, near: date, hour: int, length: int
) -> None:
    zone, skipped = ZoneInfo(name), near - timedelta(days=1)
    start, end = f"{hour:02}:30", f"{(hour + length) % 24:02}:30"
    shift = Shift(id="s", person=HERON.id, neighbourhood=NORTHSIDE, start=start, end=end,
                  on=date(2026, 1, 3), rule=rule, skips=(skipped,))  # fmt: skip
    begins = datetime(2026, 1, 3)
    days = {d.date() for d in rrulestr(rule, dtstart=begins).between(begins, datetime(2027, 1, 1),
            inc=True)} - {skipped}  # fmt: skip
    at = datetime.combine(near - timedelta(days=2), time(), UTC)
    for _ in range(4 * 24 * 4):
        wall = at.astimezone(zone).replace(tzinfo=None)
        expected = any(
            datetime.combine(day, time(hour, 30)) <= wall
            < datetime.combine(day, time(hour, 30)) + timedelta(hours=length)
            for day in (wall.date(), wall.date() - timedelta(days=1)) if day in days
        )  # fmt: skip
        assert roster.covers(shift, at, name) is expected, (wall, shift)
        at += timedelta(minutes=15)


@settings(max_examples=20, deadline=None)
@given(
    rules, st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(0, 23), st.integers(1, 24)
)
def test_no_change_of_who_is_on_call_is_missed(
    rule: str, name: str, near: date, hour: int, length: int
) -> None:
    place = Neighbourhood(id=NORTHSIDE, name="Northside", time_zone=name)
    shift = Shift(id="s", person=HERON.id, neighbourhood=NORTHSIDE, start=f"{hour:02}:00",
                  end=f"{(hour + length) % 24:02}:00", on=date(2026, 1, 3), rule=rule)  # fmt: skip
    at = datetime.combine(near - timedelta(days=2), time(0, 7), UTC)
    until = roster.next_change(place, at, [shift], [])
    for _ in range(4 * 24 * 4):
        then = at + timedelta(minutes=15)
        if roster.covers(shift, at, name) is not roster.covers(shift, then, name):
            assert until is not None and at < until <= then
        if until is not None and until <= then:
            until = roster.next_change(place, then, [shift], [])
        at = then


def test_a_rule_with_no_day_left_changes_nothing_any_more() -> None:
    shift = replace(parsed("every 2nd sat 10-14"), rule="FREQ=WEEKLY;BYDAY=SA;COUNT=1")
    place = Neighbourhood(id=NORTHSIDE, name="Northside")
    assert roster.next_change(place, datetime(2026, 12, 24, tzinfo=UTC), [shift], []) is None
