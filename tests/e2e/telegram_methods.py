"""The Bot API's methods as the loopback server carries them out, and their parameters' checks.

What it is for
    `telegram_server` takes a request apart and looks its method up here. Each method is given the
    server, whose people and messages it changes, and the parameters; it returns the `result`.

Rules it keeps
    * What Telegram refuses is `Refused`, with Telegram's status and its own words, since bots
      tell refusals apart by them.
    * A parameter that no method here names is not for the network to send: so `parse_mode` and
      `entities` are missing, and sending them fails the test.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from aiohttp import web

    from tests.e2e.telegram_server import FakeUser, Shown, TelegramServer

BOT_ID = 4200

Params: TypeAlias = dict[str, Any]
Buttons: TypeAlias = list[list[tuple[str, str]]]
Keyboard: TypeAlias = list[list[dict[str, Any]]]


class Refused(Exception):
    """The Bot API says no. `mistake` marks what only a broken bot would have asked."""

    def __init__(
        self, status: int, description: str, *, mistake: bool = False, retry_after: int = 0
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.mistake = mistake
        self.retry_after = retry_after


Handler = Callable[["TelegramServer", Params], Awaitable[Any]]


# --- the methods ----------------------------------------------------------------------------------


async def _get_me(server: TelegramServer, params: Params) -> Params:
    return {
        "id": BOT_ID,
        "is_bot": True,
        "first_name": "Loopback",
        "username": "loopback_bot",
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def _get_updates(server: TelegramServer, params: Params) -> list[Params]:
    return await server.poll(params)


async def _set_commands(server: TelegramServer, params: Params) -> bool:
    commands = read_json(params["commands"])
    for entry in commands:
        word = entry.get("command", "")
        plain = word.isascii() and word.replace("_", "a").isalnum() and word == word.lower()
        if not (plain and 1 <= len(word) <= 32 and 1 <= len(entry.get("description", "")) <= 256):
            raise Refused(400, "Bad Request: BOT_COMMAND_INVALID", mistake=True)
    server.commands[params.get("language_code", "")] = commands
    return True


async def _delete_webhook(server: TelegramServer, params: Params) -> bool:
    server.webhook = False
    return True


async def _leave_chat(server: TelegramServer, params: Params) -> bool:
    server.left.append(integer(params["chat_id"]))
    return True


async def _send_message(server: TelegramServer, params: Params) -> Params:
    return await server.show(params, text=_text(params["text"], 4096, "message"))


def _sender_of(kind: str) -> Handler:
    async def send_file(server: TelegramServer, params: Params) -> Params:
        data = params[kind]
        if not isinstance(data, bytes):
            raise Refused(400, "Bad Request: wrong file identifier", mistake=True)
        caption = params.get("caption", "")
        text = _text(caption, 1024, "caption") if caption else ""
        return await server.show(params, text=text, file=data, kind=kind)

    return send_file


async def _edit_text(server: TelegramServer, params: Params) -> Params:
    message = server.own(params, "message to edit not found")
    if message.kind != "text":
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    text = _text(params["text"], 4096, "message")
    return _edit(server, message, text, markup(params.get("reply_markup"), inline_only=True)[0])


async def _edit_markup(server: TelegramServer, params: Params) -> Params:
    message = server.own(params, "message to edit not found")
    inline = markup(params.get("reply_markup"), inline_only=True)[0]
    return _edit(server, message, message.text, inline)


def _edit(server: TelegramServer, message: Shown, text: str, buttons: Buttons) -> Params:
    if (message.text, message.buttons) == (text, buttons):
        raise Refused(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message",
        )
    message.text, message.buttons, message.edited = text, buttons, message.edited + 1
    return as_message(message, server.users[message.chat])


async def _delete_message(server: TelegramServer, params: Params) -> bool:
    wrote, number = server.chat(params).wrote, integer(params["message_id"])
    if wrote.get(number):
        wrote[number] = False
        return True
    server.own(params, "message to delete not found").deleted = True
    return True


async def _answer_press(server: TelegramServer, params: Params) -> bool:
    user = server.presses.pop(str(params["callback_query_id"]), None)
    if user is None:
        raise Refused(400, "Bad Request: query is too old and response timeout expired")
    user.toasts.append(_text(params["text"], 200, "answer") if params.get("text") else "")
    return True


async def _get_file(server: TelegramServer, params: Params) -> Params:
    kept = server.files.get(str(params["file_id"]))
    if kept is None:
        raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    path, data = kept
    if len(data) > 20_000_000:
        raise Refused(400, "Bad Request: file is too big")
    number = str(params["file_id"])
    return {"file_id": number, "file_unique_id": number, "file_size": len(data), "file_path": path}


async def _chat_action(server: TelegramServer, params: Params) -> bool:
    server.chat(params)
    return True


_SENDING = ("disable_notification", "protect_content", "reply_markup", "reply_parameters")
_FILE = (*_SENDING, "caption")

METHODS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Handler]] = {
    "getMe": ((), (), _get_me),
    "getUpdates": ((), ("offset", "limit", "timeout", "allowed_updates"), _get_updates),
    "setMyCommands": (("commands",), ("scope", "language_code"), _set_commands),
    "deleteWebhook": ((), ("drop_pending_updates",), _delete_webhook),
    "leaveChat": (("chat_id",), (), _leave_chat),
    "sendMessage": (("chat_id", "text"), (*_SENDING, "link_preview_options"), _send_message),
    "sendPhoto": (("chat_id", "photo"), (*_FILE, "has_spoiler"), _sender_of("photo")),
    "sendVoice": (("chat_id", "voice"), (*_FILE, "duration"), _sender_of("voice")),
    "sendDocument": (("chat_id", "document"), _FILE, _sender_of("document")),
    "sendChatAction": (("chat_id", "action"), (), _chat_action),
    "editMessageText": (
        ("chat_id", "message_id", "text"),
        ("reply_markup", "link_preview_options"),
        _edit_text,
    ),
    "editMessageReplyMarkup": (("chat_id", "message_id"), ("reply_markup",), _edit_markup),
    "deleteMessage": (("chat_id", "message_id"), (), _delete_message),
    "answerCallbackQuery": (
        ("callback_query_id",),
        ("text", "show_alert", "cache_time"),
        _answer_press,
    ),
    "getFile": (("file_id",), (), _get_file),
}
"""Of each method: required parameters, those optional ones that the network may use, handler.
Telegram has more of both."""


# --- reading and checking ----------------------------------------------------------------------


def parsed(request: web.Request, body: bytes) -> Params:
    """The parameters, from the query and from any of the three kinds of body."""
    params: Params = dict(request.query)
    match request.content_type:
        case "application/json":
            params |= json.loads(body or b"{}")
        case "application/x-www-form-urlencoded":
            params |= dict(parse_qsl(body.decode()))
        case "multipart/form-data":
            head = b"Content-Type: " + request.headers["Content-Type"].encode() + b"\r\n\r\n"
            for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
                data = part.get_payload(decode=True)
                assert isinstance(data, bytes)
                name = str(part.get_param("name", header="content-disposition"))
                params[name] = data if part.get_filename() else data.decode()
    return params


def _text(value: Any, limit: int, what: str) -> str:
    """A text within Telegram's limit, which counts UTF-16 code units."""
    if not isinstance(value, str) or not value.strip():
        raise Refused(400, f"Bad Request: {what} text is empty", mistake=True)
    if len(value.encode("utf-16-le")) // 2 > limit:
        raise Refused(400, f"Bad Request: {what} is too long", mistake=True)
    return value


