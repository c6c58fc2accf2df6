"""What is looked after by itself on the rosters, every few minutes: one call does it all.

Rules it keeps
    * Nothing is written where nothing has changed.

What it must not know
    Who calls it, and when.
"""

from __future__ import annotations

from responder.core.desk import Desk
from responder.core.rosters import handover, openings, swaps


def look(desk: Desk) -> None:
    """Tell of gaps ahead and of what nobody took, hand notes over, and drop what is over."""
    openings.look(desk)
    swaps.sweep(desk)
    handover.look(desk)
