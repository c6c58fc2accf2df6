"""Members' phones: what they say through a bot, and what is sealed for them.

What it is for
    The keys of the pager live here. A start value that is a phone's registration, an answer to a
    probe or a private report is read before the core sees the message; a message that leaves over
    a channel that others read is sealed for each phone of its reader.

Rules it keeps
    * The network's signing and report keys are made once and kept sealed in the store.
    * What is sealed for one phone opens on no other, and not after it expired.
    * Pictures and voice are named by parcels, for that one phone alone and as long as the page.
    * Nothing that somebody tells is kept here: parts of a private report wait sealed in the store.

What it must not know
    Who may read what: that was decided before.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from responder.config import Settings
from responder.core.cards import MANNERS
from responder.core.changes import Changes, Device, Setting, piece_id
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import Media, MediaKind, Person
from responder.core.phrases import say
from responder.core.spoken import PhoneSign, ToldPart
from responder.core.talk.phones import FACTS
from responder.core.world import World
from responder.ports import Inbound, Option, Rejected
from responder.sealed.contents import OVER, page_of
from responder.sealed.framing import PagerError
from responder.sealed.pages import (
    DeviceKey,
    Layout,
    OtherNetwork,
    PageContent,
    PagerFacts,
    Purpose,
    SigningKey,
    fingerprint_words,
    parse_probe,
    parse_registration,
    seal_page,
)
from responder.sealed.parcels import For, ParcelKeys, ParcelKind
from responder.sealed.private_reports import (
    PrivateReport,
    ReportKey,
    ReportPart,
    Unopenable,
    collect,
    open_report,
    report_parts,
)
from responder.storage.store import Store

KEYS: Final = "pager-keys"
_KEY_NAMES: Final = ("network", "sign", "report", "parcel")
_SHOWN_TO: Final[Mapping[str, For]] = {
    Card.MEDIA: For.TEAM,
    Card.VERIFY_MEDIA: For.VERIFIER,
    Card.BOARD_MEDIA: For.COORDINATOR,
}
_PLACE_LIMIT: Final = 500
"""As the pager's own field."""
_NOTICES: Final = frozenset(
    {"needed", "request", "read-now", "read", "ready", "well", "board", "alarm"}
)
"""Notices of cards that send the reader to another channel."""

Links = tuple[str, tuple[Option, ...]]


class Phones:
    """The pager's keys, and all that is done with them.

    `parcels` where pictures and voice can be fetched from the pager's host; None where it lies on
    a host of its own, which has none.
    """

    def __init__(
        self,
        facts: PagerFacts,
        signer: SigningKey,
        reports: ReportKey,
        parcels: ParcelKeys | None = None,
    ) -> None:
        self.facts = facts
        self.parcels = parcels
        self._signer = signer
        self._reports = reports

    # --- what comes in --------------------------------------------------------------------------

    def read(self, message: Inbound, *, member: bool, told: Iterable[str] = ()) -> Inbound:
        """The message with what a phone's pager put into it; others as they are.

        `told`: parts of private reports that came from there before and still wait for the rest.
        A registration's words are computed for a `member` alone: they cost 20 ms.
        """
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
            words = fingerprint_words(device) if member else ()
            sign = PhoneSign(key=_text(device.public), words=words)
            return replace(message, text="", phone=sign)
        parts = report_parts(text)
        return self._report(message, parts, told) if parts else message

    def _report(
        self, message: Inbound, parts: Sequence[ReportPart], told: Iterable[str]
    ) -> Inbound:
        """A private report, opened once all of it is there; until then its parts wait."""
        id = parts[-1].id
        before = [p for text in told for p in report_parts(text) if p.id == id]
        known = {part.index for part in before}
        fresh = [part for part in parts if part.id == id and part.index not in known]
        whole = collect([*before, *fresh])
        if whole is None:
            part = ToldPart(report=id, text="\n".join(map(_as_told, fresh)))
            return replace(message, text="", phone=PhoneSign(unfinished=True), part=part)
        done = ToldPart(report=id, whole=True)
        try:
            report = open_report(whole, self._reports, self.facts)
        except Unopenable:
            return replace(message, text="", phone=PhoneSign(unopened=True), part=done)
        return replace(
            message,
            text=_told(report),
            place=report.place.strip()[:_PLACE_LIMIT],
            language=report.language,
            part=done,
        )

    # --- what goes out --------------------------------------------------------------------------

    def sealer(
        self, world: Callable[[], World], now: Callable[[], datetime]
    ) -> Callable[[Message], Links]:
        """What the outbox calls for a message that leaves over a channel that others read."""

        def seal(message: Message) -> Links:
            person = world().person(message.to)
            if person is None:
                raise Rejected("nobody is there to seal for")
            if message.text == message.notice and message.card not in OVER:
                return message.notice, ()
            return _notice(message, person.language), self._links(message, person, world(), now())

        return seal

    def _links(
        self, message: Message, person: Person, world: World, at: datetime
    ) -> tuple[Option, ...]:
        content, sequence = page_of(message, person, world, at)
        every = world.devices_of(person.id)
        counting = world.phones(person.id)
        found: list[Option] = []
        for number, device in enumerate(every, 1):
            if device.id != message.device if message.device else device not in counting:
                continue
            mine = self._with_media(content, message, device) if message.media else content
            links = self._seal(mine, device, person, sequence)
            on = number if len(every) > 1 else 0
            found += _options(person.language, content.layout, on, links)
        if not found:
            raise Rejected("there is no phone to seal for")
        return tuple(found)

    def _with_media(self, content: PageContent, message: Message, device: Device) -> PageContent:
        """The page with parcels for what was sent along, or with words that say where it is."""
        if self.parcels is None or message.card not in _SHOWN_TO:
            elsewhere = say(content.language, "phone.media_elsewhere")
            return replace(content, lines=(*content.lines, elsewhere))
        kinds = [_parcel_kind(item) for item in message.media]
        parcels = tuple(
            self.parcels.parcel(
                kind,
                piece_id(item),
                phone=device.id,
                purpose=_SHOWN_TO[message.card],
                expires_at=content.expires_at,
                number=kinds[: at + 1].count(kind),
                count=kinds.count(kind),
            )
            for at, (kind, item) in enumerate(zip(kinds, message.media, strict=True))
        )
        return replace(content, parcels=parcels)

    def _seal(
        self, content: PageContent, device: Device, person: Person, sequence: int
    ) -> tuple[str, ...]:
        try:
            return seal_page(
                content,
                device=DeviceKey(public=_bytes(device.key)),
                person_tag=_tag(person.id),
                purpose=_PURPOSES.get(content.layout, "page"),
                sequence=sequence,
                facts=self.facts,
                signer=self._signer,
            )
        except PagerError as error:
            raise Rejected("this cannot be sealed for a phone") from error


