"""A playbook as people will see it: every message of a made-up incident, played to its end.

What it is for
    `shown(playbook, language)` plays two small stories through the real network, one in which all
    goes well and one in which nobody is free, and collects what each reader is sent.

Rules it keeps
    * Nothing is rendered for show: these are the messages that the network would send.
    * The people, the place and the words of the reports are made up, and the same each time.

What it must not know
    The clock, files, and how a message is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from responder.core import network
from responder.core.changes import Changes
from responder.core.messages import Message
from responder.core.model import (
    Address,
    HelpOffer,
    Incident,
    Level,
    Neighbourhood,
    Network,
    Override,
    Person,
    PersonId,
    Place,
    Record,
    Role,
    State,
    Training,
)
from responder.core.phrases import say
from responder.core.playbook import Playbook
from responder.core.spoken import Inbound, Verb
from responder.core.world import World

_START: Final = datetime(2025, 6, 14, 20, 0, tzinfo=UTC)
_PLACE: Final = Place("northside")
_TEAM: Final = ("Heron", "Wren", "Otter", "Badger", "Lapwing", "Siskin", "Plover", "Dunlin")
_UNTIL_NOON: Final = timedelta(hours=8)
_LONGEST: Final = timedelta(days=400)


class Shown(Record):
    """One message as one reader gets it.

    `story` is "well", "nobody" or "offered", in which it is sent; `to` is "reporter",
    "responder", "verifier" or "coordinator"; `after` the time since the report. `notice` is what
    stands on a channel that others read, empty where `text` may.
    """

    story: str
    to: str
    card: str
    after: timedelta
    text: str
    notice: str
    options: tuple[str, ...]


def shown(playbook: Playbook, language: str) -> tuple[Shown, ...]:
    """Every message that this playbook gives rise to in these stories, in order, each once."""
    seen: set[tuple[str, str, str]] = set()
    found: list[Shown] = []
    for story, play in _STORIES.items():
        stage = _Stage(playbook, language)
        play(stage)
        for one in stage.shown(story):
            # Partners read the same but for each other's names, repeats the same but for the time
            # and the number that they count.
            what = (one.to, one.card, re.sub(r"\d+", "1", one.text.split("\n")[0]))
            if what not in seen:
                seen.add(what)
                found.append(one)
    return tuple(found)


def _all_goes_well(stage: _Stage) -> None:
    """Somebody vouched for reports; a team goes, gives signs of life, and comes back."""
    stage.reports("reporter")
    if stage.playbook.offers:
        # The last answer is that none of it helps: so those on call are asked, also now.
        stage.press(Verb.ANSWER, PersonId("reporter"))
    team = stage.everybody[: stage.playbook.team.size]
    for verb in (Verb.ACCEPT, Verb.HAVE_IT, Verb.THERE):
        stage.press(verb, *team)
    stage.press(Verb.DECLINE, *stage.everybody[stage.playbook.team.size :])
    stage.until(State.LEAVING, at_most=stage.playbook.check_in.every_s + 1)
    stage.press(Verb.CHECK_IN, *team)
    stage.press(Verb.DONE, team[0])
    stage.press(Verb.OUT, *team)
    stage.press(Verb.FOLLOW_UP, PersonId("reporter"))
    stage.until(State.CLOSED)


def _nobody_is_free(stage: _Stage) -> None:
    """A stranger reports; a verifier confirms it, and every wave comes to nothing."""
    stage.reports("stranger")
    stage.press(Verb.CONFIRM, PersonId("fox"))
    stage.until(State.CLOSED)


def _somebody_offered(stage: _Stage) -> None:
    """By day, somebody asks for what members have offered; they are asked, and cannot this time."""
    if stage.playbook.offers is None:
        return
    stage.at = stage.began = _START - _UNTIL_NOON
    stage.reports("reporter")
    stage.answer(PersonId("reporter"), stage.playbook.offers.answers[0])
    stage.press(Verb.DECLINE, *stage.everybody)


_STORIES: Final = {
    "well": _all_goes_well,
    "nobody": _nobody_is_free,
    "offered": _somebody_offered,
}


class _Stage:
    """A network in which everybody reads one language, and the clock goes where it is told."""

    def __init__(self, playbook: Playbook, language: str) -> None:
        self.playbook = playbook
        self.language = language
        self.at = self.began = _START
        self.messages: list[tuple[datetime, Message]] = []
        self.numbers = count(1)
        place = Neighbourhood(id=_PLACE, name=say(language, "show.neighbourhood"))
        line = say(language, "show.emergency")
        about = Network(
            name=say(language, "show.network"), languages=(language,), emergency={language: line}
        )
        self.world = World(about, (place,), private_channels=("signal",))
        self.world.playbooks[playbook.id] = self.world.texts[playbook.digest] = playbook
        self.everybody = tuple(PersonId(name.lower()) for name in _TEAM)
        for person in self._people():
            self.world.put(person)
            if person.member:
                self.world.put(_on_call(person))

    def _people(self) -> Iterator[Person]:
        trained = tuple(Training(name=name) for name in self.playbook.team.training)
        for name in _TEAM:
            yield self._member(
                name,
                Role.RESPONDER,
                trainings=trained,
                skills=self.playbook.team.skills,
                experienced=True,
                offers=tuple(self._offers()),
            )
        yield self._member("Fox", Role.VERIFIER)
        yield self._member("Owl", Role.COORDINATOR)
        for name, level in (("reporter", Level.TRUSTED), ("stranger", Level.UNKNOWN)):
            yield Person(
                id=PersonId(name),
                language=self.language,
                addresses=(Address(channel="signal", handle=name),),
                granted=level,
            )

    def _offers(self) -> Iterator[HelpOffer]:
        offers = self.playbook.offers
        for help in offers.answers if offers else ():
            yield HelpOffer(id=help, kind=self.playbook.id, help=help)

    def _member(self, name: str, role: Role, **more: object) -> Person:
        return Person(
            id=PersonId(name.lower()),
            call_sign=name,
            language=self.language,
            addresses=(Address(channel="signal", handle=name),),
            roles=(role,),
            granted=Level.TRUSTED,
            neighbourhoods=(_PLACE,),
            **more,  # type: ignore[arg-type]
        )

    def reports(self, who: str) -> None:
        """This person reports an incident of the playbook's kind."""
        word = self.playbook.triggers.get(
            self.language, next(iter(self.playbook.triggers.values()))
        )
        self._hear(PersonId(who), text=say(self.language, "show.report", what=word[0]))

    def press(self, verb: Verb, *people: PersonId) -> None:
        """Each of them presses the newest answer of this meaning, if there is one."""
        for person in people:
            mine = [p for p in self.world.prompts_of(person) if p.action.verb == verb]
            if mine:
                self._hear(person, token=mine[-1].token)

    def answer(self, person: PersonId, choice: str) -> None:
        """This person gives that answer to the question that waits."""
        mine = self.world.prompts_of(person)
        self._hear(person, token=next(p.token for p in mine if p.action.arg.endswith(f":{choice}")))

    def until(self, state: State, *, at_most: float | None = None) -> None:
        """Let time pass until the incident is there, or for so many seconds."""
        end = self.at + (timedelta(seconds=at_most) if at_most else _LONGEST)
        while self.incident.state is not state:
            due = self.world.next_due()
            if due is None or due > end:
                break
            self.at = max(self.at, due)
            (late, *_) = self.world.due_by(self.at)
            self._keep(network.tick(self.world, late, self.at, self._nonce()))
        if at_most:
            self.at = end

    @property
    def incident(self) -> Incident:
        """The one that there is."""
        (incident,) = self.world.incidents.values()
        return incident

    def shown(self, story: str) -> Iterator[Shown]:
        """What was sent, each message as its reader gets it."""
        for at, message in self.messages:
            yield Shown(
                story=story,
                to=self._reader(message.to),
                card=message.card,
                after=at - self.began,
                text=message.text,
                notice="" if message.open else message.notice,
                options=tuple(choice.label for row in message.rows for choice in row),
            )

    def _reader(self, person: PersonId) -> str:
        roles = self.world.everybody[person].roles
        return roles[0].value if roles else "reporter"

    def _hear(self, person: PersonId, *, text: str = "", token: str = "") -> None:
        self.at += timedelta(seconds=20)
        there = self.world.everybody[person].addresses[0]
        inbound = Inbound(
            channel=there.channel,
            key=str(next(self.numbers)),
            handle=there.handle,
            at=self.at,
            text=text,
            token=token,
            language=self.language,
        )
        self._keep(network.hear(self.world, inbound, self.at, self._nonce()))

    def _keep(self, changes: Changes) -> None:
        self.messages += ((self.at, message) for message in changes.messages)

    def _nonce(self) -> bytes:
        return next(self.numbers).to_bytes(32, "big")


def _on_call(person: Person) -> Override:
    return Override(
        id=f"on-{person.id}",
        person=person.id,
        start=_START - timedelta(hours=1),
        end=_START + _LONGEST,
        available=True,
        made_at=_START,
    )
