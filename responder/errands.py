"""What coordinators ask in chat and only the machine can look up: files and figures on the disk.

What it is for
    `core/talk/errands.py` writes down what is wanted and words what was found; here it is looked
    up or done, within a second or two.

Rules it keeps
    * An errand is done once. One that fails says so to whoever asked, and waits no longer; where
      the disk is at fault it is tried again.
    * An older text of a playbook goes through the same checks as at the command line, and what
      was never taken in is set aside, not lost.

What it must not know
    Platforms, words for people.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, assert_never

import structlog

from responder.core.admin import AdminFault
from responder.core.changes import Edition
from responder.core.playbook import PlaybookFaults, load
from responder.core.talk import errands
from responder.core.talk.errands import Errand, Kind, Text
from responder.custody import keeping
from responder.dispatching.dispatcher import Dispatcher
from responder.dispatching.writing import passes
from responder.playbook_files import shelf

_log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0
_FAILED: Final = "The machine could not do it; its log says more."


class Errands:
    """Does what waits, over and over; `reload` takes the playbooks of `folder` in anew."""

    def __init__(
        self, folder: Path, dispatcher: Dispatcher, reload: Callable[[], Awaitable[Sequence[str]]]
    ) -> None:
        self._folder = folder
        self._dispatcher = dispatcher
        self._reload = reload

    async def look(self) -> None:
        """Do what waits now. Raises where not even the answer could be written."""
        for errand in errands.all_of(self._dispatcher.world):
            try:
                await self._do(errand)
            except Exception as error:
                _log.error("errand_failed", kind=errand.kind.value, error=type(error).__name__)
                if passes(error):
                    return
                await self._fail(errand, error)

    async def _fail(self, errand: Errand, error: Exception) -> None:
        told = isinstance(error, AdminFault | PlaybookFaults)
        words = str(error) if told else _FAILED
        await self._dispatcher.do(partial(errands.tell_fault, errand=errand, fault=words))

    async def _do(self, errand: Errand) -> None:
        do = self._dispatcher.do
        if errands.asker(self._dispatcher.world, errand) is None:
            await do(partial(errands.take, errand=errand))
            return
        match errand.kind:
            case Kind.PLAYBOOKS:
                stock = await asyncio.to_thread(shelf.folder, self._folder)
                newest = {id: texts[-1] for id, texts in (await self._texts()).items()}
                faults = [str(fault) for fault in stock.faults]
                await do(lambda desk: errands.tell_playbooks(desk, errand, newest, faults))
            case Kind.TEXTS:
                texts = (await self._texts()).get(errand.arg, [])
                await do(lambda desk: errands.tell_texts(desk, errand, texts))
            case Kind.BACK:
                before = await self._go_back(errand)
                await do(lambda desk: errands.tell_back(desk, errand, before))
                await self._reload()
            case Kind.NUMBERS:
                await self._count(errand)
            case never:
                assert_never(never)

    # --- playbooks ------------------------------------------------------------------------------

    async def _kept(self) -> dict[str, list[Edition]]:
        """The texts that are kept of each playbook, oldest first."""
        found: dict[str, list[Edition]] = {}
        kept = await self._dispatcher.store.load(Edition)
        for one in sorted(kept, key=lambda e: e.number):
            found.setdefault(one.playbook, []).append(one)
        return found

    async def _texts(self) -> dict[str, list[Text]]:
        """The same, as coordinators are told of them."""
        current = self._dispatcher.world.playbooks
        return {
            id: [
                Text(
                    playbook=id,
                    number=one.number,
                    since=one.since,
                    in_force=one is kept[-1] and id in current and current[id].digest == one.digest,
                )
                for one in kept
            ]
            for id, kept in (await self._kept()).items()
        }

    async def _go_back(self, errand: Errand) -> int:
        """Write the older text as the playbook's file; the number of the newest one before."""
        id, _, number = errand.arg.partition(":")
        kept = (await self._kept()).get(id, [])
        wanted = [one for one in kept if str(one.number) == number]
        if not wanted:
            raise AdminFault("That text is not kept any more.")
        await asyncio.to_thread(_write_back, self._folder, wanted[0], kept[-1].source)
        return kept[-1].number

    # --- numbers --------------------------------------------------------------------------------

    async def _count(self, errand: Errand) -> None:
        found = await keeping.numbers(self._dispatcher, {"month": errand.arg})
        assert isinstance(found, Mapping)
        # What is empty is left out of plain JSON.
        minutes = (str(found.get("minutes_middle", "")), str(found.get("minutes_most", "")))
        kinds = dict(found.get("parts", {}).get("kind", {}))
        await self._dispatcher.do(
            lambda desk: errands.tell_numbers(desk, errand, str(found["incidents"]), minutes, kinds)
        )


def _write_back(folder: Path, text: Edition, newest: str) -> None:
    file = shelf.file_of(folder, text.playbook)
    playbook = load(text.source, str(file), shared=shelf.parts(folder))
    if playbook.digest != text.digest:
        raise AdminFault(
            "A part that it shares has changed since, so it would not say today what it said "
            f"then. At the machine: responder playbook back {text.playbook} {text.number} --anyway"
        )
    shelf.put_back(file, text.source, newest)
