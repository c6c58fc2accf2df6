"""Members in chat: the list, one of them, and what one coordinator does alone and can undo."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from responder.core import sweeping
from responder.core.model import Address, Level, Person
from responder.core.phrases import say
from responder.core.routing import Form, legs
from tests.builders import a_member
from tests.unit.desk_kit import LARK, OWL, WREN, Evening, coordinator, on


def level(evening: Evening, who: str = WREN) -> Level:
    return evening.world.level(evening.person(who).id)


def unproven(call_sign: str = "Wren") -> Person:
    return a_member(call_sign, granted=Level.UNKNOWN)


def evening_of(*people: Person) -> Evening:
    return Evening(people=(coordinator("Owl"), coordinator("Lark"), *people))


def test_the_list_offers_everybody_by_name_where_nobody_reads_along() -> None:
    evening = Evening().says(OWL, "/members")
    assert "Members: 3" in evening.told(OWL)
    # No number stands before it: on Signal that would be the number of some other answer.
    assert "\nWren: trusted, responder, Northside, on call now" in evening.told(OWL)
    evening.taps(OWL, "Wren")
    assert "Stand for them: -" in evening.told(OWL)


def test_a_list_stays_open_until_the_next_one() -> None:
    evening = Evening().says(OWL, "/members")
    old = evening.button(OWL, "Lark")
    evening.taps(OWL, "Wren").says(OWL, token=old)
    assert evening.told(OWL).startswith("Lark: trusted, coordinator")
    evening.says(OWL, "/members").says(OWL, token=old)
    assert evening.changes.press_note == say("en", "chat.stale.already")


def test_a_long_list_comes_in_parts() -> None:
    evening = Evening(*(a_member(f"Tern {n}") for n in range(10, 20))).says(OWL, "/members")
    assert "Wren" not in evening.told(OWL)
    assert "Wren" in evening.taps(OWL, "More").told(OWL)


def test_where_others_read_along_stand_numbers_alone() -> None:
    evening = Evening(people=(coordinator("Owl", "telegram"), on("signal", "Wren")))
    evening.says(OWL, "/members")
    (message,) = evening.changes.messages
    assert [c.label for row in message.rows for c in row] == ["Show 1", "Show 2"]
    assert "\n2. Wren: " in message.text
    assert "Wren" not in message.notice
    assert not message.open


def test_the_buttons_under_a_notice_name_nobody_either() -> None:
    both = tuple(Address(channel=one, handle=f"{one}:owl") for one in ("telegram", "signal"))
    owl = replace(coordinator("Owl"), addresses=both)
    evening = Evening(people=(owl, a_member("Wren"))).says(OWL, "/members", channel="signal")
    (sent,) = (m for m in evening.changes.messages if m.to == OWL)
    ways = legs(sent, owl, {"telegram": False, "signal": True})
    assert ("telegram", Form.NOTICE) in [(way.channel, way.form) for way in ways]
    assert [c.label for row in sent.rows for c in row] == ["Show 1", "Show 2"]


def test_a_level_is_given_and_undone_with_one_tap() -> None:
    evening = evening_of(unproven()).says(OWL, "/members Wren").taps(OWL, "Known")
    assert level(evening) is Level.KNOWN
    assert "Owl set the trust level of Wren: known" in evening.told(LARK)
    evening.taps(OWL, "Undo")
    assert level(evening) is Level.UNKNOWN
    assert "unknown" in evening.told(LARK)


def test_words_give_a_level_as_well_in_any_language() -> None:
    evening = evening_of(unproven()).says(OWL, "/trust Wren trusted")
    assert level(evening) is Level.TRUSTED
    evening.says(OWL, "/confianza Wren conocida")
    assert level(evening) is Level.KNOWN


def test_what_another_changed_meanwhile_is_not_undone() -> None:
    evening = evening_of(unproven()).says(OWL, "/trust Wren known")
    evening.says(LARK, "/trust Wren trusted").taps(OWL, "Undo")
    assert level(evening) is Level.TRUSTED
    assert say("en", "member.changed_since") in evening.told(OWL)


def test_a_block_is_undone_to_the_very_level_that_it_took() -> None:
    evening = Evening().says(OWL, "/members Wren").taps(OWL, "Block")
    assert level(evening) is Level.BLOCKED
    assert "Owl blocked Wren" in evening.told(LARK)
    assert level(evening.taps(OWL, "Undo")) is Level.TRUSTED


def test_what_nobody_undid_for_days_stands_and_its_number_is_free_again() -> None:
    evening = evening_of(unproven()).says(OWL, "/members Wren").taps(OWL, "Known")
    undo = evening.button(OWL, "Undo")
    evening.later(timedelta(days=2))
    evening.took(sweeping.sweep(evening.world, evening.at, bytes(32), unfinished=timedelta(days=1),
                                strangers=timedelta(days=30)))  # fmt: skip
    assert not evening.world.questions.of(evening.person(OWL).id)
    evening.says(OWL, token=undo)
    assert level(evening) is Level.KNOWN


def test_undoing_an_unblock_blocks_as_any_block_does() -> None:
    evening = evening_of(a_member("Wren", granted=Level.BLOCKED))
    evening.says(OWL, "/members Wren").taps(OWL, "Unblock")
    undo = evening.button(OWL, "Undo")
    evening.says(OWL, "/members Wren").taps(OWL, "Make coordinator").taps(LARK, "I agree")
    evening.says(OWL, token=undo)
    assert level(evening) is Level.UNKNOWN, "a coordinator is blocked by two"
    evening.taps(LARK, "I agree")
    assert level(evening) is Level.BLOCKED


def test_whose_level_moved_with_it_is_told() -> None:
    heron = a_member("Heron", granted=Level.UNKNOWN)
    evening = evening_of(a_member("Wren"), heron).says(WREN, "/vouch Heron")
    assert level(evening, "heron") is Level.KNOWN
    evening.says(OWL, "/members Wren").taps(OWL, "Block")
    assert level(evening, "heron") is Level.UNKNOWN
    assert "look at them again: Heron" in evening.told(OWL)


def test_nobody_changes_their_own_standing() -> None:
    evening = Evening().says(OWL, "/trust Owl known")
    assert level(evening, OWL) is Level.TRUSTED
    evening.says(OWL, "/members Owl")
    labels = [c.label for m in evening.changes.messages for row in m.rows for c in row]
    assert labels == ["Coordinator no more"]


def test_a_word_for_somebody_is_taken_back_and_given_again() -> None:
    evening = evening_of(unproven()).says(OWL, "/vouch Wren")
    assert level(evening) is Level.KNOWN
    assert level(evening.taps(OWL, "Undo")) is Level.UNKNOWN
    assert level(evening.taps(OWL, "Undo")) is Level.KNOWN
    assert level(evening.says(OWL, "/members Wren").taps(OWL, "Take my word back")) is Level.UNKNOWN


def test_a_code_that_carries_a_word_is_taken_back() -> None:
    evening = Evening().says(WREN, "/vouch")
    assert evening.world.codes
    evening.taps(WREN, "Take it back")
    assert not evening.world.codes


def test_a_button_from_before_does_nothing_for_whoever_coordinates_no_more() -> None:
    evening = Evening().says(OWL, "/members Wren")
    evening.world.put(replace(evening.person(OWL), roles=()))
    evening.taps(OWL, "Block")
    assert level(evening) is Level.TRUSTED
