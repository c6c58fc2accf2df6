"""What happened in an incident, for those who look back on it together: as lines, as a picture.

Rules it keeps
    * Nobody has another name here than a call sign, and nobody who could not come has any.
    * It is made of the story's own words; a coordinator's notes come in only where asked for.
    * The picture loads nothing: no font, no script, no address; words are escaped.

What it must not know
    Storage, incidents, people.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from html import escape
from itertools import groupby
from typing import Final

from responder.core import days
from responder.core.model import Record
from responder.core.phrases import TABLES, say

_NAMELESS: Final = frozenset({"declined", "hard-call"})
"""Declining counts against nobody, and a hard call is nobody's but theirs: no name stands there."""
_UNNAMED: Final[Mapping[str, str]] = {
    "the machine": "timeline.machine",
    "a reporter": "timeline.reporter",
}
"""How an incident's papers name those who have no call sign there."""
_UNSAID: Final = frozenset({"identified"})
_WIDTH, _MARGIN, _RAIL, _LINE = 680, 24, 150, 20
_LETTERS: Final = 62
_TITLE_LETTERS: Final = 56
_STYLE: Final = (
    "text{font:14px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1b1b1b}"
    ".h{font-size:20px;font-weight:700}.t{font-weight:700}.m{fill:#555}"
    ".r{stroke:#2d5a45;stroke-width:2}circle{fill:#2d5a45}"
)


class Moment(Record):
    """One thing that happened, when, and how many minutes after the first."""

    at: datetime
    after_min: int
    text: str


def moments(
    story: Iterable[Mapping[str, str | None]],
    notes: Iterable[Mapping[str, str | None]] = (),
    language: str = "en",
) -> list[Moment]:
    """The story's lines, oldest first, in words; `notes` among them where they are given."""
    told: list[tuple[datetime, str]] = []
    for line in story:
        name = str(line.get("name") or "")
        if name not in _UNSAID:
            told.append((datetime.fromisoformat(str(line["at"])), _words(name, line, language)))
    for note in notes:
        by = who(note.get("by") or "", language)
        words = say(language, "timeline.note", by=by, text=note.get("text") or "")
        told.append((datetime.fromisoformat(str(note["at"])), words))
    told.sort(key=lambda one: one[0])
    return [
        Moment(at=at, after_min=int((at - told[0][0]).total_seconds()) // 60, text=text)
        for at, text in told
    ]


def _words(name: str, line: Mapping[str, str | None], language: str) -> str:
    key = f"timeline.{name}"
    words = say(language, key) if key in TABLES["en"] else name
    named = "" if name in _NAMELESS else line.get("about") or line.get("by") or ""
    return f"{who(named, language)}: {words}" if named else words


def who(name: str, language: str) -> str:
    """A call sign as it is; whoever has none, in that language."""
    key = _UNNAMED.get(name)
    return say(language, key) if key else name


def lines(found: Iterable[Moment], language: str = "en") -> list[str]:
    """One line a moment: the local time, the minutes since the first, the words; the days above."""
    told: list[str] = []
    for day, ours in _by_day(found):
        told.append(days.whole(language, day))
        told += [f"{one.at:%H:%M}  +{one.after_min:>3} min  {one.text}" for one in ours]
    return told or [say(language, "timeline.empty")]


def draw(title: str, found: Iterable[Moment], language: str = "en") -> str:
    """The picture, as the text of an SVG file: one moment under the other, days above them."""
    y = _MARGIN + 64
    parts: list[str] = []
    for day, ours in _by_day(found):
        parts.append(_text(_MARGIN, y, days.whole(language, day), "t"))
        top = y + 14
        y += _LINE + 12
        rows: list[str] = []
        for one in ours:
            drawn, height = _moment(one, y)
            rows += drawn
            y += height
        parts += [f'<path class="r" d="M{_RAIL} {top}V{y - 2 * _LINE}"/>', *rows]
        y += _LINE // 2
    if not parts:
        parts.append(_text(_MARGIN, y, say(language, "timeline.empty")))
        y += _LINE
    heading = textwrap.wrap(title, _TITLE_LETTERS) or [""]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" '
        f'height="{y}" role="img" aria-label="{escape(title, quote=True)}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        + _text(_MARGIN, _MARGIN + 8, heading[0], "h")
        + _text(_MARGIN, _MARGIN + 32, say(language, "timeline.times"), "m")
        + "\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _by_day(found: Iterable[Moment]) -> Iterator[tuple[date, list[Moment]]]:
    """The moments, day by local day."""
    for day, ours in groupby(found, key=lambda one: one.at.date()):
        yield day, list(ours)


def _moment(one: Moment, y: int) -> tuple[list[str], int]:
    """What is drawn of one moment, and how high it is."""
    rows = textwrap.wrap(one.text, _LETTERS) or [""]
    parts = [
        _text(_MARGIN, y, f"{one.at:%H:%M}", "t"),
        _text(_MARGIN + 56, y, f"+{one.after_min} min", "m"),
        f'<circle cx="{_RAIL}" cy="{y - 5}" r="4"/>',
    ]
    parts += [_text(_RAIL + 18, y + number * _LINE, row) for number, row in enumerate(rows)]
    return parts, len(rows) * _LINE + 10


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x}" y="{y}">{escape(words)}</text>'
