"""A way to a person: words that fit no kind reach a coordinator, and an answer comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core import network, sweeping
from responder.core.changes import Changes, JoinCode
from responder.core.desk import Desk
from responder.core.model import PersonId, ReportId, Role
from responder.core.spoken import Verb
from responder.core.talk import pleas
from tests.builders import HERON, NOW, OWL, WREN, a_member, a_network, a_reporter
from tests.unit.test_network import Chat

ODD = "the lamp over the stairs hums"


def a_chat() -> Chat:
    owls = (a_member(name, roles=(Role.COORDINATOR,)) for name in ("Owl", "Lapwing"))
    return Chat(a_network(a_member("Heron"), a_member("Wren"), *owls, a_reporter("r")))


def asked() -> Chat:
    """r was not understood twice, and asks for a coordinator."""
    chat = a_chat()
    chat.say("r", ODD)
    chat.say("r", "it hums at night too")
    chat.press("r", Verb.PLEA)
    return chat


def heard(changes: Changes, person: str) -> str:
    return "\n".join(m.text for m in changes.messages if m.to == person)


def test_it_is_offered_once_words_have_fitted_no_kind_twice() -> None:
    chat = a_chat()
    first, second = chat.say("r", ODD), chat.say("r", "it hums at night too")
    labels = [[c.label for m in turn.messages for row in m.rows for c in row]
              for turn in (first, second)]  # fmt: skip
    assert "Ask a coordinator" not in labels[0] and "Ask a coordinator" in labels[1]


def test_coordinators_read_the_words_and_nobody_is_paged() -> None:
    chat = asked()
    for owl in (OWL, "lapwing"):
        (card,) = (m for m in chat.messages if m.to == owl)
        assert ODD in card.text and "night too" in card.text and not card.open
        assert card.sealed_under.startswith("report:") and ODD not in card.notice
    assert not [m for m in chat.messages if m.to in (HERON, WREN)]
    assert not chat.world.incidents


def test_who_asked_hears_that_somebody_took_it_and_gets_the_answer() -> None:
    chat = asked()
    assert "has read your message" in heard(chat.press(OWL, Verb.TAKE_PLEA), "r")
    chat.press(OWL, Verb.ANSWER_PLEA)
    told = heard(chat.say(OWL, "call the landlord's office"), "r")
    assert "call the landlord" in told and "Owl" not in told
    more = chat.say("r", "thank you, and the key?")
    assert "and the key?" in heard(more, OWL) and not heard(more, "lapwing")


def test_what_a_coordinator_took_goes_to_the_others_once_they_coordinate_no_more() -> None:
    chat = asked()
    chat.press(OWL, Verb.TAKE_PLEA)
    chat.press(OWL, Verb.ANSWER_PLEA)
    chat.world.put(replace(chat.world.everybody[PersonId(OWL)], roles=(Role.RESPONDER,)))
    assert not heard(chat.say(OWL, "come to my door"), "r")
    more = chat.say("r", "is anybody there?")
    assert "is anybody there?" in heard(more, "lapwing") and not heard(more, OWL)
    assert "has read your message" in heard(chat.press("lapwing", Verb.TAKE_PLEA), "r")


def test_what_was_taken_can_be_taken_again_once_its_taker_coordinates_no_more() -> None:
    chat = asked()
    chat.press(OWL, Verb.TAKE_PLEA)
    chat.world.put(replace(chat.world.everybody[PersonId(OWL)], roles=(Role.RESPONDER,)))
    assert "has read your message" in heard(chat.press("lapwing", Verb.TAKE_PLEA), "r")
    chat.press("lapwing", Verb.ANSWER_PLEA)
    assert "the office opens at nine" in heard(chat.say("lapwing", "the office opens at nine"), "r")


def test_what_waits_to_leave_stays_here_once_its_reader_coordinates_no_more() -> None:
    chat = asked()
    (card,) = (m for m in chat.messages if m.to == OWL)
    assert network.may_leave(chat.world, card, NOW)
    chat.world.put(replace(chat.world.everybody[PersonId(OWL)], roles=(Role.RESPONDER,)))
    assert not network.may_leave(chat.world, card, NOW)


def test_whoever_asked_and_then_joined_gets_the_answer() -> None:
    chat = asked()
    finch = a_member("Finch", addresses=())
    chat.world.put(finch)
    made = JoinCode(code="abcdefgh", expires_at=NOW + timedelta(days=1), person=finch.id)
    chat.world.put(made)
    chat.say("r", f"/join {made.code}")
    chat.press(OWL, Verb.TAKE_PLEA)
    chat.press(OWL, Verb.ANSWER_PLEA)
    assert "the office opens at nine" in heard(chat.say(OWL, "the office opens at nine"), finch.id)


def test_whoever_waits_reads_each_time_whom_to_call_if_it_cannot_wait() -> None:
    chat = asked()
    assert "Call 911." in heard(chat.say("r", "it is getting worse in there"), "r")


def test_the_second_to_take_it_is_told_that_it_is_taken() -> None:
    chat = asked()
    chat.press(OWL, Verb.TAKE_PLEA)
    late = chat.press("lapwing", Verb.TAKE_PLEA)
    assert "Another coordinator" in heard(late, "lapwing") and not heard(late, "r")


def test_a_report_after_all_takes_it_off_their_screens() -> None:
    chat = asked()
    sent = {m.id for m in chat.messages if m.to in (OWL, "lapwing")}
    told = chat.say("r", "police search a kid in northside")
    assert len(chat.world.incidents) == 1 and sent <= set(told.recalled)
    assert pleas.of(chat.world, PersonId("r")) is None


@pytest.mark.parametrize("by_number", [False, True], ids=["button", "number"])
def test_forgetting_takes_the_words_from_everywhere(by_number: bool) -> None:
    chat = asked()
    sent = {m.id for m in chat.messages if m.to in (OWL, "lapwing")}
    chat.say("r", "/forget")
    (yes,) = (p for p in chat.world.prompts_of(PersonId("r")) if p.action.verb == Verb.FORGET)
    gone = chat.say("r", str(yes.number)) if by_number else chat.press("r", Verb.FORGET)
    assert sent <= set(gone.recalled) and pleas.of(chat.world, PersonId("r")) is None
    assert {m.sealed_under for m in chat.messages if m.id in sent} <= set(gone.destroyed)


def a_day_later(chat: Chat, unfinished: timedelta = timedelta(days=2)) -> Changes:
    chat.at += timedelta(days=1)
    return sweeping.sweep(
        chat.world, chat.at, bytes(32), unfinished=unfinished, strangers=timedelta(days=30)
    )


@pytest.mark.parametrize("unfinished", [timedelta(hours=24), timedelta(days=2)], ids=str)
@pytest.mark.parametrize("taken", [False, True], ids=["nobody-took-it", "taken-and-left"])
def test_after_a_day_without_an_answer_it_goes_with_a_kind_word(
    taken: bool, unfinished: timedelta
) -> None:
    """Also where the draft, a little older, goes with the very same broom: the default."""
    chat = asked()
    if taken:
        chat.press(OWL, Verb.TAKE_PLEA)
    assert "nobody could answer" in heard(a_day_later(chat, unfinished), "r")
    assert pleas.of(chat.world, PersonId("r")) is None


def test_what_was_answered_goes_after_a_day_without_a_word() -> None:
    chat = asked()
    chat.press(OWL, Verb.TAKE_PLEA)
    chat.press(OWL, Verb.ANSWER_PLEA)
    chat.say(OWL, "the office opens at nine")
    assert not heard(a_day_later(chat), "r")
    assert pleas.of(chat.world, PersonId("r")) is None


def test_one_person_asks_once_at_a_time() -> None:
    chat = asked()
    before = len([m for m in chat.messages if m.to == OWL])
    told = pleas.begin(Desk(chat.world, chat.at, bytes(32)), chat.world.everybody[PersonId("r")],
                       "signal", ReportId("other"), ODD)  # fmt: skip
    assert told == "already" and len([m for m in chat.messages if m.to == OWL]) == before


def test_whoever_goes_on_and_on_reaches_the_coordinators_no_more() -> None:
    chat = asked()
    for number in range(100):
        chat.at += timedelta(minutes=2)
        last = chat.say("r", f"it hums, and {number} more")
    cards = [m for m in chat.messages if m.to == OWL and m.sealed_under.startswith("report:")]
    assert len(cards) == 50, "they are two coordinators"
    assert not heard(last, OWL) and "Passed on" not in heard(last, "r") and heard(last, "r")


def test_without_a_coordinator_who_can_be_reached_it_says_so() -> None:
    chat = Chat(a_network(a_member("Heron"), a_reporter("r")))
    chat.say("r", ODD)
    chat.say("r", "it hums at night too")
    assert "no coordinator can be reached" in heard(chat.press("r", Verb.PLEA), "r")
