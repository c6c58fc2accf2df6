"""What is planned to happen in one simulated stretch of time: data, drawn from one seed.

What it is for
    A `Plan` is all that distinguishes one simulation from another. Playing the same plan gives
    the same history; a plan with a happening or a member left out is a plan too, which is how a
    broken law is shrunk to its shortest story.

Rules it keeps
    * Each happening, person and platform has dice of its own: leaving one out moves no other.

What it must not know
    How anything is played.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Final

from responder.core.model import PersonId

DAY_S: Final = 24 * 3600.0


class What(StrEnum):
    """The kinds of planned happenings."""

    REPORT = "somebody reports"
    FLOOD = "a flood of reports from new accounts"
    RING = "people of one voucher all tell the same"
    CONSPIRACY = "infiltrators report, confirm and accept each other"
    LURE = "somebody keeps reporting what is not there"
    AID = "somebody asks by day for what people offer"
    LETTER = "somebody reports privately, in parts"
    GOES = "a member is removed or blocked"
    DRILL = "a coordinator holds a drill"
    LOCK = "coordinators lock the network"
    EDITION = "a playbook is edited"
    OUTAGE = "the machine is away"
    CRASH = "the process is killed"
    DISK_FULL = "the disk is full"
    CLOCK = "the clock is set"
    DEAF = "a platform refuses much"
    STUCK = "a platform's daemon hangs"
    SWALLOWS = "a platform takes messages and delivers nothing"
    RESTARTS = "a platform's service restarts, and what comes meanwhile is lost"
    RESTORE = "a backup is restored"
    PLEA = "somebody asks for a coordinator"
    ORDER = "a coordinator orders something grave"
    STANDING = "a coordinator changes somebody's standing"
    TURNS = "a coordinator changes somebody's shifts"


FAULTS: Final = frozenset(What) - {What.REPORT}


@dataclass(frozen=True)
class Happening:
    """One thing that happens `at_s` seconds after the start; `number` names its dice."""

    at_s: float
    what: What
    number: int


@dataclass(frozen=True)
class Plan:
    """One simulation. `members` is how many the town has before `without` are left out.

    `wildness` is the chance of each platform to treat a message badly; `crashes` the chance of a
    kill at a commit or between two effects; `anew` rebuilds memory from disk after every commit.
    """

    seed: int
    days: float
    members: int
    happenings: tuple[Happening, ...] = ()
    without: frozenset[PersonId] = field(default_factory=frozenset)
    wildness: float = 0.03
    crashes: float = 0.0
    anew: bool = False

    def keeping(self, happenings: tuple[Happening, ...]) -> Plan:
        """The same plan with these happenings alone."""
        return replace(self, happenings=happenings)

    def leaving_out(self, people: frozenset[PersonId]) -> Plan:
        """The same plan for a town without these members."""
        return replace(self, without=people)

    @property
    def length_s(self) -> float:
        """How long reports come in."""
        return self.days * DAY_S


def dice(seed: int, *names: object) -> Random:
    """Chance of its own for whatever is named; the same in every process."""
    return Random("/".join(map(str, (seed, *names))))


def a_night(seed: int) -> Plan:
    """One night of a small town with everything in it: what finds the most faults in a second."""
    chance = dice(seed, "night")
    plan = Plan(
        seed=seed,
        days=1 / 6,
        members=chance.randint(9, 16),
        wildness=chance.choice((0.0, 0.03, 0.03, 0.12)),
        crashes=chance.choice((0.0, 0.0, 0.01, 0.05)),
        anew=chance.random() < 0.06,
    )
    return _filled(plan, chance, chance.randint(1, 8), faults=1.0)


def a_month(
    seed: int, days: float = 30, incidents: int | None = None, members: int | None = None
) -> Plan:
    """A longer time of a bigger town, mostly ordinary."""
    chance = dice(seed, "month")
    plan = Plan(
        seed=seed,
        days=days,
        members=members or 200,
        wildness=0.03,
        crashes=0.002,
    )
    return _filled(plan, chance, incidents or max(1, round(days * 8)), faults=max(1.0, days / 2))


def _filled(plan: Plan, chance: Random, reports: int, faults: float) -> Plan:
    times = [(_in_the_evening(plan, chance), What.REPORT) for _ in range(reports)]
    for what, odds in _ODDS.items():
        often = odds * faults
        number = int(often) + int(chance.random() < often % 1)
        times += [(chance.uniform(0, plan.length_s), what) for _ in range(number)]
    happenings = tuple(
        Happening(at_s=round(at_s, 3), what=what, number=number)
        for number, (at_s, what) in enumerate(times)
    )
    return plan.keeping(tuple(sorted(happenings, key=lambda h: (h.at_s, h.number))))


def _in_the_evening(plan: Plan, chance: Random) -> float:
    """Three of four reports come between eight in the evening and two at night."""
    if plan.days < 1 or chance.random() < 0.25:
        return chance.uniform(1, plan.length_s)
    return chance.randrange(int(plan.days)) * DAY_S + chance.uniform(1, DAY_S / 4)


_ODDS: Final = {
    What.FLOOD: 0.12,
    What.RING: 0.2,
    What.CONSPIRACY: 0.25,
    What.LURE: 0.2,
    What.AID: 0.4,
    What.LETTER: 0.6,
    What.GOES: 0.35,
    What.DRILL: 0.6,
    What.LOCK: 0.15,
    What.EDITION: 2.0,
    What.OUTAGE: 0.25,
    What.CRASH: 0.4,
    What.DISK_FULL: 0.2,
    What.CLOCK: 0.3,
    What.DEAF: 0.15,
    What.STUCK: 0.15,
    What.SWALLOWS: 0.1,
    What.RESTARTS: 0.15,
    What.PLEA: 0.5,
    What.ORDER: 0.6,
    What.STANDING: 0.5,
    What.TURNS: 0.7,
    What.RESTORE: 0.12,
}
"""How often each comes about in a night."""
