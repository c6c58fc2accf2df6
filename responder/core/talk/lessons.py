"""Lessons: what an incident taught, kept when the incident is long forgotten.

Rules it keeps
    * A lesson is the network's, not the incident's: it holds the month, the kind, and the words
      that a coordinator chose; no code, place, neighbourhood or person.
    * The words are a coordinator's own, who is told to name nobody; one line takes it back.

What it must not know
    Storage, the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from responder.core.changes import Setting
from responder.core.desk import Desk
from responder.core.model import Incident, PersonId, Record, Role, decode, encode
from responder.core.phrases import say
from responder.core.spoken import Reply
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation
from responder.core.world import World

LESSON: Final = "lesson:"
LONGEST: Final = 1000
"""Characters of one lesson."""


class Lesson(Record):
    """One lesson: the month it was learned in ("2026-11"), the kind of incident, the words."""

    id: str
    month: str
    kind: str
    text: str


def keep(desk: Desk, incident: Incident, text: str, by: PersonId | None = None) -> Lesson:
    """Keep these words as what incidents of its kind taught."""
    lesson = Lesson(
        id=desk.ids.next(), month=f"{incident.opened_at:%Y-%m}", kind=incident.kind, text=text
    )
    desk.put(Setting(name=LESSON + lesson.id, value=encode(lesson).decode()))
    desk.audit("lesson.keep", lesson.id, by)
    return lesson


def all_of(world: World) -> list[Lesson]:
    """Every lesson, by month, then by kind."""
    names = [name for name in world.settings if name.startswith(LESSON)]
    found = [decode(world.settings[name].encode(), Lesson) for name in names]
    return sorted(found, key=lambda one: (one.month, one.kind, one.id))


def drop(desk: Desk, lesson: Lesson) -> None:
    """Forget a lesson."""
    desk.delete(Setting(name=LESSON + lesson.id, value=""))
    desk.audit("lesson.drop", lesson.id)


def plain(lesson: Lesson) -> Mapping[str, str]:
    """A lesson as plain JSON, with the first letters of its id."""
    return {
        "id": lesson.id[:8],
        "month": lesson.month,
        "kind": lesson.kind,
        "text": lesson.text,
    }


def command(talk: Conversation, arg: str) -> None:
    """`/lesson CODE words`, for a coordinator."""
    code, _, text = arg.strip().partition(" ")
    incident = talk.world.by_code(code) if code else None
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    language, text = talk.person.language, text.strip()
    if incident is None:
        text = ""
    if incident is None or not text or len(text) > LONGEST:
        key = "lesson.words" if not text else "lesson.too_long"
        talk.reply(Reply(text=say(language, key, most=LONGEST)))
        return
    keep(talk.desk, incident, text, talk.person.id)
    talk.reply(Reply(text=say(language, "lesson.kept")))
