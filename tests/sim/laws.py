"""The laws, each as a function that looks at one step, one leaving message, or the end of a night.

They reckon for themselves wherever they can (who is on call, who is trained, who may verify, what
agrees), and believe the incident's own record only for who stands in a team.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from responder.core import incident as incidents
from responder.core import roster, trust
from responder.core.changes import Message, key_of
from responder.core.events import AlarmKind, Card
from responder.core.model import (
    Incident,
    IncidentId,
    Level,
    Mate,
    MessageId,
    Outcome,
    Person,
    PersonId,
    Report,
    Role,
    Source,
    Stage,
    State,
)
from responder.core.spoken import Verb
from tests.sim.post import Left

if TYPE_CHECKING:
    from tests.sim.night import Night, Step

CANARY = re.compile(r"zq[wp]\d+x")
EDITION = re.compile(r"edition-\d+")
STANDS = frozenset({State.BRIEFING, State.OUT})
OPEN = frozenset({State.HELD, State.PAGING, State.BRIEFING, State.OUT, State.LEAVING})
REPORTER_CARDS = frozenset(
    {
        *(Card.HELD, Card.ASKED, Card.JOINED, Card.ON_THE_WAY, Card.THERE, Card.HAD_TO_LEAVE),
        *(Card.NOBODY, Card.OVER, Card.EXPIRED, Card.QUESTION, Card.FOLLOW_UP, Card.REPORTER_BACK),
    }
)
LAST_WORDS = {
    Outcome.NOBODY: (Card.NOBODY, Card.EXPIRED),
    Outcome.ENDED: (Card.NOBODY, Card.EXPIRED),
    Outcome.EXPIRED: (Card.EXPIRED,),
    Outcome.NOT_CONFIRMED: (Card.EXPIRED,),
    Outcome.RESPONDED: (Card.OVER,),
    Outcome.CANCELLED: (Card.OVER,),
}
TO_TEAM = frozenset({Card.BRIEF, Card.GO, Card.TEAM_CHANGED, Card.UPDATE, Card.MEDIA})
SECURITY = frozenset({Card.HOLD_BACK, Card.LEAVE, Card.STAND_DOWN})


class Laws:
    """What has been seen this night, and the laws over it."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.world = night.world
        self.briefs_read: set[tuple[PersonId, MessageId]] = set()
        self.told: defaultdict[tuple[IncidentId, PersonId], list[str]] = defaultdict(list)
        self.went: defaultdict[IncidentId, set[PersonId]] = defaultdict(set)
        self.signs: dict[tuple[IncidentId, PersonId], datetime] = {}
        self.reports: dict[str, tuple[PersonId, IncidentId]] = {}
        self.destroyed: set[str] = set()
        self.deleted: set[tuple[str, str]] = set()
        self.justified: set[IncidentId] = set()
        self.confirmed: set[tuple[IncidentId, PersonId]] = set()
        self.ids: set[MessageId] = set()
        self.shredded: set[IncidentId] = set()
        self.outcomes: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()

    def must(self, right: bool, law: str) -> None:
        """Stop the night where this law is broken."""
        if not right:
            raise self.night.broken(law)

    def after(self, step: Step) -> None:
        """Every law, after every step."""
        self._note(step)
        for incident in self._touched(step):
            for law in STATE_LAWS:
                law(self, incident)
        for law_of_step in STEP_LAWS:
            law_of_step(self, step)

    def leaving(self, left: Left) -> None:
        """Every law of the moment at which a message leaves."""
        for law in LEAVING_LAWS:
            law(self, left)

    def outage_over(self, at: datetime) -> None:
        """Silence of the network is nobody's silence."""
        for key in self.signs:
            self.signs[key] = at

    def at_the_end(self) -> None:
        """What must hold once nothing can happen any more."""
        for law in LAST_LAWS:
            law(self)

    def _touched(self, step: Step) -> Iterator[Incident]:
        for id, incident in self.world.incidents.items():
            if step.before.get(id) is not incident:
                yield incident

    def _note(self, step: Step) -> None:
        for record in step.changes.puts.values():
            if isinstance(record, Report):
                self.reports[record.id] = (record.reporter, record.incident)
        self.destroyed.update(step.changes.destroyed)
        for message in step.changes.messages:
            self.seen[message.card] += 1
            if message.incident is None:
                continue
            key = (message.incident, message.to)
            if message.replaces is None or message.card in SECURITY:
                self.told[key].append(message.card)
            if message.card == Card.GO:
                self.went[message.incident].add(message.to)
            if message.card in (Card.GO, Card.HOLD_BACK, Card.BACK, Card.LEAVE, Card.STAND_DOWN):
                self.signs[key] = step.at
        self._note_presses(step)

    def _note_presses(self, step: Step) -> None:
        if step.by is None:
            return
        self._note_accounts(step)
        for incident in step.before.values():
            mate = incident.mate(step.by)
            if mate is None:
                continue
            if step.pressed in (Verb.HAVE_IT, "reaction") and mate.brief is not None:
                self.briefs_read.add((step.by, mate.brief))
            now = self.world.incidents.get(incident.id)
            if now is not None and now.mate(step.by) not in (None, mate):
                self.signs[(incident.id, step.by)] = step.at
        if step.pressed == Verb.CONFIRM:
            for id, before in step.before.items():
                now = self.world.incidents.get(id)
                if before.state is State.HELD and now and now.state is not State.HELD:
                    self.confirmed.add((id, step.by))

    def _note_accounts(self, step: Step) -> None:
        """A coordinator who knows how somebody is has heard of them."""
        who = self.world.person(step.by) if step.by else None
        for id, before in step.before.items() if who and who.has(Role.COORDINATOR) else ():
            now = self.world.incidents.get(id)
            for mate in before.team:
                after = now.mate(mate.person) if now else None
                if after and not after.missed and after.due != mate.due:
                    self.signs[(id, mate.person)] = step.at

    # --- looking ----------------------------------------------------------------------------------

    def teller(self, canary: str) -> PersonId | None:
        """Who wrote this word, if that person is still on record."""
        handle = self.night.handles.get(self.night.canaries[canary])
        person = self.world.at_address(*handle) if handle else None
        return person.id if person else None

    def people(self, mates: tuple[Mate, ...]) -> list[Person]:
        """Their records."""
        return list(self.world.people([m.person for m in mates]))


