"""YAML text to plain data, with the line and column of every part.

Rules it keeps
    * Whatever the text is, the only exception is `PlaybookFaults`.
    * Only what can be read aloud is taken: no anchors, aliases, merges or tags. That also leaves
      nothing to build a bomb from; size and depth are limited besides.
    * A word stays a word: `no` is not a boolean and `12:30` is not a number (YAML 1.2). Numbers
      are decimal, booleans are `true` and `false`.

What it must not know
    What a playbook is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

from responder.core.playbooks.faults import Fault, Path, PlaybookFaults

LONGEST_FILE = 64 * 1024
"""Characters. The shipped playbooks have about a quarter of it."""
DEEPEST = 10
"""Levels of keys and lists. A playbook needs six."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@dataclass
class Tree:
    """A file as plain data (dicts, tuples, words, numbers) and where each part of it stands.

    `values` and `keys` hold (line, column), from 1. `broken` are parts with a fault already told:
    whatever else is said about them would be noise. `files` names the file of what was written in
    another one.
    """

    file: str
    data: object = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)
    files: dict[Path, str] = field(default_factory=dict)

    def fault(self, path: Path, what: str, meant: str = "", *, at_key: bool = False) -> None:
        """Note a fault at the part, or at the nearest one around it that is there.

        A value that stands on its key's line is shown itself, anything longer by its key.
        """
        while path and path not in self.values:
            path, at_key = path[:-1], True
        line, column = self.values.get(path, (1, 1))
        key = self.keys.get(path)
        if key and (at_key or key[0] != line):
            line, column = key
        file = self.files.get(path, self.file)
        self.faults.append(Fault(file, line, column, what, meant))

    def told(self, path: Path) -> bool:
        """Whether a fault of this part, or of one around it, is told already."""
        return any(path[:length] in self.broken for length in range(len(path) + 1))

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every text in the file, with its path."""
        yield from _texts((), self.data)


def read(text: str, file: str) -> Tree:
    """The text as a tree; raises `PlaybookFaults` where it is no YAML at all."""
    if len(text) > LONGEST_FILE:
        what = f"the file has {len(text)} characters; at most {LONGEST_FILE} are read"
        raise PlaybookFaults([Fault(file, 1, 1, what, "shorten it")])
    tree = Tree(file)
    try:
        _Builder(tree, text).build()
    except ReaderError as error:
        line, column = position(text, error.position)
        what = f"a character that cannot be read ({_name(error.character)})"
        tree.faults.append(Fault(file, line, column, what, "delete it"))
    except MarkedYAMLError as error:
        tree.faults.append(_syntax(file, error))
    except (YAMLError, ValueError, OverflowError):
        # ruamel lets slips of its own through, e.g. for "\UFFFFFFFF"; they carry no position.
        what = "this is not YAML"
        tree.faults.append(Fault(file, 1, 1, what, "look for a backslash inside double quotes"))
    else:
        return tree
    raise PlaybookFaults(tree.faults)


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `index`."""
    ends = [match.end() for match in _LINE_END.finditer(text, 0, max(index, 0))]
    return len(ends) + 1, index - (ends[-1] if ends else 0) + 1


