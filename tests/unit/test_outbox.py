"""The outbox: nothing lost, nothing doubled, the urgent first, and every limit kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from bots.telegram_session import CALL_S
from responder.core.changes import (
    Action,
    Changes,
    Choice,
    Fate,
    Message,
    Prompt,
    Question,
    Settled,
    Urgency,
)
from responder.core.model import MessageId, Person, PersonId
from responder.outbox import Outbox
from responder.ports import Pace, Rejected, RetryLater, Unreachable, Unsure
from responder.sealing import Keyring
from responder.store import Store
from tests.ports import PATIENCE_S
from tests.unit.outbox_kit import (
    PICTURE,
    START,
    FakeDesk,
    FakeStore,
    Network,
    a_word,
    an_edit,
    busiest,
    settle_down,
    someone,
    words,
)

BADGER = someone("badger", "telegram")
HERON = someone("heron", "signal")
OTTER = someone("otter", "telegram", "signal")
ROWS = ((Choice(label="Going", token="t1", number=1),),)
SLOW = Pace(per_second=9.0, per_chat_s=1.0, at_once=9)
ONE_AT_A_TIME = Pace(per_second=1.0, per_chat_s=0.0, at_once=1)
DOWN = RetryLater("down")


def flock(count: int) -> list[Person]:
    return [someone(f"bird-{n}", "signal") for n in range(count)]


def to_each(people: list[Person], urgency: Urgency, mark: str) -> list[Message]:
    return [a_word(f"{mark}{n}", p.id, urgency=urgency) for n, p in enumerate(people)]


# --- order and pace -------------------------------------------------------------------------------


async def test_a_message_leaves_and_its_acknowledgement_is_put_on_record() -> None:
    async with Network(HERON) as network:
        network.add(a_word("m", rows=((Choice(label="Going", token="t1", number=4),),)))
        await network.after(0)
        (out,) = network.signal.sent
        option = out.rows[0][0]
        assert (out.handle, out.text, out.repeat) == ("heron@signal", "words of m", False)
        assert (option.label, option.token, option.number) == ("Going", "t1", 4)
        assert network.desk.fates("m") == ["sent"]
        assert network.outbox.message_of("signal", "signal-1") == "m"
        assert network.outbox.message_of("telegram", "signal-1") is None


async def test_the_most_urgent_leaves_first_then_what_expires_soonest() -> None:
    people = flock(5)
    marks = [Urgency.QUIET, Urgency.NEWS, Urgency.PAGE, Urgency.PAGE, Urgency.LEAVE]
    async with Network(*people, signal=ONE_AT_A_TIME) as network:
        messages = [
            a_word(str(n), people[n].id, urgency=urgency) for n, urgency in enumerate(marks)
        ]
        messages[3] = replace(messages[3], expires_at=START + timedelta(minutes=5))
        network.add(*messages)
        await network.after(10)
        assert network.signal.texts == words("4", "3", "2", "1", "0")


async def test_a_page_overtakes_a_flood_of_answers_to_strangers() -> None:
    people = flock(61)
    async with Network(*people, signal=Pace(per_second=9.0, per_chat_s=1.0)) as network:
        network.add(*to_each(people[:60], Urgency.QUIET, "q"))
        await network.after(2.9)
        network.add(a_word("page", people[60].id))
        await network.after(0)
        assert network.signal.texts[-1] == "words of page"
        assert len(network.signal.sent) == 19


async def test_no_second_sees_more_requests_than_the_platform_allows() -> None:
    people = flock(80)
    async with Network(*people, signal=SLOW) as network:
        network.signal.took_s = 0.05
        network.add(*to_each(people[:40], Urgency.NEWS, "n"))
        await network.after(0.5)
        network.add(*to_each(people[40:], Urgency.PAGE, "p"))
        await network.after(20)
        assert len(network.signal.sent) == 80
        assert busiest([at for at, _ in network.signal.begun], 1.0) == 9


async def test_a_disk_that_stalls_lets_no_second_see_more_requests_than_are_allowed() -> None:
    people = flock(27)
    async with Network(*people, signal=SLOW) as network:
        claim, time = network.store.claim, network.time

        async def stalls(messages: Iterable[MessageId]) -> frozenset[MessageId]:
            if time.now < 0.5:
                await time.sleep(0.7)
            return await claim(messages)

        network.store.claim = stalls  # type: ignore[method-assign]
        network.add(*to_each(people, Urgency.PAGE, "p"))
        await network.after(20)
        begun = [at for at, _ in network.signal.begun]
        assert (len(begun), begun[0], busiest(begun, 1.0)) == (27, 0.7, 9)


async def test_news_leave_a_third_of_the_requests_to_pages() -> None:
    people = flock(30)
    async with Network(*people, signal=SLOW) as network:
        network.add(*to_each(people, Urgency.NEWS, "n"))
        await network.after(0)
        assert len(network.signal.begun) == 6
        await network.after(10)
        assert busiest([at for at, _ in network.signal.begun], 1.0) == 6


async def test_news_leave_a_third_of_the_connections_to_pages() -> None:
    people = flock(20)
    pace = Pace(per_second=1000.0, per_chat_s=0.0, at_once=6)
    async with Network(*people, signal=pace) as network:
        network.signal.took_s = 9.0
        network.add(*to_each(people[:10], Urgency.NEWS, "n"))
        await network.after(1)
        network.add(*to_each(people[10:], Urgency.PAGE, "p"))
        await network.after(1)
        begun = [out.text for _, out in network.signal.begun]
        assert [text[9] for text in begun] == ["n"] * 4 + ["p"] * 2


async def test_a_chat_gets_one_message_a_second_unless_it_is_urgent() -> None:
    async with Network(HERON, signal=SLOW) as network:
        network.add(*(a_word(f"n{n}", urgency=Urgency.NEWS, thread=str(n)) for n in range(3)))
        await network.after(0.5)
        network.add(*(a_word(f"p{n}", thread=f"p{n}") for n in range(2)))
        await network.after(5)
        begun = [(round(at, 3), out.text[9:]) for at, out in network.signal.begun]
        assert begun == [(0, "n0"), (0.5, "p0"), (0.5, "p1"), (1.5, "n1"), (2.5, "n2")]


async def test_one_thread_of_one_person_leaves_in_order() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 1.0
        network.signal.answers.extend([RetryLater("slow", 2.0, whole=False), None, None])
        network.add(*(a_word(id, thread="team") for id in "abc"), a_word("x", thread="leave"))
        await network.after(20)
        in_thread = [text for text in network.signal.texts if text != "words of x"]
        assert in_thread == words("a", "b", "c")
        assert network.signal.texts[0] == "words of x"


async def test_what_is_urgent_pulls_along_what_stands_before_it_in_its_thread() -> None:
    people = [HERON, *flock(9)]
    async with Network(*people, signal=ONE_AT_A_TIME) as network:
        network.add(*to_each(people[1:], Urgency.PAGE, "p"))
        quiet = a_word("quiet", thread="t", urgency=Urgency.QUIET)
        network.add(quiet, a_word("leave", thread="t", urgency=Urgency.LEAVE))
        await network.after(1.5)
        assert network.signal.texts == words("quiet", "leave")


async def test_an_answer_on_a_channel_that_is_down_holds_up_none_on_another() -> None:
    async with Network(OTTER) as network:
        network.telegram.always = DOWN
        network.add(a_word("open", "otter", open=True, channel="telegram", only=True))
        network.add(a_word("sealed", "otter", channel="signal"))
        await network.after(1)
        assert network.signal.texts == words("sealed")


async def test_a_message_is_not_sent_before_its_time() -> None:
    async with Network(HERON) as network:
        network.add(a_word("m", not_before=START + timedelta(seconds=30)))
        await network.after(29)
        assert network.signal.sent == []
        await network.after(2)
        assert [at for at, _ in network.signal.begun] == [30.0]


async def test_status_tells_how_much_waits_and_since_when() -> None:
    async with Network(*flock(3), signal=ONE_AT_A_TIME) as network:
        network.signal.always = RetryLater("closed", 500.0)
        later = START + timedelta(seconds=5)
        network.add(a_word("a", "bird-0"), a_word("b", "bird-1", created_at=later))
        network.add(a_word("c", "bird-2", urgency=Urgency.QUIET))
        await network.after(1)
        depth = network.outbox.depth()
        assert (depth[Urgency.PAGE], depth[Urgency.QUIET], depth[Urgency.LEAVE]) == (2, 1, 0)
        assert network.outbox.oldest() == {Urgency.PAGE: START, Urgency.QUIET: START}


# --- edits ------------------------------------------------------------------------------------


async def test_an_edit_that_has_not_left_is_replaced_by_the_next() -> None:
    async with Network(HERON, signal=Pace(per_second=9.0, per_chat_s=1.0)) as network:
        network.add(a_word("board", urgency=Urgency.QUIET))
        await network.after(0.1)
        for id in ("e1", "e2", "e3"):
            network.add(an_edit(id, "board", urgency=Urgency.QUIET))
        await network.after(5)
        assert [(out.text, out.edits) for out in network.signal.sent] == [
            ("words of board", ""),
            ("words of e3", "signal-1"),
        ]
        assert [network.desk.fates(f"e{n}") for n in (1, 2, 3)] == [
            ["withdrawn"],
            ["withdrawn"],
            ["sent"],
        ]


async def test_an_edit_of_what_still_waits_changes_it_before_it_leaves() -> None:
    async with Network(HERON) as network:
        network.signal.answers.append(RetryLater("closed", 5.0))
        network.add(a_word("m"))
        await network.after(1)
        network.add(an_edit("e", "m"))
        await network.after(9)
        assert [(out.text, out.edits) for out in network.signal.sent] == [("words of e", "")]
        assert (network.desk.fates("m"), network.desk.fates("e")) == (["sent"], ["sent"])


async def test_an_edit_waits_for_its_original_that_is_under_way() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 3.0
        network.add(a_word("m"))
        await network.after(1)
        network.add(an_edit("e", "m"))
        await network.after(9)
        assert [out.edits for out in network.signal.sent] == ["", "signal-1"]


async def test_an_edit_takes_the_place_of_an_original_that_came_back() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 3.0
        network.signal.answers.append(RetryLater("closed", 5.0))
        network.add(a_word("m"))
        await network.after(1)
        network.add(an_edit("e", "m"))
        await network.after(20)
        assert network.signal.texts == words("e")
        assert (network.desk.fates("m"), network.desk.fates("e")) == (["sent"], ["sent"])


async def test_the_next_edit_names_the_newest_reference_and_older_ones_still_answer() -> None:
    async with Network(HERON) as network:
        network.signal.fresh_refs = True
        for message in (a_word("m"), an_edit("e1", "m"), an_edit("e2", "m")):
            network.add(message)
            await network.after(1)
        assert [out.edits for out in network.signal.sent] == ["", "signal-1", "signal-2"]
        found = [network.outbox.message_of("signal", f"signal-{n}") for n in (1, 2, 3)]
        assert found == ["m", "m", "m"]
        assert network.store.refs[MessageId("m"), "signal"] == "signal-1 signal-2 signal-3"


async def test_after_a_restart_an_edit_finds_its_original_and_old_references_still_answer() -> None:
    store = FakeStore()
    async with Network(HERON, store=store) as before:
        before.signal.fresh_refs = True
        before.add(a_word("m"))
        await before.after(1)
        before.add(an_edit("e1", "m"))
        await before.after(1)
    store.questions.append(a_question("m"))
    async with Network(HERON, store=store) as network:
        assert network.outbox.message_of("signal", "signal-1") == "m"
        assert network.outbox.message_of("signal", "signal-2") == "m"
        network.add(an_edit("e2", "m"))
        await network.after(1)
        assert [out.edits for out in network.signal.sent] == ["signal-2"]


def a_question(message: str) -> Question:
    prompt = Prompt(token="t", number=1, action=Action(verb="accept"), at=START)
    return Question(
        message=MessageId(message),
        person=PersonId("heron"),
        sealed_under="incident:i1",
        prompts=(prompt,),
    )


async def test_an_edit_of_what_never_arrived_is_dropped() -> None:
    async with Network(HERON) as network:
        network.signal.answers.append(Rejected("no"))
        network.add(a_word("m"))
        await network.after(1)
        network.add(an_edit("e", "m"))
        await network.after(1)
        assert network.signal.sent == []
        assert (network.desk.fates("m"), network.desk.fates("e")) == (["failed"], ["withdrawn"])


async def test_an_edit_behind_an_original_that_fails_is_dropped_with_it() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 2.0
        network.signal.answers.append(Rejected("no"))
        network.add(a_word("m"))
        await network.after(1)
        network.add(an_edit("e", "m"))
        await network.after(9)
        assert len(network.signal.begun) == 1
        assert network.desk.fates("e") == ["withdrawn"]


# --- withdrawn and recalled -------------------------------------------------------------------


async def test_what_is_withdrawn_is_not_sent_and_takes_its_edits_along() -> None:
    async with Network(HERON) as network:
        network.signal.answers.append(RetryLater("closed", 5.0))
        network.add(a_word("m"))
        await network.after(1)
        network.add(an_edit("e", "m"))
        network.withdraw("m")
        await network.after(30)
        assert network.signal.sent == []
        assert network.desk.fates("e") == ["withdrawn"]
        assert network.outbox.depth()[Urgency.PAGE] == 0


async def test_an_edit_that_comes_with_the_withdrawal_reaches_only_whoever_saw_the_page() -> None:
    wren = someone("wren", "terminal")
    async with Network(HERON, wren) as network:
        network.terminal.answers.append(RetryLater("closed", 5.0))
        network.add(a_word("m1"), a_word("m2", "wren"))
        await network.after(1)
        network.withdraw("m1", "m2")
        network.add(an_edit("e1", "m1"), an_edit("e2", "m2", "wren"))
        await network.after(30)
        assert network.signal.texts == words("m1", "e1")
        assert network.terminal.texts == []


async def test_what_is_under_way_when_it_is_withdrawn_is_not_tried_again() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 2.0
        network.signal.answers.append(RetryLater("closed", 1.0))
        network.add(a_word("m"))
        await network.after(1)
        network.withdraw("m")
        await network.after(30)
        assert (len(network.signal.begun), network.desk.fates("m")) == (1, [])


async def test_what_arrived_is_taken_back_from_every_screen() -> None:
    async with Network(OTTER) as network:
        network.add(a_word("m", "otter"))
        await network.after(1)
        network.signal.answers.append(RetryLater("slow", 2.0))
        network.recall("m")
        await network.after(10)
        assert network.signal.deleted == [("otter@signal", "signal-1")]
        assert network.telegram.deleted == [("otter@telegram", "telegram-1")]


async def test_what_arrives_after_it_was_recalled_is_taken_back_too() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 2.0
        network.add(a_word("m"))
        await network.after(1)
        network.recall("m")
        await network.after(9)
        assert network.signal.deleted == [("heron@signal", "signal-1")]


async def test_what_left_before_a_restart_can_be_taken_back() -> None:
    store = FakeStore()
    async with Network(HERON, store=store) as before:
        before.add(a_word("m"))
        await before.after(1)
    async with Network(HERON, store=store) as network:
        network.recall("m")
        await network.after(1)
        assert network.signal.deleted == [("heron@signal", "signal-1")]


async def test_what_was_recalled_while_the_disk_failed_is_taken_back_all_the_same() -> None:
    store = FakeStore()
    async with Network(HERON, store=store) as before:
        before.add(a_word("m"))
        await before.after(1)
    async with Network(HERON, store=store) as network:
        store.broken = 2
        network.recall("m")
        await network.after(10)
        assert network.signal.deleted == [("heron@signal", "signal-1")]


async def test_an_order_to_take_back_whose_answer_was_lost_is_given_again_and_not_for_ever() -> (
    None
):
    async with Network(HERON) as network:
        network.add(a_word("m"), a_word("n"))
        await network.after(1)
        network.signal.answers.append(Unsure("timed out"))
        network.recall("m")
        await network.after(10)
        assert network.signal.deleted == [("heron@signal", "signal-1")]
        network.signal.answers += [Unsure("timed out")] * 9
        network.recall("n")
        await network.after(60)
        assert (len(network.signal.answers), network.store.recalled) == (4, [])


async def test_what_was_recalled_is_taken_back_after_a_restart_and_then_no_more() -> None:
    """Signal is down for long; the process ends meanwhile; the message is still taken back."""
    store = FakeStore()
    async with Network(HERON, store=store) as before:
        before.add(a_word("m"))
        await before.after(1)
        before.signal.answers += [RetryLater("down", 30.0)] * 12
        before.recall("m")
        await before.after(200)
        assert (before.signal.deleted, store.recalled) == ([], ["m"])
    async with Network(HERON, store=store) as network:
        await network.after(1)
        assert network.signal.deleted == [("heron@signal", "signal-1")]
        assert store.recalled == []


async def test_a_recall_stays_on_record_while_what_it_means_may_still_arrive() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 2.0
        network.add(a_word("m"))
        await network.after(1)
        network.recall("m")
        await network.after(0.5)
        assert network.store.recalled == ["m"]
        await network.after(9)
        assert (network.signal.deleted, network.store.recalled) == (
            [("heron@signal", "signal-1")],
            [],
        )


# --- errors -----------------------------------------------------------------------------------


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


def at_random(chance: Random, number: int, to: str) -> Message:
    return a_word(
        f"m{number}",
        to,
        urgency=chance.choice(list(Urgency)),
        thread=chance.choice(("", "team", "board")),
        open=chance.random() < 0.3,
    )


# --- the last look ------------------------------------------------------------------------------


async def test_a_page_that_may_not_leave_any_more_has_failed() -> None:
    async with Network(HERON) as network:
        network.signal.answers.append(RetryLater("closed", 40.0))
        network.add(a_word("m"))
        await network.after(1)
        network.desk.barred.add(MessageId("m"))
        await network.after(60)
        assert (network.signal.sent, network.desk.fates("m")) == ([], ["failed"])
        assert network.desk.asked_at[MessageId("m")] == START + timedelta(seconds=40)


async def test_a_desk_that_cannot_tell_lets_nobody_be_paged_and_holds_up_nobody_else() -> None:
    class Puzzled(FakeDesk):
        def may_leave(self, message: Message, at: datetime) -> bool:
            if message.id == "odd":
                raise LookupError("a bug")
            return True

    async with Network(*flock(2), desk=Puzzled) as network:
        network.add(a_word("odd", "bird-0"), a_word("even", "bird-1"))
        await network.after(1)
        assert (network.signal.texts, network.desk.fates("odd")) == (words("even"), ["failed"])


# --- companions ---------------------------------------------------------------------------------


async def test_a_notice_with_buttons_goes_besides_to_where_the_person_looks() -> None:
    async with Network(OTTER) as network:
        network.add(a_word("m", "otter", rows=((Choice(label="Going", token="t", number=1),),)))
        await network.after(1)
        assert network.signal.texts == words("m")
        assert [(o.text, len(o.rows)) for o in network.telegram.sent] == [("notice of m", 1)]
        assert network.desk.fates("m") == ["sent"]
        assert network.store.refs[MessageId("m"), "telegram"] == "telegram-1"


async def test_an_edit_reaches_the_words_and_the_notice() -> None:
    async with Network(OTTER) as network:
        network.add(a_word("m", "otter"))
        await network.after(1)
        network.add(an_edit("e", "m", "otter"))
        await network.after(1)
        assert [o.edits for o in network.signal.sent] == ["", "signal-1"]
        assert [(o.text, o.edits) for o in network.telegram.sent] == [
            ("notice of m", ""),
            ("notice of e", "telegram-1"),
        ]


async def test_a_notice_that_fails_does_not_fail_the_message() -> None:
    async with Network(OTTER) as network:
        network.telegram.answers.append(Rejected("no"))
        network.add(a_word("m", "otter"))
        await network.after(1)
        assert (network.signal.texts, network.desk.fates("m")) == (words("m"), ["sent"])


async def test_a_notice_on_record_never_passes_for_the_words() -> None:
    """Its reference is written once the words have met their fate: a crash finds them waiting."""
    async with Network(OTTER) as network:
        network.signal.always = DOWN
        network.add(a_word("m", "otter"))
        await network.after(5)
        assert network.telegram.texts == ["notice of m"]
        assert network.store.states[MessageId("m")] == "claimed"
        network.signal.always = None
        await network.after(60)
        assert network.store.refs[MessageId("m"), "telegram"] == "telegram-1"


async def test_without_a_private_address_the_notice_goes_and_the_message_has_failed() -> None:
    wren = someone("wren", "telegram")
    async with Network(wren) as network:
        network.add(a_word("m", "wren"))
        await network.after(1)
        assert network.telegram.texts == ["notice of m"]
        assert network.desk.fates("m") == ["failed"]


# --- media --------------------------------------------------------------------------------------


async def test_pictures_go_along_on_private_channels_only() -> None:
    async with Network(OTTER) as network:
        network.add(a_word("m", "otter", media=(PICTURE,)))
        network.add(a_word("open", "otter", media=(PICTURE,), open=True, thread="o"))
        await network.after(1)
        assert [len(out.attachments) for out in network.signal.sent] == [1]
        assert [len(out.attachments) for out in network.telegram.sent] == [0, 0]
        assert network.attachments == [PICTURE]


async def test_words_leave_without_a_picture_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(media: object) -> None:
        raise Rejected("gone")

    monkeypatch.setattr(Network, "_attach", staticmethod(lost))
    async with Network(HERON) as network:
        network.add(a_word("m", media=(PICTURE,)))
        await network.after(1)
        assert [(out.text, out.attachments) for out in network.signal.sent] == [("words of m", ())]


# --- crashes and endings ------------------------------------------------------------------------


async def test_what_was_under_way_at_a_crash_leaves_again_marked_as_a_repeat() -> None:
    store = FakeStore()
    async with Network(*flock(3), store=store) as before:
        before.add(a_word("acknowledged", "bird-0"))
        await before.after(1)
        before.signal.took_s = 60.0
        before.add(a_word("under-way", "bird-1"))
        await before.after(1)
        store.commit(a_word("due", "bird-2"))
    async with Network(*flock(3), store=store) as network:
        await network.after(1)
        sent = {out.text: out.repeat for out in network.signal.sent}
        assert sent == {"words of under-way": True, "words of due": False}


@pytest.mark.parametrize("seed", range(6))
async def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled_unmarked(
    seed: int,
) -> None:
    chance = Random(seed)
    people = [someone(f"bird-{n}", "telegram", "signal") for n in range(5)]
    store = FakeStore()
    once: list[str] = []
    for life in range(4):
        async with Network(*people, store=store, signal=SLOW) as network:
            network.signal.took_s = 0.3
            for number in range(10):
                message = at_random(chance, 10 * life + number, chance.choice(people).id)
                network.add(message)
                if chance.random() < 0.3:
                    network.add(an_edit(f"{message.id}e", message.id, message.to))
            await network.after(chance.random() * 2 if life < 3 else 600.0)
            once += [out.text for _, out in network.signal.begun if not out.repeat]
    assert set(store.states.values()) <= {"sent", "withdrawn"}
    assert len(once) == len(set(once))


async def test_after_a_restart_a_channel_that_had_refused_is_not_asked_again() -> None:
    person = someone("heron", "signal", "terminal")
    store = FakeStore()
    async with Network(person, store=store) as before:
        before.signal.answers.append(Rejected("no"))
        before.terminal.took_s = 60.0
        before.add(a_word("m"))
        await before.after(1)
    async with Network(person, store=store) as network:
        await network.after(1)
        assert (network.signal.begun, network.terminal.texts) == ([], words("m"))


async def test_what_is_handed_over_before_the_rest_is_read_leaves_once() -> None:
    network = Network(HERON)
    network.add(a_word("m"), an_edit("e", "m"), an_edit("stray", "long-gone"))
    async with network:
        await network.after(1)
        assert network.signal.texts == words("e")
        assert [network.desk.fates(id) for id in ("m", "e", "stray")] == [
            ["sent"],
            ["sent"],
            ["withdrawn"],
        ]


async def test_an_original_and_its_edit_that_wait_on_disk_leave_as_one() -> None:
    store = FakeStore()
    store.commit(a_word("m"), an_edit("e", "m", created_at=START + timedelta(seconds=1)))
    async with Network(HERON, store=store) as network:
        await network.after(1)
        assert network.signal.texts == words("e")
        assert set(store.states.values()) == {"sent"}


async def test_closing_lets_requests_under_way_finish() -> None:
    async with Network(*flock(2), signal=ONE_AT_A_TIME) as network:
        network.signal.took_s = 2.0
        network.add(a_word("a", "bird-0"), a_word("b", "bird-1"))
        await network.after(1)
        closing = asyncio.create_task(network.outbox.close(5.0))
        await network.after(10)
        assert closing.done()
        assert (network.signal.texts, network.desk.fates("a")) == (words("a"), ["sent"])
        assert len(network.signal.begun) == 1


async def test_closing_waits_no_longer_than_its_grace() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 60.0
        network.add(a_word("m"))
        await network.after(1)
        closing = asyncio.create_task(network.outbox.close(3.0))
        await network.after(2.9)
        assert not closing.done()
        await network.after(0.2)
        assert closing.done() and network.store.states[MessageId("m")] == "claimed"


async def test_a_disk_that_cannot_write_delays_and_doubles_nothing() -> None:
    async with Network(HERON) as network:
        network.store.broken = 3
        network.add(a_word("m"))
        await network.after(2.5)
        assert network.signal.begun == []
        await network.after(1)
        network.store.broken = 0
        assert network.signal.texts == words("m")


async def test_an_acknowledgement_is_put_on_record_however_often_the_disk_fails() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 1.0
        network.add(a_word("m"))
        await network.after(0.5)
        network.store.broken = 4
        await network.after(60)
        assert (network.desk.fates("m"), len(network.signal.begun)) == (["sent"], 1)


class StoreDesk(FakeDesk):
    """Puts fates into the real store, as the dispatcher does."""

    def __init__(self, store: Store) -> None:
        super().__init__(FakeStore(), [HERON])
        self.real = store

    async def settled(self, message: Message, fate: Settled) -> None:
        await self.real.commit(Changes(settled=[fate]))
        self.told.append(fate)


async def test_the_real_store_and_real_time_carry_it_through_a_restart(tmp_path: Path) -> None:
    ring = Keyring.random()
    (tmp_path / "data").mkdir(mode=0o700)
    async with await Store.open(tmp_path / "data" / "network.db", ring) as store:
        await store.commit(Changes(messages=[a_word("m1"), a_word("m2")]))
        await store.claim([MessageId("m1")])
    async with await Store.open(tmp_path / "data" / "network.db", ring) as store:
        network, desk = Network(HERON), StoreDesk(store)
        outbox = Outbox(
            store,
            {"signal": network.signal},
            desk,
            clock=network.time.clock,
            steady=time.monotonic,
            jitter=lambda: 0.5,
            attach=network._attach,
        )
        await outbox.load()
        running = asyncio.create_task(outbox.run())
        async with asyncio.timeout(PATIENCE_S):
            while len(desk.told) < 2:
                await settle_down()
        await outbox.close(1.0)
        await running
        assert {out.text: out.repeat for out in network.signal.sent} == {
            "words of m1": True,
            "words of m2": False,
        }
        assert await store.waiting() == []
        assert [fate.fate for fate in desk.told] == [Fate.SENT, Fate.SENT]


# --- sealed for a phone -------------------------------------------------------------------------


async def test_words_travel_sealed_where_others_read() -> None:
    async with Network(BADGER) as network:
        network.desk.phones.add("badger")
        network.add(a_word("m", "badger", rows=ROWS))
        await network.after(1)
        assert network.telegram.texts == ["notice of m"]
        assert network.telegram.links == words("m")
        assert [o.token for o in network.telegram.sent[0].rows[1]] == ["t1"]
        assert network.desk.fates("m") == ["sent"]


async def test_a_failing_telegram_gives_way_to_signal_with_the_words() -> None:
    async with Network(OTTER) as network:
        network.desk.phones.add("otter")
        network.telegram.always = Unreachable("blocked")
        network.add(a_word("m", "otter", rows=ROWS))
        await network.after(1)
        assert network.signal.texts == words("m")
        assert network.desk.fates("m") == ["sent"]


async def test_a_failing_signal_gives_way_to_telegram_sealed() -> None:
    async with Network(someone("otter", "signal", "telegram")) as network:
        network.desk.phones.add("otter")
        network.signal.always = Rejected("too long")
        network.add(a_word("m", "otter"))
        await network.after(1)
        assert network.telegram.texts == ["notice of m"]
        assert network.telegram.links == words("m")


async def test_what_cannot_be_sealed_goes_the_next_way() -> None:
    async with Network(OTTER) as network:
        network.desk.phones.add("otter")
        network.unsealable = Rejected("too long for a page")
        network.add(a_word("m", "otter"))
        await network.after(1)
        assert network.telegram.begun == []
        assert network.signal.texts == words("m")


async def test_what_cannot_be_sealed_and_has_no_other_way_fails() -> None:
    async with Network(BADGER) as network:
        network.desk.phones.add("badger")
        network.unsealable = Rejected("too long for a page")
        network.add(a_word("m", "badger"))
        await network.after(1)
        assert network.telegram.begun == []
        assert network.desk.fates("m") == ["failed"]


async def test_a_phone_taken_away_while_a_message_waits_gets_nothing() -> None:
    """The ways are asked for anew at each attempt."""
    async with Network(OTTER) as network:
        network.desk.phones.add("otter")
        network.telegram.answers.append(RetryLater("busy", 5.0))
        network.add(a_word("m", "otter"))
        await network.after(1)
        network.desk.phones.clear()
        await network.after(10)
        assert network.telegram.links == [] and network.signal.texts == words("m")


async def test_edits_stay_sealed() -> None:
    async with Network(BADGER) as network:
        network.desk.phones.add("badger")
        network.add(a_word("m", "badger"))
        await network.after(1)
        network.add(an_edit("n", "m", "badger"))
        await network.after(1)
        assert network.telegram.links == words("m", "n")
        assert network.telegram.sent[-1].edits == "telegram-1"
        assert network.telegram.texts == ["notice of m", "notice of n"]


async def test_a_message_for_one_phone_goes_past_that_phone_nowhere() -> None:
    """Not over Signal, although it is there and private; not as words or as a notice."""
    async with Network(OTTER) as network:
        network.telegram.always = Rejected("no")
        network.add(a_word("m", "otter", device="d1"))
        await network.after(1)
        assert network.signal.begun == []
        assert network.desk.fates("m") == ["failed"]


async def test_pictures_wait_for_no_phone_where_a_private_channel_is_left() -> None:
    """A link cannot carry them, so the channel that can is asked first."""
    async with Network(OTTER) as network:
        network.desk.phones.add("otter")
        network.add(a_word("m", "otter", media=(PICTURE,)))
        await network.after(1)
        assert [len(out.attachments) for out in network.signal.sent] == [1]
        assert network.telegram.begun == []


async def test_an_end_in_plain_words_closes_the_pages_on_the_phone() -> None:
    async with Network(BADGER) as network:
        network.desk.phones.add("badger")
        network.add(
            a_word("m", "badger", card="stand-down", text="It is over", notice="It is over")
        )
        await network.after(1)
        assert network.telegram.texts == ["It is over"]
        assert network.telegram.links == ["It is over"]


@pytest.mark.parametrize("fault", [Rejected("no phone"), KeyError("a bug")])
async def test_plain_words_leave_whether_or_not_a_phone_can_be_told(fault: Exception) -> None:
    """Leave now waits for no seal."""
    async with Network(BADGER) as network:
        network.desk.phones.add("badger")
        network.unsealable = fault
        network.add(a_word("m", "badger", card="leave", text="Leave now", notice="Leave now"))
        await network.after(1)
        assert network.telegram.texts == ["Leave now"]
        assert network.desk.fates("m") == ["sent"]
