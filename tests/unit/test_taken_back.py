"""What an incident told people and takes off their screens again, and when."""

from __future__ import annotations

from responder.core import effects, events
from responder.core.effects import Card, Tell
from responder.core.model import MessageId, PersonId, State
from tests.builders import HERON, OWL, WREN, Story, an_incident


def taken_back(story: Story) -> set[MessageId]:
    """What the last step took back."""
    return {e.message for e in story.effects if isinstance(e, effects.Recall)}


def told(story: Story, *cards: Card) -> set[MessageId]:
    """The messages of the last step with these cards."""
    return {e.message for e in story.effects if isinstance(e, Tell) and e.card in cards}


def test_pages_and_briefs_are_taken_back_when_everybody_is_out() -> None:
    story = an_incident(State.BRIEFING)
    briefs = {mate.brief for mate in story.incident.team if mate.brief}
    pages = {c.message for c in story.incident.calls if c.person in (HERON, WREN)}
    story.by(events.HaveIt, HERON, WREN).by(events.Done, HERON)
    assert not taken_back(story), "whoever is still out there may need the lines on how to leave"
    story.by(events.OutSafe, HERON, WREN)
    assert len(briefs) == 2 and briefs | pages <= taken_back(story)


def test_who_declines_keeps_nothing_of_the_page() -> None:
    """It is changed where it stands, into words that say nothing."""
    story = an_incident(State.PAGING)
    page = story.incident.calls[0]
    story.by(events.Declined, page.person)
    (tell,) = (e for e in story.effects if isinstance(e, Tell) and e.to == page.person)
    assert (tell.card, tell.replaces) == (Card.LEFT, page.message)


def test_what_was_told_after_the_end_is_taken_back_with_the_words() -> None:
    """The debrief names the partner; a quiet alarm names whom it is about."""
    story = an_incident(State.AFTERCARE).by(events.CheckedIn, HERON, duress=True)
    late = told(story, Card.ALARM)
    story.by(events.AccountedFor, OWL, person=PersonId(HERON), reason="I called")
    while story.incident.words:
        story.wait()
        late |= told(story, Card.ALARM, Card.DEBRIEF)
    assert len(late) >= 3 and late <= taken_back(story)
    assert story.incident.served == ()
