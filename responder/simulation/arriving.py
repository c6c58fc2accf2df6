"""What people send, on its way to the core's door: late, twice, out of order, or never.

What it is for
    Whoever writes, taps or sends a picture does it here. What their platform brings is handed in
    until it was taken in; what it loses is lost.

Rules it keeps
    * A message has one key, however often it comes.
    * Where nobody takes it, the process being away or the disk full, the platform keeps it.

What it must not know
    Why people say what they say, what the core makes of it, what any law says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from responder.core import halves, network
from responder.core.changes import Prompt
from responder.core.messages import Message
from responder.core.model import Media, MessageId, PersonId
from responder.core.spoken import Inbound, PhoneSign, Verb
from responder.simulation import cast, letters
from responder.simulation.errands import Errands
from responder.simulation.laws import Laws
from responder.simulation.machine import Decide, Machine
from responder.simulation.platforms import Platform
from responder.simulation.town import Town

_TRY_AGAIN_S: Final = 20.0


class Door(Machine, Protocol):
    """The process that everything is handed to."""

    town: Town
    platforms: dict[str, Platform]
    errands: Errands
    laws: Laws

    @property
    def down(self) -> bool:
        """Whether nobody is there to take anything."""

    def dice(self, person: PersonId) -> Random:
        """This person's own chance."""

    def prompts(self, tokens: list[str]) -> tuple[Prompt, ...]:
        """What these tokens ask, where they still ask anything."""

    def step(
        self,
        what: str,
        kind: str,
        decide: Decide,
        *,
        failed: Message | None = None,
        heard: Heard | None = None,
    ) -> bool:
        """One transaction, checked and carried out; False where it was not committed."""


@dataclass(frozen=True)
class Heard:
    """One message as it is handed in: from whom, what it answers, which part of a letter it is."""

    by: PersonId
    inbound: Inbound
    prompt: Prompt | None
    letter: letters.Part | None

    @property
    def pressed(self) -> str:
        """The meaning of what was pressed, if anything was."""
        return self.prompt.action.verb if self.prompt else ""

    @property
    def words(self) -> str:
        """What it says, in a word or a few."""
        if self.letter is not None:
            return f"part {self.letter.number} of {self.letter.of}"
        inbound = self.inbound
        return self.pressed or inbound.text or inbound.reaction or "a token of no meaning"


class Arrivals:
    """All that the people of one history send."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.town = door.town
        self.canaries: dict[str, PersonId] = {}
        """Words that stand in one person's messages alone, and whose."""
        self._sent: Counter[PersonId] = Counter()
        self._handles = {
            person.id: (person.addresses[-1].channel, person.addresses[-1].handle)
            for person in door.world.everybody.values()
        }

    # --- what people do -------------------------------------------------------------------------

    def dice(self, person: PersonId) -> Random:
        """This person's own chance."""
        return self._door.dice(person)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do this so many seconds from now."""
        self._door.later(seconds, act)

    def prompts(self, tokens: list[str]) -> tuple[Prompt, ...]:
        """What these tokens ask, where they still ask anything."""
        return self._door.prompts(tokens)

    def canary(self, person: PersonId, kind: str) -> str:
        """A word that only this person's words hold."""
        word = f"zq{kind}{len(self.canaries)}x"
        self.canaries[word] = person
        return word

    def teller(self, canary: str) -> PersonId | None:
        """Who wrote this word, if that person is still on record."""
        return self.known(self.canaries[canary])

    def picture(self, person: PersonId) -> Media:
        """This person takes a picture, or speaks, where they write."""
        return self._door.errands.picture(person, self._address(person)[0])

    def show(self, person: PersonId, text: str) -> None:
        """This person sends a picture, with a word or without."""
        self.say(person, text, media=(self.picture(person),))

    def fetch(self, person: PersonId, message: Message) -> None:
        """This person's phone asks for the pictures that a sealed page named."""
        door = self._door
        for media in door.errands.phone_asks(person, message) if not door.down else ():
            door.tell(f"{person}'s phone fetches {media.ref}")
            door.laws.fetched(person, message, media)

    def say(
        self,
        person: PersonId,
        text: str = "",
        token: str = "",
        reaction: str = "",
        target: MessageId | None = None,
        media: tuple[Media, ...] = (),
        phone: PhoneSign | None = None,
    ) -> None:
        """This person sends that; the platform brings it, late, twice, or never."""
        channel, handle = self._address(person)
        self._sent[person] += 1
        inbound = Inbound(
            channel=channel,
            key=f"{person}/{self._sent[person]}",
            handle=handle,
            at=self._door.now,
            text=text,
            token=token,
            reaction=reaction,
            media=media,
            phone=phone,
        )
        platform = self._door.platforms[channel]
        for seconds in platform.brings(self._door.dice_of(person), self._door.now):
            if seconds:
                self.later(seconds, lambda: self._bring(person, inbound, target))
            else:
                self._bring(person, inbound, target)

    def _address(self, person: PersonId) -> tuple[str, str]:
        """Where this person writes from; `person` is their id, or our name for a stranger."""
        if person not in self._handles:
            who = self._door.world.person(person)
            there = who.addresses[-1] if who else None
            stranger = (cast.SIGNAL, f"+1777{person}")
            self._handles[person] = (there.channel, there.handle) if there else stranger
        return self._handles[person]

    def known(self, person: PersonId) -> PersonId | None:
        """The id under which the network knows whoever writes from there."""
        found = self._door.world.at_address(*self._address(person))
        return found.id if found else None

    # --- handing in -----------------------------------------------------------------------------

    def _bring(self, person: PersonId, inbound: Inbound, target: MessageId | None) -> None:
        """Hand a message in; while nobody takes it the platform keeps it."""
        if (inbound.channel, inbound.key) in self._door.disk.taken:
            return
        if self._door.down or not self._hear(person, inbound, target):
            self.later(_TRY_AGAIN_S, lambda: self._bring(person, inbound, target))

    def _hear(self, person: PersonId, inbound: Inbound, target: MessageId | None) -> bool:
        door = self._door
        letter = letters.part_of(inbound.text)
        told = halves.told(door.world, inbound.channel, inbound.handle)
        inbound = door.errands.read_lock(letters.read(inbound, told))
        heard = Heard(person, inbound, self._meant(person, inbound, target), letter)
        taken = door.step(
            f"{person} ({inbound.channel}): {heard.words}",
            "hear",
            lambda w, at, n: network.hear(w, inbound, at, n, target),
            heard=heard,
        )
        if taken:
            door.errands.heard(inbound)
        return taken

    def _meant(self, person: PersonId, inbound: Inbound, target: MessageId | None) -> Prompt | None:
        """The open question of this person's own that this answers; None for words."""
        questions = self._door.world.questions.of(person)
        mine = [p for question in questions for p in question.prompts]
        if inbound.token:
            return next((p for p in mine if p.token == inbound.token), None)
        if inbound.reaction:
            meant = (Verb.ACCEPT, Verb.HAVE_IT)
            under = (p for q in questions if q.message == target for p in q.prompts)
            return next((p for p in under if p.action.verb in meant), None)
        return next((p for p in mine if str(p.number) == inbound.text), None)
