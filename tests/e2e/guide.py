"""Plays a guide as its reader would: every command, every edit, every message on a phone.

What it is for
    `await played(path)` does what the fenced blocks of a document say, in their order, in a fresh
    folder and at a terminal of 80 columns, and hands back each step with what really came of it.
    `python -m tests.e2e.guide docs/first-week.md` writes that into the document.

The blocks
    * `console`: a line that begins with `$ ` is typed, what stands beneath is its output. Where a
      command asks, the rest of that line is what the reader answers. `responder run` goes on in
      another window, until the guide is over.
    * `diff`: a change made in an editor; `--- FILE` names the file, `@@` begins the next place.
    * `phone`: `Heron writes: join me` is sent over Signal; `Heron taps: Yes` answers the newest
      message that offers it, `Heron, 12 seconds later, taps: Yes` after so much time, as does
      `30 seconds later`, alone on a line. What stands beneath, after `> `, comes on that phone.

What is the same each time
    The clock stands still at `MONDAY`, but for the seconds that a guide lets pass. What chance
    makes is bound to the guide's own where it first stands: `CHANCE` lists all of it. The folder
    in which the walk begins is `HOME` in the guide, and the Signal service of the example config
    is one on loopback.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import mmap
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from responder import control
from tests.e2e.nursery import HURRIES, JUMPS, STANDS, nursery
from tests.e2e.signal_server import SignalServer
from tests.e2e.signal_users import FakeUser

MONDAY: Final = "2026-11-24T01:05:00+00:00"
"""Five past seven in the evening in Chicago, whose time the example config keeps: the monthly
check asks nobody then, which chance would decide by day."""
HOME: Final = "/home/you"
COLUMNS, LINES = 80, 24
WAIT_S: Final = 60.0
NUMBER: Final = "+15550100000"
SERVICE: Final = "http://127.0.0.1:8080"
CHANCE: Final = (
    r"^    ([a-z2-7]{12})$",  # a code by which somebody joins,
    r"join +([a-z2-7]{12})\b",
    r"start=([a-z2-7]{12})\b",
    r"\(([a-z2-7]{6})\)",  # the short id of a shift or an opening,
    r"\b(?:DRILL|Drill|drill report) ([A-Z0-9]{2,6})\b",  # and the code of a drill
)
_ASKS: Final = re.compile(r"(in English|in Spanish|\[\w+\]): $")
_ASKED: Final = re.compile(r".*?(?:in English|in Spanish|\[\w+\]): ")
_FENCE: Final = re.compile(r"^```(console|diff|phone)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PHONE: Final = re.compile(
    r"(?:(?P<who>[A-Z]\w+)(?:, (?P<after>\d+) seconds later,)? (?P<how>writes|taps): (?P<what>.+)"
    r"|(?P<alone>\d+) seconds later)$"
)


# --- the document ---------------------------------------------------------------------------------


@dataclass
class Step:
    """One command, edit or message: what the guide shows for it, and what really came of it."""

    kind: str
    does: str
    shown: str
    line: int
    came: str = ""


def steps_of(text: str) -> list[Step]:
    """The steps of a document, in its order."""
    found: list[Step] = []
    for block in _FENCE.finditer(text):
        line = text.count("\n", 0, block.start(2)) + 1
        kind, body = block[1], block[2]
        if kind == "diff":
            found.append(Step(kind, body, "", line))
            continue
        for number, one in enumerate(body.splitlines(keepends=True)):
            if found and found[-1].does.endswith("\\"):
                found[-1].does += "\n" + one.rstrip("\n")
            elif _begins(kind, one):
                found.append(Step(kind, one.rstrip("\n"), "", line + number))
            else:
                found[-1].shown += one
    return found


def _begins(kind: str, line: str) -> bool:
    return line.startswith("$ ") if kind == "console" else not line.startswith(">")


def rewritten(text: str, steps: list[Step]) -> str:
    """The document with what really came of each step."""
    todo = iter(steps)

    def block(found: re.Match[str]) -> str:
        if found[1] == "diff":
            next(todo)
            return found[0]
        begun = sum(_begins(found[1], one) for one in found[2].splitlines())
        mine = [next(todo) for _ in range(begun)]
        body = "".join(f"{one.does}\n{one.came}" for one in mine)
        return f"```{found[1]}\n{body}```"

    return _FENCE.sub(block, text)


# --- a terminal -----------------------------------------------------------------------------------


class Terminal:
    """A pseudo-terminal on which one command runs; `said` is all that stands on it."""

    def __init__(self) -> None:
        self.said = bytearray()
        self._ours, self.theirs = os.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.set_blocking(self._ours, False)
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        try:
            got = os.read(self._ours, 1 << 16)
        except OSError:  # Linux says so when nobody has the other end open any more.
            got = b""
        self.said += got
        if not got:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            self.over = True
        self._changed.set()

    over = False

    async def changes(self, timeout_s: float | None = WAIT_S) -> None:
        """Wait until something more stands there, or nothing more can come."""
        async with asyncio.timeout(timeout_s):
            await self._changed.wait()
        self._changed.clear()

    def types(self, line: str) -> None:
        """Type a line, with Enter."""
        os.write(self._ours, line.encode() + b"\n")

    @property
    def text(self) -> str:
        """What stands there, in plain lines without blanks at their ends."""
        text = _ANSI.sub("", self.said.decode()).replace("\r\n", "\n")
        return re.sub(r"[ ]+$", "", text, flags=re.MULTILINE)


# --- the reader -----------------------------------------------------------------------------------


@dataclass
class Reader:
    """Somebody who does what a guide says, in a folder, with a few people who have phones."""

    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="g-", dir="/tmp")))
    names: dict[str, str] = field(default_factory=dict)
    """What chance made in the guide, and what it made here."""

    async def __aenter__(self) -> Self:
        self.signal = SignalServer(number=NUMBER, clock_ms=int(time.time() * 1000))
        await self.signal.__aenter__()
        self.cwd = self.home / "you"
        self.cwd.mkdir()
        self._ahead = self.home / "ahead"
        self._ahead.write_bytes(bytes(8))
        self._living: list[int] = []
        self._going_on: list[asyncio.Task[Any]] = []
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pid in self._living:
            os.kill(pid, signal.SIGTERM)
        await asyncio.gather(*self._going_on)
        await self.signal.__aexit__(None, None, None)
        shutil.rmtree(self.home)
        if kind is None:
            assert not self.signal.unexpected, self.signal.unexpected

    async def does(self, step: Step) -> None:
        """Do one step, and note what came of it."""
        match step.kind:
            case "console":
                came = await self._command(step)
            case "phone":
                came = await self._phone(step)
            case _:
                self._edit(step.does)
                came = ""
        step.came = self._as_shown(step.shown, came)

    # --- at the terminal --------------------------------------------------------------------------

    async def _command(self, step: Step) -> str:
        line = self._as_here(step.does.removeprefix("$ ").replace("\\\n", ""))
        program, *args = shlex.split(line)
        if program == "cd":
            self.cwd = self.cwd / args[0]
            return ""
        if program != "responder":
            bash = ["bash", "-c", line]
            done = subprocess.run(bash, cwd=self.cwd, capture_output=True, text=True, check=True)
            return done.stdout
        answers = [
            shown[len(asked[0]) :]
            for shown in step.shown.splitlines()
            if (asked := _ASKED.match(shown))
        ]
        came = await self._responder(args, answers)
        if args[0] == "init":
            config = self.cwd / args[1] / "config.toml"
            text = config.read_text(encoding="utf-8")
            assert SERVICE in text
            config.write_text(text.replace(SERVICE, self.signal.url), encoding="utf-8")
        return came

    async def _responder(self, args: list[str], answers: list[str]) -> str:
        terminal = Terminal()
        ended = await self._starts(args, terminal)
        if args == ["run"]:
            while "is running" not in terminal.text:
                assert not terminal.over, terminal.text
                await terminal.changes()
            self._going_on += [ended, asyncio.create_task(self._until_over(terminal))]
            await self.signal.is_attached(timeout_s=WAIT_S)
            return terminal.text
        while not terminal.over:
            if answers and _ASKS.search(terminal.said.decode(errors="replace")):
                terminal.types(answers.pop(0))
            await terminal.changes()
        await ended
        self._living.pop()
        return terminal.text

    async def _starts(self, args: list[str], terminal: Terminal) -> asyncio.Task[bytes]:
        env = os.environ | {
            JUMPS: str(self._ahead),
            STANDS: MONDAY,
            HURRIES: "yes",
            "TERM": "dumb",
            "COLUMNS": str(COLUMNS),
            "LINES": str(LINES),
        }
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(nursery()))
        order = json.dumps({"args": args, "cwd": str(self.cwd), "env": env}).encode()
        socket.send_fds(sock, [order], [terminal.theirs] * 3)
        os.close(terminal.theirs)
        sock.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        self._living.append(int(await reader.readline()))

        async def code() -> bytes:
            try:
                return await reader.readline()
            finally:
                writer.close()

        return asyncio.create_task(code())

    async def _until_over(self, terminal: Terminal) -> None:
        while not terminal.over:
            await terminal.changes(None)

    # --- in an editor -----------------------------------------------------------------------------

    def _edit(self, change: str) -> None:
        head, *lines = change.splitlines()
        path = self.cwd / head.removeprefix("--- ")
        text = path.read_text(encoding="utf-8")
        for place in _places(lines):
            before = "".join(f"{one[1:]}\n" for one in place if one[0] != "+")
            after = "".join(f"{one[1:]}\n" for one in place if one[0] != "-")
            assert text.count(before) == 1, (
                f"{path.name} holds {text.count(before)} times:\n{before}"
            )
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")

    # --- with a phone -----------------------------------------------------------------------------

    async def _phone(self, step: Step) -> str:
        said = _PHONE.match(self._as_here(step.does))
        assert said is not None, step.does
        if after := said["after"] or said["alone"]:
            await self._passes(float(after))
        if said["alone"]:
            return ""
        user = self.signal.user(said["who"])
        if said["how"] == "taps":
            asked = await user.answers(said["what"], timeout_s=WAIT_S)
        else:
            asked = await user.writes(said["what"])
        await self.signal.until(lambda: _first(user, asked), WAIT_S)
        if not step.shown:
            return ""
        await self._quiet()
        answer = _first(user, asked) or ""
        return "".join(f"> {one}".rstrip() + "\n" for one in answer.split("\n"))

    async def _passes(self, seconds: float) -> None:
        """Let so much time pass, once all that is under way has arrived."""
        await self._quiet()
        with self._ahead.open("r+b") as file, mmap.mmap(file.fileno(), 8) as ahead:
            (now,) = struct.unpack("d", ahead[:])
            ahead[:] = struct.pack("d", now + seconds)
        for _ in range(2):
            await self._asks("member.list")

    async def _quiet(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while (await self._asks("status"))["waiting"]:
                await asyncio.sleep(0.02)

    async def _asks(self, op: str) -> Any:
        return await control.ask(self.cwd / "data" / "control.sock", op, {})

    # --- what chance made -------------------------------------------------------------------------

    def _as_here(self, text: str) -> str:
        """A line of the guide with what chance made here."""
        for theirs, ours in self.names.items():
            text = re.sub(rf"\b{theirs}\b", ours, text)
        return text

    def _as_shown(self, shown: str, came: str) -> str:
        """What came of a step, with what chance made in the guide."""
        came = came.replace(str(self.home / "you"), HOME)
        for pattern in CHANCE:
            fresh = [one for one in _found(pattern, shown) if one not in self.names]
            for ours in _found(pattern, came):
                if ours not in self.names.values():
                    self.names[fresh.pop(0) if fresh else ours] = ours
            came = _renamed(pattern, came, {ours: one for one, ours in self.names.items()})
        return came


def _found(pattern: str, text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(pattern, text, re.MULTILINE)))


def _renamed(pattern: str, text: str, names: dict[str, str]) -> str:
    def name(found: re.Match[str]) -> str:
        return found[0].replace(found[1], names[found[1]])

    return re.sub(pattern, name, text, flags=re.MULTILINE)


def _first(user: FakeUser, asked: int) -> str | None:
    """The first message on this phone after what was asked; an edit makes no sound, and is none.

    Where the same comes twice, once as the answer and once in the place of an older question, it
    is the one that can be answered, whichever of them came first.
    """
    came = [one.text for one in user.screen if one.ref > asked and not one.edited]
    return max((one for one in came if one.startswith(came[0])), key=len, default=None)


def _places(lines: list[str]) -> Iterator[list[str]]:
    """The places of a change, each with its lines."""
    place: list[str] = []
    for line in [*lines, "@@"]:
        if line.startswith("@@"):
            if place:
                yield place
            place = []
        else:
            place.append(line)


async def played(document: Path) -> list[Step]:
    """Do all that the document says, and hand back what came of each step."""
    steps = steps_of(document.read_text(encoding="utf-8"))
    async with Reader() as reader:
        for step in steps:
            await reader.does(step)
    return steps


if __name__ == "__main__":
    for name in sys.argv[1:]:
        guide = Path(name)
        done = asyncio.run(played(guide))
        guide.write_text(rewritten(guide.read_text(encoding="utf-8"), done), encoding="utf-8")
