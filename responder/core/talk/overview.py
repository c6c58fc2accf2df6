"""Incidents in chat, for coordinators: what is open, and one of them with all its buttons.

Rules it keeps
    * Nobody is shown an incident that they reported, or whose reporter they are kept apart from.
    * Whoever is, or was, in the team reads no state: it could tell them of somebody's duress.
    * One incident is its overview, brought anew to the end of the chat; the older one is taken
      back. It hangs on the incident's key, as the first one did.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from typing import Final

from responder.core.changes import Action
from responder.core.model import Incident, IncidentId, Role, State
from responder.core.phrases import say
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation

VERBS: Final = frozenset({Verb.INCIDENT})
_MOST: Final = 10


def incidents(talk: Conversation, arg: str) -> None:
    """`/incidents`: those that are open, with a button each; `/incidents K7`: that one."""
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    found = talk.world.by_code(arg) if arg else None
    if found is not None and _mine(talk, found):
        _show(talk, found)
    else:
        _list(talk)


def press(talk: Conversation, action: Action) -> None:
    """Show the incident whose button was tapped."""
    found = talk.world.incidents.get(IncidentId(action.arg))
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
    elif found is None or not _mine(talk, found):
        _list(talk)
    else:
        _show(talk, found)


def _mine(talk: Conversation, incident: Incident) -> bool:
    """Whether this coordinator may see it, and it is not over."""
    return incident.state is not State.CLOSED and talk.person.id in talk.world.coordinators(
        incident
    )


def _show(talk: Conversation, incident: Incident) -> None:
    talk.desk.bring_board(incident, talk.person)
    talk.desk.audit("incident.show", incident.id, talk.person.id)


def _list(talk: Conversation) -> None:
    language, world = talk.person.language, talk.world
    older = world.questions.of(talk.person.id)
    talk.desk.asking.close_where(older, lambda p: p.action.verb in VERBS)
    mine = sorted(
        (i for i in world.incidents.values() if _mine(talk, i)), key=lambda i: i.opened_at
    )[-_MOST:]
    lines = [say(language, "overview.list" if mine else "overview.none")]
    offers = []
    for number, incident in enumerate(mine, 1):
        # Where buttons carry codes, a number in the list would be taken for an answer's.
        lines.append(_line(talk, incident) if talk.unread else f"{number}. {_line(talk, incident)}")
        label = incident.code
        if not talk.unread:
            label = say(language, "member.button.show", number=number)
        offers.append(Offer(label=label, action=Action(verb=Verb.INCIDENT, arg=incident.id)))
    rows = tuple(tuple(offers[first : first + 3]) for first in range(0, len(offers), 3))
    counted = say(language, "overview.counted", number=len(mine))
    talk.reply(Reply(text="\n".join(lines), notice=counted, rows=rows, sealed=True))


def _line(talk: Conversation, incident: Incident) -> str:
    language, world = talk.person.language, talk.world
    place = world.neighbourhoods.get(incident.neighbourhood)
    playbook = world.playbook(incident.playbook)
    said = [
        f"{incident.code}: {playbook.title.in_(language)}",
        place.name if place else incident.neighbourhood,
    ]
    near = incident.mate(talk.person.id) is not None or talk.person.id in incident.past
    if not near:
        said.append(say(language, f"card.state.{incident.state}"))
    mark = say(language, "card.drill") + " " if incident.drill else ""
    return mark + ", ".join(said)
