"""What the shell does beside the core: pictures, drills that are over, a network that was locked.

What it is for
    Some things follow a commit or a start by themselves: a picture is fetched from its platform
    and kept, a drill ends, grave orders run out, the process of a locked network says its last
    words and stays closed.

Rules it keeps
    * A picture is on its platform's service until ours is kept, or until nobody wants it.
    * A phone gets a picture only if the laws allow it at the moment at which it asks.
    * Nothing but the passphrase opens a locked network, however often the process is started.

What it must not know
    Who may see what, when a drill is over, who may lock: the core says that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec.structs import replace

from responder.core import network
from responder.core.changes import Changes, Piece
from responder.core.desk import Desk
from responder.core.effects import Card
from responder.core.messages import Message, Urgency
from responder.core.model import Media, MediaKind, MessageId, PersonId, ReportId
from responder.core.rehearsing import drills
from responder.core.spoken import Inbound, LockSign
from responder.core.talk import locking, orders, pleas
from responder.core.world import World
from responder.simulation.machine import Decide, Machine
from responder.simulation.platforms import Platform

KNOWN_WORDS: Final = "correct horse"
"""What opens and locks the made-up network."""
_LOOK_S: Final = 30.0
_TRY_AGAIN_S: Final = 60.0
_SWEEP_EVERY: Final = timedelta(hours=1)
_WAITS: Final = ("order:", pleas.PLEA)
"""Settings that hold what somebody is to decide."""
_LAST_WORDS: Final = {True: timedelta(seconds=60), False: timedelta(seconds=20)}
"""How long the process of a locked network lives while "leave now", or anything, has to leave."""


class House(Machine, Protocol):
    """The process that all this is done in, and the town around it."""

    steps: int
    platforms: dict[str, Platform]

    def at_the_terminal(self, what: str, kind: str, decide: Decide) -> bool:
        """One step of the process of a command, while none serves."""

    def sweep(self) -> None:
        """The broom of the house."""

    @property
    def arrivals(self) -> Words:
        """Where people's words come from."""


class Words(Protocol):
    """What people send."""

    def canary(self, person: PersonId, kind: str) -> str:
        """A word that only this person's words hold."""


