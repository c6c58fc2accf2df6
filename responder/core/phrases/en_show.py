"""English: what `responder playbook show` makes up, and how it names what it prints."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "show.network": "Your network",
    "show.neighbourhood": "Northside",
    "show.emergency": "If someone is in danger of their life, call the emergency number first.",
    "show.report": "{what} in Northside, at the corner of Quill and Third",
    "show.story.well": "A neighbour whom the network trusts reports, and all goes well",
    "show.story.nobody": "Another evening: a stranger reports, and nobody is free",
    "show.story.offered": "By day: somebody who offered help is asked first",
    "show.to.reporter": "To the reporter",
    "show.to.responder": "To a responder",
    "show.to.verifier": "To a verifier",
    "show.to.coordinator": "To a coordinator",
    "show.notice": "Where others can read along:",
    "incident.state": "state",
    "incident.outcome": "outcome",
    "incident.opened": "opened",
    "incident.due": "next look",
    "incident.search": "search",
    "incident.closed": "closed",
    "incident.forgotten": "forgotten",
    "incident.state.held": "waits to be verified",
    "incident.state.paging": "people are being asked",
    "incident.state.briefing": "a team is formed and reads its briefs",
    "incident.state.out": "a team is out",
    "incident.state.leaving": "people are leaving; each is counted",
    "incident.state.aftercare": "over; those who went are looked after",
    "incident.state.closed": "closed",
    "incident.search.sum": "wave {wave}; {pages}",
    "incident.page.paged": "no answer yet {number}",
    "incident.page.accepted": "said yes {number}",
    "incident.page.declined": "cannot {number}",
    "incident.page.thanked": "thanked {number}",
    "incident.page.failed": "not delivered {number}",
    "incident.team": "Team",
    "incident.mate.due": "a sign of life is due at {time}",
    "incident.alarms": "Alarms",
    "incident.repeats": "repeated {number} times",
    "incident.reports": "Reports",
    "incident.level.blocked": "from somebody blocked",
    "incident.level.unknown": "from somebody unknown",
    "incident.level.known": "from somebody known",
    "incident.level.trusted": "from somebody trusted",
    "incident.report.counts": "counts",
    "incident.report.waits": "is not confirmed",
    "incident.report.gone": "was taken back",
    "incident.notes": "Notes",
    "incident.words": "Place and words",
    "incident.story": "What happened",
    "incident.timeline": (
        "To look back together, as text or a picture: responder incident show {code} --timeline, "
        "or --svg FILE"
    ),
}
