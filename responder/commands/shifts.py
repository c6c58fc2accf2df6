"""`responder shift ...`: who is on call where, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from responder.commands import calendars, care, common, coverage, turns
from responder.commands.common import CallSign, Config, Json, MaybeInPlace, Short

app = common.group("Rosters: shifts, overrides, coverage, who is on call.")
app.command("coverage")(coverage.coverage)
app.command("open")(turns.open_shift)
app.command("openings")(turns.openings)
app.command("close")(turns.close)
app.command("swap")(turns.swap)
app.command("note")(care.note)
app.command("export")(calendars.export)
app.command("import")(calendars.take_in)


@app.command("add")
def add(
    call_sign: CallSign,
    when: Annotated[
        list[str],
        typer.Argument(
            help='"fri 18:00-22:00" every week, "every 2nd sat 10-14",'
            ' "first sun of the month 9-12", or "2026-11-27 18:00-22:00" once.',
            show_default=False,
        ),
    ],
    neighbourhood: MaybeInPlace = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Put a member on call, once or again and again, in the neighbourhood's own time."""
    answer = common.ask(
        config,
        "shift.add",
        call_sign=call_sign,
        when=" ".join(when),
        neighbourhood=neighbourhood,
    )
    if json:
        common.show_json(answer)
        return
    common.say("{call_sign}: {when} in {neighbourhood} ({short}).".format(**answer))
    _told(answer)
    common.notes(answer)


def _told(answer: Mapping[str, Any]) -> None:
    """That the member hears of it by themselves."""
    if answer["told"]:
        common.say(f"{answer['call_sign']} hears of it, and how to say no.")


@app.command("list")
def listed(
    call_sign: Annotated[str | None, typer.Option(help="Only this member's.")] = None,
    neighbourhood: MaybeInPlace = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """List shifts, in each neighbourhood the next first; then overrides that are not over."""
    answer = common.ask(config, "shift.list", call_sign=call_sign, neighbourhood=neighbourhood)
    if json:
        common.show_json(answer)
        return
    rows: list[tuple[str, ...]] = [
        (s["short"], s["call_sign"], s["neighbourhood"], s["next"] or "over", s["when"])
        for s in answer["shifts"]
    ]
    for one in answer["overrides"]:
        how = "on call" if one["available"] else "off call"
        span = f"{how} {common.when(one['start'])} to {common.when(one['end'])}"
        day = max(one["start"][:10], answer["today"])
        rows.append((one["short"], one["call_sign"], one["neighbourhood"] or "all", day, span))
    common.table(
        ("id", "call sign", "neighbourhood", "next", "when"),
        rows,
        'No shifts: responder shift add CALL-SIGN "fri 18:00-22:00"',
    )


@app.command("remove")
def remove(
    id: Short,
    json: Json = False,
    config: Config = None,
) -> None:
    """Remove a shift or an override."""
    answer = common.ask(config, "shift.remove", id=id)
    if json:
        common.show_json(answer)
        return
    common.say(f"Removed {answer['short']} of {answer['call_sign']}.")
    _told(answer)


@app.command("override")
def override(
    call_sign: CallSign,
    available: Annotated[
        bool, typer.Option("--on/--off", help="On call, or off it.", show_default=False)
    ],
    to: Annotated[str, typer.Option("--to", help="22:00, 3h or 2026-11-27 22:00.")],
    from_: Annotated[str, typer.Option("--from", help="now, 18:00 or 2026-11-27 18:00.")] = "now",
    neighbourhood: MaybeInPlace = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Make an exception to the shifts: on or off call for a time."""
    answer = common.ask(
        config,
        "shift.override",
        call_sign=call_sign,
        available=available,
        start=from_,
        end=to,
        neighbourhood=neighbourhood,
    )
    if json:
        common.show_json(answer)
        return
    how = "on call" if answer["available"] else "off call"
    start, end = common.when(answer["start"]), common.when(answer["end"])
    common.say(f"{answer['call_sign']} is {how} from {start} to {end} ({answer['short']}).")
    _told(answer)
    common.notes(answer)


@app.command("oncall")
def oncall(
    at: Annotated[str, typer.Option(help="Another time: 22:00 or 2026-11-27 22:00.")] = "now",
    neighbourhood: MaybeInPlace = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show who is on call in each neighbourhood."""
    places = common.ask(config, "shift.oncall", at=at, neighbourhood=neighbourhood)
    if json:
        common.show_json(places)
        return
    rows = []
    for place in places:
        for person in place["people"]:
            paged = "yes" if person["paged"] else f"no: {_unpaged(person)}"
            rows.append((place["name"], person["call_sign"], common.when(person["until"]), paged))
        if not place["people"]:
            rows.append((place["name"], "nobody", "-", "-"))
    common.table(("neighbourhood", "call sign", "until", "paged"), rows, "No neighbourhoods.")


def _unpaged(person: Mapping[str, Any]) -> str:
    """Why no page goes to somebody who is on call, and what reaches them instead."""
    if person["blocked"]:
        return "blocked"
    if not person["private"]:
        return "no private channel"
    if not person["responder"]:
        if person["verifier"]:
            return "asked to verify reports"
        return "a coordinator hears alarms" if person["coordinator"] else "no role"
    return "resting"
