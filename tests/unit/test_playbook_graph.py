"""The path of an incident by a playbook, as stations and as a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from responder.cli import app
from responder.core.model import Level
from responder.core.playbook import Aside, Station, Trust, draw, stations
from responder.playbook_files import shelf
from tests.unit.test_playbook import lost_dog

SHIPPED = sorted((Path(__file__).parents[2] / "playbooks").glob("*.yaml"))
SVG = "{http://www.w3.org/2000/svg}"


def words(path: tuple[Station, ...]) -> str:
    return "\n".join(
        line
        for one in path
        for line in (one.title, *one.lines, *((one.aside.line,) if one.aside else ()))
    )


def test_the_path_tells_the_numbers_that_the_network_goes_by() -> None:
    told = words(stations(lost_dog(), "en"))
    for number in ("90 s", "1 h 30 min", "2 h after the last wave", "3 go, never fewer than 2"):
        assert number in told
    for number in ("life every 30 min", "2 independent reports within 10 min", "after 1 week"):
        assert number in told


def test_what_a_playbook_does_without_has_no_line() -> None:
    bare = {"intake": (), "trust": Trust(pages_at=Level.TRUSTED)}
    told = words(stations(lost_dog().model_copy(update=bare), "en"))
    assert "questions, all" not in told
    assert "independent reports" not in told
    assert "Somebody trusted: at once" in told


def test_spanish_is_spanish_down_to_the_units() -> None:
    told = words(stations(lost_dog(), "es"))
    assert "semana" in told
    assert "day" not in told and "week" not in told


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_word_stands_inside_the_sheet(path: Path, language: str) -> None:
    (playbook,) = shelf.files([path]).found.values()
    picture = ElementTree.fromstring(draw("x", stations(playbook, language)))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for text in picture.iter(f"{SVG}text"):
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        # 8.6 px is the widest that a letter of the style is on average.
        assert x + 8.6 * len(text.text or "") <= width, text.text
        assert 0 < y < height


def test_a_picture_holds_words_as_words_and_loads_nothing() -> None:
    bad = "</text><script>alert(1)</script> & 'x' \"y\""
    text = draw(bad, [Station(bad, (bad,), Aside(bad, bad))])
    picture = ElementTree.fromstring(text)
    assert not list(picture.iter(f"{SVG}script"))
    assert "href" not in text and "url(" not in text
    assert picture.findtext(f"{SVG}title") == bad


def test_the_command_writes_the_picture_beside_the_playbook(tmp_path: Path) -> None:
    file = tmp_path / "copwatch.yaml"
    file.write_bytes(SHIPPED[0].read_bytes())
    result = CliRunner().invoke(app, ["playbook", "graph", str(file), "--language", "es"])
    assert result.exit_code == 0, result.output
    assert "¿Lo creemos?" in (tmp_path / "copwatch-es.svg").read_text(encoding="utf-8")
    refused = CliRunner().invoke(app, ["playbook", "graph", str(file), "--language", "fr"])
    assert refused.exit_code == 2


def test_a_playbook_of_the_network_goes_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("check", "show", "graph"):
        result = CliRunner().invoke(app, ["playbook", command, "copwatch"])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "copwatch-en.svg").exists(), "drawn here, not among the playbooks"


@pytest.mark.parametrize("command", ["check", "show", "graph"])
def test_what_is_neither_a_file_nor_an_id_is_told_with_the_nearest(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["playbook", command, "copwach"])
    assert result.exit_code == 2
    assert "Did you mean copwatch?" in result.stderr


def test_a_folder_is_no_playbook_to_show(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["playbook", "show", str(tmp_path)])
    assert (result.exit_code, "is a folder" in result.stderr) == (2, True)


def test_a_file_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    to = str(tmp_path / "no-such-folder" / "picture.svg")
    result = CliRunner().invoke(app, ["playbook", "graph", str(SHIPPED[0]), "--to", to])
    assert result.exit_code == 2
    assert f"{to} cannot be written: No such file or directory. Name a file in" in result.stderr


def test_a_number_stays_on_one_line_with_what_it_counts() -> None:
    line = "As many people as it usually takes; they wait 30 min"
    drawn = draw("A title", [Station("Wave", (line,))])
    assert ">30\N{NO-BREAK SPACE}min<" in drawn
