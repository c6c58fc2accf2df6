"""Made-up phones, networks and pages, and an opener that knows the format by itself.

The opener is written from `docs/sealed-pages.md`, not from the code that seals: where both agree
with the browser, the document is true.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from responder.sealed.pages import (
    DeviceKey,
    PageContent,
    PagerFacts,
    Purpose,
    SigningKey,
    seal_page,
)
from responder.sealed.parcels import ParcelKeys
from responder.sealed.private_reports import (
    ReportKey,
)

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SIGNER = SigningKey(bytes(range(32)))
REPORT_KEY = ReportKey(bytes(range(32, 64)))
PARCEL_KEYS = ParcelKeys(bytes(range(64, 96)))
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def some_facts(**changes: Any) -> PagerFacts:
    facts = PagerFacts(
        network_id="northside-watch",
        name="Northside Watch",
        pager_url="https://pager.example/",
        bot_link="https://t.me/northside_bot",
        sign_public=SIGNER.public,
        report_public=REPORT_KEY.public,
        emergency={
            "en": "If a life is in danger, call 112.",
            "es": "Si una vida corre peligro, llama al 112.",
        },
    )
    return msgspec.structs.replace(facts, **changes)


def a_page(**changes: Any) -> PageContent:
    content = PageContent(
        thread="thread-7",
        layout="page",
        language="en",
        expires_at=FAR,
        title="People needed, northside",
        lines=("Two people who watch and record, from a distance.",),
    )
    return msgspec.structs.replace(content, **changes)


@dataclass(frozen=True)
class Phone:
    """A device whose secret half the test holds."""

    secret: X25519PrivateKey

    @classmethod
    def of(cls, secret: bytes) -> Phone:
        return cls(X25519PrivateKey.from_private_bytes(secret))

    @property
    def key(self) -> DeviceKey:
        return DeviceKey(public=self.secret.public_key().public_bytes_raw())


HERON = Phone.of(b"\x11" * 32)
WREN = Phone.of(b"\x22" * 32)


def sealed(
    content: PageContent,
    phone: Phone | DeviceKey = HERON,
    *,
    facts: PagerFacts | None = None,
    signer: SigningKey = SIGNER,
    person_tag: str = "heron-tag",
    purpose: Purpose = "page",
    sequence: int = 1,
) -> tuple[str, ...]:
    """The links of a page; to Heron, from the usual network, where nothing else is said."""
    return seal_page(
        content,
        device=phone.key if isinstance(phone, Phone) else phone,
        person_tag=person_tag,
        purpose=purpose,
        sequence=sequence,
        facts=facts or some_facts(),
        signer=signer,
    )


@dataclass(frozen=True)
class Claim:
    """What a page says of itself, outside and in what is signed: to be set apart by a forger."""

    purpose: bytes = b"page"
    expiry: int = int(FAR.timestamp())
    sequence: int = 1
    tag: bytes = b"heron-tag"
    phone: Phone = HERON

    def info(self, facts: PagerFacts) -> bytes:
        """What it is bound to."""
        return bound(
            b"responder sealed page 1",
            facts.network_id.encode(),
            self.tag,
            self.purpose,
            struct.pack(">Q", self.expiry),
            struct.pack(">Q", self.sequence),
        )


def forged(seal: Claim, signed: Claim, signer: SigningKey = SIGNER) -> str:
    """A link sealed as `seal` says, over a signature that was made for `signed`.

    Sealing needs no secret: the channel knows all that it takes. Signing needs the network's key.
    """
    facts = some_facts()
    body = zlib.compress(json.dumps({"thread": "t", "layout": "page", "language": "en"}).encode())
    body = body[2:-4]
    message = bound(b"responder signed page 1", signed.info(facts), signed.phone.key.public, body)
    plain = signer.sign(message) + struct.pack(">H", len(body)) + body
    public = seal.phone.secret.public_key()
    box = SUITE.encrypt(plain.ljust(512, b"\0"), public, info=seal.info(facts))
    named = bound(b"responder network 1", facts.network_id.encode(), facts.sign_public)
    hint = hashlib.sha256(bound(b"responder device 1", box[:32], public.public_bytes_raw()))
    whole = b"".join(
        (
            hashlib.sha256(named).digest()[:8],
            struct.pack(">I", seal.expiry),
            seal.sequence.to_bytes(6, "big"),
            bytes([len(seal.tag)]) + seal.tag,
            hint.digest()[:4] + box,
        )
    )
    return f"x#1.{base64.urlsafe_b64encode(whole).decode().rstrip('=')}"


class NotOpened(Exception):
    """The format's own opener refuses; the text is the reason."""


