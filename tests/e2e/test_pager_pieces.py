"""Pictures and voice on the phone: fetched sealed, opened in the real page, gone when they must be.

The hatch that hands them out is the network's own, over an incident that waits for a verifier.

    RESPONDER_PICTURES=some/folder pytest tests/e2e/test_pager_pieces.py -k pictures
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from msgspec.structs import replace

from responder.core.changes import Piece, piece_id
from responder.core.model import Media, MediaKind, PersonId, ReportId
from responder.core.phrases import say
from responder.pictures.stripping import strip
from responder.sealed.framing import url64
from responder.sealed.hatch import Hatch
from responder.sealed.pager_files import handler
from responder.sealed.pages import DeviceKey, PagerFacts
from responder.sealed.parcels import For, Parcel
from tests.builders import FOX, Story, a_report, a_small_network
from tests.e2e.browser import Browser, Tab, chromium, find_chromium
from tests.e2e.test_pager import register, soon
from tests.pager_kit import PARCEL_KEYS, Named, a_page, sealed, some_facts
from tests.unit.test_media import a_picture
from tests.unit.test_parcels import a_phone

pytestmark = pytest.mark.asyncio(loop_scope="module")

SILENCE = (b"\xff\xfb\x90\x00" + bytes(413)) * 40
"""A second of MPEG sound in which nothing is heard."""
GONE = "It cannot be shown. You may be offline, or it is not there any more."
VECTORS = Path(__file__).parent.parent / "vectors"
PICTURE, VOICE = "Picture 1 of 2 from the report", "Voice message 2 of 2 from the report"


def said_by(ref: str, kind: MediaKind) -> Media:
    return Media(channel="signal", ref=ref, kind=kind)


CAR, SHOUT = said_by("car", MediaKind.PICTURE), said_by("shout", MediaKind.VOICE)
BOTH = ((CAR, "picture"), (SHOUT, "voice"))


@dataclass
class House:
    """A host with the pager and the network's hatch; `spoil` bends what is fetched."""

    facts: PagerFacts
    runner: web.AppRunner
    pieces: dict[str, Piece] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    spoil: Callable[[bytes], bytes] | None = None

    @classmethod
    async def up(cls) -> House:
        app = web.Application()
        runner = web.AppRunner(app, access_log=None)
        made: list[House] = []
        world = a_small_network()
        world.put(a_phone(FOX))
        Story(world, a_report(PersonId("x"), media=(CAR, SHOUT)))

        async def read(id: str) -> Piece | None:
            return made[0].pieces.get(id)

        hatch = Hatch(PARCEL_KEYS, world=lambda: world, piece=read, now=lambda: datetime.now(UTC))

        async def parcel(request: web.Request) -> web.StreamResponse:
            made[0].asked.append(request.path)
            if made[0].spoil is None:
                return await hatch.serve(request)
            return web.Response(body=made[0].spoil(bytes(64 * 1024 + 28)))

        async def page(request: web.Request) -> web.StreamResponse:
            return await handler(made[0].facts)(request)

        app.router.add_get(f"/pager{hatch.path}", parcel)
        app.router.add_get("/pager/{path:.*}", page)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/pager/"
        made.append(cls(some_facts(pager_url=url), runner))
        made[0].keep(CAR, a_picture("JPEG", (640, 400)), "image/jpeg")
        made[0].keep(SHOUT, SILENCE, "audio/mpeg")
        return made[0]

    def keep(self, item: Media, data: bytes, mime: str) -> None:
        clean = strip(data, mime, 8 * 1024 * 1024)
        self.pieces[piece_id(item)] = Piece(
            id=piece_id(item), report=ReportId("report-x"), mime=clean.mime, data=clean.data
        )

    def link(self, device: DeviceKey, *parcels: Parcel, **changes: Any) -> str:
        content = a_page(
            layout="card",
            title="",
            lines=(say(changes.get("language", "en"), "card.verify-media", code="7K"),),
            parcels=parcels or the_parcels(),
            **{"expires_at": soon(), **changes},
        )
        return sealed(content, device, facts=self.facts, purpose="card")[0]


