"""Who is on call where, what is a night's limit, and the words with which shifts are told.

What it is for
    The on-call question as a pure function of time, the limits of care (law L3), and the little
    language of `/oncall until 22:00` and of "fri 18:00-22:00" on the command line.

Rules it keeps
    * On call follows the wall clock: a shift covers an instant when the neighbourhood's clock, read
      at that instant, stands within the shift. So of an hour that does not exist nobody is on call
      in any of it and a shift across it is an hour shorter; an hour that exists twice counts
      both times and a shift across it is an hour longer; of two shifts that meet at a time of day
      exactly one covers every instant, on the two days of a clock change too.
    * Where a single instant is wanted ("until 02:30", the night's start) it is the first one ahead
      at which the clock shows that time, or the change that skips it.
    * The newest override wins over older ones and over every shift.

What it must not know
    Incidents, playbooks, channels, and where the records are kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from responder.core import recurring
from responder.core.model import (
    Care,
    Limits,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Place,
    Shift,
)

NIGHT_FROM: Final = time(18)
NIGHT_UNTIL: Final = time(10)
_DAY: Final = timedelta(days=1)
_DAYS: Final = tuple([timedelta(days=number) for number in range(7)])
_WEEK: Final = timedelta(days=7)
_MIDNIGHT: Final = time()
_SECOND: Final = timedelta(seconds=1)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


class RosterFault(ValueError):
    """A shift that cannot be read; the text says what to write instead."""


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; `zoneinfo.ZoneInfoNotFoundError` where there is none.

    Kept for good, since the standard library's own cache holds eight only.
    """
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def wall(at: datetime, time_zone: str) -> datetime:
    """What clock and calendar show there at an instant (UTC).

    Kept, since one decision reads the same few instants again and again.
    """
    return at.astimezone(zone(time_zone))


@lru_cache(maxsize=1024)
def clock(at: datetime, time_zone: str) -> str:
    """The time of day there at an instant, as cards write it: "19:05"."""
    shown = wall(at, time_zone)
    return f"{shown.hour:02}:{shown.minute:02}"


def local_date(at: datetime, time_zone: str) -> date:
    """The day on the wall calendar at an instant."""
    return wall(at, time_zone).date()


# --- on call --------------------------------------------------------------------------------------


class _Reading(NamedTuple):
    """What the wall shows: the day, the one before, and the minute of the day."""

    today: date
    yesterday: date
    minute: int


def covers(shift: Shift, at: datetime, time_zone: str) -> bool:
    """Whether a shift covers an instant, by the wall clock of the time zone; the end is excluded.

    A shift with `on` is single, or comes by its `rule` from then on; one with only `weekday` is
    weekly; without either it covers nothing.
    Raises `RosterFault` for a start or end that is not "HH:MM".
    """
    return _covers(shift, _read(at, time_zone))


def covering(shifts: Iterable[Shift], at: datetime, time_zone: str) -> list[bool]:
    """Of each of these shifts, whether it covers the instant."""
    wall = _read(at, time_zone)
    return [_covers(shift, wall) for shift in shifts]


def on_call(
    place: Neighbourhood,
    at: datetime,
    shifts: Iterable[Shift],
    overrides: Iterable[Override],
    people: Mapping[PersonId, Person],
) -> frozenset[PersonId]:
    """The members who are on call in a neighbourhood at an instant.

    Shifts put people on; then each person's newest override that covers the instant decides
    (`made_at`, then id; one without `made_at` is the oldest). An override without neighbourhood
    puts a person on in their own `neighbourhoods`, and takes them off everywhere. People who
    were removed, or are no members, never are. One pass over shifts and overrides.
    """
    wall = _read(at, place.time_zone)
    on = {s.person for s in shifts if s.neighbourhood == place.id and _covers(s, wall)}
    return overridden(on, place, at, overrides, people)


def overridden(
    on: Iterable[PersonId],
    place: Neighbourhood,
    at: datetime,
    overrides: Iterable[Override],
    people: Mapping[PersonId, Person],
) -> frozenset[PersonId]:
    """Of those whom shifts put on call there, and those whom overrides do, the members who are."""
    on = set(on)
    newest: dict[PersonId, Override] = {}
    for override in overrides:
        if override.start <= at < override.end and _bears_on(override, place.id, people):
            before = newest.get(override.person)
            if before is None or _age(before) < _age(override):
                newest[override.person] = override
    for person, override in newest.items():
        if override.available:
            on.add(person)
        else:
            on.discard(person)
    known = [people[id] for id in on if id in people]
    return frozenset([who.id for who in known if who.member])


