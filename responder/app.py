"""The one place that wires everything, and closes it in reverse.

What it is for
    `Machine` puts store, dispatcher, outbox and bots together; `run` is the process that serves a
    network, `offline` the same without bots, for the command line while nothing runs.

Rules it keeps
    * What is due leaves before a bot's library is loaded.
    * A bot's message is answered to its platform only after the commit.
    * SIGTERM: take nothing more in, finish what is on the desk, let requests under way end, close.

What it must not know
    Decisions, words, how anything is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr

from responder import library, logs, rotation
from responder.config import Settings
from responder.core import halves
from responder.core import incident as incidents
from responder.core.changes import Changes, Urgency
from responder.core.desk import Desk
from responder.core.model import Media
from responder.core.spoken import LockSign
from responder.core.talk import locking
from responder.core.world import World
from responder.dispatcher import Dispatcher
from responder.errors import ResponderError
from responder.lockword import LockWords
from responder.outbox import Outbox
from responder.phones import Phones, open_phones
from responder.pieces import Pieces
from responder.ports import Attachment, Channel, Inbound, Receive, Remembers
from responder.remembering import Notebook
from responder.sealing import KeyFile, Keyring
from responder.store import DataLock, Store, private_folder

_log = structlog.get_logger()

GRACE_S: Final = 3.0
"""How long requests under way may take to end when the process is told to stop."""
LOOK_AT_PLAYBOOKS_S: Final = 5.0
PRIVATE: Final = frozenset({"signal", "terminal"})
"""The channels that are end-to-end private, as each bot says of itself; needed before any runs."""
DATABASE: Final = "network.db"


LOCKED_FILE: Final = library.LOCKED_FILE
LAST_WORDS_S: Final = 20.0
"""How long a network that was locked may take to tell people so."""
LEAVE_WORDS_S: Final = 60.0
"""And to tell those who are out there that they must leave."""
LOOK_S: Final = 0.1


class NothingToRun(ResponderError):
    """No bot is switched on."""


class Locked(ResponderError):
    """The network was locked."""

    def __init__(self) -> None:
        super().__init__(
            "The network is locked. Open it at this machine's own terminal: responder unlock"
        )


def clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


# --- keys and files -------------------------------------------------------------------------------


def keyring(settings: Settings) -> Keyring:
    """The network's keys, opened. Raises `SealingError` with what to do."""
    passphrase = settings.network.passphrase
    file = KeyFile(settings.network.key_file)
    return file.load(passphrase.get_secret_value() if passphrase else None)


async def create(settings: Settings, passphrase: str | None = None) -> None:
    """Make the key file and an empty database; refuses to replace either."""
    private_folder(settings.network.data_dir)
    keys = KeyFile(settings.network.key_file).create(passphrase)
    store = await Store.open(settings.network.data_dir / DATABASE, keys, due_of=incidents.due)
    await store.close()


# --- the machine ----------------------------------------------------------------------------------


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
        self.outbox = Outbox(store, channels, dispatcher, clock=now, attach=self._attach, seal=seal)
        self._forget_reports_on = frozenset(forget_reports_on)
        self.locked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()
        for name, channel in channels.items():
            if isinstance(channel, Remembers):
                channel.remember_in(Notebook(dispatcher, name))
        dispatcher.on_commit = self._committed
        dispatcher.more_status = self._status
        dispatcher.message_of = self.outbox.message_of

    def _committed(self, changes: Changes) -> None:
        self.outbox.add(changes.messages, changes.withdrawn, changes.recalled)
        if ("setting", locking.LOCKED) in changes.puts:
            self.locked.set()

    def _status(self) -> dict[str, object]:
        return {
            "channels": sorted(self.channels),
            "waiting": {u.name.lower(): n for u, n in self.outbox.depth().items() if n},
            "oldest": {u.name.lower(): at.isoformat() for u, at in self.outbox.oldest().items()},
        }

    async def _attach(self, item: Media) -> Attachment | None:
        return await self.pieces.attach(item)

    async def start(self) -> None:
        """Send what is due, then begin to listen."""
        for channel in self.channels.values():
            await channel.start()
        await self.outbox.load()
        self._begin(self.outbox.run(), "outbox")
        self._errand(self.pieces.go_on())
        for channel in self.channels.values():
            self._begin(channel.run(self._receiver(channel)), channel.name)

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
            self._errand(self._take_over(channel, message))
        for message, note in zip(batch, notes, strict=True):
            if message.press:
                await channel.answer_press(message.press, note)

    async def _take_over(self, channel: Channel, message: Inbound) -> None:
        """Seal what came along; then the platform need not keep the message any longer."""
        await self.pieces.take_in(message)
        unasked = channel.name in self._forget_reports_on and not message.press
        if unasked or message.lock is LockSign.NOT_HERE:
            await channel.forget_inbound(message)

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
        parts = [*self._tasks, self.dispatcher.task]
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


