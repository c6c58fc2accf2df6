"""Words that travel sealed to a phone, and the way they take where they cannot."""

from __future__ import annotations

import pytest

from responder.core.model import Person
from responder.ports import Rejected, RetryLater, Unreachable
from tests.unit.outbox_kit import (
    BADGER,
    OTTER,
    PICTURE,
    ROWS,
    Network,
    a_word,
    an_edit,
    someone,
    words,
)


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


@pytest.mark.parametrize(
    ("person", "plain", "fate"), [(OTTER, words("m"), "sent"), (BADGER, [], "failed")]
)
async def test_what_cannot_be_sealed_goes_the_next_way_or_fails_where_there_is_none(
    person: Person, plain: list[str], fate: str
) -> None:
    async with Network(person) as network:
        network.desk.phones.add(person.id)
        network.unsealable = Rejected("too long for a page")
        network.add(a_word("m", person.id))
        await network.after(1)
        assert network.telegram.begun == []
        assert network.signal.texts == plain
        assert network.desk.fates("m") == [fate]


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
