"""How a response ends: people are told to leave, counted until they are out, and looked after.

Rules it keeps
    * Whoever was told "go" or "leave" is counted until they say that they are out, or a
      coordinator says, with a reason, how it is known (L5).
    * An alarm of duress is settled by a coordinator alone; no end of the response clears it.
    * The exact place is forgotten with the end of the response.
"""

from __future__ import annotations

from msgspec.structs import replace

from responder.core.effects import AlarmKind, Card, Finished, ForgetReport, Recall, Rest, Shred
from responder.core.incident.case import Case
from responder.core.model import Alarm, CallState, Mate, Outcome, Recruiting, Stage, State, Words

LEAVE_NOW = "leave-now"
DONE = "done"
ENDED = "ended"
NOBODY = "nobody"


def unaccounted(case: Case) -> tuple[Mate, ...]:
    """Those who were told "go" or "leave" and have not been heard of as out."""
    return tuple(
        m for m in case.incident.team if (m.went or m.told_leave) and m.stage is not Stage.OUT_SAFE
    )


def leave(case: Case, why: str) -> None:
    """Call everybody back: nobody goes any further, and whoever was sent is counted out.

    `why` is one of the words above; "leave-now" is told at once, loudly, and counts even those
    who have not been told to go, for they may have set out.
    """
    now = why == LEAVE_NOW
    card = Card.LEAVE if now else Card.STAND_DOWN
    case.set(
        state=State.LEAVING,
        leave_word=why,
        recruiting=Recruiting(wave=case.incident.recruiting.wave),
        give_up_at=None,
    )
    team = frozenset(m.person for m in case.incident.team)
    case.thank_all(Card.RELEASED, but=team)
    for mate in case.incident.team:
        if mate.stage is Stage.OUT_SAFE:
            continue
        if mate.went or mate.told_leave or now:
            call_back(case, mate, card)
        else:
            case.tell(mate.person, card)
            case.release(mate.person)
    counted = tuple(m for m in case.incident.team if m.told_leave or m.stage is Stage.OUT_SAFE)
    case.set(team=counted)
    case.silence(None, AlarmKind.NO_TEAM)
    if now:
        case.news(Card.HAD_TO_LEAVE)
    finish_if_all_out(case)


def call_back(case: Case, mate: Mate, card: Card) -> None:
    """Tell one member to leave, and count that member until they are out."""
    message = case.tell(mate.person, card)
    due = case.later(case.playbook.check_in.grace_s)
    case.set_mate(
        replace(mate, told_leave=True, due=due, missed=0, brief_by=None, controls=message)
    )


def out_safe(case: Case, mate: Mate) -> None:
    """This member is out of harm's way: free, thanked, asked whether it was hard."""
    told_go = mate.went
    call = case.incident.call(mate.person)
    if call and call.state is CallState.ACCEPTED and case.incident.state is not State.LEAVING:
        # Otherwise the next team that forms would thank them for waiting, and page them again.
        case.set_call(replace(call, state=CallState.DECLINED))
    case.set_mate(replace(mate, stage=Stage.OUT_SAFE, due=None, brief_by=None, told_leave=True))
    case.release(mate.person)
    case.silence(mate.person, AlarmKind.OVERDUE, AlarmKind.NOT_TOLD)
    if told_go and case.incident.leave_word in ("", LEAVE_NOW):
        case.tell(mate.person, Card.STAND_DOWN)
    case.tell(mate.person, Card.THANKS)


def finish_if_all_out(case: Case) -> None:
    """Go on to the care of those who went, once everybody is accounted for."""
    incident = case.incident
    if incident.state is not State.LEAVING or unaccounted(case):
        return
    went = tuple(m.person for m in incident.team if m.went)
    finish(case, _outcome(case, bool(went)), went=went)


def _outcome(case: Case, went: bool) -> Outcome:
    match case.incident.leave_word:
        case "nobody":
            return Outcome.RESPONDED if case.incident.met_at else Outcome.NOBODY
        case "ended":
            return Outcome.RESPONDED if went else Outcome.ENDED
        case _:
            return Outcome.RESPONDED if went else Outcome.ENDED


