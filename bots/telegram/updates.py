"""What Telegram delivers, read with aiogram's types and turned into `Inbound`.

What it is for
    aiogram knows the shape of every update; this module knows which of them are a person talking
    to the network. It imports aiogram, so it is itself imported late (see `telegram.py`).

Rules it keeps
    * One update that cannot be read costs itself, never its batch. One whose ornaments alone
      cannot be read (a kind of entity or sticker newer than aiogram) is read without them.
    * Only private chats: nothing said in a group becomes an `Inbound`.
    * No exception, warning or log line carries anything of an update.

What it must not know
    HTTP, offsets, what the network does with a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from pydantic import ValidationError

from bots.telegram.layout import CHANNEL
from responder.core.model import Media, MediaKind, Pin
from responder.ports import Inbound

_CORE_FIELDS: Final = (
    "message_id",
    "date",
    "edit_date",
    "chat",
    "from",
    "text",
    "caption",
    "location",
    "photo",
    "voice",
)

_SAYS_NOTHING: Final = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "chat_background_set",
        "boost_added",
        "chat_shared",
        "users_shared",
        "user_shared",
        "connected_website",
        "successful_payment",
        "refunded_payment",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
    }
)


@dataclass(frozen=True)
class Read:
    """What one update came to.

    `inbound` None: nobody spoke to us. `group` is a chat that the bot should leave.
    """

    inbound: Inbound | None = None
    group: int | None = None
    unreadable: bool = False


NOTHING: Final = Read()


def read(raw: object, ref_of: Callable[[int], str]) -> Read:
    """Read one update of `getUpdates`; `ref_of` gives the `Sent.ref` of our message id."""
    update = _parsed(raw)
    if update is None:
        return Read(unreadable=True)
    try:
        return _understood(update, ref_of)
    except Exception:
        # Whatever it is, it must not hold up the updates behind it for ever.
        return Read(unreadable=True)


def _understood(update: Update, ref_of: Callable[[int], str]) -> Read:
    key = str(update.update_id)
    if update.message is not None:
        return _message(key, update.message, edited=False)
    if update.edited_message is not None:
        return _message(key, update.edited_message, edited=True)
    if update.callback_query is not None:
        return _press(key, update.callback_query, ref_of)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    return NOTHING


def _parsed(raw: object) -> Update | None:
    """The update, without its ornaments if need be, or None.

    The reason is dropped with the exception: pydantic's quotes what it could not read.
    """
    for attempt in (raw, _plain(raw)):
        try:
            return Update.model_validate(attempt)
        except (ValidationError, ValueError, TypeError, RecursionError):
            continue
    return None


def _plain(raw: object) -> object:
    """The update with no more of its message than what we read."""
    if not isinstance(raw, dict):
        return raw
    trimmed: dict[str, Any] = {"update_id": raw.get("update_id")}
    for kind in ("message", "edited_message"):
        if isinstance(raw.get(kind), dict):
            trimmed[kind] = _picked(raw[kind], _CORE_FIELDS)
    press = raw.get("callback_query")
    if isinstance(press, dict):
        trimmed["callback_query"] = _picked(press, ("id", "from", "data", "chat_instance"))
        under = press.get("message")
        if isinstance(under, dict):
            bare = _picked(under, ("message_id", "chat"))
            trimmed["callback_query"]["message"] = {**bare, "date": 0}
    return trimmed


def _picked(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}


def _message(key: str, message: Message, *, edited: bool) -> Read:
    if message.chat.type != "private":
        return Read(group=message.chat.id)
    if message.content_type in _SAYS_NOTHING or (message.from_user and message.from_user.is_bot):
        return NOTHING
    at = message.date
    if edited and message.edit_date is not None:
        at = datetime.fromtimestamp(message.edit_date, UTC)
    inbound = Inbound(
        channel=CHANNEL,
        key=key,
        handle=str(message.chat.id),
        at=at.astimezone(UTC),
        text=_words(message),
        pin=_pin(message),
        media=_media(message),
        language=(message.from_user.language_code or "") if message.from_user else "",
        edited=edited,
        ref=str(message.message_id),
    )
    return Read(inbound)


def _words(message: Message) -> str:
    """What the person wrote; a place from Telegram's list counts by its name and address."""
    if message.venue is not None:
        return f"{message.venue.title}, {message.venue.address}"
    emoji = message.sticker.emoji if message.sticker is not None else None
    return message.text or message.caption or emoji or ""


def _pin(message: Message) -> Pin | None:
    where = message.venue.location if message.venue is not None else message.location
    return None if where is None else Pin(latitude=where.latitude, longitude=where.longitude)


def _media(message: Message) -> tuple[Media, ...]:
    """Every picture, recording or file of the message; of a picture its largest size."""
    found: list[Media] = []
    photos = message.photo or (message.live_photo.photo if message.live_photo else None)
    if photos:
        largest = max(photos, key=lambda size: size.width * size.height)
        found.append(_item(largest, MediaKind.PICTURE, "image/jpeg"))
    if message.voice is not None:
        found.append(_item(message.voice, MediaKind.VOICE, message.voice.mime_type or "audio/ogg"))
    if message.audio is not None:
        found.append(_item(message.audio, MediaKind.VOICE, message.audio.mime_type or ""))
    if message.video is not None:
        found.append(_item(message.video, MediaKind.VIDEO, message.video.mime_type or ""))
    if message.video_note is not None:
        found.append(_item(message.video_note, MediaKind.VIDEO, "video/mp4"))
    if message.document is not None:
        # An animation is repeated as a document by Telegram itself.
        mime = message.document.mime_type or ""
        found.append(_item(message.document, _kind_of(mime), mime))
    return tuple(found)


def _item(file: Any, kind: MediaKind, mime: str) -> Media:
    return Media(channel=CHANNEL, ref=file.file_id, kind=kind, mime=mime, size=file.file_size or 0)


def _kind_of(mime: str) -> MediaKind:
    match mime.partition("/")[0]:
        case "image":
            return MediaKind.PICTURE
        case "audio":
            return MediaKind.VOICE
        case "video":
            return MediaKind.VIDEO
        case _:
            return MediaKind.FILE


def _press(key: str, press: CallbackQuery, ref_of: Callable[[int], str]) -> Read:
    """A pressed button. Its message may be too old for Telegram to name; the token still counts."""
    under = press.message
    if under is not None and under.chat.type != "private":
        return Read(group=under.chat.id)
    if press.data is None:
        return NOTHING
    return Read(
        Inbound(
            channel=CHANNEL,
            key=key,
            handle=str(under.chat.id if under is not None else press.from_user.id),
            at=datetime.now(UTC),
            token=press.data,
            press=press.id,
            target=ref_of(under.message_id) if under is not None else "",
            language=press.from_user.language_code or "",
        )
    )


def _membership(change: ChatMemberUpdated) -> Read:
    """Leave a group that somebody put the bot into; a person's block shows at the next send."""
    still_in = change.new_chat_member.status not in ("left", "kicked")
    if change.chat.type != "private" and still_in:
        return Read(group=change.chat.id)
    return NOTHING
