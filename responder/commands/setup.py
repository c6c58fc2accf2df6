"""`responder init`: a new network's files, all of them or none.

Rules it keeps
    * Nothing that is there is ever overwritten; what was made is taken away again if a step fails.
    * The settings file is the example with this network's own choices in it, so that it stays the
      manual of itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

from responder import app, shipped
from responder.config import load
from responder.errors import ResponderError

CONFIG = "config.toml"
PLAYBOOKS = "playbooks"
_MADE = (CONFIG, PLAYBOOKS, "data", "network.key")


class NotFresh(ResponderError):
    """Something stands where a new network would be made."""


def make(folder: Path, name: str | None, passphrase: str | None) -> Path:
    """Make a network in the folder; returns its settings file."""
    standing = [one for one in _MADE if (folder / one).exists()]
    if standing:
        raise NotFresh(
            f"{folder} holds {', '.join(standing)} already, and nothing is overwritten."
            " Name another folder: responder init DIR"
        )
    with ExitStack() as undo:
        if not folder.exists():
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in _MADE:
            undo.callback(_take_away, folder / one)
        config = folder / CONFIG
        _write(
            config,
            adapted(
                shipped.example_config().read_text(encoding="utf-8"),
                name,
                locked=passphrase is not None,
            ),
        )
        _copy_playbooks(folder / PLAYBOOKS)
        asyncio.run(app.create(load(config, {}), passphrase))
        undo.pop_all()
    return config


def adapted(example: str, name: str | None, *, locked: bool) -> str:
    """The example with this network's name, its own playbooks, and how its key is kept."""
    text = example.replace('#playbooks_dir = "playbooks"', 'playbooks_dir = "playbooks"', 1)
    if locked:
        text = text.replace('key = "file"', 'key = "passphrase"', 1)
    if name is not None:
        if not name.strip() or not name.isprintable():
            raise ResponderError("A network's name is one line of words.")
        # JSON's escapes are TOML's: a quote in the name stays a quote.
        line = "name = " + json.dumps(name.strip(), ensure_ascii=False)
        text = re.sub(r'^name = ".*"$', lambda _: line, text, count=1, flags=re.MULTILINE)
    return text


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, encoding="utf-8")


def _copy_playbooks(folder: Path) -> None:
    """The playbooks that come along, and the parts that they share."""
    shutil.copytree(
        shipped.playbooks_dir(), folder, ignore=shutil.ignore_patterns("*.pyc", "__pycache__")
    )


def _take_away(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
