"""The form of a playbook, for editors: it takes what the program takes, and refuses with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from responder.cli import app
from responder.core.playbook import LANGUAGES, PlaybookFaults, load, schema
from responder.core.playbooks.tree import read
from tests.unit.test_playbook import GOOD

SHIPPED = Path(__file__).parents[2] / "playbooks"
FORM = jsonschema.Draft202012Validator(schema(LANGUAGES))


def plain(value: object) -> Any:
    """YAML as an editor reads it: lists instead of tuples."""
    match value:
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case tuple():
            return [plain(inner) for inner in value]
    return value


def complaints(text: str) -> list[str]:
    return [error.message for error in FORM.iter_errors(plain(read(text, "x.yaml").data))]


def test_the_form_itself_is_sound_and_is_the_one_that_comes_along() -> None:
    jsonschema.Draft202012Validator.check_schema(schema(LANGUAGES))
    shipped = (SHIPPED / "schema.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == schema(LANGUAGES), "responder playbook schema > schema.json"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_playbook_names_the_form_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=schema.json"
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema: 1", "schema: 2"),
        ("urgency: low", "urgency: often"),
        ("size: 3", "size: 1"),
        ("wait: 90 s", "wait: 90"),
        ("pages_at: known", "pages_at: unknown"),
        ("whom: neighbourhood", "whom: everybody"),
        ("title:", "titel:"),
    ],
)
def test_the_form_refuses_what_the_program_refuses(old: str, new: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    assert complaints(text)
    with pytest.raises(PlaybookFaults):
        load(text, "x.yaml")


def test_shared_parts_fit_wherever_they_may_stand() -> None:
    start = GOOD.index("silent:")
    end = GOOD.index("\n", GOOD.index("es:", start))
    text = f"{GOOD[:start]}silent: {{ include: falls-silent }}{GOOD[end:]}"
    assert complaints(text) == []


def test_a_fault_is_shown_with_its_line_and_a_mark_under_it(tmp_path: Path) -> None:
    file = tmp_path / "lost-dog.yaml"
    file.write_text(GOOD.replace("urgency: low", "urgency: often"), encoding="utf-8")
    told = CliRunner().invoke(app, ["playbook", "check", str(file)]).stdout.splitlines()
    line = next(n for n, row in enumerate(told) if row.endswith("| urgency: often"))
    assert told[line + 1].index("^") == told[line].index("often")
