"""English: the board, maps, plots and pictures that coordinators look at; days and months."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "day.months": (
        "January,February,March,April,May,June,July,August,September,October,November,December"
    ),
    "day.whole": "{day} {month} {year}",
    "day.month": "{month} {year}",
    "coverage.title": "Coverage: {where}",
    "coverage.dates": "{first} to {last}, as the shifts stood on {at}",
    "coverage.count": "The number is how many people a page reaches in that hour.",
    "coverage.enough": "Enough: a team can form.",
    "coverage.thin": "Thin: one alone, or too few for some kind of incident.",
    "coverage.gap": "Gap: there is a shift, and yet some team cannot form.",
    "coverage.none": "Nobody, and no shift.",
    "coverage.map.1": ". nobody; 1 one alone; 2-9 people whom a page reaches; + ten and more",
    "coverage.map.2": "x gap: there is a shift, and yet some playbook's team could not form",
    "coverage.map.3": "! thin: two or more, and yet some playbook's team could not form",
    "coverage.gap.line": "Gap {start} to {end}: no team for {kinds}.",
    "coverage.any": "any playbook",
    "coverage.nobody": (
        "Nobody is a responder in {place} yet: responder member add CALL-SIGN --help"
    ),
    "coverage.nobody-reached": (
        "Responders in {place}: {number}, and no page reaches any of them yet. They join with "
        "their codes: responder member code CALL-SIGN"
    ),
    "coverage.never": "The people of {place} alone never make a team for {kinds}.",
    "coverage.limit": "At their limit of pages tonight: {names}.",
    "coverage.resting": "Resting: {names}.",
    "coverage.unreached": "Have a shift and are not counted, for no page reaches them yet:",
    "coverage.unreached.do": "A code for each, to join over Signal: {command}",
    "timeline.title": "Incident {code}, {kind}, {place}",
    "timeline.title.drill": "Drill {code}, {kind}, {place}",
    "timeline.machine": "at the machine",
    "timeline.reporter": "a reporter",
    "timeline.times": "Local time; after it the minutes since the first report.",
    "timeline.empty": "Nothing was noted.",
    "numbers.title": "{network}: {month} in numbers",
    "numbers.incidents": "Incidents: {count}",
    "numbers.minutes": (
        "Minutes until a team had formed: {middle} in the middle, {most} at most in nine of ten."
    ),
    "numbers.week": "By week",
    "numbers.kind": "By kind",
    "numbers.neighbourhood": "By neighbourhood",
    "numbers.outcome": "How they ended",
    "numbers.columns": "by,what,incidents",
    "numbers.outcome.responded": "a team went",
    "numbers.outcome.nobody": "nobody came",
    "numbers.outcome.not-confirmed": "not confirmed",
    "numbers.outcome.expired": "expired, unconfirmed",
    "numbers.outcome.cancelled": "taken back",
    "numbers.outcome.merged": "joined another",
    "numbers.outcome.ended": "ended by coordinators",
    "numbers.week.one": "week of {day}",
    "numbers.hidden": "not told",
    "numbers.none": (
        "Nothing was counted in this month. An incident counts once it is destroyed; until then it "
        "stands here: responder incident list --all"
    ),
    "numbers.small": (
        "Counts below {least} are not told, nor what would give them away: nobody is to be found "
        "in these numbers."
    ),
    "board.columns": "code,kind,where,state,open,due in,alarms",
    "board.key.words": "Words",
    "board.key.widen": "Page more",
    "board.key.leave": "Leave now",
    "board.key.note": "Note",
    "board.key.end": "End",
    "board.key.quit": "Quit",
    "board.well": "All is well.",
    "board.wrong": "Something is wrong: responder status.",
    "board.open": "Open incidents: {count}.",
    "board.nothing": "Nothing is open.",
    "board.hidden": "Place and words are hidden. Press w to show them for a minute.",
    "board.no-words": "Nothing was told besides.",
    "board.no-team": "No team yet.",
    "board.missed": "missed {count}",
    "board.check-in": "check-in due in {clock}",
    "board.check-in.now": "check-in due now",
    "board.now": "now",
    "board.drill": "DRILL",
    "board.on-call": "On call now",
    "board.not-paged": "not paged: {names}",
    "board.nobody": "nobody",
    "board.channel.well": "Channel {name}: well",
    "board.channel.down": "Channel {name}: DOES NOT WORK",
    "board.channel.unasked": "Channels: not asked yet",
    "board.by": "by {who}",
    "board.by.machine": "at the machine",
    "board.state.held": "held",
    "board.state.paging": "paging",
    "board.state.briefing": "briefing",
    "board.state.out": "out",
    "board.state.leaving": "leaving",
    "board.state.aftercare": "aftercare",
    "board.alarm.no-team": "NO TEAM",
    "board.alarm.overdue": "OVERDUE",
    "board.alarm.duress": "DURESS",
    "board.alarm.not-told": "NOT TOLD",
    "board.ask.widen": "Page more people for {code} now?",
    "board.ask.leave": "Tell everybody out for {code} to leave now?",
    "board.ask.note": "A note on {code}; its team reads it too.",
    "board.ask.end": "End {code}? Its team is called back.",
    "board.write.yes": "Write yes, then Enter. Escape: leave it.",
    "board.write.text": "Write the note, then Enter. Escape: leave it.",
    "board.write.reason": "Write the reason, then Enter. Escape: leave it.",
}
