"""What is swept away by itself: reports never finished, strangers long silent, members long gone.

Rules it keeps
    * An incident and its reports go by their playbook's retention (`closing.forget`), not here.
    * Nobody is swept who is a member, has an open report, or was written to lately.
    * When somebody was paged, must rest or wrote is kept no longer than it protects them: such
      times would tell for ever who was out in which night.

What it must not know
    Storage, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias, TypeVar

from msgspec.structs import replace

from responder.core import aside, early, halves, unsaid
from responder.core.changes import Changes, Question, Session
from responder.core.desk import Desk
from responder.core.model import Care, Level, MessageId, Person
from responder.core.rehearsing import drills, reaching
from responder.core.spoken import Verb
from responder.core.talk import errands, managing, objecting, phones, pleas, turning
from responder.core.world import World

K = TypeVar("K")
V = TypeVar("V")
Stroke: TypeAlias = Callable[[Desk], None]
"""A part of the sweep that is whole by itself."""

AT_ONCE: Final = 500
"""People, phones and the like that one stroke looks at: a few milliseconds' worth."""
_DESK: Final = frozenset(
    {*managing.VERBS, *turning.VERBS, *objecting.VERBS, *errands.VERBS, Verb.ORDER}
)
"""What coordinators are offered about members, shifts and texts, undoing among it; and what
members are offered against it: after that they give a turn away like any other."""
_DESK_LASTS: Final = timedelta(days=2)
"""What was not pressed for so long is no undoing any more, and its number is free again."""
_COUNTED_FOR: Final = timedelta(days=2)
"""Limits of a night and of a flood look back no further, nor does what was carried lately."""


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
    for stroke in strokes(
        world, unfinished=unfinished, strangers=strangers, reach_every=reach_every
    ):
        stroke(desk)
    return desk.changes


def strokes(
    world: World,
    *,
    unfinished: timedelta,
    strangers: timedelta,
    reach_every: timedelta | None = None,
) -> Iterator[Stroke]:
    """The same sweep in short strokes, each of them whole by itself, in order.

    A stroke may be taken on a world that went on since the one before: it looks at what is there.
    """
    yield partial(_loose_ends, unfinished=unfinished)
    yield from _in_parts(world.devices, lambda now: now.devices, phones.keep_proved)
    yield drills.sweep
    yield reaching.tidy
    if reach_every is not None:
        asked = partial(reaching.ask_in_turn, every=reach_every)
        members = [person.id for person in world.members()]
        yield from _in_parts(members, lambda now: now.everybody, asked)
        yield reaching.tell_monthly
    yield from _in_parts(world.questions.all, lambda now: now.questions.all, _close_old)
    yield _drop_what_is_over
    yield from _in_parts(world.cares, lambda now: now.cares, _fade_cares)
    yield from _in_parts(world.sessions, lambda now: now.sessions, _fade_sessions)
    yield from _in_parts(
        world.everybody, lambda now: now.everybody, partial(_forget_gone, strangers=strangers)
    )


def _in_parts(
    ids: Iterable[K],
    there: Callable[[World], Mapping[K, V]],
    work: Callable[[Desk, Sequence[V]], None],
) -> Iterator[Stroke]:
    """The work on all of these, so many at once; those that are gone by then are left out."""
    every = list(ids)
    for start in range(0, len(every), AT_ONCE):

        def stroke(desk: Desk, some: Sequence[K] = every[start : start + AT_ONCE]) -> None:
            found = there(desk.world)
            work(desk, [found[id] for id in some if id in found])

        yield stroke


def _loose_ends(desk: Desk, unfinished: timedelta) -> None:
    for session in tuple(desk.world.sessions.values()):
        draft = session.draft
        if draft and draft.incident is None and desk.at - draft.begun_at >= unfinished:
            desk.destroy(f"report:{draft.report}")
            desk.put(replace(session, draft=None, question=None, last_text=""))
    oldest = aside.name_of(desk.at - aside.KEPT)
    for name in tuple(desk.world.settings):
        if name.startswith(aside.ASIDE) and name < oldest:
            aside.drop(desk, name)
    halves.sweep(desk)
    early.sweep(desk)
    unsaid.sweep(desk)
    pleas.sweep(desk)


def _close_old(desk: Desk, questions: Sequence[Question]) -> None:
    desk.asking.close_where(
        questions, lambda p: p.action.verb in _DESK and desk.at - p.at >= _DESK_LASTS
    )


def _drop_what_is_over(desk: Desk) -> None:
    for code in tuple(desk.world.codes.values()):
        if code.expires_at <= desk.at:
            desk.delete(code)
    for override in desk.world.overrides():
        if override.end <= desk.at:
            desk.delete(override)


def _forget_gone(desk: Desk, people: Sequence[Person], strangers: timedelta) -> None:
    world = desk.world
    reporters = {s.reporter for i in world.incidents.values() for s in i.sources}
    for person in people:
        if person.id in reporters:
            continue
        if _has_left(person, world):
            last = person.removed_at or person.created_at
        elif _is_stranger(person, world):
            session_of = world.sessions.get(person.id)
            last = session_of.active_at if session_of else person.created_at
        else:
            continue
        if last is not None and desk.at - last >= strangers:
            _forget(desk, person)


def _fade_cares(desk: Desk, cares: Sequence[Care]) -> None:
    """When somebody was paged, or had to rest, goes once it bars them from nothing."""
    since = desk.at - _COUNTED_FOR
    for care in cares:
        left = replace(
            care,
            paged_at=tuple(paged for paged in care.paged_at if paged > since),
            rest_until=_unless_before(desk.at, care.rest_until),
            awake_until=_unless_before(desk.at, care.awake_until),
        )
        if left != care:
            desk.put(left)


def _fade_sessions(desk: Desk, sessions: Sequence[Session]) -> None:
    """When somebody wrote goes; of whoever is no member it tells how long they are silent."""
    since = desk.at - _COUNTED_FOR
    for session in sessions:
        if session.active_at is None or session.active_at > since:
            continue
        person = desk.world.everybody.get(session.person)
        member = person is not None and person.member
        active_at = None if member else session.active_at
        if member or session.recent or session.told_limit_at:
            desk.put(replace(session, recent=(), told_limit_at=None, active_at=active_at))


def _unless_before(since: datetime, then: datetime | None) -> datetime | None:
    return None if then is not None and then <= since else then


def forget_waiting(desk: Desk, person: Person) -> None:
    """Whatever of this person's waits goes: put aside, too early, in part, not unsaid yet."""
    aside.forget(desk, person)
    early.forget(desk, person)
    unsaid.forget(desk, person)
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
        for source in incident.sources:
            session = world.sessions.get(source.reporter)
            if session is not None and session.incident == incident.id:
                # What was begun meanwhile goes on; of this one nothing is known any more.
                desk.put(replace(session, incident=None, last_text=""))
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
    # An earlier stroke of the same broom may just have written it.
    desk.delete(Care(person=person.id))
    desk.delete(person)
    desk.destroy(f"person:{person.id}")
