"""`responder drill ...` and `responder reach`: who is reached, on which channel, how fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from responder.commands import common
from responder.commands.common import Config, Json

if TYPE_CHECKING:
    from responder.config import Settings


class Drills(common.Commands):
    """`responder drill NORTHSIDE` begins a drill there; the other words are commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is meant; a neighbourhood by itself means `begin`."""
        known = args and (args[0] in self.commands or args[0].startswith("-"))
        return super().resolve_command(ctx, args if known or not args else ["begin", *args])


app = common.group("Drills: ask those on call for one tap, and see who is reached.", kind=Drills)

Code = Annotated[str, typer.Argument(help="The drill's code; else the last one.")]


@app.command("begin")
def begin(
    neighbourhood: Annotated[str, typer.Argument(help="Where: its id, name or alias.")],
    playbook: Annotated[
        str | None, typer.Option(help="Ask only those whom this playbook would page.")
    ] = None,
    all_channels: Annotated[
        bool, typer.Option("--all-channels", help="Ask over each channel by itself.")
    ] = False,
    minutes: Annotated[int, typer.Option(help="How long answers are waited for.")] = 15,
    json: Json = False,
    config: Config = None,
) -> None:
    """Ask those on call in a neighbourhood for one tap; `responder drill NORTHSIDE` will do."""
    from responder.calling import NotRunning

    try:
        answer = common.ask(
            config,
            "drill.begin",
            neighbourhood=neighbourhood,
            playbook=playbook,
            every_channel=all_channels,
            minutes=minutes,
        )
    except NotRunning:
        # What is misspelt would be refused then too: it is told now.
        _known(common.settings_of(config), neighbourhood, playbook)
        raise
    if json:
        common.show_json(answer)
        return
    common.say(
        "Drill {code} has begun in {neighbourhood}: {asked} asked, {left_out} on call left alone, "
        "{minutes} min at most.".format(**answer),
        "What it finds: responder drill report {code}".format(**answer),
    )


def _known(settings: Settings, neighbourhood: str, playbook: str | None) -> None:
    """End with the nearest word where the place or the playbook is not there."""
    from responder import checking
    from responder.core.admin.args import did_you_mean, no_place
    from responder.core.places import folded

    places = settings.neighbourhoods()
    called = {folded(name) for n in places for name in (n.id, n.name, *n.aliases)}
    if folded(neighbourhood) not in called:
        common.wrong_use(no_place(neighbourhood, places))
    found, faults = checking.playbooks([settings.network.playbooks_dir])
    if playbook is not None and not faults and playbook not in found:
        common.wrong_use(f"There is no playbook {playbook!r}.{did_you_mean(playbook, found)}")


@app.command("report")
def report(code: Code = "", json: Json = False, config: Config = None) -> None:
    """Tell what a drill found: who was reached, on which channel, after how long."""
    answer = common.ask(config, "drill.report", code=code)
    text = answer.pop("text")
    if json:
        common.show_json(answer)
    else:
        common.say(*text.split("\n"))


@app.command("stop")
def stop(code: Code = "", json: Json = False, config: Config = None) -> None:
    """End a drill now, and take back what nobody answered."""
    answer = common.ask(config, "drill.stop", code=code)
    if json:
        common.show_json(answer)
    else:
        common.say("Drill {code} is over: {reached} of {asked} tapped.".format(**answer))


@app.command("list")
def listed(json: Json = False, config: Config = None) -> None:
    """List the drills of the last 90 days, the newest first."""
    rows = common.ask(config, "drill.list")
    if json:
        common.show_json(rows)
        return
    common.table(
        ("code", "neighbourhood", "begun", "tapped", "asked"),
        [
            (r["code"], r["neighbourhood"], common.when(r["begun_at"]), r["reached"], r["asked"])
            for r in rows
        ],
        "There has been no drill yet: responder drill NEIGHBOURHOOD",
    )


# --- the monthly check ----------------------------------------------------------------------------

_WORDS: Final = {
    "reached": "answered",
    "waiting": "asked, no answer yet",
    "silent": "did not answer",
    "unreached": "no channel reaches them",
    "unasked": "not asked yet",
}


def register(parent: typer.Typer) -> None:
    """Add `responder drill` and `responder reach`."""
    parent.add_typer(app, name="drill")
    parent.command("reach")(reach)


def reach(
    all: Annotated[bool, typer.Option("--all", help="Also those who answered.")] = False,
    json: Json = False,
    config: Config = None,
) -> None:
    """List members whom the monthly check did not find, or who could read no page."""
    rows = common.ask(config, "reach.list")
    found = [r for r in rows if all or _matters(r)]
    if json:
        common.show_json(found)
        return
    common.table(
        ("call sign", "monthly check", "asked", "pages", "channels"),
        [
            (
                row["call_sign"],
                _WORDS[row["standing"]],
                common.when(row["asked_at"]),
                "can be read" if row["pages_read"] else "cannot be read",
                common.words(row["channels"]),
            )
            for row in found
        ],
        "Everybody who was asked has answered, and can read a page.",
    )


def _matters(row: dict[str, Any]) -> bool:
    return row["standing"] in ("silent", "unreached") or not row["pages_read"]
