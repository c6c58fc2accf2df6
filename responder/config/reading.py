"""A TOML file as people write it: parsed, or the line that is wrong and what is wrong with it.

Rules it keeps
    * A fault names the line. It quotes nothing of it but the names of sections and keys that are
      known: a secret may stand in the wrong place.
    * The mark that some editors put before the text is passed over.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from responder.config.faults import Fault

MANUAL: Final = "config.example.toml explains it"

_AT: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_CURLY: Final = frozenset("“”„‟‘’‚‛«»")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_STRAIGHT: Final = "curly quotes, as a word processor makes them"


def read(path: Path, known: Collection[str]) -> dict[str, Any] | Fault:
    """The tables of the file, or its first fault. `known` are names that may be quoted."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        meant = (
            "go to the folder of your network, or name its file with --config or RESPONDER_CONFIG. "
            "Only if there is no network yet: responder init"
        )
        return Fault(key="", wrong=f"is not there (looked in {path.resolve().parent})", meant=meant)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        meant = "run this as the account of the network"
        return Fault(key="", wrong=f"cannot be read: {reason}", meant=meant)
    return parse(data, known)


def parse(data: bytes, known: Collection[str]) -> dict[str, Any] | Fault:
    """The tables in these bytes, or the first fault."""
    if data.startswith(_UTF16):
        return Fault(key="line 1", wrong="the file is UTF-16", meant="save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        meant = "save the file as UTF-8"
        return Fault(key=f"line {line}", wrong="has a character that is not UTF-8", meant=meant)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _AT.search(str(error))
        lines = text.replace("\r\n", "\n").split("\n")
        number = int(place[1]) if place else len(lines)
        wrong, meant = _reason(str(error), lines, number, known)
        return Fault(key=_place(lines, number, known), wrong=wrong, meant=meant)


def _place(lines: list[str], number: int, known: Collection[str]) -> str:
    """The line, and the key on it where that is one that is known."""
    key = _KEY.match(lines[number - 1]) if number <= len(lines) else None
    return f"line {number} ({key[1]})" if key and key[1] in known else f"line {number}"


def _reason(said: str, lines: list[str], number: int, known: Collection[str]) -> tuple[str, str]:
    """What is wrong on this line, and what was probably meant."""
    line = lines[number - 1] if number <= len(lines) else ""
    if _CURLY & set(line.partition("#")[0]):
        return f"has {_STRAIGHT}", "write straight ones instead"
    if "twice" in said or "mutate immutable" in said:
        return _twice(line, lines[: number - 1], known)
    if "overwrite" in said:
        return "this key stands twice in its section", "keep one of the two lines"
    if "\\n" in said or "end of document" in said or "Unterminated" in said:
        return "a quote or a bracket is not closed", "close it on the same line"
    if "'\\\\'" in said or "escape" in said.lower():
        return "a backslash in double quotes", "write it twice, or use single quotes"
    if "Expected '='" in said or "Invalid statement" in said:
        return "is neither a section, nor a key with its value", 'write key = "value"'
    if "Expected ']'" in said:
        return "the bracket of a section is not closed", "write [section]"
    if "Invalid value" in said:
        if not line.partition("=")[2].partition("#")[0].strip():
            return "nothing stands after the =", MANUAL
        return "what stands after the = is no value", 'text needs quotes: key = "words"'
    return "is not TOML", MANUAL


def _twice(line: str, before: list[str], known: Collection[str]) -> tuple[str, str]:
    """A section that was there before, with the line where it stands first."""
    header = _HEADER.match(line)
    if header is None:
        return "this key stands twice in its section", "keep one of the two lines"
    found = (n for n, one in enumerate(before, 1) if _header(one) == header[2])
    first = next(found, None)
    shown = header[2] if header[2].split(".")[0] in known else "..."
    if first is not None and before[first - 1].lstrip().startswith("[["):
        return f"[{shown}] stands in single brackets", f"write [[{shown}]], as in line {first}"
    where = f" (line {first})" if first is not None else ""
    return f"the section [{shown}] is there already{where}", "put its keys into one section"


def _header(line: str) -> str:
    header = _HEADER.match(line)
    return header[2] if header else ""
