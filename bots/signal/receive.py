"""How messages get from the Signal service to the dispatcher and are not lost on the way.

Rules it keeps
    * The service forgets what it cannot deliver, so it is never left: a websocket that closes, in
      whatever manner, is opened again at once; only a service that stays away is asked less often.
    * What has been taken stays in memory, in order, until `receive` has committed it. The buffer
      is bounded: when it is full, the service is made to wait.
    * Receiving begins before anything slow does: frames are buffered while their reader loads.
    * Nothing of a message, an address or a URL goes into a log.

What it must not know
    What a message says beyond whether it concerns us.

signalbot's own receiving is not used: its loop ends for good at a graceful close, sleeps up to
300 s after other ones, ends at one frame that it cannot parse, logs raw frames and queues without
bound (signalbot 2.2.1, `_pipeline.py` and `_utils/retry.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import aiohttp
import structlog
from aiohttp import web

from bots.signal.frames import Frame, Reader, UnreadableFrame, pick
from responder.ports import Inbound, Receive

log = structlog.get_logger("bots.signal.bot")

BATCH = 64
READ_AHEAD = 4096
"""Frames in memory at most; some two kilobytes each."""
HEARTBEAT_S = 20.0
"""The service pings every 54 s only; a line that is cut without a word is found by our own ping."""
PATIENCE_S = 2.0
"""How long a webhook call waits for its commit. While it waits the service answers no send."""
LAST_WORD_S = 0.8
GUARDED_FROM = 17
"""Characters of a path that nobody guesses, the slash included."""
_EVERYWHERE = frozenset({"0.0.0.0", "[::]", "::", "*", ""})  # noqa: S104 - only compared

Take = Callable[[bytes], Awaitable["asyncio.Future[None] | None"]]
"""Takes a raw frame; hands back what is done when the frame is committed, None if it is ignored."""


class _Taken(NamedTuple):
    frame: Frame
    committed: asyncio.Future[None]


class Buffer:
    """Frames that were taken and are not committed yet, handed on in batches and in order.

    `noticed` sees each frame that concerns us as it comes in, and must return at once; `sign` sees
    whatever comes in, and says whether it was our own probe. What came in by two ways is one.
    """

    def __init__(
        self,
        number: str,
        *,
        size: int = READ_AHEAD,
        noticed: Callable[[Frame], None] = lambda _: None,
        sign: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        self._number = number
        self._noticed, self._sign = noticed, sign
        self._recent: dict[tuple[str, int], asyncio.Future[None]] = {}
        self._queue: asyncio.Queue[_Taken] = asyncio.Queue(size)
        self._batch: list[_Taken] = []
        self._reader = Reader()

    async def take(self, raw: bytes) -> asyncio.Future[None] | None:
        """Keep a frame if it concerns us; waits while the buffer is full. Never raises for it."""
        if self._sign(raw):
            return None
        try:
            frame = pick(raw, self._number)
        except UnreadableFrame as fault:
            log.warning("signal_frame_unreadable", kind=fault.kind)
            return None
        if frame is None:
            return None
        self._noticed(frame)
        name = (frame.sender, frame.sent_ms)
        if (before := self._recent.get(name)) is not None:
            return before
        taken = _Taken(frame, asyncio.get_running_loop().create_future())
        self._recent[name] = taken.committed
        while len(self._recent) > READ_AHEAD:
            del self._recent[next(iter(self._recent))]
        await self._queue.put(taken)
        return taken.committed

    async def hand_on(self, receive: Receive) -> None:
        """Hand everything to `receive`, batch after batch, each until it is committed."""
        while True:
            if not self._batch:
                self._batch.append(await self._queue.get())
            self._fill(BATCH)
            messages = await self._read()
            wait_s = 0.1
            while not await _committed(receive, messages):
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 5.0)
            self._settle()

    async def last_word(self, receive: Receive) -> None:
        """On the way out: one more try for what is still in memory, within `LAST_WORD_S`."""
        self._fill(READ_AHEAD + BATCH)
        if not self._batch:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_S):
                if await _committed(receive, await self._read()):
                    self._settle()
        if self._batch:
            log.error("signal_uncommitted_at_close", count=len(self._batch))

    def _fill(self, limit: int) -> None:
        while len(self._batch) < limit and not self._queue.empty():
            self._batch.append(self._queue.get_nowait())

    async def _read(self) -> list[Inbound]:
        found = [await self._reader.read(taken.frame) for taken in self._batch]
        return [message for message in found if message is not None]

    def _settle(self) -> None:
        for taken in self._batch:
            if not taken.committed.done():
                taken.committed.set_result(None)
        self._batch = []


async def _committed(receive: Receive, messages: list[Inbound]) -> bool:
    if not messages:
        return True
    try:
        await receive(messages)
    except Exception as fault:  # the contract of `receive`: any fault means "not committed"
        log.error("signal_commit_failed", error=type(fault).__name__, count=len(messages))
        return False
    return True


class Attachment:
    """The websocket on `/v1/receive/{number}`, opened again whenever it ends.

    `line` hears True when it is open, False when it was lost or could not be had.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        path: str,
        *,
        line: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._session = session
        self._path = path
        self._line = line
        self.attached = False

    async def run(self, take: Take) -> None:
        """Take frames until cancelled; waits 50 ms after a first loss, 3 s at most after many."""
        loop = asyncio.get_running_loop()
        wait_s = 0.05
        while True:
            began = loop.time()
            reason = await self._listen(take)
            if loop.time() - began > 5.0:
                wait_s = 0.05
            log.warning("signal_detached", reason=reason, after_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 3.0)

    async def _listen(self, take: Take) -> str:
        """Take frames from one connection; says why it ended."""
        try:
            async with self._session.ws_connect(
                self._path,
                heartbeat=HEARTBEAT_S,
                timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
            ) as socket:
                self.attached = True
                self._line(True)
                log.info("signal_attached")
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        await take(message.data.encode())
                return f"closed {socket.close_code or 1006}"
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeError) as fault:
            return type(fault).__name__
        finally:
            self.attached = False
            self._line(False)


