"""When the house is swept, and its file written anew so that nothing deleted is left in it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
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
from responder.dispatching.writing import Writer
from tests.builders import NOW
from tests.unit.stored import a_person
from tests.unit.test_dispatcher import House

SWEPT = NOW + SWEEP_AFTER_START


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_after_a_start_the_file_is_written_anew_once_it_is_quiet(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        busy = [True]
        dispatcher.house.idle = lambda: not busy
        await dispatcher.step(NOW)
        await dispatcher.step(SWEPT)
        assert house.store.holds_leftovers
        busy.clear()
        await dispatcher.step(SWEPT + timedelta(seconds=1))
        assert not house.store.holds_leftovers


async def test_while_people_are_out_the_file_is_not_written_anew_until_that_lasted_hours(
    house: House,
) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.out()
        await dispatcher.house.keep(NOW)
        await dispatcher.house.keep(SWEPT)
        await dispatcher.house.keep(SWEPT + timedelta(minutes=5))
        assert house.store.holds_leftovers
        await dispatcher.house.keep(SWEPT + ANEW_AT_LATEST)
        assert not house.store.holds_leftovers


async def test_where_nothing_was_deleted_the_file_is_left_as_it_is(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await dispatcher.step(NOW)
        await dispatcher.step(SWEPT)
        assert not house.store.holds_leftovers

        def setting(desk: Desk) -> None:
            desk.put(Setting(name="public", value="yes"))

        await dispatcher.do(setting)
        await dispatcher.step(SWEPT + SWEEP_EVERY)
        assert not house.store.holds_leftovers
        await dispatcher.do(lambda desk: desk.put(a_person("heron")))
        await dispatcher.step(SWEPT + 2 * SWEEP_EVERY)
        assert not house.store.holds_leftovers


async def test_what_is_written_over_or_deleted_leaves_something_behind(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        await house.store.write_anew()
        assert not house.store.holds_leftovers
        await dispatcher.do(lambda desk: desk.put(a_person("heron")))
        assert house.store.holds_leftovers


async def test_what_came_in_is_worked_off_between_two_strokes_of_the_broom(house: House) -> None:
    async with house.opened() as dispatcher:
        nobody_else = Writer(
            house.store, dispatcher.world, clock=lambda: NOW, rebuild=dispatcher.writer._rebuild
        )
        order: list[str] = []

        def report(*_: object) -> Changes:
            order.append("report")
            return Changes()

        def first(_: Desk) -> None:
            nobody_else.submit(report)

        broom = Housekeeping(
            nobody_else,
            house.store,
            strokes=lambda _: (first, lambda _: order.append("second stroke")),
            counts=Counter(),
            look_at=lambda *_: None,
            by_hand=True,
        )
        await broom.keep(NOW)
        await broom.keep(SWEPT)
        assert order == ["report", "second stroke"]


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
