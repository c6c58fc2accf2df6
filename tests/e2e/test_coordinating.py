"""A coordinator's evening in chat, over both platforms: the real process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.e2e.process import Town

COORDINATES = ("coordinator",)


@pytest_asyncio.fixture
async def town() -> AsyncIterator[Town]:
    """Owl and Lark coordinate, over both platforms; Heron, Otter and Wren are on call."""
    async with Town() as town:
        await town.starts()
        for name in ("Heron", "Otter", "Wren"):
            await town.member(name)
        for name in ("Owl", "Lark"):
            await town.member(name, "signal", "telegram", roles=COORDINATES)
        yield town


async def test_an_evening_of_trust_a_grave_order_and_a_drill(town: Town) -> None:
    owl, lark = town.members["Owl"], town.members["Lark"]
    await owl.phone.writes("/members Wren")
    await owl.reads("Wren: trusted")
    await owl.answers("Known")
    await lark.reads("Owl set the trust level of Wren: known")
    await owl.answers("Undo")
    await owl.reads("Wren is trusted now")

    await owl.chat.writes("/members Wren")
    await owl.presses("Make coordinator")
    await lark.reads("Wren becomes a coordinator")
    assert "coordinator" not in await roles_of(town, "Wren")
    await lark.answers("I agree")
    await owl.reads("Owl asked for it, Lark agreed")
    await town.members["Wren"].reads("Wren becomes a coordinator")
    assert "coordinator" in await roles_of(town, "Wren")
    assert not [s for s in town.sendings() if s.channel == "telegram" and "Wren" in s.text]

    await owl.phone.writes("/drill northside")
    begun = await owl.reads("has begun")
    code = re.search(r"Drill (\w+) has begun: 3 people", begun)
    assert code is not None, begun
    for name in ("Heron", "Otter", "Wren"):
        await town.members[name].answers("I am reachable")
    await owl.reads("3 of 3 tapped")
    await owl.phone.writes(f"/drill {code[1]}")
    report = await owl.reads(f"DRILL {code[1]} in Northside")
    assert "3 of 3 people tapped" in report
    assert report.count("tapped after") == 3


async def roles_of(town: Town, name: str) -> list[str]:
    """The roles of that member, as the command line shows them."""
    shown = await town.cli("member", "show", name)
    return list(shown["roles"])
