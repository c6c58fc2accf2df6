"""A network of fakes around the outbox: time that waits for nobody, platforms that count."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar, cast

from responder.core.changes import Question, Stored
from responder.core.messages import Choice, Fate, Message, Settled, Urgency
from responder.core.model import Address, Media, MediaKind, MessageId, Person, PersonId
from responder.outbox import Outbox, Timer
from responder.ports import (
    Attachment,
    Health,
    Option,
    Outbound,
    Pace,
    Receive,
    Rejected,
    RetryLater,
    SendError,
    Sent,
)
from responder.storage.drawer import SentRef, Waiting
from responder.storage.rows import StoreError

S = TypeVar("S", bound=Stored)

START = datetime(2026, 3, 1, 23, 40, tzinfo=UTC)
FAST = Pace(per_second=1000.0, per_chat_s=0.0)
SLOW = Pace(per_second=9.0, per_chat_s=1.0, at_once=9)
ONE_AT_A_TIME = Pace(per_second=1.0, per_chat_s=0.0, at_once=1)
DOWN = RetryLater("down")
ROWS = ((Choice(label="Going", token="t1", number=1),),)
PICTURE = Media(channel="telegram", ref="file-1", kind=MediaKind.PICTURE)


class Clockwork(Timer):
    """Time that passes only when a test says so, and then all at once."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def steady(self) -> float:
        return self.now

    async def wait(self, event: asyncio.Event, timeout_s: float | None) -> None:
        woken = asyncio.ensure_future(event.wait())
        alarm = asyncio.get_running_loop().create_future()
        if timeout_s is not None:
            self._count += 1
            heapq.heappush(self._sleepers, (self.now + timeout_s, self._count, alarm))
        try:
            await asyncio.wait({woken, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            alarm.cancel()

    async def sleep(self, seconds: float) -> None:
        await self.wait(asyncio.Event(), seconds)

    async def advance(self, seconds: float) -> None:
        """Let time pass, stopping wherever somebody wakes up."""
        until = self.now + seconds
        await settle_down()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, alarm = heapq.heappop(self._sleepers)
            if not alarm.done():
                self.now = max(self.now, due)
                alarm.set_result(None)
                await settle_down()
        self.now = until
        await settle_down()


async def settle_down() -> None:
    """Let every task go on until all of them wait for time."""
    for _ in range(30):
        await asyncio.sleep(0)


class FakeChannel:
    """A platform that takes what the port allows, and answers as it is told to."""

    buttons = False

    def __init__(
        self, time: Clockwork, name: str, *, private: bool, pace: Pace = FAST, took_s: float = 0.0
    ) -> None:
        self.name, self.private, self.pace = name, private, pace
        self.took_s = took_s
        self.answers: deque[Exception | None] = deque()
        """What the next requests end with; None and nothing more: they succeed."""
        self.always: SendError | None = None
        self.begun: list[tuple[float, Outbound]] = []
        self.sent: list[Outbound] = []
        self.deleted: list[tuple[str, str]] = []
        self.wrong: list[str] = []
        self.fresh_refs = False
        """Whether an edit gets a new reference, as on Signal."""
        self._time = time

    async def send(self, out: Outbound) -> Sent:
        self.begun.append((self._time.now, out))
        if not out.text or not out.handle:
            self.wrong.append("an empty text or handle")
        if self.private and any(option.url for row in out.rows for option in row):
            self.wrong.append("a link on a private channel")
        if out.attachments and not self.private:
            self.wrong.append("a picture on a channel that is not private")
        if self.took_s:
            await self._time.sleep(self.took_s)
        answer = self.answers.popleft() if self.answers else self.always
        if answer is not None:
            raise answer
        self.sent.append(out)
        if out.edits and not self.fresh_refs:
            return Sent(ref=out.edits)
        return Sent(ref=f"{self.name}-{len(self.sent)}")

    async def delete(self, handle: str, ref: str) -> None:
        if self.answers and (answer := self.answers.popleft()):
            raise answer
        self.deleted.append((handle, ref))

    @property
    def links(self) -> list[str]:
        """What lies behind the links that were sent."""
        options = (o for out in self.sent for row in out.rows for o in row)
        return [o.url.partition("#")[2] for o in options if o.url]

    @property
    def texts(self) -> list[str]:
        return [out.text for out in self.sent]

    async def start(self) -> None:
        self.wrong.append("the outbox starts no channel")

    async def run(self, receive: Receive) -> None:
        self.wrong.append("the outbox receives nothing")

    async def answer_press(self, press: str, text: str) -> None:
        self.wrong.append("the outbox answers no press")

    async def media(self, item: Media, limit: int) -> bytes:
        raise AssertionError("the outbox fetches no media by itself")

    async def forget_media(self, item: Media) -> None:
        self.wrong.append("the outbox forgets no media")

    async def health(self) -> Health:
        raise AssertionError("the outbox asks nobody's health")

    async def close(self) -> None:
        self.wrong.append("the outbox closes no channel")


class FakeStore:
    """What the store promises about messages, in memory."""

    def __init__(self) -> None:
        self.rows: dict[MessageId, Message] = {}
        self.states: dict[MessageId, str] = {}
        self.refs: dict[tuple[MessageId, str], str] = {}
        self.arrived_at: dict[MessageId, datetime] = {}
        self.tried: dict[MessageId, list[str]] = {}
        self.questions: list[Question] = []
        self.recalled: list[MessageId] = []
        """What is still to be taken back."""
        self.broken = 0
        """How many calls fail before the disk is well again."""

    def commit(self, *messages: Message, withdrawn: Iterable[MessageId] = ()) -> None:
        for message in messages:
            assert message.id not in self.rows
            self.rows[message.id], self.states[message.id] = message, "due"
        for id in withdrawn:
            if self.states.get(id) in ("due", "claimed"):
                self.states[id] = "withdrawn"

    async def claim(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        self._fail_if_told()
        found = [id for id in messages if self.states[id] in ("due", "claimed")]
        self.states.update(dict.fromkeys(found, "claimed"))
        return frozenset(found)

    async def waiting(self) -> list[Waiting]:
        found = [
            Waiting(
                message=message,
                repeat=self.states[id] == "claimed",
                tried=tuple(self.tried.get(id, ())),
                arrived=tuple(self._refs_of(id)),
                arrived_at=self.arrived_at.get(id),
            )
            for id, message in self.rows.items()
            if self.states[id] in ("due", "claimed")
        ]
        return sorted(found, key=lambda one: one.message.urgency)

    async def sent_refs(self, messages: Sequence[MessageId]) -> list[SentRef]:
        self._fail_if_told()
        return self._refs_of(*messages)

    def _refs_of(self, *messages: MessageId) -> list[SentRef]:
        return [
            SentRef(message=id, person=self.rows[id].to, channel=channel, ref=ref)
            for (id, channel), ref in self.refs.items()
            if id in messages
        ]

    async def recalls(self) -> list[MessageId]:
        return list(self.recalled)

    async def recall_done(self, message: MessageId) -> None:
        self.recalled = [id for id in self.recalled if id != message]

    async def load(self, kind: type[S]) -> list[S]:
        assert kind is Question
        return cast("list[S]", list(self.questions))

    def settle(self, fate: Settled) -> None:
        """As the store does it: a reference on record means that the message arrived there."""
        self._fail_if_told()
        id, state = fate.message, self.states[fate.message]
        if fate.fate is Fate.SENT:
            if fate.channel:
                self.refs[id, fate.channel] = fate.ref
                self.arrived_at.setdefault(id, fate.at)
            self.states[id] = "sent" if fate.last else state
        elif fate.last and state in ("due", "claimed"):
            self.states[id] = fate.fate.value
        elif fate.fate is Fate.FAILED:
            self.tried.setdefault(id, []).append(fate.channel)

    def _fail_if_told(self) -> None:
        if self.broken:
            self.broken -= 1
            raise StoreError("The disk has no room.")


class FakeDesk:
    """Knows people, keeps what it was told."""

    def __init__(self, store: FakeStore, people: Iterable[Person]) -> None:
        self.people = {person.id: person for person in people}
        self.told: list[Settled] = []
        self.dead: list[tuple[str, str, str]] = []
        self.barred: set[MessageId] = set()
        self.asked_at: dict[MessageId, datetime] = {}
        self.phones: set[str] = set()
        """Whose phones words can be sealed for."""
        self.answered: set[MessageId] = set()
        self._store = store

    def person(self, person: PersonId) -> Person | None:
        return self.people.get(person)

    def has_phone(self, person: PersonId) -> bool:
        return person in self.phones

    def unanswered(self, message: Message) -> bool:
        return message.id not in self.answered

    def may_leave(self, message: Message, at: datetime) -> bool:
        self.asked_at[message.id] = at
        return message.id not in self.barred

    async def settled(self, message: Message, fate: Settled) -> None:
        assert message.id == fate.message or message.replaces == fate.message
        self._store.settle(fate)
        self.told.append(fate)

    async def arrived(self, told: Sequence[Sequence[tuple[Message, Settled]]]) -> None:
        for parcel in told:
            for message, fate in parcel:
                await self.settled(message, fate)

    async def unreachable(self, person: PersonId, channel: str, handle: str) -> None:
        self.dead.append((person, channel, handle))
        known = self.people[person]
        addresses = tuple(
            Address(channel=a.channel, handle=a.handle, dead=a.dead or a.handle == handle)
            for a in known.addresses
        )
        self.people[person] = Person(id=person, call_sign=known.call_sign, addresses=addresses)

    def fates(self, id: str) -> list[str]:
        """What the message itself came to: "sent", "failed", "withdrawn"."""
        return [told.fate.value for told in self.told if told.message == id and told.last]


class Network:
    """An outbox that runs, with everything around it. Telegram is not private; the rest is."""

    def __init__(
        self,
        *people: Person,
        store: FakeStore | None = None,
        desk: type[FakeDesk] | None = None,
        **pace: Pace,
    ) -> None:
        self.time = Clockwork()
        self.store = store or FakeStore()
        self.desk = (desk or FakeDesk)(self.store, people)
        self.telegram = self._channel("telegram", False, pace)
        self.signal = self._channel("signal", True, pace)
        self.terminal = self._channel("terminal", True, pace)
        self.attachments: list[Media] = []
        self.unsealable: Exception | None = None
        """What sealing ends with, if it does not work."""
        self.deaf: set[str] = set()
        """Channels that take messages and seem to deliver none."""
        self.outbox = self._outbox()
        self._run: asyncio.Task[None] | None = None

    @property
    def channels(self) -> tuple[FakeChannel, ...]:
        return (self.telegram, self.signal, self.terminal)

    def _channel(self, name: str, private: bool, pace: dict[str, Pace]) -> FakeChannel:
        return FakeChannel(self.time, name, private=private, pace=pace.get(name, FAST))

    def _outbox(self) -> Outbox:
        return Outbox(
            self.store,
            {channel.name: channel for channel in self.channels},
            self.desk,
            clock=self.time.clock,
            steady=self.time.steady,
            jitter=lambda: 0.5,
            attach=self._attach,
            timer=self.time,
            seal=self.seal,
            deaf=lambda channel: channel in self.deaf,
        )

    def seal(self, message: Message) -> tuple[str, tuple[Option, ...]]:
        """As the pager does it, but anybody can read it; ends are known by their card."""
        if self.unsealable is not None:
            raise self.unsealable
        if message.text == message.notice and message.card != "stand-down":
            return message.notice, ()
        if not message.device and message.to not in self.desk.phones:
            raise Rejected("there is no phone")
        link = Option(label="Open", url=f"https://pager.example/#{message.text}")
        return message.notice, (link,)

    async def _attach(self, media: Media) -> Attachment | None:
        self.attachments.append(media)
        return Attachment(mime="image/jpeg", data=b"clean", name="picture.jpg")

    async def __aenter__(self) -> Network:
        await self.outbox.load()
        self._run = asyncio.create_task(self.outbox.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        assert [wrong for channel in self.channels for wrong in channel.wrong] == []

    async def stop(self, grace_s: float = 0.0) -> None:
        """As the program ends; with no grace, as if it were killed."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)
            self._run = None
            await self.outbox.close(grace_s)

    def add(self, *messages: Message) -> None:
        """Commit and hand over."""
        self.store.commit(*messages)
        self.outbox.add(messages)

    def withdraw(self, *ids: str) -> None:
        withdrawn = [MessageId(id) for id in ids]
        self.store.commit(withdrawn=withdrawn)
        self.outbox.add((), withdrawn)

    def recall(self, *ids: str) -> None:
        recalled = [MessageId(id) for id in ids]
        self.store.commit(withdrawn=recalled)
        self.store.recalled += recalled
        self.outbox.add((), (), recalled)

    async def after(self, seconds: float) -> Network:
        await self.time.advance(seconds)
        return self


def someone(id: str = "heron", *channels: str) -> Person:
    """A person with an address on each of these channels, in order of preference."""
    addresses = tuple(Address(channel=c, handle=f"{id}@{c}") for c in channels or ("signal",))
    return Person(id=PersonId(id), call_sign=id.title(), addresses=addresses)


BADGER = someone("badger", "telegram")
HERON = someone("heron", "signal")
OTTER = someone("otter", "telegram", "signal")


def flock(count: int) -> list[Person]:
    return [someone(f"bird-{n}", "signal") for n in range(count)]


def a_word(id: str, to: str = "heron", **fields: Any) -> Message:
    """A message whose text and notice tell it apart."""
    made: dict[str, Any] = {
        "id": MessageId(id),
        "to": PersonId(to),
        "card": "page",
        "text": f"words of {id}",
        "notice": f"notice of {id}",
        "created_at": START,
        "sealed_under": "incident:i1",
        "urgency": Urgency.PAGE,
    }
    return Message(**{**made, **fields})


def to_each(people: list[Person], urgency: Urgency, mark: str) -> list[Message]:
    return [a_word(f"{mark}{n}", p.id, urgency=urgency) for n, p in enumerate(people)]


def an_edit(id: str, of: str, to: str = "heron", **fields: Any) -> Message:
    return a_word(id, to, replaces=MessageId(of), **fields)


def at_random(chance: Random, number: int, to: str) -> Message:
    return a_word(
        f"m{number}",
        to,
        urgency=chance.choice(list(Urgency)),
        thread=chance.choice(("", "team", "board")),
        open=chance.random() < 0.3,
    )


def words(*ids: str) -> list[str]:
    return [f"words of {id}" for id in ids]


def busiest(times: Sequence[float], window_s: float) -> int:
    """The most requests that began within any stretch of so many seconds."""
    counts = (sum(start <= t < start + window_s - 1e-9 for t in times) for start in times)
    return max(counts, default=0)
