"""What somebody wrote leaves the chat once it is on disk, where the network wants it so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from responder import app
from responder.core.spoken import Inbound
from responder.dispatching.dispatcher import Dispatcher
from responder.storage.store import StoreFull
from tests.unit.test_dispatcher import House, failing


class Chat:
    """A channel that only notes what it is to forget."""

    name = "telegram"

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget_inbound(self, message: Inbound) -> None:
        self.forgotten.append(message.text)

    async def hears(self, house: House, dispatcher: Dispatcher, *forgetting: str) -> None:
        """Hand one message in, and wait for all that follows from it."""
        machine = app.Machine(house.store, dispatcher, {}, forget_reports_on=forgetting)
        said = Inbound(channel=self.name, key="k", handle="700", at=house.at, text="a fight")
        await machine._receiver(self)([said])  # type: ignore[arg-type]
        while machine._errands:
            await asyncio.gather(*machine._errands)


@pytest.mark.parametrize(
    ("where", "forgotten"), [(("telegram",), ["a fight"]), (("signal",), []), ((), [])]
)
async def test_a_report_leaves_the_chat_where_the_network_says_so_and_nowhere_else(
    tmp_path: Path, where: tuple[str, ...], forgotten: list[str]
) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        await chat.hears(house, dispatcher, *where)
        assert chat.forgotten == forgotten


async def test_what_the_disk_did_not_take_stays_in_the_chat(tmp_path: Path) -> None:
    house, chat = House(tmp_path), Chat()
    async with house.opened() as dispatcher:
        await house.settle_in()
        failing(house, StoreFull("The disk is full."))
        with pytest.raises(StoreFull):
            await chat.hears(house, dispatcher, "telegram")
        assert chat.forgotten == []
