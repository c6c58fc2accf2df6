"""Messages to people: what is in one, how soon it must leave, and how it ended.

What it must not know
    Which channel a message takes, and who decides that it is written.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from responder.core.model import IncidentId, Media, MessageId, PersonId, Pin, Record


class Urgency(IntEnum):
    """The order in which due messages leave; a smaller number leaves first."""

    LEAVE = 0
    """Leave now, hold back, stand down, duress: somebody may be in danger this minute."""
    PAGE = 1
    """Pages, briefs, go, verification cards, check-ins."""
    NEWS = 2
    """What people wait for: words to reporters, answers to what somebody just sent."""
    QUIET = 3
    """Boards, debriefs, replies to people nobody knows."""


class Choice(Record):
    """One option under a message: its words, and the random token that stands for its action."""

    label: str
    token: str
    number: int


class Message(Record):
    """One message to one person, with all words in it; the outbox chooses the channel.

    `text` is for end-to-end private channels; `notice` is the content-free form for the others.
    Where `open` is true the words may go over any channel (reporters' own conversations, help).
    `channel` asks for one channel first (a conversation is answered where it was begun); a
    message with `only` goes over no other.
    `handle` is set only where the person's record is destroyed by the same transaction: then it
    goes to that address of `channel` and nowhere else.
    `replaces` edits that earlier message in place. `thread` orders: messages of one person and
    one thread leave in order, and an edit that has not left is replaced by the next one.
    After `expires_at` it is not sent any more and counts as failed. `watched` says that the
    incident wants to know when it failed. `sealed_under` names the key of its body.
    """

    id: MessageId
    to: PersonId
    card: str
    text: str
    created_at: datetime
    sealed_under: str
    incident: IncidentId | None = None
    urgency: Urgency = Urgency.NEWS
    notice: str = ""
    open: bool = False
    channel: str = ""
    only: bool = False
    handle: str = ""
    rows: tuple[tuple[Choice, ...], ...] = ()
    media: tuple[Media, ...] = ()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    replaces: MessageId | None = None
    thread: str = ""
    silent: bool = False
    watched: bool = False
    needs_team: bool = False
    """It may tell a place: it leaves only while its reader is in a team of two that stands (L1)."""
    ask_place: bool = False
    quotes: bool = False
    """It holds what a report said: unsent, it goes when a report of its incident is forgotten."""
    place: str = ""
    pin: Pin | None = None
    """Where, once more, for a phone that can show it on its own map."""
    device: str = ""
    """The one phone that this is for; it goes there, or nowhere."""


class Fate(StrEnum):
    """How a message, or one attempt at it, ended."""

    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Settled(Record):
    """The end of one message on one channel; `ref` is the platform's reference if it was sent.

    `last` is true when no other channel is left to try: then the message itself has this fate.
    One that arrived sealed and asks something stays without a fate until it is answered or went
    another way; `unopened` says of the last word on it that it did.
    """

    message: MessageId
    channel: str
    fate: Fate
    at: datetime
    ref: str = ""
    last: bool = True
    unopened: bool = False
