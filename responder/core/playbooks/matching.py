"""Which kind of incident a person's words point to.

Rules it keeps
    * Case, accents and plurals do not matter; word boundaries do ("cop" is not in "copy").
    * Trigger words of every language count, since people mix languages when they are afraid.
    * The answer depends on nothing but the words: equal input, equal order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from responder.core.playbooks.records import Playbook

_WORD = re.compile(r"[^\W_]+")
_SHORTEST_MISSPELT = 5
"""Letters of a stem. One slip makes another word of a shorter one."""
_MOST_MISSPELT = 60
"""Words that are looked through for slips: this is for a hint, and a message may be long."""
_SHORTEST_INFLECTED = 4
"""Letters. Shorter words ("bus", "gas") end in s without being plurals."""


def stems(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents, and the endings of English and Spanish plurals.

    A stem is for comparing with another stem only; it is not a word ("police" is "polic").
    """
    bare = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
    plain = "".join(c for c in bare if not unicodedata.combining(c)).casefold()
    return tuple(_stem(word) for word in _WORD.findall(plain))


_trigger = lru_cache(maxsize=4096)(stems)
"""Of a playbook's own words only: nothing that a reporter wrote is kept in any cache."""


def _stem(word: str) -> str:
    if len(word) < _SHORTEST_INFLECTED:
        return word.replace("z", "c")
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("e"):
        word = word[:-1]
    if word.endswith("y"):
        word = word[:-1] + "i"
    return word[:-1] + "c" if word.endswith("z") else word


def matches(playbooks: Iterable[Playbook], text: str, language: str = "en") -> tuple[str, ...]:
    """The ids of the playbooks whose trigger words the text holds, the best match first.

    More and longer triggers count more; between equals the reporter's own language, then the more
    urgent playbook, then the id decide. Empty where nothing matches.
    """
    said = stems(text)
    ranked: list[tuple[int, int, int, str]] = []
    for playbook in playbooks:
        found = _found(playbook, said)
        if found:
            weight = sum(len(phrase) for phrase in found)
            own = sum(language in spoken for spoken in found.values())
            urgency = ("high", "normal", "low").index(playbook.urgency)
            ranked.append((-weight, -own, urgency, playbook.id))
    return tuple(kind for *_, kind in sorted(ranked))


def _found(playbook: Playbook, said: tuple[str, ...]) -> dict[tuple[str, ...], set[str]]:
    """The trigger phrases that were said, each once, with the languages that have it."""
    found: dict[tuple[str, ...], set[str]] = {}
    for language, phrases in playbook.triggers.items():
        beginning = _by_first_word(phrases)
        for word in beginning.keys() & said:
            for phrase in beginning[word]:
                if _holds(said, phrase):
                    found.setdefault(phrase, set()).add(language)
    return found


@lru_cache(maxsize=1024)
def _by_first_word(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """Of a playbook's own words only: the phrases by the word with which they begin."""
    beginning: dict[str, list[tuple[str, ...]]] = {}
    for phrase in filter(None, map(_trigger, phrases)):
        beginning.setdefault(phrase[0], []).append(phrase)
    return beginning


def _holds(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    length = len(phrase)
    return any(said[at : at + length] == phrase for at in range(len(said) - length + 1))


def near_misses(playbooks: Iterable[Playbook], text: str) -> frozenset[str]:
    """The ids of the playbooks whose trigger words the text holds but for one slip a word.

    A hint for what to ask first, never a match: "office" is one letter from "officer".
    """
    said = stems(text)[:_MOST_MISSPELT]
    return frozenset(
        playbook.id
        for playbook in playbooks
        if any(
            _nearly_holds(said, phrase)
            for phrases in playbook.triggers.values()
            for phrase in map(_trigger, phrases)
        )
    )


def _nearly_holds(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    length = len(phrase)
    return bool(phrase) and any(
        all(map(_alike, said[at : at + length], phrase)) for at in range(len(said) - length + 1)
    )


def _alike(said: str, word: str) -> bool:
    """The same but for one letter left out, added or changed, or two neighbours swapped."""
    if said == word:
        return True
    if len(word) < _SHORTEST_MISSPELT or abs(len(said) - len(word)) > 1 or said[0] != word[0]:
        return False
    pairs = enumerate(zip(said, word, strict=False))
    alike = next((at for at, (a, b) in pairs if a != b), min(len(said), len(word)))
    mine, meant = said[alike:], word[alike:]
    if mine[1:] in (meant, meant[1:]) or mine == meant[1:]:
        return True
    return mine[:2] == meant[1::-1] and mine[2:] == meant[2:]
