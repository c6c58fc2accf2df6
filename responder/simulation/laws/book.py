"""What the laws remember of a history: who was told what, who read what, who was heard of when.

What it must not know
    What any law says.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Protocol

from responder.core.changes import Changes, Prompt, Question, Stored
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import (
    Incident,
    IncidentId,
    Limits,
    Mate,
    Media,
    MessageId,
    Neighbourhood,
    Override,
    Person,
    PersonId,
    Report,
    ReportId,
    Role,
    Shift,
    State,
)
from responder.core.playbook import Playbook
from responder.core.spoken import LockSign, Verb
from responder.core.world import World
from responder.simulation.disk import Disk
from responder.simulation.laws.ledgers import Desk
from responder.simulation.laws.notes import OPEN, Broken, Notes
from responder.simulation.laws.reckoning import deadline
from responder.simulation.letters import Part

CANARY: Final = re.compile(r"\bzq[wp]\d+x\b")
SECURITY: Final = frozenset({Card.HOLD_BACK, Card.LEAVE, Card.STAND_DOWN})
TO_TEAM: Final = frozenset({Card.BRIEF, Card.GO, Card.TEAM_CHANGED, Card.UPDATE, Card.MEDIA})
_SIGNS: Final = frozenset({Card.GO, Card.HOLD_BACK, Card.BACK, Card.LEAVE, Card.STAND_DOWN})


@dataclass
class Lying:
    """A message that lies sealed on its reader's phone, and by when it goes another way."""

    message: Message
    due: datetime
    channels: set[str]
    wait: timedelta


@dataclass
class Letter:
    """A private report in parts, as far as it has come."""

    by: PersonId
    begun_at: datetime
    numbers: set[int]


@dataclass(frozen=True)
class Touched:
    """One incident in one step: as it was committed before, and as it is now."""

    before: Incident | None
    after: Incident | None


@dataclass(frozen=True)
class Step:
    """One committed transaction: what set it off, and what it changed.

    `kind` is "hear", "tick", "failed", "returned", "unreachable", "gone", "machine", "orders" or
    "sweep", among others.
    `pressed` is the meaning of the token, number or thumb that was sent, where it was the
    sender's own and still open, `token` its token. `sure`: it was that token, while a number may
    be the answer to a free question that waits; `arg` is what the answer is about. `said` are the
    words as the core hears them, and `channel` where, `lock` what a passphrase was worth; `letter`
    the part of a private report that came, `whole` that it was read as the last one missing.
    """

    at: datetime
    what: str
    kind: str
    changes: Changes
    touched: tuple[Touched, ...]
    by: PersonId | None = None
    pressed: str = ""
    token: str = ""
    arg: str = ""
    sure: bool = False
    failed: Message | None = None
    letter: Part | None = None
    whole: bool = False
    said: str = ""
    channel: str = ""
    lock: LockSign | None = None

    @cached_property
    def changed(self) -> tuple[tuple[Incident, Incident], ...]:
        """The incidents that were there before and still are, before and after."""
        return tuple((t.before, t.after) for t in self.touched if t.before and t.after)


class Seen(Protocol):
    """The history that the laws look at."""

    places: tuple[Neighbourhood, ...]
    limits: Limits
    editions: dict[str, Playbook]

    def on_services(self) -> Iterable[Media]:
        """The pictures and voice that lie on their platforms' services."""

    def prompts(self, tokens: list[str]) -> tuple[Prompt, ...]:
        """What these tokens ask, where they still ask anything."""

    def may_leave(self, message: Message) -> bool:
        """Whether the core would let this message go out now."""

    def teller(self, canary: str) -> PersonId | None:
        """Who wrote this word, if that person is still on record."""

    @property
    def world(self) -> World:
        """Memory as it is now."""

    @property
    def disk(self) -> Disk:
        """What was committed."""

    def broken(self, law: str, rule: str) -> Broken:
        """The error that tells this law, this seed and the story so far."""


