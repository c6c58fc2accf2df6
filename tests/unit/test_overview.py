"""Incidents in chat, for coordinators: the list, and one of them with its buttons."""

from __future__ import annotations

from msgspec.structs import replace

from responder.core.effects import Card
from responder.core.model import Incident, Role, State
from responder.core.phrases import say
from tests.builders import HERON, PLACE, an_incident
from tests.unit.desk_kit import OWL, Evening, on


def out(state: State = State.OUT) -> tuple[Evening, Incident]:
    """Owl coordinates; there is an incident, in whose team Heron is."""
    story = an_incident(state)
    evening = Evening(people=())
    evening.world, evening.at = story.world, story.at
    return evening, story.incident


def test_the_list_tells_kind_place_and_state_where_nobody_reads_along() -> None:
    evening, incident = out()
    evening.says(OWL, "/incidents")
    assert f"\n{incident.code}: " in evening.told(OWL)
    assert "Northside" in evening.told(OWL)
    assert say("en", "card.state.out") in evening.told(OWL)


def test_one_incident_comes_as_its_overview_with_all_its_buttons() -> None:
    evening, incident = out()
    evening.says(OWL, "/incidents").taps(OWL, incident.code)
    (message,) = evening.changes.messages
    assert message.card == Card.BOARD
    assert message.sealed_under == f"incident:{incident.id}"
    assert message.quotes, "it goes when the report in it is forgotten"
    assert "All leave now" in [c.label for row in message.rows for c in row]


def test_the_newest_overview_is_the_one_that_changes_and_older_ones_go() -> None:
    evening, incident = out()
    evening.says(OWL, f"/incidents {incident.code}")
    first = evening.changes.messages[0].id
    evening.says(OWL, f"/incidents {incident.code}")
    second = evening.changes.messages[0].id
    assert first in evening.changes.recalled
    evening.taps(OWL, "All leave now")
    edits = [m.replaces for m in evening.changes.messages if m.to == OWL and m.card == Card.BOARD]
    assert edits == [second]


def test_a_button_of_it_acts_on_the_incident() -> None:
    evening, incident = out()
    evening.says(OWL, "/incidents").taps(OWL, incident.code).taps(OWL, "All leave now")
    assert evening.world.incidents[incident.id].state is State.LEAVING


def test_where_others_read_along_stand_counts_and_numbers() -> None:
    evening, _ = out()
    owl = on("telegram", "Owl", roles=(Role.COORDINATOR,))
    evening.world.put(owl)
    evening.says(OWL, "/incidents")
    (message,) = evening.changes.messages
    shown = [message.notice, *(c.label for row in message.rows for c in row)]
    assert shown == [say("en", "overview.counted", number=1), "Show 1"]
    assert not message.open
    assert PLACE not in message.text


def test_nobody_is_shown_an_incident_that_they_reported() -> None:
    evening, incident = out()
    reporter = evening.person(incident.sources[0].reporter)
    evening.world.put(replace(reporter, call_sign="Tern", roles=(Role.COORDINATOR,)))
    for text in ("/incidents", f"/incidents {incident.code}"):
        evening.says(reporter.id, text)
        assert evening.told(reporter.id) == say("en", "overview.none")


def test_whoever_is_in_the_team_reads_no_state() -> None:
    evening, _ = out()
    heron = evening.person(HERON)
    evening.world.put(replace(heron, roles=(*heron.roles, Role.COORDINATOR)))
    evening.says(HERON, "/incidents")
    assert "Northside" in evening.told(HERON)
    assert say("en", "card.state.out") not in evening.told(HERON)


def test_note_and_end_without_a_code_show_what_is_open() -> None:
    evening, incident = out()
    for text in ("/note", "/end", "/end ZZ over"):
        evening.says(OWL, text)
        assert incident.code in evening.told(OWL)
