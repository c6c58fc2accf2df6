"""The network watches itself, and says so: to coordinators, to systemd, to whoever measures.

What it is for
    `Watch` looks every half minute for whom the rules have forgotten, mends what looking again
    can mend, and knows whether all is well. The rest of the room passes that on: `systemd`,
    `heartbeat`, and `site` with /health and /metrics.

Rules it keeps
    * Nothing in here can harm what it watches: each part fails by itself and in silence.
    * No name, place, address or word of anybody leaves this room; counts and sorts do.
"""

from responder.watching.ledger import Ledger
from responder.watching.parts import Parts
from responder.watching.watch import Watch

__all__ = ["Ledger", "Parts", "Watch"]
