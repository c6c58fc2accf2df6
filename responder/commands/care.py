"""`responder care`: what people were asked to carry; `responder shift note`: the handover."""

from __future__ import annotations

from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, Json


def register(app: typer.Typer) -> None:
    """`responder care`."""
    app.command("care")(care)


def care(
    call_sign: Annotated[str | None, typer.Argument(help="Only this member's.")] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show pages a night, hard calls and rest owed: to look after people, never to rate them."""
    answer = common.ask(config, "care.show", call_sign=call_sign)
    if json:
        common.show_json(answer)
        return
    rows = [
        (
            one["call_sign"],
            f"{one['tonight']} of {one['most']}",
            one["two_days"],
            one["hard_calls"],
            common.when(one["rest_until"]),
            common.when(one["awake_until"]),
        )
        for one in answer
    ]
    columns = (
        "call sign",
        "pages tonight",
        "in two days",
        "hard calls",
        "rests until",
        "awake until",
    )
    common.table(columns, rows, "Nobody was paged lately, and nobody rests.")


def note(
    neighbourhood: Annotated[str, typer.Argument(help="Its id or name.", show_default=False)],
    text: Annotated[list[str] | None, typer.Argument(help="The words; none takes it away.")] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Set the handover note that whoever comes on call there gets."""
    words = " ".join(text or ())
    answer = common.ask(config, "shift.note", neighbourhood=neighbourhood, text=words)
    if json:
        common.show_json(answer)
        return
    if answer["there"]:
        common.say(f"Noted for {answer['neighbourhood']}; told {answer['told']} on call now.")
    else:
        common.say(f"No note for {answer['neighbourhood']} any more.")
