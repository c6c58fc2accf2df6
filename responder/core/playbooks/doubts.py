"""What is allowed in a playbook and still likely to go wrong: warnings, not faults.

Rules it keeps
    * A warning says what may happen to people, in a figure where there is one, and what to do.
    * The bounds are from practice: check-ins of lone workers, acceptance of volunteer pagers, an
      eighth-grade reader, one screen of a phone.

What it must not know
    Files, rosters: whether tonight's people suffice is another question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import comb
from typing import Final, TypeAlias

from responder.core.playbooks.faults import Path
from responder.core.playbooks.records import Lines, Playbook, Words

Doubt: TypeAlias = tuple[Path, str, str]
"""Where, what may happen, what to do."""

_CHANCE: Final = 0.5
_LONGEST_S: Final = {"high": 30 * 60, "normal": 60 * 60, "low": 120 * 60}
"""Between two signs of life; people who work alone use 15 to 30 minutes where the risk is high and
up to an hour elsewhere."""
_GRADE: Final = 8.9
"""Years of school, by Flesch and Kincaid: the eighth is not over yet."""
_EASE: Final = 55.0
"""Szigriszt's index for Spanish; below it a text counts as rather hard."""
_SCREEN: Final = 1_000
"""Characters: about what a phone shows without scrolling, 25 lines of 40."""
_PAGE_LINE: Final = 160
_FEWEST_WORDS: Final = 30
"""A shorter text is too little to judge how hard it reads."""

_SENTENCE = re.compile(r"[.!?…:;]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_VOWELS = {"en": re.compile(r"[aeiouy]+"), "es": re.compile(r"[aeo]?[iuü]?[aáeéíoóú][iuy]?|[iuü]")}


def doubts(playbook: Playbook) -> Iterator[Doubt]:
    """Every doubt about the playbook, in no particular order."""
    yield from _first_wave(playbook)
    yield from _check_in(playbook)
    for path, language, text in _texts(playbook):
        yield from _length(path, text)
        yield from _hard(path, language, text)


def _first_wave(playbook: Playbook) -> Iterator[Doubt]:
    wave, team = playbook.waves[0], playbook.team
    if not isinstance(wave.how_many, int) or wave.whom == "offers":
        return
    chance = chance_of(team.at_least, wave.how_many, playbook.acceptance)
    if chance < _CHANCE:
        what = (
            f"of {wave.how_many} people asked, {team.at_least} say yes in {chance:.0%} of the"
            f" nights, if {playbook.acceptance:.0%} usually do"
        )
        yield ("waves", 0, "how_many"), what, "ask more in the first wave, or write `enough`"


def chance_of(needed: int, asked: int, acceptance: float) -> float:
    """How likely at least `needed` of `asked` people say yes, each with the same likelihood."""
    return 1 - sum(
        comb(asked, n) * acceptance**n * (1 - acceptance) ** (asked - n)
        for n in range(min(needed, asked + 1))
    )


def _check_in(playbook: Playbook) -> Iterator[Doubt]:
    longest = _LONGEST_S[playbook.urgency]
    if playbook.check_in.every_s > longest:
        what = (
            f"a team may be in trouble for {playbook.check_in.every_s // 60} minutes before anybody"
            f" looks, and this kind is of {playbook.urgency} urgency"
        )
        yield ("check_in", "every"), what, f"write `{longest // 60} min` or less"


def _texts(playbook: Playbook) -> Iterator[tuple[Path, str, str]]:
    """Every text that people must take in at once, with its language."""
    whole: list[tuple[Path, Words | Lines]] = [
        (("needed",), playbook.needed),
        (("brief", "text"), playbook.brief.text),
        (("brief", "meet"), playbook.brief.meet),
        (("safety",), playbook.safety),
        (("disengage",), playbook.disengage),
        (("silent",), playbook.silent),
        (("rights",), playbook.rights),
        (("elsewhere",), playbook.elsewhere),
        (("debrief", "text"), playbook.debrief.text),
    ]
    own = {name: getattr(playbook.sayings, name) for name in type(playbook.sayings).model_fields}
    whole += [(("sayings", name), words) for name, words in own.items() if words]
    if playbook.follow_up:
        whole.append((("follow_up", "text"), playbook.follow_up.text))
    for path, texts in whole:
        for language, text in texts.root.items():
            said = text if isinstance(text, str) else "\n".join(text)
            yield (*path, language), language, said


def _length(path: Path, text: str) -> Iterator[Doubt]:
    most = _PAGE_LINE if path[0] == "needed" else _SCREEN
    if len(text) > most:
        what = f"{len(text)} characters are more than a phone shows at once"
        if path[0] == "needed":
            what = f"{len(text)} characters are much for the line by which people decide"
        yield path, what, f"shorten it to {most} or less"


def _hard(path: Path, language: str, text: str) -> Iterator[Doubt]:
    words = _WORD.findall(text.lower())
    if language not in _VOWELS or len(words) < _FEWEST_WORDS:
        return
    sentences = sum(1 for part in _SENTENCE.split(text.replace("\n", ". ")) if part.strip())
    per_sentence = len(words) / max(1, sentences)
    per_word = sum(syllables(word, language) for word in words) / len(words)
    meant = "use shorter sentences and plainer words; read it aloud"
    if language == "en":
        grade = 0.39 * per_sentence + 11.8 * per_word - 15.59
        if grade > _GRADE:
            yield path, f"this reads like the {grade:.0f}th year of school", meant
    elif (ease := 206.835 - 62.3 * per_word - per_sentence) < _EASE:
        yield (
            path,
            f"this is hard to read (ease {ease:.0f} of 100; {_EASE:.0f} is easy enough)",
            meant,
        )


def syllables(word: str, language: str) -> int:
    """About how many syllables a word in small letters has, at least one."""
    found = len(_VOWELS[language].findall(word))
    silent = language == "en" and word.endswith("e") and not word.endswith(("le", "ee"))
    return max(1, found - 1 if silent and found > 1 else found)
