"""`responder aside`: messages that could not be worked off; no word of them is shown."""

from __future__ import annotations

from responder.commands import common
from responder.commands.common import Config, Json

app = common.group("Messages that could not be worked off and are kept, sealed, for a week.")


@app.command("list")
def listed(json: Json = False, config: Config = None) -> None:
    """List them: when they came, over which channel, of which sort; never a word of them."""
    rows = common.ask(config, "aside.list")
    if json:
        common.show_json(rows)
        return
    common.table(
        ("id", "put aside", "channel", "sort"),
        [(row["id"], common.when(row["at"]), row["channel"], row["sort"]) for row in rows],
        "Nothing was put aside.",
    )


@app.command("retry")
def retry(json: Json = False, config: Config = None) -> None:
    """Work them off once more, once what was wrong with the program is mended."""
    answer = common.ask(config, "aside.retry")
    if json:
        common.show_json(answer)
        return
    common.say(f"{answer['done']} went well this time, {answer['left']} still wait.")
