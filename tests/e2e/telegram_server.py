"""A loopback Telegram: enough of the Bot API 10.2 to run a bot against, and people who use it.

What it is for
    Tests talk to the bot as people do (`server.user("Heron")`, `await heron.writes("hello")`,
    `await heron.sees("received")`) while the bot, in this process or another, is given
    `server.url` and `server.token`.

Rules it keeps
    * It refuses what Telegram refuses. What only a broken bot would ask (an unknown method or
      parameter, a text that is too long, a button without data) lands in `unexpected` besides,
      and leaving the context fails the test on it.
    * Every byte that the bot sends is kept in `requests`, for canary checks.
    * Nothing polls: whoever waits is woken by the change that they wait for.

Source of the rules: https://core.telegram.org/bots/api (methods, limits, error texts).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

from aiohttp import web

from tests.e2e.telegram_methods import (
    BOT_ID,
    METHODS,
    Buttons,
    Keyboard,
    Params,
    Refused,
    as_message,
    integer,
    markup,
    parsed,
    read_json,
    true,
)
from tests.ports import HERE, PATIENCE_S, Port

TOKEN = "4200:loopback-token-for-tests"

FaultKind = Literal["429", "429-bare", "502", "garbled", "reply", "hang", "drop", "lose-answer"]


@dataclass
class Shown:
    """A message of the bot as it stands on somebody's screen. `file` holds what was uploaded."""

    id: int
    chat: int
    text: str = ""
    buttons: Buttons = field(default_factory=list)
    keyboard: Keyboard = field(default_factory=list)
    file: bytes = b""
    kind: str = "text"
    silent: bool = False
    protected: bool = False
    edited: int = 0
    deleted: bool = False

    @property
    def labels(self) -> list[str]:
        """The words on its buttons, row after row."""
        return [label for row in self.buttons for label, _ in row]


@dataclass(frozen=True)
class Request:
    """One request of the bot: what was asked, and all bytes of its body."""

    method: str
    params: Params
    body: bytes


@dataclass
class Fault:
    """What happens to the next `times` requests (of `method`, if one is named).

    "hang" and "drop" lose the request; "lose-answer" carries it out and then breaks off.
    """

    kind: FaultKind
    times: int = 1
    method: str = ""
    retry_after: int = 1
    status: int = 500
    body: str = ""


