"""A member's phone: who may register it, who may confirm it, and how long it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core import admin, network
from responder.core.admin.args import AdminFault
from responder.core.changes import Device, JoinCode
from responder.core.desk import Desk
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import Address, Level, Person, PersonId, Role
from responder.core.spoken import Inbound, PhoneSign, Verb
from responder.core.sweeping import sweep
from responder.core.talk import phones
from responder.core.world import World
from tests.builders import (
    BADGER,
    HERON,
    NOW,
    OTTER,
    OWL,
    a_member,
    a_network,
    a_reporter,
)
from tests.unit.test_network import REPORT, Chat

WORDS = ("cobra", "metal", "piano", "salsa", "yoga")
WEEK = timedelta(days=7)


def on_telegram(call_sign: str, **changes: object) -> Person:
    """A member whom nothing but Telegram reaches."""
    here = Address(channel="telegram", handle=f"5{len(call_sign)}{call_sign.lower()}")
    return a_member(call_sign, addresses=(here,), **changes)


def a_town() -> World:
    """Badger has Telegram alone; Heron and Otter have Signal; Owl coordinates over Signal."""
    people = (
        on_telegram("Badger"),
        a_member("Heron"),
        a_member("Otter"),
        a_member("Owl", roles=(Role.COORDINATOR,)),
        a_reporter("r"),
    )
    world = a_network(*people)
    world.pager_link = "https://pager.example/#register"
    return world


class Town(Chat):
    """People with phones that speak through the bot."""

    def __init__(self, world: World | None = None) -> None:
        super().__init__(world or a_town())

    def signs(self, person: str, sign: PhoneSign, channel: str = "") -> list[Message]:
        """A phone says something in this person's name; what is sent because of it."""
        who = self.world.everybody[PersonId(person)]
        where = who.addresses[0]
        inbound = Inbound(
            channel=channel or where.channel,
            key=str(next(self._numbers)),
            handle=where.handle,
            at=self.at,
            phone=sign,
        )
        return self._kept(network.hear(self.world, inbound, self.at, self._nonce())).messages

    def registers(self, person: str, key: str = "key-1") -> list[Message]:
        return self.signs(person, PhoneSign(key=key, words=WORDS))

    def proves(self, person: str, token: str | None = None) -> list[Message]:
        """This person's phone opened the newest probe."""
        asked = [m for m in self.messages if m.card == "probe"]
        return self.signs(person, PhoneSign(proof=token or asked[-1].text))

    def has_a_phone(self, person: str, by: str = OWL) -> Device:
        self.registers(person)
        self.press(by, Verb.PHONE_YES)
        self.proves(person)
        return self.phone(person)

    def phone(self, person: str) -> Device:
        (device,) = self.world.devices_of(PersonId(person))
        return device

    def days_go_by(self, days: float) -> list[Message]:
        """Time passes, and the broom comes."""
        self.at += timedelta(days=days)
        many = {"unfinished": WEEK, "strangers": WEEK}
        return self._kept(sweep(self.world, self.at, self._nonce(), **many)).messages

    @property
    def badger(self) -> Person:
        """Who has Telegram alone."""
        return self.world.everybody[PersonId(BADGER)]

    @property
    def devices(self) -> tuple[Device, ...]:
        """All that Badger registered."""
        return self.world.devices_of(self.badger.id)

    @property
    def phones(self) -> tuple[Device, ...]:
        """Those of them that count."""
        return self.world.phones(self.badger.id)

    @property
    def private(self) -> bool:
        """Whether words reach Badger."""
        return self.world.private(self.badger)


def told(messages: list[Message], person: str) -> list[str]:
    return [m.text for m in messages if m.to == person]


# --- registering ------------------------------------------------------------------------------


def test_a_registered_phone_counts_for_nothing_yet() -> None:
    town = Town()
    (answer,) = told(town.registers(BADGER), BADGER)
    assert " ".join(WORDS) in answer
    assert not town.private and not town.phones


