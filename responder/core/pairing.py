"""Who goes with whom: sound teams, the best one among those who accepted, how many to page.

What it is for
    Nobody goes alone, and not with just anybody. `sound` is the rule; `choose` finds the best team
    that keeps it, `could_pair` whether a roster holds one at all.

Rules it keeps
    * A team has two members or more, whatever it is asked for.
    * A team never holds more newcomers than experienced members, so two newcomers never pair.
    * Two people for whom one and the same member is the only one who stands never share a team,
      of any size. A grant at the machine ties nobody; a coordinator's grant ties like a vouch.
    * A keep-apart rule of either side separates.
    * The work is bounded: the best of at most 12 people, else the first sound team of at most 120.

What it must not know
    Who is on call or resting (`roster`), incidents, the playbook (it comes as a `Need`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Final, Protocol

from responder.core.model import Person, PersonId
from responder.core.trust import NETWORK, Vouchers, kept_apart, on_record

_COMBINED: Final = 12
_SEARCHED: Final = 120
_TRIED: Final = 5_000
_SIZE: Final = 2
_OLD_HAND: Final = ("experienced", "")
_VOICE: Final = ("language", "")
LOWEST_RATE: Final = 0.01
"""Acceptance below one in a hundred is reckoned as that: measured schemes reach 1.3 % and more."""


class Need(Protocol):
    """What a playbook asks of a team.

    `training` and `skills` are names: every member has every training, some member has each skill.
    `experienced` is how many experienced members it takes; the pairing rule may ask for more.
    """

    @property
    def size(self) -> int:
        """How many should go."""

    @property
    def at_least(self) -> int:
        """How many are enough to go."""

    @property
    def training(self) -> Sequence[str]:
        """Trainings that every member has."""

    @property
    def skills(self) -> Sequence[str]:
        """Skills of which each is covered by somebody."""

    @property
    def experienced(self) -> int:
        """How many experienced members there are at least."""


class Unsound(StrEnum):
    """Why some people are no team."""

    TOO_FEW = "too-few"
    TWICE = "twice"
    KEEP_APART = "keep-apart"
    SAME_VOUCHER = "same-voucher"
    NEWCOMERS = "newcomers"
    TRAINING = "training"
    EXPERIENCE = "experience"
    SKILLS = "skills"
    LANGUAGE = "language"


def trained(person: Person, names: Iterable[str], today: date) -> bool:
    """Whether a person has all these trainings on a local day; the day of expiry still counts."""
    valid = {t.name for t in person.trainings if t.expires_on is None or today <= t.expires_on}
    return valid.issuperset(names)


def speaks(person: Person, language: str) -> bool:
    """Whether a person speaks a language; "es-MX" is "es" here."""
    wanted = _base(language)
    return any(wanted == _base(spoken) for spoken in (person.language, *person.languages))


def _base(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].casefold()


# --- the rule -------------------------------------------------------------------------------------


def sound(
    team: Sequence[Person],
    need: Need,
    *,
    at_least: int,
    today: date,
    language: str | None = None,
    vouchers: Vouchers | None = None,
) -> Unsound | None:
    """Why these people are no team, or None if they are one.

    `today` is the neighbourhood's local date, for trainings. With `language` somebody must speak
    it. `vouchers` says who stands for each (`trust.vouchers`); for people missing there every
    vouch on record counts.
    """
    if len(team) < max(_SIZE, at_least):
        return Unsound.TOO_FEW
    if len({person.id for person in team}) < len(team):
        return Unsound.TWICE
    for number, one in enumerate(team):
        for other in team[:number]:
            if kept_apart(one, other):
                return Unsound.KEEP_APART
            if _tied(one, other, vouchers):
                return Unsound.SAME_VOUCHER
    if not all(trained(person, need.training, today) for person in team):
        return Unsound.TRAINING
    return _short_of(team, need, language)


def _short_of(team: Sequence[Person], need: Need, language: str | None) -> Unsound | None:
    experienced = sum(person.experienced for person in team)
    if len(team) - experienced > experienced:
        return Unsound.NEWCOMERS
    if experienced < need.experienced:
        return Unsound.EXPERIENCE
    if not {skill for person in team for skill in person.skills}.issuperset(need.skills):
        return Unsound.SKILLS
    if language is not None and not any(speaks(person, language) for person in team):
        return Unsound.LANGUAGE
    return None


def _tied(one: Person, other: Person, vouchers: Vouchers | None) -> bool:
    voucher = _only_voucher(one, vouchers)
    return voucher is not None and voucher == _only_voucher(other, vouchers)


def _only_voucher(person: Person, vouchers: Vouchers | None) -> PersonId | None:
    names = vouchers.get(person.id) if vouchers is not None else None
    if names is None:
        names = on_record(person)
    if len(names) != 1 or NETWORK in names:
        return None
    return next(iter(names))


# --- the choice -----------------------------------------------------------------------------------


def choose(
    candidates: Sequence[Person],
    need: Need,
    *,
    size: int,
    today: date,
    staying: Sequence[Person] = (),
    language: str | None = None,
    eta_s: Mapping[PersonId, int] | None = None,
    vouchers: Vouchers | None = None,
) -> tuple[Person, ...] | None:
    """The best sound team of exactly `size` (two at least) with all of `staying` in it, or None.

    `candidates` stand in the order of acceptance; the team comes back with those who stay first,
    then in that order. Better is, in this order: somebody speaks `language`; earlier acceptances;
    as many newcomers as experienced; the last one there sooner (`eta_s`, seconds).
    """
    size = max(_SIZE, size)
    free = _free(candidates, staying, need, today, vouchers)
    if not _can_suffice((*staying, *free), need, size):
        return None

    def is_sound(team: Sequence[Person]) -> bool:
        return sound(team, need, at_least=size, today=today, vouchers=vouchers) is None

    def teams(among: Sequence[Person]) -> Iterator[tuple[Person, ...]]:
        found = _teams(tuple(staying), among, size, vouchers)
        return (team for team in islice(found, _TRIED) if is_sound(team))

    pool = _pool(free, need, size, language, vouchers, most=_COMBINED)
    turn = {person.id: number for number, person in enumerate(free)}
    found = list(teams(pool))
    best = min(found, key=_worse(turn, language, eta_s or {}), default=None)
    if best is None and len(free) > len(pool):
        wide = _pool(free, need, size, language, vouchers, most=_SEARCHED)
        best = next(teams(wide), None)
    return best


def could_pair(
    people: Iterable[Person], need: Need, *, today: date, vouchers: Vouchers | None = None
) -> bool:
    """Whether these people hold a sound team of the smallest size that the need allows."""
    size = max(_SIZE, need.at_least)
    return choose(tuple(people), need, size=size, today=today, vouchers=vouchers) is not None


def _free(
    candidates: Iterable[Person],
    staying: Sequence[Person],
    need: Need,
    today: date,
    vouchers: Vouchers | None,
) -> list[Person]:
    """Each candidate once who could join those who stay, earliest first."""
    taken = {person.id for person in staying}
    free = []
    for person in candidates:
        if person.id in taken or not trained(person, need.training, today):
            continue
        taken.add(person.id)
        if not any(_divided(person, other, vouchers) for other in staying):
            free.append(person)
    return free


def _can_suffice(everyone: Sequence[Person], need: Need, size: int) -> bool:
    """Whether enough experience and every skill are there at all, whoever goes with whom."""
    experienced = sum(person.experienced for person in everyone)
    skills = {skill for person in everyone for skill in person.skills}
    return experienced >= max(need.experienced, (size + 1) // 2) and skills.issuperset(need.skills)


def _divided(one: Person, other: Person, vouchers: Vouchers | None) -> bool:
    return kept_apart(one, other) or _tied(one, other, vouchers)


def _pool(
    free: Sequence[Person],
    need: Need,
    size: int,
    language: str | None,
    vouchers: Vouchers | None,
    *,
    most: int,
) -> list[Person]:
    """The earliest, but varied: ten alike must not keep out the one whom the team lacks."""
    if len(free) <= min(size + 1, most):
        return list(free)  # so few that nobody can be left out
    lacked: Counter[tuple[str, str]] = Counter({_OLD_HAND: max(size, need.experienced), _VOICE: 1})
    lacked.update(("skill", skill) for skill in need.skills)
    alike: Counter[object] = Counter()
    first: list[Person] = []
    rest: list[Person] = []
    for person in free:
        brings = {("skill", skill) for skill in person.skills if skill in need.skills}
        if person.experienced:
            brings.add(_OLD_HAND)
        if language is not None and speaks(person, language):
            brings.add(_VOICE)
        kind = (frozenset(brings), _only_voucher(person, vouchers))
        alike[kind] += 1
        if any(lacked[what] > 0 for what in brings):
            lacked.subtract(brings)
            first.append(person)
        elif alike[kind] <= size + 1:
            rest.append(person)
    chosen = {person.id for person in (*first, *rest)[:most]}
    return [person for person in free if person.id in chosen]


def _teams(
    team: tuple[Person, ...], pool: Sequence[Person], size: int, vouchers: Vouchers | None
) -> Iterator[tuple[Person, ...]]:
    """Every way to fill the team up from the pool without two who must not go together."""
    if len(team) >= size:
        if len(team) == size:
            yield team
        return
    for number, person in enumerate(pool):
        rest = [p for p in pool[number + 1 :] if not _divided(person, p, vouchers)]
        yield from _teams((*team, person), rest, size, vouchers)


def _worse(
    turn: Mapping[PersonId, int], language: str | None, eta_s: Mapping[PersonId, int]
) -> Callable[[tuple[Person, ...]], tuple[float, ...]]:
    def key(team: tuple[Person, ...]) -> tuple[float, ...]:
        mute = language is not None and not any(speaks(person, language) for person in team)
        turns = [turn.get(person.id, -1) for person in team]
        experienced = sum(person.experienced for person in team)
        uneven = abs(2 * experienced - len(team))
        slowest = max(eta_s.get(person.id, float("inf")) for person in team)
        return (mute, sum(turns), uneven, slowest, *turns)

    return key


def assign_roles(team: Sequence[Person], roles: Sequence[str]) -> dict[PersonId, str]:
    """Each member's role; the first goes to the most experienced, the last is shared by the rest.

    Among equals the one with more trainings, then the one who stands first. No roles: all "".
    """
    order = sorted(team, key=lambda person: (not person.experienced, -len(person.trainings)))
    named = roles or ("",)
    return {p.id: named[min(number, len(named) - 1)] for number, p in enumerate(order)}


# --- how many -------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def how_many(wanted: int, rate: float, certainty: float = 0.9) -> int:
    """How many to page so that at least `wanted` accept with this certainty (0 to 1, excluded).

    Each accepts by themselves at `rate` (0 to 1; less than `LOWEST_RATE` is reckoned as that):
    the smallest n whose binomial tail reaches the certainty. For two at 0.9: 22 people at 17 %,
    12 at 30 %, 7 at 47 %. Raises `ValueError` for a certainty that no number reaches.
    """
    if not 0 < certainty < 1:
        raise ValueError("certainty must lie between 0 and 1, for example 0.9")
    if wanted <= 0:
        return 0
    rate = min(max(rate, LOWEST_RATE), 1.0)
    exactly = [1.0] + [0.0] * (wanted - 1)
    paged = 0
    while 1 - sum(exactly) < certainty:
        paged += 1
        for accepted in range(wanted - 1, 0, -1):
            exactly[accepted] = exactly[accepted] * (1 - rate) + exactly[accepted - 1] * rate
        exactly[0] *= 1 - rate
    return paged
