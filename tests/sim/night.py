"""One simulated night: the core's five doors, a virtual clock, and everything that goes wrong.

`Night(seed).run()` plays it to the last forgotten incident; every step is checked against every
law. The same seed gives the same night: `Night.digest` says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count
from random import Random

from msgspec.structs import replace

from responder.core import events, network
from responder.core.changes import Changes, Message
from responder.core.desk import Desk
from responder.core.model import Incident, IncidentId, Level, MessageId, PersonId, State
from responder.core.spoken import Inbound
from tests.builders import NOW, a_playbook, put_playbook
from tests.sim.people import People
from tests.sim.post import Left, Post, handle_of, hours, soon
from tests.sim.town import a_town, edition

_MOST_LINES = 100_000
_DONE = frozenset({State.AFTERCARE, State.CLOSED})


@dataclass(frozen=True)
class Step:
    """One transaction: what set it off, what was before, what it changed."""

    at: datetime
    what: str
    before: dict[IncidentId, Incident]
    changes: Changes
    by: PersonId | None = None
    pressed: str = ""
    """The meaning of the token or number that was sent, where it was this person's own."""
    sure: bool = False
    """A token: a number may be the answer to a free question that waits."""


class Broken(AssertionError):
    """A law was broken: which, in which night, after what."""


