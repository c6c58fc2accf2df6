"""The network by its five doors: what people send, what is due, what failed, what may leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from responder.core import network
from responder.core.changes import Changes, JoinCode, key_of
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import (
    Address,
    Incident,
    Level,
    Limits,
    MessageId,
    Person,
    PersonId,
    Pin,
    Place,
    Role,
    Shift,
    State,
)
from responder.core.phrases import say
from responder.core.playbook import Words
from responder.core.spoken import Inbound, Verb
from responder.core.world import World
from tests.builders import (
    BADGER,
    HERON,
    NOW,
    OTTER,
    OWL,
    WREN,
    a_member,
    a_network,
    a_playbook,
    a_reporter,
    a_small_network,
    changed,
    put_playbook,
)

DURESS = "purple teapot"
REPORT = "cops are searching a kid in northside at the corner of Quill and Third"


class Chat:
    """People writing to one network; every answer comes back as changes."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or a_small_network()
        self.at = NOW
        self.messages: list[Message] = []
        self._numbers = count(1)

    def _nonce(self) -> bytes:
        return next(self._numbers).to_bytes(32, "big")

    def _kept(self, changes: Changes) -> Changes:
        self.messages += changes.messages
        return changes

    def say(
        self,
        person: str,
        text: str = "",
        *,
        token: str = "",
        reaction: str = "",
        target: MessageId | None = None,
        pin: Pin | None = None,
        channel: str = "",
    ) -> Changes:
        """This person, or this handle, sends that."""
        who = self.world.person(PersonId(person))
        where = who.addresses[0] if who else Address(channel="signal", handle=person)
        inbound = Inbound(
            channel=channel or where.channel,
            key=str(next(self._numbers)),
            handle=where.handle,
            at=self.at,
            text=text,
            token=token,
            reaction=reaction,
            pin=pin,
        )
        return self._kept(network.hear(self.world, inbound, self.at, self._nonce(), target))

    def press(self, person: str, verb: str) -> Changes:
        """This person presses the newest option of that meaning."""
        return self.say(person, token=self.option(person, verb))

    def option(self, person: str, verb: str) -> str:
        """The token of it."""
        mine = self.world.prompts_of(PersonId(person))
        return next(p.token for p in reversed(mine) if p.action.verb == verb)

    def number(self, person: str, verb: str) -> str:
        """The number of it."""
        mine = self.world.prompts_of(PersonId(person))
        return str(next(p.number for p in reversed(mine) if p.action.verb == verb))

    def wait(self, seconds: float) -> None:
        """Let time pass, with all that comes due meanwhile."""
        until = self.at + timedelta(seconds=seconds)
        while (due := self.world.next_due()) is not None and due <= until:
            self.at = max(self.at, due)
            late = self.world.due_by(self.at)[0]
            self._kept(network.tick(self.world, late, self.at, self._nonce()))
        self.at = until

    @property
    def incident(self) -> Incident:
        """The newest incident."""
        return max(self.world.incidents.values(), key=lambda i: (i.opened_at, i.id))


def out(world: World | None = None) -> Chat:
    """Heron and Wren are out for r's report."""
    chat = Chat(world)
    chat.say("r", REPORT)
    for verb in (Verb.ACCEPT, Verb.HAVE_IT):
        for person in (HERON, WREN):
            chat.press(person, verb)
    assert chat.incident.state is State.OUT
    return chat


def cards(changes: Changes, to: str) -> list[str]:
    """What one step sends this person, boards left out."""
    return [m.card for m in changes.messages if m.to == to and m.card != Card.BOARD]


def texts(changes: Changes, to: str) -> str:
    """The words that one step sends this person."""
    return "\n".join(m.text for m in changes.messages if m.to == to)


# --- a report ---------------------------------------------------------------------------------


def test_one_message_of_a_trusted_person_pages() -> None:
    chat = Chat()
    changes = chat.say("r", REPORT)
    paged = {m.to for m in changes.messages if m.card == Card.PAGE}
    assert paged == {HERON, WREN, OTTER, BADGER}
    assert set(cards(changes, "r")) == {"asked", "reply"}
    assert changes.inbox == [("signal", chat_key(changes), NOW)]


