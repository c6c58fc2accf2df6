"""`responder pager ...`: the page on members' phones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from responder.commands import common
from responder.commands.common import Config

if TYPE_CHECKING:
    from responder.config import Settings

app = common.group("The pager: the page on members' phones that opens what is sealed for them.")


@app.command("build")
def build(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.", show_default=False)],
    config: Config = None,
) -> None:
    """Write the page into a folder, for any web host that serves it over https."""
    import asyncio

    settings = common.unlocked(common.settings_of(config))
    files = asyncio.run(_build(settings, folder))
    common.say(
        f"{len(files)} files written to {folder}.",
        f"Put them where {settings.pager.url} shows them, and register a phone to try it.",
    )


async def _build(settings: Settings, folder: Path) -> tuple[Path, ...]:
    """A running network is asked what is public of it; a stopped one is opened."""
    from msgspec import convert

    from responder import app as network
    from responder import control
    from responder.errors import ResponderError
    from responder.sealed import pager_files, phones
    from responder.sealed.pages import PagerFacts

    try:
        answer = await control.ask(settings.control_socket, "pager.facts", {})
        facts = convert(answer, PagerFacts | None)
    except control.NotRunning:
        async with network.opened(settings) as (store, dispatcher):
            found = await phones.open_phones(settings, store, dispatcher.world)
        facts = found.facts if found else None
    if facts is None:
        raise ResponderError("Give pager.url in the settings: where the page will lie.")
    return pager_files.build(folder, facts)
