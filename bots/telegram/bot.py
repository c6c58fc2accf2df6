"""The Telegram bot: private chats in, plain text with buttons out.

What it is for
    It fits Telegram's Bot API to `responder.ports.Channel`. Received updates are read with
    aiogram's types; the loop that fetches them is our own, since aiogram's confirms an update
    before anybody has stored it.

Rules it keeps
    * `receive` has returned before the offset is raised: an update is confirmed to Telegram only
      after its commit, and comes again otherwise.
    * Nothing ends the loop but cancellation: no answer, no update and no exception of `receive`.
    * Sending never waits for aiogram, which takes seconds to import: it is loaded beside the
      running loop, and what is due has left by then.
    * No parse mode, ever: what a reporter wrote cannot become markup, a link or a mention.
    * Log lines hold counts, numbers and names of error classes; no text, chat or token.

What it must not know
    Incidents, playbooks, people's names, the store.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

import structlog

from bots.telegram import layout
from bots.telegram.layout import BLANK
from bots.telegram.session import (
    CALL_S,
    UPLOAD_S,
    BadToken,
    CannotDelete,
    Conflict,
    NoSuchMessage,
    NotModified,
    TelegramSession,
    message_id,
    number,
)
from bots.telegram.wire import Answer, Broken
from responder.core.model import Media, encode
from responder.ports import (
    Health,
    Outbound,
    Pace,
    Receive,
    Rejected,
    RetryLater,
    SendError,
    Sent,
)

if TYPE_CHECKING:
    from bots.telegram.updates import Read

ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
QUICK_S: Final = 8.0
REMEMBERED: Final = 4096

_log = structlog.get_logger("telegram")

Reader: TypeAlias = "Callable[[object, Callable[[int], str]], Read]"

K = TypeVar("K")
V = TypeVar("V")


class _Recent(OrderedDict[K, V], Generic[K, V]):
    """The newest entries only: a convenience that may be lost, never the only place of a fact."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        while len(self) > REMEMBERED:
            self.popitem(last=False)


