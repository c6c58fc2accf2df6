"""Rows of an answer as lines of text: for a terminal of any width, and for a pipe.

Rules it keeps
    * No word is ever broken: where a terminal is too narrow for columns, each row becomes a few
      lines of "heading: value".
    * A pipe has no width: every row is one line, its columns at least two blanks apart, no cell
      empty and none with two blanks in it, and nothing is drawn. So `awk -F '  +'` reads it.
    * Signs and places carry the meaning, never a colour.

What it must not know
    What any column means.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len

_GAP: Final = "  "
_NONE: Final = "-"


def lines(
    columns: Sequence[str], rows: Iterable[Sequence[object]], width: int | None
) -> Iterator[str]:
    """The rows under their headings; `width` in characters of a terminal, None for a pipe."""
    cells = [[_cell(value) for value in row] for row in rows]
    natural = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    if width is None:
        yield from (_line(row, natural) for row in (columns, *cells))
        return
    widths = _fitted(natural, [columns, *cells], width)
    if widths is None:
        for row in cells:
            yield from _block(columns, row, width)
        return
    yield from _wrapped(columns, widths)
    yield _line(["─" * one for one in widths], widths)
    for row in cells:
        yield from _wrapped(row, widths)


def _cell(value: object) -> str:
    return " ".join(str(value).split()) or _NONE


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()


def _fitted(natural: Sequence[int], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The width of each column, none below its longest word; None where that is too much."""
    room = width - len(_GAP) * (len(natural) - 1)
    widths = [
        max(cell_len(word) for text in column for word in text.split())
        for column in zip(*rows, strict=True)
    ]
    spare = room - sum(widths)
    if spare < 0:
        return None
    for _ in range(min(spare, sum(natural) - sum(widths))):
        # The one that lacks most, for its size, gets the next character.
        neediest = max(range(len(widths)), key=lambda n: natural[n] / widths[n])
        widths[neediest] += 1
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """One row in as many lines as its longest cell takes."""
    broken = [_words(text, width) for text, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*broken, fillvalue=""):
        yield _line(parts, widths)


def _words(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _block(columns: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    """The first cell on a line of its own, the others below it with their headings."""
    yield row[0]
    room = max(width - len(_GAP), 1)
    told: list[str] = []
    for name, text in zip(columns[1:], row[1:], strict=True):
        piece = f"{name}: {text}"
        if told and cell_len(told[-1]) + len("; ") + cell_len(piece) <= room:
            told[-1] += f"; {piece}"
        else:
            told.append(piece)
    for line in told:
        for part in _words(line, room):
            yield _GAP + part
