"""`responder seized`, `backup`, `restore`, `key`, `audit`: what is kept, and who could read it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from responder.commands import common
from responder.commands.common import Config, Json, Yes

if TYPE_CHECKING:
    from responder.config import Settings
    from responder.custody.seized import Sight

BACKUP_VARIABLE: Final = "RESPONDER_BACKUP_PASSPHRASE"
NEW_VARIABLE: Final = "RESPONDER_NEW_PASSPHRASE"

keys = common.group("The network's key.")
audit = common.group("The audit: who changed what, and whether the log of it is whole.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("seized")(seized)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.add_typer(keys, name="key")
    app.add_typer(audit, name="audit")


# --- what a thief learns --------------------------------------------------------------------------


def seized(
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Also what somebody with the key learns.")
    ] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Say what somebody who takes this machine learns; reads only, prints no name and no word."""
    from responder.app import DATABASE
    from responder.custody import seized as taken

    settings = common.settings_of(config)
    database = settings.network.data_dir / DATABASE
    sights = taken.look(settings, common.config_path(config), database)
    if with_key:
        from responder.app import keyring

        sights += taken.look_with_key(database, keyring(common.unlocked(settings)))
    if json:
        common.show_json([{"part": s.part, "text": s.text, "figures": s.figures} for s in sights])
        return
    _tell(sights)


def _tell(sights: list[Sight]) -> None:
    from responder.custody.seized import HEADINGS

    part = ""
    for sight in sights:
        if sight.nothing:
            continue
        if sight.part != part:
            part = sight.part
            common.say("", HEADINGS[part])
        common.say(f"  {sight.text}")
    if any(sight.nothing for sight in sights):
        common.say("", "What is not named here was looked for, and nothing of it was there.")


# --- backups --------------------------------------------------------------------------------------


