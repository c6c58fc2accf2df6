"""Every message of an incident, as one reader sees it: `Faces`.

What it is for
    A decision says which card goes to whom; here it gets its words, its notice for channels that
    are not private, its buttons and its manners.

Rules it keeps
    * Need to know (L4): a page holds no place and no words; a brief goes to members of a team of
      two or more; reporters' identities stand nowhere; a notice holds no kind, no place, no code,
      no call sign and nothing that anybody wrote.
    * In a drill every message says so first, on every channel.
    * The same incident and the same card give the same face: nothing here reads a clock.

What it must not know
    Channels and tokens. Which card is due, and to whom, has been decided before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from responder.core.cards import desk as cards_desk
from responder.core.cards import reporter as cards_reporter
from responder.core.cards import responder as cards_responder
from responder.core.cards.scene import Ground, NotForThem, Scene, Writer, spoken_to
from responder.core.effects import AlarmKind, Card, Tell
from responder.core.messages import Urgency
from responder.core.model import Incident, Level, Network, Person
from responder.core.playbook import Playbook
from responder.core.spoken import Face
from responder.core.view import View

__all__ = ["MANNERS", "Faces", "Manner", "NotForThem"]

SAME: Final = ""
"""As a notice: the card's own words, which say nothing to a stranger."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a card is carried.

    `notice` is the phrase for channels that are not private. `thread`: cards of one thread leave
    in order, so what must not wait behind anything has a thread of its own.
    """

    notice: str
    urgency: Urgency
    thread: str
    watched: bool = False
    open: bool = False
    silent: bool = False


def _news(urgency: Urgency = Urgency.NEWS) -> Manner:
    return Manner("news", urgency, "reporter", watched=True, open=True)


MANNERS: Final[dict[Card, Manner]] = {
    Card.HELD: _news(),
    Card.ASKED: _news(),
    Card.MORNING: _news(),
    Card.JOINED: _news(),
    Card.ON_THE_WAY: _news(),
    Card.THERE: _news(),
    Card.HAD_TO_LEAVE: _news(),
    Card.NOBODY: _news(),
    Card.OVER: _news(),
    Card.EXPIRED: _news(),
    Card.QUESTION: _news(),
    Card.FOLLOW_UP: _news(Urgency.QUIET),
    Card.REPORTER_BACK: _news(),
    Card.PAGE: Manner("needed", Urgency.PAGE, "team", watched=True),
    Card.REQUEST: Manner("request", Urgency.NEWS, "team", watched=True),
    Card.ENOUGH: Manner(SAME, Urgency.NEWS, "team", silent=True),
    Card.WAITING: Manner(SAME, Urgency.PAGE, "team"),
    Card.RELEASED: Manner(SAME, Urgency.NEWS, "team"),
    Card.BRIEF: Manner("read-now", Urgency.PAGE, "team", watched=True),
    Card.GO: Manner("ready", Urgency.PAGE, "team", watched=True),
    Card.CONTROLS: Manner("noted", Urgency.NEWS, "controls", silent=True),
    Card.TEAM_CHANGED: Manner("read-now", Urgency.PAGE, "team"),
    Card.HOLD_BACK: Manner(SAME, Urgency.LEAVE, "hold-back", watched=True),
    Card.UPDATE: Manner("read", Urgency.PAGE, "team"),
    Card.MEDIA: Manner("read", Urgency.NEWS, "media"),
    Card.NUDGE: Manner("well", Urgency.PAGE, "nudge", watched=True),
    Card.LEAVE: Manner(SAME, Urgency.LEAVE, "leave", watched=True),
    Card.STAND_DOWN: Manner(SAME, Urgency.LEAVE, "leave", watched=True),
    Card.THANKS: Manner(SAME, Urgency.NEWS, "thanks"),
    Card.DROPPED: Manner(SAME, Urgency.LEAVE, "team", watched=True),
    Card.LEFT: Manner(SAME, Urgency.NEWS, "team"),
    Card.BACK: Manner("well", Urgency.LEAVE, "back"),
    Card.DEBRIEF: Manner("read", Urgency.QUIET, "debrief"),
    Card.VERIFY: Manner("needed", Urgency.PAGE, "verify", watched=True),
    Card.VERIFY_MORE: Manner("read", Urgency.PAGE, "verify"),
    Card.VERIFY_MEDIA: Manner("read", Urgency.NEWS, "verify-media"),
    Card.VERIFY_CLOSED: Manner("settled", Urgency.NEWS, "verify", silent=True),
    Card.BOARD: Manner("board", Urgency.QUIET, "board", silent=True),
    Card.BOARD_MEDIA: Manner("read", Urgency.QUIET, "board-media", silent=True),
    Card.ALARM: Manner("alarm", Urgency.PAGE, "alarm"),
    Card.UNREACHED: Manner("read", Urgency.NEWS, "alarm"),
}

WRITERS: Final[dict[Card, Writer]] = {
    **cards_reporter.WRITERS,
    **cards_responder.WRITERS,
    **cards_desk.WRITERS,
}


_ASKS: Final = frozenset({Card.VERIFY, Card.VERIFY_MORE})
_ALARM: Final = Card.ALARM

SEES: Final[dict[Card, Callable[[Incident, Person], Hashable]]] = {
    Card.BOARD: cards_desk.sees_board,
    Card.PAGE: lambda *_: None,
    Card.REQUEST: lambda *_: None,
}
"""For cards that many read: all of its reader that the card looks at, besides the language."""


class Faces:
    """The cards of one decision, written once for all who read the same.

    `incident` is what it has become by the decision that the cards belong to.
    """

    def __init__(
        self, incident: Incident, playbook: Playbook, view: View, network: Network
    ) -> None:
        self._incident = incident
        self._playbook = playbook
        self._view = view
        self._network = network
        self._grounds: dict[str, Ground] = {}
        self._written: dict[Hashable, Face] = {}

    def face(self, tell: Tell, reader: Person) -> Face:
        """The card as this reader sees it, in this reader's language.

        Raises `NotForThem` where the words would reach somebody whom law L4 keeps them from.
        """
        sees = SEES.get(tell.card)
        if sees is None:
            return _written(self._scene(tell, reader))
        said = tuple(tell.params.items()) if tell.params else ()
        looks = sees(self._incident, reader)
        seen = (tell.card, spoken_to(reader), looks, tell.about, said)
        face = self._written.get(seen)
        if face is None:
            face = self._written[seen] = _written(self._scene(tell, reader))
        return face

    def _scene(self, tell: Tell, reader: Person) -> Scene:
        language = spoken_to(reader)
        ground = self._grounds.get(language)
        if ground is None:
            ground = Ground(self._incident, self._playbook, language, self._view)
            self._grounds[language] = ground
        return Scene(
            tell, self._incident, self._playbook, reader, self._view, self._network, ground
        )


def _written(scene: Scene) -> Face:
    tell, incident = scene.tell, scene.incident
    manner = MANNERS[tell.card]
    sheet = WRITERS[tell.card](scene)
    notice = scene.say(f"notice.{manner.notice}") if manner.notice else sheet.text
    return Face(
        text=scene.mark + sheet.text,
        notice=scene.mark + notice,
        rows=sheet.rows,
        urgency=_urgency(tell, incident, manner),
        open=manner.open,
        silent=manner.silent,
        watched=manner.watched,
        thread=f"{incident.id}.{manner.thread}",
    )


def _urgency(tell: Tell, incident: Incident, manner: Manner) -> Urgency:
    """Duress goes before everything else; what only unknown people say goes behind the pages."""
    if tell.card in _ASKS and all(s.level is Level.UNKNOWN for s in incident.sources):
        return Urgency.NEWS
    if tell.card == _ALARM and tell.params.get("kind") == AlarmKind.DURESS:
        return Urgency.LEAVE
    return manner.urgency
