"""Gaps that are told, turns that are given away, taken over and swapped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from responder.commands.shifts import _unpaged
from responder.core import network
from responder.core.admin import OPS, AdminFault
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.messages import Message
from responder.core.model import Address, Care, Person, PersonId, Role, Shift
from responder.core.rosters import keeping, openings
from responder.core.spoken import Inbound, Verb
from tests.builders import NORTHSIDE, NOW, a_member, a_network

MONDAY = datetime(2025, 6, 16, tzinfo=UTC)
SIX = MONDAY + timedelta(hours=18)
HERON, WREN, OTTER, STORK = (a_member(name) for name in ("Heron", "Wren", "Otter", "Stork"))
OWL = a_member("Owl", roles=(Role.COORDINATOR,))


def a_shift(person: Person, weekday: int = 0) -> Shift:
    return Shift(id=f"{person.id}{weekday}", person=person.id, neighbourhood=NORTHSIDE,
                 start="18:00", end="22:00", weekday=weekday)  # fmt: skip


class Town:
    """Owl coordinates; Heron and Wren are on call on Mondays from 18:00 to 22:00."""

    def __init__(self, *people: Person, on: Sequence[Person] = (HERON, WREN)) -> None:
        everybody = people or (HERON, WREN, OTTER, STORK)
        self.world = a_network(OWL, *everybody, on_call=False)
        for person in on:
            self.world.put(a_shift(person))
        self.at, self.count = NOW, 0

    def nonce(self) -> bytes:
        self.count += 1
        return self.count.to_bytes(32, "big")

    def look(self) -> Changes:
        desk = Desk(self.world, self.at, self.nonce())
        keeping.look(desk)
        return desk.changes

    def say(self, person: Person, text: str = "", token: str = "", **more: Any) -> Changes:
        address = person.addresses[0]
        said = Inbound(channel=address.channel, handle=address.handle, at=self.at,
                       key=str(self.count), text=text, token=token, **more)  # fmt: skip
        return network.hear(self.world, said, self.at, self.nonce())

    def press(self, person: Person, verb: Verb) -> Changes:
        """Press this person's first button of that meaning."""
        mine = [p for p in self.world.prompts_of(person.id) if p.action.verb == verb]
        return self.say(person, token=mine[0].token)

    def offered(self, verb: Verb = Verb.TAKE) -> list[str]:
        questions = self.world.questions.all.values()
        return sorted(
            {q.person for q in questions if any(p.action.verb == verb for p in q.prompts)}
        )

    def on_call(self, at: datetime = SIX) -> list[str]:
        return sorted(self.world.on_call(NORTHSIDE, at))

    def do(self, op: str, **given: Any) -> Any:
        return OPS[op](Desk(self.world, self.at, self.nonce()), given)


def to(changes: Changes, person: Person) -> list[Message]:
    return [m for m in changes.messages if m.to == person.id]


def words(changes: Changes, person: Person) -> str:
    return "\n".join(m.text for m in to(changes, person))


# --- gaps -----------------------------------------------------------------------------------------


def test_a_gap_is_told_once_to_those_who_could_take_it_and_to_coordinators() -> None:
    town = Town(on=(HERON,))
    first = town.look()
    assert town.offered() == ["otter", "stork", "wren"]
    assert "Northside, Monday 2025-06-16, 18:00 to 22:00" in words(first, OTTER)
    assert "Asked whether they take it: 3" in words(first, OWL) and not to(first, HERON)
    town.at += timedelta(hours=5)
    assert town.look().empty


def test_a_gap_further_off_than_two_days_is_not_told_yet() -> None:
    town = Town(on=(HERON,))
    town.at = SIX - timedelta(hours=49)
    assert town.look().empty
    town.at += timedelta(hours=2)
    assert town.look().messages


def test_on_a_channel_that_is_not_private_stand_a_notice_and_a_button() -> None:
    town = Town(on=(HERON,))
    for message in town.look().messages:
        assert not message.open and message.notice and "Northside" not in message.notice
        labels = [choice.label for row in message.rows for choice in row]
        assert all("Northside" not in label and "18:00" not in label for label in labels)


