"""The command line as people use it: a network in a temporary folder, no bot, nothing faked."""

from __future__ import annotations

import asyncio
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from responder import app as network
from responder import checking, shipped
from responder.checking import Weight
from responder.cli import app
from responder.commands import setup
from responder.config import load
from responder.control import Control
from responder.ports import Channel, Health
from responder.storage.keyfile import KeyFile
from responder.storage.store import DataLock

Call = Callable[..., Result]
LOCKED = "correct horse battery staple"


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "PASSPHRASE", "TELEGRAM_TOKEN"):
        monkeypatch.delenv(f"RESPONDER_{name}", raising=False)


def call(*args: str, input: str | None = None) -> Result:
    return CliRunner().invoke(app, args, input=input)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new network, made once. One playbook will do, and is read sooner."""
    made = tmp_path_factory.mktemp("made") / "network"
    assert call("init", str(made), "--name", 'The "Otter" watch').exit_code == 0
    for path in (made / "playbooks").glob("*.yaml"):
        if path.stem != "copwatch":
            path.unlink()
    return made


@pytest.fixture
def folder(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the new network; its settings file is found through the environment."""
    made = tmp_path / "network"
    shutil.copytree(template, made)
    monkeypatch.setenv("RESPONDER_CONFIG", str(made / "config.toml"))
    return made


def answer(*args: str) -> Any:
    """The JSON of a command that must succeed."""
    result = call(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def a_member(name: str = "Heron", *more: str) -> Any:
    return answer("member", "add", name, "--role", "responder", "-n", "northside", *more)


# --- init ----------------------------------------------------------------------------------------


def test_init_makes_a_network_that_others_cannot_open(tmp_path: Path) -> None:
    folder = tmp_path / "network"
    assert call("init", str(folder)).exit_code == 0
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.iterdir())}
    assert modes["network"] == modes["data"] == 0o700
    assert modes["config.toml"] == modes["network.key"] == 0o600
    shipped_here = {p.name for p in shipped.playbooks_dir().iterdir()}
    assert {"copwatch.yaml", "schema.json"} <= shipped_here
    assert {p.name for p in (folder / "playbooks").iterdir()} == shipped_here


def test_init_writes_settings_that_load_and_explain_themselves(folder: Path) -> None:
    settings = load(folder / "config.toml", {})
    assert settings.network.name == 'The "Otter" watch'
    assert settings.network.playbooks_dir == folder / "playbooks"
    assert "chmod" not in (text := (folder / "config.toml").read_text(encoding="utf-8"))
    assert "# The key file, readable by its owner only" in text


def test_init_tells_what_to_do_next(tmp_path: Path) -> None:
    told = call("init", str(tmp_path / "new")).stdout
    for step in ("member add", "check --online", "responder run", "network.key"):
        assert step in told


@pytest.mark.parametrize("there", ["config.toml", "data", "network.key", "playbooks"])
def test_init_overwrites_nothing(tmp_path: Path, there: str) -> None:
    (tmp_path / there).mkdir()
    result = call("init", str(tmp_path))
    assert result.exit_code == 3
    assert "nothing is overwritten" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == [there]


def test_init_with_a_passphrase_locks_the_key_and_shows_it_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESPONDER_PASSPHRASE", LOCKED)
    result = call("init", str(tmp_path), "--passphrase")
    assert result.exit_code == 0
    assert KeyFile(tmp_path / "network.key").wants_passphrase
    assert LOCKED not in result.output
    monkeypatch.setenv("RESPONDER_CONFIG", str(tmp_path / "config.toml"))
    assert answer("member", "list") == []
    monkeypatch.delenv("RESPONDER_PASSPHRASE")
    assert call("member", "list").exit_code == 3


