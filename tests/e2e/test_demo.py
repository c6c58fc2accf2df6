"""`responder demo` as a person meets it: a process of its own, read line by line.

Each story is played once in each language; the laws are then looked for in what it printed.
"""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import responder
from responder.core.phrases import LANGUAGES, say
from responder.demo import STORIES
from tests.ports import PATIENCE_S

ROOT = Path(responder.__file__).parent.parent
PLAY = "import sys; from responder.demo import main; sys.exit(main(*sys.argv[1:]))"
LIVE = "import sys; from responder.demo import main; sys.exit(main())"
PLACES = {
    "copwatch": re.compile(r"Main (and|y la) 3"),
    "hate-incident": re.compile("library|biblioteca"),
    "de-escalation": re.compile("Elm"),
}
TEAMS = {
    "copwatch": {"Heron", "Wren"},
    "hate-incident": {"Otter", "Wren"},
    "de-escalation": {"Badger", "Wren", "Sparrow"},
}
STAFF = {"Owl", "Robin"}
NEVER_PAGED = {"Fox", "Magpie", "Lynx", "Hare", "Swift", "Marten"}

_HEAD = re.compile(r"^ {4}╭─ (.+?) (?:✎ )?─*╮$")
_BODY = re.compile(r"^ {4}│ (.*) │$")
_NEWS = re.compile(r"^ {7}(\S.*?) ✎ (.*)$")
_TYPED = re.compile(r"^ {7}(\S.*?) > (.*)$")


@dataclass(frozen=True)
class Phone:
    """What some people's phones showed, and where in the transcript."""

    line: int
    names: frozenset[str]
    text: str


@dataclass(frozen=True)
class Performance:
    """One story as it was played."""

    story: str
    language: str
    code: int
    out: str
    err: str
    left_over: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def phones(self) -> Iterator[Phone]:
        """Every panel and every line of news, with its words joined."""
        at, names, words = 0, frozenset[str](), list[str]()
        for number, line in enumerate(self.lines):
            if head := _HEAD.match(line):
                at, names, words = number, frozenset(head[1].split(", ")), []
            elif body := _BODY.match(line):
                words.append(body[1].strip())
            elif line.startswith("    ╰"):
                yield Phone(at, names, " ".join(words))
            elif news := _NEWS.match(line):
                yield Phone(number, frozenset(news[1].split(", ")), news[2])

    def said(self, key: str) -> list[Phone]:
        """The phones that showed this phrase."""
        words = say(self.language, key)
        return [phone for phone in self.phones() if words in phone.text]

    def answered(self, key: str) -> list[tuple[int, str]]:
        """Who tapped the option of this label, and on which line."""
        label = say(self.language, key)
        typed = ((number, _TYPED.match(line)) for number, line in enumerate(self.lines))
        return [(number, t[1]) for number, t in typed if t and t[2].rstrip().endswith(label)]


@cache
def performance(story: str, language: str) -> Performance:
    """Play a story in a process of its own."""
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", PLAY, story, language],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
        )
        left = tuple(os.listdir(folder))
    return Performance(story, language, done.returncode, done.stdout, done.stderr, left)


@pytest.fixture(params=[(s, lang) for s in STORIES for lang in LANGUAGES], ids="-".join)
def played(request: pytest.FixtureRequest) -> Performance:
    """Every story in every language."""
    return performance(*request.param)


def test_a_story_reaches_its_end_and_leaves_nothing_behind(played: Performance) -> None:
    assert played.code == 0, played.err
    assert played.err == ""
    assert played.left_over == ()
    assert say(played.language, "demo.end") in " ".join(played.out.split())


def test_it_reads_at_80_columns_without_colours(played: Performance) -> None:
    assert max(map(len, played.lines)) <= 80
    assert "\x1b" not in played.out


def test_the_exact_place_is_on_the_phones_of_the_team_and_the_staff_alone(
    played: Performance,
) -> None:
    place = PLACES[played.story]
    readers = {
        name for phone in played.phones() if place.search(phone.text) for name in phone.names
    }
    assert readers & STAFF
    assert readers <= TEAMS[played.story] | STAFF


def test_nobody_of_the_team_reads_the_place_before_two_have_said_yes(played: Performance) -> None:
    label = say(played.language, "card.button.going.10").split(",")[0]
    typed = [(n, _TYPED.match(line)) for n, line in enumerate(played.lines)]
    going = [(n, t[1]) for n, t in typed if t and f"  {label}, " in t[2]]
    for phone in played.phones():
        if PLACES[played.story].search(phone.text) and phone.names & TEAMS[played.story]:
            yes = {name for number, name in going if number < phone.line}
            assert len(yes) >= 2
            assert phone.names <= yes