def integer(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refused(400, "Bad Request: an integer is due", mistake=True) from None


def read_json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(400, "Bad Request: can't parse JSON object", mistake=True) from None


def true(value: Any) -> bool:
    return value in (True, "true", "True", "1")


def markup(raw: Any, *, inline_only: bool = False) -> tuple[Buttons, Keyboard]:
    """Inline buttons and reply keyboard of a `reply_markup`, checked as Telegram checks them."""
    found = read_json(raw) if raw is not None else {}
    if not isinstance(found, dict):
        raise Refused(400, "Bad Request: object expected as reply markup", mistake=True)
    if set(found) & {"keyboard", "remove_keyboard", "force_reply"} and inline_only:
        raise Refused(400, "Bad Request: inline keyboard expected", mistake=True)
    rows = [[_button(button) for button in row] for row in found.get("inline_keyboard", [])]
    if len(json.dumps(found)) > 10_000:
        raise Refused(400, "Bad Request: reply markup is too long", mistake=True)
    if any(len(row) > 12 for row in rows) or sum(map(len, rows)) > 100:
        raise Refused(400, "Bad Request: too many buttons", mistake=True)
    keyboard = found.get("keyboard", [])
    if any(not button.get("text") for row in keyboard for button in row):
        raise Refused(400, "Bad Request: text buttons must be non-empty", mistake=True)
    return [row for row in rows if row], keyboard


def _button(button: Params) -> tuple[str, str]:
    label, data = button.get("text", ""), button.get("callback_data", "")
    if not label.strip():
        raise Refused(400, "Bad Request: button text must be non-empty", mistake=True)
    if set(button) == {"text", "url"}:
        return label, _url(button["url"])
    if set(button) != {"text", "callback_data"}:
        raise Refused(400, "Bad Request: a button must have one action", mistake=True)
    if not 1 <= len(data.encode()) <= 64:
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID", mistake=True)
    return label, data


def _url(url: str) -> str:
    if not url.startswith(("https://", "http://")) or len(url) > 2048:
        raise Refused(400, "Bad Request: BUTTON_URL_INVALID", mistake=True)
    return url


def as_message(message: Shown, user: FakeUser) -> Params:
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Loopback"}
    found = {"message_id": message.id, "date": int(time.time()), "chat": user.chat, "from": bot}
    return found | ({"text": message.text} if message.kind == "text" else {})