def test_the_first_who_takes_it_has_it_and_the_others_hear_that_it_is_settled() -> None:
    town = Town(on=(HERON,))
    town.look()
    late = next(p for p in town.world.prompts_of(STORK.id) if p.action.verb == Verb.TAKE)
    taken = town.press(OTTER, Verb.TAKE)
    assert town.on_call() == ["heron", "otter"] and town.offered() == []
    assert "Otter takes Northside" in words(taken, OWL)
    assert [line.verb for line in taken.audit] == ["shift.take"]
    assert not to(town.say(STORK, token=late.token), STORK)
    assert town.on_call() == ["heron", "otter"]


def changed(changes: Changes, message: Message) -> list[Message]:
    """What now stands in the place of that message."""
    return [m for m in changes.messages if m.replaces == message.id]


def test_who_was_asked_and_is_not_needed_any_more_finds_that_and_no_button() -> None:
    town = Town(on=(HERON,))
    asked = town.look()
    (question,) = to(asked, STORK)
    taken = town.press(OTTER, Verb.TAKE)
    (now,) = changed(taken, question)
    assert "nobody more is wanted" in now.text and "18:00" in now.text
    assert not now.rows and not now.open and "18:00" not in now.notice
    (own,) = changed(taken, to(asked, OTTER)[0])
    assert own.text.startswith("Thank you. You are on call") and not own.rows


def test_what_was_asked_for_two_is_changed_when_the_second_took_it_and_for_nobody_before() -> None:
    town = Town(on=())
    opened = town.do("shift.open", neighbourhood="northside", when=f"{SIX:%Y-%m-%d} 18:00-22:00",
                     people=2)  # fmt: skip
    assert opened
    first = town.press(OTTER, Verb.TAKE)
    assert not [m for m in first.messages if m.replaces]
    second = town.press(STORK, Verb.TAKE)
    assert sorted(m.to for m in second.messages if m.replaces) == [
        "heron", "otter", "stork", "wren"
    ]  # fmt: skip


def test_nobody_who_left_since_is_told_what_became_of_it() -> None:
    town = Town(on=(HERON,))
    town.look()
    town.do("member.remove", call_sign="Stork")
    assert not to(town.press(OTTER, Verb.TAKE), STORK)


def test_a_gap_for_two_stays_open_until_a_team_could_form() -> None:
    town = Town(on=(HERON,))
    town.world.delete(a_shift(HERON))
    town.world.put(replace(a_shift(HERON), person=OWL.id))
    town.look()
    town.press(OTTER, Verb.TAKE)
    assert town.offered() == ["heron", "stork", "wren"]
    town.press(STORK, Verb.TAKE)
    assert town.offered() == []


def test_a_gap_that_somebody_fills_otherwise_is_asked_about_no_more() -> None:
    town = Town(on=(HERON,))
    town.look()
    town.world.put(a_shift(WREN))
    town.look()
    assert town.offered() == [] and not openings.all_of(town.world)


def test_substitutes_are_asked_at_once_when_somebody_drops_out() -> None:
    town = Town()
    town.at = SIX + timedelta(hours=1)
    off = town.say(WREN, "/off")
    assert town.offered() == ["otter", "stork"]
    assert "19:00 to 22:00" in words(off, OTTER)
    town.press(OTTER, Verb.TAKE)
    assert town.on_call(town.at) == ["heron", "otter"]


def test_nobody_who_rests_or_had_their_pages_is_asked() -> None:
    town = Town(on=(HERON,))
    town.at = SIX + timedelta(minutes=30)
    town.world.put(Care(person=OTTER.id, rest_until=SIX + timedelta(hours=2)))
    town.world.put(Care(person=WREN.id, paged_at=(SIX, SIX, SIX)))
    town.look()
    assert town.offered() == ["stork"]


# --- giving away ----------------------------------------------------------------------------------


def given_away() -> Town:
    town = Town()
    town.say(HERON, "/shifts")
    town.press(HERON, Verb.GIVE)
    return town


def test_own_shifts_are_told_in_private_with_what_can_be_done() -> None:
    town = Town()
    (answer,) = to(town.say(HERON, "/shifts"), HERON)
    assert "1. Northside, Monday 2025-06-16, 18:00 to 22:00" in answer.text
    assert "Northside" not in answer.notice and not answer.open
    assert [c.label for c in answer.rows[0]] == ["Give away 1", "Swap 1"]


