"""Pictures and voice go with the words that they belong to: to whoever may read those (L4)."""

from __future__ import annotations

import pytest

from responder.core import cards, events, network
from responder.core.desk import Desk
from responder.core.effects import Card, Tell
from responder.core.messages import Message
from responder.core.model import Level, Media, MediaKind, PersonId, Role, State
from responder.core.world import World
from tests.builders import (
    FOX,
    HERON,
    NOW,
    OWL,
    WREN,
    Story,
    a_member,
    a_report,
    a_reporter,
    a_small_network,
)

PEOPLE = (HERON, WREN, OWL, FOX, "r", "x")


def a_photo(ref: str, kind: MediaKind = MediaKind.PICTURE) -> Media:
    return Media(channel="signal", ref=ref, kind=kind, mime="image/jpeg")


CAR, STREET, SHOUT = a_photo("car"), a_photo("street"), a_photo("shout", MediaKind.VOICE)


def reported(by: str, *media: Media, world: World | None = None) -> Story:
    return Story(world or a_small_network(), a_report(PersonId(by), media=media))


def shown(story: Story) -> dict[str, tuple[str, tuple[Media, ...]]]:
    """Who was shown what by the last step, under which card."""
    tells = [e for e in story.effects if isinstance(e, Tell) and e.media]
    return {t.to: (t.card.value, t.media) for t in tells}


def added(story: Story, by: str, *media: Media, text: str = "") -> Story:
    event = events.Added(at=story.at, by=PersonId(by), text=text, media=media)
    return story.then(event)


def test_a_verifier_who_is_asked_sees_what_came_with_the_words() -> None:
    story = reported("x", CAR, SHOUT)
    assert story.incident.state is State.HELD
    assert shown(story) == {FOX: (Card.VERIFY_MEDIA, (CAR, SHOUT))}
    assert story.hears(FOX) == [Card.VERIFY, Card.VERIFY_MEDIA]


def test_a_picture_that_comes_later_goes_to_those_who_were_asked_without_empty_words() -> None:
    story = added(reported("x"), "x", CAR)
    assert story.hears(FOX) == [Card.VERIFY_MEDIA]
    assert added(story, "x", STREET, text="and this").hears(FOX) == [
        Card.VERIFY_MORE,
        Card.VERIFY_MEDIA,
    ]


def test_coordinators_see_it_beside_the_overview_as_soon_as_there_is_one() -> None:
    story = reported("r", CAR)
    assert shown(story) == {OWL: (Card.BOARD_MEDIA, (CAR,))}
    assert shown(added(story, "r", STREET)) == {OWL: (Card.BOARD_MEDIA, (STREET,))}


def test_a_coordinator_who_is_asked_to_verify_sees_it_once() -> None:
    story = reported("x", CAR)
    while not story.incident.boards:
        story.wait()
    assert shown(story) == {OWL: (Card.VERIFY_MEDIA, (CAR,))}
    assert [card for card in story.hears(OWL) if "media" in card] == [Card.VERIFY_MEDIA]


def test_the_team_sees_what_counts_and_coordinators_see_all() -> None:
    story = reported("r", CAR)
    second = a_report(PersonId("x"), media=(STREET,))
    story.then(events.Joined(at=story.at, report=second))
    assert shown(story) == {OWL: (Card.BOARD_MEDIA, (STREET,))}
    story.by(events.Accepted, HERON, WREN).by(events.HaveIt, HERON, WREN)
    team = {p: media for p, (card, media) in shown(story).items() if card == Card.MEDIA}
    assert team == {HERON: (CAR,), WREN: (CAR,)}


def test_who_was_asked_and_may_not_judge_it_any_more_sees_no_more_of_it() -> None:
    story = reported("x", CAR)
    apart = a_member("Fox", roles=(Role.VERIFIER,), keep_apart=(PersonId("x"),))
    story.world.put(apart)
    assert FOX not in shown(added(story, "x", SHOUT))


def test_a_picture_of_a_report_that_was_taken_back_is_shown_to_nobody_else() -> None:
    world = a_small_network()
    world.put(a_reporter("y", Level.UNKNOWN))
    story = reported("x", CAR, world=world)
    story.then(events.Joined(at=story.at, report=a_report(PersonId("y"), media=(STREET,))))
    story.by(events.ReporterCancelled, "x")
    while OWL not in shown(story):
        story.wait()
    assert shown(story)[OWL] == (Card.VERIFY_MEDIA, (STREET,))


def test_a_video_is_announced_to_nobody() -> None:
    assert shown(reported("x", a_photo("film", MediaKind.VIDEO))) == {}


@pytest.mark.parametrize("card", [Card.VERIFY_MEDIA, Card.BOARD_MEDIA])
def test_reporters_and_members_with_no_part_in_it_are_never_shown_it(card: Card) -> None:
    for by in ("r", "x"):
        story = reported(by, CAR)
        told = {e.to for e in story.effects if isinstance(e, Tell) and e.card is card}
        assert told <= ({FOX} if card is Card.VERIFY_MEDIA else {OWL})


# --- the last look, when it is about to leave and when a phone fetches it -------------------------


def may(story: Story, card: Card, to: str) -> bool:
    message = Message(
        id="m",  # type: ignore[arg-type]
        to=PersonId(to),
        card=card,
        text="words",
        created_at=NOW,
        sealed_under="incident:i1",
        incident=story.incident.id,
        needs_team=card is Card.MEDIA,
    )
    return network.may_leave(story.world, message, story.at)


def test_a_verifier_sees_it_only_while_it_waits() -> None:
    story = reported("x", CAR)
    assert [p for p in PEOPLE if may(story, Card.VERIFY_MEDIA, p)] == [OWL, FOX]
    story.by(events.Confirmed, FOX)
    assert not any(may(story, Card.VERIFY_MEDIA, p) for p in PEOPLE)


def test_only_the_incidents_own_coordinators_see_it_beside_the_overview() -> None:
    apart = a_member("Eagle", roles=(Role.COORDINATOR,), keep_apart=(PersonId("r"),))
    world = a_small_network()
    world.put(apart)
    story = reported("r", CAR, world=world)
    assert [p for p in (*PEOPLE, "eagle") if may(story, Card.BOARD_MEDIA, p)] == [OWL]


def test_what_quotes_a_report_in_pictures_goes_unsent_with_it() -> None:
    world = a_small_network()
    desk = Desk(world, NOW, b"n" * 32)
    story = reported("x", CAR, world=world)
    playbook = world.playbook(story.incident.playbook)
    faces = cards.Faces(story.incident, playbook, world, world.network)
    for card, to in ((Card.VERIFY_MEDIA, FOX), (Card.BOARD_MEDIA, OWL)):
        tell = Tell(to=PersonId(to), card=card, message="m", media=(CAR,))  # type: ignore[arg-type]
        desk._tell(story.incident, tell, faces)
    assert [(m.quotes, m.media) for m in desk.changes.messages] == [(True, (CAR,))] * 2
    assert all(m.notice != m.text and not m.open for m in desk.changes.messages)
