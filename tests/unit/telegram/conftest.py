"""A loopback Telegram, a bot that can send, and somebody who has written to it before."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bots.telegram.bot import TelegramBot
from tests.e2e.telegram_server import FakeUser, TelegramServer
from tests.unit.telegram.kit import Inbox, a_bot


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as one:
        yield one


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[TelegramBot]:
    """A bot that can send; nobody receives."""
    made = a_bot(server)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def heron(server: TelegramServer) -> FakeUser:
    """Somebody who has written to the bot at some time before."""
    person = server.user("Heron", "es")
    person.started = True
    return person


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()
