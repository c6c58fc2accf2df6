"""How one `Outbound` becomes Telegram messages: cut to length, laid out, checked beforehand.

What it is for
    Telegram answers a message that breaks a limit with an error, and aiogram checks none of
    them. What cannot be sent is told apart here, before a request is spent on it.

Rules it keeps
    * Lengths of text count UTF-16 code units, as Telegram counts them; a button's data counts
      bytes of UTF-8.
    * Buttons that are too many bytes for one message go under several, each with its part of them.
    * A long text is cut at the end of a paragraph if there is one, else of a line, else of a
      word; the buttons hang under the last piece, and only the first piece makes a sound.
    * Pure: no clock, no network.

What it must not know
    HTTP, refusals, updates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from bots.telegram.session import Part
from bots.wording import with_repeat_mark
from responder.ports import Attachment, Option, Outbound, Rejected, Unreachable

CHANNEL: Final = "telegram"
TEXT_LIMIT: Final = 4096
PRESS_LIMIT: Final = 200
DATA_LIMIT_BYTES: Final = 64
BUTTONS_A_ROW: Final = 12
BUTTONS_A_MESSAGE: Final = 100
MARKUP_LIMIT_BYTES: Final = 9000
"""Telegram refuses a keyboard of about 10 kB of JSON ("reply markup is too long"); no document of
its own says where exactly. Links with sealed pages are 1 to 2 kB each."""
PHOTO_LIMIT_BYTES: Final = 10_000_000
UPLOAD_LIMIT_BYTES: Final = 50_000_000
BLANK: Final = "\N{HORIZONTAL ELLIPSIS}"
"""What is left of a message that Telegram does not let us delete."""

_PICTURES: Final = ("image/jpeg", "image/png", "image/webp")
_RECORDINGS: Final = ("audio/ogg", "audio/mpeg", "audio/mp4")

Markup = Mapping[str, Any]


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One request's worth of a message: a text, or a file.

    A file has no caption: a caption cannot be edited as a text can, and is four times shorter.
    """

    text: str = ""
    markup: Markup | None = None
    silent: bool = False
    upload: Part | None = None

    @property
    def method(self) -> str:
        """The Bot API method that sends it."""
        if self.upload is None:
            return "sendMessage"
        return {"photo": "sendPhoto", "voice": "sendVoice"}.get(self.upload.field, "sendDocument")

    def params(self, handle: str) -> dict[str, object]:
        """The parameters of that method, without the file itself."""
        found: dict[str, object] = {"chat_id": chat_id(handle), "protect_content": True}
        if self.upload is None:
            found |= {"text": self.text, "link_preview_options": {"is_disabled": True}}
        if self.silent:
            found["disable_notification"] = True
        if self.markup is not None:
            found["reply_markup"] = self.markup
        return found

    def edit_params(self, handle: str, message: int) -> dict[str, object]:
        """The parameters of `editMessageText`; without buttons it takes away the old ones."""
        found: dict[str, object] = {
            "chat_id": chat_id(handle),
            "message_id": message,
            "text": self.text,
            "link_preview_options": {"is_disabled": True},
        }
        if self.markup is not None and "inline_keyboard" in self.markup:
            found["reply_markup"] = self.markup
        return found


def pieces(out: Outbound, place_label: str) -> tuple[Piece, ...]:
    """The messages that show `out`, in order; `Rejected` if Telegram could show none of it.

    Files come first and the text last, so that its buttons are what the person sees at the end.
    """
    _check_text(out.text)
    files = [_part(attachment) for attachment in out.attachments]
    texts = list(split(with_repeat_mark(out.text, out.repeat))) if out.text.strip() else []
    if not files and not texts:
        raise Rejected("there is nothing to send: the text is empty")
    first, *others = _markups(out, place_label)
    shown = [Piece(upload=file) for file in files] + [Piece(text=text) for text in texts]
    if len(shown) == 1 and not (files or others):
        return (Piece(text=texts[0], markup=first, silent=out.silent),)
    shown[-1] = replace(shown[-1], markup=first)
    shown += [Piece(text=BLANK, markup=markup) for markup in others]
    return tuple(
        replace(piece, silent=out.silent or number > 0) for number, piece in enumerate(shown)
    )


