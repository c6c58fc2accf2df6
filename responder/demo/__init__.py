"""`responder demo`: the main job on an embedded default, with no account, token or network.

What it is for
    The real machine (decisions, database, outbox, the shipped playbooks) in a folder that is
    deleted at the end, with a terminal as its bot and made-up people. At a terminal the person
    plays it; otherwise one story is played to its end, so that it can be a test.

Rules it keeps
    * Exit code 0 means that the story reached its end, incident forgotten and all.
    * The folder goes, however the demo ends.
"""

from __future__ import annotations

import asyncio
import io
import signal
import sys
from typing import Final

from rich.console import Console
from rich.text import Text

from responder.core.phrases import say
from responder.demo.cast import CAST, REPORTER, STRANGER
from responder.demo.play import Play
from responder.demo.screen import Screen
from responder.demo.stage import opened
from responder.demo.stories import STORIES
from responder.errors import ResponderError

__all__ = ["DEFAULT", "STORIES", "main"]

DEFAULT: Final = "copwatch"
"""The story that is played where nobody sits at a terminal."""
_WIDTH: Final = 80
_WIDEST: Final = 100
_INTERRUPTED: Final = 130


def main(story: str | None = None, language: str = "en") -> int:
    """Play a story, or the live demo at a terminal; the exit code.

    0: it reached its end; 1: it did not; 2: there is no such story; 130: interrupted.
    """
    live = story is None and sys.stdin.isatty() and sys.stdout.isatty()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if story is not None and story not in STORIES:
        _complain(say(language, "demo.unknown", stories=", ".join(STORIES)))
        return 2
    try:
        asyncio.run(_demo(None if live else story or DEFAULT, language))
    except (KeyboardInterrupt, asyncio.CancelledError):
        Console().print()
        return _INTERRUPTED
    except ResponderError as error:
        _complain(say(language, "demo.broken", why=error))
        return 1
    return 0


def _complain(words: str) -> None:
    Console(stderr=True, highlight=False).print(Text(words))


async def _demo(story: str | None, language: str) -> None:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    console = Console(highlight=False, emoji=False, markup=False)
    console.width = min(console.width, _WIDEST) if console.is_terminal else _WIDTH
    names = _names(language, live=story is None)
    screen = Screen(console, language, names)
    async with opened(language) as stage:
        play = Play(stage, screen)
        if story is None:
            from responder.demo.live import Live

            await Live(play).run()
        else:
            await _tell(play, story)


async def _tell(play: Play, story: str) -> None:
    screen = play.screen
    screen.heading(screen.say("title", title=screen.say(f"story.{story}")))
    screen.aside("\n".join((screen.say("about"), screen.say("about.time"))))
    screen.aside(screen.say("about.phones"))
    await STORIES[story](play)
    screen.aside(screen.say("end") + " " + screen.say("end.try"))


def _names(language: str, *, live: bool) -> dict[str, str]:
    """What stands on each phone's panel, in the order in which panels are shown."""
    you = "you" if live else "reporter"
    return {
        REPORTER: say(language, f"demo.name.{you}"),
        STRANGER: say(language, "demo.name.stranger"),
        **{part.handle: part.call_sign for part in CAST},
    }
