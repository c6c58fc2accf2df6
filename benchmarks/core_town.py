"""A made-up network of a given size, and the nights on which something happens in it.

For `core_speed.py`. Members are on call by weekly shifts and let in by vouches, as in a real
network; each neighbourhood has its verifiers. `History` plays one incident a night, from a first
report by somebody unknown to the forgotten record, and keeps what was put into the core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import blake2b
from itertools import islice, product
from typing import Final, Protocol
from unittest.mock import patch

from responder import shipped
from responder.core import incident as incidents
from responder.core import network
from responder.core.changes import Changes
from responder.core.effects import Decision, Ignored
from responder.core.events import Event
from responder.core.messages import Message
from responder.core.model import (
    Address,
    Incident,
    IncidentId,
    Level,
    Limits,
    Neighbourhood,
    Network,
    Person,
    PersonId,
    Place,
    Role,
    Shift,
    State,
    Training,
    Vouch,
)
from responder.core.playbook import Playbook
from responder.core.spoken import Inbound, Verb
from responder.core.view import View
from responder.core.world import World
from responder.playbook_files import shelf

START: Final = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
"""Eight in the evening on the wall of `ZONE`; every incident begins at this hour."""
ZONE: Final = "America/Los_Angeles"
NIGHT: Final = timedelta(days=1)
_FIRSTS: Final = (
    *("Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fern", "Gorse", "Hazel", "Ivy", "Juniper"),
    *("Kelp", "Linden", "Maple", "Nettle", "Oak", "Poplar", "Quince", "Rowan", "Sedge", "Thistle"),
    *("Umber", "Violet", "Willow", "Yarrow", "Zinnia", "Aspen", "Bramble", "Clover", "Daisy"),
    *("Foxglove", "Garnet", "Heath"),
)
_LASTS: Final = (
    *("Acre", "Bend", "Croft", "Dale", "End", "Field", "Gate", "Hill", "Isle", "Jetty", "Knoll"),
    *("Lea", "Meadow", "Notch", "Orchard", "Pond", "Quay", "Ridge", "Stile", "Terrace", "Union"),
    *("Vale", "Wharf", "Yard", "Zenith", "Arch", "Bank", "Cove", "Down", "Edge", "Ferry", "Glen"),
)


@dataclass(frozen=True)
class Size:
    """How large a network is. Members are spread evenly over the neighbourhoods."""

    members: int
    places: int
    coordinators: int


# --- the town -------------------------------------------------------------------------------------


def a_town(size: Size) -> World:
    """A network of that size, with nothing happening in it."""
    told = Network(name="Demo Watch", emergency={"en": "Call 911.", "es": "Llama al 911."})
    places = _places(size.places)
    world = World(told, places, Limits(), private_channels=("signal",))
    for playbook in _playbooks():
        world.playbooks[playbook.id] = playbook
        world.texts[playbook.digest] = playbook
    ids = [place.id for place in places]
    for number in range(size.members):
        place = ids[number % size.places]
        person = _member(number, place, size)
        world.put(person)
        if not person.has(Role.COORDINATOR):
            for night in _nights(number, person, size):
                world.put(_shift(person.id, place, night))
    for number, place in enumerate(ids):
        world.put(_reporter(number, place))
    return world


def reporter_of(place: Place) -> str:
    """The handle of the person who reports from there."""
    return f"reporter-{place}"


@cache
def _playbooks() -> tuple[Playbook, ...]:
    return tuple(shelf.folder(shipped.playbooks_dir()).found.values())


def _places(number: int) -> tuple[Neighbourhood, ...]:
    names = [f"{first} {last}" for last, first in islice(product(_LASTS, _FIRSTS), number)]
    ids = [Place(name.lower().replace(" ", "-")) for name in names]
    return tuple(
        Neighbourhood(
            id=id,
            name=name,
            time_zone=ZONE,
            adjacent=tuple(ids[i] for i in (at - 1, at + 1) if 0 <= i < number),
        )
        for at, (id, name) in enumerate(zip(ids, names, strict=True))
    )


def _member(number: int, place: Place, size: Size) -> Person:
    founders = max(4, size.coordinators)
    roles: tuple[Role, ...] = (Role.RESPONDER,)
    if number < size.coordinators:
        roles = (Role.COORDINATOR,)
    elif number // size.places == 1 + size.coordinators // size.places:
        roles = (Role.VERIFIER,)
    stands = [PersonId(f"m{(number + step) % founders}") for step in (0, 1, 2)]
    return Person(
        id=PersonId(f"m{number}"),
        call_sign=f"Heron{number}",
        addresses=(Address(channel="signal", handle=f"+1555{number:07}"),),
        language="es" if number % 3 == 2 else "en",
        roles=roles,
        granted=Level.TRUSTED if number < founders else Level.UNKNOWN,
        vouches=() if number < founders else tuple(Vouch(by=by, at=START) for by in stands),
        trainings=tuple(Training(name=name) for name in _trainings()),
        experienced=number // size.places % 2 == 0,
        neighbourhoods=(place,),
    )


@cache
def _trainings() -> tuple[str, ...]:
    return tuple(sorted({name for playbook in _playbooks() for name in playbook.team.training}))


def _nights(number: int, person: Person, size: Size) -> range:
    """The weekdays of a member's shifts: where there are few members each takes more of them."""
    if person.has(Role.VERIFIER):
        return range(7)
    first = number // size.places
    return range(first, first + (1 if size.members // size.places >= 100 else 5))


def _shift(person: PersonId, place: Place, night: int) -> Shift:
    return Shift(
        id=f"{person}-{night % 7}",
        person=person,
        neighbourhood=place,
        start="18:00",
        end="02:00",
        weekday=night % 7,
    )


def _reporter(number: int, place: Place) -> Person:
    return Person(
        id=PersonId(f"r{number}"),
        addresses=(Address(channel="telegram", handle=reporter_of(place)),),
        language="es" if number % 3 == 2 else "en",
        language_chosen=True,
    )


# --- what happens ---------------------------------------------------------------------------------


class Step(Protocol):
    """One input, ready to be put into a world."""

    def __call__(self, world: World, /) -> Changes:
        """Work it off."""


@dataclass
class Night:
    """What was put into the core from one incident's report to the next one's."""

    steps: list[Step] = field(default_factory=list)
    messages: int = 0


class History:
    """Incidents played over one world: what was put in, and every event that was decided."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.nights: list[Night] = []
        self.events: dict[IncidentId, list[Event]] = {}
        self._nonces = (blake2b(n.to_bytes(8, "big"), digest_size=32).digest() for n in _numbers())
        self._places = tuple(world.neighbourhoods.values())
        self._at = START

    def play(self, incidents_: int) -> None:
        """So many incidents more, one a night; what is due of earlier ones happens in between."""
        decide = incidents.decide

        def watched(incident: Incident | None, event: Event, view: View) -> Decision | Ignored:
            decision = decide(incident, event, view)
            if isinstance(decision, Decision):
                self.events.setdefault(decision.incident.id, []).append(event)
            return decision

        with patch.object(incidents, "decide", watched):
            for _ in range(incidents_):
                self._night()

    def whole(self) -> list[list[Event]]:
        """The events of each incident that was seen to its end, from report to forgetting."""
        known = self.world.incidents
        return [told for id, told in self.events.items() if id not in known]

    # --- one night --------------------------------------------------------------------------------

    def _night(self) -> None:
        number = len(self.nights)
        self.nights.append(Night())
        evening = START + number * NIGHT
        self._at = evening
        place = self._places[number % len(self._places)]
        words = f"two officers search a cyclist in {place.name}, at the corner of Quill and Third"
        asked = self._write("telegram", reporter_of(place.id), words)
        held = next(m for m in asked.messages if m.card == "verify")
        incident = _incident_of(held)
        self._press(held.to, Verb.CONFIRM, incident)
        team = self._team(incident)
        for person in team:
            self._press(person, Verb.HAVE_IT, incident)
        for person in team:
            self._press(person, Verb.THERE, incident)
        self._write("telegram", reporter_of(place.id), "no")
        self._press(team[0], Verb.CHECK_IN, incident)
        self._write("signal", self._handle(team[1]), "ok")
        self._press(team[0], Verb.DONE, incident)
        for person in team:
            self._press(person, Verb.OUT, incident)
        self._let_pass(evening + NIGHT)

    def _team(self, incident: IncidentId) -> tuple[PersonId, ...]:
        """Whoever was paged says yes, wave after wave, until a team stands."""
        answered: set[PersonId] = set()
        while self.world.incidents[incident].state is State.PAGING:
            calls = self.world.incidents[incident].calls
            person = next((c.person for c in calls if c.person not in answered), None)
            if person is not None:
                answered.add(person)
                self._press(person, Verb.ACCEPT, incident, "10")
            else:
                self._tick()
        team = self.world.incidents[incident].team
        assert len(team) == 2, "the town is too small: nobody came"
        return tuple(mate.person for mate in team)

    def _let_pass(self, until: datetime) -> None:
        """Everything that falls due until then happens."""
        while (due := self.world.next_due()) is not None and due < until:
            self._tick()

    def _tick(self) -> None:
        due = self.world.next_due()
        assert due is not None, "nothing is due any more"
        self._at = max(self._at, due)
        late = self.world.due_by(self._at)[0]
        self._step(partial(network.tick, incident=late, at=self._at, nonce=next(self._nonces)))

    def _press(self, person: PersonId, verb: Verb, incident: IncidentId, arg: str = "") -> Changes:
        token = next(
            p.token
            for p in self.world.prompts_of(person)
            if (p.action.verb, p.action.incident) == (verb, incident) and arg in ("", p.action.arg)
        )
        return self._write("signal", self._handle(person), token=token)

    def _handle(self, person: PersonId) -> str:
        return self.world.everybody[person].addresses[0].handle

    def _write(self, channel: str, handle: str, text: str = "", token: str = "") -> Changes:
        self._at += timedelta(seconds=20)
        key = f"{self._at:%y%m%d%H%M%S}"
        said = Inbound(channel=channel, key=key, handle=handle, at=self._at, text=text, token=token)
        return self._step(
            partial(network.hear, inbound=said, at=self._at, nonce=next(self._nonces))
        )

    def _step(self, step: Step) -> Changes:
        changes = step(self.world)
        self.nights[-1].steps.append(step)
        self.nights[-1].messages += len(changes.messages)
        return changes


def _incident_of(message: Message) -> IncidentId:
    assert message.incident is not None
    return message.incident


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


# --- once more ------------------------------------------------------------------------------------


def replay(world: World, nights: Sequence[Night]) -> None:
    """Put the same into a world that stood where the first one did; it must say as much again."""
    for night in nights:
        said = 0
        for step in night.steps:
            said += len(step(world).messages)
        assert said == night.messages, "the replay is not what was recorded"
