"""`responder playbook ...`: checking what coordinators write, before it counts."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Final

import typer

from responder.commands import common, playbook_paths
from responder.commands.common import Config, Json, MaybeInPlace
from responder.commands.playbook_paths import Named

if TYPE_CHECKING:
    from responder.core.playbook import Answers
    from responder.core.showing import Shown
    from responder.playbook_files.shelf import Stock

_URGENCY: Final = ("high", "normal", "low")
_WIDE: Final = 80

app = common.group("Playbooks: write, check, show, compare, rehearse, go back.")


def _excerpt(file: str, line: int, column: int) -> tuple[str, ...]:
    """The line of the file with a mark under the place; nothing where it cannot be read."""
    from rich.cells import cell_len, set_cell_size

    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()[line - 1]
    except (OSError, IndexError):
        return ()
    before = "".join(c if c.isprintable() else " " for c in text[: column - 1])
    whole = "".join(c if c.isprintable() else " " for c in text)
    room, gutter = 66, f"{line:>5} | "
    cut = max(0, cell_len(before) - room + 20)
    shown = whole if not cut else "…" + whole[cut + 1 :]
    if cell_len(shown) > room:
        shown = set_cell_size(shown, room - 1) + "…"
    mark = " " * (cell_len(before) - cut) + "^"
    return gutter + shown, " " * (len(gutter) - 2) + "| " + mark


@app.command("check")
def check(
    path: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE|ID]...",
            help="Files, folders, or ids of the network's folder; else all of that folder.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Name every fault as file:line:column; exit 1 where there is one. Warnings come besides."""
    from responder.playbook_files import shelf

    asked = [playbook_paths.meant(one, config) for one in path or ()]
    stock = shelf.files(asked or [playbook_paths.folder(config)], warn=True)
    found, faults = stock.found, stock.faults
    if json:
        known = ("file", "line", "column", "what", "meant")
        told, warned = (
            [{name: getattr(fault, name) for name in known} for fault in some]
            for some in (faults, stock.warnings)
        )
        common.show_json({"sound": sorted(found), "faults": told, "warnings": warned})
    else:
        _tell(stock)
    if faults:
        raise typer.Exit(common.FAULTS)


def _tell(stock: Stock) -> None:
    """Faults first, then warnings, those of the most urgent kinds before the others; then a sum."""
    urgency = {book.id: _URGENCY.index(book.urgency) for book in stock.found.values()}
    warned = sorted(
        stock.warnings, key=lambda one: (urgency.get(Path(one.file).stem, 0), one.file, one.line)
    )
    for kind, some in (("", stock.faults), ("warning: ", warned)):
        for fault in some:
            place = f"{fault.file}:{fault.line}:{fault.column}"
            common.say(f"{place}: {kind}{fault.what}; {fault.meant}".removesuffix("; "))
            for line in _excerpt(fault.file, fault.line, fault.column):
                typer.echo(line)
    if stock.faults:
        files = len({fault.file for fault in stock.faults})
        common.say(f"{_counted(len(stock.faults), 'fault')} in {_counted(files, 'file')}.")
    else:
        besides = f" {_counted(len(warned), 'warning')}." if warned else ""
        common.say(f"No faults in {', '.join(sorted(stock.found))}.{besides}")


def _counted(many: int, what: str) -> str:
    return f"{many} {what}{'s' if many > 1 else ''}"


@app.command("list")
def listed(json: Json = False, config: Config = None) -> None:
    """List the sound playbooks of the folder."""
    from responder import checking

    found, faults = checking.playbooks([playbook_paths.folder(config)])
    rows = [
        {
            "id": book.id,
            "title": book.title.in_("en"),
            "team": book.team.size,
            "at_least": book.team.at_least,
            "pages_at": book.trust.pages_at.value,
            "training": list(book.team.training),
            "schema": book.schema_version,
        }
        for book in found.values()
    ]
    if json:
        common.show_json(rows)
    else:
        columns = ("id", "title", "team", "pages_at", "training")
        cells = [[common.words(row[name]) for name in columns] for row in rows]
        common.table(("id", "title", "team", "pages at", "training"), cells, "No playbooks.")
    if faults:
        typer.echo("Some files have faults: responder playbook check", err=True)
        raise typer.Exit(common.FAULTS)


