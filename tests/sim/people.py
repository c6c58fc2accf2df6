"""What the people of the town do: they read what they get and answer it, or do not.

Everybody answers by what stands on their own screen, newest first; some tap twice, tap old
messages, or try somebody else's token. Their words carry canaries: `zqw7` in what happened, `zqp7`
in the exact place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from responder.core.changes import Prompt
from responder.core.events import Card
from responder.core.model import IncidentId, MessageId, PersonId, Role
from responder.core.spoken import Verb
from tests.sim.post import Left, soon
from tests.sim.town import DURESS, Town


@dataclass(frozen=True)
class Shown:
    """One message on somebody's screen, with what could be tapped under it when it came."""

    message: MessageId
    card: str
    incident: IncidentId | None
    options: tuple[Prompt, ...]


class Ears(Protocol):
    """Where people's doings go."""

    chance: Random
    town: Town

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do this so many seconds from now."""

    def hear(
        self,
        person: PersonId,
        text: str = "",
        token: str = "",
        reaction: str = "",
        target: MessageId | None = None,
    ) -> None:
        """This person sends that."""

    def canary(self, person: PersonId, kind: str) -> str:
        """A word that only this person's words hold."""


_SCREEN: Final = 12
_REPORTER_CARDS: Final = frozenset(
    {Card.HELD, Card.ASKED, Card.ON_THE_WAY, Card.THERE, Card.NOBODY}
)
_ROUTINE: Final = (
    *(Verb.CHECK_IN,) * 8,
    *(Verb.DONE,) * 5,
    *(Verb.MORE, Verb.LEAVE, Verb.DECLINE, "duress", "duress", "words"),
)


