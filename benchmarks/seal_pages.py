"""Times sealing and signing 1,000 pages to 1,000 phones on one core, and prints pages a second.

    python benchmarks/seal_pages.py

Counts the processor's time, so that what else runs on the machine does not matter much.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from responder.private_reports import (
    ReportKey,
)
from responder.sealed_pages import (
    DeviceKey,
    PageContent,
    PagerFacts,
    SigningKey,
    seal_page,
)

PAGES = 1000
ROUNDS = 5
GOAL_PER_S = 4000


def main() -> None:
    """Print one line a round, then the best."""
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
    best = 0.0
    for _ in range(ROUNDS):
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
        rate = PAGES / (time.process_time() - started)
        best = max(best, rate)
        sys.stdout.write(f"{rate:8.0f} pages a second\n")
    sys.stdout.write(f"best {best:.0f} pages a second on one core (goal: {GOAL_PER_S})\n")


if __name__ == "__main__":
    main()