def next_change(
    place: Neighbourhood,
    at: datetime,
    shifts: Iterable[Shift],
    overrides: Iterable[Override],
) -> datetime | None:
    """The next instant after `at` at which the on-call set of a neighbourhood can change.

    None when no shift and no override is ahead. It may name an instant at which nothing changes
    after all; it never misses one, as long as the records and people stay as they are.
    """
    now = wall(at, place.time_zone).replace(tzinfo=None)
    midnight = datetime.combine(now, _MIDNIGHT)
    walls: set[datetime] = set()
    for shift in shifts:
        if shift.neighbourhood == place.id:
            walls.update(_boundaries(shift, midnight))
    # No clock change is as long as a day.
    since = now - _DAY
    instants = _ahead([w for w in walls if w > since], at, zone(place.time_zone))
    for override in overrides:
        if override.neighbourhood in (None, place.id):
            instants.extend(instant for instant in (override.start, override.end) if instant > at)
    return min(instants, default=None)


def _ahead(walls: Iterable[datetime], at: datetime, tz: ZoneInfo) -> list[datetime]:
    """Instants after `at` of these wall times, the earliest of all among them.

    No clock change is as long as a day: what is further off on the wall needs no conversion.
    """
    found: list[datetime] = []
    enough: datetime | None = None
    for shown in sorted(walls):
        if enough is not None and shown > enough:
            break
        ahead = [instant for instant in _instants(shown, tz) if instant > at]
        if ahead and enough is None:
            enough = shown + _DAY
        found.extend(ahead)
    return found


def _read(at: datetime, time_zone: str) -> _Reading:
    local = wall(at, time_zone)
    today = local.date()
    return _Reading(today, today - _DAY, local.hour * 60 + local.minute)


def _covers(shift: Shift, wall: _Reading) -> bool:
    start, end = _minute(shift.start), _minute(shift.end)
    if start < end:
        return start <= wall.minute < end and _begins_on(shift, wall.today)
    if wall.minute >= start and _begins_on(shift, wall.today):
        return True
    return wall.minute < end and _begins_on(shift, wall.yesterday)


def _begins_on(shift: Shift, day: date) -> bool:
    if shift.rule and shift.on is not None:
        return day not in shift.skips and recurring.occurs(shift.rule, shift.on, day)
    if shift.on is not None:
        return shift.on == day
    return shift.weekday == day.weekday()


def _bears_on(override: Override, place: Place, people: Mapping[PersonId, Person]) -> bool:
    if override.neighbourhood is not None:
        return override.neighbourhood == place
    if not override.available:
        return True
    person = people.get(override.person)
    return person is not None and place in person.neighbourhoods


def _age(override: Override) -> tuple[datetime, str]:
    return override.made_at or _EARLIEST, override.id


def _boundaries(shift: Shift, midnight: datetime) -> list[datetime]:
    """The wall times at which a shift last began, or next begins, and ends.

    The last time too: a clock that goes back at midnight shows the end of a day twice. `midnight`
    is the wall's that last was.
    """
    days: tuple[date, ...] = ()
    begin, length = _hours(shift.start, shift.end)
    if shift.rule and shift.on is not None:
        days = recurring.around(shift.rule, shift.on, midnight.date())
    elif shift.on is not None:
        days = (shift.on,)
    elif shift.weekday is not None:
        latest = midnight - _DAYS[(midnight.weekday() - shift.weekday) % 7] + begin
        return [latest, ended := latest + length, latest + _WEEK, ended + _WEEK]
    begins = [datetime.combine(day, _MIDNIGHT) + begin for day in days]
    return [*begins, *[one + length for one in begins]]


@lru_cache(maxsize=4096)
def _hours(start: str, end: str) -> tuple[timedelta, timedelta]:
    """How long after midnight a shift begins, and how long it is."""
    begin = _minute(start)
    length = (_minute(end) - begin) % (24 * 60) or 24 * 60
    return timedelta(minutes=begin), timedelta(minutes=length)