# --- L1: nobody alone -----------------------------------------------------------------------------


def team_of_two(laws: Laws, incident: Incident) -> None:
    """L1: a team that stands has two active members at least; out, two who were told to go."""
    if incident.state in STANDS:
        laws.must(len(incident.active) >= 2, f"L1: {incident.code} stands with less than two")
    if incident.state is State.OUT:
        went = [m for m in incident.active if m.went]
        laws.must(len(went) >= 2, f"L1: {incident.code} is out with less than two who were sent")


def alone_holds_back(laws: Laws, incident: Incident) -> None:
    """L1: whoever is left over while a partner is sought has been told to hold back."""
    if incident.state is State.PAGING:
        for mate in incident.active:
            told = laws.told[(incident.id, mate.person)]
            held = mate.held_back and Card.HOLD_BACK in told
            laws.must(held, f"L1: {mate.person} is alone on {incident.code} and does not know")
            late = told[::-1].index(Card.HOLD_BACK)
            after = set(told[len(told) - late :])
            laws.must(
                not after & {Card.GO, Card.BRIEF, Card.TEAM_CHANGED},
                f"L1: {mate.person} was sent on after being held back on {incident.code}",
            )


def told_at_once(laws: Laws, step: Step) -> None:
    """L1: who loses the partner is told to hold back, or to leave, in the same step."""
    told = {(m.incident, m.to) for m in step.changes.messages if m.card in SECURITY}
    for id, before in step.before.items():
        now = laws.world.incidents.get(id)
        if now is None or before is now or before.state not in STANDS or now.state in STANDS:
            continue
        for mate in before.active:
            left_by_itself = now.mate(mate.person) is None and step.by == mate.person
            gone = step.by == mate.person or _removed(laws, mate.person)
            freed = now.mate(mate.person) is None and mate.stage is Stage.BRIEFED
            laws.must(
                (id, mate.person) in told or left_by_itself or gone or freed,
                f"L1: {mate.person} lost the team of {now.code} and was not told",
            )


