"""`responder board`: a live screen of the running network."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from responder.commands import common
from responder.commands.common import Config, Spoken


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("board")(board)


def board(language: Spoken = None, config: Config = None) -> None:
    """Watch open incidents, who is on call and the channels, live; keys act on an incident.

    Places and words stay hidden until a key is pressed.
    """
    from responder import calling

    settings = common.settings_of(config)
    spoken = common.language(language, config)
    try:
        from responder.board.screen import Board
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "textual":
            raise
        common.wrong_use('The board needs a library more: pip install "responder[board]"')

    async def ask(op: str, args: Mapping[str, object]) -> object:
        return await calling.ask(settings.control_socket, op, args, wait_s=10.0)

    # A network that does not run is told in the terminal, not on an empty screen.
    common.ask(config, "status")
    Board(ask, spoken).run()
