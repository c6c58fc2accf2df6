"""`responder shift export` and `import`: shifts as an .ics file, to and from any calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, MaybeInPlace


def export(
    ics: Annotated[Path, typer.Option("--ics", help="The file to write.", show_default=False)],
    call_sign: Annotated[str | None, typer.Option(help="Only this member's.")] = None,
    neighbourhood: MaybeInPlace = None,
    config: Config = None,
) -> None:
    """Write shifts into a calendar file: call signs and times, no address."""
    answer = common.ask(config, "shift.export", call_sign=call_sign, neighbourhood=neighbourhood)
    from responder.handouts import calendars

    common.write(ics, calendars.write(answer, datetime.now(UTC)), mode=0o600)
    common.say(f"{len(answer)} shifts are in {ics}. Who reads it learns who is on call when.")


def take_in(
    file: Annotated[Path, typer.Argument(help="An .ics file.", exists=True, dir_okay=False)],
    neighbourhood: MaybeInPlace = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    config: Config = None,
) -> None:
    """Add the shifts of a calendar file: all of them, or none and why.

    An event's title is the call sign, its place the neighbourhood.
    """
    from responder.handouts import calendars

    events = calendars.read(file.read_bytes())
    answer = common.ask(
        config, "shift.import", events=events, neighbourhood=neighbourhood, dry_run=dry_run
    )
    would = "Would be added" if answer["dry_run"] else "Added"
    common.say(f"{would}: {answer['added']}. There already: {answer['known']}.")