def _removed(laws: Laws, person: PersonId) -> bool:
    who = laws.world.person(person)
    return who is None or who.removed or who.granted is Level.BLOCKED


def go_when_all_have_it(laws: Laws, step: Step) -> None:
    """L1: "go" follows only when every active member has tapped that they have the brief."""
    for message in step.changes.messages:
        if message.card != Card.GO or message.incident is None:
            continue
        incident = laws.world.incidents[message.incident]
        laws.must(len(incident.active) >= 2, f"L1: go to {message.to} alone on {incident.code}")
        for mate in incident.active:
            read = mate.brief is not None and (mate.person, mate.brief) in laws.briefs_read
            laws.must(read, f"L1: go on {incident.code}, and {mate.person} has not got the brief")


def sound_teams(laws: Laws, step: Step) -> None:
    """L3: no two newcomers, none who must be kept apart, none let in by one and the same member."""
    for message in step.changes.messages:
        if message.card not in (Card.BRIEF, Card.GO) or message.incident is None:
            continue
        incident = laws.world.incidents[message.incident]
        team = laws.people(incident.active)
        new = sum(not p.experienced for p in team)
        laws.must(2 * new <= len(team), f"L3: newcomers pair on {incident.code}")
        reporters = laws.world.people([s.reporter for s in incident.sources])
        for one, other in combinations(team, 2):
            apart = trust.kept_apart(one, other)
            laws.must(not apart, f"L3: {one.id} and {other.id} must be kept apart")
            mine, theirs = _stand_for(laws, one), _stand_for(laws, other)
            tied = len(mine) == 1 and mine == theirs and trust.NETWORK not in mine
            laws.must(not tied, f"L3: {one.id} and {other.id} were let in by one member alone")
        for mate in team:
            wrong = any(r.id == mate.id or trust.kept_apart(mate, r) for r in reporters)
            laws.must(not wrong, f"L3: {mate.id} would meet a reporter of {incident.code}")


def _stand_for(laws: Laws, person: Person) -> frozenset[PersonId]:
    levels = trust.levels(laws.world.everybody, laws.world.limits)
    return trust.vouchers(person, laws.world.everybody, levels)


def can_answer_the_brief(laws: Laws, incident: Incident) -> None:
    """L1: as long as time runs for a brief, its reader can say that they have it."""
    for mate in incident.active:
        if mate.stage is Stage.BRIEFED and mate.brief_by is not None:
            mine = laws.world.prompts_of(mate.person)
            open_still = any(
                p.action.verb == Verb.HAVE_IT and p.action.incident == incident.id for p in mine
            )
            laws.must(open_still, f"L1: {mate.person} cannot answer the brief of {incident.code}")


def one_team_each(laws: Laws, incident: Incident) -> None:
    """L3: whoever is in a team is taken by it, and by no other."""
    if incident.state not in OPEN:
        return
    for mate in incident.team:
        if mate.stage is not Stage.OUT_SAFE and not _removed(laws, mate.person):
            taken = laws.world.busy_in(mate.person) == incident.id
            laws.must(taken, f"L3: {mate.person} is in {incident.code} and not taken by it")


def nobody_taken_for_nothing(laws: Laws) -> None:
    """L3: once all is over nobody is still taken."""
    for person in laws.world.everybody:
        laws.must(laws.world.busy_in(person) is None, f"L3: {person} is taken for ever")


# --- L2: trust before noise -----------------------------------------------------------------------


def trust_before_noise(laws: Laws, step: Step) -> None:
    """L2: nobody is paged before a report reaches the line, is confirmed, or is agreed with."""
    for message in step.changes.messages:
        if message.card != Card.PAGE or message.incident is None:
            continue
        if message.incident not in laws.justified:
            incident = laws.world.incidents[message.incident]
            why = _justified(laws, incident)
            laws.must(why, f"L2: {incident.code} pages, and nothing stands for it")
            laws.justified.add(message.incident)


