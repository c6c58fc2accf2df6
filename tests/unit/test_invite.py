"""Inviting a member: links and QR codes, a code that is said once, and a file for one reader."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
import segno
from typer.testing import Result

from responder.handouts import inviting
from tests.unit.test_cli import a_member, answer, call, folder, no_surroundings, template

__all__ = ["folder", "no_surroundings", "template"]

NUMBER = "+15550100"


def set_up(folder: Path, *, telegram: bool = True, signal: bool = True) -> None:
    path = folder / "config.toml"
    text = path.read_text()
    if telegram:
        text = text.replace("[telegram]", '[telegram]\nbot_name = "otter_watch_bot"', 1)
    if signal:
        text = text.replace("[signal]", f'[signal]\nnumber = "{NUMBER}"', 1)
    path.write_text(text)


def invited(*args: str) -> Result:
    result = call("invite", *args)
    assert result.exit_code == 0, result.output
    return result


def test_an_invitation_says_both_ways_in_and_how_long_they_last(folder: Path) -> None:
    set_up(folder)
    a_member()
    said = invited("Heron").stdout
    code = said.split("?start=")[1].split()[0]
    assert f"join {code}" in said
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", code), "Telegram takes no other start value"
    assert f"https://signal.me/#p/{NUMBER}" in said
    assert "once, until" in said
    assert "in person" in said


@pytest.mark.parametrize("channel", ["telegram", "signal"])
def test_the_code_stands_last_and_whole_on_a_small_screen(folder: Path, channel: str) -> None:
    set_up(folder)
    a_member()
    said = invited("Heron", "--channel", channel).stdout.splitlines()
    code = [line for line in said if len(line) > 30 and set(line) <= set(" █▀▄")]
    assert said[-len(code) :] == code and 15 < len(code) < 24


def test_each_invitation_has_a_code_of_its_own(folder: Path) -> None:
    set_up(folder, signal=False)
    a_member()
    first, second = invited("Heron").stdout, invited("--for", "Heron").stdout
    assert first.split("?start=")[1].split()[0] not in second
    assert answer("member", "show", "Heron")["open_codes"] == 3, "the one of `member add` too"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_picture_is_for_its_owner_alone_and_the_screen_shows_no_code(
    folder: Path, tmp_path: Path, ending: str
) -> None:
    set_up(folder)
    a_member()
    file = tmp_path / f"way-in.{ending}"
    said = invited("Heron", "--channel", "telegram", "--out", str(file)).stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<?xml")
    assert "start=" not in said and "join " not in said


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["Nobody"], "call sign"),
        ([], "Name one member"),
        (["Heron", "--channel", "pigeon"], "no channel"),
        (["Heron", "--out", "way.pdf"], ".svg or .png"),
        (["Heron", "--out", "way.svg"], "--channel telegram"),
    ],
)
def test_what_cannot_be_is_said_and_makes_no_code(
    folder: Path, args: list[str], fault: str
) -> None:
    set_up(folder)
    a_member()
    refused = call("invite", *args)
    assert refused.exit_code == 2
    assert fault in refused.stderr
    assert answer("member", "show", "Heron")["open_codes"] == 1


def test_without_any_channel_the_settings_are_named(folder: Path) -> None:
    a_member()
    assert "telegram.bot_name or signal.number" in call("invite", "Heron").stderr


def test_no_file_is_written_over(folder: Path, tmp_path: Path) -> None:
    set_up(folder)
    a_member()
    file = tmp_path / "way-in.svg"
    file.write_text("mine")
    refused = call("invite", "Heron", "--channel", "telegram", "--out", str(file))
    assert refused.exit_code == 2
    assert file.read_text() == "mine"


def test_half_blocks_hold_the_same_dots_as_the_code() -> None:
    link = inviting.telegram("otter_watch_bot", "abcdefghijkl").link
    rows = inviting.modules(link)
    dots = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    lines = [line.split("m", 1)[1].split("\x1b")[0] for line in inviting.half_blocks(link)]
    read = [[bool(dots[sign][half]) for sign in line] for line in lines for half in (0, 1)]
    assert read[: len(rows)] == [list(row) for row in rows]


def test_every_line_of_the_code_brings_its_own_black_and_white() -> None:
    for line in inviting.half_blocks("https://t.me/otter_watch_bot"):
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        assert line.endswith("\x1b[0m")


def test_a_quiet_zone_surrounds_the_code() -> None:
    link = "https://t.me/otter_watch_bot"
    rows, bare = inviting.modules(link), segno.make(link, error="m", micro=False)
    assert len(rows) == bare.symbol_size(border=0)[0] + 2 * inviting.QUIET
    assert not any(any(row) for row in rows[: inviting.QUIET])