def bound(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def open_link(link: str, phone: Phone = HERON, facts: PagerFacts | None = None) -> dict[str, Any]:
    """What a link says to the phone: header and content in one; `NotOpened` otherwise."""
    facts = facts or some_facts()
    version, _, body = link.partition("#")[2].partition(".")
    raw = unbase64(body)
    expiry, sequence = int.from_bytes(raw[8:12], "big"), int.from_bytes(raw[12:18], "big")
    tag, rest = raw[19 : 19 + raw[18]], raw[19 + raw[18] :]
    named = bound(b"responder network 1", facts.network_id.encode(), facts.sign_public)
    if version != "1" or raw[:8] != hashlib.sha256(named).digest()[:8]:
        raise NotOpened("other format or network")
    public = phone.key.public
    if rest[:4] != hashlib.sha256(bound(b"responder device 1", rest[4:36], public)).digest()[:4]:
        raise NotOpened("other phone")
    for purpose in (b"page", b"card", b"probe"):
        info = bound(
            b"responder sealed page 1",
            facts.network_id.encode(),
            tag,
            purpose,
            struct.pack(">Q", expiry),
            struct.pack(">Q", sequence),
        )
        try:
            plain = SUITE.decrypt(rest[4:], phone.secret, info=info)
        except InvalidTag:
            continue
        content = _content(plain, info, public, facts)
        header = {"tag": tag.decode(), "expiry": expiry, "sequence": sequence}
        return {**content, **header, "purpose": purpose.decode(), "size": len(plain)}
    raise NotOpened("changed")


def _content(plain: bytes, info: bytes, public: bytes, facts: PagerFacts) -> dict[str, Any]:
    body = plain[66 : 66 + int.from_bytes(plain[64:66], "big")]
    message = bound(b"responder signed page 1", info, public, body)
    try:
        Ed25519PublicKey.from_public_bytes(facts.sign_public).verify(plain[:64], message)
    except InvalidSignature:
        raise NotOpened("not signed") from None
    content: dict[str, Any] = json.loads(zlib.decompress(body, wbits=-15))
    return content


PARCEL_TYPES = (
    *("image/jpeg", "image/png", "image/webp"),
    *("audio/ogg", "audio/mp4", "audio/aac", "audio/mpeg"),
)


@dataclass(frozen=True)
class Named:
    """A parcel as a page names it."""

    kind: str
    number: int
    count: int
    token: str
    key: bytes

    @classmethod
    def of(cls, text: str) -> Named:
        kind, number, count, token, key = text.split(" ")
        return cls(kind, int(number), int(count), token, unbase64(key))


def open_parcel(parcel: bytes, key: bytes) -> tuple[str, bytes]:
    """What is in it: its type and its bytes; `NotOpened` otherwise."""
    try:
        plain = AESGCM(key).decrypt(parcel[:12], parcel[12:], b"responder parcel 1")
    except InvalidTag:
        raise NotOpened("changed") from None
    length = int.from_bytes(plain[1:5], "big")
    if any(plain[5 + length :]):
        raise NotOpened("not zeros")
    return PARCEL_TYPES[plain[0]], plain[5 : 5 + length]
