"""Places: names inside sentences, misspelt ones, pins on the map, and boundary files."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.model import Neighbourhood, Pin, Place
from responder.core.places import (
    MOST_POINTS,
    MOST_POLYGONS,
    BoundaryFault,
    Found,
    boundary_from_geojson,
    containing,
    find,
    folded,
    time_zone_of,
)


def a_place(id: str, *aliases: str, name: str = "", **fields: Any) -> Neighbourhood:
    """A neighbourhood named like its id."""
    return Neighbourhood(id=Place(id), name=name or id.title(), aliases=aliases, **fields)


TOWN = [
    a_place("northside", "the north", "Lado Norte"),
    a_place("riverside", "Ribera"),
    a_place("riverside-park", name="Riverside Park"),
    a_place("eastgate", "Ste 9"),
    a_place("eastgarden", "Garden Rows"),
    a_place("penon", name="El Peñón"),
    a_place("ward5", name="Ward 5"),
    a_place("ward6", name="Ward 6"),
    a_place("hill", name="Hill"),
    a_place("st-johns", name="St. John's"),
]


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Northside", "northside"),
        ("cops on Main St in north side!!", "northside"),
        ("they are at THE NORTH, near the bank", "northside"),
        ("la policía está en el lado norte", "northside"),
        ("en la ribera", "riverside"),
        ("by the lake in riverside park", "riverside-park"),
        ("in el penon", "penon"),
        ("EL PEÑÓN", "penon"),
        ("ward 5 please", "ward5"),
        ("ward6", "ward6"),
        ("up the hill", "hill"),
        ("near St John's school", "st-johns"),
        ("st johns", "st-johns"),
    ],
)
def test_a_name_is_found_inside_a_sentence(text: str, expected: str) -> None:
    """Names and aliases, whatever the case, accents, spaces and signs around them."""
    assert find(text, TOWN) == Found(Place(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothside", "northside"),
        ("corner of main in nort side", "northside"),
        ("nrothside", "northside"),
        ("rivrside, come quick", "riverside"),
        ("rivreside pakr", "riverside-park"),
        ("eastgaet", "eastgate"),
        ("ribeera", "riverside"),
    ],
)
def test_a_slightly_misspelt_name_is_found(text: str, expected: str) -> None:
    """A letter or two wrong, missing, too many or swapped."""
    assert find(text, TOWN) == Found(Place(expected))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "help, they stopped two kids on the corner",
        "southside",
        "on the river side street of the road north",
        "hell",
        "hall",
        "ward 7",
        "westgate",
        "we are still here",
        "the rivers are rising",
    ],
)
def test_other_words_are_no_name(text: str) -> None:
    """Short words, other first letters, other numbers and common words match nothing misspelt."""
    found = find(text, [place for place in TOWN if place.id != "riverside"])
    assert found == Found()


def test_a_short_name_is_taken_as_misspelt_in_an_answer_only() -> None:
    """To "where?" somebody answers "in the markt"; in a sentence "marked" is another word."""
    market = [a_place("market"), *TOWN]
    assert find("in the markt", market) == Found(Place("market"))
    assert find("they marked a car and drove off", market) == Found()
    assert find("the rivers rise again", TOWN) == Found()


def test_two_names_in_one_text_are_offered_and_none_is_taken() -> None:
    """A wrong neighbourhood sends the wrong people."""
    assert find("from northside towards eastgate", TOWN) == Found(
        None, (Place("northside"), Place("eastgate"))
    )
    both = [a_place("one", "Centro"), a_place("two", "centro")]
    assert find("en el centro", both) == Found(None, (Place("one"), Place("two")))


def test_a_misspelt_name_between_two_is_offered_as_both() -> None:
    """Two letters from either of them."""
    both = [a_place("maplewood"), a_place("maplehood")]
    assert find("maplegood", both) == Found(None, (Place("maplewood"), Place("maplehood")))
    assert find("maplewood", both) == Found(Place("maplewood"))


def test_written_right_beats_misspelt() -> None:
    """One exact name settles it, whatever else looks like a name."""
    assert find("rivrside corner, in northside", TOWN) == Found(Place("northside"))


@given(st.sampled_from(["Northside", "Riverside", "Eastgate"]), st.data())
def test_one_slip_after_the_first_letter_is_forgiven(name: str, data: st.DataObject) -> None:
    """Any letter dropped, doubled, or changed, in the middle of a sentence."""
    at = data.draw(st.integers(1, len(name) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    kept = data.draw(st.sampled_from([name[at + 1 :], name[at:], letter + name[at:]]))
    found = find(f"stop in {name[:at]}{kept} now", TOWN[:4])
    assert found.place == name.lower()


@given(st.text(max_size=200))
def test_any_text_is_answered_with_known_places_only(text: str) -> None:
    """No text breaks it, and what it folds to stays as it is."""
    known = {place.id for place in TOWN}
    found = find(text, TOWN)
    assert {*found.candidates, *([found.place] if found.place else [])} <= known
    assert len(found.candidates) != 1
    assert folded(folded(text)) == folded(text)


def test_a_very_long_text_is_read_to_its_end() -> None:
    """The longest message that platforms carry, with the name last, and one of names only."""
    assert find("no " * 1_300 + "northside", TOWN) == Found(Place("northside"))
    assert find("northside " * 400, TOWN) == Found(Place("northside"))
    assert find("northside", []) == Found()


def test_the_time_zone_is_that_of_the_neighbourhood() -> None:
    """Or the one given for places that are not known."""
    town = [a_place("northside", time_zone="America/Chicago")]
    assert time_zone_of(Place("northside"), town) == "America/Chicago"
    assert time_zone_of(Place("elsewhere"), town) == "UTC"
    assert time_zone_of(Place("elsewhere"), town, "Europe/Berlin") == "Europe/Berlin"


# --- the map ----------------------------------------------------------------------------------

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0))
HORSESHOE = ((5.0, 0.0), (9.0, 0.0), (9.0, 4.0), (8.0, 4.0), (8.0, 1.0), (6.0, 1.0), (6.0, 4.0))
ISLAND = ((20.0, 20.0), (21.0, 20.0), (20.0, 21.0), (20.0, 20.0))
MAP = [
    a_place("empty"),
    a_place("square", boundary=(SQUARE, ISLAND)),
    a_place("shoe", boundary=((*HORSESHOE, (5.0, 4.0)),)),
    a_place("overlap", boundary=(tuple((x + 3, y) for x, y in SQUARE),)),
]


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [
        (1, 1, "square"),
        (0, 2, "square"),
        (2, 4, "square"),
        (0, 0, "square"),
        (4, 4, "square"),
        (3.5, 2, "square"),
        (4.5, 2, "overlap"),
        (20.2, 20.2, "square"),
        (20.5, 20.5, "square"),
        (20.8, 20.8, None),
        (5.5, 4, "shoe"),
        (8.5, 3, "shoe"),
        (7.5, 3, None),
        (7.5, 0.5, "shoe"),
        (-1, 0, None),
        (-1, 4, None),
        (50, 50, None),
    ],
)
def test_a_pin_is_in_the_first_boundary_that_holds_it(
    longitude: float, latitude: float, expected: str | None
) -> None:
    """Edges and corners are inside; the bay of a horseshoe is not; nothing is taken as near."""
    assert containing(Pin(latitude=latitude, longitude=longitude), MAP) == expected


@given(st.floats(-5, 9), st.floats(-5, 9), st.booleans(), st.integers(0, 3))
def test_a_rectangle_holds_what_lies_between_its_sides(
    x: float, y: float, turned: bool, first: int
) -> None:
    """Whichever corner it begins with, and whichever way round, closed or not."""
    corners = [*SQUARE[first:4], *SQUARE[:first]]
    ring = tuple(reversed(corners)) if turned else tuple(corners)
    found = containing(Pin(latitude=y, longitude=x), [a_place("square", boundary=(ring,))])
    near_edge = min(abs(x), abs(x - 4), abs(y), abs(y - 4)) < 1e-6
    assert near_edge or (found is not None) == (0 <= x <= 4 and 0 <= y <= 4)


# --- boundary files ---------------------------------------------------------------------------

RING = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [2, 1], [2, 2], [1, 1]]


def polygon(*rings: Any) -> dict[str, Any]:
    """A GeoJSON polygon."""
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: Any) -> dict[str, Any]:
    """A GeoJSON feature around a geometry."""
    return {"type": "Feature", "properties": {"name": "anything"}, "geometry": geometry}


@pytest.mark.parametrize(
    "data",
    [
        polygon(RING),
        polygon(RING, HOLE),
        polygon(RING[:-1]),
        polygon([[*position, 120.5] for position in RING]),
        {"type": "MultiPolygon", "coordinates": [[RING]]},
        feature(polygon(RING)),
        {"type": "FeatureCollection", "features": [feature(polygon(RING))]},
    ],
    ids=["polygon", "hole", "not closed", "heights", "multi", "feature", "collection"],
)
def test_each_kind_of_area_gives_its_outer_ring(data: object) -> None:
    """Closed, as plain numbers, without holes and heights."""
    assert boundary_from_geojson(data) == (SQUARE,)


def test_several_areas_give_several_polygons() -> None:
    """From a MultiPolygon and from a collection."""
    away = [[x + 10, y] for x, y in RING]
    multi = {"type": "MultiPolygon", "coordinates": [[RING], [away, HOLE]]}
    both = {"type": "FeatureCollection", "features": [feature(multi), feature(polygon(RING))]}
    rings = boundary_from_geojson(both)
    assert [ring[0] for ring in rings] == [(0, 0), (10, 0), (0, 0)]
    assert containing(Pin(latitude=1, longitude=11), [a_place("far", boundary=rings)]) == "far"


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (None, "draw an area"),
        ([RING], "draw an area"),
        ({"type": "Point", "coordinates": [0, 0]}, "'Point': draw an area"),
        ({"type": 7}, "without a type"),
        (feature(None), "draw an area"),
        ({"type": "FeatureCollection"}, "'features' is missing"),
        ({"type": "FeatureCollection", "features": []}, "no polygon"),
        ({"type": "FeatureCollection", "features": [polygon(RING)]}, "must be a Feature"),
        ({"type": "Polygon"}, "'coordinates' is missing"),
        ({"type": "MultiPolygon", "coordinates": [3]}, "list of rings"),
        (polygon(), "list of rings"),
        (polygon("ring"), "list of \\[longitude"),
        (polygon([0, 1]), "a position is"),
        (polygon([["0", 1]]), "plain numbers"),
        (polygon([[True, 1]]), "plain numbers"),
        (polygon([[41, 120], [42, 120], [42, 121]]), "longitude first"),
        (polygon([[float("nan"), 0]]), "off the globe"),
        (polygon([[10**400, 0]]), "off the globe"),
        (polygon(RING[:2]), "three corners"),
        (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "in line"),
        (polygon([[179, 0], [-179, 0], [-179, 2], [179, 2]]), "antimeridian"),
        (polygon([[0, 0]] * (MOST_POINTS + 1)), "simplify"),
        ({"type": "MultiPolygon", "coordinates": [[RING]] * (MOST_POLYGONS + 1)}, "too detailed"),
    ],
)
def test_an_unusable_boundary_says_what_to_do(data: object, advice: str) -> None:
    """The message is for the coordinator who drew it."""
    with pytest.raises(BoundaryFault, match=advice):
        boundary_from_geojson(data)


GEOMETRIES = st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features"]), inner)
        | st.builds(lambda kind, what: {"type": kind, "coordinates": what}, GEOMETRIES, inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_parsed_json_gives_rings_or_a_fault(data: object) -> None:
    """Nothing in a file raises anything else."""
    try:
        rings = boundary_from_geojson(data)
    except BoundaryFault:
        return
    assert all(ring[0] == ring[-1] and len(ring) > 3 for ring in rings)
