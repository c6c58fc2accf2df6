"""What becomes of messages, in one transaction: claimed, settled, withdrawn, on slips or in rows.

Rules it keeps
    * A message that met its fate is claimed and withdrawn no more, also while only a slip says so.
    * A reference is sealed for its reader, so that it can be found when the message is forgotten.

What it must not know
    Tasks, when slips are filed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from responder.core.changes import NETWORK_KEY
from responder.core.messages import Fate, Settled
from responder.core.model import MessageId, decode, encode
from responder.storage.records import Records
from responder.storage.rows import Values
from responder.storage.sealing import Keyring
from responder.storage.slips import ROWS_AT_ONCE, Slip, Slips, Stage, ends, in_turns


class Fates(Records):
    """The outbox's part of one transaction; `slips` None: everything goes into its row at once."""

    def __init__(self, db: sqlite3.Connection, keys: Keyring, slips: Stage | None) -> None:
        super().__init__(db, keys, slips)
        self.deleted = False
        """Whether something was deleted or written over that pages may keep copies of."""

    def claim(self, ids: Iterable[MessageId]) -> frozenset[MessageId]:
        """Mark messages as under way; those of them that may be sent."""
        asked: list[Values] = [(id,) for id in ids]
        if self._slips is None:
            return frozenset(id for (id,) in self._together("claim", asked))
        ended = self._slips.ended
        free = [id for (id,) in self._together("waiting_of", asked) if not ended(id)]
        self._slips.claim(free)
        return frozenset(free)

    def settle(self, fates: Sequence[Settled]) -> None:
        """Write down what became of messages, as briefly as may be."""
        if self._slips is None:
            self._settle(fates)
        else:
            self._slips.settle(fates)

    def settle_now(self, fates: Sequence[Settled]) -> None:
        """Write what became of messages into their rows, after what slips say of them."""
        if self._slips is not None and any(self._slips.settled(fate.message) for fate in fates):
            self.file()
        self._settle(fates)

    def note(self) -> None:
        """Write the slip of this transaction, if there is anything on it; nothing may follow."""
        slip = self._slips.note() if self._slips is not None else None
        if slip is not None:
            assert self._slips is not None
            number = self._slips.number
            sealed = self._keys.seal("slip", str(number), self.need(NETWORK_KEY), encode(slip))
            self._run("add_slip", number=number, sealed=sealed)

    def file(self, most: int = -1) -> None:
        """Write into their rows what so many of the oldest slips say; -1: all of them do, and
        what was said in this transaction."""
        if self._slips is not None and self._slips.unfiled:
            self._file(self._slips, most)

    def file_left(self) -> None:
        """File what an earlier life of the program left behind."""
        self._file(Stage(Slips()), -1)

    def _file(self, slips: Stage, most: int) -> None:
        filed: list[Slip] = []
        weight = last = 0
        for number, sealed in self._run("slips", most=most).fetchall():
            filed.append(self._slip(number, sealed))
            last, weight = number, weight + len(filed[-1].rows)
            if most > 0 and weight >= ROWS_AT_ONCE:
                break
        if last:
            self._run("drop_slips", number=last)
            slips.filed(last)
        if most < 0:
            filed.append(slips.take())
        if rows := [row for slip in filed for row in slip.rows]:
            self._write(rows)
        self._settle([fate for slip in filed for fate in slip.settled])
        claimed = dict.fromkeys(id for slip in filed for id in slip.claimed)
        self._together("claim", [(id,) for id in claimed if not slips.ended(id)])

    def _slip(self, number: int, sealed: bytes) -> Slip:
        self._has(NETWORK_KEY)
        return decode(self._keys.open("slip", str(number), NETWORK_KEY, sealed), Slip)

    def _withdraw(self, id: MessageId) -> None:
        if self._slips is None or not self._slips.ended(id):
            self._run("withdraw", id=id)

    def _settle(self, fates: Sequence[Settled]) -> None:
        """Write what became of messages into their rows; of one message each fate in its turn."""
        self.deleted = self.deleted or bool(fates)
        for turn in in_turns(fates):
            self._settle_turn(turn)

    def _settle_turn(self, fates: Sequence[Settled]) -> None:
        ids: list[Values] = [(fate.message,) for fate in fates]
        owners = {id: (who, key_name) for id, who, key_name in self._together("owners", ids)}
        known = [fate for fate in fates if fate.message in owners]
        arrived = [f for f in known if f.fate is not Fate.WITHDRAWN and f.channel]
        rows = [self._delivery_row(fate, *owners[fate.message]) for fate in arrived]
        self._together("put_deliveries", rows)
        ended = [fate for fate in known if ends(fate)]
        sent: list[Values] = [(f.message, ms(f.at)) for f in ended if f.fate is Fate.SENT]
        self._together("sent_for_good", sent)
        others = (fate for fate in ended if fate.fate is not Fate.SENT)
        self._many(
            "settle",
            ({"id": f.message, "state": f.fate.value, "at_ms": ms(f.at)} for f in others),
        )

    def _delivery_row(self, settled: Settled, person: str, message_key: str) -> Values:
        # Under the reader's key, a message can still be taken back from the screen when its
        # incident is forgotten in the same transaction.
        key_name = f"person:{person}"  # as in changes.key_of
        if not self._has(key_name):
            key_name = self.need(message_key)
        place = delivery_id(settled.message, settled.channel)
        return (
            settled.message,
            settled.channel,
            person,
            settled.fate.value,
            ms(settled.at),
            key_name,
            self._keys.seal("delivery", place, key_name, settled.ref.encode()),
        )


def ms(at: datetime) -> int:
    """Milliseconds since 1970, as times stand on disk."""
    return int(at.timestamp() * 1000)


def delivery_id(message: str, channel: str) -> str:
    """What a delivery's envelope is bound to."""
    return f"{message}/{channel}"
