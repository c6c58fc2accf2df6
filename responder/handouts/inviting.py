"""The ways into the network: links that a phone opens, and QR codes of them.

Rules it keeps
    * A Telegram link carries the one-time code; a Signal link carries the number alone, since
      Signal fills nothing in: the words to write there are told beside it.
    * A QR code has its quiet zone and its own black and white, whatever colours a screen has.
    * A file that may hold a code is made anew, for its owner alone.

What it must not know
    Who is invited, and how long a code lasts.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Final, NamedTuple

import segno

from responder.errors import ResponderError

PICTURES: Final = (".svg", ".png")
QUIET: Final = 4
"""Modules of white around a code, as ISO/IEC 18004 asks for."""
_DOT: Final = 10
"""Pixels a module: sharp in print up to some five centimetres."""
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_AS_BEFORE: Final = "\x1b[0m"


class Way(NamedTuple):
    """One way in: its channel, the link to open, what to write there, how people are named it."""

    channel: str
    link: str
    text: str
    shown: str


def telegram(bot_name: str, code: str = "") -> Way:
    """The bot; with a code, a link that hands it over.

    `start` is described at https://core.telegram.org/api/links#bot-links.
    """
    link = f"https://t.me/{bot_name}"
    if code:
        link += f"?start={code}"
    return Way("telegram", link, f"/join {code}" if code else "", f"@{bot_name}")


def signal(number: str, code: str = "") -> Way:
    """The network's number; with a code, the words to send.

    Signal opens https://signal.me/#p/+NUMBER as a conversation. The number stands in the fragment,
    which no browser sends to a host.
    """
    return Way("signal", f"https://signal.me/#p/{number}", f"join {code}" if code else "", number)


def modules(link: str) -> tuple[tuple[bool, ...], ...]:
    """The rows of a QR code, quiet zone included; True is black."""
    drawn = segno.make(link, error="m", micro=False)
    return tuple(tuple(bool(dot) for dot in row) for row in drawn.matrix_iter(border=QUIET))


def half_blocks(link: str) -> list[str]:
    """The code in lines of half blocks, each black on white by itself."""
    rows = modules(link)
    empty = (False,) * len(rows[0])
    pairs = zip(rows[::2], (*rows[1::2], empty), strict=False)
    signs = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    lines = ("".join(signs[two] for two in zip(*pair, strict=True)) for pair in pairs)
    return [f"{_BLACK_ON_WHITE}{line}{_AS_BEFORE}" for line in lines]


def picture(link: str, ending: str) -> bytes:
    """The code as the bytes of a picture; `ending` is one of `PICTURES`."""
    made = io.BytesIO()
    colours = {"dark": "#000", "light": "#fff"}
    kind = ending.removeprefix(".")
    segno.make(link, error="m", micro=False).save(
        made, kind=kind, scale=_DOT, border=QUIET, **colours
    )
    return made.getvalue()


def write_private(path: Path, data: bytes) -> None:
    """Make a file that its owner alone can read; refuses to write over another one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise ResponderError(f"{path} is there already: choose another name.") from None
    except OSError as error:
        raise ResponderError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
