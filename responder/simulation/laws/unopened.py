"""L7 for what lies sealed on a phone: unless it is answered it goes another way, in time, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core.messages import Fate, Message, Urgency
from responder.core.model import MessageId
from responder.core.routing import Form
from responder.simulation.laws.book import Book, Lying, Step
from responder.simulation.post import PRIVACY, Left

_WAITS: Final = {
    Urgency.LEAVE: timedelta(seconds=20),
    Urgency.PAGE: timedelta(seconds=40),
    Urgency.NEWS: timedelta(minutes=2),
}
_LATE: Final = timedelta(minutes=2)


def goes_another_way(book: Book, left: Left) -> None:
    """What was answered does not come again; what is repeated unopened takes another channel."""
    message = left.message
    tried = book.tried[message.id]
    tried.add(left.channel)
    lying = book.lying.get(message.id)
    if lying is not None and not left.second:
        lying.channels.add(left.channel)
    elif lying is not None:
        again = left.channel in lying.channels and len(lying.channels) == 1
        book.must(not again, f"L7: {message.card} comes again where {message.to} left it unopened")
        late = not _answered(book, message, by=lying.due)
        book.must(late, f"L6: {message.card} comes again, though answered in time")
        lying.channels.add(left.channel)
    elif left.form is Form.SEALED and _asks(book, message):
        lasts = [message.expires_at - left.at] if message.expires_at else []
        wait = min((_WAITS[message.urgency], *(time / 3 for time in lasts)))
        book.lying[message.id] = Lying(message, left.at + wait, {left.channel}, wait)


def _asks(book: Book, message: Message) -> bool:
    """Whether this asks for an answer soon, and its reader has a private channel besides."""
    asks = bool(message.rows) and message.replaces is None and message.urgency in _WAITS
    if message.only or not asks:
        return False
    return _other_way(book, message)


def _other_way(book: Book, message: Message) -> bool:
    """Whether its reader has a private channel that it has not been tried over."""
    who = book.world.person(message.to)
    ways = [a.channel for a in who.addresses if not a.dead] if who else []
    return any(PRIVACY[channel] and channel not in book.tried[message.id] for channel in ways)


def _answered(book: Book, message: Message, by: datetime | None = None) -> bool:
    times = [book.answered.get(choice.token) for row in message.rows for choice in row]
    return any(at is not None and (by is None or at < by) for at in times)


def nothing_lies_for_ever(book: Book, step: Step) -> None:
    """A while after it is due, what lies unopened was answered, is void, or has left again."""
    for id, lying in tuple(book.lying.items()):
        message, row = lying.message, book.seen.disk.rows[id]
        lies_since = row.sealed_at
        due = max(lying.due, lies_since + lying.wait) if lies_since else lying.due
        still_tried = lies_since is None and row.fate is None
        if still_tried or step.at - max(due, book.awake_since) <= _LATE:
            continue
        del book.lying[id]
        tokens = [choice.token for line in message.rows for choice in line]
        void = row.fate in (Fate.WITHDRAWN, Fate.FAILED) or _edited(book, id)
        closed = len(book.seen.prompts(tokens)) < len(tokens)
        went = len(lying.channels) > 1 or not row.claimed
        right = void or closed or went or _answered(book, message) or _waits_on(book, message, step)
        book.must(right, f"L7: {message.card} to {message.to} lies unopened and goes no other way")


def _edited(book: Book, id: MessageId) -> bool:
    return id in book.edited


def _waits_on(book: Book, message: Message, step: Step) -> bool:
    """Whether there is no other way now, or it came too late to be worth sending."""
    expired = message.expires_at is not None and message.expires_at < step.at
    return expired or not _other_way(book, message) or not book.seen.may_leave(message)


STATE: Final = ()
STEP: Final = (nothing_lies_for_ever,)
LEAVING: Final = (goes_another_way,)
LAST: Final = ()
