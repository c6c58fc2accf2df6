"""Times that somebody is wanted for: gaps, turns given away, open shifts; and who takes them.

Rules it keeps
    * Those are asked who could take it, and nobody else; whoever is first has it. Not answering
      and saying no are the same, and leave no trace.
    * Who gives a turn away stays on call until somebody takes it.
    * A gap is told once. When nobody could be asked, or nobody took it in time, coordinators know.
    * Whoever was asked and need not answer any more finds the question changed into that, and no
      button under it.
    * Places and times are for private channels; a notice says only that there is something.

What it must not know
    Storage, the clock, what people write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.messages import Message
from responder.core.model import (
    MessageId,
    Person,
    PersonId,
    Place,
    Record,
    Role,
    decode,
    encode,
)
from responder.core.phrases import say
from responder.core.rosters import coverage, turns
from responder.core.rosters.coverage import Coverage
from responder.core.rosters.turns import Turn
from responder.core.spoken import Offer, Reply, Verb
from responder.core.world import World

_NAME: Final = "opening:"
_PATIENCE: Final = timedelta(hours=2)
"""So long people may think before coordinators hear that nobody took it."""
_AT_LATEST: Final = timedelta(hours=3)
"""So long before it begins coordinators hear of it in any case."""
_CHANGE_LASTS: Final = timedelta(hours=1)
"""So long it is tried to change a question that nobody needs to answer any more."""


class Sort(StrEnum):
    """Why somebody is wanted."""

    GAP = "gap"
    GIVEN = "given"
    OPEN = "open"


class Opening(Record):
    """A time in a neighbourhood for which `people` are wanted.

    A gap is open as long as it is one, whoever took it. `giver` hands on a turn of their own.
    """

    id: str
    sort: Sort
    place: Place
    start: datetime
    end: datetime
    made_at: datetime
    giver: PersonId | None = None
    people: int = 1
    lacking: tuple[str, ...] = ()
    taken_by: tuple[PersonId, ...] = ()
    told: bool = False
    """Coordinators know that nobody took it."""
    asked: tuple[tuple[PersonId, MessageId], ...] = ()
    """Who was asked with which message."""


class Refused(StrEnum):
    """Why somebody cannot take or give a time."""

    TAKEN = "taken"
    NOT_NOW = "not-now"
    YOURS = "yours"
    ASKED = "asked"


def all_of(world: World) -> tuple[Opening, ...]:
    """Every time for which somebody is wanted, the earliest first."""
    found = (
        decode(value.encode(), Opening)
        for name, value in world.settings.items()
        if name.startswith(_NAME)
    )
    known = (one for one in found if one.place in world.neighbourhoods)
    return tuple(sorted(known, key=lambda one: (one.start, one.id)))


def find(world: World, id: str) -> Opening | None:
    """The opening of that id, while it is open."""
    return next((one for one in all_of(world) if one.id == id), None)


def _keep(desk: Desk, opening: Opening) -> None:
    desk.put(Setting(name=_NAME + opening.id, value=encode(opening).decode()))


def close(desk: Desk, opening: Opening) -> None:
    """Nobody is wanted for it any more, and nobody can press its buttons."""
    desk.delete(Setting(name=_NAME + opening.id, value=""))
    for person, message in opening.asked:
        _settle(desk, opening, person, message)
    desk.asking.close_where(
        tuple(desk.world.questions.all.values()),
        lambda p: p.action.arg == opening.id and p.action.verb in (Verb.TAKE, Verb.KEEP),
    )


def _settle(desk: Desk, opening: Opening, asked: PersonId, message: MessageId) -> None:
    """Put what became of it in the place of the question that this person was asked."""
    person = desk.world.person(asked)
    if person is None or not person.member:
        return
    language = person.language
    when = turns.shown(desk.world, language, opening.place, opening.start, opening.end)
    key = "roster.taken" if asked in opening.taken_by else "roster.ask.over"
    desk.ask(
        Message(
            id=MessageId(desk.ids.next()),
            to=asked,
            card="reply",
            text=say(language, key, when=when),
            notice=say(language, "roster.notice"),
            created_at=desk.at,
            expires_at=desk.at + _CHANGE_LASTS,
            sealed_under=f"person:{asked}",
            replaces=message,
        ),
        (),
    )


# --- opening --------------------------------------------------------------------------------------


def post(
    desk: Desk,
    sort: Sort,
    place: Place,
    start: datetime,
    end: datetime,
    *,
    giver: PersonId | None = None,
    people: int = 1,
    lacking: tuple[str, ...] = (),
) -> tuple[Opening, int]:
    """Want somebody for a time, and ask those who could take it; how many were asked besides."""
    could = [p for p in candidates(desk.world, place, start, end, lacking) if p.id != giver]
    opening = Opening(
        id=desk.ids.next(),
        sort=sort,
        place=place,
        start=start,
        end=end,
        made_at=desk.at,
        giver=giver,
        people=people,
        lacking=lacking,
        told=not could,
    )
    asked = tuple((person.id, _ask(desk, opening, person)) for person in could)
    opening = replace(opening, asked=asked)
    _keep(desk, opening)
    if sort is Sort.GAP or not could:
        tell_coordinators(desk, f"{sort}" if could else "nobody", opening, asked=len(could))
    return opening, len(could)


def candidates(
    world: World, place: Place, start: datetime, end: datetime, lacking: tuple[str, ...] = ()
) -> tuple[Person, ...]:
    """Who could take that time and has not had all of tonight's pages already."""
    seen = Coverage(world)
    tired = {p.id for p in seen.over_limit(start)}
    could = seen.could_take(place, start, end, lacking)
    return tuple(p for p in could if p.id not in tired)


