"""English: the words of `responder playbook graph`, the path of an incident on one sheet."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "graph.report": "A report",
    "graph.report.asks": "Questions afterwards: {count}; all may be passed over",
    "graph.report.no-questions": "No further questions",
    "graph.report.joins": "Reports from the same neighbourhood within {within} join it",
    "graph.trust": "Do we believe it?",
    "graph.trust.known": "Somebody vouched for: at once",
    "graph.trust.trusted": "Somebody trusted: at once",
    "graph.trust.verify": "Anybody else: a verifier looks, {wait} a round",
    "graph.trust.agree": "or {reports} independent reports within {within}",
    "graph.trust.no": "Not confirmed",
    "graph.trust.no.word": "A kind word to the reporter, and the end",
    "graph.wave": "Wave {number}",
    "graph.wave.offers": "Who offered such help, by day",
    "graph.report.waits": "Then the search waits up to {wait} for: {ask}",
    "graph.wave.neighbourhood": "On call in the neighbourhood",
    "graph.wave.adjacent": "And in those around it",
    "graph.wave.network": "And in the whole network",
    "graph.wave.coordinators": "And the coordinators",
    "graph.wave.enough": "As many as it usually takes",
    "graph.wave.all": "All of them",
    "graph.wave.some": "{count} people",
    "graph.wave.wait": "Wait {wait}",
    "graph.nobody": "Nobody comes",
    "graph.nobody.word": "{wait} after the last wave the reporter is told, and what else helps",
    "graph.team": "A team forms",
    "graph.team.size": "{size} go, never fewer than {least}",
    "graph.team.training": "Trained: {names}",
    "graph.team.experienced": "Experienced: {count} at least",
    "graph.team.roles": "Roles: {names}",
    "graph.team.surplus": "Others are thanked",
    "graph.brief": "The brief, with the exact place",
    "graph.brief.within": 'Each taps "I have it" within {within}',
    "graph.brief.no": "Somebody does not tap it",
    "graph.brief.no.word": "Counts as a partner who left: hold back, find another",
    "graph.go": "Go, and stay together",
    "graph.go.check-in": "A sign of life every {every}",
    "graph.silence": "No sign of life",
    "graph.silence.word": (
        "Reminded; after {grace} coordinators are alarmed, again every {repeat}, until somebody "
        "has found out"
    ),
    "graph.leave": "Leave together",
    "graph.leave.word": "Everybody confirms being out",
    "graph.after": "Afterwards",
    "graph.after.rest": "Rest for {rest}",
    "graph.after.rest-rule": "Rest as the network's rule says",
    "graph.after.debrief": "Looking back together after {after}",
    "graph.after.follow-up": "A word to the reporter after {after}, if wanted",
    "graph.forget": "Forgotten",
    "graph.forget.word": "Reports after {reports}, the incident after {incident}",
}
