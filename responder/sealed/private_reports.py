"""Private reports: what is written in the pager and only the network can read.

What it is for
    The pager seals a report in the reporter's browser to the network's report key; the channel
    carries it as one message or several. Here they are found, put together and opened.
    `docs/sealed-pages.md` tells the format byte by byte, `tests/vectors` pins it.

Rules it keeps
    * RFC 9180 in base mode, bound to the network; what was changed or is incomplete stays shut.
    * Lengths come in size classes.
    * No clock, no file, no network; chance only where a seal needs it.
    * Errors and `repr` hold no key and no word of anybody.

What it must not know
    Intake, channels, the store; where parts wait for one another.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from responder.core.model import Record
from responder.sealed.framing import SUITE, PagerError, deflated, inflated, joined, whole
from responder.sealed.pages import PagerFacts

MESSAGE_LIMIT: Final = 3500
"""Characters of one message that carries a private report, or a part of one."""

_SMALL: Final = 1024
_STEP: Final = 2560
_PARTS: Final = 8
_CHUNK: Final = 3480
_PART: Final = re.compile(r"R1\.([A-Za-z0-9]{6})\.([1-8])\.([1-8])\.([A-Za-z0-9+/]+)")


class Unopenable(PagerError):
    """A private report was damaged, changed, incomplete, or sealed to another key."""


class PrivateReport(Record):
    """What a reporter wrote in the pager: all in their own words, nothing asked twice."""

    words: str
    kind: str = ""
    place: str = ""
    language: str = "en"


class ReportPart(Record):
    """One message of a private report: part `index` of `count` of the report `id`."""

    id: str
    index: int
    count: int
    body: str


class ReportKey:
    """The network's X25519 key for private reports, made from 32 secret bytes."""

    __slots__ = ("_key", "public")

    def __init__(self, secret: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(whole(secret))
        self.public: bytes = self._key.public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """The plaintext; `InvalidTag` where anything was changed."""
        return SUITE.decrypt(sealed, self._key, info=info)


def report_link(facts: PagerFacts) -> str:
    """Where a report is written that the channel cannot read."""
    return f"{facts.pager_url}#report"


def report_info(network_id: str) -> bytes:
    """What a private report is bound to: HPKE's `info`."""
    return joined(b"responder private report 1", network_id.encode())


def seal_report(report: PrivateReport, facts: PagerFacts) -> tuple[str, ...]:
    """The messages, each at most 3,500 characters, that bring a report past its channel.

    The browser does the same; this is for terminals, tests and vectors.
    """
    body = deflated(msgspec.json.encode(report))
    plain = len(body).to_bytes(4, "big") + body
    size = _SMALL if len(plain) <= _SMALL else -(-len(plain) // _STEP) * _STEP
    if size > _PARTS * _STEP:
        raise PagerError("This report is too long for one: send it in two.")
    recipient = X25519PublicKey.from_public_bytes(facts.report_public)
    sealed = SUITE.encrypt(plain.ljust(size, b"\0"), recipient, info=report_info(facts.network_id))
    text = base64.b64encode(sealed).decode().rstrip("=")
    chunks = [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]
    id = secrets.token_hex(3)
    return tuple(f"R1.{id}.{index}.{len(chunks)}.{chunk}" for index, chunk in enumerate(chunks, 1))


def report_parts(text: str) -> tuple[ReportPart, ...]:
    """The parts of private reports that a message holds, in order; none in any other message."""
    return tuple(
        ReportPart(id=id, index=int(index), count=int(count), body=body)
        for id, index, count, body in _PART.findall(text)
        if int(index) <= int(count)
    )


def collect(parts: Iterable[ReportPart]) -> tuple[ReportPart, ...] | None:
    """All parts of one report in order, each once, or None while one is missing.

    The parts must be of one report and one person; the first of a doubled part counts.
    """
    found: dict[int, ReportPart] = {}
    for part in parts:
        found.setdefault(part.index, part)
    if not found:
        return None
    count = next(iter(found.values())).count
    wanted = range(1, count + 1)
    return tuple(found[index] for index in wanted) if set(wanted) <= set(found) else None


def open_report(parts: Sequence[ReportPart], key: ReportKey, facts: PagerFacts) -> PrivateReport:
    """The report that `collect` made whole; `Unopenable` where it does not open."""
    text = "".join(part.body for part in parts)
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        plain = key.open(sealed, report_info(facts.network_id))
        length = int.from_bytes(plain[:4], "big")
        return msgspec.json.decode(inflated(plain[4 : 4 + length]), type=PrivateReport)
    except (binascii.Error, ValueError, InvalidTag, zlib.error, msgspec.DecodeError):
        raise Unopenable(
            "This private report cannot be opened: a part is missing or was changed on the way. "
            "Ask the sender to copy it whole, or to open the pager anew and write it again."
        ) from None
