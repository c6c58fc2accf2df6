"""One incident as a coordinator reads it at the machine: how it stands, who is out, what happened.

Rules it keeps
    * Every word of the program's own comes from the phrases, in one language; what people wrote
      stands there as they wrote it, and only where it was asked for.

What it must not know
    How the network is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from responder.core.admin import titles
from responder.core.looking_back import timeline
from responder.core.phrases import TABLES, say

Answer = Mapping[str, Any]


def title(answer: Answer, language: str) -> str:
    """What an incident is headed with: its code, its kind, where."""
    return say(
        language,
        "timeline.title.drill" if answer["drill"] else "timeline.title",
        code=answer["code"],
        kind=titles.told(answer["title"], language),
        place=answer["where"],
    )


def lines(answer: Answer, story: Iterable[Mapping[str, str | None]], language: str) -> list[str]:
    """All of it, in parts under headings; a part in which nothing stands is left out."""
    told = [title(answer, language), *_facts(answer, language)]
    for part, rows in (
        ("team", [_mate(one, language) for one in answer["members"]]),
        ("alarms", [_alarm(one, language) for one in answer["alarms"]]),
        ("reports", [_report(one, language) for one in answer["reports"]]),
        ("notes", [_note(one, language) for one in answer["notes"]]),
        ("words", [*filter(None, (answer.get("place"), *answer.get("words", ())))]),
        ("story", timeline.lines(timeline.moments(story, (), language), language)),
    ):
        if rows:
            told += ["", say(language, f"incident.{part}"), *(f"  {row}" for row in rows)]
    return [*told, "", say(language, "incident.timeline", code=answer["code"])]


def _facts(answer: Answer, language: str) -> Iterator[str]:
    pages = ", ".join(
        say(language, f"incident.page.{state}", number=number)
        for state, number in answer["pages"].items()
    )
    outcome = answer["outcome"]
    found = {
        "state": say(language, f"incident.state.{answer['state']}"),
        "outcome": say(language, f"numbers.outcome.{outcome}") if outcome else "",
        "opened": when(answer["opened_at"]),
        "due": when(answer["next_due"]) if not answer["closed_at"] else "",
        "search": say(language, "incident.search.sum", wave=answer["wave"], pages=pages)
        if pages
        else "",
        "closed": when(answer["closed_at"]),
        "forgotten": when(answer["forgotten_at"]),
    }
    labels = {name: say(language, f"incident.{name}") for name, value in found.items() if value}
    width = max(map(len, labels.values()))
    for name, label in labels.items():
        yield f"  {label:<{width}}  {found[name]}"


def _mate(one: Answer, language: str) -> str:
    parts = [f"{one['call_sign']}: " + say(language, f"card.stage.{one['stage']}")]
    if one["due"]:
        parts.append(say(language, "incident.mate.due", time=when(one["due"])))
    if one["missed"]:
        parts.append(say(language, "board.missed", count=one["missed"]))
    return ", ".join(parts)


def _alarm(one: Answer, language: str) -> str:
    key = f"board.alarm.{one['kind']}"
    kind = say(language, key) if key in TABLES["en"] else one["kind"]
    about = f": {one['about']}" if one["about"] else ""
    again = say(language, "incident.repeats", number=one["repeats"]) if one["repeats"] else ""
    return ", ".join(filter(None, (kind + about, again)))


def _report(one: Answer, language: str) -> str:
    level = say(language, f"incident.level.{one['level']}")
    how = "gone" if one["taken_back"] else "counts" if one["counts"] else "waits"
    return f"{one['number']}. {when(one['at'])}, {level}, {say(language, f'incident.report.{how}')}"


def _note(one: Answer, language: str) -> str:
    return f"{when(one['at'])}  {timeline.who(one['by'], language)}: {one['text']}"


def when(text: str | None) -> str:
    """Day and time in that place's own time; nothing for none."""
    return text[:16].replace("T", " ") if text else ""
