"""Platforms that are down, slow, unsure or refuse: nothing is lost, nothing comes late or twice."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from msgspec.structs import replace

from bots.telegram.session import CALL_S
from responder.core.messages import Urgency
from responder.ports import Pace, Rejected, RetryLater, Unreachable, Unsure
from tests.unit.outbox_kit import (
    BADGER,
    DOWN,
    HERON,
    SLOW,
    START,
    Network,
    a_word,
    an_edit,
    at_random,
    busiest,
    flock,
    someone,
    to_each,
    words,
)


async def test_a_channel_that_asks_for_time_gets_it() -> None:
    async with Network(*flock(2)) as network:
        network.signal.answers.append(RetryLater("flood", 7.0))
        network.add(a_word("a", "bird-0"))
        await network.after(1)
        network.add(a_word("b", "bird-1"))
        await network.after(30)
        assert [at for at, _ in network.signal.begun] == [0.0, 7.0, 7.0]
        assert not any(out.repeat for out in network.signal.sent)


async def test_a_chat_that_asks_for_time_holds_up_nobody_else() -> None:
    async with Network(*flock(2)) as network:
        network.signal.answers.append(RetryLater("flood", 7.0, whole=False))
        network.add(a_word("a", "bird-0"))
        await network.after(1)
        network.add(a_word("b", "bird-1"))
        await network.after(30)
        assert [(at, out.text[9:]) for at, out in network.signal.begun] == [
            (0.0, "a"),
            (1.0, "b"),
            (7.0, "a"),
        ]


async def test_a_channel_that_is_down_is_asked_ever_more_rarely_by_one_message() -> None:
    people = flock(40)
    async with Network(*people) as network:
        network.signal.always = DOWN
        network.add(*to_each(people, Urgency.NEWS, "n"))
        await network.after(120)
        times = sorted({at for at, _ in network.signal.begun})
        gaps = [b - a for a, b in pairwise(times)]
        assert gaps == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
        assert all([at for at, _ in network.signal.begun].count(t) == 1 for t in times[1:])
        network.signal.always = None
        await network.after(60)
        assert len(network.signal.sent) == 40


async def test_a_message_that_may_have_arrived_is_sent_once_more_and_marked() -> None:
    async with Network(HERON) as network:
        network.signal.answers.append(Unsure("no answer"))
        network.add(a_word("m"))
        await network.after(10)
        assert [(at, out.repeat) for at, out in network.signal.begun] == [(0.0, False), (2.0, True)]
        assert network.desk.fates("m") == ["sent"]


async def test_a_channel_that_stays_unsure_is_left_for_the_next() -> None:
    person = someone("heron", "signal", "terminal")
    async with Network(person) as network:
        network.signal.always = Unsure("no answer")
        network.add(a_word("m", urgency=Urgency.NEWS))
        await network.after(10)
        assert len(network.signal.begun) == 2
        assert [out.repeat for out in network.terminal.sent] == [True]
        assert network.store.tried == {"m": ["signal"]}


@pytest.mark.parametrize("refusal", [Rejected("no"), Unreachable("gone")])
async def test_a_refusal_leads_to_the_next_private_channel(refusal: Exception) -> None:
    person = someone("heron", "signal", "telegram", "terminal")
    async with Network(person) as network:
        network.signal.answers.append(refusal)
        network.add(a_word("m"))
        await network.after(1)
        assert (network.terminal.texts, network.telegram.texts) == (words("m"), [])
        gone = [("heron", "signal", "heron@signal")]
        assert network.desk.dead == (gone if isinstance(refusal, Unreachable) else [])


async def test_a_message_that_every_channel_refused_has_failed() -> None:
    person = someone("heron", "signal", "terminal")
    async with Network(person) as network:
        network.signal.answers.append(Rejected("no"))
        network.terminal.answers.append(Unreachable("gone"))
        network.add(a_word("m"))
        await network.after(1)
        assert network.desk.fates("m") == ["failed"]
        assert [told.last for told in network.desk.told] == [False, True]


async def test_a_fault_of_a_bot_stops_nobody() -> None:
    async with Network(*flock(2)) as network:
        network.signal.answers.append(ValueError("a bug"))
        network.add(a_word("a", "bird-0"), a_word("b", "bird-1"))
        await network.after(10)
        assert sorted(network.signal.texts) == words("a", "b")


async def test_urgent_words_take_another_private_channel_when_the_first_is_down() -> None:
    person = someone("heron", "signal", "terminal")
    async with Network(person) as network:
        network.signal.always = DOWN
        network.add(a_word("news", urgency=Urgency.NEWS, thread="n"), a_word("page", thread="p"))
        await network.after(12)
        assert network.terminal.texts == words("page")
        assert network.signal.sent == []


async def test_a_long_pause_that_is_announced_is_not_waited_for() -> None:
    person = someone("heron", "signal", "terminal")
    async with Network(person) as network:
        network.signal.answers.append(RetryLater("limit", 300.0))
        network.add(a_word("m", urgency=Urgency.LEAVE))
        await network.after(1)
        assert network.terminal.texts == words("m")


async def test_a_channel_that_hangs_is_left_by_what_is_urgent() -> None:
    people = [someone(f"bird-{n}", "signal", "terminal") for n in range(3)]
    pace = Pace(per_second=1000.0, per_chat_s=0.0, at_once=2)
    async with Network(*people, signal=pace) as network:
        network.signal.took_s = 60.0
        network.add(*to_each(people, Urgency.PAGE, "p"))
        await network.after(11)
        assert network.terminal.texts == words("p2")


async def test_ten_minutes_without_telegram_page_over_signal_and_send_nothing_late() -> None:
    with_signal = [someone(f"bird-{n}", "telegram", "signal") for n in range(5)]
    async with Network(*with_signal, BADGER) as network:
        network.desk.phones |= {"badger", *(person.id for person in with_signal)}
        network.telegram.always = DOWN
        stale = replace(a_word("stale", "badger"), expires_at=START + timedelta(minutes=9))
        network.add(*to_each(with_signal, Urgency.PAGE, "p"))
        network.add(stale, a_word("wanted", "badger"), a_word("over", "badger"))
        await network.after(15)
        assert sorted(network.signal.texts) == words("p0", "p1", "p2", "p3", "p4")
        await network.after(585)
        network.withdraw("over")
        network.telegram.always = None
        await network.after(31)
        assert network.telegram.links == words("wanted")
        assert network.desk.fates("stale") == ["failed"]


async def test_people_with_signal_are_paged_there_within_fifteen_seconds_where_telegram_hangs() -> (
    None
):
    people = [someone(f"bird-{n}", "telegram", "signal") for n in range(40)]
    async with Network(*people) as network:
        network.desk.phones |= {person.id for person in people}
        network.telegram.always, network.telegram.took_s = Unsure("no answer"), CALL_S
        network.add(*to_each(people, Urgency.PAGE, "p"))
        await network.after(15)
        assert len(network.signal.sent) == 40


async def test_while_a_channel_seems_to_deliver_nothing_pages_take_another() -> None:
    people = [someone("wren", "signal", "terminal"), HERON]
    async with Network(*people) as network:
        network.deaf.add("signal")
        network.add(a_word("m", "wren"), a_word("only way", "heron"))
        await network.after(1)
        assert (network.terminal.texts, network.signal.texts) == (words("m"), words("only way"))
        network.deaf.clear()
        network.add(a_word("heard again", "wren"))
        await network.after(1)
        assert network.signal.texts[-1] == "words of heard again"


async def test_an_urgent_word_that_may_have_arrived_is_repeated_over_another_channel() -> None:
    person = someone("heron", "signal", "terminal")
    async with Network(person) as network:
        network.signal.answers.append(Unsure("no answer"))
        network.add(a_word("m"))
        await network.after(3)
        assert [out.repeat for out in network.terminal.sent] == [True]
        assert len(network.signal.begun) == 1


async def test_nothing_is_sent_late_and_too_late_has_failed() -> None:
    async with Network(HERON) as network:
        network.signal.answers.append(RetryLater("closed", 100.0))
        network.add(a_word("m", expires_at=START + timedelta(seconds=60)))
        await network.after(59)
        assert network.desk.fates("m") == []
        await network.after(100)
        assert (network.signal.sent, network.desk.fates("m")) == ([], ["failed"])


async def test_a_page_that_names_no_end_is_given_up_after_half_an_hour() -> None:
    async with Network(HERON) as network:
        network.signal.always = DOWN
        network.add(a_word("page", thread="p"), a_word("leave", urgency=Urgency.LEAVE))
        await network.after(1801)
        assert (network.desk.fates("page"), network.desk.fates("leave")) == (["failed"], [])


async def test_whoever_is_forgotten_gets_nothing() -> None:
    async with Network(HERON) as network:
        network.add(a_word("m", "nobody"))
        await network.after(1)
        assert network.desk.fates("m") == ["failed"]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_the_platforms_do_every_message_meets_one_fate(seed: int) -> None:
    """Law L6: sent at least once or failed, and twice only where the first may have arrived."""
    chance = Random(seed)
    ways = (("signal",), ("telegram", "signal"), ("terminal", "signal"), ("telegram",))
    people = [someone(f"bird-{n}", *chance.choice(ways)) for n in range(6)]
    async with Network(*people, signal=SLOW, terminal=SLOW, telegram=SLOW) as network:
        for channel in network.channels:
            channel.fresh_refs = chance.random() < 0.5
            channel.took_s = chance.choice((0.0, 0.1, 3.0))
            channel.answers.extend(chance.choice(FAULTS) for _ in range(50))
        sent = [at_random(chance, n, chance.choice(people).id) for n in range(40)]
        for message in sent:
            network.add(message)
            if message.replaces is None and chance.random() < 0.3:
                network.add(an_edit(f"{message.id}e", message.id, message.to))
            await network.after(chance.choice((0.0, 0.2, 5.0)))
        await network.after(26 * 3600)
        assert {id: len(network.desk.fates(id)) for id in network.store.rows} == dict.fromkeys(
            network.store.rows, 1
        )
        assert sum(network.outbox.depth().values()) == 0
        for channel in network.channels:
            texts = [out.text for out in channel.sent if not out.repeat]
            assert len(texts) == len(set(texts))
            assert busiest([at for at, _ in channel.begun], 1.0) <= 9


FAULTS = (
    None,
    None,
    None,
    DOWN,
    RetryLater("flood", 4.0),
    RetryLater("flood", 3.0, whole=False),
    Unsure("no answer"),
    Unreachable("gone"),
    Rejected("no"),
)
