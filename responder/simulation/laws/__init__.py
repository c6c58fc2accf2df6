"""The laws L1 to L9, each as functions that look at one step, one leaving message, or the end.

What it is for
    `Laws` sees every step of a history and stops it where a law is broken.

Rules it keeps
    * A law looks at what a step changed, not at the whole world, so that a month can be checked.
    * The laws reckon for themselves (`reckoning`): who is on call, whose word counts, who must be
      kept apart, which playbook an incident opened with. A fault in the core blinds no law.

What it must not know
    How the history came about.
"""

from __future__ import annotations

from responder.core.messages import Message
from responder.core.model import Media, PersonId
from responder.simulation.laws import (
    alone,
    delivery,
    drilled,
    forgetting,
    forgotten,
    frozen,
    knowing,
    letters,
    locked,
    ordered,
    pictures,
    pleading,
    right_people,
    silence,
    trusting,
    undone,
    unopened,
)
from responder.simulation.laws.book import Book, Step, Touched
from responder.simulation.laws.notes import Broken
from responder.simulation.post import Left

_ROOMS = (
    # A plea is noted before anybody asks who may read its words.
    *(pleading, ordered, undone),
    *(alone, trusting, right_people, knowing, forgotten, delivery, silence, forgetting, frozen),
    *(pictures, unopened, drilled, locked, letters),
)
STATE = tuple(law for room in _ROOMS for law in room.STATE)
STEP = tuple(law for room in _ROOMS for law in room.STEP)
LEAVING = tuple(law for room in _ROOMS for law in room.LEAVING)
LAST = tuple(law for room in _ROOMS for law in room.LAST)

__all__ = ["Book", "Broken", "Laws", "Step", "Touched"]


class Laws(Book):
    """What has been seen, and every law over it. `checked` counts each look at each law."""

    checked = 0

    def after(self, step: Step) -> None:
        """Every law, after every step."""
        self.note(step)
        for touched in step.touched:
            if touched.after is not None:
                for law in STATE:
                    self.rule = law.__name__
                    law(self, touched, step)
                self.checked += len(STATE)
        for law_of_step in STEP:
            self.rule = law_of_step.__name__
            law_of_step(self, step)
        self.checked += len(STEP)

    def leaving(self, left: Left) -> None:
        """Every law of the moment at which a message leaves."""
        for law in LEAVING:
            self.rule = law.__name__
            law(self, left)
        self.checked += len(LEAVING)

    def fetched(self, person: PersonId, message: Message, media: Media) -> None:
        """A phone was handed a picture that a sealed page named."""
        self.rule = pictures.handed_out.__name__
        pictures.handed_out(self, person, message, media)
        self.checked += 1

    def at_the_end(self) -> None:
        """What must hold once nothing can happen any more."""
        for law in LAST:
            self.rule = law.__name__
            law(self)
        self.checked += len(LAST)
