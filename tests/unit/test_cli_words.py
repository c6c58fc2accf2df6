"""What the command line says and asks: status in plain words, sentences that stay whole, questions
before what cannot be taken back."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from responder import app as network
from responder.commands import common
from responder.commands.status import lines
from responder.config import load
from responder.storage.keyfile import KeyFile
from tests.unit.test_cli import LOCKED, call, folder, template

__all__ = ["folder", "template"]

NOW = datetime(2026, 3, 1, 23, 40, tzinfo=UTC)
WELL = {"well": True, "since": "2026-03-01T20:10:00+00:00", "detail": "it answers"}


def told(**more: Any) -> str:
    """What `responder status` says of this answer."""
    answer: dict[str, Any] = {
        "members": 12,
        "incidents": {"held": 1, "out": 2, "closed": 7},
        "next_deadline": None,
        "set_aside": 0,
        "stuck": 0,
        "counts": {"taken_in": 5, "sent": 40},
        "playbooks": ["copwatch"],
        "channels": ["signal", "telegram"],
        "waiting": {},
        "oldest": {},
        "last_backup": "2026-02-28T23:40:00+00:00",
        "watch": {
            "content": True,
            "running_since": "2026-02-26T20:40:00+00:00",
            "channels": {"signal": WELL},
            "worries": [],
        },
    }
    watch = answer["watch"] | more.pop("watch", {})
    return "\n".join(lines(answer | more | {"watch": watch}, NOW))


# --- status --------------------------------------------------------------------------------------


def test_status_says_first_that_all_is_well_and_since_when() -> None:
    said = told()
    assert said.startswith("All is well. Running since 2026-02-26 20:40 UTC (3 d 3 h).")
    assert "Open incidents: 1 held, 2 out." in said
    assert "Channel signal: well for 3 h 30 min." in said
    assert "Channel telegram: not asked yet." in said
    assert "Last backup: 2026-02-28 23:40 UTC (1 d 0 h ago)." in said


def test_status_says_what_is_wrong_and_what_to_do() -> None:
    worry = {
        "sort": "nobody-asked",
        "what": "a team is sought and nobody has been asked to come",
        "next": "responder incident widen K7",
        "code": "K7",
        "since": "2026-03-01T23:36:00+00:00",
    }
    ill = {"well": False, "since": "2026-03-01T23:30:00+00:00", "detail": "it does not answer"}
    said = told(watch={"content": False, "worries": [worry], "channels": {"signal": ill}})
    assert said.startswith("Something is wrong.")
    assert "incident K7: a team is sought and nobody has been asked to come, for 4 min." in said
    assert "What to do: responder incident widen K7" in said
    assert "Channel signal: does not work for 10 min: it does not answer." in said


def test_status_says_what_waits_and_what_was_put_aside() -> None:
    oldest = {"page": "2026-03-01T23:38:00+00:00", "news": "2026-03-01T23:39:00+00:00"}
    said = told(waiting={"page": 2, "news": 1}, oldest=oldest, set_aside=3, stuck=1)
    assert "Waiting to leave: 3, the oldest for 2 min (2 page, 1 news)." in said
    assert "Put aside: 3" in said and "responder aside list" in said
    assert "cannot be worked off: 1" in said


def test_status_says_that_no_backup_was_made() -> None:
    assert "responder backup FILE" in told(last_backup=None)


def locked_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stopped network whose key has a passphrase."""
    monkeypatch.setenv("RESPONDER_PASSPHRASE", LOCKED)
    made = tmp_path / "network"
    assert call("init", str(made), "--passphrase").exit_code == 0
    monkeypatch.setenv("RESPONDER_CONFIG", str(made / "config.toml"))
    return made


# --- locking -------------------------------------------------------------------------------------


def test_a_stopped_network_that_is_locked_says_that_nobody_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked_network(tmp_path, monkeypatch)
    result = call("lock", "--yes")
    assert result.exit_code == 0
    assert "nobody has been told" in result.stdout and "people are told" not in result.stdout


@pytest.mark.parametrize("line", [("status",), ("member", "list"), ("run",)])
def test_a_locked_network_says_so_with_a_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...]
) -> None:
    made = locked_network(tmp_path, monkeypatch)
    network.mark_locked(load(made / "config.toml", {}))
    monkeypatch.setenv("RESPONDER_TELEGRAM_TOKEN", "123:abc")
    result = call(*line)
    assert result.exit_code == common.LOCKED
    assert "The network is locked" in result.stderr and "not running" not in result.stderr


