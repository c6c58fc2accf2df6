"""The questions that a reporter is asked, and which option an answer in words means.

Rules it keeps
    * Each question is one `Reply` with all its options; free words are always welcome besides.
    * Words that might mean the opposite of an option never choose it: they stay words.

What it must not know
    When a question is asked, and what an answer changes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from responder.core.changes import Action
from responder.core.model import IncidentId, Neighbourhood, Place
from responder.core.phrases import say
from responder.core.playbook import Playbook, Question, Words, near_misses
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk.commands import fold, listed

KIND: Final = "kind"
PLACE: Final = "place"
WHERE: Final = "@where"
"""The exact place. No id of a playbook's own question begins with this sign."""
FOLLOW_UP: Final = "@follow-up"

MORE: Final = "@more"
"""In place of a playbook's id: none of those that were offered."""

MOST_KINDS: Final = 5
"""Kinds offered at once to somebody who is afraid; the others follow on "something else"."""
MOST_PLACES: Final = 8
"""Neighbourhoods offered at once; any other can be written."""
_URGENCY: Final = ("high", "normal", "low")
_ROW_LENGTH: Final = 14
"""Characters up to which two labels stand side by side on a phone."""


def kind_question(
    language: str,
    playbooks: Iterable[Playbook],
    *,
    told: str = "",
    again: bool = False,
    rest: bool = False,
) -> Reply:
    """What is happening? The likeliest kinds, then something else; with `rest`, the others.

    Whoever found nothing in the first list, or was not understood twice, may ask a coordinator.

    Kinds that `told` names but for a slip come first, then the urgent ones.
    """
    kinds = sorted(playbooks, key=lambda one: _URGENCY.index(one.urgency))
    likely = near_misses(kinds, told)
    kinds.sort(key=lambda one: one.id not in likely)
    shown = kinds if len(kinds) <= MOST_KINDS + 1 else kinds[:MOST_KINDS]
    offers = [
        _offer(one.title.in_(language), Verb.KIND, one.id)
        for one in (kinds[len(shown) :] if rest else shown)
    ]
    if not rest and len(shown) < len(kinds):
        offers.append(_offer(say(language, "intake.something_else"), Verb.KIND, MORE))
    if rest or again:
        offers.append(_offer(say(language, "intake.to_a_person"), Verb.PLEA, ""))
    key = "kind_rest" if rest else "kind_again" if again else "kind"
    return Reply(text=say(language, f"intake.{key}"), rows=_rows(offers))


def place_question(
    language: str,
    places: Sequence[Neighbourhood],
    candidates: Sequence[Place] = (),
    *,
    outside: bool = False,
    again: bool = False,
) -> Reply:
    """Which neighbourhood? Those that were perhaps meant come first; a location pin does as well.

    `outside`: a pin was sent, and it lies in none of them.
    """
    likely = [one for one in places if one.id in candidates]
    others = [one for one in places if one.id not in candidates]
    offers = [_offer(one.name, Verb.PLACE, one.id) for one in (*likely, *others)[:MOST_PLACES]]
    key = "outside" if outside else "which" if likely else "place_again" if again else "place"
    return Reply(text=say(language, f"intake.{key}"), rows=_rows(offers), ask_place=True)


def where_question(language: str) -> Reply:
    """Where exactly? Words or a location pin."""
    rows = _rows([_skip(language, WHERE)])
    return Reply(text=say(language, "intake.where"), rows=rows, ask_place=True)


def own_question(language: str, question: Question) -> Reply:
    """One of the playbook's own questions, with its options and a way past it."""
    offers = [
        _offer(one.label.in_(language), Verb.ANSWER, f"{question.id}:{one.id}")
        for one in question.options
    ]
    rows = (*_rows(offers), *_rows([_skip(language, question.id)]))
    return Reply(text=question.ask.in_(language), rows=rows)


def follow_up_question(language: str, offer: Words, incident: IncidentId | None) -> Reply:
    """Whether somebody may ask after the reporter later, in the playbook's words."""
    offers = [
        Offer(
            label=say(language, f"intake.{answer}"),
            action=Action(verb=Verb.FOLLOW_UP, incident=incident, arg=answer),
        )
        for answer in ("yes", "no")
    ]
    return Reply(text=offer.in_(language), rows=_rows(offers))


def _offer(label: str, verb: Verb, arg: str) -> Offer:
    return Offer(label=label, action=Action(verb=verb, arg=arg))


def _skip(language: str, question: str) -> Offer:
    return _offer(say(language, "intake.skip"), Verb.SKIP, question)


def _rows(offers: Sequence[Offer]) -> tuple[tuple[Offer, ...], ...]:
    """The offers in reading order, two in a row where every label is short."""
    across = 2 if all(len(one.label) <= _ROW_LENGTH for one in offers) else 1
    return tuple(tuple(offers[at : at + across]) for at in range(0, len(offers), across))


# --- answers in words -----------------------------------------------------------------------------

_SHORTEST_MISSPELT: Final = 5
_ALIKE: Final = 0.8


def chosen(text: str, labels: Sequence[Words]) -> int | None:
    """Which option these words mean, in whatever language; None where that is not plain.

    A label is meant by all of it, by its first words, or by all of it slightly misspelt; of two
    that fit, none is.
    """
    said = fold(text).split()
    if not said:
        return None
    for fits in (_same, _beginning, _misspelt):
        found = [
            at
            for at, label in enumerate(labels)
            if any(fits(said, fold(one).split()) for one in label.root.values())
        ]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _same(said: Sequence[str], label: Sequence[str]) -> bool:
    return said == label


def _beginning(said: Sequence[str], label: Sequence[str]) -> bool:
    """Two words at least: a bare "yes" must not become "yes, a little"."""
    return len(said) > 1 and said == label[: len(said)]


def _misspelt(said: Sequence[str], label: Sequence[str]) -> bool:
    """Word by word; short words must be right: one letter makes "can" of "can't"."""
    return len(said) == len(label) and all(map(_word_alike, said, label))


def _word_alike(said: str, word: str) -> bool:
    if said == word:
        return True
    if min(len(said), len(word)) < _SHORTEST_MISSPELT or said[0] != word[0]:
        return False
    return difflib.SequenceMatcher(None, said, word).ratio() >= _ALIKE


def yes_or_no(text: str) -> bool | None:
    """Whether the whole message is a yes or a no; None where it is neither."""
    said = fold(text)
    if said in listed("intake.words.yes"):
        return True
    return False if said in listed("intake.words.no") else None
