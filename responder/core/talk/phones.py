"""A member's phone: registered, confirmed by somebody who knows, proved by opening a page.

Rules it keeps
    * A phone counts only when somebody compared its words (a coordinator, or the member over a
      private channel) and when it opened a probe from a bot's own button.
    * The proof is asked for again every week; a phone that stays silent stops counting, and its
      owner hears of it. So does one on which several messages in a row stayed unopened.
    * Nobody confirms over a channel that others read, coordinators neither: whoever reads it
      could press the button as well, for a phone of their own.
    * A phone goes with its owner: nothing is sealed for somebody who left.

What it must not know
    How pages are sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Action, Device
from responder.core.desk import Desk
from responder.core.messages import Message, Urgency
from responder.core.model import MessageId, Person, PersonId, Role
from responder.core.phrases import say
from responder.core.spoken import Offer, PhoneSign, Reply, Verb
from responder.core.talk import chat
from responder.core.talk.conversation import Conversation

FACTS: Final = "pager-facts"
"""The setting that holds the public facts of the pager, as JSON."""
MOST: Final = 5
PROBE_EVERY: Final = timedelta(days=7)
PROBE_LASTS: Final = timedelta(days=2)
"""A probe that stays unopened for so long: the phone does not count any more."""
UNCONFIRMED_LASTS: Final = timedelta(days=7)
"""Whoever reads a channel can register keys in a member's name: they must not take all places."""
UNOPENED_MOST: Final = 3
"""So many messages in a row that had to go another way: what comes next had better begin there.
One is a phone in another room, two are bad luck."""


def sign(talk: Conversation, phone: PhoneSign) -> None:
    """What a phone said through the bot."""
    if phone.unfinished or phone.unopened:
        _say(talk, "report_goes_on" if phone.unfinished else "report_unopened")
    elif not talk.person.member:
        talk.say(chat.not_member_reply)
    elif phone.proof:
        _prove(talk, phone.proof)
    elif phone.other_network:
        _say(talk, "other_network")
    else:
        _register(talk, phone)


def _say(talk: Conversation, key: str, **params: object) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"phone.{key}", **params)))


def _register(talk: Conversation, phone: PhoneSign) -> None:
    world, person, desk = talk.world, talk.person, talk.desk
    mine = world.devices_of(person.id)
    known = next((d for d in mine if d.key == phone.key), None)
    if known is None and len(mine) >= MOST:
        _say(talk, "too_many", most=MOST)
        return
    if not phone.words:
        # They joined a moment ago, when the words were still nobody's to compute.
        _say(talk, "other_network")
        return
    device = known or Device(
        id=desk.ids.next(),
        person=person.id,
        key=phone.key,
        words=phone.words,
        registered_at=desk.at,
    )
    desk.put(device)
    desk.audit("phone.register", device.id, person.id)
    _say(talk, "registered", words=" ".join(device.words))
    if device.confirmed_at is None:
        _ask_whether(desk, person, device)
    else:
        probe(desk, device)


def _ask_whether(desk: Desk, person: Person, device: Device) -> None:
    """Those who may know compare the words: coordinators and the member, each in private."""
    words = " ".join(device.words)
    for other in desk.world.members():
        if other.has(Role.COORDINATOR) and other.id != person.id:
            _ask(desk, other, device, "confirm", call_sign=person.call_sign, words=words)
    _ask(desk, person, device, "confirm_own", words=words)


def _ask(desk: Desk, to: Person, device: Device, key: str, **params: object) -> None:
    """Ask over a channel on which the answer counts; whoever has none is not asked."""
    private = desk.world.private_channels
    there = next((a.channel for a in to.addresses if a.channel in private and not a.dead), None)
    if there is None:
        return
    offers = tuple(
        Offer(label=say(to.language, f"phone.{name}"), action=Action(verb=verb, arg=device.id))
        for name, verb in (("yes", Verb.PHONE_YES), ("no", Verb.PHONE_NO))
    )
    text = say(to.language, f"phone.{key}", **params)
    notice = say(to.language, "desk.notice")
    reply = Reply(text=text, notice=notice, rows=(offers,), sealed=True)
    _send(desk, to, reply, there, only=True)


def _send(desk: Desk, to: Person, reply: Reply, channel: str, *, only: bool) -> None:
    """A reply that nobody waits for in a conversation: over that channel only, or over any."""
    desk.reply(to, reply, channel)
    desk.changes.messages[-1] = replace(desk.changes.messages[-1], only=only)


def press(talk: Conversation, verb: str, device_id: str) -> None:
    """Somebody says whether a phone is theirs, or that it is lost."""
    device = talk.world.devices.get(device_id)
    if device is None:
        _say(talk, "gone")
        return
    own = device.person == talk.person.id
    coordinates = talk.person.has(Role.COORDINATOR)
    private = talk.inbound.channel in talk.world.private_channels
    if verb == Verb.PHONE_YES:
        if not (private and (own or coordinates)):
            _say(talk, "other_channel")
        elif device.confirmed_at is None:
            confirm(talk.desk, device, talk.person.id)
            _say(talk, "confirmed")
        else:
            _say(talk, "already")
    elif own or coordinates:
        revoke(talk.desk, device, talk.person.id)
        _say(talk, "removed")


def confirm(desk: Desk, device: Device, by: PersonId | None) -> None:
    """Somebody compared the words; `by` None: at the machine. The phone is tried out at once."""
    confirmed = replace(device, confirmed_at=desk.at, confirmed_by=by)
    desk.put(confirmed)
    desk.audit("phone.confirm", device.id, by)
    probe(desk, confirmed)


