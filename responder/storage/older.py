"""Records in forms that only earlier versions of the program wrote, and what they are today.

What it is for
    SQL cannot change what is sealed. When a database is opened, what lies there in an older form
    is written anew in today's, in one transaction.

Rules it keeps
    * Nothing means anything else than before: a button on somebody's screen does what it did. But
      for power that somebody has only because an earlier version forgot to take it.
    * Where nothing older is left, it costs one look at an index.

What it must not know
    Connections, transactions, what a record is for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Action, Prompt, Question
from responder.core.model import Level, MessageId, Person, PersonId, Record, Role
from responder.storage.drawer import Drawer

_PROMPT: Final = "prompt"
_BLOCKED_COORDINATORS: Final = "blocked-coordinators"


class _Prompt(Record):
    """One answer to an open question, as a record of its own (before schema step 4)."""

    token: str
    person: PersonId
    message: MessageId
    number: int
    action: Action
    at: datetime
    sealed_under: str
    label: str = ""
    pressed: bool = False


def bring_up_to_date(drawer: Drawer) -> None:
    """Write everything of an older form anew, in today's."""
    answers = drawer.older(_PROMPT, _Prompt)
    if answers:
        drawer.drop_kind(_PROMPT)
        drawer.put(_questions(answers))
    if drawer.once(_BLOCKED_COORDINATORS):
        drawer.put(_without_power(drawer.load(Person)))


def _without_power(people: list[Person]) -> list[Person]:
    """Those who were blocked while a block still left somebody a coordinator, who now are none.

    Whoever lifts such a block, which one may do alone, would make a coordinator by it.
    """
    return [
        replace(one, roles=tuple(role for role in one.roles if role is not Role.COORDINATOR))
        for one in people
        if one.granted is Level.BLOCKED and Role.COORDINATOR in one.roles
    ]


def _questions(answers: list[_Prompt]) -> list[Question]:
    """The answers under each message as one question, in the order in which they came about."""
    asked: dict[MessageId, list[_Prompt]] = {}
    for answer in answers:
        asked.setdefault(answer.message, []).append(answer)
    return [
        Question(
            message=message,
            person=together[0].person,
            sealed_under=together[-1].sealed_under,
            prompts=tuple(
                Prompt(
                    token=one.token,
                    number=one.number,
                    action=one.action,
                    at=one.at,
                    label=one.label,
                    pressed=one.pressed,
                )
                for one in together
            ),
        )
        for message, together in asked.items()
    ]
