"""What a short message means by itself: commands, numbers, reactions, signs of life.

Rules it keeps
    * Commands are known in every language at once, whatever language their writer reads.
    * Without a slash a message is a command only as a whole: a cry for help that begins with a
      command's name stays a cry for help.
    * When in doubt, a message is words: words reach people, a misread command does not.

What it must not know
    Who may use which command, and what it does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

from responder.core import shift_words
from responder.core.changes import Action
from responder.core.model import Person, PersonId, Place, Record
from responder.core.phrases import LANGUAGES, TABLES, say
from responder.core.places import folded
from responder.core.roster import RosterFault
from responder.core.spoken import Verb


class Name(StrEnum):
    """Every command, by its English name; other names stand in the phrases."""

    REPORT = "report"
    STATUS = "status"
    CANCEL = "cancel"
    SAFE = "safe"
    RIGHTS = "rights"
    FORGET = "forget"
    LANGUAGE = "language"
    HELP = "help"
    ONCALL = "oncall"
    OFF = "off"
    WHO = "who"
    SHIFTS = "shifts"
    COVERAGE = "coverage"
    CARE = "care"
    AWAKE = "awake"
    HANDOVER = "handover"
    OFFER = "offer"
    OFFERS = "offers"
    DEVICES = "devices"
    VOUCH = "vouch"
    JOIN = "join"
    START = "start"
    WELCOME = "welcome"
    END = "end"
    NOTE = "note"
    LOCK = "lock"
    DRILL = "drill"
    LESSON = "lesson"
    MEMBERS = "members"
    TRUST = "trust"
    EXPORT = "export"
    INCIDENTS = "incidents"
    PLAYBOOKS = "playbooks"
    NUMBERS = "numbers"


class Command(Record):
    """A command and the rest of its message, as it was written."""

    name: Name
    arg: str = ""


# --- folding ----------------------------------------------------------------------------------

_APOSTROPHES: Final = dict.fromkeys(map(ord, "\u2019\u02bc`\u00b4"), "'")


def fold(text: str) -> str:
    """The words of a text without case, accents, apostrophes and punctuation, one blank between."""
    return folded(text.translate(_APOSTROPHES))


@cache
def listed(key: str) -> frozenset[str]:
    """The folded entries of a comma-separated phrase, of all languages together."""
    entries = (fold(one) for table in TABLES.values() for one in table[key].split(","))
    return frozenset(one for one in entries if one)


# --- commands ---------------------------------------------------------------------------------

_SLASHED: Final = re.compile(
    r"^[\s\u200b\ufeff\"'\u201c]*[/\uff0f]\s?(\w+)(?:@\w+)?(?:[\s:;,.!]+(.*))?$", re.DOTALL
)
"""With a sign after the name as well: "/lock: words" in a hurry must not go round as words."""
SLASH_ONLY: Final = frozenset(
    {
        Name.END,
        Name.NOTE,
        Name.LOCK,
        Name.DRILL,
        Name.LESSON,
        Name.TRUST,
        Name.EXPORT,
        Name.COVERAGE,
        Name.CARE,
        Name.HANDOVER,
    }
)
"""Without a slash these could be anybody's words: they take free ones, or are everyday ones."""
_CODE_LENGTH: Final = 6
_UNTIL_WORDS: Final = 6
_QUESTIONS: Final = frozenset(
    {Name.STATUS, Name.RIGHTS, Name.LANGUAGE, Name.HELP, Name.WHO, Name.SHIFTS}
)
"""Commands that may be asked: "status?" is one, "safe?" is not "I am safe"."""
_PLAIN: Final = re.compile(r"[\w\s'\u2019./:!\u00a1-]*")
_LONGEST_BARE: Final = 80
"""Characters; whatever is longer than this is no command without its slash."""


@cache
def _names() -> dict[str, Name]:
    return {alias: name for name in Name for alias in listed(f"chat.name.{name}") | {name.value}}


def named(word: str) -> Name | None:
    """The command of that name, with its slash or without."""
    return _names().get(fold(word))


def shown_name(language: str, name: Name) -> str:
    """The name of the command that is shown to readers of that language."""
    return say(language, f"chat.name.{name}").split(",")[0].strip()


def parse(text: str, *, slashless: bool) -> Command | None:
    """The command that this message is, None where it is words.

    `slashless`: on this channel a command may come without its slash. A slash followed by no
    name that we know is words too.
    """
    slashed = _SLASHED.match(unicodedata.normalize("NFC", text))
    if slashed:
        name = _names().get(fold(slashed[1]))
        return Command(name=name, arg=(slashed[2] or "").strip()) if name else None
    return _bare(text) if slashless and len(text) <= _LONGEST_BARE else None


