"""Sealing and signing 1,000 pages to 1,000 phones on one core: pages a second.

    python -m benchmarks.seal_pages

Counts the processor's time, so that what else runs on the machine does not matter much.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks import kit
from benchmarks.kit import Goal, Sample
from responder.sealed.pages import (
    DeviceKey,
    PageContent,
    PagerFacts,
    SigningKey,
    seal_page,
)
from responder.sealed.private_reports import (
    ReportKey,
)

PAGES = 1000
GOAL_PER_S = 4000


def setting() -> tuple[PagerFacts, SigningKey, list[DeviceKey], PageContent]:
    """A network's keys, the phones, and what each of them is told."""
    signer, report_key = SigningKey(os.urandom(32)), ReportKey(os.urandom(32))
    facts = PagerFacts(
        network_id="benchmark",
        name="Benchmark",
        pager_url="https://pager.example/",
        bot_link="https://t.me/benchmark_bot",
        sign_public=signer.public,
        report_public=report_key.public,
    )
    secrets = (X25519PrivateKey.generate() for _ in range(PAGES))
    devices = [DeviceKey(public=secret.public_key().public_bytes_raw()) for secret in secrets]
    content = PageContent(
        thread="t" * 22,
        layout="page",
        language="en",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        title="People needed, northside",
        lines=(
            "Urgent: now.",
            "Two people who watch from a distance and record; one with experience.",
            "Answer with the buttons in the chat.",
        ),
    )
    return facts, signer, devices, content


def measure() -> Sample:
    """A page to each phone."""
    facts, signer, devices, content = setting()
    started = time.process_time()
    for number, device in enumerate(devices):
        seal_page(
            content,
            device=device,
            person_tag=f"person-{number}",
            purpose="page",
            sequence=1,
            facts=facts,
            signer=signer,
        )
    return {"pages_per_s": PAGES / (time.process_time() - started)}


def main() -> None:
    """Measure, and tell."""
    given = kit.options(__doc__).parse_args()
    before, rounds = kit.machine(), 1 if given.quick else given.rounds
    found = kit.in_turn({"sealed": measure}, rounds)
    rate = kit.medians(found["sealed"])["pages_per_s"]
    kit.tell(f"{rate:,.0f} pages a second on one core")
    kept = kit.tell_goals([Goal(f"pages a second (goal {GOAL_PER_S:,})", rate, rate >= GOAL_PER_S)])
    kit.save("seal_pages", {"goals": kept, "samples": found}, given.out, before=before)
    with kit.plot("seal_pages", given.out) as axes:
        values = {f"round {n}": one["pages_per_s"] for n, one in enumerate(found["sealed"], 1)}
        kit.bars(axes, values, "Sealing and signing pages for phones", "pages a second, one core")


if __name__ == "__main__":
    main()
