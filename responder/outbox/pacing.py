"""What one channel bears: how many messages, how close together, and when to leave it alone.

What it is for
    The outbox asks a `Gate` when it opens for a message of some urgency, and tells it how each
    request went.

Rules it keeps
    * In no stretch of one second (longer, where a channel takes less than one message a second)
      do more requests begin than the platform allows: it counts the same way and punishes bursts.
    * A request counts from when it leaves, not from when it was chosen; one that was answered late
      counts as if it had come late: what was held up on its way must not fall in with the next.
    * News and quiet messages never use the last third of these requests, rounded up, nor of those
      that may be under way at once: a page always finds room, also while a flood of strangers is
      answered. Of Telegram's 28 a second ten are kept back: as many as a page to ten people takes.
    * A chat gets its messages at the platform's distance; only pages and orders to leave may
      break it.
    * A channel in trouble is asked by one message at a time until it answers again.

What it must not know
    Messages, people, tasks. Times are seconds of one monotonic clock, handed in.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from responder.core.messages import Urgency
from responder.ports import Pace

BACKOFF_S: Final = (0.5, 30.0)
"""The first and the longest wait of a channel that does not say how long to wait."""
PATIENCE_S: Final = 10.0
"""A channel that is out of order for longer counts as down: what is urgent goes another way."""
SLOWER: Final = 1.02
"""By how much the quickest answer of late is forgotten with each answer."""
FORGIVEN_S: Final = 60.0
"""So long after a pause new trouble counts as new."""
_MOST_CHATS: Final = 4096


def urgent(urgency: Urgency) -> bool:
    """Whether it may use what is kept back, and break the distance within a chat."""
    return urgency <= Urgency.PAGE


@dataclass(slots=True)
class _Trouble:
    """A spell of refusals: since when, how many, and until when nothing is sent."""

    since: float = math.inf
    until: float = -math.inf
    refusals: int = 0

    def wait(self, after_s: float | None, now: float, jitter: float) -> float:
        """Note a refusal at `now`; the seconds to wait."""
        first_s, most_s = BACKOFF_S
        if self.refusals == 0 or now - self.until > FORGIVEN_S:
            self.since, self.refusals = now, 0
        if after_s is None:
            raised = first_s * 2.0 ** min(self.refusals, 16)
            wait_s = min(max(raised * (0.5 + jitter), first_s), most_s)
        else:
            wait_s = max(after_s, first_s)
        self.refusals += 1
        self.until = max(self.until, now + wait_s)
        return wait_s

    def lasting(self, now: float) -> bool:
        """Whether it goes on, and will have lasted for longer than anybody urgent can wait."""
        return now < self.until and self.until - self.since > PATIENCE_S


@dataclass(slots=True)
class _Chat:
    trouble: _Trouble
    last: float = -math.inf


class Gate:
    """The limits of one channel, and its health as its answers show it.

    `jitter` gives numbers from 0 up to 1, so that not everybody comes back at the same moment.
    """

    def __init__(self, pace: Pace, jitter: Callable[[], float]) -> None:
        self._most = max(1, int(pace.per_second))
        self._window_s = self._most / pace.per_second
        self._per_chat_s = pace.per_chat_s
        self._at_once = max(1, pace.at_once)
        self._jitter = jitter
        self._begun: list[float] = []
        self._quickest_s = math.inf
        self._under_way: dict[int, float] = {}
        self._tickets = 0
        self._trouble = _Trouble()
        self._answered = -math.inf
        self._chats: dict[str, _Chat] = {}
        self._tidy_at = _MOST_CHATS

    # --- asking ---------------------------------------------------------------------------------

    def opens_at(self, urgency: Urgency, now: float) -> float:
        """When it lets such a message through: `now`, later, or `inf` until a request ends."""
        if now < self._trouble.until:
            return self._trouble.until
        slots = 1 if self._trouble.refusals else self._at_once
        if len(self._under_way) >= _share(slots, urgency):
            return math.inf
        if self._begun and self._begun[0] + self._window_s <= now:
            del self._begun[: bisect_right(self._begun, now, key=lambda at: at + self._window_s)]
        over = len(self._begun) - _share(self._most, urgency)
        return now if over < 0 else self._begun[over] + self._window_s

    def chat_opens_at(self, handle: str, urgency: Urgency, now: float) -> float:
        """When this chat takes such a message: `now` or later."""
        chat = self._chats.get(handle)
        if chat is None:
            return now
        spaced = -math.inf if urgent(urgency) else chat.last + self._per_chat_s
        return max(now, chat.trouble.until, spaced)

    def down(self, handle: str, now: float) -> bool:
        """Whether what is urgent should go another way, if there is one."""
        chat = self._chats.get(handle)
        # Nothing hangs for longer than since the last answer: mostly there is nothing to look for.
        stalled = now >= self._answered + PATIENCE_S and now >= self.stalls_at()
        return (
            self._trouble.lasting(now)
            or stalled
            or (chat is not None and chat.trouble.lasting(now))
        )

    def stalls_at(self) -> float:
        """When the requests under way will have hung for too long; `inf` if none is.

        One that began before the last answer counts as slow: the platform lives.
        """
        hanging = (begun for begun in self._under_way.values() if begun >= self._answered)
        return min(hanging, default=math.inf) + PATIENCE_S

    # --- telling --------------------------------------------------------------------------------

    def begin(self, handle: str, now: float) -> int:
        """A request begins; the ticket ends it."""
        insort(self._begun, now)
        self._tickets += 1
        self._under_way[self._tickets] = now
        self._chat(handle, now).last = now
        return self._tickets

    def leaves(self, ticket: int, handle: str, now: float) -> None:
        """The request leaves only now; it was held up since it began."""
        if self._under_way[ticket] < now:
            self._count_from(self._under_way[ticket], now)
            self._under_way[ticket] = self._chat(handle, now).last = now

    def end(self, ticket: int, now: float | None = None) -> None:
        """The request is over, however it went; at `now`, if it left at all.

        When the platform counted it, nobody tells; at the latest as long before its answer as the
        quickest answer takes.
        """
        left = self._under_way.pop(ticket, None)
        if left is None or now is None:
            return
        took_s = now - left
        self._quickest_s = min(took_s, self._quickest_s * SLOWER)
        if took_s > self._quickest_s:
            self._count_from(left, now - self._quickest_s)

    def _count_from(self, before: float, at: float) -> None:
        """Count the request that began then as one that began at this later time."""
        found = bisect_left(self._begun, before)
        if found < len(self._begun) and self._begun[found] == before:
            del self._begun[found]
        insort(self._begun, at)

    def answered(self, handle: str, now: float) -> None:
        """The platform did its work, or refused it for a reason: it is in order."""
        self._answered = now
        if self._trouble.refusals:
            self._trouble = _Trouble()
        chat = self._chat(handle, now)
        if chat.trouble.refusals:
            chat.trouble = _Trouble()

    def hold(self, after_s: float | None, begun: float, now: float) -> float:
        """The platform asks for a pause or is down; the seconds until it is tried again.

        Requests that had `begun` before the pause was known say nothing new: they only make it
        longer if they were told how long it is.
        """
        if after_s is None and self._trouble.refusals and begun < self._trouble.until:
            return max(self._trouble.until - now, 0.0)
        return self._trouble.wait(after_s, now, self._jitter())

    def hold_chat(self, handle: str, after_s: float | None, now: float) -> float:
        """This chat alone takes nothing for a while; the seconds."""
        return self._chat(handle, now).trouble.wait(after_s, now, self._jitter())

    def _chat(self, handle: str, now: float) -> _Chat:
        chat = self._chats.get(handle)
        if chat is None:
            if len(self._chats) >= self._tidy_at:
                self._tidy(now)
            chat = self._chats[handle] = _Chat(_Trouble())
        return chat

    def _tidy(self, now: float) -> None:
        """Forget chats that idle; while few do, look again only after as many more have come."""
        idle = now - max(FORGIVEN_S, self._per_chat_s)
        self._chats = {
            name: chat
            for name, chat in self._chats.items()
            if max(chat.last, chat.trouble.until) > idle
        }
        self._tidy_at = max(_MOST_CHATS, 2 * len(self._chats))


def _share(whole: int, urgency: Urgency) -> int:
    """How much of a limit a message may use: all of it, or what is not kept back."""
    return whole if urgent(urgency) else max(1, whole - math.ceil(whole / 3))
