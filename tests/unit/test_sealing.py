"""Sealing: envelopes open for their own key and place alone; the key file is one account's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.errors import ResponderError
from responder.storage.keyfile import Cost, KeyFile, KeyFileError, WrongPassphrase
from responder.storage.sealing import (
    WRAPPED_SIZE,
    KeyGone,
    Keyring,
    SealingError,
    Unsealable,
    WrongKey,
)

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PASSPHRASE = "heron over the quiet river"


def a_ring(*key_names: str) -> Keyring:
    ring = Keyring.random()
    for name in key_names:
        ring.learn(name, ring.new_key(name))
    return ring


def a_key_file(folder: Path, passphrase: str | None = None) -> KeyFile:
    file = KeyFile(folder / "network.key")
    file.create(passphrase, CHEAP)
    return file


# --- envelopes --------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_again(plaintext: bytes) -> None:
    ring = a_ring("incident:i1")
    sealed = ring.seal("report", "r1", "incident:i1", plaintext)
    assert ring.open("report", "r1", "incident:i1", sealed) == plaintext


def test_the_same_words_never_look_the_same_twice() -> None:
    ring = a_ring("network")
    assert len({ring.seal("note", "1", "network", b"hello") for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("kind", "id", "key_name"),
    [("event", "r1", "incident:i1"), ("report", "r2", "incident:i1"), ("report", "r1", "other")],
)
def test_an_envelope_that_was_moved_does_not_open(kind: str, id: str, key_name: str) -> None:
    ring = a_ring("incident:i1", "other")
    sealed = ring.seal("report", "r1", "incident:i1", b"words")
    with pytest.raises(Unsealable):
        ring.open(kind, id, key_name, sealed)


def test_parts_of_a_place_cannot_be_shifted_into_each_other() -> None:
    ring = a_ring("network")
    sealed = ring.seal("ab", "c", "network", b"words")
    with pytest.raises(Unsealable):
        ring.open("a", "bc", "network", sealed)


@given(st.integers(min_value=0, max_value=33), st.integers(min_value=1, max_value=255))
def test_an_envelope_with_any_changed_byte_does_not_open(at: int, flip: int) -> None:
    ring = a_ring("network")
    sealed = bytearray(ring.seal("note", "1", "network", b"words"))
    sealed[at] ^= flip
    with pytest.raises(Unsealable) as caught:
        ring.open("note", "1", "network", bytes(sealed))
    assert "words" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_an_envelope_cut_short_does_not_open(length: int) -> None:
    ring = a_ring("network")
    sealed = ring.seal("note", "1", "network", b"words")
    with pytest.raises(Unsealable):
        ring.open("note", "1", "network", sealed[:length])


# --- keys in memory ---------------------------------------------------------------------------


def test_a_forgotten_key_neither_seals_nor_opens() -> None:
    ring = a_ring("person:p1")
    sealed = ring.seal("person", "p1", "person:p1", b"Heron")
    ring.forget("person:p1")
    with pytest.raises(KeyGone):
        ring.open("person", "p1", "person:p1", sealed)
    with pytest.raises(KeyGone):
        ring.seal("person", "p1", "person:p1", b"Heron")


def test_a_data_key_wrapped_for_another_name_or_network_is_refused() -> None:
    ring = a_ring()
    wrapped = ring.new_key("incident:i1")
    assert len(wrapped) == WRAPPED_SIZE
    with pytest.raises(WrongKey):
        ring.learn("incident:i2", wrapped)
    with pytest.raises(WrongKey):
        Keyring.random().learn("incident:i1", wrapped)


def test_a_stage_changes_the_ring_only_once_it_is_kept() -> None:
    ring = a_ring("old")
    stage = ring.stage()
    stage.forget("old")
    stage.learn("new", ring.new_key("new"))
    assert (stage.knows("old"), stage.knows("new")) == (False, True)
    assert (ring.knows("old"), ring.knows("new")) == (True, False)
    stage.keep()
    assert (ring.knows("old"), ring.knows("new")) == (False, True)


def test_a_stage_that_forgets_and_relearns_a_name_keeps_the_new_key() -> None:
    ring = a_ring("person:p1")
    sealed = ring.seal("person", "p1", "person:p1", b"Heron")
    stage = ring.stage()
    stage.forget("person:p1")
    with pytest.raises(KeyGone):
        stage.open("person", "p1", "person:p1", sealed)
    stage.learn("person:p1", ring.new_key("person:p1"))
    stage.keep()
    with pytest.raises(Unsealable):
        ring.open("person", "p1", "person:p1", sealed)


def test_hashes_are_keyed_stable_and_apart_by_purpose() -> None:
    key = os.urandom(32)
    one, same, other = Keyring(os.urandom(32), key), Keyring(os.urandom(32), key), a_ring()
    assert one.address_hash("signal", "+1555") == same.address_hash("signal", "+1555")
    hashes = {
        one.address_hash("signal", "+1555"),
        one.address_hash("signa", "l+1555"),
        one.inbox_hash("signal", "+1555"),
        one.id_hash("signal", "+1555"),
        other.address_hash("signal", "+1555"),
    }
    assert len(hashes) == 5


def test_a_ring_shows_no_key() -> None:
    key = b"k" * 32
    assert "kkkk" not in repr(Keyring(key, key))


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(SealingError, match="32 bytes"):
        Keyring(b"short", b"h" * 32)


# --- the key file -----------------------------------------------------------------------------


def same_keys(one: Keyring, other: Keyring) -> bool:
    other.learn("network", one.new_key("network"))
    return one.address_hash("signal", "x") == other.address_hash("signal", "x")


def test_a_key_file_gives_back_the_keys_it_was_created_with(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "network.key")
    made = file.create()
    assert same_keys(made, file.load())
    assert not file.wants_passphrase
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_key_file_is_private_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = a_key_file(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    file = a_key_file(tmp_path)
    before = file.path.read_bytes()
    with pytest.raises(KeyFileError, match="already"):
        file.create()
    assert file.path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    file = a_key_file(tmp_path)
    file.path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        file.load()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"x" * 5000, b'{"version":1}'])
def test_a_key_file_without_a_whole_key_says_to_bring_the_copy(
    tmp_path: Path, content: bytes
) -> None:
    file = a_key_file(tmp_path)
    file.path.write_bytes(content)
    with pytest.raises(KeyFileError, match="keep its copy"):
        file.load()


def test_a_key_of_the_wrong_size_in_the_file_is_refused(tmp_path: Path) -> None:
    file = a_key_file(tmp_path)
    contents = msgspec.json.decode(file.path.read_bytes())
    file.path.write_bytes(msgspec.json.encode({**contents, "network_key": "c2hvcnQ="}))
    with pytest.raises(KeyFileError, match="whole key"):
        file.load()


def test_a_key_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    file = a_key_file(tmp_path)
    contents = msgspec.json.decode(file.path.read_bytes())
    file.path.write_bytes(msgspec.json.encode({**contents, "version": 2}))
    with pytest.raises(KeyFileError, match="newer version"):
        file.load()


def test_a_missing_key_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="responder init"):
        KeyFile(tmp_path / "network.key").load()


def test_a_pipe_in_the_place_of_the_key_file_does_not_hang_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "network.key", 0o600)
    with pytest.raises(KeyFileError):
        KeyFile(tmp_path / "network.key").load()


def test_a_key_file_in_a_missing_folder_names_the_trouble(tmp_path: Path) -> None:
    with pytest.raises(ResponderError, match="folder"):
        KeyFile(tmp_path / "nowhere" / "network.key").create()


# --- the passphrase ---------------------------------------------------------------------------


def test_a_locked_key_file_opens_with_its_passphrase(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "network.key")
    made = file.create(PASSPHRASE, CHEAP)
    assert file.wants_passphrase
    assert same_keys(made, file.load(PASSPHRASE))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_locked_key_file_does_not_hold_its_key_in_the_open(tmp_path: Path) -> None:
    contents = msgspec.json.decode(a_key_file(tmp_path, PASSPHRASE).path.read_bytes())
    unlocked = KeyFile(tmp_path / "unlocked.key")
    unlocked.path.touch(0o600)
    unlocked.path.write_bytes(msgspec.json.encode({**contents, "passphrase": None}))
    with pytest.raises(KeyFileError):
        unlocked.load()


@pytest.mark.parametrize("given", [None, "", "heron over the quiet rive"])
def test_a_wrong_passphrase_is_refused_and_not_quoted(tmp_path: Path, given: str | None) -> None:
    file = a_key_file(tmp_path, PASSPHRASE)
    with pytest.raises(WrongPassphrase) as caught:
        file.load(given)
    assert "heron" not in str(caught.value)


def test_a_passphrase_opens_however_the_keyboard_composes_its_letters(tmp_path: Path) -> None:
    file = a_key_file(tmp_path, "ma\u00f1ana en la ribera")
    one, other = file.load("ma\u00f1ana en la ribera"), file.load("man\u0303ana en la ribera")
    assert one.address_hash("signal", "42") == other.address_hash("signal", "42")


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "network.key")
    with pytest.raises(SealingError, match="12 characters"):
        file.create("heron")
    assert not file.path.exists()


def test_the_cost_of_a_guess_stands_in_the_file_and_cannot_be_changed(tmp_path: Path) -> None:
    file = a_key_file(tmp_path, PASSPHRASE)
    contents = msgspec.json.decode(file.path.read_bytes())
    assert contents["passphrase"]["cost"] == {"memory_kib": 64, "passes": 1, "lanes": 1}
    for cost in ({"memory_kib": 32, "passes": 1, "lanes": 1}, {"memory_kib": 1, "passes": 1}):
        contents["passphrase"]["cost"] = cost
        file.path.write_bytes(msgspec.json.encode(contents))
        with pytest.raises(KeyFileError):
            file.load(PASSPHRASE)


def test_a_guess_costs_64_mebibytes_and_three_passes_by_default() -> None:
    assert (Cost().memory_kib, Cost().passes) == (64 * 1024, 3)
    assert Cost().sane