class People:
    """Everybody's hands, eyes and screens."""

    def __init__(self, ears: Ears) -> None:
        self.ears = ears
        self.chance = ears.chance
        self.screens: defaultdict[PersonId, list[Shown]] = defaultdict(list)
        self.silent: set[PersonId] = set()
        self.tokens: list[str] = []

    # --- what they see --------------------------------------------------------------------------

    def see(self, left: Left) -> None:
        """A message has come; sooner or later they answer it, or never."""
        message = left.message
        prompts = self.ears.town.world.prompts
        options = tuple(prompts[c.token] for row in message.rows for c in row if c.token in prompts)
        self.tokens += [p.token for p in options]
        shown = Shown(message.replaces or message.id, message.card, message.incident, options)
        screen = self.screens[message.to]
        screen[:] = [*[s for s in screen if s.message != shown.message][-_SCREEN:], shown]
        if message.replaces is None or message.card == Card.CONTROLS:
            self._answer(message.to, shown)

    def _answer(self, person: PersonId, shown: Shown) -> None:
        answer = _ANSWERS.get(shown.card)
        if answer is not None and person not in self.silent:
            answer(self, person, shown)

    # --- what they do ---------------------------------------------------------------------------

    def tap(self, person: PersonId, verb: str, low: float, high: float) -> None:
        """Tap the newest option of that meaning, some seconds from now."""
        self.ears.later(soon(self.chance, low, high), lambda: self._tap(person, verb))

    def _tap(self, person: PersonId, verb: str) -> None:
        option = self._newest(person, verb)
        if option is None or person in self.silent:
            return
        match self.chance.randrange(20):
            case 0 | 1:
                self.ears.hear(person, text=str(option.number))
            case 2 if verb in (Verb.ACCEPT, Verb.HAVE_IT):
                self.ears.hear(person, reaction="\U0001f44d", target=option.message)
            case _:
                self.ears.hear(person, token=option.token)
        match self.chance.randrange(30):
            case 0:
                self.ears.hear(person, token=option.token)
            case 1 if self.tokens:
                self.ears.hear(person, token=self.chance.choice(self.tokens))

    def _newest(self, person: PersonId, verb: str) -> Prompt | None:
        for shown in reversed(self.screens[person]):
            fitting = [p for p in shown.options if p.action.verb == verb]
            if fitting:
                return self.chance.choice(fitting)
        return None

    def write(self, person: PersonId, text: str, low: float = 5, high: float = 60) -> None:
        """Write words, some seconds from now."""
        self.ears.later(soon(self.chance, low, high), lambda: self.ears.hear(person, text=text))

    def explain(self, person: PersonId, verb: str, low: float, high: float) -> None:
        """Tap something that wants words, then give them."""
        wait = soon(self.chance, low, high)

        def act() -> None:
            option = self._newest(person, verb)
            if option is not None:
                self.ears.hear(person, token=option.token)
                self.ears.hear(person, text="they called me on the phone")

        self.ears.later(wait, act)

    # --- responders -----------------------------------------------------------------------------

    def _paged(self, person: PersonId, shown: Shown) -> None:
        match self.ears.town.tempers.get(person, "quick"):
            case "never":
                return
            case "declines":
                self.tap(person, Verb.DECLINE, 10, 200)
            case "slow":
                self.tap(person, Verb.ACCEPT, 100, 700)
            case "vanishes":
                self.tap(person, Verb.ACCEPT, 10, 100)
                self.ears.later(101, lambda: self.silent.add(person))
            case _:
                self.tap(person, Verb.ACCEPT, 5, 120)

    def _waits(self, person: PersonId, shown: Shown) -> None:
        if self.chance.random() < 0.15:
            self.tap(person, Verb.DECLINE, 20, 400)

    def _briefed(self, person: PersonId, shown: Shown) -> None:
        match self.chance.randrange(12):
            case 0:
                self.tap(person, Verb.DECLINE, 10, 150)
            case 1:
                self.tap(person, Verb.HAVE_IT, 170, 400)
            case 2:
                self.write(person, self.chance.choice(("ok", "on my way soon", DURESS)))
                self.tap(person, Verb.HAVE_IT, 5, 100)
            case _:
                self.tap(person, Verb.HAVE_IT, 5, 100)

    def _goes(self, person: PersonId, shown: Shown) -> None:
        if self.ears.town.tempers.get(person) == "silent-out" and self.chance.random() < 0.7:
            self.silent.add(person)
            self.ears.later(4 * 3600, lambda: self.silent.discard(person))
            return
        self.tap(person, Verb.THERE, 200, 1200)
        self._routine(person, 1200)

    def _routine(self, person: PersonId, seconds: float) -> None:
        match self.chance.choice(_ROUTINE):
            case "duress":
                self.write(person, f"well, {DURESS} I think", 200, seconds)
            case "words":
                self.write(person, "we moved to the other side", 200, seconds)
            case verb:
                self.tap(person, verb, 200, seconds)

    def _nudged(self, person: PersonId, shown: Shown) -> None:
        if self.chance.random() < 0.7:
            self.tap(person, Verb.CHECK_IN, 10, 250)
        if self.chance.random() < 0.3:
            self.tap(person, Verb.HAVE_IT, 10, 150)

    def _goes_on(self, person: PersonId, shown: Shown) -> None:
        if any(p.action.verb == Verb.DONE for p in shown.options):
            self._routine(person, 1500)

    def _holds_back(self, person: PersonId, shown: Shown) -> None:
        verb = self.chance.choice(
            (Verb.CHECK_IN, Verb.CHECK_IN, Verb.OUT, Verb.LEAVE, Verb.DECLINE)
        )
        self.tap(person, verb, 10, 400)

    def _leaves(self, person: PersonId, shown: Shown) -> None:
        if self.chance.random() < 0.8:
            self.tap(person, Verb.OUT, 30, 700)

    def _thanked(self, person: PersonId, shown: Shown) -> None:
        if self.chance.random() < 0.2:
            self.tap(person, Verb.HARD, 10, 4000)

    # --- verifiers and coordinators -------------------------------------------------------------

    def _verifies(self, person: PersonId, shown: Shown) -> None:
        verbs = (
            Verb.CONFIRM,
            Verb.CONFIRM,
            Verb.CONFIRM,
            Verb.NOT_CONFIRMED,
            Verb.MERGE,
            "ask",
            "",
        )
        match self.chance.choice(verbs):
            case "ask":
                self.explain(person, Verb.ASK, 20, 200)
                self.tap(person, Verb.CONFIRM, 200, 600)
            case "":
                return
            case verb:
                self.tap(person, verb, 20, 500)

    def _alarmed(self, person: PersonId, shown: Shown) -> None:
        if person not in self.ears.town.awake or self.chance.random() < 0.5:
            return
        match self.chance.randrange(8):
            case 0:
                self.explain(person, Verb.END, 30, 300)
            case 1:
                self.tap(person, Verb.LEAVE_ORDER, 30, 300)
            case 2 | 3:
                self.tap(person, Verb.WIDEN, 10, 200)
            case _:
                self.explain(person, Verb.ACCOUNTED, 30, 300)

    def _boards(self, person: PersonId, shown: Shown) -> None:
        if person in self.ears.town.awake and self.chance.random() < 0.15:
            verb = self.chance.choice((Verb.NOTE, Verb.NOTE, Verb.END))
            self.explain(person, verb, 60, 4000)
        elif person in self.ears.town.awake and self.chance.random() < 0.05:
            self.tap(person, Verb.WIDEN, 60, 1000)
        elif person in self.ears.town.awake and self.chance.random() < 0.05:
            self.tap(person, Verb.LEAVE_ORDER, 300, 4000)

    # --- reporters ------------------------------------------------------------------------------

    def _hears_news(self, person: PersonId, shown: Shown) -> None:
        match self.chance.randrange(40):
            case 0:
                self.tap(person, Verb.SAFE, 10, 400)
            case 1:
                self.tap(person, Verb.CANCEL, 10, 400)
            case 2:
                self.forget(person)
            case 3:
                self.tap(person, Verb.CANCEL, 10, 100)
                self.ears.later(200, lambda: self.forget(person))
            case _:
                return

    def forget(self, person: PersonId) -> None:
        """Ask to be forgotten, and mean it."""
        self.write(person, "/forget", 1, 5)
        self.tap(person, Verb.FORGET, 15, 40)

    def _asked(self, person: PersonId, shown: Shown) -> None:
        """An answer in a conversation: go on, pass it over, or say something else."""
        verbs = {p.action.verb for p in shown.options}
        if Verb.SKIP in verbs and self.chance.random() < 0.6:
            place = self.ears.canary(person, "p")
            text = self.chance.choice((f"corner of {place} and Third", "skip", "maybe three"))
            self.write(person, text, 10, 60)
        elif Verb.PLACE in verbs or Verb.KIND in verbs:
            self.tap(person, Verb.PLACE if Verb.PLACE in verbs else Verb.KIND, 10, 60)

    def _question(self, person: PersonId, shown: Shown) -> None:
        self.write(person, f"yes, {self.ears.canary(person, 'w')}", 10, 100)

    def _over(self, person: PersonId, shown: Shown) -> None:
        if self.chance.random() < 0.5:
            self.tap(person, Verb.FOLLOW_UP, 10, 1000)

    def morning(self, person: PersonId, codes: list[str]) -> None:
        """A coordinator wakes and ends whatever is still open, knowing that all are home."""
        self.silent.discard(person)
        for code in codes:
            self.ears.hear(person, text=f"/end {code} everybody is home, I called them")

    def is_coordinator(self, person: PersonId) -> bool:
        """Whether this member coordinates."""
        who = self.ears.town.world.person(person)
        return who is not None and who.has(Role.COORDINATOR)


_ANSWERS: Final[dict[str, Callable[[People, PersonId, Shown], None]]] = {
    Card.PAGE: People._paged,
    Card.WAITING: People._waits,
    Card.BRIEF: People._briefed,
    Card.GO: People._goes,
    Card.CONTROLS: People._goes_on,
    Card.NUDGE: People._nudged,
    Card.BACK: People._nudged,
    Card.HOLD_BACK: People._holds_back,
    Card.LEAVE: People._leaves,
    Card.STAND_DOWN: People._leaves,
    Card.THANKS: People._thanked,
    Card.VERIFY: People._verifies,
    Card.ALARM: People._alarmed,
    Card.BOARD: People._boards,
    Card.QUESTION: People._question,
    Card.OVER: People._over,
    "reply": People._asked,
    **{card: People._hears_news for card in _REPORTER_CARDS},
}
