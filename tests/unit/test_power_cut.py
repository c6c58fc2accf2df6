"""The power goes at any byte: the database opens, is whole, and holds all that was committed.

Every state of the files is filmed between the writes of a real store. A cut is then a file of one
picture beside a file of the next, broken off or torn where the disk had come to.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from responder.core.changes import Changes
from responder.core.model import MessageId, Person
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.unit.stored import a_message, a_person, a_sending, an_incident, changes

SEED = 7
CUTS = 12
"""Places at which each growth of the log is broken off, besides those that are always looked at."""
SECTOR = 512


@dataclass(frozen=True)
class Picture:
    """Both files, and what had been promised to be in them."""

    db: bytes
    wal: bytes
    people: frozenset[str]
    waiting: frozenset[str]


class Filmed:
    """A store that is filmed after each commit, before and after its log is cut."""

    def __init__(self, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.film: list[Picture] = []
        self.people = self.waits = frozenset[str]()
        self.path, self.store = path, store
        self.cut_log = store._db._cut_log
        monkeypatch.setattr(store._db, "_cut_log", self._cut_log)

    def _cut_log(self, raw: sqlite3.Connection) -> None:
        self.shoot()
        self.cut_log(raw)
        self.shoot()

    def shoot(self) -> None:
        wal = self.path.with_name("network.db-wal")
        picture = Picture(self.path.read_bytes(), wal.read_bytes(), self.people, self.waits)
        if not self.film or (picture.db, picture.wal) != (self.film[-1].db, self.film[-1].wal):
            self.film.append(picture)

    async def does(self, work: Changes, people: set[str], waits: set[str]) -> None:
        """Commit this; from its commit on these people and waiting messages must be there."""
        self.people, self.waits = frozenset(people), frozenset(waits)
        await self.store.commit(work)


def steps() -> Iterator[tuple[Changes, set[str], set[str]]]:
    """A network's evening: people, messages of all sizes, fates, and keys that are destroyed."""
    people, waits = {"wren"}, set[str]()
    yield changes(a_person("wren"), an_incident("i1")), set(people), set(waits)
    for turn in range(6):
        people.add(f"p{turn}")
        sent = [f"m{turn}-{n}" for n in range(turn * 4 + 1)]
        messages = [a_message(id, to="wren", notice="x" * 97 * n) for n, id in enumerate(sent)]
        waits |= set(sent)
        yield changes(a_person(f"p{turn}"), messages=messages), set(people), set(waits)
        waits -= set(sent[1:])
        yield changes(settled=[a_sending(id, ref="7") for id in sent[1:]]), set(people), set(waits)
    people -= {"p0", "p3"}
    yield changes(destroyed=["person:p0", "person:p3"]), set(people), set(waits)
    people.add("otter")
    yield changes(a_person("otter")), set(people), set(waits)


@pytest.fixture
async def film(
    ring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Picture]]:
    """What stood on disk, picture after picture."""
    path = tmp_path / "filmed" / "network.db"
    async with await Store.open(path, ring) as store:
        filmed = Filmed(store, path, monkeypatch)
        for work, people, waits in steps():
            await filmed.does(work, people, waits)
        yield filmed.film


def cuts(
    film: list[Picture], chance: random.Random
) -> Iterator[tuple[Picture, Picture, bytes, bytes]]:
    """What a cut between two pictures can leave: those, the database's bytes and the log's."""
    for before, after in pairwise(film):
        if len(after.wal) > len(before.wal):
            grown = range(len(before.wal), len(after.wal) + 1)
            for end in {grown[0], grown[-1], *chance.choices(grown, k=CUTS)}:
                yield before, after, before.db, after.wal[:end]
                torn = max(len(before.wal), end - SECTOR)
                yield before, after, before.db, after.wal[:torn] + bytes(end - torn)
        else:  # the log moves into the database: some pages of it are there, the log is whole
            for _ in range(CUTS):
                yield before, after, mixed(before.db, after.db, chance), before.wal
            yield before, after, after.db, before.wal
            head, rest = bytes(SECTOR), before.wal[SECTOR:]
            for left in (rest, bytes(len(rest)), mixed(rest, bytes(len(rest)), chance)):
                yield before, after, after.db, (head + left)[: len(before.wal)]
            yield before, after, after.db, b""


def mixed(old: bytes, new: bytes, chance: random.Random) -> bytes:
    """The new file with some of its sectors not written yet."""
    old = old.ljust(len(new), b"\0")
    places = range(0, len(new), SECTOR)
    return b"".join(chance.choice((old, new))[at : at + SECTOR] for at in places)


async def test_after_a_cut_at_any_write_all_that_was_committed_is_there(
    film: list[Picture], ring: Keyring, tmp_path: Path
) -> None:
    chance, tried = random.Random(SEED), 0
    for number, (before, after, db, wal) in enumerate(cuts(film, chance)):
        folder = tmp_path / f"cut-{number}"
        folder.mkdir(mode=0o700)
        for name, data in (("network.db", db), ("network.db-wal", wal)):
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o600)
        async with await Store.open(folder / "network.db", ring.twin()) as store:
            people = {person.id for person in await store.load(Person)}
            waits = {one.message.id for one in await store.waiting()}
        assert whole(folder / "network.db")
        kept = (after,) if wal == after.wal else (before, after)
        promised = [(set(one.people), set(one.waiting)) for one in kept]
        assert (people, waits) in promised, f"cut {number}"
        tried += 1
    assert tried > 200


def whole(path: Path) -> bool:
    raw = sqlite3.connect(path)
    (said,) = raw.execute("PRAGMA integrity_check").fetchone()
    raw.close()
    return bool(said == "ok")


async def test_what_a_cut_tears_inside_its_log_is_as_if_it_had_never_been(
    film: list[Picture], ring: Keyring, tmp_path: Path
) -> None:
    last = next(p for p, q in pairwise(film) if len(q.wal) < len(p.wal))
    (tmp_path / "network.db").write_bytes(last.db)
    middle = len(last.wal) // 2
    torn = last.wal[:middle] + bytes(SECTOR) + last.wal[middle + SECTOR :]
    (tmp_path / "network.db-wal").write_bytes(torn)
    assert whole(tmp_path / "network.db")


async def test_every_commit_waits_for_the_disk(store: Store) -> None:
    await store.commit(changes(a_person("wren"), messages=[a_message("m1", under="person:wren")]))
    await store.claim([MessageId("m1")])
    (level,) = await store._db.on_thread(lambda raw: raw.execute("PRAGMA synchronous").fetchone())
    (journal,) = await store._db.on_thread(
        lambda raw: raw.execute("PRAGMA journal_mode").fetchone()
    )
    assert (level, journal) == (2, "wal")
