"""The demo at a terminal: one person writes as a neighbour would and answers as anybody.

Rules it keeps
    * Whatever is no order to the demo itself goes to the network, as typed.
    * If nobody types, the made-up people go on by themselves; while somebody types, nothing moves.

What it must not know
    The network's decisions: it reads where things stand, to say it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from responder.core.model import CallState, IncidentId, State
from responder.core.roster import parse_until
from responder.core.talk.commands import fold, listed
from responder.demo.cast import OUTSIDERS, REPORTER, part_of, reachable
from responder.demo.keyboard import Closed, Keyboard
from responder.demo.pilot import Pilot, Wait
from responder.demo.play import Play

_SHORT: Final = 3
"""Words after a call sign that are an answer even without a colon."""
_LEAST_IDLE_S: Final = 7.0
_MOST_IDLE_S: Final = 30.0
_READING_S: Final = 0.35
"""Seconds that a person takes for a line."""
_ADDRESSED: Final = re.compile(r"\s*([^\W\d_]+)\s*(:|\s)\s*(.+)", re.DOTALL)
_MEANING: Final = {
    State.HELD: "live.held",
    State.BRIEFING: "live.pair",
    State.OUT: "live.go",
    State.LEAVING: "live.leaving",
    State.AFTERCARE: "rest",
    State.CLOSED: "live.over",
}
"""What the narrator says of an incident that has come so far."""
_HELP: Final = ("words", "stranger", "answer", "who", "wait", "quit")


class _Over(Exception):
    """The person wants to leave."""


class Live:
    """One sitting."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.screen = play.screen
        self.stage = play.stage
        self.pilot = Pilot(play.stage)
        self._told: tuple[IncidentId, State, int] | None = None

    async def run(self) -> None:
        """Until the person leaves."""
        self._welcome()
        keyboard = Keyboard()
        with keyboard.listening():
            try:
                while True:
                    line = await keyboard.line(self._idle_s())
                    self.screen.lines = 0
                    await self._line(line)
                    self._where_it_stands()
                    self.screen.gap()
            except (Closed, _Over):
                self.screen.aside(self.screen.say("live.bye"))

    def _welcome(self) -> None:
        say = self.screen.say
        self.screen.heading(say("title", title=say("live.title")))
        self.screen.aside(say("about"))
        self.screen.aside(say("live.you"))
        self.screen.example(say("words.copwatch"))
        self.screen.aside(say("live.idle"))
        self.screen.gap()

    def _idle_s(self) -> float | None:
        """How long to wait for the person: as long as it takes to read, then a little longer."""
        if self.pilot.next() is None:
            return None
        return min(_LEAST_IDLE_S + _READING_S * self.screen.lines, _MOST_IDLE_S)

    # --- a line ---------------------------------------------------------------------------------

    async def _line(self, line: str | None) -> None:
        if line is None or not line.strip():
            await self._goes_on()
            return
        word, _, rest = line.strip().partition(" ")
        if _means(line, "quit"):
            raise _Over
        if _means(line, "help"):
            self._help()
        elif _means(line, "who"):
            self._who()
        elif _means(word, "wait") and (not rest or rest[0].isdigit()):
            await self._wait(rest)
        else:
            await self._speaks(line.strip())

    def _help(self) -> None:
        say = self.screen.say
        self.screen.aside(say("live.help"))
        self.screen.listed(
            (say(f"live.help.{what}"), say(f"live.help.{what}.what")) for what in _HELP
        )

    def _who(self) -> None:
        self.play.who()
        incident = self.stage.incident
        if incident is not None and incident.state is State.PAGING:
            self.play.who_is_paged()

    async def _wait(self, rest: str) -> None:
        until = self.stage.world.next_due()
        if rest:
            until = parse_until(rest, self.stage.now, "UTC")
            if until is None:
                self.screen.aside(self.screen.say("live.no-time"))
                return
        if until is None:
            self.screen.aside(self.screen.say("live.nothing-due"))
            return
        await self.play.waits_until(max(until, self.stage.now + timedelta(seconds=1)))

    async def _speaks(self, line: str) -> None:
        handle, words = addressed(line)
        if handle not in reachable():
            name = self.screen.name(handle)
            self.screen.aside(self.screen.say("live.swift", name=name))
            return
        await self.play.writes(handle, words)

    # --- going on by itself -----------------------------------------------------------------------

    async def _goes_on(self) -> None:
        """The next thing that the made-up people do."""
        move = self.pilot.next()
        if move is None:
            self.screen.aside(self.screen.say("live.nothing-due"))
        elif isinstance(move, Wait):
            await self.play.waits_until(move.until)
        else:
            self.play.tell(f"live.{move.key}", name=self.screen.name(move.handle))
            await self.play.taps(move.handle, move.verb, move.arg)

    def _where_it_stands(self) -> None:
        """Say what a new state means, once."""
        incident = self.stage.incident
        if incident is None:
            return
        waiting = [c.person for c in incident.calls if c.state is CallState.ACCEPTED]
        now = (incident.id, incident.state, len(waiting))
        before, self._told = self._told, now
        entered = before is None or before[:2] != now[:2]
        if incident.state is State.PAGING and entered:
            self.play.who_is_paged()
            if before is None:
                self.screen.aside(self.screen.say("live.answer"))
        elif incident.state is State.PAGING and now != before and waiting:
            self.play.tell("live.alone", name=self.screen.name(waiting[-1]))
        elif entered and incident.state in _MEANING:
            self.play.tell(_MEANING[incident.state])


def addressed(line: str) -> tuple[str, str]:
    """Who speaks in a line, as a handle, and what: "heron 1", "reporter: they are leaving".

    Without a colon it must be short, or a command: a report may begin with any word.
    """
    found = _ADDRESSED.fullmatch(line)
    if found:
        name, colon, words = found.groups()
        handle = _handle(name)
        short = handle not in OUTSIDERS and len(words.split()) <= _SHORT
        if handle and (colon == ":" or short or words.isdecimal() or words.startswith("/")):
            return handle, words.strip()
    return REPORTER, line


def _handle(name: str) -> str | None:
    part = part_of(name)
    if part is not None:
        return part.handle
    for handle in OUTSIDERS:
        if _means(name, handle):
            return handle
    return None


def _means(text: str, what: str) -> bool:
    """Whether the text is one of the words for this, in any language."""
    return (fold(text) or text.strip()) in listed(f"demo.live.words.{what}") | {what}
