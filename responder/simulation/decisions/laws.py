"""Every law over decisions: what must have held before an effect is noted, and what after."""

from __future__ import annotations

from responder.simulation.decisions import people, team_laws, trust_laws
from responder.simulation.decisions.ledger import Ledger, Look

_AFTER = (*team_laws.STEP, *trust_laws.STEP)
_TOLD = {
    card: (*team_laws.TELLS.get(card, ()), *trust_laws.TELLS.get(card, ()))
    for card in {*team_laws.TELLS, *trust_laws.TELLS}
}


class Laws(Ledger):
    """The ledger of one rush, and every law over it."""

    def after(self, look: Look) -> None:
        """Every law, after every decision: L3 against what was known before it."""
        if look.before is None:
            self.stamps[look.after.id] = (look.after.playbook, look.after.schema)
        for law in people.STEP:
            self.rule = law.__name__
            law(self, look)
        for tell in look.tells:
            for of_tell in people.TELLS.get(tell.card, ()):
                self.rule = of_tell.__name__
                of_tell(self, look, tell)
                self.checked += 1
        self.note(look)
        for law in _AFTER:
            self.rule = law.__name__
            law(self, look)
        for tell in look.tells:
            for of_tell in _TOLD.get(tell.card, ()):
                self.rule = of_tell.__name__
                of_tell(self, look, tell)
                self.checked += 1
        self.checked += len(people.STEP) + len(_AFTER)

    def at_the_end(self) -> None:
        """What must hold once nothing can happen any more."""
        for law in (*team_laws.LAST, *people.LAST):
            self.rule = law.__name__
            law(self)
            self.checked += 1