def test_go_follows_only_when_everybody_has_the_brief(played: Performance) -> None:
    orders = played.said("card.go")
    assert len({name for order in orders for name in order.names}) == 2
    for order in orders:
        ready = {n for line, n in played.answered("card.button.have-it") if line < order.line}
        assert order.names <= ready


def test_whoever_was_sent_is_called_back_and_counted_out(played: Performance) -> None:
    sent = {name for order in played.said("card.go") for name in order.names}
    back = [*played.said("card.stand-down"), *played.said("card.leave")]
    assert {name for phone in back for name in phone.names} == sent
    assert {name for _, name in played.answered("card.button.out")} == sent


def test_whoever_must_not_be_paged_hears_nothing_and_the_reader_is_told_why(
    played: Performance,
) -> None:
    heard = {name for phone in played.phones() for name in phone.names}
    assert not heard & NEVER_PAGED
    for name in NEVER_PAGED:
        assert re.search(rf"^ {{7}}{name} {{3,}}\S", played.out, re.MULTILINE), name


def test_an_unknown_reporter_is_verified_before_anyone_is_paged() -> None:
    played = performance("hate-incident", "en")
    [confirmed] = [line for line, who in played.answered("card.button.confirm") if who == "Robin"]
    pages = played.said("card.page.urgency.high")
    assert pages
    assert all(page.line > confirmed for page in pages)


def test_a_story_that_does_not_exist_is_refused_with_those_that_do() -> None:
    played = performance("treasure-hunt", "en")
    assert played.code == 2
    assert all(story in " ".join(played.err.split()) for story in STORIES)


# --- at a terminal --------------------------------------------------------------------------------


class Sitting:
    """Somebody at a terminal of 80 columns in front of the demo."""

    def __init__(self, folder: Path) -> None:
        self._keys, theirs = pty.openpty()
        env = {**os.environ, "TMPDIR": str(folder), "COLUMNS": "80", "LINES": "24"}
        env |= {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-c", LIVE]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._seen = ""
        self._read = 0

    def reads(self, words: str) -> str:
        """What is printed until these words stand there, and what stood there before."""
        until = time.monotonic() + PATIENCE_S
        while (found := self._plain().find(words, self._read)) < 0:
            ready, _, _ = select.select([self._keys], [], [], until - time.monotonic())
            assert ready, f"{words!r} did not come: {self._plain()[-2000:]}"
            self._seen += os.read(self._keys, 65536).decode("utf-8", "replace")
        read = self._plain()[self._read : found]
        self._read = found + len(words)
        return read

    def _plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self._seen)

    def types(self, line: str) -> str:
        """Type a line; what the demo shows of it, up to the next prompt."""
        os.write(self._keys, f"{line}\n".encode())
        return self.reads("\r\n\r\n> ")

    def closes(self) -> int:
        """The exit code of the demo once its keyboard is gone."""
        if self.process.poll() is None:
            os.write(self._keys, b"quit\n")
        code = self.process.wait(PATIENCE_S)
        os.close(self._keys)
        return code


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    """Somebody whom the demo has just welcomed."""
    one = Sitting(tmp_path)
    try:
        one.reads("> ")
        yield one
    finally:
        one.process.kill()
        one.process.wait()


def test_at_a_terminal_one_answers_as_anybody_and_the_others_go_on(
    sitting: Sitting, tmp_path: Path
) -> None:
    shown = sitting.types("Police have stopped two boys in Northside, corner of Main and 3rd")
    assert "Not paged, and why" in shown
    assert "until a second person says yes" in sitting.types("heron 1")
    brief = sitting.types("wren: 2")
    assert "A pair." in brief
    have_it = re.search(r"(\d+)  I have it", brief)
    assert have_it
    assert "Go, and" not in sitting.types(f"heron {have_it[1]}")
    # An empty line: the made-up people go on by themselves.
    assert "Go, and stay together" in sitting.types("")
    assert "jumps ahead by 5 minutes" in sitting.types("wait 5 min")
    assert "in a team now" in sitting.types("who")
    assert sitting.closes() == 0
    assert os.listdir(tmp_path) == []


def test_with_nothing_but_empty_lines_a_report_goes_its_whole_way(sitting: Sitting) -> None:
    shown = sitting.types("stranger: A man insulted us at the bus stop, library, Riverside")
    steps = 0
    while "the way of one report" not in shown:
        shown = sitting.types("")
        steps += 1
        assert steps < 30, shown
    assert sitting.closes() == 0
