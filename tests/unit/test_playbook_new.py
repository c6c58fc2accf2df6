"""A new playbook from one that is there, by answering questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from responder.cli import app
from responder.playbook_files import shelf

SHIPPED = Path(__file__).parents[2] / "playbooks"
ANSWERS = [
    "School walk", "Camino a la escuela",
    "Two neighbours walk along.", "Dos personas acompañan: siempre juntas.",
    "school walk, walk to school", "camino a la escuela, acompañar a la escuela",
    "Two people to walk along.", "Dos personas para acompañar.",
    "low", "3",
]  # fmt: skip


def ask(folder: Path, *args: str, answers: list[str] = ANSWERS) -> Result:
    command = ["playbook", "new", "school-walk", "--to", str(folder), *args]
    return CliRunner().invoke(app, command, input="\n".join(answers) + "\n")


@pytest.mark.parametrize("like", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_the_answers_make_a_sound_playbook_that_keeps_its_notes(tmp_path: Path, like: str) -> None:
    result = ask(tmp_path, "--like", like)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "school-walk.yaml").read_text(encoding="utf-8")
    playbook = shelf.folder(tmp_path).found["school-walk"]
    assert playbook.purpose.in_("es") == "Dos personas acompañan: siempre juntas."
    assert playbook.triggers["en"] == ("school walk", "walk to school")
    assert (playbook.urgency, playbook.team.size) == ("low", 3)
    base = (SHIPPED / f"{like}.yaml").read_text(encoding="utf-8")
    head = base.index("schema: 1")
    notes = [line for line in base[head:].splitlines() if line.startswith("#")]
    assert [line for line in text.splitlines() if line in notes] == notes


def test_whom_nobody_is_for_has_no_role_in_a_smaller_team(tmp_path: Path) -> None:
    assert ask(tmp_path, "--like", "safety-marshal").exit_code == 0
    team = shelf.folder(tmp_path).found["school-walk"].team
    assert [role.id for role in team.roles] == ["lead", "exits", "edge"]


def test_parts_that_are_there_already_are_not_written_over(tmp_path: Path) -> None:
    own = (
        (SHIPPED / "shared" / "common.yaml").read_text(encoding="utf-8").replace("Nobody", "No one")
    )
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "common.yaml").write_text(own, encoding="utf-8")
    assert ask(tmp_path, "--like", "mutual-aid").exit_code == 0
    assert "No one will ask why." in shelf.folder(tmp_path).found["school-walk"].safety.in_("en")[1]


def test_an_answer_that_no_playbook_may_give_is_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    result = ask(tmp_path, answers=[*ANSWERS[:-1], "1"])
    assert result.exit_code == 1
    assert "a team of 1 would send somebody alone" in result.output
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "school-walk.yaml").write_text("mine", encoding="utf-8")
    assert ask(tmp_path).exit_code == 2
    assert (tmp_path / "school-walk.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["School Walk"], "'School Walk' is no name for a playbook"),
        (["school-walk", "--like", "picnic"], "Choose with --like: copwatch, "),
    ],
)
def test_a_name_that_cannot_be_is_told_before_anything_is_asked(
    tmp_path: Path, args: list[str], why: str
) -> None:
    result = CliRunner().invoke(app, ["playbook", "new", *args, "--to", str(tmp_path)])
    assert result.exit_code == 2
    assert why in result.stderr
    assert "What is it called" not in result.output