def chat_key(changes: Changes) -> str:
    return changes.inbox[0][1]


def test_a_first_message_of_a_stranger_is_answered_and_asks_on() -> None:
    changes = Chat().say("+1888", "help")
    assert [m.card for m in changes.messages] == ["reply"]
    assert "911" in changes.messages[0].text


def test_a_message_of_a_blocked_person_is_not_answered() -> None:
    chat = Chat(a_network(a_reporter("b", Level.BLOCKED)))
    assert chat.say("b", REPORT).messages == []


def test_the_same_message_and_nonce_give_the_same_changes() -> None:
    one, other = Chat().say("r", REPORT), Chat().say("r", REPORT)
    assert one == other


def test_a_second_report_of_the_same_joins_the_running_incident() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    changes = chat.say("k", REPORT)
    assert len(chat.world.incidents) == 1
    assert "joined" in cards(changes, "k")
    assert cards(changes, "r") == []


def test_a_flood_of_unknown_people_opens_no_more_than_the_network_holds() -> None:
    chat = Chat(a_small_network(limits=Limits(unknown_held=3)))
    for number in range(12):
        chat.say(f"+18{number}", f"/report {REPORT}")
    held = [i for i in chat.world.incidents.values() if i.state is State.HELD]
    assert len(held) == 1, "those who tell of the same join, also when they say that it is new"
    assert Card.PAGE in {m.card for m in chat.say("r", REPORT).messages}


def test_who_writes_far_too_much_is_told_once() -> None:
    chat = Chat()
    said = [texts(chat.say("x", "hello"), "x") for _ in range(30)]
    slow = [s for s in said[12:] if s]
    assert len(slow) == 1


def test_a_press_still_counts_after_too_many_words() -> None:
    chat = Chat()
    chat.say("x", REPORT)
    chat.say("x", "/forget")
    token = chat.option("x", Verb.FORGET)
    for _ in range(30):
        chat.say("x", "hello")
    chat.say("x", token=token)
    assert not chat.world.reports


# --- numbers, tokens, reactions -------------------------------------------------------------------


def test_numbers_are_unique_among_one_persons_open_questions() -> None:
    chat = out()
    for person in chat.world.everybody:
        numbers = [p.number for p in chat.world.prompts_of(person)]
        assert len(numbers) == len(set(numbers))


def test_a_number_answers_the_question_that_carries_it() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    changes = chat.say(HERON, chat.number(HERON, Verb.ACCEPT))
    assert cards(changes, HERON) == ["waiting"]


def test_leave_now_by_its_number_is_no_note_although_words_were_waited_for() -> None:
    chat = out()
    chat.press(OWL, Verb.NOTE)
    told = chat.say(OWL, chat.number(OWL, Verb.LEAVE_ORDER))
    assert {m.card for m in told.messages if m.to in (HERON, WREN)} == {"leave"}
    assert chat.world.sessions[PersonId(OWL)].awaiting is None


def test_leave_now_by_its_number_is_heard_in_the_middle_of_a_report_of_ones_own() -> None:
    chat = out()
    leave = chat.number(OWL, Verb.LEAVE_ORDER)
    chat.say(OWL, "police stop in northside")
    chat.press(OWL, Verb.NOTE)
    told = chat.say(OWL, leave)
    assert {m.card for m in told.messages if m.to in (HERON, WREN)} == {"leave"}


def test_a_number_that_fits_none_gets_the_list() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    changes = chat.say(HERON, "77")
    assert cards(changes, HERON) == ["reply"]
    assert "1" in texts(changes, HERON)


def test_a_number_under_a_newer_message_is_no_answer_to_an_older_question() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    chat.say("r", "skip")
    chat.say("r", "yes")
    chat.at += timedelta(seconds=30)
    chat.say("r", "/forget")
    chat.say("r", chat.number("r", Verb.FORGET))
    assert not chat.world.reports


