"""Earlier texts of a playbook: kept as they stood in the file, and one command back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from responder import app as network
from responder.cli import app
from responder.commands import setup
from responder.config import load
from responder.core.changes import Edition
from responder.playbook_files import editions


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A new network with its own copy of the playbooks."""
    return setup.make(tmp_path / "home", "Made up", None)


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", str(config)])


def asked(config: Path, *words: str) -> Any:
    done = run(config, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def file_of(config: Path, id: str = "copwatch") -> Path:
    return config.parent / "playbooks" / f"{id}.yaml"


def changed(config: Path, comment: str, id: str = "copwatch") -> str:
    """The playbook's file with one more comment, taken in; its text."""
    file = file_of(config, id)
    text = file.read_text(encoding="utf-8") + f"# {comment}\n"
    file.write_text(text, encoding="utf-8")
    asked(config, "playbook", "history", id)
    return text


def test_each_text_that_was_taken_in_is_kept_with_its_comments(config: Path) -> None:
    first = file_of(config).read_text(encoding="utf-8")
    asked(config, "playbook", "history", "copwatch")
    changed(config, "a word for whoever reads this")
    rows = asked(config, "playbook", "history", "copwatch")
    assert [row["number"] for row in rows] == [2, 1]
    assert [row["in_force"] for row in rows] == [True, False]
    assert all(row["since"] and row["account"] for row in rows)
    assert asked(config, "playbook", "back", "copwatch")["number"] == 1
    assert file_of(config).read_text(encoding="utf-8") == first


def test_going_back_is_one_more_text_and_can_be_gone_back_from(config: Path) -> None:
    asked(config, "playbook", "history", "copwatch")
    second = changed(config, "second")
    asked(config, "playbook", "back", "copwatch")
    rows = asked(config, "playbook", "history", "copwatch")
    assert [(row["number"], row["same_as"]) for row in rows] == [(3, 1), (2, None), (1, None)]
    asked(config, "playbook", "back", "copwatch", "2")
    assert file_of(config).read_text(encoding="utf-8") == second


def test_what_was_never_taken_in_is_not_lost(config: Path) -> None:
    asked(config, "playbook", "history", "copwatch")
    second = changed(config, "second")
    file_of(config).write_text("title: [broken\n", encoding="utf-8")
    answer = asked(config, "playbook", "back", "copwatch")
    assert Path(answer["aside"]).read_text(encoding="utf-8") == "title: [broken\n"
    assert file_of(config).read_text(encoding="utf-8") == second, "the last that was sound"


def test_a_text_whose_shared_parts_have_changed_is_refused_plainly(config: Path) -> None:
    asked(config, "playbook", "history", "welfare-check")
    changed(config, "second", "welfare-check")
    part = file_of(config).parent / "shared" / "common.yaml"
    text = part.read_text(encoding="utf-8")
    part.write_text(text.replace("Are you safe where", "Are you well where"), encoding="utf-8")
    before = file_of(config, "welfare-check").read_bytes()
    done = run(config, "playbook", "back", "welfare-check", "1")
    assert done.exit_code == 3 and "shared" in done.output and "--anyway" in done.output
    assert file_of(config, "welfare-check").read_bytes() == before
    asked(config, "playbook", "back", "welfare-check", "1", "--anyway")
    assert file_of(config, "welfare-check").read_bytes() != before


def test_only_the_last_twenty_are_kept(config: Path) -> None:
    for other in (config.parent / "playbooks").glob("*.yaml"):
        if other != file_of(config):
            other.unlink()
    settings = load(config)

    async def many() -> list[Edition]:
        async with network.offline(settings) as dispatcher:
            for n in range(editions.KEPT + 5):
                with file_of(config).open("a", encoding="utf-8") as file:
                    file.write(f"# {n}\n")
                await network.take_in_playbooks(settings, dispatcher)
            kept = await dispatcher.store.load(Edition)
            return sorted((e for e in kept if e.playbook == "copwatch"), key=lambda e: e.number)

    numbers = [one.number for one in asyncio.run(many())]
    assert numbers == list(range(7, 27))


def test_nothing_new_is_kept_where_nothing_changed(config: Path) -> None:
    for _ in range(3):
        rows = asked(config, "playbook", "history", "copwatch")
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("history", "copwach"), 2, "copwatch"),
        (("back", "copwatch"), 3, "no other text"),
        (("back", "copwatch", "9"), 2, "There is no text 9"),
    ],
)
def test_what_cannot_be_says_what_to_do(
    config: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = run(config, "playbook", *words)
    assert done.exit_code == code and says in done.output


def test_who_went_back_stands_in_the_audit(config: Path) -> None:
    asked(config, "playbook", "history", "copwatch")
    changed(config, "second")
    asked(config, "playbook", "back", "copwatch")
    lines = asked(config, "audit", "list")
    assert [line["detail"] for line in lines if line["what"] == "playbook.back"] == ["to 1"]
