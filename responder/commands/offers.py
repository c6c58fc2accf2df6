"""`responder offers`: how many members offer which help where; never who."""

from __future__ import annotations

import typer

from responder.commands import common
from responder.commands.common import Config, Json, MaybeInPlace, Spoken


def register(app: typer.Typer) -> None:
    """Add `responder offers`."""
    app.command("offers")(offers)


def offers(
    neighbourhood: MaybeInPlace = None,
    language: Spoken = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Count the help that members offer beforehand, by neighbourhood; nobody's name stands there.

    Members offer it in chat: /offer.
    """
    rows = common.ask(config, "offers.count", neighbourhood=neighbourhood)
    if json:
        common.show_json(rows)
        return
    spoken = common.language(language, config)
    common.table(
        ("neighbourhood", "playbook", "help", "people"),
        [
            (row["neighbourhood"], row["kind"], row["label"][spoken], row["people"] or "nobody yet")
            for row in rows
        ],
        "No playbook here says what can be offered beforehand (`offers`).",
    )