def the_parcels(**changes: Any) -> tuple[Parcel, ...]:
    how = {"phone": a_phone(FOX).id, "purpose": For.VERIFIER, "expires_at": soon(), **changes}
    return tuple(
        PARCEL_KEYS.parcel(kind, piece_id(item), number=number, count=2, **how)  # type: ignore[arg-type]
        for number, (item, kind) in enumerate(BOTH, 1)
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    find_chromium()
    async with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def house() -> AsyncIterator[House]:
    running = await House.up()
    yield running
    await running.runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    opened = await browser.tab()
    yield opened
    await browser.call("Target.disposeBrowserContext", {"browserContextId": opened.context})


async def settled(tab: Tab) -> None:
    """Until nothing is on its way any more."""
    await tab.wait(
        "document.querySelector('.piece')"
        " && !document.querySelector('main').innerText.includes('being fetched')"
    )


async def has_drawn(tab: Tab) -> None:
    await tab.wait("document.querySelector('.piece img')?.naturalWidth > 0")


# --- shown ----------------------------------------------------------------------------------------


async def test_a_picture_and_a_voice_message_are_shown_after_the_words(
    tab: Tab, house: House
) -> None:
    device = await register(tab, house.facts)
    await tab.go(house.link(device))
    await has_drawn(tab)
    await tab.wait("document.querySelector('audio')?.duration > 0.9")
    text = await tab.text()
    assert text.index("for those who check the report") < text.index(PICTURE) < text.index(VOICE)
    assert await tab.run("document.querySelector('.piece img').naturalWidth") == 640
    assert await tab.run("document.querySelector('.piece img').alt") == PICTURE
    assert await tab.run("document.querySelector('audio').ariaLabel") == VOICE
    playing = "(({ paused, autoplay, controls }) => [paused, autoplay, controls])"
    assert await tab.run(f"{playing}(document.querySelector('audio'))") == [True, False, True]
    assert tab.said() == []


async def test_no_other_host_is_asked_and_the_url_says_nothing(tab: Tab, house: House) -> None:
    device = await register(tab, house.facts)
    await tab.go(house.link(device))
    await has_drawn(tab)
    await tab.wait("document.querySelector('audio')")
    asked = await tab.run("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert asked and all(
        name.startswith((house.facts.pager_url, "blob:http://127")) for name in asked
    )
    assert len(house.asked) == 2 and len({len(path) for path in house.asked}) == 1
    assert not any(word in "".join(house.asked) for word in ("shout", "signal"))


async def test_nothing_of_it_is_kept_by_the_phone(tab: Tab, house: House) -> None:
    device = await register(tab, house.facts)
    await tab.run("navigator.serviceWorker.ready.then(() => true)")
    await tab.wait("navigator.serviceWorker.controller")
    await tab.go(house.link(device))
    await has_drawn(tab)
    kept = await tab.run(
        """caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)
          .then((cache) => cache.keys())))).then((all) => all.flat().map(({ url }) => url))"""
    )
    assert any("parcels.js" in url for url in kept)
    assert not any("/parcel/" in url for url in kept)


async def test_hiding_the_page_lets_go_of_what_was_fetched(tab: Tab, house: House) -> None:
    device = await register(tab, house.facts)
    await tab.go(house.link(device))
    await has_drawn(tab)
    await tab.run("window.was = document.querySelector('.piece img').src")
    await tab.tap("Hide it now")
    assert await tab.run("document.querySelectorAll('img[src^=blob], audio').length") == 0
    again = "new Promise((done) => { const i = new Image(); i.onload = () => done('there');"
    assert await tab.run(f"{again} i.onerror = () => done('gone'); i.src = was; }})") == "gone"


async def test_when_its_time_is_over_the_picture_goes_with_the_words(
    tab: Tab, house: House
) -> None:
    device = await register(tab, house.facts)
    await tab.go(house.link(device, expires_at=soon(4)))
    await has_drawn(tab)
    await tab.wait("document.querySelector('h1').innerText === 'This page is over'")
    assert await tab.run("document.querySelectorAll('.piece').length") == 0


async def test_spanish_pages_name_them_in_spanish_and_the_switch_keeps_them(
    tab: Tab, house: House
) -> None:
    device = await register(tab, house.facts)
    await tab.go(house.link(device, language="es"))
    await has_drawn(tab)
    assert "Foto 1 de 2 del aviso" in await tab.text()
    asked = len(house.asked)
    await tab.tap("English")
    await has_drawn(tab)
    assert PICTURE in await tab.text() and len(house.asked) == asked


async def test_the_browser_opens_the_pinned_parcel(tab: Tab, house: House) -> None:
    pinned = json.loads((VECTORS / "parcels.json").read_text(encoding="utf-8"))
    named = Named.of(pinned["named"][0])
    await tab.go(house.facts.pager_url)
    await tab.run("import('./bytes.js').then(({ fromUrl64 }) => { window.bytes = fromUrl64; })")
    parcel, key = (f"bytes({json.dumps(text)})" for text in (pinned["fetched"], url64(named.key)))
    opened = await tab.run(
        f"import('./parcels.js').then((p) => p.opened({parcel}, {key}, 'picture')).then((blob) =>"
        " blob.arrayBuffer().then((all) => [blob.type, [...new Uint8Array(all)]]))"
    )
    holds = [pinned["holds"]["mime"], pinned["holds"]["data"]]
    assert [opened[0], bytes(opened[1]).hex()] == holds


# --- refused --------------------------------------------------------------------------------------


async def test_a_parcel_that_was_changed_is_refused_and_can_be_fetched_again(
    tab: Tab, house: House
) -> None:
    device = await register(tab, house.facts)
    house.spoil = lambda parcel: parcel
    await tab.go(house.link(device))
    await settled(tab)
    assert (await tab.text()).count(GONE) == 2
    assert await tab.run("document.querySelectorAll('.piece img, audio').length") == 0
    assert "for those who check the report" in await tab.text()
    house.spoil = None
    await tab.tap("Try again")
    await has_drawn(tab)


async def test_expired_forgotten_and_foreign_parcels_are_refused(tab: Tab, house: House) -> None:
    device = await register(tab, house.facts)
    late = the_parcels(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    foreign = the_parcels(phone="somebody's")
    other_key = tuple(replace(p, key=bytes(32)) for p in the_parcels())
    for number, parcels in enumerate((late, foreign, other_key)):
        await tab.go(house.link(device, *parcels, thread=f"t{number}"))
        await settled(tab)
        assert (await tab.text()).count(GONE) == 2
    house.pieces.clear()
    await tab.go(house.link(device, thread="forgotten"))
    await settled(tab)
    assert (await tab.text()).count(GONE) == 2


async def test_sound_under_the_name_of_a_picture_is_not_shown(tab: Tab, house: House) -> None:
    device = await register(tab, house.facts)
    house.pieces[piece_id(CAR)] = house.pieces[piece_id(SHOUT)]
    await tab.go(house.link(device))
    await tab.wait("document.querySelector('audio')")
    await settled(tab)
    assert (await tab.text()).count(GONE) == 1
    assert await tab.run("document.querySelectorAll('.piece img').length") == 0


async def test_what_no_decoder_knows_is_said_plainly(tab: Tab, house: House) -> None:
    device = await register(tab, house.facts)
    broken = Piece(id="x", report=ReportId("x"), mime="image/png", data=b"<svg onload='ran = 1'>")
    house.pieces[piece_id(CAR)] = broken
    await tab.go(house.link(device))
    await tab.wait("document.querySelector('main').innerText.includes('This phone cannot show it')")
    assert await tab.run("window.ran ?? 'nothing ran'") == "nothing ran"


async def test_without_a_network_the_words_stand_and_the_picture_is_refused(
    tab: Tab, house: House
) -> None:
    device = await register(tab, house.facts)
    await tab.run("navigator.serviceWorker.ready.then(() => true)")
    await tab.wait("navigator.serviceWorker.controller")
    link = house.link(device)
    await house.runner.cleanup()
    await tab.go(link)
    await settled(tab)
    assert (await tab.text()).count(GONE) == 2


# --- to be looked at ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en-US", "es-ES"])
async def test_pictures_of_pictures_are_taken(
    browser: Browser, house: House, tmp_path: Path, language: str
) -> None:
    folder = Path(os.environ.get("RESPONDER_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    tab, code = await browser.tab(language=language), language[:2]
    device = await registered(tab, house)
    await tab.go(house.link(device, language=code))
    await has_drawn(tab)
    await tab.wait("document.querySelector('audio')?.duration > 0.9")
    await tab.picture(folder / f"{code}-9-pieces.png")
    house.pieces.clear()
    await tab.call(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    await tab.go(house.link(device, language=code, thread="gone"))
    await tab.wait("document.querySelectorAll('.piece button').length === 2")
    await tab.picture(folder / f"{code}-9-pieces-gone-dark.png")
    assert len(list(folder.glob(f"{code}-9-pieces*.png"))) == 2


async def registered(tab: Tab, house: House) -> DeviceKey:
    """Register, in whatever language the phone speaks."""
    await tab.go(f"{house.facts.pager_url}#register")
    await tab.run("document.querySelector('main button').click()")
    await tab.wait("document.querySelector('.words')")
    key = "import('./memory.js').then(({ phone }) => phone()).then((p) => [...p.publicKey])"
    return DeviceKey(public=bytes(await tab.run(key)))