def _justified(laws: Laws, incident: Incident) -> bool:
    line = laws.world.playbook(incident.playbook).trust
    known = [s for s in incident.sources if s.level.rank >= Level.KNOWN.rank]
    if any(s.level.rank >= line.pages_at.rank for s in known):
        return True
    if incident.confirmed_by is not None:
        return (incident.id, incident.confirmed_by) in laws.confirmed
    rule = line.corroboration
    if rule is None:
        return False
    newest = max((s.at for s in known), default=incident.opened_at)
    recent = [s for s in known if newest - s.at <= timedelta(seconds=rule.within_s)]
    return any(_agree(laws, team) for team in combinations(recent, rule.reports))


def _agree(laws: Laws, sources: tuple[Source, ...]) -> bool:
    reporters = {s.reporter for s in sources}
    people = laws.world.people(list(reporters))
    words = [_stand_for(laws, p) - reporters for p in people]
    standing = {
        p.id if w == {trust.NETWORK} else name
        for p, w in zip(people, words, strict=True)
        for name in w
    }
    return len(reporters) >= 2 and all(words) and len(standing) >= 2


def levels_are_true(laws: Laws, step: Step) -> None:
    """L2: levels kept in memory are those that the vouches give."""
    if any(isinstance(r, Person) for r in step.changes.puts.values()):
        fresh = trust.levels(laws.world.everybody, laws.world.limits)
        laws.must(dict(laws.world.levels()) == fresh, "L2: a level in memory is not true")


def nobody_verifies_their_own(laws: Laws, step: Step) -> None:
    """L2: nobody decides on a report of their own or of somebody they stand for."""
    for id, incident in laws.world.incidents.items():
        before = step.before.get(id)
        if step.by is None or before is None or before is incident:
            continue
        decided = before.state is State.HELD and incident.state is not State.HELD
        if not decided or step.pressed not in (Verb.CONFIRM, Verb.NOT_CONFIRMED, Verb.MERGE):
            continue
        who = laws.world.everybody[step.by]
        right = who.has(Role.VERIFIER) or who.has(Role.COORDINATOR)
        laws.must(right, f"L2: {step.by} decided on {incident.code} and is no verifier")
        for reporter in laws.world.people([s.reporter for s in before.sources]):
            own = reporter.id == step.by or step.by in trust.on_record(reporter)
            laws.must(not own, f"L2: {step.by} decided on a report of {reporter.id}")


# --- L3: only the right people --------------------------------------------------------------------


def only_the_right_people(laws: Laws, left: Left) -> None:
    """L3: at the moment at which a page leaves, nothing forbids it."""
    message = left.message
    if message.card != Card.PAGE or message.incident is None:
        return
    incident = laws.world.incidents[message.incident]
    for reason in _forbidden(laws, incident, laws.world.everybody[message.to], left):
        laws.must(False, f"L3: {message.to} was paged for {incident.code} and is {reason}")


def _forbidden(laws: Laws, incident: Incident, person: Person, left: Left) -> Iterator[str]:
    world, at = laws.world, left.at
    on = (
        roster.on_call(place, at, world.shifts(), world.overrides(), world.everybody)
        for place in world.neighbourhoods.values()
    )
    if not any(person.id in there for there in on):
        yield "off call"
    care = world.cares.get(person.id)
    if care and care.rest_until and at < care.rest_until:
        yield "resting"
    most = min(world.limits.pages_a_night, person.pages_a_night or 99)
    if care and len([t for t in care.paged_at if at - t < timedelta(hours=8)]) > most:
        yield "past the limit"
    needed = set(world.playbook(incident.playbook).team.training)
    have = {t.name for t in person.trainings if t.expires_on is None or t.expires_on >= at.date()}
    if not needed <= have:
        yield "not trained"
    if _removed(laws, person.id) or not person.has(Role.RESPONDER):
        yield "no responder"
    if world.busy_in(person.id) is not None:
        yield "in a team"
    if left.channel not in world.private_channels and not world.private(person):
        yield "without a private channel"
    others = [s.reporter for s in incident.sources] + [m.person for m in incident.team]
    for other in world.people(others):
        if other.id == person.id or trust.kept_apart(person, other):
            yield f"to be kept apart from {other.id}"


# --- L4: need to know -----------------------------------------------------------------------------


