"""Members' phones: what they say through a bot, and what is sealed for them.

What it is for
    The keys of the pager live here. A start value that is a phone's registration, an answer to a
    probe or a private report is read before the core sees the message; a message that leaves over
    a channel that others read is sealed for each phone of its reader.

Rules it keeps
    * The network's signing and report keys are made once and kept sealed in the store.
    * What is sealed for one phone opens on no other, and not after it expired.

What it must not know
    Who may read what: that was decided before.
"""

from __future__ import annotations

import base64
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from responder.config import Settings
from responder.core.changes import Changes, Device, Message, Setting
from responder.core.events import Card
from responder.core.model import Person
from responder.core.phrases import say
from responder.core.spoken import PhoneSign
from responder.core.world import World
from responder.ports import Inbound, Option, Rejected
from responder.sealed_pages import (
    DeviceKey,
    Layout,
    OtherNetwork,
    PageContent,
    PagerError,
    PagerFacts,
    PrivateReport,
    Purpose,
    ReportKey,
    ReportPart,
    SigningKey,
    Unopenable,
    collect,
    fingerprint_words,
    open_report,
    parse_probe,
    parse_registration,
    report_parts,
    seal_page,
)
from responder.store import Store

KEYS: Final = "pager-keys"
SHOWN_FOR: Final = timedelta(hours=12)
"""How long a page can be read that does not say so itself."""
HALF_TOLD: Final = 200
"""Private reports of which some parts are still to come, over all people."""

_OVER: Final = frozenset(
    {Card.ENOUGH, Card.RELEASED, Card.LEFT, Card.STAND_DOWN, Card.LEAVE, Card.THANKS}
)
_FOR_THE_DESK: Final = frozenset(
    {Card.VERIFY, Card.VERIFY_MORE, Card.VERIFY_CLOSED, Card.BOARD, Card.ALARM, Card.UNREACHED}
)


class Phones:
    """The pager's keys, and all that is done with them."""

    def __init__(self, facts: PagerFacts, signer: SigningKey, reports: ReportKey) -> None:
        self.facts = facts
        self._signer = signer
        self._reports = reports
        self._half_told: OrderedDict[tuple[str, str, str], list[ReportPart]] = OrderedDict()

    # --- what comes in --------------------------------------------------------------------------

    def read(self, message: Inbound) -> Inbound:
        """The message with what a phone's pager put into it; others as they are."""
        text = message.text.strip()
        start = text.removeprefix("/start").strip()
        proof = parse_probe(start)
        if proof is not None:
            return replace(message, text="", phone=PhoneSign(proof=proof))
        try:
            device = parse_registration(start, self.facts)
        except OtherNetwork:
            return replace(message, text="", phone=PhoneSign(other_network=True))
        if device is not None:
            sign = PhoneSign(key=_text(device.public), words=fingerprint_words(device))
            return replace(message, text="", phone=sign)
        parts = report_parts(text)
        return self._report(message, parts) if parts else message

    def _report(self, message: Inbound, parts: Sequence[ReportPart]) -> Inbound:
        """A private report, opened once all of it is there; until then its parts wait here."""
        where = (message.channel, message.handle, parts[-1].id)
        told = self._half_told.setdefault(where, [])
        told += [part for part in parts if part.id == parts[-1].id]
        while len(self._half_told) > HALF_TOLD:
            self._half_told.popitem(last=False)
        whole = collect(told)
        if whole is None:
            return replace(message, text="", phone=PhoneSign(unfinished=True))
        del self._half_told[where]
        try:
            report = open_report(whole, self._reports, self.facts)
        except Unopenable:
            return replace(message, text="", phone=PhoneSign(unopened=True))
        return replace(message, text=_told(report), language=report.language)

    # --- what goes out --------------------------------------------------------------------------

    def sealer(
        self, world: Callable[[], World], now: Callable[[], datetime]
    ) -> Callable[[Message], tuple[Option, ...]]:
        """What the outbox calls for a message that leaves over a channel that others read."""

        def seal(message: Message) -> tuple[Option, ...]:
            person = world().person(message.to)
            if person is None:
                raise Rejected("nobody is there to seal for")
            if message.device:
                device = world().devices.get(message.device)
                devices: tuple[Device, ...] = (device,) if device else ()
            else:
                devices = world().phones(person.id)
            return self._links(message, person, devices, now())

        return seal

    def _links(
        self, message: Message, person: Person, devices: tuple[Device, ...], at: datetime
    ) -> tuple[Option, ...]:
        content = self._content(message, person)
        purpose: Purpose = "page"
        if content.layout == "probe":
            purpose = "probe"
        elif content.layout == "card":
            purpose = "card"
        try:
            links = [
                link
                for device in devices
                for link in seal_page(
                    content,
                    device=DeviceKey(public=_bytes(device.key)),
                    person_tag=_tag(person.id),
                    purpose=purpose,
                    sequence=int(max(at, message.created_at).timestamp() * 1000),
                    facts=self.facts,
                    signer=self._signer,
                )
            ]
        except PagerError as error:
            raise Rejected("this cannot be sealed for a phone") from error
        if not links:
            raise Rejected("there is no phone to seal for")
        return tuple(_option(person.language, number, link) for number, link in enumerate(links, 1))

    def _content(self, message: Message, person: Person) -> PageContent:
        title, _, rest = message.text.partition("\n")
        expires_at = message.created_at + SHOWN_FOR
        if message.expires_at is not None and message.card in (Card.PAGE, "probe"):
            expires_at = message.expires_at
        if message.card == "probe":
            return PageContent(
                thread=message.thread,
                layout="probe",
                language=person.language,
                expires_at=expires_at,
                token=message.text,
            )
        return PageContent(
            thread=_thread(message),
            layout=_layout(message.card),
            language=person.language,
            expires_at=expires_at,
            title=title[:200],
            place=message.place,
            pin=message.pin,
            lines=tuple(p for p in rest.split("\n\n") if p.strip()),
        )