def test_a_thumb_under_a_page_accepts() -> None:
    chat = Chat()
    changes = chat.say("r", REPORT)
    page = next(m for m in changes.messages if m.to == HERON and m.card == Card.PAGE)
    answer = chat.say(HERON, reaction="\U0001f44d", target=page.id)
    assert cards(answer, HERON) == ["waiting"]


def test_a_thumb_under_leave_now_does_not_count_anybody_as_out() -> None:
    chat = out()
    changes = chat.press(HERON, Verb.LEAVE)
    leave = next(m for m in changes.messages if m.to == WREN and m.card == Card.LEAVE)
    chat.say(WREN, reaction="\U0001f44d", target=leave.id)
    assert len(chat.incident.team) == 2
    assert chat.incident.state is State.LEAVING


def test_a_token_of_somebody_else_changes_nothing() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    changes = chat.say("x", token=chat.option(HERON, Verb.ACCEPT))
    assert changes.messages == []
    assert changes.press_note == say("en", "chat.stale.already")
    assert not chat.incident.team


def test_a_second_tap_says_that_it_is_decided() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    token = chat.option(HERON, Verb.ACCEPT)
    chat.say(HERON, token=token)
    again = chat.say(HERON, token=token)
    assert again.messages == []
    assert again.press_note


def test_a_token_tells_nothing_and_always_means_the_same() -> None:
    chat = out()
    meanings: dict[str, set[str]] = {}
    for message in chat.messages:
        for choice in (c for row in message.rows for c in row):
            assert HERON not in choice.token
            assert chat.incident.id not in choice.token
            meanings.setdefault(choice.token, set()).add(message.to)
    assert all(len(people) == 1 for people in meanings.values())


# --- signs of life ----------------------------------------------------------------------------


def with_duress() -> World:
    world = a_small_network()
    world.put(a_member("Heron", duress_phrase=DURESS))
    return world


def test_ok_is_a_check_in() -> None:
    assert cards(out().say(HERON, "ok"), HERON) == ["controls"]


def test_duress_shows_nobody_near_anything() -> None:
    calm, duress = out(with_duress()).say(HERON, "ok"), out(with_duress()).say(HERON, DURESS)

    def near(changes: Changes) -> list[tuple[str, str, str]]:
        return [(m.to, m.card, m.text) for m in changes.messages if m.to != OWL]

    assert near(calm) == near(duress)
    assert calm.press_note == duress.press_note
    assert cards(duress, OWL) == ["alarm"]


def test_a_duress_phrase_in_a_longer_message_counts() -> None:
    assert cards(out(with_duress()).say(HERON, f"yes yes, {DURESS} all fine"), OWL) == ["alarm"]


def test_a_sign_of_life_takes_no_new_brief_away() -> None:
    chat = out()
    chat.press(WREN, Verb.DECLINE)
    chat.press(OTTER, Verb.ACCEPT)
    chat.say(HERON, "ok")
    chat.press(OTTER, Verb.HAVE_IT)
    assert cards(chat.press(HERON, Verb.HAVE_IT), OTTER) == ["go"]


def test_words_of_a_team_member_reach_the_others() -> None:
    changes = out().say(HERON, "we stand at the kiosk")
    assert cards(changes, WREN) == ["update"]
    assert cards(changes, "r") == []


# --- deadlines --------------------------------------------------------------------------------


def test_a_team_that_says_nothing_is_nudged_and_coordinators_hear_of_it() -> None:
    chat = out()
    chat.messages.clear()
    chat.wait(40 * 60)
    told = {(m.to, m.card) for m in chat.messages}
    assert {(HERON, "nudge"), (WREN, "nudge"), (OWL, "alarm")} <= told


def test_after_retention_nothing_is_left_and_every_key_is_destroyed() -> None:
    chat = out()
    chat.press(HERON, Verb.DONE)
    for person in (HERON, WREN):
        chat.press(person, Verb.OUT)
    incident, report = chat.incident.id, next(iter(chat.world.reports))
    chat.messages.clear()
    destroyed: list[str] = []
    while (due := chat.world.next_due()) is not None:
        late = chat.world.due_by(due)[0]
        destroyed += network.tick(chat.world, late, due, bytes(32)).destroyed
    assert not chat.world.incidents
    assert not chat.world.reports
    assert {f"incident:{incident}", f"report:{report}"} <= set(destroyed)