def need_to_know(laws: Laws, step: Step) -> None:
    """L4: places and words of a report reach its team, its verifiers and coordinators only."""
    for message in step.changes.messages:
        labels = " ".join(c.label for row in message.rows for c in row)
        hidden = CANARY.findall(message.notice + labels)
        laws.must(not hidden, f"L4: a notice or label to {message.to} tells a report's words")
        for canary in set(CANARY.findall(message.text)):
            laws.must(_may_know(laws, step, message, canary), _leak(message, canary))


def _leak(message: Message, canary: str) -> str:
    kind = "place" if canary.startswith("zqp") else "words"
    return f"L4: the card {message.card} tells {message.to} the {kind} of a report"


def _may_know(laws: Laws, step: Step, message: Message, canary: str) -> bool:
    teller = laws.teller(canary)
    if message.to == teller and message.open:
        return True
    incident = laws.world.incidents.get(message.incident) if message.incident else None
    if incident is None or message.open:
        return False
    if message.card in (Card.BOARD, Card.ALARM):
        return message.to in laws.world.coordinators(incident)
    if message.card in (Card.VERIFY, Card.VERIFY_MORE):
        held = incident.state is State.HELD
        return held and any(a.person == message.to for a in incident.verification.asked)
    return message.card in TO_TEAM and _team_may_know(laws, incident, message, teller)


def _team_may_know(
    laws: Laws, incident: Incident, message: Message, teller: PersonId | None
) -> bool:
    mate = incident.mate(message.to)
    if mate not in incident.active or len(incident.active) < 2 or incident.state not in STANDS:
        return False
    if teller is None or incident.mate(teller) is not None:
        return True
    return any(s.counts for s in incident.sources if s.reporter == teller)


def leaves_to_a_team(laws: Laws, left: Left) -> None:
    """L1, L4: when words leave, their reader still is in a team that stands; only privately."""
    message = left.message
    if not CANARY.search(left.text) or message.open:
        return
    laws.must(left.whole, f"L4: words to {message.to} over {left.channel}")
    private = left.channel in laws.world.private_channels
    laws.must(private, f"L4: words to {message.to} over {left.channel}")
    if message.card in TO_TEAM and message.incident is not None:
        incident = laws.world.incidents[message.incident]
        mate = incident.mate(message.to)
        stands = mate in incident.active and len(incident.active) >= 2
        laws.must(
            stands and incident.state in STANDS,
            f"L1: {message.card} with a place leaves to {message.to}, who is in no team",
        )


def no_reporter_is_named(laws: Laws, step: Step) -> None:
    """L4: nobody is told who reported."""
    named = {r for r, _ in laws.reports.values()}
    secrets = {secret: id for id in named for secret in _secrets(laws, id)}
    for message in step.changes.messages:
        if message.to in named and message.incident is None:
            continue
        text = message.text + message.notice
        for secret, id in secrets.items():
            if secret in text and id != message.to:
                shown = re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)
                laws.must(not shown, f"L4: {message.card} tells {message.to} of reporter {id}")


def _secrets(laws: Laws, id: PersonId) -> list[str]:
    """What would give a reporter away; a member has a call sign that others know."""
    who = laws.world.person(id)
    handles = [a.handle for a in who.addresses] if who else []
    return handles if who is not None and who.member else [id, *handles]


def reporters_hear_no_names(laws: Laws, step: Step) -> None:
    """L4: reporters never hear who comes."""
    signs = {p.call_sign for p in laws.world.everybody.values() if p.call_sign}
    for message in step.changes.messages:
        if message.card in REPORTER_CARDS:
            words = set(re.findall(r"\w+", message.text))
            laws.must(not words & signs, f"L4: {message.card} names a member")