class Webhook:
    """A listener for the service's `RECEIVE_WEBHOOK_URL`: answers 200 once a frame is committed.

    The service never repeats a call, whatever it is answered, so a frame that could not be
    committed in time stays in the buffer and is committed later; the 503 is for its log alone.
    """

    def __init__(self, host: str, port: int, path: str, *, patience_s: float = PATIENCE_S) -> None:
        self._host, self._port, self._path = host, port, path
        self._patience_s = patience_s
        self._waiting: set[asyncio.Future[None]] = set()
        self.attached = False
        self.port = port

    @property
    def is_guarded(self) -> bool:
        """Whether a stranger can't just call: one address of ours alone, or a path to guess."""
        return self._host not in _EVERYWHERE or len(self._path) >= GUARDED_FROM

    async def run(self, take: Take) -> None:
        """Listen until cancelled; a port that is taken is tried again every second."""

        async def pushed(request: web.Request) -> web.Response:
            return web.Response(status=await self._answer(take, await request.read()))

        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_post(self._path, pushed)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await self._listen(runner)
            await asyncio.Event().wait()
        finally:
            self.attached = False
            await runner.cleanup()
            for waiting in self._waiting:
                waiting.cancel()

    async def _listen(self, runner: web.AppRunner) -> None:
        while True:
            try:
                await web.TCPSite(runner, self._host, self._port).start()
            except OSError as fault:
                log.error("signal_webhook_not_listening", error=type(fault).__name__)
                await asyncio.sleep(1.0)
            else:
                self.port = int(runner.addresses[0][1])
                self.attached = True
                return

    async def _answer(self, take: Take, raw: bytes) -> int:
        """The status for one pushed frame: 200 committed or ignored, 503 still in memory only."""
        taking = asyncio.ensure_future(_taken(take, raw))
        self._waiting.add(taking)
        taking.add_done_callback(self._waiting.discard)
        done, _ = await asyncio.wait({taking}, timeout=self._patience_s)
        return 200 if done else 503


async def _taken(take: Take, raw: bytes) -> None:
    committed = await take(raw)
    if committed is not None:
        await committed