_PURPOSES: Final[Mapping[Layout, Purpose]] = {"probe": "probe", "card": "card"}


def _parcel_kind(item: Media) -> ParcelKind:
    """A file that is neither said to be sound nor a picture is cleaned as sound, or refused."""
    sound = item.kind is MediaKind.VOICE or item.mime.startswith("application/")
    return "voice" if sound else "picture"


# --- what the channel is shown --------------------------------------------------------------------


def _notice(message: Message, language: str) -> str:
    """The notice, which must not send the reader to another channel."""
    if message.text == message.notice:
        return message.notice
    manner = MANNERS.get(Card(message.card)) if message.card in _CARDS else None
    if manner is None:
        if message.card == "probe":
            return message.notice
        notice = say(language, "phone.notice.read")
    elif manner.notice not in _NOTICES:
        return message.notice
    else:
        notice = say(language, f"phone.notice.{manner.notice}")
    mark = say(language, "card.drill") + "\n"
    return mark + notice if message.notice.startswith(mark) else notice


_CARDS: Final = frozenset(card.value for card in Card)


def _options(language: str, layout: Layout, on: int, links: Sequence[str]) -> list[Option]:
    """A button for each link; `on` is the phone's number in `/devices`, 0 where there is one."""
    key = "phone.clear" if layout == "over" else "phone.open"
    key += ".on" if on else ""
    if len(links) > 1:
        key += ".part"
    return [
        Option(label=say(language, key, number=on, part=part), url=link)
        for part, link in enumerate(links, 1)
    ]


def _tag(person: str) -> str:
    """What a phone knows its owner by; tells nobody which member that is."""
    return blake2b(person.encode(), digest_size=12, person=b"pager-tag").hexdigest()


def _told(report: PrivateReport) -> str:
    """As one text; the place before the words, since intake cuts what is very long at its end."""
    return "\n".join(t for t in (report.kind, report.place, report.words) if t.strip())


def _as_told(part: ReportPart) -> str:
    return f"R1.{part.id}.{part.index}.{part.count}.{part.body}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def open_phones(settings: Settings, store: Store, world: World) -> Phones | None:
    """The pager of this network, its keys made where there are none; None where it has no address.

    The keys stand in the store, sealed like everything else; beside them what is public.
    """
    if settings.pager.page is None:
        return None
    changes = Changes()
    keys = json.loads(world.settings.get(KEYS, "{}"))
    # A network of an earlier version has all but the last of them.
    missing = [name for name in _KEY_NAMES if name not in keys]
    if missing:
        keys |= {name: _text(os.urandom(32)) for name in missing}
        changes.put(Setting(name=KEYS, value=json.dumps(keys)))
    signer, reports = SigningKey(_bytes(keys["sign"])), ReportKey(_bytes(keys["report"]))
    facts = _facts(settings, settings.pager.page, keys["network"], signer, reports)
    public = msgspec.json.encode(facts).decode()
    if world.settings.get(FACTS) != public:
        changes.put(Setting(name=FACTS, value=public))
    if changes.puts:
        await store.commit(changes)
        for setting in changes.puts.values():
            world.put(setting)
    parcels = ParcelKeys(_bytes(keys["parcel"])) if settings.pager.listen else None
    return Phones(facts, signer, reports, parcels)


def _facts(
    settings: Settings, url: str, network: str, signer: SigningKey, reports: ReportKey
) -> PagerFacts:
    name = settings.telegram.bot_name
    return PagerFacts(
        network_id=network,
        name=settings.network.name,
        pager_url=url,
        bot_link=f"https://t.me/{name}" if name else "",
        sign_public=signer.public,
        report_public=reports.public,
        languages=tuple(settings.network.languages),
        emergency=dict(settings.network.emergency_line),
    )
