"""Faults that the simulator found, each as the smallest story that shows it."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from responder.core import events, network, sweeping
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.effects import AlarmKind, Ignored, Why
from responder.core.incident import decide, due
from responder.core.model import Alarm, PersonId, ReportId, Role, Shift, State
from responder.core.reach import Drill
from responder.core.rehearsing import drills
from responder.core.spoken import Inbound, Verb
from responder.core.talk import locking
from responder.core.world import World
from tests.builders import (
    FOX,
    HERON,
    NORTHSIDE,
    NOW,
    OTTER,
    OWL,
    RIVERSIDE,
    WREN,
    a_member,
    a_network,
    a_report,
    a_small_network,
    an_incident,
    on_call_now,
)

NONCE = bytes(32)
HOUR = timedelta(hours=1)


def test_a_clock_set_back_by_an_hour_does_not_make_a_wave_wait_for_an_hour_more() -> None:
    story = an_incident(State.PAGING)
    earlier = story.at - HOUR
    wave_s = story.world.playbook(story.incident.playbook).waves[0].wait_s
    story.then(events.Returned(at=earlier, since=earlier))
    assert story.incident.recruiting.until == earlier + timedelta(seconds=wave_s)


def test_a_clock_set_back_does_not_lengthen_the_reading_of_a_second_brief() -> None:
    world = a_small_network()
    story = an_incident(State.OUT, world).by(events.Declined, WREN).by(events.Accepted, OTTER)
    assert story.incident.state is State.BRIEFING
    earlier = story.at - HOUR
    story.then(events.Returned(at=earlier, since=earlier))
    within = timedelta(seconds=world.playbook(story.incident.playbook).brief.within_s)
    assert {m.brief_by for m in story.incident.active} == {earlier + within}


def test_a_clock_set_back_moves_the_search_for_a_verifier_and_alarms_nearer() -> None:
    story = an_incident(State.HELD)
    alarm = Alarm(kind=AlarmKind.NO_TEAM.value, again_at=story.at + 9 * HOUR)
    story.world.put(replace(story.incident, alarms=(alarm,)))
    story.incident = story.world.incidents[story.incident.id]
    earlier = story.at - HOUR
    story.then(events.Returned(at=earlier, since=earlier))
    assert (due(story.incident) or NOW) < NOW
    assert story.incident.alarms[0].again_at < NOW


def test_a_confirmation_counts_whose_card_seemed_to_reach_nobody() -> None:
    story = an_incident(State.HELD)
    (asked, *_) = story.incident.verification.asked
    lost = events.MessageFailed(at=story.at, message=asked.message, to=asked.person, card="verify")
    story.then(lost).by(events.Confirmed, asked.person)
    assert asked.person == FOX
    assert [source.counts for source in story.incident.sources] == [True]


def test_somebody_taken_and_let_go_in_one_transaction_is_free_on_disk() -> None:
    world = a_small_network()
    story = an_incident(State.PAGING, world)
    desk = Desk(world, NOW, NONCE)
    desk.apply(story.incident, events.Accepted(at=NOW, by=PersonId(HERON)))
    desk.apply(world.incidents[story.incident.id], events.Declined(at=NOW, by=PersonId(HERON)))
    assert desk.changes.assigned == []
    assert (HERON, story.incident.id) in desk.changes.released


def test_the_button_of_an_older_brief_does_not_confirm_the_newest() -> None:
    """Somebody joins a team that is out, and a fourth before they have read their brief."""
    world = a_small_network()
    world.put(a_member("Lark"))
    world.put(on_call_now(world.everybody[PersonId("lark")]))
    story = an_incident(State.OUT, world)
    tokens = []
    for wanting, joining in ((HERON, OTTER), (WREN, "lark")):
        desk = Desk(world, story.at, NONCE + joining.encode())
        for event in (
            events.MoreNeeded(at=story.at, by=PersonId(wanting)),
            events.Accepted(at=story.at, by=PersonId(joining)),
        ):
            desk.apply(world.incidents[story.incident.id], event)
        mine = world.prompts_of(PersonId(OTTER))
        tokens.append([p.token for p in mine if p.action.verb == Verb.HAVE_IT])
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]


def test_whoever_spoke_under_duress_cannot_end_the_alarm_about_themselves() -> None:
    """A coordinator who waits for a partner, and whose phone somebody else may hold."""
    world = a_small_network()
    both = (Role.COORDINATOR, Role.RESPONDER)
    world.put(replace(world.everybody[PersonId(HERON)], roles=both))
    story = an_incident(State.PAGING, world).by(events.Accepted, HERON)
    story.by(events.CheckedIn, HERON, duress=True)
    forced = events.Ended(at=story.at, by=PersonId(HERON), reason="all is well")
    assert story.offer(forced) == Ignored(reason=Why.NOT_YOURS)
    heron = PersonId(HERON)
    mine = events.AccountedFor(at=story.at, by=heron, person=heron, reason="all is well")
    assert story.offer(mine) == Ignored(reason=Why.NOT_YOURS)


def test_duress_of_the_only_coordinator_is_settled_by_whoever_is_rung_instead() -> None:
    world = a_small_network()
    roles = (Role.RESPONDER, Role.COORDINATOR)
    world.put(replace(world.everybody[PersonId(HERON)], roles=roles))
    world.put(replace(world.everybody[PersonId(OWL)], roles=(Role.RESPONDER,)))
    story = an_incident(State.PAGING, world).by(events.Accepted, HERON)
    story.then(events.CheckedIn(at=story.at, by=PersonId(HERON), duress=True))
    assert "alarm" in story.hears(FOX)
    heron, fox = PersonId(HERON), PersonId(FOX)
    story.then(events.AccountedFor(at=story.at, by=fox, person=heron, reason="phoned"))
    assert story.incident.alarms == ()


def test_an_alarm_rings_also_for_those_who_may_settle_it() -> None:
    """The only coordinator is out there: she hears of her partner's silence and cannot end it."""
    world = a_small_network()
    roles = (Role.RESPONDER, Role.COORDINATOR)
    world.put(replace(world.everybody[PersonId(HERON)], roles=roles))
    world.put(replace(world.everybody[PersonId(OWL)], roles=(Role.RESPONDER,)))
    story = an_incident(State.OUT, world)
    while not story.incident.alarms:
        story.wait()
    assert "alarm" in story.hears(FOX)