@dataclass
class FakeUser:
    """Somebody with a Telegram account. The bot can write to them only after they wrote first."""

    server: TelegramServer
    id: int
    name: str
    language_code: str
    started: bool = False
    blocked: bool = False
    messages: list[Shown] = field(default_factory=list)
    wrote: dict[int, bool] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)

    @property
    def sender(self) -> Params:
        """The `User` object of the Bot API."""
        who = {"id": self.id, "is_bot": False, "first_name": self.name}
        return who | ({"language_code": self.language_code} if self.language_code else {})

    @property
    def chat(self) -> Params:
        """The `Chat` object of the Bot API."""
        return {"id": self.id, "type": "private", "first_name": self.name}

    @property
    def screen(self) -> list[Shown]:
        """The bot's messages that are to be seen now, oldest first."""
        return [message for message in self.messages if not message.deleted]

    async def writes(self, text: str) -> int:
        """Send a text; returns the number of the update that carries it."""
        return await self.sends({"text": text})

    async def sends(self, content: Params) -> int:
        """Send a message with any content of the Bot API's `Message`."""
        assert not self.blocked, f"{self.name} has blocked the bot and cannot write to it"
        self.started = True
        message = self._message(content)
        self.wrote[message["message_id"]] = True
        return await self.server.deliver({"message": message})

    def _message(self, content: Params) -> Params:
        number, now = self.server.next_message_id(), int(time.time())
        return {
            "message_id": number,
            "date": now,
            "chat": self.chat,
            "from": self.sender,
            **content,
        }

    async def edits(self, text: str) -> int:
        """Change the last message that this person wrote."""
        now = int(time.time())
        changed = {"message_id": max(self.wrote), "edit_date": now, "text": text}
        return await self.server.deliver({"edited_message": self._message({}) | changed})

    async def sends_location(self, latitude: float, longitude: float) -> int:
        """Share a place."""
        return await self.sends({"location": {"latitude": latitude, "longitude": longitude}})

    async def sends_photo(self, data: bytes, caption: str = "") -> int:
        """Send a picture, in the two sizes that Telegram would make of it."""
        small = self.server.keep_file(data[:10], "photos") | {"width": 90, "height": 90}
        large = self.server.keep_file(data, "photos") | {"width": 1280, "height": 1280}
        return await self.sends(
            {"photo": [small, large]} | ({"caption": caption} if caption else {})
        )

    async def sends_voice(self, data: bytes) -> int:
        """Send a voice message."""
        kept = self.server.keep_file(data, "voice")
        return await self.sends({"voice": kept | {"duration": 3, "mime_type": "audio/ogg"}})

    async def presses(self, label: str, *, after: int = 0, timeout_s: float = PATIENCE_S) -> int:
        """Press the newest button whose words hold `label`, once there is one.

        Only those under messages with an id above `after` count.
        """
        found: list[tuple[Shown, str]] = []

        def there() -> bool:
            found[:] = [
                (message, data)
                for message in self.screen
                for row in message.buttons
                for words, data in row
                if label in words and message.id > after
            ]
            return bool(found)

        await self.server.until(there, timeout_s, lambda: f"a button {label!r}; {self._seen()}")
        message, data = found[-1]
        return await self.server.press(self, message, data)

    async def sees(self, fragment: str, *, after: int = 0, timeout_s: float = PATIENCE_S) -> Shown:
        """The newest message on the screen that holds `fragment`, once there is one.

        Only messages with an id above `after` count.
        """
        found: list[Shown] = []

        def there() -> bool:
            found[:] = [one for one in self.screen if fragment in one.text and one.id > after]
            return bool(found)

        await self.server.until(there, timeout_s, lambda: f"{fragment!r}; {self._seen()}")
        return found[-1]

    def _seen(self) -> str:
        return f"{self.name} sees {[(one.text, one.labels) for one in self.screen]}"

    async def blocks_bot(self) -> None:
        """Block the bot: it gets an update about it, and 403 from now on."""
        self.blocked = True
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "Loopback"}
        change = {"chat": self.chat, "from": self.sender, "date": int(time.time())}
        old = {"user": bot, "status": "member"}
        new = {"user": bot, "status": "kicked", "until_date": 0}
        await self.server.deliver(
            {"my_chat_member": change | {"old_chat_member": old, "new_chat_member": new}}
        )


