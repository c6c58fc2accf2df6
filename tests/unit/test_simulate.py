"""`responder simulate`: what people read of it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from responder.cli import app
from responder.core import network
from responder.core.changes import Changes

run = CliRunner()


def test_a_day_is_told_in_plain_words() -> None:
    said = run.invoke(app, ["simulate", "--days", "1", "--seed", "3", "--members", "12"])
    assert said.exit_code == 0
    for words in ("1 days of a town of", "minutes to a pair", "pages sent", "broken laws"):
        assert words in said.stdout
    assert "seed 3" in said.stdout


def test_a_soak_says_with_which_seed_to_go_on() -> None:
    said = run.invoke(app, ["simulate", "--seeds", "2", "--seed", "40", "--processes", "1"])
    assert said.exit_code == 0
    assert "responder simulate --soak --seed 42" in said.stdout


def test_decisions_alone_are_a_soak_of_their_own() -> None:
    given = ["--seeds", "2", "--seed", "40", "--processes", "1", "--tier", "decisions"]
    said = run.invoke(app, ["simulate", *given])
    assert said.exit_code == 0
    assert "responder simulate --soak --seed 42 --tier decisions" in said.stdout


def test_a_broken_law_ends_with_seed_and_story(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "tick", lambda *_: Changes())
    said = run.invoke(app, ["simulate", "--days", "0.2", "--seed", "5", "--members", "9"])
    assert said.exit_code == 1
    assert "Seed 5: L7: due on" in said.stdout
    assert "The shortest of" in said.stdout and "in northside" in said.stdout
