"""What is swept away by itself: reports never finished, strangers long silent, members long gone.

Rules it keeps
    * An incident and its reports go by their playbook's retention (`closing.forget`), not here.
    * Nobody is swept who is a member, has an open report, or was written to lately.

What it must not know
    Storage, the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import aside, early, halves
from responder.core.changes import Changes, Session
from responder.core.desk import Desk
from responder.core.model import Level, MessageId, Person
from responder.core.rehearsing import drills, reaching
from responder.core.spoken import Verb
from responder.core.talk import errands, managing, phones, pleas, turning
from responder.core.world import World

_DESK: Final = frozenset({*managing.VERBS, *turning.VERBS, *errands.VERBS, Verb.ORDER})
"""What coordinators are offered about members, shifts and texts, undoing among it."""
_DESK_LASTS: Final = timedelta(days=2)
"""What was not pressed for so long is no undoing any more, and its number is free again."""


def sweep(
    world: World,
    at: datetime,
    nonce: bytes,
    *,
    unfinished: timedelta,
    strangers: timedelta,
    reach_every: timedelta | None = None,
) -> Changes:
    """Destroy drafts older than `unfinished`; strangers silent, and members gone, for `strangers`.

    Members are asked every `reach_every` whether they are reached; never where it is None.
    """
    desk = Desk(world, at, nonce)
    for session in tuple(world.sessions.values()):
        draft = session.draft
        if draft and draft.incident is None and at - draft.begun_at >= unfinished:
            desk.destroy(f"report:{draft.report}")
            desk.put(replace(session, draft=None, question=None, last_text=""))
    oldest = aside.name_of(at - aside.KEPT)
    for name in tuple(world.settings):
        if name.startswith(aside.ASIDE) and name < oldest:
            aside.drop(desk, name)
    halves.sweep(desk)
    early.sweep(desk)
    pleas.sweep(desk)
    phones.keep_proved(desk)
    drills.sweep(desk)
    reaching.sweep(desk, reach_every)
    desk.asking.close_where(
        tuple(world.questions.all.values()),
        lambda p: p.action.verb in _DESK and at - p.at >= _DESK_LASTS,
    )
    for code in tuple(world.codes.values()):
        if code.expires_at <= at:
            desk.delete(code)
    for override in world.overrides():
        if override.end <= at:
            desk.delete(override)
    reporters = {s.reporter for i in world.incidents.values() for s in i.sources}
    for person in tuple(world.everybody.values()):
        if person.id in reporters:
            continue
        if _has_left(person, world):
            last = person.removed_at or person.created_at
        elif _is_stranger(person, world):
            session_of = world.sessions.get(person.id)
            last = session_of.active_at if session_of else person.created_at
        else:
            continue
        if last is not None and at - last >= strangers:
            _forget(desk, person)
    return desk.changes


def forget_waiting(desk: Desk, person: Person) -> None:
    """Whatever of this person's waits to be worked off goes: put aside, too early, or in part."""
    aside.forget(desk, person)
    early.forget(desk, person)
    halves.forget(desk, person)


def outlived(world: World, at: datetime, nonce: bytes, since: datetime) -> Changes:
    """Destroy incidents that came back from a copy made at `since`, too long ago to be kept.

    However such an incident went on after the copy: had it ended at that moment, the words of its
    reports would be gone by now.
    """
    desk = Desk(world, at, nonce)
    for incident in tuple(world.incidents.values()):
        kept = world.playbook(incident.playbook).retention
        if at - since < timedelta(seconds=min(kept.reports_s, kept.incident_s)):
            continue
        for person in tuple(world.everybody):
            if world.busy_in(person) == incident.id:
                desk.changes.released.append((person, incident.id))
                world.release(person, incident.id)
        desk.shred(incident)
    return desk.changes


def still_shown(world: World) -> frozenset[MessageId]:
    """Messages on screens that are to change or to go, as long as their incident is kept."""
    return frozenset(
        message
        for incident in world.incidents.values()
        for message in (
            *(board.message for board in incident.boards),
            *(call.message for call in incident.calls),
            *incident.served,
        )
    )


def _has_left(person: Person, world: World) -> bool:
    """Whether this member was removed and no incident that is kept knows them any more.

    Whoever was blocked stays known, so as to stay blocked.
    """
    if not person.removed or person.granted is Level.BLOCKED:
        return False
    return not any(
        person.id in (*(c.person for c in i.calls), *(m.person for m in i.team), *i.past)
        for i in world.incidents.values()
    )


def _is_stranger(person: Person, world: World) -> bool:
    return (
        not person.call_sign
        and not person.vouches
        and person.granted is Level.UNKNOWN
        and world.level(person.id) is Level.UNKNOWN
    )


def _forget(desk: Desk, person: Person) -> None:
    desk.asking.close_all(person.id)
    forget_waiting(desk, person)
    desk.delete(Session(person=person.id))
    desk.delete(person)
    desk.destroy(f"person:{person.id}")