class TelegramBot:
    """`Channel` over the Bot API.

    `poll_timeout_s` is how long Telegram holds an empty `getUpdates`; `retry_s` the first and the
    longest wait after a failure. `commands` maps a language code to (command, description)
    pairs; the first language serves everybody whose language has none. `place_label` stands on
    the button that shares a location.
    """

    name = layout.CHANNEL
    private = False
    buttons = True
    pace = Pace(per_second=28.0, per_chat_s=1.0)

    def __init__(
        self,
        token: str,
        *,
        api_url: str = "https://api.telegram.org",
        poll_timeout_s: int = 25,
        retry_s: tuple[float, float] = (0.5, 30.0),
        commands: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        place_label: str = "\N{ROUND PUSHPIN}",
    ) -> None:
        self._session = TelegramSession(token, api_url)
        self._poll_timeout_s = poll_timeout_s
        self._retry_s = retry_s
        self._commands = dict(commands or {})
        self._place_label = place_label
        self._refs: _Recent[int, str] = _Recent()
        self._begun: _Recent[bytes, tuple[int, ...]] = _Recent()
        self._left: set[int] = set()
        self._trouble = ""

    # --- opening and closing --------------------------------------------------------------------

    async def start(self) -> None:
        """Open what sending needs; connects to nothing yet."""
        self._session.open()

    async def close(self) -> None:
        """Drop the connections; a request under way ends as a `SendError`."""
        await self._session.close()

    async def health(self) -> Health:
        """Ask Telegram who this bot is; says what a coordinator can do if it does not answer."""
        try:
            await self._session.call("getMe", {}, again=True, timeout_s=QUICK_S)
        except BadToken as error:
            return Health(
                ok=False, detail=f"{error}: copy it again from BotFather into telegram.token"
            )
        except SendError as error:
            return Health(ok=False, detail=str(error))
        return Health(ok=not self._trouble, detail=self._trouble or "Telegram knows this bot")

    # --- receiving ------------------------------------------------------------------------------

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled; outlives every fault of Telegram and of `receive`."""
        read = await _load_reader()
        offset: int | None = None
        failures = 0
        quick = True
        announced = False
        while True:
            try:
                updates = await self._poll(offset, 0 if quick else self._poll_timeout_s)
                offset = await self._take_in(updates, read, receive) or offset
            except Exception as error:
                failures += 1
                quick = True
                await self._pause(error, failures)
                continue
            failures, quick, self._trouble = 0, False, ""
            if not announced:
                announced = True
                await self._announce_commands()

    async def _poll(self, offset: int | None, wait_s: int) -> list[object]:
        """The next updates; asking for `offset` tells Telegram to forget those before it.

        With a `wait_s` of 0 it answers at once: so we learn soon whether Telegram is up.
        """
        params: dict[str, object] = {"timeout": wait_s, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            params["offset"] = offset
        result = await self._session.call(
            "getUpdates", params, again=True, timeout_s=wait_s + QUICK_S
        )
        if not isinstance(result, list):
            raise RetryLater("Telegram's answer to getUpdates is not a list")
        return result

    async def _take_in(self, updates: list[object], read: Reader, receive: Receive) -> int | None:
        """Hand the updates in; return the offset that confirms them, or None if there were none.

        What `receive` raises passes through: the caller keeps the old offset, and all of these
        updates come again.
        """
        if not updates:
            return None
        got = [read(raw, self._ref_of) for raw in updates]
        unreadable = sum(one.unreadable for one in got)
        if unreadable:
            _log.warning("telegram.updates_unreadable", count=unreadable)
        batch = [one.inbound for one in got if one.inbound is not None]
        if batch:
            await receive(batch)
        last = max(map(_update_id, updates))
        if last < 0:
            raise RetryLater("Telegram sent updates without numbers")
        for group in {one.group for one in got if one.group is not None}:
            await self._leave(group)
        return last + 1

    async def _pause(self, error: Exception, failures: int) -> None:
        """Say what is wrong, not in its words; wait as long as asked, else longer each time."""
        first_s, most_s = self._retry_s
        pause_s = min(most_s, first_s * 2.0 ** min(failures - 1, 16))
        match error:
            case Conflict():
                self._trouble = f"{error}: stop it, or get a new token from BotFather"
                _log.warning("telegram.conflict", count=failures)
                if error.webhook:
                    _log.warning("telegram.webhook_removed")
                    await self._quietly("deleteWebhook", {"drop_pending_updates": False})
            case SendError():
                self._trouble = str(error)
                if isinstance(error, RetryLater) and error.after_s is not None:
                    pause_s = max(pause_s, error.after_s)
                _log.warning("telegram.poll_failed", error=type(error).__name__, count=failures)
            case _:
                self._trouble = "messages come in but cannot be stored"
                _log.error("telegram.receive_failed", error=type(error).__name__, count=failures)
        await asyncio.sleep(pause_s)

    async def _announce_commands(self) -> None:
        """Put the commands under the menu button. Best effort: Telegram keeps the last list."""
        codes = ["", *self._commands]
        lists = [next(iter(self._commands.values()), ()), *self._commands.values()]
        for code, entries in zip(codes, lists, strict=True):
            params: dict[str, object] = {
                "commands": [{"command": word, "description": told} for word, told in entries],
                "scope": {"type": "all_private_chats"},
            }
            if code:
                params["language_code"] = code
            if entries:
                await self._quietly("setMyCommands", params)

    async def _leave(self, group: int) -> None:
        """Go: what is said in a group is not said to us. Tried once a run for each group."""
        if group not in self._left:
            self._left.add(group)
            _log.info("telegram.group_left")
            await self._quietly("leaveChat", {"chat_id": group})

    # --- sending --------------------------------------------------------------------------------

    async def send(self, out: Outbound) -> Sent:
        """Send, or edit where `out.edits` is set; a long text goes as several messages.

        The ref names all messages that it took, the one with the buttons last. A repeat after
        `RetryLater` goes on where the last attempt stopped.
        """
        pieces = layout.pieces(out, self._place_label)
        old = layout.ids(out.edits)
        if old and len(pieces) == 1 and pieces[0].upload is None:
            if await self._edit(out.handle, old[-1], pieces[0]):
                await self._sweep(out.handle, old[:-1])
                return Sent(ref=str(old[-1]))
            old = old[:-1]
        ref = layout.ref(await self._send_all(out, pieces))
        if "+" in ref:
            self._refs[layout.ids(ref)[-1]] = ref
        await self._sweep(out.handle, old)
        return Sent(ref=ref)

    def post(self, out: Outbound, told: Callable[[Sent | SendError], None]) -> bool:
        """Send what is one new text at once, where a connection is free; see `ports.Quick`."""
        if out.edits or out.attachments:
            return False
        pieces = layout.pieces(out, self._place_label)
        if len(pieces) > 1:
            return False
        (piece,) = pieces
        return self._session.post(piece.method, piece.params(out.handle), partial(_tell, told))

    async def _send_all(self, out: Outbound, pieces: Sequence[layout.Piece]) -> tuple[int, ...]:
        if len(pieces) == 1:  # nothing of it can have left before
            return (await self._send_one(out.handle, pieces[0]),)
        mark = hashlib.blake2b(encode(out), digest_size=16).digest()
        done = self._begun.pop(mark, ())
        for piece in pieces[len(done) :]:
            try:
                done = (*done, await self._send_one(out.handle, piece))
            except RetryLater:
                if done:
                    self._begun[mark] = done
                raise
        return done

    async def _send_one(self, handle: str, piece: layout.Piece) -> int:
        """The number of the message that shows this piece."""
        result = await self._session.call(
            piece.method,
            piece.params(handle),
            upload=piece.upload,
            timeout_s=CALL_S if piece.upload is None else UPLOAD_S,
        )
        return message_id(result)

    async def _edit(self, handle: str, message: int, piece: layout.Piece) -> bool:
        """Edit in place; False if there is nothing left to edit."""
        try:
            await self._session.call(
                "editMessageText", piece.edit_params(handle, message), again=True
            )
        except NotModified:
            return True
        except NoSuchMessage:
            return False
        return True

    def _ref_of(self, message: int) -> str:
        return self._refs.get(message, str(message))

    async def _sweep(self, handle: str, messages: Sequence[int]) -> None:
        """Take away what a newer message replaces; the newer one is there, so best effort."""
        for message in messages:
            await self._quietly("deleteMessage", {"chat_id": handle, "message_id": message})

    async def delete(self, handle: str, ref: str) -> None:
        """Delete a message, ours or theirs; ours that are too old are emptied of their words."""
        failed: SendError | None = None
        for message in layout.ids(ref):
            try:
                await self._take_back({"chat_id": layout.chat_id(handle), "message_id": message})
            except SendError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    async def _take_back(self, where: Mapping[str, object]) -> None:
        try:
            await self._session.call("deleteMessage", where, again=True)
        except NoSuchMessage:
            return
        except CannotDelete:
            await self._session.call("editMessageText", {**where, "text": BLANK}, again=True)

    async def answer_press(self, press: str, text: str) -> None:
        """Take the spinner off a pressed button. Best effort; never raises."""
        if press:
            params = {"callback_query_id": press}
            line = layout.cut(text, layout.PRESS_LIMIT)
            await self._quietly("answerCallbackQuery", params | ({"text": line} if line else {}))

    # --- media ----------------------------------------------------------------------------------

    async def media(self, item: Media, limit: int) -> bytes:
        """The bytes of a file, at most `limit` (Telegram itself stops at 20 MB)."""
        if item.size > limit:
            raise Rejected(f"the file is larger than {limit} bytes")
        found = await self._session.call("getFile", {"file_id": item.ref}, again=True)
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str):
            raise Rejected("Telegram does not have this file any more")
        return await self._session.download(path, limit)

    async def forget_media(self, item: Media) -> None:
        """Nothing to do: the file goes with its message."""

    async def _quietly(self, method: str, params: Mapping[str, object]) -> None:
        """A call whose failure changes nothing that anybody was promised."""
        try:
            await self._session.call(method, params, again=True, timeout_s=QUICK_S)
        except SendError as error:
            _log.info("telegram.call_failed", method=method, error=type(error).__name__)


def _update_id(raw: object) -> int:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else -1


def _tell(told: Callable[[Sent | SendError], None], answer: Answer | Broken) -> None:
    found = number(answer)
    told(found if isinstance(found, SendError) else Sent(ref=layout.ref((found,))))


async def _load_reader() -> Reader:
    """Import aiogram in a thread of its own while the loop goes on.

    The thread is a daemon: an executor's would keep a stopping program waiting for the import.
    """
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if loaded.done():
            return
        if error is None:
            loaded.set_result(None)
        else:
            loaded.set_exception(error)

    def load() -> None:
        failure: Exception | None = None
        collecting = gc.isenabled()
        gc.disable()  # what a library brings stays: looking through it again and again is waste
        try:
            importlib.import_module("bots.telegram.updates")
        except Exception as error:
            failure = error
        gc.freeze()
        if collecting:
            gc.enable()
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=load, name="import-aiogram", daemon=True).start()
    await loaded
    from bots.telegram.updates import read

    return read
