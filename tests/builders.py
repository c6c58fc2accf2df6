"""Builders of what tests speak about: members, reports, networks, incidents in every state.

Everybody here is made up. What a builder is not told it fills with what makes no difference:
a member is a trusted, trained, experienced responder on call with a private channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from responder.core import effects, events
from responder.core import incident as incidents
from responder.core.effects import Decision, Effect, Ignored, Tell
from responder.core.events import Event
from responder.core.model import (
    Address,
    Incident,
    IncidentId,
    Level,
    Limits,
    Neighbourhood,
    Network,
    Override,
    Person,
    PersonId,
    Place,
    Report,
    ReportId,
    Role,
    State,
    Training,
)
from responder.core.playbook import Playbook, load
from responder.core.world import World

NOW = datetime(2025, 6, 14, 20, 0, tzinfo=UTC)
"""A Saturday evening: the night that limits count has begun."""

NORTHSIDE, RIVERSIDE = Place("northside"), Place("riverside")
PLACE = "corner of Quill and Third"
WORDS = "two officers search a cyclist"
KINDS = ("copwatch", "de-escalation", "hate-incident")
_SHIPPED = Path(__file__).parents[1] / "playbooks"


class Nonces:
    """A dispatcher's chance for tests: no two alike, and the same ids and codes in every run."""

    def __init__(self) -> None:
        self._drawn = count(1)

    def __call__(self) -> bytes:
        return blake2b(b"%d" % next(self._drawn), digest_size=32).digest()


@cache
def a_playbook(kind: str = "copwatch") -> Playbook:
    """One of the shipped playbooks."""
    text = (_SHIPPED / f"{kind}.yaml").read_text(encoding="utf-8")
    return load(text, f"{kind}.yaml")


def changed(playbook: Playbook, **parts: dict[str, Any]) -> Playbook:
    """The playbook with fields of its parts changed: `changed(p, team={"size": 3})`."""
    update = {
        part: getattr(playbook, part).model_copy(update=fields) for part, fields in parts.items()
    }
    return playbook.model_copy(update=update)


def trained_in_all() -> tuple[Training, ...]:
    """Every training that a shipped playbook asks for, without end."""
    names = {name for kind in KINDS for name in a_playbook(kind).team.training}
    return tuple(Training(name=name) for name in sorted(names))


def a_member(call_sign: str, **changes: Any) -> Person:
    """A member: responder, trusted, trained, experienced, reached privately, at northside."""
    member = Person(
        id=PersonId(call_sign.lower()),
        call_sign=call_sign,
        addresses=(Address(channel="signal", handle=f"+1555{call_sign.lower()}"),),
        roles=(Role.RESPONDER,),
        granted=Level.TRUSTED,
        experienced=True,
        trainings=trained_in_all(),
        neighbourhoods=(NORTHSIDE,),
    )
    return replace(member, **changes)


def a_reporter(name: str, level: Level = Level.TRUSTED, **changes: Any) -> Person:
    """Somebody who is no member; `level` as a coordinator gave it."""
    person = Person(
        id=PersonId(name),
        addresses=(Address(channel="signal", handle=f"+1999{name}"),),
        granted=level,
    )
    return replace(person, **changes)


def neighbourhoods() -> tuple[Neighbourhood, ...]:
    """Two that adjoin."""
    north = Neighbourhood(id=NORTHSIDE, name="Northside", adjacent=(RIVERSIDE,))
    return north, Neighbourhood(id=RIVERSIDE, name="Riverside", adjacent=(NORTHSIDE,))


def a_network(
    *people: Person,
    playbooks: Iterable[Playbook] = (),
    limits: Limits | None = None,
    on_call: bool = True,
) -> World:
    """A network of these people; members are on call from an hour ago for a day."""
    network = Network(name="Demo Watch", emergency={"en": "Call 911.", "es": "Llama al 911."})
    world = World(network, neighbourhoods(), limits, private_channels=("signal",))
    for playbook in tuple(playbooks) or tuple(map(a_playbook, KINDS)):
        put_playbook(world, playbook)
    for person in people:
        world.put(person)
        if on_call and person.member:
            world.put(on_call_now(person))
    return world


def put_playbook(world: World, playbook: Playbook) -> None:
    """From now on incidents of this kind open with this text."""
    world.playbooks[playbook.id] = playbook
    world.texts[playbook.digest] = playbook


def on_call_now(person: Person, at: datetime = NOW) -> Override:
    """On call from an hour before `at` until a day after it."""
    return Override(
        id=f"on-{person.id}",
        person=person.id,
        start=at - timedelta(hours=1),
        end=at + timedelta(days=1),
        available=True,
        made_at=at - timedelta(hours=1),
    )


