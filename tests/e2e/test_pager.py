"""The pager in a real browser: what a person sees, what a phone keeps, and what is refused.

How every screen looks, and is heard, is in `test_pager_looks.py`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from responder.core.model import Pin
from responder.core.talk.intake import MOST_TEXT
from responder.sealed.pager_files import Handler, handler
from responder.sealed.pages import (
    DeviceKey,
    PageContent,
    PagerFacts,
    SigningKey,
    fingerprint_words,
    parse_probe,
    parse_registration,
    register_link,
)
from responder.sealed.private_reports import (
    collect,
    open_report,
    report_link,
    report_parts,
)
from tests.e2e.browser import Browser, Tab, chromium, find_chromium
from tests.pager_kit import REPORT_KEY, a_page, sealed, some_facts
from tests.vectors.make import flipped

VECTORS = Path(__file__).parent.parent / "vectors"
CHANGED = "This page was changed or cut"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Host:
    """A web server with a pager, which a test may take away; others may lie beside it."""

    facts: PagerFacts
    runner: web.AppRunner
    serving: dict[str, Handler]

    @classmethod
    async def up(cls, **changes: Any) -> Host:
        app = web.Application()
        runner = web.AppRunner(app, access_log=None)
        serving: dict[str, Handler] = {}

        async def answer(request: web.Request) -> web.StreamResponse:
            return await serving[request.match_info["folder"]](request)

        app.router.add_get("/{folder}/{path:.*}", answer)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        host = cls(some_facts(pager_url=f"http://127.0.0.1:{port}/", **changes), runner, serving)
        host.facts = host.beside("pager", **changes)
        return host

    def beside(self, folder: str, **changes: Any) -> PagerFacts:
        """A pager in a folder of the same host."""
        root = "/".join(self.facts.pager_url.split("/")[:3])
        facts = some_facts(pager_url=f"{root}/{folder}/", **changes)
        self.serving[folder] = handler(facts)
        return facts


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    find_chromium()
    async with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host() -> AsyncIterator[Host]:
    running = await Host.up()
    yield running
    await running.runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    """A fresh phone; whatever the page wrote to its console fails the test."""
    opened = await browser.tab()
    yield opened
    await browser.call("Target.disposeBrowserContext", {"browserContextId": opened.context})
    assert opened.said() == []


async def register(tab: Tab, facts: PagerFacts) -> DeviceKey:
    """Register the phone as a person would; its key, as the bot gets it."""
    await tab.go(register_link(facts))
    await tab.tap("Register this phone")
    await tab.wait("document.querySelector('.words')")
    device = parse_registration(await start_value(tab), facts)
    assert device is not None
    return device


async def start_value(tab: Tab) -> str:
    href = str(await tab.run("document.querySelector('a.deed').href"))
    link, _, value = href.partition("?start=")
    assert link == "https://t.me/northside_bot"
    return value


def soon(seconds: float = 3600) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def a_brief(**changes: Any) -> PageContent:
    return a_page(
        **{
            "layout": "brief",
            "title": "Brief: police stop, northside",
            "expires_at": soon(),
            "place": "Corner of Mill Lane, by the bakery",
            "pin": Pin(latitude=41.3851, longitude=2.1734),
            "partner": "Wren, who has done this before. Meet at the tram stop.",
            "lines": ("Two officers are holding three kids.", "One of the kids is crying."),
            "safety": ("Keep ten steps away.", "Do not step in between."),
            "leave": ("Leave if anybody turns on you.", "Leave if your partner wants to."),
            "guidance": ("One records, the other keeps an eye on the exits.",),
            **changes,
        }
    )


# --- registering --------------------------------------------------------------------------------


async def test_a_phone_registers_and_shows_the_words_that_the_bot_shows(
    tab: Tab, host: Host
) -> None:
    device = await register(tab, host.facts)
    shown = await tab.run("[...document.querySelectorAll('.words li')].map((e) => e.innerText)")
    assert tuple(shown) == fingerprint_words(device)


async def test_the_key_cannot_be_taken_out_of_the_phone(tab: Tab, host: Host) -> None:
    await register(tab, host.facts)
    taken = await tab.run(
        """import("./memory.js").then(({ phone }) => phone()).then(async ({ privateKey }) =>
          [privateKey.extractable, ...await Promise.all(["pkcs8", "jwk", "raw"].map((format) =>
            crypto.subtle.exportKey(format, privateKey).then(() => "out", () => "kept")))])"""
    )
    assert taken == [False, "kept", "kept", "kept"]


async def test_a_registered_phone_keeps_its_key_until_told_otherwise(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    await tab.go(host.facts.pager_url)
    assert await tab.title() == "This phone is registered"
    assert parse_registration(await start_value(tab), host.facts) == device
    await tab.tap("Register this phone again")
    await tab.tap("Throw the old key away and make a new one")
    await tab.wait("document.querySelector('h1').innerText === 'Your phone has its key'")
    assert parse_registration(await start_value(tab), host.facts) != device


async def test_a_probe_brings_its_token_to_the_bot(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    probe = a_page(layout="probe", title="", lines=(), token="token-12345", expires_at=soon())
    (link,) = sealed(probe, device, facts=host.facts, purpose="probe")
    await tab.go(link)
    assert await tab.title() == "This phone works"
    assert parse_probe(await start_value(tab)) == "token-12345"


async def test_a_phone_warns_when_the_networks_keys_are_not_those_it_trusts(
    browser: Browser,
) -> None:
    tab, first = await browser.tab(), await Host.up()
    await register(tab, first.facts)
    await tab.run(
        """import("./memory.js").then(async (memory) => {
          const { facts, ...device } = await memory.phone();
          await memory.register(device, { ...facts, signPublic: new Uint8Array(32) });
        })"""
    )
    await tab.go(first.facts.pager_url)
    assert "keys are not those that this phone trusts" in await tab.text()
    await first.runner.cleanup()


# --- reading ------------------------------------------------------------------------------------


async def test_a_brief_opens_whole_and_leaves_the_address_bar(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.go(link)
    read = await tab.text()
    for words in (
        "Mill Lane",
        "Wren",
        "holding three kids",
        "ten steps",
        "turns on you",
        "the exits",
    ):
        assert words in read
    assert "Gone in 60 minutes" in read
    assert await tab.run("location.href") == host.facts.pager_url
    assert await tab.run("document.activeElement.tagName") == "H1"


async def test_ones_own_brief_opens_again_and_an_older_one_does_not(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (old,) = sealed(a_brief(), device, facts=host.facts, sequence=4)
    (new,) = sealed(a_brief(title="Newer"), device, facts=host.facts, sequence=5)
    (other,) = sealed(a_brief(thread="other", title="Other"), device, facts=host.facts, sequence=1)
    seen = []
    for link in (old, new, new, old, other):
        await tab.go(link)
        seen.append(await tab.title())
    newer = "There is a newer page"
    assert seen == ["Brief: police stop, northside", "Newer", "Newer", newer, "Other"]


async def test_what_was_stood_down_shows_nothing_any_more(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (brief,) = sealed(a_brief(), device, facts=host.facts, sequence=1)
    over = a_page(layout="over", title="", lines=(), expires_at=soon())
    (ended,) = sealed(over, device, facts=host.facts, sequence=2)
    await tab.go(ended)
    assert await tab.title() == "This is over"
    await tab.go(brief)
    assert "Mill Lane" not in await tab.text("body")
    assert await tab.title() == "There is a newer page"


async def test_every_part_of_a_long_brief_opens_on_its_own(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    told = " ".join(f"{n * 7919 % 10007:x}" for n in range(900))
    links = sealed(a_brief(lines=(told,)), device, facts=host.facts)
    for number, link in reversed(list(enumerate(links, 1))):
        await tab.go(link)
        assert f"Part {number} of {len(links)}." in await tab.text()


async def test_a_second_link_replaces_the_first_in_an_open_window(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(title="Second"), device, facts=host.facts)
    await tab.run(f"location.hash = {json.dumps(link.partition('#')[2])}")
    await tab.wait("document.querySelector('h1').innerText === 'Second'")
    assert await tab.run("location.hash") == ""


async def test_the_screen_goes_blank_when_its_time_is_over(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.go(link)
    await tab.run("Date.now = ((now) => () => now() + 3601e3)(Date.now)")
    await tab.wait("document.querySelector('h1').innerText === 'This page is over'")
    assert "Mill Lane" not in await tab.run("document.documentElement.outerHTML")


async def test_a_page_can_be_hidden_at_once(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.go(link)
    await tab.tap("Hide it now")
    assert await tab.title() == "Hidden"
    assert "Mill Lane" not in await tab.run("document.documentElement.outerHTML")


async def test_nothing_of_a_page_is_kept_on_the_phone(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(thread="a-thread"), device, facts=host.facts)
    await tab.go(link)
    kept = await tab.run(
        """new Promise((done) => { indexedDB.open("pager /pager/").onsuccess = ({ target }) => {
          const stores = [...target.result.objectStoreNames];
          const reading = target.result.transaction(stores);
          const all = stores.map((name) => [reading.objectStore(name).getAll(),
                                            reading.objectStore(name).getAllKeys()]).flat();
          reading.oncomplete = () => done(JSON.stringify(all.map(({ result }) => result))
            + JSON.stringify([localStorage, sessionStorage, document.cookie])); }; })"""
    )
    assert "sequence" in kept
    for words in ("Mill", "Wren", "kids", "a-thread", "41.38"):
        assert words not in kept


async def test_a_map_is_opened_by_a_tap_alone(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.go(link)
    href = await tab.run("document.querySelector('.place a').getAttribute('href')")
    assert href == "geo:41.3851,2.1734?q=41.3851%2C2.1734"
    assert await tab.run(
        "performance.getEntriesByType('resource').every("
        "({ name }) => name.startsWith(location.origin))"
    )


async def test_two_networks_on_one_host_keep_out_of_each_others_way(browser: Browser) -> None:
    """A key for each, and the files of each stay on the phone for when there is no network."""
    tab, host = await browser.tab(), await Host.up()
    theirs = host.beside("riverside", network_id="riverside-watch", name="Riverside Watch")
    devices = {}
    for facts in (host.facts, theirs):
        devices[facts.name] = await register(tab, facts)
        await tab.wait("navigator.serviceWorker.controller")
    await host.runner.cleanup()
    for facts in (host.facts, theirs):
        (link,) = sealed(a_brief(title=facts.name), devices[facts.name], facts=facts)
        await tab.go(link)
        assert await tab.title() == facts.name
    assert tab.said() == []


# --- refusing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [19, 30, 60, 200, 500])
async def test_a_changed_page_is_refused(tab: Tab, host: Host, at: int) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.go(flipped(link, at))
    assert await tab.title() in {CHANGED, "This page is for another phone"}
    assert "Mill Lane" not in await tab.text("body")


async def test_expired_foreign_and_strange_pages_are_refused_plainly(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    forger = SigningKey(b"\x07" * 32)
    theirs = some_facts(pager_url=host.facts.pager_url, sign_public=forger.public)
    (good,) = sealed(a_brief(), device, facts=host.facts)
    wrong = {
        "This page is over": sealed(a_brief(expires_at=soon(-1)), device, facts=host.facts)[0],
        "This page is for another phone": sealed(a_brief(), facts=host.facts)[0],
        "This page is not from your network": sealed(
            a_brief(), device, facts=theirs, signer=forger
        )[0],
        CHANGED: good[:-9],
        "This pager is too old": good.replace("#1.", "#2."),
    }
    junk = (f"{host.facts.pager_url}#{words}" for words in ("?", "1.", "%231.AAAA", "x" * 90_000))
    for title, link in (*wrong.items(), *((CHANGED, link) for link in junk)):
        await tab.go(link)
        assert await tab.title() == title
        assert "Mill Lane" not in await tab.text("body")
        assert await tab.run("location.hash") == ""


async def test_a_phone_belongs_to_the_person_of_its_first_page(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (mine,) = sealed(a_brief(), device, facts=host.facts)
    (not_mine,) = sealed(a_brief(), device, facts=host.facts, person_tag="wren-tag")
    await tab.go(mine)
    await tab.go(not_mine)
    assert await tab.title() == "This page is for somebody else"


async def test_an_unregistered_phone_is_offered_to_register(tab: Tab, host: Host) -> None:
    (link,) = sealed(a_brief(), facts=host.facts)
    await tab.go(link)
    assert await tab.title() == "This phone is not registered yet"
    await tab.tap("Register this phone")
    assert await tab.title() == "Register this phone"


async def test_a_phone_that_dropped_what_it_kept_opens_nothing(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.run(
        """new Promise((done) => {
          indexedDB.deleteDatabase("pager /pager/").onsuccess = () => done(true); })"""
    )
    await tab.go(link)
    assert await tab.title() == "This phone is not registered yet"


async def test_whose_clock_is_ahead_is_told_where_to_look(tab: Tab, host: Host) -> None:
    device = await register(tab, host.facts)
    (link,) = sealed(a_brief(), device, facts=host.facts)
    ahead = "Date.now = ((now) => () => now() + 7200e3)(Date.now)"
    await tab.call("Page.addScriptToEvaluateOnNewDocument", source=ahead)
    await tab.go(link)
    assert await tab.title() == "This page is over"
    assert "clock may be wrong" in await tab.text()


async def test_a_browser_without_the_key_kinds_is_told_so(tab: Tab, host: Host) -> None:
    await tab.call(
        "Page.addScriptToEvaluateOnNewDocument",
        source="if (self.crypto.subtle) crypto.subtle.generateKey = () => Promise.reject('new')",
    )
    await tab.go(host.facts.pager_url)
    assert await tab.title() == "This browser cannot open sealed pages"


async def test_a_script_that_was_put_into_the_page_does_not_run(
    browser: Browser, host: Host
) -> None:
    tab = await browser.tab()
    await tab.go(host.facts.pager_url)
    await tab.run(
        """for (const fill of [(s) => { s.textContent = "window.ran = true"; },
                               (s) => { s.src = "data:text/javascript,window.ran = true"; }]) {
          const script = document.createElement("script");
          fill(script);
          document.body.append(script);
        }
        document.body.setAttribute("onclick", "window.ran = true"); document.body.click();"""
    )
    beyond = await tab.run("fetch('http://127.0.0.1:9/').then(() => 'out', () => 'kept in')")
    assert (await tab.run("window.ran ?? 'nothing ran'"), beyond) == ("nothing ran", "kept in")
    assert any("Content Security Policy" in words for words in tab.said())


@pytest.mark.parametrize("one", json.loads((VECTORS / "pages.json").read_text())["opened"])
async def test_the_browser_opens_the_pinned_pages(tab: Tab, host: Host, one: Any) -> None:
    await tab.go(host.facts.pager_url)
    shown = await open_vector(tab, one["fragment"])
    same = ("title", "lines", "place", "partner", "safety", "leave", "pin", "token", "thread")
    expected = {key: one["opens"][key] for key in same if key in one["opens"]}
    assert {key: shown["content"][key] for key in expected} == expected
    assert [shown["personTag"], shown["purpose"], shown["sequence"]] == [
        one["opens"][key] for key in ("tag", "purpose", "sequence")
    ]


async def test_the_browser_refuses_the_pinned_forgeries(tab: Tab, host: Host) -> None:
    refused = json.loads((VECTORS / "pages.json").read_text())["refused"]
    await tab.go(host.facts.pager_url)
    for one in refused:
        assert await open_vector(tab, one["fragment"]) == one["reason"], one["name"]


async def test_the_browser_refuses_what_a_channel_could_seal_by_itself(
    tab: Tab, host: Host
) -> None:
    """Each is sealed for this very phone, of this network; the signature is for something else."""
    pinned = json.loads((VECTORS / "forgeries.json").read_text())
    await tab.go(host.facts.pager_url)
    assert (await open_vector(tab, pinned["true"]))["content"]["layout"] == "page"
    for one in pinned["refused"]:
        assert await open_vector(tab, one["fragment"]) == "damaged", one["name"]


async def open_vector(tab: Tab, fragment: str) -> Any:
    """What the page's own code makes of a pinned link, with the pinned keys."""
    pinned = json.loads((VECTORS / "pages.json").read_text())
    # The fixed bytes before a raw X25519 key in PKCS #8 (RFC 8410).
    pkcs8 = "302e020100300506032b656e04220420" + pinned["device_secret"]
    return await tab.run(
        f"""(async () => {{
          const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
          const {{ openPage, Refusal }} = await import("./sealed.js");
          const privateKey = await crypto.subtle.importKey(
            "pkcs8", bytes("{pkcs8}"), {{ name: "X25519" }}, false, ["deriveBits"]);
          const device = {{ privateKey, publicKey: bytes("{pinned["device_public"]}") }};
          const facts = {{ networkId: "{pinned["network_id"]}",
                           signPublic: bytes("{pinned["sign_public"]}") }};
          return openPage("{fragment}", {{ device, facts, now: 0 }})
            .catch((error) => error.reason);
        }})()"""
    )


