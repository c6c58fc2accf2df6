"""The words to reporters: what becomes of what they told.

Rules it keeps
    * They may go over any channel, so they hold no place, no word of a report and no code; what
      else helps and the follow-up come from the playbook, whoever writes one knows that.
    * Never who comes, nor how many.
    * A reporter whose report nobody confirmed learns nothing of a response from them.

What it must not know
    Call signs.
"""

from __future__ import annotations

from typing import Final

from responder.core.cards.scene import Rows, Scene, Sheet, Writer, lines, paragraphs
from responder.core.clean import quote
from responder.core.effects import Card
from responder.core.model import State
from responder.core.offering import ASKED_FROM
from responder.core.spoken import Verb

_QUESTION_LIMIT: Final = 1000


def _rows(scene: Scene) -> Rows:
    return ((scene.offer("safe", Verb.SAFE), scene.offer("cancel", Verb.CANCEL)),)


def _counts(scene: Scene) -> bool:
    """Whether this reporter's word stands: then they may hear of those who come."""
    source = scene.incident.source(scene.reader.id)
    return source is not None and source.counts


def _emergency(scene: Scene) -> str:
    told = scene.network.emergency
    return told.get(scene.language) or next(iter(told.values()), "")


def _kept(scene: Scene) -> str:
    """What is kept of a report that is over, and for how long."""
    retention = scene.playbook.retention
    kept_s = min(retention.reports_s, retention.incident_s)
    return scene.say("kept", span=scene.span(kept_s))


def _plain(key: str) -> Writer:
    def write(scene: Scene) -> Sheet:
        return Sheet(scene.say(key), _rows(scene))

    return write


def _in_own_words(key: str) -> Writer:
    """A card that the playbook may say in its own words."""

    def write(scene: Scene) -> Sheet:
        return Sheet(_said(scene, key), _rows(scene))

    return write


def _said(scene: Scene, key: str) -> str:
    own = scene.playbook.sayings.told(key.replace("-", "_"), scene.language)
    return own or scene.say(key)


def _on_the_way(scene: Scene) -> Sheet:
    minutes = scene.param("minutes")
    when = ""
    if minutes.isdecimal() and int(minutes) > 0:
        when = scene.say("on-the-way.when", time=scene.counted("minutes", int(minutes)))
    return Sheet(lines(_said(scene, "on-the-way"), when), _rows(scene))


def _had_to_leave(scene: Scene) -> Sheet:
    return Sheet(paragraphs(scene.say("had-to-leave"), _emergency(scene)), _rows(scene))


def _morning(scene: Scene) -> Sheet:
    """It is night where help is needed: what happens now, what later, and how to end it."""
    told = scene.say("morning", time=f"{ASKED_FROM:%H:%M}")
    return Sheet(paragraphs(told, _emergency(scene)), _rows(scene))


def _nobody(scene: Scene) -> Sheet:
    looking = scene.incident.state is State.PAGING
    still = scene.say("nobody.looking") if looking else ""
    if looking and scene.incident.morning:
        still = scene.say("nobody.morning", time=f"{ASKED_FROM:%H:%M}")
    text = paragraphs(
        lines(scene.say("nobody"), still),
        scene.playbook.elsewhere.in_(scene.language),
        _emergency(scene),
        "" if looking else _kept(scene),
    )
    return Sheet(text, _rows(scene) if looking else ())


def _expired(scene: Scene) -> Sheet:
    elsewhere = scene.playbook.elsewhere.in_(scene.language)
    return Sheet(paragraphs(scene.say("expired"), elsewhere, _emergency(scene), _kept(scene)))


def _over(scene: Scene) -> Sheet:
    went = _counts(scene) and bool(scene.incident.past)
    asks, rows = _follow_up_offer(scene)
    said = scene.say("over.responded" if went else "over")
    return Sheet(paragraphs(said, _kept(scene), asks), rows)


def _follow_up_offer(scene: Scene) -> tuple[str, Rows]:
    """The question whether somebody may ask after them, where it is still open."""
    follow_up = scene.playbook.follow_up
    source = scene.incident.source(scene.reader.id)
    open_still = scene.incident.state is not State.CLOSED
    if not (follow_up and source and source.counts and open_still):
        return "", ()
    if source.follow_up:
        return scene.say("follow-up.promised"), ()
    yes = scene.offer("follow-up.yes", Verb.FOLLOW_UP, "yes")
    no = scene.offer("follow-up.no", Verb.FOLLOW_UP, "no")
    return follow_up.offer.in_(scene.language), ((yes, no),)


def _follow_up(scene: Scene) -> Sheet:
    follow_up = scene.playbook.follow_up
    words = follow_up.text.in_(scene.language) if follow_up else scene.say("follow-up")
    return Sheet(paragraphs(scene.say("follow-up.from", network=scene.network.name), words))


def _question(scene: Scene) -> Sheet:
    asked = quote(scene.param("text"), _QUESTION_LIMIT)
    return Sheet(lines(scene.say("question"), asked, scene.say("question.how")), _rows(scene))


def _back(scene: Scene) -> Sheet:
    """What became of it while the network was away, as far as this reporter may know."""
    state = scene.incident.state
    known = state.value if _counts(scene) else State.HELD.value
    if state in (State.AFTERCARE, State.CLOSED):
        return Sheet(lines(scene.say("reporter-back"), scene.say("reporter-back.over")))
    return Sheet(
        lines(scene.say("reporter-back"), scene.say(f"reporter-back.{known}")), _rows(scene)
    )


WRITERS: Final[dict[Card, Writer]] = {
    Card.HELD: _plain("held"),
    Card.ASKED: _in_own_words("asked"),
    Card.MORNING: _morning,
    Card.JOINED: _plain("joined"),
    Card.ON_THE_WAY: _on_the_way,
    Card.THERE: _in_own_words("there"),
    Card.HAD_TO_LEAVE: _had_to_leave,
    Card.NOBODY: _nobody,
    Card.OVER: _over,
    Card.EXPIRED: _expired,
    Card.QUESTION: _question,
    Card.FOLLOW_UP: _follow_up,
    Card.REPORTER_BACK: _back,
}