def _ask(desk: Desk, opening: Opening, person: Person) -> MessageId:
    language = person.language
    when = turns.shown(desk.world, language, opening.place, opening.start, opening.end)
    take = Offer(
        label=say(language, "roster.button.take"), action=Action(verb=Verb.TAKE, arg=opening.id)
    )
    text = say(language, f"roster.ask.{opening.sort}", when=when)
    return tell(desk, person, text, ((take,),))


def tell(
    desk: Desk, person: Person, text: str, rows: tuple[tuple[Offer, ...], ...] = ()
) -> MessageId:
    """A word about the roster to one member; others learn only that there is one."""
    notice = say(person.language, "roster.notice")
    return desk.reply(person, Reply(text=text, notice=notice, rows=rows, sealed=True), "")


def tell_coordinators(desk: Desk, key: str, opening: Opening, **params: object) -> None:
    """Coordinators hear what became of a time, each in their own language and manner of dates."""
    for person in coordinators(desk.world):
        when = turns.shown(desk.world, person.language, opening.place, opening.start, opening.end)
        tell(desk, person, say(person.language, f"roster.told.{key}", when=when, **params))


def coordinators(world: World) -> tuple[Person, ...]:
    """All coordinators, in a settled order."""
    found = world.with_role(Role.COORDINATOR)
    return tuple(sorted(found, key=lambda p: p.call_sign.casefold()))


def give(desk: Desk, turn: Turn) -> tuple[Opening, int] | Refused:
    """Somebody gives one of their turns away: those who could take it are asked."""
    if not turns.holds(desk.world, turn, desk.at):
        return Refused.TAKEN
    if any(
        one.giver == turn.person and one.place == turn.place and _overlap(one, turn.start, turn.end)
        for one in all_of(desk.world)
    ):
        return Refused.ASKED
    desk.audit("shift.give", turn.person, turn.person)
    start = max(turn.start, desk.at)
    return post(desk, Sort.GIVEN, turn.place, start, turn.end, giver=turn.person)


def keep(desk: Desk, person: PersonId, id: str) -> Refused | None:
    """Who gave a turn away keeps it after all, if nobody has taken it."""
    opening = find(desk.world, id)
    if opening is None or opening.giver != person:
        return Refused.TAKEN
    close(desk, opening)
    desk.audit("shift.keep", person, person)
    return None


