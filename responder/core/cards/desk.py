"""The words to verifiers and coordinators: cards to decide on, boards, alarms.

Rules it keeps
    * Of a reporter they hold the level and nothing else.
    * Of duress nobody near reads anything: for whoever is or was in the team the board looks as it
      would without it, and holds no notes, since a note may speak of it.
    * An emergency contact opens with an overdue check-in only.
    * Labels say nothing by themselves: they may stand under a notice.

What it must not know
    Reporters' names and addresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

from responder.core.cards.reporter import WRITERS as FOR_REPORTERS
from responder.core.cards.scene import (
    TEXT_LIMIT,
    NotForThem,
    Rows,
    Scene,
    Sheet,
    Writer,
    lines,
    paragraphs,
    place,
    reports,
)
from responder.core.clean import one_line, quote
from responder.core.effects import AlarmKind, Card
from responder.core.model import CallState, Incident, Level, Mate, Note, Person, Role, Stage, State
from responder.core.offering import ASKED_FROM
from responder.core.spoken import Offer, Verb

_NOTES_SHOWN: Final = 5
_NOTE_LIMIT: Final = 200
_MORE_LIMIT: Final = 1500
_CODE_LIMIT: Final = 12
_MERGES: Final = 3
_BEST_FIRST: Final = tuple(reversed(Level))

# --- verifiers ----------------------------------------------------------------------------------


def _verify(scene: Scene) -> Sheet:
    if scene.reported_it:
        raise NotForThem("nobody verifies a report of their own")
    urgent = scene.say("verify.urgent") if scene.incident.verification.urgent else ""
    before = paragraphs(
        lines(scene.say("verify"), urgent, scene.heading, _told_by(scene)), place(scene)
    )
    own = scene.playbook.sayings.told("verify", scene.language)
    after = lines(own, scene.say("verify.first")) if own else scene.say("verify.how")
    room = TEXT_LIMIT - len(scene.mark) - len(before) - len(after) - 4
    told = reports(scene, scene.incident.words, room)
    return Sheet(paragraphs(before, told, after), _verify_rows(scene))


def _verify_rows(scene: Scene) -> Rows:
    answers = (
        (scene.offer("confirm", Verb.CONFIRM), scene.offer("not-confirmed", Verb.NOT_CONFIRMED)),
        (scene.offer("ask", Verb.ASK),),
    )
    return answers + tuple((offer,) for offer in _merges(scene))


def _merges(scene: Scene) -> tuple[Offer, ...]:
    """One offer for each running incident that this may be; they come as "id=code,id=code"."""
    pairs = (pair.partition("=") for pair in scene.param("running").split(",") if "=" in pair)
    found: list[Offer] = []
    for id, _, code in pairs:
        merge = scene.offer("merge", Verb.MERGE, id)
        label = scene.say("button.merge-with", code=one_line(code, _CODE_LIMIT))
        found.append(Offer(label=label, action=merge.action))
    return tuple(found[:_MERGES])


def _told_by(scene: Scene) -> str:
    """How many reports of which level there are, and how old they are; never from whom."""
    here = [s for s in scene.incident.sources if not s.gone]
    if not here:
        return ""
    counted = Counter([s.level for s in here])
    shown = [level for level in _BEST_FIRST if counted[level]]
    levels = ", ".join([f"{counted[level]} {scene.say(f'level.{level}')}" for level in shown])
    times = sorted([s.at for s in here])
    last = scene.say("reports.last", time=scene.clock(times[-1])) if len(times) > 1 else ""
    first = scene.say("reports", levels=levels, time=scene.clock(times[0]))
    return lines(first, last)


def _verify_more(scene: Scene) -> Sheet:
    if scene.reported_it:
        return Sheet(scene.say("verify-closed.yours"))
    told = quote(scene.param("text"), _MORE_LIMIT)
    urgent = scene.say("verify.urgent") if scene.incident.verification.urgent else ""
    return Sheet(lines(urgent, scene.say("verify-more", code=scene.code), told))


def _verify_media(scene: Scene) -> Sheet:
    if scene.reported_it:
        raise NotForThem("nobody verifies a report of their own")
    return Sheet(scene.say("verify-media", code=scene.code))


def _verify_closed(scene: Scene) -> Sheet:
    return Sheet(scene.say(f"verify-closed.{scene.param('how')}", code=scene.code))


# --- boards ---------------------------------------------------------------------------------------


def sees_board(incident: Incident, reader: Person) -> Hashable:
    """All of its reader that a board looks at, besides the language."""
    return _may_see(incident, reader), _has_been(incident, reader)


def _may_see(incident: Incident, reader: Person) -> bool:
    """Whether this is one of the incident's own coordinators."""
    reporters = [source.reporter for source in incident.sources]
    return reader.has(Role.COORDINATOR) and reader.id not in reporters


