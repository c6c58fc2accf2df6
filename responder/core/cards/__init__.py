"""Every message of an incident, as one reader sees it: `Faces`."""

from responder.core.cards.facing import MANNERS, SEES, WRITERS, Faces, Manner, NotForThem

__all__ = ["MANNERS", "SEES", "WRITERS", "Faces", "Manner", "NotForThem"]
