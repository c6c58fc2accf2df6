"""How well the hours ahead are covered: maps, gaps, and who could fill them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.commands import coverage as shown
from responder.core.admin import OPS, AdminFault
from responder.core.desk import Desk
from responder.core.model import (
    Address,
    Care,
    Level,
    Neighbourhood,
    Override,
    Person,
    Role,
    Shift,
)
from responder.core.roster import zone
from responder.core.rosters.coverage import Coverage
from responder.core.world import World
from tests.builders import NORTHSIDE, NOW, a_member, a_network, a_playbook, changed

HERON, WREN, OTTER = a_member("Heron"), a_member("Wren"), a_member("Otter")
BADGER = a_member("Badger", experienced=False)
# NOW is a Saturday, 20:00; the builders' neighbourhoods keep UTC.
MONDAY = datetime(2025, 6, 16, tzinfo=UTC)


def a_shift(person: Person, start: str, end: str, weekday: int = 0) -> Shift:
    return Shift(id=f"{person.id}{weekday}{start}", person=person.id, neighbourhood=NORTHSIDE,
                 start=start, end=end, weekday=weekday)  # fmt: skip


def off(person: Person, start: datetime, hours: int) -> Override:
    return Override(id=f"off-{person.id}", person=person.id, start=start,
                    end=start + timedelta(hours=hours), available=False, made_at=NOW)  # fmt: skip


def on(person: Person, start: datetime, hours: int) -> Override:
    return replace(off(person, start, hours), id=f"on-{person.id}", available=True)


def rostered(*people: Person) -> World:
    """These are on call on Mondays from 18:00 to 22:00; the network holds no others but Otter."""
    world = a_network(*{p.id: p for p in (*people, OTTER)}.values(), on_call=False)
    for person in people:
        world.put(a_shift(person, "18:00", "22:00"))
    return world


def gaps(world: World) -> list[tuple[datetime, datetime]]:
    found = Coverage(world).gaps(NORTHSIDE, NOW, NOW + timedelta(hours=48))
    return [(gap.start, gap.end) for gap in found]


def test_hours_for_which_nobody_has_a_shift_are_no_gap() -> None:
    assert gaps(rostered(HERON, WREN)) == []


def test_one_alone_is_a_gap_as_long_as_the_shift() -> None:
    assert gaps(rostered(HERON)) == [(MONDAY + timedelta(hours=18), MONDAY + timedelta(hours=22))]


def test_whoever_goes_off_leaves_a_gap_and_whoever_comes_on_fills_it() -> None:
    world = rostered(HERON, WREN)
    world.put(off(WREN, MONDAY + timedelta(hours=19), 2))
    gap = (MONDAY + timedelta(hours=19), MONDAY + timedelta(hours=21))
    assert gaps(world) == [gap]
    world.put(replace(off(OTTER, gap[0], 2), available=True))
    assert gaps(world) == []


def test_two_newcomers_are_a_gap_and_two_who_are_kept_apart() -> None:
    newcomer = replace(WREN, experienced=False)
    assert gaps(rostered(BADGER, newcomer))
    assert gaps(rostered(HERON, replace(WREN, keep_apart=(HERON.id,))))
    assert not gaps(rostered(HERON, BADGER))


def test_what_the_neighbourhood_never_could_is_no_gap() -> None:
    world = a_network(HERON, replace(WREN, keep_apart=(HERON.id,)), on_call=False)
    world.put(a_shift(HERON, "18:00", "22:00"))
    assert gaps(world) == []


@pytest.mark.parametrize(
    "wren",
    [
        replace(WREN, addresses=(Address(channel="telegram", handle="7"),)),
        replace(WREN, granted=Level.BLOCKED),
        replace(WREN, roles=(Role.VERIFIER,)),
    ],
)
def test_whom_no_page_reaches_covers_nothing(wren: Person) -> None:
    world = rostered(HERON, wren)
    world.put(a_member("Fox"))
    assert len(gaps(world)) == 1


def test_a_rest_that_reaches_into_a_shift_makes_a_gap_until_it_ends() -> None:
    world = rostered(HERON, WREN)
    world.put(Care(person=WREN.id, rest_until=MONDAY + timedelta(hours=20)))
    assert gaps(world) == [(MONDAY + timedelta(hours=18), MONDAY + timedelta(hours=20))]


def test_those_could_take_it_who_live_there_are_trained_rested_and_not_on_it_already() -> None:
    world = rostered(HERON)
    for person in (
        a_member("Owl", trainings=()),
        a_member("Crow", neighbourhoods=()),
        a_member("Stork"),
        a_member("Gull"),
    ):
        world.put(person)
    start = MONDAY + timedelta(hours=18)
    world.put(Care(person=a_member("Gull").id, rest_until=start + timedelta(minutes=1)))
    world.put(Care(person=OTTER.id, paged_at=(NOW,)))
    could = Coverage(world).could_take(NORTHSIDE, start, start + timedelta(hours=4))
    assert [p.call_sign for p in could] == ["Stork", "Otter"]


def test_who_had_their_pages_tonight_is_told() -> None:
    world = rostered(HERON, WREN)
    world.put(Care(person=WREN.id, paged_at=(NOW, NOW, NOW)))
    found = Coverage(world).over_limit(NOW + timedelta(minutes=1))
    assert [p.call_sign for p in found] == ["Wren"]


@pytest.mark.parametrize("name", ["America/Chicago", "Europe/Madrid", "Australia/Lord_Howe"])
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 365), st.integers(0, 95), st.integers(1, 95))
def test_the_map_says_for_every_hour_the_worst_of_its_minutes(
    name: str, day: int, quarter: int, length: int
) -> None:
    where = Neighbourhood(id=NORTHSIDE, name="Northside", time_zone=name)
    world = World(a_network().network, [where], private_channels=("signal",))
    world.playbooks["copwatch"] = a_playbook()
    world.put(HERON)
    begin, finish = (f"{q // 4 % 24:02}:{q % 4 * 15:02}" for q in (quarter, quarter + length))
    for weekday in range(7):
        world.put(a_shift(HERON, begin, finish, weekday))
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    end = start + timedelta(days=2)
    counted: dict[tuple[date, int], int] = {}
    at = start
    while at < end:
        local = at.astimezone(zone(name))
        here = (local.date(), local.hour)
        counted[here] = min(counted.get(here, 9), len(world.on_call(NORTHSIDE, at)))
        at += timedelta(minutes=5)
    found = Coverage(world).map(NORTHSIDE, start, end)
    assert {(d, h): c.people for d, hours in found.items() for h, c in hours.items()} == counted


# --- as it is shown -------------------------------------------------------------------------------


def asked(world: World, **given: object) -> dict[str, object]:
    answer = OPS["shift.coverage"](Desk(world, NOW, bytes(32)), given)
    assert isinstance(answer, dict)
    return answer


def test_the_map_reads_in_eighty_columns_and_without_colour() -> None:
    lines = list(shown.lines(asked(rostered(HERON, WREN), neighbourhood="northside")))
    assert all(len(line) <= 80 for line in lines)
    monday = next(line for line in lines if "Mon 16" in line)
    assert monday.split()[3:] == ["."] * 18 + ["2"] * 4 + ["."] * 2


def test_whoever_has_a_shift_and_no_private_channel_is_named_with_what_to_do() -> None:
    unreached = replace(WREN, addresses=())
    told = "\n".join(shown.lines(asked(rostered(HERON, unreached))))
    assert "not counted, for no page reaches them yet:\n  Wren.\n" in told
    assert "responder member code CALL-SIGN" in told
    assert "not counted" not in "\n".join(shown.lines(asked(rostered(HERON, WREN))))


def test_the_map_marks_a_gap_and_two_who_are_no_team() -> None:
    alone = "\n".join(shown.lines(asked(rostered(HERON))))
    assert ". x x x x . ." in alone and "Gap 2025-06-16 18:00 to 2025-06-16 22:00" in alone
    newcomers = rostered()
    for person in (BADGER, replace(WREN, experienced=False)):
        newcomers.put(person)
        newcomers.put(on(person, MONDAY + timedelta(hours=18), 4))
    assert ". ! ! ! ! . ." in "\n".join(shown.lines(asked(newcomers)))


def test_a_gap_for_every_playbook_says_so_in_a_word() -> None:
    answer = asked(rostered(HERON))
    assert "22:00: no team for any playbook." in "\n".join(shown.lines(answer))
    answer["playbooks"] = [*cast(list[str], answer["playbooks"]), "school-walk"]
    assert "22:00: no team for copwatch, " in "\n".join(shown.lines(answer))


def test_the_picture_holds_no_member_and_loads_nothing() -> None:
    picture = shown.picture(asked(rostered(HERON, WREN)), "Lab")
    assert "Heron" not in picture and "Northside" in picture
    assert "href" not in picture and "url(" not in picture and "<script" not in picture


def kinds(world: World) -> set[str]:
    """The kinds of squares of the map itself; the legend has one of each."""
    picture = shown.picture(asked(world, days=7, neighbourhood="northside"), "Lab")
    squares = re.findall(r'<rect class="(\w+)" x="(\d+)"', picture)
    return {kind for kind, x in squares if int(x) > 100}


def test_the_picture_tells_enough_thin_and_gap_apart_and_not_by_colour_alone() -> None:
    by_word_alone = rostered()
    by_word_alone.put(HERON)
    by_word_alone.put(on(HERON, MONDAY, 4))
    assert kinds(rostered(HERON, WREN)) == {"enough", "none"}
    assert kinds(rostered(HERON)) == {"gap", "none"}
    assert kinds(by_word_alone) == {"thin", "none"}
    picture = shown.picture(asked(by_word_alone), "Lab")
    assert picture.count('class="s"') == picture.count('<rect class="thin"') > 1
    assert ">1</text>" in picture and "Thin: one alone" in picture


def test_what_can_never_form_here_makes_no_hour_thin_but_is_said() -> None:
    world = rostered(HERON, WREN)
    march = changed(a_playbook(), team={"training": ("marshal",)})
    world.playbooks["march"] = march.model_copy(update={"id": "march"})
    assert kinds(world) == {"enough", "none"}
    assert "alone never make a team for march" in "\n".join(shown.lines(asked(world)))


@pytest.mark.parametrize(
    ("language", "title", "dates", "day"),
    [
        ("en", "Coverage: Northside", "14 June 2025 to 20 June 2025", "Mon 16 Jun"),
        ("es", "Cobertura: Northside", "Del 14 de junio de 2025 al", "lun 16 jun"),
    ],
)
def test_map_and_picture_say_place_and_dates_in_the_readers_language(
    language: str, title: str, dates: str, day: str
) -> None:
    answer = asked(rostered(HERON, WREN), neighbourhood="northside")
    picture = shown.picture(answer, "Lab", language)
    assert f"<title>{title}</title>" in picture and dates in picture and day in picture
    assert any(day in line for line in shown.lines(answer, language))
    assert all(len(line) <= 80 for line in shown.lines(answer, language))


def test_a_month_is_enough() -> None:
    with pytest.raises(AdminFault, match="1 to 31"):
        asked(rostered(HERON), days=32)
