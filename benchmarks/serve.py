"""Serves one made-up network until it is told to stop, and tells what that cost.

    python -m benchmarks.serve --folder FOLDER

A process of its own for the benchmarks that talk to the product from outside, as people do.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import kit, serving

if TYPE_CHECKING:
    from responder.app import Machine
    from responder.core.desk import Desk
    from responder.core.model import PersonId

_BROADCAST = "The meeting on Sunday begins at four, in the church hall. Everybody is welcome."


def _broadcast(desk: Desk, people: int) -> None:
    """News to so many members, each in a message of its own."""
    from responder.core.spoken import Reply

    for person in desk.world.members()[:people]:
        desk.reply(person, Reply(text=_BROADCAST), "telegram")


def _chats(served: Machine, people: Collection[PersonId]) -> set[int]:
    """Where these people are written to."""
    found = (served.dispatcher.person(id) for id in people)
    return {int(address.handle) for person in found if person for address in person.addresses}


async def _told_to_stop() -> None:
    """Wait for a line on standard input."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), kit.standard_input())
    await reader.readline()


async def run(folder: Path, *, broadcast: int) -> None:
    """Serve from `go` until `stop`."""
    meter = kit.Meter()
    kit.wait_for_go()
    meter.start()
    async with serving.machine(folder) as served:
        if broadcast:
            await served.dispatcher.do(lambda desk: _broadcast(desk, broadcast))
        await _told_to_stop()
        found = meter.read()
        waiting = [one.message for one in await served.store.waiting()]
        gc.collect()
        found |= {
            "rss_mb": kit.memory_mb("VmRSS"),
            "waiting": len(waiting),
            "waiting_for": sorted(_chats(served, {message.to for message in waiting})),
            "counts": dict(served.dispatcher.counts),
            "status": served.dispatcher.status(),
        }
    kit.answer(found)


def main() -> None:
    """Serve the network that the command line names."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--lifted", action="store_true", help="without the platform's pace")
    options.add_argument("--words", action="store_true", help="nobody reads Telegram along")
    options.add_argument("--broadcast", type=int, default=0, help="news to so many, first")
    given = options.parse_args()
    if given.lifted:
        serving.lift_pace()
    if given.words:
        serving.speak_in_words()
    asyncio.run(run(given.folder, broadcast=given.broadcast))


if __name__ == "__main__":
    main()
