"""The team: briefs, "go", signs of life, a partner who leaves.

Rules it keeps
    * "Go" follows only when every member has tapped that they have the brief (L1).
    * A brief that fails or stays unread counts as a partner who left.
    * If what remains is no sound team, those who stay are told at once to hold back, and a
      replacement is paged. There is no way around this.
    * Silence is noticed: one nudge, then an alarm that repeats (L7).
    * A check-in under duress changes nothing that anybody near that person can see.
"""

from __future__ import annotations

from msgspec.structs import replace

from responder.core.effects import AlarmKind, Card, Why, Withdraw
from responder.core.incident import closing, recruiting
from responder.core.incident.case import Case
from responder.core.model import CallState, Mate, Media, PersonId, Stage, State

_TEAM_STANDS = frozenset({State.BRIEFING, State.OUT})
OUT_THERE = frozenset({Stage.GONE, Stage.THERE})


# --- the brief and "go" -------------------------------------------------------------------------


def have_it(case: Case, mate: Mate) -> Why | None:
    """One member has read the brief; when all have, they go."""
    if mate.stage is not Stage.BRIEFED or mate.told_leave:
        return Why.ALREADY
    case.set_mate(replace(mate, stage=Stage.READY, brief_by=None))
    case.remember("has-brief", about=mate.person)
    if case.sound(case.incident.active):
        go_if_ready(case)
    else:
        # A training ran out, a vouch was taken back: they are no team any more.
        stay(case)
    return None


def go_if_ready(case: Case) -> None:
    """Say "go", if this is a sound team of which every member has the brief."""
    active = case.incident.active
    if case.incident.state not in _TEAM_STANDS or not case.sound(active):
        return
    if any(m.stage is Stage.BRIEFED for m in active):
        return
    ready = [m for m in active if m.stage is Stage.READY]
    if not ready:
        return
    case.set(state=State.OUT)
    for mate in ready:
        message = case.tell(mate.person, Card.GO)
        due = case.later(case.playbook.check_in.every_s)
        case.set_mate(
            replace(
                mate,
                stage=Stage.GONE,
                went=True,
                held_back=False,
                due=due,
                missed=0,
                controls=message,
            )
        )
        case.show(mate.person, Card.MEDIA, case.incident.team_media)
        case.remember("go", about=mate.person)
    etas = [m.eta_s for m in active if m.eta_s]
    minutes = str(round(max(etas) / 60)) if etas else ""
    case.news(Card.ON_THE_WAY, minutes=minutes)


def update(case: Case, text: str, media: tuple[Media, ...] = ()) -> None:
    """What a report that counts adds reaches the team, as long as it stands as one (L1).

    Pictures and voice go to those who were told to go; the others see them at their own "go".
    """
    if case.incident.state not in (State.BRIEFING, State.OUT):
        return
    if text:
        case.tell_team(Card.UPDATE, what="text", text=text)
    for mate in case.incident.active:
        if mate.went:
            case.show(mate.person, Card.MEDIA, media)


# --- signs of life --------------------------------------------------------------------------------


def there(case: Case, mate: Mate) -> Why | None:
    """A member has arrived. The reporter hears of it when two have."""
    if not mate.went or mate.stage is Stage.OUT_SAFE:
        return Why.NOT_DUE
    if mate.stage is Stage.GONE:
        case.set_mate(replace(mate, stage=Stage.THERE))
        case.remember("there", about=mate.person)
        if sum(m.stage is Stage.THERE for m in case.incident.active) >= 2:
            case.set(met_at=case.incident.met_at or case.at)
            case.news(Card.THERE)
    alive(case, mate.person, noted="there")
    return None


def check_in(case: Case, mate: Mate, *, duress: bool) -> Why | None:
    """A sign of life. Under duress everything goes on as if it were a normal one, but one thing."""
    if not out_there(mate):
        return Why.NOT_DUE
    heard_of(case, mate.person, duress=duress)
    alive(case, mate.person, noted="check-in")
    return None


def out_there(mate: Mate) -> bool:
    """Whether this member's signs of life are waited for."""
    return (mate.went or mate.told_leave) and mate.stage is not Stage.OUT_SAFE


def heard_of(case: Case, person: PersonId, *, duress: bool) -> None:
    """Somebody with a part in this says that all is well, or seems to."""
    if duress:
        if person not in case.incident.duress:
            case.set(duress=(*case.incident.duress, person))
        case.alarm(AlarmKind.DURESS, person)
    case.remember("checked-in", about=person)


def alive(case: Case, person: PersonId, *, noted: str) -> None:
    """This member was heard of: the clock starts anew and the alarm about their silence ends."""
    mate = case.incident.mate(person)
    if mate is None or mate.stage is Stage.OUT_SAFE:
        return
    check = case.playbook.check_in
    due = case.later(check.grace_s if mate.told_leave else check.every_s)
    case.set_mate(replace(mate, due=due, missed=0))
    case.silence(person, AlarmKind.OVERDUE)
    case.tell(person, Card.CONTROLS, params={"noted": noted}, replaces=mate.controls)


