"""A channel that hears nobody: coordinators learn of it elsewhere, people how to repeat.

What it is for
    A channel is deaf while what people write there does not arrive. A gap is a time in which
    nobody of ours listened, the program's own absence included: what came then may be lost.

Rules it keeps
    * Coordinators are told over every other channel of theirs, in words that say nothing of
      anyone; over the deaf one only where they have no other.
    * Whoever may have written and waits for something is asked to write again: in the middle of a
      report, with an open incident, in a team, asked to come or to confirm a moment before.
      Strangers with nothing open are not written to.
    * They are asked at once, and again `ASKED_EVERY` later at the earliest; coordinators hear at
      once, and every `TOLD_EVERY` at most, of all that lies between as one gap.
    * A short gap in which nobody waited wakes no coordinator, unless others follow soon.
    * What was told when is on disk: a network that starts three times says so once.

What it must not know
    How it was found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from msgspec.structs import replace

from responder.core import days, roster
from responder.core.changes import Prompt, Setting
from responder.core.desk import Desk
from responder.core.model import Level, Person, Record, Role, State, decode, encode
from responder.core.phrases import say
from responder.core.spoken import Reply, Verb
from responder.core.world import World

TOLD_EVERY: Final = timedelta(minutes=10)
ASKED_EVERY: Final = timedelta(minutes=2)
LONG: Final = timedelta(minutes=3)
"""A gap that coordinators hear of though nobody is known to wait: somebody new may have written."""
_LATELY: Final = timedelta(minutes=30)
_MOST: Final = 500
_NAME: Final = "hearing:"
_OVER: Final = frozenset({State.AFTERCARE, State.CLOSED})
_ASKS: Final = frozenset({Verb.ACCEPT, Verb.CONFIRM})
"""What pages and requests ask, and what verifiers are asked."""


class Span(Record):
    """From when to when nothing could come in."""

    since: datetime
    until: datetime


class Hearing(Record):
    """What is known of one channel's ears, and who knows it.

    `lost` is the gap of which people were not told yet, `gap` that of which coordinators were not.
    """

    deaf_since: datetime | None = None
    lost: Span | None = None
    asked_at: datetime | None = None
    gap: Span | None = None
    told_at: datetime | None = None


def hearing(world: World, channel: str) -> Hearing:
    """How this channel hears, as it is on disk."""
    kept = world.settings.get(_NAME + channel)
    return decode(kept.encode(), Hearing) if kept else Hearing()


def began(desk: Desk, channel: str, since: datetime) -> None:
    """Nothing seems to arrive over this channel since then."""
    _tell(desk, channel, "deaf.began", Span(since=since, until=since))
    _keep(desk, channel, replace(hearing(desk.world, channel), deaf_since=since))


def ended(desk: Desk, channel: str) -> None:
    """It hears again: those who heard that it did not hear this too, at once."""
    one = hearing(desk.world, channel)
    if one.deaf_since is None:
        return
    span = _joined(one.gap, Span(since=one.deaf_since, until=desk.at))
    _tell(desk, channel, "deaf.ended", span)
    lost = _joined(one.lost, span)
    one = replace(one, deaf_since=None, gap=None, told_at=desk.at, lost=lost, asked_at=None)
    _keep(desk, channel, one)
    look(desk, channel)


def missed(desk: Desk, channel: str, since: datetime, until: datetime) -> None:
    """Nothing could come in between the two."""
    one, span = hearing(desk.world, channel), Span(since=since, until=until)
    one = replace(one, gap=_joined(one.gap, span), lost=_joined(one.lost, span))
    _keep(desk, channel, one)
    look(desk, channel)


def look(desk: Desk, channel: str) -> None:
    """Tell whoever must hear of a gap by now; nobody while the channel is deaf still."""
    one = hearing(desk.world, channel)
    lost, gap = one.lost, one.gap
    if one.deaf_since is not None:
        return
    if lost is not None and _again_at(one.asked_at, desk.at, ASKED_EVERY) <= desk.at:
        _ask_again(desk, channel, lost)
        one = replace(one, lost=None, asked_at=desk.at)
        _keep(desk, channel, one)
    if gap is None or _again_at(one.told_at, desk.at, TOLD_EVERY) > desk.at:
        return
    if _matters(desk.world, channel, gap):
        _tell(desk, channel, "deaf.gap", gap)
        _keep(desk, channel, replace(one, gap=None, told_at=desk.at))
    elif desk.at - gap.until >= TOLD_EVERY:
        _keep(desk, channel, replace(one, gap=None))


def look_at(world: World, channel: str, now: datetime) -> datetime | None:
    """When `look` has something to do next; None while it has nothing."""
    one = hearing(world, channel)
    if one.deaf_since is not None:
        return None
    due = []
    if one.lost:
        due.append(_again_at(one.asked_at, now, ASKED_EVERY))
    if one.gap:
        dropped = one.gap.until + TOLD_EVERY
        again = _again_at(one.told_at, now, TOLD_EVERY)
        due.append(again if _matters(world, channel, one.gap) else max(again, dropped))
    return min(due, default=None)


def _again_at(before: datetime | None, now: datetime, every: timedelta) -> datetime:
    """When somebody may be told again; where the clock was set back since, now."""
    return now if before is None or before > now else max(before + every, now)


def _keep(desk: Desk, channel: str, one: Hearing) -> None:
    desk.put(Setting(name=_NAME + channel, value=encode(one).decode()))


def _joined(one: Span | None, other: Span) -> Span:
    if one is None:
        return other
    return Span(since=min(one.since, other.since), until=max(one.until, other.until))


# --- people ---------------------------------------------------------------------------------------


def _matters(world: World, channel: str, gap: Span) -> bool:
    """Whether a coordinator could do something about it, or somebody unknown may need them to."""
    open_ones = any(i.state not in _OVER for i in world.incidents.values())
    return gap.until - gap.since >= LONG or open_ones or any(_waiting(world, channel, gap))


def _waiting(world: World, channel: str, gap: Span) -> Iterator[Person]:
    """Who may have written there in that time, and waits for something. Once each."""
    seen = set()
    for person in (*_talking(world, channel, gap), *_asked(world, channel, gap)):
        if person.id not in seen and world.level(person.id) is not Level.BLOCKED:
            seen.add(person.id)
            yield person


def _talking(world: World, channel: str, gap: Span) -> Iterator[Person]:
    """In the middle of a report, with an open one, or in a team, and heard of lately."""
    for session in world.sessions.values():
        person, active = world.person(session.person), session.active_at
        if person is None or session.channel != channel or active is None:
            continue
        waits = session.draft is not None or session.incident is not None
        if (waits and active >= gap.since - _LATELY) or world.busy_in(person.id) is not None:
            yield person


def _asked(world: World, channel: str, gap: Span) -> Iterator[Person]:
    """Asked something about an open incident a moment before; their answer may be on the way."""
    for question in world.questions.all.values():
        person = world.person(question.person)
        if person is None or all(a.channel != channel or a.dead for a in person.addresses):
            continue
        if any(_is_fresh(world, prompt, gap) for prompt in question.prompts):
            yield person


def _is_fresh(world: World, prompt: Prompt, gap: Span) -> bool:
    incident = world.incidents.get(prompt.action.incident) if prompt.action.incident else None
    asked = prompt.action.verb in _ASKS and not prompt.pressed
    open_still = incident is not None and incident.state not in _OVER
    return asked and open_still and gap.since - _LATELY <= prompt.at <= gap.until


def _ask_again(desk: Desk, channel: str, lost: Span) -> None:
    for person in tuple(islice(_waiting(desk.world, channel, lost), _MOST)):
        words = say(person.language, "deaf.repeat", **_clocks(desk, person, lost))
        desk.reply(person, Reply(text=words), channel)


def _tell(desk: Desk, channel: str, key: str, span: Span) -> None:
    for person in desk.world.members():
        if not person.has(Role.COORDINATOR):
            continue
        clocks = _clocks(desk, person, span)
        words = say(person.language, key, channel=channel.capitalize(), **clocks)
        live = dict.fromkeys(a.channel for a in person.addresses if not a.dead)
        others = [name for name in live if name != channel] or list(live)
        for name in others:
            desk.reply(person, Reply(text=words), name)


def _clocks(desk: Desk, person: Person, span: Span) -> dict[str, str]:
    """The two times, as clocks show them where this person is; with days where they differ."""
    places = [p for p in person.neighbourhoods if p in desk.world.neighbourhoods]
    places = places or list(desk.world.neighbourhoods)
    zone = roster.zone(desk.world.neighbourhoods[places[0]].time_zone if places else "UTC")
    local = {
        "since": span.since.astimezone(zone),
        "until": span.until.astimezone(zone),
    }
    one_day = len({at.date() for at in (*local.values(), desk.at.astimezone(zone))}) == 1
    return {
        name: at.strftime("%H:%M")
        if one_day
        else f"{days.shortest(person.language, at.date())} {at:%H:%M}"
        for name, at in local.items()
    }
