"""The words with which people write when a shift comes, and with which it is shown to them.

Rules it keeps
    * "fri 18:00-22:00" and "every fri 18:00-22:00" are one and the same weekly shift; a date makes
      it single; everything else becomes a rule (`recurring`), counted from its first day.
    * What can be read in two ways ("2nd sat") is refused with both.
    * English and Spanish are read; the hours are read by `roster.parse_shift`. A shift is shown in
      its reader's language, in words that can be written again.

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
from responder.core.phrases import say
from responder.core.roster import RosterFault

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKEND: Final = DAYS[5:]
_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAME: Final = r"[a-z]+"
_NTH: Final = {
    **dict.fromkeys(("1st", "first", "primer", "primero"), 1),
    **dict.fromkeys(("2nd", "second", "other", "segundo", "2", "two", "dos"), 2),
    **dict.fromkeys(("3rd", "third", "tercer", "tercero", "3", "three", "tres"), 3),
    **dict.fromkeys(("4th", "fourth", "cuarto", "4", "four", "cuatro"), 4),
    **dict.fromkeys(("last", "ultimo"), -1),
}
_EVERY: Final = r"(?:every|each|cada|todos los|todas las)"
_COUNT: Final = "|".join(sorted(_NTH, key=len, reverse=True))
_MONTHLY: Final = re.compile(
    rf"(?:{_EVERY} |the |el )?({_COUNT}) ({_NAME}) "
    r"(?:of|de|del)(?: (?:the|each|every|cada|el))? ?(?:month|mes) (.+)"
)
_NAMES: Final = rf"{_NAME}\.?(?:(?:, ?| and | y | & ){_NAME}\.?)*"
_BETWEEN: Final = re.compile(r", ?| and | y | & ")
_SPACED: Final = re.compile(rf"{_EVERY} ({_COUNT}) ({_NAMES}) (.+)")
_DAILY: Final = re.compile(rf"(?:{_EVERY} (?:day|dia|dias)|daily|a diario) (.+)")
_WORKDAYS: Final = re.compile(
    rf"(?:{_EVERY} weekday|weekdays|entre semana|de lunes a viernes) (.+)"
)
_WEEKENDS: Final = re.compile(
    rf"(?:(?:{_EVERY}|on|at|los) )?(?:weekends?|fin(?:es)? de semana) (.+)"
)
_WEEKLY: Final = re.compile(rf"(?:{_EVERY} )?({_NAMES}) (.+)")
_SOON: Final = {
    "today": 0,
    "tonight": 0,
    "hoy": 0,
    "esta noche": 0,
    "tomorrow": 1,
    "manana": 1,
    "pasado manana": 2,
}
_AHEAD: Final = re.compile(rf"({'|'.join(sorted(_SOON, key=len, reverse=True))})(?= )")
_BOUND: Final = re.compile(
    r" ?\b(from|desde|starting|until|hasta|till)(?: el| on)? (\d{4}-\d{2}-\d{2})\b"
)


def parse(text: str, *, id: str, person: PersonId, neighbourhood: Place, today: date) -> Shift:
    """The shift that "every 2nd sat 10-14" or "first sun of the month 9:00-12:00" means.

    Besides all that `roster.parse_shift` reads; "tomorrow" is a date. "from 2026-12-05" and "until
    2027-06-30" bound it; without the first it is counted from `today`. Raises `RosterFault` with
    what to write instead.
    """
    plain = roster.plain(text)
    if soon := _AHEAD.match(plain):
        plain = f"{today + timedelta(days=_SOON[soon[1]])}{plain[soon.end() :]}"
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
        days = list(_WEEKEND) if found[2].startswith("weekend") else _BETWEEN.split(found[2])
        return f"FREQ=WEEKLY;INTERVAL={apart};BYDAY={{days}}", days, found[3]
    if found := _DAILY.fullmatch(plain):
        return "FREQ=DAILY", ["mon"], found[1]
    if found := _WORKDAYS.fullmatch(plain):
        return "", list(DAYS[:5]), found[1]
    if found := _WEEKENDS.fullmatch(plain):
        return "", list(_WEEKEND), found[1]
    first, _, rest = plain.partition(" ")
    if first in _NTH and not rest[:1].isdigit() and not first.isdigit():
        raise RosterFault(
            f"{first} of what? Write every {first} {rest}, or {first} {rest.split(' ')[0]} of the"
            " month and the hours"
        )
    if found := _WEEKLY.fullmatch(plain):
        return "", _BETWEEN.split(found[1]), found[2]
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


def shown(shift: Shift, language: str) -> str:
    """When a shift comes, in words of that language that `parse` reads, or else its rule."""
    hours = "00:00-24:00" if shift.start == shift.end else f"{shift.start}-{shift.end}"
    if not shift.rule:
        if shift.weekday is None:
            return f"{shift.on} {hours}"
        # "fri" alone is read as every week, but a reader may take it for one Friday.
        days = _listed(language, "days")[shift.weekday]
        return say(language, "shift.weekly", days=days, hours=hours)
    rule, _, until = shift.rule.partition(";UNTIL=")
    told = say(language, "shift.from", when=_by_rule(rule, hours, language), day=shift.on)
    if until:
        last = f"{until[:4]}-{until[4:6]}-{until[6:]}"
        told = say(language, "shift.until", when=told, day=last)
    return told


def _by_rule(rule: str, hours: str, language: str) -> str:
    if rule == "FREQ=DAILY":
        return say(language, "shift.daily", hours=hours)
    if found := _SHOWN_WEEKLY.fullmatch(rule):
        days = _listed(language, "days-apart" if found[1] else "days")
        names = ", ".join(days[_CODES.index(code)] for code in found[2].split(","))
        if not found[1]:
            return say(language, "shift.weekly", days=names, hours=hours)
        apart = _listed(language, "apart")[int(found[1]) - 2]
        return say(language, "shift.apart-weeks", apart=apart, days=names, hours=hours)
    if found := _SHOWN_MONTHLY.fullmatch(rule):
        day = _listed(language, "days")[_CODES.index(found[2])]
        nth = _listed(language, "ordinals")[int(found[1]) - (int(found[1]) > 0)]
        return say(language, "shift.monthly", nth=nth, day=day, hours=hours)
    return f"{rule} {hours}"


def _listed(language: str, what: str) -> list[str]:
    return say(language, f"shift.{what}").split(",")
