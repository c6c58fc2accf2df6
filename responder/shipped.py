"""Where the files lie that come with the program: the playbooks and the example configuration.

Rules it keeps
    * The same answer in a checkout, in an editable install and in an installed wheel: a wheel
      carries copies in `responder/_shipped`, a checkout has the originals beside the packages.

What it must not know
    What stands in these files.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_shipped", _PACKAGE.parent)


def playbooks_dir() -> Path:
    """The folder of the playbooks that come with the program; `FileNotFoundError` without it."""
    return _find("playbooks")


def example_config() -> Path:
    """The example configuration, which is the manual; `FileNotFoundError` without it."""
    return _find("config.example.toml")


def _find(name: str) -> Path:
    for root in _ROOTS:
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(
        f"{name} did not come with this installation: install the program again from its wheel, "
        "or run it from a checkout"
    )
