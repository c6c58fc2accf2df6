"""Who outside is told how the network is: systemd, a heartbeat's hearer, /health and /metrics."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from responder import services
from responder.config import WatchSettings
from responder.core.auditing import Sort, Worry
from responder.core.model import IncidentId
from responder.watching.heartbeat import Heartbeat
from responder.watching.metrics import Metrics
from responder.watching.site import application, reasons
from responder.watching.site import serve as serve_site
from responder.watching.systemd import Systemd
from tests.builders import NOW
from tests.unit.outbox_kit import Clockwork
from tests.unit.test_dispatcher import House
from tests.unit.test_watching import Watched, out


def a_watch(**how: Any) -> Any:
    """What a watch looks like to those who pass it on."""
    worries = how.pop("worries", ())
    made = SimpleNamespace(
        turning=True, awake=True, since=NOW, worries=worries, content=not worries, channels={}
    )
    made.restart_helps = False
    vars(made).update(how)
    return made


WORRIED = a_watch(worries=(Worry(sort=Sort.DEAF, channel="signal"),))
STANDING_STILL = a_watch(turning=False, content=False, restart_helps=True)


# --- systemd -------------------------------------------------------------------------------------


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A service manager's socket, by a path or by an abstract name."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@responder-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(address.replace("@", "\0"))
        sock.setblocking(False)
        yield SimpleNamespace(address=address, said=lambda: sock.recv(4096).decode().split("\n"))


def test_systemd_hears_that_the_network_serves_and_that_it_stops(manager: Any) -> None:
    systemd = Systemd.of({"NOTIFY_SOCKET": manager.address})
    systemd.ready()
    assert "READY=1" in manager.said()
    systemd.stopping()
    assert "STOPPING=1" in manager.said()


def test_the_watchdog_is_fed_while_a_restart_would_not_help(manager: Any) -> None:
    systemd = Systemd.of({"NOTIFY_SOCKET": manager.address})
    for watch, status in ((a_watch(), "all is well"), (WORRIED, "1 worry")):
        systemd.look(watch)
        said = manager.said()
        assert "WATCHDOG=1" in said and status in said[0]
    systemd.look(STANDING_STILL)
    said = manager.said()
    assert "WATCHDOG=1" not in said and "stands still" in said[0]


async def test_the_sign_of_life_comes_three_times_as_often_as_it_is_asked_for(manager: Any) -> None:
    time, waits = Clockwork(), list[float]()
    environment = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "30000000"}

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        await time.sleep(seconds)

    running = asyncio.create_task(Systemd.of(environment).run(a_watch(), wait=wait))
    await time.advance(25)
    running.cancel()
    assert waits == [10.0, 10.0, 10.0]


def test_a_watchdog_that_is_meant_for_another_process_is_not_ours() -> None:
    environment = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}
    assert Systemd.of(environment).watchdog_s is None
    assert Systemd.of(environment | {"WATCHDOG_PID": str(os.getpid())}).watchdog_s == 30.0


async def test_without_a_manager_nothing_is_told_and_the_telling_ends() -> None:
    waits = list[float]()

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    await Systemd.of({}).run(a_watch(), wait=wait)
    assert waits == []


def test_a_manager_that_was_away_hears_what_is_said_once_it_is_back(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    systemd = Systemd.of({"NOTIFY_SOCKET": str(address)})
    systemd.ready()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(address))
        sock.setblocking(False)
        systemd.stopping()
        assert b"STOPPING=1" in sock.recv(4096)


# --- the heartbeat -------------------------------------------------------------------------------


class Hearer:
    """Whoever hears the heartbeat, on loopback."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.status = 200
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


async def served(site: web.Application) -> tuple[str, Callable[[], Awaitable[None]]]:
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}", runner.cleanup


@pytest.fixture
async def hearer() -> AsyncIterator[Hearer]:
    made, site = Hearer(), web.Application()
    site.router.add_route("*", "/{path:.*}", made.answer)
    made.url, stop = await served(site)
    yield made
    await stop()


async def minutes(heart: Heartbeat, count: int) -> None:
    """Let it live so many minutes."""
    lived, over = 0, asyncio.Event()

    async def wait(_: float) -> None:
        nonlocal lived
        lived += 1
        if lived == count:
            over.set()
            await asyncio.Event().wait()

    heart._wait = wait
    running = asyncio.create_task(heart.run())
    await over.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_heart_beats_each_minute_while_all_is_well(hearer: Hearer) -> None:
    content = iter([True, False, True])
    heart = Heartbeat(f"{hearer.url}/beat", lambda: next(content), now=lambda: NOW)
    await minutes(heart, 3)
    assert [r.path for r in hearer.requests] == ["/beat", "/beat"]
    assert heart.last == NOW


async def test_a_beat_says_nothing_but_that_it_beats(hearer: Hearer) -> None:
    await minutes(Heartbeat(f"{hearer.url}/beat", lambda: True, now=lambda: NOW), 1)
    (request,) = hearer.requests
    assert request.method == "GET" and not request.query_string
    assert set(request.headers) <= {"Host", "Accept", "Accept-Encoding"}


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_beat_that_nobody_heard_does_not_count_and_goes_on(
    hearer: Hearer, status: int
) -> None:
    hearer.status = status
    heart = Heartbeat(f"{hearer.url}/beat", lambda: True, now=lambda: NOW)
    await minutes(heart, 2)
    assert [r.path for r in hearer.requests] == ["/beat", "/beat"], "no redirect is followed"
    assert heart.last is None


