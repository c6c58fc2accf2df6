"""A deterministic simulator of a whole network: people, platforms, faults, and every law.

What it is for
    Testing is a public product beside the core: the same code that runs at night is played
    through days and months of made-up trouble, and each law is looked at after every step.
    `History(a_night(seed)).run()` plays one; `responder simulate` does it for people.

Rules it keeps
    * One seed drives it all; the same seed gives the same history, byte for byte.
    * It knows the core alone. Storage and platforms are its own, made of what they promise.

What it must not know
    The clock, files, the network, how a result is shown.
"""

from __future__ import annotations

from responder.simulation.history import History
from responder.simulation.laws import Broken
from responder.simulation.plan import Plan, What, a_month, a_night
from responder.simulation.shrink import Shrunk, shrunk

__all__ = ["Broken", "History", "Plan", "Shrunk", "What", "a_month", "a_night", "shrunk"]
