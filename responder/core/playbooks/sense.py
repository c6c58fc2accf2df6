"""What good sense forbids in a playbook whose parts are each well-formed.

Rules it keeps
    * A rule reads only the sections that it names, and runs only when those are sound: a fault in
      one section hides none in another.
    * Rules hold for what comes in. A frozen playbook is never judged again: an incident runs to
      its end on what it opened with.

What it must not know
    Files and positions: a finding names a path, `check.py` knows where that is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from responder.core.playbooks.faults import Path, near
from responder.core.playbooks.matching import stems
from responder.core.playbooks.records import Lines, Playbook

PAGE_LINE = 600
"""Characters of the one line that says on a page what is needed."""
BRIEF = 3500
"""Characters of all fixed words of a brief: leaves room in one message for place and report."""
_LONGEST = {"title": 60, "label": 60, "ask": 600, "needed": PAGE_LINE, "text": BRIEF}
_LONGEST_OTHER = 1000
_ONE_LINE = ("title", "label", "needed")
_OWN_QUESTIONS = ("kind", "place")
_MOST_QUESTIONS = 12
_MOST_OPTIONS = 8
_SHORTEST_TRIGGER = 3
_ORDER = ("offers", "neighbourhood", "adjacent", "network", "coordinators")
_PLACEHOLDER = re.compile(r"\{[^{}]{0,40}\}|<[^<>\n]{1,40}>|\[[^\[\]\n]{1,40}\]|\b(?:TODO|XXX)\b")


class Finding(NamedTuple):
    """A fault at a path: `what` is wrong and what was `meant`."""

    path: Path
    what: str
    meant: str


Rule: TypeAlias = Callable[[Playbook], Iterator[Finding]]


def findings(playbook: Playbook, sound: Iterable[str]) -> Iterator[Finding]:
    """Everything that the rules find; `playbook` may lack the sections that are not `sound`."""
    have = set(sound)
    for needs, rule in _RULES:
        if have.issuperset(needs):
            yield from rule(playbook)


def text_findings(texts: Iterable[tuple[Path, str]]) -> Iterator[Finding]:
    """Placeholders that nothing fills, texts that are too long, one-liners of several lines."""
    for path, text in texts:
        names = [part for part in path if isinstance(part, str)]
        name = names[-2] if len(names) > 1 else names[-1] if names else ""
        if left := _PLACEHOLDER.search(text):
            meant = "write the text in full; place, partner and times are added by the program"
            yield Finding(path, f"nothing fills in `{left[0]}`; texts go out as they stand", meant)
        most = _LONGEST.get(name, _LONGEST_OTHER)
        if len(text.strip()) > most:
            what = f"this text has {len(text.strip())} characters; at most {most} fit"
            yield Finding(path, what, "shorten it")
        if name in _ONE_LINE and "\n" in text.strip():
            yield Finding(path, f"`{name}` must be one line", "join the lines, or use `>` not `|`")


# --- rules ----------------------------------------------------------------------------------------


def _team(playbook: Playbook) -> Iterator[Finding]:
    team = playbook.team
    if team.at_least > team.size:
        what = f"at_least is {team.at_least}, but the team has only {team.size}"
        yield Finding(("team", "at_least"), what, f"write a number from 2 to {team.size}")
    if team.experienced > min(team.at_least, team.size):
        what = f"{team.experienced} experienced members cannot be in a team of {team.at_least}"
        yield Finding(("team", "experienced"), what, f"write {team.at_least} or less")
    if len(team.roles) > team.size:
        what = f"{len(team.roles)} roles for a team of {team.size}: nobody ever has the last one"
        yield Finding(("team", "roles"), what, f"keep {team.size} roles or less")
    yield from _twice(("team", "roles"), [role.id for role in team.roles])


def _waves(playbook: Playbook) -> Iterator[Finding]:
    waves = playbook.waves
    if waves[0].whom == "coordinators":
        what = "the first wave asks the coordinators, who are the last resort"
        yield Finding(("waves", 0, "whom"), what, "begin with `neighbourhood`")
    reached: float = 0
    for number, wave in enumerate(waves):
        earlier = waves[number - 1].whom if number else wave.whom
        if _ORDER.index(wave.whom) < _ORDER.index(earlier):
            what = f"`{wave.whom}` comes after `{earlier}`, but waves only widen"
            yield Finding(("waves", number, "whom"), what, f"the order is {', '.join(_ORDER)}")
        reached += wave.how_many if isinstance(wave.how_many, int) else float("inf")
        if reached < 2:
            what = "up to this wave one person is asked, so it can never form a pair"
            meant = "write `enough`, `all`, or 2 or more"
            yield Finding(("waves", number, "how_many"), what, meant)


def _reach(playbook: Playbook) -> Iterator[Finding]:
    asked = [w.how_many for w in playbook.waves if isinstance(w.how_many, int)]
    if len(asked) == len(playbook.waves) and sum(asked) < playbook.team.size:
        what = f"the team needs {playbook.team.size}, but all waves together ask only {sum(asked)}"
        yield Finding(("waves",), what, "write `how_many: enough` in at least one wave")


def _intake(playbook: Playbook) -> Iterator[Finding]:
    if len(playbook.intake) > _MOST_QUESTIONS:
        what = f"{len(playbook.intake)} questions are too many for someone who is afraid"
        yield Finding(("intake",), what, f"keep {_MOST_QUESTIONS} or less")
    yield from _twice(("intake",), [question.id for question in playbook.intake])
    for number, question in enumerate(playbook.intake):
        where: Path = ("intake", number)
        if question.id in _OWN_QUESTIONS:
            what = f"the program asks `{question.id}` itself"
            yield Finding((*where, "id"), what, "delete the question, or choose another id")
        if question.options and not 2 <= len(question.options) <= _MOST_OPTIONS:
            what = f"{len(question.options)} options are no choice that fits under a message"
            meant = f"write 2 to {_MOST_OPTIONS}, or delete `options` for a free answer"
            yield Finding((*where, "options"), what, meant)
        yield from _twice((*where, "options"), [option.id for option in question.options])


def _offers(playbook: Playbook) -> Iterator[Finding]:
    offers = playbook.offers
    waves = [n for n, wave in enumerate(playbook.waves) if wave.whom == "offers"]
    if offers is None:
        for number in waves:
            what = "this wave asks those who offered such help, and nothing says which help"
            meant = "add `offers:` with the question that is matched, or ask `neighbourhood`"
            yield Finding(("waves", number, "whom"), what, meant)
        return
    if not waves:
        what = "people can offer this help, and no wave asks them"
        yield Finding(("offers",), what, "add a first wave with `whom: offers`")
    asked = {question.id: question for question in playbook.intake}
    question = asked.get(offers.question)
    if question is None or not question.options:
        what = f"`{offers.question}` is no question with options in `intake`"
        known = [one.id for one in playbook.intake if one.options]
        yield Finding(("offers", "question"), what, near(offers.question, known))
        return
    known = [option.id for option in question.options]
    for number, answer in enumerate(offers.answers):
        if answer not in known:
            what = f"`{answer}` is no option of the question `{offers.question}`"
            yield Finding(("offers", "answers", number), what, near(answer, known))


def _twice(where: Path, ids: list[str]) -> Iterator[Finding]:
    for name, count in Counter(ids).items():
        if count > 1:
            last = len(ids) - 1 - ids[::-1].index(name)
            yield Finding((*where, last, "id"), f"the id `{name}` is used twice", "choose another")


def _triggers(playbook: Playbook) -> Iterator[Finding]:
    for language, phrases in playbook.triggers.items():
        seen: dict[tuple[str, ...], str] = {}
        for number, phrase in enumerate(phrases):
            where: Path = ("triggers", language, number)
            folded = stems(phrase)
            if sum(map(len, folded)) < _SHORTEST_TRIGGER:
                what = f"`{phrase}` is too short: it would be found in reports about anything"
                yield Finding(where, what, f"write {_SHORTEST_TRIGGER} letters or more")
            elif folded in seen:
                what = f"`{phrase}` is the same as `{seen[folded]}`"
                meant = "delete one; case, accents and plurals make no difference"
                yield Finding(where, what, meant)
            seen.setdefault(folded, phrase)


def _slips(playbook: Playbook, counts: Mapping[str, int]) -> dict[str, str]:
    """Languages that the title does not have, each with the one it was probably meant to be.

    Where a shared part brings that one along, the text is not missing, only too short.
    """
    spoken = getattr(playbook, "title", None)
    most = max(counts.values())
    lacking = [one for one in counts if counts[one] < most and spoken and one in spoken.root]
    return {
        slip: close[0]
        for slip in counts
        if spoken and slip not in spoken.root
        if (close := get_close_matches(slip, lacking, n=1, cutoff=0.5))
    }


def _same_length(name: str) -> Rule:
    def rule(playbook: Playbook) -> Iterator[Finding]:
        lines: Lines = getattr(playbook, name)
        counts = {language: len(texts) for language, texts in lines.root.items()}
        fullest = max(counts, key=lambda language: counts[language])
        slips = _slips(playbook, counts)
        for slip, meant in slips.items():
            what = f"`{slip}` is no language of the title, and `{meant}` lacks lines"
            yield Finding((name, slip), what, f"is `{slip}:` meant to be `{meant}:`?")
        for language, count in counts.items():
            if count < counts[fullest] and language not in {*slips, *slips.values()}:
                what = (
                    f"`{language}` has fewer lines than `{fullest}`: {count}, not {counts[fullest]}"
                )
                yield Finding((name, language), what, "translate every line, one for one")

    return rule


def _brief(playbook: Playbook) -> Iterator[Finding]:
    for language, text in playbook.brief.text.root.items():
        parts = [text, playbook.brief.meet.in_(language), playbook.silent.in_(language)]
        parts += [*playbook.safety.in_(language), *playbook.disengage.in_(language)]
        length = sum(len(part) + 1 for part in parts)
        if length > BRIEF:
            what = f"text, meet, safety, disengage and silent have {length} characters together"
            meant = f"shorten them to {BRIEF}: a brief must fit in one message"
            yield Finding(("brief", "text", language), what, meant)


def _rights(playbook: Playbook) -> Iterator[Finding]:
    for language, lines in playbook.rights.root.items():
        length = sum(len(line) + 1 for line in lines)
        if length > BRIEF:
            what = f"the lines have {length} characters together"
            yield Finding(("rights", language), what, f"shorten them to {BRIEF}")


def _check_in(playbook: Playbook) -> Iterator[Finding]:
    check_in = playbook.check_in
    if check_in.grace_s > check_in.every_s:
        what = "`grace` is longer than `every`: nobody would notice a missed sign of life"
        yield Finding(("check_in", "grace"), what, "make it shorter than `every`")


def _retention(playbook: Playbook) -> Iterator[Finding]:
    if playbook.retention.reports_s > playbook.retention.incident_s:
        what = "the reports would be kept longer than the incident that they belong to"
        yield Finding(("retention", "reports"), what, "make it as long as `incident`, or shorter")


_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("team",), _team),
    (("waves",), _waves),
    (("team", "waves"), _reach),
    (("intake",), _intake),
    (("intake", "offers", "waves"), _offers),
    (("triggers",), _triggers),
    (("safety",), _same_length("safety")),
    (("disengage",), _same_length("disengage")),
    (("rights",), _same_length("rights")),
    (("rights",), _rights),
    (("brief", "safety", "disengage", "silent"), _brief),
    (("check_in",), _check_in),
    (("retention",), _retention),
)
