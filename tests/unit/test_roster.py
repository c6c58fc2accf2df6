"""Rosters: on call by the wall clock, overrides, limits, and the words for times and shifts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core.barring import Barred, Bars
from responder.core.model import (
    Care,
    Level,
    Limits,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Place,
    Role,
    Shift,
    Training,
)
from responder.core.roster import (
    RosterFault,
    covers,
    next_change,
    night_of,
    on_call,
    pages_tonight,
    parse_shift,
    parse_until,
)

HERON, WREN = PersonId("heron"), PersonId("wren")
NORTHSIDE, RIVERSIDE = Place("northside"), Place("riverside")
BERLIN = "Europe/Berlin"
MINUTE = timedelta(minutes=1)

CHANGES = [
    ("Europe/Berlin", "2026-03-29T01:00", 60, 120),
    ("Europe/Berlin", "2026-10-25T01:00", 120, 60),
    ("America/New_York", "2026-03-08T07:00", -300, -240),
    ("America/New_York", "2026-11-01T06:00", -240, -300),
    ("Australia/Lord_Howe", "2026-04-04T15:00", 660, 630),
    ("Australia/Lord_Howe", "2026-10-03T15:30", 630, 660),
]
"""Zone, change (UTC), minutes ahead of UTC before and after; from the tz database."""

HOURS = [
    *(("01:15", "02:00"), ("01:45", "02:15"), ("02:00", "02:30"), ("02:00", "03:00")),
    *(("02:15", "02:45"), ("02:30", "03:00"), ("03:00", "04:00"), ("22:00", "02:30")),
    *(("02:30", "22:00"), ("00:00", "00:00"), ("02:30", "02:30"), ("23:59", "00:01")),
]


def utc(text: str) -> datetime:
    """An instant, from its UTC form."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = BERLIN) -> datetime:
    """An instant, from what the clock on the wall shows."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def a_shift(start: str, end: str, **when: Any) -> Shift:
    """Heron's shift in Northside; on Fridays unless said otherwise."""
    when = when or {"weekday": 4}
    named = {"id": f"{start}-{end}", "person": HERON, "neighbourhood": NORTHSIDE}
    return Shift(**{**named, "start": start, "end": end, **when})


def an_override(available: bool, start: str, end: str, **fields: Any) -> Override:
    """Heron's exception, from and until local Berlin times."""
    span = {"start": local(start), "end": local(end), "available": available}
    return Override(**{"id": "o1", "person": HERON, **span, **fields})


def a_place(zone: str = BERLIN) -> Neighbourhood:
    """Northside, in a time zone."""
    return Neighbourhood(id=NORTHSIDE, name="Northside", time_zone=zone)


def a_member(id: PersonId = HERON, **fields: Any) -> Person:
    """A responder of Northside."""
    base = {"id": id, "call_sign": id.title(), "roles": (Role.RESPONDER,)}
    return Person(**{**base, "neighbourhoods": (NORTHSIDE,), **fields})


PEOPLE = {HERON: a_member(), WREN: a_member(WREN)}


# --- shifts by the wall clock ---------------------------------------------------------------------


def wall_minutes(change: str, before: int, after: int) -> Iterable[tuple[datetime, datetime]]:
    """Each minute around a change as (instant, what the wall shows), by plain arithmetic."""
    moment = utc(change)
    for number in range(-26 * 60, 26 * 60):
        at = moment + number * MINUTE
        ahead = before if number < 0 else after
        yield at, (at + ahead * MINUTE).replace(tzinfo=None)


def painted(shift: Shift, around: date) -> set[datetime]:
    """Every wall minute of a shift in the days around a date, painted one by one."""
    minutes = set()
    for number in range(-4, 5):
        day = around + timedelta(days=number)
        if shift.on == day or (shift.on is None and shift.weekday == day.weekday()):
            at = datetime.fromisoformat(f"{day}T{shift.start}")
            minutes.add(at)
            while (at := at + MINUTE).strftime("%H:%M") != shift.end:
                minutes.add(at)
    return minutes


