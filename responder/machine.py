"""Store, dispatcher, outbox, bots and the watch, put together: what serves a network.

Rules it keeps
    * What is due leaves before a bot's library is loaded.
    * A bot's message is answered to its platform only after the commit.

What it must not know
    Where any of its parts came from; decisions; words.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from msgspec.structs import replace

from responder import services
from responder.config import WatchSettings
from responder.core import halves, unsaid
from responder.core.changes import Changes
from responder.core.model import Media
from responder.core.spoken import LockSign
from responder.core.talk import locking
from responder.dispatching.dispatcher import Dispatcher
from responder.doorway.earshot import Earshot
from responder.doorway.lockword import LockWords
from responder.doorway.remembering import Notebook
from responder.outbox import LINGER_S, Outbox
from responder.pictures.pieces import Pieces
from responder.ports import Attachment, Channel, Inbound, Receive, Remembers
from responder.sealed.phones import Phones
from responder.storage.store import Store, StoreError
from responder.watching import Ledger, Parts, Watch
from responder.watching.systemd import Systemd
from responder.watching.words import report

if TYPE_CHECKING:
    from responder.sealed.hatch import Hatch

_log = structlog.get_logger()

GRACE_S: Final = 3.0
"""How long requests under way may take to end when the process is told to stop."""


def clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class Machine:
    """Store, dispatcher, outbox and bots, put together."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        channels: Mapping[str, Channel],
        *,
        now: Callable[[], datetime] = clock,
        forget_reports_on: Sequence[str] = (),
        phones: Phones | None = None,
        lock_words: LockWords | None = None,
    ) -> None:
        self.store = store
        self.dispatcher = dispatcher
        self.channels = channels
        self.pieces = Pieces(dispatcher, channels)
        self.phones = phones
        self.lock_words = lock_words or LockWords(None)
        seal = phones.sealer(lambda: dispatcher.world, now) if phones else None
        self.ledger = Ledger(dispatcher)
        self.earshot = Earshot(channels, dispatcher.do, now=now, world=lambda: dispatcher.world)
        self.outbox = Outbox(
            store,
            channels,
            self.ledger,
            clock=now,
            attach=self._attach,
            seal=seal,
            deaf=self.earshot.deaf,
            linger_s=LINGER_S,
        )
        self.parts = Parts(now=now)
        self.watch = Watch(
            dispatcher,
            self.outbox,
            store,
            self.ledger,
            channels,
            now=now,
            broken=self.parts.broken,
        )
        self._now = now
        self._on_commit: list[Callable[[Changes], None]] = []
        self._forget_reports_on = frozenset(forget_reports_on)
        self.locked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()
        for name, channel in channels.items():
            if isinstance(channel, Remembers):
                channel.remember_in(Notebook(dispatcher, name))
        dispatcher.writer.on_commit = self._committed
        dispatcher.house.idle = self.outbox.idle
        dispatcher.more_status = self._status
        dispatcher.message_of = self.outbox.message_of

    def _committed(self, changes: Changes) -> None:
        self.outbox.add(changes.messages, changes.withdrawn, changes.recalled)
        for hear in self._on_commit:
            hear(changes)
        if ("setting", locking.LOCKED) in changes.puts:
            self.locked.set()

    def _status(self) -> dict[str, object]:
        return {
            "channels": sorted(self.channels),
            "waiting": {u.name.lower(): n for u, n in self.outbox.depth().items() if n},
            "oldest": {u.name.lower(): at.isoformat() for u, at in self.outbox.oldest().items()},
            "hearing": self.earshot.report(),
            "watch": report(self.watch, self.dispatcher.world),
        }

    def watched(
        self, settings: WatchSettings, systemd: Systemd
    ) -> AbstractAsyncContextManager[None]:
        """The auditor at work, and whoever passes on what it finds."""
        return services.watched(
            settings,
            self.dispatcher,
            self.outbox,
            self.ledger,
            self.watch,
            self.parts,
            self._on_commit,
            now=self._now,
            systemd=systemd,
        )

    def hatch(self) -> Hatch | None:
        """Where phones fetch pictures and voice, if the page lies on our own host."""
        if self.phones is None or self.phones.parcels is None:
            return None
        from responder.sealed.hatch import (
            Hatch,  # a web server's library: after what is due has left
        )

        return Hatch(
            self.phones.parcels,
            world=lambda: self.dispatcher.world,
            piece=self.store.piece,
            now=self._now,
        )

    async def _attach(self, item: Media) -> Attachment | None:
        return await self.pieces.attach(item)

    async def start(self, before_hearing: Callable[[], Awaitable[None]] | None = None) -> None:
        """Send what is due, then begin to listen; `before_hearing` comes between the two."""
        for channel in self.channels.values():
            await channel.start()
        await self.outbox.load()
        self._begin(self.outbox.run(), "outbox")
        if before_hearing is not None:
            await before_hearing()
        self._errand(self._go_on())
        absence = self.dispatcher.house.absence
        if absence is not None:
            self.earshot.unattended(absence.since, clean=absence.clean)
        for channel in self.channels.values():
            self._begin(channel.run(self._receiver(channel)), channel.name)
        self._begin(self.earshot.run(), "earshot")

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    def _receiver(self, channel: Channel) -> Receive:
        async def receive(batch: Sequence[Inbound]) -> None:
            batch = await self._read(batch)
            notes = await self.dispatcher.receive(batch)
            self._errand(self._afterwards(channel, batch, notes))

        return receive

    async def _read(self, batch: Sequence[Inbound]) -> list[Inbound]:
        """The messages without a passphrase, and with what a phone's pager put into them."""
        world, at = self.dispatcher.world, self.dispatcher.clock()
        batch = [await self.lock_words.read(message, world, at) for message in batch]
        batch = [replace(m, unsay=True) if self._must_go(m) else m for m in batch]
        if self.phones is None:
            return list(batch)
        world, read = self.dispatcher.world, list[Inbound]()
        for message in batch:
            person = world.at_address(message.channel, message.handle)
            here = (message.channel, message.handle)
            # Parts that came in this very batch are not on disk yet.
            now = [m.part.text for m in read if m.part and (m.channel, m.handle) == here]
            told = (*halves.told(world, *here), *now)
            member = person is not None and person.member
            read.append(self.phones.read(message, member=member, told=told))
        return read

    async def _afterwards(
        self, channel: Channel, batch: Sequence[Inbound], notes: Sequence[str]
    ) -> None:
        """What a platform is owed once a batch is committed; nobody waits for it."""
        for message in batch:
            self._errand(self._take_over(message))
        for message, note in zip(batch, notes, strict=True):
            if message.press:
                await channel.answer_press(message.press, note)

    def _must_go(self, message: Inbound) -> bool:
        """Whether the chat in which this was written shall not keep it."""
        unasked = message.channel in self._forget_reports_on and not message.press
        return bool(message.ref) and (unasked or message.lock is LockSign.NOT_HERE)

    async def _take_over(self, message: Inbound) -> None:
        """Seal what came along; then the platform need not keep the message any longer."""
        await self.pieces.take_in(message)
        if message.unsay:
            self._unsay(message.channel, message.handle, message.ref, unsaid.name_of(message))

    async def _go_on(self) -> None:
        """What was owed to a platform when the process last ended."""
        left = unsaid.all_of(self.dispatcher.world)
        await self.pieces.go_on()
        for name, one in left.items():
            self._unsay(one.channel, one.handle, one.ref, name)

    def _unsay(self, channel: str, handle: str, ref: str, name: str) -> None:
        done = partial(self.dispatcher.do, partial(unsaid.drop, name=name))
        self.outbox.unsay(channel, handle, ref, done)

    def _errand(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errand_done)

    def _errand_done(self, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.warning("errand_failed", error=type(task.exception()).__name__)

    async def wait(self, stopped: asyncio.Event) -> None:
        """Serve until `stopped` is set, or raise what ended a part that must not end."""
        stop = asyncio.create_task(stopped.wait())
        parts = [*self._tasks, self.dispatcher.task, self.store.writer]
        try:
            await asyncio.wait({stop, *parts}, return_when=asyncio.FIRST_COMPLETED)
            for task in parts:
                if task.done() and not stopped.is_set():
                    task.result()
                    raise RuntimeError(f"{task.get_name()} ended by itself")
        finally:
            stop.cancel()

    async def stop(self) -> None:
        """Close in reverse: bots stop listening, errands and requests under way end."""
        await _end([t for t in self._tasks if t.get_name() in self.channels])
        with contextlib.suppress(StoreError):
            await self.dispatcher.house.close(self._now())
        await _end(list(self._errands), grace_s=GRACE_S / 2)
        await self.outbox.close(GRACE_S / 2)
        await _end(self._tasks)
        for channel in self.channels.values():
            with contextlib.suppress(Exception):
                await channel.close()


async def _end(tasks: Sequence[asyncio.Task[None]], grace_s: float = 0.0) -> None:
    if tasks and grace_s:
        await asyncio.wait(tasks, timeout=grace_s)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
