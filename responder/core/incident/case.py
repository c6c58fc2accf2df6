"""The working copy of one incident while one decision is made.

What it is for
    The rooms of the incident (`verification`, `recruiting`, `response`, `closing`) share this:
    the changed incident, the effects so far, and the few moves that all of them make.

Rules it keeps
    * One decision, one `Case`; the incident that came in is never touched.
    * A state changes only along `MOVES`; anything else is our own bug and raises.
    * News goes to a reporter once; an unconfirmed reporter learns nothing of a response.

What it must not know
    Words, channels, storage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from msgspec.structs import replace

from responder.core import pairing
from responder.core.effects import (
    AlarmKind,
    Assign,
    Card,
    Effect,
    Release,
    Remember,
    Tell,
    Withdraw,
)
from responder.core.model import (
    Alarm,
    Board,
    Call,
    CallState,
    Incident,
    Mate,
    Media,
    MediaKind,
    MessageId,
    Person,
    PersonId,
    Report,
    Source,
    State,
    Words,
)
from responder.core.view import View

MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.HELD: frozenset({State.PAGING, State.CLOSED}),
    State.PAGING: frozenset({State.BRIEFING, State.LEAVING, State.AFTERCARE, State.CLOSED}),
    State.BRIEFING: frozenset(
        {State.OUT, State.PAGING, State.LEAVING, State.AFTERCARE, State.CLOSED}
    ),
    State.OUT: frozenset({State.PAGING, State.LEAVING, State.AFTERCARE, State.CLOSED}),
    State.LEAVING: frozenset({State.AFTERCARE, State.CLOSED}),
    State.AFTERCARE: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}
"""The transition table: where an incident may go from where it stands."""

SHORT_LIVED: Final = frozenset(
    {
        *(Card.BRIEF, Card.TEAM_CHANGED, Card.UPDATE, Card.MEDIA, Card.ALARM),
        *(Card.VERIFY_MORE, Card.VERIFY_MEDIA, Card.BOARD_MEDIA, Card.DEBRIEF),
    }
)
"""Cards that tell what nobody needs once the response is over; after its end, once its words go."""

FOR_EVERYBODY: Final = frozenset(
    {Card.HELD, Card.JOINED, Card.QUESTION, Card.EXPIRED, Card.OVER, Card.REPORTER_BACK}
)
"""News that a reporter may hear whose report nobody confirmed: it tells nothing of a response."""


def after(at: datetime, seconds: float) -> datetime:
    """The instant that many seconds later."""
    return at + _span(seconds)


@lru_cache(maxsize=256)
def _span(seconds: float) -> timedelta:
    """Playbooks name few lengths of time, and making one costs more than adding it."""
    return timedelta(seconds=seconds)


class Case:
    """One incident on the table: what it has become so far, and what is to follow."""

    def __init__(self, incident: Incident, at: datetime, view: View) -> None:
        self.incident = incident
        self.at = at
        self.view = view
        self.playbook = view.playbook(incident.playbook)
        self.effects: list[Effect] = []
        self._said = incident.said
        self._sound: dict[tuple[PersonId, ...], bool] = {}

    # --- the incident ---------------------------------------------------------------------------

    def set(self, **changes: Any) -> None:
        """Replace fields of the incident; a state may only move along `MOVES`."""
        if "state" in changes:
            old, new = self.incident.state, changes["state"]
            if new is not old and new not in MOVES[old]:
                raise AssertionError(f"no way from {old} to {new}")
        self.incident = replace(self.incident, **changes)

    def settled(self) -> Incident:
        """What the incident has become, with all that it has said counted."""
        if self._said != self.incident.said:
            self.incident = replace(self.incident, said=self._said)
        return self.incident

    def later(self, seconds: float) -> datetime:
        """The instant that many seconds after this decision."""
        return self.at + _span(seconds)

    def set_mate(self, mate: Mate) -> None:
        """Put this team member in place of the one of the same person."""
        person, incident = mate.person, self.incident
        team = tuple([mate if m.person == person else m for m in incident.team])
        self.incident = replace(incident, team=team)

    def set_call(self, call: Call) -> None:
        """Put this call in place of the one with the same message."""
        message, incident = call.message, self.incident
        calls = tuple([call if c.message == message else c for c in incident.calls])
        self.incident = replace(incident, calls=calls)

    def calls(self, *states: CallState) -> tuple[Call, ...]:
        """The calls in these states, in order of paging."""
        return tuple([c for c in self.incident.calls if c.state in states])

    def people(self, mates: tuple[Mate, ...]) -> tuple[Person, ...]:
        """The records of these members."""
        return self.view.people([m.person for m in mates])

    def sound(self, mates: tuple[Mate, ...]) -> bool:
        """Whether these members, by themselves, may be out together: two at least."""
        named = tuple([m.person for m in mates])
        known = self._sound.get(named)
        if known is None:
            # Neither people nor playbook change while one decision is made.
            known = self._sound[named] = self._is_sound(named)
        return known

    def _is_sound(self, named: tuple[PersonId, ...]) -> bool:
        people = self.view.people(named)
        reason = pairing.sound(
            people,
            self.playbook.team,
            at_least=2,
            today=self.view.today(self.incident.neighbourhood, self.at),
            vouchers=self.view.vouchers(people),
        )
        return len(people) == len(named) and reason is None

    # --- effects ------------------------------------------------------------------------------

    def do(self, effect: Effect) -> None:
        """One more effect."""
        self.effects.append(effect)

    def remember(
        self,
        name: str,
        *,
        about: PersonId | None = None,
        by: PersonId | None = None,
        detail: str = "",
    ) -> None:
        """One line for the story."""
        self.effects.append(Remember(name=name, about=about, by=by, detail=detail))

    def tell(
        self,
        to: PersonId,
        card: Card,
        *,
        params: Mapping[str, str] | None = None,
        about: PersonId | None = None,
        replaces: MessageId | None = None,
        media: tuple[Media, ...] = (),
        expires_at: datetime | None = None,
    ) -> MessageId:
        """One more message; its id is the incident's next number."""
        message = MessageId(f"{self.incident.id}.{self._said}")
        self._said += 1
        if card in SHORT_LIVED:
            incident = self.incident
            self.incident = replace(incident, served=(*incident.served, message))
        self.effects.append(
            Tell(
                to=to,
                card=card,
                message=message,
                params=dict(params) if params else {},
                about=about,
                replaces=replaces,
                media=media,
                expires_at=expires_at,
            )
        )
        return message

    def tell_team(
        self,
        card: Card,
        *,
        but: PersonId | None = None,
        about: PersonId | None = None,
        **params: str,
    ) -> None:
        """The same message to every active member, except `but`."""
        for mate in self.incident.active:
            if mate.person != but:
                self.tell(mate.person, card, params=params, about=about)

    def show(self, to: PersonId, card: Card, media: tuple[Media, ...]) -> None:
        """Pictures and voice under a card of their own, so that no words wait for them."""
        if not media:
            return
        shown = tuple(m for m in media if m.kind is not MediaKind.VIDEO)  # refused at the door
        if shown:
            self.tell(to, card, media=shown)

    @property
    def told_media(self) -> tuple[Media, ...]:
        """Pictures and voice of all reports that stand: for who may read those words (L4)."""
        gone = {s.report for s in self.incident.sources if s.gone}
        return tuple(m for w in self.incident.words if w.report not in gone for m in w.media)

    def assign(self, person: PersonId) -> None:
        """This person is taken by this incident."""
        self.do(Assign(person=person))

    def release(self, person: PersonId) -> None:
        """This person is free."""
        self.do(Release(person=person))

    # --- reporters ------------------------------------------------------------------------------

    def news(self, card: Card, *, otherwise: Card | None = None, **params: str) -> None:
        """Tell every reporter who may know, once.

        A reporter whose report nobody confirmed hears only what tells nothing of a response:
        this card where it is one of those, else `otherwise`, else nothing.
        """
        told = list(self.incident.sources)
        for number, source in enumerate(told):
            mine = card if source.counts or card in FOR_EVERYBODY else otherwise
            if mine is not None and not source.gone and source.heard != mine:
                self.tell(source.reporter, mine, params=params)
                told[number] = replace(source, heard=str(mine))
        self.set(sources=tuple(told))

    def add_words(self, report: Report) -> None:
        """Take over all that a report says."""
        lines = [report.text, *self._answers(report)]
        text = "\n".join([line for line in lines if line])
        words = Words(
            report=report.id, text=text, place=report.place, pin=report.pin, media=report.media
        )
        self.set(words=(*self.incident.words, words))

    def _answers(self, report: Report) -> list[str]:
        """What was answered, each with its question."""
        if not report.answers:
            return []
        reporter = self.view.person(report.reporter)
        language = reporter.language if reporter else "en"
        asked = {q.id: q.ask.in_(language) for q in self.playbook.intake}
        return [f"{asked.get(a.question, a.question)} {a.text}" for a in report.answers]

    def add_source(self, source: Source) -> None:
        """One more reporter."""
        self.set(sources=(*self.incident.sources, source))

    def settle_place(self) -> None:
        """Choose the exact place: the newest word of the first report that counts and tells one.

        Whoever reports later adds words, and never moves a team somewhere else by themselves.
        While all wait to be verified, the first of all, for the verifiers' eyes; never
        afterwards: a report that nobody confirmed must not tell a team where to be.
        """
        incident = self.incident
        held = incident.state is State.HELD
        told = incident.team_words or (incident.words if held else ())
        placed = [w for w in told if w.place or w.pin]
        place, pin = "", None
        for words in placed:
            if words.report == placed[0].report:
                place, pin = words.place or place, words.pin or pin
        if place != incident.place or pin != incident.pin:
            self.set(place=place, pin=pin)

    # --- coordinators ---------------------------------------------------------------------------

    def open_boards(self) -> None:
        """From now on every coordinator of this incident sees it as one message."""
        have = {b.person for b in self.incident.boards}
        for person in self.view.coordinators(self.incident):
            if person not in have:
                message = self.tell(person, Card.BOARD)
                self.set(boards=(*self.incident.boards, Board(person=person, message=message)))
                self._show_beside_board(person, self.told_media)

    def show_on_boards(self, media: tuple[Media, ...]) -> None:
        """What a report adds to the overviews that are open: pictures and voice."""
        allowed = set(self.view.coordinators(self.incident))
        for board in self.incident.boards:
            if board.person in allowed:
                self._show_beside_board(board.person, media)

    def _show_beside_board(self, person: PersonId, media: tuple[Media, ...]) -> None:
        # Whoever is asked to verify it has the same pictures from there.
        if all(asked.person != person for asked in self.incident.verification.asked):
            self.show(person, Card.BOARD_MEDIA, media)

    def refresh_boards(self) -> None:
        """Bring every board up to what the incident has become, in place."""
        boards = self.incident.boards
        if not boards:
            return
        allowed = frozenset(self.view.coordinators(self.incident))
        shown = [b for b in boards if b.person in allowed]
        id, card, first = self.incident.id, Card.BOARD, self._said
        self._said += len(shown)
        self.effects += [
            Tell(to=b.person, card=card, message=MessageId(f"{id}.{n}"), replaces=b.message)
            for n, b in enumerate(shown, first)
        ]

    def tell_coordinators(
        self,
        card: Card,
        /,
        *,
        about: PersonId | None = None,
        but: Callable[[PersonId], bool],
        **params: str,
    ) -> None:
        """The same message to every coordinator of this incident, except where `but` says so."""
        for person in self.view.coordinators(self.incident):
            if not but(person):
                self.tell(person, card, params=params, about=about)

    def alarm(self, kind: AlarmKind, about: PersonId | None = None) -> None:
        """Raise an alarm that repeats until a coordinator settles it; once a kind and person."""
        if any(a.kind == kind and a.about == about for a in self.incident.alarms):
            return
        again_at = self.later(self.playbook.check_in.repeat_s)
        alarm = Alarm(kind=kind.value, about=about, again_at=again_at)
        self.set(alarms=(*self.incident.alarms, alarm))
        self.ring(alarm)

    def ring(self, alarm: Alarm) -> None:
        """Tell the coordinators of this alarm now.

        Of duress nobody near that person hears: neither they nor anybody in the team, nor whoever
        speaks under duress as well: others may be reading with them.
        """
        near = {m.person for m in self.incident.team}.union(
            self.incident.past, self.incident.duress
        )
        secret = alarm.kind == AlarmKind.DURESS
        params = {"kind": alarm.kind, "repeats": str(alarm.repeats)}
        heard = [
            person
            for person in self.view.coordinators(self.incident)
            if person != alarm.about and not (secret and person in near)
        ]
        for person in heard:
            self.tell(person, Card.ALARM, params=params, about=alarm.about)
        if any(person not in near and self.view.hears(person) for person in heard):
            return
        # No alarm rings in an empty room, nor for those alone who have a part in this and may not
        # settle it, or whom nothing reaches. Who only stands in learns no place and no words.
        for person in self.view.stand_ins(self.incident):
            if person != alarm.about and person not in heard:
                self.tell(person, Card.ALARM, params={**params, "bare": "yes"}, about=alarm.about)

    def silence(self, about: PersonId | None, *kinds: AlarmKind) -> None:
        """Take back alarms of these kinds about this person; None: about nobody in particular."""
        if not self.incident.alarms:
            return
        alarms = tuple(
            a for a in self.incident.alarms if not (a.about == about and a.kind in kinds)
        )
        if alarms != self.incident.alarms:
            self.set(alarms=alarms)

    # --- pages ----------------------------------------------------------------------------------

    def thank(self, call: Call, card: Card) -> None:
        """This page, or this acceptance, is not needed any more."""
        self.set_call(self._thanked(call, card))

    def _thanked(self, call: Call, card: Card) -> Call:
        self.do(Withdraw(message=call.message))
        if call.state is CallState.ACCEPTED:
            self.release(call.person)
            self.tell(call.person, card)
        else:
            self.tell(call.person, card, replaces=call.message)
        return replace(call, state=CallState.THANKED)

    def thank_all(self, card: Card, *, but: frozenset[PersonId] = frozenset()) -> None:
        """Nobody else is needed: every open page and every waiting acceptance is thanked."""
        waits = (CallState.PAGED, CallState.ACCEPTED)
        calls = [
            self._thanked(call, card) if call.state in waits and call.person not in but else call
            for call in self.incident.calls
        ]
        self.set(calls=tuple(calls))