def test_who_gives_a_turn_away_stays_on_call_until_somebody_takes_it() -> None:
    town = given_away()
    assert town.offered() == ["otter", "stork"]
    assert town.on_call() == ["heron", "wren"]
    taken = town.press(STORK, Verb.TAKE)
    assert town.on_call() == ["stork", "wren"]
    assert "Stork takes over" in words(taken, HERON)
    assert town.on_call(SIX + timedelta(days=7)) == ["heron", "wren"]


def test_a_turn_can_be_kept_after_all_until_it_is_taken() -> None:
    town = given_away()
    town.press(HERON, Verb.KEEP)
    assert town.offered() == [] and town.on_call() == ["heron", "wren"]


def test_a_turn_is_given_away_once() -> None:
    town = given_away()
    town.say(HERON, "/shifts")
    again = town.press(HERON, Verb.GIVE)
    assert "have been asked" in words(again, HERON) and not to(again, OTTER)


def test_when_nobody_can_be_asked_coordinators_know_at_once() -> None:
    town = Town(HERON, WREN)
    town.say(HERON, "/shifts")
    given = town.press(HERON, Verb.GIVE)
    assert "nobody could be asked" in words(given, OWL)
    assert "You stay on call" in words(given, HERON)


def test_when_nobody_took_it_coordinators_know_three_hours_before() -> None:
    town = given_away()
    town.at = SIX - timedelta(hours=4)
    assert town.look().empty
    town.at = SIX - timedelta(hours=3)
    assert "nobody has taken it" in words(town.look(), OWL)
    assert town.look().empty
    town.at = SIX + timedelta(hours=4)
    town.look()
    assert not openings.all_of(town.world) and town.offered() == []


def test_an_open_one_can_be_claimed_from_the_list() -> None:
    town = given_away()
    answer = words(town.say(OTTER, "/shifts"), OTTER)
    assert "Somebody is wanted here:\n1. Northside" in answer
    town.press(OTTER, Verb.TAKE)
    assert town.on_call() == ["otter", "wren"]


@pytest.mark.parametrize("command", ["/shifts", "/coverage"])
def test_a_stranger_gets_the_answer_of_all_members_commands(command: str) -> None:
    town = Town()
    stranger = replace(HERON, addresses=(Address(channel="signal", handle="+1999"),))
    (answer,) = town.say(stranger, command).messages
    assert "does not work here" in answer.text and "Northside" not in answer.text


@pytest.mark.parametrize("text", ["every tue 18-22", "cada martes 18-22", "tue 18-22 in Northside"])
def test_a_shift_is_written_in_chat_and_undone(text: str) -> None:
    town = Town()
    put = town.say(HERON, f"/shifts {text}")
    assert "Heron is on call in Northside: every tue 18:00-22:00" in words(put, HERON)
    assert town.on_call(SIX + timedelta(days=1)) == ["heron"]
    assert [line.verb for line in put.audit] == ["shift.add"]
    assert "already" in words(town.say(HERON, f"/shifts {text}"), HERON)
    town.press(HERON, Verb.UNSHIFT)
    assert town.on_call(SIX + timedelta(days=1)) == []


def test_a_coordinator_writes_shifts_for_others_and_a_member_only_their_own() -> None:
    town = Town()
    town.say(OWL, "/shifts Wren every 2nd tue 18-22")
    town.say(HERON, "/shifts Wren wed 18-22")
    assert town.on_call(SIX + timedelta(days=1)) == ["wren"]
    assert town.on_call(SIX + timedelta(days=8)) == []
    assert town.on_call(SIX + timedelta(days=2)) == []


# --- swapping -------------------------------------------------------------------------------------


def tuesday(town: Town) -> datetime:
    town.world.put(a_shift(OTTER, 1))
    return SIX + timedelta(days=1)


def test_a_swap_needs_both() -> None:
    town = Town()
    other = tuesday(town)
    town.say(HERON, "/shifts")
    town.press(HERON, Verb.SWAP)
    asked = town.press(HERON, Verb.SWAP_WITH)
    assert "Heron would like to swap" in words(asked, OTTER)
    assert town.on_call() == ["heron", "wren"] and town.on_call(other) == ["otter"]
    agreed = town.press(OTTER, Verb.SWAP_YES)
    assert town.on_call() == ["otter", "wren"] and town.on_call(other) == ["heron"]
    assert "Heron and Otter have swapped" in words(agreed, OWL)