@app.command("show")
def show(
    file: Named,
    language: Annotated[str, typer.Option(help="en or es.")] = "en",
    boards: Annotated[
        bool, typer.Option(help="Also the overviews that coordinators get at each step.")
    ] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show what people will read: every message of a made-up incident, played to its end."""
    from responder.core.phrases import say
    from responder.core.showing import shown

    spoken = common.language(language, None)
    messages = [
        one
        for one in shown(playbook_paths.sound(file, config), spoken)
        if boards or one.card != "board"
    ]
    if json:
        common.show_json(
            [
                {
                    "story": one.story,
                    "to": one.to,
                    "card": one.card,
                    "after_s": int(one.after.total_seconds()),
                    "text": one.text,
                    "notice": one.notice,
                    "options": list(one.options),
                }
                for one in messages
            ]
        )
        return
    story = ""
    for one in messages:
        if one.story != story:
            story = one.story
            common.say(f"══ {say(spoken, f'show.story.{story}')}", "")
        _print(one, spoken)


def _print(one: Shown, language: str) -> None:
    """One message under a line that says to whom and when."""
    from responder.core.phrases import say
    from responder.core.playbooks.path import length_of_time

    after = length_of_time(int(one.after.total_seconds()) // 60 * 60 or 20, language)
    # Read aloud and printed: broken also where a pipe would get every line whole.
    lines = [part for line in one.text.split("\n") for part in wrap(line, _WIDE) or [""]]
    common.say(f"── {say(language, f'show.to.{one.to}')} · {after}", *lines)
    if one.options:
        common.say(" ".join(f"[{label}]" for label in one.options))
    if one.notice and one.notice != one.text:
        common.say(f"   {say(language, 'show.notice')} {' '.join(one.notice.split())}")
    common.say("")


@app.command("diff")
def diff(
    file: Annotated[
        Path, typer.Argument(metavar="FILE|ID", help="The changed playbook: a file, or an id.")
    ],
    before: Annotated[
        Path | None,
        typer.Argument(help="The older file; else what is in force.", show_default=False),
    ] = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Show what a change changes for people; notes and spelling of the file do not count."""
    from responder.core.playbook import compare, restore

    after = playbook_paths.sound(file, config)
    if before is not None:
        older = playbook_paths.sound(before, config)
    else:
        from responder.core.admin import AdminFault

        try:
            older = restore(common.ask(config, "playbook.text", id=after.id)["text"])
        except AdminFault as fault:
            raise AdminFault(f"{fault} Or give the older file as the second one.") from None
    found = compare(older, after)
    if json:
        rows = [{"key": d.key, "before": d.before, "after": d.after} for d in found]
        common.show_json(rows)
        return
    for difference in found:
        common.say(difference.key)
        for sign, value in (("-", difference.before), ("+", difference.after)):
            for line in value.splitlines():
                common.say(f"  {sign} {line}")
    if not found:
        common.say("Nothing changes for people.")


@app.command("graph")
def graph(
    file: Named,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The picture's file; else beside that file, or for an id here."),
    ] = None,
    language: Annotated[str, typer.Option(help="en or es.")] = "en",
    config: Config = None,
) -> None:
    """Draw the path of an incident on one sheet, from the report to the forgetting (SVG)."""
    from responder.core.playbook import draw, stations

    language, playbook = common.language(language, None), playbook_paths.sound(file, config)
    # Of an id it is drawn where one stands: the network's folder is for playbooks.
    target = to or file.with_name(f"{file.stem}-{language}.svg")
    picture = draw(playbook.title.in_(language), stations(playbook, language))
    common.write(target, picture)
    common.say(f"Drawn: {target}")


@app.command("schema")
def schema() -> None:
    """Print the form of a playbook, from which editors complete and check while one writes."""
    from responder.core import playbook

    common.show_json(playbook.schema(playbook.LANGUAGES))


