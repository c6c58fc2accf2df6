"""Standing offers of help in chat: made, seen and taken back; who reads what of them."""

from __future__ import annotations

import pytest

from responder.core import admin
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.model import Address, HelpOffer, Person, PersonId, Role
from responder.core.phrases import say
from responder.core.spoken import Verb
from responder.core.world import World
from responder.simulation.cast import shipped_playbook
from tests.builders import NORTHSIDE, NOW, RIVERSIDE, a_member, a_network, a_reporter
from tests.unit.test_network import Chat


def a_town(*more: Person) -> World:
    return a_network(
        a_member("Heron"),
        a_member("Wren", neighbourhoods=(NORTHSIDE, RIVERSIDE)),
        a_member("Owl", roles=(Role.COORDINATOR,)),
        a_reporter("r"),
        *more,
        playbooks=(shipped_playbook("mutual-aid"),),
    )


def heard(changes: Changes) -> str:
    return "\n".join(m.text for m in changes.messages)


def offers_of(chat: Chat, person: str) -> tuple[HelpOffer, ...]:
    return chat.world.everybody[PersonId(person)].offers


@pytest.mark.parametrize("command", ["/offer", "/ofrezco", "offer"])
def test_all_that_can_be_offered_is_a_tap_or_a_number_away(command: str) -> None:
    chat = Chat(a_town())
    asked = heard(chat.say("heron", command))
    assert "1. Food" in asked and "4. Help with children" in asked and "Something else" not in asked
    chat.say("heron", "2")
    (made,) = offers_of(chat, "heron")
    assert (made.kind, made.help, made.place, made.when) == ("mutual-aid", "ride", None, None)


@pytest.mark.parametrize("command", ["/offer", "/offer ride", "/offers"])
def test_a_member_who_is_no_responder_hears_how_to_become_one(command: str) -> None:
    chat = Chat(a_town(a_member("Fox", roles=(Role.VERIFIER,))))
    assert heard(chat.say("fox", command)) == say("en", "help.not-responder")
    assert "responder" not in heard(chat.say("r", command)), "a stranger learns nothing"


def test_the_machine_counts_what_is_offered_and_names_nobody() -> None:
    chat = Chat(a_town())
    chat.say("wren", "/offer ride")
    chat.say("heron", "/offer ride")
    desk = Desk(chat.world, NOW, bytes(32))
    rows = admin.OPS["offers.count"](desk, {"neighbourhood": "northside"})
    assert [(row["label"]["es"], row["people"]) for row in rows][:2] == [  # type: ignore[attr-defined]
        ("Comida", 0),
        ("Transporte", 2),
    ]
    assert "Wren" not in str(rows)


@pytest.mark.parametrize(
    ("text", "help"),
    [("ride", "ride"), ("a ride", "ride"), ("transporte", "ride"), ("children", "children")],
)
def test_it_is_named_in_any_language_or_by_its_id(text: str, help: str) -> None:
    chat = Chat(a_town())
    chat.say("heron", f"/offer {text}")
    assert [one.help for one in offers_of(chat, "heron")] == [help]


def test_when_and_where_can_be_said() -> None:
    chat = Chat(a_town())
    told = heard(chat.say("heron", "/offer food weekdays 9:00-12:00 in Riverside"))
    (made,) = offers_of(chat, "heron")
    assert made.place == RIVERSIDE and made.when is not None
    assert (made.when.start, made.when.end) == ("09:00", "12:00")
    assert "Food; every mon, tue, wed, thu, fri 09:00-12:00" in told and "Riverside" in told


def test_days_without_hours_mean_all_hours_in_which_people_are_asked() -> None:
    chat = Chat(a_town())
    chat.say("heron", "/offer food every sat")
    (made,) = offers_of(chat, "heron")
    assert made.when is not None and (made.when.start, made.when.end) == ("09:00", "20:00")


def test_what_cannot_be_read_changes_nothing_and_says_how() -> None:
    chat = Chat(a_town())
    assert "weekdays 9:00-12:00" in heard(chat.say("heron", "/offer food at 25 o'clock"))
    assert "What would you like to offer?" in heard(chat.say("heron", "/offer the moon"))
    assert offers_of(chat, "heron") == ()


def test_the_same_twice_is_one_offer() -> None:
    chat = Chat(a_town())
    chat.say("heron", "/offer food")
    chat.say("heron", "/offer food")
    assert len(offers_of(chat, "heron")) == 1


def test_one_tap_takes_it_back_at_once_or_later() -> None:
    chat = Chat(a_town())
    chat.say("heron", "/offer food")
    chat.press("heron", Verb.KEEP_HELP)
    assert offers_of(chat, "heron") == ()
    chat.say("heron", "/offer ride")
    assert "A ride; any day; Northside" in heard(chat.say("heron", "/offers"))
    assert "Taken back" in heard(chat.press("heron", Verb.KEEP_HELP))
    assert offers_of(chat, "heron") == ()


def test_a_missing_training_is_said_at_once() -> None:
    chat = Chat(a_town(a_member("Badger", trainings=())))
    assert "accompaniment" in heard(chat.say("badger", "/offer food"))


def test_coordinators_read_counts_and_no_names() -> None:
    chat = Chat(a_town())
    chat.say("heron", "/offer food")
    chat.say("wren", "/offer food")
    told = heard(chat.say("owl", "/offers"))
    assert "Northside: Food 2" in told and "Riverside: Food 1" in told
    assert "Heron" not in told and "Wren" not in told
    assert say("en", "help.counts") not in heard(chat.say("heron", "/offers"))


@pytest.mark.parametrize("command", ["/offer", "/offer food", "/offers"])
def test_nobody_else_offers_anything(command: str) -> None:
    chat = Chat(a_town())
    assert heard(chat.say("r", command)) == heard(chat.say("r", "/who"))
    assert offers_of(chat, "r") == ()


def test_where_others_read_stand_buttons_and_no_words() -> None:
    away = (Address(channel="telegram", handle="77"), Address(channel="signal", handle="+1"))
    chat = Chat(a_town(a_member("Badger", addresses=away)))
    for command in ("/offer food", "/offers", "/offer"):
        (answer,) = chat.say("badger", command, channel="telegram").messages
        shown = [answer.notice, *(choice.label for row in answer.rows for choice in row)]
        assert not answer.open and not any("ood" in words or "side" in words for words in shown)


def test_the_audit_says_that_and_not_what() -> None:
    chat = Chat(a_town())
    made = chat.say("heron", "/offer food in Riverside").audit
    gone = chat.press("heron", Verb.KEEP_HELP).audit
    assert [line.verb for line in (*made, *gone)] == ["offer.make", "offer.withdraw"]
    assert all((line.by, line.about, line.detail) == ("heron", "heron", "") for line in made)


def test_whoever_is_removed_offers_nothing_any_more() -> None:
    chat = Chat(a_town())
    chat.say("heron", "/offer food")
    desk = Desk(chat.world, NOW, bytes(32))
    admin.OPS["member.remove"](desk, {"call_sign": "Heron"})
    assert offers_of(chat, "heron") == ()
