"""Writes vectors beside it, those that are named. For a new version of a format only:

    python -m tests.vectors.make registration pages forgeries reports parcels

Every seal takes a fresh random key, so the links differ from run to run; what is pinned is that
these very links go on opening, and what they open to.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from responder.core.model import Pin
from responder.sealed.framing import url64
from responder.sealed.pages import (
    PageContent,
    Purpose,
    SigningKey,
    fingerprint_words,
    page_info,
    registration_payload,
)
from responder.sealed.parcels import For, ParcelKind, pack
from responder.sealed.private_reports import (
    PrivateReport,
    seal_report,
)
from tests.pager_kit import (
    FAR,
    HERON,
    PARCEL_KEYS,
    WREN,
    Claim,
    a_page,
    forged,
    open_link,
    sealed,
    some_facts,
)

FOLDER = Path(__file__).parent
POINT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636000"
    "0000020001e221bc330000000049454e44ae426082"
)
"""A picture: one black point."""
PIECES: tuple[tuple[ParcelKind, str, For], ...] = (
    ("picture", "signal:a-picture-of-a-car", For.VERIFIER),
    ("voice", "telegram:" + "a-voice-message-" * 6, For.TEAM),
)
BRIEF = a_page(
    layout="brief",
    language="es",
    title="Brief, riverside",
    place="Esquina de la panadería, lado norte",
    pin=Pin(latitude=41.3851, longitude=2.1734),
    partner="Wren, con experiencia",
    lines=("Dos agentes paran a gente en la parada.", "Hay niños."),
    safety=("Mantened la distancia.",),
    leave=("Alguien os grita que os vayáis.",),
)
PAGES: tuple[tuple[str, PageContent, Purpose, int], ...] = (
    ("page", a_page(), "page", 1),
    ("brief", BRIEF, "page", 2),
    ("card", a_page(layout="card", title="Can you confirm this?"), "card", 281_474_976_710_655),
    ("probe", a_page(layout="probe", title="", lines=(), token="probe-token-1"), "probe", 0),
)


def flipped(link: str, at: int, flip: int = 1) -> str:
    """The link with other bits in the byte `at` of its body."""
    head, _, body = link.partition("#")[2].partition(".")
    raw = bytearray(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    raw[at] ^= flip
    return f"{link.partition('#')[0]}#{head}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def fragment(link: str) -> str:
    return link.partition("#")[2]


def registration() -> dict[str, Any]:
    facts = some_facts()
    return {
        "network_id": facts.network_id,
        "sign_public": facts.sign_public.hex(),
        "report_public": facts.report_public.hex(),
        "devices": [
            {
                "public": phone.key.public.hex(),
                "payload": registration_payload(phone.key, facts),
                "words": list(fingerprint_words(phone.key)),
            }
            for phone in (HERON, WREN)
        ],
    }


def pages() -> dict[str, Any]:
    facts = some_facts()
    opened = []
    for name, content, purpose, sequence in PAGES:
        (link,) = sealed(content, purpose=purpose, sequence=sequence)
        expiry = int(content.expires_at.timestamp())
        info = page_info(facts.network_id, "heron-tag", purpose, expiry, sequence)
        shown = open_link(link)
        opened.append(
            {"name": name, "fragment": fragment(link), "info": info.hex(), "opens": shown}
        )
    (link,) = sealed(a_page())
    (elsewhere,) = sealed(a_page(), facts=some_facts(network_id="another"))
    (for_wren,) = sealed(a_page(), WREN)
    forger = SigningKey(b"\x66" * 32)
    (forged,) = sealed(a_page(), facts=some_facts(sign_public=forger.public), signer=forger)
    refused = [
        {"name": "another network", "reason": "other-network", "fragment": fragment(elsewhere)},
        {"name": "another signer", "reason": "other-network", "fragment": fragment(forged)},
        {"name": "another phone", "reason": "other-phone", "fragment": fragment(for_wren)},
        {"name": "later expiry", "reason": "damaged", "fragment": fragment(flipped(link, 11))},
        {"name": "other sequence", "reason": "damaged", "fragment": fragment(flipped(link, 17))},
        {"name": "other person", "reason": "damaged", "fragment": fragment(flipped(link, 20))},
        {"name": "changed words", "reason": "damaged", "fragment": fragment(flipped(link, 100))},
        {"name": "cut", "reason": "damaged", "fragment": fragment(link)[:-4]},
        {"name": "newer format", "reason": "newer", "fragment": "2" + fragment(link)[1:]},
    ]
    return {
        "device_secret": HERON.secret.private_bytes_raw().hex(),
        "device_public": HERON.key.public.hex(),
        "network_id": facts.network_id,
        "sign_public": facts.sign_public.hex(),
        "opened": opened,
        "refused": refused,
    }


def forgeries() -> dict[str, Any]:
    """What a channel could seal by itself: it knows each phone's key, and has seen signed pages."""
    true, channel = Claim(), SigningKey(b"\x66" * 32)
    order = replace(true, purpose=b"order")
    made = {
        "signed by the channel": forged(true, true, channel),
        "signed for another phone": forged(true, replace(true, phone=WREN)),
        "signed for another person": forged(true, replace(true, tag=b"wren-tag")),
        "signed for an earlier expiry": forged(true, replace(true, expiry=true.expiry - 3600)),
        "signed as an earlier version": forged(replace(true, sequence=2), true),
        "signed as a card": forged(true, replace(true, purpose=b"card")),
        "of a purpose that there is not": forged(order, order),
    }
    return {
        "true": fragment(forged(true, true)),
        "refused": [{"name": name, "fragment": fragment(link)} for name, link in made.items()],
    }


def reports() -> dict[str, Any]:
    short = PrivateReport(words="Three officers at the corner.", kind="stop", place="the bakery")
    long = PrivateReport(
        words=" ".join(f"{n * 7919 % 10007:x}" for n in range(2500)), language="es"
    )
    return {
        "report_secret": bytes(range(32, 64)).hex(),
        "network_id": some_facts().network_id,
        "reports": [
            {
                "words": one.words,
                "kind": one.kind,
                "place": one.place,
                "language": one.language,
                "messages": list(seal_report(one, some_facts())),
            }
            for one in (short, long)
        ],
    }


def parcels() -> dict[str, Any]:
    """One whole, as it is fetched; more would only be longer."""
    made = [
        PARCEL_KEYS.parcel(
            kind, piece, phone="heron-1", purpose=what, expires_at=FAR, number=number, count=2
        )
        for number, (kind, piece, what) in enumerate(PIECES, 1)
    ]
    (link,) = sealed(a_page(layout="card", parcels=tuple(made)), purpose="card")
    return {
        "secret": bytes(range(64, 96)).hex(),
        "fragment": fragment(link),
        "named": open_link(link)["parcels"],
        "parcels": [
            {"piece": piece, "phone": "heron-1", "purpose": int(what), "token": parcel.token}
            for (_, piece, what), parcel in zip(PIECES, made, strict=True)
        ],
        "holds": {"mime": "image/png", "data": POINT.hex()},
        "fetched": url64(pack(made[0].key, "image/png", POINT)),
    }


def main(names: Sequence[str]) -> None:
    makers = {f.__name__: f for f in (registration, pages, forgeries, reports, parcels)}
    for name in names:
        text = json.dumps(makers[name](), ensure_ascii=False, indent=1) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
