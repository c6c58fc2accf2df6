"""What the people of the town do: they read what they get and answer it, or do not.

What it is for
    Everybody answers by what stands on their own screen, newest first; some tap twice, tap old
    messages, or try somebody else's token. Their words carry canaries: `zqw7x` in what happened,
    `zqp7x` in the exact place.

Rules it keeps
    * Nobody knows more than what came to their own screen; a sealed page that its reader never
      opens shows its notice alone.

What it must not know
    The core's decisions, memory, the disk.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from responder.core import reach
from responder.core.changes import Prompt
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import IncidentId, MessageId, PersonId
from responder.core.routing import Form
from responder.core.spoken import PhoneSign, Verb
from responder.core.talk.questions import MORE
from responder.simulation.cast import DURESS
from responder.simulation.post import Left
from responder.simulation.town import Town


@dataclass(frozen=True)
class Shown:
    """One message on somebody's screen, with what could be tapped under it when it came."""

    message: MessageId
    card: str
    incident: IncidentId | None
    options: tuple[Prompt, ...]


class Ears(Protocol):
    """Where people's doings go."""

    town: Town

    def dice(self, person: PersonId) -> Random:
        """This person's own chance."""

    def prompts(self, tokens: list[str]) -> tuple[Prompt, ...]:
        """What these tokens ask, where they still ask anything."""

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do this so many seconds from now."""

    def say(
        self,
        person: PersonId,
        text: str = "",
        token: str = "",
        reaction: str = "",
        target: MessageId | None = None,
        *,
        phone: PhoneSign | None = None,
    ) -> None:
        """This person sends that."""

    def fetch(self, person: PersonId, message: Message) -> None:
        """This person's phone asks for the pictures that a sealed page named."""

    def canary(self, person: PersonId, kind: str) -> str:
        """A word that only this person's words hold."""


_SCREEN: Final = 12
_STOLEN: Final = 400
_THUMB: Final = "\U0001f44d"
_NEWS: Final = frozenset({Card.HELD, Card.ASKED, Card.ON_THE_WAY, Card.THERE, Card.NOBODY})
_ROUTINE: Final = (
    *(Verb.CHECK_IN,) * 8,
    *(Verb.DONE,) * 5,
    *(Verb.MORE, Verb.LEAVE, Verb.DECLINE, "duress", "duress", "words"),
)
_VERIFYING: Final = (
    *(Verb.CONFIRM, Verb.CONFIRM, Verb.CONFIRM, Verb.NOT_CONFIRMED, Verb.MERGE),
    *("ask", ""),
)