def test_init_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESPONDER_PASSPHRASE", "short")
    result = call("init", str(tmp_path / "new"), "--passphrase")
    assert result.exit_code == 3
    assert "too short" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_several_lines_is_refused(tmp_path: Path) -> None:
    assert call("init", str(tmp_path), "--name", 'x"\n[telegram]').exit_code == 3
    assert setup.adapted('name = "a"', "b", locked=False) == 'name = "b"'


# --- people and rosters ---------------------------------------------------------------------------


def test_from_a_new_network_to_somebody_on_call(folder: Path) -> None:
    made = a_member("Heron", "--experienced", "--training", "observer:2099-01-01")
    assert made["texts"]["signal"] == f"join {made['code']}"
    assert made["texts"]["telegram"].endswith(f"?start={made['code']}")
    answer("shift", "add", "Heron", "fri", "18:00-22:00")
    answer("shift", "override", "Heron", "--on", "--to", "3h")
    northside = answer("shift", "oncall", "-n", "Northside")[0]
    assert [p["call_sign"] for p in northside["people"]] == ["Heron"]
    assert [m["call_sign"] for m in answer("member", "list")] == ["Heron"]
    assert answer("shift", "list")["shifts"][0]["when"] == "every fri 18:00-22:00"


def test_what_was_set_is_shown_and_can_be_cleared(folder: Path) -> None:
    asked = ("member", "add", "Heron", "--duress-phrase", "-", "--skill", "legal", "--json")
    assert call(*asked, input="CANARY blue heron\n").exit_code == 0
    answer("member", "set", "heron", "--clear", "duress-phrase", "--speaks", "es")
    shown = answer("member", "show", "Heron")
    assert (shown["duress_phrase"], shown["languages"], shown["skills"]) == (
        False,
        ["es"],
        ["legal"],
    )
    assert call("member", "set", "Heron", "--clear", "shoes").exit_code == 2


def test_every_command_for_members_ends_well(folder: Path) -> None:
    a_member("Heron", "--level", "trusted")
    a_member("Wren")
    for line in (
        ("member", "code", "Heron"),
        ("member", "vouch", "Heron", "Wren"),
        ("member", "train", "Wren", "observer:2099-01-01"),
        ("member", "keep-apart", "Heron", "Wren"),
        ("member", "block", "Wren"),
        ("member", "unblock", "Wren"),
        ("member", "list"),
        ("member", "show", "Wren"),
        ("shift", "add", "Wren", "fri 18-22"),
        ("shift", "list"),
        ("shift", "oncall"),
        ("incident", "list"),
        ("playbook", "list"),
        ("member", "remove", "Wren", "--yes"),
    ):
        result = call(*line)
        assert result.exit_code == 0, (line, result.output)
        assert result.stdout.strip(), line


def test_a_table_in_a_pipe_is_not_cut(folder: Path) -> None:
    a_member("Heron of the far and long northern riverside"[:28])
    (row,) = [r for r in call("member", "list").stdout.splitlines() if "Heron" in r]
    assert "Heron of the far and long no" in row
    assert "northside" in row


# --- how things end ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (("member", "show", "Hern"), 2, "Did you mean Heron?"),
        (("member", "add", "Wren", "--role", "respnder"), 2, "Did you mean responder?"),
        (("shift", "add", "Heron", "someday"), 2, "fri 18:00-22:00"),
        (("incident", "show", "Q9"), 2, "incident list"),
        (("member", "remove", "Heron"), 2, "--yes"),
        (("status",), 3, "responder run"),
        (("playbook", "reload"), 3, "responder run"),
        (("run",), 3, "No bot is switched on"),
    ],
)
def test_faults_end_in_a_line_and_a_code(
    folder: Path, line: tuple[str, ...], code: int, says: str
) -> None:
    a_member()
    result = call(*line)
    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_without_settings_the_fault_names_the_file_and_init(tmp_path: Path) -> None:
    result = call("member", "list", "--config", str(tmp_path / "none.toml"))
    assert result.exit_code == 2
    assert "responder init" in result.stderr


