"""`responder playbook history` and `back`: earlier texts of a playbook, and one of them again."""

from __future__ import annotations

from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, Json

Id = Annotated[str, typer.Argument(help="The playbook's id.", show_default=False)]


def register(playbooks: typer.Typer) -> None:
    """Add both to `responder playbook`."""
    playbooks.command("history")(history)
    playbooks.command("back")(back)


def history(id: Id, json: Json = False, config: Config = None) -> None:
    """List the texts of a playbook that are kept, the newest first."""
    rows = common.ask(config, "playbook.history", id=id)
    if json:
        common.show_json(rows)
        return
    common.table(
        ("text", "since", "whose file", "standing"),
        [
            (
                row["number"],
                common.when(row["since"]),
                row["account"] or "-",
                " ".join(
                    filter(
                        None,
                        (
                            "in force" if row["in_force"] else "",
                            f"the same as {row['same_as']}" if row["same_as"] else "",
                        ),
                    )
                ),
            )
            for row in rows
        ],
        "Nothing is kept.",
    )


def back(
    id: Id,
    number: Annotated[
        int | None, typer.Argument(help="Which text; else the last other one.", show_default=False)
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where shared parts have changed since.")
    ] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Write an older text as the playbook's file; a running network takes it in by itself."""
    from responder.core.admin import NotNow
    from responder.core.playbook import load
    from responder.playbook_files import shelf
    from responder.playbook_files.editions import mark

    folder = common.settings_of(config).network.playbooks_dir
    file = shelf.file_of(folder, id)
    standing = mark(shelf.text_of(file)) if file.exists() else None
    found = common.ask(config, "playbook.edition", id=id, number=number, standing=standing)
    playbook = load(found["source"], str(file), shared=shelf.parts(folder))
    if playbook.digest != found["digest"] and not anyway:
        raise NotNow(
            f"Text {found['number']} would not say today what it said then: a part that it shares "
            f"in {folder / shelf.SHARED} has changed since. To write it all the same: --anyway"
        )
    aside = shelf.put_back(file, found["source"], found["newest_source"])
    common.ask(config, "playbook.gone_back", id=id, number=found["number"])
    if json:
        told = {"id": id, "number": found["number"], "file": str(file)}
        common.show_json({**told, "aside": str(aside) if aside else None})
        return
    common.say(f"{file} is text {found['number']} again. A running network takes it in within 5 s.")
    if aside:
        common.say(f"What stood there had never been taken in: it lies in {aside}.")
