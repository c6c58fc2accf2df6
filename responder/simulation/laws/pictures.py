"""L4 and L8 for pictures and voice: who gets which, over a channel or from the hatch, how long."""

from __future__ import annotations

from typing import Final

from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import Incident, Media, PersonId, State
from responder.core.routing import Form
from responder.simulation.laws.book import Book, Step
from responder.simulation.laws.notes import STANDS
from responder.simulation.post import PRIVACY, Left

_SHOWS: Final = frozenset({Card.MEDIA, Card.VERIFY_MEDIA, Card.BOARD_MEDIA})


def told_to_their_readers(book: Book, step: Step) -> None:
    """Pictures are told of under three cards, and to those alone who may see them then."""
    for message in step.changes.messages:
        for media in message.media:
            book.must(message.card in _SHOWS, f"L4: {message.card} carries a picture")
            right = _may_see(book, message.to, message, media, STANDS)
            book.must(right, f"L4: {message.card} shows {message.to} a picture of {media.ref}")


def leave_to_their_readers(book: Book, left: Left) -> None:
    """When a picture leaves its reader may still see it, and nobody had it forgotten."""
    if not left.message.media:
        return
    private = PRIVACY[left.channel] or left.form is Form.SEALED
    book.must(private, f"L4: a picture leaves over {left.channel} for its operator to see")
    for media in left.pictures if left.form is Form.WORDS else ():
        _handed(book, left.message.to, left.message, media)


def handed_out(book: Book, person: PersonId, message: Message, media: Media) -> None:
    """When a phone is handed a picture its owner may still see it, and nobody had it forgotten."""
    _handed(book, person, message, media)


def _handed(book: Book, person: PersonId, message: Message, media: Media) -> None:
    right = _may_see(book, person, message, media, frozenset({State.OUT}))
    book.must(right, f"L4: {person} gets the picture {media.ref} under {message.card}")
    report = book.pictures.get(media)
    gone = f"report:{report}" in book.destroyed
    book.must(not gone, f"L8: {person} gets the picture {media.ref} of a forgotten report")


def _may_see(
    book: Book, person: PersonId, message: Message, media: Media, standing: frozenset[State]
) -> bool:
    incident = book.world.incidents.get(message.incident) if message.incident else None
    report = book.pictures.get(media)
    if incident is None or all(w.report != report for w in incident.words):
        return False
    match message.card:
        case Card.MEDIA:
            return _goes(incident, person, standing) and _counts(incident, report)
        case Card.VERIFY_MEDIA:
            return incident.state is State.HELD and _asked(book, incident, person)
        case _:
            return book.coordinates(incident, person)


def _asked(book: Book, incident: Incident, person: PersonId) -> bool:
    """Whether they were asked to verify it, whatever became of the card, and may."""
    asked = {a.person for a in (*incident.verification.asked, *incident.verification.unreached)}
    return person in asked and not any(
        r.id == person or person in book.reckoning.ever_stood_for(r)
        for r in book.reporters(incident)
    )


def _goes(incident: Incident, person: PersonId, standing: frozenset[State]) -> bool:
    """Whether they were told to go, with a team that stands."""
    went = any(m.person == person and m.went for m in incident.active)
    return went and len(incident.active) >= 2 and incident.state in standing


def _counts(incident: Incident, report: str | None) -> bool:
    return any(s.report == report and s.counts for s in incident.sources)


def none_is_left_behind(book: Book) -> None:
    """In the end no platform's service holds a picture that somebody sent."""
    left = sorted(media.ref for media in book.seen.on_services())
    book.must(not left, f"L8: {left} are left on their services")


STATE: Final = ()
STEP: Final = (told_to_their_readers,)
LEAVING: Final = (leave_to_their_readers,)
LAST: Final = (none_is_left_behind,)
