"""Help that members offer beforehand: who is asked for what, when, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core import network
from responder.core.effects import Card
from responder.core.model import (
    Care,
    HelpOffer,
    Level,
    Override,
    Person,
    PersonId,
    Place,
    Role,
    Shift,
    State,
    Training,
)
from responder.core.spoken import Verb
from responder.simulation.cast import shipped_playbook
from tests.builders import NORTHSIDE, NOW, RIVERSIDE, a_member, a_network, a_reporter, on_call_now
from tests.unit.test_network import Chat

NOON = NOW - timedelta(hours=8)
NIGHT = NOW + timedelta(hours=1)
REPORT = "no groceries left in northside"
TRAINED = (Training(name="accompaniment"),)


def an_offer(help: str = "food", **changes: object) -> HelpOffer:
    offer = HelpOffer(id=f"offer-{help}", kind="mutual-aid", help=help)
    return replace(offer, **changes)


def a_giver(call_sign: str, *offers: HelpOffer, **changes: object) -> Person:
    given = {"offers": offers or (an_offer(),), "trainings": TRAINED, **changes}
    return a_member(call_sign, **given)


class Aid(Chat):
    """Somebody writes that they need groceries."""

    def __init__(self, *people: Person, on_call: Iterable[Person] = ()) -> None:
        world = a_network(
            *people,
            *on_call,
            a_member("Owl", roles=(Role.COORDINATOR,)),
            a_reporter("r"),
            playbooks=(shipped_playbook("mutual-aid"),),
            on_call=False,
        )
        super().__init__(world)
        self.at = NOON
        for person in on_call:
            world.put(on_call_now(person, NOON))

    def reports(self, text: str = REPORT) -> None:
        self.say("r", text)

    def needs(self, help: str) -> None:
        """The reporter taps that answer."""
        mine = self.world.prompts_of(PersonId("r"))
        self.say("r", token=next(p.token for p in mine if p.action.arg.endswith(f":{help}")))

    def asked(self, card: Card = Card.REQUEST) -> set[str]:
        """Who was sent such a card so far."""
        return {m.to for m in self.messages if m.card == card and m.replaces is None}


def test_who_offered_it_is_asked_though_nobody_is_on_call() -> None:
    aid = Aid(a_giver("Heron"), a_giver("Wren", an_offer("ride")))
    aid.reports()
    aid.needs("food")
    assert aid.asked() == {"heron"}
    text = next(m.text for m in aid.messages if m.card == Card.REQUEST)
    assert "Food" in text and "Northside" in text and "no is fine" in text
    assert REPORT not in text


def test_the_search_waits_for_the_answer_and_then_goes_on_without() -> None:
    aid = Aid(a_giver("Heron"), on_call=[a_giver("Badger", trainings=TRAINED)])
    aid.reports()
    assert not aid.asked() and not aid.asked(Card.PAGE)
    aid.wait(9 * 60)
    assert not aid.asked(Card.PAGE)
    aid.wait(2 * 60)
    assert not aid.asked() and aid.asked(Card.PAGE) == {"badger"}


def test_what_helps_is_the_first_question() -> None:
    aid = Aid(a_giver("Heron"))
    aid.reports()
    assert "What would help?" in "".join(m.text for m in aid.messages if m.to == "r")


@pytest.mark.parametrize("words", ["skip", "somebody to talk to"])
def test_what_nobody_offers_goes_to_those_on_call_at_once(words: str) -> None:
    aid = Aid(a_giver("Heron"), on_call=[a_giver("Badger", trainings=TRAINED)])
    aid.reports()
    aid.say("r", words)
    assert not aid.asked() and aid.asked(Card.PAGE) == {"badger"}


def test_nobody_is_asked_at_night() -> None:
    aid = Aid(a_giver("Heron"))
    aid.at = NIGHT
    aid.reports()
    aid.needs("food")
    assert not aid.asked()


def at_night(*people: Person, on_call: Iterable[Person] = ()) -> Aid:
    """Somebody writes at nine in the evening that they need food."""
    aid = Aid(*people)
    aid.at = NIGHT
    for person in on_call:
        aid.world.put(person)
        aid.world.put(on_call_now(person, NIGHT))
    aid.reports()
    aid.needs("food")
    return aid


UNTIL_NINE = 12 * 3600


def test_what_is_needed_at_night_is_asked_in_the_morning_and_the_reporter_knows() -> None:
    aid = at_night(a_giver("Heron"), a_giver("Wren"))
    (told,) = (m for m in aid.messages if m.card == Card.MORNING)
    assert told.to == "r" and "from 09:00 on" in told.text
    aid.wait(UNTIL_NINE - 60)
    assert not aid.asked()
    nobody = next(m.text for m in aid.messages if m.card == Card.NOBODY)
    assert "From 09:00 we ask" in nobody
    aid.wait(60)
    assert aid.asked() == {"heron", "wren"}
    assert [m.card for m in aid.messages if m.to == "r"][-1] == Card.ASKED


def test_whoever_takes_it_back_at_night_is_asked_for_by_nobody() -> None:
    aid = at_night(a_giver("Heron"))
    aid.press("r", Verb.CANCEL)
    aid.wait(UNTIL_NINE + 60)
    assert not aid.asked()


def test_no_morning_is_promised_where_nobody_could_be_asked_then() -> None:
    aid = at_night(a_giver("Heron", an_offer("ride")), a_giver("Wren", trainings=()))
    assert not aid.asked(Card.MORNING)


def test_a_team_found_at_night_leaves_those_who_offered_alone_in_the_morning() -> None:
    badger, fox = (a_giver(name, an_offer("ride")) for name in ("Badger", "Fox"))
    aid = at_night(a_giver("Heron"), on_call=[badger, fox])
    assert aid.asked(Card.PAGE) == {"badger", "fox"}
    aid.press("badger", Verb.ACCEPT)
    aid.press("fox", Verb.ACCEPT)
    for name in ("badger", "fox"):
        aid.press(name, Verb.HAVE_IT)
    aid.wait(UNTIL_NINE)
    assert not aid.asked()


def test_a_morning_in_which_nobody_can_be_asked_after_all_is_told() -> None:
    aid = at_night(a_giver("Heron"))
    aid.wait(UNTIL_NINE - 60)
    aid.world.put(replace(aid.world.everybody[PersonId("heron")], offers=()))
    before = len([m for m in aid.messages if m.card == Card.NOBODY])
    aid.wait(120)
    last = [m for m in aid.messages if m.card == Card.NOBODY]
    assert len(last) == before + 1 and "09:00" not in last[-1].text


def test_a_search_is_not_given_up_before_the_morning_it_waits_for() -> None:
    aid = at_night(a_giver("Heron"))
    short = replace(aid.incident, give_up_at=aid.at + timedelta(hours=1))
    aid.world.put(short)
    aid.wait(2 * 3600)
    assert aid.incident.state is State.PAGING
    aid.wait(UNTIL_NINE)
    assert aid.asked() == {"heron"}


def test_a_request_that_waited_into_the_night_does_not_leave() -> None:
    aid = Aid(a_giver("Heron"))
    aid.at = NOW - timedelta(minutes=10)
    aid.reports()
    aid.needs("food")
    (request,) = (m for m in aid.messages if m.card == Card.REQUEST)
    assert network.may_leave(aid.world, request, aid.at)
    assert not network.may_leave(aid.world, request, NOW)


def test_here_comes_before_next_door_and_further_away_is_not_asked() -> None:
    near = [a_giver(f"Near{n}", neighbourhoods=(RIVERSIDE,)) for n in range(30)]
    aid = Aid(*near, a_giver("Heron"), a_giver("Wren"), a_giver("Far", an_offer(place=Place("x"))))
    aid.reports()
    aid.needs("food")
    asked = [m.to for m in aid.messages if m.card == Card.REQUEST]
    assert set(asked[:2]) == {"heron", "wren"}
    assert 2 < len(asked) < 30 and "far" not in asked


def test_an_offer_holds_where_and_when_it_was_made_for() -> None:
    sunday = Shift(
        id="", person=PersonId("wren"), neighbourhood=Place(""), start="09:00", end="20:00",
        weekday=6,
    )  # fmt: skip
    aid = Aid(
        a_giver("Heron", an_offer(place=NORTHSIDE), neighbourhoods=(Place("far"),)),
        a_giver("Wren", an_offer(when=sunday)),
    )
    aid.reports()
    aid.needs("food")
    assert aid.asked() == {"heron"}, "it is Saturday"


def _resting(person: str) -> Care:
    return Care(person=PersonId(person), rest_until=NOW)


def _asked_often(person: str) -> Care:
    return Care(person=PersonId(person), paged_at=(NOON - timedelta(hours=2),) * 3)


def _off(person: str) -> Override:
    return Override(
        id="off", person=PersonId(person), start=NOON, end=NOW, available=False, made_at=NOON
    )


@pytest.mark.parametrize("bar", [_resting, _asked_often, _off])
def test_rest_limits_and_being_off_hold_for_them_too(bar: object) -> None:
    aid = Aid(a_giver("Heron"), a_giver("Wren"))
    aid.world.put(bar("heron"))  # type: ignore[operator]
    aid.reports()
    aid.needs("food")
    assert aid.asked() == {"wren"}


@pytest.mark.parametrize(
    "changes",
    [{"trainings": ()}, {"addresses": ()}, {"granted": Level.BLOCKED}, {"roles": ()}],
    ids=["untrained", "unreached", "blocked", "no responder"],
)
def test_what_bars_a_page_bars_a_request(changes: dict[str, object]) -> None:
    aid = Aid(a_giver("Heron", **changes), a_giver("Wren"))
    aid.reports()
    aid.needs("food")
    assert aid.asked() == {"wren"}


def test_two_who_offered_form_a_team_and_one_alone_waits() -> None:
    aid = Aid(a_giver("Heron"), a_giver("Wren"))
    aid.reports()
    aid.needs("food")
    aid.press("heron", Verb.ACCEPT)
    assert not aid.incident.team and not aid.asked(Card.BRIEF)
    aid.press("wren", Verb.ACCEPT)
    assert len(aid.incident.team) == 2 and aid.asked(Card.BRIEF) == {"heron", "wren"}


def test_a_partner_may_come_from_those_on_call() -> None:
    aid = Aid(a_giver("Heron"), on_call=[a_giver("Badger", an_offer("ride"))])
    aid.reports()
    aid.needs("food")
    aid.press("heron", Verb.ACCEPT)
    assert aid.asked(Card.PAGE) == {"badger"}, "nobody else can be asked, so nobody waits"
    aid.press("badger", Verb.ACCEPT)
    assert aid.asked(Card.BRIEF) == {"heron", "badger"}


def test_nobody_is_alarmed_because_they_say_nothing() -> None:
    aid = Aid(a_giver("Heron"), on_call=[a_giver("Badger", an_offer("ride"))])
    aid.reports()
    aid.needs("food")
    aid.wait(2 * 3600)
    assert aid.asked(Card.PAGE) == {"badger"} and not aid.asked(Card.ALARM)
    assert len([m for m in aid.messages if m.to == "heron"]) == 1


def test_an_unconfirmed_report_asks_nobody() -> None:
    aid = Aid(a_giver("Heron"))
    aid.world.put(a_reporter("r", Level.UNKNOWN))
    aid.reports()
    aid.needs("food")
    assert aid.incident.state is State.HELD and not aid.asked()


def test_what_was_said_before_a_verifier_confirms_is_looked_for_at_once() -> None:
    aid = Aid(a_giver("Heron"), a_member("Fox", roles=(Role.VERIFIER,)))
    aid.world.put(a_reporter("r", Level.UNKNOWN))
    aid.reports()
    aid.needs("food")
    aid.press("fox", Verb.CONFIRM)
    assert aid.asked() == {"heron"}
