"""What is allowed in a playbook and still likely to go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from responder.cli import app
from responder.core.playbook import warnings
from responder.core.playbooks.doubts import chance_of, syllables
from responder.playbook_files import shelf
from tests.unit.test_playbook import GOOD

SHIPPED = sorted((Path(__file__).parents[2] / "playbooks").glob("*.yaml"))
DIFICIL = (
    "Con independencia de las circunstancias organizativas correspondientes, quienes participen"
    " deberán documentar exhaustivamente las irregularidades procedimentales observadas, evitando"
    " comprometer simultáneamente la confidencialidad de las comunicaciones interinstitucionales"
    " que nuestra organización comunitaria mantiene con sus colaboradores habituales."
)
HARD = (
    "Subsequent to notification of participants concerning the aforementioned eventuality, "
    "coordinating personnel will endeavour to facilitate expeditious communication among "
    "individuals experiencing difficulties of comprehension notwithstanding considerable "
    "organisational complications and administrative responsibilities."
)


def warned(text: str) -> list[str]:
    return [f"{one.line}: {one.what}; {one.meant}" for one in warnings(text, "lost-dog.yaml")]


def line_of(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_comes_along_gives_no_cause_for_doubt(path: Path) -> None:
    assert shelf.files([path], warn=True).warnings == ()


def test_a_first_wave_that_is_too_small_is_told_with_its_chance() -> None:
    text = GOOD.replace("how_many: 4", "how_many: 3")
    (told,) = warned(text)
    assert told.startswith(
        f"{line_of(text, '  - { whom: neighbourhood')}: of 3 people asked, 2 say"
    )
    assert "22%" in told


def test_a_long_time_without_a_sign_of_life_is_told_where_it_is_urgent() -> None:
    text = GOOD.replace("urgency: low", "urgency: high").replace("every: 30 min", "every: 45 min")
    assert any("in trouble for 45 minutes" in told for told in warned(text))
    assert not any("trouble" in told for told in warned(GOOD))


def test_hard_words_are_told_in_the_language_in_which_they_stand() -> None:
    text = GOOD.replace("en: Walk slowly.", f'en: "{HARD}"')
    (told,) = (one for one in warned(text) if "year of school" in one)
    assert told.startswith(f"{line_of(text, '  text: { en:')}:")


def test_hard_words_are_told_in_spanish_too() -> None:
    text = GOOD.replace("es: Camina despacio.", f'es: "{DIFICIL}"')
    assert any("this is hard to read" in told for told in warned(text))
    easy = GOOD.replace("es: Camina despacio.", f'es: "{"Camina despacio y mira bien. " * 9}"')
    assert not any("hard to read" in told for told in warned(easy))


@pytest.mark.parametrize(
    ("words", "long"),
    [
        ("en: Walk slowly.", f'en: "{"Walk slowly now. " * 70}"'),
        ("es: Camina despacio.", f'es: "{"Camina despacio ya. " * 60}"'),
    ],
)
def test_more_than_one_screen_is_told(words: str, long: str) -> None:
    text = GOOD.replace(words, long)
    assert any("more than a phone shows at once" in told for told in warned(text))


@pytest.mark.parametrize(
    ("needed", "asked", "acceptance", "chance"),
    [(2, 22, 0.17, 0.9), (2, 12, 0.3, 0.9), (2, 7, 0.47, 0.9), (2, 1, 0.9, 0.0), (1, 1, 0.5, 0.5)],
)
def test_chances_are_those_of_practice(
    needed: int, asked: int, acceptance: float, chance: float
) -> None:
    assert chance_of(needed, asked, acceptance) == pytest.approx(chance, abs=0.02)


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [("people", "en", 2), ("walked", "en", 2), ("see", "en", 1), ("responsibility", "en", 6),
     ("hola", "es", 2), ("policía", "es", 4), ("quien", "es", 1), ("responsabilidad", "es", 6)],
)  # fmt: skip
def test_syllables_are_about_right(word: str, language: str, count: int) -> None:
    assert abs(syllables(word, language) - count) <= 1


def test_the_check_tells_doubts_and_ends_well(tmp_path: Path) -> None:
    file = tmp_path / "lost-dog.yaml"
    file.write_text(GOOD.replace("how_many: 4", "how_many: 2"), encoding="utf-8")
    result = CliRunner().invoke(app, ["playbook", "check", str(file)])
    assert result.exit_code == 0, result.output
    assert "warning: of 2 people asked" in result.output
    assert "No faults in lost-dog." in result.output
