"""Every screen of the pager in a real browser: easy to read, to tap and to hear, in both languages.

Pictures at phone size, in both languages, light and dark, to be looked at:

    RESPONDER_PICTURES=some/folder pytest tests/e2e/test_pager_looks.py -k pictures
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from responder.sealed.pages import DeviceKey, PagerFacts, parse_registration
from responder.sealed.private_reports import report_link
from tests.e2e.browser import Browser, Tab
from tests.e2e.test_pager import Host, a_brief, browser, host, soon, start_value, write
from tests.pager_kit import a_page, sealed

__all__ = ["browser", "host"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPANISH = {
    "title": "Parada policial, northside",
    "place": "Esquina de la calle del Molino, junto a la panadería",
    "partner": "Wren, con experiencia. Os veis en la parada del tranvía.",
    "lines": ("Dos agentes retienen a tres chavales.", "Uno de ellos llora."),
    "safety": ("Quédate a diez pasos.", "No te metas en medio."),
    "leave": ("Vete si alguien se vuelve contra ti.", "Vete si tu pareja quiere irse."),
    "guidance": ("Una persona graba, la otra mira las salidas.",),
}


def links(device: DeviceKey, facts: PagerFacts, code: str) -> dict[str, str]:
    """What leads to each screen of a phone that is registered, in order."""
    words: dict[str, Any] = SPANISH if code == "es" else {}
    here: dict[str, Any] = {"language": code, "expires_at": soon()}
    probe = a_page(**here, layout="probe", lines=(), title="", token="token-12345")
    told = {key: words[key] for key in ("title", "lines") if key in words}
    page = a_page(**here, **{"title": "Police stop, northside", **told})
    over = a_page(**here, thread="ended", layout="over", lines=(), title="")
    brief = a_brief(**{**words, "language": code, "thread": "brief"})
    (good,) = sealed(brief, device, facts=facts)
    return {
        "3-home": facts.pager_url,
        "4-probe": sealed(probe, device, facts=facts, purpose="probe")[0],
        "5-page": sealed(page, device, facts=facts)[0],
        "6-brief": good,
        "7-over": sealed(over, device, facts=facts)[0],
        "8-other-phone": sealed(brief, facts=facts)[0],
        "8-changed": good[:-9],
        "8-expired": sealed(a_brief(expires_at=soon(-1)), device, facts=facts)[0],
    }


async def every_screen(tab: Tab, host: Host, code: str) -> AsyncIterator[str]:
    """Go to each screen in turn, as a person would; its name, once it is there."""
    await tab.go(host.facts.pager_url)
    yield "1-register"
    await tab.run("document.querySelector('main button').click()")
    await tab.wait("document.querySelector('.words')")
    yield "2-registered"
    device = parse_registration(await start_value(tab), host.facts)
    assert device is not None
    for name, link in links(device, host.facts, code).items():
        await tab.go(link)
        yield name
    await tab.go(links(device, host.facts, code)["6-brief"])
    await tab.run("[...document.querySelectorAll('button')].at(-1).click()")
    yield "9-hidden"
    await tab.go(report_link(host.facts))
    yield "10-report"
    await tab.run("document.querySelector('form button').click()")
    yield "11-report-without-words"
    await write(tab, "Three officers at the corner.")
    await tab.run("document.querySelector('form button').click()")
    await tab.wait("document.querySelector('textarea.sealed')")
    yield "12-report-sealed"


SCHEMES = ("light", "dark")
LANGUAGES = ("en-US", "es-ES")


async def lit(tab: Tab, scheme: str) -> None:
    """As a phone that is set to light or dark."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    await tab.call("Emulation.setEmulatedMedia", features=[feature])


FAULTS = """(() => {
  const seen = (selector) =>
    [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility());
  const told = (words, elements) => elements.map((e) => `${words}: ${e.outerHTML.slice(0, 90)}`);
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  const named = (e) => ["for", "aria-describedby", "aria-labelledby"]
    .flatMap((name) => (e.getAttribute(name) ?? "").split(" ")).filter(Boolean);
  const small = ({ height, width }) => height < 48 || width < 48;
  return [
    ...(seen("h1").length === 1 ? [] : ["not one first heading"]),
    ...(seen("main").length === 1 ? [] : ["not one main part"]),
    ...(document.documentElement.scrollWidth > innerWidth ? ["wider than the screen"] : []),
    ...(document.title ? [] : ["no title"]),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: ${id}`),
    ...told("points nowhere", seen("*").filter((e) => named(e).some((id) => !ids.includes(id)))),
    ...told("small", seen("a:not(.skip), button, input, textarea, summary")
      .filter((e) => small(e.getBoundingClientRect()))),
    ...told("nameless", seen("input, textarea")
      .filter((e) => e.labels.length === 0 && !e.getAttribute("aria-label"))),
    ...told("a picture without words", seen("img").filter((e) => !e.hasAttribute("alt"))),
  ]; })()"""
"""What would keep somebody with a thumb, a small screen or a screen reader out."""

FAINTEST = """(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : color; };
  const words = "h1, h2, p, li, a, button, label, summary, input, textarea";
  return Math.min(...[...document.querySelectorAll(words)]
    .filter((element) => element.offsetParent !== null
      && (element.innerText.trim() || element.value))
    .map((element) => {
      const pair = [light(getComputedStyle(element).color), light(ground(element))];
      return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05); })); })()"""
"""The contrast of the faintest words on the screen, as WCAG counts it: 7 is its highest grade."""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_can_be_tapped_and_followed(
    browser: Browser, host: Host, language: str
) -> None:
    tab = await browser.tab(language=language)
    async for name in every_screen(tab, host, language[:2]):
        assert await tab.run(FAULTS) == [], name
        assert await tab.run("document.documentElement.lang") == language[:2], name


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_is_easy_to_read_by_day_and_by_night(
    browser: Browser, host: Host, language: str
) -> None:
    tab = await browser.tab(language=language)
    async for name in every_screen(tab, host, language[:2]):
        grounds = set()
        for scheme in SCHEMES:
            await lit(tab, scheme)
            grounds.add(await tab.run("getComputedStyle(document.body).backgroundColor"))
            assert await tab.run(FAINTEST) >= 7, (name, scheme)
        assert len(grounds) == 2, name


async def test_a_screen_reader_finds_its_way(browser: Browser, host: Host) -> None:
    tab, seen = await browser.tab(), set[tuple[str, str]]()
    async for name in every_screen(tab, host, "en"):
        nodes = (await tab.call("Accessibility.getFullAXTree"))["nodes"]
        read = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes]
        assert {"banner", "main", "navigation", "heading", "status"} <= {r for r, _ in read}, name
        tapped = {"button", "link", "textbox", "DisclosureTriangle"}
        assert [one for one in read if one[0] in tapped and not one[1]] == [], name
        seen |= set(read)
    assert {("region", "Where"), ("region", "To stay safe"), ("region", "When to leave")} <= seen
    assert "timer" in {role for role, _ in seen}


# --- pictures, to be looked at --------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pictures_of_every_screen_are_taken(
    browser: Browser, host: Host, tmp_path: Path, language: str
) -> None:
    folder = Path(os.environ.get("RESPONDER_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    tab, code, names = await browser.tab(language=language), language[:2], []
    async for name in every_screen(tab, host, code):
        for scheme in SCHEMES:
            await lit(tab, scheme)
            await tab.picture(folder / f"{code}-{name}-{scheme}.png")
        names.append(name)
    assert len(list(folder.glob(f"{code}-*.png"))) >= 2 * len(names) >= 28
