"""The product in a process of a benchmark: `responder.app`'s own parts, as in `responder run`.

What differs from `responder run`, and why
    * The pace of the Telegram bot is lifted where a benchmark says so: the real one, 28 messages a
      second, would be all that is measured.
    * With `in_words` Telegram counts as a channel that nobody reads along, as Signal does: so the
      cost of sealing each page for its reader's phone can be told apart from everything else.
    * No control socket, no page for phones, no watch on the playbooks' folder.

What it must not know
    What is measured.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from benchmarks import town
from bots.telegram.bot import TelegramBot
from responder import app, logs, starting
from responder.sealed.phones import open_phones

AT_ONCE: Final = 64
"""How many requests may be open, as many as the others have."""


def lift_pace(at_once: int = AT_ONCE) -> None:
    """Let the bot send as fast as it can."""
    TelegramBot.pace = replace(TelegramBot.pace, per_second=1e6, per_chat_s=0.0, at_once=at_once)


def speak_in_words() -> None:
    """Treat Telegram as a channel that nobody reads along."""
    TelegramBot.private = True
    app.PRIVATE = app.PRIVATE | {"telegram"}  # type: ignore[misc]


@asynccontextmanager
async def machine(folder: Path) -> AsyncIterator[app.Machine]:
    """The network of this folder, served: what is due leaves, and the bot listens."""
    settings = town.settings_of(folder)
    close_log = logs.configure(settings.log.level, settings.log.file, json=settings.log.json_lines)
    try:
        channels = app.bots(settings)
        async with app.opened(settings, serving=True) as (store, dispatcher):
            phones = await open_phones(settings, store, dispatcher.world)
            served = app.Machine(store, dispatcher, channels, phones=phones)
            await served.start()
            starting.settled()
            try:
                yield served
            finally:
                await served.stop()
    finally:
        close_log()
