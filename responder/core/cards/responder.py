"""The words to responders: the page, the brief, go, leave, and all between.

Rules it keeps
    * A page holds the kind, the neighbourhood's name and what is needed; place and words come with
      the brief, and the brief goes to members of a team of two or more (L1, L4).
    * Safety and disengage lines are never shortened; what people wrote is shortened first.
    * Nothing here looks at who is under duress: a check-in under duress reads like any other.

What it must not know
    Reporters.
"""

from __future__ import annotations

from typing import Final

from responder.core.cards.scene import (
    PAGE_LIMIT,
    TEXT_LIMIT,
    NotForThem,
    Rows,
    Scene,
    Sheet,
    Writer,
    bullets,
    lines,
    paragraphs,
    place,
    reports,
)
from responder.core.clean import quote, shorten
from responder.core.effects import Card
from responder.core.model import Mate, Stage, State
from responder.core.spoken import Verb

_MINUTES: Final = ("10", "20", "40")
_UPDATE_LIMIT: Final = 2000
_CHANGED_ROOM: Final = 1500

# --- asked, waiting, released -----------------------------------------------------------------


def _page(scene: Scene) -> Sheet:
    def text(needed: str) -> str:
        return lines(
            scene.say("page.head", title=scene.title, neighbourhood=scene.neighbourhood),
            scene.say(f"page.urgency.{scene.playbook.urgency}"),
            scene.say("page.needed", needed=needed),
            scene.say("page.how", code=scene.code),
        )

    room = PAGE_LIMIT - len(scene.mark) - len(text(""))
    needed = " ".join(scene.playbook.needed.in_(scene.language).split())
    going = tuple(scene.offer(f"going.{m}", Verb.ACCEPT, m) for m in _MINUTES)
    cannot = (scene.offer("cannot", Verb.DECLINE),)
    return Sheet(text(shorten(needed, room)), (going, cannot))


def _request(scene: Scene) -> Sheet:
    """To somebody who offered such help: which, in which neighbourhood, and that no is fine."""
    named = [scene.playbook.help(help) for help in sorted(scene.incident.wants)]
    asked = ", ".join(label.in_(scene.language) for label in named if label)
    text = paragraphs(
        scene.say("request", help=asked or scene.title, neighbourhood=scene.neighbourhood),
        scene.say("request.how"),
    )
    can, cannot = scene.offer("can", Verb.ACCEPT), scene.offer("not-this-time", Verb.DECLINE)
    return Sheet(text, ((can, cannot),))


def _plain(key: str) -> Writer:
    def write(scene: Scene) -> Sheet:
        return Sheet(scene.say(key))

    return write


def _waiting(scene: Scene) -> Sheet:
    return Sheet(scene.say("waiting"), ((scene.offer("cannot-after-all", Verb.DECLINE),),))


# --- the brief ----------------------------------------------------------------------------------


def _formed(scene: Scene) -> Mate:
    """The reader's place in a formed team; `NotForThem` where there is none."""
    if scene.mate is None or not scene.teamed:
        raise NotForThem("place and words are for members of a team of two or more only")
    return scene.mate


def _brief(scene: Scene) -> Sheet:
    _formed(scene)
    before = paragraphs(scene.heading, place(scene))
    after = _guidance(scene)
    room = TEXT_LIMIT - len(scene.mark) - len(before) - len(after) - 4
    told = reports(scene, scene.incident.team_words, room)
    have_it = scene.offer("have-it", Verb.HAVE_IT)
    cannot = scene.offer("cannot-after-all", Verb.DECLINE)
    return Sheet(paragraphs(before, told, after), ((have_it,), (cannot,)))


def _together(scene: Scene) -> str:
    mine = scene.role(scene.mate) if scene.mate else ""
    return lines(
        scene.say("with", mates=scene.listed(scene.partners)),
        scene.say("role", role=mine) if mine else "",
    )


def _guidance(scene: Scene) -> str:
    """All of a brief but what was told: from the network and its playbook, never cut."""
    playbook, language = scene.playbook, scene.language
    return paragraphs(
        _together(scene),
        scene.say("meet", meet=playbook.brief.meet.in_(language)),
        playbook.brief.text.in_(language),
        lines(scene.say("safety"), bullets(playbook.safety.in_(language))),
        lines(scene.say("disengage"), bullets(playbook.disengage.in_(language))),
        scene.say("silent", silent=playbook.silent.in_(language)),
        scene.say("brief.wait", span=scene.span(playbook.brief.within_s)),
    )


# --- out there --------------------------------------------------------------------------------


def _rows(scene: Scene) -> Rows:
    """What a member can tap now: about to go, out with others, held back, or on the way out."""
    mate = scene.mate
    if mate and mate.stage is Stage.OUT_SAFE:
        return ()
    if mate and mate.told_leave:
        return ((scene.offer("out", Verb.OUT),),)
    if mate and not mate.went:
        return _not_gone(scene, mate)
    check_in = scene.offer("check-in", Verb.CHECK_IN)
    leave = scene.offer("leave", Verb.LEAVE)
    if mate and (mate.held_back or not scene.teamed):
        return ((check_in,), (leave, scene.offer("out", Verb.OUT)))
    # Sent before, and now reading a new brief with a new partner: the answer to it stays at hand.
    unread = mate is not None and mate.stage is Stage.BRIEFED
    have_it: Rows = ((scene.offer("have-it", Verb.HAVE_IT),),) if unread else ()
    return (
        *have_it,
        (scene.offer("there", Verb.THERE), check_in),
        (scene.offer("more", Verb.MORE), leave),
        (scene.offer("done", Verb.DONE), scene.offer("cannot-go-on", Verb.DECLINE)),
    )