def finish(case: Case, outcome: Outcome, *, went: tuple[str, ...] = ()) -> None:
    """The response is over: what is left is care, the debrief and the follow-up."""
    playbook = case.playbook
    past = tuple(dict.fromkeys((*case.incident.past, *went)))
    case.set(
        ended_at=case.at,
        outcome=outcome,
        past=past,
        team=(),
        alarms=_of_duress(case),
        place="",
        pin=None,
        words=tuple(Words(report=w.report, text=w.text) for w in case.incident.words if w.text),
        recruiting=Recruiting(wave=case.incident.recruiting.wave),
        give_up_at=None,
    )
    if playbook.hard_call or case.incident.hard:
        rest(case)
    # "Nobody yet, we keep looking" may have been the last news: the end is told all the same.
    case.set(sources=tuple(replace(s, heard="") for s in case.incident.sources))
    case.news(_last_word(outcome), otherwise=Card.EXPIRED)
    forget_asked(case)
    take_back(case)
    case.remember("ended", detail=outcome.value)
    wants_follow_up = case.incident.state is not State.HELD and any(
        s.follow_up and not s.gone for s in case.incident.sources
    )
    if past or case.incident.alarms or (wants_follow_up and playbook.follow_up):
        follow_up_at = None
        if wants_follow_up and playbook.follow_up:
            follow_up_at = case.later(playbook.follow_up.after_s)
        debrief_at = case.later(playbook.debrief.after_s) if past else None
        case.set(state=State.AFTERCARE, debrief_at=debrief_at, follow_up_at=follow_up_at)
        for alarm in case.incident.alarms:
            # Its card was taken back with the others, and with it the only way to answer it.
            case.ring(alarm)
    else:
        close(case, outcome)


def _of_duress(case: Case) -> tuple[Alarm, ...]:
    """The alarms that no end clears: whoever looks on sees the response end as any other does."""
    return tuple(a for a in case.incident.alarms if a.kind == AlarmKind.DURESS)


def take_back(case: Case) -> None:
    """What told a place, words or a kind is taken off people's screens: it has served."""
    for call in case.calls(CallState.PAGED, CallState.ACCEPTED, CallState.FAILED):
        case.do(Recall(message=call.message))
    for message in case.incident.served:
        case.do(Recall(message=message))
    case.set(served=())


def _last_word(outcome: Outcome) -> Card:
    match outcome:
        case Outcome.NOBODY | Outcome.ENDED:
            return Card.NOBODY
        case Outcome.EXPIRED | Outcome.NOT_CONFIRMED:
            return Card.EXPIRED
        case _:
            return Card.OVER


def rest(case: Case) -> None:
    """Those who went are left alone for as long as the playbook or the network says."""
    until = case.later(case.playbook.rest_s or case.view.limits.rest_s)
    for person in case.incident.past:
        case.do(Rest(person=person, until=until))


def forget_asked(case: Case) -> None:
    """Destroy what a reporter asked to have forgotten while a team still needed it."""
    # In the order of the reports: the same history is the same byte for byte.
    asked = dict.fromkeys(s.report for s in case.incident.sources if s.forget)
    if not asked:
        return
    for report in asked:
        case.do(ForgetReport(report=report))
    case.set(
        words=tuple(w for w in case.incident.words if w.report not in asked),
        sources=tuple(s for s in case.incident.sources if s.report not in asked),
    )
    case.settle_place()


def close(case: Case, outcome: Outcome) -> None:
    """The end. The words go first, the rest after the playbook's retention."""
    retention = case.playbook.retention
    case.set(
        state=State.CLOSED,
        outcome=outcome,
        closed_at=case.at,
        ended_at=case.incident.ended_at or case.at,
        debrief_at=None,
        follow_up_at=None,
        words_until=case.later(min(retention.reports_s, retention.incident_s)),
        shred_at=case.later(retention.incident_s),
    )
    case.do(Finished(outcome=outcome))


def drop(case: Case, outcome: Outcome) -> None:
    """End an incident for which nobody was ever sent: every page and acceptance is thanked."""
    case.thank_all(Card.RELEASED)
    finish(case, outcome)


def aftercare(case: Case) -> None:
    """What is due after the end: the debrief, the follow-up, then the close."""
    incident = case.incident
    if incident.debrief_at and incident.debrief_at <= case.at:
        for person in incident.past:
            case.tell(person, Card.DEBRIEF)
        case.set(debrief_at=None)
    if incident.follow_up_at and incident.follow_up_at <= case.at:
        for source in incident.sources:
            if source.follow_up and not source.gone:
                case.tell(source.reporter, Card.FOLLOW_UP)
        case.set(follow_up_at=None)
    if not (case.incident.debrief_at or case.incident.follow_up_at or case.incident.alarms):
        close(case, case.incident.outcome or Outcome.RESPONDED)


def forget(case: Case) -> None:
    """What is due after the close: the words, then everything."""
    incident = case.incident
    if incident.words_until and incident.words_until <= case.at:
        for source in incident.sources:
            case.do(ForgetReport(report=source.report))
        for board in incident.boards:
            case.do(Recall(message=board.message))
        # What was told after the end: the debrief, and an alarm that no end clears.
        for message in incident.served:
            case.do(Recall(message=message))
        case.set(words=(), sources=(), boards=(), served=(), words_until=None)
    if incident.shred_at and incident.shred_at <= case.at:
        case.set(shred_at=None)
        case.do(Shred())
