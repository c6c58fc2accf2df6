"""The Signal bot: signal-cli-rest-api (0.101 or newer, json-rpc mode) as a `Channel`.

Rules it keeps
    * One recipient a send, plain text only, never to a group: a handle is the account's UUID, or
      the phone number of an account that hides its UUID.
    * Sending needs aiohttp alone and starts at once; signalbot is loaded by the first message
      that comes in. What of signalbot is used, and why no more, is told in
      `docs/decisions/0004-signal-is-supervised.md`.
    * No number, UUID, text or URL goes into an exception or a log.

What it must not know
    Who may read what, and what a message means. It waits for nothing but the service.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import quote

import structlog

from bots.signal.answers import refusal
from bots.signal.frames import Frame
from bots.signal.hearing import Gap, Hearing
from bots.signal.receive import PATIENCE_S, Buffer, Webhook
from bots.signal.receive import Attachment as Socket
from bots.signal.service import Service
from bots.signal.timers import GAP_S, Timers
from bots.wording import cut, with_numbers, with_repeat_mark
from responder.core.model import Media
from responder.ports import (
    Attachment,
    Health,
    Memory,
    Outbound,
    Pace,
    Receive,
    Rejected,
    SendError,
    Sent,
    Unreachable,
)

log = structlog.get_logger("bots.signal.bot")

TEXT_LIMIT = 8000
"""Characters. Signal itself turns what is over 2,000 bytes into an attachment of long text."""
EDIT_WITHIN_S = 23 * 3600.0
"""Apps drop edits of messages older than a day without a word; older ones are sent anew."""
OLDEST = (0, 101)
CAPTCHA = (
    "Signal asks for a captcha before it sends more: solve one at "
    "https://signalcaptchas.org/challenge/generate.html and post it with the challenge token to "
    "the service's /v1/accounts/<our number>/rate-limit-challenge"
)

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PHONE = re.compile(r"\+[0-9]{5,15}")
_MIME = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.IGNORECASE)


class SignalBot:
    """Signal over a signal-cli-rest-api that runs on this machine or beside it.

    `number` is our own account. `receive` "websocket" attaches to the service; "webhook" listens
    besides on `webhook_host:webhook_port` at `webhook_path`, to which the service's
    `RECEIVE_WEBHOOK_URL` must lead: it alone carries bursts without loss; a call waits for its
    commit for `webhook_patience_s`. `timeout_s` is how long a request may take. Every
    `probe_every_s` it is looked whether messages still arrive, from `probe_number`, another
    account of ours in the same service, where there is one. After
    `disappear_s` read messages disappear from both ends, 0 for never; two conversations get that
    timer `timer_gap_s` apart. Tests hand in
    `clock` (seconds since 1970) and `steady` (any monotonic seconds).
    """

    name = "signal"
    private = True
    buttons = False
    pace = Pace(per_second=10.0, per_chat_s=1.0, at_once=8)

    def __init__(
        self,
        number: str,
        *,
        service_url: str = "http://127.0.0.1:8080",
        receive: Literal["websocket", "webhook"] = "websocket",
        webhook_host: str = "127.0.0.1",
        webhook_port: int = 8081,
        webhook_path: str = "/signal",
        webhook_patience_s: float = PATIENCE_S,
        timeout_s: float = 20.0,
        probe_number: str = "",
        probe_every_s: float = 0.0,
        disappear_s: int = 0,
        timer_gap_s: float = GAP_S,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._number = number
        self._service = Service(
            service_url, at_once=self.pace.at_once, timeout_s=timeout_s, steady=steady
        )
        self._webhook: Webhook | None = None
        if receive == "webhook":
            self._webhook = Webhook(
                webhook_host, webhook_port, webhook_path, patience_s=webhook_patience_s
            )
        self._clock = clock
        self._timers = Timers(disappear_s, self._set_timer, steady=steady, gap_s=timer_gap_s)
        self._socket: Socket | None = None
        self._hearing = Hearing(
            lambda: datetime.fromtimestamp(clock(), UTC), pushed=self._webhook is not None
        )
        self._probe_number = probe_number
        self._probe_ref = ""
        self.probe_every = timedelta(seconds=probe_every_s)
        self._deaf = False

    @property
    def webhook_port(self) -> int | None:
        """The port on which calls of the service are awaited; None over the websocket."""
        return self._webhook.port if self._webhook else None

    def remember_in(self, memory: Memory) -> None:
        """Keep there which conversations have their timer."""
        self._timers.memory = memory

    async def start(self) -> None:
        """Open the pool of connections. Nothing is asked of the service yet."""
        await self._service.start()

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled. What was taken and not committed gets one last try then."""
        await self.start()
        buffer = Buffer(self._number, noticed=self._notice, sign=self._hearing.frame)
        path = f"v1/receive/{quote(self._number)}"
        self._socket = Socket(self._service.session, path, line=self._hearing.line)
        # Beside the webhook the websocket carries what a call lost on its way to us.
        sources = [self._socket.run(buffer.take)]
        if self._webhook is not None:
            sources.append(self._webhook.run(buffer.take))
        taking = asyncio.gather(*sources)
        handing = asyncio.create_task(buffer.hand_on(receive))
        try:
            await asyncio.gather(taking, handing)
        finally:
            handing.cancel()
            await asyncio.wait({handing})
            try:
                await buffer.last_word(receive)
            finally:
                taking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await taking
                self._socket = None

    async def send(self, out: Outbound) -> Sent:
        """Send one message to one person; an edit that is refused is sent anew.

        `Sent.ref` is the message's timestamp. After an edit it is the edit's own: the next edit
        must name that one, or apps drop it.
        """
        recipient = _recipient(out.handle)
        self._timers.wanted(recipient)
        message: dict[str, object] = {
            "number": self._number,
            "recipients": [recipient],
            "message": _body(out),
            "text_mode": "normal",
        }
        if out.attachments:
            message["base64_attachments"] = [_data_uri(item) for item in out.attachments]
        if self._can_edit(out.edits):
            try:
                return await self._send(message | {"edit_timestamp": int(out.edits)})
            except Rejected:
                log.info("signal_edit_refused")
        sent = await self._send(message)
        self._hearing.sent(recipient)
        return sent

    @property
    def heard_at(self) -> datetime | None:
        """When something last came in over the real path, or nothing spoke against it."""
        return self._hearing.heard_at

    async def probe(self) -> None:
        """Send a line from our second number to ours; the one before it is taken back.

        Without a second number: look whether the service is there and phones confirm what is sent.
        """
        if not self._probe_number:
            await self._service.fetch("v1/about")
            if not self._faults_of_line() and self._hearing.nothing_against():
                self._hearing.all_may_be_well()
            return
        if self._probe_ref:
            order = {"recipient": self._number, "timestamp": int(self._probe_ref)}
            path = f"v1/remote-delete/{quote(self._probe_number)}"
            self._probe_ref = ""
            with contextlib.suppress(SendError):
                await self._service.sending("DELETE", path, order)
        line: dict[str, object] = {
            "number": self._probe_number,
            "recipients": [self._number],
            "message": self._hearing.probe_text(),
            "text_mode": "normal",
        }
        self._probe_ref = await self._service.sending("POST", "v2/send", line)

    def judged(self, *, deaf: bool) -> None:
        """What the probes came to, for `health`."""
        self._deaf = deaf

    def unattended(self, since: datetime, *, clean: bool) -> None:
        """Nobody was attached since then; the first try to attach says what that cost."""
        self._hearing.unattended(since, clean=clean)

    def take_gaps(self) -> list[Gap]:
        """From when to when nothing could come in, each told once."""
        return self._hearing.take_gaps()

    async def delete(self, handle: str, ref: str) -> None:
        """Take one of our messages back; apps obey for about a day after it was sent."""
        if not ref.isdecimal():
            raise Rejected("this is no reference of a Signal message")
        order = {"recipient": _recipient(handle), "timestamp": int(ref)}
        await self._service.sending("DELETE", f"v1/remote-delete/{quote(self._number)}", order)

    async def answer_press(self, press: str, text: str) -> None:
        """Nothing: Signal has no buttons, so none waits for an answer."""

    async def media(self, item: Media, limit: int) -> bytes:
        """The bytes that the service keeps for this attachment, at most `limit`."""
        return await self._service.attachment(item, limit)

    async def forget_media(self, item: Media) -> None:
        """Delete the service's own copy of an attachment; what fails is logged, not raised."""
        await self._service.forget_attachment(item)

    async def health(self) -> Health:
        """Ask the service for its mode, its version and our account; tells of a captcha due."""
        faults = [*await self._faults_of_service(), *self._faults_of_ours()]
        if faults:
            return Health(ok=False, detail="; ".join(faults))
        return Health(ok=True, detail="the Signal service answers and knows our number")

    async def close(self) -> None:
        """Close the connections. The event loop is left alone."""
        await self._timers.close()
        await self._service.close()

    def _notice(self, frame: Frame) -> None:
        if frame.timer_s is not None:
            self._timers.heard(frame.sender, frame.timer_s)

    async def _set_timer(self, handle: str, seconds: int) -> None:
        self._service.heed_limit()
        order = {"recipient": handle, "expiration_in_seconds": seconds}
        status, body = await self._service.ask("PUT", f"v1/contacts/{quote(self._number)}", order)
        if status != 204:
            raise refusal(status, body)

    def _can_edit(self, ref: str) -> bool:
        if not ref.isdecimal():
            return False
        return self._clock() - int(ref) / 1000 < EDIT_WITHIN_S

    async def _send(self, message: dict[str, object]) -> Sent:
        return Sent(ref=await self._service.sending("POST", "v2/send", message))

    async def _faults_of_service(self) -> list[str]:
        try:
            about = await self._service.fetch("v1/about")
            accounts = await self._service.fetch("v1/accounts")
        except SendError as fault:
            return [f"{fault}: is it running, and is signal.service_url right?"]
        if not isinstance(about, dict) or not isinstance(accounts, list):
            return ["what answers at signal.service_url is no signal-cli-rest-api"]
        faults = []
        if about.get("mode") != "json-rpc":
            faults.append("the Signal service must run with MODE=json-rpc")
        version = str(about.get("version", ""))
        if version != "unset" and _version(version) < OLDEST:
            faults.append("the Signal service is too old: 0.101 at least is needed")
        if self._number not in accounts:
            faults.append("the Signal service does not know signal.number: register or link it")
        return faults

    def _faults_of_ours(self) -> list[str]:
        faults = [*self._faults_of_line(), *self._faults_of_webhook()]
        if self._deaf:
            faults.append(
                "the Signal service answers, but messages do not arrive: restart it, and look "
                "whether signal.number can still send and receive"
            )
        challenge = self._service.challenge
        if challenge:
            faults.append(f"{CAPTCHA} (challenge token: {challenge})")
        elif challenge is not None:
            faults.append("Signal limits how much this account may send; it is left alone a while")
        return faults

    def _faults_of_webhook(self) -> list[str]:
        if self._webhook is None or self._webhook.is_guarded:
            return []
        return [
            "whoever reaches signal.webhook_listen can speak as any member: name the one address "
            "that the service calls, or make signal.webhook_path a long random word"
        ]

    def _faults_of_line(self) -> list[str]:
        listener = self._webhook or self._socket
        if self._socket is not None and listener is not None and not listener.attached:
            return ["not attached to the Signal service: what is written now is lost"]
        return []


def _recipient(handle: str) -> str:
    """The handle, if it names one account: the service takes anything else for a username."""
    if _UUID.fullmatch(handle) or _PHONE.fullmatch(handle):
        return handle
    raise Unreachable("this is no Signal address: neither a UUID nor a phone number")


def _body(out: Outbound) -> str:
    options = with_numbers("", out.rows)
    room = TEXT_LIMIT - len(options) - 4
    return with_numbers(with_repeat_mark(cut(out.text, room), out.repeat), out.rows)


def _data_uri(item: Attachment) -> str:
    """The attachment as the service wants it; its name becomes a path there, so it is reduced."""
    mime = item.mime if _MIME.fullmatch(item.mime) else "application/octet-stream"
    name = re.sub(r"[^A-Za-z0-9._-]", "", item.name).lstrip(".")[:60] or "attachment"
    return f"data:{mime};filename={name};base64,{base64.b64encode(item.data).decode()}"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