class Night:
    """One night of one town."""

    def __init__(self, seed: int, incidents: int | None = None) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.town = a_town(self.chance)
        self.world = self.town.world
        self.at = NOW
        self.queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self.numbers = count()
        self.down_until: datetime | None = None
        self.story: list[str] = []
        self.history = blake2b(digest_size=16)
        self.canaries: dict[str, PersonId] = {}
        self.handles: dict[PersonId, tuple[str, str]] = {}
        self.opened: set[IncidentId] = set()
        self.post = Post(self.world, self.chance, self.later, self._left, self._failed)
        self.post.now = lambda: self.at
        self.people = People(self)
        # Late, for the laws read nights.
        from tests.sim.laws import Laws

        self.laws = Laws(self)
        for person in (*self.town.members, *self.town.reporters):
            address = handle_of(self.world, person)
            if address:
                self.handles[person] = (address.channel, address.handle)
        self._plan(incidents or self.chance.randint(1, 5))

    # --- the clock ------------------------------------------------------------------------------

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do this so many seconds from now."""
        when = self.at + timedelta(seconds=seconds)
        heapq.heappush(self.queue, (when, next(self.numbers), act))

    def run(self) -> Night:
        """Play it to the end: nothing is planned any more, and nothing is ever due."""
        while True:
            due = None if self.down_until else self.world.next_due()
            planned = self.queue[0][0] if self.queue else None
            if due is None and planned is None:
                break
            if planned is None or (due is not None and due <= planned):
                assert due is not None
                self.at = max(self.at, due)
                self._tick(self.world.due_by(self.at)[0])
            else:
                when, _, act = heapq.heappop(self.queue)
                self.at = max(self.at, when)
                act()
            if len(self.story) > _MOST_LINES:
                raise self.broken("L5: the night never ends")
        self.laws.at_the_end()
        return self

    @property
    def digest(self) -> str:
        """What happened, in one word."""
        return self.history.hexdigest()

    # --- steps ------------------------------------------------------------------------------------

    def step(
        self,
        what: str,
        act: Callable[[bytes], Changes],
        by: PersonId | None = None,
        pressed: str = "",
        sure: bool = False,
    ) -> None:
        """One transaction, told in the story, checked against every law, then carried out."""
        before = dict(self.world.incidents)
        self.story.append(f"{self.at:%d %H:%M:%S} {what}")
        nonce = self.chance.randbytes(32)
        try:
            changes = act(nonce)
        except Exception as error:
            raise self.broken(f"it raised {type(error).__name__}: {error}") from error
        self._tell(changes)
        self.opened.update(self.world.incidents)
        self.laws.after(Step(self.at, what, before, changes, by, pressed, sure))
        self.post.take(changes)

    def _tell(self, changes: Changes) -> None:
        for message in changes.messages:
            if message.card != "board":
                first = message.text.partition("\n")[0][:60]
                self.story.append(f"      -> {message.to}: {message.card}: {first}")
            self.history.update(f"{message.id} {message.to} {message.text}".encode())
        self.history.update(f"{self.at} {sorted(map(str, changes.puts))}".encode())

    def broken(self, what: str) -> Broken:
        """The error that tells this law, this seed and the story so far."""
        story = "\n".join(self.story[-120:])
        return Broken(f"seed {self.seed}: {what}\n{story}")

    def _tick(self, incident: IncidentId) -> None:
        code = self.world.incidents[incident].code
        self.step(f"due on {code}", lambda n: network.tick(self.world, incident, self.at, n))

    def _left(self, left: Left) -> None:
        self.laws.leaving(left)
        self.people.see(left)

    def _failed(self, message: Message, why: str) -> None:
        what = f"{message.card} to {message.to} failed: {why}"
        self.step(what, lambda n: network.failed(self.world, message, self.at, n))

    def hear(
        self,
        person: PersonId,
        text: str = "",
        token: str = "",
        reaction: str = "",
        target: MessageId | None = None,
    ) -> None:
        """This person sends that; while the network is down the platform keeps it."""
        if self.down_until is not None:
            wait = (self.down_until - self.at).total_seconds() + 1
            self.later(wait, lambda: self.hear(person, text, token, reaction, target))
            return
        channel, handle = self.handles.get(person) or self._found(person)
        inbound = Inbound(
            channel=channel,
            key=str(next(self.numbers)),
            handle=handle,
            at=self.at,
            text=text,
            token=token,
            reaction=reaction,
        )
        pressed = self._meaning(person, text, token)
        if reaction:
            pressed = "reaction"
        what = f"{person} ({channel}): {pressed or text or 'a token of no meaning'}"
        self.step(
            what,
            lambda n: network.hear(self.world, inbound, self.at, n, target),
            person,
            pressed,
            bool(token),
        )

    def _found(self, person: PersonId) -> tuple[str, str]:
        address = handle_of(self.world, person)
        where = (address.channel, address.handle) if address else ("signal", f"+1777{person}")
        self.handles[person] = where
        return where

    def _meaning(self, person: PersonId, text: str, token: str) -> str:
        prompt = self.world.prompts.get(token)
        if prompt is None and text.isdecimal():
            mine = self.world.prompts_of(person)
            prompt = next((p for p in mine if str(p.number) == text), None)
        return prompt.action.verb if prompt and prompt.person == person else ""

    def canary(self, person: PersonId, kind: str) -> str:
        """A word that only this person's words hold."""
        word = f"zq{kind}{len(self.canaries)}x"
        self.canaries[word] = person
        return word

    # --- what happens this night ------------------------------------------------------------------

    def _plan(self, incidents: int) -> None:
        for _ in range(incidents):
            self.later(soon(self.chance, 1, 3 * 3600), self._somebody_reports)
        for act, odds in (
            (self._outage, 0.25),
            (self._somebody_goes, 0.35),
            *((self._new_edition, 0.5),) * 4,
            (self._flood, 0.15),
            (self._ring, 0.2),
            (self._everybody_deaf, 0.1),
        ):
            if self.chance.random() < odds:
                self.later(soon(self.chance, 600, 4 * 3600), act)
        for hour in (8, 9):
            self.later(hours(hour).total_seconds(), self._morning)
        self.later(hours(10).total_seconds(), self._at_the_machine)

    def _somebody_reports(self) -> None:
        reporters = [
            *self.town.reporters,
            *self.town.reporters,
            self.chance.choice(self.town.members),
        ]
        reporter = self.chance.choice(reporters)
        self.reports(reporter)
        if self.chance.random() < 0.5:
            other = self.chance.choice(reporters)
            self.later(soon(self.chance, 30, 1500), lambda: self.reports(other))

    def reports(self, person: PersonId) -> None:
        """This person tells of something, in one message or two."""
        what = self.chance.choice(
            ("cops search a kid", "cops search a kid", "men fight and shout", "a man yells slurs")
        )
        where = self.chance.choice(("northside", "northside", "riverside", ""))
        words, place = self.canary(person, "w"), self.canary(person, "p")
        corner = f" at the corner of {place} and Third" if self.chance.random() < 0.7 else ""
        anew = "/report " if self.chance.random() < 0.2 else ""
        self.hear(person, f"{anew}{what} in {where}{corner}. {words}")
        if self.chance.random() < 0.3:
            more = self.canary(person, "w")
            self.people.write(person, f"they are getting louder {more}", 60, 2000)
        match self.chance.randrange(12):
            case 0:
                self.people.write(person, "/cancel", 30, 4000)
            case 1:
                self.people.write(person, "/safe", 30, 4000)
            case 2:
                wait = soon(self.chance, 30, 6000)
                self.later(wait, lambda: self.people.forget(person))
            case _:
                return

    def _outage(self) -> None:
        """Forty minutes in which nothing is heard, due or sent."""
        since = self.at
        self.down_until = self.at + timedelta(minutes=40)
        waiting = [(max(w, self.down_until), n, act) for w, n, act in self.queue]
        self.queue = waiting
        heapq.heapify(self.queue)
        self.story.append(f"{self.at:%d %H:%M:%S} the network is down for 40 minutes")
        wait = (self.down_until - self.at).total_seconds()
        number = -1  # Before everything that waited.
        when = self.at + timedelta(seconds=wait)
        heapq.heappush(self.queue, (when, number, lambda: self._back(since)))

    def _back(self, since: datetime) -> None:
        self.down_until = None
        self.laws.outage_over(self.at)
        for incident in sorted(self.world.incidents.values(), key=lambda i: i.id):
            if incident.state not in _DONE:
                self.step(
                    f"back on {incident.code}",
                    lambda n, id=incident.id: network.returned(self.world, id, since, self.at, n),  # type: ignore[misc]
                )

    def _somebody_goes(self) -> None:
        """A member is removed or blocked, perhaps in the middle of a response."""
        busy = [p for p in self.town.members if self.world.busy_in(p)]
        person = self.chance.choice(busy or self.town.members)
        who = self.world.person(person)
        assert who is not None
        if self.people.is_coordinator(person):
            return
        gone = self.chance.choice((replace(who, removed=True), replace(who, granted=Level.BLOCKED)))

        def act(nonce: bytes) -> Changes:
            desk = Desk(self.world, self.at, nonce)
            desk.put(gone)
            desk.person_gone(person)
            return desk.changes

        self.step(f"{person} is removed or blocked", act)

    def _new_edition(self) -> None:
        kind = self.chance.choice(sorted(self.world.playbooks))
        new = edition(a_playbook(kind), next(self.numbers), self.chance)
        put_playbook(self.world, new)
        self.story.append(f"{self.at:%d %H:%M:%S} a new edition of {kind}")

    def _flood(self) -> None:
        for number in range(25):
            person = PersonId(f"flood{number}")
            self.later(number * 3, lambda person=person: self.reports(person))  # type: ignore[misc]

    def _ring(self) -> None:
        """People for whom one and the same member stands, all telling the same."""
        for number in range(3):
            person = PersonId(f"ring{number}")
            self.later(number * 40, lambda person=person: self.reports(person))  # type: ignore[misc]

    def _everybody_deaf(self) -> None:
        self.post.losses = 0.6
        self.later(1200, lambda: setattr(self.post, "losses", 0.03))

    def _morning(self) -> None:
        for person in self.town.members:
            if self.people.is_coordinator(person):
                self.people.morning(person, self._open_codes())

    def _open_codes(self) -> list[str]:
        still = self.world.incidents.values()
        return [i.code for i in still if i.state not in _DONE or i.alarms]

    def _at_the_machine(self) -> None:
        """Whatever no coordinator could end is ended at the machine's own command line."""
        for id in list(self.world.incidents):
            for _ in range(2):
                incident = self.world.incidents[id]
                if incident.state not in _DONE:
                    ended = events.Ended(at=self.at, by=None, reason="all home")
                    self.step(f"{incident.code} is ended at the machine", self._ends(id, ended))

    def _ends(self, id: IncidentId, event: events.Event) -> Callable[[bytes], Changes]:
        def act(nonce: bytes) -> Changes:
            desk = Desk(self.world, self.at, nonce)
            desk.apply(self.world.incidents[id], event)
            return desk.changes

        return act
