"""One line after the other from a terminal, with the wish to know whether somebody is typing.

What it is for
    The demo goes on by itself when nobody types. The terminal's own line editing tells nobody
    about a line that is not finished, so while the demo runs this does the editing.

Rules it keeps
    * The terminal is left as it was found, however the demo ends.
    * Waiting ends by itself only while the line is empty: nothing is drawn over what is typed.

What it must not know
    What a line means.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import shutil
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from rich.cells import cell_len

PROMPT: Final = "> "
_CHUNK: Final = 1024


class Closed(Exception):
    """The keyboard is gone, or the person pressed Ctrl-D on an empty line."""


class Keyboard:
    """The keys of standard input, echoed to standard output."""

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._escape = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the keys one by one; afterwards the terminal is as it was."""
        before = termios.tcgetattr(self._fd)
        loop = asyncio.get_running_loop()
        tty.setcbreak(self._fd)
        loop.add_reader(self._fd, self._read)
        try:
            yield
        finally:
            loop.remove_reader(self._fd)
            termios.tcsetattr(self._fd, termios.TCSADRAIN, before)

    def _read(self) -> None:
        data = b""
        with suppress(OSError):
            data = os.read(self._fd, _CHUNK)
        for key in self._decoder.decode(data) if data else "\x04":
            self._keys.put_nowait(key)

    async def line(self, idle_s: float | None) -> str | None:
        """The next line, or None when no key was pressed on an empty line for `idle_s` seconds.

        Raises `Closed` at the end of input.
        """
        self._put(f"{PROMPT}{self._line}")
        while True:
            try:
                async with asyncio.timeout(None if self._line else idle_s):
                    key = await self._keys.get()
            except TimeoutError:
                self._put("\r\x1b[K")
                return None
            if self._swallowed(key):
                continue
            if key in "\r\n":
                line, self._line = self._line, ""
                self._erase(line)
                return line
            if key == "\x04" and not self._line:
                self._put("\n")
                raise Closed
            self._edit(key)

    def _swallowed(self, key: str) -> bool:
        """Whether the key belongs to a sequence such as an arrow's, which moves nothing here."""
        if key == "\x1b":
            self._escape = key
            return True
        if not self._escape:
            return False
        self._escape += key
        begun = len(self._escape) == 2 and key in "[O"
        if not begun and (len(self._escape) == 2 or key.isalpha() or key == "~"):
            self._escape = ""
        return True

    def _edit(self, key: str) -> None:
        before = self._line
        match key:
            case "\x7f" | "\b":
                self._line = before[:-1]
            case "\x15":
                self._line = ""
            case "\x17":
                self._line = before.rstrip().rpartition(" ")[0]
            case _ if key.isprintable():
                self._line += key
                self._put(key)
                return
            case _:
                return
        self._erase(before)
        self._put(f"{PROMPT}{self._line}")

    def _erase(self, line: str) -> None:
        """Take the prompt and a line off the screen, however many rows they fill."""
        columns = shutil.get_terminal_size().columns
        rows = max(cell_len(PROMPT + line) - 1, 0) // columns
        self._put("\r" + (f"\x1b[{rows}A" if rows else "") + "\x1b[J")

    def _put(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
