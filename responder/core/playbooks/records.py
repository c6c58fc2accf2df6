"""The playbook as the program uses it: frozen records, lengths of time in seconds.

Rules it keeps
    * One set of records for both forms. A coordinator's YAML says `wait: 5 min`; the frozen text
      says `wait_s: 300`. Friendly spellings are taken only when the validation context is
      `Friendly`; frozen text is taken as it was written, even by a later, stricter program (L9).
    * What a law forbids, a record cannot hold: a team of one (L1), a report from a person whom
      nobody vouches for that pages by itself (L2), corroboration by a single report (L2).
      What only good sense forbids is refused in `sense.py`, on the way in.

What it must not know
    Where playbooks come from, and how their words are put together for a person.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from responder.core.model import Level
from responder.core.playbooks import slips
from responder.core.playbooks.faults import near

SCHEMA = 1
"""The version of this format. An incident keeps the one it opened with."""
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Friendly:
    """The validation context of a coordinator's YAML: which languages every text must have."""

    languages: tuple[str, ...]


class Absent:
    """Stands in for a language that a text lacks, so that the fault is found like any other."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = Absent()


def refuse(what: str, meant: str) -> PydanticCustomError:
    """A fault in the words of `Fault`: what is wrong, what was meant."""
    return PydanticCustomError("playbook", "{what}", {"what": what, "meant": meant})


# --- friendly spellings -------------------------------------------------------------------------

_UNITS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
}
_LENGTHS = "write `90 s`, `5 min`, `2 h` or `3 days`"
_TIME_PART = re.compile(r"([0-9]{1,6})\s*([a-z]+)\s*", re.IGNORECASE)


def seconds(text: str) -> int:
    """A length of time such as "90 s", "1 h 30 min" or "3 days", in seconds; else `ValueError`."""
    at, total, rest = 0, 0, text.strip()
    while at < len(rest):
        part = _TIME_PART.match(rest, at)
        unit = part and part[2].lower()
        size = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s")) if unit else None
        if part is None or size is None:
            raise ValueError(text)
        total += int(part[1]) * size
        at = part.end()
    if not rest:
        raise ValueError(text)
    return total


def _between(least: str, most: str) -> BeforeValidator:
    """Reads a length of time from friendly text and keeps it from `least` to `most`."""
    low, high = seconds(least), seconds(most)

    def length(value: object, info: ValidationInfo) -> object:
        if not isinstance(info.context, Friendly):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise refuse(f"{value} has no unit", f"did you mean `{value} s` or `{value} min`?")
        try:
            found = seconds(value) if isinstance(value, str) else -1
        except ValueError:
            found = -1
        if found < 0:
            meant_so = slips.length(value) if isinstance(value, str) else ""
            instead = f"did you mean `{meant_so}`?" if meant_so else _LENGTHS
            raise refuse("this is not a length of time", instead)
        if not low <= found <= high:
            raise refuse(f"`{value}` is out of bounds", f"write between {least} and {most}")
        return found

    return BeforeValidator(length)


def _yes_or_no(value: object, info: ValidationInfo) -> object:
    if not isinstance(info.context, Friendly) or isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    raise refuse("this is neither yes nor no", "write `yes` or `no`")


def _or_none(value: object, info: ValidationInfo) -> object:
    return None if isinstance(info.context, Friendly) and value == "none" else value


def _how_many(value: object) -> object:
    if value in ("enough", "all"):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    instead = near(value, ("enough", "all")) if isinstance(value, str) else ""
    if likely := slips.number(value) if isinstance(value, str) else "":
        instead = f"did you mean `{likely}`?"
    if not instead.startswith("did you"):
        instead = "write `enough`, `all`, or a number of people from 1"
    raise refuse(f"`{value}` is no number of people", instead)


def _level(value: object, info: ValidationInfo) -> object:
    if not isinstance(info.context, Friendly):
        return value
    if isinstance(value, str) and value in list(Level):
        return Level(value)
    raise refuse(f"`{value}` is no trust level", near(str(value), ("known", "trusted")))


def _above_the_line(value: Level) -> Level:
    if value.rank >= Level.KNOWN.rank:
        return value
    what = f"`{value}` would let someone whom nobody vouches for page people by their word alone"
    raise refuse(what, "write `known` or `trusted`; the others are verified first")


def _never_alone(value: int) -> int:
    if value >= 2:
        return value
    what = f"a team of {value} would send somebody alone, and nobody goes alone"
    raise refuse(what, "write 2 or more")


def _not_one_voice(value: int) -> int:
    if value >= 2:
        return value
    what = "reports agree with one another only when there are two or more of them"
    raise refuse(what, "write 2 or more, or `corroboration: none`")


def _share(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
        return value
    likely = slips.share(value)
    instead = "write a number above 0 and up to 1, such as 0.3"
    if likely:
        instead = f"did you mean `{likely}`?"
    raise refuse("this is no share of people", instead)


def _every_language(value: object, info: ValidationInfo) -> object:
    """Puts `ABSENT` where a language is missing, so that every other fault is still found."""
    if not isinstance(info.context, Friendly):
        return value
    if not isinstance(value, dict):
        these = " and ".join(f"`{language}:`" for language in info.context.languages)
        raise refuse("there is no language over these words", f"write {these} beneath the key")
    return dict.fromkeys(info.context.languages, ABSENT) | value


def _as_tuple(value: object) -> object:
    """A list out of frozen JSON as the tuple that it was: validators before it make it lax."""
    return tuple(value) if isinstance(value, list) else value


def _spelling(field: str) -> str:
    """The YAML key of a field: units stay out of what is read aloud."""
    return "schema" if field == "schema_version" else field.removesuffix("_s")


# --- the parts ------------------------------------------------------------------------------------

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Share = Annotated[float, BeforeValidator(_share)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1), BeforeValidator(_as_tuple)]
Triggers = Annotated[dict[Language, Texts], BeforeValidator(_every_language)]
T = TypeVar("T")


class Part(BaseModel):
    """Base of all parts of a playbook: frozen, no unknown keys, no guessing at types."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=_spelling,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )


def _in(texts: dict[str, T], language: str) -> T:
    """The value in the language ("es-MX" is "es"), else in English, else in any."""
    if language in texts:
        return texts[language]
    base = language.lower().replace("_", "-").partition("-")[0]
    return texts.get(base) or texts.get(FALLBACK) or next(iter(texts.values()))


class Words(RootModel[dict[Language, Text]]):
    """One text in each language."""

    model_config = ConfigDict(frozen=True, strict=True)
    _filled = model_validator(mode="before")(_every_language)

    def in_(self, language: str) -> str:
        """The text in the language; in English where there is none in it."""
        return _in(self.root, language)


class Lines(RootModel[dict[Language, Texts]]):
    """A list of sentences in each language."""

    model_config = ConfigDict(frozen=True, strict=True)
    _filled = model_validator(mode="before")(_every_language)

    def in_(self, language: str) -> tuple[str, ...]:
        """The sentences in the language; in English where there are none in it."""
        return _in(self.root, language)


class Choice(Part):
    """One answer to tap."""

    id: Id
    """a short name for this answer, never shown"""
    label: Words
    """the words on the button"""


class Question(Part):
    """One question to the reporter, asked after the place is known, one at a time."""

    id: Id
    """a short name for this question, never shown"""
    ask: Words
    """the question"""
    options: tuple[Choice, ...] = ()
    """answers to tap; without them people answer in their own words"""
    needed: YesNo = False
    """whether the question is asked again when it was passed over"""


class Corroboration(Part):
    """How many independent reports do what a verifier's yes does."""

    reports: Annotated[int, AfterValidator(_not_one_voice)]
    """how many reports must agree"""
    within_s: Annotated[int, _between("1 min", "1 day")]
    """how close together in time they must come"""


class Trust(Part):
    """What a report needs before anybody is paged."""

    pages_at: Annotated[Level, BeforeValidator(_level), AfterValidator(_above_the_line)]
    """the trust level whose report pages at once"""
    corroboration: Annotated[Corroboration | None, BeforeValidator(_or_none)] = None
    """independent reports that together page, or `none`"""
    verify_wait_s: Annotated[int, _between("30 s", "1 h")] = 300
    """how long one round of verifiers has"""


class Role(Part):
    """What one member of the team does."""

    id: Id
    """a short name for this role, never shown"""
    title: Words
    """the name of the role"""


class Team(Part):
    """Who goes."""

    size: Annotated[int, AfterValidator(_never_alone), Field(le=12)]
    """how many go together if they can be found"""
    at_least: Annotated[int, AfterValidator(_never_alone)] = 2
    """how many are enough to go"""
    training: tuple[Id, ...] = ()
    """trainings that every member needs"""
    skills: tuple[Id, ...] = ()
    """skills of which each must be in the team"""
    experienced: Annotated[int, Field(ge=0)] = 0
    """how many members must be experienced"""
    roles: tuple[Role, ...] = ()
    """who does what; given out in this order"""


class Wave(Part):
    """One widening step of the search for people."""

    whom: Literal["offers", "neighbourhood", "adjacent", "network", "coordinators"]
    """who is asked: those who offered such help, or who is on call"""
    how_many: Annotated[Literal["enough", "all"] | int, BeforeValidator(_how_many)]
    """how many of them: `enough`, `all`, or a number"""
    wait_s: Annotated[int, _between("30 s", "2 h")]
    """how long to wait for answers"""


class Offers(Part):
    """Help that members offer beforehand, for what a reporter asks."""

    question: Id
    """the intake question that is matched, by its id"""
    answers: Annotated[tuple[Id, ...], Field(min_length=1), BeforeValidator(_as_tuple)]
    """which of its answers people can offer, by their ids"""
    wait_s: Annotated[int, _between("1 min", "30 min")] = 300
    """how long the search waits for the reporter to answer it"""


