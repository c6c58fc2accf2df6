"""`responder numbers`: a month in numbers without names, for the network's meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, Json


def register(app: typer.Typer) -> None:
    """Add `responder numbers`."""
    app.command("numbers")(numbers)


def numbers(
    month: Annotated[str, typer.Option(help="The month, as 2026-11.", show_default=False)],
    html: Annotated[
        Path | None, typer.Option(help="Write a page with plots.", show_default=False)
    ] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Count a month's incidents by kind, neighbourhood, week and outcome; small counts hidden."""
    answer = common.ask(config, "numbers", month=month)
    if json:
        common.show_json(answer)
        return
    if html is not None:
        import msgspec

        from responder.core.looking_back.numbers import Figures, page

        network = answer.pop("network")
        html.write_text(page(msgspec.convert(answer, Figures), network), encoding="utf-8")
        common.say(f"The page stands in {html}.")
        return
    common.say(f"Incidents in {month}: {answer['incidents']}")
    if answer.get("minutes_middle"):
        common.say(
            "Minutes until a team had formed: {minutes_middle} in the middle, {minutes_most} at "
            "most in nine of ten.".format(**answer)
        )
    rows = [(part, *row) for part, found in answer["parts"].items() for row in found.items()]
    common.table(("by", "what", "incidents"), rows, "Nothing was counted in this month.")
