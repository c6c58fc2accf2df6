"""Fresh ids and short codes, made from one nonce.

Rules it keeps
    * Unguessable where the nonce is; the same nonce gives the same ids in the same order.

What it must not know
    What an id is for.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

_CODE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_TWO_LETTERS: Final = tuple(one + other for one in _LETTERS for other in _LETTERS)
_TENS: Final = tuple(range(110, -1, -10))
"""How far each ten bits of an id's 120 are from its end."""


class Ids:
    """The ids of one input."""

    def __init__(self, nonce: bytes) -> None:
        self._keyed = blake2b(key=nonce, digest_size=15)
        self._count = 0

    def next(self) -> str:
        """Twenty-four characters of a-z and 2-7, 120 bits."""
        self._count += 1
        mixed = self._keyed.copy()
        mixed.update(self._count.to_bytes(4, "big"))
        number = int.from_bytes(mixed.digest(), "big")
        return "".join([_TWO_LETTERS[number >> shift & 1023] for shift in _TENS])

    def code(self, taken: Callable[[str], object]) -> str:
        """A short code for people's mouths, none that is `taken`."""
        length = 2
        while True:
            digest = self.next()
            numbers = [int(digest[i : i + 2], 36) % len(_CODE_LETTERS) for i in range(0, 24, 2)]
            code = "".join(_CODE_LETTERS[n] for n in numbers[:length])
            if not taken(code):
                return code
            length = min(length + 1, 6)
