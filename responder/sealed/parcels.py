"""Parcels: pictures and voice that one phone fetches sealed, since a link has no room for them.

What it is for
    A sealed page names a parcel by a token and a key. The phone asks the pager's own host for the
    token and gets ciphertext; the key never leaves the sealed page. Here tokens and keys are made
    and read, and pieces are packed. `docs/sealed-pages.md` tells the format, `tests/vectors` pins
    it.

Rules it keeps
    * Nothing is kept: a token is itself sealed, and holds all that the network must know to serve
      it, as keyed digests of one length. A forged one costs one failed authentication.
    * A token is one phone's: it ends with that phone, whatever its owner may still see elsewhere.
    * The key hangs on the piece's own reference as well, which is destroyed with its report: who
      recorded a parcel on its way cannot open it later with the network's key alone.
    * Lengths come in size classes.
    * No clock, no file, no network; chance only where a seal needs it.

What it must not know
    Who may see what: that is decided before a token is made, and asked again when it comes back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from responder.core.model import Record
from responder.sealed.framing import KEY, PagerError, unurl64, url64, whole

ParcelKind = Literal["picture", "voice"]

TYPES: Final = (
    *("image/jpeg", "image/png", "image/webp"),
    *("audio/ogg", "audio/mp4", "audio/aac", "audio/mpeg"),
)
"""What a parcel may hold; its first byte counts through these."""
_STEP: Final = 64 * 1024
SIZES: Final = tuple(n * _STEP for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192))
"""Bytes of a parcel before it is sealed: everything is padded up to one of these."""
_NONCE: Final = 12
_TAG: Final = 16
_LENGTH: Final = 4
_PIECE: Final = 16
_PHONE: Final = 12
_EXPIRY: Final = 4
_TOKEN_BYTES: Final = _NONCE + 1 + _EXPIRY + _PIECE + _PHONE + _TAG
TOKEN_LENGTH: Final = -(-_TOKEN_BYTES * 4 // 3)
"""Characters of every token."""
_TOKEN: Final = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")
_TOKEN_LABEL: Final = b"responder parcel token 1"
_PARCEL_LABEL: Final = b"responder parcel 1"


class For(IntEnum):
    """What somebody sees a piece as."""

    TEAM = 1
    VERIFIER = 2
    COORDINATOR = 3


class Parcel(Record):
    """What a sealed page says of one parcel: number `number` of `count` of its kind."""

    kind: ParcelKind
    number: int
    count: int
    token: str
    key: bytes


class Ticket(NamedTuple):
    """What an authentic token says. The digests are of ids, and fit no other network."""

    token: str
    purpose: For
    expires_at: datetime
    piece: bytes
    phone: bytes


class ParcelKeys:
    """Makes tokens and keys and reads tokens again, from 32 secret bytes of the network."""

    __slots__ = ("_digests", "_parcels", "_tokens")

    def __init__(self, secret: bytes) -> None:
        whole(secret)
        self._tokens = AESGCM(_derived(secret, b"responder parcel tokens 1"))
        self._parcels = _derived(secret, b"responder parcel keys 1")
        self._digests = _derived(secret, b"responder parcel digests 1")

    def parcel(
        self,
        kind: ParcelKind,
        piece: str,
        *,
        phone: str,
        purpose: For,
        expires_at: datetime,
        number: int = 1,
        count: int = 1,
    ) -> Parcel:
        """A new parcel of the piece with this id, for the phone with that id until then."""
        expiry = int(expires_at.timestamp()).to_bytes(_EXPIRY, "big")
        plain = bytes([purpose]) + expiry + self._piece(piece) + self._phone(phone)
        nonce = secrets.token_bytes(_NONCE)
        token = url64(nonce + self._tokens.encrypt(nonce, plain, _TOKEN_LABEL))
        return Parcel(
            kind=kind, number=number, count=count, token=token, key=self.key(token, piece)
        )

    def read(self, token: str, at: datetime) -> Ticket | None:
        """What this network's own token says, as long as it lasts; None for everything else."""
        if not _TOKEN.fullmatch(token):
            return None
        sealed = unurl64(token)
        try:
            plain = self._tokens.decrypt(sealed[:_NONCE], sealed[_NONCE:], _TOKEN_LABEL)
        except InvalidTag:
            return None
        expires_at = datetime.fromtimestamp(int.from_bytes(plain[1 : 1 + _EXPIRY], "big"), UTC)
        # Text of the right shape may end in stray bits: a token has one spelling.
        if at >= expires_at or url64(sealed) != token:
            return None
        digests = plain[1 + _EXPIRY :]
        return Ticket(token, For(plain[0]), expires_at, digests[:_PIECE], digests[_PIECE:])

    def key(self, token: str, piece: str) -> bytes:
        """The key of this one parcel, 32 bytes; from the token, the secret and the piece's id."""
        return _derived(self._parcels, _PARCEL_LABEL + piece.encode(), salt=token.encode())

    def is_piece(self, ticket: Ticket, piece: str) -> bool:
        """Whether the ticket is for the piece with this id."""
        return secrets.compare_digest(self._piece(piece), ticket.piece)

    def phone_of(self, ticket: Ticket, phones: Iterable[str]) -> str | None:
        """Which of these phones the ticket is for."""
        return next(
            (p for p in phones if secrets.compare_digest(self._phone(p), ticket.phone)), None
        )

    def _piece(self, id: str) -> bytes:
        return self._digest(id, b"piece", _PIECE)

    def _phone(self, id: str) -> bytes:
        return self._digest(id, b"phone", _PHONE)

    def _digest(self, id: str, what: bytes, size: int) -> bytes:
        return blake2b(id.encode(), key=self._digests, person=what, digest_size=size).digest()


def pack(key: bytes, mime: str, data: bytes) -> bytes:
    """The parcel as it is fetched: nonce, then ciphertext of one of a few sizes, then its tag.

    `PagerError` for a type that no phone shows, or more than fits.
    """
    if mime not in TYPES:
        raise PagerError("A parcel holds pictures and voice of the cleaned types alone.")
    head = bytes([TYPES.index(mime)]) + len(data).to_bytes(_LENGTH, "big")
    size = next((size for size in SIZES if size >= len(head) + len(data)), None)
    if size is None:
        raise PagerError(f"A parcel holds at most {SIZES[-1] - len(head)} bytes.")
    plain = b"".join((head, data, bytes(size - len(head) - len(data))))
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, _PARCEL_LABEL)


def _derived(secret: bytes, info: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), KEY, salt, info).derive(secret)
