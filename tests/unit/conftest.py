"""A store on disk, for every test that looks into the drawer."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from responder.storage.sealing import Keyring
from responder.storage.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def ring() -> Keyring:
    return Keyring.random()


@pytest.fixture
async def store(folder: Path, ring: Keyring) -> AsyncIterator[Store]:
    async with await Store.open(folder / "network.db", ring) as opened:
        yield opened


@pytest.fixture
def raw(folder: Path, store: Store) -> Iterator[sqlite3.Connection]:
    """A hand in the drawer, as somebody with the disk has it."""
    db = sqlite3.connect(folder / "network.db", isolation_level=None)
    yield db
    db.close()
