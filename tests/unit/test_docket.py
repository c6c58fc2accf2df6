"""Incidents found by deadline, place, code and person, as looking through all would find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core import incident as incidents
from responder.core.docket import Docket
from responder.core.model import (
    Incident,
    IncidentId,
    Mate,
    PersonId,
    Recruiting,
    Source,
    Stage,
    State,
)
from tests.builders import NORTHSIDE, NOW, RIVERSIDE, an_incident

OVER = (State.AFTERCARE, State.CLOSED)
PEOPLE = (PersonId("heron"), PersonId("wren"))


@st.composite
def versions(draw: st.DrawFn) -> Incident:
    """One incident at some time of its life; ids repeat, so that later ones replace earlier."""
    number = draw(st.integers(0, 4))
    due = draw(st.one_of(st.none(), st.integers(0, 5)))
    reporter, mate = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from((None, *PEOPLE)))
    begun = an_incident().incident
    source: Source = replace(begun.sources[0], reporter=reporter)
    return replace(
        begun,
        id=IncidentId(f"i{number}"),
        code=f"K{number % 3}",
        neighbourhood=RIVERSIDE if number % 2 else NORTHSIDE,
        state=draw(st.sampled_from(State)),
        sources=(source,),
        team=(Mate(person=mate, stage=Stage.READY),) if mate else (),
        recruiting=Recruiting(until=None if due is None else NOW + timedelta(minutes=due)),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(versions(), st.booleans()), max_size=12))
def test_it_finds_what_looking_through_all_would_find(
    steps: Sequence[tuple[Incident, bool]],
) -> None:
    docket, known = Docket(), dict[IncidentId, Incident]()
    for incident, dropped in steps:
        if dropped:
            docket.drop(incident.id)
            known.pop(incident.id, None)
        else:
            docket.put(incident)
            known[incident.id] = incident
    assert docket.all == known
    due = sorted((at, i.id) for i in known.values() if (at := incidents.due(i)) is not None)
    assert docket.next_due() == (due[0][0] if due else None)
    by = NOW + timedelta(minutes=3)
    assert docket.due_by(by) == tuple(id for at, id in due if at <= by)
    for place in (NORTHSIDE, RIVERSIDE):
        there = {i.id for i in known.values() if i.neighbourhood == place and i.state not in OVER}
        assert {i.id for i in docket.open_at(place)} == there
    assert {i.id for i in docket.held()} == {i.id for i in known.values() if i.state is State.HELD}
    for code in ("k0", "K1", "K2"):
        coded = {i.id for i in known.values() if i.code == code.upper()}
        assert {i.id for i in docket.coded(code)} == coded
    for person in PEOPLE:
        named = {
            i.id for i in known.values() if i.mate(person) or i.source(person) or person in i.past
        }
        assert named <= {i.id for i in docket.of(person)}