class Brief(Part):
    """What each member of a formed team is told, besides the place and the partner."""

    text: Words
    """what this is and what to do there"""
    within_s: Annotated[int, _between("30 s", "30 min")] = 180
    """how long each has to tap that they have it"""
    meet: Words
    """how and where to meet the partner"""


class CheckIn(Part):
    """A team's signs of life."""

    every_s: Annotated[int, _between("5 min", "2 h")]
    """how often each gives a sign of life"""
    grace_s: Annotated[int, _between("1 min", "30 min")] = 300
    """how long after the reminder coordinators are alarmed"""
    repeat_s: Annotated[int, _between("1 min", "30 min")] = 300
    """how often the alarm repeats"""


class Debrief(Part):
    """Looking back, with both partners."""

    after_s: Annotated[int, _between("1 h", "14 days")]
    """how long after the end the team hears from us"""
    text: Words
    """what the team is told and asked then"""


class Sayings(Part):
    """What reporters and verifiers are told in such an incident, in place of the usual words."""

    care: Words | None = None
    """to the reporter, once it is on its way: how to look after oneself meanwhile"""
    asked: Words | None = None
    """to the reporter: people are being asked"""
    on_the_way: Words | None = None
    """to the reporter: people are on their way"""
    there: Words | None = None
    """to the reporter: people are there"""
    verify: Words | None = None
    """to verifiers: what they stand for when they confirm"""

    def told(self, key: str, language: str) -> str:
        """These words in the language; empty where the usual ones do."""
        words: Words | None = getattr(self, key)
        return words.in_(language) if words else ""


class FollowUp(Part):
    """A later word to the reporter, if that is wanted."""

    after_s: Annotated[int, _between("1 h", "30 days")]
    """how long after the end the reporter hears from us"""
    offer: Words
    """the question whether the reporter wants this"""
    text: Words
    """what the reporter is told and asked then"""


class Retention(Part):
    """How long things are kept; then their keys are destroyed."""

    reports_s: Annotated[int, _between("1 day", "90 days")]
    """how long reports are kept once all is done"""
    incident_s: Annotated[int, _between("1 day", "180 days")]
    """how long the incident is kept once all is done"""


class Playbook(Part):
    """How one kind of incident is handled, from the first word to the forgetting."""

    id: Id
    """the name of the file without its ending"""
    schema_version: Literal[1]
    """the version of this format; write 1"""
    title: Words
    """what this kind of incident is called"""
    purpose: Words
    """what the network does and does not do in such an incident"""
    triggers: Triggers
    """words in a report that point to this kind"""
    urgency: Literal["high", "normal", "low"]
    """how urgent this is beside other incidents"""
    intake: tuple[Question, ...] = ()
    """what to ask the reporter"""
    offers: Annotated[Offers | None, BeforeValidator(_or_none)] = None
    """help that members offer beforehand, or `none`"""
    trust: Trust
    """what a report needs before anybody is paged"""
    team: Team
    """who goes"""
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    """who is asked, step by step"""
    acceptance: Share = 0.3
    """the share of those asked who usually say yes"""
    give_up_s: Annotated[int, _between("5 min", "12 h")]
    """how long after the last wave an unanswered incident stays open"""
    needed: Words
    """one line for the page: what is needed, without any place"""
    brief: Brief
    """what the team is told"""
    check_in: CheckIn
    """a team's signs of life"""
    safety: Lines
    """how to stay safe there"""
    disengage: Lines
    """when and how to leave"""
    silent: Words
    """what to do if the network falls silent"""
    rights: Lines
    """what people are told when they ask for their rights"""
    elsewhere: Words
    """what else helps when nobody can come"""
    sayings: Sayings = Sayings()
    """what people are told in place of the usual words"""
    hard_call: YesNo = False
    """whether those who went rest afterwards"""
    rest_s: Annotated[int | None, _between("1 h", "14 days")] = None
    """how long they rest; without it the network's own rule counts"""
    debrief: Debrief
    """looking back with the team"""
    follow_up: Annotated[FollowUp | None, BeforeValidator(_or_none)] = None
    """a later word to the reporter, or `none`"""
    retention: Retention
    """how long things are kept"""
    join_within_s: Annotated[int, _between("1 min", "1 day")] = 1800
    """how close together reports of one kind and neighbourhood join one incident"""

    def help(self, id: str) -> Words | None:
        """The name of a kind of help that members can offer; None where it is none."""
        offers = self.offers
        if offers is None or id not in offers.answers:
            return None
        asked = (q for q in self.intake if q.id == offers.question)
        return next((o.label for q in asked for o in q.options if o.id == id), None)

    @property
    def digest(self) -> str:
        """The sha256 of the frozen text, in hex; made anew at each call."""
        return hashlib.sha256(dump(self).encode()).hexdigest()


def dump(playbook: Playbook) -> str:
    """The frozen text: one line of canonical JSON, with which an incident runs to its end."""
    content = playbook.model_dump(mode="json", by_alias=False)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
