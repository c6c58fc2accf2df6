"""The command line's door: `responder ...`.

What it is for
    Sets a network up, runs it, checks it, and speaks to it. The groups of commands stand in
    `responder.commands`.

Rules it keeps
    * `--help` answers at once: what is slow to import is imported inside a command.
    * Exit codes: 0 fine, 1 a check found faults, 2 wrong use, 3 not possible now, 4 locked.
    * No traceback for what people can put right, and no secret is ever printed.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from responder.commands import (
    aside,
    board,
    care,
    common,
    drills,
    history,
    incidents,
    invite,
    keeping,
    locking,
    members,
    numbers,
    offers,
    pager,
    playbooks,
    poster,
    shifts,
    simulate,
    status,
)
from responder.commands.common import Config, Json

if TYPE_CHECKING:
    from responder.checking import Finding
    from responder.config import Settings


class Door(common.Commands):
    """All commands, listed in the order in which a network meets them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Making and running it, people, shifts, playbooks, incidents; then the machine's own."""
        return sorted(super().list_commands(ctx), key=_ORDER.index)


_ORDER: Final = (
    *("init", "demo", "check", "run", "status", "board"),
    *("member", "invite", "poster", "shift", "care", "offers", "drill", "reach"),
    *("playbook", "incident", "numbers"),
    *("pager", "backup", "restore", "key", "lock", "unlock", "audit", "aside", "seized"),
    *("simulate", "version"),
)

app = common.group(
    "A rapid-response alert network that a neighbourhood can host by itself.", kind=Door
)
app.add_typer(members.app, name="member")
app.add_typer(shifts.app, name="shift")
app.add_typer(incidents.app, name="incident")
app.add_typer(playbooks.app, name="playbook")
app.add_typer(pager.app, name="pager")
app.add_typer(aside.app, name="aside")
board.register(app)
care.register(app)
invite.register(app)
drills.register(app)
history.register(playbooks.app)
keeping.register(app)
locking.register(app)
numbers.register(app)
offers.register(app)
poster.register(app)
simulate.register(app)
status.register(app)


def main() -> None:
    """What the `responder` script runs."""
    from responder import starting

    starting.leave_no_core()
    app(prog_name="responder")


# --- setting up and running -----------------------------------------------------------------------


@app.command("init")
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to make it.", show_default=False)
    ] = Path(),
    name: Annotated[str | None, typer.Option(help="The network's name.")] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Lock the key file with a passphrase.")
    ] = False,
) -> None:
    """Make a new network: settings, key, database, playbooks. Overwrites nothing."""
    from responder.commands import setup

    words = _new_passphrase() if passphrase else None
    config = setup.make(folder, name, words)
    here = config == Path("config.toml")
    go = () if here else (f"Go there, so that every command finds it: cd {config.parent}",)
    common.say(
        f"A new network stands in {config.parent.resolve()}.", *go, "", *_FIRST_STEPS.splitlines()
    )


_FIRST_STEPS = """\
What to do next:
  1. Edit config.toml: the network's name, the emergency lines, your
     neighbourhoods, signal.number and telegram.token.
  2. Keep a copy of network.key elsewhere: without it nobody can open the
     database, not even you.
  3. Read the files in playbooks/ aloud with those who will go; delete the kinds
     that you do not want.
  4. Add the first members. Who is to be paged needs the role, a neighbourhood
     and the training that a playbook asks for:
     responder member add CALL-SIGN --role coordinator --role responder \\
         --neighbourhood northside --level trusted --experienced \\
         --training observer
  5. responder check --online
  6. responder run
  7. Each joins with the code that step 4 printed, and is paged once on call:
     responder shift add CALL-SIGN "fri 18:00-22:00\""""


def _new_passphrase() -> str:
    """From the variable or a prompt without echo, typed twice."""
    import os

    from responder.config import PASSPHRASE_VARIABLE

    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        common.wrong_use(f"Without a terminal the passphrase comes from {PASSPHRASE_VARIABLE}.")
    typed: str = typer.prompt(
        "New passphrase, four words or more", hide_input=True, confirmation_prompt=True, err=True
    )
    return typed