def a_report(reporter: PersonId, **changes: Any) -> Report:
    """A report of a police stop at northside, with words and an exact place."""
    report = Report(
        id=ReportId(f"report-{reporter}"),
        reporter=reporter,
        at=NOW,
        kind="copwatch",
        neighbourhood=NORTHSIDE,
        incident=IncidentId("i1"),
        text=WORDS,
        place=PLACE,
    )
    return replace(report, **changes)


def filed(world: World, report: Report, at: datetime = NOW, id: str = "i1") -> events.Filed:
    """The event with which that report opens an incident of its own."""
    playbook = world.playbooks[report.kind]
    return events.Filed(
        at=at,
        incident=IncidentId(id),
        code=id.upper(),
        report=report,
        playbook=playbook.digest,
        schema=playbook.schema_version,
    )


class Story:
    """One incident decided step after step over a world, which follows each decision.

    `told` holds what the last step told, `effects` all that followed from it.
    """

    def __init__(self, world: World, report: Report, at: datetime = NOW) -> None:
        self.world = world
        self.at = at
        self.effects: tuple[Effect, ...] = ()
        self.incident = self._take(incidents.decide(None, filed(world, report, at), world))

    def _take(self, decision: Decision | Ignored) -> Incident:
        assert isinstance(decision, Decision), f"nothing changed: {decision}"
        self.effects = decision.effects
        self.world.put(decision.incident)
        for effect in decision.effects:
            if isinstance(effect, effects.Assign):
                self.world.assign(effect.person, decision.incident.id)
            elif isinstance(effect, effects.Release):
                self.world.release(effect.person, decision.incident.id)
        return decision.incident

    def offer(self, event: Event) -> Decision | Ignored:
        """What this event would do; nothing follows it."""
        return incidents.decide(self.incident, event, self.world)

    def then(self, event: Event) -> Story:
        """Let this event happen; it must change something."""
        self.at = max(self.at, event.at)
        self.incident = self._take(self.offer(event))
        return self

    def by(self, kind: type[Any], *people: str, **fields: Any) -> Story:
        """The same event by each of these people, a second apart."""
        for person in people:
            self.at += timedelta(seconds=1)
            self.then(kind(at=self.at, by=PersonId(person), **fields))
        return self

    def wait(self) -> Story:
        """Jump to the next deadline, and let what is due happen."""
        due = incidents.due(self.incident)
        assert due is not None, "nothing is due any more"
        return self.then(events.Due(at=max(due, self.at)))

    @property
    def told(self) -> list[tuple[str, str]]:
        """Whom the last step told what, boards left out."""
        tells = (e for e in self.effects if isinstance(e, Tell))
        return [(t.to, t.card.value) for t in tells if t.card is not effects.Card.BOARD]

    def hears(self, person: str) -> list[str]:
        """What the last step told this person."""
        return [card for to, card in self.told if to == person]


HERON, WREN, OTTER, BADGER = "heron", "wren", "otter", "badger"
OWL, FOX = "owl", "fox"


def a_small_network(**kwargs: Any) -> World:
    """Heron, Wren, Otter respond; Badger is new; Owl coordinates, Fox verifies; r is trusted.

    x is unknown, k was let in by Fox.
    """
    return a_network(
        a_member("Heron"),
        a_member("Wren"),
        a_member("Otter"),
        a_member("Badger", experienced=False),
        a_member("Owl", roles=(Role.COORDINATOR,)),
        a_member("Fox", roles=(Role.VERIFIER,)),
        a_reporter("r"),
        a_reporter("x", Level.UNKNOWN),
        a_reporter("k", Level.KNOWN, granted_by=PersonId(FOX)),
        **kwargs,
    )


def an_incident(state: State = State.PAGING, world: World | None = None) -> Story:
    """An incident that has come to this state by a true story: Heron and Wren go."""
    world = world or a_small_network()
    if state is State.HELD:
        return Story(world, a_report(PersonId("x")))
    story = Story(world, a_report(PersonId("r")))
    steps: tuple[tuple[State, type[Any]], ...] = (
        (State.BRIEFING, events.Accepted),
        (State.OUT, events.HaveIt),
        (State.LEAVING, events.Done),
        (State.AFTERCARE, events.OutSafe),
    )
    for reached, event in steps:
        if story.incident.state is state:
            return story
        people = (HERON,) if event is events.Done else (HERON, WREN)
        story.by(event, *people)
        assert story.incident.state is reached
    return story if state is State.AFTERCARE else story.wait()
