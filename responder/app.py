"""The one place that wires everything, and closes it in reverse.

What it is for
    `opened` makes a working dispatcher over a network's folder; `run` is the process that serves
    it, with a `Machine` and all that stands beside one; `offline` the same without bots, for the
    command line while nothing runs.

Rules it keeps
    * SIGTERM: take nothing more in, finish what is on the desk, let requests under way end, close.

What it must not know
    Decisions, words, how anything is stored.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final

import structlog
from pydantic import SecretStr

from responder import logs, services
from responder.config import LOCKED_FILE as LOCKED_FILE
from responder.config import Settings
from responder.core import incident as incidents
from responder.core.messages import Urgency
from responder.core.rosters import keeping as rosters
from responder.core.talk import locking
from responder.core.world import World
from responder.custody import rotation
from responder.dispatching.dispatcher import Dispatcher
from responder.doorway.lockword import LockWords
from responder.errors import Locked as Locked
from responder.errors import ResponderError
from responder.machine import Machine as Machine
from responder.machine import clock as clock
from responder.playbook_files import editions, shelf
from responder.ports import Channel
from responder.sealed.phones import open_phones
from responder.storage import library
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring
from responder.storage.store import DataLock, Store, private_folder
from responder.watching.systemd import Systemd

_log = structlog.get_logger()

PRIVATE: Final = frozenset({"signal", "terminal"})
"""The channels that are end-to-end private, as each bot says of itself; needed before any runs."""
DATABASE: Final = "network.db"
LAST_WORDS_S: Final = 20.0
"""How long a network that was locked may take to tell people so."""
LEAVE_WORDS_S: Final = 60.0
"""And to tell those who are out there that they must leave."""
LOOK_S: Final = 0.1


class NothingToRun(ResponderError):
    """No bot is switched on."""


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


# --- opening a network ----------------------------------------------------------------------------


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock,
    unlocking: bool = False,
    serving: bool = False,
    by_hand: bool = False,
    playbooks_later: bool = False,
) -> AsyncIterator[tuple[Store, Dispatcher]]:
    """The data folder's lock, the store, and a working dispatcher over the world in it.

    `serving` and `by_hand` as the dispatcher wants them. With `playbooks_later` those that were in
    force last are, until the caller takes in the folder's.
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
                reach_every=settings.reach.every or None,
                serving=serving,
                by_hand=by_hand,
            )
            dispatcher.start()
            try:
                await _take_in_places(settings, dispatcher)
                if not playbooks_later:
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
    stock = await asyncio.to_thread(shelf.folder, folder)
    await dispatcher.do(lambda desk: library.take_in(desk, stock.found, set(stock.faulty)))
    await editions.keep(dispatcher, stock)
    return tuple(str(f) for f in stock.faults)


@asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Dispatcher]:
    """A dispatcher without bots, for the command line while no network runs here.

    Deadlines wait until `run`, and so does what it writes to people. Raises `DataLocked` where
    one runs.
    """
    async with opened(settings) as (_, dispatcher):
        yield dispatcher


def bots(settings: Settings, *, now: Callable[[], datetime] = clock) -> dict[str, Channel]:
    """The bots that the settings switch on. Raises `NothingToRun` where there is none."""
    channels: dict[str, Channel] = {}
    if settings.telegram.on and settings.telegram.token is not None:
        from bots.telegram.bot import TelegramBot

        channels["telegram"] = TelegramBot(
            settings.telegram.token.get_secret_value(), api_url=settings.telegram.api_url
        )
    if settings.signal.on and settings.signal.number is not None:
        from bots.signal.bot import SignalBot

        host, _, port = settings.signal.webhook_listen.rpartition(":")
        channels["signal"] = SignalBot(
            settings.signal.number,
            service_url=settings.signal.service_url,
            receive=settings.signal.receive,
            webhook_host=host,
            webhook_port=int(port),
            webhook_path=settings.signal.webhook_path,
            probe_number=settings.signal.probe_number or "",
            probe_every_s=settings.signal.probe_every.total_seconds(),
            disappear_s=int(settings.signal.disappearing.total_seconds()),
            clock=lambda: now().timestamp(),
        )
    if not channels:
        raise NothingToRun(
            "No bot is switched on. Give telegram.token or signal.number in the config, "
            "then run `responder check --online`."
        )
    return channels


# --- the process ------------------------------------------------------------------------------


async def run(settings: Settings, *, ready: Callable[[], None] | None = None) -> None:
    """Serve the network until SIGTERM or SIGINT; `ready` is called once it listens.

    Raises `Locked` where it was locked, before the start or meanwhile.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    log = settings.log
    close_log = logs.configure(log.level, log.file, json=log.json_lines)
    try:
        channels = bots(settings)
        async with opened(settings, serving=True, playbooks_later=True) as (store, dispatcher):
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
            await _serve(settings, machine, stopped, ready)
            _log.info("stopped")
    finally:
        close_log()
    if machine.locked.is_set():
        raise Locked


async def _serve(
    settings: Settings,
    machine: Machine,
    stopped: asyncio.Event,
    ready: Callable[[], None] | None,
) -> None:
    """The machine and all that runs beside it, from the first to the last; closed in reverse."""
    from responder.control import Control
    from responder.errands import LOOK_EVERY_S, Errands

    systemd = Systemd.of(os.environ)
    dispatcher = machine.dispatcher

    async def reload() -> tuple[str, ...]:
        return await take_in_playbooks(settings, dispatcher)

    shelf_watch = services.ShelfWatch(settings.network.playbooks_dir, dispatcher, reload)
    errands = Errands(settings.network.playbooks_dir, dispatcher, reload)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(machine.stop)
        parts = machine.parts

        async def read_playbooks() -> None:
            # Whatever is wrong with the folder: those that were in force last are.
            await parts.once("playbooks", shelf_watch.look)

        await machine.start(before_hearing=read_playbooks)
        page = await services.serve_pager(machine.phones, settings.pager.listen, machine.hatch())
        closing.push_async_callback(page)
        await closing.enter_async_context(machine.watched(settings.watch, systemd))
        control = Control(dispatcher, settings.control_socket, reload=reload)
        await closing.enter_async_context(control)
        await closing.enter_async_context(
            services.running(
                parts.again_and_again("playbooks", shelf_watch.look, services.LOOK_AT_PLAYBOOKS_S),
                parts.again_and_again("errands", errands.look, LOOK_EVERY_S),
                parts.again_and_again(
                    "rosters", lambda: dispatcher.do(rosters.look), services.LOOK_AT_ROSTERS_S
                ),
                parts.kept("lock", lambda: _close_when_locked(settings, machine, stopped)),
            )
        )
        _log.info("running", count=len(machine.channels))
        systemd.ready()
        if ready:
            ready()
        try:
            await machine.wait(stopped)
        finally:
            systemd.stopping()


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
