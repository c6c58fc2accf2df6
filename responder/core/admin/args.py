"""How a coordinator's words at the machine are read: strictly, and with a word of help.

Rules it keeps
    * What cannot be read changes nothing; the fault says what to write instead.
    * A name that is slightly wrong is never guessed at, only asked about.
    * Somebody who reported is named by incident and number alone: nothing here shows who it is.

What it must not know
    Who asks, and over which wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from responder.core import roster
from responder.core.membership import name_of as name_of
from responder.core.model import Incident, Neighbourhood, Person, Place, Record, Training
from responder.core.places import folded
from responder.core.talk.naming import CALL_SIGN
from responder.core.world import World

A = TypeVar("A", bound="Args")
E = TypeVar("E", bound=StrEnum)

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_LONGEST: Final = timedelta(days=366)
_TIMES: Final = "2026-11-27 18:00, 22:00, 3h or now"


class AdminFault(ValueError):
    """What was asked cannot be read or must not be; the text says what to do next."""


class NotNow(AdminFault):
    """What was asked makes sense, only not as things stand."""


class Args(Record, forbid_unknown_fields=True):
    """Base of the arguments of an operation: nothing unknown, nothing of another type."""


def read(kind: type[A], args: Mapping[str, object]) -> A:
    """The arguments as a record; `AdminFault` where they are not those of the operation."""
    try:
        return msgspec.convert(dict(args), kind, strict=True)
    except msgspec.ValidationError as error:
        raise AdminFault(f"These arguments do not fit: {error}. See --help.") from None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that offers the known word most like this one; else all of them; else nothing."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.strip().casefold(), names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean {names[near[0]]}?"
    return f" Known here: {', '.join(names.values())}." if 0 < len(names) <= 12 else ""


def no_place(name: str, known: Iterable[Neighbourhood]) -> str:
    """That there is no such neighbourhood: the name that is most like it, else all by their ids."""
    places = tuple(known)
    called = [word for one in places for word in (one.id, one.name, *one.aliases)]
    near = get_close_matches(name.strip().casefold(), map(str.casefold, called), n=1, cutoff=0.6)
    hint = did_you_mean(name, called if near else [one.id for one in places])
    return f"There is no neighbourhood {name!r}.{hint}"


def one_of(kind: type[E], word: str, what: str) -> E:
    """The member of an enumeration that the word names."""
    try:
        return kind(word.strip().casefold())
    except ValueError:
        known = [one.value for one in kind]
        raise AdminFault(f"There is no {what} {word!r}.{did_you_mean(word, known)}") from None


# --- people and places ----------------------------------------------------------------------------


def member(world: World, call_sign: str) -> Person:
    """The member of that call sign."""
    found = world.by_call_sign(call_sign)
    if found is None:
        known = [p.call_sign for p in world.members()]
        hint = did_you_mean(call_sign, known) or " See: responder member list"
        if not known:
            hint = f" There are no members yet: responder member add {call_sign} --help"
        raise AdminFault(f"Nobody here has the call sign {call_sign!r}.{hint}")
    return found


def place(world: World, name: str) -> Neighbourhood:
    """The neighbourhood of that id, name or alias."""
    known = world.neighbourhoods
    if Place(name) in known:
        return known[Place(name)]
    wanted = folded(name)
    for one in known.values():
        if wanted in {folded(called) for called in (one.id, one.name, *one.aliases)}:
            return one
    raise AdminFault(no_place(name, known.values()))


def incident(world: World, code: str) -> Incident:
    """The incident of that short code."""
    found = world.by_code(code)
    if found is None:
        open_codes = (i.code for i in world.incidents.values())
        hint = did_you_mean(code, open_codes) or " See: responder incident list"
        raise AdminFault(f"There is no incident {code!r}.{hint}")
    return found


def reporter(world: World, code: str, number: int | None) -> Person:
    """Whoever gave one report of an incident: `number` counts its reports from 1."""
    there = incident(world, code)
    if number is None and len(there.sources) != 1:
        raise AdminFault(
            f"{there.code} has {len(there.sources)} reports: say which one, counted from 1 as"
            " `responder incident show` does."
        )
    index = (number or 1) - 1
    if not 0 <= index < len(there.sources):
        raise AdminFault(f"{there.code} has reports 1 to {len(there.sources)} only.")
    found = world.person(there.sources[index].reporter)
    if found is None:
        raise NotNow(f"Whoever gave that report of {there.code} has been forgotten.")
    return found


# --- single values --------------------------------------------------------------------------------


def fresh_call_sign(world: World, call_sign: str, *, but: Person | None = None) -> str:
    """A call sign that can be spoken and that no other member has."""
    wanted = " ".join(call_sign.split())
    if not CALL_SIGN.fullmatch(wanted):
        raise AdminFault(
            "A call sign begins with a letter and has 2 to 30 letters, digits, spaces or hyphens,"
            " for example Heron. It is no real name."
        )
    taken = world.by_call_sign(wanted)
    if taken is not None and (but is None or taken.id != but.id):
        raise AdminFault(f"{taken.call_sign} is a member already: choose another call sign.")
    return wanted


def short_name(word: str, what: str) -> str:
    """The name of a skill or training as playbooks write them."""
    if not _NAME.fullmatch(word):
        raise AdminFault(
            f"A {what} is written in small letters, digits and hyphens, for example first-aid;"
            f" this is {word!r}."
        )
    return word


def language(word: str, known: Iterable[str] = ()) -> str:
    """A language's code; one of `known` where there are any."""
    allowed = tuple(known)
    if allowed and word not in allowed:
        raise AdminFault(f"The network does not speak {word!r}.{did_you_mean(word, allowed)}")
    if not _LANGUAGE.fullmatch(word):
        raise AdminFault(f"A language is written as its code, for example es; this is {word!r}.")
    return word


