"""The shipped playbooks rehearsed: each through the real core, from first word to forgetting."""

from __future__ import annotations

from pathlib import Path

import pytest

from responder.core import events
from responder.core.effects import Card
from responder.core.model import Level, Outcome, PersonId, Role, State, Training
from responder.core.playbook import LANGUAGES, Playbook
from responder.core.showing import shown
from responder.playbook_files import shelf
from tests.builders import FOX, HERON, Story, a_member, a_network, a_report, a_reporter

SHIPPED = shelf.folder(Path(__file__).parents[2] / "playbooks").found
EACH = pytest.mark.parametrize("playbook", SHIPPED.values(), ids=SHIPPED)
HANDS = ("Heron", "Wren", "Otter", "Plover", "Dunlin")


def rehearsal(playbook: Playbook, reporter: str = "r") -> Story:
    """An incident of this kind in a network of five trained people; r is trusted, x a stranger."""
    trained = tuple(Training(name=name) for name in playbook.team.training)
    world = a_network(
        *(a_member(name, trainings=trained) for name in HANDS),
        a_member("Owl", roles=(Role.COORDINATOR,)),
        a_member("Fox", roles=(Role.VERIFIER,)),
        a_reporter("r"),
        a_reporter("k", Level.KNOWN, granted_by=PersonId(FOX)),
        a_reporter("x", Level.UNKNOWN),
        playbooks=[playbook],
    )
    return Story(world, a_report(PersonId(reporter), kind=playbook.id))


def paged(playbook: Playbook) -> Story:
    """A rehearsal up to the first wave that finds anybody: nobody here made an offer of help."""
    story = rehearsal(playbook)
    while not story.incident.calls:
        story.wait()
    return story


def at(story: Story) -> State:
    """The state to which the story has come by now."""
    return story.incident.state


@EACH
def test_a_trusted_report_becomes_a_team_that_goes_and_comes_home(playbook: Playbook) -> None:
    """Paged, briefed, gone, accounted for, looked back with, forgotten."""
    story = paged(playbook)
    assert at(story) is State.PAGING
    team = [name.lower() for name in HANDS[: playbook.team.size]]
    story.by(events.Accepted, *team)
    assert at(story) is State.BRIEFING
    assert {mate.role for mate in story.incident.team} == {role.id for role in playbook.team.roles}
    story.by(events.HaveIt, *team)
    assert at(story) is State.OUT
    story.by(events.There, *team).by(events.Done, HERON).by(events.OutSafe, *team)
    assert at(story) is State.AFTERCARE
    while at(story) is not State.CLOSED:
        story.wait()
    assert story.incident.outcome is Outcome.RESPONDED


@EACH
def test_a_strangers_report_waits_for_a_verifier(playbook: Playbook) -> None:
    """No kind pages by the word of somebody for whom nobody stands."""
    story = rehearsal(playbook, reporter="x")
    assert at(story) is State.HELD
    assert all(card != Card.PAGE for _, card in story.told)
    story.by(events.Confirmed, FOX)
    assert at(story) is State.PAGING


@EACH
def test_a_known_persons_report_pages_unless_this_kind_is_verified_first(
    playbook: Playbook,
) -> None:
    """Only where a false alarm does the most harm is more asked for."""
    strict = playbook.id == "immigration-witness"
    assert rehearsal(playbook, "k").incident.state is (State.HELD if strict else State.PAGING)


@EACH
def test_where_nobody_is_free_the_reporter_hears_what_else_helps(playbook: Playbook) -> None:
    """Every wave comes to nothing, and the incident ends with a kind word."""
    story = rehearsal(playbook)
    heard: list[str] = []
    for _ in range(60):
        story.wait()
        heard += story.hears("r")
        if at(story) is State.CLOSED:
            break
    assert story.incident.outcome is Outcome.NOBODY
    assert Card.NOBODY in heard


@EACH
def test_a_partner_who_leaves_is_replaced_and_nobody_stays_alone(playbook: Playbook) -> None:
    """The law of laws, in every kind: whoever is left holds back until somebody joins."""
    story = paged(playbook)
    team = [name.lower() for name in HANDS[: playbook.team.size]]
    story.by(events.Accepted, *team).by(events.HaveIt, *team)
    for leaver in team[1:]:
        story.by(events.Declined, leaver)
    assert Card.HOLD_BACK in story.hears(HERON)


@EACH
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_reads_it_in_their_own_language(playbook: Playbook, language: str) -> None:
    """Reporter, responder, verifier and coordinator each hear of it, from page to debrief."""
    messages = shown(playbook, language)
    assert {one.to for one in messages} == {"reporter", "responder", "verifier", "coordinator"}
    cards = {one.card for one in messages if one.to == "responder"}
    assert {"page", "brief", "go", "thanks", "debrief"} <= cards
