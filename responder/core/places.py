"""Which neighbourhood somebody means: by name, by a pin on the map; and how boundaries are read.

What it is for
    A frightened person writes "cops on main st in north side!!" or sends a pin. This module finds
    the neighbourhood, the unit of routing, or says that it cannot tell.

Rules it keeps
    * A wrong neighbourhood sends the wrong people: where two are meant equally well, none is taken
      and both are offered. Written right beats misspelt; a longer name beats a shorter within it.
    * A name counts as misspelt only with the same first letter and digits, and never in place of a
      common word: from eight letters on with two letters wrong (one, if it is also split or joined
      differently), from five on with one, and those only in an answer of four words or fewer,
      since in a sentence "marked" is no Market.
    * A point on an edge is inside. A hole in a polygon counts as inside: being surrounded is being
      there. Shapes across the antimeridian are refused.
    * Nothing of what a reporter wrote is kept in any cache.

What it must not know
    Files (boundaries come as parsed JSON), streets and addresses, words to people.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from responder.core.model import Neighbourhood, Pin, Place

Ring: TypeAlias = tuple[tuple[float, float], ...]
"""Points as (longitude, latitude), the first repeated at the end."""

MOST_POLYGONS: Final = 200
MOST_POINTS: Final = 20_000
"""Of one neighbourhood: a city's outline drawn house by house stays well below."""

_OFF_GLOBE: Final = 1000.0
_EDGE: Final = 1e-9
"""How near an edge, in degrees, a point is on it: a tenth of a millimetre."""
_READ: Final = 60
"""How many words are searched for misspelt names; exact names are found anywhere."""
_SHORT: Final = 5
_LONG: Final = 8
_ANSWER: Final = 4
"""How many words are an answer to "where?" rather than a sentence about something else."""
_COMMON_WORDS: Final = (
    "north south east west upper lower side street avenue road square park river bridge center "
    "centre central corner market station school church there their where these those three "
    "house right night light women white water police people please "
    "norte sur este oeste centro calle plaza parque puente avenida esquina mercado estacion "
    "escuela iglesia barrio lado donde gente mujer mujeres puerta policia favor "
    "ayuda ahora tarde noche"
)
_COMMON: Final = frozenset(_COMMON_WORDS.split())
_ASCII: Final = {
    code: None if chr(code) == "'" else chr(code).lower() if chr(code).isalnum() else " "
    for code in range(128)
}
"""What becomes of each plain sign when a text is folded."""


@dataclass(frozen=True)
class Found:
    """What a text says of the place: one neighbourhood, or several to choose from, or nothing."""

    place: Place | None = None
    candidates: tuple[Place, ...] = ()


@dataclass(frozen=True)
class _Span:
    """Where in the text a name was found: words from `start` to before `end`."""

    start: int
    end: int
    letters: int
    place: Place

    def within(self, other: _Span) -> bool:
        return other.start <= self.start and self.end <= other.end and self.letters < other.letters


# --- names ----------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """The text in plain small letters and digits, words apart by one space, accents gone."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = unicodedata.normalize("NFKD", plain)
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    joined = kept.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    return " ".join("".join(c if c.isalnum() else " " for c in joined).split())


def find(text: str, places: Sequence[Neighbourhood]) -> Found:
    """The neighbourhood that a text names, in the middle of a sentence or by itself.

    Names and aliases count alike; spaces within them do not ("north side", "Northside"). With
    `candidates` and no place, the text fits all of them; with neither, it fits none. The work is
    linear in the text; misspelt names are looked for in its first 60 words.
    """
    return Gazetteer(places).find(text)


class Gazetteer:
    """The names of these neighbourhoods, made ready once for many texts."""

    def __init__(self, places: Sequence[Neighbourhood]) -> None:
        self.places = tuple(places)
        self._by_id = {place.id: place for place in self.places}
        self._names = _names(self.places)

    def place(self, id: Place) -> Neighbourhood | None:
        """The neighbourhood of that id, None where there is none."""
        return self._by_id.get(id)

    def find(self, text: str) -> Found:
        """See `find`."""
        words = folded(text).split()
        if not words or not self._names:
            return Found()
        exact = _settle(_exact(words, self._names))
        return exact or _settle(_misspelt(words[:_READ], self._names)) or Found()


