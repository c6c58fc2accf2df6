"""Grave orders in chat: what takes two coordinators, and what a second one may still stop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core.model import Level, PersonId, Role
from responder.core.phrases import LANGUAGES, say
from responder.core.talk import orders
from responder.core.talk.commands import fold, listed
from tests.unit.desk_kit import LARK, OWL, WREN, Evening, coordinator, on

MAKE, YES, NO = "Make coordinator", "I agree", "I do not"


def asked(evening: Evening | None = None, who: str = OWL, button: str = MAKE) -> Evening:
    """Owl asks that Wren becomes a coordinator."""
    evening = evening or Evening()
    return evening.says(who, "/members Wren").taps(who, button)


def coordinates(evening: Evening, who: str = WREN) -> bool:
    return evening.person(who).has(Role.COORDINATOR)


def test_a_second_coordinator_is_asked_and_only_then_it_happens() -> None:
    evening = asked()
    assert not coordinates(evening)
    assert "Wren becomes a coordinator" in evening.told(LARK)
    evening.taps(LARK, YES)
    assert coordinates(evening)
    for who in (OWL, LARK, WREN):
        assert "Owl asked for it, Lark agreed" in evening.told(who)


def test_both_stand_in_the_audit() -> None:
    evening = asked().taps(LARK, YES)
    assert evening.audited == [("order.asked", OWL), ("order.agreed", LARK), ("member.set", OWL)]


def test_whoever_asked_does_not_agree_and_asking_twice_is_asking_once() -> None:
    evening = asked(asked())
    assert not coordinates(evening)
    assert say("en", "order.own") in evening.told(OWL)
    assert len(list(orders.all_of(evening.world))) == 1


def test_asking_for_what_another_asked_for_is_agreeing() -> None:
    assert coordinates(asked(asked(), who=LARK))


def test_a_refusal_ends_it_and_whoever_asked_hears_of_it() -> None:
    evening = asked(Evening(coordinator("Finch")))
    yes = evening.button("finch", YES)
    evening.taps(LARK, NO)
    assert "Lark does not agree" in evening.told(OWL)
    evening.says("finch", token=yes)
    assert not coordinates(evening)
    assert ("order.refused", LARK) in evening.audited


def test_after_half_an_hour_it_is_void_and_both_hear_so() -> None:
    evening = asked()
    yes = evening.button(LARK, YES)
    evening.later(timedelta(minutes=29))
    assert not orders.any_over(evening.world, evening.at)
    evening.later(timedelta(minutes=1))
    assert orders.any_over(evening.world, evening.at)
    evening.runs_out()
    assert "nobody agreed" in evening.told(OWL)
    assert "nobody agreed" in evening.told(LARK)
    evening.says(LARK, token=yes)
    assert not coordinates(evening)


def test_a_clock_that_is_set_back_by_hours_makes_no_order_last_longer() -> None:
    evening = asked()
    evening.later(timedelta(hours=-2))
    assert orders.any_over(evening.world, evening.at)
    evening.taps(LARK, YES)
    assert not coordinates(evening)
    assert "nobody agreed" in evening.runs_out().told(OWL)


def test_what_is_decided_is_asked_of_nobody_any_more_also_of_whoever_was_removed() -> None:
    evening = asked(Evening(coordinator("Finch")))
    evening.world.put(replace(evening.person("finch"), removed=True, roles=()))
    evening.taps(LARK, YES)
    assert not [q for q in evening.world.questions.of(PersonId("finch")) if q.prompts]


def test_a_press_in_the_minute_before_it_is_swept_comes_too_late_as_well() -> None:
    evening = asked()
    evening.later(orders.LASTS)
    evening.taps(LARK, YES)
    assert not coordinates(evening)
    assert say("en", "order.late") in evening.told(LARK)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_agrees_with_a_word_that_is_said_every_day(language: str) -> None:
    """Whoever writes an option's own words means it: "de acuerdo" may mean anything."""
    everyday = listed("intake.words.yes") | listed("intake.words.no") | listed("chat.words.ok")
    for button in ("yes", "no"):
        assert fold(say(language, f"order.button.{button}")) not in everyday


def test_a_lone_coordinator_is_told_what_to_do_at_the_machine() -> None:
    evening = asked(Evening(people=(coordinator("Owl"), on("signal", "Wren"))))
    assert "responder member set Wren" in evening.told(OWL)
    assert not list(orders.all_of(evening.world))