class Errands:
    """All that one history's process does beside the core. `service` outlives the process."""

    def __init__(self, history: House) -> None:
        self._history = history
        self.service: dict[Media, PersonId] = {}
        """Pictures and voice that lie on their platforms, and who sent them."""
        self.taken_in: set[Media] = set()
        """Those of them that came with a message which was taken in."""
        self._pictures = 0
        self._watching = False
        self._waiting = False
        self._swept_at = history.now
        self._locked_at: datetime | None = None

    def committed(self, changes: Changes) -> None:
        """What follows from this transaction besides its messages."""
        if any(kind == "drill" for kind, _ in changes.puts) or self._history.world.drills:
            self._watch_drills()
        if any(name.startswith(_WAITS) for kind, name in changes.puts if kind == "setting"):
            self._watch_what_waits()
        if self._locked_at is None and ("setting", locking.LOCKED) in changes.puts:
            self._locked_at = self._history.now
            self._last_words()

    def started(self) -> None:
        """The process begins anew."""
        self._watching = self._waiting = False
        self._watch_drills()
        self._watch_what_waits()
        for media in sorted(self.taken_in, key=lambda m: m.ref):
            self._fetch_soon(media, 1)

    # --- drills ---------------------------------------------------------------------------------

    def _watch_drills(self) -> None:
        history = self._history
        if drills.due(history.world, history.wall):
            history.soon(0, self._end_drills)
        if not self._watching and any(drills.running(history.world)):
            self._watching = True
            history.soon(_LOOK_S, self._watch_on)

    def _watch_on(self) -> None:
        self._watching = False
        self._watch_drills()

    def _end_drills(self) -> None:
        for drill in drills.due(self._history.world, self._history.wall):
            self._end_drill(drill)

    def _end_drill(self, drill: str) -> None:
        self._history.step(
            "a drill is over", "drill", lambda w, at, n: network.drill_over(w, drill, at, n)
        )

    # --- what waits for a coordinator -----------------------------------------------------------

    def _watch_what_waits(self) -> None:
        """Grave orders run out within seconds; while a plea waits the broom comes once an hour."""
        settings = self._history.world.settings
        if not self._waiting and any(name.startswith(_WAITS) for name in settings):
            self._waiting = True
            self._history.soon(_LOOK_S, self._look_at_what_waits)

    def _look_at_what_waits(self) -> None:
        history = self._history
        self._waiting = False
        if orders.any_over(history.world, history.wall):
            history.step("grave orders run out", "orders", network.orders_over)
        if history.now - self._swept_at >= _SWEEP_EVERY:
            self._swept_at = history.now
            history.sweep()
        self._watch_what_waits()

    # --- pictures and voice ---------------------------------------------------------------------

    def picture(self, person: PersonId, channel: str) -> Media:
        """Somebody takes a picture, or speaks: it lies on that platform's service."""
        number = self._pictures = self._pictures + 1
        kind = (MediaKind.PICTURE, MediaKind.VOICE)[number % 2]
        media = Media(channel=channel, ref=f"{person}.{self._history.steps}.{number}", kind=kind)
        self.service[media] = person
        return media

    def heard(self, inbound: Inbound) -> None:
        """What came along with a message that is committed is fetched, or not wanted."""
        for media in inbound.media:
            if media not in self.service:
                continue
            self.taken_in.add(media)
            if self._report_of(media) is None:
                self._let_go(media)
            else:
                dice = self._history.dice_of(self.service[media])
                self._fetch_soon(media, dice.choice((1, 3, 200)))

    def _let_go(self, media: Media) -> None:
        """The service forgets it."""
        self.service.pop(media, None)
        self.taken_in.discard(media)

    def _report_of(self, media: Media) -> ReportId | None:
        """The report or draft that names this piece, as long as there is one."""
        world = self._history.world
        for incident in world.incidents.values():
            for words in incident.words:
                if media in words.media and words.report in world.reports:
                    return words.report
        for report in world.reports.values():
            if media in report.media:
                return report.id
        drafts = (s.draft for s in world.sessions.values() if s.draft)
        return next((d.report for d in drafts if media in d.media), None)

    def _fetch_soon(self, media: Media, seconds: float) -> None:
        self._history.soon(seconds, lambda: self._fetch(media))

    def _fetch(self, media: Media) -> None:
        if media not in self.service:
            return
        stuck = self._history.platforms[media.channel].stuck_until
        if stuck is not None and self._history.now < stuck:
            self._fetch_soon(media, _TRY_AGAIN_S)
            return
        report = self._report_of(media)
        if report is not None and not self._keep(media, report):
            self._fetch_soon(media, _TRY_AGAIN_S)
            return
        self._let_go(media)

    def _keep(self, media: Media, report: ReportId) -> bool:
        sender = self.service[media]

        def decide(world: World, at: datetime, nonce: bytes) -> Changes:
            desk = Desk(world, at, nonce)
            shown = self._history.arrivals.canary(sender, "w").encode()
            desk.changes.put(
                Piece(id=f"{media.channel}:{media.ref}", report=report, mime="", data=shown)
            )
            return desk.changes

        return self._history.step(f"a picture by {sender} is kept", "piece", decide)

    def goes_along(self, message: Message) -> tuple[Media, ...]:
        """What of a message's pictures can still be had, here or on its service."""
        disk = self._history.disk
        return tuple(m for m in message.media if disk.piece(m) is not None or m in self.service)

    def phone_asks(self, person: PersonId, message: Message) -> Iterator[Media]:
        """A phone asks for the pictures that a sealed page named: those that it gets."""
        history = self._history
        reader = history.world.person(person)
        phones = history.world.phones(person) if reader and reader.member else ()
        for media in message.media if phones else ():
            for incident in tuple(history.world.incidents.values()):
                named = any(media in words.media for words in incident.words)
                told = replace(_as_told(message), incident=incident.id)
                allowed = named and network.may_leave(history.world, told, history.wall)
                if allowed and history.disk.piece(media) is not None:
                    yield media

    # --- a network that is locked ---------------------------------------------------------------

    def read_lock(self, inbound: Inbound) -> Inbound:
        """The message without a passphrase, with what it was worth; others as they are."""
        words = inbound.text.removeprefix("/lock ")
        if words == inbound.text:
            return inbound
        history = self._history
        who = history.world.at_address(inbound.channel, inbound.handle)
        if inbound.channel not in history.world.private_channels:
            sign: LockSign | None = LockSign.NOT_HERE
        elif who is None:
            sign = None
        elif locking.tries_left(history.world, who.id, history.wall) <= 0:
            sign = LockSign.TOO_MANY
        else:
            sign = LockSign.RIGHT if words == KNOWN_WORDS else LockSign.WRONG
        return replace(inbound, text="/lock", lock=sign)

    def _last_words(self) -> None:
        """The process lives until people have been told, then it ends."""
        history = self._history
        since = self._locked_at or history.now
        waiting = [row.message.urgency for row in history.disk.waiting.values()]
        most = _LAST_WORDS[Urgency.LEAVE in waiting]
        if waiting and history.now - since < most:
            history.soon(1, self._last_words)
        else:
            history.tell("the locked network closes")
            history.go_down(_TRY_AGAIN_S)

    def unlock(self) -> None:
        """Somebody opens the network again, with the passphrase, at its own machine."""
        history = self._history
        if not history.disk.locked:
            return

        def decide(world: World, at: datetime, nonce: bytes) -> Changes:
            desk = Desk(world, at, nonce)
            locking.unlock(desk)
            return desk.changes

        if history.at_the_terminal("the network is opened with its passphrase", "unlock", decide):
            self._locked_at = None
        else:
            history.later(_TRY_AGAIN_S, self.unlock)


def _as_told(message: Message) -> Message:
    """The message under which its reader would be told of it now: the laws are asked of that."""
    return replace(
        message, id=MessageId(""), text="", rows=(), needs_team=message.card == Card.MEDIA
    )
