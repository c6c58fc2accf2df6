"""`responder playbook history` and `back`: earlier texts of a playbook, and one of them again."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
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
        ("text", "since", "whose file", ""),
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
    from responder import shelf
    from responder.core.admin import NotNow
    from responder.core.playbook import load
    from responder.editions import mark

    folder = common.settings_of(config).network.playbooks_dir
    file = next((f for f in (folder / f"{id}.yaml", folder / f"{id}.yml") if f.exists()), None)
    file = file or folder / f"{id}.yaml"
    standing = mark(_text(file)) if file.exists() else None
    found = common.ask(config, "playbook.edition", id=id, number=number, standing=standing)
    playbook = load(found["source"], str(file), shared=shelf.parts(folder))
    if playbook.digest != found["digest"] and not anyway:
        raise NotNow(
            f"Text {found['number']} would not say today what it said then: a part that it shares "
            f"in {folder / shelf.SHARED} has changed since. To write it all the same: --anyway"
        )
    aside = _set_aside(file, found["newest_source"])
    _write(file, found["source"])
    common.ask(config, "playbook.gone_back", id=id, number=found["number"])
    if json:
        told = {"id": id, "number": found["number"], "file": str(file)}
        common.show_json({**told, "aside": str(aside) if aside else None})
        return
    common.say(f"{file} is text {found['number']} again. A running network takes it in within 5 s.")
    if aside:
        common.say(f"What stood there had never been taken in: it lies in {aside}.")


def _set_aside(file: Path, newest: str) -> Path | None:
    """A copy of what stands in the file, where nothing else holds it."""
    if not file.exists():
        return None
    if _text(file) == newest:
        return None
    aside = file.with_suffix(f"{file.suffix}.before")
    aside.write_bytes(file.read_bytes())
    return aside


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8-sig", errors="replace")


def _write(file: Path, text: str) -> None:
    """Put the text in the file's place in one step: nobody reads half of it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as fresh:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
