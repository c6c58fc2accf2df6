"""Which words go over which channel: the switch on which everybody's privacy hangs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core.messages import Message
from responder.core.model import Address, Person, PersonId
from responder.core.routing import Form, Leg, legs, reader_of
from tests.unit.outbox_kit import PICTURE, a_word, someone

PRIVATE = {"telegram": False, "signal": True, "terminal": True}


def told(message: Message, person: Person, **delivered: str) -> list[tuple[str, str]]:
    return [(leg.channel, leg.form.value) for leg in legs(message, person, PRIVATE, delivered)]


def test_open_words_go_where_the_conversation_is_then_in_the_persons_order() -> None:
    reply = a_word("m", open=True, channel="telegram")
    person = someone("heron", "signal", "terminal", "telegram")
    assert told(reply, person) == [
        ("telegram", "words"),
        ("signal", "words"),
        ("terminal", "words"),
    ]


def test_a_last_word_to_somebody_forgotten_goes_to_the_address_it_names() -> None:
    last_word = a_word("m", open=True, channel="telegram", only=True, handle="555")
    reader = reader_of(last_word, None)
    assert reader is not None
    assert [leg.handle for leg in legs(last_word, reader, PRIVATE)] == ["555"]
    assert reader_of(a_word("m"), None) is None


def test_only_means_no_other_channel() -> None:
    reply = a_word("m", open=True, channel="telegram", only=True)
    assert told(reply, someone("heron", "signal", "telegram")) == [("telegram", "words")]
    assert told(reply, someone("heron", "signal")) == []


def test_members_words_go_over_private_channels_and_a_notice_where_they_look_first() -> None:
    page = a_word("m")
    assert told(page, someone("heron", "telegram", "signal", "terminal")) == [
        ("signal", "words"),
        ("terminal", "words"),
        ("telegram", "notice"),
    ]


def test_who_looks_at_a_private_channel_first_gets_no_notice() -> None:
    person = someone("heron", "signal", "telegram")
    assert told(a_word("m"), person) == [("signal", "words")]
    assert told(a_word("m", channel="signal"), person) == [("signal", "words")]


def test_who_wrote_over_an_open_channel_gets_the_notice_there() -> None:
    answer = a_word("m", channel="telegram")
    assert told(answer, someone("heron", "signal", "telegram")) == [
        ("signal", "words"),
        ("telegram", "notice"),
    ]


def test_a_message_without_a_notice_has_no_companion() -> None:
    assert told(a_word("m", notice=""), someone("heron", "telegram", "signal")) == [
        ("signal", "words")
    ]


def test_who_has_no_private_address_gets_the_notice_and_no_words() -> None:
    found = legs(a_word("m"), someone("heron", "telegram"), PRIVATE)
    assert found == (
        Leg(channel="telegram", handle="heron@telegram", form=Form.NOTICE, main=False),
    )


def test_dead_addresses_and_channels_without_a_bot_are_no_way() -> None:
    addresses = (
        Address(channel="telegram", handle="1", dead=True),
        Address(channel="matrix", handle="2"),
        Address(channel="signal", handle="3", dead=True),
        Address(channel="signal", handle="4"),
    )
    person = Person(id=PersonId("heron"), addresses=addresses)
    found = legs(a_word("m"), person, PRIVATE)
    assert [(leg.channel, leg.handle) for leg in found] == [("signal", "4")]


def test_an_edit_goes_first_to_where_its_original_arrived() -> None:
    edit = a_word("m")
    found = legs(
        edit,
        someone("heron", "telegram", "signal", "terminal"),
        PRIVATE,
        {"terminal": "t1", "telegram": "g1"},
    )
    assert [(leg.channel, leg.edits) for leg in found] == [
        ("terminal", "t1"),
        ("signal", ""),
        ("telegram", "g1"),
    ]


def test_an_edit_brings_no_notice_where_there_was_none() -> None:
    person = someone("heron", "telegram", "signal")
    assert told(a_word("m"), person, signal="s1") == [("signal", "words")]


channels = st.sampled_from([*PRIVATE, "matrix"])
addresses = st.builds(
    Address, channel=channels, handle=st.sampled_from(["1", "2", "3"]), dead=st.booleans()
)
people = st.builds(
    Person, id=st.just(PersonId("heron")), addresses=st.lists(addresses, max_size=5).map(tuple)
)
messages = st.builds(
    a_word,
    st.just("m"),
    open=st.booleans(),
    only=st.booleans(),
    channel=channels | st.just(""),
    notice=st.sampled_from(["", "notice of m"]),
)
delivered = st.dictionaries(channels, st.just("ref"))


@given(messages, people, delivered, st.booleans())
def test_sealed_words_never_travel_over_a_channel_that_is_not_private(
    message: Message, person: Person, delivered: dict[str, str], phone: bool
) -> None:
    """The law itself, over every mixture of addresses, wishes and earlier deliveries."""
    harmless = message.open or message.text == message.notice
    for leg in legs(message, person, PRIVATE, delivered, phone=phone):
        assert harmless or PRIVATE[leg.channel] or leg.form is not Form.WORDS
        assert leg.form is not Form.SEALED or (phone and not PRIVATE[leg.channel])


@given(messages, people, delivered, st.booleans())
def test_each_leg_is_a_living_address_and_no_channel_carries_two(
    message: Message, person: Person, delivered: dict[str, str], phone: bool
) -> None:
    found = legs(message, person, PRIVATE, delivered, phone=phone)
    living = {(a.channel, a.handle) for a in person.addresses if not a.dead}
    assert {(leg.channel, leg.handle) for leg in found} <= living
    assert len({leg.channel for leg in found}) == len(found)
    assert all(leg.main is (leg.form is not Form.NOTICE) for leg in found)


@given(messages, people, delivered)
def test_a_message_for_one_phone_is_sealed_or_stays(
    message: Message, person: Person, delivered: dict[str, str]
) -> None:
    for_one = replace(message, device="d1", notice="Please open this", open=False)
    for leg in legs(for_one, person, PRIVATE, delivered, phone=True):
        assert leg.form is Form.SEALED and not PRIVATE[leg.channel]


# --- with a phone -----------------------------------------------------------------------------


def sealed(message: Message, person: Person, **delivered: str) -> list[tuple[str, str]]:
    found = legs(message, person, PRIVATE, delivered, phone=True)
    return [(leg.channel, leg.form.value) for leg in found]


def test_with_a_phone_every_channel_carries_words_in_the_persons_order() -> None:
    person = someone("heron", "telegram", "signal")
    assert sealed(a_word("m"), person) == [("telegram", "sealed"), ("signal", "words")]


def test_without_a_phone_only_private_channels_do() -> None:
    person = someone("heron", "telegram", "signal")
    assert told(a_word("m"), person) == [("signal", "words"), ("telegram", "notice")]


def test_words_that_say_no_more_than_their_notice_need_no_seal() -> None:
    person = someone("heron", "telegram")
    assert sealed(a_word("m", text="same", notice="same"), person) == [("telegram", "words")]


def test_words_that_say_no_more_than_their_notice_reach_whoever_has_neither_signal_nor_phone() -> (
    None
):
    word = a_word("m", text="same", notice="same")
    assert told(word, someone("heron", "telegram")) == [("telegram", "words")]
    assert told(replace(word, device="d1"), someone("heron", "telegram")) == [
        ("telegram", "notice")
    ]
    assert told(word, someone("heron", "telegram", "signal")) == [
        ("signal", "words"),
        ("telegram", "notice"),
    ]


def test_words_without_a_notice_have_nothing_to_stand_under() -> None:
    assert sealed(a_word("m", notice=""), someone("heron", "telegram")) == []
    person = someone("heron", "telegram", "signal")
    assert sealed(a_word("m", notice=""), person) == [("signal", "words")]


def test_pictures_go_first_where_they_can_be_shown() -> None:
    picture = a_word("m", media=(PICTURE,))
    person = someone("heron", "telegram", "signal")
    assert sealed(picture, person) == [("signal", "words"), ("telegram", "sealed")]


def test_an_edit_stays_sealed_where_its_original_arrived_sealed() -> None:
    person = someone("heron", "signal", "telegram")
    found = legs(a_word("m"), person, PRIVATE, {"telegram": "g1"}, phone=True)
    assert [(leg.channel, leg.form.value, leg.edits) for leg in found] == [
        ("telegram", "sealed", "g1"),
        ("signal", "words", ""),
    ]


def test_an_edit_of_words_on_signal_goes_there_though_there_is_a_phone_by_now() -> None:
    """Sealed on Telegram alone, it would leave old words with old answers on Signal."""
    person = someone("heron", "telegram", "signal")
    assert sealed(a_word("m"), person, telegram="g1", signal="s1") == [
        ("signal", "words"),
        ("telegram", "notice"),
    ]
