"""Incidents as coordinators see and steer them at the machine.

Rules it keeps
    * What is ordered here is ordered by nobody in particular (`by` None): the machine's own line.
    * Words of reports and exact places are shown only where they are asked for; who reported never.
    * An order that finds nothing to change says so (`NotNow`).

What it must not know
    Storage: an incident's story is read elsewhere and only put into words here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from responder.core import events
from responder.core import incident as incidents
from responder.core.admin import args, titles
from responder.core.admin.args import AdminFault, Args, NotNow
from responder.core.changes import StoryLine
from responder.core.desk import Desk
from responder.core.effects import Why
from responder.core.model import Incident, PersonId, State
from responder.core.talk import lessons
from responder.core.world import World

_LONGEST: Final = 1000


class _All(Args):
    all: bool = False


class _Code(Args):
    code: str


class _Show(_Code):
    words: bool = False


class _Lesson(_Code):
    text: str


class _Which(Args):
    id: str


class _Reasoned(_Code):
    reason: str


class _Note(_Code):
    text: str
    to_team: bool = True


class _Accounted(_Code):
    call_sign: str
    reason: str


# --- looking --------------------------------------------------------------------------------------


def listed(desk: Desk, given: Mapping[str, object]) -> object:
    """The open incidents, the newest first; with `all` those that are closed and not forgotten."""
    asked = args.read(_All, given)
    world = desk.world
    found = [i for i in world.incidents.values() if asked.all or i.state is not State.CLOSED]
    found.sort(key=lambda i: i.opened_at, reverse=True)
    return [_line(world, one) for one in found]


def _line(world: World, incident: Incident) -> dict[str, object]:
    zone = _zone(world, incident)
    place = world.neighbourhoods.get(incident.neighbourhood)
    return {
        "code": incident.code,
        "kind": incident.kind,
        "title": titles.of(world, incident),
        "neighbourhood": incident.neighbourhood,
        "where": place.name if place else incident.neighbourhood,
        "state": incident.state.value,
        "drill": incident.drill,
        "opened_at": args.shown(incident.opened_at, zone),
        "team": [_name(world, incident, m.person) for m in incident.team],
        "alarms": sorted({a.kind for a in incident.alarms}),
        "next_due": args.shown(incidents.due(incident), zone),
        "members": [
            {
                "call_sign": _name(world, incident, mate.person),
                "stage": mate.stage.value,
                "role": mate.role,
                "due": args.shown(mate.due, zone),
                "missed": mate.missed,
            }
            for mate in incident.team
        ],
    }


def _zone(world: World, incident: Incident) -> str:
    place = world.neighbourhoods.get(incident.neighbourhood)
    return place.time_zone if place else args.zone_of(world)


def show(desk: Desk, given: Mapping[str, object]) -> object:
    """One incident as it stands; what people told only with `words`."""
    asked = args.read(_Show, given)
    world = desk.world
    incident = args.incident(world, asked.code)
    zone = _zone(world, incident)
    told: dict[str, object] = {}
    if asked.words:
        told = {
            "place": incident.place,
            "words": [" / ".join(filter(None, (w.place, w.text))) for w in incident.words],
        }
    return {
        **_line(world, incident),
        "schema": incident.schema,
        "wanted": incident.wanted,
        "wave": incident.recruiting.wave + 1,
        "reports": [
            {
                "number": number,
                "at": args.shown(source.at, zone),
                "level": source.level.value,
                "counts": source.counts,
                "taken_back": source.gone,
            }
            for number, source in enumerate(incident.sources, 1)
        ],
        "pages": dict(Counter(c.state.value for c in incident.calls)),
        "alarms": [
            {
                "kind": alarm.kind,
                "about": _name(world, incident, alarm.about) if alarm.about else "",
                "repeats": alarm.repeats,
            }
            for alarm in incident.alarms
        ],
        "notes": [
            {
                "at": args.shown(note.at, zone),
                "by": _name(world, incident, note.by),
                "text": note.text,
            }
            for note in incident.notes
        ],
        "outcome": incident.outcome.value if incident.outcome else None,
        "closed_at": args.shown(incident.closed_at, zone),
        "forgotten_at": args.shown(incident.shred_at, zone),
        **told,
    }


def _name(world: World, incident: Incident, person: PersonId | None) -> str:
    """What to call somebody in one incident's papers; whoever reported it has no name there."""
    if person is None:
        return "the machine"
    if any(source.reporter == person for source in incident.sources):
        return "a reporter"
    return args.name_of(world.person(person))


def named(desk: Desk, given: Mapping[str, object]) -> Incident:
    """The incident whose story is asked for."""
    return args.incident(desk.world, args.read(_Code, given).code)


