"""Sealed pages: they open on their own phone alone, whole or not at all, and fit into links."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.model import Pin
from responder.sealed.framing import PagerError
from responder.sealed.pages import (
    FRAGMENT_LIMIT,
    PAGE_SIZES,
    DeviceKey,
    OtherNetwork,
    SigningKey,
    fingerprint_words,
    page_info,
    parse_probe,
    parse_registration,
    probe_payload,
    register_link,
    registration_payload,
)
from responder.sealed.private_reports import (
    MESSAGE_LIMIT,
    PrivateReport,
    ReportKey,
    ReportPart,
    Unopenable,
    collect,
    open_report,
    report_link,
    report_parts,
    seal_report,
)
from tests.pager_kit import (
    FAR,
    HERON,
    REPORT_KEY,
    WREN,
    NotOpened,
    a_page,
    open_link,
    sealed,
    some_facts,
)
from tests.vectors.make import flipped

VECTORS = Path(__file__).parent.parent / "vectors"
words = st.text(max_size=400)


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


# --- pages ------------------------------------------------------------------------------------


@given(st.lists(words, max_size=5), words, words)
def test_a_page_says_on_its_phone_what_was_sealed(
    lines: list[str], place: str, partner: str
) -> None:
    shown = [open_link(link) for link in sealed(a_page(lines=lines, place=place, partner=partner))]
    assert "".join(one.get("place", "") for one in shown) == place
    assert "".join(one.get("partner", "") for one in shown) == partner
    assert "".join("".join(one.get("lines", ())) for one in shown) == "".join(lines)


def test_a_page_brings_its_pin_and_its_warnings() -> None:
    content = a_page(
        pin=Pin(latitude=1.5, longitude=-2.25), safety=("Stay back.",), leave=("Run.",)
    )
    (link,) = sealed(content, purpose="card", sequence=9)
    shown = open_link(link)
    assert (shown["pin"], shown["safety"], shown["leave"]) == (
        [1.5, -2.25],
        ["Stay back."],
        ["Run."],
    )
    assert (shown["purpose"], shown["sequence"], shown["tag"]) == ("card", 9, "heron-tag")
    assert shown["expiry"] == int(FAR.timestamp())


def test_another_phone_cannot_open_it() -> None:
    (link,) = sealed(a_page(), HERON)
    with pytest.raises(NotOpened):
        open_link(link, WREN)


def test_another_network_cannot_pass_its_pages_off_as_ours() -> None:
    forger = SigningKey(b"\x09" * 32)
    (link,) = sealed(a_page(), facts=some_facts(sign_public=forger.public), signer=forger)
    with pytest.raises(NotOpened):
        open_link(link)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_page_with_any_changed_byte_does_not_open(at: int, flip: int) -> None:
    (link,) = sealed(a_page())
    with pytest.raises(NotOpened):
        open_link(flipped(link, at % 592, flip))


def test_the_same_page_never_looks_the_same_twice() -> None:
    assert len({sealed(a_page())[0] for _ in range(20)}) == 20


def test_length_tells_one_of_two_sizes_only() -> None:
    lengths = {
        len(link) for size in range(0, 1500, 90) for link in sealed(a_page(lines=("é" * size,)))
    }
    assert len(lengths) <= len(PAGE_SIZES)


def test_no_word_of_a_page_stands_in_its_link() -> None:
    (link,) = sealed(a_page(title="canary", thread="canary", place="canary"))
    assert "canary" not in link


# --- fitting ----------------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1, max_size=900), min_size=1, max_size=6))
def test_no_fragment_is_longer_than_a_button_takes(lines: list[str]) -> None:
    links = sealed(a_page(lines=lines), person_tag="x" * 32)
    assert all(len(link.partition("#")[2]) <= FRAGMENT_LIMIT for link in links)


def test_what_does_not_fit_is_a_second_link_and_the_warnings_are_on_the_first() -> None:
    told = " ".join(f"{n * 7919 % 10007:x}" for n in range(900))
    content = a_page(place="the corner", safety=("Stay back.",), leave=("Run.",), lines=(told,))
    shown = [open_link(link) for link in sealed(content)]
    assert len(shown) > 1
    assert [(one["part"], one["parts"]) for one in shown[1:]] == [
        (number, len(shown)) for number in range(2, len(shown) + 1)
    ]
    assert (shown[0]["place"], shown[0]["safety"], shown[0]["leave"]) == (
        "the corner",
        ["Stay back."],
        ["Run."],
    )
    assert "".join("".join(one.get("lines", ())) for one in shown) == told


def test_a_flood_of_words_is_refused_instead_of_making_ten_links() -> None:
    with pytest.raises(PagerError, match="shorten"):
        sealed(a_page(lines=tuple(chr(0x4E00 + n) * 3 for n in range(9000))))


@pytest.mark.parametrize(
    "wrong",
    [
        {"person_tag": "has spaces"},
        {"person_tag": ""},
        {"sequence": -1},
        {"sequence": 2**48},
        {"purpose": "probe"},
        {"signer": SigningKey(b"\x01" * 32)},
    ],
)
def test_what_no_phone_would_accept_is_not_sealed(wrong: dict[str, Any]) -> None:
    with pytest.raises(PagerError):
        sealed(a_page(), **wrong)


def test_an_expiry_without_a_time_zone_is_not_sealed() -> None:
    with pytest.raises(PagerError, match="aware"):
        sealed(a_page(expires_at=datetime(2100, 1, 1)))


# --- registering --------------------------------------------------------------------------------


def test_a_registration_fits_a_deep_link_and_gives_the_key_back() -> None:
    payload = registration_payload(HERON.key, some_facts())
    assert len(payload) <= 64
    assert payload.replace("-", "").replace("_", "").isalnum()
    assert parse_registration(f" {payload}\n", some_facts()) == HERON.key


@given(st.binary(min_size=32, max_size=32))
def test_every_key_registers(public: bytes) -> None:
    device = DeviceKey(public=public)
    assert parse_registration(registration_payload(device, some_facts()), some_facts()) == device


@pytest.mark.parametrize(
    "change", [{"network_id": "x"}, {"sign_public": b"\x05" * 32}, {"report_public": b"\x05" * 32}]
)
def test_a_phone_that_trusts_other_keys_does_not_register(change: dict[str, Any]) -> None:
    payload = registration_payload(HERON.key, some_facts(**change))
    with pytest.raises(OtherNetwork):
        parse_registration(payload, some_facts())


@pytest.mark.parametrize("text", ["", "hello", "k1", "k1" + "é" * 55, "p1-probe-token"])
def test_other_words_are_no_registration(text: str) -> None:
    assert parse_registration(text, some_facts()) is None


def test_a_probe_answers_with_its_token() -> None:
    payload = probe_payload("a-token_1")
    assert (parse_probe(payload), len(probe_payload("x" * 61))) == ("a-token_1", 64)
    assert parse_probe("hello") is None


def test_five_words_tell_two_phones_apart() -> None:
    heron, wren = fingerprint_words(HERON.key), fingerprint_words(WREN.key)
    assert len(heron) == len(wren) == 5
    assert heron != wren


def test_the_word_list_has_one_plain_word_for_every_byte() -> None:
    listed = (VECTORS.parent.parent / "responder/pager/fingerprint-words.txt").read_text().split()
    assert len(listed) == len(set(listed)) == 256
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 9 for word in listed)


def test_links_lead_to_the_form_and_to_the_registration() -> None:
    facts = some_facts()
    assert register_link(facts) == "https://pager.example/#register"
    assert report_link(facts) == "https://pager.example/#report"


# --- private reports ----------------------------------------------------------------------------


@given(st.text(max_size=5000), words, words)
def test_a_private_report_comes_through_its_messages(told: str, kind: str, place: str) -> None:
    report = PrivateReport(words=told, kind=kind, place=place)
    messages = seal_report(report, some_facts())
    whole = collect(part for message in reversed(messages) for part in report_parts(message))
    assert whole is not None
    assert open_report(whole, REPORT_KEY, some_facts()) == report
    assert all(len(message) <= MESSAGE_LIMIT for message in messages)


def test_a_report_is_not_whole_while_a_part_is_missing() -> None:
    messages = seal_report(PrivateReport(words=long_words()), some_facts())
    assert len(messages) > 1
    assert collect(report_parts(messages[0])) is None
    assert collect(()) is None


def test_parts_are_found_among_other_words_and_in_one_message() -> None:
    messages = seal_report(PrivateReport(words=long_words()), some_facts())
    found = report_parts("here: " + "\n".join(messages) + "\nthanks")
    assert [part.index for part in found] == list(range(1, len(messages) + 1))
    assert report_parts("R1.abcdef.2.1.xx") == ()


def test_a_message_holds_nothing_that_a_chat_turns_into_markup() -> None:
    for message in seal_report(PrivateReport(words=long_words()), some_facts()):
        assert not set(message) & set("_*~`|-[]()")


@pytest.mark.parametrize("body", ["", "AAAA", "A", "A" * 2000])
def test_a_changed_report_is_refused_in_words_that_help(body: str) -> None:
    part = ReportPart(id="abcdef", index=1, count=1, body=body)
    with pytest.raises(Unopenable, match="copy it whole"):
        open_report((part,), REPORT_KEY, some_facts())


def test_a_report_to_another_network_does_not_open() -> None:
    (message,) = seal_report(PrivateReport(words="Help."), some_facts())
    parts = report_parts(message)
    for key, facts in ((ReportKey(b"\x01" * 32), some_facts()), (REPORT_KEY, other_network())):
        with pytest.raises(Unopenable):
            open_report(parts, key, facts)


def long_words() -> str:
    return " ".join(f"{n * 7919 % 10007:x}" for n in range(2500))


def other_network() -> Any:
    return some_facts(network_id="another")


# --- vectors and keys -----------------------------------------------------------------------------


def test_pinned_registrations_are_still_made_the_same() -> None:
    pinned = vectors("registration")
    for one in pinned["devices"]:
        device = DeviceKey(public=bytes.fromhex(one["public"]))
        assert registration_payload(device, some_facts()) == one["payload"]
        assert list(fingerprint_words(device)) == one["words"]


@pytest.mark.parametrize("one", vectors("pages")["opened"], ids=lambda one: str(one["name"]))
def test_pinned_pages_still_open(one: dict[str, Any]) -> None:
    shown = open_link(f"x#{one['fragment']}")
    assert shown == one["opens"]
    info = page_info(
        "northside-watch", shown["tag"], shown["purpose"], shown["expiry"], shown["sequence"]
    )
    assert info.hex() == one["info"]


@pytest.mark.parametrize("one", vectors("pages")["refused"], ids=lambda one: str(one["name"]))
def test_pinned_forgeries_are_still_refused(one: dict[str, Any]) -> None:
    with pytest.raises((NotOpened, ValueError, IndexError)):
        open_link(f"x#{one['fragment']}")


def test_what_needs_no_secret_is_not_enough_for_a_page() -> None:
    """Sealed right, for the right phone, by somebody who cannot sign for the network."""
    pinned = vectors("forgeries")
    assert open_link(f"x#{pinned['true']}")["layout"] == "page"
    for one in pinned["refused"]:
        with pytest.raises(NotOpened):
            open_link(f"x#{one['fragment']}")


@pytest.mark.parametrize("one", vectors("reports")["reports"], ids=["short", "long"])
def test_pinned_reports_still_open(one: dict[str, Any]) -> None:
    whole = collect(part for message in one["messages"] for part in report_parts(message))
    assert whole is not None
    report = open_report(whole, REPORT_KEY, some_facts())
    assert (report.words, report.kind) == (one["words"], one["kind"])


def test_keys_do_not_show_themselves() -> None:
    for key in (SigningKey(b"\x41" * 32), ReportKey(b"\x41" * 32)):
        assert "AAAA" not in repr(key)
    for wrong in (SigningKey, ReportKey):
        with pytest.raises(PagerError):
            wrong(b"short")
