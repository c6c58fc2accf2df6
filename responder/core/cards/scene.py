"""What one card is written from: who reads it, in which language, and what stands at hand.

Rules it keeps
    * Local times are the neighbourhood's own.
    * People are named by call sign and only by it.

What it must not know
    Which card is being written, and who may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from responder.core.changes import Action
from responder.core.clean import one_line, quote
from responder.core.effects import Tell
from responder.core.model import Incident, Mate, Network, Person, PersonId, Pin, Words
from responder.core.phrases import LANGUAGES, filled, say
from responder.core.playbook import Playbook
from responder.core.roster import clock
from responder.core.spoken import Offer, Verb
from responder.core.view import View

PAGE_LIMIT: Final = 400
"""Characters: a page is read on one phone screen, by somebody who was just woken."""
TEXT_LIMIT: Final = 3500
"""Characters: below every platform's limit, with room for numbered answers."""
NAME_LIMIT: Final = 40
"""Characters of a call sign, a title or a neighbourhood's name inside a line."""

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

Rows: TypeAlias = tuple[tuple[Offer, ...], ...]
_T = TypeVar("_T")


class NotForThem(ValueError):
    """A card was about to tell somebody what law L4 keeps from them: our own bug."""


class Sheet(NamedTuple):
    """The words of a card and what can be tapped under them."""

    text: str
    rows: Rows = ()


class _once(Generic[_T]):
    """A property that is reckoned when it is first asked for; `cached_property` without its lock,
    which takes longer than most of what is reckoned here.
    """

    def __init__(self, reckon: Callable[[Any], _T]) -> None:
        self._reckon = reckon

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, on: object, _: type) -> _T:
        found = on.__dict__[self._name] = self._reckon(on)
        return found


_own_name: Final = lru_cache(maxsize=4096)(one_line)
"""Of playbooks and the network only: nothing that a person wrote is kept in any cache."""


class Ground:
    """What all cards of one decision have in common in one language: names that stand in them."""

    def __init__(self, incident: Incident, playbook: Playbook, language: str, view: View) -> None:
        self.language = language
        self._incident = incident
        self._playbook = playbook
        self._view = view
        self._signs: dict[PersonId, str] = {}
        self._roles: dict[str, str] = {}

    @_once
    def mark(self) -> str:
        """What stands before every word of a drill."""
        return say(self.language, "card.drill") + "\n" if self._incident.drill else ""

    @_once
    def code(self) -> str:
        """The incident's short code."""
        return one_line(self._incident.code, NAME_LIMIT)

    @_once
    def title(self) -> str:
        """What this kind of incident is called."""
        return _own_name(self._playbook.title.in_(self.language), NAME_LIMIT)

    @_once
    def neighbourhood(self) -> str:
        """The name of the neighbourhood."""
        return _own_name(self._view.neighbourhood(self._incident.neighbourhood).name, NAME_LIMIT)

    @_once
    def heading(self) -> str:
        """Kind, neighbourhood and code in one line."""
        words = {"title": self.title, "neighbourhood": self.neighbourhood, "code": self.code}
        return say(self.language, "card.head", **words)

    @_once
    def time_zone(self) -> str:
        """The neighbourhood's own."""
        return self._view.neighbourhood(self._incident.neighbourhood).time_zone

    def sign(self, person: PersonId) -> str:
        """The call sign of a member."""
        sign = self._signs.get(person)
        if sign is None:
            record = self._view.person(person)
            sign = one_line(record.call_sign, NAME_LIMIT) if record else ""
            sign = self._signs[person] = sign or say(self.language, "card.someone")
        return sign

    def role(self, id: str) -> str:
        """The title of a role in the team, empty where there is none."""
        title = self._roles.get(id)
        if title is None:
            role = next((r for r in self._playbook.team.roles if r.id == id), None)
            title = _own_name(role.title.in_(self.language), NAME_LIMIT) if role else ""
            self._roles[id] = title
        return title