# --- taking ---------------------------------------------------------------------------------------


def take(desk: Desk, person: Person, id: str) -> Turn | Refused:
    """Whoever says so first has it: an exception to the roster from now, or its start, on."""
    world, opening = desk.world, find(desk.world, id)
    if opening is None or opening.end <= desk.at:
        return Refused.TAKEN
    if person.id == opening.giver:
        return Refused.YOURS
    start = max(opening.start, desk.at)
    if not any(p.id == person.id for p in candidates(world, opening.place, start, opening.end)):
        on = turns.holds(world, Turn(person=person.id, place=opening.place, start=start,
                                     end=opening.end), desk.at)  # fmt: skip
        return Refused.YOURS if on else Refused.NOT_NOW
    if opening.sort is Sort.GAP and not _still_open(world, opening, desk.at):
        close(desk, opening)
        return Refused.TAKEN
    turn = Turn(person=person.id, place=opening.place, start=start, end=opening.end)
    turns.exception(desk, turn, available=True)
    if opening.giver is not None:
        turns.exception(desk, replace(turn, person=opening.giver), available=False)
    desk.audit("shift.take", person.id, person.id, detail=str(opening.sort))
    _taken(desk, replace(opening, taken_by=(*opening.taken_by, person.id)), person)
    return turn


def _taken(desk: Desk, opening: Opening, person: Person) -> None:
    giver = desk.world.person(opening.giver) if opening.giver else None
    if giver is not None and giver.member:
        when = turns.shown(desk.world, giver.language, opening.place, opening.start, opening.end)
        text = say(giver.language, "roster.given", call_sign=person.call_sign, when=when)
        tell(desk, giver, text)
    tell_coordinators(desk, "taken", opening, call_sign=person.call_sign)
    if opening.sort is Sort.GAP:
        done = not _still_open(desk.world, opening, desk.at)
    else:
        done = len(opening.taken_by) >= opening.people
    if done:
        close(desk, opening)
    else:
        _keep(desk, opening)


def _still_open(world: World, opening: Opening, at: datetime) -> bool:
    start = max(opening.start, at)
    gaps = Coverage(world).gaps(opening.place, start, opening.end)
    return any(_overlap(opening, gap.start, gap.end) for gap in gaps)


def _overlap(opening: Opening, start: datetime, end: datetime) -> bool:
    return opening.start < end and start < opening.end


# --- looking ahead --------------------------------------------------------------------------------


def look(desk: Desk, places: Collection[Place] | None = None) -> None:
    """Tell of gaps that nobody was told of, and of times that nobody took; drop what is over.

    Called every few minutes, and at once for the `places` of whoever drops out.
    """
    seen = Coverage(desk.world)
    for place in desk.world.neighbourhoods:
        if places is None or place in places:
            _look_at(desk, place, seen.gaps(place, desk.at, desk.at + coverage.AHEAD))
    if places is None:
        for opening in all_of(desk.world):
            _remind(desk, opening)


def _look_at(desk: Desk, place: Place, gaps: Iterable[coverage.Gap]) -> None:
    gaps = tuple(gaps)
    here = [one for one in all_of(desk.world) if one.place == place]
    for one in here:
        if one.sort is Sort.GAP and not any(_overlap(one, g.start, g.end) for g in gaps):
            close(desk, one)
    for gap in gaps:
        if not any(_overlap(one, gap.start, gap.end) for one in here):
            post(desk, Sort.GAP, place, gap.start, gap.end, lacking=gap.lacking)


def _remind(desk: Desk, opening: Opening) -> None:
    if opening.end <= desk.at:
        close(desk, opening)
        return
    waited = desk.at - opening.made_at >= _PATIENCE
    if not opening.told and waited and opening.start - desk.at <= _AT_LATEST:
        tell_coordinators(desk, "untaken", opening)
        _keep(desk, replace(opening, told=True))