@pytest.mark.parametrize("gone", [OWL, LARK])
def test_whoever_is_no_coordinator_any_more_makes_none(gone: str) -> None:
    evening = asked()
    evening.world.put(replace(evening.person(gone), roles=(Role.RESPONDER,)))
    evening.taps(LARK, YES)
    assert not coordinates(evening)


def test_one_platform_that_reads_along_cannot_press_both_buttons() -> None:
    people = (coordinator("Owl", "telegram"), coordinator("Lark", "telegram"))
    evening = asked(Evening(coordinator("Finch"), on("signal", "Wren"), people=people))
    evening.taps(LARK, YES)
    assert not coordinates(evening)
    assert "Telegram could press both" in evening.told(LARK)
    evening.taps("finch", YES)
    assert coordinates(evening)


def test_telegram_carries_an_order_that_signal_agrees_to_and_names_nobody() -> None:
    people = (coordinator("Owl", "telegram"), coordinator("Lark"), on("signal", "Wren"))
    evening = asked(Evening(people=people))
    shown = [m for m in evening.sent if m.to == OWL]
    words = [m.notice for m in shown] + [c.label for m in shown for r in m.rows for c in r]
    assert all(not m.open for m in shown)
    assert not any("Wren" in word for word in words)
    assert coordinates(evening.taps(LARK, YES))


def test_a_coordinator_stops_being_one_by_the_word_of_two_others_and_is_not_asked() -> None:
    evening = Evening(coordinator("Finch"))
    evening.says(OWL, "/members Finch").taps(OWL, "Coordinator no more")
    assert not evening.told("finch")
    evening.taps(LARK, YES)
    assert not coordinates(evening, "finch")
    assert "stops being a coordinator" in evening.told("finch")


def test_one_alone_lifts_a_block_and_makes_nobody_coordinate_by_it() -> None:
    evening = Evening(coordinator("Finch"))
    evening.says(OWL, "/members Finch").taps(OWL, "Block").taps(LARK, YES)
    evening.says(OWL, "/members Finch").taps(OWL, "Unblock")
    assert evening.person("finch").granted is Level.UNKNOWN
    assert not coordinates(evening, "finch")


def test_what_somebody_asked_who_was_blocked_since_does_not_happen() -> None:
    evening = asked(Evening(coordinator("Finch"), coordinator("Robin")), who="finch")
    yes = evening.button("robin", YES)
    evening.says(OWL, "/members Finch").taps(OWL, "Block").taps(LARK, YES)
    evening.says("robin", token=yes)
    assert not coordinates(evening)


def test_a_coordinator_is_blocked_by_two_and_anybody_else_by_one() -> None:
    evening = Evening(coordinator("Finch"))
    evening.says(OWL, "/members Finch").taps(OWL, "Block")
    assert evening.world.level(evening.person("finch").id) is Level.TRUSTED
    evening.taps(LARK, YES)
    assert evening.world.level(evening.person("finch").id) is Level.BLOCKED
    evening.says(OWL, "/members Wren").taps(OWL, "Block")
    assert evening.world.level(evening.person(WREN).id) is Level.BLOCKED


def test_somebody_is_removed_by_two() -> None:
    evening = asked(button="Remove")
    assert evening.person(WREN).member
    evening.taps(LARK, YES)
    assert not evening.person(WREN).member
    assert ("member.remove", OWL) in evening.audited


def test_the_roster_goes_to_whoever_asked_in_words_that_shifts_reads_back() -> None:
    evening = Evening().says(OWL, "/shifts Wren every fri 18:00-22:00")
    evening.says(OWL, "/export")
    assert "whole roster" in evening.told(LARK)
    evening.taps(LARK, YES)
    (line,) = [m.text for m in evening.changes.messages if "18:00" in m.text]
    assert line.startswith("Wren ")
    assert "18:00" not in evening.told(LARK)
    evening.says(OWL, f"/shifts {line}")
    assert say("en", "roster.put.known") in evening.told(OWL)


@pytest.mark.parametrize("text", ["/export", "/members", "/members Wren", "/trust Wren trusted"])
def test_nobody_else_gets_more_than_the_answer_that_everybody_gets(text: str) -> None:
    evening = Evening().says(WREN, text)
    assert evening.told(WREN) == say("en", "chat.not_member", help="help")
