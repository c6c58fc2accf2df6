"""What a drill found: as plain JSON, and in words for coordinators.

Rules it keeps
    * Nobody's "not free" is told: the report knows who is reached, and nothing else of anybody.
    * Whoever has been forgotten since stands in it without a name.

What it must not know
    Storage, the clock.
"""

from __future__ import annotations

from responder.core import reach, roster
from responder.core.model import PersonId
from responder.core.phrases import say
from responder.core.reach import Drill, Try
from responder.core.rehearsing import drills
from responder.core.world import World

_MINUTE_S = 60


def newest(world: World, code: str = "") -> Drill | None:
    """The drill of that code, in any case of letters; without one the last that began."""
    wanted = code.strip().casefold()
    found = (d for d in world.drills.values() if not wanted or d.code.casefold() == wanted)
    return max(found, key=lambda d: d.begun_at, default=None)


def facts(world: World, drill: Drill) -> dict[str, object]:
    """The whole report as plain JSON; times are local, lengths in seconds."""
    zone = roster.zone(_time_zone(world, drill))
    return {
        "code": drill.code,
        "neighbourhood": drill.neighbourhood,
        "playbook": drill.playbook,
        "begun_at": drill.begun_at.astimezone(zone).isoformat(timespec="minutes"),
        "running": drill.ended_at is None,
        "asked": len(drill.asked),
        "reached": len(drill.reached),
        "team": drill.team,
        "teamed_s": drill.teamed_s,
        "tries": [_try(world, one) for one in drill.tries],
        "unreached": [_name(world, p) for p in drills.unreached(drill)],
        "silent": [_name(world, p) for p in drills.silent(drill)],
        "left_out": [
            {"call_sign": _name(world, one.person), "reason": one.reason} for one in drill.left_out
        ],
    }


def _try(world: World, one: Try) -> dict[str, object]:
    return {
        "call_sign": _name(world, one.person),
        "channel": one.channel,
        "arrived": [
            {"channel": a.channel, "seconds": reach.arrival_s(one, a)} for a in one.arrived
        ],
        "failed": one.failed,
        "tap_s": one.tap_s,
        "tapped_on": one.tapped_on,
    }


def words(world: World, drill: Drill, language: str) -> str:
    """The report as people read it, one finding a line."""
    place = world.neighbourhoods.get(drill.neighbourhood)
    begun = drill.begun_at.astimezone(roster.zone(_time_zone(world, drill)))
    head = say(
        language,
        "drill.report.head",
        code=drill.code,
        place=place.name if place else drill.neighbourhood,
        when=f"{begun:%Y-%m-%d %H:%M}",
    )
    numbers = {"reached": len(drill.reached), "asked": len(drill.asked)}
    lines = [head, say(language, "drill.report.sum", **numbers)]
    if drill.ended_at is None:
        lines.append(say(language, "drill.report.goes_on"))
    elif drill.team:
        lines.append(_team(language, drill))
    lines += [line for one in drill.tries for line in _lines(world, language, one)]
    return "\n".join((*lines, *_left(world, language, drill)))


def _team(language: str, drill: Drill) -> str:
    took_s = drill.teamed_s
    params = {"team": drill.team, "playbook": drill.playbook}
    if took_s is None:
        return say(language, "drill.report.no_team", **params)
    return say(language, "drill.report.team", **params, seconds=_length(language, took_s))


def _lines(world: World, language: str, one: Try) -> list[str]:
    """One line a channel: where it arrived, or where it was to arrive and did not."""
    arrivals = {a.channel: reach.arrival_s(one, a) for a in one.arrived}
    lines = []
    for channel in arrivals or (one.channel,):
        took_s = arrivals.get(channel)
        arrival = say(language, "drill.report.not_arrived")
        if took_s is not None:
            arrival = say(language, "drill.report.arrived", seconds=_length(language, took_s))
        line = say(
            language,
            "drill.report.line",
            call_sign=_name(world, one.person),
            channel=channel or "-",
            arrival=arrival,
            tap=_tap(language, one, channel),
        )
        lines.append(line)
    return lines


def _tap(language: str, one: Try, channel: str) -> str:
    if one.tap_s is None:
        return say(language, "drill.report.not_tapped")
    took = _length(language, one.tap_s)
    if one.tapped_on == channel:
        return say(language, "drill.report.tapped", seconds=took)
    return say(language, "drill.report.tapped_on", channel=one.tapped_on, seconds=took)


def _left(world: World, language: str, drill: Drill) -> list[str]:
    """Those whom it did not find, and those whom it did not ask."""
    lines = []
    for key, people in (("unreached", drills.unreached(drill)), ("silent", drills.silent(drill))):
        if people and drill.ended_at is not None:
            names = ", ".join(_name(world, person) for person in people)
            lines.append(say(language, f"drill.report.{key}", names=names))
    if drill.left_out:
        names = ", ".join(
            f"{_name(world, one.person)} ({_reason(language, one.reason)})"
            for one in drill.left_out
        )
        lines.append(say(language, "drill.report.left_out", names=names))
    return lines


_REASONS = frozenset(
    {
        "no-consent",
        "no-private-channel",
        "training",
        "busy",
        "off-call",
        "resting",
        "limit",
        "already-paged",
    }
)


def _reason(language: str, reason: str) -> str:
    return say(language, f"drill.reason.{reason if reason in _REASONS else 'other'}")


def _length(language: str, seconds: int) -> str:
    minutes, rest = divmod(seconds, _MINUTE_S)
    if not minutes:
        return say(language, "drill.seconds", seconds=rest)
    return say(language, "drill.minutes", minutes=minutes, seconds=rest)


def _name(world: World, person: PersonId) -> str:
    found = world.person(person)
    return found.call_sign if found and found.call_sign else "?"


def _time_zone(world: World, drill: Drill) -> str:
    place = world.neighbourhoods.get(drill.neighbourhood)
    return place.time_zone if place else "UTC"
