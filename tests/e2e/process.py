"""The real process over both loopback platforms, and the people who live with it.

What it is for
    `async with Town() as town:` makes a folder as `responder init` makes it, starts the loopback
    servers, and runs `responder run` as a process of its own. Members are added through the
    command line, and join by sending their codes from their phones.

Rules it keeps
    * Nothing waits for time to pass: whoever waits is woken by a line, a request or an exit.
      Hours go by because the process's clock is told to run ahead (`passes`), as `nursery` says.
    * What leaves the process stays on record, in order: every byte of its output, every request.
    * Leaving the town fails where a platform saw what it would have refused.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from responder import control
from responder.core.phrases import say
from tests.e2e.nursery import HURRIES, JUMPS, ROOT, nursery
from tests.e2e.signal_server import SignalServer
from tests.e2e.signal_users import FakeUser as SignalUser
from tests.e2e.telegram_server import FakeUser as TelegramUser
from tests.e2e.telegram_server import TelegramServer
from tests.ports import PATIENCE_S

NUMBER: Final = "+15555550100"
TRAININGS: Final = ("observer", "accompaniment", "de-escalation")
RESPONDER: Final = ("responder",)
_SECRETS: Final = ("emergency_contact", "duress_phrase")

_CONFIG: Final = """\
[network]
name = "Demo Watch"
playbooks_dir = "playbooks"
[network.emergency_line]
en = "If a life is in danger, call the emergency number."
es = "Si una vida corre peligro, llama a emergencias."
[telegram]
token = "{token}"
api_url = "{telegram}"
{more_telegram}
[signal]
number = "{number}"
service_url = "{signal}"
{more_signal}
[[neighbourhood]]
id = "northside"
name = "Northside"
aliases = ["{alias}"]
time_zone = "UTC"
adjacent = ["riverside"]
boundary = "northside.geojson"
[[neighbourhood]]
id = "riverside"
name = "Riverside"
time_zone = "UTC"
[limits]
pages_a_night = 50
{more_limits}
[log]
level = "debug"
{more_log}
"""
_YOURS: Final = {"en": "This channel is yours now", "es": "Este canal ya es tuyo"}
"""How a member is welcomed on Telegram, without the call sign."""
_AGREES: Final = {"en": "Yes, that is all right", "es": "Sí, me parece bien"}
"""Their yes to what is kept about them: before it nobody is paged."""
_SQUARE: Final = [[10.0, 50.0], [10.1, 50.0], [10.1, 50.1], [10.0, 50.1], [10.0, 50.0]]
PIN: Final = (50.05, 10.05)
"""A point in Northside: latitude, longitude."""


# --- one process ------------------------------------------------------------------------------


class Stream:
    """What a process writes to one of its outputs, as it comes."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.theirs: int
        self._ours, self.theirs = os.pipe()
        os.set_blocking(self._ours, False)
        self._changed = asyncio.Event()
        self.ended = False
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        got = os.read(self._ours, 1 << 16)
        self.data += got
        if not got:
            self.close()
        self._changed.set()

    def close(self) -> None:
        """Read no more. Happens by itself when the writer ends."""
        if not self.ended:
            self.ended = True
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)

    async def until(self, there: Callable[[], bool]) -> None:
        """Wait until `there()`, or until nothing more can come."""
        while not there() and not self.ended:
            self._changed.clear()
            await self._changed.wait()


