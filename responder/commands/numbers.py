"""`responder numbers`: a month in numbers without names, for the network's meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, Json, Spoken


def register(app: typer.Typer) -> None:
    """Add `responder numbers`."""
    app.command("numbers")(numbers)


def numbers(
    month: Annotated[
        str,
        typer.Option(help="The month, as 2026-11; else the last whole one.", show_default=False),
    ] = "",
    html: Annotated[
        Path | None, typer.Option(help="Write a page with plots.", show_default=False)
    ] = None,
    language: Spoken = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Count a month's incidents by kind, neighbourhood, week and outcome; small counts hidden."""
    answer = common.ask(config, "numbers", month=month)
    if json:
        common.show_json(answer)
        return
    import msgspec

    from responder.core.looking_back.numbers import (
        Figures,
        count_words,
        label,
        page,
        summary,
        title,
    )
    from responder.core.phrases import say

    spoken = common.language(language, config)
    network = answer.pop("network")
    found = msgspec.convert(answer, Figures)
    if html is not None:
        common.write(html, page(found, network, spoken))
        common.say(f"The page stands in {html}.")
        return
    common.say(title(found, network, spoken), *summary(found, spoken))
    rows = [
        (
            say(spoken, f"numbers.{part}"),
            label(found, part, what, spoken),
            count_words(count, spoken),
        )
        for part, counts in found.parts.items()
        for what, count in counts.items()
    ]
    headings = say(spoken, "numbers.columns").split(",")
    common.table(headings, rows, say(spoken, "numbers.none"))
