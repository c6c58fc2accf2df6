"""Other people's shifts in chat: taken away, put back, swapped by a coordinator, undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core.model import Level
from responder.core.phrases import say
from tests.builders import a_member, a_network
from tests.unit.desk_kit import OWL, WREN, Evening, coordinator

HERON = "heron"


def rostered() -> Evening:
    """Wren is on call on Sundays, Heron on Mondays; Owl coordinates."""
    found = Evening()
    found.world = a_network(coordinator("Owl"), a_member("Wren"), a_member("Heron"), on_call=False)
    found.says(OWL, "/shifts Wren every sun 18:00-22:00")
    return found.says(OWL, "/shifts Heron every mon 18:00-22:00")


def on_call(evening: Evening, hours: float) -> list[str]:
    at = evening.at + timedelta(hours=hours)
    return sorted(evening.world.on_call(evening.person(WREN).neighbourhoods[0], at))


SUNDAY, MONDAY = 23.0, 47.0
"""Hours from now, a Saturday at eight, into Sunday's and Monday's shift."""


def test_a_coordinator_reads_somebodys_shifts() -> None:
    evening = rostered().says(OWL, "/shifts Wren")
    assert "Wren, shifts: 1" in evening.told(OWL)
    assert "1. every sun 18:00-22:00, Northside" in evening.told(OWL)
    evening.says(WREN, "/shifts Heron")
    assert "mon 18:00" not in evening.told(WREN), "members read their own"


def test_a_coordinator_who_speaks_spanish_reads_shifts_in_spanish() -> None:
    evening = rostered()
    evening.world.put(replace(evening.person(OWL), language="es"))
    assert "cada domingo 18:00-22:00, Northside" in evening.says(OWL, "/turnos Wren").told(OWL)
    evening.says(OWL, "/turnos Wren cada 2 sábados 10-14 en Northside")
    assert "cada 2 sábados 10:00-14:00 desde" in evening.told(OWL)


def test_a_shift_is_taken_away_and_put_back() -> None:
    evening = rostered().says(OWL, "/shifts Wren").taps(OWL, "Take away 1")
    assert on_call(evening, SUNDAY) == []
    assert on_call(evening.taps(OWL, "Undo"), SUNDAY) == [WREN]


def test_whose_shift_a_coordinator_writes_hears_of_it_and_may_say_no() -> None:
    evening = rostered()
    assert "Owl put you on call in Northside: every mon" in evening.told(HERON)
    assert "Heron has been told" in evening.told(OWL)
    evening.taps(HERON, "Not for me")
    assert on_call(evening, MONDAY) == []
    assert "the shift of Heron does not suit them" in evening.told(OWL)


def test_whose_shift_is_taken_away_hears_of_it_and_may_keep_it() -> None:
    evening = rostered().says(OWL, "/shifts Wren").taps(OWL, "Take away 1")
    assert "Owl took a shift of yours away: every sun 18:00-22:00" in evening.told(WREN)
    evening.taps(WREN, "I want to keep it")
    assert on_call(evening, SUNDAY) == [WREN]
    assert "Wren wants to keep the shift" in evening.told(OWL)


def test_whoever_objects_too_late_changes_nothing() -> None:
    evening = rostered().says(OWL, "/shifts Wren")
    token = evening.button(WREN, "Not for me")
    evening.taps(OWL, "Take away 1").says(WREN, token=token)
    assert say("en", "roster.objected") not in evening.told(WREN)
    evening.taps(OWL, "Undo").taps(WREN, "I want to keep it")
    assert say("en", "roster.refused.taken") in evening.told(WREN)


def test_ones_own_shifts_change_without_a_word_to_oneself() -> None:
    evening = rostered().says(WREN, "/shifts tue 18-20")
    assert evening.told(WREN).startswith("Wren is on call") and "told" not in evening.told(WREN)
    evening.taps(WREN, "Undo")
    assert evening.told(WREN) == say("en", "roster.unput")


def test_who_has_no_channel_yet_is_told_by_the_coordinator() -> None:
    evening = rostered()
    evening.world.put(replace(evening.person(WREN), addresses=()))
    evening.says(OWL, "/shifts Wren every tue 18-20")
    assert "Wren has no channel yet" in evening.told(OWL)
    assert not evening.told(WREN)


def test_a_second_shift_at_the_same_time_is_noticed() -> None:
    evening = rostered().says(OWL, "/shifts Wren every day 21:00-23:00")
    assert "There is a shift at that time already, from 2025-06-15 on: every sun" in (
        evening.told(OWL)
    )
    assert "already" not in evening.says(OWL, "/shifts Wren mon 18-20").told(OWL).lower()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("/shifts Wren fri 18-22 in Northsde", "no neighbourhood Northsde. Here there are: "),
        ("/shifts Wrn fri 18-22", "Did you mean Wren?"),
        ("/shifts Zebra fri 18-22 in Northside", "no member Zebra"),
        ("/shifts Wren someday", "could not read that as a shift"),
    ],
)
def test_a_slip_is_named_for_what_it_is(words: str, said: str) -> None:
    evening = rostered().says(OWL, words)
    assert said in evening.told(OWL)
    assert not evening.told(WREN)


def test_a_day_that_is_over_is_not_taken_for_unreadable() -> None:
    assert rostered().says(OWL, "/shifts Wren 2024-02-02 18-20").told(OWL) == say(
        "en", "roster.put.past"
    )


def test_nothing_is_put_back_for_somebody_who_has_left() -> None:
    evening = rostered().says(OWL, "/shifts Wren").taps(OWL, "Take away 1")
    evening.world.delete(evening.person(WREN))
    evening.taps(OWL, "Undo")
    assert say("en", "roster.refused.taken") in evening.told(OWL)


def test_a_coordinator_swaps_two_turns_and_undoes_it() -> None:
    evening = rostered().says(OWL, "/shifts Wren").taps(OWL, "Swap 2").taps(OWL, "Swap for 1")
    assert on_call(evening, SUNDAY) == [HERON]
    assert on_call(evening, MONDAY) == [WREN]
    assert "A coordinator swapped two turns" in evening.told(WREN)
    evening.taps(OWL, "Undo")
    assert on_call(evening, SUNDAY) == [WREN]
    for who in (WREN, HERON):
        assert say("en", "turning.unswapped") in evening.told(who)


def test_a_swap_is_not_undone_once_the_first_turn_has_begun() -> None:
    evening = rostered().says(OWL, "/shifts Wren").taps(OWL, "Swap 2").taps(OWL, "Swap for 1")
    evening.later(timedelta(hours=SUNDAY))
    evening.taps(OWL, "Undo")
    assert on_call(evening, 0) == [HERON]


def test_whoever_coordinates_no_more_moves_nobodys_turns() -> None:
    evening = rostered().says(OWL, "/shifts Wren")
    evening.world.put(a_member("Owl", granted=Level.KNOWN))
    evening.taps(OWL, "Swap 2")
    assert evening.told(OWL) == say("en", "chat.not_member", help="help")