@app.command("run")
def run(config: Config = None) -> None:
    """Run the network until it is told to stop (Ctrl-C, SIGTERM)."""
    from responder import starting

    starting.lean()
    import asyncio

    from responder import app as network
    from responder.errors import Locked

    settings = common.unlocked(common.settings_of(config))

    def ready() -> None:
        starting.settled()
        if sys.stderr.isatty():
            typer.echo("The network is running. Stop it with Ctrl-C.", err=True)

    code = 0
    try:
        asyncio.run(network.run(settings, ready=ready))
    except Locked as locked:
        # systemd knows this code, and does not start a locked network again.
        common.warn(str(locked))
        code = common.LOCKED
    if any(thread.daemon for thread in threading.enumerate()):
        # Everything is closed. A bot's library may still be loading in a thread of its own, and
        # the interpreter that ends under it can abort: the process ends here instead.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise typer.Exit(code)


@app.command("demo")
def demo(
    story: Annotated[
        str | None,
        typer.Option(help="Play one story to its end: copwatch, hate-incident or de-escalation."),
    ] = None,
    language: Annotated[str, typer.Option(help="The language of the story: en or es.")] = "en",
) -> None:
    """Try the whole network in this terminal, with nothing to set up."""
    from responder import demo as playing
    from responder.core.phrases import LANGUAGES

    if language not in LANGUAGES:
        common.wrong_use(f"The demo does not speak {language!r}: --language is en or es.")
    raise typer.Exit(playing.main(story, language=language))


@app.command("version")
def version() -> None:
    """Print the version."""
    from responder import __version__

    common.say(__version__)


# --- looking --------------------------------------------------------------------------------------


@app.command("check")
def check(
    online: Annotated[bool, typer.Option("--online", help="Also ask each bot's platform.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let what is only worth knowing fail the check too.")
    ] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Look at settings, files, keys, playbooks, people and bots.

    Exit code 1 where something is wrong.
    """
    from responder.checking import Weight
    from responder.config import ConfigFaults

    try:
        settings = common.settings_of(config)
    except ConfigFaults as faults:
        common.warn(str(faults))
        raise typer.Exit(common.FAULTS) from None
    found = _findings(settings, common.config_path(config), online)
    if json:
        told = [{"part": f.part, "weight": f.weight.value, "text": f.text} for f in found]
        common.show_json({"findings": told})
    else:
        _tell(found)
    failing = {Weight.FAULT, Weight.NOTE} if strict else {Weight.FAULT}
    if any(f.weight in failing for f in found):
        raise typer.Exit(common.FAULTS)


def _findings(settings: Settings, config: Path, online: bool) -> list[Finding]:
    from responder import checking
    from responder.storage.sealing import SealingError

    # A key file that is no key file is told by `checking.keys`, in its turn.
    with suppress(SealingError):
        settings = common.unlocked(settings)
    found = [*checking.files(settings, config), *checking.keys(settings)]
    readable = not any(f.weight is checking.Weight.FAULT for f in found)
    found += checking.channels(settings)
    books, faults = checking.playbooks([settings.network.playbooks_dir])
    found += checking.timers(settings, books)
    for fault in faults:
        text = str(fault)
        found.append(checking.Finding(part="playbooks", text=text, weight=checking.Weight.FAULT))
    if readable:
        found += _people(settings)
    if online:
        found += _online(settings)
    return found


def _people(settings: Settings) -> list[Finding]:
    """What is to be said of the people; the network is asked, or its folder opened."""
    import msgspec

    from responder.checking import Finding
    from responder.errors import ResponderError

    try:
        answer = common.call(settings, "people.check", {})
    except ResponderError as error:
        return [Finding(part="people", text=f"The people were not looked at: {error}")]
    return msgspec.convert(answer, list[Finding])


def _online(settings: Settings) -> list[Finding]:
    import asyncio

    from responder import app as network
    from responder import checking

    try:
        bots = network.bots(settings)
    except network.NothingToRun as nothing:
        return [checking.Finding(part="online", text=str(nothing))]
    return asyncio.run(checking.online(bots, settings.check.wait))


def _tell(found: list[Finding]) -> None:
    for finding in found:
        common.say(f"{finding.weight.upper():<5}  {finding.part}: {finding.text}")
    faults = sum(finding.weight == "fault" for finding in found)
    common.say("No faults." if not faults else f"{faults} fault{'s' if faults > 1 else ''}.")
