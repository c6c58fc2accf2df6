"""`responder status`: how the running network is, in plain words; names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import typer

from responder.commands import common
from responder.commands.common import Config, Json


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("status")(status)


def status(json: Json = False, config: Config = None) -> None:
    """Say how the running network is; names nobody.

    Exit code 0 while all is well, 1 where something is wrong, 3 where it does not run, 4 where it
    is locked.
    """
    answer = common.ask(config, "status")
    if json:
        common.show_json(answer)
    else:
        common.say(*lines(answer, datetime.now(UTC)))
    if not answer.get("watch", {}).get("content", True):
        raise typer.Exit(common.FAULTS)


def lines(answer: dict[str, Any], now: datetime) -> Iterator[str]:
    """The answer in sentences, the gravest first. `now` is what lengths of time are told from."""
    watch = answer.get("watch", {})
    worries = watch.get("worries", [])
    since = watch.get("running_since")
    head = "All is well." if watch.get("content", True) else "Something is wrong."
    yield head + (f" Running since {_when(since)} ({_long(since, now)})." if since else "")
    yield from _worries(worries, now)
    yield from _channels(answer.get("channels", []), watch.get("channels", {}), now)
    yield f"Open incidents: {_counted(answer['incidents'], but='closed')}."
    yield from _waiting(answer, now)
    if due := answer.get("next_deadline"):
        yield f"Next deadline: {_when(due)}."
    counts = answer.get("counts", {})
    passed = {name: counts.get(name, 0) for name in ("taken_in", "sent", "failed")}
    yield "Messages since the start: {taken_in} taken in, {sent} sent, {failed} failed.".format(
        **passed
    )
    yield f"Members: {answer['members']}. Playbooks in force: {common.words(answer['playbooks'])}."
    if backup := answer.get("last_backup"):
        yield f"Last backup: {_when(backup)} ({_long(backup, now)} ago)."
    else:
        yield "Last backup: none that is noted here. Make one: responder backup FILE"


def _worries(worries: list[dict[str, Any]], now: datetime) -> Iterator[str]:
    for one in worries:
        about = f"incident {one['code']}: " if one.get("code") else ""
        named = one.get("channel") or one.get("part")
        about = f"{named}: " if named else about
        since = f", for {_long(one['since'], now)}" if one.get("since") else ""
        many = f" ({one['count']})" if one.get("count", 1) > 1 else ""
        yield f"  - {about}{one['what']}{many}{since}."
        yield f"    What to do: {one['next']}"


def _channels(names: list[str], known: dict[str, Any], now: datetime) -> Iterator[str]:
    for name in names:
        one = known.get(name)
        if one is None:
            yield f"Channel {name}: not asked yet."
        elif one["well"]:
            yield f"Channel {name}: well for {_long(one['since'], now)}."
        else:
            long = _long(one["since"], now)
            yield f"Channel {name}: does not work for {long}: {one['detail']}."


def _waiting(answer: dict[str, Any], now: datetime) -> Iterator[str]:
    waiting, oldest = answer.get("waiting", {}), answer.get("oldest", {})
    if waiting:
        count = sum(waiting.values())
        age = _long(min(oldest.values()), now) if oldest else "a moment"
        yield f"Waiting to leave: {count}, the oldest for {age} ({_counted(waiting)})."
    else:
        yield "Waiting to leave: nothing."
    if aside := answer.get("set_aside"):
        yield (
            f"Put aside: {aside}, which the program failed at. responder aside list says more;"
            " tell whoever maintains the program."
        )
    if stuck := answer.get("stuck"):
        yield (
            f"Incidents that cannot be worked off: {stuck}. They are tried again every minute."
            " Look at the log and the disk."
        )


def _counted(counts: dict[str, int], but: str = "") -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items() if name != but) or "none"


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _long(since: str, now: datetime) -> str:
    """A length of time in its two greatest units."""
    minutes = max(round((now - datetime.fromisoformat(since)).total_seconds() / 60), 0)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
