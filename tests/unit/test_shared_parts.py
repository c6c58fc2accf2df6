"""Parts that several playbooks share: put in before a playbook is judged, told where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from responder.core.playbook import (
    Fault,
    Playbook,
    PlaybookFaults,
    Shared,
    dump,
    load,
    read_shared,
    restore,
)
from responder.playbook_files import shelf
from tests.unit.test_playbook import GOOD

LINES = """\
public:
  en: [Stay where others can see you.]
  es: [Quédate donde haya gente.]
questions:
  - id: safe
    ask: { en: Are you safe?, es: ¿Estás a salvo? }
  - id: hurt
    ask: { en: Is anyone hurt?, es: ¿Hay heridas? }
falls-silent:
  en: Leave together after 20 minutes.
  es: Salgan en equipo a los 20 minutos.
"""


def shared(text: str = LINES) -> Shared:
    parts, faults = read_shared({"shared/common.yaml": text})
    assert not faults
    return parts


def replaced(section: str, text: str) -> str:
    """The good playbook with one of its top sections written anew."""
    lines = GOOD.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{section}:"))
    end = next((n for n in range(start + 1, len(lines)) if lines[n][0] not in " \n#"), len(lines))
    return "".join((*lines[:start], text, *lines[end:]))


def taken(text: str, parts: Shared | None = None) -> Playbook:
    return load(text, "lost-dog.yaml", shared=shared() if parts is None else parts)


def refused(text: str, parts: Shared | None = None) -> tuple[Fault, ...]:
    with pytest.raises(PlaybookFaults) as caught:
        taken(text, parts)
    return caught.value.faults


def test_an_include_stands_for_the_part_of_that_name() -> None:
    playbook = taken(replaced("silent", "silent: { include: falls-silent }\n"))
    assert playbook.silent.in_("en") == "Leave together after 20 minutes."


def test_a_shared_list_is_spread_out_among_the_playbooks_own() -> None:
    own = "  - id: dogs\n    ask: { en: Which dog?, es: ¿Qué perro? }\n"
    playbook = taken(replaced("intake", f"intake:\n  - include: questions\n{own}"))
    assert [question.id for question in playbook.intake] == ["safe", "hurt", "dogs"]


def test_own_lines_follow_the_shared_ones() -> None:
    own = "safety:\n  include: public\n  en: [Mind the dog.]\n  es: [Cuidado con el perro.]\n"
    playbook = taken(replaced("safety", own))
    assert playbook.safety.in_("en") == ("Stay where others can see you.", "Mind the dog.")


def test_of_words_that_stand_in_both_the_playbooks_own_count() -> None:
    own = "silent:\n  include: falls-silent\n  en: Leave at once.\n"
    playbook = taken(replaced("silent", own))
    assert playbook.silent.in_("en") == "Leave at once."
    assert playbook.silent.in_("es") == "Salgan en equipo a los 20 minutos."


def test_an_incident_keeps_its_words_when_the_shared_file_changes() -> None:
    text = replaced("silent", "silent: { include: falls-silent }\n")
    frozen = taken(text)
    later = taken(text, shared(LINES.replace("20", "40")))
    assert restore(dump(frozen)) == frozen
    assert later.digest != frozen.digest


def test_an_unknown_name_is_told_where_it_is_used() -> None:
    (fault,) = refused(replaced("silent", "silent: { include: falls-silnt }\n"))
    assert fault.file == "lost-dog.yaml"
    assert fault.what == "there is no shared part `falls-silnt`"
    assert fault.meant == "did you mean `falls-silent`?"


def test_a_fault_in_a_part_is_told_where_the_part_stands() -> None:
    parts = shared(LINES.replace("  es: Salgan en equipo a los 20 minutos.\n", ""))
    (fault,) = refused(replaced("silent", "silent: { include: falls-silent }\n"), parts)
    assert (fault.file, fault.line) == ("shared/common.yaml", 9)
    assert fault.what == "no text in `es`"


def test_a_fault_after_a_shared_list_is_told_on_its_own_line() -> None:
    own = "intake:\n  - include: questions\n  - id: Dogs\n    ask: { en: Which?, es: ¿Cuál? }\n"
    text = replaced("intake", own)
    (fault,) = refused(text)
    assert text.splitlines()[fault.line - 1] == "  - id: Dogs"


def test_a_part_includes_no_other() -> None:
    _, (fault,) = read_shared({"a.yaml": "one: { include: two }\ntwo: { en: x }\n"})
    assert str(fault).startswith("a.yaml:1:8: a shared part includes no other")


def test_two_parts_of_one_name_are_a_fault_and_the_first_counts() -> None:
    parts, (fault,) = read_shared({"a.yaml": "x: { en: first }\n", "b.yaml": "x: { en: second }\n"})
    assert str(fault).startswith("b.yaml:1:1: there is a shared part `x` in a.yaml already")
    assert parts.parts["x"].file == "a.yaml"


def test_nothing_stands_beside_a_shared_text() -> None:
    parts = shared("one: just words\n")
    (fault,) = refused(replaced("silent", "silent: { include: one, en: x, es: y }\n"), parts)
    assert "nothing can stand beside" in fault.what


def test_a_few_names_do_not_make_a_book() -> None:
    line = "  - " + "word " * 8_000 + "\n"
    parts = shared(f"long:\n{line}")
    many = "intake:\n" + "  - include: long\n" * 20
    (fault,) = refused(replaced("intake", many), parts)
    assert "more than it could hold" in fault.what


def test_a_folder_brings_its_shared_parts_and_a_broken_one_breaks_only_who_includes_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "shared").mkdir()
    text = LINES.replace("  es: Salgan en equipo a los 20 minutos.\n", "")
    (tmp_path / "shared" / "common.yaml").write_text(text, encoding="utf-8")
    including = replaced("silent", "silent: { include: falls-silent }\n")
    (tmp_path / "lost-dog.yaml").write_text(including, encoding="utf-8")
    (tmp_path / "lost-cat.yaml").write_text(GOOD, encoding="utf-8")
    stock = shelf.folder(tmp_path)
    assert set(stock.found) == {"lost-cat"}
    assert stock.faulty == {"lost-dog"}
    assert [Path(fault.file).name for fault in stock.faults] == ["common.yaml"]


def test_a_changed_part_is_noticed_like_a_changed_playbook(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    before = shelf.stamps(tmp_path)
    (tmp_path / "shared" / "common.yaml").write_text(LINES, encoding="utf-8")
    assert shelf.stamps(tmp_path) != before
