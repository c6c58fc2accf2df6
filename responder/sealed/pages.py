"""Sealed pages: what only one phone can read, and how a phone is registered for it.

What it is for
    A page that travels through a channel that is not end-to-end private is sealed to one device
    and signed by the network; it rides in the fragment of a link, which no web host ever sees.
    The pager (`responder/pager`) opens it in the browser.
    `docs/sealed-pages.md` tells the format byte by byte, `tests/vectors` pins it.

Rules it keeps
    * RFC 9180 in base mode with X25519, HKDF-SHA256 and AES-256-GCM, Ed25519 inside the seal.
    * Network, person, purpose, expiry and sequence are bound in; a moved or changed page is dead.
    * Lengths come in size classes. Nothing is cut: what does not fit is a further link.
    * No clock, no file, no network; chance only where a seal needs it.
    * Errors and `repr` hold no key and no word of anybody.

What it must not know
    Incidents, playbooks, channels, the store; who reads what was decided before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from responder.core.model import Pin, Record
from responder.sealed.framing import KEY, SUITE, PagerError, deflated, joined, unurl64, url64, whole
from responder.sealed.parcels import Parcel

Purpose = Literal["page", "probe", "card"]
Layout = Literal["page", "brief", "card", "probe", "over"]

VERSION: Final = 1
FRAGMENT_LIMIT: Final = 1900
"""Characters of one link's fragment; Telegram refuses buttons whose link is much longer."""
PAGE_SIZES: Final = (512, 1280)
"""Bytes of a page before it is sealed: everything is padded up to one of these."""
MOST_LINKS: Final = 9

_SIGNATURE: Final = 64
_LENGTH: Final = 2
_ROOM: Final = PAGE_SIZES[-1] - _SIGNATURE - _LENGTH
_SPARE: Final = 8
"""Bytes kept free while splitting, since the final count of parts deflates a little otherwise."""
_CRUMB: Final = 160
"""A longer text is broken to fill up a link; a shorter one waits for the next."""
_TITLE_LIMIT: Final = 200
_DEVICES_KEPT: Final = 4096
_STRETCH: Final = 50_000
_WORD_LIST: Final = Path(__file__).parent.parent / "pager" / "fingerprint-words.txt"

_TAG_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_TOKEN_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{8,61}")
_REGISTRATION: Final = re.compile(r"k1([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{12})")
_PROBE: Final = re.compile(r"p1-([A-Za-z0-9_-]{8,61})")


class OtherNetwork(PagerError):
    """A phone that trusts other keys than this network's: it must register again."""


# --- records ----------------------------------------------------------------------------------


class PagerFacts(Record):
    """What is public about a network's pager.

    `pager_url` is where the page lies (https, no fragment); `bot_link` is `https://t.me/NAME`, or
    empty without a Telegram bot. `emergency`: whom to call if a life is in danger, per language.
    """

    network_id: str
    name: str
    pager_url: str
    bot_link: str
    sign_public: bytes
    report_public: bytes
    languages: tuple[str, ...] = ("en", "es")
    emergency: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.sign_public) != KEY or len(self.report_public) != KEY:
            raise PagerError(f"The pager's public keys must be {KEY} bytes long.")
        if "#" in self.pager_url or not self.pager_url.startswith(("https://", "http://")):
            raise PagerError("The pager's address must begin with https:// and hold no '#'.")


class DeviceKey(Record):
    """The public X25519 key of one browser on one phone, 32 bytes."""

    public: bytes

    def __post_init__(self) -> None:
        if len(self.public) != KEY:
            raise PagerError(f"A device's key must be {KEY} bytes long.")


class PageContent(Record):
    """What one person is to read on the phone; all words in their language, `title` included.

    `thread` names the thing that this page is about, the same for all its versions (and opaque:
    no place, no kind). `lines` are paragraphs, oldest first: in a brief, what was told. `guidance`
    says how to go about it, `leave` holds the disengage lines.
    Layout "over" says that the thing is stood down. `token` is for a probe alone. `parcels` are
    pictures and voice, which the phone fetches by itself.
    """

    thread: str
    layout: Layout
    language: str
    expires_at: datetime
    title: str = ""
    place: str = ""
    pin: Pin | None = None
    partner: str = ""
    lines: tuple[str, ...] = ()
    safety: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    token: str = ""


