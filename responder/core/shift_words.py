"""The words with which people write when a shift comes, and with which it is shown to them.

Rules it keeps
    * "fri 18:00-22:00" and "every fri 18:00-22:00" are one and the same weekly shift; a date makes
      it single; everything else becomes a rule (`recurring`), counted from its first day.
    * What can be read in two ways ("2nd sat") is refused with both.
    * English and Spanish are read; the hours are read by `roster.parse_shift`.

What it must not know
    People, neighbourhoods, how a rule is counted.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import recurring, roster
from responder.core.model import PersonId, Place, Shift
from responder.core.roster import RosterFault

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAME: Final = r"[a-z]+"
_NTH: Final = {
    **dict.fromkeys(("1st", "first", "primer", "primero"), 1),
    **dict.fromkeys(("2nd", "second", "other", "segundo", "2", "two", "dos"), 2),
    **dict.fromkeys(("3rd", "third", "tercer", "tercero", "3", "three", "tres"), 3),
    **dict.fromkeys(("4th", "fourth", "cuarto", "4", "four", "cuatro"), 4),
    **dict.fromkeys(("last", "ultimo"), -1),
}
_ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_EVERY: Final = r"(?:every|each|cada|todos los|todas las)"
_COUNT: Final = "|".join(sorted(_NTH, key=len, reverse=True))
_MONTHLY: Final = re.compile(
    rf"(?:{_EVERY} |the |el )?({_COUNT}) ({_NAME}) "
    r"(?:of|de|del)(?: (?:the|each|every|cada|el))? ?(?:month|mes) (.+)"
)
_SPACED: Final = re.compile(rf"{_EVERY} ({_COUNT}) ({_NAME}) (.+)")
_DAILY: Final = re.compile(rf"(?:{_EVERY} (?:day|dia|dias)|daily|a diario) (.+)")
_WORKDAYS: Final = re.compile(
    rf"(?:{_EVERY} weekday|weekdays|entre semana|de lunes a viernes) (.+)"
)
_WEEKLY: Final = re.compile(rf"(?:{_EVERY} )?({_NAME}\.?(?:(?:, ?| and | y | & ){_NAME}\.?)*) (.+)")
_BOUND: Final = re.compile(
    r" ?\b(from|desde|starting|until|hasta|till)(?: el| on)? (\d{4}-\d{2}-\d{2})\b"
)


def parse(text: str, *, id: str, person: PersonId, neighbourhood: Place, today: date) -> Shift:
    """The shift that "every 2nd sat 10-14" or "first sun of the month 9:00-12:00" means.

    Besides all that `roster.parse_shift` reads. "from 2026-12-05" and "until 2027-06-30" bound it;
    without the first it is counted from `today`. Raises `RosterFault` with what to write instead.
    """
    plain = roster.plain(text)
    bounds = {_is_from(word): _day(day) for word, day in _BOUND.findall(plain)}
    plain = _BOUND.sub("", plain).strip()
    rule, days, hours = _read(plain)
    shift = roster.parse_shift(
        f"{days[0]} {hours}", id=id, person=person, neighbourhood=neighbourhood
    )
    weekdays = [_weekday(day, hours) for day in days] if rule or len(days) > 1 else []
    if shift.on is not None:
        if rule or bounds:
            raise RosterFault("a date stands for that day alone: leave from, until and every away")
        return shift
    if not rule and len(days) == 1 and not bounds:
        return shift
    weekdays = weekdays or [shift.weekday or 0]
    rule = rule or "FREQ=WEEKLY;BYDAY={days}"
    rule = rule.format(days=",".join(_CODES[day] for day in sorted(set(weekdays))))
    if False in bounds:
        rule += f";UNTIL={bounds[False]:%Y%m%d}"
    start = bounds.get(True, today)
    if "WEEKLY" in rule:
        # "Every 2nd" counts from the first such day, not from the week that today is in.
        start = next(day for n in range(7) if (day := start + timedelta(n)).weekday() in weekdays)
    try:
        rule = recurring.checked(rule, start, today)
    except recurring.RuleFault as fault:
        raise RosterFault(str(fault)) from None
    first = _first(rule, start)
    return replace(shift, weekday=None, on=first, rule=rule)


def _first(rule: str, start: date) -> date:
    """The rule's first day from `start` on: counted from it, the rule stays the same."""
    days = recurring.around(rule, start, start - timedelta(days=2))
    return days[0]


