"""Coverage as a picture: one sheet of SVG, a row a day and a column an hour.

Rules it keeps
    * It loads nothing: no font, no script, no address; words are escaped.
    * It reads in black and white: each square holds its number, what is thin has stripes, a gap is
      dark with its number in white, and the legend shows one of each.
    * No member stands on it, so that it may hang on a wall.

What it must not know
    How coverage is found, and any language: it draws what it is handed, in the words it is handed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from enum import StrEnum
from html import escape
from typing import Final

from responder.core.model import Record

_CELL, _ROW, _LEFT, _MARGIN, _HEAD = 26, 24, 96, 24, 84
_HOURS: Final = 24
_WIDTH: Final = _MARGIN * 2 + _LEFT + _HOURS * _CELL
_TITLE_LETTERS: Final = 58
_STYLE: Final = (
    "text{font:13px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1b1b1b}"
    ".h{font-size:20px;font-weight:700}.t{font-weight:700}.n{text-anchor:middle}"
    "rect{stroke:#6b6b6b;stroke-width:.6}"
    ".enough{fill:#cfe8d6}.thin{fill:#ffe9bd}.s{stroke:#d39a2a;stroke-width:1.2}"
    ".gap{fill:#7a1616}.none{fill:#fff}"
    ".on-thin{font-weight:700}.on-gap{fill:#fff;font-weight:700}.on-none{fill:#6b6b6b}"
)
_STRIPES: Final = "M0 8L8 0M0 16L16 0M0 24L24 0M2 24L26 0M10 24L26 8M18 24L26 16"
"""Across one square. Drawn, since a pattern would have to be referred to."""


class Kind(StrEnum):
    """How well an hour is covered."""

    ENOUGH = "enough"
    THIN = "thin"
    GAP = "gap"
    NONE = "none"


class Square(Record):
    """One hour: how many people a page reaches, and how well that covers it."""

    people: int
    kind: Kind


class Day(Record):
    """One row: its label and its 24 hours, None where an hour was not asked about."""

    label: str
    hours: tuple[Square | None, ...]


class Sheet(Record):
    """All that stands on the picture, in one language."""

    title: str
    dates: str
    places: tuple[tuple[str, tuple[Day, ...]], ...]
    legend: Mapping[Kind, str]
    count: str


def draw(sheet: Sheet) -> str:
    """The text of the SVG file."""
    title = textwrap.shorten(sheet.title, _TITLE_LETTERS, placeholder=" …")
    parts = [_text(_MARGIN, 32, title, "h"), _text(_MARGIN, 56, sheet.dates)]
    y = _HEAD
    for name, days in sheet.places:
        parts += _place(name, days, y)
        y += _ROW * (len(days) + 1) + _ROW // 2
    parts += _legend(sheet, y)
    y += _ROW * (len(sheet.legend) + 1) + _MARGIN // 2
    named = escape(sheet.title, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" '
        f'width="{_WIDTH}" height="{y}" role="img" aria-label="{named}">\n'
        f"<title>{escape(sheet.title)}</title>\n<style>{_STYLE}</style>\n"
        f'<path fill="#fff" d="M0 0H{_WIDTH}V{y}H0z"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _place(name: str, days: Sequence[Day], y: int) -> list[str]:
    parts = [_text(_MARGIN, y + 16, name, "t")]
    parts += [
        _text(_MARGIN + _LEFT + hour * _CELL + _CELL // 2, y + 16, f"{hour:02}", "n")
        for hour in range(0, _HOURS, 2)
    ]
    for row, day in enumerate(days, 1):
        top = y + row * _ROW
        parts.append(_text(_MARGIN, top + 17, day.label))
        parts += [
            _square(_MARGIN + _LEFT + hour * _CELL, top, one)
            for hour, one in enumerate(day.hours)
            if one is not None
        ]
    return parts


def _legend(sheet: Sheet, y: int) -> list[str]:
    parts = []
    for row, (kind, words) in enumerate(sheet.legend.items()):
        top = y + row * _ROW
        parts.append(_square(_MARGIN, top, Square(people=_EXAMPLES[kind], kind=kind)))
        parts.append(_text(_MARGIN + _CELL + 10, top + 17, words))
    parts.append(_text(_MARGIN, y + len(sheet.legend) * _ROW + 17, sheet.count))
    return parts


_EXAMPLES: Final[Mapping[Kind, int]] = {
    Kind.ENOUGH: 3,
    Kind.THIN: 1,
    Kind.GAP: 1,
    Kind.NONE: 0,
}


def _square(x: int, y: int, one: Square) -> str:
    stripes = f'<path class="s" transform="translate({x} {y})" d="{_STRIPES}"/>'
    return (
        f'<rect class="{one.kind}" x="{x}" y="{y}" width="{_CELL}" height="{_ROW}"/>'
        + (stripes if one.kind is Kind.THIN else "")
        + _text(x + _CELL // 2, y + 16, str(one.people), f"n on-{one.kind}")
    )


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x}" y="{y}">{escape(words)}</text>'