def units(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """The beginning of a text, at most `limit` UTF-16 units."""
    return text[: _reach(text, limit)]


def split(text: str, limit: int = TEXT_LIMIT) -> Iterator[str]:
    """The text in pieces of at most `limit` UTF-16 units, none of them blank."""
    rest = text.strip()
    while units(rest) > limit:
        end = _end_of_piece(rest, _reach(rest, limit))
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()
    if rest:
        yield rest


def _reach(text: str, limit: int) -> int:
    """How many characters fit into `limit` UTF-16 units."""
    if 2 * len(text) <= limit:
        return len(text)
    used = 0
    for index, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > limit:
            return index
    return len(text)


def _end_of_piece(text: str, reach: int) -> int:
    """Where to cut; an end that would leave a very short piece is passed over."""
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, reach // 3, reach + 1)
        if at > 0:
            return at
    return reach


def ref(messages: Sequence[int]) -> str:
    """Message ids as one `Sent.ref`; the last is the one that carries the buttons."""
    return "+".join(str(message) for message in messages if message > 0)


def ids(ref: str) -> tuple[int, ...]:
    """The message ids of a `Sent.ref`; empty for one that is not ours."""
    found = ref.split("+")
    return tuple(int(one) for one in found) if all(map(_number, found)) else ()


def chat_id(handle: str) -> int:
    """The private chat that a handle means; a group's or a channel's name is `Unreachable`."""
    if not _number(handle):
        raise Unreachable("this address is not the number of a private Telegram chat")
    return int(handle)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _check_text(text: str) -> None:
    """A half of a surrogate pair has no UTF-8 form and would fail in the middle of sending."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        pass  # the exception quotes the text
    else:
        return
    raise Rejected("the text holds half a character (a lone surrogate)")


def _markups(out: Outbound, place_label: str) -> list[Markup | None]:
    """Buttons under the message, or the button that shares a place: Telegram takes one of them."""
    if any(out.rows):
        return [{"inline_keyboard": rows} for rows in _keyboards(out.rows)]
    if out.ask_place:
        keyboard = {
            "keyboard": [[{"text": place_label, "request_location": True}]],
            "one_time_keyboard": True,
            "resize_keyboard": True,
        }
        return [keyboard]
    return [None]


def _keyboards(rows: Sequence[Sequence[Option]]) -> list[list[list[dict[str, str]]]]:
    """The rows of buttons, shared out over as few messages as can carry them."""
    if sum(map(len, rows)) > BUTTONS_A_MESSAGE:
        raise Rejected(f"a message carries at most {BUTTONS_A_MESSAGE} buttons")
    found: list[list[list[dict[str, str]]]] = []
    room = 0
    for row in _keyboard(rows):
        size = len(json.dumps(row))
        if size > room or not found:
            found.append([])
            room = MARKUP_LIMIT_BYTES
        found[-1].append(row)
        room -= size
    return found


def _keyboard(rows: Sequence[Sequence[Option]]) -> Iterator[list[dict[str, str]]]:
    """The rows; one that is too long for Telegram goes on in the next."""
    for row in rows:
        for start in range(0, len(row), BUTTONS_A_ROW):
            yield [_button(option) for option in row[start : start + BUTTONS_A_ROW]]


def _button(option: Option) -> dict[str, str]:
    _check_text(option.label + option.token)
    if not option.label.strip():
        raise Rejected("a button has no words on it")
    if option.url:
        return {"text": option.label, "url": option.url}
    if not 1 <= len(option.token.encode()) <= DATA_LIMIT_BYTES:
        raise Rejected(f"a button's token must be 1 to {DATA_LIMIT_BYTES} bytes")
    return {"text": option.label, "callback_data": option.token}


def _part(attachment: Attachment) -> Part:
    size = len(attachment.data)
    if not 0 < size <= UPLOAD_LIMIT_BYTES:
        raise Rejected(f"an attachment must be 1 to {UPLOAD_LIMIT_BYTES} bytes")
    field = "document"
    if attachment.mime in _PICTURES and size <= PHOTO_LIMIT_BYTES:
        field = "photo"
    elif attachment.mime in _RECORDINGS:
        field = "voice"
    return Part(field=field, data=attachment.data, mime=attachment.mime, name=attachment.name)
