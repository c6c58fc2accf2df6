"""What the laws remember of one rush of decisions, written down from effects alone.

Rules it keeps
    * Who is taken, paged, resting, sent or counted is kept here a second time, so that what the
      world believes can be compared with it.

What it must not know
    How the core decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from responder.core import effects, events
from responder.core.effects import Card, Effect, Tell
from responder.core.events import Event
from responder.core.model import (
    Incident,
    IncidentId,
    Limits,
    Mate,
    MessageId,
    Override,
    Person,
    PersonId,
    Place,
    ReportId,
    Shift,
    Stage,
)
from responder.core.playbook import Playbook
from responder.core.world import World
from responder.simulation.laws.notes import OPEN, STANDS, Notes

_SENT_ON: Final = frozenset({Card.GO, Card.BRIEF, Card.TEAM_CHANGED})
_STAYS: Final = frozenset({Card.HOLD_BACK, Card.LEAVE, Card.STAND_DOWN})
_SIGNS: Final = frozenset({Card.GO, Card.BACK, *_STAYS})


@dataclass(slots=True)
class Look:
    """One decision: what there was, what happened, what became of it, and what follows."""

    at: datetime
    event: Event
    before: Incident | None
    after: Incident
    effects: Sequence[Effect]
    tells: list[Tell] = field(init=False)
    told: frozenset[tuple[PersonId, Card]] = field(init=False)
    by: PersonId | None = field(init=False)

    def __post_init__(self) -> None:
        self.tells = [e for e in self.effects if type(e) is Tell and e.card is not Card.BOARD]
        self.told = frozenset([(t.to, t.card) for t in self.tells])
        self.by = getattr(self.event, "by", None)

    @property
    def over(self) -> bool:
        """Whether the response ended in this decision."""
        opened = self.before is None or self.before.state in OPEN
        return opened and self.after.state not in OPEN

    @property
    def broke(self) -> bool:
        """Whether a team that stood before stands no more."""
        stood = self.before is not None and self.before.state in STANDS
        return stood and self.after.state not in STANDS


def counted(mate: Mate) -> bool:
    """Whether this member was told "go" or "leave" and is not known to be out."""
    return (mate.went or mate.told_leave) and mate.stage is not Stage.OUT_SAFE


class Ledger(Notes):
    """All that was seen of one rush. `checked` counts each look at each law."""

    def __init__(
        self, world: World, limits: Limits, broken: Callable[[str, str], Exception]
    ) -> None:
        super().__init__(tuple(world.neighbourhoods.values()), limits)
        self.world = world
        self.limits = limits
        self.texts: dict[str, Playbook] = {}
        """Every text that an incident may have opened with, by digest."""
        self.stamps: dict[IncidentId, tuple[str, int]] = {}
        self.taken: dict[PersonId, IncidentId] = {}
        self.taken_by: defaultdict[IncidentId, set[PersonId]] = defaultdict(set)
        self.paged: defaultdict[PersonId, list[datetime]] = defaultdict(list)
        self.rests: dict[PersonId, datetime] = {}
        self.read: set[tuple[IncidentId, PersonId, MessageId]] = set()
        self.went: defaultdict[IncidentId, set[PersonId]] = defaultdict(set)
        self.to_stand_down: set[tuple[IncidentId, PersonId]] = set()
        self.last_word: dict[tuple[IncidentId, PersonId], Card] = {}
        self.justified: set[IncidentId] = set()
        self.reports: dict[ReportId, IncidentId] = {}
        """Reports that were taken in and not forgotten since, and where they lie."""
        self.shifts: defaultdict[PersonId, list[Shift]] = defaultdict(list)
        self.overrides: defaultdict[PersonId, list[Override]] = defaultdict(list)
        self.outcomes: Counter[str] = Counter()
        self.cards: Counter[str] = Counter()
        self.checked = 0
        self._broken = broken
        self._on_call: dict[tuple[PersonId, str, Place, int], bool] = {}

    def person(self, person: PersonId) -> Person | None:
        """This person's record, as the ledger has met them."""
        return self.reckoning.everybody.get(person)

    def fail(self, law: str) -> None:
        """Stop here: this law is broken."""
        raise self._broken(law, self.rule)

    # --- noting ---------------------------------------------------------------------------------

    def note(self, look: Look) -> None:
        """Write down what this decision did."""
        id = look.after.id
        if look.before is None:
            self.stamps[id] = (look.after.playbook, look.after.schema)
        for effect in look.effects:
            kind = type(effect)
            if kind is Tell:
                self._note_tell(id, effect, look.at)  # type: ignore[arg-type]
            elif kind is not effects.Remember:
                self._note_effect(id, effect, look.at)
        if isinstance(look.event, events.Filed | events.Joined):
            report = look.event.report
            if any(s.report == report.id for s in look.after.sources):
                self.reports[report.id] = id
        if look.before is not None:
            self._note_signs(look, look.before)

    def _note_tell(self, id: IncidentId, tell: Tell, at: datetime) -> None:
        card, key = tell.card, (id, tell.to)
        self.cards[card] += 1
        if card in _SENT_ON or card in _STAYS:
            self.last_word[key] = card
        if card is Card.GO:
            self.went[id].add(tell.to)
            self.to_stand_down.add(key)
        elif card is Card.STAND_DOWN:
            self.to_stand_down.discard(key)
        if card in _SIGNS:
            self.signs[id][tell.to] = at

    def _note_effect(self, id: IncidentId, effect: Effect, at: datetime) -> None:
        match effect:
            case effects.Paged():
                self.paged[effect.person].append(at)
            case effects.Assign():
                self.taken[effect.person] = id
                self.taken_by[id].add(effect.person)
            case effects.Release():
                if self.taken.get(effect.person) == id:
                    del self.taken[effect.person]
                self.taken_by[id].discard(effect.person)
            case effects.Rest():
                before = self.rests.get(effect.person, effect.until)
                self.rests[effect.person] = max(before, effect.until)
            case effects.ForgetReport():
                self.reports.pop(effect.report, None)
            case _:
                pass

    def _note_signs(self, look: Look, before: Incident) -> None:
        event, id = look.event, before.id
        if isinstance(event, events.HaveIt):
            mate = before.mate(event.by)
            if mate is not None and mate.brief is not None:
                self.read.add((id, event.by, mate.brief))
        elif isinstance(event, events.AccountedFor):
            self.signs[id][event.person] = look.at
        elif isinstance(event, events.There | events.CheckedIn | events.MoreNeeded):
            self.signs[id][event.by] = look.at

    # --- looking --------------------------------------------------------------------------------

    def playbook(self, incident: Incident) -> Playbook:
        """The text that this incident opened with."""
        return self.texts[self.stamps[incident.id][0]]

    def on_call(self, person: Person, whom: str, near: Place, at: datetime) -> bool:
        """Whether this person is on call where a wave of this kind asks.

        What is found holds for the hour: in made-up towns all shifts begin and end on the hour.
        """
        key = (person.id, whom, near, int(at.timestamp()) // 3600)
        found = self._on_call.get(key)
        if found is None:
            here = self.world.neighbourhoods[near]
            asked = {near, *here.adjacent} if whom == "adjacent" else {near}
            mine = self.shifts[person.id], self.overrides[person.id]
            found = self._on_call[key] = self.reckoning.on_call(
                person, at, *mine, places=None if whom == "network" else asked
            )
        return found and person.member

    def private(self, person: Person) -> bool:
        """Whether words reach this person unread by others."""
        living = [a.channel for a in person.addresses if not a.dead]
        return "signal" in living or (bool(living) and bool(self.world.phones(person.id)))
