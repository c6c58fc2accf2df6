"""English: drills, monthly checks, lessons, and what happened in an incident."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "drill.ask": (
        "Does this reach you? One tap is all we ask. You need go nowhere, and either answer is "
        "just as good."
    ),
    "drill.notice": "A drill asks you for one tap.",
    "drill.reachable": "I am reachable",
    "drill.not-free": "Reachable, but not free now",
    "drill.over": "That drill is over. Thank you all the same.",
    "drill.where": "A drill asks those on call there for one tap. Where shall it be?",
    "drill.begun": "Drill {code} has begun: {asked} people are asked. You hear when it is over.",
    "drill.unknown_place": "I know no such neighbourhood. Write /drill alone to choose one.",
    "drill.refused.real": "Something real is going on there: no drill now.",
    "drill.refused.running": "A drill is running there already.",
    "drill.refused.nobody": "Nobody is on call there who may be asked now.",
    "drill.none": "There has been no drill yet.",
    "drill.report.head": "DRILL {code} in {place}, {when}",
    "drill.report.sum": "{reached} of {asked} people tapped.",
    "drill.report.goes_on": "It is still running.",
    "drill.report.team": "A team of {team} for {playbook} would have formed after {seconds}.",
    "drill.report.no_team": "A team of {team} for {playbook} would not have formed.",
    "drill.report.line": "{call_sign}, {channel}: {arrival}, {tap}",
    "drill.report.arrived": "arrived after {seconds}",
    "drill.report.not_arrived": "did not arrive",
    "drill.report.tapped": "tapped after {seconds}",
    "drill.report.tapped_on": "tapped on {channel} after {seconds}",
    "drill.report.not_tapped": "no tap",
    "drill.report.unreached": "No channel reached: {names}",
    "drill.report.silent": "Arrived, but no tap: {names}",
    "drill.report.left_out": "On call and not asked: {names}",
    "drill.reason.no-consent": "has not said yes to joining yet",
    "drill.reason.no-private-channel": "no channel that can carry a page",
    "drill.reason.training": "lacks the training",
    "drill.reason.busy": "in a team",
    "drill.reason.off-call": "off call",
    "drill.reason.resting": "resting",
    "drill.reason.limit": "was paged enough tonight",
    "drill.reason.already-paged": "in another drill",
    "drill.reason.other": "may not be paged now",
    "drill.seconds": "{seconds} s",
    "drill.minutes": "{minutes} min {seconds} s",
    "desk.drill": (
        "Drill {code} in {place} is over: {reached} of {asked} tapped.\n"
        "No channel reached: {unreached}\n"
        "Arrived, but no tap: {silent}\n"
        "The whole report: /drill {code}"
    ),
    "reach.ask": (
        "The monthly check: does this reach you? One tap is enough. Nothing has happened, and "
        "nothing else is asked of you."
    ),
    "reach.notice": "The monthly check asks you for one tap.",
    "desk.reach": (
        "The monthly checks: {reached} of {asked} members tapped.\n"
        "No channel reaches: {unreached}\n"
        "Not answered: {silent}\n"
        "Please ask them another way whether their phone or number has changed."
    ),
    "lesson.words": "Write the code, then what it taught: /lesson A7 Two cars were too many.",
    "lesson.too_long": "Please keep a lesson below {most} characters.",
    "lesson.kept": (
        "Kept for the network. It outlives the incident, so it should name no person and no "
        "place. At the machine: responder incident lessons"
    ),
    "timeline.opened": "the report came in",
    "timeline.joined": "another report of the same joined it",
    "timeline.reporter-safe": "whoever reported it is safe",
    "timeline.cancelled": "a report was taken back",
    "timeline.forgotten": "a report was forgotten, as its reporter asked",
    "timeline.confirmed": "confirmed it",
    "timeline.not-confirmed": "could not confirm it",
    "timeline.asked-reporter": "asked the reporter something",
    "timeline.merged": "it went into another incident",
    "timeline.corroborated": "independent reports agreed",
    "timeline.more-asked": "asked for more people",
    "timeline.leave-now": "said to leave now",
    "timeline.done": "said that it was done",
    "timeline.out-safe": "out and safe",
    "timeline.hard-call": "somebody called it a hard one",
    "timeline.ended-by-coordinator": "ended it",
    "timeline.accounted-for": "known to be well",
    "timeline.widened": "asked more people now",
    "timeline.not-delivered": "a message did not arrive",
    "timeline.has-brief": "had read the brief",
    "timeline.go": "told to go",
    "timeline.there": "there",
    "timeline.checked-in": "a sign of life",
    "timeline.missed-check-in": "no sign of life when one was due",
    "timeline.left-team": "left the team",
    "timeline.paged": "asked to come",
    "timeline.accepted": "said yes",
    "timeline.declined": "somebody could not come",
    "timeline.teamed": "in the team",
    "timeline.ended": "it was over",
    "timeline.note": "note ({by}): {text}",
}