# --- without a network, in the dark, in Spanish ---------------------------------------------------


async def test_the_pager_opens_without_a_network_once_it_was_opened(browser: Browser) -> None:
    tab, host = await browser.tab(), await Host.up()
    device = await register(tab, host.facts)
    await tab.run("navigator.serviceWorker.ready.then(() => true)")
    await tab.wait("navigator.serviceWorker.controller")
    await host.runner.cleanup()
    (link,) = sealed(a_brief(), device, facts=host.facts)
    await tab.go(link)
    assert "Mill Lane" in await tab.text()
    await tab.go(report_link(host.facts))
    assert await tab.title() == "Report privately"


async def test_the_pager_can_be_installed(tab: Tab, host: Host) -> None:
    await tab.go(host.facts.pager_url)
    manifest = await tab.call("Page.getAppManifest")
    assert manifest["errors"] == []
    errors = (await tab.call("Page.getInstallabilityErrors"))["installabilityErrors"]
    # A profile of its own counts as a private window; nothing else may stand in the way.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}


async def test_spanish_phones_and_spanish_pages_are_spanish(browser: Browser, host: Host) -> None:
    tab = await browser.tab(language="es-MX")
    await tab.go(host.facts.pager_url)
    assert await tab.title() == "Registra este teléfono"
    await tab.tap("English")
    device = await register_here(tab, host.facts)
    (link,) = sealed(a_brief(language="es", title="Aviso"), device, facts=host.facts)
    await tab.go(link)
    assert (await tab.run("document.documentElement.lang"), await tab.title()) == ("es", "Aviso")
    await tab.tap("English")
    assert "To stay safe" in await tab.text()


