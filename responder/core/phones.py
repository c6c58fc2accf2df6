"""A member's phone: registered, confirmed by somebody who knows, proved by opening a page.

Rules it keeps
    * A phone counts only when somebody compared its words (a coordinator, or the member over a
      private channel) and when it opened a probe from a bot's own button.
    * The proof is asked for again every week; a phone that stays silent stops counting.
    * Nobody confirms over the very channel that the phone is meant to protect.

What it must not know
    How pages are sealed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from responder.core import chat
from responder.core.changes import Action, Device, Message, Urgency
from responder.core.conversation import Conversation
from responder.core.desk import Desk
from responder.core.model import MessageId, Person, Role
from responder.core.phrases import say
from responder.core.spoken import Offer, PhoneSign, Reply, Verb

MOST: Final = 5
PROBE_EVERY: Final = timedelta(days=7)
PROBE_LASTS: Final = timedelta(days=2)
"""A probe that stays unopened for so long: the phone does not count any more."""


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
    """Those who may know compare the words: coordinators, and the member in private."""
    words = " ".join(device.words)
    for other in desk.world.members():
        if other.has(Role.COORDINATOR) and other.id != person.id:
            _ask(desk, other, device, "confirm", call_sign=person.call_sign, words=words)
    if any(a.channel in desk.world.private_channels for a in person.addresses):
        _ask(desk, person, device, "confirm_own", words=words)


def _ask(desk: Desk, to: Person, device: Device, key: str, **params: object) -> None:
    offers = tuple(
        Offer(label=say(to.language, f"phone.{name}"), action=Action(verb=verb, arg=device.id))
        for name, verb in (("yes", Verb.PHONE_YES), ("no", Verb.PHONE_NO))
    )
    text = say(to.language, f"phone.{key}", **params)
    notice = say(to.language, "desk.notice")
    desk.reply(to, Reply(text=text, notice=notice, rows=(offers,), sealed=True), "")


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
        if not ((own and private) or (coordinates and not own)):
            _say(talk, "other_channel")
        elif device.confirmed_at is None:
            _confirm(talk, device)
    elif own or coordinates:
        talk.desk.delete(device)
        talk.desk.audit("phone.remove", device.id, talk.person.id)
        _say(talk, "removed")


def _confirm(talk: Conversation, device: Device) -> None:
    confirmed = replace(device, confirmed_at=talk.desk.at, confirmed_by=talk.person.id)
    talk.desk.put(confirmed)
    talk.desk.audit("phone.confirm", device.id, talk.person.id)
    _say(talk, "confirmed")
    probe(talk.desk, confirmed)


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
    talk.desk.put(replace(device, proved_at=talk.desk.at, proof=""))
    _say(talk, "proved" if first else "proved_again")


def devices(talk: Conversation, _: str) -> None:
    """`/devices`: this member's phones, each with a button that takes it away."""
    if not talk.person.member:
        talk.say(chat.not_member_reply)
        return
    language = talk.person.language
    mine = talk.world.devices_of(talk.person.id)
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


def keep_proved(desk: Desk, at: datetime) -> None:
    """The weekly proof: phones are asked again, and those that stayed silent stop counting."""
    for device in tuple(desk.world.devices.values()):
        if device.confirmed_at is None:
            continue
        silent = bool(device.proof) and device.probed_at and at - device.probed_at >= PROBE_LASTS
        if silent and device.proved_at is not None:
            desk.put(replace(device, proved_at=None))
        last = max(filter(None, (device.probed_at, device.proved_at)), default=None)
        if last is None or at - last >= PROBE_EVERY:
            probe(desk, device)
