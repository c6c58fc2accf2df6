"""A channel that answers and delivers nothing is noticed, and people learn of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import structlog

from responder.core.deafness import TOLD_EVERY
from responder.core.desk import Desk
from responder.core.messages import Message
from responder.core.model import State
from responder.doorway.earshot import Ear, Earshot
from responder.ports import RetryLater
from tests.builders import NOW, OWL, an_incident

EVERY = timedelta(minutes=2)
NOTICED_WITHIN = timedelta(minutes=5)


class Line:
    """A channel that brings probes back while it hears; `fails` when they can't even leave."""

    def __init__(self) -> None:
        self.probe_every = EVERY
        self.heard_at: datetime | None = None
        self.hears = True
        self.fails = False
        self.probes: list[datetime] = []
        self.gaps: list[tuple[datetime, datetime]] = []
        self.deaf = False
        self.at = NOW

    async def probe(self) -> None:
        self.probes.append(self.at)
        if self.fails:
            raise RetryLater("the service is down")
        if self.hears:
            self.heard_at = self.at

    def judged(self, *, deaf: bool) -> None:
        self.deaf = deaf

    def unattended(self, since: datetime, *, clean: bool) -> None:
        assert not clean
        self.gaps.append((since, self.at))

    def take_gaps(self) -> list[tuple[datetime, datetime]]:
        gaps, self.gaps = self.gaps, []
        return gaps


class House:
    """An ear on a line, a world to tell, and a clock that jumps from deadline to deadline."""

    def __init__(self) -> None:
        self.story = an_incident(State.OUT)
        self.line = Line()
        self.told: list[tuple[datetime, Message]] = []
        self.at = NOW
        self.starts()

    def starts(self) -> None:
        """The program starts, for the first time or again."""
        self.line.at = self.at
        self.ear = Ear("signal", self.line, self.do, self.at, world=lambda: self.story.world)

    async def do(self, work: Callable[[Desk], None]) -> None:
        desk = Desk(self.story.world, self.at, str(self.at).encode()[:32].ljust(32, b"n"))
        work(desk)
        self.told += [(self.at, message) for message in desk.changes.messages]

    async def passes(self, length: timedelta) -> None:
        """Go on until then, doing all that is due on the way."""
        until = self.at + length
        while True:
            self.line.at = self.at
            due = await self.ear.step(self.at)
            if due > until:
                self.at = self.line.at = until
                return
            self.at = max(due, self.at)

    def words(self, to: str = OWL) -> list[str]:
        return [message.text for _, message in self.told if message.to == to]


@pytest.fixture
def house() -> Iterator[House]:
    with structlog.testing.capture_logs():
        yield House()


async def test_a_channel_that_hears_is_no_news(house: House) -> None:
    await house.passes(timedelta(hours=6))
    assert len(house.line.probes) == pytest.approx(180, abs=2)
    assert house.told == []
    assert house.ear.deaf_since is None


@pytest.mark.parametrize("way", ["hears", "fails"])
async def test_deafness_is_told_once_within_five_minutes_and_its_end_once(
    house: House, way: str
) -> None:
    await house.passes(timedelta(minutes=7))
    began = house.at
    setattr(house.line, way, not getattr(house.line, way))
    await house.passes(timedelta(hours=2))
    assert len(house.words()) == 1
    assert "has been deaf since" in house.words()[0]
    assert house.told[0][0] - began <= NOTICED_WITHIN
    assert house.line.deaf
    setattr(house.line, way, not getattr(house.line, way))
    await house.passes(timedelta(hours=2))
    assert len(house.words()) == 2
    assert "hears again" in house.words()[1]
    assert not house.line.deaf


async def test_a_probe_that_gets_lost_or_leaves_before_the_line_is_up_is_no_news(
    house: House,
) -> None:
    house.line.hears = False
    await house.passes(timedelta(seconds=40))
    house.line.hears = True
    await house.passes(timedelta(hours=1))
    assert house.told == []


async def test_what_comes_in_by_itself_is_as_good_as_a_probe(house: House) -> None:
    for _ in range(30):
        house.line.heard_at = house.at
        await house.passes(timedelta(minutes=1))
    assert len(house.line.probes) <= 1


async def test_a_clock_that_is_set_back_does_not_end_the_looking(house: House) -> None:
    await house.passes(timedelta(minutes=5))
    house.at -= timedelta(hours=3)
    house.line.hears = False
    await house.passes(NOTICED_WITHIN)
    assert len(house.words()) == 1


async def test_a_line_that_comes_and_goes_is_told_every_ten_minutes_at_most(house: House) -> None:
    for _ in range(60):
        house.line.gaps.append((house.at - timedelta(seconds=9), house.at))
        await house.passes(timedelta(minutes=1))
    assert 5 <= len(house.words()) <= 7
    times = [at for at, message in house.told if message.to == OWL]
    assert min(b - a for a, b in pairwise(times)) >= TOLD_EVERY


async def test_a_channel_that_is_not_probed_tells_of_its_gaps_all_the_same(house: House) -> None:
    house.line.probe_every = timedelta(0)
    house.line.gaps.append((house.at - timedelta(minutes=5), house.at))
    await house.passes(timedelta(hours=1))
    assert len(house.words()) == 1 and house.line.probes == []


async def test_what_the_disk_did_not_take_of_a_gap_is_told_later(house: House) -> None:
    async def full(_: object) -> None:
        raise OSError("no space left")

    house.line.gaps.append((house.at - timedelta(minutes=5), house.at))
    take, house.ear._do = house.ear._do, full
    with pytest.raises(OSError, match="no space"):
        await house.ear.step(house.at)
    house.ear._do = take
    await house.ear.step(house.at)
    assert len(house.words()) == 1


async def test_deafness_outlives_a_start_and_its_end_is_told(house: House) -> None:
    house.line.hears = False
    await house.passes(NOTICED_WITHIN)
    house.starts()
    assert house.line.deaf
    await house.passes(timedelta(hours=1))
    assert len(house.words()) == 1, "nobody hears of it twice"
    house.line.hears = True
    await house.passes(timedelta(hours=1))
    assert "hears again" in house.words()[-1] and len(house.words()) == 2


async def test_three_starts_within_ten_minutes_are_told_at_once_and_then_as_one(
    house: House,
) -> None:
    for minute in (0, 3, 6):
        house.at = NOW + timedelta(minutes=minute)
        house.starts()
        house.ear.unattended(house.at - timedelta(seconds=40), clean=False)
        await house.passes(timedelta(seconds=30))
    assert len(house.words()) == 1
    await house.passes(timedelta(hours=1))
    assert ["20:02 and 20:06" in words for words in house.words()] == [False, True]


def a_shot(line: Line, **others: object) -> Earshot:
    world = an_incident(State.OUT).world

    async def do(work: Callable[[Desk], None]) -> None:
        work(Desk(world, NOW, b"n" * 32))

    channels: Any = {"signal": line, **others}
    return Earshot(channels, do, now=lambda: NOW, world=lambda: world)


def test_only_channels_that_may_miss_something_have_an_ear() -> None:
    shot = a_shot(Line(), telegram=object())
    assert shot.report() == {"signal": {"hears": True, "deaf_since": None, "heard_at": None}}


async def test_others_can_ask_which_channel_is_deaf() -> None:
    line = Line()
    shot = a_shot(line)
    line.hears = False
    await shot.ears[0].step(NOW)
    assert not shot.deaf("signal")
    await shot.ears[0].step(NOW + NOTICED_WITHIN)
    assert shot.deaf("signal") and not shot.deaf("telegram")
