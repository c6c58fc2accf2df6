"""A loopback signal-cli-rest-api in json-rpc mode, with made-up people who use Signal.

It refuses what the real service refuses, loses what the real one loses, and records everything
that it did not expect in `unexpected`, so that a test can end with `assert not server.unexpected`.

    async with SignalServer() as server:
        heron = server.user("Heron")
        await heron.writes("they are stopping kids at the corner")
        await heron.sees("received")

Nothing here sleeps for time to pass: whoever waits is woken by what it waits for.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.e2e.signal_users import FakeUser, Shown, data_message
from tests.ports import HERE, PATIENCE_S, Port

OUR_NUMBER = "+15555550100"

_SEND_FIELDS = {
    "number": str,
    "recipients": list,
    "message": str,
    "text_mode": str,
    "base64_attachments": list,
    "edit_timestamp": int,
    "notify_self": bool,
}
_CONTACT_FIELDS = {"recipient": str, "name": str, "expiration_in_seconds": int}


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire, for canary checks."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A scripted answer to a send. `taken`: the message goes out in spite of it."""

    status: int
    body: object
    taken: bool = False


class SignalServer:
    """The service. Frames go to attached websockets, or to `pushes_to` if that is set.

    While `delivers_nothing`, it answers everything, and nothing reaches anybody. `adds_account`
    makes another account of ours. `keeps` makes it hold what arrives while nobody is attached; the
    real one loses it. `clock_ms` is its first timestamp: only messages of the last day can be
    edited.
    """

    def __init__(
        self,
        *,
        number: str = OUR_NUMBER,
        keeps: bool = False,
        clock_ms: int = 1_790_000_000_000,
    ) -> None:
        self.number = number
        self.keeps = keeps
        self.pushes_to = ""
        self.push_statuses: list[int] = []
        self.lost: list[str] = []
        self.delivers_nothing = False
        self.ours: list[Shown] = []
        self.requests: list[Request] = []
        self.unexpected: list[str] = []
        self.about: dict[str, Any] = {
            "versions": ["v1", "v2"],
            "build": 2,
            "mode": "json-rpc",
            "version": "0.101",
            "capabilities": {"v2/send": ["quotes", "mentions"]},
        }
        self.accounts = [number]
        self.attachments: dict[str, tuple[bytes, str]] = {}
        self.attachments_deleted: list[str] = []
        self.timers_ordered: list[tuple[str, int]] = []
        self.refuses_timers = ""
        self.times_attached = 0
        self._port = Port()
        self._users: dict[str, FakeUser] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        self._held: list[str] = []
        self._answers: deque[Answer | None] = deque()
        self._released = asyncio.Event()
        self._changed = asyncio.Condition()
        self._clock_ms = clock_ms
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    # --- the test's side ----------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession()
        await self.goes_up()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self.goes_down()
        self._port.let_go()
        assert self._client is not None
        await self._client.close()

    @property
    def url(self) -> str:
        """Where the service listens."""
        return self._port.url

    async def goes_up(self) -> None:
        """Start to listen; after `goes_down` on the same port as before."""
        app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[self._record])
        app.add_routes(
            [
                web.post("/v2/send", self._send),
                web.get("/v1/receive/{number}", self._receive),
                web.delete("/v1/remote-delete/{number}", self._remote_delete),
                web.put("/v1/contacts/{number}", self._update_contact),
                web.get("/v1/attachments/{id}", self._serve_attachment),
                web.delete("/v1/attachments/{id}", self._remove_attachment),
                web.get("/v1/about", self._about),
                web.get("/v1/accounts", self._accounts),
            ]
        )
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HERE, self._port.number).start()

    async def goes_down(self) -> None:
        """Stop to listen and cut every line."""
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def adds_account(self, number: str) -> str:
        """Register another account of ours; `ours` is what it wrote to the first."""
        self.accounts.append(number)
        return number

    def user(self, name: str, *, hides_uuid: bool = False) -> FakeUser:
        """The person of this name, made up at the first call."""
        if name not in self._users:
            number = f"+1555556{len(self._users):04d}"
            self._users[name] = FakeUser(self, name, number, hides_uuid=hides_uuid)
        return self._users[name]

    def tick(self) -> int:
        """The next timestamp; no two things happen in the same millisecond."""
        self._clock_ms += 1
        return self._clock_ms

    def passes(self, seconds: float) -> None:
        """Time goes by here as well: what was sent before is that much older."""
        self._clock_ms += int(seconds * 1000)

    def keep(self, data: bytes, mime: str) -> str:
        """Keep an attachment as one that was received; hands back its id."""
        ref = f"att{len(self.attachments) + 1}.bin"
        self.attachments[ref] = (data, mime)
        return ref

    def answers_next(self, status: int, body: object, *, taken: bool = False) -> None:
        """Script the answer to the next send; `taken`: the message goes out all the same."""
        self._answers.append(Answer(status, body, taken))

    def hangs_next(self) -> None:
        """Let the next send go out and never answer it."""
        self._answers.append(None)

    async def closes(self, code: int) -> None:
        """Close every websocket in good order with this code."""
        for socket in list(self._sockets):
            await socket.close(code=code)

    def cut(self) -> None:
        """Cut every websocket without a word."""
        for socket in list(self._sockets):
            self._sockets.discard(socket)
            writer = socket._writer
            if writer is not None and writer.transport is not None:
                writer.transport.abort()

    async def is_attached(self, *, times: int = 1, timeout_s: float = PATIENCE_S) -> None:
        """Wait until somebody is attached, for the `times`-th time at least."""
        await self.until(lambda: self._sockets and self.times_attached >= times, timeout_s)

    async def deliver(self, envelope: dict[str, Any]) -> int:
        """Deliver an envelope to our account; hands back its timestamp."""
        params = {"envelope": envelope, "account": self.number}
        await self.frame(json.dumps(params))
        return int(envelope["timestamp"])

    async def frame(self, raw: str) -> None:
        """Deliver a frame as it stands, over whichever way is set."""
        if self.delivers_nothing:
            return
        for socket in list(self._sockets):
            await socket.send_str(raw)
        if self.pushes_to:
            await self._push(raw)
        elif self._sockets:
            return
        elif self.keeps:
            self._held.append(raw)
        else:
            self.lost.append(raw)

    async def until(self, there: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
        """Wait until `there()` is true, looking again at every request and every change."""
        async with asyncio.timeout(timeout_s), self._changed:
            while not (found := there()):
                await self._changed.wait()
            return found

    # --- the service's side ---------------------------------------------------------------------

    @web.middleware
    async def _record(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read() if request.can_read_body else b""
        self.requests.append(Request(request.method, request.path, body))
        try:
            answer: web.StreamResponse = await handler(request)
        except web.HTTPNotFound:
            self.unexpected.append(f"{request.method} {request.path}: no such endpoint")
            raise
        await self._tell()
        return answer

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _push(self, raw: str) -> None:
        assert self._client is not None
        line = '{"jsonrpc":"2.0","method":"receive","params":' + raw + "}\n"
        async with self._client.post(self.pushes_to, data=io.BytesIO(line.encode())) as answer:
            self.push_statuses.append(answer.status)

    async def _send(self, request: web.Request) -> web.Response:
        order = self._parsed(await request.read(), _SEND_FIELDS)
        if isinstance(order, str):
            return _refuses(order)
        fault = self._fault_of(order)
        if fault:
            return _refuses(fault)
        scripted = self._answers.popleft() if self._answers else Answer(201, None, taken=True)
        stamp = self._show(order) if scripted is None or scripted.taken else self.tick()
        await self._between_ours(order, stamp)
        await self._tell()
        if scripted is None:
            await self._released.wait()
            return web.Response(status=500)
        if scripted.body is None:
            return web.json_response([{"timestamp": str(stamp)}], status=201)
        return web.json_response(scripted.body, status=scripted.status)

    def _parsed(self, body: bytes, fields: dict[str, type]) -> dict[str, Any] | str:
        try:
            order = json.loads(body)
        except ValueError:
            return "Couldn't process request - invalid request"
        for name in order.keys() - fields.keys():
            self.unexpected.append(f"unknown field {name} in a request")
        for name, value in order.items():
            if not isinstance(value, fields.get(name, object)):
                return "Couldn't process request - invalid request"
        return dict(order)

    def _fault_of(self, order: dict[str, Any]) -> str:
        """What the real service would say against this order; empty if nothing."""
        recipients = order.get("recipients") or []
        if not recipients:
            return "Couldn't process request - please provide at least one recipient"
        if order.get("number") not in self.accounts:
            return f"User {order.get('number')} is not registered."
        if not order.get("message") and not order.get("base64_attachments"):
            return "Sending empty message is not allowed, either a message or attachment"
        if len(recipients) > 1:
            self.unexpected.append("more than one recipient in one send")
        if order.get("text_mode", "normal") not in ("normal", "styled"):
            return "Couldn't process request - invalid request"
        return self._fault_of_person(recipients[0]) or self._fault_of_content(order)

    def _fault_of_person(self, recipient: str) -> str:
        if recipient in self.accounts:
            return ""
        person = self._person(recipient)
        if person is None or not person.registered:
            return f'Failed to send message:\nUnregistered user "{recipient}"'
        if not person.trusted:
            return "Unable to complete request due to untrusted recipient keys"
        return ""

    def _fault_of_content(self, order: dict[str, Any]) -> str:
        for uri in order.get("base64_attachments") or []:
            try:
                base64.b64decode(uri.rpartition("base64,")[2], validate=True)
            except binascii.Error as fault:
                return f"illegal base64 data: {fault}"
        edited = order.get("edit_timestamp")
        person = self._person(order["recipients"][0])
        if edited is not None and person and all(edited != shown.ref for shown in person.screen):
            return "Couldn't process request - no such message to edit"
        return ""

    def _person(self, recipient: str) -> FakeUser | None:
        return next(
            (user for user in self._users.values() if recipient in (user.uuid, user.number)), None
        )

    def _show(self, order: dict[str, Any]) -> int:
        """Put the message on the person's screen; an edit takes the place of what it edits."""
        stamp = self.tick()
        person = self._person(order["recipients"][0])
        if person is None or self.delivers_nothing:
            return stamp
        files = [
            base64.b64decode(uri.rpartition("base64,")[2])
            for uri in order.get("base64_attachments", [])
        ]
        for shown in person.screen:
            if shown.ref == order.get("edit_timestamp"):
                shown.ref, shown.text, shown.edited = stamp, order["message"], True
                return stamp
        person.screen.append(Shown(stamp, order["message"], files))
        return stamp

    async def _between_ours(self, order: dict[str, Any], stamp: int) -> None:
        """Let what one account of ours wrote to the first arrive, as from anybody."""
        if order["recipients"][0] != self.number or self.delivers_nothing:
            return
        self.ours.append(Shown(stamp, order["message"]))
        envelope = {
            "source": order["number"],
            "sourceNumber": None,
            "sourceUuid": "7e57e57e-0000-4000-8000-000000000002",
            "timestamp": stamp,
            "serverReceivedTimestamp": stamp + 40,
            "dataMessage": data_message(stamp, message=order["message"]),
        }
        await self.deliver(envelope)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        if request.match_info["number"] != self.number:
            self.unexpected.append("somebody attached for another number")
        self._sockets.add(socket)
        self.times_attached += 1
        await self._tell()
        for raw in self._held:
            await socket.send_str(raw)
        self._held.clear()
        try:
            async for message in socket:
                self.unexpected.append(f"a client wrote {message.type} to the websocket")
        finally:
            self._sockets.discard(socket)
            await self._tell()
        return socket

    async def _remote_delete(self, request: web.Request) -> web.Response:
        order = self._parsed(await request.read(), {"recipient": str, "timestamp": int})
        if isinstance(order, str):
            return _refuses(order)
        if request.match_info["number"] not in self.accounts:
            return _refuses(f"User {request.match_info['number']} is not registered.")
        person = self._person(order.get("recipient", ""))
        if order.get("recipient") == self.number:
            self.ours = [shown for shown in self.ours if shown.ref != order["timestamp"]]
            return web.json_response({"timestamp": str(self.tick())}, status=201)
        if person is None:
            return _refuses("Invalid recipient type")
        person.screen = [shown for shown in person.screen if shown.ref != order["timestamp"]]
        return web.json_response({"timestamp": str(self.tick())}, status=201)

    async def _update_contact(self, request: web.Request) -> web.Response:
        """Set a conversation's timer; refuses with what `refuses_timers` says, if anything."""
        order = self._parsed(await request.read(), _CONTACT_FIELDS)
        if isinstance(order, str):
            return _refuses(order)
        recipient, seconds = order.get("recipient", ""), order.get("expiration_in_seconds", 0)
        if not recipient:
            return _refuses("Couldn't process request - recipient missing")
        if request.match_info["number"] not in self.accounts:
            return _refuses(f"User {request.match_info['number']} is not registered.")
        if self.refuses_timers:
            return _refuses(self.refuses_timers)
        person = self._person(recipient)
        if person is None or not person.registered:
            return _refuses(f"The user {recipient} is not registered.")
        self.timers_ordered.append((person.name, seconds))
        if seconds:  # the service leaves a 0 out of what it tells signal-cli
            person.timer_s = seconds
        return web.Response(status=204)

    async def _serve_attachment(self, request: web.Request) -> web.Response:
        found = self.attachments.get(request.match_info["id"])
        if found is None:
            return _refuses("No attachment with that name found", 404)
        return web.Response(body=found[0], content_type=found[1])

    async def _remove_attachment(self, request: web.Request) -> web.Response:
        ref = request.match_info["id"]
        if self.attachments.pop(ref, None) is None:
            return _refuses("No attachment with that name found", 404)
        self.attachments_deleted.append(ref)
        return web.Response(status=204)

    async def _about(self, _: web.Request) -> web.Response:
        return web.json_response(self.about)

    async def _accounts(self, _: web.Request) -> web.Response:
        return web.json_response(self.accounts)


def _refuses(error: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error}, status=status)
