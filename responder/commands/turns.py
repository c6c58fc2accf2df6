"""`responder shift open`, `openings`, `close`, `swap`: who is wanted when, who trades with whom."""

from __future__ import annotations

from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config, InPlace, Json, Short


def open_shift(
    when: Annotated[list[str], typer.Argument(help='"2026-11-27 18:00-22:00"', show_default=False)],
    neighbourhood: InPlace,
    people: Annotated[int, typer.Option(min=1, max=12, help="How many are wanted.")] = 1,
    json: Json = False,
    config: Config = None,
) -> None:
    """Ask those who could take a shift; whoever says so first has it."""
    answer = common.ask(
        config, "shift.open", when=" ".join(when), neighbourhood=neighbourhood, people=people
    )
    if json:
        common.show_json(answer)
        return
    span = f"{common.when(answer['start'])} to {common.when(answer['end'])}"
    common.say(f"Open in {answer['neighbourhood']}: {span} ({answer['short']}).")
    if answer["asked"]:
        common.say(f"Asked: {answer['asked']}.")
    else:
        common.say(
            "Nobody could be asked: the members there are on call then, rest, said /off, lack"
            " the training, or no page reaches them. See: responder reach, responder care"
        )
    common.notes(answer)


def openings(json: Json = False, config: Config = None) -> None:
    """List the times for which somebody is wanted: open shifts, gaps, turns given away."""
    answer = common.ask(config, "shift.openings")
    if json:
        common.show_json(answer)
        return
    rows = [
        (
            one["short"],
            one["sort"],
            one["neighbourhood"],
            f"{common.when(one['start'])} to {common.when(one['end'])}",
            one["giver"] or "-",
            ", ".join(one["taken_by"]) or "nobody yet",
        )
        for one in answer
    ]
    columns = ("id", "why", "neighbourhood", "when", "given by", "taken by")
    common.table(columns, rows, "Nobody is wanted: no gap, no open shift.")


def close(
    id: Short,
    json: Json = False,
    config: Config = None,
) -> None:
    """Ask nobody any more for such a time; who has taken it keeps it."""
    answer = common.ask(config, "shift.close", id=id)
    if json:
        common.show_json(answer)
        return
    common.say(f"Closed {answer['short']}.")


def swap(
    call_sign: Annotated[str, typer.Argument(show_default=False)],
    at: Annotated[str, typer.Argument(help="A time in that turn.", show_default=False)],
    other: Annotated[str, typer.Argument(help="The other's call sign.", show_default=False)],
    other_at: Annotated[str, typer.Argument(help="A time in theirs.", show_default=False)],
    json: Json = False,
    config: Config = None,
) -> None:
    """Swap two members' turns, as they have agreed with you; both are told."""
    answer = common.ask(
        config, "shift.swap", call_sign=call_sign, at=at, other=other, other_at=other_at
    )
    if json:
        common.show_json(answer)
        return
    for one, taker in zip(answer["swapped"], (other, call_sign), strict=True):
        span = f"{common.when(one['start'])} to {common.when(one['end'])}"
        common.say(f"{taker} takes {span} in {one['neighbourhood']} for {one['call_sign']}.")
    undo = " ".join(answer["exceptions"])
    common.say(f"To undo it, remove its exceptions: responder shift remove, one by one: {undo}")