def cards_go_to_their_readers(laws: Laws, step: Step) -> None:
    """L4: boards, alarms and verifiers' cards reach only those who hold the role."""
    for message in step.changes.messages:
        incident = laws.world.incidents.get(message.incident) if message.incident else None
        if incident is None:
            continue
        if message.card in (Card.BOARD, Card.ALARM, Card.UNREACHED):
            coordinates = laws.world.coordinators(incident)
            stand_ins = laws.world.stand_ins(incident) if message.card == Card.ALARM else ()
            right = message.to in (*coordinates, *stand_ins)
            laws.must(right, f"L4: {message.card} to {message.to}, who coordinates nothing there")
        if message.card == Card.VERIFY:
            who = laws.world.everybody[message.to]
            right = who.has(Role.VERIFIER) or who.has(Role.COORDINATOR)
            laws.must(right, f"L4: {message.to} was asked to verify")


# --- L5: nobody forgotten -------------------------------------------------------------------------


def ends_or_is_due(laws: Laws, incident: Incident) -> None:
    """L5, L7: an incident that is not closed has a deadline."""
    if incident.state is not State.CLOSED:
        laws.must(incidents.due(incident) is not None, f"L5: {incident.code} is due never")


def nobody_disappears(laws: Laws, step: Step) -> None:
    """L5: whoever was told "go" stays counted until out, or accounted for by a coordinator."""
    for id, before in step.before.items():
        now = laws.world.incidents.get(id)
        if now is None or now is before:
            continue
        for mate in before.team:
            counted = mate.went and mate.stage is not Stage.OUT_SAFE
            after = now.mate(mate.person)
            still = after is not None and after.went
            laws.must(
                not counted or still or mate.person in now.past,
                f"L5: {mate.person} was sent to {now.code} and is counted no more",
            )
            safe = after is not None and after.stage is Stage.OUT_SAFE
            if counted and (safe or after is None):
                own = step.by == mate.person and step.pressed == Verb.OUT
                coordinator = _coordinates(laws, step, mate.person)
                laws.must(
                    own or coordinator,
                    f"L5: {mate.person} counts as out of {now.code} and nobody said so",
                )


def _coordinates(laws: Laws, step: Step, about: PersonId) -> bool:
    who = laws.world.person(step.by) if step.by else None
    machine = step.by is None and "at the machine" in step.what
    return machine or (who is not None and who.has(Role.COORDINATOR) and who.id != about)


def stood_down(laws: Laws, step: Step) -> None:
    """L5: whoever was told "go" has been told "stand down" when the response is over."""
    for incident in _over(laws, step):
        for person in laws.went[incident.id]:
            if not _removed(laws, person):
                told = laws.told[(incident.id, person)]
                late = told[::-1].index(Card.GO)
                laws.must(
                    Card.STAND_DOWN in told[len(told) - late :],
                    f"L5: {person} went for {incident.code} and was never told to stand down",
                )
        laws.must(
            laws.went[incident.id] <= set(incident.past),
            f"L5: somebody went for {incident.code} and is not among those who did",
        )


def _over(laws: Laws, step: Step) -> Iterator[Incident]:
    for id, now in laws.world.incidents.items():
        before = step.before.get(id)
        if now is not before and now.state not in OPEN and (before is None or before.state in OPEN):
            yield now


def reporters_hear_the_end(laws: Laws, step: Step) -> None:
    """L5: every reporter who has not taken the report back hears what became of it."""
    for incident in _over(laws, step):
        laws.outcomes[str(incident.outcome)] += 1
        if incident.outcome is Outcome.MERGED or incident.outcome is None:
            continue
        last = LAST_WORDS[incident.outcome]
        told = {m.to for m in step.changes.messages if m.card in last}
        for source in incident.sources:
            known = laws.world.person(source.reporter) is not None
            laws.must(
                source.gone or not known or source.reporter in told,
                f"L5: {source.reporter} never hears how {incident.code} ended",
            )


def duress_is_settled_by_people(laws: Laws, step: Step) -> None:
    """L5: an alarm of duress ends only with a coordinator's word about that person."""
    for id, before in step.before.items():
        now = laws.world.incidents.get(id)
        if now is None or now is before:
            continue
        for alarm in before.alarms:
            gone = not any(a.kind == alarm.kind and a.about == alarm.about for a in now.alarms)
            if alarm.kind == AlarmKind.DURESS and gone:
                laws.must(
                    alarm.about is not None and _coordinates(laws, step, alarm.about),
                    f"L5: the alarm of duress on {now.code} ended by itself",
                )


