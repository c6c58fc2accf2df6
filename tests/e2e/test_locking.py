"""A coordinator closes the network from the phone with the passphrase: the real process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from responder.storage.keyfile import KeyFile
from tests.e2e.process import Town
from tests.e2e.test_stories import a_pair_is_out

PASSPHRASE = "seven quiet herons wade upstream"
WRONG = "eight loud badgers dig downhill"


async def starts_with_a_passphrase(town: Town) -> None:
    """The network runs with a key that a passphrase opens; Heron and Otter respond."""
    file = KeyFile(town.home / "network.key")
    keys = file.load()
    file.path.unlink()
    file.create(PASSPHRASE, keys=keys)
    config = town.config.read_text().replace("[network]\n", '[network]\nkey = "passphrase"\n')
    town.config.write_text(config)
    town._env["RESPONDER_PASSPHRASE"] = PASSPHRASE
    await town.starts()
    for name in ("Heron", "Otter"):
        await town.member(name)


@pytest_asyncio.fixture
async def town() -> AsyncIterator[Town]:
    """A running network whose key has a passphrase; Owl coordinates, over both platforms."""
    async with Town() as town:
        await starts_with_a_passphrase(town)
        await town.member("Owl", "signal", "telegram", roles=("coordinator",))
        yield town


def lies_about(town: Town, words: str) -> bool:
    """Whether these words stand in any file of the network, its log or its output."""
    files = [path.read_bytes() for path in town.home.rglob("*") if path.is_file()]
    return any(words.encode() in data for data in (*files, town.process.told.encode()))


async def test_the_passphrase_over_signal_closes_it_and_lies_nowhere(town: Town) -> None:
    await a_pair_is_out(town, "Mara")
    owl = town.members["Owl"]
    await owl.phone.writes(f"/lock {WRONG}")
    await owl.reads("This is not the passphrase")
    assert not town.process.over
    await owl.phone.writes(f"/lock {PASSPHRASE}")
    await owl.reads("The network is closed now")
    await owl.reads("Delete the message with the passphrase")
    for name in ("Heron", "Otter"):
        await town.members[name].reads("Leave now")
    await town.process.ended()
    assert (town.data / "locked").exists()
    assert not lies_about(town, PASSPHRASE)
    assert not lies_about(town, WRONG)


async def test_over_telegram_it_is_refused_and_taken_from_the_chat(town: Town) -> None:
    owl = town.members["Owl"]
    await owl.chat.writes(f"/lock {PASSPHRASE}")
    await owl.chat.sees("has read what you wrote")
    await town.telegram.until(
        lambda: any(r.method == "deleteMessage" for r in town.telegram.requests)
    )
    assert not town.process.over
    assert not lies_about(town, PASSPHRASE)
