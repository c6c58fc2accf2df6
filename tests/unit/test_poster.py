"""The printed page: all on one sheet, in the words of its language, readable without colour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from responder import shipped
from responder.core.phrases import LANGUAGES, say
from responder.errors import ResponderError
from responder.handouts import inviting, poster
from responder.handouts.poster import Box, Code, Sheet, Text, Words
from tests.builders import a_playbook
from tests.unit.test_cli import call, folder, no_surroundings, template
from tests.unit.test_invite import set_up

__all__ = ["folder", "no_surroundings", "template"]

WAYS = (inviting.signal("+15550100"), inviting.telegram("otter_watch_bot"))


def words(language: str = "en", **changes: Any) -> Words:
    rights = tuple(a_playbook().rights.in_(language))
    plain = Words(language, "Otter Watch", "Northside", rights, "In danger: call 911.", "/forget")
    return plain._replace(**changes)


def told(sheet: Sheet) -> str:
    """All words of the sheet, as they are read from top to bottom."""
    return " ".join(item.words for item in sheet.items if isinstance(item, Text))


@pytest.mark.parametrize("paper", poster.PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_stands_on_the_page(language: str, paper: str) -> None:
    said = words(language)
    text = told(poster.page(said, WAYS, paper))
    for part in (*said.rights, said.emergency, "Otter Watch, Northside", "+15550100"):
        assert part in text.replace(" - ", " ")
    for key in ("title", "how.1", "how.2", "how.3", "then", "rights"):
        assert say(language, f"poster.{key}") in text


@pytest.mark.parametrize("ways", [WAYS, WAYS[:1], WAYS[1:]])
@pytest.mark.parametrize("rights", [1, 6, 14])
def test_nothing_lies_beyond_the_margins(rights: int, ways: tuple[inviting.Way, ...]) -> None:
    sheet = poster.page(words(rights=("You may walk away, and say so calmly.",) * rights), ways)
    for item in sheet.items:
        foot = item.y if isinstance(item, Text) else item.y + getattr(item, "height", 0)
        assert poster.MARGIN - 1 <= item.x <= sheet.width - poster.MARGIN
        assert poster.MARGIN - 1 <= foot <= sheet.height - poster.MARGIN + 1


def test_longer_rights_are_written_smaller_before_they_are_refused() -> None:
    line = "You can calmly ask whether you are free to leave, and then walk away slowly."

    def size(count: int) -> float:
        page = poster.page(words(rights=(line,) * count), WAYS)
        return next(i.size for i in page.items if isinstance(i, Text) and "calmly" in i.words)

    assert size(2) > size(10) >= 10
    with pytest.raises(ResponderError, match="too long for one page"):
        size(40)


def test_a_long_name_of_a_bot_stays_in_one_line_beside_its_code() -> None:
    name = "a_bot_whose_name_is_as_long_as_it"
    sheet = poster.page(words(), (WAYS[0], inviting.telegram(name)))
    assert [i.words for i in sheet.items if isinstance(i, Text) and name in i.words] == [f"@{name}"]


def test_the_codes_open_the_bot_and_the_number() -> None:
    codes = [item.link for item in poster.page(words(), WAYS).items if isinstance(item, Code)]
    assert codes == ["https://signal.me/#p/+15550100", "https://t.me/otter_watch_bot"]


def test_the_picture_is_sound_and_black_on_white() -> None:
    sheet = poster.page(words(emergency="<Danger> & fear: call 911."), WAYS)
    drawn = poster.svg(sheet)
    read = ElementTree.fromstring(drawn)
    assert "<Danger> & fear: call 911." in " ".join(read.itertext())
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", drawn)) == {"#fff", "#000"}
    assert any(isinstance(item, Box) for item in sheet.items)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_print_is_one_page_of_that_paper(language: str) -> None:
    made = poster.pdf(poster.page(words(language), WAYS, "letter"))
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 612" in made


def test_letters_that_the_print_lacks_are_named_with_what_to_do() -> None:
    sheet = poster.page(words(place="Łódź"), WAYS)
    with pytest.raises(ResponderError, match=r"'Ł'.*\.svg"):
        poster.pdf(sheet)
    assert "Łódź" in poster.svg(sheet)


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_the_command_makes_a_page_for_a_neighbourhood(
    folder: Path, tmp_path: Path, ending: str
) -> None:
    set_up(folder)
    file = tmp_path / f"page.{ending}"
    line = ("poster", "Northside", "--language", "es", "--playbook", "copwatch")
    made = call(*line, "--out", str(file))
    assert made.exit_code == 0, made.output
    assert "Intervención policial" in made.stdout
    assert file.stat().st_size > 1000


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["nowhere"], "no neighbourhood"),
        (["northside", "--language", "fr"], "en or es"),
        (["northside", "--paper", "a5"], "a4 or letter"),
        (["northside", "--out", "page.png"], ".svg or .pdf"),
        (["northside", "--playbook", "parade"], "no playbook"),
    ],
)
def test_what_cannot_be_printed_is_said(folder: Path, args: list[str], fault: str) -> None:
    set_up(folder)
    refused = call("poster", *args)
    assert refused.exit_code == 2
    assert fault in refused.stderr


def test_without_a_neighbourhood_each_gets_a_page(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(folder)
    monkeypatch.setenv("RESPONDER_CONFIG", str((folder / "config.toml").resolve()))
    monkeypatch.chdir(tmp_path)
    made = call("poster", "--playbook", "copwatch")
    assert made.exit_code == 0, made.output
    assert {path.name for path in tmp_path.glob("*.pdf")} == {
        "poster-northside-en.pdf",
        "poster-riverside-en.pdf",
    }
    refused = call("poster", "--playbook", "copwatch", "--out", "one.pdf")
    assert refused.exit_code == 2 and "One file holds one page" in refused.stderr


def test_whose_rights_are_printed_is_the_coordinators_choice(folder: Path) -> None:
    set_up(folder)
    (folder / "playbooks" / "hate-incident.yaml").write_bytes(
        (shipped.playbooks_dir() / "hate-incident.yaml").read_bytes()
    )
    refused = call("poster", "northside")
    assert refused.exit_code == 2
    assert "copwatch" in refused.stderr and "hate-incident" in refused.stderr