def test_systemd_does_not_start_a_locked_network_again() -> None:
    unit = (Path(network.__file__).parents[1] / "docs" / "responder.service").read_text()
    assert f"RestartPreventExitStatus={common.LOCKED}" in unit.splitlines()
    assert "Type=notify" in unit.splitlines()


@pytest.mark.parametrize("line", [("lock",), ("key", "rotate"), ("member", "remove", "Heron")])
def test_nothing_that_cannot_be_taken_back_happens_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...]
) -> None:
    made = locked_network(tmp_path, monkeypatch)
    before = (made / "network.key").read_bytes()
    result = call(*line)
    assert result.exit_code == 2 and "--yes" in result.stderr
    assert (made / "network.key").read_bytes() == before
    assert not (made / "data" / network.LOCKED_FILE).exists()
    assert KeyFile(made / "network.key").wants_passphrase


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--duress-phrase", "--emergency-contact"])
@pytest.mark.parametrize("line", [("add", "Heron"), ("set", "Heron")])
def test_what_must_stay_secret_is_refused_on_the_command_line(
    folder: Path, option: str, line: tuple[str, ...]
) -> None:
    call("member", "add", "Heron")
    result = call("member", *line, option, "CANARY")
    assert result.exit_code == 2
    assert f"{option} -" in result.stderr and "CANARY" not in result.output


def test_what_must_stay_secret_is_asked_for(folder: Path) -> None:
    result = call("member", "add", "Heron", "--duress-phrase", "-", input="purple teapot\n")
    assert result.exit_code == 0 and "purple" not in result.output
    shown = json.loads(call("member", "show", "Heron", "--json").stdout)
    assert shown["duress_phrase"]


# --- the demo ------------------------------------------------------------------------------------


def test_the_demo_refuses_a_language_that_it_does_not_speak() -> None:
    result = call("demo", "--language", "fr")
    assert result.exit_code == 2 and "en or es" in result.stderr and result.stdout == ""


# --- the start -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "not_needed"),
    [
        (["--help"], ["asyncio", "pydantic", "msgspec", "responder.config", "rich"]),
        (
            ["status"],
            ["responder.core.desk", "responder.storage.store", "aiosqlite", "aiohttp", "rich"],
        ),
    ],
)
def test_only_what_a_command_needs_is_imported(
    folder: Path, line: list[str], not_needed: list[str]
) -> None:
    code = (
        f"import sys; sys.argv = ['responder', *{line!r}]\n"
        "from responder.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('imported', [m for m in {not_needed!r} if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.splitlines()[-1:] == ["imported []"], run.stderr


# --- narrow terminals ----------------------------------------------------------------------------


def at_a_terminal(code: str, columns: int) -> str:
    """What this code shows on a terminal of that width."""
    ours, theirs = pty.openpty()
    env = os.environ | {"COLUMNS": str(columns)}
    subprocess.run([sys.executable, "-c", code], stdout=theirs, check=True, env=env)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    return shown.replace("\r\n", "\n")


def test_a_sentence_is_broken_between_words_and_keeps_its_place() -> None:
    sentence = "  - word " + "neighbourhoods " * 12
    code = f"from responder.commands import common; common.say({sentence!r})"
    shown = at_a_terminal(code, 60).splitlines()
    assert len(shown) > 3 and max(map(len, shown)) <= 60
    assert {word for line in shown for word in line.split()} == {"-", "word", "neighbourhoods"}
    assert all(line.startswith("    ") for line in shown[1:])


def test_a_path_or_a_command_is_never_broken() -> None:
    path = "/" + "long-name/" * 12
    code = f"from responder.commands import common; common.say('It stands in {path} now.')"
    assert path in at_a_terminal(code, 60)


def test_a_pipe_gets_each_line_whole(capsys: pytest.CaptureFixture[str]) -> None:
    common.say("word " * 60)
    assert isinstance(sys.stdout, io.TextIOBase) and capsys.readouterr().out.count("\n") == 1


def test_an_open_shift_for_which_nobody_can_be_asked_says_why(folder: Path) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    result = call("shift", "open", f"{soon:%Y-%m-%d} 18:00-22:00", "-n", "northside")
    assert "Nobody could be asked" in result.output and "responder reach" in result.output


@pytest.mark.parametrize(("number", "said"), [(0, "0 people"), (1, "1 person"), (2, "2 people")])
def test_a_number_is_followed_by_the_word_that_fits_it(number: int, said: str) -> None:
    assert common.counted(number, "person", "people") == said
