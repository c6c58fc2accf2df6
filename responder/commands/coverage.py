"""`responder shift coverage`: the hours ahead as a map of plain characters, or as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from responder.commands import common
from responder.commands.common import Config, Json

_LEGEND: Final = (
    ". nobody   1 alone   2-9 people a page reaches   + ten and more",
    "! two or more, but some playbook's team could not form (blank: not asked about)",
)
_PICTURE_LEGEND: Final = (
    "Each square is an hour: how many people a page reaches. White: nobody; sand: one, alone.",
    "A red bar: some playbook's team could not form of the people who are on call there.",
)


def coverage(
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days from today.")] = 7,
    neighbourhood: Annotated[
        str | None,
        typer.Option("--neighbourhood", "-n", help="A neighbourhood's id, name or alias."),
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture into this file too.")] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show how well the hours ahead are covered, and where no team could form."""
    answer = common.ask(config, "shift.coverage", days=days, neighbourhood=neighbourhood)
    if svg is not None:
        svg.write_text(picture(answer), encoding="utf-8")
        common.warn(f"The picture is in {svg}.")
    if json:
        common.show_json(answer)
        return
    common.say(*lines(answer))


def picture(answer: Mapping[str, Any]) -> str:
    """The answer as one sheet of SVG; no member stands on it."""
    from responder.core.rosters import drawing

    return drawing.draw(f"Coverage, {answer['days']} days", answer["places"], _PICTURE_LEGEND)


def lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The answer in lines of at most 80 characters, as far as names allow."""
    for place in answer["places"]:
        yield f"{place['name']:<12.12} 0     3     6     9     12    15    18    21"
        for day in place["days"]:
            yield f"  {day['day']:<11}{_row(day['hours'])}".rstrip()
        yield from _gaps(place, set(answer["playbooks"]))
        yield ""
    yield from _LEGEND
    for heading, names in (
        ("At their limit of pages tonight", answer["over_limit"]),
        ("Resting", answer["resting"]),
    ):
        if names:
            yield f"{heading}: {', '.join(names)}."
    if answer["unreached"]:
        yield "Have a shift and are not counted, for no page reaches them yet:"
        yield f"  {', '.join(answer['unreached'])}."
        yield "  A code for each, to join over Signal: responder member code CALL-SIGN"


def _row(hours: Sequence[Sequence[Any] | None]) -> str:
    return " ".join(map(_mark, hours))


def _mark(cell: Sequence[Any] | None) -> str:
    if cell is None:
        return " "
    people, lacking = cell
    if people > 1 and lacking:
        return "!"
    return "." if not people else str(people) if people < 10 else "+"


def _gaps(place: Mapping[str, Any], playbooks: Set[str]) -> Iterator[str]:
    never = place["never"]
    for gap in place["gaps"]:
        start, end = common.when(gap["start"]), common.when(gap["end"])
        kinds = _kinds(gap["lacking"], playbooks - set(never))
        yield f"  Gap {start} to {end}: no team for {kinds}."
    if never:
        kinds = _kinds(never, playbooks)
        yield f"  The people of {place['name']} alone never make a team for {kinds}."


def _kinds(lacking: Sequence[str], playbooks: Set[str]) -> str:
    """These playbooks by name; where it is all that could be, in one word."""
    every = len(playbooks) > 1 and playbooks <= set(lacking)
    return "any playbook" if every else ", ".join(lacking)
