"""A thumb that comes before we know which message it is on counts as soon as we do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from responder.core import early, network
from responder.core.desk import Desk
from responder.core.effects import Card
from responder.core.messages import Fate, Message, Settled
from responder.core.model import Incident, PersonId
from responder.core.spoken import Inbound
from responder.core.sweeping import forget_waiting, sweep
from tests.builders import HERON, NOW
from tests.ports import PATIENCE_S
from tests.unit.test_dispatcher import House, said
from tests.unit.test_network import REPORT, Chat

THUMB = "\N{THUMBS UP SIGN}"
LONG = timedelta(days=30)


def a_thumb(on: str, at_key: str = "") -> Inbound:
    return Inbound(
        channel="signal",
        key=f"thumb-{on}{at_key}",
        handle="+1555heron",
        at=NOW,
        reaction=THUMB,
        target=on,
    )


def answer(incident: Incident) -> str:
    """What became of Heron's page."""
    call = incident.call(PersonId(HERON))
    assert call is not None
    return call.state.value


class Thumbs(Chat):
    """Heron is paged and puts thumbs where nobody knows a message yet."""

    def __init__(self) -> None:
        super().__init__()
        self.say("r", REPORT)

    def puts(self, on: str) -> None:
        self._kept(network.hear(self.world, a_thumb(on), self.at, self._nonce()))

    @property
    def waiting(self) -> list[str]:
        return [one.message.target for one in early.all_of(self.world).values()]

    @property
    def page(self) -> Message:
        return next(m for m in self.messages if m.card == Card.PAGE and m.to == HERON)

    def found(self, on: str) -> None:
        name = next(n for n, e in early.all_of(self.world).items() if e.message.target == on)
        said = network.hear_early(self.world, name, self.page.id, self.at, self._nonce())
        self._kept(said)

    @property
    def answer(self) -> str:
        return answer(self.incident)


def test_a_thumb_waits_until_it_is_known_what_it_is_on() -> None:
    chat = Thumbs()
    chat.puts("77")
    assert chat.waiting == ["77"] and chat.answer == "paged"
    chat.found("77")
    assert chat.waiting == [] and chat.answer == "accepted"


def test_a_thumb_that_waited_too_long_answers_nothing() -> None:
    chat = Thumbs()
    chat.puts("77")
    chat.at += early.LASTS
    chat.found("77")
    assert chat.waiting == [] and chat.answer == "paged"


def test_few_thumbs_of_one_person_wait_and_the_newest_stay() -> None:
    chat = Thumbs()
    for number in range(early.EACH + 2):
        chat.at += timedelta(seconds=1)
        chat.puts(str(number))
    assert chat.waiting == ["2", "3", "4", "5", "6"]


def test_nobody_is_kept_waiting_whom_we_asked_nothing() -> None:
    chat = Chat()
    network.hear(chat.world, a_thumb("77"), NOW, bytes(32))
    assert not early.some(chat.world)


@pytest.mark.parametrize("how", ["swept", "forgotten"])
def test_thumbs_go_in_time_and_with_whoever_is_forgotten(how: str) -> None:
    chat = Thumbs()
    chat.puts("77")
    chat.at += early.LASTS
    if how == "swept":
        sweep(chat.world, chat.at, bytes(32), unfinished=LONG, strangers=LONG)
    else:
        heron = chat.world.everybody[PersonId(HERON)]
        forget_waiting(Desk(chat.world, chat.at, bytes(32)), heron)
    assert chat.waiting == []


# --- on a real store ------------------------------------------------------------------------------


async def thumbed(house: House) -> Message:
    """Heron's page, on which a thumb came too early."""
    await house.settle_in()
    await house.dispatcher.receive([said("r", REPORT)])
    await house.dispatcher.receive([a_thumb("77")])
    (page,) = [w.message for w in await house.store.waiting() if w.message.to == HERON]
    assert answer(house.incident) == "paged"
    return page


async def test_a_thumb_counts_once_the_platform_says_that_the_page_arrived(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.opened() as dispatcher:
        page = await thumbed(house)
        dispatcher.message_of = lambda channel, ref: page.id if ref == "77" else None
        sent = Settled(message=page.id, channel="signal", fate=Fate.SENT, at=NOW, ref="77")
        await dispatcher.settled(page, sent)
        async with asyncio.timeout(PATIENCE_S):
            while early.some(dispatcher.world):
                await asyncio.sleep(0)
        assert answer(house.incident) == "accepted"


async def test_a_thumb_survives_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.opened():
        page = await thumbed(house)
    async with house.opened() as dispatcher:
        dispatcher.message_of = lambda channel, ref: page.id
        await dispatcher.catch_up()
        assert answer(house.incident) == "accepted"
