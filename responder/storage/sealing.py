"""Keys, and sealing at rest: what turns records into envelopes and forgetting into a fact.

What it is for
    One *network key* wraps many *data keys*, one for each incident, report and person and one
    for the network itself. A record is sealed under its data key; destroying that key destroys
    every copy of the record. A separate *hash key* finds addresses and tokens without storing them.

Rules it keeps
    * AES-256-GCM, a fresh random 96-bit nonce for every seal, and the record's kind, id and key
      name bound in: an envelope that was moved to another place does not open.
    * The hash key stays when other keys change, since hashes on disk could not be made again.
    * A network key can be replaced: data keys are wrapped anew, no envelope is touched. The
      *generation* in key file and database counts these changes and says which file fits.
    * Errors and `repr` hold no key and no plaintext.

What it must not know
    The database, records, files, passphrases, and what the names of keys mean.
"""

from __future__ import annotations

import hmac
import os
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from responder.errors import ResponderError

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12
_FORMAT: Final = b"\x01"
_SIZE: Final = struct.Struct(">I").pack
WRAPPED_SIZE: Final = len(_FORMAT) + _NONCE_SIZE + KEY_SIZE + 16
"""Bytes of every wrapped data key: format, nonce, key, tag."""


class SealingError(ResponderError):
    """A key or an envelope is not what it should be."""


class WrongKey(SealingError):
    """A data key was wrapped by another network key."""


class KeyGone(SealingError):
    """The data key was destroyed, or never existed."""


class Unsealable(SealingError):
    """An envelope was damaged, changed, or moved from another place."""


# --- envelopes --------------------------------------------------------------------------------


def bound(*parts: str) -> bytes:
    """The parts as bytes that no other parts could give: each goes with its length."""
    whole = b""
    for part in parts:
        encoded = part.encode()
        whole += _SIZE(len(encoded)) + encoded
    return whole


