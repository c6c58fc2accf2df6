"""What `responder check` tells: gaps of the next two days, people alone, what ran out or stays."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from responder import checking
from responder.config import SignalSettings
from responder.core.model import Address, Override, Person, PersonId, Shift, Training
from responder.core.world import World
from tests.builders import NORTHSIDE, NOW, a_member, a_network, a_playbook
from tests.unit.test_backup import the_settings

# NOW is a Saturday, 20:00; the neighbourhoods of the builders keep UTC.
ALL_WEEK = range(7)


def shifts(person: Person, start: str, end: str, days: object = ALL_WEEK) -> list[Shift]:
    return [
        Shift(id=f"{person.id}{day}{start}", person=person.id, neighbourhood=NORTHSIDE,
              start=start, end=end, weekday=day)
        for day in days  # type: ignore[attr-defined]
    ]  # fmt: skip


def rostered(*turns: tuple[Person, str, str]) -> World:
    world = a_network(*(person for person, _, _ in turns), on_call=False)
    for person, start, end in turns:
        for shift in shifts(person, start, end):
            world.put(shift)
    return world


def told(world: World) -> str:
    found = (f.text for f in checking.people(world, NOW))
    return "\n".join(text for text in found if "on call" in text)


HERON, WREN, OTTER = a_member("Heron"), a_member("Wren"), a_member("Otter")


def test_two_around_the_clock_leave_no_gap() -> None:
    world = rostered((HERON, "00:00", "00:00"), (WREN, "00:00", "00:00"))
    assert "Northside" not in told(world)


def test_a_gap_is_told_with_its_times() -> None:
    world = rostered((HERON, "18:00", "08:00"), (WREN, "18:00", "08:00"))
    gaps = "Northside: nobody whom a page reaches is on call Sun 08:00 to Sun 18:00, Mon 08:00 to "
    assert f"{gaps}Mon 18:00 (next 48 hours)" in told(world)


def test_somebody_alone_is_named_and_the_stretches_are_joined() -> None:
    world = rostered((HERON, "00:00", "12:00"), (HERON, "12:00", "00:00"))
    assert "Heron is on call alone Sat 20:00 to Mon 20:00 (next 48 hours)" in told(world)
    assert "nobody whom" not in told(world)


def test_an_exception_makes_a_gap_too() -> None:
    world = rostered((HERON, "00:00", "00:00"), (WREN, "00:00", "00:00"))
    start = NOW + timedelta(hours=3)
    off = Override(id="o", person=WREN.id, start=start, end=start + timedelta(hours=2),
                   available=False, made_at=NOW)  # fmt: skip
    world.put(off)
    assert "Heron is on call alone Sat 23:00 to Sun 01:00" in told(world)


def test_whom_no_page_reaches_fills_no_gap() -> None:
    public = (Address(channel="telegram", handle="7"),)
    unreached = a_member("Wren", addresses=public)
    world = rostered((HERON, "00:00", "00:00"), (unreached, "00:00", "00:00"))
    assert "Heron is on call alone" in told(world)


def test_where_there_are_no_shifts_that_alone_is_told() -> None:
    world = a_network(HERON, WREN, on_call=False)
    assert "Northside has no shift" in told(world) and "nobody whom" not in told(world)


@pytest.mark.parametrize(("expires", "said"), [(date(2025, 6, 13), True), (None, False)])
def test_a_training_that_ran_out_is_told_with_what_it_costs(
    expires: date | None, said: bool
) -> None:
    trainings = tuple(
        Training(name=t.name, expires_on=expires if t.name == "observer" else None)
        for t in OTTER.trainings
    )
    late = a_member("Otter", trainings=trainings)
    found = "\n".join(f.text for f in checking.people(a_network(HERON, WREN, late), NOW))
    assert ("The training observer of Otter has expired: copwatch does not page" in found) is said
    assert PersonId("otter") == late.id


@pytest.mark.parametrize(("kept", "told"), [(timedelta(hours=24), 0), (timedelta(days=20), 1)])
def test_messages_that_outlive_the_reports_are_told_by_the_check(
    tmp_path: Path, kept: timedelta, told: int
) -> None:
    signal = SignalSettings(number="+15550100000", disappearing=kept)
    settings = the_settings(tmp_path).model_copy(update={"signal": signal})
    book = a_playbook("copwatch")
    found = checking.timers(settings, {book.id: book})
    assert len(found) == told
    assert not told or "shorten signal.disappearing" in found[0].text


def test_two_who_are_reached_and_fit_no_playbook_are_named_by_playbook() -> None:
    newcomers = a_network(*(a_member(name, experienced=False) for name in ("Heron", "Wren")))
    found = "\n".join(f.text for f in checking.people(newcomers, NOW))
    assert "copwatch: no sound team could form in the whole network" in found
    assert "until a page reaches two" not in found
