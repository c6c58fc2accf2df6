"""The made-up people of the demo, and the settings of their network.

Rules it keeps
    * Nobody here is anybody: call signs are animals, addresses are words on this terminal.
    * For every reason not to page somebody there is one member who shows it.
    * Levels are granted at the machine, so that no one voucher ties two members together.

What it must not know
    What happens in a story, and how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from responder.config import Settings
from responder.config.settings import NeighbourhoodSettings, NetworkSettings
from responder.core.desk import Desk
from responder.core.model import (
    Address,
    Care,
    Level,
    Override,
    Person,
    PersonId,
    Place,
    Role,
    Training,
)
from responder.core.phrases import LANGUAGES, say

START: Final = datetime(2026, 6, 5, 23, 36, tzinfo=UTC)
"""A Friday night, when the demo begins. Its neighbourhoods live by UTC."""
NORTHSIDE: Final = Place("northside")
RIVERSIDE: Final = Place("riverside")
REPORTER: Final = "reporter"
STRANGER: Final = "stranger"
OUTSIDERS: Final = (REPORTER, STRANGER)
"""Those who report and are no members: one whom the network trusts, one whom nobody knows."""

_ALL: Final = ("observer", "accompaniment", "de-escalation")
_NIGHT: Final = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Part:
    """One member: what they can do, where they are on call, and what keeps them from going."""

    call_sign: str
    places: tuple[Place, ...] = (NORTHSIDE,)
    trainings: tuple[str, ...] = _ALL
    experienced: bool = False
    roles: tuple[Role, ...] = (Role.RESPONDER,)
    on_call: bool = True
    resting: bool = False
    paged_out: bool = False
    channel: str = "terminal"
    keep_apart: tuple[str, ...] = ()

    @property
    def handle(self) -> str:
        """Where this member is reached on the demo's terminal."""
        return self.call_sign.casefold()


CAST: Final = (
    Part("Heron", experienced=True),
    Part("Wren"),
    Part("Badger", experienced=True, keep_apart=("heron",)),
    Part("Sparrow", trainings=("observer", "de-escalation")),
    Part("Otter", places=(RIVERSIDE,), experienced=True),
    Part("Fox", experienced=True, on_call=False),
    Part("Magpie", experienced=True, resting=True),
    Part("Lynx", paged_out=True),
    Part("Hare", trainings=()),
    Part("Swift", experienced=True, channel="telegram"),
    Part("Marten", experienced=True, keep_apart=OUTSIDERS),
    Part("Robin", places=(NORTHSIDE, RIVERSIDE), roles=(Role.VERIFIER,), experienced=True),
    Part("Owl", places=(NORTHSIDE, RIVERSIDE), roles=(Role.COORDINATOR,), experienced=True),
)


def settings(folder: Path) -> Settings:
    """The network's settings; everything that it writes lies in `folder`."""
    return Settings(
        network=NetworkSettings(
            name="Northside and Riverside watch",
            emergency_line={one: say(one, "demo.emergency") for one in LANGUAGES},
            data_dir=folder / "data",
            key_file=folder / "network.key",
        ),
        neighbourhood=(
            NeighbourhoodSettings(
                id=NORTHSIDE, name="Northside", time_zone="UTC", adjacent=(RIVERSIDE,)
            ),
            NeighbourhoodSettings(id=RIVERSIDE, name="Riverside", time_zone="UTC"),
        ),
    )


def settle_in(desk: Desk, language: str) -> None:
    """Put everybody on record and on call, as it stands when the demo begins."""
    for part in CAST:
        _join(desk, part, language)
    for handle in OUTSIDERS:
        known = handle == REPORTER
        desk.put(
            Person(
                id=PersonId(handle),
                addresses=(Address(channel="terminal", handle=handle),),
                language=language,
                language_chosen=known,
                granted=Level.TRUSTED if known else Level.UNKNOWN,
                created_at=desk.at,
            )
        )


def _join(desk: Desk, part: Part, language: str) -> None:
    person = PersonId(part.handle)
    desk.put(
        Person(
            id=person,
            call_sign=part.call_sign,
            addresses=(Address(channel=part.channel, handle=part.handle),),
            language=language,
            language_chosen=True,
            roles=part.roles,
            granted=Level.TRUSTED,
            trainings=tuple(Training(name=name) for name in part.trainings),
            experienced=part.experienced,
            neighbourhoods=part.places,
            keep_apart=tuple(PersonId(other) for other in part.keep_apart),
            created_at=desk.at,
        )
    )
    if part.on_call:
        night = Override(
            id=f"night-{person}",
            person=person,
            start=desk.at - _NIGHT / 2,
            end=desk.at + _NIGHT,
            available=True,
            made_at=desk.at,
        )
        desk.put(night)
    if part.resting:
        desk.put(Care(person=person, rest_until=desk.at + timedelta(hours=19), hard_calls=1))
    if part.paged_out:
        pages = tuple(desk.at - timedelta(minutes=minutes) for minutes in (260, 150, 40))
        desk.put(Care(person=person, paged_at=pages))


def part_of(name: str) -> Part | None:
    """The member of that call sign, in any case of letters."""
    return next((part for part in CAST if part.handle == name.casefold()), None)


def reachable() -> tuple[str, ...]:
    """Everybody who can be spoken for at this terminal: outsiders first, then members."""
    return (*OUTSIDERS, *(part.handle for part in CAST if part.channel == "terminal"))
