"""A live screen of a running network for a coordinator's terminal; eighty columns will do.

Rules it keeps
    * What people told, and where, is shown only after a key for it, for one incident, and is gone
      a minute later: a screen stands in a room.
    * Nothing is done without being asked once more.
    * It is in one language, and no meaning hangs on a colour: an alarm stands there as a word in
      capitals, so that any terminal and any eye will do.
    * It only asks, over the same socket as every command: often what is cheap, seldom what is not.

What it must not know
    Sockets: it is handed a way to ask. What any operation means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import DataTable, Footer, Input, Label, Static

from responder.board.looks import Looks, once
from responder.core.phrases import say

Ask = Callable[[str, Mapping[str, object]], Awaitable[Any]]
"""Asks the network: the operation and its arguments; an exception's text is shown."""

OFTEN_S: Final = 2.0
SELDOM_S: Final = 30.0
"""The state of the channels and the audit: the network reads its disk for these."""
SHOWN_S: Final = 60.0
_AUDIT_LINES: Final = 4
_KEYS: Final = {
    "w": "words",
    "p": "widen",
    "l": "leave",
    "n": "note",
    "e": "end",
    "q": "quit",
}
_YES: Final = frozenset({"yes", "sí", "si"})
# With a blank on both sides of each, and a bar to scroll by, they fill eighty columns.
_WIDTHS: Final = (6, 13, 11, 9, 7, 7, 11)


class Asked(ModalScreen[str | None]):
    """One more question before something is done: enter does it, escape does not."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, question: str, how: str) -> None:
        super().__init__()
        self._question = question
        self._how = how

    def compose(self) -> ComposeResult:
        """The question, and a line to write in."""
        with Vertical(id="asked"):
            yield Label(self._question, markup=False)
            yield Label(self._how, markup=False)
            yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was written; nothing at all is a no."""
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        """Not after all."""
        self.dismiss(None)


