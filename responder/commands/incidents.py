"""`responder incident ...`: what is going on, and a coordinator's hand on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from responder.commands import common
from responder.commands.common import Config, Json, Spoken

app = common.group("Incidents: look at them, end them, order people out.")

Code = Annotated[str, typer.Argument(help="The incident's short code.", show_default=False)]
Reason = Annotated[
    str, typer.Option("--reason", "-r", help="It stands in the papers.", show_default=False)
]


@app.command("list")
def listed(
    all: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """List the open incidents, the newest first."""
    rows = common.ask(config, "incident.list", all=all)
    if json:
        common.show_json(rows)
        return
    common.table(
        ("code", "kind", "neighbourhood", "state", "opened", "team", "alarms"),
        [
            (
                row["code"] + (" (drill)" if row["drill"] else ""),
                row["title"].get("en", row["kind"]),
                row["neighbourhood"],
                row["state"],
                common.when(row["opened_at"]),
                common.words(row["team"]),
                common.words(row["alarms"]),
            )
            for row in rows
        ],
        "No incidents.",
    )


@app.command("show")
def show(
    code: Code,
    words: Annotated[
        bool, typer.Option("--words", help="Also the exact place and what people told.")
    ] = False,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="What happened when, for looking back.")
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Write the timeline as a picture.", show_default=False)
    ] = None,
    all: Annotated[
        bool, typer.Option("--all", help="Coordinators' notes in the timeline too.")
    ] = False,
    language: Spoken = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show one incident and its story; who reported it stays sealed."""
    answer = common.ask(config, "incident.show", code=code, words=words)
    story = common.ask(config, "incident.story", code=code)
    spoken = common.language(language, config)
    if timeline or svg is not None:
        _timeline(answer, story, svg, spoken, notes=all)
        return
    if json:
        common.show_json({**answer, "story": story})
        return
    from responder.commands import incident_words

    common.say(*incident_words.lines(answer, story, spoken))


def _timeline(
    answer: dict[str, Any],
    story: list[dict[str, Any]],
    svg: Path | None,
    language: str,
    *,
    notes: bool,
) -> None:
    """What happened when, on the terminal or as a picture in a file."""
    from responder.commands import incident_words
    from responder.core.looking_back import timeline

    found = timeline.moments(story, answer["notes"] if notes else (), language)
    title = incident_words.title(answer, language)
    if svg is None:
        common.say(title, *timeline.lines(found, language))
        return
    common.write(svg, timeline.draw(title, found, language))
    common.say(f"The timeline stands in {svg}.")


@app.command("end")
def end(code: Code, reason: Reason, json: Json = False, config: Config = None) -> None:
    """End an incident; said again while people are counted out, close the count."""
    _done(common.ask(config, "incident.end", code=code, reason=reason), json)


@app.command("note")
def note(
    code: Code,
    text: Annotated[str, typer.Argument(help="The note.", show_default=False)],
    team: Annotated[
        bool, typer.Option("--team/--papers", help="Whether the team reads it.")
    ] = True,
    json: Json = False,
    config: Config = None,
) -> None:
    """Add a note to an incident."""
    _done(common.ask(config, "incident.note", code=code, text=text, to_team=team), json)


@app.command("lesson")
def lesson(
    code: Code,
    text: Annotated[str, typer.Argument(help="What it taught; no names.", show_default=False)],
    json: Json = False,
    config: Config = None,
) -> None:
    """Keep what an incident taught; it stays when the incident is forgotten."""
    answer = common.ask(config, "incident.lesson", code=code, text=text)
    if json:
        common.show_json(answer)
        return
    common.say("Kept as {id}: {month}, {kind}.".format(**answer))


@app.command("lessons")
def lessons(
    drop: Annotated[
        str | None, typer.Option(help="Forget the one whose id begins so.", show_default=False)
    ] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """List what incidents have taught, or forget one lesson."""
    if drop is not None:
        gone = common.ask(config, "lesson.drop", id=drop)
        common.say("Forgotten: {id}.".format(**gone))
        return
    rows = common.ask(config, "lesson.list")
    if json:
        common.show_json(rows)
        return
    common.table(
        ("id", "month", "kind", "lesson"),
        [
            (row["id"], row["month"], row["title"].get("en", row["kind"]), row["text"])
            for row in rows
        ],
        "No lessons yet: responder incident lesson CODE WORDS",
    )


@app.command("widen")
def widen(code: Code, json: Json = False, config: Config = None) -> None:
    """Page the next wave now."""
    _done(common.ask(config, "incident.widen", code=code), json)


@app.command("leave")
def leave(code: Code, json: Json = False, config: Config = None) -> None:
    """Order everybody in the team to leave now; they are counted until out."""
    _done(common.ask(config, "incident.leave", code=code), json)


@app.command("accounted")
def accounted(
    code: Code,
    call_sign: Annotated[str, typer.Argument(help="Who is well.", show_default=False)],
    reason: Reason,
    json: Json = False,
    config: Config = None,
) -> None:
    """Say that somebody of the team is well, and how it is known."""
    answer = common.ask(config, "incident.accounted", code=code, call_sign=call_sign, reason=reason)
    _done(answer, json)


def _done(answer: dict[str, Any], json: bool) -> None:
    if json:
        common.show_json(answer)
        return
    common.say("{code} is now: {state}.".format(**answer))
    common.notes(answer)