# --- opening a network ----------------------------------------------------------------------------


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock,
    unlocking: bool = False,
    serving: bool = False,
    by_hand: bool = False,
) -> AsyncIterator[tuple[Store, Dispatcher]]:
    """The data folder's lock, the store, and a working dispatcher over the world in it.

    `serving` and `by_hand` as the dispatcher wants them.
    """
    folder = settings.network.data_dir
    if (folder / LOCKED_FILE).exists() and not unlocking:
        raise Locked
    with DataLock(folder):
        rotation.settle(KeyFile(settings.network.key_file), folder / DATABASE)
        keys = await asyncio.to_thread(keyring, settings)
        store = await Store.open(folder / DATABASE, keys, due_of=incidents.due)
        try:

            async def rebuild() -> World:
                world = await library.load_world(settings, store, PRIVATE)
                world.lockable = KeyFile(settings.network.key_file).wants_passphrase
                return world

            world = await rebuild()
            if locking.LOCKED in world.settings and not unlocking:
                # The process may have ended between the decision and the mark of it.
                mark_locked(settings)
                raise Locked
            dispatcher = Dispatcher(
                store,
                world,
                clock=now,
                rebuild=rebuild,
                unfinished=settings.retention.unfinished_reports,
                strangers=settings.retention.strangers,
                serving=serving,
                by_hand=by_hand,
            )
            dispatcher.start()
            try:
                await _take_in_places(settings, dispatcher)
                await take_in_playbooks(settings, dispatcher)
                yield store, dispatcher
            finally:
                await dispatcher.close()
        finally:
            await store.close()


async def _take_in_places(settings: Settings, dispatcher: Dispatcher) -> None:
    """Remember the neighbourhoods of the config, and say which others are served on."""
    here = settings.neighbourhoods()
    former = await dispatcher.do(lambda desk: library.remember_places(desk, here))
    if former:
        _log.warning("former_neighbourhoods", count=len(former))


async def take_in_playbooks(settings: Settings, dispatcher: Dispatcher) -> tuple[str, ...]:
    """Read the playbooks' folder and put it in force; the faults, each as file:line:column."""
    folder = settings.network.playbooks_dir
    found, faults = await asyncio.to_thread(library.read_playbooks, folder)
    faulty = {Path(f.file).stem for f in faults}
    await dispatcher.do(lambda desk: library.take_in(desk, found, faulty))
    return tuple(str(f) for f in faults)


@asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Dispatcher]:
    """A dispatcher without bots, for the command line while no network runs here.

    Deadlines wait until `run`, and so does what it writes to people. Raises `DataLocked` where
    one runs.
    """
    async with opened(settings) as (_, dispatcher):
        yield dispatcher


def bots(settings: Settings) -> dict[str, Channel]:
    """The bots that the settings switch on. Raises `NothingToRun` where there is none."""
    channels: dict[str, Channel] = {}
    if settings.telegram.on and settings.telegram.token is not None:
        from bots.telegram import TelegramBot

        channels["telegram"] = TelegramBot(
            settings.telegram.token.get_secret_value(), api_url=settings.telegram.api_url
        )
    if settings.signal.on and settings.signal.number is not None:
        from bots.signal import SignalBot

        host, _, port = settings.signal.webhook_listen.rpartition(":")
        channels["signal"] = SignalBot(
            settings.signal.number,
            service_url=settings.signal.service_url,
            receive=settings.signal.receive,
            webhook_host=host,
            webhook_port=int(port),
            webhook_path=settings.signal.webhook_path,
            disappear_s=int(settings.signal.disappearing.total_seconds()),
        )
    if not channels:
        raise NothingToRun(
            "No bot is switched on. Give telegram.token or signal.number in the config, "
            "then run `responder check --online`."
        )
    return channels


# --- the process ------------------------------------------------------------------------------


