"""Which playbook is meant: a file, or one of the network's own by its id.

Rules it keeps
    * A file that is there is meant before a playbook of that id.
    * What is neither ends in a word on what is there.

What it must not know
    What stands in a playbook.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from responder.commands import common

if TYPE_CHECKING:
    from responder.core.playbook import Playbook

_ENDS: Final = ("", ".yaml", ".yml")
Named = Annotated[
    Path, typer.Argument(metavar="FILE|ID", help="A file, or an id of the network's folder.")
]


def folder(config: Path | None) -> Path:
    """The configured folder; without a settings file, the playbooks that come along."""
    from responder import shipped

    if config is None and not common.config_path(None).exists():
        return shipped.playbooks_dir()
    return common.settings_of(config).network.playbooks_dir


def meant(given: Path, config: Path | None) -> Path:
    """The file or folder that is meant; ends the command where there is neither that nor the id."""
    from responder.core.admin.args import did_you_mean
    from responder.playbook_files import shelf

    plain = given.parent == Path() and given.suffix in _ENDS
    if given.exists() or not plain:
        return given
    there = folder(config)
    file = shelf.file_of(there, given.stem)
    if not file.exists():
        known = sorted(path.stem for path in there.glob("*.yaml"))
        hint = did_you_mean(given.stem, known)
        common.wrong_use(f"There is no file {given}, and no playbook {given.stem!r}.{hint}")
    return file


def sound(given: Path, config: Path | None) -> Playbook:
    """The playbook that is meant, or the end of the command with what is wrong with it."""
    from responder.playbook_files import shelf

    file = meant(given, config)
    if file.is_dir():
        common.wrong_use(f"{given} is a folder: name one playbook in it.")
    stock = shelf.files([file])
    for fault in stock.faults:
        typer.echo(str(fault), err=True)
    if stock.faults:
        raise typer.Exit(common.FAULTS)
    (playbook,) = stock.found.values()
    return playbook
