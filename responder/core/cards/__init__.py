"""Every message of an incident, as one reader sees it: `face(...)`."""

from responder.core.cards.facing import MANNERS, WRITERS, Manner, NotForThem, face

__all__ = ["MANNERS", "WRITERS", "Manner", "NotForThem", "face"]