@lru_cache(maxsize=4096)
def _minute(text: str) -> int:
    """The minute of the day of "HH:MM"."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    if match is None:
        raise RosterFault("a shift's start and end are written HH:MM, for example 18:00")
    return int(match[1]) * 60 + int(match[2])


# --- wall time to instants ------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _instants(wall: datetime, tz: ZoneInfo) -> tuple[datetime, ...]:
    """The instants at which the clock shows a wall time, or jumps over it or back before it.

    Shifts of a whole city begin and end at the same few times.
    """
    early = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    late = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    if early == late:
        return (early,)
    change = _change(min(early, late), max(early, late), tz)
    return (early, change, late) if early < late else (change,)


def _change(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """The instant of the one clock change in between: the first second with the new offset."""
    old = before.astimezone(tz).utcoffset()
    low, high = 0, int((after - before) / _SECOND)
    while low + 1 < high:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(tz).utcoffset() == old:
            low = middle
        else:
            high = middle
    return before + high * _SECOND


def _first(wall: datetime, tz: ZoneInfo, after: datetime = _EARLIEST) -> datetime:
    """The first instant after `after` at which the clock shows `wall` or jumps over it.

    The last such instant if all of them are past.
    """
    instants = _instants(wall, tz)
    shown = instants if len(instants) == 1 else (instants[0], instants[-1])
    return next((instant for instant in shown if instant > after), shown[-1])


def instant(wall: datetime, time_zone: str) -> datetime:
    """The first instant (UTC) at which the clock there shows this naive time, or jumps over it."""
    return _first(wall, zone(time_zone))


# --- limits ---------------------------------------------------------------------------------------


def past_limit(person: Person, care: Care, at: datetime, limits: Limits, time_zone: str) -> bool:
    """Whether somebody got as many pages in this night as they, or the network, allow."""
    own = person.pages_a_night
    most = limits.pages_a_night if own is None else min(own, limits.pages_a_night)
    if len(care.paged_at) < most or at < night_of(at, time_zone)[0]:
        return False
    return pages_tonight(care, at, time_zone) >= most


def night_of(at: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The night of an instant, from 18:00 to 10:00 local (UTC, end excluded).

    By day the night that follows; so it is night exactly when the start is not after `at`.
    """
    local = wall(at, time_zone)
    evening = local.date() if local.time() >= NIGHT_UNTIL else local.date() - _DAY
    return _night(evening, time_zone)


@lru_cache(maxsize=256)
def _night(evening: date, time_zone: str) -> tuple[datetime, datetime]:
    tz = zone(time_zone)
    start = _first(datetime.combine(evening, NIGHT_FROM), tz)
    return start, _first(datetime.combine(evening + _DAY, NIGHT_UNTIL), tz)


def pages_tonight(care: Care, at: datetime, time_zone: str) -> int:
    """How many pages a person got in the night of `at` (by day: none yet)."""
    start, end = night_of(at, time_zone)
    return sum(1 for paged in care.paged_at if start <= paged < end)


# --- what people write ----------------------------------------------------------------------------

_UNTIL: Final = re.compile(r"^(?:(?:until|till?|to|hasta|al?|las?|el|at)\b\s*)+")
_FOR: Final = re.compile(r"^(?:for|por|durante)\s+")
_NAMED: Final = {"midnight": 0, "medianoche": 0, "noon": 720, "midday": 720, "mediodia": 720}
_CLOCK: Final = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?(?:\s?h(?:rs?|oras)?)?"
    r"\s*(am|pm|de la (?:manana|madrugada|tarde|noche))?",
    re.ASCII,
)
_LENGTH: Final = re.compile(
    r"(?:(\d{1,3}(?:[.,]\d{1,2})?|an?|una?)\s*(?:h|hrs?|hours?|horas?))?"
    r"\s*(?:(?:and|y)\s+)?(?:(\d{1,4})\s*(?:m|mins?|minutes?|minutos?)?)?",
    re.ASCII,
)
_HALVES: Final = {
    "half an hour": 30,
    "an hour and a half": 90,
    "media hora": 30,
    "hora y media": 90,
    "una hora y media": 90,
}
_LATE: Final = re.compile(r"(?:1[3-9]|2[0-3])\s?h(?:\d{2})?", re.ASCII)
_WEEKDAYS: Final = (
    ("mon", "monday", "mondays", "lun", "lunes"),
    ("tue", "tues", "tuesday", "tuesdays", "mar", "martes"),
    ("wed", "weds", "wednesday", "wednesdays", "mie", "miercoles"),
    ("thu", "thur", "thurs", "thursday", "thursdays", "jue", "jueves"),
    ("fri", "friday", "fridays", "vie", "viernes"),
    ("sat", "saturday", "saturdays", "sab", "sabado", "sabados"),
    ("sun", "sunday", "sundays", "dom", "domingo", "domingos"),
)
_WEEKDAY: Final = {name: day for day, names in enumerate(_WEEKDAYS) for name in names}


