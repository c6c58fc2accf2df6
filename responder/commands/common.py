"""What all commands share: the settings, the way to the network, answers, and how faults end.

Rules it keeps
    * A running network is asked over its socket; a stopped one's folder is opened under its lock.
    * Faults that people can put right are told in their own words on standard error, never as a
      traceback; a secret is asked for without echo and shown nowhere.
    * `--json` prints the answer as it came, and nothing besides.

What it must not know
    What any operation means.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TextIO

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from responder.config import Settings

CONFIG_VARIABLE: Final = "RESPONDER_CONFIG"
FAULTS: Final = 1
WRONG_USE: Final = 2
NOT_NOW: Final = 3
LOCKED: Final = 4

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help=f"The settings file; else {CONFIG_VARIABLE}, else ./config.toml.",
        show_default=False,
    ),
]
CallSign = Annotated[str, typer.Argument(help="The member's call sign.", show_default=False)]
Short = Annotated[str, typer.Argument(help="The first letters of its id.", show_default=False)]
_IN_PLACE: Final = typer.Option(
    "--neighbourhood", "-n", "--in", help="A neighbourhood's id, name or alias."
)
InPlace = Annotated[str, _IN_PLACE]
MaybeInPlace = Annotated[str | None, _IN_PLACE]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]
Spoken = Annotated[
    str | None,
    typer.Option("--language", help="en or es; else the network's first.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


# --- how faults end -------------------------------------------------------------------------------


_WHOLE: Final = 1000


class Commands(TyperGroup):
    """A group of commands in which faults that people can put right end in words."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Each command with its whole first sentence, broken between words and not cut off."""
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, one.get_short_help_str(_WHOLE)) for name, one in known if one and not one.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; turn its faults into a line on standard error and an exit code."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            code = _code_of(error)
            if code is None:
                raise
            warn(str(error))
            raise typer.Exit(code) from None


def _code_of(error: Exception) -> int | None:
    """The exit code of a fault that people can put right; None for a bug of ours."""
    if type(error).__module__.startswith("typer"):
        # Its own way to end, `--help` among them: nothing is imported for that.
        return None
    from responder.errors import Locked, ResponderError

    if isinstance(error, Locked):
        return LOCKED
    if isinstance(error, ResponderError):
        from responder.config import ConfigFaults

        return WRONG_USE if isinstance(error, ConfigFaults) else NOT_NOW
    # What the core raises: whoever raised it has imported all this.
    from responder.core.admin import AdminFault, NotNow
    from responder.core.playbook import PlaybookFaults

    match error:
        case NotNow():
            return NOT_NOW
        case AdminFault():
            return WRONG_USE
        case PlaybookFaults():
            return FAULTS
        case _:
            return None


def group(help: str, *, kind: type[Commands] = Commands) -> typer.Typer:
    """A group of commands, `responder NAME ...`."""
    return typer.Typer(
        cls=kind,
        help=help,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )


def counted(number: int, one: str, many: str) -> str:
    """A number and the word that fits it."""
    return f"{number} {one if number == 1 else many}"


def wrong_use(text: str) -> NoReturn:
    """End with a word on what to write instead."""
    warn(text)
    raise typer.Exit(WRONG_USE)


def write(path: Path, made: str | bytes, *, mode: int = 0o666) -> None:
    """Write what was made into this file; where that cannot be, end with a word on what to do."""
    try:
        path.touch(mode)
        path.write_bytes(made.encode() if isinstance(made, str) else made)
    except OSError as error:
        wrong_use(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that is there,"
            " and that you may write to."
        )


# --- the settings ---------------------------------------------------------------------------------


def config_path(given: Path | None) -> Path:
    """The settings file that is meant."""
    return given or Path(os.environ.get(CONFIG_VARIABLE) or "config.toml")


def settings_of(given: Path | None) -> Settings:
    """The settings; `ConfigFaults` with all that is wrong in them."""
    from responder.config import load

    return load(config_path(given))


def language(given: str | None, config: Path | None) -> str:
    """The language that is meant: the one that was said, else the first that the network speaks."""
    from responder.core.phrases import LANGUAGES

    if given is None:
        return settings_of(config).network.languages[0]
    if given not in LANGUAGES:
        wrong_use(f"There are no words in {given!r}: --language is {' or '.join(LANGUAGES)}.")
    return given


