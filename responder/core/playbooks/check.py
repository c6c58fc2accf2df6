"""From a coordinator's YAML to a playbook, or to everything that is wrong with it.

Rules it keeps
    * All faults of a file are told at once, each with its line and column.
    * Whatever comes in, the only exception is `PlaybookFaults`.

What it must not know
    The disk: who calls reads the file and gives its name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import PurePath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import ErrorDetails

from responder.core.playbooks import slips
from responder.core.playbooks.doubts import doubts
from responder.core.playbooks.faults import Fault, Path, PlaybookFaults, near
from responder.core.playbooks.records import ABSENT, SCHEMA, Friendly, Part, Playbook
from responder.core.playbooks.sense import findings, text_findings
from responder.core.playbooks.sharing import NOTHING_SHARED, Shared, weave
from responder.core.playbooks.tree import Tree, position, read

LANGUAGES = ("en", "es")


def load(
    text: str, name: str, languages: Iterable[str] = LANGUAGES, shared: Shared = NOTHING_SHARED
) -> Playbook:
    """The playbook in the YAML text; raises `PlaybookFaults` with every fault that there is.

    `name` is the file's name or path: its stem becomes the id, all of it stands in the faults.
    `languages` are those that every text must have; a playbook may have more. `shared` are the
    parts that it may include.
    """
    return _judged(text, name, languages, shared)[0]


def warnings(
    text: str, name: str, languages: Iterable[str] = LANGUAGES, shared: Shared = NOTHING_SHARED
) -> tuple[Fault, ...]:
    """What is likely to go wrong with a sound playbook, each with its place; raises as `load`."""
    playbook, tree = _judged(text, name, languages, shared)
    for doubt in doubts(playbook):
        tree.fault(*doubt)
    return tuple(sorted(tree.faults))


def _judged(
    text: str, name: str, languages: Iterable[str], shared: Shared
) -> tuple[Playbook, Tree]:
    tree = weave(read(text, name), shared)
    friendly = Friendly(tuple(languages))
    if not isinstance(tree.data, dict):
        tree.fault((), "a playbook is a list of keys", "begin with `schema: 1` and `title:`")
        raise PlaybookFaults(tree.faults)
    if "id" in tree.data:
        tree.fault(("id",), "unknown key `id`", "delete it; the file's name is the id", at_key=True)
    data = {**tree.data, "id": PurePath(name).stem}
    playbook, sound = _validate(tree, data, friendly)
    for finding in (*findings(playbook, sound), *text_findings(tree.texts())):
        tree.fault(*finding)
    if tree.faults:
        raise PlaybookFaults(tree.faults)
    return playbook, tree


def load_bytes(
    data: bytes, name: str, languages: Iterable[str] = LANGUAGES, shared: Shared = NOTHING_SHARED
) -> Playbook:
    """As `load`, from the bytes of the file, which must be UTF-8."""
    return load(decoded(data, name), name, languages, shared)


def decoded(data: bytes, name: str) -> str:
    """The text of a file, which must be UTF-8; else `PlaybookFaults`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        line, column = position(before, len(before))
        what = "this is not UTF-8 text"
        raise PlaybookFaults(
            [Fault(name, line, column, what, "save the file with the encoding UTF-8")]
        ) from None


def restore(text: str) -> Playbook:
    """The playbook of a frozen text that `dump` wrote; it is not judged again.

    Raises `PlaybookFaults` where the text is no frozen playbook.
    """
    try:
        return Playbook.model_validate_json(text, by_name=True, by_alias=False)
    except ValidationError as error:
        what = "this is no frozen playbook, or one of a version that this program cannot read"
        meant = "end the incident by hand and restore a backup of the data folder"
        raise PlaybookFaults([Fault("frozen playbook", 1, 1, what, meant)]) from error


# --- from validation errors to faults -----------------------------------------------------------


def _validate(tree: Tree, data: dict[str, object], friendly: Friendly) -> tuple[Playbook, set[str]]:
    """The playbook and the names of its sound sections; faults go to the tree."""
    try:
        whole = Playbook.model_validate(data, context=friendly, by_alias=True, by_name=False)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _tell(tree, details)
        values = dict(_sound_sections(tree, data, friendly))
        return Playbook.model_construct(**values), set(values)
    tops = {path[0] for path in tree.broken if path}
    return whole, {name for name in Playbook.model_fields if _key(Playbook, name) not in tops}


def _sound_sections(
    tree: Tree, data: Mapping[str, object], friendly: Friendly
) -> Iterable[tuple[str, Any]]:
    broken = {path[0] for path in tree.broken if path}
    for name in Playbook.model_fields:
        key = _key(Playbook, name)
        given = {key: data[key]} if key in data else {}
        if key in broken:
            continue
        try:
            part = _section(name).model_validate(
                given, context=friendly, by_alias=True, by_name=False
            )
        except ValidationError:
            continue
        yield name, getattr(part, name)


