"""What arrived sealed and stays unanswered goes another way: once, in time, and only if it must."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from responder.core import network as doors
from responder.core.changes import Changes
from responder.core.effects import Card
from responder.core.messages import Fate, Message, Settled, Urgency
from responder.core.model import Address, MessageId, PersonId, Role
from responder.core.phrases import say
from responder.core.spoken import Verb
from responder.core.talk.phones import UNOPENED_MOST
from responder.core.unopened import WAITS, due_at
from responder.core.world import World
from responder.ports import Rejected, Unreachable
from responder.storage.sealing import Keyring
from responder.storage.store import Store
from tests.builders import HERON, a_member, a_network, a_reporter
from tests.unit.outbox_kit import (
    OTTER,
    ROWS,
    START,
    FakeStore,
    Network,
    a_word,
    an_edit,
    someone,
    words,
)
from tests.unit.test_network import REPORT
from tests.unit.test_phones import Town, told

WAIT_S = WAITS[Urgency.PAGE].total_seconds()
SECOND = say("en", "phone.second")


def a_page(id: str = "m", to: str = "otter", **fields: object) -> Message:
    return a_word(id, to, rows=ROWS, **fields)


def a_network_with_a_phone(store: FakeStore | None = None) -> Network:
    """Otter has Telegram with a phone, and Signal besides."""
    network = Network(OTTER, store=store)
    network.desk.phones.add("otter")
    return network


# --- how long ---------------------------------------------------------------------------------


def test_the_more_urgent_the_shorter_the_wait() -> None:
    waits = [due_at(a_page(urgency=urgency), START) for urgency in Urgency]
    seconds = [(due - START).total_seconds() for due in waits if due]
    assert seconds == sorted(seconds) and len(seconds) == 3
    assert waits[Urgency.QUIET] is None


def test_whoever_has_little_time_keeps_most_of_it_for_the_second_channel() -> None:
    soon = a_page(expires_at=START + timedelta(seconds=30))
    assert due_at(soon, START) == START + timedelta(seconds=10)
    assert due_at(soon, START + timedelta(minutes=1)) == START + timedelta(minutes=1)


def test_what_asks_nothing_waits_for_nothing() -> None:
    assert due_at(a_word("m"), START) is None
    assert due_at(an_edit("n", "m", rows=ROWS), START) is None


# --- the outbox -------------------------------------------------------------------------------


async def test_an_unopened_page_goes_over_signal_once_and_says_that_it_is_a_second() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(WAIT_S - 1)
        assert network.telegram.links == words("m") and network.signal.begun == []
        assert network.desk.fates("m") == []
        await network.after(600)
        (out,) = network.signal.sent
        assert out.text == f"words of m\n\n{SECOND}" and out.repeat
        assert [o.token for o in out.rows[0]] == ["t1"]
        assert len(network.telegram.sent) == 1
        assert network.desk.fates("m") == ["sent"] and network.desk.told[-1].unopened
        assert network.outbox.message_of("telegram", "telegram-1") == "m"
        assert network.outbox.message_of("signal", "signal-1") == "m"


async def test_who_has_answered_hears_nothing_a_second_time() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(1)
        network.desk.answered.add(MessageId("m"))
        await network.after(600)
        assert network.signal.begun == []
        assert network.desk.fates("m") == ["sent"] and not network.desk.told[-1].unopened


async def test_an_answer_while_signal_is_busy_still_counts() -> None:
    """It is asked again as the second copy is about to leave."""
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(1)
        network.signal.answers.append(Unreachable("gone"))
        network.outbox._gates["signal"].hold(WAIT_S + 20, 0.0, network.time.steady())
        await network.after(WAIT_S + 5)
        network.desk.answered.add(MessageId("m"))
        await network.after(60)
        assert network.signal.begun == [] and network.desk.fates("m") == ["sent"]


async def test_who_may_not_be_paged_any_more_is_not_paged_a_second_time() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(1)
        network.desk.barred.add(MessageId("m"))
        await network.after(600)
        assert network.signal.begun == [] and network.desk.fates("m") == ["sent"]


async def test_a_second_way_that_fails_leaves_the_first_as_it_was() -> None:
    """A brief that lies on a phone has not failed; whoever waits for it sees that it is unread."""
    async with a_network_with_a_phone() as network:
        network.signal.always = Rejected("no")
        network.add(a_page(card="brief"))
        await network.after(600)
        assert len(network.signal.begun) == 1
        assert network.desk.fates("m") == ["sent"] and not network.desk.told[-1].unopened


async def test_without_a_private_channel_a_sealed_page_has_arrived() -> None:
    async with Network(someone("otter", "telegram")) as network:
        network.desk.phones.add("otter")
        network.add(a_page())
        await network.after(1)
        assert network.desk.fates("m") == ["sent"]


async def test_what_signal_carried_first_does_not_come_over_telegram_too() -> None:
    async with Network(someone("otter", "signal", "telegram")) as network:
        network.desk.phones.add("otter")
        network.add(a_page())
        await network.after(600)
        assert network.telegram.begun == [] and network.desk.fates("m") == ["sent"]


async def test_what_comes_after_an_unopened_page_does_not_wait_behind_it() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page(thread="i1.team"))
        await network.after(1)
        network.add(a_word("n", "otter", thread="i1.team"))
        await network.after(1)
        assert network.telegram.links == words("m", "n")


async def test_an_edit_shows_what_became_of_it_and_nobody_is_asked_again() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(1)
        network.add(an_edit("n", "m", "otter"))
        await network.after(600)
        assert network.telegram.sent[-1].edits == "telegram-1"
        assert network.signal.begun == [] and network.desk.fates("m") == ["sent"]


async def test_an_edit_that_comes_while_the_page_leaves_counts_as_well() -> None:
    async with a_network_with_a_phone() as network:
        network.telegram.took_s = 2.0
        network.add(a_page())
        await network.after(1)
        network.add(an_edit("n", "m", "otter"))
        await network.after(600)
        assert network.telegram.links == words("m", "n") and network.signal.begun == []


async def test_an_end_clears_the_phone_although_signal_shows_it_first() -> None:
    over = {"card": "stand-down", "text": "It is over", "notice": "It is over"}
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(WAIT_S + 1)
        network.add(an_edit("n", "m", "otter", **over))
        await network.after(1)
        assert network.signal.texts[-1] == network.telegram.texts[-1] == "It is over"
        assert network.telegram.links[-1] == "It is over"


async def test_what_is_withdrawn_or_taken_back_does_not_come_a_second_time() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page("m"), a_page("n"))
        await network.after(1)
        network.withdraw("m")
        network.recall("n")
        await network.after(600)
        assert network.signal.begun == []
        assert network.telegram.deleted == [("otter@telegram", "telegram-2")]


async def test_both_copies_are_changed_and_taken_back() -> None:
    async with a_network_with_a_phone() as network:
        network.add(a_page())
        await network.after(WAIT_S + 1)
        network.add(an_edit("n", "m", "otter"))
        await network.after(1)
        assert network.signal.sent[-1].edits == "signal-1"
        assert network.telegram.sent[-1].edits == "telegram-1"
        network.recall("m")
        await network.after(10)
        taken_back = network.signal.deleted + network.telegram.deleted
        assert {ref for _, ref in taken_back} == {"signal-1", "telegram-1"}


@pytest.mark.parametrize("away_s", [0.0, 1000.0])
async def test_a_restart_forgets_neither_the_wait_nor_the_first_copy(away_s: float) -> None:
    before = a_network_with_a_phone()
    async with before:
        before.add(a_page(expires_at=START + timedelta(hours=1)))
        await before.after(5)
        await before.stop()
    after = a_network_with_a_phone(before.store)
    after.time.now = 5 + away_s
    async with after:
        assert after.outbox.message_of("telegram", "telegram-1") == "m"
        await after.after(max(WAIT_S - 6 - away_s, 0))
        assert len(after.signal.sent) == int(away_s > 0)
        await after.after(WAIT_S)
        assert len(after.signal.sent) == 1 and after.telegram.begun == []


async def test_a_page_that_grew_too_old_meanwhile_is_not_sent_again() -> None:
    before = a_network_with_a_phone()
    async with before:
        before.add(a_page(expires_at=START + timedelta(minutes=5)))
        await before.after(5)
        await before.stop()
    after = a_network_with_a_phone(before.store)
    after.time.now = 3600
    async with after:
        await after.after(1)
        assert after.signal.begun == [] and after.desk.fates("m") == ["sent"]


async def test_the_real_store_keeps_the_words_until_they_were_read(
    tmp_path: Path, ring: Keyring
) -> None:
    async with await Store.open(tmp_path / "data" / "network.db", ring) as store:
        await store.commit(Changes(messages=[a_page()]))
        await store.claim([MessageId("m")])
        lies = Settled(
            message=MessageId("m"),
            channel="telegram",
            fate=Fate.SENT,
            at=START,
            ref="77",
            last=False,
        )
        await store.commit(Changes(settled=[lies]))
        (waiting,) = await store.waiting()
        assert waiting.message == a_page() and waiting.arrived_at == START
        assert [(sent.channel, sent.ref) for sent in waiting.arrived] == [("telegram", "77")]
        await store.commit(Changes(settled=[replace(lies, channel="", ref="", last=True)]))
        assert await store.waiting() == []
        assert await store.deliveries(MessageId("m")) == [("telegram", "77")]


# --- the core ---------------------------------------------------------------------------------


def a_town() -> World:
    """Heron and Wren have Telegram first, and Signal; Owl coordinates over Signal."""
    both = (
        a_member(
            name,
            addresses=(
                Address(channel="telegram", handle=f"7{len(name)}"),
                Address(channel="signal", handle=f"+1{len(name)}"),
            ),
        )
        for name in ("Heron", "Wren")
    )
    world = a_network(*both, a_member("Owl", roles=(Role.COORDINATOR,)), a_reporter("r"))
    world.pager_link = "https://pager.example/#register"
    return world


class Paged(Town):
    """Heron has a phone that works, and is paged."""

    def __init__(self) -> None:
        super().__init__(a_town())
        self.has_a_phone(HERON)
        self.at += timedelta(minutes=1)
        self.say("r", REPORT)

    @property
    def page(self) -> Message:
        return next(m for m in self.messages if m.card == Card.PAGE and m.to == HERON)

    def goes_unopened(self, message: Message) -> list[Message]:
        """It went over Signal after all; what is said because of it."""
        changes = doors.unopened(self.world, message, self.at, self._nonce())
        return self._kept(changes).messages


@pytest.mark.parametrize("verb", [Verb.ACCEPT, Verb.DECLINE])
def test_a_page_is_unanswered_until_it_is_answered(verb: Verb) -> None:
    town = Paged()
    assert doors.unanswered(town.world, town.page)
    town.press(HERON, verb)
    assert not doors.unanswered(town.world, town.page)


def test_the_second_answer_on_the_other_channel_changes_nothing_and_says_so() -> None:
    town = Paged()
    token = town.option(HERON, Verb.ACCEPT)
    town.say(HERON, token=token, channel="telegram")
    before = town.incident
    changes = town.say(HERON, token=token, channel="telegram")
    assert town.incident == before and "already" in changes.press_note


def test_an_answer_that_can_be_given_again_counts_as_read() -> None:
    town = Paged()
    while not (rung := [m for m in town.messages if m.card == Card.ALARM and m.rows]):
        town.wait(60)
    alarm = rung[-1]
    assert doors.unanswered(town.world, alarm)
    end = town.option(alarm.to, Verb.END)
    town.say(alarm.to, token=end)
    assert town.world.questions.prompt(end)
    assert not doors.unanswered(town.world, alarm)


def test_three_unopened_messages_in_a_row_put_a_phone_out_of_use() -> None:
    town = Paged()
    for _ in range(UNOPENED_MOST - 1):
        assert town.goes_unopened(town.page) == []
    messages = town.goes_unopened(town.page)
    assert "Nothing was lost" in told(messages, HERON)[0]
    assert [m.card for m in messages] == ["reply", "probe"]
    assert not town.world.phones(PersonId(HERON))
    town.proves(HERON)
    assert town.world.phones(PersonId(HERON))[0].unopened == 0


def test_an_answer_beside_the_phone_wipes_the_slate() -> None:
    town = Paged()
    for _ in range(UNOPENED_MOST - 1):
        town.goes_unopened(town.page)
    town.say(HERON, token=town.option(HERON, Verb.ACCEPT), channel="telegram")
    assert town.goes_unopened(town.page) == []
    assert town.world.phones(PersonId(HERON))[0].unopened == 1


def test_whoever_leaves_a_report_to_another_verifier_is_not_blamed() -> None:
    town = Paged()
    card = replace(town.page, card=Card.VERIFY)
    for _ in range(2 * UNOPENED_MOST):
        assert town.goes_unopened(card) == []
    assert town.world.phones(PersonId(HERON))[0].unopened == 0


def test_a_phone_is_not_blamed_for_what_came_before_it_worked() -> None:
    town = Paged()
    old = replace(town.page, created_at=town.at - timedelta(days=1))
    for _ in range(UNOPENED_MOST):
        assert town.goes_unopened(old) == []
    assert town.world.phones(PersonId(HERON))[0].unopened == 0