class _Wire(Record):
    """A page as it is sealed; the header's facts are signed beside it, not repeated in it."""

    thread: str
    layout: Layout
    language: str
    title: str = ""
    place: str = ""
    pin: tuple[float, float] | None = None
    partner: str = ""
    lines: tuple[str, ...] = ()
    safety: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    parcels: tuple[str, ...] = ()
    token: str = ""
    part: int = 1
    parts: int = 1


class SigningKey:
    """The network's Ed25519 key, made from 32 secret bytes."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(whole(seed))
        self.public: bytes = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)


# --- registering a phone ----------------------------------------------------------------------


def registration_payload(device: DeviceKey, facts: PagerFacts) -> str:
    """The start value by which a phone registers: 57 characters of `A-Za-z0-9_-`.

    Twelve of them prove which keys of the network the phone has pinned.
    """
    return f"k1{url64(device.public)}{url64(_registration_check(device, facts))}"


def parse_registration(text: str, facts: PagerFacts) -> DeviceKey | None:
    """The phone's key, or None where the text is no registration at all.

    `OtherNetwork` where the phone has pinned other keys, or a character was lost on the way.
    """
    match = _REGISTRATION.fullmatch(text.strip())
    if match is None:
        return None
    device = DeviceKey(public=unurl64(match[1]))
    # Text of the right shape may still end in stray bits: only the canonical form is the one.
    if registration_payload(device, facts) != match[0]:
        raise OtherNetwork(
            "This phone trusts other keys than this network's. Open the pager anew, choose "
            "'Register this phone again', and send what it shows."
        )
    return device


def _registration_check(device: DeviceKey, facts: PagerFacts) -> bytes:
    named = joined(
        b"responder registration 1",
        facts.network_id.encode(),
        facts.sign_public,
        facts.report_public,
        device.public,
    )
    return hashlib.sha256(named).digest()[:9]


def fingerprint_words(device: DeviceKey) -> tuple[str, ...]:
    """Five words to compare by eye or by voice; the same in English and Spanish.

    Stretched (PBKDF2, about 20 ms), so that nobody makes a second key with the same words.
    """
    return _fingerprint(device.public)


@lru_cache(maxsize=256)
def _fingerprint(public: bytes) -> tuple[str, ...]:
    digest = hashlib.pbkdf2_hmac("sha256", public, b"responder fingerprint 1", _STRETCH, 5)
    return tuple(_word_list()[byte] for byte in digest)


@lru_cache(maxsize=1)
def _word_list() -> tuple[str, ...]:
    return tuple(_WORD_LIST.read_text(encoding="ascii").split())


def probe_payload(token: str) -> str:
    """The start value by which a phone says that it opened the probe with this token."""
    if not _TOKEN_PATTERN.fullmatch(token):
        raise PagerError("A probe's token must be 8 to 61 characters of A-Z, a-z, 0-9, _ and -.")
    return f"p1-{token}"


def parse_probe(text: str) -> str | None:
    """The probe's token, or None where the text is no answer to a probe."""
    match = _PROBE.fullmatch(text.strip())
    return match[1] if match else None


def register_link(facts: PagerFacts) -> str:
    """Where a person registers the phone; open it in the browser that pages will open in."""
    return f"{facts.pager_url}#register"


# --- sealing a page ---------------------------------------------------------------------------


