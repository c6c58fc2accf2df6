"""A month in numbers, for the network's meeting: what is left of incidents that were forgotten.

Rules it keeps
    * It counts tallies alone: kind, neighbourhood, week, outcome, minutes to a team. No name, no
      place, no word of anybody can be in it.
    * A count below three is not told, and neither is one that could be worked out from the others:
      who was there would know whom it means.
    * The page loads nothing from anywhere: one file, its pictures inside, no script.

What it must not know
    Storage, the clock, incidents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from html import escape
from statistics import median
from typing import Final

from responder.core import days
from responder.core.changes import Tally
from responder.core.model import Record
from responder.core.phrases import TABLES, say

LEAST: Final = 3
"""The smallest count that is told."""
FEW: Final = f"<{LEAST}"
HIDDEN: Final = "not told"
_WEEK: Final = re.compile(r"(\d{4})-W(\d\d)")
_PARTS: Final[Mapping[str, Callable[[Tally], str]]] = {
    "week": lambda t: t.week,
    "kind": lambda t: t.kind,
    "neighbourhood": lambda t: t.neighbourhood,
    "outcome": lambda t: t.outcome,
}
_THURSDAY: Final = 4


class Figures(Record):
    """One month: how many incidents, the same by each part, and minutes to a team.

    Counts are words: a number, `FEW` or `HIDDEN`. The minutes are the middle one and the highest of
    nine in ten; empty where they come from fewer than `LEAST` teams. `names` are what kinds and
    neighbourhoods are called, by part, id and language; what has none there is called by its id.
    """

    month: str
    incidents: str
    parts: dict[str, dict[str, str]]
    minutes_middle: str = ""
    minutes_most: str = ""
    names: dict[str, dict[str, dict[str, str]]] = {}


def month_of(week: str) -> str:
    """The month ("2026-11") in which the Thursday of a week ("2026-W47") falls."""
    found = _WEEK.fullmatch(week)
    if found is None:
        return ""
    return f"{date.fromisocalendar(int(found[1]), int(found[2]), _THURSDAY):%Y-%m}"


def figures(
    tallies: Iterable[Tally],
    month: str,
    names: Mapping[str, Mapping[str, dict[str, str]]] | None = None,
) -> Figures:
    """The numbers of one month, small ones hidden; `names` of what they count, by part and id."""
    mine = [one for one in tallies if month_of(one.week) == month]
    minutes = sorted(t.minutes_to_team for t in mine if t.minutes_to_team is not None)
    told = len(minutes) >= LEAST
    most = minutes[min(len(minutes) * 9 // 10, len(minutes) - 1)] if told else 0
    counts = {name: Counter(map(of, mine)) for name, of in _PARTS.items()}
    # Where nothing is left to hide behind, the sum itself would tell.
    telling = len(mine) >= LEAST and any(
        max(found.values()) < LEAST and _given_away(found, set(found)) for found in counts.values()
    )
    return Figures(
        month=month,
        incidents=HIDDEN if telling else _count(len(mine)),
        parts={
            name: _sumless(guarded(found)) if telling else guarded(found)
            for name, found in counts.items()
        },
        minutes_middle=f"{median(minutes):g}" if told else "",
        minutes_most=str(most) if told else "",
        names={
            part: {id: called for id, called in known.items() if id in counts[part]}
            for part, known in (names or {}).items()
        },
    )


def guarded(counts: Mapping[str, int]) -> dict[str, str]:
    """Counts as words, by name: small ones hidden, and others with them where the sum tells."""
    small = {name for name, count in counts.items() if count < LEAST}
    hidden = set(small)
    rest = sorted(counts.keys() - hidden, key=lambda name: (counts[name], name))
    while rest and _given_away(counts, hidden):
        hidden.add(rest.pop(0))
    return {
        name: FEW if name in small else HIDDEN if name in hidden else str(counts[name])
        for name in sorted(counts)
    }


def _sumless(told: dict[str, str]) -> dict[str, str]:
    """The same without its numbers, where they would add up to the sum."""
    whole = all(count.isdigit() for count in told.values())
    return dict.fromkeys(told, HIDDEN) if whole else told


def _given_away(counts: Mapping[str, int], hidden: set[str]) -> bool:
    """Whether the hidden counts follow from their sum: one alone, or each as low or high as can be.

    Each is one at least, and where all are small, two at most.
    """
    if not hidden:
        return False
    most = LEAST - 1
    total = sum(counts[name] for name in hidden)
    all_small = all(counts[name] <= most for name in hidden)
    return len(hidden) == 1 or (all_small and total in (len(hidden), most * len(hidden)))


def _count(number: int) -> str:
    return FEW if 0 < number < LEAST else str(number)


# --- the page -------------------------------------------------------------------------------------

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}"
    "svg{width:100%;height:auto}text{font:14px system-ui,sans-serif;fill:#1b1b1b}"
    ".b{fill:#2d5a45}.h{fill:none;stroke:#8a5a00;stroke-dasharray:4 3}"
)
_ROW, _LEFT, _WIDE = 26, 190, 420


def page(found: Figures, network: str, language: str = "en") -> str:
    """The whole page as HTML, with a plot for each part."""
    heads = escape(title(found, network, language))
    lines = [f"<p>{escape(line)}</p>" for line in summary(found, language)]
    for name, counts in found.parts.items():
        if counts:
            heading = say(language, f"numbers.{name}")
            told = {
                label(found, name, what, language): count_words(n, language)
                for what, n in counts.items()
            }
            lines += [f"<h2>{escape(heading)}</h2>", plot(told, heading)]
    lines.append(f"<p>{escape(say(language, 'numbers.small', least=LEAST))}</p>")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{heads}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{heads}</h1>\n" + "\n".join(lines) + "\n</body>\n</html>\n"
    )


def title(found: Figures, network: str, language: str) -> str:
    """What the month's numbers are headed with: the network and the month."""
    month = days.month_of(language, date.fromisoformat(f"{found.month}-01"))
    return say(language, "numbers.title", network=network, month=month)


