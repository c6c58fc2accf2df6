"""Private reports in parts, as a phone writes them and the network reads them.

What it is for
    What does not fit into one message is sent in several, sealed; the network opens it once all
    parts are there. Here nothing is sealed: a part says which it is, of how many, of which letter.

Rules it keeps
    * Parts may come twice, late, in any order, or never; the core keeps those that came.

What it must not know
    What the core does with them, what any law says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from responder.core.spoken import Inbound, PhoneSign, ToldPart

_PART: Final = re.compile(r"sealed part (\w+)\.(\d+)\.(\d+): (.*)", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """One message of a private report. `number` counts from 1."""

    letter: str
    number: int
    of: int
    words: str


def parts(letter: str, words: str, number: int) -> list[str]:
    """These words as a private report in so many messages."""
    said = words.split()
    size = -(-len(said) // number)
    pieces = [" ".join(said[at : at + size]) for at in range(0, len(said), size)]
    return [f"sealed part {letter}.{n}.{len(pieces)}: {p}" for n, p in enumerate(pieces, 1)]


def part_of(text: str) -> Part | None:
    """The part that this message is, if it is one."""
    found = _PART.fullmatch(text)
    return Part(found[1], int(found[2]), int(found[3]), found[4]) if found else None


def read(inbound: Inbound, told: Iterable[str]) -> Inbound:
    """The message with what its part amounts to; others as they are. `told`: the parts before."""
    part = part_of(inbound.text)
    if part is None:
        return inbound
    known = {p.number: p for p in map(part_of, told) if p and p.letter == part.letter}
    fresh = "" if part.number in known else inbound.text
    known.setdefault(part.number, part)
    if len(known) < part.of:
        unfinished = PhoneSign(unfinished=True)
        half = ToldPart(report=part.letter, text=fresh)
        return replace(inbound, text="", phone=unfinished, part=half)
    whole = " ".join(known[number].words for number in sorted(known))
    return replace(inbound, text=whole, part=ToldPart(report=part.letter, whole=True))