def seal_page(
    content: PageContent,
    *,
    device: DeviceKey,
    person_tag: str,
    purpose: Purpose,
    sequence: int,
    facts: PagerFacts,
    signer: SigningKey,
) -> tuple[str, ...]:
    """The links that show the content on that device alone: one, or as many as it needs.

    `person_tag`: opaque, up to 32 of `A-Za-z0-9_-`, the same for a person as long as the phone is
    registered; it is seen by the channel. A higher `sequence` makes an older page of the same
    thread refused. `PagerError` for what no phone would accept, or more than nine links.
    """
    expiry = _expiry(content.expires_at)
    _check(content, person_tag, purpose, sequence, facts, signer)
    context = page_info(facts.network_id, person_tag, purpose, expiry, sequence)
    recipient = _recipient(device.public)
    head = (
        network_tag(facts)
        + expiry.to_bytes(4, "big")
        + sequence.to_bytes(6, "big")
        + len(person_tag).to_bytes(1, "big")
        + person_tag.encode("ascii")
    )
    links = []
    for body in _bodies(content):
        signature = signer.sign(signed_message(context, device.public, body))
        sealed = SUITE.encrypt(_padded(signature, body), recipient, info=context)
        hint = device_hint(sealed[:KEY], device.public)
        links.append(f"{facts.pager_url}#{VERSION}.{url64(head + hint + sealed)}")
    return tuple(links)


def page_info(network_id: str, person_tag: str, purpose: str, expiry: int, sequence: int) -> bytes:
    """What a page is bound to: HPKE's `info`, and part of what is signed."""
    return joined(
        b"responder sealed page 1",
        network_id.encode(),
        person_tag.encode(),
        purpose.encode(),
        expiry.to_bytes(8, "big"),
        sequence.to_bytes(8, "big"),
    )


def signed_message(context: bytes, device: bytes, body: bytes) -> bytes:
    """What the network signs: a page cannot be passed on to another device as if meant for it."""
    return joined(b"responder signed page 1", context, device, body)


@lru_cache(maxsize=_DEVICES_KEPT)
def _recipient(device: bytes) -> X25519PublicKey:
    """The same phones are sealed for again and again."""
    return X25519PublicKey.from_public_bytes(device)


def network_tag(facts: PagerFacts) -> bytes:
    """8 bytes by which a phone knows its network, and that network's signing key."""
    return _network_tag(facts.network_id, facts.sign_public)


@lru_cache(maxsize=4)
def _network_tag(network_id: str, sign_public: bytes) -> bytes:
    named = joined(b"responder network 1", network_id.encode(), sign_public)
    return hashlib.sha256(named).digest()[:8]


def device_hint(encapsulated: bytes, device: bytes) -> bytes:
    """4 bytes by which a phone knows that a page is for another one; new for every page."""
    return hashlib.sha256(joined(b"responder device 1", encapsulated, device)).digest()[:4]


def _check(
    content: PageContent,
    person_tag: str,
    purpose: Purpose,
    sequence: int,
    facts: PagerFacts,
    signer: SigningKey,
) -> None:
    if not _TAG_PATTERN.fullmatch(person_tag):
        raise PagerError("A person's tag must be 1 to 32 characters of A-Z, a-z, 0-9, _ and -.")
    if not 0 <= sequence < 2**48:
        raise PagerError("A page's sequence number must be 0 or more, and below 2 to the 48th.")
    if signer.public != facts.sign_public:
        raise PagerError("The signing key is not the one that the pager publishes.")
    if not content.thread or len(content.thread) > 64 or len(content.title) > _TITLE_LIMIT:
        raise PagerError("A page needs a thread of 1 to 64 and a title of up to 200 characters.")
    if (purpose == "probe") != (content.layout == "probe"):
        raise PagerError("A probe has both the purpose and the layout 'probe'; others neither.")
    if purpose == "probe" and not _TOKEN_PATTERN.fullmatch(content.token):
        raise PagerError("A probe needs a token: 8 to 61 characters of A-Z, a-z, 0-9, _ and -.")


def _expiry(at: datetime) -> int:
    if at.tzinfo is None:
        raise PagerError("A page's expiry must be an aware time.")
    seconds = int(at.timestamp())
    if not 0 < seconds < 2**32:
        raise PagerError("A page's expiry must lie between 1970 and 2106.")
    return seconds


