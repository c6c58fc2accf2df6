"""The real process says how it is: to systemd, to programs on the machine, to people."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.process import Town
from tests.ports import HERE, PATIENCE_S, Port


@contextmanager
def service_manager(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(folder / "notify"))
        sock.setblocking(False)
        yield sock


def heard(manager: socket.socket) -> str:
    """All that systemd was told since it was last asked."""
    said = []
    while True:
        try:
            said.append(manager.recv(4096).decode())
        except BlockingIOError:
            return "\n".join(said)


async def asked(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_a_network_that_serves_says_so_to_everybody_who_asks() -> None:
    with Port() as port:
        async with Town(log=f'[watch]\nlisten = "{port.address}"') as town:
            await it_says_so(town, port.url)


async def it_says_so(town: Town, url: str) -> None:
    with service_manager(town.folder) as manager:
        town._env["NOTIFY_SOCKET"] = str(town.folder / "notify")
        await town.starts()
        await town.member("Heron", "signal")
        said = heard(manager)
        assert "READY=1" in said and "WATCHDOG=1" in said
        status, _ = await asked(f"{url}/health")
        assert status == 200
        status, figures = await asked(f"{url}/metrics")
        assert status == 200 and 'responder_incidents{state="out"} 0.0' in figures
        assert "Heron" not in figures and "orthside" not in figures
        told = await town.command("status")
        assert await told.ended() == 0 and "All is well. Running since" in told.told
        assert await town.stops() == 0
        assert "STOPPING=1" in heard(manager)


async def test_the_watchdog_is_fed_as_often_as_systemd_asks_and_not_by_a_process_that_hangs() -> (
    None
):
    async with Town() as town:
        with service_manager(town.folder) as manager:
            town._env |= {
                "NOTIFY_SOCKET": str(town.folder / "notify"),
                "WATCHDOG_USEC": "600000",
            }
            await town.starts()
            fed = 0
            async with asyncio.timeout(PATIENCE_S):
                while fed < 5:
                    said = await asyncio.get_running_loop().sock_recv(manager, 4096)
                    fed += b"WATCHDOG=1" in said
            town.process.gets(signal.SIGSTOP)
            while b") T " not in Path(f"/proc/{town.process.pid}/stat").read_bytes():
                await asyncio.sleep(0)
            heard(manager)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.6):
                    await asyncio.get_running_loop().sock_recv(manager, 4096)
            town.process.gets(signal.SIGCONT)
            assert await town.stops() == 0


async def test_an_address_that_is_taken_ends_the_start_in_words_and_leaves_nothing_behind() -> None:
    with Port() as port, socket.create_server((HERE, port.number)) as taken:
        pager = f'[pager]\nurl = "https://pager.example.org/"\nlisten = "{port.address}"'
        async with Town(log=pager) as town:
            ended = await town.command("run")
            assert await ended.ended() == 3
            assert "pager.listen: nothing can listen on" in ended.told
            assert "Traceback" not in ended.told
            taken.close()
            await town.starts()
            assert await town.stops() == 0
