"""Which words go over which channel to one person: the one place where privacy is decided.

What it is for
    A channel says whether it is end-to-end private. Here, and nowhere else, that switch decides
    what a channel is given: the words, a notice without content, or nothing.

Rules it keeps
    * The words of a message that is not open never go over a channel that is not private.
    * Each channel is used once, at the first living address that the person has there.
    * What only a private channel can show (pictures, and the old text of an edit that stands on
      one) goes there first, also where a phone could be reached another way.
    * A channel that no bot serves is no way at all.

What it must not know
    Bots, queues, what was tried before, the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from responder.core.messages import Message
from responder.core.model import Address, Person, Record

NOWHERE: Final[Mapping[str, str]] = {}


class Form(StrEnum):
    """What of a message a channel is given."""

    WORDS = "words"
    NOTICE = "notice"
    SEALED = "sealed"
    """The notice, with links under which the words lie sealed for the reader's own phone."""


class Leg(Record):
    """One way to one person.

    `main` legs are alternatives, in the order in which they are tried: one that arrives settles
    the message. The others are companions, which go besides and settle nothing. `edits` is the
    platform's reference of the message to change in place, where there is one.
    """

    channel: str
    handle: str
    form: Form
    main: bool
    edits: str = ""


def legs(
    message: Message,
    person: Person,
    private: Mapping[str, bool],
    delivered: Mapping[str, str] = NOWHERE,
    *,
    phone: bool = False,
) -> tuple[Leg, ...]:
    """The ways for this message to this person: main legs in order, then companions.

    `private` says of each channel in use whether it is end-to-end private. `delivered` is for an
    edit: the newest reference on each channel where the original arrived. Those channels come
    first, and a notice changes only where there is one. Without a main leg nothing carries the
    words: the message has failed, even though a companion may tell that there was something.
    With `phone` the reader has a phone for which words can be sealed: then a channel that is not
    private carries them too, unread. Words that say no more than their notice need no seal: to
    whoever has no private channel they go in plain.
    """
    ways = _ways(message, person, private)
    bare = message.open or message.text == message.notice
    shown_privately = bool(delivered) and any(
        private[way.channel] for way in ways if way.channel in delivered
    )
    # Sealed, it would leave what stands on the private channel as it was; and a seal needs a
    # notice to stand under.
    seals = phone and not shown_privately and (bool(message.notice) or bare)
    anywhere = (
        message.open
        or seals
        or (bare and not message.device and not any(private[way.channel] for way in ways))
    )
    asked_first = ways
    if len(ways) > 1:  # nearly everybody has one, and a thousand people are asked for at once
        asked_first = sorted(ways, key=lambda way: way.channel != message.channel)
    words = [way for way in asked_first if anywhere or private[way.channel]]
    if len(words) > 1:
        words.sort(key=lambda way: way.channel not in delivered)
        if message.media and not message.open:
            words.sort(key=lambda way: not private[way.channel])
    if anywhere or not message.notice:
        notices = []
    elif delivered:
        notices = [way for way in ways if way.channel in delivered]
    else:
        # Where they wrote from, and where they look first: at most one of them gets a notice.
        notices = [way for way in asked_first if way.channel == message.channel] + ways[:1]
        notices = [way for way in notices if not private[way.channel]][:1]
    return (
        *(
            _leg(way, Form.WORDS if bare or private[way.channel] else Form.SEALED, delivered)
            for way in words
        ),
        *(_leg(way, Form.NOTICE, delivered) for way in notices if not private[way.channel]),
    )


def reader_of(message: Message, person: Person | None) -> Person | None:
    """Who reads this message; for the last word to somebody forgotten, the address it names."""
    if person is None and message.handle:
        here = Address(channel=message.channel, handle=message.handle)
        return Person(id=message.to, addresses=(here,))
    return person


def _ways(message: Message, person: Person, private: Mapping[str, bool]) -> list[Address]:
    """The first living address on each channel in use, in the person's order."""
    found: dict[str, Address] = {}
    for address in person.addresses:
        if address.channel not in private or address.dead:
            continue
        # What is sealed for one phone is proved only if it comes past a channel that reads along.
        allowed = not private[address.channel] if message.device else True
        if allowed and (not message.only or address.channel == message.channel):
            found.setdefault(address.channel, address)
    return list(found.values())


def _leg(way: Address, form: Form, delivered: Mapping[str, str]) -> Leg:
    return Leg(
        channel=way.channel,
        handle=way.handle,
        form=form,
        main=form is not Form.NOTICE,
        edits=delivered.get(way.channel, ""),
    )