def overdue(case: Case) -> None:
    """Every member whose sign of life is due and has not come: nudge, then alarm, then again."""
    check = case.playbook.check_in
    for mate in case.incident.team:
        if mate.due is None or mate.due > case.at or mate.stage is Stage.OUT_SAFE:
            continue
        missed = mate.missed + 1
        due = case.later(check.grace_s if missed == 1 else check.repeat_s)
        if mate.told_leave:
            now = case.incident.leave_word in (closing.LEAVE_NOW, "")
            card = Card.LEAVE if now else Card.STAND_DOWN
            message = case.tell(mate.person, card, params={"again": str(missed)})
        else:
            message = case.tell(mate.person, Card.NUDGE, params={"again": str(missed)})
        case.set_mate(replace(mate, due=due, missed=missed, controls=message))
        case.remember("missed-check-in", about=mate.person, detail=str(missed))
        if missed == 2:
            case.alarm(AlarmKind.OVERDUE, mate.person)
            case.tell_team(Card.UPDATE, but=mate.person, about=mate.person, what="silent", text="")


# --- somebody leaves ------------------------------------------------------------------------------


def lost(case: Case, mate: Mate, *, unheard: bool = False) -> None:
    """This member does not count as a partner any more, whatever the reason.

    `unheard`: they said nothing of it themselves, and must hear that they are not to go.

    Who had been told to go is called back and counted until out; who had not is simply free.
    """
    call = case.incident.call(mate.person)
    if call and call.state is CallState.ACCEPTED:
        case.set_call(replace(call, state=CallState.DECLINED, answered_at=case.at))
    case.remember("left-team", about=mate.person)
    if mate.went:
        closing.call_back(case, mate, Card.LEAVE)
    else:
        case.set(team=tuple(m for m in case.incident.team if m.person != mate.person))
        case.release(mate.person)
        case.silence(mate.person, AlarmKind.OVERDUE, AlarmKind.NOT_TOLD)
        if mate.brief:
            case.do(Withdraw(message=mate.brief))
        if unheard:
            case.tell(mate.person, Card.DROPPED)
        else:
            case.tell(mate.person, Card.LEFT, replaces=mate.brief)
    if case.incident.state is not State.LEAVING:
        stay(case)


def stay(case: Case) -> None:
    """Look at those who are left: a sound team goes on, anybody else holds back.

    While a team is out, only those who were told "go" count: a partner who is still reading the
    brief is no partner to somebody who stands there.
    """
    active = case.incident.active
    out = case.incident.state is State.OUT
    if active and case.sound(tuple(m for m in active if m.went) if out else active):
        if case.incident.state is not State.PAGING:
            for mate in active:
                case.tell(mate.person, Card.TEAM_CHANGED)
            go_if_ready(case)
        return
    for mate in active:
        _hold_back(case, mate)
    if not active and case.incident.team:
        closing.leave(case, closing.NOBODY)
    elif case.incident.state is not State.PAGING:
        recruiting.resume(case)


def _hold_back(case: Case, mate: Mate) -> None:
    if mate.held_back:
        return
    message = case.tell(mate.person, Card.HOLD_BACK)
    due = case.later(case.playbook.check_in.grace_s) if mate.went else None
    case.set_mate(
        replace(
            mate,
            held_back=True,
            brief_by=None,
            controls=message,
            due=due,
            missed=0,
            stage=mate.stage if mate.went else Stage.READY,
        )
    )


def unread(case: Case) -> None:
    """Briefs that stayed unread count as partners who left."""
    for mate in case.incident.team:
        now = case.incident.mate(mate.person)
        if now and now.stage is Stage.BRIEFED and now.brief_by and now.brief_by <= case.at:
            lost(case, now, unheard=True)


def message_failed(case: Case, mate: Mate, card: Card) -> None:
    """A message that this member's safety hangs on reached nobody."""
    match card:
        case Card.BRIEF | Card.GO:
            lost(case, mate, unheard=True)
        case _:
            case.alarm(AlarmKind.NOT_TOLD, mate.person)


def back(case: Case) -> None:
    """The network was silent: whoever has a part in this hears that it is back, and checks in."""
    for mate in case.incident.team:
        if mate.stage is Stage.OUT_SAFE:
            continue
        message = case.tell(mate.person, Card.BACK)
        # Whoever was out with a team that broke may have a new brief to read: both times run.
        reads = mate.brief_by and case.later(case.playbook.brief.within_s)
        mate = replace(mate, brief_by=reads)
        if mate.went or mate.told_leave:
            due = case.later(case.playbook.check_in.grace_s)
            mate = replace(mate, due=due, missed=0, controls=message)
        case.set_mate(mate)
    for source in case.incident.sources:
        if not source.gone:
            case.tell(source.reporter, Card.REPORTER_BACK)
