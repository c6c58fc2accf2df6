"""How somebody joins with a code: a member's own address, or a vouch for a stranger.

Rules it keeps
    * A code works once; a vouch counts only from whoever may give one.
    * A stranger who turns out to be a member is one person with them from then on.

What it must not know
    Channels beyond their names, storage.
"""

from __future__ import annotations

from msgspec.structs import replace

from responder.core import events, membership
from responder.core.changes import JoinCode
from responder.core.model import Address, Person
from responder.core.phrases import say
from responder.core.spoken import Reply
from responder.core.talk import chat, pleas, welcoming
from responder.core.talk.conversation import Conversation


def start(talk: Conversation, arg: str) -> None:
    """`/start`, with a code or without: a link of an invitation sends it."""
    if arg:
        join(talk, arg)
    else:
        talk.tell()


def join(talk: Conversation, arg: str) -> None:
    """`/join CODE`: become a member, or gain the word of whoever made the code."""
    code = talk.world.codes.get(arg.strip().casefold())
    if code is None or code.expires_at <= talk.desk.at:
        talk.say(chat.bad_code_reply)
        return
    if code.person is not None:
        _redeem(talk, code)
        return
    by = talk.world.person(code.vouched_by) if code.vouched_by else None
    if by is None or by.id == talk.person.id:
        talk.say(chat.bad_code_reply)
        return
    talk.desk.delete(code)
    membership.vouch(talk.desk, talk.person, by.id)
    talk.desk.audit("vouch", talk.person.id, by.id)
    talk.say(chat.vouched_reply)


def _redeem(talk: Conversation, code: JoinCode) -> None:
    """Tie the address that this came from to the member whom the code was made for."""
    member = talk.world.person(code.person) if code.person else None
    stranger = talk.person
    if member is None or member.removed or (stranger.member and stranger.id != member.id):
        talk.say(chat.bad_code_reply)
        return
    talk.desk.delete(code)
    first = not member.addresses
    here = Address(channel=talk.inbound.channel, handle=talk.inbound.handle)
    others = tuple(
        a for a in member.addresses if (a.channel, a.handle) != (here.channel, here.handle)
    )
    language = member.language if member.language_chosen else stranger.language
    member = replace(member, addresses=(*others, here), language=language)
    if stranger.id != member.id:
        talk.desk.put(replace(stranger, addresses=()))
        talk.desk.put(member)
        _fold_in(talk, stranger, member)
        member = talk.world.everybody[member.id]
    talk.person = member
    talk.desk.put(member)
    talk.desk.audit("member.join", member.id, member.id, detail=here.channel)
    talk.session = talk.desk.session(member.id, talk.inbound.channel)
    talk.keep(channel=talk.inbound.channel, active_at=talk.desk.at)
    named = member.call_sign if here.channel in talk.world.private_channels else ""
    talk.say(chat.joined_reply, named, talk.world.private(member))
    if talk.world.pager_link and not talk.world.private(member):
        text = say(member.language, "phone.instead", link=talk.world.pager_link)
        talk.reply(Reply(text=text))
    welcoming.begin(talk, first=first)


def _fold_in(talk: Conversation, stranger: Person, member: Person) -> None:
    """The stranger at this address turns out to be a member: from now on they are one person.

    What the stranger reported, the member has reported; whoever is kept apart from the one is
    kept apart from the other. Otherwise somebody could verify, or answer, their own report.
    """
    desk, world = talk.desk, talk.world
    desk.asking.close_all(stranger.id)
    pleas.follow(desk, stranger.id, member.id)
    for other in tuple(world.everybody.values()):
        if stranger.id in other.keep_apart:
            apart = tuple(member.id if p == stranger.id else p for p in other.keep_apart)
            desk.put(replace(other, keep_apart=tuple(dict.fromkeys(apart))))
    for report in tuple(world.reports.values()):
        if report.reporter == stranger.id:
            desk.put(replace(report, reporter=member.id))
    told = world.sessions.get(stranger.id)
    if told is not None:
        desk.delete(told)
        if told.draft is not None or told.incident is not None:
            mine = desk.session(member.id, talk.inbound.channel)
            if mine.draft is None and mine.incident is None:
                desk.put(replace(mine, draft=told.draft, incident=told.incident))
    for incident in tuple(world.incidents.values()):
        known = events.Identified(at=desk.at, old=stranger.id, new=member.id)
        desk.apply(incident, known)
    desk.delete(stranger)
    desk.destroy(f"person:{stranger.id}")
