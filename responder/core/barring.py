"""Whom law L3 forbids to page for an incident, and why.

Rules it keeps
    * The first reason that holds is the one given, in the order of `Barred`.
    * What is the same for everybody is reckoned once: in a large network thousands are looked at
      before somebody is found who may be paged.

What it must not know
    How an incident goes on, channels, and where the records are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from responder.core.model import Care, Level, Limits, Person, Role
from responder.core.pairing import trained
from responder.core.roster import local_date, past_limit

_BLOCKED: Final = Level.BLOCKED
_RESPONDER: Final = Role.RESPONDER


class Barred(StrEnum):
    """Why somebody must not be paged for an incident; in the order in which reasons are given."""

    REMOVED = "removed"
    BLOCKED = "blocked"
    NOT_RESPONDER = "not-responder"
    REPORTER = "reporter"
    KEEP_APART = "keep-apart"
    NO_CONSENT = "no-consent"
    NO_PRIVATE_CHANNEL = "no-private-channel"
    TRAINING = "training"
    BUSY = "busy"
    OFF_CALL = "off-call"
    RESTING = "resting"
    LIMIT = "limit"
    ALREADY_PAGED = "already-paged"


class Bars:
    """Law L3 for one incident at one moment.

    `training` are the names that the playbook asks for, good through their last local day;
    `reporters` and `team` are the incident's.
    """

    def __init__(
        self,
        *,
        at: datetime,
        training: Iterable[str],
        reporters: Collection[Person],
        team: Collection[Person],
        limits: Limits,
        time_zone: str,
    ) -> None:
        self._at = at
        self._today = local_date(at, time_zone)
        self._training = tuple(training)
        self._reporters = {person.id for person in reporters}
        others = (*reporters, *team)
        self._others = {person.id for person in others}
        self._shun = {shunned for person in others for shunned in person.keep_apart}
        self._limits = limits
        self._time_zone = time_zone

    def why(
        self,
        person: Person,
        *,
        level: Level,
        care: Care | None,
        on_call: bool,
        busy: bool,
        private: bool,
        already_paged: bool = False,
    ) -> Barred | None:
        """Why this person must not be paged now, or None.

        `private` says whether they have an end-to-end private channel; `care` None is somebody
        who was never paged.
        """
        never = self._never_with(person, level, private)
        if never is not None:
            return never
        if not trained(person, self._training, self._today):
            return Barred.TRAINING
        if busy:
            return Barred.BUSY
        care = care or Care(person=person.id)
        # Rest comes before being off call: an answer to an old page is let in from off call only.
        if care.rest_until is not None and self._at < care.rest_until:
            return Barred.RESTING
        if not on_call:
            return Barred.OFF_CALL
        if past_limit(person, care, self._at, self._limits, self._time_zone):
            return Barred.LIMIT
        return Barred.ALREADY_PAGED if already_paged else None

    def _never_with(self, person: Person, level: Level, private: bool) -> Barred | None:
        if person.removed:
            return Barred.REMOVED
        if _BLOCKED in (level, person.granted):
            return Barred.BLOCKED
        if not person.has(_RESPONDER):
            return Barred.NOT_RESPONDER
        if person.id in self._reporters:
            return Barred.REPORTER
        # A rule of either of two people keeps them apart.
        if person.id in self._shun or not self._others.isdisjoint(person.keep_apart):
            return Barred.KEEP_APART
        if not person.agreed:
            return Barred.NO_CONSENT
        return None if private else Barred.NO_PRIVATE_CHANNEL
