"""A channel that answers and delivers nothing is noticed, and people learn of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import structlog
from msgspec.structs import replace

from responder.core import deafness
from responder.core.changes import Changes, Session
from responder.core.desk import Desk
from responder.core.messages import Message
from responder.core.model import Address, PersonId, Role, State
from responder.doorway.earshot import TOLD_EVERY, Ear, Earshot
from responder.ports import RetryLater
from tests.builders import HERON, NOW, OWL, a_member, an_incident

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
        self.ear = Ear("signal", self.line, self.do, NOW)

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


def test_only_channels_that_can_be_probed_have_an_ear() -> None:
    async def do(_: object) -> None:
        raise AssertionError("nothing is to be told")

    line, silent = Line(), Line()
    silent.probe_every = timedelta(0)
    channels: dict[str, Any] = {"signal": line, "telegram": object(), "other": silent}
    shot = Earshot(channels, do, now=lambda: NOW)
    assert shot.report() == {"signal": {"hears": True, "deaf_since": None, "heard_at": None}}


async def test_others_can_ask_which_channel_is_deaf() -> None:
    async def do(_: object) -> None:
        pass

    line = Line()
    shot = Earshot({"signal": line}, do, now=lambda: NOW)  # type: ignore[dict-item]
    line.hears = False
    await shot.ears[0].step(NOW)
    assert not shot.deaf("signal")
    await shot.ears[0].step(NOW + NOTICED_WITHIN)
    assert shot.deaf("signal") and not shot.deaf("telegram")


# --- who is told ----------------------------------------------------------------------------------


def told(work: Callable[[Desk], None], *people: Any, session: Session | None = None) -> Changes:
    story = an_incident(State.OUT)
    for person in people:
        story.world.put(person)
    if session is not None:
        story.world.put(session)
    desk = Desk(story.world, NOW, b"n" * 32)
    work(desk)
    return desk.changes


def test_coordinators_hear_of_it_over_their_other_channels() -> None:
    addresses = (
        Address(channel="signal", handle="lark-s"),
        Address(channel="telegram", handle="lark-t"),
    )
    lark = replace(a_member("Lark", roles=(Role.COORDINATOR,)), addresses=addresses)
    changes = told(lambda desk: deafness.began(desk, "signal", NOW), lark)
    ways = {(m.to, m.channel, m.only, m.open) for m in changes.messages}
    assert ways == {(OWL, "signal", True, True), ("lark", "telegram", True, True)}


def test_whoever_wrote_there_lately_and_waits_is_asked_to_write_again() -> None:
    since, until = NOW - timedelta(minutes=4), NOW
    incident = next(iter(an_incident(State.OUT).world.incidents))
    for active_min, channel, asked in ((10, "signal", 1), (60, "signal", 0), (10, "telegram", 0)):
        session = Session(
            person=PersonId(HERON),
            channel=channel,
            incident=incident,
            active_at=NOW - timedelta(minutes=active_min),
        )
        changes = told(lambda desk: deafness.ended(desk, "signal", since, until), session=session)
        texts = [m.text for m in changes.messages if m.to == HERON]
        assert len(texts) == asked
        assert all("write it again" in text for text in texts)
