"""A loopback Telegram that is fast enough not to matter, in a process of its own.

    python -m benchmarks.loopback --port 8081 --cap 30

What it is for
    Benchmarks send to it and read from it afterwards when each chat was written to. It answers the
    few methods that a bot calls with the least that a library accepts, parses no more of a request
    than the method and the chat, and keeps connections alive. It hands out updates on a schedule.

Rules it keeps
    * Times are seconds of the machine's monotonic clock, which all processes share.
    * With a cap it counts as Telegram does: of the requests of any second only so many are taken,
      the others are answered 429 with `retry_after`, and a bot that goes on is refused on.
    * A request that it does not understand ends the connection loudly.
    * What it counts is read through `/control/...`, never while a measurement runs.

What it must not know
    Which program sends, and what for.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import sys
import time
from collections import Counter, deque
from typing import Any, Final

TOKEN: Final = "4200:loopback-token-for-benchmarks"  # noqa: S105 - of our own loopback
BATCH: Final = 100
"""How many updates one `getUpdates` brings at most, as at Telegram."""

_CHAT: Final = re.compile(rb'chat_id(?:"\s*:\s*"?|=|"\r\n\r\n)(-?\d+)')
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OFFSET: Final = re.compile(rb'offset(?:"\s*:\s*|=|"\r\n\r\n)(-?\d+)')
_HOLD: Final = re.compile(rb'timeout(?:"\s*:\s*|=|"\r\n\r\n)(\d+)')
_ME: Final = (
    b'{"ok":true,"result":{"id":4200,"is_bot":true,"first_name":"Loopback",'
    b'"username":"loopback_bot","can_join_groups":false,"can_read_all_group_messages":false,'
    b'"supports_inline_queries":false}}'
)
_DONE: Final = b'{"ok":true,"result":true}'


def _answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


class Telegram:
    """What all connections share: the record of what was sent, and the updates that wait.

    `cap` is how many messages of one second are taken; 0 takes all.
    """

    def __init__(self, cap: int, retry_after_s: int) -> None:
        self.cap = cap
        self.retry_after_s = retry_after_s
        self.began = int(time.time())
        self.next_message = 0
        self.next_update = 1
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.polls: dict[Connection, asyncio.TimerHandle] = {}
        self.confirmed = 0
        self.reset()

    def reset(self) -> None:
        """Forget what was counted; updates that wait go on waiting."""
        self.sent: list[tuple[float, int, int]] = []
        self.refused: list[float] = []
        self.handed: list[tuple[float, int]] = []
        self.calls: Counter[str] = Counter()
        self.taken: deque[float] = deque()
        self.cpu_began_s = time.process_time()

    def stats(self) -> dict[str, object]:
        """All that was counted since the last reset."""
        return {
            "sent": self.sent,
            "refused": self.refused,
            "handed": self.handed,
            "calls": self.calls,
            "confirmed": self.confirmed,
            "cpu_s": time.process_time() - self.cpu_began_s,
        }

    # --- messages ---------------------------------------------------------------------------------

    def send(self, body: bytes) -> bytes:
        """Take a message, or refuse it because too many came within a second."""
        now = time.monotonic()
        if self.cap and self._over(now):
            self.refused.append(now)
            said = {
                "ok": False,
                "error_code": 429,
                "description": f"Too Many Requests: retry after {self.retry_after_s}",
                "parameters": {"retry_after": self.retry_after_s},
            }
            return _answer(json.dumps(said).encode(), b"429 Too Many Requests")
        found = _CHAT.search(body)
        if found is None:
            raise ValueError("a message without a chat")
        chat = found[1]
        self.sent.append((now, int(chat), len(body)))
        self.next_message += 1
        return _answer(
            b'{"ok":true,"result":{"message_id":%d,"date":%d,"chat":{"id":%b,"type":"private",'
            b'"first_name":"x"},"text":"x"}}' % (self.next_message, self.began, chat)
        )

    def _over(self, now: float) -> bool:
        while self.taken and self.taken[0] <= now - 1.0:
            self.taken.popleft()
        if len(self.taken) >= self.cap:
            return True
        self.taken.append(now)
        return False

    # --- updates ----------------------------------------------------------------------------------

    def push(self, update: dict[str, Any]) -> None:
        """An update that waits for the bot; bots that hold a `getUpdates` open get it at once."""
        number = self.next_update
        self.next_update += 1
        self.waiting.append((number, json.dumps({"update_id": number} | update).encode()))
        self.handed.append((time.monotonic(), update["message"]["chat"]["id"]))
        for connection in tuple(self.polls):
            self.end_poll(connection)

    def poll(self, connection: Connection, body: bytes) -> None:
        """Answer a `getUpdates`, at once or when there is something."""
        offset, hold = _OFFSET.search(body), _HOLD.search(body)
        while offset and self.waiting and self.waiting[0][0] < int(offset[1]):
            self.confirmed = self.waiting.popleft()[0]
        if hold and int(hold[1]) and not self.waiting:
            loop = asyncio.get_running_loop()
            self.polls[connection] = loop.call_later(int(hold[1]), self.end_poll, connection)
        else:
            self._hand_out(connection)

    def end_poll(self, connection: Connection) -> None:
        """Answer the `getUpdates` that this connection holds open, if it does."""
        timer = self.polls.pop(connection, None)
        if timer is not None:
            timer.cancel()
            self._hand_out(connection)

    def _hand_out(self, connection: Connection) -> None:
        some = [self.waiting[i][1] for i in range(min(BATCH, len(self.waiting)))]
        connection.write(_answer(b'{"ok":true,"result":[' + b",".join(some) + b"]}"))

    def schedule(self, updates: list[dict[str, Any]], per_second: float) -> None:
        """Push these updates one after the other at this rate; all at once where it is 0."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number, update in enumerate(updates):
            if per_second:
                loop.call_at(start + number / per_second, self.push, update)
            else:
                self.push(update)

    # --- control ----------------------------------------------------------------------------------

    def control(self, what: str, body: bytes) -> bytes:
        """What the benchmark itself asks."""
        match what:
            case "reset":
                self.reset()
                gc.collect()
            case "forget":
                self.waiting.clear()
            case "stats":
                return json.dumps(self.stats()).encode()
            case "count":
                counted = (len(self.sent), len(self.refused), len(self.polls), len(self.waiting))
                return json.dumps(counted).encode()
            case "schedule":
                order = json.loads(body)
                self.schedule(order["updates"], order["per_second"])
            case _:
                raise ValueError(what)
        return b"{}"


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests on it are answered in order."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.write = transport.write

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody hung up; whatever it waited for waits for the next."""
        timer = self._telegram.polls.pop(self, None)
        if timer is not None:
            timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        held = self._buffer + data if self._buffer else data
        while held:
            end = held.find(b"\r\n\r\n")
            if end < 0:
                break
            length = _LENGTH.search(held, 0, end + 2)
            size = int(length[1]) if length else 0
            if len(held) < end + 4 + size:
                break
            body = held[end + 4 : end + 4 + size]
            path = held[: held.find(b"\r\n")].split(b" ", 2)[1]
            self._serve(path, body)
            held = held[end + 4 + size :]
        self._buffer = held

    def _serve(self, path: bytes, body: bytes) -> None:
        telegram = self._telegram
        _, room, method = path.decode().rsplit("/", 2)
        if room == "control":
            self.write(_answer(telegram.control(method, body)))
            return
        telegram.calls[method] += 1
        match method:
            case "sendMessage":
                self.write(telegram.send(body))
            case "getUpdates":
                telegram.poll(self, body)
            case "getMe":
                self.write(_answer(_ME))
            case (
                "answerCallbackQuery"
                | "deleteMessage"
                | "deleteWebhook"
                | "editMessageText"
                | "setMyCommands"
            ):
                self.write(_answer(_DONE))
            case _:
                self.write(_answer(b'{"ok":false,"error_code":404}', b"404 Not Found"))
                raise ValueError(f"nobody needs {method}")


async def serve(port: int, cap: int, retry_after_s: int) -> None:
    """Listen on 127.0.0.1 until the process is ended; prints the address."""
    telegram = Telegram(cap, retry_after_s)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(telegram), "127.0.0.1", port, backlog=4096)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    options = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    options.add_argument("--port", type=int, default=0, help="0: any free one")
    options.add_argument("--cap", type=int, default=0, help="messages a second; 0: no limit")
    options.add_argument("--retry-after", type=int, default=3, help="what a 429 says, in seconds")
    given = options.parse_args()
    gc.freeze()
    gc.set_threshold(200_000)
    asyncio.run(serve(given.port, given.cap, given.retry_after))


if __name__ == "__main__":
    main()
