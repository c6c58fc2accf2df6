"""Coverage as a picture: one sheet of SVG, a row a day and a column an hour.

Rules it keeps
    * It loads nothing: no font, no script, no address; words are escaped.
    * It reads in black and white: each square holds its number, and a bar under it says that some
      team could not form.
    * No member stands on it, so that it may hang on a wall.

What it must not know
    How coverage is found: it draws what it is handed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

_CELL, _ROW, _LEFT, _MARGIN, _HEAD = 26, 24, 90, 24, 56
_HOURS: Final = 24
_WIDTH: Final = _MARGIN * 2 + _LEFT + _HOURS * _CELL
_SHADES: Final = ("#ffffff", "#f6d9a8", "#cfe6d6", "#9fcfb0", "#6db58a")
"""For nobody, one, two, three, and more people."""
_STYLE: Final = (
    "text{font:13px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1b1b1b}"
    ".h{font-size:20px;font-weight:700}.t{font-weight:700}.n{text-anchor:middle}"
    "rect{stroke:#6b6b6b;stroke-width:.6}.u{fill:#8a1c1c;stroke:none}"
)


def draw(title: str, places: Sequence[Mapping[str, Any]], legend: Sequence[str]) -> str:
    """The SVG text of places, each `{"name", "days": [{"day", "hours": [count or None, short]}]}`.

    `hours` has 24 entries of (people, whether a team is lacking), None for hours not asked about.
    """
    y = _HEAD
    parts: list[str] = []
    for place in places:
        parts.append(_text(_MARGIN, y + 16, place["name"], "t"))
        parts += [
            _text(_MARGIN + _LEFT + h * _CELL + _CELL // 2, y + 16, f"{h:02}", "n")
            for h in range(0, _HOURS, 2)
        ]
        y += _ROW
        for day in place["days"]:
            parts.append(_text(_MARGIN, y + 17, day["day"], ""))
            parts += [_cell(h, y, cell) for h, cell in enumerate(day["hours"]) if cell is not None]
            y += _ROW
        y += _ROW // 2
    for line in legend:
        parts.append(_text(_MARGIN, y + 16, line, ""))
        y += _ROW
    height = y + _MARGIN // 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-label="{escape(title, quote=True)}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f'<path fill="#fff" d="M0 0H{_WIDTH}V{height}H0z"/>\n'
        + _text(_MARGIN, _MARGIN + 8, title, "h")
        + "\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _text(x: int, y: int, words: str, kind: str) -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x}" y="{y}">{escape(words)}</text>'


def _cell(hour: int, y: int, cell: Sequence[Any]) -> str:
    people, lacking = int(cell[0]), bool(cell[1])
    x = _MARGIN + _LEFT + hour * _CELL
    fill = _SHADES[min(people, len(_SHADES) - 1)]
    bar = f'<rect class="u" x="{x + 3}" y="{y + _ROW - 5}" width="{_CELL - 6}" height="3"/>'
    return (
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_ROW}" fill="{fill}"/>'
        + _text(x + _CELL // 2, y + 16, str(people), "n")
        + (bar if lacking else "")
    )