def all_is_over(laws: Laws) -> None:
    """L5: in the end every incident has ended."""
    left = [i.code for i in laws.world.incidents.values()]
    laws.must(not left, f"L5: {left} never ended")


# --- L6: nothing lost, nothing doubled ------------------------------------------------------------


def ids_are_unique(laws: Laws, step: Step) -> None:
    """L6: every message has an id of its own."""
    for message in step.changes.messages:
        laws.must(message.id not in laws.ids, f"L6: two messages are called {message.id}")
        laws.ids.add(message.id)


def every_message_ends(laws: Laws) -> None:
    """L6: every message was sent, withdrawn, or failed."""
    laws.must(not laws.night.post.open, f"L6: {laws.night.post.open} have no end")


def told_when_it_failed(laws: Laws, step: Step) -> None:
    """L6: a failed word to somebody who is out there alarms the coordinators."""
    found = re.match(r"(leave|stand-down|hold-back) to (\S+) failed", step.what)
    if not found:
        return
    for id, before in step.before.items():
        mate = before.mate(PersonId(found[2]))
        if mate is None or mate.stage is Stage.OUT_SAFE or not mate.went:
            continue
        now = laws.world.incidents[id]
        alarm = any(a.kind == AlarmKind.NOT_TOLD and a.about == mate.person for a in now.alarms)
        laws.must(alarm, f"L6: {mate.person} was not told {found[1]} and nobody knows")


# --- L7: silence escalates ------------------------------------------------------------------------


def nothing_stays_due(laws: Laws, step: Step) -> None:
    """L7: after a tick nothing of that incident is due any more."""
    if step.what.startswith("due on"):
        for id, incident in laws.world.incidents.items():
            due = incidents.due(incident)
            looked = step.what == f"due on {incident.code}" and step.before[id] is not incident
            laws.must(not looked or due is None or due > step.at, f"L7: {incident.code} stays due")
        changed = any(laws.world.incidents.get(i) is not b for i, b in step.before.items())
        laws.must(changed, f"L7: {step.what}, and nothing happened")


def silence_is_noticed(laws: Laws, step: Step) -> None:
    """L7: who gives no sign of life is nudged, then the coordinators hear of it."""
    for id, incident in laws.world.incidents.items():
        if incident.state not in OPEN:
            continue
        check = laws.world.playbook(incident.playbook).check_in
        for mate in incident.team:
            since = laws.signs.get((id, mate.person))
            if since is None or mate.stage is Stage.OUT_SAFE or not mate.went:
                continue
            quiet_s = (step.at - since).total_seconds()
            longest = max(check.every_s, check.grace_s) + 2 * check.grace_s + 60
            if quiet_s > longest:
                known = any(a.about == mate.person for a in incident.alarms)
                laws.must(known, f"L7: {mate.person} is silent for {quiet_s:.0f} s, nobody knows")


def exhausted_is_alarmed(laws: Laws, incident: Incident) -> None:
    """L7: an incident with nobody left to page alarms the coordinators."""
    if incident.state is State.PAGING and incident.recruiting.exhausted:
        alarmed = any(a.kind == AlarmKind.NO_TEAM for a in incident.alarms)
        laws.must(alarmed, f"L7: nobody is left to page for {incident.code}, and no alarm")


def enough_forms_a_team(laws: Laws, incident: Incident) -> None:
    """L7: a search goes on, waits for a last answer, or is alarmed; it never just stands."""
    if incident.state is State.PAGING:
        search = incident.recruiting
        laws.must(
            search.until is not None or incident.give_up_at is not None,
            f"L7: nothing moves the search of {incident.code}",
        )


# --- L8: forgetting works -------------------------------------------------------------------------


def nothing_outlives_its_key(laws: Laws, step: Step) -> None:
    """L8: nothing is written under a key that was destroyed."""
    for record in step.changes.puts.values():
        key = key_of(record)
        laws.must(key not in laws.destroyed, f"L8: a record is written under the lost {key}")
    for key in step.changes.destroyed:
        kind, _, id = key.partition(":")
        kept = (kind == "report" and id in laws.world.reports) or (
            kind == "incident" and id in laws.world.incidents
        )
        laws.must(not kept, f"L8: {key} is destroyed and the {kind} is kept")
    for message in step.changes.messages:
        key = message.sealed_under
        laws.must(key not in laws.destroyed, f"L8: {message.card} is sealed under the lost {key}")


