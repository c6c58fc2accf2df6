"""A message that arrived sealed and asks something: how long it may stay unopened, and what then.

What it is for
    A link in a chat is no page on the phone: nobody knows that it was opened until somebody
    answers. Until then the message waits, and after a short time the same words go once more,
    over the person's next private channel.

Rules it keeps
    * Only what asks for an answer waits, and only while it is worth an answer soon: news and
      overviews do not.
    * Whoever was given little time gets most of it on the second channel: the wait is at most a
      third of what is left.
    * The second copy says that it is one, and that either may be answered.

What it must not know
    Queues, storage, the clock; whether an answer came.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from responder.core.messages import Message, Urgency
from responder.core.phrases import say

WAITS: Final[dict[Urgency, timedelta]] = {
    Urgency.LEAVE: timedelta(seconds=20),
    Urgency.PAGE: timedelta(seconds=40),
    Urgency.NEWS: timedelta(minutes=2),
}
"""How long a sealed message may stay unanswered before it goes another way.

Long enough to take a phone out of a pocket, open the link and read; short against the minutes
that a wave of pages or a brief waits. In danger half of that: twice the same word hurts nobody.
"""
SHARE: Final = 3
"""The wait is at most this part of the time until the message is too late."""


def due_at(message: Message, arrived_at: datetime) -> datetime | None:
    """When this message, sealed on a phone since `arrived_at`, goes another way if unanswered.

    None for what asks nothing, edits something, or has time.
    """
    wait = WAITS.get(message.urgency)
    if wait is None or not message.rows or message.replaces is not None:
        return None
    if message.expires_at is not None:
        wait = min(wait, (message.expires_at - arrived_at) / SHARE)
    return arrived_at + max(wait, timedelta())


def second(text: str, language: str) -> str:
    """The words of the second copy. The line goes below: a drill says first that it is one."""
    return f"{text}\n\n{say(language, 'phone.second')}"
