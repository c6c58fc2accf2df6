"""A lean HTTP session to the Bot API: one request in, its result or a `SendError` out.

What it is for
    Everything that goes to Telegram goes through here: calls over a wire of our own, since a page
    must wait for no library and a thousand pages are a thousand calls; files over aiohttp, which
    is loaded with the first of them.

Rules it keeps
    * The bot's token stands in every path, and aiohttp's exceptions quote URLs: none of them
      leaves this module, not even as the cause or the context of another exception.
    * An exception never quotes Telegram's description: it can echo a message. The number of the
      status is all that is told.
    * What may have been delivered is `Unsure`; what was certainly not is `RetryLater`. A request
      that may run twice without anyone noticing (`again`) is never unsure.

What it must not know
    What a message says, who a person is, and aiogram.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bots.telegram.wire import Answer, Broken, NotConnected, Server, Told, Wire
from responder.ports import Rejected, RetryLater, SendError, Unreachable, Unsure

if TYPE_CHECKING:
    import aiohttp

CONNECT_S: Final = 8.0
CALL_S: Final = 10.0
"""Telegram answers within a second or two. Whoever is paged over it while it hangs must hear of it
over Signal within 15 seconds."""
UPLOAD_S: Final = 60.0
DOWNLOAD_S: Final = 60.0
MOST_AT_ONCE: Final = 80
"""Calls under way at once; what comes besides waits for its turn."""
FILES_AT_ONCE: Final = 16

_NO_CHAT: Final = (
    "chat not found",
    "user not found",
    "deactivated",
    "peer_id_invalid",
    "user_id_invalid",
)
_NO_MESSAGE: Final = (
    "message to edit not found",
    "message to delete not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)


class NotModified(Rejected):
    """An edit that changes nothing: the message already says this."""


class NoSuchMessage(Rejected):
    """The message to edit or delete is gone, or is not of a kind that can be edited."""


class CannotDelete(Rejected):
    """Telegram keeps the message: bots may delete for 48 hours only."""


class BadToken(RetryLater):
    """Telegram does not know this token. It may be mended while we run, so nothing is given up."""


class Conflict(RetryLater):
    """Somebody else reads this bot's updates, or a webhook is set (`webhook`)."""

    def __init__(self, *, webhook: bool) -> None:
        super().__init__("Telegram says that another program reads this bot's messages (409)")
        self.webhook = webhook


class Part(msgspec.Struct, frozen=True):
    """A file to upload: the parameter that it fills, its bytes, type and (neutral) name."""

    field: str
    data: bytes
    mime: str
    name: str