def _has_been(incident: Incident, reader: Person) -> bool:
    """Whether the reader is, or was, out there with the team."""
    return incident.mate(reader.id) is not None or reader.id in incident.past


def _near(scene: Scene) -> bool:
    return _has_been(scene.incident, scene.reader)


def _board(scene: Scene) -> Sheet:
    if not _may_see(scene.incident, scene.reader):
        return Sheet(scene.say("board.not-yours"))
    state = _state(scene)
    before = paragraphs(
        lines(scene.heading, scene.say(f"state.{state}"), _outcome(scene), _told_by(scene)),
        _alarms(scene),
        _team(scene),
        place(scene) if scene.incident.place or scene.incident.pin else "",
    )
    after = "" if _near(scene) else _notes(scene)
    room = TEXT_LIMIT - len(scene.mark) - len(before) - len(after) - 4
    told = reports(scene, scene.incident.words, room) if scene.incident.words else ""
    return Sheet(paragraphs(before, told, after), _board_rows(scene, state))


def _board_media(scene: Scene) -> Sheet:
    if not _may_see(scene.incident, scene.reader):
        raise NotForThem("pictures are for the incident's own coordinators")
    return Sheet(scene.say("board-media", code=scene.code))


def _state(scene: Scene) -> State:
    """The state as the reader may know it.

    An incident whose team is out stays open while somebody's duress is unsettled; nobody near
    may see it wait.
    """
    incident = scene.incident
    all_out = all(m.stage is Stage.OUT_SAFE for m in incident.team)
    if incident.state is State.LEAVING and all_out and _near(scene):
        return State.AFTERCARE
    return incident.state


def _outcome(scene: Scene) -> str:
    outcome = scene.incident.outcome
    return scene.say(f"outcome.{outcome}") if outcome else ""


def _board_rows(scene: Scene, state: State) -> Rows:
    if state is State.CLOSED:
        return ()
    note = scene.offer("note", Verb.NOTE)
    if state is State.AFTERCARE:
        return ((note,),)
    end = scene.offer("end", Verb.END)
    if state is State.HELD:
        return ((note, end),)
    leave = scene.offer("leave-order", Verb.LEAVE_ORDER)
    if state is State.LEAVING:
        return ((note, end), (leave,))
    widen = scene.offer("widen", Verb.WIDEN)
    return ((note, widen), (end, leave) if scene.incident.team else (end,))


def _team(scene: Scene) -> str:
    incident = scene.incident
    waves = incident.recruiting.wave + 1
    calls = [call.state for call in incident.calls]
    paged = scene.say(
        "board.paged",
        waves=waves,
        paged=len(calls),
        accepted=calls.count(CallState.ACCEPTED),
        declined=calls.count(CallState.DECLINED),
    )
    mates = (scene.say("board.mate", mate=_mate(scene, mate)) for mate in incident.team)
    morning = scene.say("board.morning", time=f"{ASKED_FROM:%H:%M}") if incident.morning else ""
    return lines(paged if calls else "", _not_arrived(scene), morning, *mates)


def _not_arrived(scene: Scene) -> str:
    """How many pages reached nobody, as far as their platforms say; nothing where all did."""
    count = [call.state for call in scene.incident.calls].count(CallState.FAILED)
    return scene.say("board.unreached", count=count) if count else ""


def _mate(scene: Scene, mate: Mate) -> str:
    parts = [scene.listed([mate]), scene.say(f"stage.{mate.stage}")]
    if mate.stage is not Stage.OUT_SAFE:
        parts += [scene.say("board.leaving")] if mate.told_leave else []
        parts += [scene.say("board.held-back")] if mate.held_back and not mate.told_leave else []
        parts += [scene.say("board.due", time=scene.clock(mate.due))] if mate.due else []
    return ", ".join(parts)


def _alarms(scene: Scene) -> str:
    shown = (
        alarm
        for alarm in scene.incident.alarms
        if not (alarm.kind == AlarmKind.DURESS and _near(scene))
    )
    return lines(*(scene.say(f"board.alarm.{a.kind}", mate=scene.sign(a.about)) for a in shown))


