"""The file that holds the network key: by itself, or locked with a passphrase.

Rules it keeps
    * It belongs to one account alone, and is never overwritten.
    * A guess at the passphrase costs memory and time (Argon2id); what it costs is bound to the key
      that it opens, so that nobody can cheapen it.
    * Errors hold no key and no passphrase.

What it must not know
    The database, and what the keys seal.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from responder.storage.disk import sync_folder
from responder.storage.sealing import (
    KEY_SIZE,
    Keyring,
    SealingError,
    bound,
    open_bytes,
    seal_bytes,
)

PASSPHRASE_MIN: Final = 12
_FILE_VERSION: Final = 1
_FILE_LIMIT: Final = 4096


class KeyFileError(SealingError):
    """The key file is missing, open to others, damaged, or already there."""


class WrongPassphrase(KeyFileError):
    """The passphrase is missing or does not open the key file."""


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
            stored = seal_bytes(_stretch(passphrase, locked), _lock_context(locked), network_key)
        contents = _Contents(
            version=_FILE_VERSION,
            network_key=stored,
            hash_key=seal_bytes(network_key, bound("hash-key"), hash_key),
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
            return Keyring(
                network_key, open_bytes(network_key, bound("hash-key"), contents.hash_key)
            )
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
            return open_bytes(_stretch(passphrase, locked), _lock_context(locked), sealed)
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
    return bound("network-key", str(cost.memory_kib), str(cost.passes), str(cost.lanes))


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