class Book(Notes):
    """What has been seen in one history."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen.places, seen.limits)
        self.seen = seen
        self._steps = 0
        self._asked: dict[str, int] = {}
        """In which step each question was asked whether somebody has the brief."""
        self._briefed: dict[MessageId, int] = {}
        """In which step each brief was written."""
        self.briefs_read: set[tuple[PersonId, MessageId]] = set()
        self.told: defaultdict[tuple[IncidentId, PersonId], list[str]] = defaultdict(list)
        self.went: defaultdict[IncidentId, set[PersonId]] = defaultdict(set)
        self.reports: dict[str, tuple[PersonId, IncidentId]] = {}
        self.reports_of: defaultdict[PersonId, set[str]] = defaultdict(set)
        self.destroyed: set[str] = set()
        self.justified: set[IncidentId] = set()
        self.confirmed: set[tuple[IncidentId, PersonId]] = set()
        self.ids: set[MessageId] = set()
        self.arrived: Counter[MessageId] = Counter()
        self.opened_with: dict[IncidentId, tuple[str, int]] = {}
        self.outcomes: Counter[str] = Counter()
        self.cards: Counter[str] = Counter()
        self.names: dict[str, PersonId] = {}
        """Call signs, as words."""
        self.secrets: dict[str, PersonId] = {}
        """Words that would give a reporter away."""
        self.pictures: dict[Media, ReportId] = {}
        """Of which report each picture is."""
        self.lying: dict[MessageId, Lying] = {}
        """What lies sealed on a phone, until it is seen what became of it."""
        self.tried: defaultdict[MessageId, set[str]] = defaultdict(set)
        """Over which channels each message has left."""
        self.answered: dict[str, datetime] = {}
        """When the own reader of each token first pressed it, by whatever means."""
        self.edited: set[MessageId] = set()
        self.needed_since: dict[str, datetime] = {}
        """Since when something real needs the people of a drill."""
        self.lock_asked: dict[PersonId, datetime] = {}
        self.locked = False
        self.letters: dict[str, Letter] = {}
        self.rung: dict[tuple[IncidentId, str, PersonId | None], datetime] = {}
        self.copied_at: datetime | None = None
        """When the backup was made that stands where the network stood, if one does."""
        turns = seen.disk.records.items()
        self.desk = Desk({w: r for w, r in turns if isinstance(r, Shift | Override)})

    @property
    def world(self) -> World:
        """Memory as it is now."""
        return self.seen.world

    def person(self, person: PersonId) -> Person | None:
        """This person's record, where memory has one."""
        return self.world.person(person)

    def was(self, person: PersonId) -> Person | None:
        """This person's record as it was before this step."""
        return self.desk.before.get(person) or self.world.person(person)

    def must(self, right: bool, law: str) -> None:
        """Stop the history where this law is broken."""
        if not right:
            raise self.seen.broken(law, self.rule)

    def silent_until(self, at: datetime) -> None:
        """See `Notes`; and no alarm rings too late for that."""
        super().silent_until(at)
        for key in self.rung:
            self.rung[key] = at

    # --- noting ---------------------------------------------------------------------------------

    def note(self, step: Step) -> None:
        """Remember what this step did."""
        self._steps += 1
        self.desk.note(step.changes, self.reckoning.everybody)
        for record in step.changes.puts.values():
            self._note_record(record)
        for kind, id in step.changes.deletes:
            if kind == "person":
                self.reckoning.forget(PersonId(id))
        self.destroyed.update(step.changes.destroyed)
        for touched in step.touched:
            self._note_touched(touched.before, touched.after)
        if step.pressed:
            self.answered.setdefault(step.token, step.at)
        for message in step.changes.messages:
            self._note_message(message, step.at)
            for choice in (choice for row in message.rows for choice in row):
                # Asked anew: an answer to an older message is none to this one.
                self.answered.pop(choice.token, None)
        if step.by is not None:
            self._note_press(step, step.by)
        for before, now in step.changed:
            if now.state not in OPEN:
                self.signs.pop(before.id, None)

    def _note_record(self, record: Stored) -> None:
        if isinstance(record, Report):
            self.reports[record.id] = (record.reporter, record.incident)
            self.reports_of[record.reporter].add(record.id)
            self.know_secrets(record.reporter)
        elif isinstance(record, Person):
            self.meet(record)
        elif isinstance(record, Question):
            for prompt in record.prompts:
                if prompt.action.verb == Verb.HAVE_IT:
                    self._asked.setdefault(prompt.token, self._steps)

    def _note_touched(self, before: Incident | None, now: Incident | None) -> None:
        if now is None:
            if before is not None:
                self.note_due(before.id, None)
            return
        self.note_due(now.id, deadline(now))
        if before is None:
            self.opened_with[now.id] = (now.playbook, now.schema)
        for words in now.words:
            self.pictures.update(dict.fromkeys(words.media, words.report))

    def meet(self, person: Person) -> None:
        """Somebody is on record, new or changed."""
        self.reckoning.meet(person)
        if person.call_sign:
            self.names[person.call_sign] = person.id
        if person.id in self.reports_of:
            self.know_secrets(person.id)

    def know_secrets(self, reporter: PersonId) -> None:
        """What would tell that this person reported; a member has a call sign that others know."""
        who = self.world.person(reporter)
        words = [a.handle.lstrip("+") for a in who.addresses] if who else []
        if who is None or not who.member:
            words.append(reporter)
        self.secrets.update(dict.fromkeys(words, reporter))

    def _note_message(self, message: Message, at: datetime) -> None:
        self.cards[message.card] += 1
        if message.replaces is not None:
            self.edited.add(message.replaces)
        if message.incident is None:
            return
        key = (message.incident, message.to)
        if message.replaces is None or message.card in SECURITY:
            self.told[key].append(message.card)
        if message.card == Card.BRIEF:
            self._briefed[message.id] = self._steps
        if message.card == Card.GO:
            self.went[message.incident].add(message.to)
        if message.card in _SIGNS:
            self.signs[message.incident][message.to] = at

    def _note_press(self, step: Step, by: PersonId) -> None:
        who = self.world.person(by)
        coordinates = who is not None and who.has(Role.COORDINATOR)
        for before, now in step.changed:
            signs = self.signs[before.id]
            mate = before.mate(by)
            if mate is not None and mate.brief is not None and self._read(mate.brief, step):
                self.briefs_read.add((by, mate.brief))
            if mate is not None and now.mate(by) not in (None, mate):
                signs[by] = step.at
            for one in before.team if coordinates else ():
                after = now.mate(one.person)
                if after and not after.missed and after.due != one.due:
                    signs[one.person] = step.at
            if step.pressed == Verb.CONFIRM and before.state is State.HELD is not now.state:
                self.confirmed.add((before.id, by))

    def _read(self, brief: MessageId, step: Step) -> bool:
        """Whether this press says that the brief was read: it was asked with it, or since."""
        asked = self._asked.get(step.token)
        if step.pressed != Verb.HAVE_IT or asked is None:
            return False
        return asked >= self._briefed[brief]

    # --- looking --------------------------------------------------------------------------------

    def playbook(self, incident: IncidentId) -> Playbook:
        """The playbook that this incident opened with, whatever the core thinks now."""
        return self.seen.editions[self.opened_with[incident][0]]

    def people(self, mates: Sequence[Mate]) -> list[Person]:
        """Their records."""
        return list(self.world.people([m.person for m in mates]))

    def over(self, step: Step) -> Iterator[Incident]:
        """The incidents whose response ended in this step, or that ended as they opened."""
        for touched in step.touched:
            now, before = touched.after, touched.before
            if now and now.state not in OPEN and (before is None or before.state in OPEN):
                yield now

    def coordinated(self, step: Step, incident: Incident, about: PersonId) -> bool:
        """Whether a coordinator, or somebody at the machine, set this off; not about themselves.

        Where all who coordinate it went themselves, or nothing reaches them, a verifier stands in.
        """
        who = self.world.person(step.by) if step.by else None
        if step.by is None:
            return step.kind == "machine"
        if who is None or who.id == about:
            return False
        return who.has(Role.COORDINATOR) or self._stands_in(incident, who)

    def _stands_in(self, incident: Incident, who: Person) -> bool:
        part = {m.person for m in incident.team}.union(incident.past, incident.duress)
        others = (p for p in self.reckoning.everybody if self.coordinates(incident, p))
        fit = who.has(Role.VERIFIER) and who.id not in part and not self.gone(who.id)
        return fit and all(p in part or not self.reached(p) for p in others)

    def reached(self, person: PersonId) -> bool:
        """Whether any platform still takes messages for this person."""
        who = self.world.person(person)
        return who is not None and any(not address.dead for address in who.addresses)