def _notes(scene: Scene) -> str:
    notes = scene.incident.notes[-_NOTES_SHOWN:]
    return lines(*(_note(scene, note) for note in notes))


def _note(scene: Scene, note: Note) -> str:
    by = scene.sign(note.by) if note.by else scene.say("board.machine")
    head = scene.say("board.note", mate=by, time=scene.clock(note.at))
    return lines(head, quote(note.text, _NOTE_LIMIT))


# --- alarms -------------------------------------------------------------------------------------


def _alarm(scene: Scene) -> Sheet:
    kind = AlarmKind(scene.param("kind"))
    if kind is AlarmKind.DURESS and _near(scene):
        raise NotForThem("nobody near hears of duress")
    repeats = scene.param("repeats")
    again = ""
    if repeats.isdecimal() and int(repeats) > 0:
        again = scene.say("alarm.again", number=repeats)
    about = scene.sign(scene.tell.about)
    match kind:
        case AlarmKind.OVERDUE:
            body = _overdue(scene)
        case AlarmKind.DURESS:
            body = paragraphs(scene.say("alarm.duress", mate=about), _whereabouts(scene))
        case AlarmKind.NOT_TOLD:
            body = paragraphs(scene.say("alarm.not-told", mate=about), _whereabouts(scene))
        case AlarmKind.NO_TEAM:
            body = paragraphs(_not_arrived(scene), scene.say("alarm.no-team"))
    return Sheet(paragraphs(lines(again, scene.heading), body), _alarm_rows(scene, kind))


def _whereabouts(scene: Scene) -> str:
    team = scene.listed(scene.incident.team)
    if scene.param("bare"):
        return lines(scene.say("alarm.team", mates=team) if team else "")
    return lines(place(scene), scene.say("alarm.team", mates=team) if team else "")


def _overdue(scene: Scene) -> str:
    about = scene.tell.about
    mate = scene.incident.mate(about) if about else None
    since = _due_first(scene, mate) if mate else None
    when = scene.say("alarm.overdue.since", time=scene.clock(since)) if since else ""
    person = scene.view.person(about) if about else None
    contact = quote(person.emergency_contact, _NOTE_LIMIT) if person else ""
    return paragraphs(
        lines(scene.say("alarm.overdue", mate=scene.sign(about)), when),
        lines(scene.say("alarm.contact"), contact) if contact else scene.say("alarm.no-contact"),
        _whereabouts(scene),
    )


def _due_first(scene: Scene, mate: Mate) -> datetime | None:
    """When the sign of life was due that did not come.

    `due` moves on with every step that is missed: by the grace first, then by the repeat.
    """
    if mate.due is None or not mate.missed:
        return mate.due
    check = scene.playbook.check_in
    return mate.due - timedelta(seconds=check.grace_s + (mate.missed - 1) * check.repeat_s)


def _alarm_rows(scene: Scene, kind: AlarmKind) -> Rows:
    end = scene.offer("end", Verb.END)
    leave = scene.offer("leave-order", Verb.LEAVE_ORDER)
    accounted = scene.offer("accounted", Verb.ACCOUNTED, scene.tell.about or "")
    match kind:
        case AlarmKind.NO_TEAM:
            rows: Rows = ((scene.offer("widen", Verb.WIDEN), end),)
            return (*rows, (leave,)) if scene.incident.team else rows
        case AlarmKind.OVERDUE:
            return ((accounted,), (leave, end))
        case AlarmKind.DURESS | AlarmKind.NOT_TOLD:
            return ((accounted,),)


def _unreached(scene: Scene) -> Sheet:
    """A reporter stays "the reporter" here, also where that person is a member."""
    card = Card(scene.param("card"))
    if card in FOR_REPORTERS or scene.tell.about is None:
        return Sheet(scene.say("unreached.reporter", code=scene.code))
    return Sheet(scene.say("unreached", mate=scene.sign(scene.tell.about), code=scene.code))


WRITERS: Final[dict[Card, Writer]] = {
    Card.VERIFY: _verify,
    Card.VERIFY_MORE: _verify_more,
    Card.VERIFY_MEDIA: _verify_media,
    Card.VERIFY_CLOSED: _verify_closed,
    Card.BOARD: _board,
    Card.BOARD_MEDIA: _board_media,
    Card.ALARM: _alarm,
    Card.UNREACHED: _unreached,
}
