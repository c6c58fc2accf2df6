"""What one channel is given of one parcel: words, a notice, or links to sealed words.

Rules it keeps
    * Pictures and voice messages go along with words over a private channel alone.
    * "Leave now" waits for no phone: where what is open to all cannot be sealed besides, it leaves
      without.

What it must not know
    Gates, tries, what becomes of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from responder.core.messages import Message
from responder.core.routing import Form, Leg
from responder.core.unopened import second
from responder.outbox.mailbag import Parcel
from responder.outbox.needs import Desk, Seal
from responder.ports import Option, Outbound

_log = structlog.get_logger("outbox")


class Envelopes:
    """Makes what leaves. `private` says of each channel whether nobody reads along."""

    def __init__(self, desk: Desk, seal: Seal, private: Mapping[str, bool]) -> None:
        self._desk, self._seal, self._private = desk, seal, private

    def outbound(self, parcel: Parcel, leg: Leg) -> Outbound:
        """What this leg carries of the parcel; raises `Rejected` where it cannot be sealed."""
        message, words = parcel.shown, leg.form is Form.WORDS
        along = words and self._private[leg.channel]
        text, links = self._sealed(message, leg)
        if parcel.second:
            reader = self._desk.person(message.to)
            text = second(text, reader.language if reader else "en")
        return Outbound(
            handle=leg.handle,
            text=text,
            rows=(
                *((link,) for link in links),
                *(
                    tuple(Option(label=c.label, token=c.token, number=c.number) for c in row)
                    for row in message.rows
                ),
            ),
            attachments=parcel.attachments or () if along else (),
            edits=leg.edits,
            silent=message.silent,
            repeat=parcel.repeat,
            ask_place=message.ask_place and words,
        )

    def _sealed(self, message: Message, leg: Leg) -> tuple[str, tuple[Option, ...]]:
        """What this leg says in plain, and the links for the reader's phones under it.

        Words that need no seal may still tell a phone that something is over. They leave whether
        or not that can be sealed: "leave now" waits for no phone.
        """
        if leg.form is Form.SEALED:
            return self._seal(message)
        text = message.text if leg.form is Form.WORDS else message.notice
        bare = leg.main or message.text == message.notice
        over = bare and not message.open and not self._private[leg.channel]
        if over and self._desk.has_phone(message.to):
            try:
                return text, self._seal(message)[1]
            except Exception as error:
                _log.error("outbox.seal_failed", kind=message.card, error=type(error).__name__)
        return text, ()