def backup(
    file: File,
    network_key: Annotated[
        bool,
        typer.Option("--network-key", help="Seal it with the network's key, not a passphrase."),
    ] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Write one sealed file of all that is open; ended incidents are not in it."""
    words = None if network_key else _secret(BACKUP_VARIABLE, "Passphrase of the backup", new=True)
    answer = common.ask(config, "backup.write", path=str(file.absolute()), passphrase=words)
    if json:
        common.show_json(answer)
        return
    many = common.counted
    is_open = many(answer["open_incidents"], "open incident", "open incidents")
    ended = many(answer["ended_left_out"], "that has ended is", "that have ended are")
    common.say(
        f"In it: {many(answer['people'], 'person', 'people')}, {is_open}; {ended} not.",
        f"{file} is {answer['bytes']} bytes. Keep it apart from this machine, and no longer than"
        " your playbooks keep incidents.",
    )
    if network_key:
        common.say("It opens with the present key file alone: keep a copy of that elsewhere.")


def restore(file: File, json: Json = False, config: Config = None) -> None:
    """Make a network of a backup, where there is none; what is past its time is destroyed first."""
    import asyncio
    from datetime import UTC, datetime

    import msgspec

    from responder.app import DATABASE
    from responder.custody import backup as backups
    from responder.custody import restoring

    settings = common.settings_of(config)
    words = None
    if backups.wants_passphrase(file):
        words = _secret(BACKUP_VARIABLE, "Passphrase of the backup", new=False)
        settings = _with_new_passphrase(settings)
    else:
        settings = common.unlocked(settings)
    database = settings.network.data_dir / DATABASE
    at = datetime.now(UTC)
    done = asyncio.run(restoring.restore(settings, database, file, at, passphrase=words))
    answer: dict[str, Any] = msgspec.to_builtins(done)
    if json:
        common.show_json(answer)
        return
    many = common.counted
    common.say(
        f"Restored as it stood on {done.made_at:%Y-%m-%d %H:%M} UTC:",
        f"  {many(done.members, 'member', 'members')},"
        f" {many(done.people, 'person', 'people')} in all",
        f"  {many(done.incidents, 'incident that is', 'incidents that are')} not over",
        f"  {many(done.waiting, 'message', 'messages')} not sent yet, to leave as repeats",
        f"  {many(done.tallies, 'earlier incident', 'earlier incidents')}, for counting alone",
        f"Past its time, and destroyed: {many(done.outlived, 'incident', 'incidents')},"
        f" {many(done.swept, 'person', 'people')}.",
    )
    if done.new_key_file:
        common.say(f"A new key file stands at {settings.network.key_file}: keep a copy elsewhere.")
    common.say("Next: responder check, then responder run.")


def _with_new_passphrase(settings: Settings) -> Settings:
    """The settings with a passphrase for the key file that is made, where the config wants one."""
    from pydantic import SecretStr

    network = settings.network
    if network.key != "passphrase" or network.passphrase is not None:
        return settings
    words = _secret(NEW_VARIABLE, "New passphrase of the key file", new=True)
    known = network.model_copy(update={"passphrase": SecretStr(words)})
    return settings.model_copy(update={"network": known})


def _secret(variable: str, what: str, *, new: bool) -> str:
    """From the variable, or a prompt without echo; typed twice where it is new."""
    given = os.environ.get(variable)
    if given:
        return given
    if not sys.stdin.isatty():
        common.wrong_use(f"Without a terminal the passphrase comes from {variable}.")
    typed: str = typer.prompt(what, hide_input=True, confirmation_prompt=new, err=True)
    return typed


# --- the key --------------------------------------------------------------------------------------


@keys.command("rotate")
def rotate(
    new_passphrase: Annotated[
        bool, typer.Option("--new-passphrase", help="Lock the key with a new passphrase as well.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Put a new network key in the place of the old one, also while the network runs.

    Asks first; a script says --yes.
    """
    from responder.storage.keyfile import KeyFile

    settings = common.settings_of(config)
    common.sure("Replace the network's key? Copies of the present key file become worthless.", yes)
    locked = KeyFile(settings.network.key_file).lock is not None
    args: dict[str, object] = {"key_file": str(settings.network.key_file.absolute())}
    if locked:
        settings = common.unlocked(settings)
        if settings.network.passphrase is not None:
            args["passphrase"] = settings.network.passphrase.get_secret_value()
    if new_passphrase:
        args["new_passphrase"] = _secret(NEW_VARIABLE, "New passphrase", new=True)
    answer = common.call(settings, "key.rotate", args)
    if json:
        common.show_json(answer)
        return
    common.say(
        f"The network has a new key, and has had {answer['generation']} before it: copies of an"
        " old key file open nothing any more that lies here.",
        "Make a new copy of the key file, and destroy the old copies.",
        "Backups that were sealed with the old network key open with an old copy alone.",
    )
    if new_passphrase and settings.network.key != "passphrase":
        common.say('Set network.key = "passphrase" in the config: the key file is locked now.')


# --- the audit ------------------------------------------------------------------------------------


@audit.command("verify")
def verify(
    noted: Annotated[
        str, typer.Option(help="A mark of an earlier verify, noted down elsewhere.")
    ] = "",
    json: Json = False,
    config: Config = None,
) -> None:
    """Find lines that were removed, changed or put in another order; exit 1 where there are any."""
    answer = common.ask(config, "audit.verify", noted=noted)
    if json:
        common.show_json(answer)
    else:
        for fault in answer["faults"]:
            number = fault["line"]
            common.say(f"Line {number} {fault['text']}." if number else fault["text"])
        if not answer["faults"]:
            common.say("Lines {first} to {last} are whole and in their order.".format(**answer))
        common.say("Mark, to note down elsewhere: {mark}".format(**answer))
    if answer["faults"]:
        raise typer.Exit(common.FAULTS)


@audit.command("list")
def listed(
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="The newest so many.")] = 50,
    json: Json = False,
    config: Config = None,
) -> None:
    """List who changed trust, rosters, playbooks and keys, and who read an incident."""
    rows = common.ask(config, "audit.list", most=most)
    if json:
        common.show_json(rows)
        return
    common.table(
        ("line", "at", "what", "by", "about", "detail"),
        [
            (r["number"], common.when(r["at"]), r["what"], r["by"], r["about"], r["detail"])
            for r in rows
        ],
        "Nothing was noted yet.",
    )
