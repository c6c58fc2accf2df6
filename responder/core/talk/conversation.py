"""A conversation with one person: who they are, where it stands, and how a report is told in it.

Rules it keeps
    * Whoever writes for the first time is a person from then on, known by an address alone.
    * Answers go back where the message came from.
    * A flood of unknown reporters is met with a kind word, and never opens more incidents than
      the network has set.

What it must not know
    Platforms, storage, the clock, and what a message means.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from msgspec.structs import replace

from responder.core import events
from responder.core.changes import Action, Draft
from responder.core.desk import Desk
from responder.core.effects import Why
from responder.core.model import (
    Address,
    Incident,
    IncidentId,
    Level,
    MessageId,
    Person,
    PersonId,
    Report,
    ReportId,
    State,
)
from responder.core.phrases import LANGUAGES, say
from responder.core.spoken import Inbound, Reply
from responder.core.talk import chat, intake, pleas

_MOST_UNKNOWN: Final = 20
"""Reports of unknown people that one incident takes; more of them tell a verifier nothing."""
_MOST_OPEN: Final = 2
"""Open reports of one person whom nobody vouches for: one account must not shut out the others."""
_TAKES_MORE: Final = frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT})


class Conversation:
    """One message on the desk: who said it, and where their conversation stands."""

    def __init__(self, desk: Desk, inbound: Inbound) -> None:
        self.desk = desk
        self.world = desk.world
        self.inbound = inbound
        self.first = False
        self.person = self._known() or self._newcomer()
        self.session = desk.session(self.person.id, inbound.channel)

    # --- who ------------------------------------------------------------------------------------

    def _known(self) -> Person | None:
        person = self.world.at_address(self.inbound.channel, self.inbound.handle)
        if person is None:
            return None
        here = (self.inbound.channel, self.inbound.handle)
        if any(a.dead and (a.channel, a.handle) == here for a in person.addresses):
            healed = tuple(
                replace(a, dead=False) if (a.channel, a.handle) == here else a
                for a in person.addresses
            )
            person = replace(person, addresses=healed)
            self.desk.put(person)
        return person

    def _newcomer(self) -> Person:
        self.first = True
        hint = self.inbound.language[:2].lower()
        person = Person(
            id=PersonId(self.desk.ids.next()),
            addresses=(Address(channel=self.inbound.channel, handle=self.inbound.handle),),
            language=hint if hint in LANGUAGES else self.world.network.languages[0],
            created_at=self.desk.at,
        )
        self.desk.put(person)
        return person

    @property
    def team(self) -> Incident | None:
        """The incident in whose team this person is."""
        busy_in = self.world.busy_in(self.person.id)
        return self.world.incidents.get(busy_in) if busy_in else None

    @property
    def reported(self) -> Incident | None:
        """The open incident that this person reported."""
        incident = self.world.incidents.get(self.session.incident or IncidentId(""))
        return incident if incident and incident.source(self.person.id) else None

    @property
    def unread(self) -> bool:
        """Whether nobody reads along, neither here nor where the notice of an answer goes."""
        channels = {self.inbound.channel, *(a.channel for a in self.person.addresses)}
        return channels <= self.world.private_channels

    # --- answering --------------------------------------------------------------------------------

    def reply(self, reply: Reply) -> MessageId:
        """Answer where they wrote."""
        return self.desk.reply(self.person, reply, self.inbound.channel)

    def say(self, what: Callable[..., Reply], *args: Any, **kwargs: Any) -> None:
        """Answer with one of `chat`'s replies, in this person's language."""
        self.reply(what(self.person.language, *args, **kwargs))

    def keep(self, **changes: Any) -> None:
        """Remember where the conversation stands."""
        self.session = replace(self.session, **changes)
        self.desk.put(self.session)

    def await_words(self, action: Action) -> None:
        """This press wants words: the next text of this person is its argument."""
        self.keep(awaiting=action, awaiting_since=self.desk.at)
        self.say(chat.awaiting_reply, action.verb)

    def happen(self, incident: IncidentId, event: events.Event) -> Why | None:
        """Let an event happen; where it changed nothing, say why."""
        refused = self.desk.apply(self.world.incidents.get(incident), event)
        if refused is not None:
            reply = chat.stale_reply(self.person.language, refused)
            self.desk.changes.press_note = reply.text
            if not self.inbound.token:
                self.reply(reply)
        return refused

    # --- a report ---------------------------------------------------------------------------------

    def tell(self, *, text: str = "", action: Action | None = None, anew: bool = False) -> None:
        """One step of the conversation in which a report is told."""
        draft = None if anew else self.session.draft
        said = intake.Said(
            at=self.desk.at,
            fresh_report=ReportId(self.desk.ids.next()),
            text=text,
            place=self.inbound.place,
            pin=self.inbound.pin,
            # A shared place comes with a picture of the map, which shows it to whoever gets it.
            media=() if self.inbound.pin else self.inbound.media,
            action=action,
            language=self.person.language,
            first=self.first,
            guessed=not self.person.language_chosen and not self.inbound.language,
        )
        turn = intake.step(draft, said, self.book)
        self._let_go_of(self.session.draft, turn.draft)
        self.keep(draft=turn.draft, last_text=text)
        before = len(self.desk.changes.messages)
        opens = turn.draft is not None and _to_open(turn.draft)
        if turn.draft and opens and not self._open(turn.draft, anew=anew):
            return
        opening = self.desk.changes.messages[before:]
        del self.desk.changes.messages[before:]
        self._ask(self._passed_on(turn, text) or turn.replies)
        # "Your message has arrived" is read first, then what became of it.
        self.desk.changes.messages += opening
        if not opens:
            self._enrich(turn)

    def _let_go_of(self, former: Draft | None, draft: Draft | None) -> None:
        """What was begun before and never became a report goes, with the pictures sent for it."""
        if former is None or former.incident is not None:
            return
        if draft is None or draft.report != former.report:
            pleas.over(self.desk, former.report)
            self.desk.destroy(f"report:{former.report}")

    def _passed_on(self, turn: intake.Turn, text: str) -> tuple[Reply, ...]:
        """While a coordinator reads along, words that fit no kind go there, and no question back.

        What became a report after all is no coordinator's question any more.
        """
        plea = pleas.of(self.world, self.person.id)
        if plea is None or turn.draft is None or plea.report != turn.draft.report:
            return ()
        if turn.draft.incident is not None or _to_open(turn.draft):
            pleas.over(self.desk, plea.report)
        elif text and not turn.draft.kind and pleas.more(self.desk, self.person, text):
            language = self.person.language
            line = chat.emergency_line(self.world.network, language)
            return (Reply(text=f"{say(language, 'plea.passed')}\n\n{line}"),)
        return ()

    def _ask(self, replies: tuple[Reply, ...]) -> None:
        """One question at a time: the numbers of the last one are free again."""
        if self.session.question and replies:
            self.desk.asking.close(self.session.question)
        question = None
        for reply in replies:
            question = self.reply(reply)
        self.keep(question=question)

    def _enrich(self, turn: intake.Turn) -> None:
        """What was told after the incident opened goes to it."""
        reported, told = self.reported, turn.added
        if reported and told is not None:
            added = events.Added(
                at=self.desk.at,
                by=self.person.id,
                text=told.text,
                place=told.place,
                pin=told.pin,
                media=told.media,
                wants=told.wants,
            )
            self.desk.apply(reported, added)
            if turn.draft and turn.draft.report in self.world.reports:
                self.desk.put(self._report(turn.draft, reported.id))
        reported = self.reported
        if reported and turn.follow_up is not None:
            wanted = events.FollowUpWanted(
                at=self.desk.at, by=self.person.id, wanted=turn.follow_up
            )
            self.desk.apply(reported, wanted)

    @property
    def book(self) -> intake.Book:
        """What the conversation looks things up in."""
        gazetteer = self.world.gazetteer()
        return intake.Book(
            playbooks=tuple(self.world.playbooks.values()),
            places=gazetteer.places,
            network=self.world.network,
            gazetteer=gazetteer,
        )

    def _open(self, draft: Draft, *, anew: bool) -> bool:
        """Open the incident, or join the running one; False where a flood keeps it out."""
        report = self._report(draft, IncidentId(""))
        known = self.world.level(self.person.id).rank >= Level.KNOWN.rank
        if not known and self._open_reports() >= _MOST_OPEN:
            self.reply(chat.limit_reply(self.person.language, self.world.network))
            return False
        running = None if anew and known else self._same(report)
        if running is not None and not known and _crowded(running):
            self.reply(chat.busy_reply(self.person.language, self.world.network))
            return False
        if running is not None and self.desk.join(report, running) is None:
            incident = running
            if all(s.report != report.id for s in self.world.incidents[running.id].sources):
                # Somebody of its team: the words went to the others, and nothing else is kept.
                self.desk.destroy(f"report:{report.id}")
                self.keep(draft=None, question=None)
                self.say(chat.noted_reply)
                return False
        elif not known and self._flooded():
            # The draft is kept: the next message tries again.
            self.reply(chat.busy_reply(self.person.language, self.world.network))
            return False
        else:
            incident = self.desk.open(report)
        self.keep(incident=incident.id, draft=replace(draft, incident=incident.id))
        return True

    def _report(self, draft: Draft, incident: IncidentId) -> Report:
        return intake.report_of(
            draft,
            reporter=self.person.id,
            incident=incident,
            at=self.desk.at,
            channel=self.inbound.channel,
        )

    def _open_reports(self) -> int:
        """How many incidents that are not over this person reported."""
        return sum(
            i.state in _TAKES_MORE and i.source(self.person.id) is not None
            for i in self.world.docket.of(self.person.id)
        )

    def _same(self, report: Report) -> Incident | None:
        """The open incident of that kind in that neighbourhood, if it began lately enough."""
        within = timedelta(seconds=self.world.playbooks[report.kind].join_within_s)
        same = [
            i
            for i in self.world.docket.open_at(report.neighbourhood)
            if i.state in _TAKES_MORE
            and i.kind == report.kind
            and not i.drill
            and self.desk.at - i.opened_at <= within
            and i.source(self.person.id) is None
        ]
        return max(same, key=lambda i: i.opened_at, default=None)

    def _flooded(self) -> bool:
        held = sum(
            all(s.level is Level.UNKNOWN for s in i.sources) for i in self.world.docket.held()
        )
        return held >= self.world.limits.unknown_held


def _crowded(incident: Incident) -> bool:
    """Whether more unknown people reported this than anybody can read."""
    return sum(s.level is Level.UNKNOWN for s in incident.sources) >= _MOST_UNKNOWN


def _to_open(draft: Draft) -> bool:
    """Whether this draft says enough for an incident, and there is none yet."""
    return bool(draft.kind and draft.neighbourhood) and draft.incident is None
