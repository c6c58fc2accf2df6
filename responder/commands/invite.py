"""`responder invite`: a one-time way in for one member, to be handed over in person."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from responder.commands import common
from responder.commands.common import Config

if TYPE_CHECKING:
    from responder.config import Settings
    from responder.handouts.inviting import Way

CallSign = Annotated[str | None, typer.Argument(help="The member's call sign.", show_default=False)]
For = Annotated[
    str | None, typer.Option("--for", metavar="CALL-SIGN", help="The same, as an option.")
]
Channel = Annotated[
    str | None, typer.Option("--channel", help="telegram or signal; else all that are set up.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the QR code to a .svg or .png file, and show no code on the screen.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("invite")(invite)


def invite(
    call_sign: CallSign = None,
    for_: For = None,
    channel: Channel = None,
    out: Out = None,
    config: Config = None,
) -> None:
    """Make a one-time link and QR code with which a member joins, over Telegram or Signal.

    Add the member first: responder member add CALL-SIGN. A second channel is another invitation.
    """
    who = _who(call_sign, for_)
    settings = common.settings_of(config)
    # What cannot be is said before a code is made.
    chosen = _channels(settings, channel)
    if out is not None:
        _may_write(out, chosen)
    answer = common.call(settings, "member.code", {"call_sign": who})
    ways = [_way(settings, name, answer["code"]) for name in chosen]
    if out is not None:
        _written(out, answer, ways[0])
        return
    _shown(answer, ways)


def _who(call_sign: str | None, for_: str | None) -> str:
    if (call_sign is None) == (for_ is None):
        common.wrong_use("Name one member: responder invite CALL-SIGN")
    return call_sign or for_ or ""


def _channels(settings: Settings, channel: str | None) -> list[str]:
    """The channels that people can be sent to, or the one that was asked for."""
    missing = {
        "telegram": "" if settings.telegram.bot_name else "telegram.bot_name",
        "signal": "" if settings.signal.number else "signal.number",
    }
    if channel is not None and channel not in missing:
        common.wrong_use(f"There is no channel {channel!r}: --channel telegram or signal.")
    if channel is not None and missing[channel]:
        common.wrong_use(f"Set {missing[channel]} in the settings: a link needs it.")
    set_up = [name for name, lack in missing.items() if not lack]
    if not set_up:
        common.wrong_use("Set telegram.bot_name or signal.number first: a link needs one of them.")
    return [channel] if channel else set_up


def _way(settings: Settings, channel: str, code: str) -> Way:
    from responder.handouts import inviting

    if channel == "telegram":
        return inviting.telegram(settings.telegram.bot_name or "", code)
    return inviting.signal(settings.signal.number or "", code)


def _may_write(out: Path, channels: list[str]) -> None:
    from responder.handouts import inviting

    if out.suffix.lower() not in inviting.PICTURES:
        common.wrong_use(f"The file's name ends in .svg or .png; this is {out.name}.")
    if channels != ["telegram"]:
        common.wrong_use(
            "A file holds a code for Telegram only: say --channel telegram. Signal's link carries"
            " no code; its words are shown on the screen."
        )
    if out.exists():
        common.wrong_use(f"{out} is there already: choose another name.")


def _written(out: Path, answer: dict[str, Any], way: Way) -> None:
    from responder.handouts import inviting

    inviting.write_private(out, inviting.picture(way.link, out.suffix.lower()))
    common.say(
        f"{out} opens {way.shown} for {answer['call_sign']}, once, until"
        f" {common.when(answer['expires_at'])}.",
        "Whoever scans it first becomes this member: hand it over in person, then delete it.",
    )


def _shown(answer: dict[str, Any], ways: list[Way]) -> None:
    """The words first: what stands last is whole on a screen of 24 lines, and a code must be."""
    until = common.when(answer["expires_at"])
    common.say(
        f"{answer['call_sign']} joins with one of these, once, until {until}.",
        "Whoever holds this becomes the member: show it in person, send it to nobody, and clear"
        " the screen afterwards.",
    )
    for number, way in enumerate(ways):
        if number and sys.stdin.isatty() and sys.stdout.isatty():
            # A second code would push the first one off the screen.
            question = f"Press Enter when that is scanned, or to see {way.channel.capitalize()}"
            typer.prompt(question, default="", show_default=False, prompt_suffix=" ")
        common.say("", f"{way.channel.capitalize()}, {way.shown}")
        if way.channel == "telegram":
            common.say("Scan it and tap Start, or open this link:", f"  {way.link}")
        else:
            common.say(f"Scan it, or open {way.link}", "and write this there:", f"  {way.text}")
        _qr(way.link)


def _qr(link: str) -> None:
    """The code as it fits a terminal; broken lines could not be scanned."""
    from responder.handouts import inviting

    lines = inviting.half_blocks(link)
    width = len(inviting.modules(link)[0])
    if sys.stdout.isatty() and shutil.get_terminal_size().columns < width:
        common.say(f"(The QR code needs a terminal {width} characters wide.)")
        return
    for line in lines:
        typer.echo(line)
