"""The open questions in memory: found by message, person, incident and token.

What it is for
    One question is all that one message offers its reader. What is pressed comes in as a token,
    what is typed as a number; what a question is about says when it must go.

Rules it keeps
    * A token stands in one question at a time.
    * Numbers of something to do are not given again while any of it is open.

What it must not know
    Channels, words, what an answer sets in motion.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from responder.core.changes import Prompt, Question
from responder.core.model import IncidentId, MessageId, PersonId
from responder.core.spoken import WORK

_K = TypeVar("_K")


class OpenQuestions:
    """The open questions. `all` is for looking at; it changes through `put` and `drop`."""

    def __init__(self) -> None:
        self.all: dict[MessageId, Question] = {}
        self._holding: dict[str, MessageId] = {}
        """By token."""
        self._to: defaultdict[PersonId, dict[MessageId, None]] = defaultdict(dict)
        self._about: defaultdict[IncidentId, dict[MessageId, None]] = defaultdict(dict)
        self._work_numbers: dict[PersonId, int] = {}

    # --- changing -------------------------------------------------------------------------------

    def put(self, question: Question) -> None:
        """Take a question in, new or changed."""
        id, person = question.message, question.person
        work = [prompt.number for prompt in question.prompts if prompt.action.verb in WORK]
        if work:
            self._work_numbers[person] = max(self.last_work_number(person), *work)
        old = self.all.get(id)
        if old is not None:
            self._unlist(old)
        self.all[id] = question
        self._to[person][id] = None
        for prompt in question.prompts:
            self._holding[prompt.token] = id
            if prompt.action.incident is not None:
                self._about[prompt.action.incident][id] = None

    def drop(self, message: MessageId) -> None:
        """Drop what this message asks, if it asks anything."""
        question = self.all.pop(message, None)
        if question is not None:
            self._unlist(question)
            _remove(self._to, question.person, message)

    def _unlist(self, question: Question) -> None:
        id = question.message
        for prompt in question.prompts:
            if self._holding.get(prompt.token) == id:
                del self._holding[prompt.token]
            if prompt.action.incident is not None:
                _remove(self._about, prompt.action.incident, id)

    # --- looking --------------------------------------------------------------------------------

    def under(self, message: MessageId) -> Question | None:
        """What this message asks."""
        return self.all.get(message)

    def of(self, person: PersonId) -> tuple[Question, ...]:
        """The open questions to one person, oldest first."""
        return tuple([self.all[id] for id in self._to.get(person, ())])

    def about(self, incident: IncidentId) -> tuple[Question, ...]:
        """The questions with an answer that is about this incident."""
        return tuple([self.all[id] for id in self._about.get(incident, ())])

    def holding(self, token: str) -> Question | None:
        """The question that this token answers."""
        id = self._holding.get(token)
        return None if id is None else self.all[id]

    def prompt(self, token: str) -> Prompt | None:
        """What this token means."""
        question = self.holding(token)
        return None if question is None else question.prompt(token)

    def last_work_number(self, person: PersonId) -> int:
        """The last number that this person was given for something to do; 0 when all is done."""
        for id in self._to.get(person, ()):
            for prompt in self.all[id].prompts:
                if prompt.action.verb in WORK:
                    return self._work_numbers.get(person, 0)
        return 0


def _remove(held: defaultdict[_K, dict[MessageId, None]], key: _K, id: MessageId) -> None:
    """Take a question out of one of the lists; the last one takes the list along."""
    there = held.get(key)
    if there is not None:
        there.pop(id, None)
        if not there:
            del held[key]