def story(
    world: World, incident: Incident, lines: Iterable[StoryLine]
) -> list[dict[str, str | None]]:
    """The incident's timeline, oldest first, as the machine shows it."""
    zone = _zone(world, incident)
    return [
        {
            "at": args.shown(line.at, zone),
            "name": line.name,
            "about": _name(world, incident, line.about) if line.about else "",
            "by": _name(world, incident, line.by) if line.by else "",
            "detail": line.detail,
        }
        for line in sorted(lines, key=lambda line: line.at)
    ]


# --- steering -------------------------------------------------------------------------------------


def end(desk: Desk, given: Mapping[str, object]) -> object:
    """End it with a reason; said again while people are counted, it closes the count."""
    asked = args.read(_Reasoned, given)
    incident = args.incident(desk.world, asked.code)
    event = events.Ended(at=desk.at, by=None, reason=_words(asked.reason, "reason"))
    return _happen(desk, incident, event)


def note(desk: Desk, given: Mapping[str, object]) -> object:
    """A line on the incident; the team reads it too, unless `to_team` is off."""
    asked = args.read(_Note, given)
    incident = args.incident(desk.world, asked.code)
    text = _words(asked.text, "note")
    event = events.Noted(at=desk.at, by=None, text=text, to_team=asked.to_team)
    return _happen(desk, incident, event)


def lesson(desk: Desk, given: Mapping[str, object]) -> object:
    """Keep what it taught, for when it is forgotten itself."""
    asked = args.read(_Lesson, given)
    incident = args.incident(desk.world, asked.code)
    return lessons.plain(lessons.keep(desk, incident, _words(asked.text, "lesson")))


def lessons_listed(desk: Desk, given: Mapping[str, object]) -> object:
    """Every lesson that is kept, the oldest first."""
    args.read(Args, given)
    return [
        {**lessons.plain(one), "title": titles.of_kind(desk.world, one.kind)}
        for one in lessons.all_of(desk.world)
    ]


def lesson_dropped(desk: Desk, given: Mapping[str, object]) -> object:
    """Forget one lesson, named by the first letters of its id."""
    asked = args.read(_Which, given)
    found = [o for o in lessons.all_of(desk.world) if asked.id and o.id.startswith(asked.id)]
    if len(found) != 1:
        raise AdminFault("Name one lesson by the letters before it: responder incident lessons")
    lessons.drop(desk, found[0])
    return lessons.plain(found[0])


def widen(desk: Desk, given: Mapping[str, object]) -> object:
    """Ask the next wave now, or the whole network once more."""
    incident = args.incident(desk.world, args.read(_Code, given).code)
    return _happen(desk, incident, events.Widened(at=desk.at, by=None))


def leave(desk: Desk, given: Mapping[str, object]) -> object:
    """Everybody in the team is told to leave now, and counted until out."""
    incident = args.incident(desk.world, args.read(_Code, given).code)
    return _happen(desk, incident, events.LeaveOrdered(at=desk.at, by=None))


def accounted(desk: Desk, given: Mapping[str, object]) -> object:
    """Somebody of the team is known to be well, and how; it settles the alarms about them."""
    asked = args.read(_Accounted, given)
    world = desk.world
    incident = args.incident(world, asked.code)
    # Removed members too: whoever was sent out is counted until out.
    team = {p.call_sign.casefold(): p for p in world.people([m.person for m in incident.team])}
    person = team.get(asked.call_sign.strip().casefold())
    if person is None:
        names = [p.call_sign for p in team.values()]
        hint = args.did_you_mean(asked.call_sign, names) if names else " It has no team now."
        raise AdminFault(f"{asked.call_sign!r} is not in the team of {incident.code}.{hint}")
    reason = _words(asked.reason, "reason")
    event = events.AccountedFor(at=desk.at, by=None, person=person.id, reason=reason)
    return _happen(desk, incident, event)


def _words(text: str, what: str) -> str:
    if not text.strip():
        raise AdminFault(f"Give a {what}: it stands in the incident's papers.")
    if len(text) > _LONGEST:
        raise AdminFault(f"Keep the {what} below {_LONGEST} characters.")
    return text.strip()


_NOT_NOW: Final[Mapping[Why, str]] = {
    Why.OVER: "it is over already",
    Why.ALREADY: "that was done already",
    Why.ENOUGH: "nobody is being sought for it",
    Why.NOT_DUE: "nobody is out there for it",
}


def _happen(desk: Desk, incident: Incident, event: events.Event) -> object:
    why = desk.apply(incident, event)
    if why is not None:
        reason = _NOT_NOW.get(why, "it does not fit how it stands")
        raise NotNow(f"Nothing changed on {incident.code}: {reason}. See: responder incident show")
    after = desk.world.incidents.get(incident.id)
    return {
        "code": incident.code,
        "state": after.state.value if after else State.CLOSED.value,
        "notes": [],
    }
