"""What a sealed page says of pictures and voice, for whom and how long; where there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from responder.core.changes import Setting, piece_id
from responder.core.effects import Card
from responder.core.model import Media, MediaKind, State
from responder.core.phrases import say
from responder.sealed import phones
from responder.sealed.parcels import For
from responder.sealed.phones import Phones
from tests.builders import FOX, HERON, NOW, OWL
from tests.pager_kit import PARCEL_KEYS, REPORT_KEY, SIGNER, Named, a_page, open_link, sealed
from tests.unit.test_parcels import CAR
from tests.unit.test_phone_sealing import (
    FACTS,
    FIRST,
    SECOND,
    Desktop,
    Night,
    a_device,
    a_start,
    noise,
    the_settings,
)

SHOUT = Media(channel="telegram", ref="shout", kind=MediaKind.VOICE, mime="audio/ogg")


def a_night(state: State = State.OUT, *, served: bool = True) -> Night:
    night = Night(state)
    keys = PARCEL_KEYS if served else None
    night.desk.pager = Phones(FACTS, SIGNER, REPORT_KEY, keys)
    return night


@pytest.mark.parametrize(
    ("card", "to", "state", "purpose"),
    [
        (Card.MEDIA, HERON, State.OUT, For.TEAM),
        (Card.VERIFY_MEDIA, FOX, State.HELD, For.VERIFIER),
        (Card.BOARD_MEDIA, OWL, State.OUT, For.COORDINATOR),
    ],
)
def test_a_page_names_what_was_sent_for_its_reader_alone(
    card: Card, to: str, state: State, purpose: For
) -> None:
    night = a_night(state)
    night.story.world.put(a_device("first", FIRST, to))
    page = night.opened(card, to=to, media=(CAR, SHOUT))
    named = [Named.of(text) for text in page["parcels"]]
    assert [(n.kind, n.number, n.count) for n in named] == [("picture", 1, 1), ("voice", 1, 1)]
    for one, item in zip(named, (CAR, SHOUT), strict=True):
        ticket = PARCEL_KEYS.read(one.token, NOW)
        assert ticket is not None and ticket.purpose is purpose
        assert PARCEL_KEYS.is_piece(ticket, piece_id(item))
        assert PARCEL_KEYS.phone_of(ticket, ("second", "first")) == "first"
        assert int(ticket.expires_at.timestamp()) == page["expiry"]
        assert one.key == PARCEL_KEYS.key(one.token, piece_id(item))


def test_nothing_outside_the_seal_tells_of_a_parcel() -> None:
    night = a_night()
    notice, (option,) = night.desk.sealed(night.told(Card.MEDIA, media=(CAR,)))
    (text,) = open_link(option.url, FIRST, FACTS)["parcels"]
    assert Named.of(text).token not in option.url + notice + option.label


def test_a_page_without_media_names_none() -> None:
    assert "parcels" not in a_night().opened(Card.UPDATE, params={"what": "safe", "text": ""})


def test_a_pager_on_a_host_of_its_own_says_where_pictures_can_be_seen() -> None:
    page = a_night(served=False).opened(Card.MEDIA, media=(CAR,))
    assert "parcels" not in page
    assert page["lines"][-1] == say("en", "phone.media_elsewhere")


def test_of_two_phones_of_one_person_each_gets_its_own() -> None:
    night = a_night()
    night.story.world.put(a_device("second", SECOND))
    links = night.desk.links(night.told(Card.MEDIA, media=(CAR,)))
    for link, (key, phone) in zip(links, ((FIRST, "first"), (SECOND, "second")), strict=True):
        (text,) = open_link(link.url, key, FACTS)["parcels"]
        ticket = PARCEL_KEYS.read(Named.of(text).token, NOW)
        assert ticket is not None
        assert PARCEL_KEYS.phone_of(ticket, ("first", "second")) == phone


def test_many_pictures_take_further_links_and_none_is_cut_in_two() -> None:
    night = a_night()
    many = tuple(replace(CAR, ref=f"picture {n}") for n in range(30))
    links = night.desk.links(night.told(Card.MEDIA, media=many))
    assert 1 < len(links) <= 5
    texts = [t for link in links for t in open_link(link.url, FIRST, FACTS).get("parcels", [])]
    assert [Named.of(text).number for text in texts] == list(range(1, 31))
    assert all(len(Named.of(text).key) == 32 for text in texts)


def test_long_words_and_pictures_share_their_links() -> None:
    parcels = tuple(
        PARCEL_KEYS.parcel("picture", f"p{n}", phone="heron-1", purpose=For.TEAM, expires_at=NOW)
        for n in range(3)
    )
    pages = [open_link(link) for link in sealed(a_page(lines=(noise(3000),), parcels=parcels))]
    assert sum(len(page.get("parcels", ())) for page in pages) == 3
    assert "".join(line for page in pages for line in page.get("lines", ())) == noise(3000)


# --- the key of it --------------------------------------------------------------------------------


def listening(folder: Path, listen: str | None) -> Any:
    settings = the_settings(folder)
    pager = settings.pager.model_copy(update={"listen": listen})
    return settings.model_copy(update={"pager": pager})


async def test_only_a_network_that_serves_the_page_itself_offers_parcels(tmp_path: Path) -> None:
    served, _ = await a_start(listening(tmp_path, "127.0.0.1:8085"))
    static, _ = await a_start(listening(tmp_path, None))
    assert served is not None and served.parcels is not None
    assert static is not None and static.parcels is None


async def test_tokens_outlive_a_restart(tmp_path: Path) -> None:
    settings = listening(tmp_path, "127.0.0.1:8085")
    before, _ = await a_start(settings)
    after, world = await a_start(settings)
    assert before and before.parcels and after and after.parcels
    token = before.parcels.parcel(
        "picture", "p", phone="heron-1", purpose=For.TEAM, expires_at=NOW.replace(year=2100)
    ).token
    assert after.parcels.read(token, NOW) is not None
    assert json.loads(world.settings[phones.KEYS])["parcel"] not in world.settings["pager-facts"]


async def test_a_network_of_an_earlier_version_keeps_its_keys_and_gets_one_more(
    tmp_path: Path,
) -> None:
    old = {name: "A" * 42 + "E" for name in ("network", "sign", "report")}
    world = Desktop().world
    world.put(Setting(name=phones.KEYS, value=json.dumps(old)))

    class Taking:
        async def commit(self, changes: object) -> None:
            """Takes everything."""

    found = await phones.open_phones(
        listening(tmp_path, "127.0.0.1:8085"),
        Taking(),  # type: ignore[arg-type]
        world,
    )
    kept = json.loads(world.settings[phones.KEYS])
    assert {name: kept[name] for name in old} == old and len(kept["parcel"]) == 43
    assert found is not None and found.facts.network_id == old["network"]