def training(text: str) -> Training:
    """A training from "observer" or, with its last good day, "observer:2027-06-30"."""
    name, colon, day = text.partition(":")
    expires_on = None
    if colon:
        try:
            expires_on = date.fromisoformat(day)
        except ValueError:
            raise AdminFault(
                f"Write a training as NAME:YYYY-MM-DD, for example observer:2027-06-30;"
                f" this is {text!r}."
            ) from None
    return Training(name=short_name(name, "training"), expires_on=expires_on)


def instant(text: str, now: datetime, time_zone: str, *, ways: str = _TIMES) -> datetime:
    """The instant that "now", "2026-11-27 18:00", "22:00" or "3h" means in a time zone.

    `ways` is how a time can be written there, for whoever wrote something else.
    """
    if text.strip().casefold() == "now":
        return now
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        until = roster.parse_until(text, now, time_zone)
        if until is None:
            raise AdminFault(f"{text!r} is no time that can be read: write {ways}.") from None
        return until
    if told.tzinfo is None:
        told = told.replace(tzinfo=roster.zone(time_zone))
    try:
        told = told.astimezone(UTC)
    except OverflowError:  # the first and the last day of all calendars
        told = datetime.max.replace(tzinfo=UTC)
    if abs(told - now) > _LONGEST:
        raise AdminFault(f"{text!r} is more than a year away: check the date.")
    return told


def zone_of(world: World, person: Person | None = None) -> str:
    """The time zone to read and show a person's times in; the first neighbourhood's otherwise."""
    own = person.neighbourhoods if person else ()
    places = [world.neighbourhoods[p] for p in own if p in world.neighbourhoods]
    first = places[0] if places else next(iter(world.neighbourhoods.values()), None)
    return first.time_zone if first else "UTC"


def shown(at: datetime | None, time_zone: str) -> str | None:
    """An instant as local time with its offset, to the minute: "2026-11-27T18:00-06:00"."""
    return at.astimezone(roster.zone(time_zone)).isoformat(timespec="minutes") if at else None