@lru_cache(maxsize=8192)
def _name_key(name: str) -> tuple[str, int]:
    """A configured name without its spaces, and how many words it has."""
    words = folded(name).split()
    return "".join(words), len(words)


def _names(places: Iterable[Neighbourhood]) -> dict[str, list[tuple[Place, int]]]:
    names: dict[str, list[tuple[Place, int]]] = {}
    for place in places:
        for name in (place.name, *place.aliases):
            key, count = _name_key(name)
            if key:
                names.setdefault(key, []).append((place.id, count))
    return names


def _windows(words: Sequence[str], most: int, longest: int) -> Iterator[tuple[int, int, str]]:
    """Every run of up to `most` words, joined, no longer than `longest` letters."""
    for start in range(len(words)):
        joined = ""
        for end in range(start + 1, min(start + most, len(words)) + 1):
            joined += words[end - 1]
            if len(joined) > longest:
                break
            yield start, end, joined


def _reach(names: Mapping[str, Sequence[tuple[Place, int]]]) -> int:
    """How many words a name may be written in: one more than it has, for a stray space."""
    return 1 + max(count for owners in names.values() for _, count in owners)


def _exact(words: Sequence[str], names: Mapping[str, Sequence[tuple[Place, int]]]) -> list[_Span]:
    longest = max(map(len, names))
    return [
        _Span(start, end, len(joined), place)
        for start, end, joined in _windows(words, _reach(names), longest)
        if joined in names
        for place, _ in names[joined]
    ]


def _misspelt(
    words: Sequence[str], names: Mapping[str, Sequence[tuple[Place, int]]]
) -> list[_Span]:
    shortest = _SHORT if len(words) <= _ANSWER else _LONG
    by_first: dict[str, list[str]] = {}
    for name in names:
        if len(name) >= shortest:
            by_first.setdefault(name[0], []).append(name)
    spans: list[_Span] = []
    for start, end, joined in _windows(words, _reach(names), max(map(len, names)) + 2):
        if end - start == 1 and joined in _COMMON:
            continue
        for name in by_first.get(joined[0], ()):
            for place, count in names[name]:
                slips = 2 if len(name) >= _LONG and count == end - start else 1
                if _near(joined, name, slips):
                    spans.append(_Span(start, end, len(name), place))
    return spans


def _settle(spans: Sequence[_Span]) -> Found | None:
    by_start: dict[int, list[_Span]] = {}
    for span in spans:
        by_start.setdefault(span.start, []).append(span)
    widest = max((span.end - span.start for span in spans), default=0)
    meant: dict[Place, None] = {}
    for span in spans:
        around = range(span.start - widest + 1, span.start + 1)
        if not any(span.within(other) for start in around for other in by_start.get(start, ())):
            meant[span.place] = None
    if not meant:
        return None
    return Found(next(iter(meant))) if len(meant) == 1 else Found(None, tuple(meant))


def _near(written: str, name: str, slips: int) -> bool:
    if abs(len(written) - len(name)) > slips or len(set(written) ^ set(name)) > 2 * slips:
        return False
    if [c for c in written if c.isdigit()] != [c for c in name if c.isdigit()]:
        return False
    return _distance(written, name) <= slips


def _distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour: optimal string alignment."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def time_zone_of(place: Place, places: Iterable[Neighbourhood], otherwise: str = "UTC") -> str:
    """The time zone of a neighbourhood, or `otherwise` where there is none of that id."""
    return next((known.time_zone for known in places if known.id == place), otherwise)


# --- the map --------------------------------------------------------------------------------------


def containing(pin: Pin, places: Iterable[Neighbourhood]) -> Place | None:
    """The first neighbourhood whose boundary holds the pin, edges included; None if none does.

    No neighbourhood is taken for being near. The work is linear in the points of all boundaries.
    """
    x, y = pin.longitude, pin.latitude
    for place in places:
        if any(_inside(x, y, ring) for ring in place.boundary):
            return place.id
    return None


