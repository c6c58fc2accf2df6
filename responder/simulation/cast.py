"""Made-up people, neighbourhoods and playbooks: what a simulated town is built of.

What it is for
    Everybody here is invented. What a builder is not told it fills with what makes no difference.

Rules it keeps
    * Ids, handles and call signs are single words, so that a law finds them in a text by words.
    * A member's playbook may change its rules and its brief's edition, never its shape.

What it must not know
    Clocks, platforms, laws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from random import Random
from typing import Any, Final

from msgspec.structs import replace

from responder import shipped
from responder.core.changes import Device
from responder.core.model import (
    Address,
    HelpOffer,
    Level,
    Neighbourhood,
    Network,
    Person,
    PersonId,
    Place,
    Role,
    Shift,
    Training,
    Vouch,
)
from responder.core.playbook import Playbook, Shared, Wave, Words, load, read_shared

START: Final = datetime(2025, 6, 14, 20, 0, tzinfo=UTC)
"""A Saturday evening: the night that limits count has begun."""
PLACES: Final = tuple(
    map(Place, ("northside", "riverside", "eastgate", "hillview", "oldmarket", "westend"))
)
SIGHTS: Final = {
    "copwatch": "cops search a kid",
    "de-escalation": "men fight and shout",
    "hate-incident": "a man yells slurs",
    "immigration-witness": "ice agents and a van",
    "legal-support": "my friend is in jail",
    "mutual-aid": "we need groceries and diapers",
    "neighbour-check": "a power outage, old people upstairs",
    "safety-marshal": "hecklers come to our vigil",
    "welfare-check": "she is not okay and keeps crying",
}
"""Each kind that comes with the program, and what somebody may write who sees it."""
KINDS: Final = tuple(SIGHTS)
SEEN: Final = (*SIGHTS.values(), *(SIGHTS["copwatch"],) * 4)
"""Many see the same: else nobody's report would ever agree with another one's."""
HELP: Final = ("food", "ride")
"""What members of made-up towns offer, and what reporters ask for."""
DURESS: Final = "purple teapot"
TELEGRAM, SIGNAL = "telegram", "signal"
_BIRDS: Final = (
    *("Heron", "Wren", "Otter", "Badger", "Lapwing", "Marten", "Siskin", "Plover"),
    *("Dunlin", "Linnet", "Godwit", "Stoat", "Curlew", "Avocet", "Pipit", "Whimbrel"),
)


def call_signs() -> Iterator[str]:
    """Call signs without end."""
    yield from _BIRDS
    for number in count(2):
        yield from (f"{bird}{number}" for bird in _BIRDS)


@cache
def shipped_playbook(kind: str) -> Playbook:
    """One of the playbooks that come with the program."""
    file = shipped.playbooks_dir() / f"{kind}.yaml"
    return load(file.read_text(encoding="utf-8"), file.name, shared=_shared())


@cache
def _shared() -> Shared:
    """The parts that the shipped playbooks share."""
    files = (shipped.playbooks_dir() / "shared").glob("*.yaml")
    parts, faults = read_shared({file.name: file.read_text(encoding="utf-8") for file in files})
    assert not faults, faults
    return parts


@cache
def all_trainings() -> tuple[str, ...]:
    """Every training that a shipped playbook asks for."""
    return tuple(sorted({n for kind in KINDS for n in shipped_playbook(kind).team.training}))


def trained(until: datetime | None = None) -> tuple[Training, ...]:
    """All trainings, without end or until that day."""
    day = until.date() if until else None
    return tuple(Training(name=name, expires_on=day) for name in all_trainings())


def network() -> Network:
    """What the made-up network says of itself."""
    return Network(name="Demo Watch", emergency={"en": "Call 911.", "es": "Llama al 911."})


def neighbourhoods(number: int) -> tuple[Neighbourhood, ...]:
    """So many neighbourhoods in a row, each adjoining its neighbours."""
    used = PLACES[:number]
    return tuple(
        Neighbourhood(
            id=place,
            name=place.capitalize(),
            adjacent=tuple(p for p in used if abs(used.index(p) - used.index(place)) == 1),
        )
        for place in used
    )


def a_member(call_sign: str, **changes: Any) -> Person:
    """A member: responder, trusted, trained, experienced, reached privately, at northside."""
    member = Person(
        id=PersonId(call_sign.lower()),
        call_sign=call_sign,
        addresses=(Address(channel=SIGNAL, handle=f"+1555{call_sign.lower()}"),),
        roles=(Role.RESPONDER,),
        granted=Level.TRUSTED,
        experienced=True,
        trainings=trained(),
        neighbourhoods=(PLACES[0],),
    )
    return replace(member, **changes)


def offers(person: Person) -> tuple[HelpOffer, ...]:
    """Help that this member offers beforehand, on call or not; one of them at weekends alone."""
    weekend = Shift(
        id="", person=person.id, neighbourhood=Place(""), start="10:00", end="18:00", weekday=6
    )
    return (
        HelpOffer(id=f"{person.id}-1", kind="mutual-aid", help=HELP[0]),
        HelpOffer(id=f"{person.id}-2", kind="mutual-aid", help=HELP[1], when=weekend),
    )


def a_teller(name: str, level: Level = Level.TRUSTED, **changes: Any) -> Person:
    """Somebody who is no member and reports; `level` as it was granted at the machine."""
    person = Person(
        id=PersonId(name),
        addresses=(Address(channel=SIGNAL, handle=f"+1999{name}"),),
        granted=level,
    )
    return replace(person, **changes)


def vouched(by: Iterable[PersonId]) -> tuple[Vouch, ...]:
    """Vouches of these members, given before the simulation began."""
    return tuple(Vouch(by=one, at=START - timedelta(days=9)) for one in by)


def on_telegram(person: Person) -> Address:
    """Where this member is on the channel that its platform reads."""
    return Address(channel=TELEGRAM, handle=f"tg{person.id}")


def a_phone(person: Person) -> Device:
    """A registered, confirmed and proved phone of this member."""
    return Device(
        id=f"phone-{person.id}",
        person=person.id,
        key="",
        words=("amber", "basin"),
        registered_at=START - timedelta(days=3),
        confirmed_at=START - timedelta(days=2),
        proved_at=START - timedelta(days=1),
    )


def edition(kind: str, number: int, chance: Random) -> Playbook:
    """A playbook whose brief says which edition it is of, with rules of its own."""
    playbook = shipped_playbook(kind)
    marked = {
        tongue: f"{text} edition-{number}." for tongue, text in playbook.brief.text.root.items()
    }
    parts: dict[str, dict[str, object]] = {
        "team": {
            "size": chance.choice((playbook.team.size, playbook.team.size, 2, 3)),
            "skills": chance.choice((playbook.team.skills, (), ("radio",))),
        },
        "trust": {"pages_at": chance.choice((Level.KNOWN, Level.TRUSTED))},
        "brief": {"text": Words(marked)},
    }
    update: dict[str, object] = {
        part: getattr(playbook, part).model_copy(update=fields) for part, fields in parts.items()
    }
    update["waves"] = tuple(_wave(wave, chance) for wave in playbook.waves)
    return playbook.model_copy(update=update)


def _wave(wave: Wave, chance: Random) -> Wave:
    if wave.whom == "coordinators":
        return wave
    return wave.model_copy(update={"how_many": chance.choice((wave.how_many, "enough", "all", 2))})
