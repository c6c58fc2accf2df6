"""What people do with what they are told: right, late, twice, out of order, or by somebody else.

Rules it keeps
    * What is done about a message hangs on the seed and that message alone, so that a story with
      a part left out goes on as before.

What it must not know
    What is decided, and which law it could break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias, TypeVar

from responder.core import events
from responder.core.effects import AlarmKind, Card, Tell
from responder.core.model import Incident, Pin
from responder.simulation.cast import HELP
from responder.simulation.town import Town

T = TypeVar("T")
_HUNDRED: Final = 100


class Lot:
    """A few draws that hang on their names alone: much cheaper than `random.Random`."""

    def __init__(self, *names: object) -> None:
        digest = blake2b("/".join(map(str, names)).encode(), digest_size=24).digest()
        self._left = int.from_bytes(digest)

    def below(self, number: int) -> int:
        """A whole number from 0, less than `number`."""
        self._left, found = divmod(self._left, number)
        return found

    def chance(self, percent: int) -> bool:
        """True so often in a hundred."""
        return self.below(_HUNDRED) < percent

    def of(self, things: Sequence[T]) -> T:
        """One of these."""
        return things[self.below(len(things))]


@dataclass(frozen=True)
class Move:
    """Something that somebody will do: an event of this kind, with this, so much later."""

    after_s: float
    kind: Callable[..., Any]
    says: Mapping[str, Any]


Moves: TypeAlias = Iterator[Move]


class Replies:
    """The people of one town, and what they do."""

    def __init__(self, seed: int, town: Town) -> None:
        self._seed = seed
        self._tempers = town.tempers
        self._anybody = (*town.members, *town.reporters)

    def to(self, tell: Tell, incident: Incident) -> Moves:
        """All that follows from this message, sooner or later."""
        answer = _ANSWERS.get(tell.card)
        if answer is None or (tell.replaces is not None and tell.card is Card.BOARD):
            return
        lot = Lot(self._seed, tell.message)
        if lot.chance(4):
            says = {"message": tell.message, "to": tell.to, "card": tell.card.value}
            yield Move(1 + lot.below(600), events.MessageFailed, says)
            if lot.chance(60):
                return
        for move in answer(self, tell, incident, lot):
            yield move
            if lot.chance(8):
                yield Move(move.after_s + lot.below(900), move.kind, move.says)
            if lot.chance(4) and "by" in move.says:
                other = lot.of(self._anybody)
                says = {**move.says, "by": other}
                if "text" in says:
                    says["text"] = f"more by {other}"
                yield Move(lot.below(900), move.kind, says)

    # --- responders -----------------------------------------------------------------------------

    def page(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """Going, cannot, nothing at all, or yes and then no."""
        temper = self._tempers.get(tell.to, "quick")
        by = {"by": tell.to}
        slow = 20 if temper == "slow" else 1
        if temper in ("asleep", "never") or lot.chance(10):
            return
        if temper == "declines" or lot.chance(15):
            yield Move(2 + lot.below(200), events.Declined, by)
            if lot.chance(80):
                return
        eta_s = lot.of((None, 600, 1200, 2400))
        yield Move(2 + slow * lot.below(90), events.Accepted, {**by, "eta_s": eta_s})
        if lot.chance(8):
            yield Move(lot.below(1200), events.Declined, by)
        if lot.chance(2):
            yield Move(lot.below(900), events.CheckedIn, {**by, "duress": lot.chance(50)})

    def brief(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """They have it, or cannot after all, or never look at it."""
        by = {"by": tell.to}
        if self._tempers.get(tell.to) == "vanishes" or lot.chance(6):
            return
        if lot.chance(6):
            yield Move(1 + lot.below(200), events.Declined, by)
            return
        yield Move(1 + lot.below(150), events.HaveIt, by)
        if lot.chance(3):
            yield Move(lot.below(200), events.Added, {**by, "text": "to my partner"})

    def go(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """They arrive, give signs of life, and some day it is over, or they must leave."""
        by = {"by": tell.to}
        if self._tempers.get(tell.to) == "silent-out" and lot.chance(70):
            return
        arrives = 60 + lot.below(1500)
        if lot.chance(85):
            yield Move(arrives, events.There, by)
        for _number in range(lot.below(3)):
            duress = lot.chance(2)
            yield Move(arrives + lot.below(3600), events.CheckedIn, {**by, "duress": duress})
        kinds = (
            *(events.Done,) * 12,
            *(events.LeaveNow, events.OutSafe, events.Declined, events.MoreNeeded),
        )
        yield Move(arrives + lot.below(3000), lot.of(kinds), by)
        if lot.chance(3):
            yield Move(lot.below(2400), events.Added, {**by, "text": "from the team"})

    def nudge(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """They wake up, or stay silent."""
        if lot.chance(60):
            says = {"by": tell.to, "duress": lot.chance(4)}
            yield Move(1 + lot.below(500), events.CheckedIn, says)

    def held_back(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """They say that they wait, or go home, or call everybody back."""
        by = {"by": tell.to}
        if lot.chance(60):
            yield Move(1 + lot.below(500), events.CheckedIn, by)
        if lot.chance(30):
            kind = lot.of((events.OutSafe, events.LeaveNow, events.Declined, events.Done))
            yield Move(lot.below(1200), kind, by)

    def left(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """They say that they are out, sooner or later or never."""
        by = {"by": tell.to}
        if lot.chance(10):
            yield Move(lot.below(300), events.CheckedIn, {**by, "duress": lot.chance(30)})
        if lot.chance(85):
            yield Move(1 + lot.below(900), events.OutSafe, by)

    def thanked(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """Some say that it was hard."""
        if lot.chance(6):
            yield Move(lot.below(4000), events.HardCall, {"by": tell.to})

    # --- verifiers and coordinators -------------------------------------------------------------

    def verify(self, tell: Tell, incident: Incident, lot: Lot) -> Moves:
        """Yes, no, a question first, the same as another one, or nothing.

        About one incident in eight no verifier says a word.
        """
        if Lot(self._seed, "silent", incident.id).chance(12):
            return
        by = {"by": tell.to}
        after_s = 1 + lot.below(400)
        if lot.chance(15):
            yield Move(lot.below(200), events.ReporterAsked, {**by, "text": "how many?"})
        running = tell.params["running"]
        if running and lot.chance(25):
            into = lot.of(running.split(",")).partition("=")[0]
            yield Move(after_s, events.Merged, {**by, "into": into})
        elif lot.chance(65):
            kind = events.Confirmed if lot.chance(85) else events.NotConfirmed
            yield Move(after_s, kind, by)
        if lot.chance(5):
            source = lot.of(incident.sources) if incident.sources else None
            if source is not None:
                yield Move(after_s, events.Confirmed, {"by": source.reporter})

    def board(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """Most look on; some note something, widen, end it or call people back."""
        by = {"by": tell.to}
        if lot.chance(6):
            yield Move(lot.below(2000), events.Noted, {**by, "text": "note", "to_team": True})
        if lot.chance(3):
            yield Move(lot.below(1500), events.Widened, by)
        if lot.chance(1):
            yield Move(lot.below(4000), events.LeaveOrdered, by)
        if lot.chance(1):
            yield Move(lot.below(5000), events.Ended, {**by, "reason": "it is over"})

    def alarm(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """Some look after it, some sleep through it."""
        by = {"by": tell.to}
        if tell.about is not None and lot.chance(50):
            says = {**by, "person": tell.about, "reason": "phoned them"}
            yield Move(5 + lot.below(600), events.AccountedFor, says)
        elif tell.params["kind"] == AlarmKind.NO_TEAM and lot.chance(4):
            yield Move(5 + lot.below(600), events.Widened, by)
        if lot.chance(2):
            yield Move(5 + lot.below(900), events.Ended, {**by, "reason": "ended"})

    # --- reporters ------------------------------------------------------------------------------

    def reporter(self, tell: Tell, incident: Incident, lot: Lot) -> Moves:
        """They tell more, say that they are safe, take it back, or want it forgotten."""
        by = {"by": tell.to}
        if incident.kind == "mutual-aid" and lot.chance(80):
            yield Move(lot.below(900), events.Added, {**by, "wants": lot.of((*HELP, ""))})
        if lot.chance(20):
            place = lot.of(("", "", "by the bridge"))
            pin = lot.of((None, None, None, Pin(latitude=1.0, longitude=2.0)))
            says = {**by, "text": f"more by {tell.to}", "place": place, "pin": pin}
            yield Move(lot.below(1800), events.Added, says)
        if lot.chance(6):
            yield Move(lot.below(2500), events.ReporterSafe, by)
        if lot.chance(6):
            forget = lot.chance(50)
            yield Move(lot.below(4000), events.ReporterCancelled, {**by, "forget": forget})
        if lot.chance(6):
            yield Move(lot.below(4000), events.FollowUpWanted, {**by, "wanted": lot.chance(80)})

    def question(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """They answer, or are gone."""
        if lot.chance(60):
            says = {"by": tell.to, "text": f"more by {tell.to}"}
            yield Move(5 + lot.below(300), events.Added, says)

    def nothing(self, tell: Tell, _: Incident, lot: Lot) -> Moves:
        """Nothing follows, but the message may reach nobody."""
        yield from ()


_ANSWERS: Final[Mapping[Card, Callable[[Replies, Tell, Incident, Lot], Moves]]] = {
    Card.PAGE: Replies.page,
    Card.REQUEST: Replies.page,
    Card.BRIEF: Replies.brief,
    Card.GO: Replies.go,
    Card.NUDGE: Replies.nudge,
    Card.BACK: Replies.nudge,
    Card.HOLD_BACK: Replies.held_back,
    Card.LEAVE: Replies.left,
    Card.STAND_DOWN: Replies.left,
    Card.THANKS: Replies.thanked,
    Card.VERIFY: Replies.verify,
    Card.BOARD: Replies.board,
    Card.ALARM: Replies.alarm,
    Card.HELD: Replies.reporter,
    Card.ASKED: Replies.reporter,
    Card.MORNING: Replies.reporter,
    Card.JOINED: Replies.reporter,
    Card.ON_THE_WAY: Replies.reporter,
    Card.QUESTION: Replies.question,
    Card.DROPPED: Replies.nothing,
    Card.OVER: Replies.nothing,
    Card.NOBODY: Replies.nothing,
    Card.EXPIRED: Replies.nothing,
}
