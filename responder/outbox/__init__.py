"""The outbox: what was committed leaves, most urgent first, and its fate goes back on record.

`sending` holds the loop and the requests, `choosing` says what may leave now and which way,
`sorting` puts what comes in where it belongs, `mailbag` keeps it in order, `pacing` knows what a
channel bears, `erasing` takes messages back.
"""

from __future__ import annotations

from responder.outbox.sending import Attach, Desk, Outbox, Records, Timer

__all__ = ["Attach", "Desk", "Outbox", "Records", "Timer"]
