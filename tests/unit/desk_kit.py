"""Coordinators who write to a network in memory: what they send, are asked and are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from responder.core import network
from responder.core.changes import Changes
from responder.core.messages import Message
from responder.core.model import Address, Person, PersonId, Role
from responder.core.spoken import Inbound
from responder.core.world import World
from tests.builders import NOW, a_member, a_network

OWL, LARK, WREN = "owl", "lark", "wren"


def on(channel: str, call_sign: str, **changes: Any) -> Person:
    """A member who is reached on that channel."""
    handle = f"{channel}:{call_sign.lower()}"
    return a_member(call_sign, addresses=(Address(channel=channel, handle=handle),), **changes)


def coordinator(call_sign: str, channel: str = "signal") -> Person:
    """A coordinator who writes over that channel."""
    return on(channel, call_sign, roles=(Role.COORDINATOR,))


class Evening:
    """A network of two coordinators, Owl and Lark, and of Wren; time passes when it is told to."""

    def __init__(self, *more: Person, people: tuple[Person, ...] | None = None) -> None:
        usual = (coordinator("Owl"), coordinator("Lark"), a_member("Wren"))
        self.world: World = a_network(*(usual if people is None else people), *more)
        self.at = NOW
        self.changes = Changes()
        self.sent: list[Message] = []
        self.audited: list[tuple[str, str | None]] = []
        self._count = 0

    def later(self, pause: timedelta) -> datetime:
        """The clock goes on."""
        self.at += pause
        return self.at

    def says(self, who: str, text: str = "", *, token: str = "", channel: str = "") -> Evening:
        """One message of that person, over the first channel of theirs or over another."""
        person = self.person(who)
        here = next(a for a in person.addresses if channel in ("", a.channel))
        self._count += 1
        inbound = Inbound(
            channel=here.channel,
            key=f"m{self._count}",
            handle=here.handle,
            at=self.at,
            text=text,
            token=token,
        )
        return self.took(network.hear(self.world, inbound, self.at, self._nonce()))

    def took(self, changes: Changes) -> Evening:
        """What this transaction sent and wrote down."""
        self.changes = changes
        self.sent += changes.messages
        self.audited += [(line.verb, line.by) for line in changes.audit]
        return self

    def _nonce(self) -> bytes:
        return f"n{self._count}".encode().ljust(32, b"-")

    def runs_out(self) -> Evening:
        """What waits too long is looked at."""
        self._count += 1
        return self.took(network.orders_over(self.world, self.at, self._nonce()))

    def taps(self, who: str, label: str, *, channel: str = "") -> Evening:
        """Tap the newest button of that label."""
        return self.says(who, token=self.button(who, label), channel=channel)

    def button(self, who: str, label: str) -> str:
        """The token of the newest button of that label which that person was sent."""
        mine = [m for m in self.sent if m.to == who]
        found = [c for m in reversed(mine) for row in m.rows for c in row if c.label == label]
        assert found, f"{who} has no button {label!r}"
        return found[0].token

    def told(self, who: str) -> str:
        """What the last transaction told that person, all of it."""
        return "\n".join(m.text for m in self.changes.messages if m.to == who)

    def person(self, who: str) -> Person:
        """Somebody as they are now."""
        return self.world.everybody[PersonId(who)]
