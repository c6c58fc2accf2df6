"""Writes the vectors beside it. To be run for a new version of the format only:

    python -m tests.vectors.make

Every seal takes a fresh random key, so the links differ from run to run; what is pinned is that
these very links go on opening, and what they open to.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from responder.core.model import Pin
from responder.private_reports import (
    PrivateReport,
    seal_report,
)
from responder.sealed_pages import (
    PageContent,
    Purpose,
    SigningKey,
    fingerprint_words,
    page_info,
    registration_payload,
)
from tests.pager_kit import HERON, WREN, a_page, open_link, sealed, some_facts

FOLDER = Path(__file__).parent
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


def main() -> None:
    made = {"registration": registration(), "pages": pages(), "reports": reports()}
    for name, vectors in made.items():
        text = json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
