"""Shifts as an .ics file: what calendars of all makes read, and what they hand back.

Rules it keeps
    * Out go call signs, neighbourhoods and times: no address, no name, no training.
    * What is read is taken apart here and judged by the network; what cannot be a shift is refused
      with its number and a reason, and then nothing of the file is taken in.
    * Times are wall times with the name of their zone.

What it must not know
    Who is a member, which shifts there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from responder.errors import ResponderError

LARGEST: Final = 1024 * 1024
"""Bytes; a year of a network's shifts is a fraction of that."""
_PRODUCT: Final = "-//responder//rosters//EN"


class CalendarFaults(ResponderError):
    """What keeps a file from being taken in, a line each."""


def write(shifts: Iterable[Mapping[str, Any]], made_at: datetime) -> bytes:
    """The calendar of shifts as `shift.export` hands them out."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    for shift in shifts:
        calendar.add_component(_event(shift, made_at))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(shift: Mapping[str, Any], made_at: datetime) -> Event:
    zone = ZoneInfo(shift["time_zone"])
    day = date.fromisoformat(shift["on"])
    start = datetime.combine(day, time.fromisoformat(shift["start"]), zone)
    end = datetime.combine(day, time.fromisoformat(shift["end"]), zone)
    event = Event()
    event.add("uid", f"{shift['id']}@responder")
    event.add("dtstamp", made_at)
    event.add("summary", shift["call_sign"])
    event.add("location", shift["neighbourhood"])
    event.add("dtstart", start)
    event.add("dtend", end if end > start else end + timedelta(days=1))
    if shift["rule"]:
        rule = vRecur.from_ical(shift["rule"])
        if "UNTIL" in rule:
            # Beside a start with a zone the standard wants the last moment in UTC.
            last = datetime.combine(rule["UNTIL"][0], time(23, 59, 59), zone)
            rule["UNTIL"] = [last.astimezone(UTC)]
        event.add("rrule", rule)
    if shift["skips"]:
        skips = [date.fromisoformat(one) for one in shift["skips"]]
        event.add("exdate", [datetime.combine(one, start.timetz()) for one in skips])
    return event


def read(data: bytes) -> list[dict[str, Any]]:
    """The events of a calendar as `shift.import` takes them. Raises `CalendarFaults` with all."""
    if len(data) > LARGEST:
        raise CalendarFaults("This file is larger than 1 MB: export the shifts alone.")
    try:
        events = Calendar.from_ical(data).walk("VEVENT")
    except (ValueError, KeyError, IndexError, TypeError):
        raise CalendarFaults(
            "This is no calendar that can be read: choose an .ics file, as a calendar exports it."
        ) from None
    found, faults = [], []
    for number, event in enumerate(events, 1):
        try:
            found.append({"number": number, **_read(event)})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            faults.append(f"Event {number}: {error}.")
    if faults or not found:
        raise CalendarFaults("\n".join(faults) or "There is no event in this file.")
    return found


def _read(event: Any) -> dict[str, Any]:
    if event.errors:
        raise ValueError(f"its {event.errors[0][0]} cannot be read")
    for name in ("RECURRENCE-ID", "RDATE"):
        if name in event:
            raise ValueError(f"{name} is not understood: make it an event of its own")
    start, end = event.start, event.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise ValueError("it is a whole day without hours")
    if not timedelta(0) < end - start <= timedelta(days=1):
        raise ValueError("a shift lasts 24 hours at most, and ends after it begins")
    rule = event.get("RRULE")
    if isinstance(rule, list):
        raise ValueError("it has more than one rule")
    return {
        "uid": str(event.get("UID", "")),
        "call_sign": str(event.get("SUMMARY", "")).strip(),
        "neighbourhood": str(event.get("LOCATION", "")).strip(),
        "start": start.replace(tzinfo=None).isoformat(timespec="minutes"),
        "end": end.replace(tzinfo=None).isoformat(timespec="minutes"),
        "time_zone": _zone(start),
        "rule": _rule(rule, start) if rule is not None else "",
        "skips": [str(day) for day in _skips(event.get("EXDATE"), start)],
    }


def _zone(at: datetime) -> str:
    if at.tzinfo is None:
        return ""
    name = getattr(at.tzinfo, "key", None) or at.tzname()
    return str(name or "UTC")


def _rule(rule: Any, start: datetime) -> str:
    """The rule with the last day in the event's own time instead of a last moment."""
    until = rule.get("UNTIL", [None])[0]
    if isinstance(until, datetime):
        if until.tzinfo is not None and start.tzinfo is not None:
            until = until.astimezone(start.tzinfo)
        last = until.date() - timedelta(days=until.time() < start.time())
        rule = vRecur({**rule, "UNTIL": [last]})
    return bytes(rule.to_ical()).decode()


def _skips(given: Any, start: datetime) -> Iterable[date]:
    for one in given if isinstance(given, list) else [given] if given is not None else []:
        for skipped in one.dts:
            at = skipped.dt
            if isinstance(at, datetime) and at.tzinfo is not None and start.tzinfo is not None:
                at = at.astimezone(start.tzinfo)
            yield at.date() if isinstance(at, datetime) else at