def test_the_same_key_again_is_the_same_phone() -> None:
    town = Town()
    town.registers(BADGER)
    first = town.phone(BADGER)
    town.registers(BADGER)
    assert town.phone(BADGER) == first


def test_a_confirmed_phone_that_registers_again_is_tried_out_again() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    sent = town.registers(BADGER)
    assert [m.card for m in sent if m.device] == ["probe"]
    assert not any(m.to == OWL for m in sent)
    assert town.private


def test_five_phones_are_the_most() -> None:
    town = Town()
    for number in range(phones.MOST):
        town.registers(BADGER, f"key-{number}")
    (answer,) = told(town.registers(BADGER, "one-more"), BADGER)
    assert "/devices" in answer
    assert len(town.devices) == phones.MOST


def test_nobody_but_members_registers_a_phone() -> None:
    town = Town()
    town.registers("r")
    assert not town.world.devices


def test_a_blocked_member_is_not_answered() -> None:
    town = Town()
    town.world.put(replace(town.badger, granted=Level.BLOCKED))
    assert town.registers(BADGER) == []
    assert not town.world.devices


def test_a_phone_of_another_network_is_told_apart() -> None:
    town = Town()
    (answer,) = town.signs(BADGER, PhoneSign(other_network=True))
    assert "another network" in answer.text
    assert not town.world.devices


def test_who_joins_without_a_private_channel_is_shown_the_other_way() -> None:
    """On Telegram alone a phone is as good as Signal."""
    town = Town()
    town.world.put(JoinCode(code="abc", expires_at=NOW + WEEK, person=PersonId(BADGER)))
    answers = told(town.say("5new", "/join abc", channel="telegram").messages, BADGER)
    assert "Badger" not in answers[0] and "pager.example" in answers[1]


# --- confirming -------------------------------------------------------------------------------


def test_words_are_compared_over_private_channels_only() -> None:
    """Owl reads the question on Signal, and nothing about it goes where others read."""
    town = Town()
    asked = [m for m in town.registers(BADGER) if m.to != BADGER]
    assert [(m.to, m.channel, m.only) for m in asked] == [(OWL, "signal", True)]
    assert "Badger" in asked[0].text and " ".join(WORDS) in asked[0].text
    assert "Badger" not in asked[0].notice


def test_a_coordinator_confirms_and_the_phone_is_tried_out() -> None:
    town = Town()
    town.registers(BADGER)
    sent = town.press(OWL, Verb.PHONE_YES).messages
    (probe,) = [m for m in sent if m.card == "probe"]
    assert (probe.to, probe.device) == (BADGER, town.phone(BADGER).id)
    assert town.phone(BADGER).confirmed_by == OWL
    assert not town.private


def test_a_coordinator_cannot_confirm_where_others_read() -> None:
    """Whoever reads Telegram could register a phone of theirs, and press the button besides."""
    town = Town()
    owl = town.world.everybody[PersonId(OWL)]
    both = (*owl.addresses, Address(channel="telegram", handle="700"))
    town.world.put(replace(owl, addresses=both))
    town.registers(BADGER)
    token = town.option(OWL, Verb.PHONE_YES)
    inbound = Inbound(channel="telegram", key="forged", handle="700", at=NOW, token=token)
    network.hear(town.world, inbound, NOW, bytes(32))
    assert town.phone(BADGER).confirmed_at is None


def test_a_coordinator_without_a_private_channel_is_not_asked() -> None:
    world = a_town()
    world.put(on_telegram("Owl", roles=(Role.COORDINATOR,)))
    town = Town(world)
    assert {m.to for m in town.registers(BADGER)} == {BADGER}


def test_a_member_confirms_their_own_phone_over_a_private_channel() -> None:
    town = Town()
    town.registers(HERON)
    town.press(HERON, Verb.PHONE_YES)
    assert town.phone(HERON).confirmed_by == HERON


