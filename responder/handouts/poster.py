"""A printed page for a neighbourhood: how to report, rights in short, the emergency line.

What it is for
    `page` puts the words of one language on a sheet; `svg` and `pdf` write the sheet down.

Rules it keeps
    * One page. What is too long for it in letters that can be read from a step away is refused.
    * Black on white, nothing filled but the codes: any printer and any copier will do.
    * It loads nothing and brings no font. PDF's own Helvetica holds the letters of Western
      Europe; what has other letters is refused there and can be had as SVG.

What it must not know
    Members, and any secret: everybody may read a poster.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from fpdf import FPDF

from responder.core.phrases import say
from responder.errors import ResponderError
from responder.handouts import inviting

if TYPE_CHECKING:
    from responder.handouts.inviting import Way

PAPERS: Final = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
"""Width and height in points."""
MARGIN: Final = 46.0
_SCALES: Final = tuple(scale / 100 for scale in range(115, 60, -3))
"""Tried from the largest; the smallest prints rights at 10 points."""
_LINE: Final = 1.28
_CODE: Final = 128.0
_FAMILY: Final = "Helvetica, Arial, 'Liberation Sans', sans-serif"
"""The same widths in all of them: what was measured for PDF holds for SVG."""
_PLAIN: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


class Words(NamedTuple):
    """All that a poster says besides its own phrases, in its language."""

    language: str
    network: str
    place: str
    rights: tuple[str, ...]
    emergency: str
    forget: str


class Text(NamedTuple):
    """One line of words; `y` is its base line."""

    x: float
    y: float
    size: float
    bold: bool
    words: str


class Box(NamedTuple):
    """A frame `line` points thick."""

    x: float
    y: float
    width: float
    height: float
    line: float


class Code(NamedTuple):
    """A QR code with its quiet zone, in a square."""

    x: float
    y: float
    size: float
    link: str


Item = Text | Box | Code


class Sheet(NamedTuple):
    """One page, in points from its upper left corner."""

    width: float
    height: float
    title: str
    language: str
    items: tuple[Item, ...]


# --- laying it out --------------------------------------------------------------------------------


def page(words: Words, ways: Sequence[Way], paper: str = "a4") -> Sheet:
    """The sheet, in the largest letters with which all fits; `ResponderError` where none do."""
    width, height = PAPERS[paper]
    room = height - 2 * MARGIN
    for scale in _SCALES:
        column = _Column(width - 2 * MARGIN, scale)
        blocks = _blocks(column, words, ways)
        gap = (room - sum(block.height for block in blocks)) / (len(blocks) - 1)
        if gap >= 12 * scale:
            items = tuple(_stacked(blocks, min(gap, 44.0)))
            return Sheet(width, height, " ".join(_title(words.language)), words.language, items)
    raise ResponderError(
        "These rights are too long for one page. Choose another playbook, or shorten its rights."
    )


class _Block(NamedTuple):
    """Items that belong together, as they lie from their own upper edge."""

    height: float
    items: tuple[Item, ...]


def _stacked(blocks: Iterable[_Block], gap: float) -> Iterable[Item]:
    y = MARGIN
    for block in blocks:
        yield from (item._replace(x=item.x + MARGIN, y=item.y + y) for item in block.items)
        y += block.height + gap


class _Column:
    """Breaks words into lines for one width and one scale of letters."""

    def __init__(self, width: float, scale: float) -> None:
        self.width = width
        self.scale = scale
        self._pdf = FPDF(unit="pt")

    def lines(self, words: str, size: float, *, bold: bool = False, width: float) -> list[str]:
        """The words in lines, none wider than `width` unless one word alone is."""
        self._pdf.set_font("Helvetica", "B" if bold else "", size)
        lines: list[str] = []
        for word in words.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._width(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def wide(self, words: str, size: float) -> float:
        """How wide the words are in bold letters of this size, on this scale."""
        self._pdf.set_font("Helvetica", "B", size * self.scale)
        return self._width(words)

    def _width(self, words: str) -> float:
        measured = words.translate(_PLAIN).encode("latin-1", "replace").decode("latin-1")
        return float(self._pdf.get_string_width(measured))

    def block(
        self, words: str, size: float, *, bold: bool = False, x: float = 0, width: float = 0
    ) -> _Block:
        """The words as a block of lines from `x`."""
        size *= self.scale
        lines = self.lines(words, size, bold=bold, width=width or self.width - x)
        step = size * _LINE
        items = tuple(Text(x, n * step + size, size, bold, line) for n, line in enumerate(lines))
        return _Block(len(lines) * step, items)


def _title(language: str) -> tuple[str, str]:
    return say(language, "poster.title"), say(language, "poster.title.tell")


def _blocks(column: _Column, words: Words, ways: Sequence[Way]) -> list[_Block]:
    language = words.language
    told = [say(language, f"poster.how.{n}") for n in (1, 2, 3)]
    steps = [column.block(say(language, "poster.how"), 21, bold=True)]
    for number, step in enumerate(told, 1):
        steps.append(_marked(column, f"{number}.", step, 18))
    steps.append(column.block(say(language, "poster.then"), 18))
    rights = [column.block(say(language, "poster.rights"), 19, bold=True, x=16, width=_in(column))]
    rights += [_marked(column, "-", line, 16, x=16) for line in words.rights]
    emergency = column.block(words.emergency, 20, bold=True, x=16, width=_in(column))
    place = say(language, "poster.place", network=words.network, place=words.place)
    heading = [column.block(line, 42, bold=True) for line in _title(language)]
    return [
        _below([*heading, column.block(place, 20)], 4),
        _ways(column, language, ways),
        _below(steps, 5),
        _framed(column, _below(rights, 4), 1.2),
        _framed(column, emergency, 3.5),
        column.block(say(language, "poster.foot", forget=words.forget), 12.5),
    ]


def _in(column: _Column) -> float:
    return column.width - 32


def _marked(column: _Column, mark: str, words: str, size: float, x: float = 0) -> _Block:
    """Words that hang beside their number or dash."""
    indent = x + 1.4 * size * column.scale
    hung = column.block(words, size, x=indent, width=column.width - indent - x)
    first = column.block(mark, size, x=x, width=indent)
    return _Block(hung.height, (*first.items, *hung.items))


def _below(blocks: Iterable[_Block], gap: float = 6) -> _Block:
    y, items = 0.0, list[Item]()
    for block in blocks:
        items += [item._replace(y=item.y + y) for item in block.items]
        y += block.height + gap
    return _Block(y - gap, tuple(items))


def _framed(column: _Column, block: _Block, line: float) -> _Block:
    pad = 11.0
    inside = tuple(item._replace(y=item.y + pad) for item in block.items)
    height = block.height + 2 * pad
    return _Block(height, (Box(0, 0, column.width, height, line), *inside))


def _ways(column: _Column, language: str, ways: Sequence[Way]) -> _Block:
    """The codes side by side, each with its name, whom to write to, and who can read it."""
    wide = column.width / max(len(ways), 1)
    items: list[Item] = []
    height = _CODE
    for number, way in enumerate(ways):
        x = number * wide
        beside = x + _CODE + 8
        width = wide - _CODE - 14
        told = _below(
            [
                column.block(say(language, f"poster.{way.channel}"), 21, bold=True, x=beside),
                _unbroken(column, way.shown, 17, beside, width),
                column.block(
                    say(language, f"poster.{way.channel}.note"), 13, x=beside, width=width
                ),
            ]
        )
        items += [Code(x, 0, _CODE, way.link), *told.items]
        height = max(height, told.height)
    return _Block(height, tuple(items))


def _unbroken(column: _Column, word: str, size: float, x: float, width: float) -> _Block:
    """One word in letters small enough for it to stand in one line."""
    size *= min(1.0, width / column.wide(word, size))
    return column.block(word, size, bold=True, x=x, width=2 * width)


# --- writing it down ------------------------------------------------------------------------------


def svg(sheet: Sheet) -> str:
    """The sheet as SVG, as large as the paper."""
    size = f'width="{sheet.width:g}pt" height="{sheet.height:g}pt"'
    parts = (_SVG[type(item)](item) for item in sheet.items)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {sheet.width:g} {sheet.height:g}" xml:lang="{sheet.language}">\n'
        f"<title>{escape(sheet.title)}</title>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<g font-family="{_FAMILY}" fill="#000">\n' + "\n".join(parts) + "\n</g>\n</svg>\n"
    )


def _svg_text(text: Text) -> str:
    weight = ' font-weight="700"' if text.bold else ""
    at = f'x="{text.x:.1f}" y="{text.y:.1f}" font-size="{text.size:.2f}"'
    return f"<text {at}{weight}>{escape(text.words)}</text>"


def _svg_box(box: Box) -> str:
    size = f'width="{box.width:.1f}" height="{box.height:.1f}"'
    at = f'x="{box.x:.1f}" y="{box.y:.1f}"'
    return f'<rect {at} {size} fill="none" stroke="#000" stroke-width="{box.line:g}"/>'


def _svg_code(code: Code) -> str:
    rows = inviting.modules(code.link)
    dots = "".join(f"M{x} {y}h1v1h-1z" for x, y in _black(rows))
    scale = code.size / len(rows)
    place = f"translate({code.x:.1f} {code.y:.1f}) scale({scale:.4f})"
    return f'<path transform="{place}" shape-rendering="crispEdges" d="{dots}"/>'


def _black(rows: Sequence[Sequence[bool]]) -> Iterable[tuple[int, int]]:
    return ((x, y) for y, row in enumerate(rows) for x, dot in enumerate(row) if dot)


_SVG: Final[dict[type[Item], Callable[..., str]]] = {
    Text: _svg_text,
    Box: _svg_box,
    Code: _svg_code,
}


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF; `ResponderError` for letters that its own fonts do not have."""
    made = FPDF(unit="pt", format=(sheet.width, sheet.height))
    made.set_auto_page_break(False)
    made.set_title(sheet.title)
    made.set_lang(sheet.language)
    made.add_page()
    for item in sheet.items:
        match item:
            case Text():
                made.set_font("Helvetica", "B" if item.bold else "", item.size)
                made.text(item.x, item.y, _western(item.words))
            case Box():
                made.set_line_width(item.line)
                made.rect(item.x, item.y, item.width, item.height)
            case Code():
                # One picture: squares drawn one by one show white lines between them.
                drawn = io.BytesIO(inviting.picture(item.link, ".png"))
                made.image(drawn, item.x, item.y, item.size, item.size)
    return bytes(made.output())


def _western(words: str) -> str:
    plain = words.translate(_PLAIN)
    try:
        plain.encode("latin-1")
    except UnicodeEncodeError as error:
        letter = plain[error.start]
        raise ResponderError(
            f"PDF's own letters have no {letter!r}. Name a file that ends in .svg, open it in a"
            " browser and print it from there."
        ) from None
    return plain