async def run(settings: Settings, *, ready: Callable[[], None] | None = None) -> None:
    """Serve the network until SIGTERM or SIGINT; `ready` is called once it listens."""
    from responder.control import Control

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    log = settings.log
    close_log = logs.configure(log.level, log.file, json=log.json_lines)
    try:
        channels = bots(settings)
        async with opened(settings, serving=True) as (store, dispatcher):
            forget = ("telegram",) if settings.telegram.delete_reports else ()
            phones = await open_phones(settings, store, dispatcher.world)
            machine = Machine(
                store,
                dispatcher,
                channels,
                forget_reports_on=forget,
                phones=phones,
                lock_words=LockWords(KeyFile(settings.network.key_file)),
            )
            await machine.start()
            page = await serve_pager(phones, settings.pager.listen)
            control = Control(
                dispatcher,
                settings.control_socket,
                reload=lambda: take_in_playbooks(settings, dispatcher),
            )
            await control.start()
            watching = asyncio.create_task(_watch_playbooks(settings, dispatcher))
            locking_up = asyncio.create_task(_close_when_locked(settings, machine, stopped))
            try:
                _log.info("running", count=len(channels))
                if ready:
                    ready()
                await machine.wait(stopped)
            finally:
                await _end([watching, locking_up])
                await control.close()
                await page()
                await machine.stop()
                _log.info("stopped")
    finally:
        close_log()


async def _close_when_locked(
    settings: Settings,
    machine: Machine,
    stopped: asyncio.Event,
    *,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Once locked, nothing opens the network by itself; people are told, then the process ends."""
    await machine.locked.wait()
    try:
        await asyncio.to_thread(mark_locked, settings)
    except OSError as error:
        # What was committed keeps it closed as well; people must be told in any case.
        _log.error("lock_mark_failed", error=type(error).__name__)
    _log.warning("locked")
    waited_s = 0.0
    while _last_words_wait(machine.outbox.depth(), waited_s):
        await wait(LOOK_S)
        waited_s += LOOK_S
    stopped.set()


def _last_words_wait(depth: Mapping[Urgency, int], waited_s: float) -> bool:
    """Whether the end must wait for what still has to leave; "leave now" most of all."""
    if depth.get(Urgency.LEAVE):
        return waited_s < LEAVE_WORDS_S
    return any(depth.values()) and waited_s < LAST_WORDS_S


def mark_locked(settings: Settings) -> None:
    """Put the mark into the data folder that keeps the network closed, and see it to the disk."""
    folder = settings.network.data_dir
    for path, flags in ((folder / LOCKED_FILE, os.O_WRONLY | os.O_CREAT), (folder, os.O_RDONLY)):
        handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


async def unlock(settings: Settings, passphrase: str) -> None:
    """Open a network that was locked. Raises `WrongPassphrase`."""
    KeyFile(settings.network.key_file).load(passphrase)
    network = settings.network.model_copy(update={"passphrase": SecretStr(passphrase)})
    known = settings.model_copy(update={"network": network})
    async with opened(known, unlocking=True) as (_, dispatcher):
        await dispatcher.do(locking.unlock)
    (settings.network.data_dir / LOCKED_FILE).unlink(missing_ok=True)


async def serve_pager(phones: Phones | None, listen: str | None) -> Callable[[], Awaitable[None]]:
    """Serve the pager's page at this address, where both are there; returns what stops it.

    No access log: who opened the pager when is nobody's business.
    """
    if phones is None or listen is None:
        return _nothing
    from aiohttp import web

    from responder.pager_files import handler

    site = web.Application()
    site.router.add_get("/{path:.*}", handler(phones.facts))
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    await web.TCPSite(runner, host, int(port)).start()
    return runner.cleanup


async def _nothing() -> None:
    """What stops a page that is not served."""


async def _watch_playbooks(settings: Settings, dispatcher: Dispatcher) -> None:
    """Take changed playbooks in within seconds; tell coordinators of a fault, once."""
    told: frozenset[str] = frozenset()
    seen: tuple[tuple[str, int, int], ...] = ()
    while True:
        now_there = await asyncio.to_thread(_stamps, settings.network.playbooks_dir)
        if now_there != seen:
            seen = now_there
            faults = frozenset(await take_in_playbooks(settings, dispatcher))
            if faults - told:
                _log.warning("playbook_faults", count=len(faults))
                words = "\n".join(sorted(faults))

                def tell(desk: Desk, words: str = words) -> None:
                    desk.tell_coordinators("playbook_fault", fault=words)

                await dispatcher.do(tell)
            told = faults
        await asyncio.sleep(LOOK_AT_PLAYBOOKS_S)


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    stamps = []
    for path in sorted(folder.glob("*.y*ml")):
        with contextlib.suppress(OSError):
            stat = path.stat()
            stamps.append((path.name, stat.st_mtime_ns, stat.st_size))
    return tuple(stamps)
