"""Decisions alone, under every kind of trouble: `incident.decide` over a real `World`, no words.

What it is for
    The full simulator plays some twenty incidents a second, since it writes every word that people
    are sent. Here only what is decided is played and looked at, fast enough for a million.
    `Rush(a_rush(seed)).run()` plays one town whose incidents compete for the same people.

Rules it keeps
    * As in the full simulator: one seed drives it all, and the laws reckon for themselves.
    * Each effect is carried out at once: platforms, the outbox and the disk are played elsewhere.

What it must not know
    Words, channels beyond their names, storage.
"""

from __future__ import annotations

from responder.simulation.decisions.rush import Rush, a_rush

__all__ = ["Rush", "a_rush"]