async def test_where_nobody_listens_the_heart_beats_on() -> None:
    heart = Heartbeat("http://127.0.0.1:9/", lambda: True, now=lambda: NOW, patience_s=0.5)
    await minutes(heart, 2)
    assert heart.last is None


# --- /health and /metrics ------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def figures(watched: Watched) -> Metrics:
    machine = watched.machine
    metrics = Metrics(
        watched.dispatcher, machine.outbox, machine.watch, now=lambda: watched.house.at
    )
    machine._on_commit.append(metrics.committed)
    machine.ledger.told.append(metrics.settled)
    watched.dispatcher.writer.timed = metrics.timed
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"responder_{name}", labels)


async def test_figures_tell_how_long_people_waited(house: House) -> None:
    async with house.opened(by_hand=True) as dispatcher:
        watched = Watched(house, dispatcher)
        metrics = figures(watched)
        await house.out()
        house.at += timedelta(seconds=3)
        await watched.all_sent()
        await watched.all_sent()
        assert value(metrics, "reports_total", channel="signal") == 1
        assert value(metrics, "incidents", state="out") == 1
        assert value(metrics, "incidents", state="held") == 0
        assert value(metrics, "pair_seconds_count") == 1
        before = value(metrics, "commit_seconds_count") or 0
        await dispatcher.catch_up()
        assert value(metrics, "commit_seconds_count") == before + 2
        assert value(metrics, "messages_total", card="page", channel="signal", fate="sent") == 2
        assert value(metrics, "first_page_seconds_count") == 1
        assert value(metrics, "first_page_seconds_sum") == 3


async def test_figures_tell_what_waits_and_for_how_long(house: House) -> None:
    async with out(house) as watched:
        metrics = figures(watched)
        before = value(metrics, "outbox_waiting", urgency="quiet") or 0
        await watched.dispatcher.do(lambda desk: desk.tell_coordinators("notice"))
        waits = {u: value(metrics, "outbox_waiting", urgency=u) for u in ("leave", "quiet", "news")}
        assert waits["leave"] == 0 and waits["quiet"] == before and waits["news"]
        house.at += timedelta(minutes=2)
        assert value(metrics, "outbox_oldest_seconds", urgency="news") == 120
        assert value(metrics, "outbox_oldest_seconds", urgency="leave") == 0


async def test_figures_tell_of_channels_and_worries(house: House) -> None:
    async with out(house) as watched:
        metrics = figures(watched)
        watched.platform.ill = "down"
        await watched.look(10)
        assert value(metrics, "channel_up", channel="signal") == 0
        assert value(metrics, "worries", sort="deaf") == 1
        assert value(metrics, "content") == 0


async def asked(site: web.Application, *paths: str) -> list[tuple[int, str]]:
    url, stop = await served(site)
    found = []
    async with aiohttp.ClientSession() as session:
        for path in paths:
            async with session.get(url + path) as answer:
                found.append((answer.status, f"{answer.headers}{await answer.text()}"))
    await stop()
    return found


async def test_health_is_200_or_503_with_reasons(house: House) -> None:
    async with out(house) as watched:
        site = application(watched.watch, figures(watched))
        ((status, text),) = await asked(site, "/health")
        assert (status, '"reasons": []' in text) == (200, True)
        watched.platform.ill = "the service of +15550100 has gone"
        await watched.look(10)
        site = application(watched.watch, figures(watched))
        ((status, text),) = await asked(site, "/health")
        assert status == 503 and "a channel does not work" in text and "+1555" not in text


@pytest.mark.parametrize("sort", list(Sort))
def test_each_reason_is_plain_words(sort: Sort) -> None:
    worry = Worry(sort=sort, incident=IncidentId("canary"), channel="canary")
    (reason,) = reasons(a_watch(worries=(worry,)))
    assert " " in reason and "canary" not in reason


async def test_nothing_that_anybody_is_called_or_said_is_ever_shown(house: House) -> None:
    """Everybody's names, places, words, addresses, ids and codes are the canaries."""
    async with house.opened(by_hand=True) as dispatcher:
        watched = Watched(house, dispatcher)
        metrics = figures(watched)
        await house.out()
        await watched.all_sent()
        await watched.look(8)
        world, incident = dispatcher.world, house.incident
        canaries = {"northside", "riverside", "quill", "copwatch", incident.id}
        for person in world.everybody.values():
            canaries |= {person.call_sign, person.id} if person.call_sign else set()
            canaries |= {a.handle for a in person.addresses}
        told = await asked(application(watched.watch, metrics), "/metrics", "/health")
        for status, text in told:
            assert status in (200, 503)
            lowered = text.lower()
            for canary in canaries:
                word = canary.lower()
                assert word not in lowered.replace("prometheus", ""), word
            # A code is but two signs: inside a longer word, or a figure, it is found by chance.
            code = incident.code
            assert code.isdigit() or not re.search(rf"\b{code}\b", text)


async def test_an_address_that_is_taken_names_the_key_and_closes_all_the_rest(
    house: House, tmp_path: Path
) -> None:
    stop = await serve_site(web.Application(), "127.0.0.1:0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        async with out(house) as watched:
            settings = WatchSettings(listen=listen)
            with pytest.raises(services.CannotListen, match=r"watch\.listen.*another port"):
                async with watched.machine.watched(settings, Systemd.of({})):
                    pytest.fail("two listened on one port")
            names = {task.get_name() for task in asyncio.all_tasks()}
            assert not any("watch" in name.lower() for name in names)
    await stop()