@pytest.mark.parametrize(("zone", "change", "before", "after"), CHANGES)
def test_every_minute_around_a_clock_change_is_right(
    zone: str, change: str, before: int, after: int
) -> None:
    """Against painted wall minutes; weekly and single shifts of the day and of the day before."""
    day = (utc(change) + after * MINUTE).date()
    walls = list(wall_minutes(change, before, after))
    for start, end in HOURS:
        for on in (day - timedelta(days=1), day):
            for shift in (a_shift(start, end, weekday=on.weekday()), a_shift(start, end, on=on)):
                minutes = painted(shift, day)
                wrong = [at for at, wall in walls if covers(shift, at, zone) != (wall in minutes)]
                assert not wrong, (shift, wrong[0])


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("00:00", "06:00", (5, 7)), ("02:00", "03:00", (0, 2)), ("03:00", "04:00", (1, 1))],
)
def test_a_shift_is_shorter_in_spring_and_longer_in_autumn(
    start: str, end: str, hours: tuple[int, int]
) -> None:
    """The hour that does not exist is nobody's; the one that exists twice counts twice."""
    for day, expected in zip((date(2026, 3, 29), date(2026, 10, 25)), hours, strict=True):
        shift = a_shift(start, end, on=day)
        midnight = local(f"{day}T00:00")
        on = sum(covers(shift, midnight + number * MINUTE, BERLIN) for number in range(24 * 60))
        assert on == expected * 60


@given(st.integers(0, 3 * 24 * 60), st.sampled_from(CHANGES), st.sampled_from(["02:00", "02:30"]))
@settings(max_examples=200)
def test_two_shifts_that_meet_leave_no_gap_and_no_overlap(
    minute: int, change: tuple[str, str, int, int], meet: str
) -> None:
    """Exactly one of them covers any instant, on change days too."""
    zone, moment, _, _ = change
    at = utc(moment) + (minute - 36 * 60) * MINUTE
    halves = [
        a_shift(*hours, weekday=day)
        for day in range(7)
        for hours in ((meet, "14:00"), ("14:00", meet))
    ]
    assert sum(covers(shift, at, zone) for shift in halves) == 1


def test_the_start_is_included_and_the_end_is_not() -> None:
    """To the second; over midnight into the next day, and not on other weeks' days."""
    shift = a_shift("22:00", "02:00")
    for at, expected in (
        ("2026-11-27T21:59:59", False),
        ("2026-11-27T22:00:00", True),
        ("2026-11-28T01:59:59", True),
        ("2026-11-28T02:00:00", False),
        ("2026-11-27T01:00:00", False),
    ):
        assert covers(shift, local(at), BERLIN) is expected


def test_a_shift_with_neither_day_covers_nothing_and_odd_hours_are_refused() -> None:
    """A broken record never puts anyone on call silently."""
    nowhere = Shift(id="s", person=HERON, neighbourhood=NORTHSIDE, start="00:00", end="00:00")
    assert not covers(nowhere, utc("2026-11-27T12:00"), BERLIN)
    with pytest.raises(RosterFault, match="HH:MM"):
        covers(a_shift("6pm", "22:00"), utc("2026-11-27T12:00"), BERLIN)


# --- on call ----------------------------------------------------------------------------------


def on(*overrides: Override, at: str = "2026-11-27T20:00", **how: Any) -> frozenset[PersonId]:
    """Who is on call in Northside on Friday evening; Heron has a shift from six to ten."""
    shifts = how.get("shifts", [a_shift("18:00", "22:00")])
    return on_call(
        how.get("place", a_place()), local(at), shifts, overrides, how.get("people", PEOPLE)
    )


EVENING = ("2026-11-27T19:00", "2026-11-27T21:00")


def test_shifts_put_people_on_call_in_their_neighbourhood_only() -> None:
    """Friday evening in Northside, and nowhere else."""
    assert on() == {HERON}
    assert on(at="2026-11-27T22:00") == frozenset()
    assert on(place=Neighbourhood(id=RIVERSIDE, name="Riverside", time_zone=BERLIN)) == frozenset()


def test_an_override_takes_off_and_puts_on_until_its_end() -> None:
    """The end is excluded; then the shift counts again."""
    assert on(an_override(False, *EVENING)) == frozenset()
    assert on(an_override(False, *EVENING), at="2026-11-27T21:00") == {HERON}
    assert on(an_override(True, *EVENING, person=WREN)) == {HERON, WREN}
    assert on(an_override(True, *EVENING, neighbourhood=RIVERSIDE, person=WREN)) == {HERON}


@pytest.mark.parametrize("swapped", [False, True])
def test_the_newest_override_wins(swapped: bool) -> None:
    """By when it was made, one without that being the oldest; then by id; in whatever order."""
    made = [None, utc("2026-11-01T10:00"), utc("2026-11-02T10:00"), utc("2026-11-02T10:00")]
    rules = [
        an_override(bool(number % 2), *EVENING, id=f"o{number}", made_at=when)
        for number, when in enumerate(made)
    ]
    for newest in range(4):
        some = rules[: newest + 1]
        assert (HERON in on(*(reversed(some) if swapped else some))) == bool(newest % 2)


