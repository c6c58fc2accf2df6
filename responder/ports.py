"""What a bot must offer (`Channel`), what it hands in (`Inbound`), what it is handed (`Outbound`).

Rules it keeps
    * A bot knows this module and the core's records and nothing else of the program.
    * A bot decides nothing: it turns the platform's words into `Inbound`, and `Outbound` into the
      platform's words; who may read what has been decided before.
    * `receive` returns after the commit: only then may a bot move its cursor.
    * Exceptions that leave a bot carry no text, address or token of any person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from responder.core.model import Media, Record
from responder.core.spoken import Inbound as Inbound


class Option(Record):
    """One thing to tap or to answer with its number. `token` says nothing by itself.

    With `url` it opens that address instead of answering; only channels with buttons get such.
    """

    label: str
    token: str = ""
    number: int = 0
    url: str = ""


class Attachment(Record):
    """Bytes to send along, already stripped of metadata. `name` says nothing of anyone."""

    mime: str
    data: bytes
    name: str


class Outbound(Record):
    """What one person is to see in one message of one channel.

    The text is plain words: a bot escapes whatever its platform would read as markup.
    `rows` lays out the options, a row of buttons each; a channel without buttons prints
    "number label" lines under the text. `edits` is the platform's reference of the message that
    this one replaces in place; a bot that cannot edit sends it anew. `silent` asks the platform
    to make no sound. `repeat` is set when an earlier attempt may have arrived.
    """

    handle: str
    text: str
    rows: tuple[tuple[Option, ...], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    edits: str = ""
    silent: bool = False
    repeat: bool = False
    ask_place: bool = False
    """Offer the platform's own "share my location" button, where it has one."""


class Sent(Record):
    """The platform took the message. `ref` finds it again to edit, delete or match a reaction."""

    ref: str


class SendError(Exception):
    """A message did not leave, or may not have. Its text names no person and quotes no message."""


class RetryLater(SendError):
    """The platform asks to wait `after_s` seconds, or is down (then `after_s` is None).

    `whole` is true when the whole channel must wait, not this chat alone.
    """

    def __init__(self, reason: str, after_s: float | None = None, *, whole: bool = True) -> None:
        super().__init__(reason)
        self.after_s = after_s
        self.whole = whole


class Unsure(SendError):
    """The platform did not answer in time: the message may have arrived; a repeat is marked."""


class Unreachable(SendError):
    """This address will not take messages: blocked, unknown, gone. Nobody repeats it."""


class Rejected(SendError):
    """The platform refuses this very message (too long, malformed); repeating it is useless."""


class Pace(Record):
    """What the platform allows: messages a second over all, and seconds between two to a chat."""

    per_second: float
    per_chat_s: float
    at_once: int = 16
    """How many requests may be under way at once."""


class Health(Record):
    """What a channel says of itself to a coordinator: `detail` names no person and no secret."""

    ok: bool
    detail: str


Receive = Callable[[Sequence[Inbound]], Awaitable[None]]
"""Takes messages in, in order; returns once they are committed, raises if they could not be."""


class Memory(Protocol):
    """What a bot has kept about somebody's address. It is forgotten with that person."""

    def recall(self, handle: str) -> str | None:
        """What was kept; "" where nothing was, None where nobody is known at this address."""

    async def keep(self, handle: str, fact: str) -> None:
        """Put it on disk, sealed, in the place of what was kept before. Raises on a full disk."""


@runtime_checkable
class Remembers(Protocol):
    """A bot that wants something kept about addresses."""

    def remember_in(self, memory: Memory) -> None:
        """Use this memory from now on; called before `start`."""


@runtime_checkable
class Probed(Protocol):
    """A bot whose platform may answer and deliver nothing all the same."""

    @property
    def probe_every(self) -> timedelta:
        """How often to probe; zero for never."""

    @property
    def heard_at(self) -> datetime | None:
        """When there last was a sign that what people write arrives; None before the first."""

    async def probe(self) -> None:
        """Have something arrive soon, if all is well: then `heard_at` moves. Raises `SendError`."""

    def judged(self, *, deaf: bool) -> None:
        """What the probes came to; `health` tells of it from now on."""

    def unattended(self, since: datetime, *, clean: bool) -> None:
        """This program has not run since then; called before `run`, which finds out what that cost.

        `clean`: it ended as it was told to, with everything on disk that had come in.
        """

    def take_gaps(self) -> Sequence[tuple[datetime, datetime]]:
        """From when to when nothing could come in, each told once."""


@runtime_checkable
class Quick(Protocol):
    """A bot that needs no task for a request that has nothing to wait for but its answer."""

    def post(self, out: Outbound, told: Callable[[Sent | SendError], None]) -> bool:
        """Send it at once and tell how it ended, once and later; or do nothing, and return False.

        False where it would have to wait, or takes more than one request: then `send` is called.
        Raises `SendError` for what cannot be sent.
        """


class Channel(Protocol):
    """A bot, as the rest of the program sees it."""

    @property
    def name(self) -> str:
        """A short word, as in `Address.channel`: "telegram", "signal", "terminal"."""

    @property
    def private(self) -> bool:
        """Whether only the two ends can read what it carries. Everything hangs on this switch."""

    @property
    def buttons(self) -> bool:
        """Whether options are shown as buttons; otherwise people answer with numbers."""

    @property
    def pace(self) -> Pace:
        """The limits that the outbox keeps for it."""

    async def start(self) -> None:
        """Open what sending needs. Must not wait for the platform to be up."""

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled; outlives every fault of the platform."""

    async def send(self, out: Outbound) -> Sent:
        """Send, or edit where `out.edits` is set. Raises only `SendError` and cancellation."""

    async def delete(self, handle: str, ref: str) -> None:
        """Take one of our own messages back, as far as the platform lets us, or what somebody wrote
        to us there, where it came with an `Inbound.ref`. Raises `SendError`."""

    async def answer_press(self, press: str, text: str) -> None:
        """Take the spinner off a pressed button, with a short line. Best effort; never raises."""

    async def media(self, item: Media, limit: int) -> bytes:
        """The bytes of a picture or voice message, at most `limit`; raises `SendError`."""

    async def forget_media(self, item: Media) -> None:
        """Delete the service's own copy of an attachment, where there is one. Best effort."""

    async def health(self) -> Health:
        """Ask the platform whether these settings work (`responder check --online`)."""

    async def close(self) -> None:
        """Close what `start` opened, within a second or two."""
