"""L4, need to know: who may read a place, a report's words, a reporter's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from responder.core.changes import NETWORK_KEY, key_of
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import Incident, PersonId, Role, State
from responder.core.phrases import LANGUAGES
from responder.core.routing import Form
from responder.simulation.laws import pleading
from responder.simulation.laws.book import CANARY, TO_TEAM, Book, Step
from responder.simulation.laws.notes import STANDS
from responder.simulation.post import PRIVACY, Left

_REPORTER_CARDS: Final = frozenset(
    {
        *(Card.HELD, Card.ASKED, Card.JOINED, Card.ON_THE_WAY, Card.THERE, Card.HAD_TO_LEAVE),
        Card.MORNING,
        *(Card.NOBODY, Card.OVER, Card.EXPIRED, Card.QUESTION, Card.FOLLOW_UP, Card.REPORTER_BACK),
    }
)
_WORD: Final = re.compile(r"\w+")


def need_to_know(book: Book, step: Step) -> None:
    """Places and words of a report reach its team, its verifiers and coordinators only."""
    for message in step.changes.messages:
        if "zq" not in message.text and "zq" not in message.notice and not message.rows:
            continue
        labels = " ".join(c.label for row in message.rows for c in row)
        hidden = CANARY.findall(message.notice + labels)
        book.must(not hidden, f"L4: a notice or label to {message.to} tells a report's words")
        for canary in set(CANARY.findall(message.text)):
            book.must(_may_know(book, step, message, canary), _leak(message, canary))


_RELAYED: Final = frozenset({Card.QUESTION, Card.UPDATE})


def _leak(message: Message, canary: str) -> str:
    kind = "place" if canary.startswith("zqp") else "words"
    return f"L4: the card {message.card} tells {message.to} the {kind} of a report"


def _may_know(book: Book, step: Step, message: Message, canary: str) -> bool:
    teller = book.seen.teller(canary)
    if message.to == teller and message.open:
        return True
    if message.card in _RELAYED and teller is not None and step.by == teller:
        # What a verifier asks, or a coordinator notes, in their own words is theirs to tell.
        return True
    incident = book.world.incidents.get(message.incident) if message.incident else None
    if message.incident is None and not message.open and teller is not None:
        return pleading.may_read(book, message.to, teller)
    if incident is None or message.open:
        return False
    if message.card in (Card.BOARD, Card.ALARM):
        return book.coordinates(incident, message.to)
    if message.card in (Card.VERIFY, Card.VERIFY_MORE):
        held = incident.state is State.HELD
        return held and any(a.person == message.to for a in incident.verification.asked)
    return message.card in TO_TEAM and _team_may_know(incident, message, teller)


def _team_may_know(incident: Incident, message: Message, teller: PersonId | None) -> bool:
    mate = incident.mate(message.to)
    if mate not in incident.active or len(incident.active) < 2 or incident.state not in STANDS:
        return False
    if teller is None or incident.mate(teller) is not None:
        return True
    return any(s.counts for s in incident.sources if s.reporter == teller)


def only_privately(book: Book, left: Left) -> None:
    """What a channel's operator reads is a reporter's own, or tells no word, name, place, kind."""
    message = left.message
    if left.form is Form.WORDS and not PRIVACY[left.channel]:
        bare = message.open or message.text == message.notice
        book.must(bare, f"L4: {message.card} to {message.to} goes open over {left.channel}")
    if PRIVACY[left.channel]:
        return
    reader = book.world.person(message.to)
    if reader is not None and reader.member:
        others = book.names.keys() - {reader.call_sign}
        named = others & set(_WORD.findall(left.shown))
        book.must(not named, f"L4: {message.card} to {message.to} names others over {left.channel}")
    if message.open:
        return
    told = CANARY.search(left.shown)
    book.must(not told, f"L4: words to {message.to} over {left.channel}")
    shown = left.shown.casefold()
    tells = [name for name in _kinds_and_places(book) if name in shown]
    book.must(not tells, f"L4: {message.card} to {message.to} tells {tells} over {left.channel}")


def _kinds_and_places(book: Book) -> Iterator[str]:
    for playbook in book.world.texts.values():
        for language in LANGUAGES:
            yield playbook.title.in_(language).casefold()
    for neighbourhood in book.world.neighbourhoods.values():
        yield neighbourhood.name.casefold()


def no_reporter_is_named(book: Book, step: Step) -> None:
    """Nobody is told who reported; reporters never hear who comes."""
    for message in step.changes.messages:
        words = set(_WORD.findall(message.text))
        for word in words & book.secrets.keys():
            own = book.secrets[word] == message.to
            told = message.incident is None and message.to in book.reports_of
            book.must(own or told, f"L4: {message.card} tells {message.to} of {book.secrets[word]}")
        if message.card in _REPORTER_CARDS:
            book.must(not words & book.names.keys(), f"L4: {message.card} names a member")


def cards_go_to_their_readers(book: Book, step: Step) -> None:
    """Boards, alarms and verifiers' cards reach only those who hold the role."""
    for message in step.changes.messages:
        incident = book.world.incidents.get(message.incident) if message.incident else None
        if incident is None or message.card not in _FOR_ROLES:
            continue
        if message.card == Card.VERIFY:
            who = book.world.everybody[message.to]
            right = who.has(Role.VERIFIER) or who.has(Role.COORDINATOR)
            book.must(right, f"L4: {message.to} was asked to verify")
            continue
        stands_in = message.card == Card.ALARM and message.to in book.world.stand_ins(incident)
        right = stands_in or book.coordinates(incident, message.to)
        book.must(right, f"L4: {message.card} to {message.to}, who coordinates nothing there")


_FOR_ROLES: Final = frozenset({Card.BOARD, Card.ALARM, Card.UNREACHED, Card.VERIFY})


def sealed_under_its_own(book: Book, step: Step) -> None:
    """Words of a report are never written under the network's own key, which nobody destroys."""
    for record in step.changes.puts.values():
        if key_of(record) == NETWORK_KEY:
            told = CANARY.search(repr(record))
            book.must(not told, f"L4: a {type(record).__name__} holds words of a report")


STATE: Final = ()
STEP: Final = (
    need_to_know,
    no_reporter_is_named,
    cards_go_to_their_readers,
    sealed_under_its_own,
)
LEAVING: Final = (only_privately,)
LAST: Final = ()
