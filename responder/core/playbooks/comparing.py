"""What changes for people between two texts of a playbook.

Rules it keeps
    * Every difference is named by the keys that one would look for in the file, in its order.
    * Values stand as a coordinator writes them: `5 min`, not 300.

What it must not know
    Which of the two is in force, and how a difference is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

from pydantic import BaseModel, RootModel

from responder.core.playbooks.records import Playbook

_SIZES = ((7 * 86400, "week"), (86400, "day"), (3600, "h"), (60, "min"), (1, "s"))
Key: TypeAlias = tuple[str, ...]
Lines: TypeAlias = tuple[str, ...]
Values: TypeAlias = dict[Key, Lines]


@dataclass(frozen=True)
class Difference:
    """One value that is not the same: `key` as in "waves, 2, wait"; empty where it is not there.

    Of a list of lines, those that are not the same.
    """

    key: str
    before: str
    after: str


def compare(before: Playbook, after: Playbook) -> tuple[Difference, ...]:
    """Every difference, in the order of the file; none where people would notice nothing."""
    old, new = _values(before), _values(after)
    keys = [*new, *(key for key in old if key not in new)]
    order = {name: place for place, name in enumerate(_keys(Playbook))}
    keys.sort(key=lambda key: order.get(key[0], 0))
    return tuple(
        difference
        for key in keys
        for difference in _differences(", ".join(key), old.get(key, ()), new.get(key, ()))
    )


def _differences(key: str, before: Lines, after: Lines) -> Iterator[Difference]:
    """The lines that went and came: what only moved down since one came before it is no change."""
    for kind, i, i_end, j, j_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if kind != "equal":
            yield Difference(key, "\n".join(before[i:i_end]), "\n".join(after[j:j_end]))


def friendly(seconds: int) -> str:
    """A length of time as one writes it: "90 s", "5 min", "1 h 30 min", "30 days", "2 weeks"."""
    if seconds % 60 and seconds < 600:
        return f"{seconds} s"
    week = _SIZES[0][0]
    if seconds > week and not seconds % _SIZES[1][0] and seconds % week:
        return f"{seconds // _SIZES[1][0]} days"
    parts = []
    for size, unit in _SIZES:
        many, seconds = divmod(seconds, size)
        if many:
            plural = "s" if many > 1 and unit in ("week", "day") else ""
            parts.append(f"{many} {unit}{plural}")
    return " ".join(parts) or "0 s"


def _keys(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _values(playbook: Playbook) -> Values:
    found: Values = {}
    for key, value in _walk((), playbook):
        # Two entries of a list may be called the same by mistake; the second counts by its place.
        place = key if key not in found else (*key, str(len(found)))
        found[place] = value
    return found


def _walk(at: Key, value: object, unit: str = "") -> Iterator[tuple[Key, Lines]]:
    match value:
        case RootModel():
            yield from _walk(at, value.root)
        case BaseModel():
            for name, info in type(value).model_fields.items():
                if (at, name) != ((), "id"):
                    inner = "s" if name.endswith("_s") else ""
                    yield from _walk((*at, info.alias or name), getattr(value, name), inner)
        case dict():
            for name, part in value.items():
                yield from _walk((*at, name), part)
        case tuple():
            if len(names := [str(part.id) for part in value if hasattr(part, "id")]) > 1:
                yield (*at, "order"), (", ".join(names),)
            if value and all(isinstance(part, str) for part in value):
                yield at, tuple(" ".join(part.split()) for part in value)
                return
            for number, part in enumerate(value, 1):
                name = getattr(part, "id", str(number))
                yield from _walk((*at, name), part)
        case bool():
            yield at, ("yes" if value else "no",)
        case int() if unit:
            yield at, (friendly(value),)
        case None:
            yield at, ("none",)
        case _:
            yield at, (" ".join(str(value).split()),)
