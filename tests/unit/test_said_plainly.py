"""What the command line says where a new coordinator could stumble."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_cli import a_member, answer, call, folder, no_surroundings, template

__all__ = ["folder", "no_surroundings", "template"]


def copy_of(folder: Path, name: str, **changes: str) -> Path:
    """Another playbook like copwatch, with these of its words changed, once each."""
    text = (folder / "playbooks" / "copwatch.yaml").read_text(encoding="utf-8")
    for key, new in changes.items():
        assert f"{key}: " in text
        before, _, rest = text.partition(f"{key}: ")
        text = f"{before}{key}: {new}\n" + rest.partition("\n")[2]
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_faults_are_all_told_and_counted(folder: Path) -> None:
    file = copy_of(folder, "walk", urgency="very", size="1")
    said = call("playbook", "check", str(file))
    assert said.exit_code == 1
    assert "`urgency`" in said.stdout and "nobody goes alone" in said.stdout
    assert said.stdout.rstrip().endswith("2 faults in 1 file.")


def test_warnings_of_the_most_urgent_kind_come_first_and_are_counted(folder: Path) -> None:
    calm = copy_of(folder, "a-calm-kind", urgency="low", how_many="2")
    grave = copy_of(folder, "b-grave-kind", urgency="high", how_many="2", every="90 min")
    said = call("playbook", "check", str(calm), str(grave)).stdout
    assert said.index("b-grave-kind.yaml:") < said.index("a-calm-kind.yaml:")
    assert "No faults in a-calm-kind, b-grave-kind. 3 warnings." in said


@pytest.mark.parametrize("group", [(), ("shift",), ("playbook",), ("drill",)])
def test_help_cuts_no_sentence_at_eighty_columns(
    group: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = call(*group, "--help").stdout
    assert "..." not in said.partition("Commands:")[2]
    assert max(map(len, said.splitlines())) <= 80


def test_help_begins_with_what_a_new_network_needs() -> None:
    listed = call("--help").stdout.partition("Commands:")[2].split("\n  ")
    assert [line.split()[0] for line in listed[1:4]] == ["init", "demo", "check"]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("nowhere", "Known here: riverside, northside."),
        ("northsid", "Did you mean Northside?"),
        ("la riber", "Did you mean la ribera?"),
    ],
)
def test_a_neighbourhood_that_is_not_there_is_told_with_ids_or_the_nearest_name(
    folder: Path, word: str, hint: str
) -> None:
    for line in (("drill", word), ("shift", "oncall", "-n", word)):
        assert call(*line).stderr.strip().endswith(hint)


def test_where_nobody_has_joined_yet_coverage_and_rehearsal_say_that_and_nothing_else(
    folder: Path,
) -> None:
    file = str(folder / "playbooks" / "copwatch.yaml")
    rehearsed = call("playbook", "rehearse", file, "--runs", "10").stdout
    assert "there are no responders yet" in rehearsed and "too rare" not in rehearsed
    assert "Nobody is a responder in Northside yet" in call("shift", "coverage").stdout
    a_member()
    rehearsed = call("playbook", "rehearse", file, "--runs", "10", "-n", "northside").stdout
    assert "Nobody has joined yet" in rehearsed and "too rare" not in rehearsed
    covered = call("shift", "coverage", "-n", "northside").stdout
    assert "no page reaches any of them yet" in covered and "never make" not in covered


def test_a_rehearsal_without_a_place_says_which_it_took(folder: Path) -> None:
    line = ("playbook", "rehearse", str(folder / "playbooks" / "copwatch.yaml"), "--runs", "10")
    assert "Rehearsed in Riverside" in (said := call(*line).stderr)
    assert "-n northside" in said
    assert all(call(*line, way, "northside").stderr == "" for way in ("-n", "--in"))


def test_questions_that_are_broken_off_leave_nothing_behind(folder: Path, tmp_path: Path) -> None:
    line = ("playbook", "new", "walk-home", "--to", str(tmp_path))
    ended = call(*line, input="Walk home\n")
    assert ended.exit_code == 1
    assert "Nothing was written." in ended.stderr
    assert not (tmp_path / "walk-home.yaml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("northsde",), "Did you mean Northside?"),
        (("northside", "--playbook", "copwach"), "Did you mean copwatch?"),
        (("northside", "--playbook", "copwatch"), "The network is not running"),
    ],
)
def test_a_misspelt_drill_is_told_before_that_nothing_runs(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    refused = call("drill", *words)
    assert refused.exit_code in (2, 3)
    assert said in refused.stderr


def test_a_time_that_is_wanted_already_is_told(folder: Path) -> None:
    line = ("shift", "open", "2199-11-27 18:00-22:00", "-n", "northside")
    first = answer(*line)
    assert first["notes"] == []
    (note,) = answer(*line)["notes"]
    assert "2199-11-27 18:00 to 22:00 already" in note and first["short"] in note


def test_a_whole_day_is_shown_as_it_is_written(folder: Path) -> None:
    answer("member", "add", "Heron", "--role", "responder", "--neighbourhood", "northside")
    answer("shift", "add", "Heron", "sun 00:00-24:00")
    (shift,) = answer("shift", "list")["shifts"]
    assert shift["when"] == "every sun 00:00-24:00"


def test_who_is_never_paged_is_told_when_they_are_added(folder: Path) -> None:
    alone = answer("member", "add", "Heron", "--role", "coordinator")
    assert any("never paged" in note for note in alone["notes"])
    line = ("member", "add", "Wren", "--role", "responder", "--neighbourhood", "northside")
    assert any("a training that they lack (observer)" in note for note in answer(*line)["notes"])


def test_numbers_without_a_month_are_those_of_the_last_whole_one(folder: Path) -> None:
    assert call("numbers").exit_code == 0
    assert len(answer("numbers")["month"]) == len("2026-11")


def test_a_rehearsal_for_a_script_says_what_it_stands_on(folder: Path) -> None:
    file = str(folder / "playbooks" / "copwatch.yaml")
    told = answer("playbook", "rehearse", file, "--runs", "10", "--in", "northside")
    assert (told["runs"], told["chance"]) == (10, 0)
    assert (told["acceptance"], told["acceptance_measured_from"]) == (0.3, 0)
