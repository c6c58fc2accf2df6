"""The auditor at work: looks twice a minute, mends, tells coordinators, knows whether all is well.

Rules it keeps
    * What is seen once may be gone a moment later: it becomes a worry when it is seen twice, and
      what looking again can mend is mended before that.
    * Coordinators hear of a worry about an incident once, in plain words; of a deadline that
      cannot be worked off the dispatcher itself tells them.
    * A restart is asked for only where it can help: not because a platform is down, and not
      because of an incident that would fail the next process as well.

What it must not know
    Platforms, systemd, how any of this is shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

import structlog

from responder.core import events
from responder.core.auditing import Broken, Sick, Sight, Sort, Unsent, Worry, worries
from responder.core.desk import Desk
from responder.core.messages import Urgency
from responder.core.model import IncidentId, MessageId
from responder.dispatching.dispatcher import Dispatcher
from responder.ports import Channel
from responder.storage.drawer import Waiting
from responder.storage.rows import StoreError
from responder.watching.ledger import Ledger

_log = structlog.get_logger()

EVERY_S: Final = 30.0
TURN_S: Final = 20.0
"""How long the writer may take for an input that changes nothing."""
ASK_S: Final = 10.0
"""How long a platform may take to say how it is."""
STALE_S: Final = 150.0
"""An auditor that has not looked for so long says nothing any more."""
STALLED_AFTER: Final = timedelta(minutes=5)
"""Urgent words wait, every channel is well, and nothing was sent or failed for so long."""
MOST_ROWS: Final = 1000
"""With more than that in the outbox, only the oldest of each urgency is looked at."""
TOLD_FOR: Final = timedelta(hours=1)
"""A worry that was gone for so long is a new one when it comes back."""

_TOLD: Final = frozenset(
    {
        Sort.NO_DEADLINE,
        Sort.NOBODY_ASKED,
        Sort.UNWATCHED,
        Sort.NOBODY_TO_ALARM,
        Sort.UNSENT,
        Sort.NOT_ESCALATED,
    }
)
"""What coordinators can do something about: it concerns one incident."""

Key = tuple[Sort, IncidentId | None, str, str]


class Outbox(Protocol):
    """What is asked of the outbox."""

    async def load(self) -> None:
        """Take up what is on disk and not known yet."""

    def depth(self) -> dict[Urgency, int]:
        """How many messages wait, of each urgency."""

    def oldest(self) -> dict[Urgency, datetime]:
        """When the oldest of each urgency was written."""


class Records(Protocol):
    """What is asked of the store."""

    async def waiting(self) -> list[Waiting]:
        """Every message without a fate."""


class Wellness(NamedTuple):
    """How a channel is, since when, and what it says of itself: no person, no secret."""

    well: bool
    since: datetime
    detail: str


def _key(worry: Worry) -> Key:
    return worry.sort, worry.incident, worry.channel, worry.part


class Watch:
    """Looks at a running network until cancelled; `content` says whether all is well."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        outbox: Outbox,
        store: Records,
        ledger: Ledger,
        channels: Mapping[str, Channel],
        *,
        now: Callable[[], datetime],
        broken: Callable[[], tuple[Broken, ...]] = tuple,
        steady: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._dispatcher, self._outbox, self._store = dispatcher, outbox, store
        self._ledger, self._channels = ledger, channels
        self._broken = broken
        self._now, self._steady, self._wait = now, steady, wait
        self.since = now()
        self.turning = True
        """Whether the writer works off what it is given."""
        self.worries: tuple[Worry, ...] = ()
        self.channels: dict[str, Wellness] = {}
        self._seen: frozenset[Key] = frozenset()
        self._told: dict[Key, datetime] = {}
        self._stalled = False
        self._idle_since: datetime | None = None
        self._blind = False
        self._looked_s = steady()
        self._housekeeping = dispatcher.counts["housekeeping_failed"]

    # --- what it knows --------------------------------------------------------------------------

    @property
    def awake(self) -> bool:
        """Whether it has looked lately; what it knew before counts for nothing."""
        return self._steady() - self._looked_s < STALE_S and not self._blind

    @property
    def content(self) -> bool:
        """Whether all is well, as far as anybody in here can see."""
        return self.awake and self.turning and not self.worries

    @property
    def restart_helps(self) -> bool:
        """Whether the process should be ended from outside and started anew."""
        return not (self.awake and self.turning) or self._stalled

    # --- looking --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look every half minute, until cancelled."""
        ask = False
        while True:
            try:
                await self.audit(ask=ask)
                self._blind = False
            except Exception as error:
                self._blind = True
                _log.error("audit_failed", error=type(error).__name__)
            # Platforms are asked from the second look on: at the start others come first.
            ask = True
            await self._wait(EVERY_S)

    async def audit(self, *, ask: bool = True) -> None:
        """Look once; with `ask` each platform is asked how it is."""
        self.turning = await self._turns()
        if ask:
            await asyncio.gather(*(self._ask(one) for one in self._channels.values()))
        now = self._now()
        sight = await self._sight()
        seen = worries(self._dispatcher.world, now, sight)
        self._stalled = self._has_stalled(sight, now)
        self._confirm(seen, now)
        if self.turning:
            await self._heal(seen)
            await self._tell(now)
        self._looked_s = self._steady()

    async def _turns(self) -> bool:
        try:
            async with asyncio.timeout(TURN_S):
                await self._dispatcher.do(lambda _: None)
        except TimeoutError:
            _log.error("writer_stands_still", seconds=TURN_S)
            return False
        return True

    async def _ask(self, channel: Channel) -> None:
        try:
            async with asyncio.timeout(ASK_S):
                health = await channel.health()
            well, detail = health.ok, health.detail
        except Exception as error:
            well, detail = False, f"no answer ({type(error).__name__})"
        before = self.channels.get(channel.name)
        since = before.since if before is not None and before.well is well else self._now()
        self.channels[channel.name] = Wellness(well, since, detail)

    async def _sight(self) -> Sight:
        failed = self._dispatcher.counts["housekeeping_failed"]
        refuses, self._housekeeping = failed > self._housekeeping, failed
        return Sight(
            unsent=await self._unsent(),
            unsettled=self._ledger.unsettled(),
            sick=tuple(
                Sick(channel=name, since=one.since)
                for name, one in self.channels.items()
                if not one.well
            ),
            disk_refuses=refuses,
            broken=self._broken(),
        )

    async def _unsent(self) -> tuple[Unsent, ...]:
        """What waits on disk, which is the truth; while very much waits, the oldest in memory."""
        if sum(self._outbox.depth().values()) <= MOST_ROWS:
            try:
                async with asyncio.timeout(TURN_S):
                    rows = await self._store.waiting()
            except (StoreError, TimeoutError) as error:
                _log.warning("rows_unread", error=type(error).__name__)
            else:
                # What lies sealed on a phone has left; whether it is opened, the outbox watches.
                return tuple(_unsent(row) for row in rows if row.arrived_at is None)
        return tuple(
            Unsent(message=MessageId(""), urgency=urgency, since=since)
            for urgency, since in self._outbox.oldest().items()
        )

    def _has_stalled(self, sight: Sight, now: datetime) -> bool:
        """Whether the outbox stands still though nothing outside keeps it from sending."""
        urgent = any(one.urgency <= Urgency.PAGE for one in sight.unsent)
        if not urgent or sight.sick:
            self._idle_since = None
            return False
        idle_since = self._idle_since or now
        self._idle_since = max(idle_since, self._ledger.settled_at or idle_since)
        return now - self._idle_since > STALLED_AFTER

    # --- what follows ---------------------------------------------------------------------------

    def _confirm(self, seen: tuple[Worry, ...], now: datetime) -> None:
        """What is seen for the second time is a worry."""
        confirmed = tuple(one for one in seen if _key(one) in self._seen)
        known = {_key(one) for one in self.worries}
        for one in confirmed:
            if _key(one) not in known:
                late_s = round((now - one.since).total_seconds()) if one.since else None
                _log.warning(
                    "worried",
                    kind=one.sort,
                    channel=one.channel or one.part or None,
                    count=one.count,
                    seconds=late_s,
                )
        if self.worries and not confirmed:
            _log.info("content_again")
        self._seen, self.worries = frozenset(map(_key, seen)), confirmed

    async def _heal(self, seen: tuple[Worry, ...]) -> None:
        """What looking again can mend: a deadline passed over, a message that memory lost."""
        try:
            async with asyncio.timeout(TURN_S):
                for one in seen:
                    if one.sort is Sort.OVERDUE and one.incident is not None:
                        await self._tick(one.incident)
                if any(one.sort in (Sort.UNSENT, Sort.NOBODY_ASKED) for one in self.worries):
                    await self._outbox.load()
        except Exception as error:
            _log.error("not_healed", error=type(error).__name__)

    async def _tick(self, incident: IncidentId) -> None:
        def again(desk: Desk) -> None:
            found = desk.world.incidents.get(incident)
            if found is not None:
                desk.apply(found, events.Due(at=desk.at))

        await self._dispatcher.do(again)

    async def _tell(self, now: datetime) -> None:
        """Each worry about an incident reaches coordinators once."""
        self._told = {key: at for key, at in self._told.items() if now - at < TOLD_FOR}
        for one in self.worries:
            fresh = _key(one) not in self._told
            if one.sort in _TOLD and one.incident is not None:
                self._told[_key(one)] = now
                if fresh:
                    await self._say(one, now)

    async def _say(self, worry: Worry, now: datetime) -> None:
        minutes = round((now - worry.since).total_seconds() / 60) if worry.since else 0

        def tell(desk: Desk) -> None:
            found = desk.world.incidents.get(worry.incident) if worry.incident else None
            if found is not None:
                name = f"worry.{worry.sort}"
                desk.tell_coordinators(name, code=found.code, minutes=max(minutes, 1))

        try:
            async with asyncio.timeout(TURN_S):
                await self._dispatcher.do(tell)
        except Exception as error:
            self._told.pop(_key(worry), None)
            _log.error("worry_untold", error=type(error).__name__)


def _unsent(row: Waiting) -> Unsent:
    message = row.message
    return Unsent(
        message=message.id,
        urgency=message.urgency,
        since=max(message.created_at, message.not_before or message.created_at),
        incident=message.incident,
    )