class People:
    """Everybody's hands, eyes and screens."""

    def __init__(self, ears: Ears) -> None:
        self.ears = ears
        self.tempers = ears.town.tempers
        self.screens: defaultdict[PersonId, list[Shown]] = defaultdict(list)
        self.silent: set[PersonId] = set()
        self.pleads: set[PersonId] = set()
        """Those who want a person to read what they write."""
        self.tokens: deque[str] = deque(maxlen=_STOLEN)
        """Tokens that somebody may have seen over a shoulder."""

    # --- what they see --------------------------------------------------------------------------

    def see(self, left: Left) -> None:
        """A message has come; sooner or later they answer it, or never."""
        message = left.message
        if left.form is Form.SEALED and message.to in self.ears.town.blind:
            return
        if left.form is Form.SEALED:
            self._open_page(message)
        options = self.ears.prompts([c.token for row in message.rows for c in row])
        self.tokens.extend(p.token for p in options)
        shown = Shown(message.replaces or message.id, message.card, message.incident, options)
        screen = self.screens[message.to]
        screen[:] = [*[s for s in screen if s.message != shown.message][-_SCREEN:], shown]
        if message.replaces is None or message.card == Card.CONTROLS:
            answer = _ANSWERS.get(shown.card)
            if answer is not None and message.to not in self.silent:
                answer(self, message.to, self.ears.dice(message.to), shown)

    def _open_page(self, message: Message) -> None:
        """A probe says that it was opened; pictures are fetched, much later once more."""
        chance = self.ears.dice(message.to)
        if message.card == "probe":
            sign = PhoneSign(proof=message.text)
            wait_s = chance.choice((20.0, 300.0, 40_000.0))
            self.ears.later(wait_s, lambda: self.ears.say(message.to, phone=sign))
        if message.media:
            for wait_s in (chance.uniform(5, 300), chance.uniform(2000, 9000), 86_400 * 12):
                self.ears.later(wait_s, lambda: self.ears.fetch(message.to, message))

    # --- what they do ---------------------------------------------------------------------------

    def tap(self, person: PersonId, verb: str, low: float, high: float, arg: str = "") -> None:
        """Tap the newest option of that meaning, some seconds from now.

        `arg`: only one that is about that, or begins with it.
        """
        wait_s = self.ears.dice(person).uniform(low, high)
        self.ears.later(wait_s, lambda: self._tap(person, verb, arg))

    def _tap(self, person: PersonId, verb: str, arg: str) -> None:
        chance = self.ears.dice(person)
        found = self._newest(person, verb, arg)
        if found is None or person in self.silent:
            return
        message, option = found
        match chance.randrange(20):
            case 0 | 1:
                self.ears.say(person, text=str(option.number))
            case 2 if verb in (Verb.ACCEPT, Verb.HAVE_IT):
                self.ears.say(person, reaction=_THUMB, target=message)
            case _:
                self.ears.say(person, token=option.token)
        match chance.randrange(30):
            case 0:
                self.ears.say(person, token=option.token)
            case 1 if self.tokens:
                self.ears.say(person, token=chance.choice(self.tokens))

    def _newest(self, person: PersonId, verb: str, arg: str) -> tuple[MessageId, Prompt] | None:
        """An option of that meaning under the newest message that has any, and that message."""
        for shown in reversed(self.screens[person]):
            about = (p for p in shown.options if p.action.arg.startswith(arg))
            fitting = [p for p in about if p.action.verb == verb]
            if fitting:
                return shown.message, self.ears.dice(person).choice(fitting)
        return None

    def write(self, person: PersonId, text: str, low: float = 5, high: float = 60) -> None:
        """Write words, some seconds from now."""
        wait_s = self.ears.dice(person).uniform(low, high)
        self.ears.later(wait_s, lambda: self.ears.say(person, text=text))

    def explain(
        self,
        person: PersonId,
        verb: str,
        low: float,
        high: float,
        words: str = "they called me on the phone",
        arg: str = "",
    ) -> None:
        """Tap something that wants words, then give them."""

        def act() -> None:
            found = self._newest(person, verb, arg)
            if found is not None:
                self.ears.say(person, token=found[1].token)
                self.ears.say(person, text=words)

        self.ears.later(self.ears.dice(person).uniform(low, high), act)

    def forget(self, person: PersonId) -> None:
        """Ask to be forgotten, and mean it."""
        self.write(person, "/forget", 1, 5)
        self.tap(person, Verb.FORGET, 15, 40)

    # --- responders -----------------------------------------------------------------------------

    def _paged(self, person: PersonId, chance: Random, shown: Shown) -> None:
        match self.tempers.get(person, "quick"):
            case "never":
                return
            case "asleep":
                self.tap(person, Verb.ACCEPT, 3600, 6 * 3600)
            case "declines":
                self.tap(person, Verb.DECLINE, 10, 200)
            case "slow":
                self.tap(person, Verb.ACCEPT, 100, 700)
            case "vanishes":
                self.tap(person, Verb.ACCEPT, 10, 100)
                self.ears.later(101, lambda: self.silent.add(person))
                self.ears.later(20 * 3600, lambda: self.silent.discard(person))
            case _:
                self.tap(person, Verb.ACCEPT, 5, 120)

    def _waits(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if chance.random() < 0.15:
            self.tap(person, Verb.DECLINE, 20, 400)

    def _briefed(self, person: PersonId, chance: Random, shown: Shown) -> None:
        match chance.randrange(12):
            case 0:
                self.tap(person, Verb.DECLINE, 10, 150)
            case 1:
                self.tap(person, Verb.HAVE_IT, 170, 400)
            case 2:
                self.write(person, chance.choice(("ok", "on my way soon", DURESS)))
                self.tap(person, Verb.HAVE_IT, 5, 100)
            case _:
                self.tap(person, Verb.HAVE_IT, 5, 100)

    def _goes(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if self.tempers.get(person) == "silent-out" and chance.random() < 0.7:
            self.silent.add(person)
            self.ears.later(4 * 3600, lambda: self.silent.discard(person))
            return
        self.tap(person, Verb.THERE, 200, 1200)
        self._routine(person, chance, 1200)

    def _routine(self, person: PersonId, chance: Random, seconds: float) -> None:
        match chance.choice(_ROUTINE):
            case "duress":
                self.write(person, f"well, {DURESS} I think", 200, seconds)
            case "words":
                self.write(person, "we moved to the other side", 200, seconds)
            case verb:
                self.tap(person, verb, 200, seconds)

    def _nudged(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if chance.random() < 0.7:
            self.tap(person, Verb.CHECK_IN, 10, 250)
        if chance.random() < 0.3:
            self.tap(person, Verb.HAVE_IT, 10, 150)

    def _goes_on(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if any(p.action.verb == Verb.DONE for p in shown.options):
            self._routine(person, chance, 1500)

    def _holds_back(self, person: PersonId, chance: Random, shown: Shown) -> None:
        verb = chance.choice((Verb.CHECK_IN, Verb.CHECK_IN, Verb.OUT, Verb.LEAVE, Verb.DECLINE))
        self.tap(person, verb, 10, 400)

    def _leaves(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if chance.random() < 0.8:
            self.tap(person, Verb.OUT, 30, 700)

    def _thanked(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if chance.random() < 0.2:
            self.tap(person, Verb.HARD, 10, 4000)

    def _drilled(self, person: PersonId, chance: Random, shown: Shown) -> None:
        match self.tempers.get(person, "quick"):
            case "never" | "asleep":
                return
            case _ if chance.random() < 0.1:
                self.write(person, "ok")
            case _:
                self.tap(
                    person, chance.choice((Verb.REACHABLE, Verb.REACHABLE, Verb.NOT_FREE)), 5, 400
                )

    # --- verifiers and coordinators -------------------------------------------------------------

    def _verifies(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if person in self.ears.town.plotters:
            self.tap(person, Verb.CONFIRM, 2, 10)
            return
        match chance.choice(_VERIFYING):
            case "ask":
                self.explain(person, Verb.ASK, 20, 200)
                self.tap(person, Verb.CONFIRM, 200, 600)
            case "":
                return
            case verb:
                self.tap(person, verb, 20, 500)

    def _alarmed(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if person not in self.ears.town.awake or chance.random() < 0.5:
            return
        match chance.randrange(8):
            case 0:
                self.explain(person, Verb.END, 30, 300)
            case 1:
                self.tap(person, Verb.LEAVE_ORDER, 30, 300)
            case 2 | 3:
                self.tap(person, Verb.WIDEN, 10, 200)
            case _:
                self.explain(person, Verb.ACCOUNTED, 30, 300)

    def _boards(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if person not in self.ears.town.awake:
            return
        if chance.random() < 0.15:
            self.explain(person, chance.choice((Verb.NOTE, Verb.NOTE, Verb.END)), 60, 4000)
        elif chance.random() < 0.05:
            self.tap(person, Verb.WIDEN, 60, 1000)
        elif chance.random() < 0.05:
            self.tap(person, Verb.LEAVE_ORDER, 300, 4000)

    # --- reporters ------------------------------------------------------------------------------

    def _hears_news(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if self.tempers.get(person) == "mistaken" and chance.random() < 0.3:
            self.tap(person, chance.choice((Verb.CANCEL, Verb.SAFE)), 10, 400)
            return
        match chance.randrange(40):
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

    def _replied(self, person: PersonId, chance: Random, shown: Shown) -> None:
        """An answer in a conversation, or a word from the desk: what can be tapped tells which."""
        offered = [(p.action.verb, p.action.arg) for p in shown.options]
        verbs = {verb for verb, _ in offered}
        desk = next((verb for verb in _DESK if verb in verbs), None)
        if desk is not None:
            _DESK[desk](self, person, chance, next(arg for verb, arg in offered if verb == desk))
        else:
            self._asked(person, chance, verbs, offered)

    def _asked(
        self, person: PersonId, chance: Random, verbs: set[str], offered: list[tuple[str, str]]
    ) -> None:
        """Go on, pass it over, or say something else; whoever wants a person looks for that."""
        if person in self.pleads and Verb.PLEA in verbs:
            self.tap(person, Verb.PLEA, 10, 60)
        elif person in self.pleads and (Verb.KIND, MORE) in offered:
            self.tap(person, Verb.KIND, 10, 60, arg=MORE)
        elif Verb.SKIP in verbs and chance.random() < 0.6:
            place = self.ears.canary(person, "p")
            text = chance.choice((f"corner of {place} and Third", "skip", "food"))
            self.write(person, text, 10, 60)
        elif Verb.PLACE in verbs or Verb.KIND in verbs:
            self.tap(person, Verb.PLACE if Verb.PLACE in verbs else Verb.KIND, 10, 60)

    # --- at the desk, and between members -------------------------------------------------------

    def _second(self, person: PersonId, chance: Random, arg: str) -> None:
        """Another coordinator ordered something grave: agree, refuse, hesitate, or sleep."""
        match chance.randrange(8):
            case 0:
                self.tap(person, Verb.ORDER_NO, 20, 900, arg)
            case 1:
                self.tap(person, Verb.ORDER_YES, 1500, 2400, arg)
            case 2:
                self.tap(person, Verb.ORDER_YES, 20, 900, arg)
                self.tap(person, Verb.ORDER_NO, 20, 900, arg)
            case 3 | 4:
                return
            case _:
                self.tap(person, Verb.ORDER_YES, 20, 600, arg)

    def _pleaded_with(self, person: PersonId, chance: Random, arg: str) -> None:
        """Somebody waits for a coordinator."""
        if chance.random() < 0.6:
            self.tap(person, Verb.TAKE_PLEA, 20, chance.choice((200, 4000)), arg)

    def _took_it(self, person: PersonId, chance: Random, arg: str) -> None:
        """What one took wants an answer; some forget."""
        if chance.random() < 0.7:
            self.explain(person, Verb.ANSWER_PLEA, 20, 900, "we are looking into it", arg)

    def _asked_to_swap(self, person: PersonId, chance: Random, arg: str) -> None:
        verb = chance.choice((Verb.SWAP_YES, Verb.SWAP_YES, Verb.SWAP_NO))
        self.tap(person, verb, 20, 2000, arg)

    def _shift_was_changed(self, person: PersonId, chance: Random, arg: str) -> None:
        """A coordinator changed a shift of theirs; some object."""
        if chance.random() < 0.25:
            self.tap(person, chance.choice((Verb.NOT_FOR_ME, Verb.KEEP_SHIFT)), 20, 2000)

    def _could_take(self, person: PersonId, chance: Random, arg: str) -> None:
        if chance.random() < 0.3:
            self.tap(person, Verb.TAKE, 20, 2000, arg)

    def _question(self, person: PersonId, chance: Random, shown: Shown) -> None:
        self.write(person, f"yes, {self.ears.canary(person, 'w')}", 10, 100)

    def _over(self, person: PersonId, chance: Random, shown: Shown) -> None:
        if chance.random() < 0.5:
            self.tap(person, Verb.FOLLOW_UP, 10, 1000)


_DESK: Final[dict[str, Callable[[People, PersonId, Random, str], None]]] = {
    Verb.ORDER_YES: People._second,
    Verb.TAKE_PLEA: People._pleaded_with,
    Verb.ANSWER_PLEA: People._took_it,
    Verb.SWAP_YES: People._asked_to_swap,
    Verb.TAKE: People._could_take,
    Verb.NOT_FOR_ME: People._shift_was_changed,
    Verb.KEEP_SHIFT: People._shift_was_changed,
}
"""What the desk asks, by the answer that gives it away."""
_ANSWERS: Final[dict[str, Callable[[People, PersonId, Random, Shown], None]]] = {
    Card.PAGE: People._paged,
    Card.REQUEST: People._paged,
    reach.DRILL: People._drilled,
    reach.CHECK: People._drilled,
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
    "reply": People._replied,
    **{card: People._hears_news for card in _NEWS},
}
