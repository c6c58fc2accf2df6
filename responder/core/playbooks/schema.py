"""The form of a playbook as a JSON Schema: for editors that complete and check while one writes.

Rules it keeps
    * It is made from the records themselves, in the spelling of a coordinator's YAML; no key is
      listed a second time.
    * It refuses only what `load` refuses. What takes more than the form to see, `load` alone tells.

What it must not know
    Editors, and files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from responder.core.playbooks.records import Friendly, Part, Playbook
from responder.core.playbooks.sharing import INCLUDE

Schema = dict[str, Any]

_LENGTH: Final[Schema] = {
    "type": "string",
    "pattern": r"^\s*([0-9]{1,6}\s*[A-Za-z]+\s*)+$",
    "examples": ["90 s", "5 min", "2 h", "3 days"],
}
_YES_OR_NO: Final[Schema] = {"enum": ["yes", "no", True, False]}
_SHARED: Final[Schema] = {
    "type": "string",
    "description": "the name of a part that stands in the folder `shared`",
}
_TIGHTER: Final[dict[tuple[str, str], Schema]] = {
    ("Trust", "pages_at"): {"enum": ["known", "trusted"]},
    ("Team", "size"): {"type": "integer", "minimum": 2, "maximum": 12},
    ("Team", "at_least"): {"type": "integer", "minimum": 2},
    ("Corroboration", "reports"): {"type": "integer", "minimum": 2},
    ("Playbook", "acceptance"): {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
}
"""What laws and good sense add to the types of some keys."""


def schema(languages: Iterable[str]) -> Schema:
    """The JSON Schema (draft 2020-12) of a playbook whose texts all have these languages."""
    friendly = Friendly(tuple(languages))
    raw = Playbook.model_json_schema(by_alias=True, mode="validation")
    parts = {model.__name__: model for model in _parts(Playbook)}
    defs = {
        name: _part(model, raw["$defs"][name])
        for name, model in parts.items()
        if model is not Playbook
    }
    for name in ("Words", "Lines"):
        defs[name] = _texts(raw["$defs"][name], friendly)
    whole = _part(Playbook, {key: value for key, value in raw.items() if key != "$defs"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A playbook",
        **whole,
        "$defs": defs,
    }


def _parts(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The record and every record inside it."""
    found: list[type[BaseModel]] = [model]
    waiting = [info.annotation for info in model.model_fields.values()]
    while waiting:
        one: Any = waiting.pop()
        if isinstance(one, type) and issubclass(one, Part) and one not in found:
            found.append(one)
            waiting += [info.annotation for info in one.model_fields.values()]
        waiting += getattr(one, "__args__", ())
    return found


def _part(model: type[BaseModel], raw: Schema) -> Schema:
    """A record as keys that one writes; an include may stand for any of them."""
    properties: Schema = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        if (model, name) != (Playbook, "id"):
            properties[key] = _field(model.__name__, name, raw["properties"][key])
    needed = [key for key in raw.get("required", ()) if key in properties]
    return {
        "type": "object",
        "description": raw.get("description", ""),
        "properties": {**properties, INCLUDE: _SHARED},
        "additionalProperties": False,
        "anyOf": [{"required": needed}, {"required": [INCLUDE]}],
    }


def _field(part: str, name: str, raw: Schema) -> Schema:
    described = {"description": raw["description"]} if "description" in raw else {}
    if (part, name) in _TIGHTER:
        return {**_TIGHTER[part, name], **described}
    if name.endswith("_s"):
        return {**_LENGTH, **described}
    if raw.get("type") == "boolean":
        return {**_YES_OR_NO, **described}
    if {"type": "null"} in raw.get("anyOf", ()):
        real = [one for one in raw["anyOf"] if one != {"type": "null"}]
        return {"anyOf": [*real, {"const": "none"}], **described}
    kept = {key: value for key, value in raw.items() if key not in ("title", "default")}
    items = kept.get("items")
    if isinstance(items, dict) and "$ref" in items:
        # A list may be shared as a whole, or its entries may.
        return {"anyOf": [kept, _include_alone()], **described}
    return kept


def _include_alone() -> Schema:
    return {
        "type": "object",
        "properties": {INCLUDE: _SHARED},
        "required": [INCLUDE],
        "additionalProperties": False,
    }


def _texts(raw: Schema, friendly: Friendly) -> Schema:
    """A text or lines in each language; more languages may be there."""
    ((name, one),) = raw["patternProperties"].items()
    if "items" in one:
        one = {**one, "items": {"anyOf": [one["items"], _include_alone()]}}
    return {
        "type": "object",
        "description": raw["description"],
        "properties": {**dict.fromkeys(friendly.languages, one), INCLUDE: _SHARED},
        "patternProperties": {name: one},
        "additionalProperties": False,
        "anyOf": [{"required": list(friendly.languages)}, {"required": [INCLUDE]}],
    }
