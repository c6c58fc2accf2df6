"""The outbox: what was committed leaves, most urgent first, and its fate goes back on record.

`sending` holds the loop, `requesting` each request, `choosing` says what may leave now and which
way, `sorting` puts what comes in where it belongs, `mailbag` keeps it in order, `pacing` knows what
a channel bears, `envelopes` makes what a channel is given, `register` puts on record what became of
it, `erasing` takes messages back, `unopened` holds what lies sealed until somebody answers it.
`needs` are the shapes of what it is handed.
"""

from __future__ import annotations

from responder.outbox.needs import Attach, Desk, Records, Timer
from responder.outbox.sending import LINGER_S, Outbox

__all__ = ["LINGER_S", "Attach", "Desk", "Outbox", "Records", "Timer"]
