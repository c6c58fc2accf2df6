"""A loopback service that behaves as badly as the real one, and a bot before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bots.signal.bot import SignalBot
from tests.e2e.signal_server import SignalServer
from tests.e2e.signal_users import FakeUser
from tests.unit.signal.kit import Clock, Desk, a_bot, receiving


@pytest.fixture
async def server() -> AsyncIterator[SignalServer]:
    async with SignalServer() as service:
        yield service
        assert not service.unexpected


@pytest.fixture
def heron(server: SignalServer) -> FakeUser:
    return server.user("Heron")


@pytest.fixture
async def bot(server: SignalServer) -> AsyncIterator[SignalBot]:
    async with a_bot(server) as started:
        yield started


@pytest.fixture
async def desk(server: SignalServer, bot: SignalBot) -> AsyncIterator[Desk]:
    """A desk behind a bot that is attached."""
    taking = Desk()
    async with receiving(bot, taking):
        await server.is_attached()
        yield taking


@pytest.fixture
def clock(server: SignalServer) -> Clock:
    return Clock(server.tick() / 1000)
