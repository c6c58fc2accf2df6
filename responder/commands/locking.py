"""`responder lock` and `responder unlock`: close the network at once, and open it again."""

from __future__ import annotations

import sys

import typer

from responder.commands import common
from responder.commands.common import Config, Json, Yes


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("lock")(lock)
    app.command("unlock")(unlock)


def lock(yes: Yes = False, json: Json = False, config: Config = None) -> None:
    """Call teams back, tell everybody on call, end the process; a passphrase opens it again.

    Asks first; a script says --yes.
    """
    from responder.app import mark_locked
    from responder.errors import ResponderError
    from responder.storage.keyfile import KeyFile

    settings = common.settings_of(config)
    if not KeyFile(settings.network.key_file).wants_passphrase:
        raise ResponderError(
            "The key has no passphrase, so locking would lock nothing. Give it one first: "
            "responder key rotate --new-passphrase"
        )
    common.sure("Lock the network? Teams are called back, and only the passphrase opens it.", yes)
    answer, live = common.reached(settings, "network.lock", {})
    mark_locked(settings)
    if json:
        common.show_json({**answer, "running": live})
        return
    back = common.counted(answer["called_back"], "response was", "responses were")
    told = common.counted(answer["told"], "person is", "people are")
    if live:
        common.say(
            f"Locked. {back} called back, {told} told. The network ends as soon as they are."
        )
    else:
        common.say(
            "Locked. The network was not running, so nobody has been told: the words wait until "
            "it is opened and runs again, and are dropped if that takes too long.",
            f"{back} called back on record alone. {told} on call or coordinating: call them, and "
            "whoever is out there, yourselves.",
        )
    common.say("Open it again at this machine's own terminal: responder unlock")


def unlock(config: Config = None) -> None:
    """Open a network that was locked; the passphrase is typed here and taken from nowhere else."""
    import asyncio

    from responder import app as network
    from responder.errors import ResponderError

    settings = common.settings_of(config)
    if not (settings.network.data_dir / network.LOCKED_FILE).exists():
        common.say("The network is not locked.")
        return
    if not sys.stdin.isatty():
        raise ResponderError("Unlock at the machine's own terminal: the passphrase is typed there.")
    typed: str = typer.prompt("Passphrase", hide_input=True, err=True)
    asyncio.run(network.unlock(settings, typed))
    common.say("Open again. Start it: responder run")