def test_an_override_without_neighbourhood_follows_the_person() -> None:
    """On: where the person belongs. Off: everywhere, also on a shift taken elsewhere."""
    strangers = {HERON: a_member(neighbourhoods=(RIVERSIDE,)), WREN: a_member(WREN)}
    assert on(an_override(True, *EVENING), shifts=[], people=strangers) == frozenset()
    assert on(an_override(False, *EVENING), people=strangers) == frozenset()


def test_people_who_were_removed_or_are_unknown_are_never_on_call() -> None:
    """Neither by shift nor by override."""
    on_again = an_override(True, *EVENING)
    assert on(on_again, people={HERON: a_member(removed=True)}) == frozenset()
    assert on(on_again, people={HERON: a_member(call_sign="")}) == frozenset()
    assert on(on_again, people={}) == frozenset()


@pytest.mark.parametrize(("zone", "change", "before", "after"), CHANGES)
def test_no_change_of_the_on_call_set_is_missed(
    zone: str, change: str, before: int, after: int
) -> None:
    """Minute by minute over both days, every change is one that was foretold."""
    day = (utc(change) + after * MINUTE).date()
    begin, end = utc(change) + 7 * MINUTE, utc(change) + 95 * MINUTE
    rules = [Override(id="o", person=WREN, available=True, start=begin, end=end)]
    for hours in HOURS:
        for shift in (a_shift(*hours, on=day), a_shift(*hours, weekday=day.weekday())):
            minutes = [at for at, _ in wall_minutes(change, before, after)]
            sets = [on_call(a_place(zone), at, [shift], rules, PEOPLE) for at in minutes]
            real = {minutes[n + 1] for n, (a, b) in enumerate(pairwise(sets)) if a != b}
            assert real <= foretold(a_place(zone), minutes[0], minutes[-1], [shift], rules)


def foretold(
    place: Neighbourhood, at: datetime, until: datetime, shifts: list[Shift], rules: list[Override]
) -> set[datetime]:
    """The chain of next changes over a span."""
    found: set[datetime] = set()
    while (ahead := next_change(place, at, shifts, rules)) is not None and ahead <= until:
        assert ahead > at
        found.add(ahead)
        at = ahead
    return found


def test_the_next_change_is_the_next_boundary_or_none() -> None:
    """A week ahead for a weekly shift; nothing after a single one is over."""
    friday, after = local("2026-11-27T22:00"), local("2026-12-04T18:00")
    assert next_change(a_place(), friday, [a_shift("18:00", "22:00")], []) == after
    assert next_change(a_place(), friday - MINUTE, [a_shift("18:00", "22:00")], []) == friday
    assert (
        next_change(a_place(), friday, [a_shift("18:00", "22:00", on=date(2026, 11, 27))], [])
        is None
    )
    elsewhere = an_override(True, *EVENING, neighbourhood=RIVERSIDE)
    assert next_change(a_place(), local(EVENING[0]) - MINUTE, [], [elsewhere]) is None


# --- limits -----------------------------------------------------------------------------------

NIGHT = local("2026-11-27T23:40")
RIGHT: dict[str, Any] = {
    "at": NIGHT,
    "training": ["copwatch"],
    "reporters": (),
    "team": (),
    "limits": Limits(pages_a_night=2),
    "time_zone": BERLIN,
}
FIT: dict[str, Any] = {
    "level": Level.KNOWN,
    "care": None,
    "on_call": True,
    "busy": False,
    "private": True,
}
READY = a_member(trainings=(Training(name="copwatch", expires_on=date(2026, 11, 27)),))


def why_not(person: Person = READY, **changes: Any) -> Barred | None:
    """Why this person is not paged on an otherwise fitting night."""
    moment = {name: changes.pop(name, value) for name, value in RIGHT.items()}
    return Bars(**moment).why(person, **{**FIT, **changes})


def test_somebody_ready_is_not_barred() -> None:
    """On call, trained to the end of the day, rested, with a private channel."""
    assert why_not() is None


