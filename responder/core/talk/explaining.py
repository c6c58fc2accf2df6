"""`/help`: what this person may do now, and nothing else; it fits one screen of a phone.

Rules it keeps
    * It names what would be answered now: no `/safe` without a report, no `/end` without an
      incident, no `/lock` where locking would lock nothing.
    * What somebody is here for is explained; the rest is named, and `/help NAME` explains it.
    * A stranger reads nothing of what members may do.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from responder.core.model import Level, Role, State
from responder.core.phrases import say
from responder.core.spoken import Reply
from responder.core.talk import chat
from responder.core.talk.commands import SLASH_ONLY, Name, named, shown_name
from responder.core.talk.conversation import Conversation

SLASHLESS: Final = frozenset({"signal", "terminal"})
"""Channels on which people know no slash: a bare command word counts."""
_ALWAYS: Final = (Name.RIGHTS, Name.FORGET, Name.LANGUAGE)
_OPEN_ONLY: Final = (Name.NOTE, Name.END)


def answer(talk: Conversation, arg: str) -> None:
    """How to report, whom to call, and the commands that this person may use now."""
    person, level = talk.person, talk.world.level(talk.person.id)
    language, groups = person.language, commands_for(talk)
    asked = named(arg)
    if asked is not None and any(asked in group for group in groups):
        talk.reply(Reply(text=_line(talk, asked)))
        return
    network = talk.world.network
    parts = []
    if level is Level.BLOCKED:
        parts.append(say(language, "chat.help.intro_blocked", network=network.name))
    elif not person.member:
        parts.append(say(language, "chat.help.intro", network=network.name))
    parts.append(chat.emergency_line(network, language))
    parts.append("\n".join(_line(talk, name) for name in groups[0]))
    also = [_shown(talk, name) for group in groups[1:] for name in group]
    if also:
        parts.append(say(language, "explain.also", names=" ".join(also), help=_help(talk)))
    talk.reply(Reply(text="\n\n".join(parts)))


def _line(talk: Conversation, name: Name) -> str:
    language = talk.person.language
    what = say(language, f"chat.help.{name}")
    return say(language, "chat.help.command", command=_shown(talk, name), what=what)


def _shown(talk: Conversation, name: Name) -> str:
    bare = talk.inbound.channel in SLASHLESS and name not in SLASH_ONLY
    return ("" if bare else "/") + shown_name(talk.person.language, name)


def _help(talk: Conversation) -> str:
    return "/" + shown_name(talk.person.language, Name.HELP)


# --- who may what, now ----------------------------------------------------------------------------


def commands_for(talk: Conversation) -> tuple[tuple[Name, ...], ...]:
    """The commands that would be answered now, in groups; the first is what the person is for."""
    person, level = talk.person, talk.world.level(talk.person.id)
    reporting = _for_reporters(talk)
    if level is Level.BLOCKED:
        return (_ALWAYS,)
    if not person.member:
        return ((*reporting, *_ALWAYS, Name.JOIN),)
    groups = [_for_members(talk), (Name.REPORT, *reporting[1:]), (*_ALWAYS, Name.JOIN)]
    if person.has(Role.COORDINATOR):
        groups.insert(0, _for_coordinators(talk))
    return tuple(group for group in groups if group)


def _for_reporters(talk: Conversation) -> tuple[Name, ...]:
    """To report, and what can be said of a report that is open."""
    found = [Name.REPORT]
    if talk.reported is not None or talk.person.member:
        found.append(Name.STATUS)
    if talk.reported is not None:
        found.append(Name.SAFE)
    if talk.reported is not None or talk.session.draft is not None:
        found.append(Name.CANCEL)
    return tuple(found)


def _for_members(talk: Conversation) -> tuple[Name, ...]:
    person = talk.person
    found: list[Name] = [Name.WELCOME] if person.welcome else []
    if person.has(Role.RESPONDER) or person.has(Role.VERIFIER):
        found.append(Name.ONCALL)
    found.append(Name.OFF)
    if person.roles:
        found.append(Name.SHIFTS)
    if person.has(Role.RESPONDER):
        found.append(Name.AWAKE)
        if any(p.offers and p.offers.answers for p in talk.world.playbooks.values()):
            found.append(Name.OFFER)
    if person.has(Role.RESPONDER) or person.has(Role.COORDINATOR):
        found.append(Name.OFFERS)
    found += [Name.WHO, Name.COVERAGE, Name.CARE]
    if talk.world.pager_link or talk.world.devices_of(person.id):
        found.append(Name.DEVICES)
    if talk.world.level(person.id) is Level.TRUSTED:
        found.append(Name.VOUCH)
    return tuple(found)


def _for_coordinators(talk: Conversation) -> tuple[Name, ...]:
    world = talk.world
    mine = [i for i in world.incidents.values() if talk.person.id in world.coordinators(i)]
    found = [Name.INCIDENTS]
    if any(i.state is not State.CLOSED for i in mine):
        found += _OPEN_ONLY
    if mine:
        found.append(Name.LESSON)
    found += [Name.MEMBERS, Name.TRUST, Name.DRILL, Name.HANDOVER, Name.PLAYBOOKS, Name.NUMBERS]
    if any(_others(talk)):
        found.append(Name.EXPORT)
    if world.lockable:
        found.append(Name.LOCK)
    return tuple(found)


def _others(talk: Conversation) -> Iterable[object]:
    """The other coordinators: without one nothing that takes two can be ordered."""
    return (p for p in talk.world.with_role(Role.COORDINATOR) if p.id != talk.person.id)
