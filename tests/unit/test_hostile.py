"""What an adversary would try, and what must hold against it."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from responder.core import aside, effects, events
from responder.core.barring import Barred
from responder.core.changes import JoinCode
from responder.core.desk import Desk
from responder.core.effects import AlarmKind, Card
from responder.core.model import CallState, Care, Level, PersonId, Role, Stage, State
from responder.core.spoken import Inbound, Verb
from tests.builders import (
    FOX,
    HERON,
    NOW,
    OTTER,
    OWL,
    WREN,
    a_member,
    a_network,
    a_report,
    a_reporter,
    a_small_network,
    an_incident,
)
from tests.unit.test_network import REPORT, Chat, out

LURE = "hate attack in northside, corner of Darkc and Alley"
CODE = "abcdefghijkl"


def eve(chat: Chat, *roles: Role) -> PersonId:
    """A member who has not joined yet, with a code of her own."""
    member = a_member("Eve", roles=roles, addresses=())
    chat.world.put(member)
    code = JoinCode(code=CODE, expires_at=NOW + timedelta(days=1), person=member.id)
    chat.world.put(code)
    return member.id


# --- luring ---------------------------------------------------------------------------------------


def test_a_confirmation_covers_only_what_the_verifier_has_read() -> None:
    story = an_incident(State.HELD)
    for number in (1, 2):
        stranger = a_reporter(f"s{number}", Level.UNKNOWN)
        story.world.put(stranger)
        lure = a_report(stranger.id, text="over here", place=f"Darkc {number}")
        story.then(events.Joined(at=story.at, report=replace(lure, id=f"lure{number}")))
    story.by(events.Confirmed, FOX)
    unread = [s for s in story.incident.sources if s.reporter == "s2"]
    assert [s.counts for s in unread] == [False]
    assert "Darkc 2" not in str(story.incident.team_words)


def test_whoever_reports_later_does_not_move_the_team() -> None:
    story = an_incident(State.OUT)
    before = story.incident.place
    lure = a_report(PersonId("k"), text="come", place="Darkc and Alley")
    story.then(events.Joined(at=story.at, report=lure))
    assert story.incident.place == before


# --- one person, one word -------------------------------------------------------------------------


def test_who_reported_as_a_stranger_verifies_nothing_of_it_as_a_member() -> None:
    chat = Chat()
    chat.say("+1999", REPORT)
    person = eve(chat, Role.VERIFIER, Role.RESPONDER)
    chat.say("+1999", f"join {CODE}")
    (incident,) = chat.world.incidents.values()
    assert [s.reporter for s in incident.sources] == [person]
    assert not chat.world.may_verify(incident, person)
    assert chat.world.barred(incident, person, chat.at) is Barred.REPORTER
    assert [i for i in chat.world.everybody if i.startswith("+")] == []


def test_nobody_corroborates_themselves_by_joining_in_between() -> None:
    chat = Chat()
    chat.say("+1999", REPORT)
    person = eve(chat)
    chat.world.put(replace(chat.world.everybody[person], granted=Level.KNOWN))
    chat.say("+1999", f"join {CODE}")
    chat.say("+1999", f"/report {REPORT}")
    assert {i.state for i in chat.world.incidents.values()} <= {State.HELD, State.PAGING}
    (first, *_) = chat.world.incidents.values()
    assert sum(not s.gone for s in first.sources) == 1


def test_a_rule_to_keep_apart_follows_a_stranger_who_joins() -> None:
    chat = Chat()
    chat.say("+1999", "hello")
    stranger = chat.world.at_address("signal", "+1999")
    assert stranger is not None
    heron = chat.world.everybody[PersonId(HERON)]
    chat.world.put(replace(heron, keep_apart=(stranger.id,)))
    person = eve(chat, Role.RESPONDER)
    chat.say("+1999", f"join {CODE}")
    assert chat.world.everybody[PersonId(HERON)].keep_apart == (person,)


# --- empty rooms ----------------------------------------------------------------------------------


def test_an_alarm_rings_somewhere_even_if_the_only_coordinator_is_in_the_team() -> None:
    world = a_network(
        a_member("Heron"),
        a_member("Wren", roles=(Role.RESPONDER, Role.COORDINATOR)),
        a_member("Otter"),
        a_member("Fox", roles=(Role.VERIFIER,)),
        a_reporter("r"),
    )
    story = an_incident(State.OUT, world)
    decision = story.offer(events.CheckedIn(at=story.at, by=PersonId(HERON), duress=True))
    assert isinstance(decision, effects.Decision)
    told = {e.to for e in decision.effects if isinstance(e, effects.Tell) and e.card is Card.ALARM}
    assert told == {FOX}
    assert [a.kind for a in decision.incident.alarms] == [AlarmKind.DURESS]


# --- floods -------------------------------------------------------------------------------------


def test_one_account_does_not_shut_out_every_stranger() -> None:
    chat = Chat()
    for number in range(8):
        chat.say("+1666", f"/report police in northside number {number}")
        chat.say("+1666", f"/report hate attack in northside number {number}")
        chat.wait(700)
    mine = [i for i in chat.world.incidents.values() if i.state is not State.CLOSED]
    assert len(mine) <= 2
    assert chat.say("+1777", REPORT).messages


def test_a_reporter_whom_people_are_on_their_way_to_is_always_heard() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    for number in range(20):
        chat.say("r", f"they are still here {number}")
    changes = chat.say("r", "they drew guns, keep away")
    assert any(m.card == Card.BOARD for m in changes.messages)


def test_cancel_works_however_much_somebody_wrote() -> None:
    chat = Chat()
    chat.say("x", REPORT)
    for number in range(40):
        chat.say("x", f"hello {number}")
    assert chat.say("x", "/cancel").messages
    assert all(i.state is State.CLOSED for i in chat.world.incidents.values())


# --- old presses --------------------------------------------------------------------------------


def test_an_old_press_does_not_swallow_a_cry_for_help() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    chat.press(OWL, Verb.END)
    chat.at += timedelta(minutes=45)
    chat.say(OWL, "two men with bats in northside, come quick, hate attack")
    first = min(chat.world.incidents.values(), key=lambda i: i.opened_at)
    assert all("bats" not in note.text for note in first.notes)


# --- rest -----------------------------------------------------------------------------------------


def test_rest_is_not_hidden_by_being_off_call() -> None:
    world = a_small_network()
    story = an_incident(State.PAGING, world)
    until = story.at + timedelta(hours=5)
    world.put(Care(person=PersonId(OTTER), rest_until=until))
    for override in world.overrides():
        if override.person == OTTER:
            world.put(replace(override, available=False))
    assert world.barred(story.incident, PersonId(OTTER), story.at) is Barred.RESTING


def test_a_forgotten_report_leaves_no_place_behind() -> None:
    story = an_incident(State.HELD)
    assert story.incident.place
    joined = a_report(PersonId("k"), text="same", place="")
    story.then(events.Joined(at=story.at, report=replace(joined, id="second")))
    gone = events.ReporterCancelled(at=story.at, by=PersonId("x"), forget=True)
    assert story.then(gone).incident.place == ""


def test_a_blocked_member_who_is_out_there_is_still_heard() -> None:
    chat = out()
    heron = chat.world.everybody[PersonId(HERON)]
    chat.world.put(replace(heron, granted=Level.BLOCKED))
    assert Card.CONTROLS in {m.card for m in chat.press(HERON, Verb.CHECK_IN).messages}


# --- people in a hurry ----------------------------------------------------------------------------


def test_words_to_a_page_are_answered_with_the_choices_and_the_number_still_counts() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    for words in ("yes", "voy", "can't", "1 please"):
        changes = chat.say(HERON, words)
        assert "Cannot" in "".join(m.text for m in changes.messages if m.to == HERON)
    chat.say(HERON, chat.number(HERON, Verb.ACCEPT))
    assert [c.state for c in chat.incident.calls if c.person == HERON] == [CallState.ACCEPTED]


def test_the_words_on_a_button_mean_the_button() -> None:
    chat = out()
    chat.press(HERON, Verb.LEAVE)
    chat.say(HERON, "I am out")
    mate = chat.incident.mate(PersonId(HERON))
    assert mate is not None
    assert mate.stage is Stage.OUT_SAFE


def test_a_cry_for_help_from_out_there_reaches_the_partner() -> None:
    chat = out()
    assert Card.UPDATE in {m.card for m in chat.say(HERON, "help!").messages if m.to == WREN}


def test_whoever_left_a_brief_unread_is_told_not_to_go() -> None:
    story = an_incident(State.BRIEFING).by(events.HaveIt, WREN)
    decision = story.offer(events.Due(at=story.at + timedelta(hours=1)))
    assert isinstance(decision, effects.Decision)
    told = [e.card for e in decision.effects if isinstance(e, effects.Tell) and e.to == HERON]
    assert told == [Card.DROPPED]


def test_what_was_put_aside_is_forgotten_with_its_sender() -> None:
    chat = Chat()
    chat.say("x", REPORT)
    desk = Desk(chat.world, chat.at, b"n" * 32)
    aside.put(desk, Inbound(channel="signal", key="k", handle="+x", at=chat.at, text="words"))
    person = chat.world.everybody[PersonId("x")]
    here = person.addresses[0]
    aside.put(
        desk, Inbound(channel=here.channel, key="k2", handle=here.handle, at=chat.at, text="words")
    )
    before = len(chat.world.settings)
    chat.say("x", "/forget")
    chat.press("x", Verb.FORGET)
    assert len(chat.world.settings) < before