def test_the_network_is_back_and_tells_those_who_are_out_first() -> None:
    chat = out()
    later = NOW + timedelta(minutes=40)
    changes = network.returned(chat.world, chat.incident.id, NOW, later, bytes(32))
    assert cards(changes, HERON) == cards(changes, WREN) == ["back"]
    assert cards(changes, "r") == ["reporter-back"]


def test_an_incident_runs_to_its_end_on_the_playbook_that_it_opened_with() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    words = Words({"en": "Quite another brief.", "es": "Otro."})
    put_playbook(chat.world, changed(a_playbook(), brief={"text": words}))
    chat.press(HERON, Verb.ACCEPT)
    assert "Quite another brief." not in texts(chat.press(WREN, Verb.ACCEPT), WREN)


# --- the last look ----------------------------------------------------------------------------


def a_page(chat: Chat, to: str = HERON) -> Message:
    changes = chat.say("r", REPORT)
    return next(m for m in changes.messages if m.to == to and m.card == Card.PAGE)


def may_leave(chat: Chat, message: Message, at: datetime = NOW) -> bool:
    return network.may_leave(chat.world, message, at)


def test_a_page_may_leave_as_long_as_nothing_forbids_it() -> None:
    chat = Chat()
    assert may_leave(chat, a_page(chat))


@pytest.mark.parametrize(
    "changes",
    [
        {"removed": True},
        {"granted": Level.BLOCKED},
        {"roles": ()},
        {"trainings": ()},
        {"keep_apart": ("r",)},
        {"addresses": (Address(channel="telegram", handle="1"),)},
    ],
    ids=lambda c: next(iter(c)),
)
def test_a_page_does_not_leave_to_somebody_who_became_wrong(changes: dict[str, object]) -> None:
    chat = Chat()
    page = a_page(chat)
    chat.world.put(replace(a_member("Heron"), **changes))
    assert not may_leave(chat, page)


def test_a_page_does_not_leave_to_somebody_who_went_off_call() -> None:
    chat = Chat()
    page = a_page(chat)
    chat.say(HERON, "/off")
    assert not may_leave(chat, page, NOW + timedelta(seconds=1))


def test_a_brief_does_not_leave_to_somebody_whose_partner_left() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    chat.press(HERON, Verb.ACCEPT)
    changes = chat.press(WREN, Verb.ACCEPT)
    brief = next(m for m in changes.messages if m.card == Card.BRIEF and m.to == HERON)
    assert may_leave(chat, brief)
    chat.press(WREN, Verb.DECLINE)
    assert not may_leave(chat, brief)


def test_a_brief_that_failed_holds_the_partner_back() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    chat.press(HERON, Verb.ACCEPT)
    changes = chat.press(WREN, Verb.ACCEPT)
    brief = next(m for m in changes.messages if m.card == Card.BRIEF and m.to == WREN)
    failed = network.failed(chat.world, brief, NOW, bytes(32))
    assert "hold-back" in cards(failed, HERON)


# --- taking back and forgetting ---------------------------------------------------------------


def test_cancel_before_a_team_frees_those_who_were_asked() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    chat.press(HERON, Verb.ACCEPT)
    changes = chat.say("r", "/cancel")
    assert chat.incident.state is State.CLOSED
    assert cards(changes, HERON) == ["released"]
    assert chat.world.busy_in(PersonId(HERON)) is None


def test_cancel_after_a_team_formed_stands_nobody_down() -> None:
    chat = out()
    changes = chat.say("r", "/cancel")
    assert chat.incident.state is State.OUT
    assert cards(changes, HERON) == ["update"]