@app.command("reload")
def reload(json: Json = False, config: Config = None) -> None:
    """Let the running network take changed playbooks in now."""
    faults = common.ask(config, "playbook.reload")
    if json:
        common.show_json({"faults": faults})
    else:
        common.say(*(faults or ["All playbooks are in force."]))
    if faults:
        raise typer.Exit(common.FAULTS)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Small letters and hyphens: school-walk.")],
    like: Annotated[
        str, typer.Option(help="The playbook to begin from: its questions, waves and words.")
    ] = "copwatch",
    to: Annotated[
        Path, typer.Option("--to", help="The folder to write it to: not yet the network's.")
    ] = Path(),
    config: Config = None,
) -> None:
    """Ask what the new kind of incident is, and write a commented file to go on with."""
    from responder.core.playbook import PlaybookFaults, draft, includes, load
    from responder.playbook_files import shelf

    folder = playbook_paths.folder(config)
    base, target = folder / f"{like}.yaml", to / f"{name}.yaml"
    if not base.exists():
        there = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        common.wrong_use(f"No playbook {like!r} to begin from. Choose with --like: {there}.")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", name):
        common.wrong_use(f"{name!r} is no name for a playbook: small letters, digits and hyphens.")
    if target.exists():
        common.wrong_use(f"{target} is there already: choose another name, or move it away.")
    try:
        answers = _answers()
    except typer.Abort:
        common.warn("", "Nothing was written.")
        raise typer.Exit(common.FAULTS) from None
    text = draft(base.read_text(encoding="utf-8"), name, answers)
    try:
        load(text, str(target), shared=shelf.parts(folder))
    except PlaybookFaults as error:
        for fault in error.faults:
            typer.echo(f"{fault.what}; {fault.meant}", err=True)
        typer.echo("Nothing was written. Please answer again.", err=True)
        raise typer.Exit(common.FAULTS) from None
    common.write(target, text)
    for copy in shelf.lend(folder, to) if includes(text) else ():
        common.say(f"Beside it, as it includes parts of it: {copy}")
    common.say(
        f"Written: {target}",
        f"Its questions, brief and safety lines are still those of {like}: change them now.",
        "When it is ready, put it into the network's folder of playbooks:",
        f"  {folder}",
        "A running network takes it in within seconds.",
    )


def _answers() -> Answers:
    """What the coordinator says of the new kind of incident, asked one by one."""
    from responder.core.playbook import LANGUAGES, Answers

    asked = {language: _named(language) for language in LANGUAGES}
    return Answers(
        title={c: typer.prompt(f"What is it called, in {w}") for c, w in asked.items()},
        purpose={
            c: typer.prompt(f"What does the network do then, in a sentence, in {w}")
            for c, w in asked.items()
        },
        triggers={
            c: _apart(typer.prompt(f"Words in a report that point to it, apart by commas, in {w}"))
            for c, w in asked.items()
        },
        needed={
            c: typer.prompt(f"What is asked of people, on the page, without a place, in {w}")
            for c, w in asked.items()
        },
        urgency=typer.prompt("How urgent: high, normal or low", default="normal"),
        size=typer.prompt("How many go together", default=2, type=int),
    )


def _named(language: str) -> str:
    return {"en": "English", "es": "Spanish"}.get(language, language)


def _apart(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@app.command("rehearse")
def rehearse(
    file: Named,
    at: Annotated[
        str, typer.Option("--at", help='"fri 23:00", "2026-11-27 23:00", "now".')
    ] = "now",
    neighbourhood: MaybeInPlace = None,
    runs: Annotated[int, typer.Option(min=10, max=20_000, help="How often.")] = 1_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 1,
    json: Json = False,
    config: Config = None,
) -> None:
    """Rehearse it with tonight's real roster: would a pair have formed, and how fast?"""
    import msgspec

    from responder.commands.rehearsing import as_json, told
    from responder.core.admin.rehearsal import Facts
    from responder.playbook_files.rehearsal import rehearse as play

    playbook = playbook_paths.sound(file, config)
    answer = common.ask(
        config, "rehearsal.facts", at=at, neighbourhood=neighbourhood, kind=playbook.id
    )
    facts = msgspec.convert(answer, Facts)
    result = play(facts, playbook, runs, seed)
    if json:
        common.show_json(as_json(result, playbook, facts.measured))
        return
    name = next(one.name for one in facts.neighbourhoods if one.id == facts.place)
    zone = next(one.time_zone for one in facts.neighbourhoods if one.id == facts.place)
    others = [one.id for one in facts.neighbourhoods if one.id != facts.place]
    if others and neighbourhood is None:
        common.warn(
            f"Rehearsed in {name}, the first of the config. Elsewhere: -n {' or '.join(others)}"
        )
    common.say(*told(result, playbook, name, facts.at, zone, facts.measured))
