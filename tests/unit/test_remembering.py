"""What bots have kept about addresses: it outlives a restart, and goes with the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from responder.core.model import PersonId
from responder.doorway.remembering import Notebook
from tests.unit.test_dispatcher import REPORT, House, said


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_fact_outlives_a_restart(house: House) -> None:
    report = said("r", REPORT)
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([report])
        notebook = Notebook(dispatcher, report.channel)
        assert notebook.recall(report.handle) == ""
        await notebook.keep(report.handle, "86400")
    async with house.opened() as dispatcher:
        assert Notebook(dispatcher, report.channel).recall(report.handle) == "86400"


async def test_nothing_is_kept_about_an_address_of_nobody(house: House) -> None:
    async with house.opened() as dispatcher:
        notebook = Notebook(dispatcher, "signal")
        await notebook.keep("nobody", "86400")
        assert notebook.recall("nobody") is None
        assert not any("kept" in name for name in dispatcher.world.settings)


async def test_it_goes_with_the_person(house: House) -> None:
    report = said("r", "hello there")
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([report])
        await Notebook(dispatcher, report.channel).keep(report.handle, "86400")
        person = dispatcher.world.at_address(report.channel, report.handle)
        assert person is not None
        key = f"person:{PersonId(person.id)}"
        await dispatcher.do(lambda desk: desk.destroy(key))
    async with house.opened() as dispatcher:
        assert not any("kept" in name for name in dispatcher.world.settings)
