"""`responder shift coverage`: the hours ahead as a map of plain characters, or as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from responder.commands import common
from responder.commands.common import Config, Json, MaybeInPlace, Spoken

if TYPE_CHECKING:
    from responder.core.rosters.drawing import Kind

_DAY_WIDTH = 11


def coverage(
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days from today.")] = 7,
    neighbourhood: MaybeInPlace = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture into this file too.")] = None,
    language: Spoken = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show how well the hours ahead are covered, and where no team could form."""
    spoken = common.language(language, config)
    answer = common.ask(config, "shift.coverage", days=days, neighbourhood=neighbourhood)
    if svg is not None:
        network = common.settings_of(config).network.name
        common.write(svg, picture(answer, network, spoken))
        common.warn(f"The picture is in {svg}.")
    if json:
        common.show_json(answer)
        return
    common.say(*lines(answer, spoken))


# --- the picture ----------------------------------------------------------------------------------


def picture(answer: Mapping[str, Any], network: str, language: str = "en") -> str:
    """The answer as one sheet of SVG; no member stands on it."""
    from responder.core import days
    from responder.core.phrases import say
    from responder.core.rosters.drawing import Day, Kind, Sheet, draw

    places = answer["places"]
    dates = [date.fromisoformat(day["date"]) for place in places for day in place["days"]]
    at = datetime.fromisoformat(answer["at"])
    where = places[0]["name"] if len(places) == 1 else network
    return draw(
        Sheet(
            title=say(language, "coverage.title", where=where),
            dates=say(
                language,
                "coverage.dates",
                first=days.whole(language, min(dates, default=at.date())),
                last=days.whole(language, max(dates, default=at.date())),
                at=f"{days.whole(language, at.date())}, {at:%H:%M}",
            ),
            places=tuple(
                (
                    place["name"],
                    tuple(
                        Day(
                            label=days.short(language, date.fromisoformat(day["date"])),
                            hours=tuple(map(_square, day["hours"])),
                        )
                        for day in place["days"]
                    ),
                )
                for place in places
            ),
            legend={kind: say(language, f"coverage.{kind}") for kind in Kind},
            count=say(language, "coverage.count"),
        )
    )


def _square(cell: Sequence[Any] | None) -> Any:
    from responder.core.rosters.drawing import Square

    return None if cell is None else Square(people=cell[0], kind=_kind(cell))


def _kind(cell: Sequence[Any]) -> Kind:
    from responder.core.rosters.drawing import Kind

    people, lacking, gap = cell
    if gap:
        return Kind.GAP
    if not people:
        return Kind.NONE
    return Kind.THIN if lacking or people == 1 else Kind.ENOUGH


# --- the map --------------------------------------------------------------------------------------


def lines(answer: Mapping[str, Any], language: str = "en") -> Iterator[str]:
    """The answer in lines of at most 80 characters, as far as names allow."""
    from responder.core import days
    from responder.core.phrases import say

    for place in answer["places"]:
        yield f"{place['name']:<12.12} 0     3     6     9     12    15    18    21"
        for day in place["days"]:
            label = days.short(language, date.fromisoformat(day["date"]))
            yield f"  {label:<{_DAY_WIDTH}}{_row(day['hours'])}".rstrip()
        yield from _gaps(place, set(answer["playbooks"]), language)
        yield ""
    yield from (say(language, f"coverage.map.{number}") for number in (1, 2, 3))
    for key, names in (("limit", answer["over_limit"]), ("resting", answer["resting"])):
        if names:
            yield say(language, f"coverage.{key}", names=", ".join(names))
    if answer["unreached"]:
        yield say(language, "coverage.unreached")
        yield f"  {', '.join(answer['unreached'])}."
        command = "responder member code CALL-SIGN"
        yield "  " + say(language, "coverage.unreached.do", command=command)


def _row(hours: Sequence[Sequence[Any] | None]) -> str:
    return " ".join(map(_mark, hours))


def _mark(cell: Sequence[Any] | None) -> str:
    if cell is None:
        return " "
    people, lacking, gap = cell
    if gap:
        return "x"
    if people > 1 and lacking:
        return "!"
    return "." if not people else str(people) if people < 10 else "+"


def _gaps(place: Mapping[str, Any], playbooks: Set[str], language: str) -> Iterator[str]:
    from responder.core.phrases import say

    never = place["never"]
    for gap in place["gaps"]:
        kinds = _kinds(gap["lacking"], playbooks - set(never), language)
        start, end = common.when(gap["start"]), common.when(gap["end"])
        yield "  " + say(language, "coverage.gap.line", start=start, end=end, kinds=kinds)
    if not place["responders"]:
        yield "  " + say(language, "coverage.nobody", place=place["name"])
    elif not place["reached"]:
        yield "  " + say(
            language, "coverage.nobody-reached", place=place["name"], number=place["responders"]
        )
    elif never:
        kinds = _kinds(never, playbooks, language)
        yield "  " + say(language, "coverage.never", place=place["name"], kinds=kinds)


def _kinds(lacking: Sequence[str], playbooks: Set[str], language: str) -> str:
    """These playbooks by name; where it is all that could be, in one word."""
    from responder.core.phrases import say

    every = len(playbooks) > 1 and playbooks <= set(lacking)
    return say(language, "coverage.any") if every else ", ".join(lacking)