def _thread(message: Message) -> str:
    """What later messages supersede: pages and briefs of one incident are one thing."""
    if message.incident is None:
        return message.id[:64]
    name = message.thread.rpartition(".")[2] or message.card
    if message.card in _OVER or message.card in (Card.PAGE, Card.WAITING, Card.BRIEF):
        name = "call"
    elif message.card == Card.UPDATE:
        return message.id[:64]
    return f"{message.incident}.{name}"[:64]


def _layout(card: str) -> Layout:
    if card in _OVER:
        return "over"
    if card in _FOR_THE_DESK:
        return "card"
    return "brief" if card == Card.BRIEF else "page"


def _option(language: str, number: int, link: str) -> Option:
    key = "phone.open" if number == 1 else "phone.open_more"
    return Option(label=say(language, key, number=number), url=link)


def _tag(person: str) -> str:
    """What a phone knows its owner by; tells nobody which member that is."""
    return blake2b(person.encode(), digest_size=12, person=b"pager-tag").hexdigest()


def _told(report: PrivateReport) -> str:
    return "\n".join(t for t in (report.kind, report.words, report.place) if t.strip())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def open_phones(settings: Settings, store: Store, world: World) -> Phones | None:
    """The pager of this network, its keys made where there are none; None where it has no address.

    The keys stand in the store, sealed like everything else.
    """
    if settings.pager.url is None:
        return None
    stored = world.settings.get(KEYS)
    if stored is None:
        names = ("network", "sign", "report")
        stored = json.dumps({name: _text(os.urandom(32)) for name in names})
        changes = Changes()
        changes.put(Setting(name=KEYS, value=stored))
        await store.commit(changes)
        world.put(Setting(name=KEYS, value=stored))
    keys = json.loads(stored)
    signer, reports = SigningKey(_bytes(keys["sign"])), ReportKey(_bytes(keys["report"]))
    name = settings.telegram.bot_name
    facts = PagerFacts(
        network_id=keys["network"],
        name=settings.network.name,
        pager_url=settings.pager.url,
        bot_link=f"https://t.me/{name}" if name else "",
        sign_public=signer.public,
        report_public=reports.public,
        languages=tuple(settings.network.languages),
        emergency=dict(settings.network.emergency_line),
    )
    return Phones(facts, signer, reports)