def test_duress_is_told_to_nobody_who_speaks_under_duress_too() -> None:
    """Their phone may be in the hands of whoever holds them."""
    world = a_small_network()
    world.put(a_member("Sedge", roles=(Role.COORDINATOR,)))
    story = an_incident(State.OUT, world)
    story.then(events.CheckedIn(at=story.at, by=PersonId(HERON), duress=True))
    assert story.hears(OWL) == story.hears("sedge") == ["alarm"]
    # Owl said yes, never went, and gives the phrase too.
    story.incident = replace(story.incident, duress=(*story.incident.duress, PersonId(OWL)))
    world.put(story.incident)
    story.wait()
    assert "alarm" in story.hears("sedge")
    assert "alarm" not in story.hears(OWL)


def test_a_mate_who_must_not_meet_a_new_reporter_hears_that_they_are_not_to_go() -> None:
    world = a_small_network()
    story = an_incident(State.BRIEFING, world).by(events.HaveIt, HERON)
    world.put(replace(world.everybody[PersonId("k")], keep_apart=(PersonId(HERON),)))
    again = a_report(PersonId("k"), id=ReportId("again"))
    story.then(events.Joined(at=story.at, report=again))
    assert story.hears(HERON) == ["dropped"]


def test_whoever_came_out_and_says_yes_again_is_not_taken_for_ever() -> None:
    story = an_incident(State.OUT)
    story.by(events.Declined, WREN).by(events.OutSafe, WREN)
    again = events.Accepted(at=story.at, by=PersonId(WREN))
    assert decide(story.incident, again, story.world) == Ignored(reason=Why.ALREADY)
    story.by(events.OutSafe, HERON)
    assert story.incident.state is State.AFTERCARE
    assert story.world.busy_in(PersonId(WREN)) is None


def test_what_hangs_on_a_forgotten_persons_key_leaves_memory_with_them() -> None:
    world = a_network(a_member("Heron"))
    heron = world.everybody[PersonId(HERON)]
    shift = Shift(id="s", person=heron.id, neighbourhood=NORTHSIDE, start="18:00", end="20:00")
    world.put(shift)
    world.delete(heron)
    assert world.shifts() == ()
    assert world.overrides() == ()


def test_once_what_was_confirmed_is_forgotten_no_other_report_leads_a_team() -> None:
    """A stranger added to it where they want people to come; nobody confirmed that."""
    world = a_small_network()
    story = an_incident(State.PAGING, world)
    lure = a_report(PersonId("x"), id=ReportId("lure"), place="the dark end of Quarry Lane")
    story.then(events.Joined(at=story.at, report=lure))
    story.by(events.ReporterCancelled, "r", forget=True)
    assert [source.counts for source in story.incident.sources] == [False]
    assert story.incident.place == ""


def test_nothing_is_kept_of_somebody_forgotten_whose_partner_rests() -> None:
    world = a_small_network()
    story = an_incident(State.AFTERCARE, world)
    world.delete(world.everybody[PersonId(HERON)])
    desk = Desk(world, story.at, NONCE)
    desk.apply(story.incident, events.HardCall(at=story.at, by=PersonId(WREN)))
    assert ("care", WREN) in desk.changes.puts
    assert ("care", HERON) not in desk.changes.puts


