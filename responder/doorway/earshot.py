"""Looks, on a schedule, whether channels still hear what people write, and has it told.

Rules it keeps
    * What is due is data: `step` does all that is due and says when to come again; where the clock
      was set, it begins anew.
    * Coordinators hear once that a channel is deaf, and once that it hears again, however often
      the program starts between the two.
    * Whom a gap concerns, and how often they hear of one, `core/deafness.py` says.
    * Whatever fails here is logged and tried again; it ends nothing else.

What it must not know
    Platforms, and how a channel finds out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from responder.core import deafness
from responder.core.desk import Desk
from responder.core.world import World
from responder.ports import Channel, Probed, SendError

_log = structlog.get_logger()

Do = Callable[[Callable[[Desk], None]], Awaitable[None]]
_LOOK_S: Final = 5.0
_SHORTEST_S: Final = 0.05


class Ear:
    """One channel: when it is probed next, what is awaited, whether it is deaf.

    `world` is the one in memory: whether the channel is deaf stands there, and on disk.
    """

    def __init__(
        self, name: str, channel: Probed, do: Do, now: datetime, *, world: Callable[[], World]
    ) -> None:
        self.name = name
        self._channel, self._do, self._world = channel, do, world
        self._next_at = now
        self._missed: list[tuple[datetime, datetime]] = []
        self._asked_at = self.deaf_since
        if self._asked_at is not None:
            channel.judged(deaf=True)

    @property
    def deaf_since(self) -> datetime | None:
        """When the probe left that did not come back; None while it hears."""
        return deafness.hearing(self._world(), self.name).deaf_since

    @property
    def heard_at(self) -> datetime | None:
        """When there last was a sign that it hears."""
        return self._channel.heard_at

    def unattended(self, since: datetime, *, clean: bool) -> None:
        """Nobody listened since then."""
        self._channel.unattended(since, clean=clean)

    async def step(self, now: datetime) -> datetime:
        """Do what is due; when to come again."""
        self._heed_clock(now)
        await self._judge(now)
        if self._channel.probe_every and now >= self._next_at:
            await self._probe(now)
        await self._tell_gaps(now)
        due = [self._next_at] if self._channel.probe_every else []
        if self._asked_at is not None and self.deaf_since is None:
            due.append(self._asked_at + self._within)
        look_at = deafness.look_at(self._world(), self.name, now)
        if look_at is not None:
            due.append(look_at)
        return min(due, default=now + timedelta(seconds=_LOOK_S))

    @property
    def _within(self) -> timedelta:
        return self._channel.probe_every * 0.75

    def _heed_clock(self, now: datetime) -> None:
        if self._next_at - now > self._channel.probe_every:
            self._next_at = now
        if self._asked_at is not None and self._asked_at > now:
            self._asked_at = now

    async def _judge(self, now: datetime) -> None:
        """Whether what was asked came back, or is late."""
        asked, heard = self._asked_at, self.heard_at
        if asked is None:
            return
        if heard is not None and asked <= heard <= now:
            if self.deaf_since is not None:
                await self._do(lambda desk: deafness.ended(desk, self.name))
                _log.warning("channel_hears_again", channel=self.name)
            self._asked_at = None
            self._channel.judged(deaf=False)
        elif self.deaf_since is None and now - asked >= self._within:
            _log.error("channel_deaf", channel=self.name)
            await self._do(lambda desk: deafness.began(desk, self.name, asked))
            self._channel.judged(deaf=True)

    async def _probe(self, now: datetime) -> None:
        """Probe, unless something was heard just now: that is as good."""
        heard = self.heard_at
        if self._asked_at is None and heard is not None and heard <= now:
            self._next_at = heard + self._channel.probe_every
            if self._next_at > now:
                return
        # One that got lost, or left before the line was up, is no deafness yet: ask twice more.
        again = self._within / 3 if self.deaf_since is None else self._channel.probe_every
        self._next_at = now + again
        self._asked_at = self._asked_at or now
        try:
            await self._channel.probe()
        except SendError as fault:
            _log.warning("probe_failed", channel=self.name, error=type(fault).__name__)

    async def _tell_gaps(self, now: datetime) -> None:
        for since, until in self._channel.take_gaps():
            length_s = int((until - since).total_seconds())
            _log.warning("channel_gap", channel=self.name, seconds=length_s)
            self._missed.append((since, until))
        while self._missed:
            since, until = self._missed[0]
            await self._do(partial(deafness.missed, channel=self.name, since=since, until=until))
            del self._missed[0]
        due = deafness.look_at(self._world(), self.name, now)
        if due is not None and due <= now:
            await self._do(lambda desk: deafness.look(desk, self.name))


class Earshot:
    """The ears of every channel that may miss something."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        do: Do,
        *,
        now: Callable[[], datetime],
        world: Callable[[], World],
    ) -> None:
        self._now = now
        self.ears = [
            Ear(name, channel, do, now(), world=world)
            for name, channel in channels.items()
            if isinstance(channel, Probed)
        ]

    def unattended(self, since: datetime, *, clean: bool) -> None:
        """Nobody listened since then; before the channels run. See `ports.Probed`."""
        for ear in self.ears:
            ear.unattended(since, clean=clean)

    def deaf(self, channel: str) -> bool:
        """Whether what goes over this channel seems to arrive nowhere."""
        return any(ear.name == channel and ear.deaf_since is not None for ear in self.ears)

    def report(self) -> dict[str, dict[str, object]]:
        """Of each channel: whether it hears, since when not, and when it last gave a sign."""
        return {
            ear.name: {
                "hears": ear.deaf_since is None,
                "deaf_since": ear.deaf_since.isoformat() if ear.deaf_since else None,
                "heard_at": ear.heard_at.isoformat() if ear.heard_at else None,
            }
            for ear in self.ears
        }

    async def run(self) -> None:
        """Do what is due, until cancelled."""
        while True:
            due = [await self._step(ear) for ear in self.ears]
            wait_s = min(((at - self._now()).total_seconds() for at in due), default=_LOOK_S)
            await asyncio.sleep(min(max(wait_s, _SHORTEST_S), _LOOK_S))

    async def _step(self, ear: Ear) -> datetime:
        try:
            return await ear.step(self._now())
        except Exception as error:  # a full disk, our own bug: looking must go on
            _log.error("earshot_failed", channel=ear.name, error=type(error).__name__)
            return self._now() + timedelta(seconds=_LOOK_S)
