"""Shifts to and from .ics files: nothing lost on the way, nothing taken in by halves."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from responder.core import shift_words
from responder.core.admin import OPS, AdminFault
from responder.core.desk import Desk
from responder.core.model import Neighbourhood, Network, Person, Shift
from responder.core.world import World
from responder.handouts import calendars
from responder.handouts.calendars import CalendarFaults
from tests.builders import NORTHSIDE, NOW, a_member

HERON, WREN = a_member("Heron"), a_member("Wren")
MADE = datetime(2025, 6, 14, tzinfo=UTC)


def a_world(*people: Person) -> World:
    where = Neighbourhood(id=NORTHSIDE, name="Northside", time_zone="America/Chicago")
    world = World(Network(name="Made up"), [where], private_channels=("signal",))
    for person in people or (HERON, WREN):
        world.put(person)
    return world


NONCES = count(1)


def do(world: World, op: str, **given: Any) -> Any:
    return OPS[op](Desk(world, NOW, next(NONCES).to_bytes(32, "big")), given)


def event(**fields: str) -> bytes:
    usual = {
        "UID": "a",
        "SUMMARY": "Heron",
        "LOCATION": "Northside",
        "DTSTART;TZID=America/Chicago": "20250620T180000",
        "DTEND;TZID=America/Chicago": "20250620T220000",
    }
    if any(name.startswith("DTSTART") for name in fields):
        usual = {n: v for n, v in usual.items() if not n.startswith("DT")}
    lines = [f"{name}:{value}" for name, value in {**usual, **fields}.items() if value]
    body = ["BEGIN:VEVENT", *lines, "END:VEVENT"]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *body, "END:VCALENDAR", ""]
    ).encode()


def imported(world: World, data: bytes, **more: Any) -> Any:
    return do(world, "shift.import", events=calendars.read(data), **more)


def when(world: World) -> list[str]:
    return [shift_words.shown(s, "en") for s in world.shifts()]


WRITTEN = (
    "fri 18:00-22:00",
    "sat 22:00-02:00",
    "2025-06-20 18:00-22:00",
    "every 2nd sat 10:00-14:00 from 2025-06-21 until 2025-12-20",
    "first sun of the month 09:00-12:00 from 2025-07-06",
    "every mon, wed 00:00-00:00 from 2025-06-16",
)


def test_whoever_is_put_on_call_by_a_file_hears_of_it_once() -> None:
    world = a_world()
    events = calendars.read(event()) + calendars.read(event(UID="b", DTSTART="20250621T180000",
                                                            DTEND="20250621T200000"))  # fmt: skip
    desk = Desk(world, NOW, bytes(32))
    OPS["shift.import"](desk, {"events": events, "dry_run": True})
    assert not desk.changes.messages
    OPS["shift.import"](desk, {"events": events})
    (told,) = desk.changes.messages
    assert told.to == HERON.id
    assert "2025-06-20 18:00-22:00" in told.text and "2025-06-21 18:00-20:00" in told.text


def test_what_goes_out_comes_back_the_same_and_a_second_time_adds_nothing() -> None:
    world, other = a_world(), a_world()
    for text in WRITTEN:
        do(world, "shift.add", call_sign="Heron", when=text)
    skipping = Shift(id="z", person=WREN.id, neighbourhood=NORTHSIDE, start="18:00", end="22:00",
                     on=NOW.date(), rule="FREQ=DAILY", skips=(MADE.date(),))  # fmt: skip
    world.put(skipping)
    data = calendars.write(do(world, "shift.export"), MADE)
    assert imported(other, data) == {"added": 7, "known": 0, "dry_run": False}
    assert sorted(when(other)) == sorted(when(world))
    assert next(s for s in other.shifts() if s.person == WREN.id).skips == skipping.skips
    assert imported(other, data)["added"] == 0


def test_no_address_and_no_language_of_anybody_goes_out() -> None:
    world = a_world()
    do(world, "shift.add", call_sign="Heron", when="fri 18:00-22:00")
    text = calendars.write(do(world, "shift.export"), MADE).decode()
    assert "SUMMARY:Heron" in text and "+1555" not in text and "signal" not in text


def test_a_single_event_of_another_zone_is_moved_and_a_floating_one_is_local() -> None:
    world = a_world()
    imported(world, event(DTSTART="20250620T230000Z", DTEND="20250621T030000Z"))
    assert when(world) == ["2025-06-20 18:00-22:00"]
    imported(world, event(DTSTART="20250621T180000", DURATION="PT4H"))
    assert when(world)[1] == "2025-06-21 18:00-22:00"


def test_a_last_moment_becomes_the_last_day_that_it_lets_through() -> None:
    world = a_world()
    imported(world, event(RRULE="FREQ=WEEKLY;BYDAY=FR;UNTIL=20250718T225959Z"))
    assert when(world) == ["every fri 18:00-22:00 from 2025-06-20 until 2025-07-17"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"SUMMARY": "Badger"}, "call sign 'Badger'"),
        ({"SUMMARY": ""}, "title"),
        ({"LOCATION": "Atlantis"}, "no neighbourhood 'Atlantis'"),
        ({"RRULE": "FREQ=HOURLY"}, "daily, weekly"),
        ({"RRULE": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "no day"),
        ({"DTSTART": "20250601T180000", "DTEND": "20250601T220000"}, "over already"),
        ({"DTSTART": "20250620T230000Z", "DTEND": "20250621T030000Z", "RRULE": "FREQ=DAILY"},
         "America/Chicago"),
    ],
)  # fmt: skip
def test_one_fault_refuses_the_whole_file_and_names_the_event(
    fields: dict[str, str], why: str
) -> None:
    world = a_world()
    good, bad = calendars.read(event()), calendars.read(event(**fields))
    with pytest.raises(AdminFault, match=why) as caught:
        do(world, "shift.import", events=[*good, {**bad[0], "number": 2}])
    assert "Event 2:" in str(caught.value) and "Event 1:" not in str(caught.value)
    assert world.shifts() == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello", "no calendar"),
        (b"", "no"),
        (b"x" * (calendars.LARGEST + 1), "1 MB"),
        (event(**{"DTSTART;VALUE=DATE": "20250620", "DTEND;VALUE=DATE": "20250621"}), "whole day"),
        (event(DTSTART="20250620T180000", DTEND="20250622T180000"), "24 hours"),
        (event(DTSTART="20250620T180000", DTEND="20250620T180000"), "24 hours"),
        (event(DTSTART="someday", DTEND="20250620T180000"), "Event 1"),
        (event(**{"RECURRENCE-ID": "20250620T180000"}), "RECURRENCE-ID"),
        (event(RDATE="20250627T180000"), "RDATE"),
    ],
)
def test_what_can_be_no_shift_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(CalendarFaults, match=why):
        calendars.read(data)


def test_a_rehearsal_of_an_import_changes_nothing() -> None:
    world = a_world()
    assert imported(world, event(), dry_run=True)["added"] == 1
    assert world.shifts() == ()
