"""Questions put to people and closed again: tokens and numbers for what a message offers.

What it is for
    The desk's half that turns offers into an open `Question`, one a message, and takes answers
    back that cannot be given any more.

Rules it keeps
    * A button's action never leaves: what leaves is a random token, and a number that is unique
      among the person's open questions.
    * An answer that another message offers already keeps its token and its number: whoever taps
      "leave now" on an old message means it, and the numbers do not grow.

What it must not know
    Words, storage, channels, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from responder.core.changes import Changes, Prompt, Question
from responder.core.ids import Ids
from responder.core.messages import Choice
from responder.core.model import IncidentId, MessageId, PersonId
from responder.core.spoken import WORK, Offer
from responder.core.world import World

Rows: TypeAlias = tuple[tuple[Offer, ...], ...]
Choices: TypeAlias = tuple[tuple[Choice, ...], ...]


class Asking:
    """The questions of one input, written into its changes; memory follows at once."""

    def __init__(self, world: World, changes: Changes, ids: Ids, at: datetime) -> None:
        self._world = world
        self._changes = changes
        self._ids = ids
        self._at = at

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, rows: Rows, to: PersonId, message: MessageId, key: str) -> Choices:
        """What is offered under one message, with the tokens and numbers that answer it.

        It takes the place of what the message offered before. `key` names the key that the
        question is sealed under.
        """
        offers = [offer for row in rows for offer in row]
        asked = self._world.questions.under(message)
        if asked is not None and _same(asked.prompts, offers):
            prompts: Sequence[Prompt] = asked.prompts
        elif offers:
            prompts = self._prompts(offers, to, message)
            self._put(
                Question(message=message, person=to, sealed_under=key, prompts=tuple(prompts))
            )
        else:
            prompts = ()
            self.close(message)
        dealt = iter(prompts)
        return tuple([tuple([_choice(next(dealt)) for _ in row]) for row in rows])

    def _prompts(self, offers: Iterable[Offer], to: PersonId, message: MessageId) -> list[Prompt]:
        """One for each offer; those that stand under other messages are taken from there."""
        questions = self._world.questions.of(to)
        standing = {p.action: (p, q) for q in questions for p in q.prompts}
        used = {p.number for q in questions for p in q.prompts}
        prompts = []
        moved = set()
        for offer in offers:
            prompt, question = standing.pop(offer.action, (None, None))
            if prompt is None or question is None:
                prompt = self._new(offer, used, to)
            elif question.message != message:
                moved.add(prompt.token)
                prompt = replace(prompt, label=offer.label, at=self._at, pressed=False)
            elif prompt.label != offer.label:
                prompt = replace(prompt, label=offer.label, at=self._at)
            prompts.append(prompt)
        if moved:
            others = (q for q in questions if q.message != message)
            self.close_where(others, lambda p: p.token in moved)
        return prompts

    def _new(self, offer: Offer, used: set[int], to: PersonId) -> Prompt:
        number = 1
        if offer.action.verb in WORK:
            # "3" must not mean "I have it" now and "there" a moment later.
            number += self._world.questions.last_work_number(to)
        while number in used:
            number += 1
        used.add(number)
        return Prompt(
            token=self._ids.next(),
            number=number,
            action=offer.action,
            at=self._at,
            label=offer.label,
        )

    def pressed(self, prompt: Prompt) -> None:
        """It was answered, and can be answered again."""
        question = self._world.questions.holding(prompt.token)
        if question is not None and not prompt.pressed:
            now = replace(prompt, pressed=True)
            prompts = tuple(now if p.token == prompt.token else p for p in question.prompts)
            self._put(replace(question, prompts=prompts))

    # --- closing --------------------------------------------------------------------------------

    def close(self, message: MessageId) -> None:
        """What this message asks is answered; a later press is a stale one."""
        question = self._world.questions.under(message)
        if question is not None:
            self._delete(question)

    def close_all(self, person: PersonId) -> None:
        """This person is asked nothing any more."""
        for question in self._world.questions.of(person):
            self._delete(question)

    def close_about(self, incident: IncidentId) -> None:
        """Nothing about this incident can be answered any more."""
        for question in self._world.questions.about(incident):
            if question.sealed_under == f"incident:{incident}":  # as in changes.key_of
                self._delete(question)
            else:
                self.close_where((question,), lambda p: p.action.incident == incident)

    def close_where(self, questions: Iterable[Question], over: Callable[[Prompt], bool]) -> None:
        """Of these questions, the answers that are `over`; one that is left with none goes."""
        for question in questions:
            left = tuple([p for p in question.prompts if not over(p)])
            if not left:
                self._delete(question)
            elif len(left) < len(question.prompts):
                self._put(replace(question, prompts=left))

    # --- records --------------------------------------------------------------------------------

    def _put(self, question: Question) -> None:
        self._changes.put(question)
        self._world.put(question)

    def _delete(self, question: Question) -> None:
        self._changes.delete(question)
        self._world.delete(question)


def _same(prompts: Sequence[Prompt], offers: Sequence[Offer]) -> bool:
    """Whether these answers are just what is offered: most edits change words alone."""
    if len(prompts) != len(offers):
        return False
    return [(p.action, p.label) for p in prompts] == [(o.action, o.label) for o in offers]


def _choice(prompt: Prompt) -> Choice:
    return Choice(label=prompt.label, token=prompt.token, number=prompt.number)
