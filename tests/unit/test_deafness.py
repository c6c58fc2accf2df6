"""Who hears that a channel missed something, how soon, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from responder.core import deafness
from responder.core.changes import Action, Prompt, Question, Session
from responder.core.desk import Desk
from responder.core.messages import Message
from responder.core.model import Address, Level, MessageId, PersonId, Role, State
from tests.builders import (
    HERON,
    NOW,
    OWL,
    WREN,
    Story,
    a_member,
    a_reporter,
    a_small_network,
    an_incident,
)

MINUTE = timedelta(minutes=1)
PASSERBY = PersonId("passerby")


class Night:
    """A network at a time of its own, and all that people were told in it."""

    def __init__(self, state: State | None = State.OUT) -> None:
        self.story: Story | None = an_incident(state) if state else None
        self.world = self.story.world if self.story else a_small_network()
        self.at = NOW
        self.told: list[Message] = []

    def desk(self) -> Desk:
        return Desk(self.world, self.at, str(self.at).encode().ljust(32, b"n")[-32:])

    def misses(self, length: timedelta, before: timedelta = timedelta()) -> None:
        """Nothing came in for so long, until now."""
        desk = self.desk()
        until = self.at - before
        deafness.missed(desk, "signal", until - length, until)
        self.told += desk.changes.messages

    def passes(self, length: timedelta) -> None:
        """Go on until then, looking whenever there is something to do."""
        until = self.at + length
        while (due := deafness.look_at(self.world, "signal", self.at)) and due <= until:
            self.at = max(due, self.at)
            desk = self.desk()
            deafness.look(desk, "signal")
            self.told += desk.changes.messages
        self.at = until

    def words(self, to: str) -> list[str]:
        return [message.text for message in self.told if message.to == to]

    def talks(self, who: str, ago: timedelta, channel: str = "signal", *, about: bool) -> None:
        """This person wrote there so long ago; `about` an open incident."""
        incident = next(iter(self.world.incidents)) if about else None
        session = Session(
            person=PersonId(who), channel=channel, incident=incident, active_at=self.at - ago
        )
        self.world.put(session)

    def asks(self, who: str, verb: str, ago: timedelta, *, pressed: bool = False) -> None:
        """This person was asked something about the incident so long ago."""
        action = Action(verb=verb, incident=next(iter(self.world.incidents)))
        prompt = Prompt(token="t", number=1, action=action, at=self.at - ago, pressed=pressed)
        key = f"incident:{action.incident}"
        self.world.put(
            Question(
                message=MessageId("q"), person=PersonId(who), sealed_under=key, prompts=(prompt,)
            )
        )


def test_coordinators_hear_of_deafness_over_their_other_channels() -> None:
    night = Night()
    addresses = (
        Address(channel="signal", handle="lark-s"),
        Address(channel="telegram", handle="lark-t"),
    )
    night.world.put(replace(a_member("Lark", roles=(Role.COORDINATOR,)), addresses=addresses))
    desk = night.desk()
    deafness.began(desk, "signal", NOW)
    ways = {(m.to, m.channel, m.only, m.open) for m in desk.changes.messages}
    assert ways == {(OWL, "signal", True, True), ("lark", "telegram", True, True)}


# --- who is asked to write again ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "channel", "about", "asked"),
    [
        (10 * MINUTE, "signal", True, 1),
        (10 * MINUTE, "signal", False, 0),
        (10 * MINUTE, "telegram", True, 0),
        (60 * MINUTE, "signal", True, 0),
    ],
)
def test_a_reporter_with_something_open_who_wrote_there_lately_is_asked(
    ago: timedelta, channel: str, about: bool, asked: int
) -> None:
    night = Night()
    night.world.put(a_reporter(PASSERBY, Level.UNKNOWN))
    night.talks(PASSERBY, ago, channel, about=about)
    night.misses(MINUTE)
    assert ["write it again" in words for words in night.words(PASSERBY)] == [True] * asked


def test_whoever_is_out_is_asked_however_long_ago_they_wrote() -> None:
    night = Night()
    night.talks(HERON, timedelta(hours=2), about=False)
    night.misses(MINUTE)
    assert len(night.words(HERON)) == 1


@pytest.mark.parametrize(
    ("verb", "ago", "pressed", "asked"),
    [
        ("accept", MINUTE, False, 1),
        ("confirm", MINUTE, False, 1),
        ("accept", MINUTE, True, 0),
        ("accept", 90 * MINUTE, False, 0),
        ("end", MINUTE, False, 0),
    ],
)
def test_whoever_was_asked_to_come_or_to_confirm_may_have_answered_in_vain(
    verb: str, ago: timedelta, pressed: bool, asked: int
) -> None:
    night = Night(State.PAGING)
    night.asks(WREN, verb, ago, pressed=pressed)
    night.misses(timedelta(seconds=20))
    assert len(night.words(WREN)) == asked


def test_whoever_was_asked_after_the_gap_is_left_alone() -> None:
    night = Night(State.PAGING)
    night.asks(WREN, "accept", MINUTE)
    night.misses(MINUTE, before=5 * MINUTE)
    assert night.words(WREN) == []


def test_nobody_who_is_blocked_is_written_to() -> None:
    night = Night()
    night.world.put(a_reporter(PASSERBY, Level.BLOCKED))
    night.talks(PASSERBY, MINUTE, about=True)
    night.misses(MINUTE)
    assert night.words(PASSERBY) == []


# --- how often ------------------------------------------------------------------------------------


def test_a_short_gap_in_which_nobody_waited_wakes_nobody() -> None:
    night = Night(state=None)
    night.misses(MINUTE)
    night.passes(timedelta(hours=12))
    assert night.told == []


def test_of_a_long_gap_coordinators_hear_though_nobody_is_known_to_wait() -> None:
    night = Night(state=None)
    night.misses(5 * MINUTE)
    night.passes(timedelta(hours=12))
    assert ["nobody listened" in words for words in night.words(OWL)] == [True]


def test_short_gaps_one_after_the_other_are_a_long_one() -> None:
    night = Night(state=None)
    for _ in range(5):
        night.misses(timedelta(seconds=20))
        night.passes(2 * MINUTE)
    assert len(night.words(OWL)) == 1


def test_gap_after_gap_asks_those_who_wait_each_time_and_tells_coordinators_seldom() -> None:
    night = Night()
    for _ in range(10):
        night.talks(HERON, timedelta(), about=True)
        night.misses(timedelta(seconds=20))
        night.passes(MINUTE)
    night.passes(timedelta(hours=1))
    assert len(night.words(HERON)) == 6
    assert len(night.words(OWL)) == 2


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    night = Night()
    night.talks(HERON, timedelta(), about=True)
    night.misses(MINUTE)
    night.at -= timedelta(hours=3)
    night.talks(HERON, timedelta(), about=True)
    night.misses(MINUTE)
    assert len(night.words(HERON)) == len(night.words(OWL)) == 2


# --- words ----------------------------------------------------------------------------------------


def test_a_gap_over_midnight_is_told_with_its_days() -> None:
    night = Night()
    night.at = datetime(2025, 6, 15, 7, 0, tzinfo=NOW.tzinfo)
    night.misses(timedelta(hours=9))
    assert "between 14 Jun 22:00 and 15 Jun 07:00" in night.words(OWL)[0]
