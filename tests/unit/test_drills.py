"""Drills: who is asked, what is measured, when it is enough, and what coordinators read of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from responder.core import network, reach
from responder.core.admin import OPS, AdminFault, NotNow
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.messages import Fate, Message, Settled
from responder.core.model import Address, Care, Level, MessageId, PersonId, Role, State
from responder.core.phrases import say
from responder.core.reach import Drill
from responder.core.rehearsing import drills
from responder.core.rehearsing.drills import Refusal
from responder.core.spoken import Inbound, Verb
from responder.core.world import World
from tests.builders import (
    BADGER,
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
    an_incident,
    on_call_now,
)
from tests.unit.test_dispatcher import House

MARK = say("en", "card.drill")


def a_town() -> World:
    """Heron, Wren and Badger respond at northside; Owl coordinates."""
    return a_network(
        a_member("Heron"),
        a_member("Wren"),
        a_member("Badger", experienced=False),
        a_member("Owl", roles=(Role.COORDINATOR,)),
    )


def desk_of(world: World, at: datetime = NOW) -> Desk:
    return Desk(world, at, f"{at}{len(world.drills)}{world.touched}".encode().ljust(32, b"n")[-32:])


def begun(world: World, **how: object) -> tuple[Drill, list[Message]]:
    desk = desk_of(world)
    drill = drills.begin(desk, NORTHSIDE, **how)  # type: ignore[arg-type]
    assert isinstance(drill, Drill)
    return drill, [m for m in desk.changes.messages if m.card == reach.DRILL]


def arrives(world: World, message: Message, after_s: int, **fields: object) -> None:
    fate = Settled(
        message=message.id,
        channel=str(fields.pop("channel", "signal")),
        fate=fields.pop("fate", Fate.SENT),  # type: ignore[arg-type]
        at=NOW + timedelta(seconds=after_s),
    )
    network.noted(world, message, fate.at, b"n" * 32, fate=fate)


def taps(world: World, who: str, verb: Verb = Verb.REACHABLE, after_s: int = 30) -> Changes:
    token = next(p.token for p in world.prompts_of(PersonId(who)) if p.action.verb == verb)
    return says(world, who, after_s=after_s, token=token)


def says(world: World, who: str, text: str = "", after_s: int = 30, token: str = "") -> Changes:
    at = NOW + timedelta(seconds=after_s)
    here = world.everybody[PersonId(who)].addresses[0]
    key = f"{who}{text}{token}{after_s}"
    inbound = Inbound(
        channel=here.channel, key=key, handle=here.handle, at=at, text=text, token=token
    )
    return network.hear(world, inbound, at, key.encode().ljust(32, b"n")[:32])


def the(world: World) -> Drill:
    (drill,) = world.drills.values()
    return drill


# --- who is asked ---------------------------------------------------------------------------------


def test_everybody_on_call_is_asked_and_every_message_says_that_it_is_a_drill() -> None:
    drill, messages = begun(a_town())
    assert set(drill.asked) == {HERON, WREN, BADGER}
    for message in messages:
        assert message.text.startswith(MARK) and message.notice.startswith(MARK)
        assert message.incident is None and not message.place and not message.open


def test_nobody_is_asked_who_must_not_be_paged() -> None:
    world = a_town()
    world.put(Care(person=PersonId(HERON), rest_until=NOW + timedelta(hours=1)))
    world.put(a_member("Otter"))
    drill, _ = begun(world)
    assert set(drill.asked) == {WREN, BADGER}, "Heron rests, and Otter is off call"
    assert [(one.person, one.reason) for one in drill.left_out] == [(HERON, "resting")]


def test_whoever_goes_off_call_meanwhile_is_not_bothered() -> None:
    world = a_town()
    _, messages = begun(world)
    mine = next(m for m in messages if m.to == HERON)
    assert network.may_leave(world, mine, NOW)
    off = replace(on_call_now(world.everybody[PersonId(HERON)]), id="off", available=False)
    world.put(replace(off, made_at=NOW))
    assert not network.may_leave(world, mine, NOW)


def test_a_playbook_narrows_it_to_those_who_have_its_training() -> None:
    world = a_town()
    world.put(a_member("Wren", trainings=()))
    drill, _ = begun(world, playbook=world.playbooks["copwatch"])
    assert WREN not in drill.asked
    assert [one.reason for one in drill.left_out] == ["training"]


def test_whoever_could_read_no_page_is_told_apart_and_asked_openly_on_every_channel() -> None:
    world = a_town()
    both = (Address(channel="signal", handle="+1555wren"), Address(channel="telegram", handle="7"))
    world.put(a_member("Wren", addresses=both))
    world.put(a_member("Badger", addresses=(Address(channel="telegram", handle="8"),)))
    drill, _ = begun(world)
    assert [(one.person, one.reason) for one in drill.left_out] == [(BADGER, "no-private-channel")]
    drills.end(desk_of(world), drill)
    _, messages = begun(world, every_channel=True)
    asked = {(m.to, m.channel, m.only, m.open) for m in messages}
    assert asked == {
        (HERON, "signal", True, False),
        (WREN, "signal", True, False),
        (WREN, "telegram", True, True),
        (BADGER, "telegram", True, True),
    }


def test_no_drill_begins_where_something_real_is_going_on() -> None:
    world = an_incident(State.PAGING).world
    assert drills.begin(desk_of(world), NORTHSIDE) is Refusal.REAL
    assert drills.begin(desk_of(world), RIVERSIDE) is Refusal.NOBODY


def test_no_second_drill_begins_in_the_same_place() -> None:
    world = a_town()
    begun(world)
    assert drills.begin(desk_of(world), NORTHSIDE) is Refusal.RUNNING


# --- what is measured -----------------------------------------------------------------------------


def test_it_measures_arrival_and_tap_on_each_channel() -> None:
    world = a_town()
    _, messages = begun(world)
    arrives(world, next(m for m in messages if m.to == HERON), 2)
    taps(world, HERON, after_s=41)
    (one,) = [t for t in the(world).tries if t.person == HERON]
    assert [(a.channel, reach.arrival_s(one, a)) for a in one.arrived] == [("signal", 2)]
    assert (one.tap_s, one.tapped_on) == (41, "signal")


def test_a_bare_notice_is_no_arrival() -> None:
    world = a_town()
    _, messages = begun(world)
    arrives(world, messages[0], 2, channel="telegram")
    assert the(world).tries[0].arrived == ()


def test_not_free_is_as_good_as_yes_and_stands_under_nobodys_name() -> None:
    world = a_town()
    begun(world, playbook=world.playbooks["copwatch"])
    taps(world, HERON, Verb.NOT_FREE, 10)
    taps(world, WREN, Verb.REACHABLE, 20)
    taps(world, BADGER, Verb.REACHABLE, 30)
    drill = the(world)
    assert drill.reached == {HERON, WREN, BADGER}
    assert drill.teamed_s == 30
    report = OPS["drill.report"](desk_of(world), {})
    assert isinstance(report, dict)
    lines = {t["call_sign"]: (t["tap_s"], t["tapped_on"]) for t in report["tries"]}
    assert lines == {"Heron": (10, "signal"), "Wren": (20, "signal"), "Badger": (30, "signal")}


def test_ok_in_words_is_an_answer_and_no_report() -> None:
    world = a_town()
    begun(world)
    says(world, HERON, "ok")
    assert the(world).reached == {HERON}
    session = world.sessions[PersonId(HERON)]
    assert session.draft is None


def test_other_words_during_a_drill_are_a_report_as_ever() -> None:
    world = a_town()
    begun(world)
    says(world, HERON, "police are searching a cyclist at northside")
    assert the(world).reached == frozenset()
    assert len(world.incidents) == 1


# --- when it is enough ----------------------------------------------------------------------------


def test_it_is_over_when_everybody_has_answered() -> None:
    world = a_town()
    begun(world)
    for who in (HERON, WREN):
        taps(world, who)
        assert drills.due(world, NOW + timedelta(minutes=1)) == ()
    told = taps(world, BADGER)
    assert the(world).ended_at is not None
    assert [m.to for m in told.messages if "is over" in m.text] == [OWL]


def test_a_tap_that_overtakes_the_word_of_its_arrival_leaves_no_gap_in_the_report() -> None:
    world = a_town()
    _, messages = begun(world)
    for who in (HERON, WREN, BADGER):
        taps(world, who, after_s=1)
    assert the(world).ended_at is not None
    for message in messages:
        arrives(world, message, 2)
    assert all(one.arrived for one in the(world).tries)


def test_after_its_time_it_ends_and_takes_back_what_nobody_answered() -> None:
    world = a_town()
    drill, messages = begun(world)
    taps(world, HERON)
    assert drills.due(world, NOW + timedelta(minutes=14)) == ()
    assert drills.due(world, NOW + timedelta(minutes=15)) == (drill.id,)
    changes = network.drill_over(world, drill.id, NOW + timedelta(minutes=15), b"n" * 32)
    assert set(changes.recalled) == {m.id for m in messages if m.to != HERON}
    late = says(world, WREN, text="2", after_s=1000)
    assert the(world).reached == {HERON} and late.messages


def test_something_real_ends_a_drill_at_once() -> None:
    world = a_town()
    drill, _ = begun(world)
    desk = desk_of(world)
    world.put(a_member("Lark", roles=()))
    desk.open(a_report(PersonId("lark")))
    assert drills.due(world, NOW) == (drill.id,)


def test_what_reached_nobody_is_not_waited_for() -> None:
    world = a_town()
    _, messages = begun(world)
    for message in messages:
        if message.to == BADGER:
            arrives(world, message, 3, fate=Fate.FAILED)
    taps(world, HERON)
    taps(world, WREN)
    drill = the(world)
    assert drill.ended_at is not None
    assert drills.unreached(drill) == (BADGER,)


def test_a_drill_is_forgotten_with_its_key_after_ninety_days() -> None:
    world = a_town()
    drill, _ = begun(world)
    early = desk_of(world, NOW + timedelta(days=89))
    drills.sweep(early)
    assert world.drills and not early.changes.destroyed
    desk = desk_of(world, NOW + timedelta(days=90))
    drills.sweep(desk)
    assert not world.drills and desk.changes.destroyed == [f"drill:{drill.id}"]


# --- coordinators ---------------------------------------------------------------------------------


def test_a_coordinator_begins_one_in_chat_and_reads_its_report() -> None:
    world = a_town()
    offered = says(world, OWL, "/drill")
    assert [row[0].label for row in offered.messages[-1].rows] == ["Northside", "Riverside"]
    says(world, OWL, "/drill northside", after_s=0)
    assert set(the(world).asked) == {HERON, WREN, BADGER}
    told = says(world, OWL, f"/drill {the(world).code}", after_s=5).messages[-1]
    assert "0 of 3" in told.text and not told.open


def test_where_others_read_along_the_places_stand_sealed_and_the_buttons_bear_numbers() -> None:
    world = a_town()
    owl = world.everybody[PersonId(OWL)]
    world.put(replace(owl, addresses=(Address(channel="telegram", handle="77"),)))
    offered = says(world, OWL, "/drill").messages[-1]
    assert [row[0].label for row in offered.rows] == ["1", "2"]
    assert "1  Northside" in offered.text and not offered.open
    assert "Northside" not in offered.notice
    token = offered.rows[0][0].token
    says(world, OWL, token=token)
    assert the(world).neighbourhood == NORTHSIDE


def test_nobody_else_begins_a_drill() -> None:
    world = a_town()
    says(world, HERON, "/drill northside")
    assert not world.drills


def test_nobody_else_reads_what_a_drill_found() -> None:
    world = a_town()
    drill, _ = begun(world)
    told = says(world, HERON, f"/drill {drill.code}").messages[-1]
    assert drill.code not in told.text and "Wren" not in told.text


def test_the_report_names_those_whom_no_channel_reached_in_plain_words() -> None:
    world = a_town()
    drill, messages = begun(world)
    arrives(world, next(m for m in messages if m.to == WREN), 1)
    taps(world, HERON, after_s=90)
    drills.end(desk_of(world, NOW + timedelta(minutes=15)), the(world))
    report = OPS["drill.report"](desk_of(world), {"code": drill.code})
    assert isinstance(report, dict)
    text = report["text"]
    assert "1 of 3 people tapped" in text
    assert "No channel reached: Badger" in text
    assert "Arrived, but no tap: Wren" in text
    assert "tapped on signal after 1 min 30 s" in text


@pytest.mark.parametrize(
    ("op", "given", "says_what"),
    [
        ("drill.report", {}, "responder drill NEIGHBOURHOOD"),
        ("drill.report", {"code": "ZZ"}, "no drill 'ZZ'"),
        ("drill.begin", {"neighbourhood": "northsid"}, "Northside"),
        ("drill.begin", {"neighbourhood": "northside", "minutes": 900}, "1 to 120"),
        ("drill.begin", {"neighbourhood": "northside", "playbook": "copwach"}, "copwatch"),
        ("drill.begin", {"neighbourhood": "riverside"}, "Nobody is on call"),
    ],
)
def test_what_cannot_be_says_what_to_do(op: str, given: dict[str, object], says_what: str) -> None:
    with pytest.raises(AdminFault, match=says_what):
        OPS[op](desk_of(a_town()), given)


def test_a_drill_can_be_stopped_once() -> None:
    world = a_town()
    begun(world)
    OPS["drill.stop"](desk_of(world), {})
    assert the(world).ended_at == NOW
    with pytest.raises(NotNow):
        OPS["drill.stop"](desk_of(world), {})


def test_a_message_of_no_drill_any_more_does_not_leave() -> None:
    world = a_town()
    drill, messages = begun(world)
    drills.end(desk_of(world), drill)
    assert not network.may_leave(world, messages[0], NOW)
    stray = replace(messages[0], id=MessageId("stray"))
    assert not network.may_leave(world, stray, NOW)


def test_a_blocked_member_is_neither_asked_nor_named() -> None:
    world = a_town()
    world.put(a_member("Wren", granted=Level.BLOCKED))
    drill, _ = begun(world)
    assert WREN not in drill.asked and OTTER not in drill.asked and not drill.left_out


async def test_a_running_network_notes_arrivals_and_ends_the_drill_by_itself(
    tmp_path: Path,
) -> None:
    """Through the dispatcher and the disk: what was measured is read again after a restart."""
    house = House(tmp_path)
    async with house.opened(serving=True, by_hand=True) as dispatcher:
        await house.settle_in()
        begun = await dispatcher.do(lambda desk: drills.begin(desk, NORTHSIDE))
        assert isinstance(begun, Drill)
        waiting = [w.message for w in await house.store.waiting()]
        message = next(m for m in waiting if m.to == HERON)
        sent = Settled(message=message.id, channel="signal", fate=Fate.SENT, at=NOW, ref="r1")
        await dispatcher.settled(message, sent)
        house.at = NOW + timedelta(minutes=16)
        await dispatcher.catch_up()
    async with house.opened(NOW + timedelta(minutes=17)) as dispatcher:
        drill = the(dispatcher.world)
        assert drill.ended_at is not None
        assert HERON not in drills.unreached(drill) and WREN in drills.unreached(drill)
