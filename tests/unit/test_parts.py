"""What runs beside the machine goes on whatever fails in it, and the auditor knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog

from responder.core.auditing import Broken
from responder.watching import Parts
from responder.watching.parts import LOGGED_EVERY, LONGEST_WAIT_S, WELL_AFTER
from tests.builders import NOW


class Enough(BaseException):
    """A test has seen enough."""


class Bench:
    """Parts on a clock that waiting sets forward; `faults` are what the next looks end with."""

    def __init__(self, *faults: Exception | None, most: int = 20) -> None:
        self.at = NOW
        self.waits: list[float] = []
        self.looks = 0
        self.faults = list(faults)
        self.seen: list[tuple[Broken, ...]] = []
        self.parts = Parts(now=lambda: self.at, wait=self.wait)
        self._most = most

    async def wait(self, seconds: float) -> None:
        self.seen.append(self.parts.broken())
        if len(self.waits) == self._most:
            raise Enough
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)

    async def look(self) -> None:
        self.looks += 1
        if self.faults and (fault := self.faults.pop(0)):
            raise fault


@pytest.fixture
def log() -> Iterator[list[structlog.typing.EventDict]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


async def test_a_look_that_fails_is_followed_by_the_next(log: list[object]) -> None:
    bench = Bench(OSError("no space left"), None, most=3)
    with pytest.raises(Enough):
        await bench.parts.again_and_again("playbooks", bench.look, 5.0)
    assert bench.looks == 3 and bench.waits == [5.0, 10.0, 5.0]


async def test_the_auditor_knows_what_fails_until_it_goes_well(log: list[object]) -> None:
    bench = Bench(OSError("no space left"), None, most=2)
    with pytest.raises(Enough):
        await bench.parts.again_and_again("playbooks", bench.look, 5.0)
    broken = (Broken(part="playbooks", since=NOW + timedelta(seconds=5)),)
    assert bench.seen == [(), broken, ()]


async def test_what_goes_on_failing_is_tried_ever_more_rarely_and_logged_once_a_minute(
    log: list[dict[str, object]],
) -> None:
    bench = Bench(*[OSError("no space left")] * 99, most=12)
    with pytest.raises(Enough):
        await bench.parts.again_and_again("errands", bench.look, 1.0)
    assert bench.waits[:8] == [1, 2, 4, 8, 16, 32, LONGEST_WAIT_S, LONGEST_WAIT_S]
    passed = bench.at - NOW
    assert 2 <= len(log) <= passed / LOGGED_EVERY + 1
    assert (log[0]["event"], log[0]["kind"]) == ("part_failed", "errands")


async def test_a_part_that_fails_is_begun_anew_until_it_ends_by_itself(log: list[object]) -> None:
    bench = Bench(ValueError("a bug"), ValueError("a bug"), None)
    await bench.parts.kept("lock", bench.look)
    assert (bench.looks, bench.waits) == (3, [1.0, 2.0])


async def test_a_part_that_runs_on_after_a_fault_counts_as_well_in_time(log: list[object]) -> None:
    bench = Bench(ValueError("a bug"), None)
    await bench.parts.kept("systemd", bench.look)
    assert [one.part for one in bench.parts.broken()] == ["systemd"]
    bench.at += WELL_AFTER
    assert bench.parts.broken() == ()


async def test_whoever_ends_a_part_is_not_held_up() -> None:
    bench = Bench(most=0)
    with pytest.raises(Enough):
        await bench.parts.again_and_again("rosters", bench.look, 60.0)
    assert bench.looks == 0