def test_a_member_never_confirms_over_telegram_itself() -> None:
    """The question goes to Signal; the button pressed over Telegram counts for nothing."""
    town = Town()
    heron = town.world.everybody[PersonId(HERON)]
    telegram = Address(channel="telegram", handle="600")
    town.world.put(replace(heron, addresses=(telegram, *heron.addresses)))
    asked = [m for m in town.registers(HERON) if m.to == HERON and m.rows]
    assert [(m.channel, m.only) for m in asked] == [("signal", True)]
    town.press(HERON, Verb.PHONE_YES)
    assert town.phone(HERON).confirmed_at is None


def test_somebody_else_who_presses_changes_nothing() -> None:
    town = Town()
    town.registers(BADGER)
    town.say(OTTER, token=town.option(OWL, Verb.PHONE_YES))
    town.say(OTTER, token=town.option(OWL, Verb.PHONE_NO))
    assert town.phone(BADGER).confirmed_at is None


def test_confirming_twice_says_so() -> None:
    world = a_town()
    world.put(a_member("Eagle", roles=(Role.COORDINATOR,)))
    town = Town(world)
    town.registers(BADGER)
    town.press(OWL, Verb.PHONE_YES)
    (answer,) = town.press("eagle", Verb.PHONE_YES).messages
    assert "confirmed already" in answer.text
    assert town.phone(BADGER).confirmed_by == OWL


def test_a_phone_that_is_not_theirs_goes_and_the_owner_hears_of_it() -> None:
    town = Town()
    town.registers(BADGER)
    sent = town.press(OWL, Verb.PHONE_NO).messages
    assert not town.world.devices
    (word,) = [m for m in sent if m.to == BADGER]
    assert " ".join(WORDS) in word.text and word.open and not word.only


def test_at_the_machine_a_phone_is_confirmed_by_its_number() -> None:
    """The way in where no coordinator has a private channel; it stands in the audit."""
    town = Town()
    town.registers(BADGER)
    desk = Desk(town.world, NOW, bytes(32))
    answer = admin.OPS["member.device_on"](desk, {"call_sign": "Badger", "number": 1})
    assert answer == {"call_sign": "Badger", "confirmed": 1, "words": " ".join(WORDS)}
    assert [line.verb for line in desk.changes.audit] == ["phone.confirm"]
    assert [m.card for m in desk.changes.messages] == ["probe"]
    with pytest.raises(AdminFault, match="already"):
        admin.OPS["member.device_on"](desk, {"call_sign": "Badger", "number": 1})


# --- proving ----------------------------------------------------------------------------------


def test_an_opened_probe_makes_the_phone_count() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    assert town.private and town.phones


def test_a_proof_counts_for_its_own_member_alone() -> None:
    town = Town()
    town.registers(BADGER)
    town.press(OWL, Verb.PHONE_YES)
    (answer,) = town.proves(OTTER)
    assert "older page" in answer.text
    assert not town.private


def test_a_proof_works_once() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    (answer,) = town.proves(BADGER)
    assert "older page" in answer.text


def test_a_probe_is_for_its_own_phone() -> None:
    """Of two phones the one that opens its probe counts, the other does not."""
    town = Town()
    for key in ("one", "two"):
        town.registers(BADGER, key)
        town.press(OWL, Verb.PHONE_YES)
    first, second = town.devices
    probe = next(m for m in town.messages if m.device == second.id)
    town.proves(BADGER, probe.text)
    assert [d.id for d in town.phones] == [second.id]
    assert first.proof != second.proof


def test_every_week_the_proof_is_asked_for_again() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    assert town.days_go_by(6) == []
    (probe,) = town.days_go_by(1)
    assert (probe.card, probe.device) == ("probe", town.phone(BADGER).id)
    assert town.private
    town.proves(BADGER)
    assert town.days_go_by(3) == [] and town.private


def test_a_phone_that_stays_silent_stops_counting_and_its_owner_hears_of_it() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    town.days_go_by(7)
    (word,) = town.days_go_by(2)
    assert (word.to, word.open) == (BADGER, True) and "/devices" in word.text
    assert not town.private
    assert town.days_go_by(1) == []


