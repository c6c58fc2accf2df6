"""L7, silence escalates: no deadline stays behind, no wait is longer than its playbook says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from responder.core.effects import AlarmKind
from responder.core.model import Incident, Stage, State
from responder.core.playbook import Playbook
from responder.simulation.laws.book import Book, Step, Touched
from responder.simulation.laws.notes import OPEN
from responder.simulation.laws.reckoning import deadline

_UNNOTICED: Final = timedelta(minutes=3)
"""So far a clock may be set back before the network takes it for a silence."""
_LATE: Final = timedelta(minutes=5)


def nothing_stays_due(book: Book, step: Step) -> None:
    """After a tick nothing of that incident is due any more, and something has happened."""
    if step.kind != "tick":
        return
    book.must(bool(step.touched), f"L7: {step.what}, and nothing happened")
    for touched in step.touched[:1]:
        due = deadline(touched.after) if touched.after else None
        book.must(due is None or due > step.at, f"L7: {step.what}, and it stays due")


def nothing_is_overdue(book: Book, step: Step) -> None:
    """While the machine works, no deadline of any incident is left behind."""
    first = book.most_overdue()
    if first is not None:
        due, id = first
        late = step.at - max(due, book.awake_since)
        book.must(late <= _LATE, f"L7: {id} was due {late} ago, and nobody looked")


def no_wait_is_too_long(book: Book, touched: Touched, step: Step) -> None:
    """Whenever an incident is looked at, each of its deadlines is as near as its playbook says.

    Also after the machine's clock was set back: then what was an hour away must not become two.
    """
    incident = touched.after
    assert incident is not None
    if incident.state not in OPEN:
        return
    for name, until, longest_s in waits(incident, book.playbook(incident.id)):
        far = until is not None and until - step.at > timedelta(seconds=longest_s) + _UNNOTICED
        book.must(not far, f"L7: {incident.code} waits too long for {name}")


def waits(incident: Incident, playbook: Playbook) -> Iterator[tuple[str, datetime | None, float]]:
    """Whatever an incident waits for: its name, until when, and how many seconds at most."""
    check = playbook.check_in
    yield "a verifier", incident.verification.until, playbook.trust.verify_wait_s
    waves = [wave.wait_s for wave in playbook.waves]
    yield "an answer", incident.recruiting.until, max(waves)
    yield "anybody at all", incident.give_up_at, playbook.give_up_s
    longest = max(check.every_s, check.grace_s, check.repeat_s)
    for mate in incident.team:
        yield f"a sign of {mate.person}", mate.due, longest
        yield f"{mate.person} to read the brief", mate.brief_by, playbook.brief.within_s
    for alarm in incident.alarms:
        yield f"the alarm {alarm.kind}", alarm.again_at, check.repeat_s


def silence_is_noticed(book: Book, step: Step) -> None:
    """Who gives no sign of life is nudged, then the coordinators hear of it."""
    for id, signs in book.signs.items():
        incident = book.world.incidents.get(id)
        if not signs or incident is None or incident.state not in OPEN:
            continue
        check = book.playbook(id).check_in
        longest = timedelta(seconds=max(check.every_s, check.grace_s) + 2 * check.grace_s + 60)
        for mate in incident.team:
            since = signs.get(mate.person)
            if since is None or step.at - since <= longest:
                continue
            if (mate.went or mate.told_leave) and mate.stage is not Stage.OUT_SAFE:
                known = any(a.about == mate.person for a in incident.alarms)
                quiet_s = (step.at - since).total_seconds()
                book.must(known, f"L7: {mate.person} is silent for {quiet_s:.0f} s, nobody knows")


def exhausted_is_alarmed(book: Book, touched: Touched, step: Step) -> None:
    """An incident with nobody left to page alarms the coordinators."""
    incident = touched.after
    assert incident is not None
    if incident.state is State.PAGING and incident.recruiting.exhausted:
        alarmed = any(a.kind == AlarmKind.NO_TEAM for a in incident.alarms)
        book.must(alarmed, f"L7: nobody is left to page for {incident.code}, and no alarm")


def a_search_moves(book: Book, touched: Touched, step: Step) -> None:
    """A search goes on, waits for a last answer, or is alarmed; it never just stands."""
    incident = touched.after
    assert incident is not None
    if incident.state is State.PAGING:
        moves = incident.recruiting.until is not None or incident.give_up_at is not None
        book.must(moves, f"L7: nothing moves the search of {incident.code}")
    if incident.state is State.HELD:
        moves = incident.verification.until is not None
        book.must(moves, f"L7: nothing moves the verification of {incident.code}")


def everybody_out_is_watched(book: Book, touched: Touched, step: Step) -> None:
    """Whoever was told "go" or "leave" has a time by which a sign of life is due."""
    incident = touched.after
    assert incident is not None
    for mate in incident.team if incident.state in OPEN else ():
        if (mate.went or mate.told_leave) and mate.stage is not Stage.OUT_SAFE:
            book.must(mate.due is not None, f"L7: nobody waits for {mate.person}")
        if mate.stage is Stage.BRIEFED and not (mate.told_leave or mate.held_back):
            book.must(mate.brief_by is not None, f"L7: {mate.person} may read for ever")


def a_wave_widens(book: Book, step: Step) -> None:
    """A wave whose time is over is followed by a team, the next wave, or the end of the search."""
    for before, now in step.changed:
        until = before.recruiting.until
        if step.kind != "tick" or until is None or until > step.at:
            continue
        if before.state is State.PAGING is now.state:
            moved = now.recruiting != before.recruiting
            book.must(moved, f"L7: the wave of {now.code} is over, and nobody else is asked")


STATE: Final = (
    no_wait_is_too_long,
    exhausted_is_alarmed,
    a_search_moves,
    everybody_out_is_watched,
)
STEP: Final = (nothing_stays_due, nothing_is_overdue, silence_is_noticed, a_wave_widens)
LEAVING: Final = ()
LAST: Final = ()