class _Builder:
    """Turns parser events into the tree. Depth is checked before anything is descended into."""

    def __init__(self, tree: Tree, text: str) -> None:
        yaml = YAML(typ="safe", pure=True)
        self.tree = tree
        self.events: Iterator[Event] = iter(yaml.parse(text))

    def build(self) -> None:
        """Read one document; a second one is a fault, and so is none."""
        first = next(self.events)
        while isinstance(first, StreamStartEvent | DocumentStartEvent):
            first = next(self.events)
        if not isinstance(first, NodeEvent):
            raise PlaybookFaults([_at(self.tree.file, first, "the file is empty", "write it")])
        self.tree.data = self.part(first, ())
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                what = "a second document begins here"
                meant = "keep one playbook a file and delete the line with `---`"
                self.tree.faults.append(_at(self.tree.file, event, what, meant))
                return

    def part(self, event: Event, path: Path) -> object:
        """The value that begins with this event, whatever it is."""
        self.tree.values[path] = _place(event)
        if len(path) > DEEPEST:
            what = f"this stands more than {DEEPEST} levels deep"
            fault = _at(self.tree.file, event, what, "close the brackets or indent less")
            raise PlaybookFaults([*self.tree.faults, fault])
        self.refuse_shorthand(event, path)
        match event:
            case MappingStartEvent():
                return self.mapping(path)
            case SequenceStartEvent():
                return self.sequence(path)
            case ScalarEvent():
                return self.scalar(event, path)
        return None

    def refuse_shorthand(self, event: Any, path: Path) -> None:
        """Anchors, aliases and tags: fine for programs, unreadable aloud, and good for bombs."""
        if isinstance(event, AliasEvent):
            what, meant = f"`*{event.anchor}` stands for another part", "write it out here"
        elif event.anchor is not None:
            what, meant = f"`&{event.anchor}` names this part", "delete it; nothing may refer to it"
        elif event.ctag is not None:
            what, meant = (
                "a word that begins with `!` is a tag",
                "delete it, or quote the whole text",
            )
        else:
            return
        self.tree.faults.append(_at(self.tree.file, event, what, meant))
        self.tree.broken.add(path)

    def mapping(self, path: Path) -> dict[str, object]:
        """Keys and values; of a key that stands twice the first counts."""
        found: dict[str, object] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                what = "a key must be one plain word"
                raise PlaybookFaults([*self.tree.faults, _at(self.tree.file, event, what)])
            key = self.word(event)
            inner = (*path, key)
            if key in found:
                self.skip_double(event, inner)
                continue
            self.tree.keys[inner] = _place(event)
            found[key] = self.part(next(self.events), inner)
        return found

    def skip_double(self, event: Event, inner: Path) -> None:
        """Note the second of two equal keys and read past what stands under it."""
        key, first = inner[-1], self.tree.keys[inner]
        what = f"`{key}` stands here a second time (first on line {first[0]})"
        fault = _at(self.tree.file, event, what, "delete one of the two")
        aside = Tree(self.tree.file)
        mine, self.tree = self.tree, aside
        try:
            self.part(next(self.events), inner)
        finally:
            self.tree = mine
            mine.faults.append(fault)

    def sequence(self, path: Path) -> tuple[object, ...]:
        """The entries of a list."""
        found: list[object] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            found.append(self.part(event, (*path, len(found))))
        return tuple(found)

    def word(self, event: Any) -> str:
        """The characters of a scalar; those that escapes smuggle in and nobody can send end it."""
        word = str(event.value)
        for character in word:
            if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t":
                what = f"a character that cannot be sent ({_name(character)})"
                fault = _at(self.tree.file, event, what, "delete the backslash and what follows it")
                raise PlaybookFaults([*self.tree.faults, fault])
        return word

    def scalar(self, event: Any, path: Path) -> object:
        """A word, a number or a boolean; nothing at all is a fault."""
        word = self.word(event)
        if event.style is not None:
            return word
        if word in ("", "~", "null"):
            name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
            self.tree.fault(path, f"{name} is empty", "write what belongs there or delete it")
            self.tree.broken.add(path)
            return None
        if word in ("true", "false"):
            return word == "true"
        if _INTEGER.fullmatch(word):
            return int(word)
        if _DECIMAL.fullmatch(word):
            return float(word)
        return word


def _place(event: Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _at(file: str, event: Event, what: str, meant: str = "") -> Fault:
    return Fault(file, *_place(event), what, meant)


def _syntax(file: str, error: MarkedYAMLError) -> Fault:
    """The parser's complaint, in one line and with what usually helps."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = " ".join(str(error.problem or error.context or "not YAML").split())
    if "tab" in said or r"'\t'" in said:
        meant = "indent with spaces, never with the tab key"
    elif "mapping values" in said:
        meant = "put quotes around a text that has a colon in it, and check the indent"
    else:
        meant = "check the indent, the quotes and the `key:` on this line and the one before"
    return Fault(file, line, column, f"YAML cannot be read here: {said}", meant)


def _name(character: object) -> str:
    if isinstance(character, str):
        return f"U+{ord(character[0]):04X}" if character else "unknown"
    return f"{character!r}"


def _texts(path: Path, value: object) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, inner in value.items():
                yield from _texts((*path, key), inner)
        case tuple():
            for number, inner in enumerate(value):
                yield from _texts((*path, number), inner)
