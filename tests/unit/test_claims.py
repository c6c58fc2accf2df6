"""What the documents claim a test holds is held by a test of that name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")


def named_in(document: Path) -> set[tuple[str, str]]:
    """Every file of tests that the document names, each with the test in it or an empty name."""
    return set(NAMED.findall(document.read_text(encoding="utf-8")))


def is_there(file: str, test: str) -> bool:
    """Whether pytest would find this test, or this file where no test is named."""
    path = ROOT / file
    if not path.is_file() or not test:
        return path.is_file()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, kinds) and node.name == test for node in body)


DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_test_that_is_named_is_there(document: Path) -> None:
    missing = {one for one in named_in(document) if not is_there(*one)}
    assert missing == set()


def test_the_threat_model_names_whole_tests() -> None:
    named = named_in(ROOT / "docs" / "threat-model.md")
    assert len(named) > 100 and all(test.startswith("test_") for _, test in named)
