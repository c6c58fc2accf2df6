"""L9, a frozen playbook: an incident runs to its end on the text that it opened with."""

from __future__ import annotations

import re
from typing import Final

from responder.core.effects import Card
from responder.simulation.laws.book import Book, Step

_EDITION: Final = re.compile(r"edition-\d+")


def frozen_playbook(book: Book, step: Step) -> None:
    """The stamp of text and schema never changes, and memory still has that very text."""
    for touched in step.touched:
        now = touched.after
        if now is None:
            continue
        stamp = book.opened_with[now.id]
        book.must((now.playbook, now.schema) == stamp, f"L9: {now.code} changed its playbook")
        text = book.world.texts.get(stamp[0])
        book.must(text is book.seen.editions[stamp[0]], f"L9: the text of {now.code} is lost")


def opens_on_todays(book: Book, step: Step) -> None:
    """A new incident opens with the playbook in force."""
    for touched in step.touched:
        if touched.before is None and touched.after is not None:
            today = book.seen.disk.playbooks[touched.after.kind]
            same = (touched.after.playbook, touched.after.schema) == (
                today.digest,
                today.schema_version,
            )
            book.must(same, f"L9: {touched.after.code} opened with a text that is not in force")


def briefs_are_of_one_edition(book: Book, step: Step) -> None:
    """What a team reads is of the edition that its incident opened with."""
    for message in step.changes.messages:
        if message.card == Card.BRIEF and message.incident is not None:
            who = book.world.everybody[message.to]
            text = book.playbook(message.incident).brief.text.in_(who.language)
            book.must(
                _EDITION.findall(message.text) == _EDITION.findall(text),
                f"L9: the brief to {message.to} is of another edition",
            )


STATE: Final = ()
STEP: Final = (frozen_playbook, opens_on_todays, briefs_are_of_one_edition)
LEAVING: Final = ()
LAST: Final = ()