class TelegramSession:
    """Requests to one bot's Bot API over kept-alive connections; open it inside a running loop."""

    def __init__(self, token: str, api_url: str) -> None:
        self._url, self._token = api_url.rstrip("/"), token
        self._server = Server.of(self._url)
        self._heads: dict[str, bytes] = {}
        self._wire: Wire | None = None
        self._http: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Make the connection pool; connects to nothing yet."""
        if self._wire is None:
            self._wire = Wire(self._server, MOST_AT_ONCE)

    async def close(self) -> None:
        """Drop every connection."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        again: bool = False,
        upload: Part | None = None,
        timeout_s: float = CALL_S,
    ) -> Any:
        """Call a Bot API method and return its `result`; raises only `SendError`.

        `again` says that running it twice does no harm; then a lost answer is `RetryLater`.
        """
        if upload is None:
            status, body = await self._post(method, _json(params), again, timeout_s)
        else:
            status, body = await self._upload(method, params, upload, again, timeout_s)
        return _result(status, body, again)

    def post(self, method: str, params: Mapping[str, object], told: Told) -> bool:
        """Send a message where a connection is free, and tell the answer: `number` reads it.

        Otherwise it does nothing and returns False. `told` is called once, after this returned.
        Raises `SendError` for what can never be sent.
        """
        body = _json(params)
        if self._wire is None:
            raise _closed()
        return self._wire.post_now(self._head(method), body, CALL_S, told)

    def _head(self, method: str) -> bytes:
        head = self._heads.get(method)
        if head is None:
            head = self._heads[method] = self._server.head(f"/bot{self._token}/{method}")
        return head

    async def _post(
        self, method: str, body: bytes, again: bool, within_s: float
    ) -> tuple[int, bytes]:
        if self._wire is None:
            raise _closed()
        fault: SendError
        try:
            return await self._wire.post(self._head(method), body, within_s, CONNECT_S)
        except NotConnected as error:
            fault = _unreached(str(error))
        except Broken as error:
            fault = _unanswered(str(error), again)
        raise fault

    async def _upload(
        self,
        method: str,
        params: Mapping[str, object],
        upload: Part,
        again: bool,
        within_s: float,
    ) -> tuple[int, bytes]:
        import aiohttp

        fault: SendError
        try:
            async with self._session().post(
                f"{self._url}/bot{self._token}/{method}",
                data=_form(params, upload),
                timeout=aiohttp.ClientTimeout(total=within_s, connect=CONNECT_S),
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            fault = _broken(error, again)
        # Outside the `except`, so that the token in aiohttp's exception is not its context.
        raise fault

    async def download(self, path: str, limit: int) -> bytes:
        """The file that `getFile` named, at most `limit` bytes; raises only `SendError`."""
        if path.startswith("/") or ".." in path.split("/"):
            raise Rejected(
                "the Bot API server names a file of its own disk; run it without --local"
            )
        import aiohttp
        from yarl import URL

        files = URL(self._url) / "file" / f"bot{self._token}"
        fault: SendError
        try:
            async with self._session().get(
                files.joinpath(*path.split("/")),
                timeout=aiohttp.ClientTimeout(total=DOWNLOAD_S, connect=CONNECT_S),
                allow_redirects=False,
            ) as response:
                return await _bounded(response, limit)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            fault = _broken(error, again=True)
        raise fault

    def _session(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._wire is None:
            raise _closed()
        if self._http is None:
            # No cookies: aiohttp would log the ones that it cannot read.
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=FILES_AT_ONCE, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._http


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body of a download, given up as soon as it is longer than `limit`."""
    if response.status in (400, 404):
        raise Rejected("Telegram does not have this file any more")
    if response.status != 200:
        raise refusal(response.status, {})
    held = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        held += chunk
        if len(held) > limit:
            raise Rejected(f"the file is larger than {limit} bytes")
    return bytes(held)


def _json(params: Mapping[str, object]) -> bytes:
    try:
        return msgspec.json.encode(params)
    except UnicodeEncodeError:
        pass
    raise Rejected("the message holds characters that cannot be written as UTF-8")


def _form(params: Mapping[str, object], upload: Part) -> aiohttp.FormData:
    import aiohttp

    _json(params)
    form = aiohttp.FormData(quote_fields=False)
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else _json_text(value))
    body = io.BytesIO(upload.data)
    form.add_field(upload.field, body, content_type=upload.mime, filename=upload.name)
    return form


def _json_text(value: object) -> str:
    return msgspec.json.encode(value).decode()


class _Message(msgspec.Struct, frozen=True):
    message_id: int


class _Taken(msgspec.Struct, frozen=True):
    """The answer to a message that was taken, and no more of it than anybody needs."""

    ok: bool
    result: _Message


_TAKEN: Final = msgspec.json.Decoder(_Taken)


def number(answer: Answer | Broken) -> int | SendError:
    """The number of the message that was sent, or why it was not."""
    if isinstance(answer, Broken):
        return _unanswered(str(answer), again=False)
    status, body = answer
    if status == 200:
        with suppress(msgspec.DecodeError, RecursionError):
            taken = _TAKEN.decode(body)
            if taken.ok:
                return taken.result.message_id
    try:
        return message_id(_result(status, body, again=False))
    except SendError as error:
        return error


def message_id(result: object) -> int:
    """The number of the message that an answer shows, 0 if it shows none."""
    number = result.get("message_id") if isinstance(result, dict) else None
    return number if isinstance(number, int) else 0


def _result(status: int, body: bytes, again: bool) -> Any:
    """What the Bot API answered; raises what its refusal means."""
    answer = _decoded(body)
    if answer is None:
        raise _garbled(status, again)
    if status == 200 and answer.get("ok") is True:
        return answer.get("result")
    raise refusal(status, answer)


def _decoded(body: bytes) -> dict[str, Any] | None:
    """The answer's object, or None for anything else (a proxy's HTML page, half an answer)."""
    try:
        answer = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _broken(error: Exception, again: bool) -> SendError:
    """What a failed exchange means. Only failing to connect proves that nothing was delivered."""
    import aiohttp

    kind = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return _unreached(kind)
    return _unanswered(kind, again)


def _closed() -> SendError:
    return RetryLater("the Telegram bot is not started, or is closed already")


def _unreached(kind: str) -> SendError:
    return RetryLater(f"Telegram cannot be reached ({kind})")


def _unanswered(kind: str, again: bool) -> SendError:
    if again:
        return RetryLater(f"Telegram did not answer ({kind})")
    return Unsure(f"Telegram did not answer; the message may have arrived ({kind})")


def _garbled(status: int, again: bool) -> SendError:
    """What an answer that is no Bot API answer means: a proxy in between, nearly always.

    A 200 or a 504 comes after the request was passed on, so it may have been carried out.
    """
    if status in (200, 504) and not again:
        return Unsure(f"Telegram's answer cannot be read ({status}); the message may have arrived")
    return RetryLater(f"Telegram's answer cannot be read ({status})")


def refusal(status: int, answer: Mapping[str, Any]) -> SendError:
    """The error that a Bot API refusal means, told by its number alone.

    A 429 does not say whether one chat or the whole bot is meant; unless it names the chat the
    whole channel waits, since sending on during a flood wait makes it longer for everybody.
    """
    said = str(answer.get("description", "")).lower()
    match status:
        case 429:
            whole = "chat" not in said
            return RetryLater("Telegram asks to slow down (429)", _wait_s(answer), whole=whole)
        case 401 | 404:
            return BadToken(f"Telegram does not know this bot's token ({status})")
        case 403:
            return Unreachable("this chat does not take the bot's messages (403)")
        case 409:
            return Conflict(webhook="webhook" in said)
        case 400:
            return _bad_request(said)
        case 413:
            return Rejected("Telegram takes no file of this size (413)")
    if 400 < status < 500:
        return Rejected(f"Telegram refuses this message ({status})")
    return RetryLater(f"Telegram is out of order ({status})")


def _bad_request(said: str) -> SendError:
    if "not modified" in said:
        return NotModified("the message says this already (400)")
    if any(mark in said for mark in _NO_MESSAGE):
        return NoSuchMessage("the message is not there any more (400)")
    if "message can't be deleted" in said:
        return CannotDelete("the message is too old to be deleted (400)")
    if any(mark in said for mark in _NO_CHAT):
        return Unreachable("Telegram knows no such chat (400)")
    return Rejected("Telegram refuses this message as malformed (400)")


def _wait_s(answer: Mapping[str, Any]) -> float | None:
    parameters = answer.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(wait) if isinstance(wait, int | float) and wait >= 0 else None
