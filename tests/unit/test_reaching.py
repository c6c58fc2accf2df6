"""The monthly check: whose turn it is, what counts as reached, and what coordinators hear."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from responder.core import network, reach
from responder.core.admin import OPS
from responder.core.changes import Changes
from responder.core.desk import Desk
from responder.core.messages import Fate, Message, Settled
from responder.core.model import Address, Care, PersonId, Role
from responder.core.rehearsing import reaching
from responder.core.rehearsing.reaching import EVERY, Standing
from responder.core.spoken import Inbound
from responder.core.world import World
from tests.builders import HERON, NOW, a_member, a_network

DAY = timedelta(days=1)


def a_town(**changes: object) -> World:
    return a_network(
        a_member("Heron", **changes), a_member("Owl", roles=(Role.COORDINATOR,)), on_call=False
    )


def the_slot(who: str = HERON, after: datetime = NOW) -> datetime:
    """When it is next this person's turn."""
    return reaching.slot_of(PersonId(who), after + EVERY, EVERY, "UTC")


def swept(world: World, at: datetime, every: timedelta | None = EVERY) -> Changes:
    desk = Desk(world, at, at.isoformat().encode().ljust(32, b"n")[:32])
    reaching.sweep(desk, every)
    return desk.changes


def asked(changes: Changes) -> list[Message]:
    return [m for m in changes.messages if m.card == reach.CHECK]


def standing(world: World, at: datetime, who: str = HERON) -> Standing:
    return reaching.standing(world, world.everybody[PersonId(who)], at)


def test_everybody_is_asked_once_in_a_period_by_day_and_quietly() -> None:
    world = a_town()
    hours = [NOW + timedelta(hours=n) for n in range(30 * 24)]
    messages = [(at, m) for at in hours for m in asked(swept(world, at))]
    assert sorted(m.to for _, m in messages) == [HERON, "owl"]
    for at, message in messages:
        assert message.silent and 10 <= at.hour < 19


def test_the_days_of_a_month_share_people_out() -> None:
    days = {the_slot(f"member{n}").date() for n in range(200)}
    assert len(days) > 25


def test_nobody_is_asked_where_it_is_switched_off() -> None:
    assert not asked(swept(a_town(), the_slot(), None))


def test_whoever_rests_is_asked_a_little_later() -> None:
    world, slot = a_town(), the_slot()
    world.put(Care(person=PersonId(HERON), rest_until=slot + DAY))
    assert HERON not in [m.to for m in asked(swept(world, slot))]
    assert HERON in [m.to for m in asked(swept(world, slot + DAY))]


def test_whoever_joined_after_their_day_waits_for_the_next() -> None:
    slot = the_slot()
    world = a_town(created_at=slot + timedelta(minutes=1))
    assert not asked(swept(world, slot + timedelta(minutes=5)))


def test_where_no_page_could_be_read_the_question_goes_in_plain_words() -> None:
    world, slot = a_town(addresses=(Address(channel="telegram", handle="7"),)), the_slot()
    (message,) = [m for m in asked(swept(world, slot)) if m.to == HERON]
    assert message.open
    (row,) = [r for r in listed(world, slot) if r["call_sign"] == "Heron"]
    assert row["pages_read"] is False


def listed(world: World, at: datetime) -> list[dict[str, object]]:
    rows = OPS["reach.list"](Desk(world, at, b"n" * 32), {})
    assert isinstance(rows, list)
    return rows


def test_one_tap_says_that_somebody_is_reached() -> None:
    world, slot = a_town(), the_slot()
    (message,) = [m for m in asked(swept(world, slot)) if m.to == HERON]
    assert standing(world, slot) is Standing.WAITING
    ((choice,),) = message.rows
    handle = world.everybody[PersonId(HERON)].addresses[0].handle
    at = slot + timedelta(seconds=50)
    tap = Inbound(channel="signal", key="k", handle=handle, at=at, token=choice.token)
    network.hear(world, tap, at, b"t" * 32)
    assert standing(world, slot + 8 * DAY) is Standing.REACHED
    assert world.reaches[PersonId(HERON)].last.tap_s == 50


@pytest.mark.parametrize(
    ("fate", "found"),
    [(Fate.SENT, Standing.SILENT), (Fate.FAILED, Standing.UNREACHED), (None, Standing.UNREACHED)],
)
def test_silence_is_told_apart_from_not_arriving(fate: Fate | None, found: Standing) -> None:
    world, slot = a_town(), the_slot()
    (message,) = [m for m in asked(swept(world, slot)) if m.to == HERON]
    if fate is not None:
        settled = Settled(message=message.id, channel="signal", fate=fate, at=slot)
        network.noted(world, message, slot, b"n" * 32, fate=settled)
    assert standing(world, slot + reaching.WAITS) is found


def test_a_member_without_a_living_address_is_reached_by_no_channel() -> None:
    dead = (Address(channel="signal", handle="+1555", dead=True),)
    world = a_town(addresses=dead)
    assert not [m for m in asked(swept(world, the_slot())) if m.to == HERON]
    assert standing(world, NOW) is Standing.UNREACHED


def test_coordinators_hear_once_a_month_whom_no_channel_reaches() -> None:
    world = a_town(addresses=(Address(channel="signal", handle="+1555", dead=True),))
    told: list[tuple[datetime, Message]] = []
    for n in range(62 * 24):
        at = NOW + timedelta(hours=n)
        told += [(at, m) for m in swept(world, at).messages if m.card == "reply"]
    assert [at.month for at, _ in told] == [7, 8]
    assert all(m.to == "owl" and "Heron" in m.text and not m.open for _, m in told)


def test_what_is_known_goes_with_the_member() -> None:
    world, slot = a_town(), the_slot()
    swept(world, slot)
    person = world.everybody[PersonId(HERON)]
    world.delete(person)
    assert PersonId(HERON) not in world.reaches