@pytest.mark.parametrize(
    ("person", "changes", "expected"),
    [
        (replace(READY, removed=True), {}, Barred.REMOVED),
        (READY, {"level": Level.BLOCKED}, Barred.BLOCKED),
        (replace(READY, granted=Level.BLOCKED), {}, Barred.BLOCKED),
        (replace(READY, roles=(Role.VERIFIER,)), {}, Barred.NOT_RESPONDER),
        (READY, {"reporters": [a_member(WREN), READY]}, Barred.REPORTER),
        (READY, {"reporters": [a_member(WREN, keep_apart=(HERON,))]}, Barred.KEEP_APART),
        (replace(READY, keep_apart=(WREN,)), {"team": [a_member(WREN)]}, Barred.KEEP_APART),
        (READY, {"private": False}, Barred.NO_PRIVATE_CHANNEL),
        (READY, {"training": ["first-aid"]}, Barred.TRAINING),
        (READY, {"at": local("2026-11-28T00:00")}, Barred.TRAINING),
        (READY, {"busy": True}, Barred.BUSY),
        (READY, {"on_call": False}, Barred.OFF_CALL),
        (READY, {"care": Care(person=HERON, rest_until=NIGHT + MINUTE)}, Barred.RESTING),
        (READY, {"care": Care(person=HERON, paged_at=(NIGHT, NIGHT))}, Barred.LIMIT),
        (READY, {"already_paged": True}, Barred.ALREADY_PAGED),
    ],
)
def test_each_reason_bars(person: Person, changes: dict[str, Any], expected: Barred) -> None:
    """One thing wrong, and that is the reason given (law L3)."""
    assert why_not(person, **changes) is expected


def test_of_several_reasons_the_safety_of_people_is_named_first() -> None:
    """A keep-apart rule before being off call."""
    wren = a_member(WREN, keep_apart=(HERON,))
    assert why_not(on_call=False, busy=True, private=False, team=[wren]) is Barred.KEEP_APART


def test_rest_ends_on_time_and_a_team_is_not_apart_from_itself() -> None:
    """At the very end of the rest one may be paged again."""
    assert why_not(care=Care(person=HERON, rest_until=NIGHT)) is None
    assert why_not(team=[READY]) is None


@pytest.mark.parametrize(
    ("own", "paged", "at", "expected"),
    [
        (None, 1, "2026-11-27T23:40", None),
        (None, 2, "2026-11-27T23:40", Barred.LIMIT),
        (1, 1, "2026-11-27T23:40", Barred.LIMIT),
        (9, 2, "2026-11-27T23:40", Barred.LIMIT),
        (0, 0, "2026-11-27T18:00", Barred.LIMIT),
        (0, 0, "2026-11-27T09:59", Barred.LIMIT),
        (0, 0, "2026-11-27T10:00", None),
        (0, 5, "2026-11-27T17:59", None),
    ],
)
def test_pages_are_limited_by_night_and_not_by_day(
    own: int | None, paged: int, at: str, expected: Barred | None
) -> None:
    """A person may set a lower number, never a higher one; 0 means never at night."""
    now = local(at)
    care = Care(person=HERON, paged_at=(now - MINUTE,) * paged)
    assert why_not(replace(READY, pages_a_night=own), at=now, care=care) is expected


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        ("2026-11-27T18:00", "2026-11-27T18:00", "2026-11-28T10:00"),
        ("2026-11-28T09:59", "2026-11-27T18:00", "2026-11-28T10:00"),
        ("2026-11-28T10:00", "2026-11-28T18:00", "2026-11-29T10:00"),
        ("2026-03-29T04:00", "2026-03-28T18:00", "2026-03-29T10:00"),
        ("2026-10-25T04:00", "2026-10-24T18:00", "2026-10-25T10:00"),
    ],
)
def test_a_night_is_six_in_the_evening_to_ten(at: str, start: str, end: str) -> None:
    """By the wall clock, also when an hour is lost or won in it."""
    assert night_of(local(at), BERLIN) == (local(start), local(end))


def test_only_tonights_pages_count() -> None:
    """Not those of last night, nor of the afternoon."""
    times = ("2026-11-26T23:00", "2026-11-27T17:59", "2026-11-27T18:00", "2026-11-28T01:00")
    care = Care(person=HERON, paged_at=tuple(local(at) for at in times))
    assert pages_tonight(care, local("2026-11-28T02:00"), BERLIN) == 2
    assert pages_tonight(care, local("2026-11-28T12:00"), BERLIN) == 0


