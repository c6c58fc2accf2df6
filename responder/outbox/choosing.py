"""Which parcels may leave now, and which way each of them goes.

Rules it keeps
    * The ways are asked for anew each time: people change their addresses while messages wait.
      What waits for a channel that is shut is passed over without a look, so that a long queue
      behind one of them costs the others nothing; what could go another way is looked at again
      once a second, and all of it twice a minute: there may be another way by then.
    * What is urgent does not wait for a channel that is down, seems to deliver nothing, or left it
      unsure, if another private one is left. What is not goes another way only around a channel
      that seems to deliver nothing: the others come back.
    * What is less urgent finds no gate open that something more urgent found shut.

What it must not know
    Requests, the database, what becomes of a parcel without a way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from responder.core.messages import Message, Urgency
from responder.core.model import Person, PersonId
from responder.core.routing import Form, Leg, legs, reader_of
from responder.outbox.mailbag import Parcel
from responder.outbox.pacing import Gate, urgent
from responder.outbox.sorting import Sorting

LOOK_AGAIN_S: Final = 1.0
"""While something waits for one channel and could go over another."""
LOOK_ANYWAY_S: Final = 30.0
"""While something waits for the only channel that its reader had when it was looked at."""
LOOKED_AT_ONCE: Final = 256
"""Parcels that are found to wait in one go: then others get their turn at the machine."""


class Attempt(msgspec.Struct, frozen=True):
    """One request about to be made, and the ticket of its gate; `reader` as the way was chosen."""

    parcel: Parcel
    leg: Leg
    ticket: int
    begun: float
    reader: Person | None


@dataclass(slots=True)
class Chosen:
    """What may leave now, most urgent first, and when to choose again (`inf`: not by the clock).

    `bare` are parcels that wait for their pictures; `lost` are those that no way is left for;
    `parked` wait for a channel that is shut.
    """

    attempts: list[Attempt] = field(default_factory=list)
    bare: list[Parcel] = field(default_factory=list)
    lost: list[Parcel] = field(default_factory=list)
    parked: list[Parcel] = field(default_factory=list)
    opens_at: float = math.inf


class Chooser:
    """Knows the channels by their privacy and their gates, and people by their records."""

    def __init__(
        self,
        private: Mapping[str, bool],
        gates: Mapping[str, Gate],
        person: Callable[[PersonId], Person | None],
        has_phone: Callable[[PersonId], bool],
        deaf: Callable[[str], bool],
    ) -> None:
        self._private, self._gates, self._deaf = private, gates, deaf
        self._person, self._has_phone = person, has_phone
        self._look_again_at = math.inf

    def choose(self, bag: Sorting, now: float) -> Chosen:
        """Go through the lines by urgency; what is chosen is marked and counts as begun."""
        chosen = Chosen()
        shut: set[str] = set()
        if now >= self._look_again_at:
            bag.unpark()
            self._look_again_at = math.inf
        for line in bag.lines(shut):
            if len(shut) == len(self._gates):
                break
            if len(chosen.parked) == LOOKED_AT_ONCE:
                chosen.opens_at = now
                break
            if not (line.head.under_way or line.head.fetching):
                self._look_at(line.head, line.urgency, now, shut, chosen)
        bag.park(chosen.parked)
        chosen.opens_at = min(chosen.opens_at, self._look_again_at)
        return chosen

    def route(
        self, to: PersonId, message: Message, delivered: Mapping[str, str]
    ) -> tuple[Leg, ...]:
        """Every way for this message to this person; to somebody forgotten only a last word."""
        person = reader_of(message, self._person(to))
        if person is None:
            return ()
        phone = bool(message.device) or self._has_phone(person.id)
        return legs(message, person, self._private, delivered, phone=phone)

    def legs_left(self, parcel: Parcel) -> list[Leg]:
        """The ways that are worth another attempt, best first."""
        trace = parcel.trace
        delivered = {} if parcel.first else trace.newest
        return [
            leg
            for leg in self.route(trace.to, parcel.shown, delivered)
            if leg.main is parcel.main
            and leg.channel not in parcel.tried
            and (leg.channel, leg.handle) not in parcel.ended
            and not (parcel.second and leg.form is Form.SEALED)
        ]

    def still_a_way(self, attempt: Attempt) -> bool:
        """Whether it would be chosen now: an address may have been given up since."""
        parcel = attempt.parcel
        same = self._person(parcel.trace.to) is attempt.reader
        return same or attempt.leg in self.legs_left(parcel)

    def readable_left(self, parcel: Parcel) -> bool:
        """Whether what arrived sealed could also go, unsealed, over another channel."""
        return any(leg.form is Form.WORDS for leg in self.legs_left(parcel))

    def _look_at(
        self, parcel: Parcel, urgency: Urgency, now: float, shut: set[str], chosen: Chosen
    ) -> None:
        left = self.legs_left(parcel)
        if not left:
            chosen.lost.append(parcel)
            return
        if parcel.not_before_s > now:
            chosen.opens_at = min(chosen.opens_at, parcel.not_before_s)
            return
        urgently = urgent(urgency)
        leg = self._first_up(parcel, left, urgency, now) if urgently else self._heard(left)
        gate = self._gates[leg.channel]
        opens = gate.opens_at(urgency, now)
        if opens > now:
            shut.add(leg.channel)
            parcel.waits_for = leg.channel
            chosen.parked.append(parcel)
            again_s = LOOK_AGAIN_S if len(left) > 1 else LOOK_ANYWAY_S
            self._look_again_at = min(self._look_again_at, now + again_s)
        opens = max(opens, gate.chat_opens_at(leg.handle, urgency, now))
        if opens > now:
            chosen.opens_at = min(chosen.opens_at, opens)
        elif self._lacks_media(parcel, leg):
            chosen.bare.append(parcel)
        else:
            parcel.under_way = True
            reader = self._person(parcel.trace.to)
            ticket = gate.begin(leg.handle, now)
            chosen.attempts.append(Attempt(parcel, leg, ticket, now, reader))

    def _first_up(self, parcel: Parcel, left: Sequence[Leg], urgency: Urgency, now: float) -> Leg:
        """The first leg whose channel works, and has not left us unsure if another is there; if
        none does, the one that opens first."""
        up = [
            leg
            for leg in left
            if not (self._gates[leg.channel].down(leg.handle, now) or self._deaf(leg.channel))
        ]
        for leg in up:
            if leg.channel not in parcel.unsure:
                return leg
        if up:
            return up[0]
        return min(left, key=lambda leg: self._gates[leg.channel].opens_at(urgency, now))

    def _heard(self, left: Sequence[Leg]) -> Leg:
        """The first leg whose channel is not known to deliver nothing; the first if all are."""
        return next((leg for leg in left if not self._deaf(leg.channel)), left[0])

    def _lacks_media(self, parcel: Parcel, leg: Leg) -> bool:
        wanted = parcel.shown.media and leg.form is Form.WORDS and self._private[leg.channel]
        return bool(wanted) and parcel.attachments is None
