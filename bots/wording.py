"""How a message is laid out on a channel that has no buttons. Layout only.

Rules it keeps
    * No word that people read stands here: labels and texts come in, ready and translated.
    * An option keeps the number that it was given; numbers are never made up or reordered here.

What it must not know
    Platforms, languages, and what an option sets in motion.
"""

from __future__ import annotations

from collections.abc import Sequence

from responder.ports import Option

REPEAT_MARK = "\N{CLOCKWISE OPEN CIRCLE ARROW}"
"""Stands before a message that may have arrived before: a sign, so that it needs no language."""


def with_numbers(text: str, rows: Sequence[Sequence[Option]]) -> str:
    """The text, a blank line, then one "number  label" line for each option, in row order."""
    lines = [f"{option.number}  {option.label}" for row in rows for option in row]
    if not lines:
        return text
    return "\n".join([text, "", *lines] if text else lines)


def with_repeat_mark(text: str, repeat: bool) -> str:
    """The text, led by the sign for a repeat where an earlier attempt may have arrived."""
    return f"{REPEAT_MARK} {text}" if repeat and text else text


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` characters; what is cut off shows as an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "\N{HORIZONTAL ELLIPSIS}"