def _padded(signature: bytes, body: bytes) -> bytes:
    plain = signature + len(body).to_bytes(_LENGTH, "big") + body
    return plain.ljust(next(size for size in PAGE_SIZES if size >= len(plain)), b"\0")


# --- fitting words into links -------------------------------------------------------------------


class _Item(NamedTuple):
    """One text of one field; `goes_on` where it continues the item before it."""

    field: str
    text: str
    goes_on: bool = False


def _bodies(content: PageContent) -> list[bytes]:
    whole = _packed(_wire(content, _items(content), first=True))
    if len(whole) <= _ROOM:
        return [whole]
    parts = _split(content)
    return [
        _packed(msgspec.structs.replace(wire, part=number, parts=len(parts)))
        for number, wire in enumerate(parts, 1)
    ]


def _items(content: PageContent) -> list[_Item]:
    """Everything to be read, what matters most first: that much is on the first link."""
    single = [_Item("place", content.place), _Item("partner", content.partner)]
    listed = [
        _Item(field, text)
        for field in ("safety", "leave", "guidance", "lines")
        for text in getattr(content, field)
    ]
    fetched = [_Item("parcels", _named(parcel)) for parcel in content.parcels]
    return [item for item in single + listed + fetched if item.text]


def _named(parcel: Parcel) -> str:
    """A parcel in one text, short enough never to be broken in two."""
    key = url64(parcel.key)
    return f"{parcel.kind} {parcel.number} {parcel.count} {parcel.token} {key}"


def _split(content: PageContent) -> list[_Wire]:
    waiting = _items(content)
    parts: list[_Wire] = []
    while waiting:
        fitting = _most(content, waiting, first=not parts)
        following = waiting[fitting : fitting + 1]
        if following and (fitting == 0 or len(following[0].text) > _CRUMB):
            waiting[fitting : fitting + 1] = _halves(following[0])
            continue
        parts.append(_wire(content, waiting[:fitting], first=not parts))
        del waiting[:fitting]
        if len(parts) > MOST_LINKS:
            raise PagerError(f"This page would need more than {MOST_LINKS} links: shorten it.")
    return parts


def _most(content: PageContent, items: Sequence[_Item], *, first: bool) -> int:
    """How many items, from the start, go into one link."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high + 1) // 2
        wire = _wire(content, items[:middle], first=first)
        body = _packed(msgspec.structs.replace(wire, part=MOST_LINKS, parts=MOST_LINKS))
        if len(body) <= _ROOM - _SPARE:
            low = middle
        else:
            high = middle - 1
    return low


def _halves(item: _Item) -> list[_Item]:
    middle = len(item.text) // 2
    if middle == 0 or item.field == "parcels":
        raise PagerError("A page's title leaves no room for its words: shorten it.")
    cut = item.text.rfind(" ", middle // 2, middle) + 1 or middle
    return [item._replace(text=item.text[:cut]), _Item(item.field, item.text[cut:], True)]


def _wire(content: PageContent, items: Iterable[_Item], *, first: bool) -> _Wire:
    fields: dict[str, list[str]] = {}
    for field, text, goes_on in items:
        texts = fields.setdefault(field, [])
        if goes_on and texts:
            texts[-1] += text
        else:
            texts.append(text)
    pin = content.pin if first else None
    return _Wire(
        thread=content.thread,
        layout=content.layout,
        language=content.language,
        title=content.title,
        place="".join(fields.get("place", ())),
        pin=(pin.latitude, pin.longitude) if pin else None,
        partner="".join(fields.get("partner", ())),
        lines=tuple(fields.get("lines", ())),
        safety=tuple(fields.get("safety", ())),
        leave=tuple(fields.get("leave", ())),
        guidance=tuple(fields.get("guidance", ())),
        parcels=tuple(fields.get("parcels", ())),
        token=content.token,
    )


def _packed(wire: _Wire) -> bytes:
    return deflated(msgspec.json.encode(wire))
