"""The network's desk: one input worked off, every effect of it turned into records and messages.

What it is for
    `incident.decide` says what shall be done; here it becomes the content of one transaction
    (`Changes`), and memory follows at once, so that what comes later in the same input sees it.

Rules it keeps
    * One input, one `Desk`, one transaction. If the transaction fails, memory is built anew.
    * Ids and tokens come from the input's own nonce: the same input gives the same changes.

What it must not know
    Storage, channels, the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from msgspec.structs import replace

from responder.core import answers, cards, effects, events
from responder.core import incident as incidents
from responder.core.asking import Asking
from responder.core.changes import Action, AuditLine, Changes, Session, Stored, StoryLine, Tally
from responder.core.effects import Card, Effect, Ignored, Tell, Why
from responder.core.events import Event
from responder.core.ids import Ids
from responder.core.messages import Message, Urgency
from responder.core.model import (
    Board,
    Care,
    Incident,
    IncidentId,
    MessageId,
    Person,
    PersonId,
    Report,
    ReportId,
    Role,
    State,
)
from responder.core.phrases import say
from responder.core.spoken import WORK, Offer, Reply
from responder.core.world import World

_OVER: Final = frozenset({State.AFTERCARE, State.CLOSED})
_KEPT_PAGES: Final = timedelta(days=2)
_ANSWER_LASTS: Final = timedelta(hours=1)
"""After that long an answer in a conversation answers nothing any more."""

_BRIEF: Final = Card.BRIEF
_TELLS_PLACE: Final = frozenset({Card.BRIEF, Card.TEAM_CHANGED, Card.GO, Card.MEDIA})

_QUOTES: Final = frozenset(
    {
        Card.BRIEF,
        Card.TEAM_CHANGED,
        Card.UPDATE,
        Card.MEDIA,
        Card.VERIFY,
        Card.VERIFY_MORE,
        Card.VERIFY_MEDIA,
        Card.BOARD,
        Card.BOARD_MEDIA,
    }
)

_CLOSES_WORK: Final = frozenset(
    {
        Card.ENOUGH,
        Card.WAITING,
        Card.RELEASED,
        Card.BRIEF,
        Card.GO,
        Card.CONTROLS,
        Card.HOLD_BACK,
        Card.NUDGE,
        Card.LEAVE,
        Card.STAND_DOWN,
        Card.THANKS,
        Card.DROPPED,
        Card.LEFT,
        Card.BACK,
    }
)


class Desk:
    """One input on the desk."""

    def __init__(self, world: World, at: datetime, nonce: bytes) -> None:
        self.world = world
        self.at = at
        self.ids = Ids(nonce)
        self.changes = Changes()
        self.asking = Asking(world, self.changes, self.ids, at)

    # --- records --------------------------------------------------------------------------------

    def put(self, record: Stored) -> None:
        """Store a record, and let memory follow."""
        self.changes.put(record)
        self.world.put(record)

    def delete(self, record: Stored) -> None:
        """Remove a record, here and in memory."""
        self.changes.delete(record)
        self.world.delete(record)

    def destroy(self, key: str) -> None:
        """Destroy a key and with it all that is sealed under it."""
        self.changes.destroyed.append(key)

    def audit(
        self, verb: str, about: str = "", by: PersonId | None = None, detail: str = ""
    ) -> None:
        """Write a line into the audit; ids and the program's own words only (`AuditLine`)."""
        line = AuditLine(at=self.at, verb=verb, by=by, about=about, detail=detail)
        self.changes.audit.append(line)

    # --- incidents ------------------------------------------------------------------------------

    def open(self, report: Report, *, drill: bool = False) -> Incident:
        """A report opens an incident of its own, on today's playbook of its kind."""
        id = IncidentId(self.ids.next())
        playbook, digest = self.world.edition(report.kind)
        report = replace(report, incident=id)
        self.put(report)
        filed = events.Filed(
            at=self.at,
            incident=id,
            code=self.ids.code(self.world.docket.coded),
            report=report,
            playbook=digest,
            schema=playbook.schema_version,
            drill=drill,
        )
        self.apply(None, filed)
        return self.world.incidents[id]

    def join(self, report: Report, incident: Incident, *, confirmed: bool = False) -> Why | None:
        """A report joins an incident; None when it did, else why it changed nothing."""
        report = replace(report, incident=incident.id)
        refused = self.apply(
            incident, events.Joined(at=self.at, report=report, confirmed=confirmed)
        )
        if refused is None:
            self._settle_joined(report)
        return refused

    def _settle_joined(self, report: Report) -> None:
        """Keep a report that became one of the incident's; else its words live on there alone.

        Somebody who had reported it before, or is in its team, only added to it: then nothing
        would ever forget the second report.
        """
        incident = self.world.incidents[report.incident]
        if any(s.report == report.id for s in incident.sources):
            self.put(report)
        elif report.id in self.world.reports:
            self.forget_report(report.id)

    def apply(self, incident: Incident | None, event: Event) -> Why | None:
        """Let an event happen; None when something changed, else why nothing did."""
        decision = incidents.decide(incident, event, self.world)
        if isinstance(decision, Ignored):
            return decision.reason
        after = decision.incident
        self.put(after)
        playbook = self.world.playbook(after.playbook)
        faces = cards.Faces(after, playbook, self.world, self.world.network)
        for effect in decision.effects:
            self._effect(after, effect, faces)
        if after.state in _OVER and (incident is None or incident.state is not after.state):
            self._conversations_over(after)
        return None

    def _effect(self, incident: Incident, effect: Effect, faces: cards.Faces) -> None:
        match effect:
            case Tell():
                self._tell(incident, effect, faces)
            case effects.Withdraw():
                self.changes.withdrawn.append(effect.message)
                self.asking.close(effect.message)
            case effects.Recall():
                self.changes.recalled.append(effect.message)
            case effects.Assign():
                self.changes.assigned.append((effect.person, incident.id))
                self.world.assign(effect.person, incident.id)
            case effects.Release():
                taken = (effect.person, incident.id)
                if taken in self.changes.assigned:
                    # Taken and let go in one transaction: on disk the letting go comes first.
                    self.changes.assigned.remove(taken)
                self.changes.released.append((effect.person, incident.id))
                self.world.release(effect.person, incident.id)
            case effects.Paged():
                self._paged(effect.person)
            case effects.Rest():
                self._rest(effect)
            case effects.Handover():
                self._hand_over(effect)
            case effects.ForgetReport():
                self.forget_report(effect.report)
            case effects.Shred():
                self.shred(incident)
            case effects.Remember():
                line = StoryLine(
                    id=self.ids.next(),
                    incident=incident.id,
                    at=self.at,
                    name=effect.name,
                    about=effect.about,
                    by=effect.by,
                    detail=effect.detail,
                )
                self.changes.put(line)
            case effects.Finished():
                self._count(incident, effect)
            case _:
                assert_never(effect)

    def _paged(self, person: PersonId) -> None:
        care = self.world.cares.get(person) or Care(person=person)
        recent = tuple(at for at in care.paged_at if self.at - at < _KEPT_PAGES)
        self.put(replace(care, paged_at=(*recent, self.at)))

    def _rest(self, rest: effects.Rest) -> None:
        if rest.person not in self.world.everybody:
            return  # they went, and are forgotten by now: nothing is kept of them
        care = self.world.cares.get(rest.person) or Care(person=rest.person)
        until = max(care.rest_until or rest.until, rest.until)
        hard = care.hard_calls + int(rest.hard)
        self.put(replace(care, rest_until=until, hard_calls=hard))

    def _hand_over(self, effect: effects.Handover) -> None:
        report = self.world.reports.get(effect.report)
        target = self.world.incidents.get(effect.into)
        if report is None:
            return
        if target is None or self.join(report, target, confirmed=effect.confirmed) is not None:
            target = self.open(report)
        session = self.world.sessions.get(report.reporter)
        if session and session.incident == report.incident:
            draft = session.draft and replace(session.draft, incident=target.id)
            self.put(replace(session, incident=target.id, draft=draft))

    def forget_report(self, report_id: ReportId) -> None:
        """Destroy a report with its key, and the conversation that it came from."""
        report = self.world.reports.get(report_id)
        self.destroy(f"report:{report_id}")
        if report is None:
            return
        self.changes.hushed.append(report.incident)
        self.delete(report)
        session = self.world.sessions.get(report.reporter)
        if session and session.draft and session.draft.report == report_id:
            self.put(replace(session, draft=None, incident=None, last_text=""))

    def shred(self, incident: Incident) -> None:
        """Destroy an incident with its reports, its open questions and its key."""
        for source in incident.sources:
            self.forget_report(source.report)
        self.asking.close_about(incident.id)
        self.delete(incident)
        self.destroy(f"incident:{incident.id}")

    def _conversations_over(self, incident: Incident) -> None:
        """Whoever reported it may begin something new; where it was is not kept any longer."""
        for source in incident.sources:
            report = self.world.reports.get(source.report)
            if report is not None and (report.place or report.pin):
                self.put(replace(report, place="", pin=None))
            session = self.world.sessions.get(source.reporter)
            if session and session.incident == incident.id:
                # A draft of something new that was begun meanwhile goes on.
                other = session.draft if session.draft and not session.draft.incident else None
                self.put(replace(session, incident=None, draft=other, last_text=""))

    def _count(self, incident: Incident, effect: effects.Finished) -> None:
        year, week, _ = incident.opened_at.isocalendar()
        minutes = None
        if incident.teamed_at:
            minutes = round((incident.teamed_at - incident.opened_at).total_seconds() / 60)
        tally = Tally(
            id=self.ids.next(),
            kind=incident.kind,
            neighbourhood=incident.neighbourhood,
            week=f"{year}-W{week:02}",
            outcome=effect.outcome.value,
            minutes_to_team=minutes,
        )
        self.changes.put(tally)
        zone = self.world.neighbourhood(incident.neighbourhood).time_zone
        playbook = self.world.playbook(incident.playbook)
        for sums in answers.noted(incident, playbook, self.at, zone, self.world.settings):
            self.put(sums)

    def bring_board(self, incident: Incident, reader: Person) -> None:
        """A coordinator's overview comes anew, at the end of the chat; the older one goes."""
        for board in incident.boards:
            if board.person == reader.id:
                self.asking.close(board.message)
                self.changes.recalled.append(board.message)
        board = Board(person=reader.id, message=MessageId(self.ids.next()))
        others = tuple(b for b in incident.boards if b.person != reader.id)
        after = replace(incident, boards=(*others, board))
        self.put(after)
        playbook = self.world.playbook(after.playbook)
        faces = cards.Faces(after, playbook, self.world, self.world.network)
        self._tell(after, Tell(to=reader.id, card=Card.BOARD, message=board.message), faces)

    # --- messages ---------------------------------------------------------------------------------

    def ask(self, message: Message, rows: tuple[tuple[Offer, ...], ...]) -> None:
        """Send a message that belongs to no incident, with what can be answered under it."""
        choices = self.asking.ask(rows, message.to, message.id, message.sealed_under)
        self.changes.messages.append(replace(message, rows=choices))

    def _tell(self, incident: Incident, tell: Tell, faces: cards.Faces) -> None:
        reader = self.world.person(tell.to)
        if reader is None:
            return
        face = faces.face(tell, reader)
        card = tell.card
        key = f"incident:{incident.id}"
        anchor = tell.replaces or tell.message
        if card in _CLOSES_WORK:
            # A brief is confirmed under itself: the button of an older one says nothing of it (L1).
            again = card is not Card.BRIEF
            still = {offer.action for row in face.rows for offer in row if again}
            self._close_work(reader.id, incident.id, still)
        rows = self.asking.ask(face.rows, reader.id, anchor, key)
        session = self.world.sessions.get(reader.id)
        message = Message(
            id=tell.message,
            to=reader.id,
            card=str(card),
            text=face.text,
            notice=face.notice,
            open=face.open,
            channel=session.channel if session and face.open else "",
            created_at=self.at,
            sealed_under=key,
            incident=incident.id,
            urgency=face.urgency,
            rows=rows,
            media=tell.media,
            expires_at=tell.expires_at,
            replaces=tell.replaces,
            thread=face.thread,
            silent=face.silent,
            watched=face.watched,
            quotes=card in _QUOTES,
            place=incident.place if card is _BRIEF else "",
            pin=incident.pin if card is _BRIEF else None,
            needs_team=card in _TELLS_PLACE or tell.params.get("what") in ("text", "mate"),
        )
        self.changes.messages.append(message)

    def reply(self, to: Person, reply: Reply, channel: str) -> MessageId:
        """Answer in a conversation, where it was begun."""
        message = MessageId(self.ids.next())
        key = f"person:{to.id}"
        session = self.world.sessions.get(to.id)
        known = to.member or (session is not None and session.incident is not None)
        self.changes.messages.append(
            Message(
                id=message,
                to=to.id,
                card="reply",
                text=reply.text,
                notice=reply.notice,
                open=not reply.sealed,
                channel=channel,
                only=not reply.sealed,
                created_at=self.at,
                expires_at=self.at + _ANSWER_LASTS,
                sealed_under=key,
                urgency=Urgency.NEWS if known else Urgency.QUIET,
                rows=self.asking.ask(reply.rows, to.id, message, key),
                ask_place=reply.ask_place,
            )
        )
        return message

    def tell_coordinators(self, key: str, **params: object) -> None:
        """A short word to every coordinator that belongs to no incident; `key` as in `phrases`."""
        coordinators = self.world.with_role(Role.COORDINATOR)
        for person in sorted(coordinators, key=lambda p: p.call_sign.casefold()):
            text = say(person.language, f"desk.{key}", **params)
            notice = say(person.language, "desk.notice")
            self.reply(person, Reply(text=text, notice=notice, sealed=True), "")

    def _close_work(self, reader: PersonId, incident: IncidentId, still: set[Action]) -> None:
        """What a responder could answer before and cannot any more."""
        self.asking.close_where(
            self.world.questions.of(reader),
            lambda p: (
                p.action.incident == incident and p.action.verb in WORK and p.action not in still
            ),
        )

    # --- people -----------------------------------------------------------------------------------

    def session(self, person: PersonId, channel: str) -> Session:
        """Where the conversation with this person stands."""
        return self.world.sessions.get(person) or Session(person=person, channel=channel)

    def person_gone(self, person: PersonId) -> None:
        """Whoever cannot carry anything any more is taken out of every incident."""
        for incident in tuple(self.world.incidents.values()):
            if incident.state is not State.CLOSED:
                self.apply(incident, events.PersonGone(at=self.at, person=person))

    def parted(self, one: PersonId, other: PersonId) -> None:
        """Two who are to be kept apart from now on meet in no incident that runs already."""
        for incident in tuple(self.world.incidents.values()):
            if incident.state is not State.CLOSED:
                self.apply(incident, events.Parted(at=self.at, one=one, other=other))