async def register_here(tab: Tab, facts: PagerFacts) -> DeviceKey:
    await tab.tap("Register this phone")
    await tab.wait("document.querySelector('.words')")
    device = parse_registration(await start_value(tab), facts)
    assert device is not None
    return device


# --- private reports ------------------------------------------------------------------------------


async def write(tab: Tab, words: str, place: str = "", kind: str = "") -> None:
    for name, value in (("words", words), ("place", place), ("kind", kind)):
        await tab.run(
            f"{{ const box = document.getElementById('report-{name}');"
            f"box.value = {json.dumps(value)}; box.dispatchEvent(new Event('input')); }}"
        )


@pytest.mark.parametrize("length", [1, 800])
async def test_a_report_is_sealed_in_the_browser_and_opened_by_the_network_alone(
    tab: Tab, host: Host, length: int
) -> None:
    words = " ".join(["¿Qué pasa?", *(f"{n * 7919 % 10007:x}" for n in range(length))])
    await tab.go(report_link(host.facts))
    await write(tab, words, place="la esquina", kind="control")
    await tab.tap("Seal it")
    await tab.wait("document.querySelector('textarea.sealed')")
    messages = await tab.run("[...document.querySelectorAll('.sealed')].map((e) => e.value)")
    whole = collect(part for message in messages for part in report_parts(message))
    assert whole is not None
    report = open_report(whole, REPORT_KEY, host.facts)
    assert (report.words, report.place, report.kind) == (words, "la esquina", "control")
    assert "esquina" not in await tab.run("document.documentElement.outerHTML")


async def test_a_report_without_words_is_asked_for_them(tab: Tab, host: Host) -> None:
    await tab.go(report_link(host.facts))
    assert "call 112" in await tab.text()
    await tab.tap("Seal it")
    assert "Please write what is happening." in await tab.text()
    assert await tab.run("document.activeElement.id") == "report-words"


async def test_a_report_longer_than_the_network_takes_in_is_not_cut_but_refused(
    tab: Tab, host: Host
) -> None:
    await tab.go(report_link(host.facts))
    await write(tab, "x" * (MOST_TEXT + 1))
    await tab.tap("Seal it")
    assert "Please send it in two reports." in await tab.text()
    await write(tab, "x" * MOST_TEXT)
    await tab.tap("Seal it")
    await tab.wait("document.querySelector('textarea.sealed')")


async def test_what_was_written_survives_a_switch_of_language(tab: Tab, host: Host) -> None:
    await tab.go(report_link(host.facts))
    await write(tab, "Three officers.")
    await tab.tap("Español")
    assert await tab.title() == "Avisar en privado"
    assert await tab.run("document.getElementById('report-words').value") == "Three officers."
