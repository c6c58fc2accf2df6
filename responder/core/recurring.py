"""Days that come again by a rule: RRULE of RFC 5545, as far as a roster needs it.

Rules it keeps
    * A rule speaks of days on the wall calendar and of nothing finer: the hours are the shift's own
      and follow the wall clock, so no rule knows of clock changes.
    * A rule is counted from its first day; nothing here reads a clock.
    * A rule that would take long to count, or that never comes, is refused before it is kept.

What it must not know
    Shifts, people, how a rule is written in words.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from dateutil.rrule import rrule, rrulestr

_DAY: Final = timedelta(days=1)
_OLDEST: Final = timedelta(days=3660)
_FARTHEST: Final = timedelta(days=3660)
_PARTS: Final = (
    "FREQ",
    "INTERVAL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "COUNT",
    "UNTIL",
)
"""In the order in which a settled rule has them."""
_OFTEN: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_UNTIL: Final = re.compile(r"(\d{8})(?:T\d{6}Z?)?")


class RuleFault(ValueError):
    """A rule that cannot be kept; the text says why."""


def checked(text: str, start: date, today: date) -> str:
    """The rule in its settled form. Raises `RuleFault` where it cannot be kept.

    `start` is the first day that may count, ten years ago at most. UNTIL is cut to its day: a
    last day counts whole. The rule must come again within ten years of `today`.
    """
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or name not in _PARTS or name in parts:
            raise RuleFault(f"a shift's rule cannot have {part or 'nothing'}")
        parts[name] = value
    if parts.get("FREQ") not in _OFTEN:
        raise RuleFault("a shift comes daily, weekly, monthly or yearly")
    if "UNTIL" in parts:
        found = _UNTIL.fullmatch(parts["UNTIL"])
        if found is None:
            raise RuleFault("the last day of a rule is written YYYYMMDD")
        parts["UNTIL"] = found[1]
    if not today - _OLDEST <= start <= today + _FARTHEST:
        raise RuleFault("a rule begins within ten years of today")
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    try:
        # An end far off, so that a rule that never comes is not counted for ever.
        first = _of(rule, start).after(_midnight(max(today, start)), inc=True)
    except (ValueError, TypeError) as error:
        raise RuleFault(f"this rule cannot be read ({error})") from None
    if first is None or first.date() - today > _FARTHEST:
        raise RuleFault("the rule has no day any more")
    return rule


def occurs(rule: str, start: date, day: date) -> bool:
    """Whether that day is one of the rule's."""
    return day in _month(rule, start, day.year, day.month)


def around(rule: str, start: date, today: date) -> tuple[date, ...]:
    """The rule's days from two before today to one after, and the next one after those."""
    return _around(rule, start, today)


@lru_cache(maxsize=4096)
def _around(rule: str, start: date, today: date) -> tuple[date, ...]:
    near = [today + n * _DAY for n in range(-2, 2)]
    found = [day for day in near if occurs(rule, start, day)]
    then = _of(rule, start).after(_midnight(near[-1]))
    return (*found, then.date()) if then is not None else tuple(found)


@lru_cache(maxsize=4096)
def _month(rule: str, start: date, year: int, month: int) -> frozenset[date]:
    first = date(year, month, 1)
    last = first + 31 * _DAY
    found = _of(rule, start).between(_midnight(first), _midnight(last), inc=True)
    return frozenset(one.date() for one in found if one.month == month)


@lru_cache(maxsize=1024)
def _of(rule: str, start: date) -> rrule:
    made = rrulestr(rule, dtstart=_midnight(start), cache=True)
    assert isinstance(made, rrule)
    return made


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
