"""Shifts handed out to a calendar, and taken in from one: all of a file, or nothing.

Rules it keeps
    * Whatever is wrong is told at once, event by event; then nothing has changed.
    * A shift that is there already is passed over, so that a file may come twice.
    * Each member who is put on call by it hears of all their new shifts in one message.
    * Times are the neighbourhood's own; a single event of another zone is converted, one that comes
      again is refused, since the two zones' clocks change on different days.

What it must not know
    The form of a calendar file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import membership, recurring, roster
from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args
from responder.core.admin.shifts import chosen
from responder.core.desk import Desk
from responder.core.model import Neighbourhood, Shift
from responder.core.rosters import telling
from responder.core.world import World

_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST: Final = 2000


def export(desk: Desk, given: Mapping[str, object]) -> object:
    """All shifts that are not over, each with its first day from today, its hours and its rule."""
    world = desk.world
    found = [s for s in chosen(world, given)[0] if s.neighbourhood in world.neighbourhoods]
    membership.tell_of_machine(desk, "export")
    shown = (_out(desk, shift) for shift in sorted(found, key=lambda s: s.id))
    return [one for one in shown if one is not None]


def _out(desk: Desk, shift: Shift) -> dict[str, object] | None:
    zone = desk.world.neighbourhoods[shift.neighbourhood].time_zone
    today = roster.local_date(desk.at, zone)
    on, rule = shift.on, shift.rule
    if on is None:
        weekday = shift.weekday or 0
        on = today + timedelta(days=(weekday - today.weekday()) % 7)
        rule = f"FREQ=WEEKLY;BYDAY={_CODES[weekday]}"
    elif not rule and on < today - timedelta(days=1):
        return None
    return {
        "id": shift.id,
        "call_sign": args.name_of(desk.world.person(shift.person)),
        "neighbourhood": shift.neighbourhood,
        "on": str(on),
        "start": shift.start,
        "end": shift.end,
        "rule": rule,
        "skips": [str(day) for day in shift.skips],
        "time_zone": zone,
    }


class _Event(Args):
    number: int
    call_sign: str
    start: str
    end: str
    neighbourhood: str = ""
    uid: str = ""
    time_zone: str = ""
    rule: str = ""
    skips: tuple[str, ...] = ()


class _Import(Args):
    events: list[_Event]
    neighbourhood: str | None = None
    dry_run: bool = False


def take_in(desk: Desk, given: Mapping[str, object]) -> object:
    """Add a shift for each event; `AdminFault` with every fault, and no change, where one is."""
    asked = args.read(_Import, given)
    if len(asked.events) > _MOST:
        raise AdminFault(f"A file may hold {_MOST} events at most.")
    faults: list[str] = []
    shifts: list[Shift] = []
    for event in asked.events:
        try:
            shifts.append(_shift(desk, event, asked.neighbourhood))
        except (AdminFault, recurring.RuleFault, ValueError) as fault:
            text = str(fault).rstrip(".")
            faults.append(f"Event {event.number}: {text}.")
    if faults:
        raise AdminFault("Nothing was taken in.\n" + "\n".join(faults))
    known = {replace(s, id="") for s in desk.world.shifts()}
    fresh = list({replace(s, id=""): s for s in shifts if replace(s, id="") not in known}.values())
    if not asked.dry_run:
        for shift in fresh:
            desk.put(shift)
            desk.audit("shift.add", shift.person, detail="from a calendar")
        for owner in sorted({shift.person for shift in fresh}):
            telling.many(desk, owner, [s for s in fresh if s.person == owner])
    return {"added": len(fresh), "known": len(shifts) - len(fresh), "dry_run": asked.dry_run}


def _shift(desk: Desk, event: _Event, neighbourhood: str | None) -> Shift:
    world = desk.world
    if not event.call_sign:
        raise AdminFault("its title must be a call sign")
    person = args.member(world, event.call_sign)
    where = args.place(world, event.neighbourhood or neighbourhood or _own(world, event))
    start, end = (datetime.fromisoformat(text) for text in (event.start, event.end))
    if event.time_zone and event.time_zone != where.time_zone:
        if event.rule:
            raise AdminFault(
                f"it comes again in the time of {event.time_zone}, and {where.name} keeps that of"
                f" {where.time_zone}"
            )
        start, end = (_moved(at, event.time_zone, where) for at in (start, end))
    today = roster.local_date(desk.at, where.time_zone)
    if not event.rule and start.date() < today:
        raise AdminFault(f"{start.date()} is over already")
    made = Shift(
        id=desk.ids.next(),
        person=person.id,
        neighbourhood=where.id,
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
        on=start.date(),
        rule=recurring.checked(event.rule, start.date(), today) if event.rule else "",
        skips=tuple(sorted({date.fromisoformat(day) for day in event.skips})),
    )
    return _plain(made)


def _own(world: World, event: _Event) -> str:
    own = args.member(world, event.call_sign).neighbourhoods
    if len(own) != 1:
        raise AdminFault("its place must be a neighbourhood; or say --neighbourhood")
    return own[0]


def _moved(at: datetime, time_zone: str, where: Neighbourhood) -> datetime:
    try:
        there = roster.zone(time_zone)
    except (KeyError, ValueError, OSError):
        raise AdminFault(f"its time zone {time_zone!r} is not known") from None
    local = at.replace(tzinfo=there).astimezone(roster.zone(where.time_zone))
    return local.replace(tzinfo=None)


def _plain(shift: Shift) -> Shift:
    """A rule that says no more than a weekday is the weekly shift that it always was."""
    assert shift.on is not None
    day = shift.on.weekday()
    if shift.rule == f"FREQ=WEEKLY;BYDAY={_CODES[day]}" and not shift.skips:
        return replace(shift, rule="", on=None, weekday=day)
    return shift