def test_forget_destroys_the_report_and_the_stranger() -> None:
    chat = Chat()
    chat.say("+1888", REPORT)
    person = next(p for p in chat.world.everybody.values() if p.addresses[0].handle == "+1888")
    report = next(iter(chat.world.reports))
    chat.say(person.id, "/forget")
    changes = chat.press(person.id, Verb.FORGET)
    assert {f"report:{report}", f"person:{person.id}"} <= set(changes.destroyed)
    assert chat.world.person(person.id) is None
    assert not [r for r in changes.puts.values() if key_of(r) in changes.destroyed]


def test_forget_after_cancel_destroys_the_report_at_once() -> None:
    chat = Chat()
    chat.say("r", REPORT)
    report = next(iter(chat.world.reports))
    chat.say("r", "/cancel")
    chat.say("r", "/forget")
    assert f"report:{report}" in chat.press("r", Verb.FORGET).destroyed


def test_forget_while_a_team_is_out_is_kept_until_it_is_back() -> None:
    chat = out()
    chat.say("r", "/forget")
    changes = chat.press("r", Verb.FORGET)
    assert changes.destroyed == []
    chat.press(HERON, Verb.DONE)
    chat.press(HERON, Verb.OUT)
    assert [k for k in chat.press(WREN, Verb.OUT).destroyed if k.startswith("report:")]


# --- joining and vouching ---------------------------------------------------------------------


def test_a_join_code_ties_an_address_to_its_member_once() -> None:
    member: Person = a_member("Heron", addresses=())
    chat = Chat(a_network(member))
    chat.world.put(
        JoinCode(code="abcdefghijkl", expires_at=NOW + timedelta(days=1), person=member.id)
    )
    chat.say("+1888", "join abcdefghijkl")
    assert [a.handle for a in chat.world.everybody[member.id].addresses] == ["+1888"]
    assert len(chat.world.everybody) == 1
    chat.say("+1777", "join abcdefghijkl")
    assert [a.handle for a in chat.world.everybody[member.id].addresses] == ["+1888"]


def test_a_vouch_lifts_a_stranger_to_known_and_only_once() -> None:
    chat = Chat()
    chat.say(HERON, "/vouch")
    code = next(iter(chat.world.codes))
    chat.say("x", f"/join {code}")
    assert chat.world.level(PersonId("x")) is Level.KNOWN
    chat.say("k", f"/join {code}")
    assert not chat.world.person(PersonId("k")).vouches  # type: ignore[union-attr]


def test_only_trusted_members_vouch() -> None:
    chat = Chat()
    chat.say("r", "/vouch")
    chat.say("k", "/vouch")
    assert not chat.world.codes


def test_nobody_but_a_coordinator_ends_an_incident() -> None:
    chat = out()
    chat.say("r", f"/end {chat.incident.code} it is over")
    chat.say(OTTER, f"/end {chat.incident.code} it is over")
    assert len(chat.incident.active) == 2
    chat.say(OWL, f"/end {chat.incident.code} it is over")
    assert chat.incident.state is State.LEAVING


def test_a_report_merged_into_one_that_its_reporter_told_before_is_forgotten_with_it() -> None:
    world = a_small_network()
    world.put(a_member("Fox", roles=(Role.VERIFIER,)))
    chat = Chat(world)
    chat.say("r", REPORT)
    chat.say("x", REPORT)
    chat.at += timedelta(seconds=5)
    chat.say("x", f"/report {REPORT}")
    held = next(i for i in world.incidents.values() if i.state is State.HELD)
    second = held.sources[0].report
    merged = chat.press("fox", Verb.MERGE)
    assert f"report:{second}" in merged.destroyed
    assert second not in world.reports


def test_status_names_the_next_shift() -> None:
    chat = Chat(a_network(a_member("Heron")))
    for override in chat.world.overrides():
        chat.world.delete(override)
    shift = Shift(
        id="s1",
        person=PersonId(HERON),
        neighbourhood=Place("northside"),
        start="18:00",
        end="22:00",
        weekday=(NOW.weekday() + 2) % 7,
    )
    chat.world.put(shift)
    assert "18:00" in "".join(texts(chat.say(HERON, "/status"), HERON))