@cache
def _section(name: str) -> type[BaseModel]:
    """A record with this one field of the playbook, to look at it by itself."""
    info = Playbook.model_fields[name]
    fields: dict[str, Any] = {name: (info.annotation, info)}
    return create_model(f"Only_{name}", __base__=Part, **fields)


def _tell(tree: Tree, details: ErrorDetails) -> None:
    """One validation error as a fault, unless its place has one already."""
    path: Path = tuple(part for part in details["loc"] if part != "[key]")
    if tree.told(path):
        return
    key = f"`{path[-1]}`" if isinstance(path[-1], str) else f"entry {path[-1] + 1}"
    value, limits = details["input"], details.get("ctx", {})
    if value is ABSENT:
        _lacks_language(tree, path)
        return
    if path == ("id",):
        what = f"`{value}` is no name for a playbook"
        tree.fault((), what, "name the file with small letters, digits and hyphens")
        return
    match details["type"]:
        case "playbook":
            tree.fault(path, str(limits["what"]), str(limits["meant"]))
        case "missing":
            tree.fault(path[:-1], f"{key} is missing", _add(path), at_key=True)
        case "extra_forbidden":
            known = [name for name in _keys(path[:-1]) if name != "id"]
            tree.fault(path, f"unknown key {key}", near(str(path[-1]), known), at_key=True)
        case "literal_error" if path == ("schema",):
            tree.fault(path, f"schema {value} is not known here", f"write `schema: {SCHEMA}`")
        case "literal_error":
            known = re.findall(r"'([^']+)'", str(limits["expected"]))
            tree.fault(path, f"{key} cannot be {_shown(value)}", near(str(value), known))
        case "string_pattern_mismatch" if details["loc"][-1] == "[key]":
            tree.fault(path, f"{key} is no language", "write a code such as `en`", at_key=True)
        case "string_pattern_mismatch":
            meant = "write small letters, digits and hyphens, beginning with a letter"
            tree.fault(path, f"{_shown(value)} is no id", meant)
        case "too_short" if value:
            pass  # It has entries; that none of them is sound is told at each.
        case "int_type" | "int_from_float" if likely := slips.number(value):
            what = f"{key} must be a whole number, not {_shown(value)}"
            tree.fault(path, what, f"did you mean `{likely}`, without quotes?")
        case kind:
            what, meant = _DUE.get(kind, _ODD)
            told = {"value": _shown(value), **limits}
            tree.fault(path, f"{key} {what.format_map(told)}", meant.format_map(told))


_ODD = ("cannot be {value}", "look this key up in the playbook guide")
_WORDS = ("must be words, not {value}", 'put quotes around it if it is a text: "like this"')
_LIST = ("must be a list, not {value}", "write each entry on its own line, after `- `")
_KEYS = ("must have keys beneath it, not {value}", "write them below, two spaces further in")
_DUE: dict[str, tuple[str, str]] = {
    "string_type": _WORDS,
    "string_too_short": ("is empty", "write what belongs there"),
    "int_type": ("must be a whole number, not {value}", "write digits, without quotes"),
    "int_from_float": ("must be a whole number, not {value}", "write digits, without quotes"),
    "tuple_type": _LIST,
    "too_short": ("is an empty list", "write at least one entry"),
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "greater_than_equal": ("is {value}", "write {ge} or more"),
    "less_than_equal": ("is {value}", "write {le} or less"),
}


def _shown(value: object) -> str:
    """A value as the coordinator sees it, in a few words."""
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f"`{value}`" if len(value) <= 40 else "a text"
        case int() | float():
            return f"the number {value}"
        case tuple():
            return "a list"
        case dict():
            return "keys"
        case _:
            return "nothing"


def _add(path: Path) -> str:
    model = _model(path[:-1])
    for info in (model.model_fields if model else {}).values():
        if info.alias == path[-1] and info.description:
            return f"add `{path[-1]}:` ({info.description})"
    return f"add `{path[-1]}:`"


def _lacks_language(tree: Tree, path: Path) -> None:
    """A text lacks a language; a key that was probably meant for it, such as `sp`, is shown."""
    missing = str(path[-1])
    beside = {str(p[-1]).casefold(): p[-1] for p in tree.keys if p[:-1] == path[:-1]}
    others = [key for key in beside if key not in LANGUAGES or beside[key] != key]
    close = difflib.get_close_matches(missing, others, n=1, cutoff=0.4)
    where, meant = path[:-1], f"add `{missing}:` beneath the key"
    if close:
        written = beside[close[0]]
        where, meant = (*where, written), f"is `{written}:` meant to be `{missing}:`?"
    tree.fault(where, f"no text in `{missing}`", meant, at_key=True)


def _keys(path: Path) -> list[str]:
    model = _model(path)
    return [_key(model, name) for name in model.model_fields] if model else []


def _key(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].alias or name


def _model(path: Path) -> type[BaseModel] | None:
    """The record that is read at the path."""
    model: type[BaseModel] | None = Playbook
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        model = _inner(fields[part].annotation) if part in fields else None
    return model


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    found = (_inner(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)
