"""Days as people read them, in their language: "Fri 27 Nov", "27 November 2026".

What it must not know
    The clock, time zones: it is handed dates.
"""

from __future__ import annotations

from datetime import date

from responder.core.phrases import say

_SHORT = 3


def short(language: str, day: date) -> str:
    """Weekday, day and month, each short; no year: "Fri 27 Nov"."""
    weekday, _ = _names(language, day)
    return f"{weekday[:_SHORT]} {shortest(language, day)}"


def shortest(language: str, day: date) -> str:
    """Day and month alone: "27 Nov"."""
    _, month = _names(language, day)
    return f"{day.day} {month[:_SHORT]}"


def whole(language: str, day: date) -> str:
    """Day, month and year: "27 November 2026"."""
    _, month = _names(language, day)
    return say(language, "day.whole", day=day.day, month=month, year=day.year)


def month_of(language: str, day: date) -> str:
    """The month of that day, with its year: "November 2026"."""
    _, month = _names(language, day)
    return say(language, "day.month", month=month, year=day.year)


def _names(language: str, day: date) -> tuple[str, str]:
    weekdays = say(language, "chat.weekdays").split(",")
    months = say(language, "day.months").split(",")
    return weekdays[day.weekday()], months[day.month - 1]