class TelegramServer:
    """The server; an async context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, token: str = TOKEN, *, limits: bool = False) -> None:
        self.token = token
        self.limits = limits
        self.port = Port()
        self.requests: list[Request] = []
        self.unexpected: list[str] = []
        self.commands: dict[str, list[Params]] = {}
        self.left: list[int] = []
        self.webhook = False
        self.confirmed = 0
        self.faults: list[Fault] = []
        self.users: dict[int, FakeUser] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self._updates: deque[Params] = deque()
        self.presses: dict[str, FakeUser] = {}
        self._next = {"update": 700_000, "message": 10, "user": 1000, "file": 0, "press": 0}
        self._polls = 0
        self._sent_at: deque[tuple[float, int]] = deque()
        self._closing = False
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> TelegramServer:
        await self.listen()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
        if kind is None:
            assert not self.unexpected, f"the bot did what Telegram refuses: {self.unexpected}"

    @property
    def url(self) -> str:
        """Where it listens, while it does."""
        return self.port.url

    async def listen(self) -> None:
        """Open the port; after `goes_down` the same as before."""
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._closing = False
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, HERE, self.port.number).start()

    async def close(self) -> None:
        """Go down for good. What has been said is kept."""
        await self.goes_down()
        self.port.let_go()

    async def goes_down(self) -> None:
        """Refuse whoever comes and let go of whoever waits."""
        self._closing = True
        await self._notify()
        if self._runner is not None:
            await self._runner.cleanup()

    # --- for tests ------------------------------------------------------------------------------

    def user(self, name: str, language_code: str = "en") -> FakeUser:
        """A new person with a Telegram account."""
        made = FakeUser(self, self._number("user"), name, language_code)
        self.users[made.id] = made
        return made

    def fault(self, kind: FaultKind, times: int = 1, **details: Any) -> None:
        """Let the next `times` requests fail; see `Fault` for the details."""
        self.faults.append(Fault(kind, times, **details))

    async def deliver(self, update: Params) -> int:
        """Queue an update, well-formed or not; returns its number."""
        number = self._number("update")
        self._updates.append({"update_id": number, **update})
        await self._notify()
        return number

    async def press(self, user: FakeUser, message: Shown, data: str) -> int:
        """A press on a button of the message, whether or not it still shows that button."""
        number = str(self._number("press"))
        self.presses[number] = user
        query = {"id": number, "from": user.sender, "chat_instance": "1", "data": data}
        under = as_message(message, user)
        return await self.deliver({"callback_query": query | {"message": under}})

    async def said_in_group(self, text: str, chat: int = -5000) -> int:
        """A message in a group that the bot was put into."""
        sender = {"id": 999, "is_bot": False, "first_name": "Badger"}
        where = {"id": chat, "type": "group", "title": "northside"}
        number = self.next_message_id()
        message = {"message_id": number, "date": 1, "chat": where, "from": sender, "text": text}
        return await self.deliver({"message": message})

    async def until(
        self,
        there: Callable[[], bool],
        timeout_s: float = PATIENCE_S,
        what: Callable[[], str] = lambda: "something",
    ) -> None:
        """Wait until `there()`, woken by every change; an AssertionError names what never came."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(there)
        except TimeoutError:
            raise AssertionError(f"waited {timeout_s} s in vain for {what()}") from None

    async def until_asked(self, method: str, times: int = 1, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the bot has called the method that often."""
        await self.until(lambda: len(self.calls(method)) >= times, timeout_s, lambda: method)

    async def until_confirmed(self, update: int, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the bot has raised its offset above this update."""
        await self.until(lambda: self.confirmed > update, timeout_s, lambda: "a confirmation")

    def calls(self, method: str) -> list[Params]:
        """The parameters of every call of that method, oldest first."""
        return [request.params for request in self.requests if request.method == method]

    def next_message_id(self) -> int:
        """A fresh message id; they rise over all chats, as for a real bot."""
        return self._number("message")

    def keep_file(self, data: bytes, folder: str) -> Params:
        """Store a file for `getFile`; returns the common part of the Bot API's file objects."""
        number = self._number("file")
        self.files[f"file-{number}"] = (f"{folder}/file_{number}.bin", data)
        return {
            "file_id": f"file-{number}",
            "file_unique_id": f"unique-{number}",
            "file_size": len(data),
        }

    def _number(self, what: str) -> int:
        self._next[what] += 1
        return self._next[what]

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- answering ------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        method = request.match_info["method"]
        params = parsed(request, body)
        self.requests.append(Request(method, params, body))
        await self._notify()
        fault = self._fault_for(method)
        if fault is not None and fault.kind != "lose-answer":
            return await self._fail(request, fault)
        try:
            if request.match_info["token"] != self.token:
                raise Refused(401, "Unauthorized")
            result = await self._carry_out(method, params)
        except Refused as refused:
            if refused.mistake:
                self.unexpected.append(f"{method}: {refused.description}")
            return _refusal(refused)
        finally:
            await self._notify()
        if fault is not None:
            return _hang_up(request)
        return web.json_response({"ok": True, "result": result})

    async def _carry_out(self, method: str, params: Params) -> Any:
        known = METHODS.get(method)
        if known is None:
            raise Refused(404, "Not Found", mistake=True)
        required, optional, handler = known
        missing = [name for name in required if params.get(name) in (None, "")]
        if missing:
            name = missing[0].replace("_", " ")
            raise Refused(400, f"Bad Request: {name} is empty", mistake=True)
        strange = set(params) - set(required) - set(optional)
        if strange:
            self.unexpected.append(f"{method}: unknown parameters {sorted(strange)}")
        return await handler(self, params)

    def _fault_for(self, method: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method in ("", method):
                fault.times -= 1
                return fault
        return None

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case "429":
                said = f"Too Many Requests: retry after {fault.retry_after}"
                return _refusal(Refused(429, said, retry_after=fault.retry_after))
            case "429-bare":
                return _refusal(Refused(429, "Too Many Requests"))
            case "502":
                page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
                return web.Response(status=502, text=page, content_type="text/html")
            case "garbled":
                return web.Response(status=200, text=fault.body or '{"ok": true, "resu')
            case "reply":
                return web.Response(status=fault.status, text=fault.body)
            case "hang":
                async with self._changed:
                    await self._changed.wait_for(lambda: self._closing)
        return _hang_up(request)

    async def _file(self, request: web.Request) -> web.Response:
        for path, data in self.files.values():
            if request.match_info["token"] == self.token and path == request.match_info["path"]:
                return web.Response(body=data)
        return web.Response(status=404, text="Not Found")

    # --- the rules of chats ---------------------------------------------------------------------

    def chat(self, params: Params) -> FakeUser:
        """The person behind `chat_id`, or the refusal that the bot gets instead."""
        user = self.users.get(integer(params["chat_id"]))
        if user is None or not user.started:
            raise Refused(400, "Bad Request: chat not found")
        if user.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return user

    def own(self, params: Params, missing: str) -> Shown:
        """The bot's own visible message that `chat_id` and `message_id` name."""
        number = integer(params["message_id"])
        for message in self.chat(params).screen:
            if message.id == number:
                return message
        raise Refused(400, f"Bad Request: {missing}")

    def throttle(self, chat: int) -> None:
        """With `limits` on: 30 messages a second over all, one a second to a chat."""
        now = time.monotonic()
        while self._sent_at and self._sent_at[0][0] <= now - 1.0:
            self._sent_at.popleft()
        crowded = len(self._sent_at) >= 30 or any(one == chat for _, one in self._sent_at)
        if self.limits and crowded:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        self._sent_at.append((now, chat))

    async def show(self, params: Params, **shape: Any) -> Params:
        """Put a new message on somebody's screen; returns the Bot API's `Message`."""
        user = self.chat(params)
        inline, keyboard = markup(params.get("reply_markup"))
        self.throttle(user.id)
        message = Shown(
            self.next_message_id(),
            user.id,
            buttons=inline,
            keyboard=keyboard,
            silent=true(params.get("disable_notification")),
            protected=true(params.get("protect_content")),
            **shape,
        )
        user.messages.append(message)
        return as_message(message, user)

    async def poll(self, params: Params) -> list[Params]:
        """getUpdates: confirms what lies before the offset, then waits for something new."""
        if self.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset, limit = integer(params.get("offset", 0)), integer(params.get("limit", 100))
        if not 1 <= limit <= 100:
            raise Refused(400, "Bad Request: limit out of range", mistake=True)
        self._confirm(offset)
        self._polls += 1
        mine, kinds = self._polls, read_json(params.get("allowed_updates", []))

        def waiting() -> list[Params]:
            return [one for one in self._updates if not kinds or set(one) & {"update_id", *kinds}]

        try:
            async with asyncio.timeout(integer(params.get("timeout", 0))), self._changed:
                self._changed.notify_all()
                await self._changed.wait_for(
                    lambda: self._closing or self._polls != mine or waiting()
                )
        except TimeoutError:
            pass
        if self._polls != mine:
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        return waiting()[:limit]

    def _confirm(self, offset: int) -> None:
        self.confirmed = max(self.confirmed, offset)
        while self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()


def _refusal(refused: Refused) -> web.Response:
    body: Params = {
        "ok": False,
        "error_code": refused.status,
        "description": refused.description,
    }
    if refused.retry_after:
        body["parameters"] = {"retry_after": refused.retry_after}
    return web.json_response(body, status=refused.status)


def _hang_up(request: web.Request) -> web.Response:
    """Break the connection off without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