def revoke(desk: Desk, device: Device, by: PersonId | None) -> None:
    """Take a phone away; its owner hears of it where somebody else did so."""
    desk.delete(device)
    desk.audit("phone.remove", device.id, by)
    owner = desk.world.person(device.person)
    if by != device.person and owner is not None and owner.member:
        _tell(desk, owner, "taken", words=" ".join(device.words))


def _tell(desk: Desk, owner: Person, key: str, **params: object) -> None:
    """A word about a phone that nobody asked for; it says nothing that others may not read."""
    reply = Reply(text=say(owner.language, f"phone.{key}", **params))
    _send(desk, owner, reply, "", only=False)


def probe(desk: Desk, device: Device) -> None:
    """Send a sealed page to this phone alone; opening it brings its token back."""
    person = desk.world.person(device.person)
    if person is None:
        return
    token = desk.ids.next()
    desk.put(replace(device, proof=token, probed_at=desk.at))
    desk.changes.messages.append(
        Message(
            id=MessageId(desk.ids.next()),
            to=person.id,
            card="probe",
            text=token,
            notice=say(person.language, "phone.probe"),
            created_at=desk.at,
            expires_at=desk.at + PROBE_LASTS,
            sealed_under=f"person:{person.id}",
            urgency=Urgency.NEWS,
            device=device.id,
            thread=f"probe.{device.id}",
        )
    )


def _prove(talk: Conversation, token: str) -> None:
    device = next(
        (d for d in talk.world.devices_of(talk.person.id) if d.proof and d.proof == token), None
    )
    if device is None:
        _say(talk, "old_probe")
        return
    first = device.proved_at is None
    talk.desk.put(replace(device, proved_at=talk.desk.at, proof="", unopened=0))
    _say(talk, "proved" if first else "proved_again")


def unopened(desk: Desk, owner: Person, since: datetime) -> None:
    """What was sealed for this member's phones at `since` went another way: nobody answered it."""
    for device in desk.world.phones(owner.id):
        if device.proved_at is None or device.proved_at > since:
            continue
        times = device.unopened + 1
        if times < UNOPENED_MOST:
            desk.put(replace(device, unopened=times))
            continue
        asleep = replace(device, unopened=0, proved_at=None)
        desk.put(asleep)
        desk.audit("phone.unopened", device.id)
        _tell(desk, owner, "unopened", words=" ".join(device.words), times=times)
        probe(desk, asleep)


def answered(talk: Conversation) -> None:
    """They answered where their phones open what is sealed: nothing is counted against these."""
    for device in talk.world.phones(talk.person.id):
        if device.unopened:
            talk.desk.put(replace(device, unopened=0))


def facts(desk: Desk, _: Mapping[str, object]) -> object:
    """What the pager's page holds, all of it public; None where this network has no pager."""
    return json.loads(desk.world.settings.get(FACTS, "null"))


def devices(talk: Conversation, _: str) -> None:
    """`/devices`: this member's phones, each with a button that takes it away."""
    if not talk.person.member:
        talk.say(chat.not_member_reply)
        return
    language = talk.person.language
    mine = talk.world.devices_of(talk.person.id)
    for device in mine:
        if device.confirmed_at and device.proved_at is None and _silent(device, talk.desk.at):
            probe(talk.desk, device)
    lines = [say(language, "phone.list" if mine else "phone.none")]
    rows = []
    for number, device in enumerate(mine, 1):
        state = "works" if device.proved_at else "unproved" if device.confirmed_at else "new"
        lines.append(
            say(
                language,
                f"phone.list.{state}",
                number=number,
                words=" ".join(device.words),
                day=f"{device.registered_at:%Y-%m-%d}",
            )
        )
        label = say(language, "phone.off", number=number)
        rows.append((Offer(label=label, action=Action(verb=Verb.PHONE_OFF, arg=device.id)),))
    if talk.world.pager_link:
        lines.append(say(language, "phone.how", link=talk.world.pager_link))
    talk.reply(Reply(text="\n".join(lines), rows=tuple(rows)))


def keep_proved(desk: Desk, devices: Iterable[Device]) -> None:
    """The weekly proof: phones are asked again, and those that stayed silent stop counting.

    Those that nobody confirmed in all that time are let go of.
    """
    for device in devices:
        owner = desk.world.person(device.person)
        if owner is None or not owner.member:
            desk.delete(device)
        elif device.confirmed_at is not None:
            _keep_proved(desk, device, owner)
        elif desk.at - device.registered_at >= UNCONFIRMED_LASTS:
            desk.delete(device)
            desk.audit("phone.lapsed", device.id)
            _tell(desk, owner, "lapsed", words=" ".join(device.words))


def _keep_proved(desk: Desk, device: Device, owner: Person) -> None:
    if device.proved_at is not None and _silent(device, desk.at):
        device = replace(device, proved_at=None)
        desk.put(device)
        desk.audit("phone.silent", device.id)
        _tell(desk, owner, "silent", words=" ".join(device.words))
    last = max(filter(None, (device.probed_at, device.proved_at)), default=None)
    if last is None or desk.at - last >= PROBE_EVERY:
        probe(desk, device)


def _silent(device: Device, at: datetime) -> bool:
    """Whether the last probe should have been opened by now, and was not."""
    waited = device.probed_at is not None and at - device.probed_at >= PROBE_LASTS
    return bool(device.proof) and waited
