"""A page to a thousand people, and the process killed again and again while it goes out.

None of the thousand is left without the page; nobody hears again what is on record as sent; what
was on its way at a kill may come twice, and says so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bots.signal.bot import SignalBot
from responder.core.changes import Changes
from responder.core.model import (
    Address,
    Level,
    Override,
    Person,
    PersonId,
    Place,
    Role,
    Training,
)
from tests.e2e.lives import Lives, opened
from tests.e2e.process import TRAININGS, Town

SEED = 7
PEOPLE = 1_000
LIVES = 12
REPORT = "Police are stopping kids in Northside"
PAGE = "Nobody goes alone"


def a_thousand(town: Town) -> list[Person]:
    """Responders of Northside, each with a phone on the loopback Signal."""
    return [
        Person(
            id=PersonId(f"heron{number:019}"),
            call_sign=f"Heron {number}",
            addresses=(
                Address(channel="signal", handle=town.signal.user(f"Heron {number}").handle),
            ),
            roles=(Role.RESPONDER,),
            granted=Level.TRUSTED,
            experienced=True,
            trainings=tuple(Training(name=name) for name in TRAININGS),
            neighbourhoods=(Place("northside"),),
        )
        for number in range(PEOPLE)
    ]


def on_call(person: Person) -> Override:
    """On call for a day."""
    now = datetime.now(UTC)
    return Override(
        id=f"on-{person.id}",
        person=person.id,
        start=now - timedelta(hours=1),
        end=now + timedelta(days=1),
        available=True,
        made_at=now,
    )


async def settle(town: Town) -> None:
    """Let them all move in while nobody serves the network, and let every page go to all."""
    changes = Changes()
    for person in a_thousand(town):
        changes.put(person)
        changes.put(on_call(person))
    async with opened(town.data, town) as store:
        await store.commit(changes)
    playbook = town.home / "playbooks" / "copwatch.yaml"
    text = playbook.read_text(encoding="utf-8")
    playbook.write_text(text.replace("how_many: enough", "how_many: all", 1), encoding="utf-8")


async def test_a_storm_of_kills_leaves_nobody_of_a_thousand_without_the_page() -> None:
    print(f"seed {SEED}")
    async with Town() as town:
        await town.starts()
        owl = await town.member("Owl", roles=("coordinator",))
        wren = await town.member("Wren")
        mara = town.telegram.user("Mara")
        await town.vouches(wren, mara)
        assert await town.stops() == 0
        await settle(town)
        lives = Lives(town, SEED, most=120)
        lives.said = list(town.sendings())
        await mara.writes(REPORT)
        for _ in range(LIVES):
            await lives.lives_and_dies()
        await town.starts()
        everybody = {user.handle for user in town.signal._users.values()} - {owl.phone.handle}
        await town.signal.until(lambda: paged(town) == everybody, 60)
        await town.dies()
        await lives.look()
        assert all(len(again) <= SignalBot.pace.at_once for again in lives.doubled)
        assert any(lives.doubled), "no kill hit a message in flight: choose another seed"


def paged(town: Town) -> set[str]:
    """The handles of all who were sent the page."""
    return {one.to for one in town.sendings() if PAGE in one.text}