def _read(plain: str) -> tuple[str, list[str], str]:
    """The rule with its place for days, the days' names, and the hours."""
    if found := _MONTHLY.fullmatch(plain):
        return f"FREQ=MONTHLY;BYDAY={_NTH[found[1]]}{{days}}", [found[2]], found[3]
    if found := _SPACED.fullmatch(plain):
        apart = _NTH[found[1]]
        if apart in (1, -1) or found[2] in ("week", "weeks", "semana", "semanas", "day", "days"):
            raise RosterFault(
                "write for example every 2nd sat 10:00-14:00, or first sat of the month 10:00-14:00"
            )
        return f"FREQ=WEEKLY;INTERVAL={apart};BYDAY={{days}}", [found[2]], found[3]
    if found := _DAILY.fullmatch(plain):
        return "FREQ=DAILY", ["mon"], found[1]
    if found := _WORKDAYS.fullmatch(plain):
        return "", list(DAYS[:5]), found[1]
    first, _, rest = plain.partition(" ")
    if first in _NTH and not rest[:1].isdigit() and not first.isdigit():
        raise RosterFault(
            f"{first} of what? Write every {first} {rest}, or {first} {rest.split(' ')[0]} of the"
            " month and the hours"
        )
    if found := _WEEKLY.fullmatch(plain):
        return "", re.split(r", ?| and | y | & ", found[1]), found[2]
    return "", [first], rest


def _weekday(name: str, hours: str) -> int:
    read = roster.parse_shift(
        f"{name} {hours}", id="", person=PersonId(""), neighbourhood=Place("")
    )
    if read.weekday is None:
        raise RosterFault("name weekdays, for example every mon and wed 18:00-20:00")
    return read.weekday


def _is_from(word: str) -> bool:
    return word in ("from", "desde", "starting")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RosterFault(f"{text} is no date: write it like 2026-11-27") from None


# --- as it is shown -------------------------------------------------------------------------------

_SHOWN_WEEKLY: Final = re.compile(r"FREQ=WEEKLY(?:;INTERVAL=([2-4]))?;BYDAY=([A-Z,]+)")
_SHOWN_MONTHLY: Final = re.compile(r"FREQ=MONTHLY;BYDAY=([1-4]|-1)([A-Z]{2})")


def shown(shift: Shift) -> str:
    """When a shift comes, in words that `parse` reads, or else its rule."""
    hours = "00:00-24:00" if shift.start == shift.end else f"{shift.start}-{shift.end}"
    if not shift.rule:
        # "fri" alone is read as every week, but a reader may take it for one Friday.
        day = f"every {DAYS[shift.weekday]}" if shift.weekday is not None else str(shift.on)
        return f"{day} {hours}"
    rule, _, until = shift.rule.partition(";UNTIL=")
    bound = f" until {until[:4]}-{until[4:6]}-{until[6:]}" if until else ""
    bound = f" from {shift.on}{bound}"
    if rule == "FREQ=DAILY":
        return f"every day {hours}{bound}"
    if found := _SHOWN_WEEKLY.fullmatch(rule):
        names = ", ".join(DAYS[_CODES.index(code)] for code in found[2].split(","))
        apart = {"2": "2nd ", "3": "3rd ", "4": "4th "}.get(found[1] or "", "")
        return f"every {apart}{names} {hours}{bound}"
    if found := _SHOWN_MONTHLY.fullmatch(rule):
        day = DAYS[_CODES.index(found[2])]
        return f"{_ORDINALS[int(found[1])]} {day} of the month {hours}{bound}"
    return f"{shift.rule} {hours} from {shift.on}"
