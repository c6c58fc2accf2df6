"""One simulated history: the core's doors, virtual time, a process that dies, and every law.

What it is for
    `History(plan).run()` plays a plan to the last forgotten incident; every step is checked
    against every law. The same plan gives the same history, byte for byte: `digest` says so.

Rules it keeps
    * One step is one transaction: decided, committed, checked, and only then carried out.
    * Memory is thrown away at every crash and refused commit, and built anew from the disk.

What it must not know
    What happens when (`plan`), how (`happenings`), what people answer (`habits`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import Any, Final

from responder.core import network, sweeping
from responder.core.changes import Changes, Prompt
from responder.core.messages import Message
from responder.core.model import Incident, IncidentId, Media, PersonId, State
from responder.simulation import cast, happenings
from responder.simulation.arriving import Arrivals, Heard
from responder.simulation.backups import Backup
from responder.simulation.clock import Clock
from responder.simulation.deliveries import Deliveries
from responder.simulation.disk import Disk, differences
from responder.simulation.errands import Errands
from responder.simulation.figures import Figures
from responder.simulation.habits import People
from responder.simulation.laws import Broken, Laws, Step, Touched
from responder.simulation.machine import Decide
from responder.simulation.plan import DAY_S, FAULTS, Happening, Plan, dice
from responder.simulation.platforms import Platform
from responder.simulation.post import Post
from responder.simulation.town import a_town

_MOST_STEPS: Final = 60_000
"""A history that takes more steps than this for each of its days never ends."""
_LEFT_OVER: Final = timedelta(days=50)
"""How long after the last report all is forgotten: the retention, and strangers after it."""
_SILENT_AFTER: Final = timedelta(minutes=3)
_TRY_AGAIN_S: Final = 60.0
_MATTERS: Final = frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})


class History:
    """One network's simulated time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.town = a_town(plan)
        self.places, self.limits = self.town.places, self.town.limits
        self.clock = Clock()
        self.disk = Disk(self.town)
        self.world = self.disk.memory()
        self.editions = dict(self.disk.texts)
        self.faults: Counter[str] = Counter()
        self.figures = Figures()
        self.steps = 0
        self.story: list[str] = []
        self._history = blake2b(digest_size=16)
        self._dice: dict[str, Random] = {}
        self._causes: Counter[str] = Counter()
        self._kills = dice(plan.seed, "kills")
        self._life = 0
        self._down = False
        self._down_since: datetime | None = None
        self._put_back = False
        self._dies_next = False
        self.full_until: datetime | None = None
        self._not_before: datetime | None = None
        self.platforms = {
            name: Platform(name, plan.wildness, self.faults)
            for name in (cast.SIGNAL, cast.TELEGRAM)
        }
        self.errands = Errands(self)
        self.laws = Laws(self)
        for person in self.world.everybody.values():
            self.laws.meet(person)
        self.arrivals = Arrivals(self)
        self.people = People(self.arrivals)
        self.deliveries = Deliveries(self, self.laws, self.people, self.errands, self.figures)
        self.post = Post(self, self.deliveries, self.platforms)
        for happening in plan.happenings:
            self.later(happening.at_s, lambda h=happening: self._happen(h))  # type: ignore[misc]
        happenings.plan_days(self)

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The true time."""
        return self.clock.now

    @property
    def wall(self) -> datetime:
        """What the machine's clock shows."""
        return self.clock.wall

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Something in the world happens so many seconds from now."""
        self.clock.later(seconds, act)

    def soon(self, seconds: float, act: Callable[[], None]) -> None:
        """The process does this later, if it still lives then."""
        life = self._life

        def if_alive() -> None:
            if life == self._life and not self._down:
                act()

        self.clock.later(seconds, if_alive)

    def run(self, progress: Callable[[float], None] | None = None) -> History:
        """Play it to the end: nothing is planned any more, and nothing is ever due.

        `progress` hears, now and then, how much of the plan's time has passed, from 0 to 1.
        Raises `Broken` where a law is.
        """
        while self._go_on():
            if progress is not None and self.steps % 64 == 0:
                progress(min(1.0, (self.now - cast.START).total_seconds() / self.plan.length_s))
        self.laws.at_the_end()
        return self

    def _go_on(self) -> bool:
        """Let the next thing happen; False where nothing is left."""
        due, planned = self._next_due(), self.clock.next()
        if due is None and planned is None:
            return False
        if planned is None or (due is not None and due <= planned):
            assert due is not None
            self.clock.now = max(self.now, due)
            self._tick(self.world.due_by(self.wall)[0])
        else:
            self.clock.do_next()
        if self.steps > _MOST_STEPS * max(1, self.plan.days):
            raise self.broken("L5: it never ends", "ends")
        return True

    def _next_due(self) -> datetime | None:
        """The true time at which the process works off the next deadline."""
        due = None if self._down or self.disk.locked else self.world.next_due()
        if due is None:
            return None
        true = due - self.clock.skew
        return max(true, self._not_before) if self._not_before else true

    @property
    def digest(self) -> str:
        """What happened, in one word."""
        return self._history.hexdigest()

    @property
    def incidents(self) -> int:
        """How many were opened."""
        return len(self.laws.opened_with)

    @property
    def finished(self) -> bool:
        """Whether everything that was to be forgotten by now is."""
        return self.now - cast.START > timedelta(seconds=self.plan.length_s) + _LEFT_OVER

    def dice(self, person: str) -> Random:
        """This person's own chance."""
        found = self._dice.get(person)
        if found is None:
            found = self._dice[person] = dice(self.plan.seed, "person", person)
        return found

    def dice_of(self, person: str) -> Random:
        """The chance of that person's platforms, which their own doings do not move."""
        return self.dice(f"{person}'s post")

    def _happen(self, happening: Happening) -> None:
        if happening.what in FAULTS:
            self.tell(f"planned: {happening.what}")
            self.faults[happening.what] += 1
        chance = dice(self.plan.seed, happening.what, happening.number)
        happenings.HAPPEN[happening.what](self, chance)

    # --- steps ----------------------------------------------------------------------------------

    def step(
        self,
        what: str,
        kind: str,
        decide: Decide,
        *,
        failed: Message | None = None,
        heard: Heard | None = None,
    ) -> bool:
        """One transaction, told in the story, checked against every law, then carried out.

        False where it was not committed: then whoever wanted it tries again.
        """
        if self._down:
            return False
        self.tell(what)
        self.steps += 1
        by = self.arrivals.known(heard.by) if heard else None
        try:
            changes = decide(self.world, self.wall, self._nonce(what))
        except Exception as error:
            raise self.broken(
                f"it raised {type(error).__name__}: {error}", type(error).__name__
            ) from error
        if self.full:
            self.faults["a commit is refused"] += 1
            self.read_anew()
            self._not_before = self.now + timedelta(seconds=_TRY_AGAIN_S)
            return False
        if self.may_die("before the commit"):
            return False
        touched = tuple(self._touched(changes))
        if heard and by is None:
            # Whoever writes for the first time is on record from this step on.
            by = self.arrivals.known(heard.by) or heard.by
        self.disk.commit(changes)
        self._record(changes)
        said = _said(heard) if heard else {}
        self.laws.after(Step(self.wall, what, kind, changes, touched, by=by, failed=failed, **said))
        self.figures.note(self.now, touched, changes)
        if self.plan.anew:
            self._compare_and_read_anew()
        self.post.take(changes)
        self.errands.committed(changes)
        self.may_die("after the commit")
        return True

    def _touched(self, changes: Changes) -> Iterator[Touched]:
        for (kind, id), record in changes.puts.items():
            if kind == "incident" and isinstance(record, Incident):
                yield Touched(self.disk.incident(id), record)
        for kind, id in sorted(changes.deletes):
            if kind == "incident":
                yield Touched(self.disk.incident(id), None)

    def _nonce(self, what: str) -> bytes:
        """The chance of this step: of its cause and how often it came, and of nothing else."""
        self._causes[what] += 1
        cause = f"{self.plan.seed}/{what}/{self._causes[what]}"
        return blake2b(cause.encode(), digest_size=32).digest()

    def _record(self, changes: Changes) -> None:
        for message in changes.messages:
            if message.card != "board":
                first = message.text.partition("\n")[0][:60]
                self.story.append(f"      -> {message.to}: {message.card}: {first}")
            self._history.update(f"{message.id} {message.to} {message.text}".encode())
        self._history.update(f"{self.now} {sorted(map(str, changes.puts))}".encode())

    def tell(self, what: str) -> None:
        """One line of the story."""
        self.story.append(f"{self.now:%d %H:%M:%S} {what}")
        if len(self.story) > 4000:
            del self.story[:2000]

    def broken(self, law: str, rule: str) -> Broken:
        """The error that tells this law, this seed and the story so far."""
        return Broken(law, rule, self.plan.seed, self.story[-2000:])

    # --- the process ----------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        """Whether the disk takes nothing now."""
        if self.full_until is not None and self.now >= self.full_until:
            self.full_until = None
            # What waited for the disk was nobody's silence.
            self.laws.silent_until(self.wall)
        return self.full_until is not None

    def may_die(self, where: str) -> bool:
        """Kill the process here, if the dice say so; True when it is dead."""
        if not self._dies_next and not (
            self.plan.crashes and self._kills.random() < self.plan.crashes
        ):
            return False
        self._dies_next = False
        self.faults[f"killed {where}"] += 1
        self.tell(f"the process is killed {where}")
        self.go_down(3)
        return True

    def die_next(self) -> None:
        """Kill the process at the next commit or between the next two effects."""
        self._dies_next = True

    def go_down(self, seconds: float) -> None:
        """The process ends, and is started again that much later."""
        self._life += 1
        if self._down:
            return
        self._down = True
        if self._down_since is None:
            self._down_since = self.wall
        self.later(seconds, self._start)

    def _start(self) -> None:
        if not self._down or self._put_back:
            return
        if self.disk.locked:
            self.tell("the network is locked, and stays closed")
            return
        self._down = False
        self.read_anew()
        self.post = Post(self, self.deliveries, self.platforms)
        self.post.load()
        self.errands.started()
        since, self._down_since = self._down_since, None
        if since is not None:
            self.after_silence(since)

    def at_the_terminal(self, what: str, kind: str, decide: Decide) -> bool:
        """One step of the process of a command, while none serves; then the network is started.

        What is killed or refused is to be done again: until then nothing starts over a backup.
        """
        if not self._down:
            return False
        self._down = False
        self.read_anew()
        self.laws.silent_until(self.wall)
        done = self.step(what, kind, decide)
        killed = self._down
        self._down = True
        self._put_back = self._put_back and not done
        if done and not killed:
            self._start()
        return done

    def backup(self) -> Backup:
        """A copy of what is on disk, as it is now."""
        return Backup(self.disk, self.laws, self.wall)

    def put_back(self, backup: Backup) -> None:
        """Somebody stops the network, and puts a backup in its place."""
        self._life += 1
        self._down = self._put_back = True
        backup.put_back(self.disk, self.laws)
        self.laws.copied_at = backup.made_at
        self._down_since = backup.made_at

    def read_anew(self) -> None:
        """Memory as it was committed."""
        self.world = self.disk.memory()

    def _compare_and_read_anew(self) -> None:
        before = self.world
        self.read_anew()
        found = ", ".join(differences(before, self.world))
        if found:
            raise self.broken(f"L6: memory and disk are not the same: {found}", "memory")

    def after_silence(self, since: datetime) -> None:
        """Whoever is out there hears that the network was away, before anything else is due."""
        self.laws.silent_until(self.wall)
        if abs(self.wall - since) < _SILENT_AFTER:
            return
        waiting = [i.id for i in self.world.incidents.values() if i.state in _MATTERS]
        for id in waiting:
            incident = self.world.incidents.get(id)
            if incident is not None and not self._down:
                self._return(id, incident.code, min(since, self.wall))
        if self._down:
            self._down_since = since
        elif self.full:
            self.soon(_TRY_AGAIN_S, lambda: self.after_silence(since))

    def _return(self, id: IncidentId, code: str, since: datetime) -> None:
        self.step(
            f"back on {code}", "returned", lambda w, at, n: network.returned(w, id, since, at, n)
        )

    def _tick(self, id: IncidentId) -> None:
        code = self.world.incidents[id].code
        self.step(f"due on {code}", "tick", lambda w, at, n: network.tick(w, id, at, n))

    def sweep(self) -> None:
        """The broom of the house."""
        if not self._down:
            day = timedelta(seconds=DAY_S)
            self.step(
                "the broom",
                "sweep",
                lambda w, at, n: sweeping.sweep(
                    w, at, n, unfinished=day, strangers=7 * day, reach_every=self._checks_every
                ),
            )

    @property
    def _checks_every(self) -> timedelta | None:
        """How often members are asked whether they are reached: in every fourth history."""
        return timedelta(days=21) if self.plan.seed % 4 == 0 else None

    @property
    def down(self) -> bool:
        """Whether the process is away."""
        return self._down

    # --- what the laws ask ----------------------------------------------------------------------

    def prompts(self, tokens: list[str]) -> tuple[Prompt, ...]:
        """What these tokens ask, where they still ask anything."""
        found = map(self.world.questions.prompt, tokens)
        return tuple(prompt for prompt in found if prompt is not None)

    def may_leave(self, message: Message) -> bool:
        """Whether the core would let this message go out now."""
        return network.may_leave(self.world, message, self.wall)

    def on_services(self) -> Iterable[Media]:
        """The pictures and voice that lie on their platforms' services."""
        return self.errands.taken_in

    def teller(self, canary: str) -> PersonId | None:
        """Who wrote this word, if that person is still on record."""
        return self.arrivals.teller(canary)


def _said(heard: Heard) -> dict[str, Any]:
    """What the laws are told of a message that was heard."""
    inbound, prompt = heard.inbound, heard.prompt
    return {
        "pressed": heard.pressed,
        "token": prompt.token if prompt else "",
        "arg": prompt.action.arg if prompt else "",
        "sure": bool(inbound.token),
        "letter": heard.letter,
        "whole": bool(inbound.part and inbound.part.whole),
        "said": inbound.text,
        "lock": inbound.lock,
        "channel": inbound.channel,
    }
