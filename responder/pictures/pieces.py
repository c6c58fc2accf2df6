"""Pictures and voice: fetched, stripped of metadata, sealed with their report, passed on.

Rules it keeps
    * Bytes are only ever in memory or sealed; no temporary file.
    * What cannot be stripped is refused, and its sender is told.
    * The service's own copy is deleted once ours is sealed, or once it is refused, and not before:
      where the service or the disk does not answer, it is asked again, after a restart as well.
    * What is wrong with one piece holds up no other.

What it must not know
    Who may see a piece: the core has decided that before it asks for one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Final

import structlog

from responder.core import aside
from responder.core.changes import Piece, piece_id
from responder.core.desk import Desk
from responder.core.model import Media, PersonId, Record, ReportId
from responder.core.talk import chat
from responder.core.world import World
from responder.dispatching.dispatcher import Dispatcher
from responder.dispatching.writing import passes
from responder.pictures import stripping
from responder.pictures.stripping import MediaRefused
from responder.ports import Attachment, Channel, Inbound, RetryLater, SendError, Unsure

_log = structlog.get_logger()

LIMIT: Final = 8 * 1024 * 1024
"""Bytes of one picture or voice message."""
AT_ONCE: Final = 4
"""Pieces that are fetched or stripped at the same time: each is held in memory meanwhile."""
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 300.0
_NAMES: Final = {"image": "picture", "audio": "voice"}


class Owner(Record):
    """Where a piece belongs, and who sent it."""

    report: ReportId
    sender: PersonId


class Pieces:
    """Takes pictures and voice in, and hands them out. `wait` waits for so many seconds."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        channels: Mapping[str, Channel],
        *,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._dispatcher = dispatcher
        self._channels = channels
        self._wait = wait
        self._turn = asyncio.Semaphore(AT_ONCE)

    # --- what comes in --------------------------------------------------------------------------

    async def take_in(self, message: Inbound) -> None:
        """Seal what came along with this message, once it is committed; returns when that is done.

        However long the service does not answer. Nothing is raised but cancellation.
        """
        if not message.media:
            return
        owner = self._owner(message)
        if owner is not None:
            await self._all(message.media, {piece_id(item): owner for item in message.media})
        elif not self._waits_aside(message):
            for item in message.media:
                await self._channels[item.channel].forget_media(item)

    async def go_on(self) -> None:
        """Fetch what was still to be fetched when the process last ended."""
        named = dict(_named(self._dispatcher.world))
        missing = [
            item
            for item in named
            if item.channel in self._channels and not await self._kept(piece_id(item))
        ]
        await self._all(missing, {piece_id(item): owner for item, owner in named.items()})

    async def _kept(self, id: str) -> bool:
        return await self._dispatcher.store.piece(id) is not None

    async def _all(self, items: Iterable[Media], owners: Mapping[str, Owner]) -> None:
        each = (self._one(item, owners[piece_id(item)]) for item in items)
        await asyncio.gather(*each)

    def _owner(self, message: Inbound) -> Owner | None:
        """Where what came with this message belongs: where it is named, else to what is told."""
        world = self._dispatcher.world
        person = world.at_address(message.channel, message.handle)
        session = world.sessions.get(person.id) if person else None
        if person is None or session is None or message.pin:
            # A shared place comes with a picture of the map, which nobody keeps.
            return None
        named = dict(_named(world))
        for item in message.media:
            if item in named:
                return named[item]
        if session.draft is not None:
            return Owner(report=session.draft.report, sender=person.id)
        incident = world.incidents.get(session.incident) if session.incident else None
        source = incident.source(person.id) if incident else None
        return Owner(report=source.report, sender=person.id) if source else None

    def _waits_aside(self, message: Inbound) -> bool:
        """Whether the message may still be worked off one day, with all that belongs to it."""
        put_aside = aside.all_of(self._dispatcher.world).values()
        here = (message.channel, message.key)
        return any((a.message.channel, a.message.key) == here for a in put_aside)

    async def _one(self, item: Media, owner: Owner) -> None:
        """Fetch, strip and seal one piece, then let the service forget it."""
        wait_s = FIRST_WAIT_S
        while self._wanted(owner.report):
            try:
                async with self._turn:
                    await self._seal(item, owner)
            except Exception as error:
                if not _comes_back(error):
                    # A bug of ours: the service's copy is the only one, and stays.
                    _log.error("media_failed", channel=item.channel, error=type(error).__name__)
                    return
                asked_s = error.after_s if isinstance(error, RetryLater) else None
                _log.warning("media_waits", channel=item.channel, error=type(error).__name__)
                await self._wait(max(wait_s, asked_s or 0.0))
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                break
        await self._channels[item.channel].forget_media(item)

    def _wanted(self, report: ReportId) -> bool:
        """Whether the report is still there: it may be forgotten while a picture is on its way."""
        return _is_there(report, self._dispatcher.world)

    async def _seal(self, item: Media, owner: Owner) -> None:
        """Keep the piece; where it can never be had, keep that, so that nobody asks again."""
        refused = False
        try:
            stripped = await self._stripped(item)
        except MediaRefused as error:
            _log.info("media_refused", reason=error.reason.value)
            stripped, refused = stripping.Stripped("", b""), True
        except SendError as error:
            if _comes_back(error):
                raise
            _log.warning("media_not_fetched", channel=item.channel, error=type(error).__name__)
            stripped = stripping.Stripped("", b"")
        piece = Piece(
            id=piece_id(item), report=owner.report, mime=stripped.mime, data=stripped.data
        )

        def keep(desk: Desk) -> None:
            if _is_there(owner.report, desk.world):
                desk.changes.put(piece)
                if refused:
                    _tell_refused(desk, owner.sender, item.channel)

        await self._dispatcher.do(keep)

    async def _stripped(self, item: Media) -> stripping.Stripped:
        data = await self._channels[item.channel].media(item, LIMIT)
        return await asyncio.to_thread(stripping.strip, data, item.mime, LIMIT)

    # --- what goes out --------------------------------------------------------------------------

    async def attach(self, item: Media) -> Attachment | None:
        """The piece as it may be shown; None where it is forgotten or cannot be had."""
        piece = await self._dispatcher.store.piece(piece_id(item))
        if piece is not None:
            return _attachment(piece.mime, piece.data) if piece.data else None
        try:
            stripped = await self._stripped(item)
        except (MediaRefused, SendError) as error:
            _log.warning("media_not_passed_on", error=type(error).__name__)
            return None
        return _attachment(stripped.mime, stripped.data)


