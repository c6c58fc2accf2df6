"""Made-up networks of any size, as they lie on disk: a data folder, a key, a config, a playbook.

What it is for
    `town(folder, url, members=10_000)` makes what `responder init` and many `responder member add`
    would leave behind, through the store, in seconds. Any process can then serve it.

Rules it keeps
    * Everybody is made up. Member n writes from chat FIRST_MEMBER + n, reporter n from chat
      FIRST_REPORTER + n, so that the loopback server's record tells who was written to.
    * Every member is on call, trained and trusted; each lives in one neighbourhood, and those are
      filled in turn.

What it must not know
    What is measured.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks.kit import ROOT
from benchmarks.loopback import TOKEN
from responder import app, config
from responder.config import Settings
from responder.core import incident as incidents
from responder.core.changes import Changes, Device, Stored
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
from responder.storage.store import Store

FIRST_MEMBER: Final = 1_000_000
FIRST_REPORTER: Final = 5_000_000
FIRST_STRANGER: Final = 8_000_000
PAGED: Final = 20
"""How many the first wave of the benchmark's playbook asks."""
_AT_ONCE: Final = 5000
_TRAININGS: Final = (Training(name="observer"),)

_CONFIG: Final = """\
[network]
name = "Demo Watch"
playbooks_dir = "playbooks"
[network.emergency_line]
en = "If a life is in danger, call the emergency number."
es = "Si una vida corre peligro, llama a emergencias."
[telegram]
token = "{token}"
bot_name = "loopback_bot"
api_url = "{url}"
[pager]
url = "https://pager.example/"
[limits]
pages_a_night = 50
unknown_held = 200
[log]
level = "warning"
"""
_PLACE: Final = """\
[[neighbourhood]]
id = "{id}"
name = "{name}"
time_zone = "UTC"
"""


@dataclass(frozen=True)
class Town:
    """How large a made-up network is. With `phones` each member has a phone for sealed pages."""

    members: int
    neighbourhoods: int = 1
    reporters: int = 0
    phones: bool = False


_SYLLABLES: Final = (
    ("Ash", "Bell", "Corn", "Dun", "Elm", "Fern", "Glen", "Holm", "Iron", "Kirk"),
    ("ander", "bury", "castle", "dale", "easter", "fallow", "garth", "hollow", "inger", "lang"),
    ("barrow", "cliffe", "down", "ford", "gate", "hurst", "minster", "nook", "thorpe", "wick"),
)


def place_name(number: int) -> str:
    """What people call a neighbourhood: one of a thousand words."""
    return "".join(part[int(digit)] for part, digit in zip(_SYLLABLES, f"{number:03}", strict=True))


def members_of(place: int, town: Town) -> range:
    """The chats of those who live in this neighbourhood."""
    return range(FIRST_MEMBER + place, FIRST_MEMBER + town.members, town.neighbourhoods)


def report(place: int, reporter: int, number: int) -> dict[str, object]:
    """What Telegram hands the bot when somebody reports from a neighbourhood."""
    who = {"id": reporter, "first_name": "x"}
    return {
        "message": {
            "message_id": number + 1,
            "date": int(time.time()),
            "chat": who | {"type": "private"},
            "from": who | {"is_bot": False, "language_code": "en"},
            "text": f"Police are stopping kids in {place_name(place)}",
        }
    }


def make(folder: Path, town: Town, url: str) -> None:
    """Make the network in this folder, which must not be there yet."""
    folder.mkdir(parents=True, mode=0o700)
    playbooks = folder / "playbooks"
    playbooks.mkdir()
    text = (ROOT / "playbooks" / "copwatch.yaml").read_text(encoding="utf-8")
    asked = text.replace("how_many: enough", f"how_many: {PAGED}", 1)
    (playbooks / "copwatch.yaml").write_text(asked, encoding="utf-8")
    places = [
        _PLACE.format(id=place_name(n).lower(), name=place_name(n))
        for n in range(town.neighbourhoods)
    ]
    point_at(folder, url, "".join(places))
    asyncio.run(_fill(settings_of(folder), town))


def point_at(folder: Path, url: str, places: str | None = None) -> None:
    """Write the config anew with this address of Telegram."""
    path = folder / "config.toml"
    if places is None:
        places = "".join(path.read_text(encoding="utf-8").partition("[[neigh")[1:])
    path.write_text(_CONFIG.format(token=TOKEN, url=url) + places, encoding="utf-8")
    path.chmod(0o600)


def copied(original: Path, to: Path) -> Path:
    """A copy of a network that nobody has served yet."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(original, to)
    return to


def settings_of(folder: Path) -> Settings:
    """The network's settings."""
    return config.load(folder / "config.toml")


async def _fill(settings: Settings, town: Town) -> None:
    await app.create(settings)
    database = settings.network.data_dir / app.DATABASE
    store = await Store.open(database, app.keyring(settings), due_of=incidents.due)
    try:
        records = _records(town, datetime.now(UTC))
        while some := list(islice(records, _AT_ONCE)):
            changes = Changes()
            for record in some:
                changes.put(record)
            await store.commit(changes)
    finally:
        await store.close()


def _records(town: Town, now: datetime) -> Iterator[Stored]:
    for number in range(town.members):
        member = Person(
            id=PersonId(f"member{number:017}"),
            call_sign=f"Heron {number}",
            addresses=(Address(channel="telegram", handle=str(FIRST_MEMBER + number)),),
            roles=(Role.RESPONDER,),
            granted=Level.TRUSTED,
            experienced=True,
            trainings=_TRAININGS,
            neighbourhoods=(Place(place_name(number % town.neighbourhoods).lower()),),
            created_at=now,
        )
        yield member
        yield Override(
            id=f"override{number:016}",
            person=member.id,
            start=now - timedelta(hours=1),
            end=now + timedelta(days=365),
            available=True,
            made_at=now,
        )
        if town.phones:
            yield _phone(member.id, now)
    for number in range(town.reporters):
        yield Person(
            id=PersonId(f"reporter{number:016}"),
            addresses=(Address(channel="telegram", handle=str(FIRST_REPORTER + number)),),
            granted=Level.TRUSTED,
            created_at=now,
        )


def _phone(person: PersonId, now: datetime) -> Device:
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    return Device(
        id=f"phone-{person}",
        person=person,
        key=base64.urlsafe_b64encode(public).decode().rstrip("="),
        words=("heron", "wren", "otter"),
        registered_at=now,
        confirmed_at=now,
        confirmed_by=None,
        proof=os.urandom(8).hex(),
        probed_at=now,
        proved_at=now,
    )
