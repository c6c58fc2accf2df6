"""The tables of words hold together: whoever adds a phrase to one language is told of the other."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
from collections.abc import Iterator

import pytest

from responder.core import phrases
from responder.core.phrases import LANGUAGES, TABLES, en_cards, es_cards, say


def every_room() -> dict[str, dict[str, dict[str, str]]]:
    """The tables by room and language, as they lie in the folder: `en_cards`, `es_cards`, ..."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for module in pkgutil.iter_modules(phrases.__path__):
        language, _, room = module.name.partition("_")
        table = importlib.import_module(f"{phrases.__name__}.{module.name}").PHRASES
        found.setdefault(room, {})[language] = table
    return found


ROOMS = every_room()
LONGEST = 1500
LONGEST_LABEL = 24
LONGEST_NOTICE = 90


def every_phrase() -> Iterator[tuple[str, str, str]]:
    """Language, key and words of every phrase there is."""
    for language, table in TABLES.items():
        for key, words in table.items():
            yield language, key, words


def placeholders(words: str) -> set[str]:
    """The names in braces; a format specification or an attribute would be somebody's mistake."""
    fields = [f for f in string.Formatter().parse(words) if f[1] is not None]
    assert all(name and name.isidentifier() and not spec for _, name, spec, _ in fields), words
    return {name for _, name, _, _ in fields if name}


@pytest.mark.parametrize("room", ROOMS)
def test_every_language_has_the_same_phrases(room: str) -> None:
    tables = ROOMS[room]
    assert set(tables) == set(LANGUAGES)
    for language, table in tables.items():
        missing = set(tables["en"]) ^ set(table)
        assert not missing, f"{language} and English differ in {sorted(missing)}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_language_fills_in_the_same_things(room: str) -> None:
    tables = ROOMS[room]
    for key, words in tables["en"].items():
        for language, table in tables.items():
            assert placeholders(words) == placeholders(table[key]), f"{language}: {key}"


def test_every_room_is_there_and_none_takes_a_phrase_from_another() -> None:
    for language in LANGUAGES:
        keys = [key for room in ROOMS.values() for key in room[language]]
        assert len(keys) == len(set(keys))
        assert set(keys) == set(TABLES[language])


def test_every_phrase_says_something_and_not_too_much() -> None:
    for language, key, words in every_phrase():
        assert words.strip(), f"{language}: {key} is empty"
        assert words == words.strip(), f"{language}: {key} has blanks at an end"
        assert len(words) <= LONGEST, f"{language}: {key} is too long to be read in a hurry"
        assert "  " not in words, f"{language}: {key} has a double blank"


def test_labels_fit_a_button_on_a_small_phone() -> None:
    for language in LANGUAGES:
        for key, words in ROOMS["cards"][language].items():
            if key.startswith("card.button."):
                assert len(words) <= LONGEST_LABEL, f"{language}: {key}"


def test_notices_are_one_short_line_with_nothing_to_fill_in() -> None:
    for language in LANGUAGES:
        for key, words in ROOMS["cards"][language].items():
            if key.startswith("card.notice."):
                assert not placeholders(words), f"{language}: {key}"
                assert len(words) <= LONGEST_NOTICE, f"{language}: {key}"
                assert "\n" not in words, f"{language}: {key}"


def test_cards_are_calm_and_nothing_of_them_stays_untranslated() -> None:
    same = {"card.page.head", "card.board.mate"}
    for key, words in en_cards.PHRASES.items():
        spanish = es_cards.PHRASES[key]
        assert "!" not in words + spanish, f"{key} shouts"
        assert key in same or words != spanish, f"{key} is not translated"


def test_spanish_says_tu() -> None:
    for key, words in es_cards.PHRASES.items():
        polite = re.search(r"\b(usted|su reporte|le rogamos|haga clic|pulse)\b", words.lower())
        assert not polite, f"{key}: {polite}"


def test_an_unspoken_language_is_answered_in_english() -> None:
    assert say("fi", "card.go") == en_cards.PHRASES["card.go"]


def test_what_people_wrote_is_never_read_as_a_template() -> None:
    assert "{time} {0.__class__}" in say("en", "card.with", mates="{time} {0.__class__}")
