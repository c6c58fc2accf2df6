"""What is said of a settings file that is no TOML: the line, the reason, and no value."""

from __future__ import annotations

from pathlib import Path

import pytest

from responder.config import ConfigFaults, Fault, load
from responder.config.reading import parse

KNOWN = {"network", "telegram", "neighbourhood", "name", "token", "id"}
CANARY = "CANARY-secret"

FAULTS = {
    "duplicate section": (
        '[network]\nname = "a"\n[telegram]\n[network]\n',
        "line 4: the section [network] is there already (line 1); put its keys into one section",
    ),
    "duplicate key": (
        f'[telegram]\ntoken = "{CANARY}"\ntoken = "{CANARY}"\n',
        "line 3 (token): this key stands twice in its section; keep one of the two lines",
    ),
    "single brackets": (
        '[[neighbourhood]]\nid = "a"\n[neighbourhood]\nid = "b"\n',
        "line 3: [neighbourhood] stands in single brackets; write [[neighbourhood]], as in line 1",
    ),
    "curly quotes": (
        f"[telegram]\ntoken = “{CANARY}”\n",
        "line 2 (token): has curly quotes, as a word processor makes them; write straight",
    ),
    "open quote": (
        f'[telegram]\ntoken = "{CANARY}\n',
        "line 2 (token): a quote or a bracket is not closed; close it on the same line",
    ),
    "open bracket": ("[telegram\n", "line 1: the bracket of a section is not closed"),
    "no quotes": (
        f"[telegram]\ntoken = {CANARY}\n",
        'line 2 (token): what stands after the = is no value; text needs quotes: key = "words"',
    ),
    "nothing": ("[telegram]\ntoken =   # soon\n", "line 2 (token): nothing stands after the ="),
    "no key": (f"[telegram]\n{CANARY} here\n", "line 2: is neither a section, nor a key"),
    "backslash": (
        f'[telegram]\ntoken = "C:\\{CANARY}"\n',
        "line 2 (token): a backslash in double quotes; write it twice, or use single quotes",
    ),
    "unknown section twice": (f"[{CANARY}]\n[{CANARY}]\n", "line 2: the section [...] is there"),
}


@pytest.mark.parametrize("case", FAULTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_fault_names_the_line_and_says_what_is_wrong(case: str, end: str) -> None:
    text, expected = FAULTS[case]
    fault = parse(text.replace("\n", end).encode(), KNOWN)
    assert isinstance(fault, Fault)
    assert str(fault).startswith(expected)
    assert CANARY not in str(fault)


def test_the_mark_that_an_editor_put_before_the_text_is_passed_over() -> None:
    assert parse('\ufeff[network]\nname = "a"\n'.encode(), KNOWN) == {"network": {"name": "a"}}


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be"])
def test_another_coding_is_named(coding: str) -> None:
    text = "\ufeff[network]\n" if coding == "utf-16-be" else "[network]\n"
    assert "save it as UTF-8" in str(parse(text.encode(coding), KNOWN))


def test_a_character_that_is_not_utf8_is_told_by_its_line() -> None:
    assert str(parse(b'[network]\nname = "Ni\xf1os"\n', KNOWN)).startswith("line 2: ")


def test_the_wrong_folder_is_named_before_a_second_network_is_thought_of(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults) as raised:
        load(tmp_path / "config.toml", {})
    said = str(raised.value)
    assert str(tmp_path) in said and said.index("--config") < said.index("responder init")
    assert "Only if there is no network yet" in said
