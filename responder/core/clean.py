"""What people wrote, made safe to stand inside a message of ours.

Rules it keeps
    * Nothing that a person writes can pass for a line of the network: every quoted line is marked,
      and no sign is left that hides, reverses or overwrites text.
    * Nothing in it can be tapped: a link would tell its owner who reads along and from where, a
      command would be sent in the reader's name. A space breaks them and leaves them readable.
    * What is too long is cut at its end and shows that it was; nothing else about it is changed.

What it must not know
    Who wrote it, who reads it, and in which card it stands.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARK: Final = "> "
"""Stands before every quoted line; no line of our own begins with it."""

ELLIPSIS: Final = "…"

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that look like nothing: they would make empty space that is not trimmed."""

_LIVE: Final = re.compile(
    r"""
      :(?=//)                                       # https://, tg://
    | (?<=\w)[.\u3002\uff0e\uff61](?=[^\W\d_])       # name.example
    | (?<=\d)\.(?=\d+\.\d+\.\d)                       # 192.0.2.1; no date has so many
    | (?<![\w@])@(?=\w)                             # @account
    | (?<![\w/])/(?=[^\W\d_])                       # /command
    """,
    re.VERBOSE,
)
"""What messengers make tappable in plain text."""
_IN_LIVE: Final = frozenset(":.\u3002\uff0e\uff61@/")
"""The signs with one of which each of these begins."""

_STACK: Final = 3
"""More combining marks on one letter than any language needs run over the lines around it."""


def clean(text: str, limit: int) -> str:
    """The words without control signs, direction overrides and invisible letters.

    Lines are kept, blank ones dropped, runs of spaces closed; at most `limit` characters.
    """
    return shorten("\n".join(_rows(text)), limit)


def one_line(text: str, limit: int) -> str:
    """As `clean`, on a single line: for names and everything that stands inside a sentence."""
    if text.isascii() and text.isprintable() and _IN_LIVE.isdisjoint(text):
        return shorten(" ".join(text.split()), limit)  # nearly every name
    return shorten(" ".join(_rows(text)), limit)


def quote(text: str, limit: int, lines: int = 40) -> str:
    """The cleaned words with every line marked; marks count towards `limit` characters.

    Empty where there is nothing to quote. Past `lines` lines the rest is cut.
    """
    rows = _rows(text)
    if len(rows) > lines:
        rows = [*rows[:lines], ELLIPSIS]
    body = "\n".join(MARK + row for row in rows)
    if len(body) <= limit:
        return body
    cut = shorten(body, limit)
    return cut if len(cut) > len(MARK) else MARK + ELLIPSIS


def shorten(text: str, limit: int) -> str:
    """The text cut to `limit` characters, after a whole word where one ends nearby."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    head = text[: limit - 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    if space > len(head) - 20 and space > 0:
        head = head[:space]
    return head.rstrip("> \n") + ELLIPSIS


def _rows(text: str) -> list[str]:
    # `splitlines` knows every sign that breaks a line, those of other alphabets too.
    rows = [" ".join(_visible(line).split()) for line in text.splitlines()]
    return [row for row in rows if row]


def _visible(line: str) -> str:
    seen = _seen(line)
    if _IN_LIVE.isdisjoint(seen):
        return seen
    return _LIVE.sub(r"\g<0> ", seen)


def _seen(line: str) -> str:
    if line.isascii() and line.isprintable():
        # Nearly every line: nothing in it can hide.
        return line
    kept: list[str] = []
    stack = 0
    for sign in unicodedata.normalize("NFC", line.replace("\t", " ")):
        kind = unicodedata.category(sign)
        if kind in _HIDDEN or sign in _BLANKS:
            continue
        stack = stack + 1 if kind == "Mn" else 0
        if stack <= _STACK:
            kept.append(sign)
    return "".join(kept)
