"""A way to a person: words that fit no kind go to the coordinators, and an answer comes back.

Rules it keeps
    * Nobody is paged by it. Coordinators read the words over private channels alone, without who
      wrote them; the first who takes it answers; whoever taps later is told so, as long as that
      first one coordinates still.
    * All of it is sealed under the key of the draft: it goes with `/forget`, when the draft is
      swept, when a report is made of it after all, and at the latest after a day.
    * Whoever asked hears when somebody takes it, and if nobody did.
    * One at a time a person, and not more at once than the network reads of unknown people; what
      one of them goes on writing comes to an end as well, and is told as any words are from then.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Action, Setting
from responder.core.clean import quote
from responder.core.desk import Desk
from responder.core.messages import Message, Urgency
from responder.core.model import (
    Level,
    MessageId,
    Person,
    PersonId,
    Record,
    ReportId,
    Role,
    decode,
    encode,
)
from responder.core.phrases import say
from responder.core.spoken import Offer, Verb
from responder.core.world import World

PLEA: Final = "plea:"
LASTS: Final = timedelta(days=1)
_MOST_WORDS: Final = 2000
_MOST_SENT: Final = 100
"""Messages that carry one person's words, to all coordinators together: nobody floods them."""
_NEXT: Final = timedelta(hours=1)
"""After that long an answer is not sent any more."""


class Plea(Record):
    """Somebody who waits for a person. `sent`: the messages that carry their words."""

    report: ReportId
    person: PersonId
    channel: str
    begun_at: datetime
    taken_by: PersonId | None = None
    answered: bool = False
    sent: tuple[MessageId, ...] = ()


def of(world: World, person: PersonId) -> Plea | None:
    """What this person asked and what is not over yet."""
    return next((one for one in _all(world) if one.person == person), None)


def _all(world: World) -> Iterator[Plea]:
    for name, value in tuple(world.settings.items()):
        if name.startswith(PLEA):
            yield decode(value.encode(), Plea)


def _find(world: World, report: str) -> Plea | None:
    value = world.settings.get(PLEA + report)
    return decode(value.encode(), Plea) if value else None


def _keep(desk: Desk, plea: Plea) -> None:
    value = encode(plea).decode()
    desk.put(Setting(name=PLEA + plea.report, value=value, sealed_under=f"report:{plea.report}"))


# --- asking ---------------------------------------------------------------------------------------


def begin(desk: Desk, person: Person, channel: str, report: ReportId, text: str) -> str:
    """Hand the words on; which phrase (`plea.*`) tells the person what came of it."""
    if of(desk.world, person.id) is not None:
        return "already"
    if sum(1 for _ in _all(desk.world)) >= desk.world.limits.unknown_held:
        return "many"
    if not list(_readers(desk.world, person)):
        return "nobody"
    _keep(desk, Plea(report=report, person=person.id, channel=channel, begun_at=desk.at))
    more(desk, person, text)
    return "asked"


def _readers(world: World, person: Person) -> Iterator[Person]:
    for other in sorted(world.with_role(Role.COORDINATOR), key=lambda p: p.id):
        apart = other.id in person.keep_apart or person.id in other.keep_apart
        blocked = world.level(other.id) is Level.BLOCKED
        if other.id != person.id and world.private(other) and not apart and not blocked:
            yield other


def may_leave(world: World, message: Message) -> bool:
    """Whether its reader may still read the plea that this message carries, if it carries one."""
    plea = _find(world, message.sealed_under.removeprefix("report:"))
    asker = world.person(plea.person) if plea else None
    if asker is None or asker.id == message.to:
        return True
    return any(other.id == message.to for other in _readers(world, asker))


def more(desk: Desk, person: Person, text: str) -> bool:
    """What this person writes goes to who took it, or to all; False where nobody is asked.

    Where whoever took it may read no pleas any more, it is there to be taken again.
    """
    plea = of(desk.world, person.id)
    readers = tuple(_readers(desk.world, person))
    if plea is None or not readers or len(plea.sent) >= _MOST_SENT:
        return False
    if all(other.id != plea.taken_by for other in readers):
        plea = replace(plea, taken_by=None)
    told = quote(text, _MOST_WORDS)
    wordless = "plea.wordless"
    for other in readers:
        if plea.taken_by not in (None, other.id):
            continue
        verb = Verb.TAKE_PLEA if plea.taken_by is None else Verb.ANSWER_PLEA
        key = "told" if plea.taken_by is None else "more"
        words = say(other.language, f"plea.{key}", text=told or say(other.language, wordless))
        sent = _send(desk, plea, other, words, verb)
        plea = replace(plea, sent=(*plea.sent, sent))
    _keep(desk, plea)
    return True


