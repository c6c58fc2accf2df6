"""The small tier: the real dispatcher on the real store, killed between every two effects.

One story is played once, and before each of its effects (a commit, a claim, a sending, an
acknowledgement) the database's files are copied as they lie there: what a `kill -9` would leave.
Then the story goes on from each of these copies to its end, and the laws of the shell are looked
at. `python -m tests.sim.real` plays them all.
"""

from __future__ import annotations

import asyncio
import copy
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from responder.core import incident as incidents
from responder.core.messages import Fate, Message, Settled
from responder.core.model import MessageId, State
from responder.core.spoken import Inbound, Verb
from responder.core.world import World
from responder.dispatching.dispatcher import Dispatcher
from responder.storage import library
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.builders import NOW, a_member, a_playbook, a_reporter, on_call_now
from tests.unit.test_backup import the_settings

REPORT = "cops are searching a kid in northside at the corner of Quill and Third"
ANSWERS = {
    "page": Verb.ACCEPT,
    "brief": Verb.HAVE_IT,
    "go": Verb.THERE,
    "controls": Verb.DONE,
    "stand-down": Verb.OUT,
}


@dataclass
class Outside:
    """The world around the machine, which no crash of it touches."""

    at: datetime = NOW
    inputs: list[Inbound] = field(default_factory=list)
    """What people have sent, and the platform keeps until it was taken in."""
    arrived: list[tuple[MessageId, str, str, bool]] = field(default_factory=list)
    """Each arrival: message, reader, card, and whether it was marked as a repeat."""
    acknowledged: set[MessageId] = field(default_factory=set)
    """Messages whose acknowledgement had been committed."""
    wrong: list[str] = field(default_factory=list)


Before = Callable[[str], None]


class Life:
    """One life of the process, from its start until it is killed or has nothing left to do."""

    def __init__(self, folder: Path, keys: Keyring, outside: Outside, before: Before) -> None:
        self.settings = the_settings(folder)
        self.keys, self.outside, self.before = keys, outside, before
        self.nonces = 0

    async def _world(self) -> World:
        return await library.load_world(self.settings, self.store, ("signal",))

    def _nonce(self) -> bytes:
        self.nonces += 1
        seen = f"{self.outside.at}/{len(self.outside.arrived)}/{self.nonces}"
        return blake2b(seen.encode(), digest_size=32).digest()

    async def live(self, *, new: bool = False) -> World:
        """Serve until nothing waits any more; what is known then."""
        database = self.settings.network.data_dir / "network.db"
        async with await Store.open(database, self.keys, due_of=incidents.due) as self.store:
            self.dispatcher = Dispatcher(
                self.store,
                await self._world(),
                clock=lambda: self.outside.at,
                rebuild=self._world,
                nonce=self._nonce,
                by_hand=True,
            )
            self.dispatcher.start()
            if new:
                await self._settle_in()
            while not self.outside.wrong and (await self._send() or await self._hear()):
                self.outside.at += timedelta(seconds=2)
            await self.dispatcher.close()
        return self.dispatcher.world

    async def _settle_in(self) -> None:
        playbooks = {"copwatch": a_playbook("copwatch")}
        await self.dispatcher.do(lambda desk: library.take_in(desk, playbooks, set()))
        for person in (a_member("Heron"), a_member("Wren"), a_reporter("r")):
            await self.dispatcher.do(lambda desk, person=person: desk.put(person))  # type: ignore[misc]
            if person.member:
                turn = on_call_now(person)
                await self.dispatcher.do(lambda desk, turn=turn: desk.put(turn))  # type: ignore[misc]
        first = Inbound(channel="signal", key="report", handle="+1999r", at=NOW, text=REPORT)
        self.outside.inputs.append(first)

    async def _hear(self) -> bool:
        """Take one message in; whether there was one."""
        if not self.outside.inputs:
            return False
        self.before("a message is taken in")
        await self.dispatcher.receive(self.outside.inputs[:1])
        self.before("the platform hears that it was taken in")
        self.outside.inputs.pop(0)
        return True

    async def _send(self) -> bool:
        """Send what waits, one after the other; whether there was any."""
        waiting = await self.store.waiting()
        for one in waiting:
            self.before("a claim")
            if not await self.store.claim([one.message.id]):
                continue
            if not self.dispatcher.may_leave(one.message, self.outside.at):
                await self._settle(one.message, Fate.FAILED)
                continue
            self.before("a sending")
            self._arrives(one.message, repeat=one.repeat)
            self.before("an acknowledgement")
            await self._settle(one.message, Fate.SENT)
            self.outside.acknowledged.add(one.message.id)
        return bool(waiting)

    async def _settle(self, message: Message, fate: Fate) -> None:
        at, ref = self.outside.at, f"ref-{message.id}"
        await self.dispatcher.settled(
            message, Settled(message=message.id, channel="signal", fate=fate, at=at, ref=ref)
        )

    def _arrives(self, message: Message, *, repeat: bool) -> None:
        outside = self.outside
        if message.id in outside.acknowledged:
            outside.wrong.append(f"L6: {message.card} is sent again after its acknowledgement")
        before = [id for id, *_ in outside.arrived if id == message.id]
        if before and not repeat:
            outside.wrong.append(f"L6: {message.card} comes twice and does not say so")
        outside.arrived.append((message.id, message.to, message.card, repeat))
        verb = ANSWERS.get(message.card)
        if verb is None or before:
            return
        for choice in (choice for row in message.rows for choice in row):
            prompt = self.dispatcher.world.questions.prompt(choice.token)
            if prompt is not None and prompt.action.verb == verb:
                answer = Inbound(
                    channel="signal",
                    key=f"{message.id}-{verb}",
                    handle=f"+1555{message.to}",
                    at=outside.at,
                    token=choice.token,
                )
                outside.inputs.append(answer)
                return