def _comes_back(error: Exception) -> bool:
    """Whether the service, the line or the disk is at fault, and not the piece."""
    return isinstance(error, RetryLater | Unsure) or passes(error)


def _is_there(report: ReportId, world: World) -> bool:
    drafts = (s.draft.report for s in world.sessions.values() if s.draft)
    return report in world.reports or report in drafts


def _named(world: World) -> Iterator[tuple[Media, Owner]]:
    """Every piece that somebody's report or draft holds, or that an incident was told."""
    for incident in world.incidents.values():
        for words in incident.words:
            report = world.reports.get(words.report)
            if report is not None:
                owner = Owner(report=report.id, sender=report.reporter)
                yield from ((item, owner) for item in words.media)
    for report in world.reports.values():
        owner = Owner(report=report.id, sender=report.reporter)
        yield from ((item, owner) for item in report.media)
    for session in world.sessions.values():
        if session.draft is not None:
            owner = Owner(report=session.draft.report, sender=session.person)
            yield from ((item, owner) for item in session.draft.media)


def _attachment(mime: str, data: bytes) -> Attachment:
    return Attachment(mime=mime, data=data, name=_NAMES.get(mime.partition("/")[0], "file"))


def _tell_refused(desk: Desk, sender: PersonId, channel: str) -> None:
    person = desk.world.person(sender)
    if person is not None:
        desk.reply(person, chat.media_refused_reply(person.language), channel)
