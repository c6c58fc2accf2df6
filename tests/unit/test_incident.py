"""The life of an incident: by table, every event in every state; and by stories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from responder.core import effects, events
from responder.core.effects import AlarmKind, Card, Decision, Ignored, Why
from responder.core.events import Event
from responder.core.incident import MEANINGFUL, decide, due
from responder.core.incident.case import MOVES
from responder.core.model import (
    Incident,
    IncidentId,
    Level,
    MessageId,
    Outcome,
    PersonId,
    Pin,
    Role,
    State,
    Training,
    Vouch,
)
from tests.builders import (
    BADGER,
    FOX,
    HERON,
    NOW,
    OTTER,
    OWL,
    PLACE,
    WREN,
    Story,
    a_member,
    a_network,
    a_playbook,
    a_report,
    a_reporter,
    a_small_network,
    an_incident,
    changed,
)

EVENTS: tuple[type[Any], ...] = tuple(k for k in get_args(Event) if k is not events.Filed)
LATER = NOW + timedelta(minutes=1)


def every_such(kind: type[Any], incident: Incident) -> Iterator[Event]:
    """Events of this kind, by anybody who might send one."""
    by_nobody = {"at": LATER}
    match kind:
        case events.Due:
            yield events.Due(at=due(incident) or LATER)
        case events.Returned:
            yield events.Returned(at=LATER, since=NOW)
        case events.Joined:
            yield events.Joined(at=LATER, report=a_report(PersonId("k")))
        case events.Identified:
            yield events.Identified(at=LATER, old=PersonId("r"), new=PersonId("k"))
            yield events.Identified(at=LATER, old=PersonId("x"), new=PersonId("k"))
        case events.Parted:
            for one, other in (("r", HERON), (HERON, OTTER), ("r", FOX), ("x", OWL)):
                yield events.Parted(at=LATER, one=PersonId(one), other=PersonId(other))
        case events.PersonGone:
            yield from (events.PersonGone(at=LATER, person=PersonId(p)) for p in (HERON, FOX))
        case events.MessageFailed:
            yield from _failures(incident)
        case _:
            for by in ("r", "x", HERON, OTTER, OWL, FOX):
                yield kind(**by_nobody, by=PersonId(by), **_rest(kind))


def _failures(incident: Incident) -> Iterator[Event]:
    sent = [(c.message, c.person, Card.PAGE) for c in incident.calls]
    sent += [(m.brief, m.person, Card.BRIEF) for m in incident.team if m.brief]
    sent += [(MessageId("m"), m.person, Card.LEAVE) for m in incident.team]
    sent += [(a.message, a.person, Card.VERIFY) for a in incident.verification.asked]
    sent += [(MessageId("m"), s.reporter, Card.OVER) for s in incident.sources]
    for message, person, card in sent:
        yield events.MessageFailed(at=LATER, message=message, to=person, card=card)


def _rest(kind: type[Any]) -> dict[str, Any]:
    """What events of this kind hold besides their time and author."""
    rest: dict[type[Any], dict[str, Any]] = {
        events.Added: {"text": "more of them"},
        events.FollowUpWanted: {"wanted": True},
        events.ReporterAsked: {"text": "Is it still going on?"},
        events.Merged: {"into": IncidentId("i2")},
        events.Ended: {"reason": "all home"},
        events.AccountedFor: {"person": PersonId(HERON), "reason": "she called"},
        events.Noted: {"text": "careful"},
    }
    return rest.get(kind, {})


# --- the table ------------------------------------------------------------------------------------


def test_the_table_knows_every_event() -> None:
    assert set(MEANINGFUL) == set(EVENTS)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_event_that_means_nothing_there_changes_nothing(kind: type[Any], state: State) -> None:
    story = an_incident(state)
    for event in every_such(kind, story.incident):
        decision = story.offer(event)
        if state not in MEANINGFUL[kind]:
            assert decision == Ignored(reason=Why.OVER)
        elif isinstance(decision, Decision):
            assert decision.incident.state in MOVES[state] | {state}
            assert due(decision.incident) or decision.incident.state is State.CLOSED


def in_state(state: State) -> Iterator[Story]:
    """Incidents in this state: the plain one, and those in which a team broke or asks for more."""
    yield an_incident(state)
    out = an_incident(State.OUT)
    if state is State.PAGING:
        yield out.by(events.Declined, WREN)
    elif state is State.BRIEFING:
        yield out.by(events.Declined, WREN).by(events.Widened, OWL).by(events.Accepted, OTTER)
    elif state is State.OUT:
        yield out.by(events.MoreNeeded, HERON)
        asked = an_incident(State.OUT).by(events.MoreNeeded, HERON)
        yield asked.by(events.Accepted, OTTER)
    elif state is State.AFTERCARE:
        pressed = an_incident(State.OUT).by(events.CheckedIn, HERON, duress=True)
        yield pressed.by(events.Done, HERON).by(events.OutSafe, HERON, WREN)


ONLY_A_BETTER_REASON = {
    (events.Accepted, State.BRIEFING),
    (events.Widened, State.BRIEFING),
    (events.Done, State.LEAVING),
    (events.PersonGone, State.LEAVING),
}
"""Nothing changes; the table lets them in so that whoever pressed hears a better reason."""

MEANT = [
    (kind, state)
    for kind in EVENTS
    for state in sorted(MEANINGFUL[kind])
    if kind not in (events.FollowUpWanted, events.Merged, events.Parted)
    and (kind, state) not in ONLY_A_BETTER_REASON
]


@pytest.mark.parametrize(("kind", "state"), MEANT, ids=lambda v: getattr(v, "__name__", str(v)))
def test_what_the_table_allows_can_change_something(kind: type[Any], state: State) -> None:
    decisions = [
        story.offer(event)
        for story in in_state(state)
        for event in every_such(kind, story.incident)
    ]
    assert any(isinstance(decision, Decision) for decision in decisions)


def test_nothing_happens_to_an_incident_that_is_none() -> None:
    world = a_small_network()
    assert decide(None, events.Due(at=NOW), world) == Ignored(reason=Why.OVER)


@pytest.mark.parametrize("state", [s for s in State if s is not State.CLOSED])
def test_whatever_is_open_is_due_some_time(state: State) -> None:
    for story in in_state(state):
        assert due(story.incident) is not None


@pytest.mark.parametrize("state", State)
def test_what_is_due_happens_once(state: State) -> None:
    for story in in_state(state):
        at = due(story.incident)
        assert at is not None
        after = story.wait().incident
        again = due(after)
        assert again is None or again > at


# --- trust before noise ---------------------------------------------------------------------------


def test_a_trusted_report_pages_at_once() -> None:
    story = an_incident(State.PAGING)
    assert {to for to, card in story.told if card == "page"} == {HERON, WREN, OTTER, BADGER}
    assert story.hears("r") == ["asked"]


def test_an_unknown_report_waits_for_a_verifier_and_pages_nobody() -> None:
    story = an_incident(State.HELD)
    assert story.told == [("x", "held"), (FOX, "verify")]


def test_a_verifiers_yes_pages() -> None:
    story = an_incident(State.HELD).by(events.Confirmed, FOX)
    assert story.incident.state is State.PAGING
    assert story.hears(FOX) == ["verify-closed"]


def test_nobody_verifies_a_report_of_somebody_they_vouched_for() -> None:
    world = a_small_network()
    world.put(a_reporter("x", Level.UNKNOWN, vouches=(Vouch(by=PersonId(FOX), at=NOW),)))
    playbook = changed(a_playbook(), trust={"pages_at": Level.TRUSTED})
    world.playbooks["copwatch"] = world.texts[playbook.digest] = playbook
    story = Story(world, a_report(PersonId("x")))
    assert story.hears(FOX) == []
    asked = events.Confirmed(at=LATER, by=PersonId(FOX))
    assert story.offer(asked) == Ignored(reason=Why.NOT_YOURS)


def test_nobody_verifies_their_own_report() -> None:
    world = a_small_network()
    world.put(a_member("Fox", roles=(Role.VERIFIER,), granted=Level.UNKNOWN))
    story = Story(world, a_report(PersonId(FOX)))
    asked = events.Confirmed(at=LATER, by=PersonId(FOX))
    assert story.offer(asked) == Ignored(reason=Why.NOT_YOURS)


def test_many_unknown_reports_never_page_and_make_it_urgent() -> None:
    world = a_small_network()
    story = an_incident(State.HELD, world)
    for number in range(5):
        world.put(a_reporter(f"u{number}", Level.UNKNOWN))
        report = a_report(PersonId(f"u{number}"))
        story.then(events.Joined(at=LATER, report=report))
    assert story.incident.state is State.HELD
    assert story.incident.verification.urgent


def test_only_the_new_reporter_hears_that_the_report_was_put_with_others() -> None:
    report = a_report(PersonId("k"))
    story = an_incident(State.OUT).then(events.Joined(at=LATER, report=report))
    assert [to for to, card in story.told if card == "joined"] == ["k"]


def test_nobody_answers_and_it_expires_with_a_kind_word() -> None:
    story = an_incident(State.HELD)
    while story.incident.state is State.HELD:
        story.wait()
    assert story.incident.outcome is Outcome.EXPIRED
    assert story.hears("x") == ["expired"]


def test_an_unconfirmed_reporter_moves_no_team_elsewhere() -> None:
    lure = a_report(PersonId("x"), place="the empty lot", pin=Pin(latitude=1.0, longitude=2.0))
    story = an_incident(State.OUT).then(events.Joined(at=LATER, report=lure))
    assert story.incident.place == PLACE
    assert story.incident.pin is None
    assert story.hears(HERON) == []


def test_a_report_below_the_trust_line_moves_no_team_elsewhere() -> None:
    world = a_small_network()
    playbook = changed(a_playbook(), trust={"pages_at": Level.TRUSTED})
    world.playbooks["copwatch"] = world.texts[playbook.digest] = playbook
    lure = a_report(PersonId("k"), place="the empty lot")
    story = an_incident(State.OUT, world).then(events.Joined(at=LATER, report=lure))
    assert story.incident.place == PLACE


def test_a_report_that_was_taken_back_does_not_count_when_others_are_confirmed() -> None:
    world = a_small_network()
    world.put(a_reporter("u", Level.UNKNOWN))
    lure = a_report(PersonId("u"), place="the empty lot")
    story = an_incident(State.HELD, world).then(events.Joined(at=LATER, report=lure))
    story.by(events.ReporterCancelled, "u").by(events.Confirmed, FOX)
    assert story.incident.place == PLACE


# --- nobody alone ---------------------------------------------------------------------------------


def test_who_says_yes_first_waits_and_is_told_so() -> None:
    story = an_incident(State.PAGING).by(events.Accepted, HERON)
    assert story.hears(HERON) == ["waiting"]
    assert story.incident.team == ()


def test_two_who_say_yes_get_the_brief_and_the_rest_are_thanked() -> None:
    story = an_incident(State.BRIEFING)
    assert story.hears(HERON) == story.hears(WREN) == ["brief"]
    assert story.hears(OTTER) == story.hears(BADGER) == ["enough"]


def test_go_follows_only_when_both_have_the_brief() -> None:
    story = an_incident(State.BRIEFING).by(events.HaveIt, HERON)
    assert story.told == []
    story.by(events.HaveIt, WREN)
    assert story.hears(HERON) == story.hears(WREN) == ["go"]


def test_an_unread_brief_is_a_partner_who_left() -> None:
    story = an_incident(State.BRIEFING).by(events.HaveIt, HERON).wait()
    assert "hold-back" in story.hears(HERON)
    assert story.incident.mate(PersonId(WREN)) is None
    assert story.incident.state is State.PAGING


def test_a_brief_that_failed_is_a_partner_who_left() -> None:
    story = an_incident(State.BRIEFING)
    wren = story.incident.mate(PersonId(WREN))
    assert wren is not None and wren.brief is not None
    failed = events.MessageFailed(at=LATER, message=wren.brief, to=wren.person, card=Card.BRIEF)
    assert "hold-back" in story.then(failed).hears(HERON)


def test_a_partner_who_cannot_go_on_holds_the_other_back_and_another_is_paged() -> None:
    story = an_incident(State.OUT).by(events.Declined, WREN)
    assert story.hears(HERON) == ["hold-back"]
    assert "leave" in story.hears(WREN)
    assert "page" in story.hears(OTTER)


def test_who_was_left_alone_reads_a_new_brief_with_the_new_partner() -> None:
    story = an_incident(State.OUT).by(events.Declined, WREN).by(events.Accepted, OTTER)
    assert story.hears(HERON) == story.hears(OTTER) == ["brief"]
    story.by(events.HaveIt, OTTER)
    assert story.told == []
    assert story.by(events.HaveIt, HERON).incident.state is State.OUT


def test_two_newcomers_wait_for_somebody_experienced() -> None:
    new = [a_member(sign, experienced=False) for sign in ("Heron", "Wren")]
    story = Story(a_network(*new, a_member("Otter"), a_reporter("r")), a_report(PersonId("r")))
    story.by(events.Accepted, HERON, WREN)
    assert story.incident.team == ()
    story.by(events.Accepted, OTTER)
    assert len(story.incident.team) == 2


def test_a_training_that_ran_out_breaks_the_team_before_it_goes() -> None:
    story = an_incident(State.BRIEFING).by(events.HaveIt, HERON)
    yesterday = (NOW - timedelta(days=1)).date()
    old = (Training(name="observer", expires_on=yesterday),)
    story.world.put(a_member("Wren", trainings=old))
    story.by(events.HaveIt, WREN)
    assert "hold-back" in story.hears(HERON)
    assert "go" not in story.hears(WREN)


def test_late_yeses_make_a_smaller_team_when_nobody_is_left_to_ask() -> None:
    world = a_small_network()
    playbook = changed(a_playbook(), team={"size": 4, "at_least": 2})
    world.playbooks["copwatch"] = world.texts[playbook.digest] = playbook
    story = an_incident(State.PAGING, world)
    while not story.incident.recruiting.exhausted:
        story.wait()
    assert story.by(events.Accepted, HERON, WREN).incident.state is State.BRIEFING


def unheard(*people: str) -> Story:
    """No page to these people arrived, as far as their platforms say; the search goes on."""
    story = an_incident(State.PAGING)
    for person in people:
        call = story.incident.call(PersonId(person))
        assert call is not None
        story.then(
            events.MessageFailed(
                at=LATER, message=call.message, to=call.person, card=Card.PAGE.value
            )
        )
    return story


def test_whoever_got_a_page_that_counted_as_failed_can_still_come() -> None:
    story = unheard(HERON, WREN).by(events.Accepted, HERON)
    assert story.hears(HERON) == ["waiting"]
    assert story.by(events.Accepted, WREN).incident.state is State.BRIEFING


def test_whom_no_page_reached_is_asked_again_once_a_coordinator_wants_it_after_the_last_wave() -> (
    None
):
    story = unheard(HERON)
    first = story.incident.call(PersonId(HERON))
    while not story.incident.recruiting.exhausted:
        story.wait()
        assert HERON not in [to for to, card in story.told if card == "page"]
    story.by(events.Widened, OWL)
    assert story.hears(HERON) == ["page"]
    assert first is not None and effects.Recall(message=first.message) in story.effects


def test_a_brief_that_failed_after_leave_was_ordered_uncounts_nobody() -> None:
    story = an_incident(State.BRIEFING).by(events.LeaveOrdered, OWL)
    for mate in story.incident.team:
        assert mate.brief is not None
        late = events.MessageFailed(at=LATER, message=mate.brief, to=mate.person, card=Card.BRIEF)
        assert story.offer(late) == Ignored(reason=Why.OVER)


def test_nobody_left_to_page_alarms_coordinators_in_any_playbook() -> None:
    world = a_small_network()
    playbook = a_playbook().model_copy(update={"waves": a_playbook().waves[:1]})
    world.playbooks["copwatch"] = world.texts[playbook.digest] = playbook
    story = an_incident(State.PAGING, world).wait()
    assert story.incident.recruiting.exhausted
    assert (OWL, "alarm") in story.told
    assert story.hears("r") == ["nobody"]


# --- signs of life --------------------------------------------------------------------------------


def test_silence_is_nudged_then_alarms_and_repeats() -> None:
    story = an_incident(State.OUT).wait()
    assert story.hears(HERON) == ["nudge"]
    story.wait()
    assert (OWL, "alarm") in story.told
    story.wait()
    assert (OWL, "alarm") in story.told


def test_a_sign_of_life_ends_the_alarm() -> None:
    story = an_incident(State.OUT).wait().wait().by(events.CheckedIn, HERON)
    about = {a.about for a in story.incident.alarms}
    assert about == {WREN}


def test_duress_looks_like_a_check_in_to_everybody_but_coordinators() -> None:
    calm, duress = (
        an_incident(State.OUT).by(events.CheckedIn, HERON, duress=duress)
        for duress in (False, True)
    )
    assert [t for t in duress.told if t[0] != OWL] == calm.told
    assert duress.hears(OWL) == ["alarm"]


def test_later_answers_do_not_clear_duress() -> None:
    story = an_incident(State.OUT).by(events.CheckedIn, HERON, duress=True)
    story.by(events.CheckedIn, HERON).by(events.Done, HERON).by(events.OutSafe, HERON, WREN)
    assert [a.kind for a in story.incident.alarms] == [AlarmKind.DURESS]
    assert story.incident.state is State.AFTERCARE, "whoever looks on sees a response end"
    while story.incident.debrief_at:
        story.wait()
    assert story.incident.state is State.AFTERCARE, "but it is not closed"
    known = events.AccountedFor(at=story.at, by=PersonId(OWL), person=PersonId(HERON), reason="met")
    assert story.then(known).incident.state is State.CLOSED


def test_nobody_in_the_team_settles_an_alarm() -> None:
    world = a_small_network()
    world.put(a_member("Wren", roles=(Role.RESPONDER, Role.COORDINATOR)))
    story = an_incident(State.OUT, world).wait().wait()
    near = events.AccountedFor(at=story.at, by=PersonId(WREN), person=PersonId(HERON), reason="ok")
    assert story.offer(near) == Ignored(reason=Why.NOT_YOURS)


# --- the way out ----------------------------------------------------------------------------------


def test_done_stands_everybody_down_and_counts_them() -> None:
    story = an_incident(State.LEAVING)
    assert story.hears(HERON) == story.hears(WREN) == ["stand-down"]
    story.by(events.OutSafe, HERON)
    assert story.incident.state is State.LEAVING
    assert story.by(events.OutSafe, WREN).incident.state is State.AFTERCARE


def test_leave_now_is_told_at_once_then_stand_down() -> None:
    story = an_incident(State.OUT).by(events.LeaveNow, HERON)
    assert story.hears(WREN) == ["leave"]
    assert story.by(events.OutSafe, WREN).hears(WREN) == ["stand-down", "thanks"]


def test_who_could_not_go_on_is_stood_down_too() -> None:
    story = an_incident(State.OUT).by(events.Declined, WREN).by(events.OutSafe, WREN)
    assert "stand-down" in story.hears(WREN)


def test_a_reporter_who_heard_nobody_yet_hears_the_end_as_well() -> None:
    story = an_incident(State.PAGING)
    while story.incident.state is State.PAGING:
        story.wait()
    assert story.incident.outcome is Outcome.NOBODY
    assert story.hears("r") == ["nobody"]


def test_only_a_coordinators_reason_closes_the_count() -> None:
    story = an_incident(State.LEAVING)
    ended = events.Ended(at=LATER, by=PersonId(HERON), reason="we are home")
    assert story.offer(ended) == Ignored(reason=Why.NOT_YOURS)
    story.by(events.Ended, OWL, reason="it is over")
    assert story.incident.state.value == "leaving", "the first word names who is not out yet"
    assert {a.about for a in story.incident.alarms} == {HERON, WREN}
    story.by(events.Ended, OWL, reason="I met them")
    assert story.incident.state is State.AFTERCARE
    assert story.incident.notes[-1].text == "I met them"


def test_a_hard_call_said_early_rests_the_pair() -> None:
    story = an_incident(State.OUT).by(events.Declined, WREN).by(events.OutSafe, WREN)
    story.by(events.HardCall, WREN).by(events.Ended, OWL, reason="enough for tonight")
    story.by(events.OutSafe, HERON)
    rests = {e.person for e in story.effects if isinstance(e, effects.Rest)}
    assert rests == {HERON, WREN}


def test_who_is_out_safe_is_never_thanked_for_waiting() -> None:
    story = an_incident(State.OUT).by(events.Declined, WREN).by(events.OutSafe, WREN)
    story.by(events.Accepted, OTTER)
    assert story.hears(WREN) == []


# --- reporters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [events.ReporterSafe, events.ReporterCancelled])
def test_a_reporter_tells_the_team_and_stands_nobody_down(kind: type[Any]) -> None:
    story = an_incident(State.OUT).by(kind, "r")
    assert story.hears(HERON) == story.hears(WREN) == ["update"]
    assert story.incident.state is State.OUT


def test_a_report_that_was_taken_back_can_still_be_forgotten() -> None:
    story = an_incident(State.PAGING).by(events.ReporterCancelled, "r")
    assert story.incident.state is State.CLOSED
    story.by(events.ReporterCancelled, "r", forget=True)
    assert effects.ForgetReport(report=a_report(PersonId("r")).id) in story.effects
    assert story.incident.words == ()


def test_what_is_to_be_forgotten_goes_at_once_while_nobody_goes_there_yet() -> None:
    story = an_incident(State.PAGING)
    story.then(events.Joined(at=LATER, report=a_report(PersonId("k"), text="they have dogs")))
    story.by(events.ReporterCancelled, "r", forget=True)
    assert effects.ForgetReport(report=a_report(PersonId("r")).id) in story.effects
    assert [words.text for words in story.incident.words] == ["they have dogs"]
    assert story.incident.state is State.PAGING


def test_what_several_want_forgotten_goes_in_the_order_of_their_reports() -> None:
    story, names = an_incident(State.OUT), [PersonId(name) for name in "klmnopq"]
    for name in names:
        story.then(events.Joined(at=LATER, report=a_report(name)))
    story.by(events.ReporterCancelled, *names, forget=True)
    story.by(events.Done, HERON).by(events.OutSafe, HERON, WREN)
    gone = [e.report for e in story.effects if isinstance(e, effects.ForgetReport)]
    assert gone == [a_report(name).id for name in names]


def test_a_reporter_whom_a_rule_forbids_to_meet_frees_the_mate() -> None:
    world = a_small_network()
    world.put(a_reporter("k", Level.KNOWN, keep_apart=(PersonId(WREN),)))
    story = an_incident(State.OUT, world)
    story.then(events.Joined(at=LATER, report=a_report(PersonId("k"))))
    assert "leave" in story.hears(WREN)
    assert "hold-back" in story.hears(HERON)


@pytest.mark.parametrize(
    ("state", "whom", "heard"),
    [(State.HELD, FOX, "verify-closed"), (State.PAGING, HERON, "enough")],
    ids=["whoever-verifies", "whoever-was-paged"],
)
def test_a_new_rule_with_the_reporter_takes_back_what_was_asked(
    state: State, whom: str, heard: str
) -> None:
    world = a_small_network()
    story = an_incident(state, world)
    reporter = story.incident.sources[0].reporter
    world.put(replace(world.everybody[PersonId(whom)], keep_apart=(reporter,)))
    story.then(events.Parted(at=LATER, one=PersonId(whom), other=reporter))
    assert story.hears(whom) == [heard]


def test_what_is_left_after_the_words_is_shredded_in_the_end() -> None:
    story = an_incident(State.CLOSED).wait()
    assert story.incident.words == ()
    story.wait()
    assert effects.Shred() in story.effects
    assert not [e for e in story.effects if isinstance(e, effects.Tell)]


def test_a_member_who_is_gone_from_a_count_stays_counted() -> None:
    story = an_incident(State.LEAVING)
    gone = events.PersonGone(at=LATER, person=PersonId(HERON))
    assert story.offer(gone) == Ignored(reason=Why.OVER)


def test_a_failed_word_to_a_reporter_reaches_the_coordinators() -> None:
    story = an_incident(State.PAGING)
    failed = events.MessageFailed(
        at=LATER, message=MessageId("m"), to=PersonId("r"), card=Card.ASKED
    )
    assert story.then(failed).hears(OWL) == ["unreached"]
    tells = [e for e in story.effects if isinstance(e, effects.Tell)]
    assert tells[0].params == {"card": "asked"}


def test_duress_is_heard_from_whoever_waits_has_a_brief_or_is_just_back() -> None:
    waiting = an_incident(State.PAGING).by(events.Accepted, HERON)
    briefed = an_incident(State.BRIEFING)
    back = an_incident(State.AFTERCARE)
    for story in (waiting, briefed, back):
        story.by(events.CheckedIn, HERON, duress=True)
        assert [a.kind for a in story.incident.alarms] == [AlarmKind.DURESS]
