"""Requests to one server over kept-alive connections: bytes out, a status and bytes back.

What it is for
    A page costs one small request, and a thousand pages a thousand of them. A general client
    spends more on each than everything else that is done for it; here stands only what such a
    request needs. Reading answers is left to llhttp, the parser of Node.js.

Rules it keeps
    * `NotConnected` says that nothing was sent; after anything else the server may have done what
      it was asked. Nothing is sent twice.
    * A request to which a connection is free needs no task of its own (`Wire.post_now`), and none
      has an alarm of its own.
    * One request at a time on a connection. One that broke, was given up, holds an answer that
      nobody asked for, or idled for long, is never used again.
    * What an answer may take of memory is bounded.
    * No exception holds an address, a request or an answer, nor another exception that does.

What it must not know
    Telegram, JSON, what an answer means.
"""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, cast
from urllib.parse import unquote, urlsplit

import aiohappyeyeballs
from aiohappyeyeballs import AddrInfoType
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

HEAD_LIMIT: Final = 64 * 1024
"""Bytes of an answer's head."""
BODY_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of an answer's body: the largest are a hundred updates."""
BUFFER_SIZE: Final = 64 * 1024
"""Bytes that are read at once."""
KEEP_S: Final = 30.0
"""How long an idle connection is trusted: servers close theirs after a minute or more."""
RESOLVED_S: Final = 60.0
"""How long a name's addresses are believed."""
SECOND_TRY_S: Final = 0.25
"""Until the next address is tried besides (RFC 8305)."""

Answer: TypeAlias = tuple[int, bytes]
"""The status, and the body."""

T = TypeVar("T")


class WireError(Exception):
    """An exchange failed; the words are the name of what happened."""


class NotConnected(WireError):
    """Nothing was sent."""


class Broken(WireError):
    """There is no whole answer; the request may have been carried out."""


Told: TypeAlias = Callable[[Answer | Broken], None]
"""Hears how a request ended."""


class Reader:
    """Puts answers together from whatever pieces arrive, one after the other."""

    __slots__ = ("_body", "_head", "_parser", "_size", "answers", "reusable")

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        """The whole answers that arrived and were not taken yet."""
        self.reusable = True
        """Whether the server keeps the connection open after the answer that came last."""
        self._parser = HttpResponseParser(self)
        self._body: list[bytes] = []
        self._head = 0
        """Bytes read of a head that is not whole; -1 once it is."""
        self._size = 0

    def feed(self, data: bytes | memoryview) -> None:
        """Read on; raises `Broken` for what is no HTTP, and for more than anybody needs."""
        fault: str
        if self._head >= 0:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            fault = type(error).__name__
        else:
            if self._head <= HEAD_LIMIT or self.answers:
                return
            fault = "HeadTooLong"
        raise Broken(fault)

    def end(self) -> None:
        """The server closed. An answer that has a head ends here, whole or not.

        Whoever reads the body finds out, since half a JSON object is none.
        """
        if self._head >= 0:
            raise Broken("ConnectionClosed")
        self.on_message_complete()

    # --- what the parser calls --------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head = -1

    def on_body(self, body: bytes) -> None:
        """A piece of the body; what this raises ends the parsing."""
        self._size += len(body)
        if self._size > BODY_LIMIT:
            raise ValueError
        self._body.append(body)

    def on_message_complete(self) -> None:
        """An answer is whole, or word that one will come."""
        status = self._parser.get_status_code()
        if status >= 200:  # what comes before is no answer yet
            self.answers.append((status, b"".join(self._body)))
            self.reusable = self._parser.should_keep_alive()
        self._body.clear()
        self._head = self._size = 0


