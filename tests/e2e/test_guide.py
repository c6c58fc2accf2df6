"""The guide shows what comes: every command of it is typed, and its output compared."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.e2e.guide import Step, played
from tests.e2e.nursery import ROOT

pytestmark = pytest.mark.timeout(400)

REFRESH = (
    "If the program is right, write what it says: python -m tests.e2e.guide docs/first-week.md"
)


def differences(steps: list[Step]) -> str:
    """What came otherwise than it is shown, each with its line in the guide."""
    told = []
    for step in steps:
        if step.came != step.shown:
            lines = unified_diff(
                step.shown.splitlines(), step.came.splitlines(), "the guide", "what came", n=2
            )
            told += [f"line {step.line}: {step.does}", *lines]
    return "\n".join(told)


async def test_all_that_the_guide_shows_is_what_comes() -> None:
    steps = await played(ROOT / "docs" / "first-week.md")
    assert not (found := differences(steps)), f"{found}\n{REFRESH}"


@pytest.mark.parametrize(
    ("shown", "word"), [("No faults in walks.", "missing.yaml"), ("", "missing.yaml")]
)
async def test_output_that_differs_is_found(tmp_path: Path, shown: str, word: str) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text(f"```console\n$ responder playbook check missing.yaml\n{shown}\n```\n")
    assert word in differences(await played(guide))
