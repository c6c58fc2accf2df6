"""What is changed, withdrawn or recalled: while it waits, on its way, and after it came."""

from __future__ import annotations

from responder.core.changes import Action, Prompt, Question
from responder.core.messages import Urgency
from responder.core.model import MessageId, PersonId
from responder.ports import Pace, Rejected, RetryLater, Unsure
from tests.unit.outbox_kit import (
    HERON,
    OTTER,
    START,
    FakeStore,
    Network,
    a_word,
    an_edit,
    someone,
    words,
)

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


async def test_a_chat_that_takes_no_deletion_holds_up_no_page_to_anybody_else() -> None:
    async with Network(OTTER, HERON) as network:
        network.add(a_word("m", "otter"))
        await network.after(1)
        network.signal.answers.append(RetryLater("this chat", 20.0, whole=False))
        network.recall("m")
        await network.after(1)
        network.add(a_word("page", "heron"))
        await network.after(1)
        assert network.signal.texts == words("m", "page")
        await network.after(30)
        assert network.signal.deleted == [("otter@signal", "signal-1")]


async def test_what_arrives_after_it_was_recalled_is_taken_back_too() -> None:
    async with Network(HERON) as network:
        network.signal.took_s = 2.0
        network.add(a_word("m"))
        await network.after(1)
        network.recall("m")
        await network.after(9)
        assert network.signal.deleted == [("heron@signal", "signal-1")]


async def what_left_before() -> FakeStore:
    """The disk of a process that ended after "m" had reached Heron."""
    store = FakeStore()
    async with Network(HERON, store=store) as before:
        before.add(a_word("m"))
        await before.after(1)
    return store


async def test_what_left_before_a_restart_can_be_taken_back() -> None:
    store = await what_left_before()
    async with Network(HERON, store=store) as network:
        network.recall("m")
        await network.after(1)
        assert network.signal.deleted == [("heron@signal", "signal-1")]


async def test_what_was_recalled_while_the_disk_failed_is_taken_back_all_the_same() -> None:
    store = await what_left_before()
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
