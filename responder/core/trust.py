"""How far a person's word goes: levels from vouches, reports that agree, who may verify.

What it is for
    A report pages at once, is held for a verifier, or is refused. This module says which, from
    what members have said of each other and nothing else.

Rules it keeps
    * Levels are the least that the vouches justify: people who only vouch for each other stay
      where they were. Granted levels are the roots; a granted block outranks every vouch.
    * One more vouch never lowers anybody; removing a member never raises anybody.
    * Reports from people for whom nobody stands never agree into a page, however many they are.
    * Nobody verifies a report of their own, or of someone they stand for.

What it must not know
    Playbooks (the trust line comes as a level, the number of reports as a number), rosters, words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Final, TypeAlias, assert_never

from responder.core.model import Level, Limits, Person, PersonId, Role

Levels: TypeAlias = Mapping[PersonId, Level]
Vouchers: TypeAlias = Mapping[PersonId, frozenset[PersonId]]
"""For each person, those who stand for them: what `vouchers` returns, by id."""

NETWORK: Final = PersonId("")
"""Stands in `vouchers` for a grant made at the machine itself, by no member."""

_RANK: Final[dict[Level, int]] = {level: level.rank for level in Level}
_AGREEING: Final = 2
_COMPARED: Final = 12
"""How many reporters are combined exhaustively; 924 combinations at the very most."""


# --- levels -----------------------------------------------------------------------------------


def levels(people: Mapping[PersonId, Person], limits: Limits) -> dict[PersonId, Level]:
    """Everybody's trust level, from grants and from the vouches that count.

    A vouch counts when it comes from another person, who is a member and trusted by the same
    reckoning, and counts once however often it was given. Someone removed is unknown (or blocked).
    The work is linear in people and vouches.
    """
    return levels_among(people, people, {}, limits)


def levels_among(
    some: Collection[PersonId],
    people: Mapping[PersonId, Person],
    known: Levels,
    limits: Limits,
) -> dict[PersonId, Level]:
    """The levels of `some` of these people, from those that are `known` of all others.

    Right where nobody else's level hangs on theirs.
    """
    found = {id: _granted(people[id]) for id in some}
    vouched: defaultdict[PersonId, list[PersonId]] = defaultdict(list)
    said: Counter[PersonId] = Counter()
    for id in found:
        if _can_rise(people[id]):
            for by in _voices(people[id]):
                if by in found:
                    vouched[by].append(id)
                elif _counts(by, people, known):
                    said[id] += 1
    for id, number in said.items():
        found[id] = _higher(found[id], _earned(number, limits))
    waiting = [id for id in found if _speaks_for_others(people[id], found)]
    while waiting:
        for id in vouched.get(waiting.pop(), ()):
            said[id] += 1
            before, found[id] = found[id], _higher(found[id], _earned(said[id], limits))
            if before is not Level.TRUSTED and _speaks_for_others(people[id], found):
                waiting.append(id)
    return found


def level_of(
    person: Person, people: Mapping[PersonId, Person], known: Levels, limits: Limits
) -> Level:
    """One person's level, from the levels already reckoned for those who vouched.

    Right as long as `known` is right for those: for someone new, or someone just vouched for.
    When it lifts a member to trusted, or anything is taken away, reckon `levels` again.
    """
    if not _can_rise(person):
        return _granted(person)
    said = sum(1 for by in _voices(person) if _counts(by, people, known))
    return _higher(_granted(person), _earned(said, limits))


def _granted(person: Person) -> Level:
    if person.removed and person.granted is not Level.BLOCKED:
        return Level.UNKNOWN
    return person.granted


def _can_rise(person: Person) -> bool:
    return not person.removed and person.granted is not Level.BLOCKED


def _voices(person: Person) -> Iterable[PersonId]:
    return dict.fromkeys(vouch.by for vouch in person.vouches if vouch.by != person.id)


def _speaks_for_others(person: Person, known: Levels) -> bool:
    return person.member and known.get(person.id) is Level.TRUSTED


def _counts(by: PersonId, people: Mapping[PersonId, Person], known: Levels) -> bool:
    voucher = people.get(by)
    return voucher is not None and _speaks_for_others(voucher, known)


def _earned(vouches: int, limits: Limits) -> Level:
    if vouches >= max(1, limits.vouches_for_trusted):
        return Level.TRUSTED
    if vouches >= max(1, limits.vouches_for_known):
        return Level.KNOWN
    return Level.UNKNOWN


def _higher(one: Level, other: Level) -> Level:
    return one if _RANK[one] >= _RANK[other] else other


# --- who stands for whom --------------------------------------------------------------------------


def kept_apart(one: Person, other: Person) -> bool:
    """Whether a keep-apart rule of either of the two separates them."""
    return other.id in one.keep_apart or one.id in other.keep_apart


def vouchers(
    person: Person, people: Mapping[PersonId, Person], known: Levels
) -> frozenset[PersonId]:
    """Those who stand for a person: the vouches that count, and whoever granted the level.

    A grant made at the machine is `NETWORK`. The name under a grant stays, even of someone who
    was removed since: those whom one coordinator let in stay tied to each other.
    """
    return frozenset(by for by in _voices(person) if _counts(by, people, known)) | _grant(person)


def on_record(person: Person) -> frozenset[PersonId]:
    """Everyone who ever gave their word for a person, whether or not it counts today."""
    return frozenset(_voices(person)) | _grant(person)


def _grant(person: Person) -> frozenset[PersonId]:
    if _RANK[person.granted] < _RANK[Level.KNOWN]:
        return frozenset()
    return frozenset({person.granted_by or NETWORK})


# --- reports that agree ---------------------------------------------------------------------------


def independent(
    reporters: Sequence[Person], people: Mapping[PersonId, Person], known: Levels
) -> bool:
    """Whether these reporters, all of them, corroborate each other.

    They are two or more different people, each at least known, each vouched for by someone who is
    not among them; and no single member is the only one who stands for them all. Someone granted
    at the machine is tied to nobody.
    """
    words = _words(reporters, people, known)
    if len(reporters) != len(words):
        return False
    return _agree(words, words)


def enough(
    reporters: Sequence[Person],
    needed: int,
    people: Mapping[PersonId, Person],
    known: Levels,
) -> bool:
    """Whether some `needed` of these reporters (two at least) are independent of each other.

    A report more never takes away from those that agree. Of people with the very same vouchers
    only `needed` are compared, and 12 in all, the earliest first.
    """
    needed = max(_AGREEING, needed)
    words = _words(reporters, people, known)
    alike: Counter[frozenset[PersonId]] = Counter()
    pool: list[PersonId] = []
    for id, names in words.items():
        alike[names] += 1
        if alike[names] <= needed:
            pool.append(id)
    compared = pool[: max(_COMPARED, needed)]
    return any(_agree(some, words) for some in combinations(compared, needed))


def _words(
    reporters: Iterable[Person], people: Mapping[PersonId, Person], known: Levels
) -> dict[PersonId, frozenset[PersonId]]:
    words: dict[PersonId, frozenset[PersonId]] = {}
    for reporter in reporters:
        if _RANK[known.get(reporter.id, Level.UNKNOWN)] >= _RANK[Level.KNOWN]:
            names = vouchers(reporter, people, known)
            if names:
                words[reporter.id] = names
    return words


def _agree(ids: Collection[PersonId], words: Vouchers) -> bool:
    among = frozenset(ids)
    sources: set[PersonId] = set()
    for id in ids:
        outside = words[id] - among
        if not outside:
            return False
        sources.update(id if name == NETWORK else name for name in outside)
    return len(among) >= _AGREEING and len(sources) >= _AGREEING


# --- what follows ---------------------------------------------------------------------------------


def may_verify(
    verifier: Person,
    reporters: Iterable[Person],
    known: Levels,
    *,
    role: Role = Role.VERIFIER,
) -> bool:
    """Whether this person may be asked about, and may decide on, the report of these reporters.

    A member with the role (`Role.COORDINATOR` where the card goes to coordinators), not blocked,
    none of the reporters, and neither kept apart from nor standing for any of them: a vouch on
    record or a granted level, whether or not it counts today.
    """
    if not verifier.has(role) or known.get(verifier.id) is Level.BLOCKED:
        return False
    return not any(
        reporter.id == verifier.id
        or verifier.id in on_record(reporter)
        or kept_apart(verifier, reporter)
        for reporter in reporters
    )


class Route(StrEnum):
    """What a report sets in motion."""

    PAGE = "page"
    HOLD = "hold"
    REFUSE = "refuse"


def route(level: Level, pages_at: Level) -> Route:
    """Where a report goes, from its reporter's level and the level that the playbook pages at.

    An unknown person's report is held whatever the playbook says.
    """
    match level:
        case Level.BLOCKED:
            return Route.REFUSE
        case Level.UNKNOWN:
            return Route.HOLD
        case Level.KNOWN | Level.TRUSTED:
            return Route.PAGE if _RANK[level] >= _RANK[pages_at] else Route.HOLD
        case _:
            assert_never(level)
