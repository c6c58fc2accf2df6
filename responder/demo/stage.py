"""The network of the demo: the real machine on a clock of its own, with one terminal as its bot.

Rules it keeps
    * Time moves only when somebody moves it, and never while anything is on its way: a story is
      the same each time, and waiting costs nothing.
    * Everything lies in a folder of its own that only this account can read; the folder goes when
      the stage closes, whatever happened on it.
    * What people answer goes in as they would type it, through the bot.

What it must not know
    Stories, and how anything is shown.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bots.terminal import Terminal
from responder import app, logs
from responder.core.changes import Prompt
from responder.core.model import Incident, PersonId, State
from responder.core.world import World
from responder.demo.cast import START, settings, settle_in
from responder.demo.screen import Shown
from responder.dispatching.dispatcher import Dispatcher

_QUIET: Final = 2
"""Looks in a row that must find nothing on its way."""
_LOOK_S: Final = 0.002
_FOLDER: Final = "responder-demo-"


class Clock:
    """The demo's time: it stands still until it is set forward."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        return self.at

    def forward(self, to: datetime) -> None:
        """Set the clock; never back."""
        self.at = max(self.at, to)


class Stage:
    """A running network, and the one terminal at which all of its people sit."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.shown: list[Shown] = []
        self.terminal = Terminal(self._lines(), self._show, clock)
        self._typed: asyncio.Queue[tuple[str, str, asyncio.Future[None]]] = asyncio.Queue()
        self._dispatcher: Dispatcher
        self._machine: app.Machine
        self._serving: asyncio.Task[None]

    async def begin(self, machine: app.Machine, dispatcher: Dispatcher, language: str) -> None:
        """Put the people on record and start the machine."""
        self._machine, self._dispatcher = machine, dispatcher
        await dispatcher.do(lambda desk: settle_in(desk, language))
        await machine.start()
        self._serving = asyncio.create_task(machine.wait(asyncio.Event()))

    async def end(self) -> None:
        """Stop the machine."""
        self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)
        await self._machine.stop()

    async def _lines(self) -> AsyncIterator[tuple[str, str]]:
        while True:
            handle, text, taken = await self._typed.get()
            yield handle, text
            # Asked for the next line: this one is committed.
            taken.set_result(None)

    def _show(self, handle: str, text: str) -> None:
        self.shown.append(Shown(handle, text))

    # --- what happens ---------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The network as it stands; to look at only."""
        return self._dispatcher.world

    @property
    def now(self) -> datetime:
        """The demo's time."""
        return self.clock()

    async def hear(self, handle: str, text: str) -> None:
        """Somebody types a line; returns when all that follows from it has arrived."""
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._typed.put_nowait((handle, text, taken))
        await asyncio.wait({taken, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is on its way; raises what ended a part of the machine, if it did."""
        quiet = 0
        while quiet < _QUIET:
            if self._serving.done():
                self._serving.result()
            await self._dispatcher.catch_up()
            quiet = 0 if any(self._machine.outbox.depth().values()) else quiet + 1
            await asyncio.sleep(_LOOK_S)

    async def wait_until(self, at: datetime) -> None:
        """Move the clock to `at`, stopping at every deadline on the way."""
        while (due := self.world.next_due()) is not None and self.now < due <= at:
            self.clock.forward(due)
            await self.settle()
        self.clock.forward(at)
        await self.settle()

    def take_shown(self) -> list[Shown]:
        """What has arrived since this was last asked."""
        shown, self.shown = self.shown, []
        return shown

    # --- looking --------------------------------------------------------------------------------

    @property
    def incident(self) -> Incident | None:
        """The incident that matters now: the oldest one that is not closed, else the last one."""
        known = sorted(self.world.incidents.values(), key=lambda i: i.opened_at)
        running = [i for i in known if i.state is not State.CLOSED]
        return next(iter(running or known[-1:]), None)

    def question(self, handle: str, verb: str, arg: str = "") -> Prompt | None:
        """The open question of somebody that means this, the newest first."""
        prompts = reversed(self.world.prompts_of(PersonId(handle)))
        fits = (p for p in prompts if p.action.verb == verb and arg in ("", p.action.arg))
        return next(fits, None)


@asynccontextmanager
async def opened(language: str) -> AsyncIterator[Stage]:
    """A stage with everybody on it; its folder is destroyed at the end."""
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as name:
        # `mkdtemp`, behind it, makes the folder with mode 0700.
        folder = Path(name)
        close_log = logs.configure("warning", folder / "demo.log")
        try:
            stage = Stage(Clock(START))
            have = settings(folder)
            await app.create(have)
            network = app.opened(have, now=stage.clock, serving=True, by_hand=True)
            async with network as (store, dispatcher):
                channels = {stage.terminal.name: stage.terminal}
                machine = app.Machine(store, dispatcher, channels, now=stage.clock)
                try:
                    await stage.begin(machine, dispatcher, language)
                    stage.clock.forward(START + timedelta(minutes=2))
                    yield stage
                finally:
                    await stage.end()
        finally:
            close_log()