def _inside(x: float, y: float, ring: Ring) -> bool:
    """Ray casting: a ray to the east crosses the ring an odd number of times."""
    if not ring:
        return False
    odd = False
    for (x1, y1), (x2, y2) in pairwise((*ring, ring[0])):
        if _on_edge(x, y, x1, y1, x2, y2):
            return True
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def _on_edge(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> bool:
    if not (min(x1, x2) - _EDGE <= x <= max(x1, x2) + _EDGE):
        return False
    if not (min(y1, y2) - _EDGE <= y <= max(y1, y2) + _EDGE):
        return False
    across = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
    return abs(across) <= _EDGE * math.hypot(x2 - x1, y2 - y1)


# --- GeoJSON --------------------------------------------------------------------------------------


class BoundaryFault(ValueError):
    """A boundary that cannot be used; the text says what to do about it."""


def boundary_from_geojson(data: object) -> tuple[Ring, ...]:
    """The polygons of a parsed GeoJSON document (RFC 7946), outer rings only, each closed.

    Takes a Polygon, a MultiPolygon, a Feature or a FeatureCollection of them. Raises
    `BoundaryFault` for anything else, for points off the globe, for shapes across the antimeridian
    and for more than 200 polygons or 20,000 points.
    """
    rings = tuple(_ring(positions) for positions in _outer_rings(data))
    if not rings:
        raise BoundaryFault("the file holds no polygon: draw the area and export it as GeoJSON")
    if len(rings) > MOST_POLYGONS or sum(map(len, rings)) > MOST_POINTS:
        raise BoundaryFault(
            f"the shape is too detailed: keep it to {MOST_POLYGONS} polygons and {MOST_POINTS}"
            " points in all, by simplifying it in the map editor"
        )
    return rings


def _outer_rings(data: object) -> Iterator[object]:
    kind = data.get("type") if isinstance(data, Mapping) else None
    match kind:
        case "FeatureCollection":
            for feature in _list(data, "features"):
                if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
                    raise BoundaryFault("each of the collection's features must be a Feature")
                yield from _geometry_rings(feature.get("geometry"))
        case "Feature":
            yield from _geometry_rings(data.get("geometry") if isinstance(data, Mapping) else None)
        case _:
            yield from _geometry_rings(data)


def _geometry_rings(geometry: object) -> Iterator[object]:
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    match kind:
        case "Polygon":
            polygons: Sequence[object] = [_list(geometry, "coordinates")]
        case "MultiPolygon":
            polygons = _list(geometry, "coordinates")
        case _:
            named = f"{kind[:40]!r}" if isinstance(kind, str) else "something without a type"
            raise BoundaryFault(
                f"a boundary is a Polygon or a MultiPolygon, and this is {named}:"
                " draw an area, not points or lines, and export it as GeoJSON"
            )
    for polygon in polygons:
        if not isinstance(polygon, list | tuple) or not polygon:
            raise BoundaryFault("a polygon's coordinates are a list of rings: export it anew")
        yield polygon[0]


def _list(data: object, key: str) -> Sequence[object]:
    value = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(value, list | tuple):
        raise BoundaryFault(f"{key!r} is missing or is no list: export the file anew as GeoJSON")
    return value


def _ring(positions: object) -> Ring:
    if not isinstance(positions, list | tuple):
        raise BoundaryFault("a ring is a list of [longitude, latitude] positions: export it anew")
    if len(positions) > MOST_POINTS:
        raise BoundaryFault(f"one ring has more than {MOST_POINTS} points: simplify the shape")
    points = [_point(position) for position in positions]
    if points and points[0] != points[-1]:
        points.append(points[0])
    if len(set(points)) < 3 or not _encloses(points):
        raise BoundaryFault("a ring encloses nothing: it needs three corners that are not in line")
    lengths = [x for x, _ in points]
    if max(lengths) - min(lengths) > 180:
        raise BoundaryFault(
            "the shape crosses the antimeridian (180 degrees): cut it there into two polygons"
        )
    return tuple(points)


def _point(position: object) -> tuple[float, float]:
    if not isinstance(position, list | tuple) or len(position) < 2:
        raise BoundaryFault("a position is [longitude, latitude] in degrees: export the file anew")
    x, y = _number(position[0]), _number(position[1])
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise BoundaryFault(
            "a position lies off the globe: GeoJSON writes longitude first, then latitude, in"
            " degrees (WGS 84); check the order and the map projection"
        )
    return x, y


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BoundaryFault("longitude and latitude are plain numbers, in degrees")
    return float(min(max(value, -_OFF_GLOBE), _OFF_GLOBE))


def _encloses(points: Sequence[tuple[float, float]]) -> bool:
    x0, y0 = points[0]
    twice = (
        (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in pairwise(points)
    )
    return abs(math.fsum(twice)) > _EDGE * _EDGE
