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
    * The key file belongs to one account alone; it is never overwritten.
    * Errors and `repr` hold no key, no plaintext and no passphrase.

What it must not know
    The database, records, and what the names of keys mean.
"""

from __future__ import annotations

import hmac
import os
import stat
import struct
import unicodedata
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from responder.errors import ResponderError

KEY_SIZE: Final = 32
PASSPHRASE_MIN: Final = 12
_NONCE_SIZE: Final = 12
_FORMAT: Final = b"\x01"
_SIZE: Final = struct.Struct(">I").pack
WRAPPED_SIZE: Final = len(_FORMAT) + _NONCE_SIZE + KEY_SIZE + 16
"""Bytes of every wrapped data key: format, nonce, key, tag."""
_FILE_VERSION: Final = 1
_FILE_LIMIT: Final = 4096


class SealingError(ResponderError):
    """A key or an envelope is not what it should be."""


class KeyFileError(SealingError):
    """The key file is missing, open to others, damaged, or already there."""


class WrongPassphrase(KeyFileError):
    """The passphrase is missing or does not open the key file."""


class WrongKey(SealingError):
    """A data key was wrapped by another network key."""


class KeyGone(SealingError):
    """The data key was destroyed, or never existed."""


class Unsealable(SealingError):
    """An envelope was damaged, changed, or moved from another place."""


# --- envelopes --------------------------------------------------------------------------------


def _bound(*parts: str) -> bytes:
    """The parts as bytes that no other parts could give: each goes with its length."""
    bound = b""
    for part in parts:
        encoded = part.encode()
        bound += _SIZE(len(encoded)) + encoded
    return bound


def _seal(key: bytes, context: bytes, plaintext: bytes) -> bytes:
    nonce = os.urandom(_NONCE_SIZE)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def _open(key: bytes, context: bytes, sealed: bytes) -> bytes:
    return _opened(AESGCM(key), context, sealed)


def _opened(opener: AESGCM, context: bytes, sealed: bytes) -> bytes:
    body = 1 + _NONCE_SIZE
    if sealed[:1] != _FORMAT or len(sealed) < body:
        raise InvalidTag
    return opener.decrypt(sealed[1:body], sealed[body:], context)


def seal_part(key: bytes, nonce: bytes, bound: bytes, plaintext: bytes) -> bytes:
    """One part of a stream; the caller sees to it that no nonce ever comes twice under a key."""
    return AESGCM(key).encrypt(nonce, plaintext, bound)


def open_part(key: bytes, nonce: bytes, bound: bytes, sealed: bytes) -> bytes:
    """What `seal_part` was given; `Unsealable` where a byte or the place of it changed."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
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
        return _seal(self._network_key, _bound("data-key", key_name), os.urandom(KEY_SIZE))

    def unwrap(self, key_name: str, wrapped: bytes) -> bytes:
        """The data key itself; `WrongKey` where another network key wrapped it."""
        try:
            return _opened(self._wrapping, _bound("data-key", key_name), wrapped)
        except InvalidTag:
            raise WrongKey(
                "This data was sealed with another network key. "
                "Use the key file that belongs to this data folder."
            ) from None

    def rewrapped(self, key_name: str, wrapped: bytes, to: Keyring) -> bytes:
        """The same data key, wrapped by the other ring's network key instead of this one's."""
        return _seal(to._network_key, _bound("data-key", key_name), self.unwrap(key_name, wrapped))

    def learn(self, key_name: str, wrapped: bytes) -> None:
        """Keep the data key in memory; `WrongKey` where another network key wrapped it."""
        self._data_keys[key_name] = self.unwrap(key_name, wrapped)

    def forget(self, key_name: str) -> None:
        """Drop the data key from memory; harmless where it is unknown."""
        self._data_keys.pop(key_name, None)

    def seal(self, kind: str, id: str, key_name: str, plaintext: bytes) -> bytes:
        """The plaintext in an envelope, 29 bytes longer; `KeyGone` where the key is unknown."""
        return _seal(self._data_key(key_name), _bound(kind, id, key_name), plaintext)

    def open(self, kind: str, id: str, key_name: str, sealed: bytes) -> bytes:
        """What `seal` was given. `KeyGone`, or `Unsealable` where a byte or the place changed."""
        key = self._data_key(key_name)
        try:
            return _open(key, _bound(kind, id, key_name), sealed)
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
        key = hmac.digest(self._data_key(key_name), _bound("mac", purpose), "sha256")
        return hmac.digest(key, b"".join(len(p).to_bytes(4, "big") + p for p in parts), "sha256")

    def network_secret(self, purpose: str, salt: bytes) -> bytes:
        """A key of 32 bytes for one purpose outside of the database, from the network key."""
        return hmac.digest(self._network_key, _bound("secret", purpose) + salt, "sha256")

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
        return hmac.digest(self._hash_key, _bound(*parts), "sha256").hex()

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