class Scene(msgspec.Struct, frozen=True):
    """One card to one reader."""

    tell: Tell
    incident: Incident
    playbook: Playbook
    reader: Person
    view: View
    network: Network
    ground: Ground

    @property
    def language(self) -> str:
        """The reader's language, English where theirs is not spoken here."""
        return self.ground.language

    @property
    def mark(self) -> str:
        """What stands before every word of a drill."""
        return self.ground.mark

    def say(self, key: str, /, **params: object) -> str:
        """A phrase of the cards in the reader's language."""
        return filled(self.ground.language, f"card.{key}", params)

    def param(self, name: str) -> str:
        """What the decision said besides, empty where it said nothing."""
        return self.tell.params.get(name, "")

    # --- names -----------------------------------------------------------------------------------

    @property
    def code(self) -> str:
        """The incident's short code."""
        return self.ground.code

    @property
    def title(self) -> str:
        """What this kind of incident is called."""
        return self.ground.title

    @property
    def neighbourhood(self) -> str:
        """The name of the neighbourhood."""
        return self.ground.neighbourhood

    @property
    def heading(self) -> str:
        """Kind, neighbourhood and code in one line: for members' eyes."""
        return self.ground.heading

    def sign(self, person: PersonId | None) -> str:
        """The call sign of a member of the team or of a coordinator."""
        return self.ground.sign(person) if person else self.say("someone")

    def role(self, mate: Mate) -> str:
        """The title of the member's role, empty where there is none."""
        return self.ground.role(mate.role)

    def listed(self, mates: Iterable[Mate]) -> str:
        """Call signs with their roles, in one line."""
        ground = self.ground
        named = [(ground.sign(mate.person), ground.role(mate.role)) for mate in mates]
        return ", ".join([f"{sign} ({role})" if role else sign for sign, role in named])

    # --- times -----------------------------------------------------------------------------------

    def clock(self, at: datetime) -> str:
        """The time of day in the neighbourhood."""
        return clock(at, self.ground.time_zone)

    def span(self, seconds: float) -> str:
        """A length of time in words, rounded up to whole minutes, hours or days."""
        for unit, size in (("days", _DAY), ("hours", _HOUR)):
            if seconds >= 2 * size or seconds == size:
                return self.counted(unit, -int(-seconds // size))
        return self.counted("minutes", max(1, -int(-seconds // _MINUTE)))

    def counted(self, unit: str, number: int) -> str:
        """A number with its unit, in the singular where it is one."""
        return self.say(f"count.{unit}.{'one' if number == 1 else 'many'}", number=number)

    # --- people here ----------------------------------------------------------------------------

    @property
    def mate(self) -> Mate | None:
        """The reader's own place in the team."""
        return self.incident.mate(self.reader.id)

    @property
    def partners(self) -> tuple[Mate, ...]:
        """The others who are still in the team."""
        return tuple(m for m in self.incident.active if m.person != self.reader.id)

    @property
    def teamed(self) -> bool:
        """Whether the reader is, now, in a team of two or more (L1)."""
        return len(self.incident.active) > 1 and self.mate in self.incident.active

    @property
    def reported_it(self) -> bool:
        """Whether the reader is one of the reporters."""
        return self.reader.id in [s.reporter for s in self.incident.sources]

    # --- parts ----------------------------------------------------------------------------------

    def offer(self, label: str, verb: Verb, arg: str = "") -> Offer:
        """One thing to tap, on this incident."""
        return Offer(
            label=self.say(f"button.{label}"),
            action=Action(verb=str(verb), incident=self.incident.id, arg=arg),
        )


Writer: TypeAlias = Callable[[Scene], Sheet]


def spoken_to(reader: Person) -> str:
    """The reader's language, English where theirs is not spoken here."""
    return reader.language if reader.language in LANGUAGES else "en"


def paragraphs(*parts: str) -> str:
    """The parts with an empty line between them; empty ones are left out."""
    return "\n\n".join([part for part in parts if part])


def lines(*parts: str) -> str:
    """The parts, a line each; empty ones are left out."""
    return "\n".join([part for part in parts if part])


def bullets(parts: Iterable[str]) -> str:
    """A short list."""
    return "\n".join([f"- {part}" for part in parts])


def coordinates(pin: Pin) -> str:
    """A pin as plain degrees, latitude first: six digits are about ten centimetres."""
    return f"{pin.latitude:.6f}, {pin.longitude:.6f}"


# --- what was told --------------------------------------------------------------------------------

_PLACE_LIMIT: Final = 300
_REPORTS_SHOWN: Final = 5
_LEAST_WORDS: Final = 60
"""Characters of each report that are shown however little room is left."""


def place(scene: Scene) -> str:
    """The exact place with its pin; says so where none was told."""
    told = quote(scene.incident.place, _PLACE_LIMIT)
    pin = scene.incident.pin
    where = scene.say("pin", pin=coordinates(pin)) if pin else ""
    return lines(scene.say("place"), told or ("" if pin else scene.say("no-place")), where)


def reports(scene: Scene, words: Sequence[Words], room: int) -> str:
    """What these reports say, in about `room` characters shared fairly between them.

    Of many, the first and the newest are shown. A report says when it came, never from whom.
    """
    shown = [w for w in words if w.text or w.place or w.pin]
    left_out = len(shown) - _REPORTS_SHOWN
    if left_out > 0:
        shown = [shown[0], *shown[left_out + 1 :]]
    if not shown:
        return scene.say("no-words")
    heads = [_head(scene, one, first) for one, first in zip(shown, _firsts(shown), strict=True)]
    more = scene.say("more-reports", number=left_out) if left_out > 0 else ""
    room -= len(more) + sum(len(head) + 2 for head in heads)
    bodies: dict[int, str] = {}
    for index in sorted(range(len(shown)), key=lambda i: len(shown[i].text)):
        share = max(room // (len(shown) - len(bodies)), _LEAST_WORDS)
        bodies[index] = quote(shown[index].text, share)
        room -= len(bodies[index])
    return lines(*(lines(head, bodies[i]) for i, head in enumerate(heads)), more)


def _firsts(words: Sequence[Words]) -> list[bool]:
    """For each of these, whether it is the first of its report."""
    return [all(w.report != one.report for w in words[:i]) for i, one in enumerate(words)]


def _head(scene: Scene, words: Words, first: bool) -> str:
    source = next((s for s in scene.incident.sources if s.report == words.report), None)
    if not first:
        head = scene.say("told-later")
    else:
        head = scene.say("told-at", time=scene.clock(source.at)) if source else scene.say("told")
    elsewhere = quote(words.place, _PLACE_LIMIT) if words.place != scene.incident.place else ""
    pin = words.pin if words.pin != scene.incident.pin else None
    return lines(head, elsewhere, scene.say("pin", pin=coordinates(pin)) if pin else "")
