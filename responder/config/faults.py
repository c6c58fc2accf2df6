"""What is wrong in a configuration file, told to whoever edits it.

Rules it keeps
    * A fault names the key, what is wrong and what is meant. Lists are counted from 1.
    * It quotes no value, except ids of neighbourhoods: a secret may stand in the wrong line.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from responder.errors import ResponderError


class Fault(BaseModel):
    """One thing that is wrong: where, what, and what was probably meant."""

    model_config = ConfigDict(frozen=True)

    key: str
    wrong: str
    meant: str = ""

    def __str__(self) -> str:
        where = f"{self.key}: " if self.key else ""
        return f"{where}{self.wrong}" + (f"; {self.meant}" if self.meant else "")


class ConfigFaults(ResponderError):
    """All faults of one configuration file, in the order in which its sections are explained."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = [f"{path}: {count}", *(f"  {fault}" for fault in faults)]
        super().__init__("\n".join(lines))


def did_you_mean(word: str, known: list[str]) -> str:
    """A question that offers the known word that is most like this one, or nothing."""
    by_fold = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return f'did you mean "{by_fold[near[0]]}"?' if near else ""