def unlocked(settings: Settings) -> Settings:
    """The settings with the passphrase in them, asked for at the terminal where it is needed."""
    from pydantic import SecretStr

    from responder.storage.keyfile import KeyFile

    network = settings.network
    if network.passphrase is not None or not sys.stdin.isatty():
        return settings
    if not network.key_file.exists() or not KeyFile(network.key_file).wants_passphrase:
        return settings
    typed: str = typer.prompt("Passphrase", hide_input=True, err=True)
    known = network.model_copy(update={"passphrase": SecretStr(typed)})
    return settings.model_copy(update={"network": known})


# --- the network ----------------------------------------------------------------------------------


def ask(given: Path | None, op: str, **args: object) -> Any:
    """The answer of the network to one operation; what is None was not said."""
    said = {name: value for name, value in args.items() if value is not None}
    return call(settings_of(given), op, said)


def call(settings: Settings, op: str, args: Mapping[str, object]) -> Any:
    """Ask the running network, or else do it in the folder of the stopped one.

    Raises `AdminFault` with what is refused, `DataLocked` where another process has the folder,
    `Locked` where the network was locked.
    """
    return reached(settings, op, args)[0]


def reached(settings: Settings, op: str, args: Mapping[str, object]) -> tuple[Any, bool]:
    """As `call`; besides, whether a running network did it."""
    import asyncio

    from responder import calling
    from responder.config import LOCKED_FILE
    from responder.errors import Locked

    try:
        return asyncio.run(calling.ask(settings.control_socket, op, args)), True
    except calling.NotRunning:
        if (settings.network.data_dir / LOCKED_FILE).exists():
            raise Locked from None
        if op in calling.LIVE_ONLY:
            raise
    return asyncio.run(_offline(unlocked(settings), op, args)), False


async def _offline(settings: Settings, op: str, args: Mapping[str, object]) -> object:
    from responder import app, control

    async with app.offline(settings) as dispatcher:
        return await control.perform(dispatcher, op, args)


# --- answers --------------------------------------------------------------------------------------


def show_json(answer: object) -> None:
    """The answer as JSON, for a script."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def say(*lines: str) -> None:
    """Plain lines on standard output, broken between words where a terminal is too narrow."""
    for line in lines:
        typer.echo(_fitted(line, sys.stdout))


def warn(*lines: str) -> None:
    """The same on standard error."""
    for line in lines:
        typer.echo(_fitted(line, sys.stderr), err=True)


def _fitted(text: str, stream: TextIO) -> str:
    """The text as this stream can show it; a pipe has no width, and gets every line whole."""
    if not stream.isatty():
        return text
    import shutil
    import textwrap

    width = max(shutil.get_terminal_size().columns, 40)
    fitted: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        broken = textwrap.wrap(
            line,
            width,
            subsequent_indent=indent + "  " if indent else "",
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        fitted += broken or [line]
    return "\n".join(fitted)


def sure(question: str, yes: bool) -> None:
    """Ask before what cannot be taken back; without a terminal only `--yes` will do."""
    if yes:
        return
    if not sys.stdin.isatty():
        wrong_use("Nobody is there to be asked: say --yes.")
    typer.confirm(question, abort=True, err=True)


def hidden(value: str | None, what: str) -> str | None:
    """What was said, or is asked for without echo where it is "-"; None where it was not said.

    Refuses a value on the command line: the shell's history would keep it.
    """
    if value is None:
        return None
    if value != "-":
        option = "--" + what.lower().replace(" ", "-")
        wrong_use(f"What stands here stays in the shell's history. Write {option} - to be asked.")
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    typed: str = typer.prompt(what, hide_input=True, confirmation_prompt=True, err=True)
    return typed.strip()


def notes(answer: Mapping[str, Any]) -> None:
    """What the network thought of besides, on standard error."""
    for note in answer.get("notes", ()):
        warn(f"Note: {note}")
    for moved in answer.get("levels", ()):
        text = "Trust level of {call_sign}: {before}, now {after}.".format(**moved)
        warn(text)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Rows under their headings, or the words for none; how they fit is `tables`' matter."""
    import shutil

    from responder.commands import tables

    filled = list(rows)
    if not filled:
        say(empty)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in tables.lines(columns, filled, width):
        typer.echo(line)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, one a line."""
    shown = [(name, words(value)) for name, value in pairs]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        say(f"{name:<{width}}  {value}")


def words(value: object) -> str:
    """A value as people read it."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{k} {words(v)}" for k, v in value.items()) or "-"
        case list():
            return ", ".join(map(words, value)) or "-"
        case _:
            return str(value)


def when(text: str | None) -> str:
    """A time of the network's as people read it: day and time, in that place's own time."""
    return text[:16].replace("T", " ") if text else "-"
