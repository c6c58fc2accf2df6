"""When the house is swept, and its file written anew so that nothing deleted is left in it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from responder.core.changes import Changes, Setting
from responder.core.desk import Desk
from responder.dispatching.housekeeping import (
    ANEW_AT_LATEST,
    SWEEP_AFTER_START,
    SWEEP_EVERY,
    Housekeeping,
)
from tests.builders import NOW
from tests.unit.stored import a_person
from tests.unit.test_dispatcher import House

SWEPT = NOW + SWEEP_AFTER_START


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def look(house: Housekeeping, at: datetime) -> None:
    """Let the house be looked after until it is swept, as it is while nothing else comes in."""
    await house.keep(at)
    while house.sweeping:
        await house.keep(at)


async def test_after_a_start_the_file_is_written_anew_once_it_is_quiet(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        busy = [True]
        dispatcher.house.idle = lambda: not busy
        await look(dispatcher.house, NOW)
        await look(dispatcher.house, SWEPT)
        assert house.store.holds_leftovers
        busy.clear()
        await look(dispatcher.house, SWEPT + timedelta(seconds=1))
        assert not house.store.holds_leftovers


async def test_while_people_are_out_the_file_is_not_written_anew_until_that_lasted_hours(
    house: House,
) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.out()
        await look(dispatcher.house, NOW)
        await look(dispatcher.house, SWEPT)
        await look(dispatcher.house, SWEPT + timedelta(minutes=5))
        assert house.store.holds_leftovers
        await look(dispatcher.house, SWEPT + ANEW_AT_LATEST)
        assert not house.store.holds_leftovers


async def test_where_nothing_was_deleted_the_file_is_left_as_it_is(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await look(dispatcher.house, NOW)
        await look(dispatcher.house, SWEPT)
        assert not house.store.holds_leftovers

        def setting(desk: Desk) -> None:
            desk.put(Setting(name="public", value="yes"))

        await dispatcher.do(setting)
        await look(dispatcher.house, SWEPT + SWEEP_EVERY)
        assert not house.store.holds_leftovers
        await dispatcher.do(lambda desk: desk.put(a_person("heron")))
        await look(dispatcher.house, SWEPT + 2 * SWEEP_EVERY)
        assert not house.store.holds_leftovers


async def test_what_is_written_over_or_deleted_leaves_something_behind(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.store.write_anew()
        assert not house.store.holds_leftovers
        await dispatcher.do(lambda desk: desk.put(a_person("heron")))
        assert house.store.holds_leftovers


async def test_what_came_in_is_worked_off_between_two_strokes_of_the_broom(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await dispatcher.catch_up()
        order: list[str] = []

        def report(*_: object) -> Changes:
            order.append("report")
            return Changes()

        def first(_: Desk) -> None:
            dispatcher.writer.submit(report)

        strokes = (first, lambda _: order.append("second stroke"))
        dispatcher.house._strokes = lambda _: strokes
        house.at = SWEPT
        await dispatcher.catch_up()
        assert order == ["report", "second stroke"]


async def test_others_have_their_turn_between_strokes_that_change_nothing(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await dispatcher.catch_up()
        order: list[str] = []

        def first(_: Desk) -> None:
            order.append("first")
            asyncio.get_running_loop().call_soon(order.append, "somebody else")

        dispatcher.house._strokes = lambda _: (first, lambda _: order.append("second"))
        house.at = SWEPT
        await dispatcher.catch_up()
        assert order == ["first", "somebody else", "second"]


async def test_the_house_is_swept_when_whoever_set_the_clock_forward_has_caught_up(
    house: House,
) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await dispatcher.catch_up()
        house.at = SWEPT
        await dispatcher.catch_up()
        assert dispatcher.house.swept_at == SWEPT and not dispatcher.house.sweeping


# --- signs of life --------------------------------------------------------------------------------


async def test_the_first_start_knows_of_no_absence(house: House) -> None:
    async with house.opened() as dispatcher:
        await dispatcher.catch_up()
        assert dispatcher.house.absence is None


@pytest.mark.parametrize("told_to", [True, False])
async def test_a_start_knows_since_when_nobody_was_there_and_how_that_came(
    house: House, told_to: bool
) -> None:
    ends = NOW + timedelta(seconds=10)
    async with house.opened() as dispatcher:
        await dispatcher.catch_up()
        if told_to:
            await dispatcher.house.close(ends)
    async with house.opened(NOW + timedelta(seconds=25)) as dispatcher:
        await dispatcher.catch_up()
        assert dispatcher.house.absence == (ends if told_to else NOW, told_to)


async def test_an_end_in_good_order_says_nothing_of_the_next_one(house: House) -> None:
    async with house.opened() as dispatcher:
        await dispatcher.catch_up()
        await dispatcher.house.close(NOW)
    async with house.opened(NOW + timedelta(minutes=1)) as dispatcher:
        await dispatcher.catch_up()
    async with house.opened(NOW + timedelta(minutes=2)) as dispatcher:
        await dispatcher.catch_up()
        assert dispatcher.house.absence == (NOW + timedelta(minutes=1), False)


async def test_no_sign_of_life_comes_after_the_last(house: House) -> None:
    async with house.opened() as dispatcher:
        await dispatcher.house.close(NOW)
        await dispatcher.house.keep(NOW + timedelta(minutes=5))
    async with house.opened(NOW + timedelta(minutes=6)) as dispatcher:
        await dispatcher.catch_up()
        assert dispatcher.house.absence == (NOW, True)