def test_a_swap_that_is_declined_changes_nothing_and_names_nobody() -> None:
    town = Town()
    tuesday(town)
    town.say(HERON, "/shifts")
    town.press(HERON, Verb.SWAP)
    town.press(HERON, Verb.SWAP_WITH)
    declined = town.press(OTTER, Verb.SWAP_NO)
    assert town.on_call() == ["heron", "wren"]
    assert "Nothing has changed" in words(declined, HERON)
    assert not declined.audit and PersonId("otter") not in town.world.cares


def test_a_coordinator_swaps_for_others_and_both_hear_of_it() -> None:
    town = Town()
    other = tuesday(town)
    answer = town.do("shift.swap", call_sign="Heron", at="2025-06-16 19:00", other="Otter",
                     other_at="2025-06-17 19:00")  # fmt: skip
    assert town.on_call() == ["otter", "wren"] and town.on_call(other) == ["heron"]
    for short in answer["exceptions"]:
        town.do("shift.remove", id=short)
    assert town.on_call() == ["heron", "wren"] and town.on_call(other) == ["otter"]


def test_a_swap_that_cannot_be_is_refused_with_its_reason() -> None:
    town = Town()
    with pytest.raises(AdminFault, match="overlap"):
        town.do("shift.swap", call_sign="Heron", at="2025-06-16 19:00", other="Wren",
                other_at="2025-06-16 19:00")  # fmt: skip
    with pytest.raises(AdminFault, match="not on call then"):
        town.do("shift.swap", call_sign="Heron", at="2025-06-18 19:00", other="Wren",
                other_at="2025-06-16 19:00")  # fmt: skip


def test_nobody_swaps_into_hours_that_are_theirs_in_part_already() -> None:
    """Two people on call would become one, and nobody would notice."""
    town = Town()
    other = tuesday(town)
    town.world.put(replace(a_shift(OTTER, 0), id="part", start="18:00", end="20:00"))
    with pytest.raises(AdminFault, match="on call then already"):
        town.do("shift.swap", call_sign="Heron", at="2025-06-16 21:00", other="Otter",
                other_at="2025-06-17 19:00")  # fmt: skip
    assert town.on_call(other) == ["otter"]


# --- open shifts ----------------------------------------------------------------------------------


def test_an_open_shift_is_for_as_many_as_are_wanted() -> None:
    town = Town()
    made = town.do("shift.open", when="2025-06-18 10:00-14:00", neighbourhood="northside",
                   people=2)  # fmt: skip
    assert made["asked"] == 4
    town.press(HERON, Verb.TAKE)
    town.press(OTTER, Verb.TAKE)
    assert town.offered() == []
    assert town.on_call(MONDAY + timedelta(days=2, hours=11)) == ["heron", "otter"]


def test_an_open_shift_that_is_closed_is_offered_no_more() -> None:
    town = Town()
    made = town.do("shift.open", when="2025-06-18 22:00-02:00", neighbourhood="northside")
    assert made["end"].startswith("2025-06-19T02:00")
    town.do("shift.close", id=made["short"])
    assert town.do("shift.openings") == [] and town.offered() == []


@pytest.mark.parametrize("when", ["fri 18:00-22:00", "2025-06-13 18:00-22:00", "noon"])
def test_an_open_shift_has_a_date_that_lies_ahead(when: str) -> None:
    with pytest.raises(AdminFault):
        Town().do("shift.open", when=when, neighbourhood="northside")


# --- coverage in chat, and the loop ---------------------------------------------------------------


def test_coverage_says_places_in_private_and_counts_alone_elsewhere() -> None:
    town = Town(on=(HERON,))
    (answer,) = to(town.say(OWL, "/coverage"), OWL)
    assert "Northside: 164 h nobody, 4 h one alone, 0 h covered" in answer.text
    assert "Gap: Northside, Monday 2025-06-16, 18:00 to 22:00" in answer.text
    assert "4 one alone. Gaps in the shifts: 1." in answer.notice
    assert "Northside" not in answer.notice


@pytest.mark.parametrize(
    ("role", "said"),
    [(Role.VERIFIER, "asked to verify reports"), (Role.COORDINATOR, "a coordinator hears alarms")],
)
def test_on_call_says_what_reaches_those_who_are_not_paged(role: Role, said: str) -> None:
    town = Town(on=(OTTER,))
    town.world.put(replace(OTTER, roles=(role,)))
    north = town.do("shift.oncall", at="2025-06-16 19:00")[0]
    (otter,) = north["people"]
    assert not otter["paged"] and _unpaged(otter) == said
