"""What one channel bears, asked directly: what is kept back for whom, and what is remembered."""

from __future__ import annotations

import math

import pytest

from bots.telegram.bot import TelegramBot
from responder.core.messages import Urgency
from responder.outbox import pacing
from responder.outbox.pacing import Gate
from responder.ports import Pace


def a_gate(pace: Pace) -> Gate:
    return Gate(pace, lambda: 0.5)


def begun_at_once(gate: Gate, urgency: Urgency, now: float, most: int = 100) -> int:
    """How many requests begin at this moment, each to a chat of its own and over at once."""
    count = 0
    while count < most and gate.opens_at(urgency, now) <= now:
        gate.end(gate.begin(f"{urgency} {now} {count}", now))
        count += 1
    return count


def test_a_page_to_ten_people_leaves_at_once_while_telegram_is_full_of_news() -> None:
    gate = a_gate(TelegramBot.pace)
    for second in range(3):
        begun_at_once(gate, Urgency.NEWS, float(second))
    assert begun_at_once(gate, Urgency.NEWS, 2.5) == 0
    assert begun_at_once(gate, Urgency.PAGE, 2.5, most=10) == 10


@pytest.mark.parametrize("per_second", [0.2, 1.0, 2.0])
def test_a_slow_channel_lets_news_through_too(per_second: float) -> None:
    gate = a_gate(Pace(per_second=per_second, per_chat_s=0.0, at_once=1))
    assert begun_at_once(gate, Urgency.NEWS, 0.0) == 1


def test_a_platform_that_answered_long_ago_is_down_only_while_something_hangs() -> None:
    gate = a_gate(TelegramBot.pace)
    gate.answered("wren", 0.0)
    assert not gate.down("wren", 100.0)
    ticket = gate.begin("wren", 100.0)
    assert not gate.down("wren", 109.0) and gate.down("wren", 110.0)
    gate.end(ticket)
    assert not gate.down("wren", 110.0) and gate.stalls_at() == math.inf


def test_what_was_held_up_on_its_way_counts_from_when_it_left() -> None:
    gate = a_gate(Pace(per_second=3.0, per_chat_s=1.0))
    tickets = [gate.begin(name, 0.0) for name in ("wren", "otter", "heron")]
    for ticket in tickets:
        gate.leaves(ticket, "wren", 0.5)
        gate.end(ticket, 0.6)
    assert gate.opens_at(Urgency.PAGE, 1.0) == 1.5
    assert gate.chat_opens_at("wren", Urgency.NEWS, 1.0) == 1.5


def test_what_was_answered_late_counts_as_if_it_had_come_late() -> None:
    gate = a_gate(Pace(per_second=3.0, per_chat_s=0.0))
    gate.end(gate.begin("wren", 0.0), 0.1)
    tickets = [gate.begin(name, 10.0) for name in ("wren", "otter", "heron")]
    for ticket in tickets:
        gate.end(ticket, 10.6)
    assert gate.opens_at(Urgency.PAGE, 11.0) == pytest.approx(11.5, abs=0.02)


def test_a_platform_that_is_always_slow_is_asked_no_less_often() -> None:
    gate = a_gate(Pace(per_second=3.0, per_chat_s=0.0))
    for round_ in range(3):
        tickets = [gate.begin(name, float(round_)) for name in ("wren", "otter", "heron")]
        for ticket in tickets:
            gate.end(ticket, round_ + 0.9)
    assert gate.opens_at(Urgency.PAGE, 3.0) == 3.0


def test_chats_are_tidied_up_now_and_then_and_not_for_each_of_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tidied: list[float] = []
    known = Gate._tidy

    def counted(gate: Gate, now: float) -> None:
        tidied.append(now)
        known(gate, now)

    monkeypatch.setattr(Gate, "_tidy", counted)
    gate = a_gate(Pace(per_second=1e6, per_chat_s=1.0))
    for number in range(4 * pacing._MOST_CHATS):
        gate.begin(f"chat {number}", 0.0)
    assert len(tidied) == 2
    gate.begin("wren", 1000.0)
    assert gate.chat_opens_at("wren", Urgency.NEWS, 1000.5) == 1001.0
