"""The path of an incident as a picture: one sheet of SVG, to print and to talk about.

Rules it keeps
    * It loads nothing: no font, no script, no address; words are escaped.
    * It reads in black and white, and a screen reader finds a title and each station's words.

What it must not know
    Playbooks: it draws stations.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape
from typing import Final

from responder.core.playbooks.path import Aside, Station

_WIDTH, _MARGIN = 760, 24
_BOX, _ASIDE = 400, 268
_LINE, _PAD, _GAP = 20, 12, 26
_LETTERS, _ASIDE_LETTERS = 48, 31
"""How many letters fit into a line of a box and of an aside, in a common sans-serif of 14 px."""
_AFTER_NUMBER: Final = re.compile(r"(?<=\d) ")
_STYLE: Final = (
    "text{font:14px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1b1b1b}"
    ".t{font-weight:700}.h{font-size:22px;font-weight:700}"
    ".b{fill:#f3f6f4;stroke:#2d5a45;stroke-width:1.5}"
    ".a{fill:#fff8ec;stroke:#8a5a00;stroke-width:1.5;stroke-dasharray:5 4}"
    ".l{stroke:#2d5a45;stroke-width:1.5;fill:none}"
    ".d{stroke:#8a5a00;stroke-width:1.5;fill:none;stroke-dasharray:5 4}"
)


def draw(title: str, stations: Sequence[Station]) -> str:
    """The SVG text: the stations from top to bottom, what leads aside to the right."""
    y = _MARGIN + 30
    parts: list[str] = []
    for number, station in enumerate(stations):
        rows = _rows(station.lines, _LETTERS)
        aside = _rows((station.aside.line,), _ASIDE_LETTERS) if station.aside else []
        height = _height(max(len(rows), len(aside)))
        parts.append(_box(_MARGIN, y, _BOX, height, "b", station.title, rows))
        if station.aside:
            parts += _beside(y, height, station.aside, aside)
        if number + 1 < len(stations):
            middle, foot = _MARGIN + _BOX / 2, y + height
            parts.append(f'<path class="l" d="M{middle:g} {foot}v{_GAP - 2}m-5 -7l5 7l5 -7"/>')
        y += height + _GAP
    height = y - _GAP + _MARGIN
    heading = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-label="{escape(title, quote=True)}">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text class="h" x="{_MARGIN}" y="{_MARGIN + 8}">{heading}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _height(rows: int) -> int:
    return 2 * _PAD + (rows + 1) * _LINE - 4


def _rows(lines: Sequence[str], letters: int) -> list[str]:
    # A number stays on one line with what it counts: "3 min".
    kept = (_AFTER_NUMBER.sub("\N{NO-BREAK SPACE}", line) for line in lines)
    return [row for line in kept for row in textwrap.wrap(line, letters)]


def _beside(y: int, height: int, aside: Aside, rows: Sequence[str]) -> list[str]:
    left = _WIDTH - _MARGIN - _ASIDE
    middle = y + height / 2
    line = f'<path class="d" d="M{_MARGIN + _BOX} {middle:g}H{left - 2}m-7 -5l7 5l-7 5"/>'
    return [line, _box(left, y, _ASIDE, height, "a", aside.title, rows)]


def _box(
    x: int, y: int, width: int, height: int, kind: str, title: str, rows: Sequence[str]
) -> str:
    """One box with a bold first line."""
    text = [
        f'<text class="{"" if n else "t"}" x="{x + _PAD}" y="{y + _PAD + 14 + n * _LINE}">'
        f"{escape(row)}</text>"
        for n, row in enumerate((title, *rows))
    ]
    rect = f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
    return "<g>" + rect + "".join(text) + "</g>"
