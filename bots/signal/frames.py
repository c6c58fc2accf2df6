"""What the Signal service delivers, read: a frame of JSON becomes an `Inbound`, or nothing.

Rules it keeps
    * What does not concern us is dropped before it is read further: receipts, typing, stories,
      calls, groups, and everything that our own account says or syncs.
    * A frame that cannot be read costs that frame alone, and its content is never quoted.
    * signalbot's models read the content, and are loaded only then. Where they refuse a frame (they
      demand fields that some versions of signal-cli leave out) the words and the attachments are
      taken from the bare frame: a report is not lost for a field that nobody needs.

What it must not know
    Sockets, the store, and what a message means.

The shape of a frame follows signal-cli's JSON envelopes; over the websocket it is
`{"envelope": ..., "account": ...}`, over the webhook the JSON-RPC line around it.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec
import structlog

from responder.core.model import Media, MediaKind, Pin
from responder.ports import Inbound

if TYPE_CHECKING:
    import signalbot

log = structlog.get_logger("bots.signal.bot")

CHANNEL = "signal"


class UnreadableFrame(Exception):
    """A frame that holds no message: `kind` says which sort, and nothing of its content."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class _Shape(msgspec.Struct, rename="camel"):
    """Base of the tolerant shapes: every field may be missing, unknown ones are skipped."""


class _Attachment(_Shape):
    id: str | None = None
    content_type: str | None = None
    size: int | None = None


class _Data(_Shape):
    message: str | None = None
    expires_in_seconds: int = 0
    is_expiration_update: bool = False
    attachments: list[_Attachment] | None = None
    group_info: object = None


class _Edit(_Shape):
    data_message: _Data | None = None


class _Envelope(_Shape):
    source_uuid: str | None = None
    source_number: str | None = None
    timestamp: int = 0
    server_received_timestamp: int = 0
    data_message: _Data | None = None
    edit_message: _Edit | None = None


class _Outer(_Shape):
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()


class _Delivery(_Shape):
    account: str | None = None
    envelope: _Envelope | None = None
    error: object = None
    exception: object = None


_OUTER = msgspec.json.Decoder(_Outer)
_DELIVERY = msgspec.json.Decoder(_Delivery)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that concerns us. `sent_ms` is the sender's clock and names the message."""

    raw: bytes
    sender: str
    sent_ms: int
    received_ms: int
    edited: bool
    body: _Data

    @property
    def timer_s(self) -> int | None:
        """The conversation's timer as its writer has it, 0 for none; None where it tells nothing.

        Reactions and the like carry a number that signal-cli itself does not heed
        (`IncomingMessageHandler.java`).
        """
        if self.body.message is None and not self.body.is_expiration_update:
            return None
        return self.body.expires_in_seconds


def pick(raw: bytes, number: str) -> Frame | None:
    """The frame if a person wrote it to us alone, None if it does not concern us.

    `number` is our own account. Raises `UnreadableFrame` for what is no message at all.
    """
    try:
        bare = _unwrap(raw)
        delivery = _DELIVERY.decode(bare)
    except (msgspec.MsgspecError, RecursionError):
        raise UnreadableFrame("garbage") from None
    envelope = delivery.envelope
    if envelope is None:
        raise UnreadableFrame("error" if delivery.error is not None else "no-envelope")
    if delivery.account not in (None, number) or envelope.source_number == number:
        return None
    edit = envelope.edit_message
    body = envelope.data_message or (edit.data_message if edit else None)
    if body is None:  # receipts, typing, calls, stories, and what our own devices sync
        if delivery.exception is not None:
            raise UnreadableFrame("undecryptable")
        return None
    sender = envelope.source_uuid or envelope.source_number
    if not sender or body.group_info is not None:
        return None
    return Frame(
        raw=bare,
        sender=sender,
        sent_ms=envelope.timestamp,
        received_ms=envelope.server_received_timestamp or envelope.timestamp,
        edited=envelope.data_message is None,
        body=body,
    )


def _unwrap(raw: bytes) -> bytes:
    """Take the JSON-RPC notification off, and the subscription that may lie inside it."""
    for _ in range(2):
        outer = _OUTER.decode(raw)
        inner = bytes(outer.params) or bytes(outer.result)
        if not inner.startswith(b"{"):
            break
        raw = inner
    return raw


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What one frame says; a reaction has no text, a text no reaction."""

    text: str = ""
    reaction: str = ""
    target: str = ""
    media: tuple[Media, ...] = ()


class _NoDownloads:
    """All that signalbot's parser asks of its client when attachments stay where they are."""

    download_attachments = False


