"""How the demo looks: a narrator's lines, what people type, and each phone as its reader sees it.

Rules it keeps
    * It reads at 80 columns, and without colours where there is no terminal.
    * The same message to several people is shown once, under all their names; of one that differs
      from a neighbour's in a line or two, only these are repeated.
    * An edited message shows what is new in it: nobody reads an overview ten times.

What it must not know
    The network: it is handed words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bots.terminal import DELETE_MARK, EDIT_MARK
from responder.core.phrases import say

_INDENT: Final = 4
_MARGIN: Final = 7
"""Where the narrator's words begin, after the time."""
_WIDEST: Final = 76
_ALIKE: Final = 0.4
"""What part of a message may differ if it is shown as "the rest reads the same"."""
_LONG: Final = 250
"""Characters from which on that is worth it."""
_SHORT: Final = 3
"""Lines of news in an edited message that need no panel."""
_REMEMBERED: Final = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """What one phone showed: whose it is (a handle), and the words with their numbers."""

    handle: str
    text: str

    @property
    def edit(self) -> bool:
        """Whether it takes the place of an earlier message."""
        return self.text.startswith(EDIT_MARK)

    @property
    def words(self) -> str:
        """The words without the sign of an edit."""
        return self.text.removeprefix(f"{EDIT_MARK} ")


@dataclass(slots=True)
class _Sheet:
    """One panel: who all see it."""

    names: list[str]
    lines: list[str]
    edit: bool
    like: str = ""


class Screen:
    """Draws on one console, in one language. `names` maps handles to what stands on the panel."""

    def __init__(self, console: Console, language: str, names: Mapping[str, str]) -> None:
        self.console = console
        self.language = language
        self._names = names
        self._before: dict[str, list[list[str]]] = {}
        self._apart = False
        self.lines = 0
        """How many lines were drawn since somebody set it to 0: how long they take to read."""

    def say(self, key: str, /, **params: object) -> str:
        """A phrase of the demo, in its language."""
        return say(self.language, f"demo.{key}", **params)

    def name(self, handle: str) -> str:
        """What somebody is called here."""
        return self._names.get(handle, handle)

    def _draw(self, what: RenderableType, lines: int) -> None:
        self.console.print(what)
        self.lines += lines
        self._apart = False

    # --- the narrator -----------------------------------------------------------------------------

    def heading(self, words: str) -> None:
        """The line at the top of a story."""
        self._draw(Rule(Text(words, style="bold"), align="left"), 1)

    def aside(self, words: str) -> None:
        """Something about the demo itself."""
        self.gap()
        self._draw(Text(words, style="dim"), 1 + len(words) // 80)

    def example(self, words: str) -> None:
        """Something that could be typed."""
        self._draw(Padding(Text(words, style="italic"), (0, 0, 0, _INDENT), expand=False), 2)

    def tell(self, at: datetime, words: str) -> None:
        """One line of the narrator, with the demo's time before it."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=5)
        grid.add_column()
        grid.add_row(Text(f"{at:%H:%M}", style="cyan"), Text(words, style="bold"))
        self.gap()
        self._draw(grid, 1 + len(words) // 72)

    def gap(self) -> None:
        """An empty line, never two of them."""
        if not self._apart:
            self._draw("", 1)
        self._apart = True

    def typed(self, handle: str, words: str, meaning: str = "") -> None:
        """What somebody types or taps."""
        line = Text(f"{self.name(handle)} > ", style="green")
        line.append(words, style="default")
        if meaning:
            line.append(f"  {meaning}", style="dim")
        self._draw(Padding(line, (0, 0, 0, _MARGIN), expand=False), 1 + len(words) // 72)

    def listed(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names, and what there is to say of each."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(min_width=10, style="bold")
        grid.add_column()
        count = 0
        for name, words in rows:
            grid.add_row(Text(name), Text(words))
            count += 1
        self._draw(Padding(grid, (0, 0, 0, _MARGIN), expand=False), count)

    # --- phones -----------------------------------------------------------------------------------

    def phones(self, batch: Sequence[Shown]) -> None:
        """Everything that arrived at once, a panel for each different message."""
        order = {handle: number for number, handle in enumerate(self._names)}
        sheets: list[_Sheet] = []
        for shown in sorted(_newest(batch), key=lambda one: order.get(one.handle, len(order))):
            if shown.text == DELETE_MARK:
                continue
            self._lay(sheets, shown)
        for sheet in sheets:
            self._sheet(sheet)

    def _lay(self, sheets: list[_Sheet], shown: Shown) -> None:
        lines = shown.words.splitlines()
        seen = self._before.setdefault(shown.handle, [])
        fresh = _what_is_new(lines, seen) if shown.edit else lines
        seen.append(lines)
        del seen[:-_REMEMBERED]
        name = self.name(shown.handle)
        if not fresh:
            return
        for sheet in sheets:
            if sheet.edit == shown.edit and sheet.lines == fresh:
                sheet.names.append(name)
                return
        for sheet in sheets:
            other = [line for line in fresh if line not in sheet.lines]
            if not sheet.like and _alike(fresh, other):
                sheets.append(_Sheet([name], other, shown.edit, like=sheet.names[0]))
                return
        sheets.append(_Sheet([name], fresh, shown.edit))

    def _sheet(self, sheet: _Sheet) -> None:
        if sheet.edit and len(sheet.lines) <= _SHORT:
            self._news(sheet)
        else:
            self._panel(sheet)

    def _news(self, sheet: _Sheet) -> None:
        """A change that needs no panel of its own."""
        grid = Table.grid()
        grid.add_column()
        grid.add_column()
        head = Text(f"{', '.join(sheet.names)} {EDIT_MARK} ", style="blue")
        grid.add_row(head, Text("\n".join(sheet.lines), style="dim"))
        self._draw(Padding(grid, (0, 0, 0, _MARGIN), expand=False), len(sheet.lines))

    def _panel(self, sheet: _Sheet) -> None:
        words = Text()
        for line in sheet.lines:
            number, gap, label = line.partition("  ")
            if gap and number.isdecimal():
                words.append(number, style="bold yellow").append(f"{gap}{label}\n")
            else:
                words.append(f"{line}\n")
        if sheet.like:
            words.append(self.say("same", name=sheet.like) + "\n", style="dim italic")
        words.rstrip()
        title = ", ".join(sheet.names) + (f" {EDIT_MARK}" if sheet.edit else "")
        width = min(_WIDEST, self.console.width - _INDENT)
        panel = Panel(words, title=Text(title), title_align="left", width=width)
        drawn = Padding(panel, (0, 0, 0, _INDENT))
        height = len(self.console.render_lines(drawn))
        self._draw(drawn, height)


def _newest(batch: Sequence[Shown]) -> list[Shown]:
    """Of edits to one phone that begin alike, such as an overview's, the last."""
    last = {(one.handle, _head(one)): at for at, one in enumerate(batch) if one.edit}
    return [
        one for at, one in enumerate(batch) if not one.edit or last[(one.handle, _head(one))] == at
    ]


def _head(shown: Shown) -> str:
    return shown.words.partition("\n")[0]


def _what_is_new(lines: list[str], seen: list[list[str]]) -> list[str]:
    """The lines that the message did not have before, as far as one can tell which it was."""
    same = [before for before in seen if before[:1] == lines[:1]]
    known = (same or seen or [[]])[-1]
    return [line for line in lines if line.strip() and line not in known]


def _alike(lines: list[str], other: list[str]) -> bool:
    whole = sum(map(len, lines))
    return whole >= _LONG and sum(map(len, other)) <= whole * _ALIKE
