"""Who is on call, from indexed shifts and overrides: the same as `roster` says of all records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core import roster
from responder.core.duty import Duty
from responder.core.model import Override, Person, PersonId, Shift
from tests.builders import NORTHSIDE, NOW, RIVERSIDE, a_member, neighbourhoods

HERON, WREN = a_member("Heron"), a_member("Wren", neighbourhoods=(RIVERSIDE,))
PLACES = (NORTHSIDE, RIVERSIDE)
people = st.sampled_from((HERON.id, WREN.id))

shifts = st.builds(
    Shift,
    id=st.sampled_from(("s1", "s2", "s3")),
    person=people,
    neighbourhood=st.sampled_from(PLACES),
    start=st.sampled_from(("08:00", "18:00")),
    end=st.sampled_from(("02:00", "21:00")),
    weekday=st.sampled_from((5, 6)),
)
overrides = st.builds(
    Override,
    id=st.sampled_from(("o1", "o2", "o3")),
    person=people,
    start=st.sampled_from((NOW - timedelta(hours=2), NOW + timedelta(hours=1))),
    end=st.sampled_from((NOW + timedelta(hours=2), NOW + timedelta(days=1))),
    available=st.booleans(),
    neighbourhood=st.sampled_from((None, *PLACES)),
)
members = st.builds(
    replace,
    st.sampled_from((HERON, WREN)),
    neighbourhoods=st.sampled_from(((), PLACES, PLACES[:1])),
    removed=st.booleans(),
)
changes = st.lists(st.tuples(st.one_of(shifts, overrides, members), st.booleans()), max_size=10)


@settings(max_examples=100, deadline=None)
@given(changes)
def test_it_answers_as_all_records_together_would(
    steps: Sequence[tuple[Shift | Override | Person, bool]],
) -> None:
    known: dict[PersonId, Person] = {p.id: p for p in (HERON, WREN)}
    duty = Duty(known)
    for person in known:
        duty.person_changed(person)
    for record, dropped in steps:
        _change(duty, known, record, dropped=dropped)
        for hours in (0, 1, 3, 30):
            at = NOW + timedelta(hours=hours)
            for place in neighbourhoods():
                here = roster.on_call(place, at, duty.shifts(), duty.overrides(), known)
                assert duty.on_call(place, at) == here
                assert all(place.id in duty.serves(person) for person in here)


def _change(
    duty: Duty, known: dict[PersonId, Person], record: Shift | Override | Person, *, dropped: bool
) -> None:
    match record:
        case Person():
            known[record.id] = record
            duty.person_changed(record.id)
        case Shift() if dropped:
            duty.drop_shift(record.id)
        case Shift():
            duty.put_shift(record)
        case Override() if dropped:
            duty.drop_override(record.id)
        case Override():
            duty.put_override(record)