class Reader:
    """Turns frames into `Inbound` with signalbot's models, which it loads at the first frame."""

    def __init__(self) -> None:
        self._signalbot: ModuleType | None = None

    async def read(self, frame: Frame) -> Inbound | None:
        """The message of this frame; None where it holds nothing that can be acted on."""
        content = await self._content(frame)
        if content is None or not (content.text or content.media or content.reaction):
            return None
        return Inbound(
            channel=CHANNEL,
            key=f"{frame.sender}:{frame.sent_ms}",
            handle=frame.sender,
            at=_moment(frame.received_ms),
            text=content.text,
            reaction=content.reaction,
            target=content.target,
            pin=pin_in(content.text),
            media=content.media,
            edited=frame.edited,
        )

    async def _content(self, frame: Frame) -> Content | None:
        bot = await self._load()
        try:
            message = await bot.parse(_NoDownloads(), frame.raw.decode())
        except Exception as fault:  # whatever a parser trips over, the words must still arrive
            log.warning("signal_frame_read_bare", error=type(fault).__name__)
            return _bare(frame.body)
        if isinstance(message, bot.Reaction):
            return _reaction(message, frame.sender)
        if isinstance(message, bot.DataMessage):
            return Content(
                text=message.text or "",
                media=_media(
                    (item.local_filename, item.content_type, item.size)
                    for item in message.attachments or ()
                ),
            )
        return None

    async def _load(self) -> ModuleType:
        """Import signalbot off the loop: it takes most of a second, and sends must go on."""
        if self._signalbot is None:
            self._signalbot = await asyncio.to_thread(importlib.import_module, "signalbot")
            _silence("signalbot")
        return self._signalbot


def _silence(name: str) -> None:
    """Keep a library that quotes messages in its log from saying anything anywhere."""
    logger = logging.getLogger(name)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)


def _reaction(message: signalbot.Reaction, sender: str) -> Content | None:
    author = message.target_author_uuid or message.target_author_number
    if message.is_remove or author == sender:
        return None
    # signalbot keeps the message that was reacted to in the place of the reaction's own time.
    return Content(reaction=message.emoji or "", target=str(message.timestamp))


def _bare(body: _Data) -> Content:
    return Content(
        text=body.message or "",
        media=_media((item.id, item.content_type, item.size) for item in body.attachments or ()),
    )


def _media(items: Iterable[tuple[str | None, str | None, int | None]]) -> tuple[Media, ...]:
    return tuple(
        Media(channel=CHANNEL, ref=ref, kind=_kind(mime or ""), mime=mime or "", size=size or 0)
        for ref, mime, size in items
        if ref
    )


def _kind(mime: str) -> MediaKind:
    kinds = {"image": MediaKind.PICTURE, "audio": MediaKind.VOICE, "video": MediaKind.VIDEO}
    return kinds.get(mime.partition("/")[0].lower(), MediaKind.FILE)


def _moment(milliseconds: int) -> datetime:
    """The server's time of receipt; senders' clocks are wrong too often to be believed."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.now(UTC)


_NUMBER = r"(-?\d{1,3}(?:\.\d{1,15})?)"
_PAIR = rf"{_NUMBER}\s*,\s*\+?{_NUMBER}"
_PLACES = (
    re.compile(rf"\bgeo:{_PAIR}", re.IGNORECASE),
    re.compile(
        rf"https?://(?:maps\.google\.|(?:www\.)?google\.|maps\.apple\.)[^\s]*?[?&](?:q|ll|query|daddr)=(?:loc:)?{_PAIR}",
        re.IGNORECASE,
    ),
    re.compile(rf"https?://(?:maps\.google\.|(?:www\.)?google\.)[^\s]*?/@{_PAIR}", re.IGNORECASE),
    re.compile(
        rf"https?://(?:www\.)?openstreetmap\.org/[^\s]*?[?&]mlat={_NUMBER}&mlon={_NUMBER}",
        re.IGNORECASE,
    ),
)


def pin_in(text: str) -> Pin | None:
    """The point that a map link in the text names; Signal shares a location as such a link."""
    plain = unquote(text) if "%" in text else text
    for pattern in _PLACES:
        if found := pattern.search(plain):
            latitude, longitude = float(found[1]), float(found[2])
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return Pin(latitude=latitude, longitude=longitude)
    return None