def shredded_is_gone(laws: Laws, step: Step) -> None:
    """L8: after the shredding no record of the incident is left, and its keys are destroyed."""
    for id in set(step.before) - set(laws.world.incidents):
        world = laws.world
        laws.must(f"incident:{id}" in laws.destroyed, f"L8: the key of {id} is left")
        left = [r.id for r in world.reports.values() if r.incident == id]
        laws.must(not left, f"L8: reports {left} outlive their incident")
        sessions = [
            s.person
            for s in world.sessions.values()
            if s.incident == id or (s.draft and s.draft.incident == id)
        ]
        laws.must(not sessions, f"L8: the sessions of {sessions} outlive the incident")
        prompts = [p for p in world.prompts.values() if p.action.incident == id]
        under = [p for p in world.prompts.values() if p.sealed_under == f"incident:{id}"]
        laws.must(not prompts and not under, f"L8: questions about {id} are left")


def all_is_forgotten(laws: Laws) -> None:
    """L8: in the end every report's key is destroyed and no report is left."""
    laws.must(not laws.world.reports, f"L8: {list(laws.world.reports)} are left for ever")
    for report in laws.reports:
        laws.must(f"report:{report}" in laws.destroyed, f"L8: the key of report {report} is left")


def forgotten_on_request(laws: Laws, step: Step) -> None:
    """L8: /forget destroys all reports of that person, but for those a team still needs."""
    if step.pressed != Verb.FORGET or not step.sure or step.by is None:
        return
    for report, (reporter, _) in laws.reports.items():
        if reporter != step.by or f"report:{report}" in laws.destroyed:
            continue
        where = [
            i for i in laws.world.incidents.values() if any(s.report == report for s in i.sources)
        ]
        needed = any(i.state in OPEN and (i.team or len(i.sources) > 1) for i in where)
        marked = all(s.forget for i in where for s in i.sources if s.report == report)
        laws.must(needed and marked, f"L8: {step.by} asked to be forgotten; {report} is left")


# --- L9: a frozen playbook ------------------------------------------------------------------------


def frozen_playbook(laws: Laws, step: Step) -> None:
    """L9: an incident runs to its end on the playbook that it opened with."""
    for id, before in step.before.items():
        now = laws.world.incidents.get(id)
        if now is not None and now is not before:
            same = (now.playbook, now.schema) == (before.playbook, before.schema)
            laws.must(same, f"L9: {now.code} changed its playbook")
    for message in step.changes.messages:
        if message.card == Card.BRIEF and message.incident is not None:
            incident = laws.world.incidents[message.incident]
            who = laws.world.everybody[message.to]
            text = laws.world.playbook(incident.playbook).brief.text.in_(who.language)
            laws.must(
                EDITION.findall(message.text) == EDITION.findall(text),
                f"L9: the brief of {incident.code} is of another edition",
            )


STATE_LAWS = (
    team_of_two,
    alone_holds_back,
    can_answer_the_brief,
    one_team_each,
    ends_or_is_due,
    exhausted_is_alarmed,
    enough_forms_a_team,
)
STEP_LAWS = (
    told_at_once,
    go_when_all_have_it,
    sound_teams,
    trust_before_noise,
    levels_are_true,
    nobody_verifies_their_own,
    need_to_know,
    no_reporter_is_named,
    reporters_hear_no_names,
    cards_go_to_their_readers,
    nobody_disappears,
    stood_down,
    reporters_hear_the_end,
    duress_is_settled_by_people,
    ids_are_unique,
    told_when_it_failed,
    nothing_stays_due,
    silence_is_noticed,
    nothing_outlives_its_key,
    shredded_is_gone,
    forgotten_on_request,
    frozen_playbook,
)
LEAVING_LAWS = (only_the_right_people, leaves_to_a_team)
LAST_LAWS = (all_is_over, nobody_taken_for_nothing, every_message_ends, all_is_forgotten)