class _Connection(asyncio.BufferedProtocol):
    """One connection: free, or busy with one request.

    What arrives is read into one buffer that all connections of the wire share, since it is used
    up before the next is read. A new buffer of asyncio's size for each answer, a quarter of a
    megabyte, costs more than all else that is done with the answer.
    """

    __slots__ = ("_reader", "_told", "_transport", "_wire", "idle_since", "open", "until")

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._reader = Reader()
        self._told: Told | None = None
        self._transport: asyncio.Transport
        self.open = False
        self.idle_since = 0.0
        self.until = math.inf
        """When the request that is under way is given up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Other loops' transports are asyncio's in all but descent.
        self._transport = cast(asyncio.Transport, transport)
        self.open = True

    def ask(self, request: bytes, until: float, told: Told) -> None:
        """Send it and tell the answer, later; afterwards the wire has the connection back."""
        self._told, self.until = told, until
        self._transport.write(request)

    def drop(self, told: Told) -> None:
        """Whoever is told this waits no more: if that is still to come, the connection ends."""
        if self._told is told:
            self._told = None
            self.abort()
            self._wire.over(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._wire.buffer

    def buffer_updated(self, nbytes: int) -> None:
        reader = self._reader
        try:
            reader.feed(self._wire.buffer[:nbytes])
        except Broken as fault:
            self.fail(str(fault))
            return
        if reader.answers:
            self._answered()

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()

    def _ended(self) -> None:
        self.open = False
        self._wire.forget(self)
        if self._told is None:
            return
        try:
            self._reader.end()
        except Broken as fault:
            self.fail(str(fault))
        else:
            self._answered()

    def _answered(self) -> None:
        """Hand the answer over; a second one, or one to no question, ends the connection."""
        reader, told = self._reader, self._told
        answers, reader.answers = reader.answers, []
        if told is None or len(answers) != 1 or not reader.reusable:
            self.abort()
        if told is not None:
            self._told = None
            self._wire.over(self)
            told(answers[0] if answers else Broken("ConnectionClosed"))

    def fail(self, reason: str) -> None:
        """Drop it at once; a request that is under way breaks."""
        told, self._told = self._told, None
        self.abort()
        if told is not None:
            self._wire.over(self)
            told(Broken(reason))

    def abort(self) -> None:
        """Drop it at once."""
        self.open = False
        self._wire.forget(self)
        self._transport.abort()


class _Turns:
    """So many at once; whoever comes besides waits in line."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._line: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a turn if one is left that nobody waits for."""
        if self._left == 0:
            return False
        self._left -= 1
        return True

    async def wait(self) -> None:
        """Take the next turn that is given back."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.cancelled():
                self._line.remove(mine)
            else:
                self.give()
            raise

    def give(self) -> None:
        """Give a turn back: to the first in line, if there is one."""
        for first in self._line:
            if not first.done():
                first.set_result(None)
                self._line.remove(first)
                return
        self._left += 1


@dataclass(frozen=True)
class Server:
    """Where requests go: taken from a URL of http or https, with what its path begins with."""

    host: str
    port: int
    secure: bool
    path: str
    headers: bytes

    @classmethod
    def of(cls, url: str) -> Server:
        """Read a URL; a name and password in it are sent as Basic authentication."""
        parts = urlsplit(url.rstrip("/"))
        secure = parts.scheme == "https"
        headers = f"Host: {parts.netloc.rpartition('@')[2]}\r\nUser-Agent: responder\r\n"
        if parts.username is not None:
            known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers += f"Authorization: Basic {b64encode(known.encode()).decode()}\r\n"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (443 if secure else 80),
            secure=secure,
            path=parts.path,
            headers=headers.encode(),
        )

    def head(self, path: str) -> bytes:
        """The beginning of a POST of JSON to this path, up to where its length follows."""
        line = f"POST {self.path}{path} HTTP/1.1\r\n".encode()
        told = b"Accept: application/json\r\nContent-Type: application/json\r\n"
        return line + self.headers + told + b"Content-Length: "


class Wire:
    """At most `most` connections to one server; use it inside one running loop."""

    def __init__(self, server: Server, most: int) -> None:
        self.server = server
        self._turns = _Turns(most)
        self._free: list[_Connection] = []
        self.known: set[_Connection] = set()
        self.buffer = memoryview(bytearray(BUFFER_SIZE))
        """Where connections read into."""
        self._alarm: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None
        self._found: tuple[float, list[AddrInfoType]] = (-math.inf, [])

    async def post(self, head: bytes, body: bytes, within_s: float, connect_s: float) -> Answer:
        """Send a body under a head of `Server.head`; raises `NotConnected` or `Broken`.

        Waiting for a connection, and opening one, take at most `connect_s` each.
        """
        if not self._turns.take():
            await self._wait(self._turns.wait(), connect_s)
        try:
            connection = await self._connected(connect_s)
        except BaseException:
            self._turns.give()
            raise
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        told = partial(_hand_over, waiter)
        self._ask(connection, head, body, within_s, told)
        try:
            return await waiter
        finally:
            connection.drop(told)

    def post_now(self, head: bytes, body: bytes, within_s: float, told: Told) -> bool:
        """Send it where a connection is free, and tell the answer; otherwise do nothing: False.

        `told` is called once, after this has returned, and must not raise.
        """
        if not self._free or not self._turns.take():
            return False
        connection = self._take()
        if connection is None:
            self._turns.give()
            return False
        self._ask(connection, head, body, within_s, told)
        return True

    def _ask(
        self, connection: _Connection, head: bytes, body: bytes, within_s: float, told: Told
    ) -> None:
        until = asyncio.get_running_loop().time() + within_s
        connection.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body), until, told)
        if self._alarm is None or until < self._alarm.when():
            self._set_alarm(until)

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = (
            asyncio.get_running_loop().call_at(at, self._give_up) if at < math.inf else None
        )

    def _give_up(self) -> None:
        """Requests that took too long break; one alarm serves all of them."""
        now = asyncio.get_running_loop().time()
        for connection in tuple(self.known):
            if connection.until <= now:
                connection.fail("TimeoutError")
        self._set_alarm(min((c.until for c in self.known), default=math.inf))

    def over(self, connection: _Connection) -> None:
        """Its request is answered or lost: another may have it, if it is still open."""
        connection.until = math.inf
        if connection.open:
            connection.idle_since = asyncio.get_running_loop().time()
            self._free.append(connection)
        self._turns.give()

    def close(self) -> None:
        """Drop every connection; requests under way end as `Broken`."""
        for connection in tuple(self.known):
            connection.fail("Closed")
        self._set_alarm(math.inf)

    def forget(self, connection: _Connection) -> None:
        """This connection is of no use any more."""
        self.known.discard(connection)
        with suppress(ValueError):
            self._free.remove(connection)

    def _take(self) -> _Connection | None:
        """The free connection that was used last; if that was long ago, none is trusted."""
        if not self._free:
            return None
        connection = self._free.pop()
        if asyncio.get_running_loop().time() - connection.idle_since <= KEEP_S:
            return connection
        for old in (connection, *self._free):
            old.abort()
        return None

    async def _connected(self, within_s: float) -> _Connection:
        free = self._take()
        return free if free is not None else await self._wait(self._opened(), within_s)

    async def _wait(self, work: Coroutine[Any, Any, T], within_s: float) -> T:
        """What the work returns, if it goes well and in time: nothing is sent before."""
        try:
            async with asyncio.timeout(within_s):
                return await work
        except (TimeoutError, OSError) as error:
            fault = type(error).__name__
        raise NotConnected(fault)

    async def _opened(self) -> _Connection:
        loop, server = asyncio.get_running_loop(), self.server
        plain = await aiohappyeyeballs.start_connection(
            await self._addresses(), happy_eyeballs_delay=SECOND_TRY_S
        )
        try:
            _, connection = await loop.create_connection(
                lambda: _Connection(self),
                sock=plain,
                ssl=self._context(),
                server_hostname=server.host if server.secure else None,
            )
        except BaseException:
            plain.close()
            raise
        self.known.add(connection)
        return connection

    def _context(self) -> ssl.SSLContext | None:
        if self.server.secure and self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def _addresses(self) -> list[AddrInfoType]:
        loop, server = asyncio.get_running_loop(), self.server
        until, found = self._found
        if loop.time() > until:
            known = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
            found = list[AddrInfoType](known)
            self._found = (loop.time() + RESOLVED_S, found)
        return found


def _hand_over(waiter: asyncio.Future[Answer], answer: Answer | Broken) -> None:
    if waiter.done():
        return
    if isinstance(answer, Broken):
        waiter.set_exception(answer)
    else:
        waiter.set_result(answer)
