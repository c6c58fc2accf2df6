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
}
