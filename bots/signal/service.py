"""The way to a signal-cli-rest-api: one request, what its answer comes to, and Signal's limits.

Rules it keeps
    * The service's address is taken as it stands: never another scheme, never a redirect.
    * `RetryLater`: nothing was done. `Unsure`: it may have been.
    * After a rate limit nothing is sent for a while: each attempt would make it longer.
    * No number, UUID, text or URL goes into an exception or a log.

What it must not know
    Messages, and who they are for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import aiohttp
import msgspec
import structlog
from yarl import URL

from bots.signal.answers import Limited, NotNow, refusal, sent_at
from responder.core.model import Media
from responder.ports import Rejected, RetryLater, SendError, Unsure

log = structlog.get_logger("bots.signal.bot")

LIMIT_FIRST_S, LIMIT_MOST_S = 30.0, 300.0

_MEDIA_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")


class Service:
    """One signal-cli-rest-api at `url`, asked with up to `at_once` requests at a time.

    `timeout_s` is how long a request may take; `steady` gives monotonic seconds.
    """

    def __init__(
        self, url: str, *, at_once: int, timeout_s: float, steady: Callable[[], float]
    ) -> None:
        self._url = URL(url.rstrip("/") + "/")
        self._at_once, self._timeout_s = at_once, timeout_s
        self._steady = steady
        self._http: aiohttp.ClientSession | None = None
        self._limit_s = LIMIT_FIRST_S
        self._limited_until = 0.0
        self.challenge: str | None = None
        """None while Signal limits nothing; else the token of the captcha it asks for, or ""."""

    async def start(self) -> None:
        """Open the pool of connections. Nothing is asked of the service yet."""
        if self._http is not None:
            return
        auth = None
        if self._url.user:
            auth = aiohttp.BasicAuth(self._url.user, self._url.password or "")
        self._http = aiohttp.ClientSession(
            self._url.with_user(None),
            auth=auth,
            connector=aiohttp.TCPConnector(limit=self._at_once + 4),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=5.0),
        )

    async def close(self) -> None:
        """Close the connections. The event loop is left alone."""
        session, self._http = self._http, None
        if session is not None:
            await session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open pool; `RetryLater` where it is not open."""
        if self._http is None:
            raise RetryLater("the Signal bot is not started")
        return self._http

    async def sending(self, method: str, path: str, order: dict[str, object]) -> str:
        """Let the service send something; the timestamp, or the `SendError` that it comes to."""
        self.heed_limit()
        status, body = await self.ask(method, path, order)
        try:
            ref = sent_at(status, body)
        except Limited as limit:
            self._hold_back(limit.challenge)
            raise
        except NotNow as limit:
            raise RetryLater(str(limit), self._hold_back("")) from None
        self._limit_s, self.challenge = LIMIT_FIRST_S, None
        return ref

    def heed_limit(self) -> None:
        """Raise `RetryLater` while Signal limits what this account may send."""
        wait_s = self._limited_until - self._steady()
        if wait_s > 0:
            raise RetryLater("Signal limits how much this account may send", wait_s)

    def _hold_back(self, challenge: str) -> float:
        """Send nothing for a while after a rate limit: each attempt would make it longer."""
        self.challenge = challenge or self.challenge or ""
        now = self._steady()
        if now >= self._limited_until:  # not for each of those that were under way together
            self._limited_until = now + self._limit_s
            log.warning("signal_rate_limited", after_s=self._limit_s, captcha=bool(challenge))
            self._limit_s = min(self._limit_s * 2, LIMIT_MOST_S)
        return self._limited_until - now

    async def ask(
        self, method: str, path: str, order: dict[str, object] | None = None
    ) -> tuple[int, bytes]:
        """Status and body. `RetryLater`: nothing was asked. `Unsure`: it may have been done."""
        data = None if order is None else msgspec.json.encode(order)
        headers = {"Content-Type": "application/json"} if data else None
        try:
            async with self.session.request(
                method, path, data=data, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise RetryLater("the Signal service cannot be reached") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Unsure("the Signal service did not answer") from None

    async def fetch(self, path: str) -> object:
        """What the service answers there, decoded; None where that is no JSON."""
        status, body = await self.ask("GET", path)
        if status != 200:
            raise refusal(status, body)
        try:
            return msgspec.json.decode(body)
        except msgspec.MsgspecError:
            return None

    async def attachment(self, item: Media, limit: int) -> bytes:
        """The bytes that the service keeps for this attachment, at most `limit`."""
        try:
            async with self.session.get(_path_of(item), allow_redirects=False) as answer:
                if answer.status in (400, 404):
                    raise Rejected("the Signal service has this attachment no more")
                if answer.status != 200:
                    raise refusal(answer.status, b"")
                return await _at_most(answer.content, limit)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise RetryLater("the Signal service did not hand over an attachment") from None

    async def forget_attachment(self, item: Media) -> None:
        """Delete the service's own copy of an attachment; what fails is logged, not raised."""
        try:
            status, _ = await self.ask("DELETE", _path_of(item))
        except SendError as fault:
            log.warning("signal_attachment_kept", error=type(fault).__name__)
            return
        if status not in (204, 404):
            log.warning("signal_attachment_kept", status=status)


def _path_of(item: Media) -> str:
    if not _MEDIA_ID.fullmatch(item.ref):
        raise Rejected("this is no reference of a Signal attachment")
    return f"v1/attachments/{item.ref}"


async def _at_most(content: aiohttp.StreamReader, limit: int) -> bytes:
    found = bytearray()
    async for chunk in content.iter_chunked(64 * 1024):
        found += chunk
        if len(found) > limit:
            raise Rejected(f"this attachment is larger than {limit} bytes")
    return bytes(found)