def _send(desk: Desk, plea: Plea, to: Person, text: str, *verbs: Verb) -> MessageId:
    """A word to a coordinator, sealed with the draft that it quotes."""
    message = MessageId(desk.ids.next())
    rows = tuple(
        (
            Offer(
                label=say(to.language, f"plea.button.{verb}"),
                action=Action(verb=verb, arg=plea.report),
            ),
        )
        for verb in verbs
    )
    content = Message(
        id=message,
        to=to.id,
        card="reply",
        text=text,
        notice=say(to.language, "plea.notice"),
        created_at=desk.at,
        expires_at=plea.begun_at + LASTS,
        sealed_under=f"report:{plea.report}",
        urgency=Urgency.NEWS,
    )
    desk.ask(content, rows)
    return message


def follow(desk: Desk, old: PersonId, new: PersonId) -> None:
    """Whoever asked turns out to be a member: what they asked is that member's from now on."""
    plea = of(desk.world, old)
    if plea is not None:
        _keep(desk, replace(plea, person=new))


# --- answering ------------------------------------------------------------------------------------


def take(desk: Desk, by: Person, report: str) -> str:
    """A coordinator takes it: who asked hears so. The phrase for the coordinator."""
    plea = _find(desk.world, report)
    asker = desk.world.person(plea.person) if plea else None
    readers = {other.id for other in _readers(desk.world, asker)} if asker else set()
    if plea is None or by.id not in readers:
        return "over"
    if plea.taken_by != by.id and plea.taken_by in readers:
        return "taken"
    plea = replace(plea, taken_by=by.id)
    _keep(desk, plea)
    desk.audit("plea.take", by=by.id)
    _tell(desk, plea, "somebody")
    sent = _send(desk, plea, by, say(by.language, "plea.yours"), Verb.ANSWER_PLEA)
    _keep(desk, replace(plea, sent=(*plea.sent, sent)))
    return ""


def answer(desk: Desk, by: Person, report: str, text: str) -> str:
    """The coordinator's words go to who asked, without a name."""
    plea = _find(desk.world, report)
    if plea is None or plea.taken_by != by.id or not by.has(Role.COORDINATOR):
        return "over"
    _keep(desk, replace(plea, answered=True))
    _tell(desk, plea, "answer", text=quote(text, _MOST_WORDS))
    return "sent"


def _tell(desk: Desk, plea: Plea, key: str, **params: object) -> None:
    person = desk.world.person(plea.person)
    if person is None:
        return
    words = say(person.language, f"plea.{key}", **params)
    desk.changes.messages.append(
        Message(
            id=MessageId(desk.ids.next()),
            to=person.id,
            card="reply",
            text=words,
            open=True,
            channel=plea.channel,
            only=True,
            created_at=desk.at,
            expires_at=desk.at + _NEXT,
            sealed_under=f"person:{person.id}",
            urgency=Urgency.NEWS,
        )
    )


# --- the end --------------------------------------------------------------------------------------


def over(desk: Desk, report: str) -> None:
    """It is answered otherwise, or forgotten: its words go from the coordinators' screens."""
    plea = _find(desk.world, report)
    if plea is None:
        return
    for message in plea.sent:
        desk.asking.close(message)
        desk.changes.withdrawn.append(message)
        desk.changes.recalled.append(message)
    desk.delete(Setting(name=PLEA + report, value=""))


def sweep(desk: Desk) -> None:
    """A day is long enough: who was never answered hears so, and all of it goes."""
    drafts = {s.draft.report for s in desk.world.sessions.values() if s.draft}
    for plea in _all(desk.world):
        if desk.at - plea.begun_at < LASTS and plea.report in drafts:
            continue
        if not plea.answered:
            # Also where the same broom has just taken the draft, begun a little earlier.
            _tell(desk, plea, "late")
        over(desk, plea.report)