class Board(App[None]):
    """Open incidents, who is on call, channels and the audit's last lines."""

    TITLE = "responder"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layout: vertical; }
    #head { height: 1; background: $primary; color: $text; padding: 0 1; }
    #incidents { height: 1fr; overflow-x: hidden; }
    #detail { height: 7; border-top: solid $primary; padding: 0 1; }
    #detail.told { height: 12; }
    #below { height: 8; border-top: solid $primary; }
    #oncall { width: 1fr; padding: 0 1; }
    #state { width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Asked { align: center middle; }
    #asked { width: 70; height: auto; border: thick $warning; padding: 1; background: $surface; }
    """

    def __init__(
        self, ask: Ask, language: str = "en", *, now: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__()
        for key, action in _KEYS.items():
            self.bind(key, action, description=say(language, f"board.key.{action}"))
        self._ask = ask
        self._language = language
        self._looks = Looks(language)
        self._now = now or (lambda: datetime.now(UTC))
        self._incidents: dict[str, dict[str, Any]] = {}
        self._words: tuple[str, str] | None = None
        self._hide: Timer | None = None
        self._fault = ""
        self._content: bool | None = None
        # Held here: while a question is asked, a look for them would search its screen.
        self._head = Static(id="head", markup=False)
        self._table: DataTable[Text] = DataTable(id="incidents", cursor_type="row")
        self._detail = Static(id="detail", markup=False)
        self._on_call = Static(id="oncall", markup=False)
        self._state = Static(id="state", markup=False)

    def compose(self) -> ComposeResult:
        """Four parts, one above the other."""
        yield self._head
        yield self._table
        yield self._detail
        with Horizontal(id="below"):
            yield self._on_call
            yield self._state
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Everything once, then again and again."""
        table = self._table
        names = say(self._language, "board.columns").split(",")
        for name, width in zip(names, _WIDTHS, strict=True):
            table.add_column(name, width=width)
        await self.refresh_often()
        await self.refresh_seldom()
        self.set_interval(OFTEN_S, self.refresh_often)
        self.set_interval(SELDOM_S, self.refresh_seldom)

    # --- looking ----------------------------------------------------------------------------------

    async def refresh_often(self) -> None:
        """The open incidents, from the network's memory."""
        found = await self._asked("incident.list", {})
        if found is not None:
            self._incidents = {one["code"]: one for one in found}
            self._fill()
        self._tell()

    async def refresh_seldom(self) -> None:
        """Who is on call, how the channels are, and what was done last."""
        rows = await self._asked("shift.oncall", {"at": "now"})
        status = await self._asked("status", {})
        audit = await self._asked("audit.list", {"most": _AUDIT_LINES})
        if rows is not None:
            self._on_call.update("\n".join(self._looks.on_call(rows)))
        if status is not None:
            watch = status.get("watch", {})
            self._content = watch.get("content", True)
            lines = [
                *self._looks.channels(watch.get("channels", {})),
                *self._looks.audit(audit or []),
            ]
            self._state.update("\n".join(lines))
        self._tell()

    async def _asked(self, op: str, args: Mapping[str, object]) -> Any:
        """The answer; None with the fault in the head line where there is none."""
        from responder.core.admin import AdminFault
        from responder.errors import ResponderError

        try:
            answer = await self._ask(op, args)
        except (AdminFault, ResponderError) as error:
            self._fault = str(error)
            return None
        self._fault = ""
        return answer

    def _fill(self) -> None:
        table = self._table
        chosen = self.chosen
        table.clear()
        for code, one in self._incidents.items():
            table.add_row(*self._looks.row(one, self._now()), key=code)
        if chosen in self._incidents:
            table.move_cursor(row=list(self._incidents).index(chosen))
        if self._words is not None and self._words[0] not in self._incidents:
            self.hide_words()

    def _tell(self) -> None:
        """The head line and the part about the chosen incident."""
        well = {None: "", True: self._say("well"), False: self._say("wrong")}[self._content]
        said = self._fault or f"{well} {self._say('open', count=len(self._incidents))}".strip()
        self._head.update(f"{said}  {self._now():%H:%M:%S} UTC")
        one = self._incidents.get(self.chosen)
        lines = self._looks.detail(one, self._now(), self._words) if one else [self._say("nothing")]
        self._detail.update("\n".join(lines))
        self._detail.set_class(self.shows_words, "told")

    def _say(self, key: str, **params: object) -> str:
        return say(self._language, f"board.{key}", **params)

    @property
    def chosen(self) -> str:
        """The code of the incident under the cursor; empty where there is none."""
        table = self._table
        if not table.row_count:
            return ""
        return str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        """Another incident: what was shown of the one before is hidden."""
        if self._words is not None and self._words[0] != self.chosen:
            self.hide_words()
        self._tell()

    # --- words ------------------------------------------------------------------------------------

    async def action_words(self) -> None:
        """Show place and words of the chosen incident for a minute, or hide them again."""
        code = self.chosen
        if self._words is not None or not code:
            self.hide_words()
            return
        told = await self._asked("incident.show", {"code": code, "words": True})
        if told is None:
            self._tell()
            return
        words = once([told.get("place") or "", *told.get("words", ())])
        self._words = code, words or self._say("no-words")
        self._hide = self.set_timer(SHOWN_S, self.hide_words)
        self._tell()

    @property
    def shows_words(self) -> bool:
        """Whether words that people told stand on the screen now."""
        return self._words is not None

    def hide_words(self) -> None:
        """Nothing that people told stands on the screen, or in this process, any more."""
        self._words = None
        if self._hide is not None:
            self._hide.stop()
            self._hide = None
        self._tell()

    # --- acting -----------------------------------------------------------------------------------

    def action_widen(self) -> None:
        """Ask the next wave now."""
        self._do("widen")

    def action_leave(self) -> None:
        """Tell the whole team to leave now."""
        self._do("leave")

    def action_note(self) -> None:
        """A note that the team reads too."""
        self._do("note", "text")

    def action_end(self) -> None:
        """End the incident, with a reason."""
        self._do("end", "reason")

    def _do(self, order: str, wanted: str = "") -> None:
        code = self.chosen
        if not code:
            return

        def answered(said: str | None) -> None:
            if said is None or (not wanted and said.casefold() not in _YES):
                return
            args = {"code": code, **({wanted: said} if wanted else {})}
            self.run_worker(self._done(f"incident.{order}", args))

        question = self._say(f"ask.{order}", code=code)
        self.push_screen(Asked(question, self._say(f"write.{wanted or 'yes'}")), answered)

    async def _done(self, op: str, args: Mapping[str, object]) -> None:
        if await self._asked(op, args) is None:
            self.notify(self._fault, severity="error", markup=False)
        await self.refresh_often()
