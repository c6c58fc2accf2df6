"""What a worry is called where those who look after the machine read it.

`responder status` and /health speak English, as the command line does. No sentence here has a
place for a name; an incident's code is put before it where the reader may know it.
"""

from __future__ import annotations

from typing import Any, Final

from responder.core.auditing import Sort, Worry
from responder.core.world import World
from responder.watching.watch import Watch

_WORDS: Final[dict[Sort, tuple[str, str]]] = {
    Sort.OVERDUE: (
        "a deadline has passed and could not be worked off",
        "Look at the log. Coordinators must look after this incident by themselves meanwhile.",
    ),
    Sort.NO_DEADLINE: (
        "an open incident has no deadline, so nothing would wake it",
        "This is a bug: tell whoever maintains the program. Coordinators can end the incident:"
        " responder incident end CODE --reason WHY",
    ),
    Sort.NOBODY_ASKED: (
        "a team is sought and nobody has been asked to come",
        "Call people yourselves. responder incident widen CODE asks the next ones; look at the"
        " channels and the log.",
    ),
    Sort.UNWATCHED: (
        "nobody waits for a sign of life of people who are out",
        "This is a bug: ask them how they are, and tell whoever maintains the program.",
    ),
    Sort.NOBODY_TO_ALARM: (
        "people are out, and no alarm about them would reach a coordinator",
        "Let a coordinator write to the bot over a private channel: responder check names who is"
        " not reached.",
    ),
    Sort.UNSENT: (
        "messages are due and have not left",
        "Look at the channels: responder check --online. They are tried on and on.",
    ),
    Sort.NOT_ESCALATED: (
        "a message failed, and what must follow could not be written down",
        "Look at the disk and the log.",
    ),
    Sort.DEAF: (
        "a channel does not work",
        "responder check --online says more; docs/operations.md tells how to get by meanwhile.",
    ),
    Sort.DISK: (
        "the disk refuses what must be written",
        "Make room on the disk, or look whether it is broken.",
    ),
    Sort.PART: (
        "a part of the program fails, and is begun anew again and again",
        "Look at the log (part_failed): if it is not the disk, it is a bug. Restart the network at"
        " a quiet moment, and tell whoever maintains the program.",
    ),
}
WRITER: Final = (
    "the network does not work off what comes in",
    "Restart it; systemd does so by itself where the unit has WatchdogSec. Look at the disk first.",
)
ASLEEP: Final = (
    "the network has not looked after itself lately",
    "Restart it, and look at the log.",
)


def what(sort: Sort) -> str:
    """What is wrong, in some words."""
    return _WORDS[sort][0]


def next_step(sort: Sort) -> str:
    """What to do about it."""
    return _WORDS[sort][1]


def report(watch: Watch, world: World) -> dict[str, Any]:
    """All that a watch knows, as plain JSON for `responder status`; incidents go by their code."""
    return {
        "content": watch.content,
        "running_since": watch.since.isoformat(timespec="seconds"),
        "channels": {
            name: {
                "well": one.well,
                "since": one.since.isoformat(timespec="seconds"),
                "detail": one.detail,
            }
            for name, one in sorted(watch.channels.items())
        },
        "worries": [
            *_standstill(watch),
            *(_told(one, world) for one in watch.worries),
        ],
    }


def _standstill(watch: Watch) -> list[dict[str, Any]]:
    found = [] if watch.turning else [WRITER]
    found += [] if watch.awake else [ASLEEP]
    return [{"sort": "standstill", "what": what, "next": then} for what, then in found]


def _told(worry: Worry, world: World) -> dict[str, Any]:
    incident = world.incidents.get(worry.incident) if worry.incident else None
    code = incident.code if incident else ""
    said: dict[str, Any] = {
        "sort": worry.sort.value,
        "what": what(worry.sort),
        "next": next_step(worry.sort).replace("CODE", code or "CODE"),
        "code": code,
        "channel": worry.channel,
        "part": worry.part,
        "since": worry.since.isoformat(timespec="seconds") if worry.since else None,
        "count": worry.count,
    }
    return {name: value for name, value in said.items() if value}