def test_while_another_process_has_the_folder_nothing_is_done(folder: Path) -> None:
    with DataLock(folder / "data"):
        result = call("member", "list")
    assert result.exit_code == 3
    assert "already running" in result.stderr


async def test_a_running_network_does_what_the_command_line_asks(folder: Path) -> None:
    settings = load(folder / "config.toml", {})
    async with (
        network.offline(settings) as dispatcher,
        Control(dispatcher, settings.control_socket),
    ):
        made = await asyncio.to_thread(call, "member", "add", "Heron", "--json")
        told = await asyncio.to_thread(call, "status")
        checked = await asyncio.to_thread(call, "check", "--json")
        assert dispatcher.world.by_call_sign("Heron") is not None
    assert (made.exit_code, told.exit_code) == (0, 0)
    assert "people" in {f["part"] for f in json.loads(checked.stdout)["findings"]}


# --- check ---------------------------------------------------------------------------------------


def findings(*more: str) -> tuple[int, dict[str, str]]:
    result = call("check", "--json", *more)
    found = json.loads(result.stdout)["findings"]
    return result.exit_code, {f["text"]: f["weight"] for f in found}


def with_signal(folder: Path) -> None:
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('#number = "', 'number = "'), encoding="utf-8")


def test_a_network_without_a_bot_cannot_run(folder: Path) -> None:
    code, found = findings()
    assert code == 1
    assert [w for text, w in found.items() if "No bot is switched on" in text] == ["fault"]


def test_what_people_lack_is_told_and_fails_a_strict_check_alone(folder: Path) -> None:
    with_signal(folder)
    a_member()
    code, found = findings()
    told = "\n".join(found)
    assert code == 0
    assert "No page reaches Heron" in told
    assert "copwatch asks for the training observer, and no responder has it" in told
    assert "No team could form for any playbook until a page reaches two" in told
    assert "no sound team could form" not in told
    assert findings("--strict")[0] == 1


def test_whatever_others_could_open_is_named(folder: Path) -> None:
    with_signal(folder)
    (folder / "network.key").chmod(0o644)
    (folder / "data").chmod(0o755)
    code, found = findings()
    faults = "\n".join(text for text, weight in found.items() if weight == "fault")
    assert code == 1
    assert "chmod 600" in faults
    assert "chmod 700" in faults


def test_faults_of_settings_are_told_all_at_once_without_their_values(folder: Path) -> None:
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8").replace('key = "file"', 'key = "CANARY"')
    config.write_text(text.replace("pages_a_night = 3", 'pages_a_night = "CANARY"'))
    result = call("check")
    assert result.exit_code == 1
    assert "2 faults" in result.stderr
    assert "CANARY" not in result.output


def test_a_faulty_playbook_fails_the_check(folder: Path) -> None:
    (folder / "playbooks" / "broken.yaml").write_text("schema: 1\nschema: 1\n")
    code, found = findings()
    assert code == 1
    assert any("broken.yaml:2:1" in text for text in found)


class FakeBot:
    """A bot of which only its health is asked."""

    name = "signal"

    def __init__(self, health: Health | None) -> None:
        self.said = health
        self.steps: list[str] = []

    async def start(self) -> None:
        self.steps.append("start")

    async def health(self) -> Health:
        if self.said is None:
            await asyncio.Event().wait()
        assert self.said is not None
        return self.said

    async def close(self) -> None:
        self.steps.append("close")


@pytest.mark.parametrize(
    ("health", "weight"),
    [
        (Health(ok=True, detail="fine"), Weight.GOOD),
        (Health(ok=False, detail="no such number"), Weight.FAULT),
        (None, Weight.FAULT),
    ],
)
async def test_each_bot_is_asked_and_closed(health: Health | None, weight: Weight) -> None:
    bot = FakeBot(health)
    bots: dict[str, Channel] = {"signal": bot}  # type: ignore[dict-item]
    (found,) = await checking.online(bots, timedelta(milliseconds=20))
    assert found.weight is weight
    assert bot.steps == ["start", "close"]


