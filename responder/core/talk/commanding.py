"""What commands and conversation presses change; many have a room of their own.

Rules it keeps
    * A member's command from anybody else gets one and the same answer.
    * A vouch code is made only for whoever may vouch.
    * `/cancel` and `/safe` never stand anybody down by themselves.

What it must not know
    Channels beyond their names, storage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import events, roster
from responder.core.changes import Action, JoinCode
from responder.core.model import (
    Incident,
    Level,
    Override,
    Role,
    Stage,
)
from responder.core.phrases import say
from responder.core.spoken import Reply, Verb
from responder.core.talk import (
    caring,
    chat,
    drilling,
    errands,
    explaining,
    forgetting,
    helping,
    joining,
    lessons,
    locking,
    managing,
    objecting,
    orders,
    overview,
    phones,
    pleas,
    rostering,
    to_a_person,
    turning,
    welcoming,
)
from responder.core.talk.commands import Command, Name, language_in
from responder.core.talk.conversation import Conversation
from responder.core.talk.naming import CODE_LASTS, join_code

_OFF_FOR: Final = timedelta(hours=12)
_ON_FOR: Final = timedelta(hours=4)

_ROOMS: Final[Mapping[str, Callable[[Conversation, Action], None]]] = {
    **dict.fromkeys(helping.VERBS, helping.press),
    **dict.fromkeys(rostering.VERBS, rostering.press),
    **dict.fromkeys(drilling.VERBS, drilling.press),
    **dict.fromkeys(managing.VERBS, managing.press),
    **dict.fromkeys(to_a_person.VERBS, to_a_person.press),
    **dict.fromkeys(orders.VERBS, orders.press),
    **dict.fromkeys(overview.VERBS, overview.press),
    **dict.fromkeys(errands.VERBS, errands.press),
    **dict.fromkeys(turning.VERBS, turning.press),
    **dict.fromkeys(objecting.VERBS, objecting.press),
}
"""Presses that have a room of their own."""


def command(talk: Conversation, given: Command) -> None:
    """Do what a command says."""
    _COMMANDS[given.name](talk, given.arg)


def press(talk: Conversation, action: Action) -> None:
    """Do what a press in a conversation means."""
    room = _ROOMS.get(action.verb)
    if room is not None:
        room(talk, action)
        return
    match action.verb:
        case Verb.LANGUAGE:
            _language(talk, action.arg)
        case Verb.NEW:
            text = talk.session.last_text
            talk.tell(text=text, anew=True)
        case Verb.FORGET:
            forgetting.forget(talk)
        case Verb.CANCEL:
            _cancel(talk, "")
        case Verb.SAFE:
            _safe(talk, "")
        case Verb.OFF:
            _off(talk, "")
        case Verb.LOCK:
            locking.press(talk)
        case Verb.PHONE_YES | Verb.PHONE_NO | Verb.PHONE_OFF:
            phones.press(talk, action.verb, action.arg)
        case Verb.WELCOME:
            welcoming.press(talk, action.arg)
        case Verb.REFUSE:
            forgetting.refuse(talk)
        case Verb.TRAINED | Verb.NOT_TRAINED:
            welcoming.judge(talk, action.verb, action.arg)
        case _:
            talk.tell(action=action)


# --- everybody ------------------------------------------------------------------------------------


def _rights(talk: Conversation, _: str) -> None:
    draft, reported = talk.session.draft, talk.reported
    kind = reported.kind if reported else draft.kind if draft else None
    talk.say(chat.rights_reply, tuple(talk.world.playbooks.values()), kind)


def _language(talk: Conversation, arg: str) -> None:
    language = language_in(arg)
    if language is None:
        talk.say(chat.language_reply, talk.world.network.languages)
        return
    talk.person = replace(talk.person, language=language, language_chosen=True)
    talk.desk.put(talk.person)
    talk.say(chat.language_set_reply)


# --- reporters ------------------------------------------------------------------------------------


def _report(talk: Conversation, arg: str) -> None:
    talk.tell(text=arg, anew=True)
    link, channel = talk.world.report_link, talk.inbound.channel
    if link and not arg and channel not in talk.world.private_channels:
        name = channel.capitalize()
        text = say(talk.person.language, "phone.report_privately", channel=name, link=link)
        talk.reply(Reply(text=text))


def _status(talk: Conversation, _: str) -> None:
    standing = _standing(talk) if talk.person.member else None
    talk.say(chat.status_reply, talk.reported, standing, talk.desk.at)


def _standing(talk: Conversation) -> chat.Standing:
    world, person, at = talk.world, talk.person, talk.desk.at
    on_call = [n for n in world.neighbourhoods.values() if person.id in world.on_call(n.id, at)]
    zone = roster.zone(_time_zone(talk))
    until = min(
        (c for n in on_call if (c := world.on_call_until(n.id, person.id, at))), default=None
    )
    coming = (world.on_call_from(n, person.id, at) for n in world.neighbourhoods)
    next_shift = None if on_call else min(filter(None, coming), default=None)
    care = world.cares.get(person.id)
    rest_until = care.rest_until if care and care.rest_until and care.rest_until > at else None
    team = talk.team
    return chat.Standing(
        on_call_until=until.astimezone(zone) if until else None,
        next_shift=next_shift.astimezone(zone) if next_shift else None,
        places=tuple(n.name for n in on_call),
        team=team.code if team else "",
        rest_until=rest_until.astimezone(zone) if rest_until else None,
        private=world.private(person),
    )


def _cancel(talk: Conversation, _: str) -> None:
    reported, draft = talk.reported, talk.session.draft
    if reported is None:
        if draft is None:
            talk.say(chat.no_report_reply)
            return
        pleas.over(talk.desk, draft.report)
        talk.desk.destroy(f"report:{draft.report}")
        talk.keep(draft=None, question=None, last_text="")
        talk.say(chat.cancelled_reply)
        return
    taken_back = events.ReporterCancelled(at=talk.desk.at, by=talk.person.id)
    talk.desk.apply(reported, taken_back)
    forgetting.let_go(talk)
    talk.say(chat.cancelled_reply, team=_has_team(reported))


def _safe(talk: Conversation, _: str) -> None:
    reported = talk.reported
    if reported is None:
        talk.say(chat.no_report_reply)
        return
    talk.desk.apply(reported, events.ReporterSafe(at=talk.desk.at, by=talk.person.id))
    talk.say(chat.safe_reply, team=_has_team(reported))


def _has_team(incident: Incident) -> bool:
    return any(m.stage is not Stage.OUT_SAFE for m in incident.team)


# --- members --------------------------------------------------------------------------------------


def _oncall(talk: Conversation, arg: str) -> None:
    person, at = talk.person, talk.desk.at
    if not person.has(Role.RESPONDER) and not person.has(Role.VERIFIER):
        talk.say(chat.not_member_reply)
        return
    time_zone = _time_zone(talk)
    until = roster.parse_until(arg, at, time_zone) if arg else at + _ON_FOR
    if until is None:
        talk.say(chat.bad_time_reply)
        return
    _override(talk, until, available=True)
    places = [n.name for n in map(talk.world.neighbourhoods.get, person.neighbourhoods) if n]
    talk.say(
        chat.oncall_reply,
        until.astimezone(roster.zone(time_zone)),
        places,
        talk.world.private(person),
        at,
    )
    welcoming.remind(talk)


def _off(talk: Conversation, _: str) -> None:
    if not talk.person.member:
        talk.say(chat.not_member_reply)
        return
    _override(talk, talk.desk.at + _OFF_FOR, available=False)
    talk.say(chat.off_reply)
    rostering.dropped_out(talk)


def _override(talk: Conversation, until: datetime, *, available: bool) -> None:
    at = talk.desk.at
    for old in talk.world.overrides():
        if old.person == talk.person.id and (old.end <= at or old.neighbourhood is None):
            talk.desk.delete(old)
    talk.desk.put(
        Override(
            id=talk.desk.ids.next(),
            person=talk.person.id,
            start=at,
            end=until,
            available=available,
            made_at=at,
        )
    )


def _time_zone(talk: Conversation) -> str:
    places = talk.person.neighbourhoods or tuple(talk.world.neighbourhoods)
    return talk.world.neighbourhoods[places[0]].time_zone if places else "UTC"


def _who(talk: Conversation, _: str) -> None:
    world = talk.world
    if not talk.person.member:
        talk.say(chat.not_member_reply)
        return
    watches = []
    for place in world.neighbourhoods.values():
        people = world.people(sorted(world.on_call(place.id, talk.desk.at)))
        watches.append(
            chat.Watch(
                neighbourhood=place.name,
                reached=tuple(p.call_sign for p in people if world.private(p)),
                unreached=tuple(p.call_sign for p in people if not world.private(p)),
            )
        )
    talk.say(chat.who_reply, watches)


def _vouch(talk: Conversation, arg: str) -> None:
    person, world = talk.person, talk.world
    if not person.member or world.level(person.id) is not Level.TRUSTED:
        talk.say(chat.not_member_reply)
        return
    if arg:
        other = world.by_call_sign(arg)
        if other is None or other.id == person.id:
            talk.say(chat.bad_code_reply)
            return
        managing.stand_for(talk, other)
        return
    code = join_code(talk.desk.ids.next())
    expires_at = talk.desk.at + CODE_LASTS
    talk.desk.put(JoinCode(code=code, expires_at=expires_at, vouched_by=person.id))
    talk.desk.audit("vouch.code", by=person.id)
    talk.say(chat.vouch_code_reply, code, CODE_LASTS.days)


# --- coordinators ---------------------------------------------------------------------------------


def _by_code(talk: Conversation, arg: str, verb: Verb) -> None:
    """`/end CODE reason` and `/note CODE words`, for a coordinator."""
    code, _, text = arg.strip().partition(" ")
    incident = talk.world.by_code(code) if code else None
    if incident is None:
        overview.incidents(talk, "")
        return
    if not talk.person.has(Role.COORDINATOR):
        talk.say(chat.not_member_reply)
        return
    if not text.strip():
        talk.await_words(Action(verb=verb, incident=incident.id))
        return
    at, by = talk.desk.at, talk.person.id
    event: events.Event = events.Noted(at=at, by=by, text=text.strip(), to_team=True)
    if verb is Verb.END:
        event = events.Ended(at=at, by=by, reason=text.strip())
    if talk.happen(incident.id, event) is None:
        talk.say(chat.noted_reply)


_COMMANDS: Final[Mapping[Name, Callable[[Conversation, str], None]]] = {
    Name.REPORT: _report,
    Name.STATUS: _status,
    Name.CANCEL: _cancel,
    Name.SAFE: _safe,
    Name.RIGHTS: _rights,
    Name.FORGET: forgetting.ask,
    Name.LANGUAGE: _language,
    Name.HELP: explaining.answer,
    Name.ONCALL: _oncall,
    Name.OFF: _off,
    Name.WHO: _who,
    Name.SHIFTS: turning.shifts,
    Name.COVERAGE: rostering.coverage,
    Name.CARE: caring.care,
    Name.AWAKE: caring.awake,
    Name.HANDOVER: caring.handover_note,
    Name.OFFER: helping.offer,
    Name.OFFERS: helping.offers,
    Name.DEVICES: phones.devices,
    Name.VOUCH: _vouch,
    Name.JOIN: joining.join,
    Name.START: joining.start,
    Name.WELCOME: welcoming.go_on,
    Name.END: lambda talk, arg: _by_code(talk, arg, Verb.END),
    Name.LOCK: locking.ask,
    Name.DRILL: drilling.command,
    Name.LESSON: lessons.command,
    Name.MEMBERS: managing.members,
    Name.TRUST: managing.trust,
    Name.EXPORT: orders.export,
    Name.INCIDENTS: overview.incidents,
    Name.PLAYBOOKS: errands.playbooks,
    Name.NUMBERS: errands.numbers,
    Name.NOTE: lambda talk, arg: _by_code(talk, arg, Verb.NOTE),
}