@dataclass
class Moment:
    """The disk and the world outside, as they are right before one effect."""

    effect: str
    folder: Path
    outside: Outside


def moments(folder: Path) -> tuple[Keyring, list[Moment], Outside]:
    """Play the story once, keeping a copy of the disk before each effect."""
    first = folder / "first"
    first.mkdir()
    keys = KeyFile(the_settings(first).network.key_file).create()
    outside, found = Outside(), list[Moment]()

    def before(effect: str) -> None:
        number = len(found)
        there = folder / f"moment-{number}"
        shutil.copytree(first / "data", there / "data")
        found.append(Moment(effect, there, copy.deepcopy(outside)))

    asyncio.run(Life(first, keys, outside, before).live(new=True))
    return keys, found, outside


def goes_on(keys: Keyring, moment: Moment) -> tuple[World, Outside]:
    """Start from what a kill at that moment left, and play to the end."""
    outside = copy.deepcopy(moment.outside)
    world = asyncio.run(Life(moment.folder, keys, outside, lambda _: None).live())
    return world, outside


def faults(keys: Keyring, moment: Moment, whole: Outside) -> list[str]:
    """What is wrong after a kill at this moment."""
    world, outside = goes_on(keys, moment)
    wrong = list(outside.wrong)
    states = {incident.state for incident in world.incidents.values()}
    if states != {State.AFTERCARE}:
        wrong.append(f"L5: the story ends in {sorted(states)}")
    for card in ("page", "brief", "go", "stand-down"):
        should = {to for _, to, c, _ in whole.arrived if c == card}
        did = {to for _, to, c, _ in outside.arrived if c == card}
        if should != did:
            wrong.append(f"L6: {card} reached {sorted(did)} and not {sorted(should)}")
    database = sqlite3.connect(moment.folder / "data" / "network.db")
    (sound,) = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    if sound != "ok":
        wrong.append(f"L6: the database is damaged: {sound}")
    return wrong


def main() -> int:
    """Every moment; 0 when nothing is wrong after any of them."""
    with tempfile.TemporaryDirectory() as name:
        keys, found, whole = moments(Path(name))
        broken = 0
        for number, moment in enumerate(found):
            for fault in faults(keys, moment, whole):
                broken += 1
                print(f"{fault} (killed before {moment.effect}, moment {number})")
        print(f"{len(found)} kills, {broken} faults")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
