"""Bytes as the pager's formats write them: framing, text, compression, key lengths.

What it is for
    Sealed pages, private reports and parcels are three formats over the same few conventions;
    `docs/sealed-pages.md` calls them the common parts.

Rules it keeps
    * What is joined can be read in one way only: each part goes with its length.
    * What unpacks to more than 64 KiB is refused before it fills the memory.

What it must not know
    Pages, reports, pictures, anybody's keys.
"""

from __future__ import annotations

import base64
import zlib
from typing import Final

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from responder.errors import ResponderError

KEY: Final = 32
"""Bytes of every key here, secret or public."""
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFLATED_LIMIT: Final = 64 * 1024


class PagerError(ResponderError):
    """A page, a key, a parcel or a private report is not what it should be."""


def joined(*parts: bytes) -> bytes:
    """The parts as bytes that no other parts could give: each goes with its length."""
    return b"".join([field for part in parts for field in (len(part).to_bytes(4, "big"), part)])


def whole(secret: bytes) -> bytes:
    """The secret key, if it is as long as one; else `PagerError`."""
    if len(secret) != KEY:
        raise PagerError(f"A secret key must be {KEY} bytes long.")
    return secret


def url64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unurl64(text: str) -> bytes:
    """The bytes of base64url without padding; `ValueError` where it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def deflated(data: bytes) -> bytes:
    """Raw DEFLATE."""
    # A small window for small texts: setting up zlib's usual 256 KiB costs more than the work.
    packer = zlib.compressobj(9, zlib.DEFLATED, -12, 5)
    return packer.compress(data) + packer.flush()


def inflated(data: bytes) -> bytes:
    """At most 64 KiB: a small message must not fill the memory. `zlib.error` for more."""
    unpacker = zlib.decompressobj(-15)
    plain = unpacker.decompress(data, _INFLATED_LIMIT)
    if not unpacker.eof:
        raise zlib.error("longer than allowed, or cut off")
    return plain
