"""The network was silent for a while, or its clock was set: what had been begun is taken up again.

Rules it keeps
    * Whoever has a part in it hears that the network is back, before any deadline is looked at.
    * No wait is longer afterwards than it would be if it began now: a clock that was set back by
      an hour must not make an unanswered wave wait for two (L7).
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from responder.core.incident import response
from responder.core.incident.case import Case


def returned(case: Case) -> None:
    """Tell everybody, and bring nearer what the silence has moved away."""
    response.back(case)
    incident, playbook = case.incident, case.playbook
    search, verification = incident.recruiting, incident.verification
    wave_s: float = playbook.offers.wait_s if playbook.offers else 0
    if search.until and search.wave >= 0:
        wave_s = playbook.waves[search.wave].wait_s
    case.set(
        recruiting=replace(search, until=_within(case, search.until, wave_s)),
        verification=replace(
            verification,
            until=_within(case, verification.until, playbook.trust.verify_wait_s),
        ),
        give_up_at=_within(case, incident.give_up_at, playbook.give_up_s),
        alarms=tuple(
            replace(a, again_at=_within(case, a.again_at, playbook.check_in.repeat_s))
            for a in incident.alarms
        ),
    )


def _within(case: Case, until: datetime | None, seconds: float) -> datetime | None:
    return until and min(until, case.later(seconds))