def test_who_asks_twice_to_be_forgotten_is_known_until_the_team_is_back() -> None:
    """Else nobody could tell them how it ended, nor keep them and a team apart."""
    world = a_small_network()
    an_incident(State.BRIEFING, world)
    for number in range(2):
        said(world, f"ask{number}", text="/forget")
        (sure,) = (p for p in world.prompts_of(PersonId("r")) if p.action.verb == Verb.FORGET)
        said(world, f"sure{number}", token=sure.token)
    assert world.person(PersonId("r")) is not None


def test_a_report_begun_and_never_told_to_its_end_goes_when_another_one_begins() -> None:
    """Else the pictures that were sent for it would lie there for ever."""
    world = a_small_network()
    said(world, "half", text="somebody came to the door, look at this")
    begun = world.sessions[PersonId("r")].draft
    changes = said(world, "anew", text="/report two officers search a kid in Northside")
    assert begun is not None
    assert f"report:{begun.report}" in changes.destroyed


def test_with_the_lock_no_page_that_still_waits_leaves() -> None:
    world = a_small_network()
    story = an_incident(State.PAGING, world)
    desk = Desk(world, story.at, NONCE)
    locking.lock(desk, PersonId(OWL))
    assert {call.message for call in story.incident.calls} <= set(desk.changes.withdrawn)


def test_a_network_that_was_locked_takes_up_nothing_in_its_last_minute() -> None:
    """Nobody would watch whoever went for it."""
    world = a_small_network()
    locking.lock(Desk(world, NOW, NONCE), PersonId(OWL))
    changes = said(world, "late", text="two officers search a kid in Northside")
    assert not world.incidents
    assert "closed" in changes.messages[0].text


def a_drill_in_riverside(world: World) -> Drill:
    """All who are on call there and free are asked."""
    drill = drills.begin(Desk(world, NOW, NONCE), RIVERSIDE)
    assert isinstance(drill, Drill)
    return drill


def test_a_drill_leaves_alone_whoever_is_asked_to_come_to_something_real_elsewhere() -> None:
    world = a_network_of_two_places()
    an_incident(State.PAGING, world)
    drill = a_drill_in_riverside(world)
    assert "otter" in drill.asked
    assert not {HERON, WREN} & set(drill.asked)


def test_a_drill_ends_when_something_real_elsewhere_needs_its_people() -> None:
    world = a_network_of_two_places()
    drill = a_drill_in_riverside(world)
    assert drills.due(world, NOW) == ()
    an_incident(State.PAGING, world)
    assert drills.due(world, NOW) == (drill.id,)


def test_whoever_waits_for_a_new_partner_leaves_when_a_rule_parts_them_from_the_reporter() -> None:
    world = a_small_network()
    story = an_incident(State.BRIEFING, world).by(events.Declined, WREN)
    reporter, heron = PersonId("r"), PersonId(HERON)
    world.put(replace(world.everybody[reporter], keep_apart=(heron,)))
    story.then(events.Parted(at=story.at, one=reporter, other=heron))
    assert "dropped" in story.hears(HERON)
    story.by(events.Accepted, OTTER)
    assert story.incident.active == ()


def test_an_alarm_rings_for_verifiers_where_nothing_reaches_the_coordinators() -> None:
    world = a_small_network()
    story = an_incident(State.OUT, world)
    for owl in world.coordinators(story.incident):
        who = world.everybody[owl]
        dead = tuple(replace(a, dead=True) for a in who.addresses)
        world.put(replace(who, addresses=dead))
    story.by(events.CheckedIn, HERON, duress=True)
    assert "alarm" in story.hears(FOX)
    story.by(events.AccountedFor, FOX, person=PersonId(HERON), reason="we met them at home")
    assert story.incident.alarms == ()


def test_what_a_backup_brings_back_too_late_is_gone_from_its_reporters_conversation_too() -> None:
    """Also where something new was begun meanwhile, which goes on."""
    world = a_small_network()
    said(world, "one", "cops search a kid in northside")
    said(world, "two", "/report the lamp over the stairs hums")
    (talk,) = (s for s in world.sessions.values() if s.incident and s.draft)
    sweeping.outlived(world, NOW + timedelta(days=90), NONCE, since=NOW)
    now = world.sessions[talk.person]
    assert not world.incidents
    assert now.incident is None and now.draft == talk.draft


def a_network_of_two_places() -> World:
    """Heron and Wren serve at northside and at riverside, Otter at riverside alone."""
    world = a_small_network()
    for name, places in ((HERON, (NORTHSIDE, RIVERSIDE)), (WREN, (NORTHSIDE, RIVERSIDE))):
        world.put(replace(world.everybody[PersonId(name)], neighbourhoods=places))
    world.put(replace(world.everybody[PersonId(OTTER)], neighbourhoods=(RIVERSIDE,)))
    return world


def said(world: World, key: str, text: str = "", token: str = "") -> Changes:
    """The trusted reporter of the small network sends this."""
    message = Inbound(channel="signal", key=key, handle="+1999r", at=NOW)
    message = replace(message, text=text, token=token)
    return network.hear(world, message, NOW, key.encode().ljust(32))
