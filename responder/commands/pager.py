"""`responder pager ...`: the page on members' phones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from responder.commands import common
from responder.commands.common import Config

app = common.group("The pager: the page on members' phones that opens what is sealed for them.")


@app.command("build")
def build(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.", show_default=False)],
    config: Config = None,
) -> None:
    """Write the page into a folder, for any web host that serves it over https."""
    from responder import app as network
    from responder import pager_files, phones
    from responder.errors import ResponderError

    settings = common.unlocked(common.settings_of(config))

    async def write() -> tuple[Path, ...]:
        async with network.opened(settings) as (store, dispatcher):
            found = await phones.open_phones(settings, store, dispatcher.world)
            if found is None:
                raise ResponderError("Give pager.url in the settings: where the page will lie.")
            return pager_files.build(folder, found.facts)

    files = asyncio.run(write())
    common.say(
        f"{len(files)} files written to {folder}.",
        f"Put them where {settings.pager.url} shows them, and register a phone to try it.",
    )