def _not_gone(scene: Scene, mate: Mate) -> Rows:
    cannot = (scene.offer("cannot-after-all", Verb.DECLINE),)
    if mate.stage is Stage.BRIEFED:
        return ((scene.offer("have-it", Verb.HAVE_IT),), cannot)
    return (cannot,)


def _now(scene: Scene) -> str:
    """Where the reader stands, as the end of a phrase's key."""
    mate = scene.mate
    if mate and mate.told_leave:
        return ".leaving"
    return ".not-gone" if mate and not mate.went else ""


def _next(scene: Scene) -> str:
    """When the next sign of life is expected."""
    mate = scene.mate
    if mate and mate.due:
        return scene.say("check-in.by", time=scene.clock(mate.due))
    return scene.say("check-in.every", span=scene.span(scene.playbook.check_in.every_s))


def _go(scene: Scene) -> Sheet:
    return Sheet(lines(scene.say("go"), _next(scene)), _rows(scene))


def _controls(scene: Scene) -> Sheet:
    noted = scene.param("noted")
    said = scene.say(f"noted.{noted}") if noted else scene.say("noted")
    return Sheet(lines(said, "" if _now(scene) else _next(scene)), _rows(scene))


def _team_changed(scene: Scene) -> Sheet:
    if not scene.teamed:
        return Sheet(scene.say("team-changed.alone"), _rows(scene))
    waits = scene.incident.state is State.BRIEFING
    text = paragraphs(
        lines(
            scene.say("team-changed", code=scene.code),
            _together(scene),
            scene.say("team-changed.wait") if waits else "",
        ),
        place(scene),
        reports(scene, scene.incident.team_words, _CHANGED_ROOM),
    )
    return Sheet(text, _rows(scene))


def _hold_back(scene: Scene) -> Sheet:
    mate = scene.mate
    if mate and not mate.went:
        return Sheet(scene.say("hold-back.not-gone"), _not_gone(scene, mate))
    check_in = scene.offer("check-in", Verb.CHECK_IN)
    leave, out = scene.offer("leave", Verb.LEAVE), scene.offer("out", Verb.OUT)
    when = scene.say("check-in.by", time=scene.clock(mate.due)) if mate and mate.due else ""
    return Sheet(lines(scene.say("hold-back"), when), ((check_in,), (leave, out)))


_FOR_THE_TEAM: Final = frozenset({"text", "mate"})
"""Updates that may hold a place or a report's words: nobody reads them alone (L1, L4)."""


def _update(scene: Scene) -> Sheet:
    what = scene.param("what") or "text"
    if what in _FOR_THE_TEAM and not scene.teamed:
        return Sheet(scene.say("update.later"))
    mate = scene.sign(scene.tell.about)
    told = quote(scene.param("text"), _UPDATE_LIMIT)
    return Sheet(lines(scene.say(f"update.{what}", code=scene.code, mate=mate), told))


def _media(scene: Scene) -> Sheet:
    _formed(scene)
    return Sheet(scene.say("media", code=scene.code))


def _nudge(scene: Scene) -> Sheet:
    again = scene.param("again")
    late = again.isdecimal() and int(again) > 1
    key = "nudge.leaving" if _now(scene) == ".leaving" else "nudge"
    return Sheet(lines(scene.say(key), scene.say("nudge.alarm") if late else ""), _rows(scene))


def _network_back(scene: Scene) -> Sheet:
    return Sheet(scene.say(f"back{_now(scene)}"), _rows(scene))


# --- the way out ------------------------------------------------------------------------------


def _unheard(scene: Scene) -> str:
    """Said where the same was told before, and no answer came."""
    return scene.say("unheard") if scene.param("again") else ""


def _leave(scene: Scene) -> Sheet:
    text = lines(scene.say("leave"), _unheard(scene))
    return Sheet(text, ((scene.offer("out", Verb.OUT),),))


def _stand_down(scene: Scene) -> Sheet:
    mate = scene.mate
    if mate is None or mate.stage is Stage.OUT_SAFE:
        return Sheet(scene.say("stand-down.free"))
    text = lines(scene.say("stand-down"), _unheard(scene))
    return Sheet(text, ((scene.offer("out", Verb.OUT),),))


def _thanks(scene: Scene) -> Sheet:
    return Sheet(scene.say("thanks"), ((scene.offer("hard", Verb.HARD),),))


def _debrief(scene: Scene) -> Sheet:
    others = [p for p in scene.incident.past if p != scene.reader.id]
    signs = ", ".join(scene.sign(person) for person in others)
    went = scene.say("debrief.with", mates=signs) if signs else ""
    text = scene.playbook.debrief.text.in_(scene.language)
    return Sheet(paragraphs(lines(scene.heading, went), text))


WRITERS: Final[dict[Card, Writer]] = {
    Card.PAGE: _page,
    Card.REQUEST: _request,
    Card.ENOUGH: _plain("enough"),
    Card.WAITING: _waiting,
    Card.RELEASED: _plain("released"),
    Card.BRIEF: _brief,
    Card.GO: _go,
    Card.CONTROLS: _controls,
    Card.TEAM_CHANGED: _team_changed,
    Card.HOLD_BACK: _hold_back,
    Card.UPDATE: _update,
    Card.MEDIA: _media,
    Card.NUDGE: _nudge,
    Card.LEAVE: _leave,
    Card.STAND_DOWN: _stand_down,
    Card.THANKS: _thanks,
    Card.DROPPED: _plain("dropped"),
    Card.LEFT: _plain("left"),
    Card.BACK: _network_back,
    Card.DEBRIEF: _debrief,
}
