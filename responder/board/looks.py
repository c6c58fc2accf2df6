"""What stands on the board, as lines and cells in one language; `screen` puts them there.

Rules it keeps
    * An alarm and a channel that does not work stand there as words in capitals, never as a colour
      alone.

What it must not know
    The screen, keys, how the network is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from rich.text import Text

from responder.core.admin import titles
from responder.core.phrases import TABLES, say

MACHINE: Final = "the machine"
"""How the network's answers name what was ordered at the machine and by nobody in particular."""


def once(told: Iterable[str]) -> str:
    """Place and words in one line, what is in another of them left out: they often repeat it."""
    pieces = [piece.strip() for line in told for piece in line.split(" / ") if piece.strip()]
    kept: list[str] = []
    for piece in pieces:
        if not any(piece in other for other in kept):
            kept = [*(other for other in kept if other not in piece), piece]
    return " | ".join(kept)


class Looks:
    """How the network's answers read in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def _say(self, key: str, **params: object) -> str:
        return say(self._language, f"board.{key}", **params)

    def row(self, one: Mapping[str, Any], now: datetime) -> list[Text]:
        """One incident's cells; bold where it has alarms, which stand in the last cell as words."""
        alarms = self._alarms(one)
        kind = self._kind(one)
        cells = (
            one["code"],
            kind,
            one["where"],
            self._known("board.state", one["state"]),
            self.clock(one["opened_at"], now),
            self.clock(one["next_due"], now, until=True),
            alarms,
        )
        return [Text(str(cell), style="bold" if alarms else "") for cell in cells]

    def clock(self, text: str | None, now: datetime, *, until: bool = False) -> str:
        """The time since then, or until then, in minutes and hours; it is told in whole minutes."""
        if not text:
            return "-"
        seconds = (datetime.fromisoformat(text) - now).total_seconds() * (1 if until else -1)
        minutes = int(seconds // 60)
        if minutes < 0:
            return self._say("now")
        return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"

    def detail(
        self, one: Mapping[str, Any], now: datetime, words: tuple[str, str] | None
    ) -> list[str]:
        """Which one it is, who is in the team, and place and words if they may stand there now."""
        mine = words is not None and words[0] == one["code"]
        told = words[1] if words is not None and mine else self._say("hidden")
        head = " ".join(filter(None, (one["code"], self._alarms(one))))
        head = f"{head}: {self._kind(one)}, {one['where']}"
        return [head, *(self._mates(one["members"], now) or [self._say("no-team")]), told]

    def _kind(self, one: Mapping[str, Any]) -> str:
        """How its kind is called; a rehearsal says first that it is one."""
        kind = titles.told(one["title"], self._language)
        return f"{self._say('drill')} {kind}" if one["drill"] else kind

    def _alarms(self, one: Mapping[str, Any]) -> str:
        return ", ".join(self._known("board.alarm", kind) for kind in one["alarms"])

    def _mates(self, members: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
        lines = []
        for mate in members:
            parts = [f"{mate['call_sign']}: {self._known('card.stage', mate['stage'])}"]
            if mate["due"]:
                clock = self.clock(mate["due"], now, until=True)
                late = clock == self._say("now")
                parts.append(self._say("check-in.now" if late else "check-in", clock=clock))
            if mate["missed"]:
                parts.append(self._say("missed", count=mate["missed"]))
            lines.append(", ".join(parts))
        return lines

    def on_call(self, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Who is on call, a line a neighbourhood."""
        lines = [self._say("on-call")]
        for row in rows:
            paged = [p["call_sign"] for p in row["people"] if p["paged"]]
            others = [p["call_sign"] for p in row["people"] if not p["paged"]]
            line = f"{row['name']}: {', '.join(paged) or self._say('nobody')}"
            if others:
                line += f"; {self._say('not-paged', names=', '.join(others))}"
            lines.append(line)
        return lines

    def channels(self, known: Mapping[str, Any]) -> list[str]:
        """Whether each channel works, a line a channel: none may be cut off."""
        told = [
            self._say("channel.well" if one["well"] else "channel.down", name=name)
            for name, one in known.items()
        ]
        return told or [self._say("channel.unasked")]

    def audit(self, lines: Iterable[Mapping[str, Any]]) -> list[str]:
        """What was done last, and by whom."""
        return [
            f"{one['at'][11:16]} {one['what']} {one['about']} {self._by(one['by'])}"
            for one in lines
        ]

    def _by(self, who: str) -> str:
        return self._say("by.machine") if who == MACHINE else self._say("by", who=who)

    def _known(self, prefix: str, word: str) -> str:
        """The word in this language; as it came where it has none."""
        key = f"{prefix}.{word}"
        return say(self._language, key) if key in TABLES["en"] else word
