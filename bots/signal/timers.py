"""Messages on Signal that disappear: the timer of each conversation, set once and kept so.

Rules it keeps
    * No message waits for a timer, and none fails by it: it is ordered beside the send.
    * A conversation is never made to last longer than the person in it chose: a shorter timer of
      theirs stays. One that was switched off, or is longer than ours, is set again.
    * One order at a time, a second apart: each is a message of its own to that person, and Signal
      counts it against the account.
    * No address goes into the log.

What it must not know
    Texts, and what a message is about.

The service cannot be asked which timer a conversation has (its list of contacts reads a field
that signal-cli does not write), so what was set is kept in the network's own memory. It drops an
order to set 0 and answers 204 all the same: in json-rpc mode a timer can be changed, never
switched off (signal-cli-rest-api 0.101, `UpdateContact` and `ListContacts` in `client.go`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from responder.ports import Memory, Rejected, Unreachable

log = structlog.get_logger("bots.signal.bot")

GAP_S = 1.0
RETRY_S = 60.0
AGAIN_S = 600.0
"""What a phone sent before our order reached it still carries the old timer; and whoever switches
it off again and again gets no order for each of their messages."""
MOST = 20_000
"""Addresses that are kept in mind at once; what is dropped is looked up again."""

Order = Callable[[str, int], Awaitable[None]]
"""Sets the timer of the conversation with an address, in seconds; raises `SendError`."""


class Timers:
    """Which conversations have their timer, and which are still to get one.

    `length_s` 0 sets none. `steady` gives monotonic seconds.
    """

    def __init__(
        self,
        length_s: int,
        order: Order,
        *,
        steady: Callable[[], float],
        gap_s: float = GAP_S,
    ) -> None:
        self.memory: Memory | None = None
        self._length_s, self._gap_s = length_s, gap_s
        self._order = order
        self._steady = steady
        self._done: set[str] = set()
        self._theirs: set[str] = set()
        self._undone: set[str] = set()
        self._due: dict[str, None] = {}
        self._set_at: dict[str, float] = {}
        self._not_before = 0.0
        self._task: asyncio.Task[None] | None = None

    def wanted(self, handle: str) -> None:
        """Something is sent there now: see to the timer, unless it stands. Returns at once."""
        if not self._length_s or handle in self._done or len(self._due) >= MOST:
            return
        self._due[handle] = None
        if self._task is None and self.memory is not None and self._steady() >= self._not_before:
            self._task = asyncio.create_task(self._work(self.memory), name="signal-timers")

    def heard(self, handle: str, seconds: int) -> None:
        """The timer under which somebody wrote; 0 for none."""
        if not self._length_s:
            return
        if 0 < seconds <= self._length_s:
            self._theirs.add(handle)
            self._undone.discard(handle)
        elif self._steady() - self._set_at.get(handle, -AGAIN_S) >= AGAIN_S:
            self._theirs.discard(handle)
            self._done.discard(handle)
            self._undone.add(handle)

    async def close(self) -> None:
        """Order nothing more; what is left is ordered after the next start."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _work(self, memory: Memory) -> None:
        try:
            while self._due:
                handle = next(iter(self._due))
                ordered = await self._see_to(handle, memory)
                del self._due[handle]
                if ordered:
                    await asyncio.sleep(self._gap_s)
        except Exception as fault:  # nobody waits for a timer, and sends must go on
            self._not_before = self._steady() + RETRY_S
            log.warning("signal_timer_later", error=type(fault).__name__, count=len(self._due))
        finally:
            self._task = None
            self._stay_small()

    async def _see_to(self, handle: str, memory: Memory) -> bool:
        """Whether an order went out. Raises where it must be tried later."""
        kept, ours = memory.recall(handle), str(self._length_s)
        if kept is None:
            return False
        ordering = handle not in self._theirs and (kept != ours or handle in self._undone)
        if ordering:
            try:
                await self._order(handle, self._length_s)
            except (Unreachable, Rejected) as fault:
                log.info("signal_timer_refused", error=type(fault).__name__)
                self._done.add(handle)
                return True
            self._set_at[handle] = self._steady()
            self._undone.discard(handle)
        self._done.add(handle)
        if kept != ours:
            await memory.keep(handle, ours)
        return ordering

    def _stay_small(self) -> None:
        if len(self._set_at) > MOST:
            late = self._steady() - AGAIN_S
            self._set_at = {handle: at for handle, at in self._set_at.items() if at > late}
        for some in (self._done, self._theirs, self._undone):
            if len(some) > MOST:
                some.clear()
