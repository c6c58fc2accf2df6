"""What a decision may look at besides its own incident: a read-only slice of the network.

Rules it keeps
    * Every answer is a pure function of the world at `at`; asking changes nothing.
    * Candidates come in the order in which they should be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from responder.core.barring import Barred
from responder.core.model import (
    Incident,
    IncidentId,
    Level,
    Limits,
    Neighbourhood,
    Person,
    PersonId,
    Place,
)
from responder.core.playbook import Playbook
from responder.core.trust import Vouchers


class View(Protocol):
    """The network, as a decision sees it."""

    @property
    def limits(self) -> Limits:
        """The network's own rules of care and trust."""

    def person(self, person: PersonId) -> Person | None:
        """The person's record, None where it has been forgotten."""

    def people(self, persons: Collection[PersonId]) -> tuple[Person, ...]:
        """Their records, in the given order; those forgotten are left out."""

    def level(self, person: PersonId) -> Level:
        """The level that counts now."""

    def playbook(self, digest: str) -> Playbook:
        """The resolved playbook that an incident opened with."""

    def neighbourhood(self, place: Place) -> Neighbourhood:
        """The neighbourhood of that id."""

    def today(self, place: Place, at: datetime) -> date:
        """The neighbourhood's own date at that instant."""

    def vouchers(self, people: Collection[Person]) -> Vouchers:
        """Who stands for each of these, counting only whose word counts."""

    def candidates(
        self, incident: Incident, whom: str, at: datetime, most: int | None = None
    ) -> Sequence[PersonId]:
        """Whom a wave may page now: nobody barred, nobody paged before who has not been thanked.

        The first `most` of them, all where that is None. `whom` is "neighbourhood", "adjacent" or
        "network" for who is on call there, or "offers" for who offered what is asked for, here
        before next door, on call or not. Ordered: those who had said yes before, then mixed
        newcomers and experienced, those paged least tonight first.
        """

    def barred(self, incident: Incident, person: PersonId, at: datetime) -> Barred | None:
        """Why law L3 forbids this person on this incident now; a page already sent is no reason."""

    def busy_in(self, person: PersonId) -> IncidentId | None:
        """The incident in whose team this person is."""

    def verifiers(self, incident: Incident, round: int, at: datetime) -> Sequence[PersonId]:
        """Who may be asked to verify in a round: on call here, on call, all, then coordinators.

        Nobody who reported it, who vouched for a reporter, or who has no private channel.
        """

    def may_verify(self, incident: Incident, person: PersonId) -> bool:
        """Whether this person's yes or no counts on this incident, as things stand now."""

    def independent(self, reporters: Sequence[PersonId], needed: int) -> bool:
        """Whether these reporters are enough who agree without depending on one member's word."""

    def coordinators(self, incident: Incident) -> Sequence[PersonId]:
        """The incident's coordinators: none who reported it or is kept apart from a reporter."""

    def stand_ins(self, incident: Incident) -> Sequence[PersonId]:
        """Who hears an alarm when no coordinator of the incident is left whom anything reaches.

        All coordinators and verifiers with a private channel, none of whom is or was in the team
        or speaks under duress.
        """

    def hears(self, person: PersonId) -> bool:
        """Whether anything reaches this person at all: an address that no platform calls dead."""

    def running(self, incident: Incident) -> Sequence[Incident]:
        """Other incidents that a report of this neighbourhood may be merged into, newest first."""