# --- the key file -----------------------------------------------------------------------------


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one guess at the passphrase costs (RFC 9106): memory in KiB, passes, lanes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    @property
    def sane(self) -> bool:
        """Whether a small machine can pay it and Argon2id allows it."""
        return (
            1 <= self.lanes <= 4
            and 1 <= self.passes <= 64
            and 8 * self.lanes <= self.memory_kib <= 1024 * 1024
        )


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a key is drawn from a passphrase; `fresh` makes one that no other file shares."""

    salt: bytes
    cost: Cost

    @classmethod
    def fresh(cls, cost: Cost | None = None) -> Lock:
        """A lock with a random salt of 128 bits."""
        return cls(salt=os.urandom(16), cost=cost or Cost())

    def key(self, passphrase: str) -> bytes:
        """32 bytes, after half a second; `KeyFileError` where the cost makes no sense."""
        if not self.cost.sane or len(self.salt) < 16:
            raise KeyFileError("A passphrase lock names a cost or a salt that makes no sense.")
        return _stretch(passphrase, self)


class _Contents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    network_key: bytes
    hash_key: bytes
    passphrase: Lock | None = None
    generation: int = 0


class KeyFile:
    """The file that holds the network key: by itself, or locked with a passphrase.

    Whoever has this file (and the passphrase, where there is one) and the data folder can read
    everything; whoever loses it can read nothing any more.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(
        self,
        passphrase: str | None = None,
        cost: Cost | None = None,
        *,
        keys: Keyring | None = None,
        generation: int = 0,
    ) -> Keyring:
        """Write keys to the file, which must not be there yet, and to the disk for sure.

        New ones, unless `keys` are given. Refuses a passphrase of fewer than 12 characters. With
        one, this takes half a second.
        """
        network_key, hash_key = (keys or Keyring.random()).exported()
        locked = None
        stored = network_key
        if passphrase is not None:
            check_strength(passphrase)
            locked = Lock.fresh(cost)
            stored = _seal(_stretch(passphrase, locked), _lock_context(locked), network_key)
        contents = _Contents(
            version=_FILE_VERSION,
            network_key=stored,
            hash_key=_seal(network_key, _bound("hash-key"), hash_key),
            passphrase=locked,
            generation=generation,
        )
        self._write(msgspec.json.format(msgspec.json.encode(contents)) + b"\n")
        return Keyring(network_key, hash_key)

    def load(self, passphrase: str | None = None) -> Keyring:
        """The keys in the file; `WrongPassphrase`, or `KeyFileError` that says what to do."""
        contents = self._contents()
        network_key = contents.network_key
        if contents.passphrase is not None:
            network_key = self._unlock(contents.passphrase, network_key, passphrase)
        if len(network_key) != KEY_SIZE:
            raise self._damaged()
        try:
            return Keyring(network_key, _open(network_key, _bound("hash-key"), contents.hash_key))
        except InvalidTag:
            raise self._damaged() from None

    @property
    def wants_passphrase(self) -> bool:
        """Whether `load` needs a passphrase; `KeyFileError` where the file is not a key file."""
        return self._contents().passphrase is not None

    @property
    def generation(self) -> int:
        """How often the network key was replaced; plain, so that no passphrase is needed."""
        return self._contents().generation

    @property
    def lock(self) -> Lock | None:
        """The passphrase lock, None where the file opens by itself."""
        return self._contents().passphrase

    def _unlock(self, locked: Lock, sealed: bytes, passphrase: str | None) -> bytes:
        if passphrase is None:
            raise WrongPassphrase(f"The key file {self.path} is locked: give its passphrase.")
        if not locked.cost.sane:
            raise self._damaged()
        try:
            return _open(_stretch(passphrase, locked), _lock_context(locked), sealed)
        except InvalidTag:
            raise WrongPassphrase(
                f"This passphrase does not open the key file {self.path}. Try again; "
                "without the right one nobody can read the data folder."
            ) from None

    def _contents(self) -> _Contents:
        try:
            contents = msgspec.json.decode(self._read(), type=_Contents)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._damaged() from None
        if contents.version != _FILE_VERSION:
            raise KeyFileError(
                f"The key file {self.path} was made by a newer version of this program. "
                "Install that version."
            )
        return contents

    def _read(self) -> bytes:
        try:
            # Non-blocking, or a pipe in the file's place would hang the start.
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            raise KeyFileError(
                f"There is no key file at {self.path}. Bring it back from where you keep its copy; "
                "for a new network run: responder init"
            ) from None
        except OSError as error:
            raise KeyFileError(
                f"The key file {self.path} cannot be read: {error.strerror}. "
                "It must belong to the account that runs the network."
            ) from None
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _FILE_LIMIT:
                raise self._damaged()
            if status.st_mode & 0o077:
                raise KeyFileError(
                    f"Other accounts on this machine can open the key file {self.path}. "
                    f"Run: chmod 600 {self.path}"
                )
            return file.read()

    def _write(self, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            handle = os.open(self.path, flags, 0o600)
        except FileExistsError:
            raise KeyFileError(
                f"There is a key file at {self.path} already. It is never overwritten, since "
                "everything sealed with it would be lost; choose another path."
            ) from None
        except OSError as error:
            raise KeyFileError(
                f"The key file {self.path} cannot be written: {error.strerror}. "
                "Its folder must be there and belong to the account that runs the network."
            ) from None
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            sync_folder(self.path.parent)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise KeyFileError(
                f"The key file {self.path} could not be written whole: {error.strerror}."
            ) from None

    def _damaged(self) -> KeyFileError:
        return KeyFileError(
            f"{self.path} does not hold a whole key. "
            "Bring the key file back from where you keep its copy."
        )


def sync_folder(folder: Path) -> None:
    """Bring what was made, renamed or deleted in the folder to the disk for sure."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_strength(passphrase: str) -> None:
    """Refuse (`SealingError`) a passphrase that is too short to keep anything."""
    if len(passphrase.strip()) < PASSPHRASE_MIN:
        raise SealingError(
            f"The passphrase is too short: use at least {PASSPHRASE_MIN} characters, "
            "for instance four words picked by chance."
        )


def _lock_context(locked: Lock) -> bytes:
    """Binds the stored cost, so that nobody can cheapen it unnoticed."""
    cost = locked.cost
    return _bound("network-key", str(cost.memory_kib), str(cost.passes), str(cost.lanes))


def _stretch(passphrase: str, locked: Lock) -> bytes:
    # Keyboards differ in how they compose an accented letter: the same words must give one key.
    words = unicodedata.normalize("NFKC", passphrase).encode()
    try:
        return Argon2id(
            salt=locked.salt,
            length=KEY_SIZE,
            iterations=locked.cost.passes,
            lanes=locked.cost.lanes,
            memory_cost=locked.cost.memory_kib,
        ).derive(words)
    except UnsupportedAlgorithm:
        raise SealingError(
            "The cryptography library on this machine knows no Argon2id. "
            "Install it from its own wheel, or use a key file without a passphrase."
        ) from None
    except ValueError:
        raise KeyFileError(
            "The key file names a passphrase cost that Argon2id refuses. "
            "Bring the key file back from where you keep its copy."
        ) from None
