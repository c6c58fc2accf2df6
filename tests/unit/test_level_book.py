"""The book of levels: after any change it says what reckoning everybody anew would say."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core.level_book import LevelBook
from responder.core.model import Level, Limits, Person, PersonId
from responder.core.trust import levels
from tests.unit.test_trust import IDS, a_member, a_root

LIMITS = Limits(vouches_for_known=1, vouches_for_trusted=2)


def a_book(*people: Person) -> tuple[LevelBook, dict[PersonId, Person]]:
    """A book that was asked before anything changes, and the records it is about."""
    known = {person.id: person for person in people}
    book = LevelBook(known, LIMITS)
    book.levels()
    return book, known


def put(book: LevelBook, known: dict[PersonId, Person], person: Person) -> None:
    """This person's record is another one from now on."""
    old = known.get(person.id)
    known[person.id] = person
    book.changed(old, person)


def drop(book: LevelBook, known: dict[PersonId, Person], id: PersonId) -> None:
    """This person is forgotten."""
    book.changed(known.pop(id, None), None)


def test_a_vouch_lifts_whoever_got_it_and_those_who_hang_on_them() -> None:
    heron, wren = a_root("heron"), a_root("wren")
    book, known = a_book(heron, wren, a_member("otter", "heron"), a_member("badger", "otter"))
    put(book, known, a_member("otter", "heron", "wren"))
    assert book.levels()[PersonId("otter")] is Level.TRUSTED
    assert book.levels()[PersonId("badger")] is Level.KNOWN


def test_two_who_hold_each_other_up_fall_when_what_held_them_goes() -> None:
    heron, wren = a_root("heron"), a_root("wren")
    otter, badger = a_member("otter", "heron", "badger"), a_member("badger", "wren", "otter")
    robin = a_member("robin", "heron", "wren")
    book, known = a_book(heron, wren, robin, replace(otter, vouches=robin.vouches), badger)
    assert book.levels()[badger.id] is Level.TRUSTED
    put(book, known, otter)
    assert book.levels()[otter.id] is Level.KNOWN
    assert book.levels()[badger.id] is Level.KNOWN


def test_what_was_handed_out_does_not_change_when_a_member_goes() -> None:
    book, known = a_book(a_root("heron"), a_member("otter", "heron"))
    before = book.levels()
    drop(book, known, PersonId("heron"))
    assert before[PersonId("otter")] is Level.KNOWN
    assert book.levels() == {PersonId("otter"): Level.UNKNOWN}


PEOPLE = st.builds(
    lambda id, by, fields: a_member(id, *by, **fields),
    st.sampled_from(IDS),
    st.lists(st.sampled_from(IDS), max_size=4),
    st.fixed_dictionaries(
        {}, optional={"granted": st.sampled_from(Level), "removed": st.booleans()}
    ),
)
STRANGERS = st.builds(lambda id: Person(id=id), st.sampled_from(IDS))


@settings(max_examples=300, deadline=None)
@given(st.lists(PEOPLE, max_size=6), st.lists(PEOPLE | STRANGERS | st.sampled_from(IDS)))
def test_after_any_changes_it_is_what_reckoning_everybody_would_be(
    first: list[Person], changes: list[Any]
) -> None:
    book, known = a_book(*first)
    for change in changes:
        if isinstance(change, Person):
            put(book, known, change)
        else:
            drop(book, known, change)
        assert book.levels() == levels(known, LIMITS)
