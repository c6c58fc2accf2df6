"""Care that is a limit and no score; who is awake first; notes for whoever comes on call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from responder.core import effects, events
from responder.core.admin import AdminFault
from responder.core.model import Address, Care, Override, Person, PersonId, State
from responder.core.rosters import handover
from tests.builders import HERON as HERON_ID
from tests.builders import NORTHSIDE, NOW, an_incident
from tests.unit.test_roster_turns import HERON, OTTER, OWL, SIX, WREN, Town, to, words


def test_one_reads_their_own_account_and_no_other() -> None:
    town = Town()
    town.world.put(Care(person=HERON.id, paged_at=(NOW, NOW), hard_calls=1,
                        rest_until=NOW + timedelta(hours=6)))  # fmt: skip
    town.world.put(Care(person=WREN.id, hard_calls=4))
    (answer,) = to(town.say(HERON, "/care"), HERON)
    assert "Pages tonight: 2 of at most 3; in two days: 2. Hard calls: 1." in answer.text
    assert "rest until Sunday 02:00" in answer.text and "Wren" not in answer.text
    assert not answer.open and "2 of" not in answer.notice


def test_a_coordinator_reads_everybodys() -> None:
    town = Town()
    town.world.put(Care(person=WREN.id, paged_at=(NOW,), hard_calls=4))
    assert "Wren: 1 of 3 tonight, hard calls 4" in words(town.say(OWL, "/care"), OWL)
    (one,) = town.do("care.show")
    assert (one["call_sign"], one["tonight"], one["hard_calls"]) == ("Wren", 1, 4)


@pytest.mark.parametrize("answer", [events.Declined, None])
def test_declining_counts_nowhere(answer: type[events.Declined] | None) -> None:
    story = an_incident(State.PAGING)
    before = dict(story.world.cares)
    if answer is not None:
        story.by(answer, HERON_ID)
        carried = [e for e in story.effects if isinstance(e, effects.Rest | effects.Paged)]
        assert PersonId(HERON_ID) not in [e.person for e in carried]
    assert story.world.cares == before
    fresh = replace(story.incident, id=story.incident.id, calls=(), team=())
    after = story.world.candidates(fresh, "neighbourhood", NOW)
    untouched = an_incident(State.PAGING)
    clean = replace(untouched.incident, calls=(), team=())
    assert after == untouched.world.candidates(clean, "neighbourhood", NOW)


def test_those_awake_are_asked_first_until_they_said() -> None:
    story = an_incident(State.PAGING)
    fresh = replace(story.incident, calls=(), team=())
    order = list(story.world.candidates(fresh, "neighbourhood", NOW))
    last = [p for p in order if story.world.everybody[p].experienced][-1]
    story.world.put(Care(person=last, awake_until=NOW + timedelta(hours=1)))
    assert story.world.candidates(fresh, "neighbourhood", NOW)[0] == last
    later = NOW + timedelta(hours=1)
    assert list(story.world.candidates(fresh, "neighbourhood", later)) == order


def test_to_be_awake_is_said_in_chat_and_puts_nobody_on_call() -> None:
    town = Town()
    assert "Until Sunday 02:00" in words(town.say(OTTER, "/awake until 02:00"), OTTER)
    assert town.world.cares[OTTER.id].awake_until == NOW + timedelta(hours=6)
    assert town.on_call(NOW) == []
    assert "/awake until 02:00" in words(town.say(OTTER, "/awake tomorrow"), OTTER)


# --- handover -------------------------------------------------------------------------------------


def noted() -> Town:
    town = Town()
    town.say(OWL, "/handover Northside: The hall is locked, the key is with Fox.")
    return town


def test_whoever_comes_on_call_gets_the_note_once() -> None:
    town = noted()
    town.at = SIX - timedelta(minutes=1)
    assert "The hall" not in words(town.look(), HERON)
    town.at = SIX
    look = town.look()
    for person in (HERON, WREN):
        (message,) = to(look, person)
        assert message.text == "Note for Northside: The hall is locked, the key is with Fox."
        assert not message.open and "hall" not in message.notice
    town.at += timedelta(minutes=1)
    assert town.look().empty


def on_now(person: Person, town: Town) -> Override:
    return Override(id="now", person=person.id, start=town.at, end=town.at + timedelta(hours=1),
                    available=True, made_at=town.at)  # fmt: skip


def test_whoever_is_on_call_gets_a_new_note_at_once_and_who_joins_later_then() -> None:
    town = noted()
    town.at = SIX
    town.look()
    town.world.put(on_now(OTTER, town))
    later = town.look()
    assert to(later, OTTER) and not to(later, HERON)
    said = town.say(OWL, "/handover Northside Another.")
    assert "Another" in words(said, OTTER) and "Another" in words(said, HERON)


def test_a_note_goes_with_no_words_or_after_a_week() -> None:
    town = noted()
    town.say(OWL, "/handover northside")
    assert handover.note(town.world, NORTHSIDE) is None
    town = noted()
    town.at += handover.KEPT
    town.look()
    assert handover.note(town.world, NORTHSIDE) is None


def test_who_cannot_be_reached_privately_is_not_counted_as_told() -> None:
    town = Town()
    town.at = SIX
    town.world.put(replace(HERON, addresses=()))
    answer = town.do("shift.note", neighbourhood="northside", text="Locked.")
    assert answer == {"neighbourhood": "Northside", "told": 1, "there": True}


def test_only_a_coordinator_writes_a_note() -> None:
    town = Town()
    assert "does not work here" in words(town.say(HERON, "/handover Northside Hi."), HERON)
    stranger = replace(HERON, addresses=(Address(channel="signal", handle="+1999"),))
    town.say(stranger, "/handover Northside Hi.")
    assert handover.note(town.world, NORTHSIDE) is None
    with pytest.raises(AdminFault, match="1000 characters"):
        town.do("shift.note", neighbourhood="northside", text="x" * 1001)