def summary(found: Figures, language: str) -> list[str]:
    """What stands above the plots: how many, and how fast a team had formed."""
    count = count_words(found.incidents, language)
    told = [say(language, "numbers.incidents", count=count)]
    if found.minutes_middle:
        middle, most = found.minutes_middle, found.minutes_most
        told.append(say(language, "numbers.minutes", middle=middle, most=most))
    return told


def label(found: Figures, part: str, what: str, language: str) -> str:
    """How one value of a part is called: a kind by its title, a week by its Monday."""
    called = found.names.get(part, {}).get(what)
    if called:
        return called.get(language) or called.get("en") or what
    if part == "week" and (week := _WEEK.fullmatch(what)):
        monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return say(language, "numbers.week.one", day=days.shortest(language, monday))
    key = f"numbers.outcome.{what}"
    return say(language, key) if part == "outcome" and key in TABLES["en"] else what


def count_words(count: str, language: str) -> str:
    """A count as it is told in that language."""
    return say(language, "numbers.hidden") if count == HIDDEN else count


def plot(counts: Mapping[str, str], heading: str) -> str:
    """Bars from top to bottom; a count that is not told has a dashed outline of one length."""
    most = max((int(count) for count in counts.values() if count.isdigit()), default=1)
    height = _ROW * len(counts)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE + 90} {height}" '
        f'role="img" aria-label="{escape(heading, quote=True)}">'
    ]
    for row, (name, count) in enumerate(counts.items()):
        y = row * _ROW
        known = count.isdigit()
        width = max(round(_WIDE * int(count) / most), 2) if known else _ROW
        parts.append(f'<text x="0" y="{y + 18}">{escape(name)}</text>')
        parts.append(
            f'<rect class="{"b" if known else "h"}" x="{_LEFT}" y="{y + 4}" width="{width}" '
            f'height="{_ROW - 8}"/>'
        )
        parts.append(f'<text x="{_LEFT + width + 8}" y="{y + 18}">{escape(count)}</text>')
    return "\n".join((*parts, "</svg>"))
