"""The socket between the command line and a running network: who may speak, and what comes back."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from responder import app
from responder.config import Settings, load
from responder.control import (
    REQUEST_MAX,
    Control,
    ControlError,
    NotRunning,
    ask,
    perform,
)
from responder.core import admin
from responder.core.admin import AdminFault, NotNow
from responder.core.changes import Changes, StoryLine
from responder.core.desk import Desk
from responder.core.model import Incident, IncidentId, PersonId, Place, State
from responder.dispatching.dispatcher import Dispatcher
from responder.storage.store import DataLocked
from tests.ports import PATIENCE_S
from tests.unit.stored import NOW

CONFIG = """
[network]
name = "Made-up network"
playbooks_dir = "playbooks"
[network.emergency_line]
en = "Call the emergency number."
es = "Llama al número de emergencias."
[[neighbourhood]]
id = "northside"
name = "Northside"
time_zone = "America/Chicago"
"""


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    made = load(path, {})
    await app.create(made)
    return made


@pytest.fixture
async def dispatcher(settings: Settings) -> AsyncIterator[Dispatcher]:
    async with app.offline(settings) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def stale(path: Path) -> None:
    """A socket that somebody left behind."""
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))


async def say(path: Path, line: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line)
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


# --- the socket ----------------------------------------------------------------------------------


async def test_the_socket_is_for_one_account_and_goes_with_its_server(
    dispatcher: Dispatcher, path: Path
) -> None:
    before = os.umask(0o022)
    async with Control(dispatcher, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()
    assert os.umask(before) == 0o022


async def test_another_account_is_refused(dispatcher: Dispatcher, path: Path) -> None:
    async with Control(dispatcher, path, uid=os.geteuid() + 1):
        with pytest.raises(NotNow, match="Only the account that runs the network"):
            await ask(path, "member.list", {})


async def test_a_socket_that_was_left_behind_is_replaced(
    dispatcher: Dispatcher, path: Path
) -> None:
    stale(path)
    async with Control(dispatcher, path):
        assert await ask(path, "member.list", {}) == []


async def test_a_socket_on_which_somebody_answers_is_left_alone(
    dispatcher: Dispatcher, path: Path
) -> None:
    async with Control(dispatcher, path):
        with pytest.raises(ControlError, match="answers on"):
            await Control(dispatcher, path).start()
        assert await ask(path, "member.list", {}) == []


async def test_what_is_no_socket_is_left_alone(dispatcher: Dispatcher, path: Path) -> None:
    path.write_text("a letter")
    with pytest.raises(ControlError, match="is no socket"):
        await Control(dispatcher, path).start()
    assert path.read_text() == "a letter"


async def test_a_folder_that_is_not_there_is_named(dispatcher: Dispatcher, path: Path) -> None:
    with pytest.raises(ControlError, match=r"control\.socket"):
        await Control(dispatcher, path.parent / "none" / "control.sock").start()


async def test_nobody_there_is_told_apart(path: Path) -> None:
    with pytest.raises(NotRunning):
        await ask(path, "status", {})
    stale(path)
    with pytest.raises(NotRunning):
        await ask(path, "status", {})


async def test_closing_waits_for_nobody_who_is_silent(dispatcher: Dispatcher, path: Path) -> None:
    control = Control(dispatcher, path)
    await control.start()
    reader, writer = await asyncio.open_unix_connection(path)
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(10):
            await asyncio.sleep(0)
        await control.close()
        await control.close()
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


# --- asking --------------------------------------------------------------------------------------


async def test_what_is_asked_is_done_and_kept(
    dispatcher: Dispatcher, settings: Settings, path: Path
) -> None:
    async with Control(dispatcher, path):
        made = await ask(path, "member.add", {"call_sign": "Heron", "roles": ["responder"]})
    assert isinstance(made, dict)
    assert len(made["code"]) == 12
    assert dispatcher.world.by_call_sign("heron") is not None


async def test_a_refusal_comes_back_in_its_own_words(dispatcher: Dispatcher, path: Path) -> None:
    async with Control(dispatcher, path):
        with pytest.raises(AdminFault, match="Nobody here has the call sign 'Hern'"):
            await ask(path, "member.show", {"call_sign": "Hern"})
        with pytest.raises(AdminFault, match="another version"):
            await ask(path, "member.dance", {})
        with pytest.raises(NotNow, match="within seconds"):
            await ask(path, "playbook.reload", {})


@pytest.mark.parametrize("line", [b"hello\n", b'{"args": {}}\n', b"\xff\n", b'{"op": 1}\n', b"\n"])
async def test_what_is_no_request_gets_a_fault(
    dispatcher: Dispatcher, path: Path, line: bytes
) -> None:
    async with Control(dispatcher, path):
        assert b"That is no request" in await say(path, line)
        assert await ask(path, "member.list", {}) == []


async def test_a_request_that_is_too_long_is_refused(dispatcher: Dispatcher, path: Path) -> None:
    async with Control(dispatcher, path):
        line = b'{"op": "' + b"x" * REQUEST_MAX + b'"}\n'
        assert b"too long" in await say(path, line)


async def test_a_bug_shows_none_of_its_words(
    dispatcher: Dispatcher, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(desk: Desk, args: object) -> object:
        raise RuntimeError("CANARY")

    monkeypatch.setitem(cast(dict[str, Any], admin.OPS), "member.list", broken)
    async with Control(dispatcher, path):
        with pytest.raises(NotNow, match="Its log says more") as caught:
            await ask(path, "member.list", {})
    assert "CANARY" not in str(caught.value)


async def test_a_running_network_tells_how_it_is_and_reads_its_playbooks(
    dispatcher: Dispatcher, path: Path
) -> None:
    async def reload() -> tuple[str, ...]:
        return ("copwatch.yaml:3:1: wrong",)

    async with Control(dispatcher, path, reload=reload):
        assert isinstance(await ask(path, "status", {}), dict)
        assert await ask(path, "playbook.reload", {}) == ["copwatch.yaml:3:1: wrong"]


async def test_many_ask_at_once(dispatcher: Dispatcher, path: Path) -> None:
    names = [f"Wren {n}" for n in range(20)]
    async with Control(dispatcher, path):
        await asyncio.gather(*(ask(path, "member.add", {"call_sign": name}) for name in names))
        listed = await ask(path, "member.list", {})
    assert isinstance(listed, list)
    assert sorted(m["call_sign"] for m in listed) == sorted(names)


# --- without a socket ----------------------------------------------------------------------------


async def test_an_incident_comes_with_its_story(dispatcher: Dispatcher) -> None:
    incident = Incident(
        id=IncidentId("i1"),
        code="A7",
        opened_at=NOW,
        playbook="digest",
        schema=1,
        kind="copwatch",
        neighbourhood=Place("northside"),
        state=State.CLOSED,
    )
    line = StoryLine(
        id="s1", incident=incident.id, at=NOW, name="paged", about=PersonId("gone"), detail="0"
    )

    def keep(desk: Desk) -> None:
        desk.put(incident)
        changes: Changes = desk.changes
        changes.put(line)

    await dispatcher.do(keep)
    story = await perform(dispatcher, "incident.story", {"code": "a7"})
    assert isinstance(story, list)
    assert (story[0]["name"], story[0]["about"]) == ("paged", "somebody without a call sign")


@pytest.mark.parametrize("op", ["status", "playbook.reload"])
async def test_a_stopped_network_has_no_status(dispatcher: Dispatcher, op: str) -> None:
    with pytest.raises(NotNow, match="not running"):
        await perform(dispatcher, op, {})


async def test_a_second_process_is_refused_politely(
    dispatcher: Dispatcher, settings: Settings
) -> None:
    opened: Callable[[Settings], Any] = app.offline
    with pytest.raises(DataLocked, match="already running"):
        async with opened(settings):
            pytest.fail("two have opened one folder")
