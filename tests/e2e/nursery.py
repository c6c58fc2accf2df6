"""Starts processes of the program in milliseconds: an interpreter that has imported all, and forks.

What it is for
    Loading aiogram and signalbot costs seconds at every start. A test that kills the program
    forty times has no such seconds: a child forked here does what `python -m responder.cli ARGS`
    does, with the imports behind it. Plain starts are tested besides.

Rules it keeps
    * The nursery runs nothing itself: no thread, no event loop, no file of any network.
    * One connection is one child: it brings the arguments, the child's two outputs and perhaps its
      input, and takes back the pid, then the exit code. Whoever hangs up gets no more news; the
      child lives on.
    * `JUMPS` in a child's environment names a file of eight bytes: seconds by which that child's
      clock runs ahead; a leap of it is then no silence of the machine. Where `STANDS` names an
      instant, that is what it runs ahead of, and else it stands still. Nothing else about a child
      is changed for tests, but for its pace where `HURRIES` is set: real platforms want fewer
      messages a second than these tests have time for.
"""

from __future__ import annotations

import atexit
import importlib
import io
import json
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn, cast

JUMPS: Final = "RESPONDER_TESTS_CLOCK"
HURRIES: Final = "RESPONDER_TESTS_HURRY"
STANDS: Final = "RESPONDER_TESTS_STANDS"
ROOT: Final = Path(__file__).parents[2]
_LARGEST: Final = 1 << 16
_SLOW: Final = (
    "aiogram",
    "bots.signal.bot",
    "bots.telegram.bot",
    "bots.telegram.updates",
    "responder.app",
    "responder.cli",
    "responder.control",
    "signalbot",
)


# --- the tests' side ------------------------------------------------------------------------------


@cache
def nursery() -> Path:
    """The socket of this test run's nursery, which is started by the first who asks."""
    folder = tempfile.TemporaryDirectory(prefix="nursery-")
    path = Path(folder.name) / "s"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(16)
    # It ends when this end of the pipe is closed: with the test run, however that ends.
    lifeline, ours = os.pipe()
    command = [sys.executable, "-m", __name__, str(listening.fileno()), str(lifeline)]
    fds = (listening.fileno(), lifeline)
    process = subprocess.Popen(command, cwd=ROOT, pass_fds=fds, stdin=subprocess.DEVNULL)
    listening.close()
    os.close(lifeline)

    def end() -> None:
        os.close(ours)
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return path


# --- the nursery itself ---------------------------------------------------------------------------


def _import_all() -> None:
    for name in _SLOW:
        importlib.import_module(name)


def _serve(listening: socket.socket, lifeline: int) -> None:
    """Fork a child for each connection until the lifeline is cut."""
    import selectors

    waking, woken = socket.socketpair()
    for end in (waking, woken):
        end.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    living: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        for source in (listening, waking, lifeline):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if lifeline in ready:
                for pid in living:
                    os.kill(pid, signal.SIGKILL)
                return
            if waking in ready:
                waking.recv(4096)
                _bury(living)
            if listening in ready:
                connection, _ = listening.accept()
                pid = _bear(connection)
                living[pid] = connection


def _bury(living: dict[int, socket.socket]) -> None:
    for pid in tuple(living):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            _tell(living[pid], os.waitstatus_to_exitcode(status))
            living.pop(pid).close()


def _bear(connection: socket.socket) -> int:
    raw, fds, _, _ = socket.recv_fds(connection, _LARGEST, 3)
    order = json.loads(raw)
    pid = os.fork()
    if pid == 0:
        for fd, number in zip(fds, (1, 2, 0), strict=False):
            os.dup2(fd, number)
        connection.close()
        _live(order)
    for fd in fds:
        os.close(fd)
    _tell(connection, pid)
    return pid


def _tell(connection: socket.socket, number: int) -> None:
    with suppress(OSError):  # Whoever asked may not want to know any more.
        connection.sendall(f"{number}\n".encode())


def _live(order: dict[str, Any]) -> NoReturn:
    """In the child: what `python -m responder.cli` does with these arguments."""
    code: object = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.closerange(3, 256)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        sys.argv = ["responder", *order["args"]]
        for stream in (sys.stdout, sys.stderr):
            # What was said before a kill must be there to be searched.
            cast(io.TextIOWrapper, stream).reconfigure(line_buffering=True)
        _set_clock()
        _set_pace()
        from responder.cli import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _set_clock() -> None:
    path = os.environ.get(JUMPS)
    if path is None:
        return
    from responder import app

    with open(path, "rb") as file:
        ahead = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)

    stands = os.environ.get(STANDS)

    def clock() -> datetime:
        now = datetime.fromisoformat(stands) if stands else datetime.now(UTC)
        return now + timedelta(seconds=struct.unpack("d", ahead[:8])[0])

    real, app.clock = app.clock, clock
    for thing in (*vars(app).values(), app.Machine.__init__):
        defaults = getattr(getattr(thing, "__wrapped__", thing), "__kwdefaults__", None) or {}
        defaults.update({name: clock for name, value in defaults.items() if value is real})
        defaults.update({name: True for name in defaults if name == "by_hand"})


def _set_pace() -> None:
    if HURRIES not in os.environ:
        return
    from msgspec.structs import replace

    from bots.signal.bot import SignalBot
    from bots.telegram.bot import TelegramBot

    for bot in (SignalBot, TelegramBot):
        bot.pace = replace(bot.pace, per_second=200.0, per_chat_s=0.01)


if __name__ == "__main__":
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
