"""What is wrong with a playbook, and where: words that a coordinator can act on.

Rules it keeps
    * A fault names a place that an editor can jump to (`file:line:column`, both from 1), says what
      is wrong there, and then what to write instead.
    * Everything wrong is told at once: `PlaybookFaults` carries all of it, in reading order.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the file, from the top: keys, and numbers for the places in a list."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: `what` is wrong and what was `meant`; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    what: str
    meant: str = ""

    def __str__(self) -> str:
        told = f"{self.file}:{self.line}:{self.column}: {self.what}"
        return f"{told}; {self.meant}" if self.meant else told


class PlaybookFaults(Exception):
    """A playbook that must not be used. Its text is one line a fault, in reading order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def near(word: str, known: Collection[str]) -> str:
    """What was probably meant by `word`, of those `known`; all of them where nothing is close."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{folded[close[0]]}`?"
    return "known here: " + ", ".join(f"`{name}`" for name in known)
