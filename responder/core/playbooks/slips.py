"""What was probably meant by a length of time, a share or a number that cannot be read.

Rules it keeps
    * It only proposes: nothing that is misspelt is ever taken for what it may have meant.
    * What it proposes can be written as it stands.

What it must not know
    Which key is looked at, and what is allowed there.
"""

from __future__ import annotations

import re
from typing import Final

_LENGTH_PART: Final = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2}))?\s*([^\W\d_]+)\.?\s*")
_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:[.,][0-9]+)?\s*(?:%|percent|per cent|por ciento)")
_COMMA: Final = re.compile(r"0,([0-9]{1,3})")
_DIGITS: Final = re.compile(r"\D*([0-9]{1,4})\b\D*")
_NAMED: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_UNITS: Final[dict[str, tuple[str, int]]] = {
    **dict.fromkeys(("s", "sec", "secs", "seg", "segundo", "segundos"), ("s", 1)),
    **dict.fromkeys(
        ("m", "mn", "min", "mins", "minuts", "minute", "minutes", "minuto", "minutos"), ("min", 60)
    ),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hora", "horas"), ("h", 3600)),
    **dict.fromkeys(("d", "day", "days", "dia", "dias", "día", "días"), ("days", 86400)),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "semana", "semanas"), ("weeks", 7 * 86400)),
}


def length(text: str) -> str:
    """A length of time as it is written here: "30m" is "30 min", "1.5 h" is "1 h 30 min"; or ""."""
    said = text.strip().casefold()
    if clock := _CLOCK.fullmatch(said):
        return _written(int(clock[1]) * 3600 + int(clock[2]) * 60)
    at, total = 0, 0.0
    while at < len(said):
        part = _LENGTH_PART.match(said, at)
        if part is None or part[3] not in _UNITS:
            return ""
        total += float(f"{part[1]}.{part[2] or 0}") * _UNITS[part[3]][1]
        at = part.end()
    return _written(round(total))


def share(value: object) -> str:
    """A share of people as it is written here: "30%", "0,3" and 30 are "0.3"; or ""."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value / 100:g}" if 1 < value <= 100 else ""
    said = str(value).strip().casefold()
    if comma := _COMMA.fullmatch(said):
        return f"0.{comma[1]}"
    percent = _PERCENT.fullmatch(said)
    return f"{int(percent[1]) / 100:g}" if percent and 0 < int(percent[1]) <= 100 else ""


def number(value: object) -> str:
    """A whole number as it is written here: "two" and "2 people" are "2"; or ""."""
    said = str(value).strip().casefold()
    if said in _NAMED:
        return str(_NAMED.index(said))
    digits = _DIGITS.fullmatch(said) if isinstance(value, str) else None
    return digits[1] if digits else ""


def _written(seconds: int) -> str:
    """Seconds in the units of a playbook, the fewest that do."""
    for unit, size in (("weeks", 7 * 86400), ("days", 86400)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit if seconds > size else unit[:-1]}"
    parts = (seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s")
    return " ".join(f"{many} {unit}" for many, unit in parts if many)
