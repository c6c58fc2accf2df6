"""A playbook as people will see it: the messages that the network would really send."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from responder.cli import app
from responder.core.phrases import say
from responder.core.playbook import Playbook
from responder.core.showing import Shown, shown
from responder.playbook_files import shelf
from tests.unit.test_playbook import lost_dog

SHIPPED = sorted((Path(__file__).parents[2] / "playbooks").glob("*.yaml"))
CORNER = {"en": "corner of Quill and Third", "es": "esquina de Quill y Tercera"}


def read(path: Path) -> Playbook:
    (playbook,) = shelf.files([path]).found.values()
    return playbook


def of(messages: tuple[Shown, ...], to: str, card: str) -> str:
    """What this reader is told there."""
    return "\n".join(one.text for one in messages if (one.to, one.card) == (to, card))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_all_words_of_a_playbook_reach_somebody(path: Path, language: str) -> None:
    playbook = read(path)
    messages = shown(playbook, language)
    brief = of(messages, "responder", "brief")
    for text in (playbook.brief.text, playbook.brief.meet, playbook.silent):
        assert text.in_(language) in brief
    for line in (*playbook.safety.in_(language), *playbook.disengage.in_(language)):
        assert line in brief
    assert playbook.needed.in_(language) in of(messages, "responder", "page")
    assert playbook.elsewhere.in_(language) in of(messages, "reporter", "nobody")
    assert playbook.debrief.text.in_(language) in of(messages, "responder", "debrief")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reminder_that_only_counts_on_is_shown_once(language: str) -> None:
    (path,) = (one for one in SHIPPED if one.stem == "neighbour-check")
    alarms = [one.text for one in shown(read(path), language) if one.to == "coordinator"]
    again = [say(language, "card.alarm.again", number=number) for number in (1, 2)]
    assert [any(text.startswith(one) for text in alarms) for one in again] == [True, False]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_place_stands_in_the_brief_and_in_nothing_before_it(path: Path) -> None:
    messages = shown(read(path), "en")
    told = [one.card for one in messages if one.to == "responder" and CORNER["en"] in one.text]
    assert told == ["brief"]
    assert not any(CORNER["en"] in one.notice for one in messages)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_playbooks_own_words_stand_in_place_of_the_streets(language: str) -> None:
    (path,) = (one for one in SHIPPED if one.stem == "mutual-aid")
    own, messages = read(path).sayings, shown(read(path), language)
    told = {"asked": "asked", "on-the-way": "on_the_way", "there": "there"}
    for card, key in told.items():
        assert own.told(key, language) in of(messages, "reporter", card)
    assert own.told("care", language) in of(messages, "reporter", "reply")
    assert own.told("verify", language) in of(messages, "verifier", "verify")
    usual = [say(language, key) for key in ("intake.opened.care", "card.on-the-way")]
    assert not any(words in one.text for one in messages for words in usual)


def test_without_words_of_its_own_a_playbook_says_the_usual_ones() -> None:
    messages = shown(read(SHIPPED[0]), "en")
    assert say("en", "intake.opened.care") in of(messages, "reporter", "reply")
    assert say("en", "card.on-the-way") in of(messages, "reporter", "on-the-way")


def test_a_playbook_of_ones_own_is_played_as_well() -> None:
    messages = shown(lost_dog(), "en")
    assert "Walk slowly." in of(messages, "responder", "brief")
    assert {one.to for one in messages} == {"reporter", "responder", "verifier", "coordinator"}


def test_the_command_prints_each_message_with_its_buttons() -> None:
    result = CliRunner().invoke(app, ["playbook", "show", str(SHIPPED[0]), "--language", "es"])
    assert result.exit_code == 0, result.output
    assert "── A quien avisa" in result.output
    assert result.output.count("══ ") == 2
    assert "══ Otra noche: avisa alguien a quien nadie conoce" in result.output
    assert "1 día" in result.output and "1 day" not in result.output
    assert "[Voy, 10 min]" in result.output