def seal_bytes(key: bytes, context: bytes, plaintext: bytes) -> bytes:
    """The plaintext in an envelope that opens with this key and context alone."""
    nonce = os.urandom(_NONCE_SIZE)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def open_bytes(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """What `seal_bytes` was given; raises `InvalidTag` where key, context or a byte is another."""
    return _opened(AESGCM(key), context, sealed)


def _opened(opener: AESGCM, context: bytes, sealed: bytes) -> bytes:
    body = 1 + _NONCE_SIZE
    if sealed[:1] != _FORMAT or len(sealed) < body:
        raise InvalidTag
    return opener.decrypt(sealed[1:body], sealed[body:], context)


def seal_part(key: bytes, nonce: bytes, context: bytes, plaintext: bytes) -> bytes:
    """One part of a stream; the caller sees to it that no nonce ever comes twice under a key."""
    return AESGCM(key).encrypt(nonce, plaintext, context)


def open_part(key: bytes, nonce: bytes, context: bytes, sealed: bytes) -> bytes:
    """What `seal_part` was given; `Unsealable` where a byte or the place of it changed."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, context)
    except InvalidTag:
        raise Unsealable("A part was damaged, changed, or sealed with another key.") from None


class Keyring:
    """The network's keys in memory: seals, opens and hashes, knows the data keys it was taught.

    Reading never changes it; the store teaches it keys from committed rows and changes it after
    a commit, through a `Stage`. Key names say what they belong to, as in "incident:<id>".
    """

    __slots__ = ("_data_keys", "_hash_key", "_network_key", "_wrapping")

    def __init__(self, network_key: bytes, hash_key: bytes) -> None:
        if len(network_key) != KEY_SIZE or len(hash_key) != KEY_SIZE:
            raise SealingError(f"A key must be {KEY_SIZE} bytes long.")
        self._network_key = network_key
        self._wrapping = AESGCM(network_key)
        self._hash_key = hash_key
        self._data_keys: dict[str, bytes] = {}

    @classmethod
    def random(cls) -> Keyring:
        """A ring whose keys nobody keeps: for a demo or a test, gone with the process."""
        return cls(os.urandom(KEY_SIZE), os.urandom(KEY_SIZE))

    def twin(self) -> Keyring:
        """Another ring with the same network key and hash key, and no data key yet."""
        return Keyring(self._network_key, self._hash_key)

    def renewed(self) -> Keyring:
        """A ring with a fresh network key and the same hash key, and no data key yet."""
        return Keyring(os.urandom(KEY_SIZE), self._hash_key)

    def rekey(self, to: Keyring) -> None:
        """From now on wrap and unwrap with the other ring's network key; data keys stay."""
        self._network_key = to._network_key
        self._wrapping = to._wrapping

    def knows(self, key_name: str) -> bool:
        """Whether `seal` and `open` work for this key name by now."""
        return key_name in self._data_keys

    def new_key(self, key_name: str) -> bytes:
        """A fresh data key, wrapped, to be written down first and taught by `learn` after."""
        return seal_bytes(self._network_key, bound("data-key", key_name), os.urandom(KEY_SIZE))

    def unwrap(self, key_name: str, wrapped: bytes) -> bytes:
        """The data key itself; `WrongKey` where another network key wrapped it."""
        try:
            return _opened(self._wrapping, bound("data-key", key_name), wrapped)
        except InvalidTag:
            raise WrongKey(
                "This data was sealed with another network key. "
                "Use the key file that belongs to this data folder."
            ) from None

    def rewrapped(self, key_name: str, wrapped: bytes, to: Keyring) -> bytes:
        """The same data key, wrapped by the other ring's network key instead of this one's."""
        return seal_bytes(
            to._network_key, bound("data-key", key_name), self.unwrap(key_name, wrapped)
        )

    def learn(self, key_name: str, wrapped: bytes) -> None:
        """Keep the data key in memory; `WrongKey` where another network key wrapped it."""
        self._data_keys[key_name] = self.unwrap(key_name, wrapped)

    def forget(self, key_name: str) -> None:
        """Drop the data key from memory; harmless where it is unknown."""
        self._data_keys.pop(key_name, None)

    def seal(self, kind: str, id: str, key_name: str, plaintext: bytes) -> bytes:
        """The plaintext in an envelope, 29 bytes longer; `KeyGone` where the key is unknown."""
        return seal_bytes(self._data_key(key_name), bound(kind, id, key_name), plaintext)

    def open(self, kind: str, id: str, key_name: str, sealed: bytes) -> bytes:
        """What `seal` was given. `KeyGone`, or `Unsealable` where a byte or the place changed."""
        key = self._data_key(key_name)
        try:
            return open_bytes(key, bound(kind, id, key_name), sealed)
        except InvalidTag:
            raise Unsealable(
                f"A sealed {kind} cannot be opened: it was damaged or changed. "
                "Restore the data folder from its last copy."
            ) from None

    def stage(self) -> Stage:
        """An overlay for one transaction: what it changes reaches this ring by `keep` alone."""
        return Stage(self)

    def mac(self, key_name: str, purpose: str, *parts: bytes) -> bytes:
        """32 bytes that nobody makes without this data key, over the parts in this order."""
        key = hmac.digest(self._data_key(key_name), bound("mac", purpose), "sha256")
        return hmac.digest(key, b"".join(len(p).to_bytes(4, "big") + p for p in parts), "sha256")

    def network_secret(self, purpose: str, salt: bytes) -> bytes:
        """A key of 32 bytes for one purpose outside of the database, from the network key."""
        return hmac.digest(self._network_key, bound("secret", purpose) + salt, "sha256")

    def exported(self) -> tuple[bytes, bytes]:
        """The network key and the hash key themselves, to be sealed into a backup."""
        return self._network_key, self._hash_key

    def address_hash(self, channel: str, handle: str) -> str:
        """The keyed hash, 64 hex digits, by which an address is found."""
        return self._hash("address", channel, handle)

    def inbox_hash(self, channel: str, key: str) -> str:
        """The keyed hash, 64 hex digits, that makes an inbound message count once."""
        return self._hash("inbox", channel, key)

    def id_hash(self, kind: str, id: str) -> str:
        """The keyed hash, 64 hex digits, that stands for a token, code or name on disk."""
        return self._hash("id", kind, id)

    def _hash(self, *parts: str) -> str:
        return hmac.digest(self._hash_key, bound(*parts), "sha256").hex()

    def _data_key(self, key_name: str) -> bytes:
        try:
            return self._data_keys[key_name]
        except KeyError:
            raise KeyGone("The key of this record was destroyed: nothing can read it.") from None


class Stage(Keyring):
    """A ring over another ring: new and forgotten keys stay here until `keep`."""

    __slots__ = ("_forgotten", "_rekeyed", "_under")

    def __init__(self, under: Keyring) -> None:
        super().__init__(under._network_key, under._hash_key)
        self._under = under
        self._forgotten: set[str] = set()
        self._rekeyed = False

    def rekey(self, to: Keyring) -> None:
        """Use the other ring's network key; the ring below does once this is kept."""
        super().rekey(to)
        self._rekeyed = True

    def knows(self, key_name: str) -> bool:
        """Whether `seal` and `open` work for this key name by now."""
        if key_name in self._data_keys:
            return True
        return key_name not in self._forgotten and self._under.knows(key_name)

    def forget(self, key_name: str) -> None:
        """Drop the data key, from the ring below once this is kept."""
        super().forget(key_name)
        self._forgotten.add(key_name)

    def keep(self) -> None:
        """Take all changes over into the ring below."""
        for key_name in self._forgotten:
            self._under.forget(key_name)
        self._under._data_keys.update(self._data_keys)
        if self._rekeyed:
            self._under.rekey(self)

    def _data_key(self, key_name: str) -> bytes:
        if key_name in self._data_keys or key_name in self._forgotten:
            return super()._data_key(key_name)
        return self._under._data_key(key_name)
