"""Pictures and voice: fetched, stripped of metadata, sealed with their report, passed on.

Rules it keeps
    * Bytes are only ever in memory or sealed; no temporary file.
    * What cannot be stripped is refused, and its sender is told.
    * The service's own copy is deleted as soon as ours is sealed.

What it must not know
    Who may see a piece: the core has decided that before it asks for one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from responder import media as stripping
from responder.core import chat
from responder.core.changes import Piece, piece_id
from responder.core.desk import Desk
from responder.core.model import Media, ReportId
from responder.dispatcher import Dispatcher
from responder.media import MediaRefused
from responder.ports import Attachment, Channel, Inbound, SendError

_log = structlog.get_logger()

LIMIT: Final = 8 * 1024 * 1024
"""Bytes of one picture or voice message."""
_NAMES: Final = {"image": "picture", "audio": "voice"}


class Pieces:
    """Takes pictures and voice in, and hands them out."""

    def __init__(self, dispatcher: Dispatcher, channels: Mapping[str, Channel]) -> None:
        self._dispatcher = dispatcher
        self._channels = channels

    async def take_in(self, batch: Sequence[Inbound]) -> None:
        """Seal what came along with these messages, once they are committed."""
        for message in batch:
            report = self._report_of(message) if message.media else None
            for item in message.media:
                if report is not None:
                    await self._seal(message, item, report)
                await self._channels[item.channel].forget_media(item)

    def _report_of(self, message: Inbound) -> ReportId | None:
        world = self._dispatcher.world
        person = world.at_address(message.channel, message.handle)
        session = world.sessions.get(person.id) if person else None
        if person is None or session is None:
            return None
        if session.draft is not None:
            return session.draft.report
        incident = world.incidents.get(session.incident) if session.incident else None
        source = incident.source(person.id) if incident else None
        return source.report if source else None

    async def _seal(self, message: Inbound, item: Media, report: ReportId) -> None:
        try:
            stripped = await self._stripped(item)
        except MediaRefused as error:
            _log.info("media_refused", reason=error.reason.value)
            await self._dispatcher.do(lambda desk: _tell_refused(desk, message))
            return
        except SendError as error:
            _log.warning("media_not_fetched", channel=item.channel, error=type(error).__name__)
            return
        piece = Piece(id=piece_id(item), report=report, mime=stripped.mime, data=stripped.data)

        def keep(desk: Desk) -> None:
            # The report may have been forgotten while its picture was on the way.
            session_reports = (s.draft.report for s in desk.world.sessions.values() if s.draft)
            if report in desk.world.reports or report in session_reports:
                desk.changes.put(piece)

        await self._dispatcher.do(keep)

    async def _stripped(self, item: Media) -> stripping.Stripped:
        data = await self._channels[item.channel].media(item, LIMIT)
        return await asyncio.to_thread(stripping.strip, data, item.mime, LIMIT)

    async def attach(self, item: Media) -> Attachment | None:
        """The piece as it may be shown; None where it is forgotten or cannot be had."""
        piece = await self._dispatcher.store.piece(piece_id(item))
        if piece is not None:
            return _attachment(piece.mime, piece.data)
        try:
            stripped = await self._stripped(item)
        except (MediaRefused, SendError) as error:
            _log.warning("media_not_passed_on", error=type(error).__name__)
            return None
        return _attachment(stripped.mime, stripped.data)


def _attachment(mime: str, data: bytes) -> Attachment:
    return Attachment(mime=mime, data=data, name=_NAMES.get(mime.partition("/")[0], "file"))


def _tell_refused(desk: Desk, message: Inbound) -> None:
    person = desk.world.at_address(message.channel, message.handle)
    if person is not None:
        desk.reply(person, chat.media_refused_reply(person.language), message.channel)
