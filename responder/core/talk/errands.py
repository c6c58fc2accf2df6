"""What a coordinator asks in chat and only the machine can look up: texts of playbooks, numbers.

What it is for
    The question is written down as an `Errand`; whoever has files and the disk at hand does it
    within seconds, and says with one of the `tell_` functions here what was found.

Rules it keeps
    * An errand survives a crash, is done once, and only for somebody who coordinates still.
    * Going back to an older text of a playbook is asked twice, told to the other coordinators,
      and undone with one tap.
    * Titles and faults are for private channels, or sealed.

What it must not know
    Files, storage, the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from responder.core import roster
from responder.core.changes import Action, Setting
from responder.core.desk import Desk
from responder.core.model import Person, PersonId, Record, Role, decode, encode
from responder.core.phrases import say
from responder.core.rosters.coverage import zone_of
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation
from responder.core.world import World

VERBS: Final = frozenset({Verb.TEXTS, Verb.BACK, Verb.BACK_YES})
NAME: Final = "errand:"
"""What the names of errands' settings begin with."""
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_SHOWN: Final = 5
_LONGEST_FAULTS: Final = 1500

Rows = tuple[tuple[Offer, ...], ...]


class Kind(StrEnum):
    """What is wanted."""

    PLAYBOOKS = "playbooks"
    """Which are in force, since when, and what is wrong in the folder."""
    TEXTS = "texts"
    """The texts that are kept of the playbook `arg`."""
    BACK = "back"
    """`arg` is "playbook:number": that text becomes the file again."""
    NUMBERS = "numbers"
    """Of the month `arg`."""


class Errand(Record):
    """Something to look up or to do, for whom, and over which channel they asked."""

    id: str
    kind: Kind
    by: PersonId
    channel: str
    arg: str = ""


class Text(Record):
    """A text of a playbook that is kept: its number, since when, whether it is in force now."""

    playbook: str
    number: int
    since: datetime
    in_force: bool


# --- asking ---------------------------------------------------------------------------------------


def playbooks(talk: Conversation, arg: str) -> None:
    """`/playbooks`: what is in force; with an id, the texts of that one."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif arg in talk.world.playbooks:
        _want(talk, Kind.TEXTS, arg)
    else:
        _want(talk, Kind.PLAYBOOKS)


def numbers(talk: Conversation, arg: str) -> None:
    """`/numbers 2026-11`: that month in numbers; without one, this month."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    zone = roster.zone(zone_of(talk.world, talk.person))
    month = arg.strip() or f"{talk.desk.at.astimezone(zone):%Y-%m}"
    if _MONTH.fullmatch(month):
        _want(talk, Kind.NUMBERS, month)
    else:
        talk.reply(Reply(text=say(talk.person.language, "errand.month")))


def press(talk: Conversation, action: Action) -> None:
    """A coordinator looks at a playbook's texts, or goes back to one of them."""
    kind, _, number = action.arg.partition(":")
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif action.verb == Verb.TEXTS:
        _want(talk, Kind.TEXTS, kind)
    elif action.verb == Verb.BACK_YES:
        _want(talk, Kind.BACK, action.arg)
    else:
        language = talk.person.language
        yes = Offer(
            label=say(language, "errand.button.yes"),
            action=Action(verb=Verb.BACK_YES, arg=action.arg),
        )
        title = _title(talk.world, kind, language)
        text = say(language, "errand.back.sure", title=title, number=number)
        _tell(talk.desk, talk.person, text, talk.inbound.channel, ((yes,),))


def _want(talk: Conversation, kind: Kind, arg: str = "") -> None:
    errand = Errand(
        id=talk.desk.ids.next(),
        kind=kind,
        by=talk.person.id,
        channel=talk.inbound.channel,
        arg=arg,
    )
    talk.desk.put(Setting(name=NAME + errand.id, value=encode(errand).decode()))


# --- doing ----------------------------------------------------------------------------------------


def all_of(world: World) -> tuple[Errand, ...]:
    """Every errand that waits."""
    found = (v for name, v in world.settings.items() if name.startswith(NAME))
    return tuple(decode(value.encode(), Errand) for value in found)


def asker(world: World, errand: Errand) -> Person | None:
    """For whom it is to be done; None where they coordinate no more."""
    person = world.person(errand.by)
    return person if person is not None and person.has(Role.COORDINATOR) else None


def take(desk: Desk, errand: Errand) -> Person | None:
    """The errand is done, or not to be done any more: for whom, None where for nobody."""
    if NAME + errand.id not in desk.world.settings:
        return None
    desk.delete(Setting(name=NAME + errand.id, value=""))
    return asker(desk.world, errand)


def _tell(desk: Desk, to: Person, text: str, channel: str = "", rows: Rows = ()) -> None:
    notice = say(to.language, "errand.notice")
    desk.reply(to, Reply(text=text, notice=notice, rows=rows, sealed=True), channel)


