"""A new playbook from one that is there: its text with a few sections written anew.

Rules it keeps
    * Notes stay: what explains a section explains the new one too.
    * Whatever was answered is quoted, so that no answer is read as anything but words.

What it must not know
    Who was asked, and files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TOP = re.compile(r"^([a-z_]+):", re.MULTILINE)


@dataclass(frozen=True)
class Answers:
    """What a new playbook says of itself: texts and trigger words by language.

    `size` people go; `urgency` is high, normal or low.
    """

    title: Mapping[str, str]
    purpose: Mapping[str, str]
    triggers: Mapping[str, Sequence[str]]
    needed: Mapping[str, str]
    urgency: str
    size: int


def draft(text: str, id: str, answers: Answers) -> str:
    """The text of the new playbook, made from the text of a sound one."""
    sections = {
        "title": _words(answers.title),
        "purpose": _words(answers.purpose),
        "triggers": "".join(
            f"  {language}:\n" + "".join(f"    - {_quoted(word)}\n" for word in words)
            for language, words in answers.triggers.items()
        ),
        "needed": _words(answers.needed),
    }
    for key, body in sections.items():
        text = _replaced(text, key, f"{key}:\n{body}")
    text = _replaced(text, "urgency", f"urgency: {answers.urgency}\n")
    text = re.sub(r"^  size: .*$", f"  size: {answers.size}", text, count=1, flags=re.MULTILINE)
    text = _fewer_roles(text, answers.size)
    # The title of the older one stands in its notes at the top.
    first, _, rest = text.partition("\n\n")
    form = next((line for line in first.splitlines() if "$schema=" in line), "")
    head = f"{form}\n# {answers.title[next(iter(answers.title))]}: read this file aloud together\n"
    return f"{head}# before it counts. Then run:  responder playbook check {id}.yaml\n\n{rest}"


def _words(texts: Mapping[str, str]) -> str:
    return "".join(f"  {language}: {_quoted(text)}\n" for language, text in texts.items())


def _quoted(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _fewer_roles(text: str, size: int) -> str:
    """The text with no more roles than people; the first ones are the ones that matter most."""
    found = re.search(r"^  roles:\n((?:    .*\n)+)", text, re.MULTILINE)
    if found is None:
        return text
    entries = re.split(r"^(?=    - )", found[1], flags=re.MULTILINE)
    return text[: found.start(1)] + "".join(entries[: size + 1]) + text[found.end(1) :]


def _replaced(text: str, key: str, section: str) -> str:
    """The text with one top-level section written anew; the notes before the next one stay."""
    start = re.search(rf"^{key}:.*\n", text, re.MULTILINE)
    assert start is not None, key
    following = _TOP.search(text, start.end())
    end = following.start() if following else len(text)
    body = text[start.end() : end]
    # What begins in the first column and is no key is a note on what follows, or a blank line.
    notes = re.search(r"^(?=#|\n)", body, re.MULTILINE)
    kept = body[notes.start() :] if notes else ""
    return text[: start.start()] + section + kept + text[end:]