def test_a_phone_silent_over_a_long_outage_does_not_come_back_by_itself() -> None:
    """Nine days without the broom: silent and due again at once."""
    town = Town()
    town.has_a_phone(BADGER)
    town.days_go_by(7)
    sent = town.days_go_by(9)
    assert {m.card for m in sent} == {"reply", "probe"}
    assert not town.private
    town.proves(BADGER)
    assert town.private


def test_a_late_proof_makes_it_count_again() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    town.days_go_by(7)
    town.days_go_by(2)
    town.proves(BADGER)
    assert town.private


def test_devices_shows_the_phones_and_sends_a_silent_one_a_new_probe() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    town.days_go_by(7)
    town.days_go_by(2)
    sent = town.say(BADGER, "/devices").messages
    assert [m.card for m in sent] == ["probe", "reply"]
    assert "pager.example" in sent[-1].text and " ".join(WORDS) in sent[-1].text
    again = town.say(BADGER, "/devices").messages
    assert [m.card for m in again] == ["reply"]


# --- losing -----------------------------------------------------------------------------------


def test_a_lost_phone_is_taken_away_with_one_tap() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    town.say(BADGER, "/devices")
    town.press(BADGER, Verb.PHONE_OFF)
    assert not town.private and not town.world.devices


def test_a_coordinator_takes_a_lost_phone_away_at_the_machine() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    desk = Desk(town.world, NOW, bytes(32))
    admin.OPS["member.device_off"](desk, {"call_sign": "badger", "number": 1})
    assert not town.private
    assert [line.verb for line in desk.changes.audit] == ["phone.remove"]
    assert [m.to for m in desk.changes.messages] == [BADGER]
    with pytest.raises(AdminFault, match="no phone 1"):
        admin.OPS["member.device_off"](desk, {"call_sign": "badger", "number": 1})


def test_phones_go_with_whoever_is_removed() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    desk = Desk(town.world, NOW, bytes(32))
    admin.OPS["member.remove"](desk, {"call_sign": "Badger"})
    assert not town.world.devices


def test_what_nobody_confirmed_for_a_week_keeps_no_place() -> None:
    """Telegram can register keys in a member's name; five of them would leave no room."""
    town = Town()
    for number in range(5):
        town.registers(BADGER, f"key-{number}")
    assert (town.days_go_by(6), len(town.devices)) == ([], 5)
    words = told(town.days_go_by(1), BADGER)
    assert (len(town.devices), len(words)) == (0, 5) and "/devices" in words[0]
    town.has_a_phone(BADGER)
    assert town.private


def test_a_phone_of_nobody_is_swept_away() -> None:
    town = Town()
    device = town.has_a_phone(BADGER)
    town.world.put(replace(device, person=PersonId("nobody")))
    assert town.days_go_by(0) == []
    assert not town.world.devices


# --- being paged ------------------------------------------------------------------------------


def test_who_has_telegram_alone_is_paged_once_the_phone_counts() -> None:
    town = Town()
    town.say("r", REPORT)
    assert BADGER not in {c.person for c in town.incident.calls}
    town = Town()
    town.has_a_phone(BADGER)
    town.say("r", REPORT)
    assert BADGER in {c.person for c in town.incident.calls}


def test_a_page_does_not_leave_once_the_phone_is_gone() -> None:
    """L3 is looked at again in the moment in which the page leaves."""
    town = Town()
    town.has_a_phone(BADGER)
    town.say("r", REPORT)
    (page,) = [m for m in town.messages if (m.to, m.card) == (BADGER, Card.PAGE)]
    assert network.may_leave(town.world, page, town.at)
    town.world.delete(town.phone(BADGER))
    assert not network.may_leave(town.world, page, town.at)


def test_a_phone_is_no_way_without_a_living_address() -> None:
    town = Town()
    town.has_a_phone(BADGER)
    badger = town.badger
    dead = tuple(replace(a, dead=True) for a in badger.addresses)
    town.world.put(replace(badger, addresses=dead))
    assert not town.private