def parse_until(text: str, now: datetime, time_zone: str) -> datetime | None:
    """The instant that a person means by "until 22:00", "10pm", "3h", "hasta la medianoche".

    A time of day is the next one ahead in the person's time zone; a length counts from `now`.
    "13h" to "23h" are read as times, as they are written in Spanish; "12h" is a length. The answer
    is after `now` and at most 24 hours ahead; None where the text is neither a time nor a length,
    or is a length of nothing or of more than that.
    """
    said = plain(text)
    named = _UNTIL.sub("", said)
    if named == said and not _LATE.fullmatch(said):
        length = _length(_FOR.sub("", said))
        if length is not None:
            return now + length if timedelta(0) < length <= _DAY else None
    minute = _clock(named)
    if minute is None:
        return None
    tz = zone(time_zone)
    midnight = datetime.combine(now.astimezone(tz).date(), time())
    walls = (midnight + timedelta(days=days, minutes=minute) for days in range(3))
    ahead = (instant for wall in walls if (instant := _first(wall, tz, now)) > now)
    return min(next(ahead), now + _DAY)


def parse_shift(text: str, *, id: str, person: PersonId, neighbourhood: Place) -> Shift:
    """The shift that "fri 18:00-22:00", "viernes 18-2" or "2026-11-27 6pm to midnight" means.

    A weekday (English or Spanish) makes it weekly, a date single. An end that is not after the
    start is on the next day. Raises `RosterFault` with what to write instead.
    """
    day, _, times = plain(text).partition(" ")
    weekday = _WEEKDAY.get(day.rstrip(".,"))
    on = _date(day) if weekday is None else None
    bounds = [
        _clock(part.strip()) for part in re.split(r"\s*[-\u2013\u2014]\s*|\s+(?:to|a)\s+", times)
    ]
    if len(bounds) != 2 or bounds[0] is None or bounds[1] is None:
        raise RosterFault("write the hours after the day as START-END, for example fri 18:00-22:00")
    if bounds[0] == bounds[1] != 0:
        raise RosterFault(
            "start and end are the same: for a whole day write 00:00-24:00, else when it ends"
        )
    return Shift(
        id=id,
        person=person,
        neighbourhood=neighbourhood,
        start=_hhmm(bounds[0]),
        end=_hhmm(bounds[1]),
        weekday=weekday,
        on=on,
    )


def plain(text: str) -> str:
    """Lower case, without accents, with single spaces; "10 p. m." becomes "10 pm"."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    joined = re.sub(r"\b([ap])\.?\s?m\b\.?", r"\1m", kept)
    return " ".join(joined.split()).strip(" .!")


def _clock(text: str) -> int | None:
    """The minute of the day that a time of day means; 24:00 and midnight are 0."""
    if text in _NAMED:
        return _NAMED[text]
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, part = int(match[1]), int(match[2] or 0), match[3] or ""
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    if part:
        if not 1 <= hour <= 12:
            return None
        hour = _hour_of(part, hour)
    return hour % 24 * 60 + minute


def _hour_of(part: str, hour: int) -> int:
    """The hour on the 24-hour clock; Spanish nights reach from six to the small hours."""
    if part == "de la noche":
        return hour % 12 if hour == 12 or hour < 6 else hour + 12
    return hour % 12 + (12 if part in ("pm", "de la tarde") else 0)


def _length(text: str) -> timedelta | None:
    """The length that "3h", "90 min", "1h30" or "media hora" means."""
    if text in _HALVES:
        return timedelta(minutes=_HALVES[text])
    match = _LENGTH.fullmatch(text)
    if match is None or text.isdecimal() or not text:
        return None
    hours, minutes = match[1] or "0", int(match[2] or 0)
    count = 1.0 if hours[0] in "au" else float(hours.replace(",", "."))
    return timedelta(minutes=round(count * 60) + minutes)


def _hhmm(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RosterFault(
            "begin with a weekday, weekdays, weekends, tomorrow or a date like 2026-11-27, then the"
            " hours, for example fri 18:00-22:00"
        ) from None