def _title(world: World, kind: str, language: str) -> str:
    playbook = world.playbooks.get(kind)
    return playbook.title.in_(language) if playbook else kind


def tell_playbooks(
    desk: Desk, errand: Errand, newest: Mapping[str, Text], faults: Sequence[str]
) -> None:
    """Which playbooks are in force and since when, and what in the folder is not taken in."""
    to, world = take(desk, errand), desk.world
    if to is None:
        return
    language = to.language
    lines = [say(language, "errand.playbooks", number=len(world.playbooks))]
    rows = []
    for number, kind in enumerate(sorted(world.playbooks), 1):
        text = newest.get(kind)
        line = f"{number}. {_title(world, kind, language)}"
        if text is not None:
            since = _day(desk, to, text.since)
            line += ": " + say(language, "errand.text", number=text.number, since=since)
        lines.append(line)
        label = say(language, "errand.button.texts", number=number)
        rows.append(Offer(label=label, action=Action(verb=Verb.TEXTS, arg=kind)))
    if faults:
        told = "\n".join(faults)[:_LONGEST_FAULTS]
        lines += ["", say(language, "errand.faults"), told]
    else:
        lines.append(say(language, "errand.no_faults"))
    in_rows = tuple(tuple(rows[first : first + 2]) for first in range(0, len(rows), 2))
    _tell(desk, to, "\n".join(lines), errand.channel, in_rows)


def tell_texts(desk: Desk, errand: Errand, texts: Iterable[Text]) -> None:
    """The last texts of one playbook, each that is not in force with a way back to it."""
    to = take(desk, errand)
    if to is None:
        return
    language = to.language
    lines = [say(language, "errand.texts", title=_title(desk.world, errand.arg, language))]
    rows = []
    for text in sorted(texts, key=lambda t: -t.number)[:_SHOWN]:
        since = _day(desk, to, text.since)
        line = say(language, "errand.text", number=text.number, since=since)
        if text.in_force:
            lines.append(f"{line} ({say(language, 'errand.in_force')})")
            continue
        lines.append(line)
        label = say(language, "errand.button.back", number=text.number)
        arg = f"{text.playbook}:{text.number}"
        rows.append((Offer(label=label, action=Action(verb=Verb.BACK, arg=arg)),))
    _tell(desk, to, "\n".join(lines), errand.channel, tuple(rows))


def tell_back(desk: Desk, errand: Errand, before: int) -> None:
    """The older text stands in the file again; `before` is the number of the one that went."""
    to = take(desk, errand)
    if to is None:
        return
    kind, _, number = errand.arg.partition(":")
    desk.audit("playbook.back", kind, to.id, detail=f"to {number}")
    undo = Offer(
        label=say(to.language, "member.button.undo"),
        action=Action(verb=Verb.BACK_YES, arg=f"{kind}:{before}"),
    )
    for other in desk.world.with_role(Role.COORDINATOR):
        language = other.language
        text = say(
            language,
            "errand.back",
            title=_title(desk.world, kind, language),
            number=number,
            by=to.call_sign,
        )
        mine = other.id == to.id
        _tell(desk, other, text, errand.channel if mine else "", ((undo,),) if mine else ())


def tell_fault(desk: Desk, errand: Errand, fault: str) -> None:
    """It cannot be done, and why; the words are those of the machine."""
    to = take(desk, errand)
    if to is not None:
        _tell(desk, to, say(to.language, "errand.fault", fault=fault), errand.channel)


def tell_numbers(
    desk: Desk,
    errand: Errand,
    incidents: str,
    minutes: tuple[str, str],
    kinds: Mapping[str, str],
) -> None:
    """A month in numbers that name nobody: counts as words, as `looking_back.numbers` tells them.

    `minutes` to a team: in the middle, and at most in nine of ten; empty where there are too few.
    """
    to = take(desk, errand)
    if to is None:
        return
    language = to.language
    told = _count(language, incidents)
    lines = [say(language, "errand.numbers", month=errand.arg, incidents=told)]
    if all(minutes):
        middle, most = minutes
        lines.append(say(language, "errand.numbers.minutes", middle=middle, most=most))
    lines += [
        f"{_title(desk.world, kind, language)}: {_count(language, count)}"
        for kind, count in kinds.items()
    ]
    _tell(desk, to, "\n".join(lines), errand.channel)


def _count(language: str, count: str) -> str:
    """A number, "<3", or that it is not told."""
    return count if count[-1:].isdigit() else say(language, "errand.numbers.hidden")


def _day(desk: Desk, reader: Person, at: datetime) -> str:
    return f"{at.astimezone(roster.zone(zone_of(desk.world, reader))):%Y-%m-%d %H:%M}"