def _bare(text: str) -> Command | None:
    asked = text.strip().strip("?\u00bf ")
    asking = any(mark in text for mark in "?\u00bf")
    if not _PLAIN.fullmatch(asked):
        return None
    words = asked.rstrip(".! ").split()
    for length in range(len(words), 0, -1):
        name = _names().get(fold(" ".join(words[:length])))
        arg = " ".join(words[length:])
        if name is None or name in SLASH_ONLY or (asking and name not in _QUESTIONS):
            continue
        if _fits(name, arg):
            return Command(name=name, arg=arg)
    return None


def _fits(name: Name, arg: str) -> bool:
    """Whether these words can only be an argument of that command."""
    if not arg:
        return True
    match name:
        case Name.LANGUAGE:
            return language_in(arg) is not None
        case Name.JOIN:
            return len(arg.split()) == 1 and len(arg) >= _CODE_LENGTH
        case Name.ONCALL | Name.AWAKE:
            return _is_until(arg)
        case Name.SHIFTS:
            return _is_shift(arg)
        case _:
            return False


def _is_until(arg: str) -> bool:
    words = fold(arg).split()
    if not words or len(words) > _UNTIL_WORDS:
        return False
    return words[0][0].isdigit() or words[0] in listed("chat.words.until")


_IN_PLACE: Final = re.compile(r" (?:in|en) [^,;.!?]{2,40}$")
_NAME_WORDS: Final = 3
_ANY_DAY: Final = date(2024, 1, 1)
"""Whether words are a shift depends on no day; a Monday, as good as any."""


def _is_shift(arg: str) -> bool:
    """Whether these words are a shift, perhaps with a call sign before and a place behind."""
    words = _IN_PLACE.sub("", arg).split()
    return any(
        _reads_as_shift(" ".join(words[named:])) for named in range(min(_NAME_WORDS, len(words)))
    )


def _reads_as_shift(text: str) -> bool:
    try:
        shift_words.parse(text, id="", person=PersonId(""), neighbourhood=Place(""), today=_ANY_DAY)
    except RosterFault:
        return False
    return True


def language_in(text: str) -> str | None:
    """The code of the language that is named, by its code or its name in any language."""
    wanted = fold(text)
    for language in LANGUAGES:
        if wanted == language or wanted in listed(f"chat.words.language.{language}"):
            return language
    return None


# --- numbers and reactions ----------------------------------------------------------------------

_NUMBER: Final = re.compile(r"^[#(]?\s*(\d{1,4})\s*[.):,!]?$")
_KEYCAP: Final = dict.fromkeys((0xFE0F, 0x20E3))


def number_in(text: str) -> int | None:
    """The number that is the whole message ("2", "2.", "#2", full-width or keycap digits)."""
    plain = unicodedata.normalize("NFKC", text.translate(_KEYCAP)).strip()
    found = _NUMBER.match(plain)
    return int(found[1]) or None if found else None


_UP: Final = frozenset("\U0001f44d\U0001f44c\u2705\u2714")
_DOWN: Final = frozenset("\U0001f44e\u274c")
_SKIN_AND_STYLE: Final = dict.fromkeys((*range(0x1F3FB, 0x1F400), 0xFE0E, 0xFE0F))

_UP_MEANS: Final = (Verb.ACCEPT, Verb.HAVE_IT, Verb.CHECK_IN, Verb.REACHABLE)
_DOWN_MEANS: Final = (Verb.DECLINE, Verb.NOT_FREE)


def reaction_index(emoji: str, actions: Sequence[Action]) -> int | None:
    """Which of a message's options a reaction chooses, None where it is no answer.

    Thumbs up is the first option that says yes to a page, a brief, a check-in or a drill; thumbs
    down is the option that declines. Everything else needs a button or a number: a friendly
    thumb under "leave now" must not count as "I am out".
    """
    plain = emoji.translate(_SKIN_AND_STYLE)
    meant = _UP_MEANS if plain in _UP else _DOWN_MEANS if plain in _DOWN else ()
    offered = [action.verb for action in actions]
    return next((offered.index(verb) for verb in meant if verb in offered), None)


# --- signs of life ------------------------------------------------------------------------------

_CONTAINED_WORDS: Final = 2


def is_duress(text: str, person: Person) -> bool:
    """Whether these words hold the person's duress phrase; nobody matches without one.

    The whole message counts however it is spelt; a phrase of two words or more counts inside a
    longer message as well, since one under pressure may have to dress it up.
    """
    phrase, said = fold(person.duress_phrase), fold(text)
    if not phrase:
        return False
    if said.replace(" ", "") == phrase.replace(" ", ""):
        return True
    return len(phrase.split()) >= _CONTAINED_WORDS and f" {phrase} " in f" {said} "


def is_ok(text: str) -> bool:
    """Whether the whole message says that all is well."""
    bare = text.translate(_SKIN_AND_STYLE).strip()
    return fold(text) in listed("chat.words.ok") or (bool(bare) and set(bare) <= _UP)