# --- what people write ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00", "2026-11-27T22:00"),
        ("until 22:00", "2026-11-27T22:00"),
        ("Until 22.30!", "2026-11-27T22:30"),
        ("22", "2026-11-27T22:00"),
        ("22h", "2026-11-27T22:00"),
        ("22h30", "2026-11-27T22:30"),
        ("till 10pm", "2026-11-27T22:00"),
        ("10:15 P.M.", "2026-11-27T22:15"),
        ("12 am", "2026-11-28T00:00"),
        ("midnight", "2026-11-28T00:00"),
        ("24:00", "2026-11-28T00:00"),
        ("noon", "2026-11-28T12:00"),
        ("7", "2026-11-28T07:00"),
        ("20:00", "2026-11-28T20:00"),
        ("hasta las 22:00", "2026-11-27T22:00"),
        ("hasta las 22 horas", "2026-11-27T22:00"),
        ("hasta la medianoche", "2026-11-28T00:00"),
        ("hasta el mediodía", "2026-11-28T12:00"),
        ("hasta las 10 de la noche", "2026-11-27T22:00"),
        ("a las 8 de la mañana", "2026-11-28T08:00"),
        ("las 12 de la noche", "2026-11-28T00:00"),
        ("3h", "2026-11-27T23:00"),
        ("for 3 hours", "2026-11-27T23:00"),
        ("90 min", "2026-11-27T21:30"),
        ("1h30", "2026-11-27T21:30"),
        ("1 h 30 m", "2026-11-27T21:30"),
        ("1.5 hours", "2026-11-27T21:30"),
        ("an hour", "2026-11-27T21:00"),
        ("half an hour", "2026-11-27T20:30"),
        ("media hora", "2026-11-27T20:30"),
        ("por 2 horas", "2026-11-27T22:00"),
        ("dos", None),
        ("24h", "2026-11-28T20:00"),
        ("25h", None),
        ("0 min", None),
        ("", None),
        ("until", None),
        ("25:00", None),
        ("22:75", None),
        ("13pm", None),
        ("tomorrow", None),
    ],
)
def test_until_is_read_as_people_write_it(text: str, expected: str | None) -> None:
    """At eight on a Friday evening in Berlin, in English and Spanish."""
    now = local("2026-11-27T20:00")
    assert parse_until(text, now, BERLIN) == (local(expected) if expected else None)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("02:30", "2026-03-29T00:30", "2026-03-29T01:00"),
        ("02:30", "2026-10-24T23:00", "2026-10-25T00:30"),
        ("02:30", "2026-10-25T00:45", "2026-10-25T01:30"),
        ("3h", "2026-10-25T00:00", "2026-10-25T03:00"),
        ("22:00", "2026-10-24T20:30", "2026-10-25T20:30"),
    ],
)
def test_until_is_right_over_a_clock_change(text: str, now: str, expected: str) -> None:
    """Times in UTC: the skipped time ends at the change, the doubled one at its first passing."""
    assert parse_until(text, utc(now), BERLIN) == utc(expected)


@given(
    st.text(max_size=12) | st.from_regex(r"[0-9]{1,2}(:[0-9]{2}| ?[hpm]{1,2})?"),
    st.integers(0, 10**6),
)
def test_until_is_always_ahead_and_within_a_day(text: str, minutes: int) -> None:
    """Whatever is written, whenever it is."""
    now = utc("2026-01-01T00:00") + minutes % 525_600 * MINUTE
    until = parse_until(text, now, BERLIN)
    assert until is None or now < until <= now + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "weekday", "on_day", "start", "end"),
    [
        ("fri 18:00-22:00", 4, None, "18:00", "22:00"),
        ("Viernes 18-2", 4, None, "18:00", "02:00"),
        ("sáb. 6pm to midnight", 5, None, "18:00", "00:00"),
        ("miércoles 18:00 a 22:30", 2, None, "18:00", "22:30"),
        ("sundays 20:00 \N{EN DASH} 24:00", 6, None, "20:00", "00:00"),
        ("2026-11-27 9-17", None, date(2026, 11, 27), "09:00", "17:00"),
    ],
)
def test_a_shift_is_read_as_people_write_it(
    text: str, weekday: int | None, on_day: date | None, start: str, end: str
) -> None:
    """A weekday or a date, then the hours."""
    shift = parse_shift(text, id="s1", person=HERON, neighbourhood=NORTHSIDE)
    assert (shift.weekday, shift.on, shift.start, shift.end) == (weekday, on_day, start, end)
    assert (shift.id, shift.person, shift.neighbourhood) == ("s1", HERON, NORTHSIDE)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("someday 18:00-22:00", "weekday"),
        ("2026-02-30 18:00-22:00", "2026-11-27"),
        ("fri", "START-END"),
        ("fri 18:00", "START-END"),
        ("fri 18:00-25:00", "START-END"),
        ("fri 8-9-10", "START-END"),
    ],
)
def test_a_shift_that_cannot_be_read_says_what_to_write(text: str, advice: str) -> None:
    """The fault holds an example."""
    with pytest.raises(RosterFault, match=advice):
        parse_shift(text, id="s1", person=HERON, neighbourhood=NORTHSIDE)
