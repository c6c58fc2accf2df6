"""The outbox: the urgent first, every limit kept, nobody who may not have it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from responder.core.messages import Choice, Message, Urgency
from responder.core.model import MessageId
from responder.ports import Pace, Rejected, RetryLater
from tests.unit.outbox_kit import (
    DOWN,
    HERON,
    ONE_AT_A_TIME,
    OTTER,
    PICTURE,
    SLOW,
    START,
    FakeDesk,
    Network,
    a_word,
    an_edit,
    busiest,
    flock,
    someone,
    to_each,
    words,
)

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