class Process:
    """One running command, forked by the nursery or started as people start it."""

    def __init__(self) -> None:
        self.out, self.err = Stream(), Stream()
        self.pid = 0
        self._code: asyncio.Task[int]

    @classmethod
    async def start(
        cls, args: list[str], *, cwd: Path, env: dict[str, str], plain: bool
    ) -> Process:
        """Start `responder ARGS`; `plain`: with an interpreter of its own."""
        self = cls()
        begin = self._plain if plain else self._forked
        await begin(args, cwd, os.environ | env)
        for stream in (self.out, self.err):
            os.close(stream.theirs)
        return self

    async def _plain(self, args: list[str], cwd: Path, env: dict[str, str]) -> None:
        command = (sys.executable, "-c", "from responder.cli import main; main()", *args)
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=env | {"PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self.out.theirs,
            stderr=self.err.theirs,
        )
        self.pid = process.pid
        self._code = asyncio.create_task(process.wait())

    async def _forked(self, args: list[str], cwd: Path, env: dict[str, str]) -> None:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(nursery()))
        order = json.dumps({"args": args, "cwd": str(cwd), "env": env}).encode()
        socket.send_fds(sock, [order], [self.out.theirs, self.err.theirs])
        sock.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        self.pid = int(await reader.readline())

        async def code() -> int:
            try:
                return int(await reader.readline())
            finally:
                writer.close()
                await writer.wait_closed()

        self._code = asyncio.create_task(code())

    async def ended(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait for the end; returns the exit code, below zero for a signal."""
        async with asyncio.timeout(timeout_s):
            code = await asyncio.shield(self._code)
            for stream in (self.out, self.err):
                await stream.until(lambda: False)
        return code

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._code.done()

    def gets(self, number: int) -> None:
        """Send a signal to this process and no other."""
        if not self.over:
            os.kill(self.pid, number)

    async def says(self, words: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the words stand in its output or its log."""
        there = words.encode()
        waiting = [
            asyncio.create_task(stream.until(lambda s=stream: there in s.data))  # type: ignore[misc]
            for stream in (self.out, self.err)
        ]
        try:
            async with asyncio.timeout(timeout_s):
                while there not in self.out.data and there not in self.err.data:
                    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    if self.over:
                        raise AssertionError(f"ended without {words!r}: {self.told}")
        except TimeoutError:
            raise AssertionError(f"waited in vain for {words!r}: {self.told}") from None
        finally:
            for task in waiting:
                task.cancel()

    @property
    def told(self) -> str:
        """All its output and its log, for the message of a failed test."""
        return (bytes(self.out.data) + bytes(self.err.data)).decode(errors="replace")


# --- what went out ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sending:
    """One message that a platform was asked to carry. `number` counts that platform's requests."""

    number: int
    channel: str
    to: str
    text: str
    files: int = 0


# --- the town -----------------------------------------------------------------------------------


@dataclass
class Member:
    """Somebody with a call sign and one phone or two."""

    call_sign: str
    signal: SignalUser | None = None
    telegram: TelegramUser | None = None
    codes: list[str] = field(default_factory=list)
    since: tuple[int, int] = (0, 0)
    """What came before, on Signal and on Telegram, belongs to an older story."""

    async def reads(self, words: str) -> str:
        """The newest message of this story on their Signal that holds the words."""
        return (await self.phone.sees(words, after=self.since[0])).text

    async def glimpses(self, words: str) -> str:
        """The newest message of this story on their Telegram that holds the words."""
        return (await self.chat.sees(words, after=self.since[1])).text

    async def answers(self, label: str) -> None:
        """Send the number of this answer, once this story offers it."""
        await self.phone.answers(label, after=self.since[0])

    async def presses(self, label: str) -> None:
        """Press this button on Telegram, once this story offers it."""
        await self.chat.presses(label, after=self.since[1])

    async def settled(self) -> None:
        """Wait until what they did last is worked off, with all that it sets in motion."""
        asked = await self.phone.writes("status")
        await self.phone.sees("call", after=asked)

    @property
    def phone(self) -> SignalUser:
        """Their Signal."""
        assert self.signal is not None
        return self.signal

    @property
    def chat(self) -> TelegramUser:
        """Their Telegram."""
        assert self.telegram is not None
        return self.telegram


class Town:
    """A network in a folder of its own, its two platforms, and the process that serves it.

    `hurries`: the platforms' limits are far away. `plain`: every start of the network is one that
    people would do. `alias` is another name of Northside; `settings` adds lines to a section of
    the config.
    """

    def __init__(self, *, hurries: bool = True, plain: bool = False, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="town-"))
        self.telegram = TelegramServer()
        self.signal = SignalServer(number=NUMBER, clock_ms=int(time.time() * 1000))
        self.members: dict[str, Member] = {}
        self.lives: list[Process] = []
        self.alias = settings.pop("alias", "the hill")
        self._plain = plain
        self._settings = settings
        self._ahead = self.folder / "ahead"
        self._ahead.write_bytes(bytes(8))
        self._env = {JUMPS: str(self._ahead)} | ({HURRIES: "yes"} if hurries else {})

    # --- opening and closing ----------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.telegram.listen()
        await self.signal.__aenter__()
        await self._init()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.lives:
            self.lives[-1].gets(signal.SIGKILL)
            await self.lives[-1].ended()
        await self.telegram.close()
        await self.signal.__aexit__(None, None, None)
        shutil.rmtree(self.folder)
        if kind is None:
            assert not self.telegram.unexpected, self.telegram.unexpected
            assert not self.signal.unexpected, self.signal.unexpected

    async def _init(self) -> None:
        made = await self.command("init", str(self.home), configured=False)
        assert await made.ended() == 0, made.told
        ring = {"type": "Polygon", "coordinates": [_SQUARE]}
        (self.home / "northside.geojson").write_text(json.dumps(ring))
        lines = {f"more_{name}": "" for name in ("telegram", "signal", "limits", "log")}
        lines |= {f"more_{name}": text for name, text in self._settings.items()}
        config = _CONFIG.format(
            token=self.telegram.token,
            telegram=self.telegram.url,
            number=NUMBER,
            signal=self.signal.url,
            alias=self.alias,
            **lines,
        )
        self.config.write_text(config)

    @property
    def home(self) -> Path:
        """The folder that `responder init` made."""
        return self.folder / "net"

    @property
    def config(self) -> Path:
        """The config of this network."""
        return self.home / "config.toml"

    @property
    def data(self) -> Path:
        """The folder of the database."""
        return self.home / "data"

    # --- the process ------------------------------------------------------------------------------

    async def command(self, *args: str, configured: bool = True, plain: bool = False) -> Process:
        """Start any command of the program on this network."""
        told = [*args, "--config", str(self.config)] if configured else list(args)
        return await Process.start(told, cwd=self.folder, env=self._env, plain=plain)

    @property
    def process(self) -> Process:
        """The process that serves the network now, or served it last."""
        return self.lives[-1]

    async def starts(self, *, attached: bool = True, plain: bool | None = None) -> Process:
        """Start the network and wait until it listens, unless not `attached` to Signal too."""
        plain = self._plain if plain is None else plain
        before = self.signal.times_attached
        process = await self.command("run", plain=plain)
        self.lives.append(process)
        await process.says("running")
        if attached:
            await self.signal.is_attached(times=before + 1)
        return process

    async def stops(self) -> int:
        """End it as a service manager would; returns the exit code."""
        self.process.gets(signal.SIGTERM)
        return await self.process.ended()

    async def dies(self) -> None:
        """Kill it without a word of warning."""
        self.process.gets(signal.SIGKILL)
        assert await self.process.ended() == -signal.SIGKILL

    async def passes(self, **length: float) -> None:
        """Let this much time pass for the process, as `timedelta` takes it.

        Where it runs, it is woken, and has done what was due by then when this returns.
        """
        self.signal.passes(timedelta(**length).total_seconds())
        with self._ahead.open("r+b") as file, mmap.mmap(file.fileno(), 8) as ahead:
            (now,) = struct.unpack("d", ahead[:])
            ahead[:] = struct.pack("d", now + timedelta(**length).total_seconds())
        for _ in range(2):
            # Between the two the process looks at what is due.
            if self.lives and not self.process.over:
                await self.ask("member.list")
        while self.lives and not self.process.over and (await self.ask("status"))["sweeping"]:
            await self.ask("member.list")

    async def quiet(self) -> None:
        """Wait until all that the network has to say has left."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.ask("status"))["waiting"]:
                await asyncio.sleep(0.02)

    async def ask(self, op: str, **args: object) -> Any:
        """Ask the running network over its socket, without a command's process between."""
        return await control.ask(self.data / "control.sock", op, args)

    async def cli(self, *args: str) -> Any:
        """Run a command with `--json`; returns what it answered."""
        process = await self.command(*args, "--json")
        code = await process.ended()
        assert code == 0, f"{args}: exit code {code}: {process.told}"
        return json.loads(bytes(process.out.data))

    # --- people -----------------------------------------------------------------------------------

    async def member(
        self, call_sign: str, *channels: str, roles: tuple[str, ...] = RESPONDER, **more: str
    ) -> Member:
        """Add a member through the command line, who then joins over each of these channels.

        On call at Northside for months. `more`: options of `responder member add`.
        """
        options = [f"--role={role}" for role in roles]
        options += [f"--training={name}" for name in TRAININGS]
        secrets = {name: more.pop(name) for name in _SECRETS if name in more}
        options += [f"--{name.replace('_', '-')}={value}" for name, value in more.items()]
        options += ["--neighbourhood=northside", "--level=trusted", "--experienced"]
        made = await self.cli("member", "add", call_sign, *options)
        member = Member(call_sign, codes=[made["code"]])
        self.members[call_sign] = member
        if secrets:
            # At a terminal they are asked for; a test's commands have none.
            await self.ask("member.set", call_sign=call_sign, **secrets)
        await self.ask("shift.override", call_sign=call_sign, available=True, end=_far_away())
        for number, channel in enumerate(channels or ("signal",)):
            if number:
                member.codes.append((await self.cli("member", "code", call_sign))["code"])
            await self._joins(member, channel, more.get("language", "en"), first=not number)
        return member

    async def _joins(
        self, member: Member, channel: str, language: str, *, first: bool = True
    ) -> None:
        """Send the code from there; over the first channel, say yes to what is kept."""
        if channel == "signal":
            member.signal = self.signal.user(member.call_sign)
            await member.phone.writes(f"join {member.codes[-1]}")
            await member.phone.sees(f", {member.call_sign}.")
            if first:
                await member.phone.answers(_AGREES[language])
                asked = say(language, "welcome.call-sign", call_sign=member.call_sign)
                await member.phone.sees(asked.split("\n")[0])
        else:
            member.telegram = self.telegram.user(member.call_sign)
            await member.chat.writes(f"/start {member.codes[-1]}")
            await member.chat.sees(_YOURS[language])
            if first:
                await member.chat.presses(_AGREES[language])
                await member.chat.sees(say(language, "welcome.language").split("\n")[0])

    async def vouches(self, member: Member, other: TelegramUser | SignalUser) -> None:
        """A member stands for somebody: a code goes from hand to hand."""
        asked = await member.phone.writes("/vouch")
        told = await member.phone.sees("carries your word", after=asked)
        code = told.text.split("\n")[0].rpartition(" ")[2]
        await other.writes(f"/join {code}")
        await other.sees("stands for you now")

    async def new_story(self) -> None:
        """End whatever is still open and let everybody rest, so that it begins in peace."""
        for _ in range(2):
            for incident in await self.ask("incident.list"):
                if incident["state"] != "aftercare":
                    await self.ask("incident.end", code=incident["code"], reason="over")
        await self.passes(days=4)
        # What those days brought would otherwise come late, and count as this story's.
        await self.quiet()
        since = (self.signal.tick(), self.telegram.next_message_id())
        for member in self.members.values():
            member.since = since

    # --- the record -------------------------------------------------------------------------------

    def sendings(self) -> Iterator[Sending]:
        """Every message that either platform was asked to carry, each platform's in order."""
        for number, asked in enumerate(self.signal.requests):
            if asked.path == "/v2/send":
                order = json.loads(asked.body)
                files = len(order.get("base64_attachments", ()))
                to = order["recipients"][0]
                yield Sending(number, "signal", to, order.get("message", ""), files)
        for number, request in enumerate(self.telegram.requests):
            if "chat_id" in request.params and request.method != "deleteMessage":
                params = request.params
                to, text = str(params["chat_id"]), str(params.get("text", ""))
                files = int(request.method.removeprefix("send") in ("Photo", "Voice", "Document"))
                yield Sending(number, "telegram", to, text, files)

    def told(self, user: SignalUser | TelegramUser, words: str) -> list[Sending]:
        """What of this was sent to this phone, edits and repeats too."""
        handle = user.handle if isinstance(user, SignalUser) else str(user.id)
        return [s for s in self.sendings() if s.to == handle and words in s.text]

    def readers(self, words: str) -> set[str]:
        """Whose phones were sent these words: "Name/channel"."""
        names = {u.handle: u.name for u in self.signal._users.values()}
        names |= {str(u.id): u.name for u in self.telegram.users.values()}
        return {f"{names[s.to]}/{s.channel}" for s in self.sendings() if words in s.text}

    def to_telegram(self) -> str:
        """Everything that Telegram was ever told, decoded."""
        return "\n".join(f"{r.params} {r.body!r}" for r in self.telegram.requests)


def _far_away() -> str:
    from datetime import UTC, datetime

    return (datetime.now(UTC) + timedelta(days=300)).strftime("%Y-%m-%d %H:%M")
