"""What can be done on the demo's stage, each thing shown as it happens.

What it is for
    Stories and the live demo are made of these: somebody writes, somebody taps, time passes, the
    narrator says why.

Rules it keeps
    * Nothing is done to the network but what people type and what the clock brings.
    * What was expected and did not happen raises `StoryBroken`, with one plain line.

What it must not know
    Which story is played, and whether somebody sits at the keyboard.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from responder.core.barring import Barred
from responder.core.changes import Prompt
from responder.core.model import CallState, Incident, PersonId, Role, State
from responder.core.spoken import Verb
from responder.demo.cast import CAST, Part
from responder.demo.screen import Screen
from responder.demo.stage import Stage
from responder.errors import ResponderError

THINKING: Final = timedelta(seconds=25)
"""How long the demo's people take to type something."""
_LONG_WAIT: Final = timedelta(hours=2)


class StoryBroken(ResponderError):
    """Something that a story hangs on did not happen."""


class Play:
    """One performance."""

    def __init__(self, stage: Stage, screen: Screen) -> None:
        self.stage = stage
        self.screen = screen

    # --- acts -----------------------------------------------------------------------------------

    def tell(self, key: str, /, **params: object) -> None:
        """The narrator says something of the demo's phrases."""
        self.screen.tell(self.stage.now, self.screen.say(key, **params))

    async def writes(self, handle: str, text: str) -> None:
        """Somebody writes something."""
        self.stage.clock.forward(self.stage.now + THINKING)
        self.screen.typed(handle, text, self._meaning(handle, text))
        await self.stage.hear(handle, text)
        self.show()

    async def says(self, handle: str, key: str) -> None:
        """Somebody writes words of the demo's phrases."""
        await self.writes(handle, self.screen.say(f"words.{key}"))

    async def taps(self, handle: str, verb: Verb, arg: str = "") -> None:
        """Somebody answers the newest question that means this, by its number."""
        prompt = self.stage.question(handle, verb, arg)
        if prompt is None:
            raise StoryBroken(self.screen.say("broken.tap", name=self.screen.name(handle)))
        await self.writes(handle, str(prompt.number))

    def _meaning(self, handle: str, text: str) -> str:
        """The label of what a number answers."""
        prompts: tuple[Prompt, ...] = self.stage.world.prompts_of(PersonId(handle))
        return next((p.label for p in prompts if str(p.number) == text.strip()), "")

    async def waits(self, minutes: int) -> None:
        """Time passes; what is due meanwhile happens."""
        await self.waits_until(self.stage.now + timedelta(minutes=minutes))

    async def waits_until_due(self) -> None:
        """Time passes until the next deadline."""
        due = self.stage.world.next_due()
        if due is None:
            raise StoryBroken(self.screen.say("broken.due"))
        await self.waits_until(due)

    async def waits_for_check_in(self) -> None:
        """Time passes until everybody out there owes a sign of life."""
        dues = [mate.due for mate in self.incident().active if mate.due]
        await self.waits_until(max(dues, default=self.stage.now))

    async def waits_until(self, at: datetime) -> None:
        """Time passes, and the narrator says so."""
        self.screen.aside(self.passing(at))
        await self.stage.wait_until(at)
        self.show()

    def passing(self, at: datetime) -> str:
        """In words, that the clock is set forward to `at`."""
        span = at - self.stage.now
        if span >= _LONG_WAIT:
            return self.screen.say("clock.long", day=self._day(at), time=f"{at:%H:%M}")
        minutes = max(round(span.total_seconds() / 60), 1)
        key = "clock.minute" if minutes == 1 else "clock.minutes"
        return self.screen.say(key, minutes=minutes, time=f"{at:%H:%M}")

    def _day(self, at: datetime) -> str:
        days = self.screen.say("weekdays").split(",")
        return f"{days[at.weekday()]} {at:%Y-%m-%d}"

    def show(self) -> None:
        """Draw what has arrived."""
        self.screen.phones(self.stage.take_shown())

    # --- what must be -----------------------------------------------------------------------------

    def incident(self) -> Incident:
        """The incident that the story is about."""
        found = self.stage.incident
        if found is None:
            raise StoryBroken(self.screen.say("broken.none"))
        return found

    def expect(self, state: State) -> None:
        """The story goes on only if its incident has come so far."""
        reached = self.incident().state
        if reached is not state:
            raise StoryBroken(self.screen.say("broken.state", wanted=state, reached=reached))

    def expect_team(self, *handles: str) -> None:
        """These people are the team, and nobody else."""
        team = {mate.person for mate in self.incident().active}
        if team != set(handles):
            raise StoryBroken(self.screen.say("broken.team"))

    # --- who is asked, and who is not -------------------------------------------------------------

    def who_is_paged(self) -> None:
        """Who was paged, and for everybody else the reason why not."""
        incident = self.incident()
        paged = [c.person for c in incident.calls if c.state is not CallState.FAILED]
        names = ", ".join(self.screen.name(person) for person in dict.fromkeys(paged))
        self.tell("paged", names=names)
        self.tell("not-paged")
        self.screen.listed(self._reasons(incident, set(paged)))

    def _reasons(self, incident: Incident, paged: set[PersonId]) -> Iterator[tuple[str, str]]:
        for part in CAST:
            if part.handle not in paged:
                yield part.call_sign, self._why_not(incident, part)

    def _why_not(self, incident: Incident, part: Part) -> str:
        world, now, person = self.stage.world, self.stage.now, PersonId(part.handle)
        reason = world.barred(incident, person, now)
        care = world.cares.get(person)
        until = care.rest_until if care else None
        playbook = world.playbook(incident.playbook)
        there = ", ".join(world.neighbourhoods[place].name for place in part.places)
        return self.screen.say(
            f"barred.{self._reason(reason, part)}",
            until=f"{self._day(until)} {until:%H:%M}" if until else "",
            training=", ".join(playbook.team.training),
            there=there,
            here=world.neighbourhoods[incident.neighbourhood].name,
        )

    def _reason(self, reason: Barred | None, part: Part) -> str:
        if reason is None:
            return "later"
        if reason is Barred.NOT_RESPONDER and Role.VERIFIER in part.roles:
            return "verifier"
        return reason.value

    def who(self) -> None:
        """Everybody, with what they can do."""
        self.screen.listed((part.call_sign, self._about(part)) for part in CAST)

    def _about(self, part: Part) -> str:
        say = self.screen.say
        world, now = self.stage.world, self.stage.now
        there = [world.neighbourhoods[place].name for place in part.places]
        on_call = any(PersonId(part.handle) in world.on_call(p, now) for p in part.places)
        role = "experienced" if part.experienced else "new"
        if Role.RESPONDER not in part.roles:
            role = part.roles[0].value
        busy = world.busy_in(PersonId(part.handle)) is not None
        return ", ".join(
            (
                say(f"who.{role}"),
                *there,
                say("who.team" if busy else "who.on-call" if on_call else "who.off-call"),
            )
        )
