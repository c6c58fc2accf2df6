"""What of a message stands on a page of the pager, under which thread, and how new it is.

What it is for
    The core writes one text for every channel. A phone shows its parts where they belong: the
    place with a way to the map, the partner, what keeps people safe. Which page supersedes which
    is decided here too.

Rules it keeps
    * Every word of the text is on the page, or in a heading of the pager's own.
    * All that tells a place or words of one call is one thread: once its end was opened on the
      phone, none of it opens there again. Which of two is newer is when they were decided, not
      when they were sent.

What it must not know
    Keys, phones, links; who may read what: that was decided before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core.clean import MARK
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import Person
from responder.core.phrases import say
from responder.core.world import World
from responder.sealed.pages import Layout, PageContent

SHOWN_FOR: Final = timedelta(hours=12)
"""How long a page can be read."""
PAGE_SHOWN_FOR: Final = timedelta(hours=2)
"""How long a page that asks somebody to come can be read: late answers count while people are
still looked for."""

OVER: Final = frozenset(
    {Card.ENOUGH, Card.RELEASED, Card.LEFT, Card.STAND_DOWN, Card.THANKS},
)
"""After these there is nothing to read any more. Not after "leave now": whoever is still out there
may need the lines on how to leave."""
_CALLS: Final = frozenset({Card.PAGE, Card.REQUEST, Card.BRIEF})
_IN_THE_CALL: Final = frozenset({Card.BRIEF, Card.TEAM_CHANGED, Card.GO, Card.UPDATE, Card.MEDIA})
"""What may tell a team a place or words."""
_IN_THE_CHECK: Final = frozenset({Card.VERIFY, Card.VERIFY_MORE, Card.VERIFY_MEDIA})
_TITLE_LIMIT: Final = 200
_LISTS: Final = ("safety", "disengage")
_BULLET: Final = "- "
"""Stands before each point of a list in a card."""


def page_of(
    message: Message, person: Person, world: World, at: datetime
) -> tuple[PageContent, int]:
    """What this person's phones show of the message if it leaves now, and its sequence number."""
    follows = _follows(message, world)
    content = replace(_content(message, person, at), thread=_thread(message, follows))
    return content, _sequence(message, follows)


def _content(message: Message, person: Person, at: datetime) -> PageContent:
    layout, language = _layout(message.card), person.language
    expires_at = at + (PAGE_SHOWN_FOR if layout == "page" else SHOWN_FOR)
    content = PageContent(
        thread=message.id, layout=layout, language=language, expires_at=expires_at
    )
    match layout:
        case "probe":
            return replace(content, expires_at=message.expires_at or expires_at, token=message.text)
        case "over":
            return content
    title, paragraphs = _title(message.text, language)
    if message.card != Card.BRIEF or not paragraphs:
        return replace(content, title=title, lines=paragraphs)
    return _brief(replace(content, title=title), message, paragraphs)


def _brief(content: PageContent, message: Message, paragraphs: Sequence[str]) -> PageContent:
    """A brief under headings of its own: where, with whom, to stay safe, when to leave.

    The card's order is place, what was told, the team; the network's own lists are known by the
    line above them, which no quoted line can pass for.
    """
    language = content.language
    at = paragraphs.index(_under(language, "card.place", paragraphs) or paragraphs[0])
    before, place, told = paragraphs[:at], paragraphs[at], paragraphs[at + 1 : at + 2]
    team, rest = paragraphs[at + 2 : at + 3], paragraphs[at + 3 :]
    safety, leave = (_under(language, f"card.{key}", rest) for key in _LISTS)
    content = replace(
        content,
        partner="".join(team).removeprefix(say(language, "card.with", mates="")),
        safety=_items(safety),
        leave=_items(leave),
        guidance=tuple(part for part in rest if part not in (safety, leave)),
    )
    if not (message.place or message.pin):
        return replace(content, lines=(*before, place, *told))
    where = "\n".join(line.removeprefix(MARK) for line in place.split("\n")[1:])
    return replace(content, place=where, pin=message.pin, lines=(*before, *told))


def _under(language: str, key: str, paragraphs: Sequence[str]) -> str:
    """The paragraph that begins with this phrase as a line; empty where there is none."""
    head = say(language, key) + "\n"
    return next((part for part in paragraphs if part.startswith(head)), "")


def _items(paragraph: str) -> tuple[str, ...]:
    """The points below a heading. One that goes over several lines stays one."""
    _, _, below = paragraph.partition(f"\n{_BULLET}")
    return tuple(below.split(f"\n{_BULLET}")) if below else ()


def _title(text: str, language: str) -> tuple[str, tuple[str, ...]]:
    """The first line as a title, with the mark of a drill before it, and the paragraphs below.

    Where that line is the whole text, or too long for a title, there is none.
    """
    title, _, rest = text.partition("\n")
    if title == say(language, "card.drill"):
        first, _, rest = rest.partition("\n")
        title = f"{title} {first}"
    if not rest.strip() or len(title) > _TITLE_LIMIT:
        title, rest = "", text
    return title, tuple(p.strip("\n") for p in rest.split("\n\n") if p.strip())


def _layout(card: str) -> Layout:
    if card == "probe":
        return "probe"
    if card in OVER:
        return "over"
    if card == Card.BRIEF:
        return "brief"
    return "page" if card in (Card.PAGE, Card.REQUEST) else "card"


def _follows(message: Message, world: World) -> datetime | None:
    """When that was told to which this only adds; None for what stands by itself.

    To a brief, as long as its reader has not been called back; to a verifier's card.
    """
    incident = world.incidents.get(message.incident) if message.incident else None
    if incident is None:
        return None
    if message.card in _IN_THE_CHECK:
        return incident.opened_at
    mate = incident.mate(message.to)
    adds = message.card in _IN_THE_CALL and message.card != Card.BRIEF
    return mate.briefed_at if adds and mate and not mate.told_leave else None


def _thread(message: Message, follows: datetime | None) -> str:
    """What a later page supersedes. An edit is a version of what it edits."""
    thread: str = message.replaces or message.id
    if message.card == "probe":
        thread = message.thread
    elif message.card in _IN_THE_CHECK or message.card == Card.VERIFY_CLOSED:
        thread = f"{message.incident}.check"
    elif follows or message.card in OVER or message.card in _CALLS:
        thread = f"{message.incident}.call"
    return thread[:64]


def _sequence(message: Message, follows: datetime | None) -> int:
    """What is newer within a thread, in half milliseconds.

    What adds to a brief or to a verifier's card is as old as that is, so that both stay readable;
    an end is newer than all that was decided at the same time.
    """
    ends = message.card in OVER or message.card == Card.VERIFY_CLOSED
    return int((follows or message.created_at).timestamp() * 1000) * 2 + int(ends)