# --- playbooks -----------------------------------------------------------------------------------


def test_the_shipped_playbooks_are_checked_without_any_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("playbook", "check")
    assert result.exit_code == 0
    assert "copwatch" in result.stdout


def test_every_fault_is_named_by_file_line_and_column(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: 1\ntitel: x\n", encoding="utf-8")
    result = call("playbook", "check", str(bad), str(tmp_path / "none.yaml"))
    assert result.exit_code == 1
    assert f"{bad}:2:1: " in result.stdout
    assert "did you mean `title`" in result.stdout
    assert "none.yaml:1:1: this file cannot be read" in result.stdout


def test_an_empty_folder_holds_no_playbook(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = call("playbook", "check", str(tmp_path / "empty"), "--json")
    assert result.exit_code == 1
    assert "holds no playbook" in json.loads(result.stdout)["faults"][0]["what"]


# --- the door ------------------------------------------------------------------------------------


def commands(group: typer.Typer, *above: str) -> list[tuple[str, ...]]:
    """Every command and group, as it is typed."""
    found: list[tuple[str, ...]] = [above]
    found += [(*above, c.name or "") for c in group.registered_commands]
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        found += commands(inner.typer_instance, *above, inner.name or "")
    return found


@pytest.mark.parametrize("line", commands(app), ids=" ".join)
def test_every_command_says_what_it_does(line: tuple[str, ...]) -> None:
    result = call(*line, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize("line", [["--help"], ["member", "--help"], ["version"]])
def test_help_loads_nothing_of_the_network(line: list[str]) -> None:
    """pydantic comes with typer itself, for everything but the outermost help."""
    slow = ["msgspec", "rich", "aiogram", "signalbot", "cryptography", "responder.core"]
    if line == ["--help"]:
        slow.append("pydantic")
    code = (
        "import sys\nfrom responder.cli import app\n"
        f"try:\n    app({line!r})\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {slow!r} if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == "[]", run.stderr


def test_the_version_is_printed() -> None:
    assert call("version").stdout.strip()


# --- phones ---------------------------------------------------------------------------------------


def with_a_pager(folder: Path) -> None:
    config = folder / "config.toml"
    settings = config.read_text()
    assert "[pager]\n" in settings
    config.write_text(
        settings.replace("[pager]\n", '[pager]\nurl = "https://pager.example/here/"\n')
    )


def test_the_pager_is_built_for_any_host_and_stays_the_same(folder: Path) -> None:
    """Its keys are made once: whoever registered goes on trusting the next build."""
    with_a_pager(folder)
    result = call("pager", "build", str(folder / "site"))
    assert result.exit_code == 0 and "https://pager.example/here" in result.stdout
    facts = json.loads((folder / "site" / "network.json").read_text())
    assert facts["name"] == 'The "Otter" watch' and facts["sign_public"]
    assert (folder / "site" / "index.html").exists() and (folder / "site" / "sw.js").exists()
    again = call("pager", "build", str(folder / "again"))
    assert again.exit_code == 0
    assert json.loads((folder / "again" / "network.json").read_text()) == facts


def test_without_an_address_no_pager_is_built(folder: Path) -> None:
    result = call("pager", "build", str(folder / "site"))
    assert result.exit_code == 3 and "pager.url" in result.stderr
    assert not (folder / "site").exists()


def test_phones_are_listed_confirmed_and_taken_away_by_number(folder: Path) -> None:
    a_member("Heron")
    assert answer("member", "devices", "Heron") == {"call_sign": "Heron", "devices": []}
    assert "no phone" in call("member", "devices", "Heron").stdout
    for what in ("--remove", "--confirm"):
        result = call("member", "devices", "Heron", what, "1")
        assert result.exit_code == 2 and "Heron has no phone 1" in result.stderr
    both = call("member", "devices", "Heron", "--remove", "1", "--confirm", "1")
    assert both.exit_code == 2
