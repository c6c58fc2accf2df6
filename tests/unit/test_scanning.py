"""Codes are scanned as a phone would: on the screen, in a picture, on the poster."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pytest
import zxingcpp
from PIL import Image

from responder.handouts import inviting, poster
from responder.handouts.poster import Words

LINKS = (
    inviting.telegram("otter_watch_bot", "k7q2m4x9w3tz").link,
    inviting.signal("+15550100000").link,
)
_DOT = 6
_WORDS = Words("es", "Otter Watch", "Northside", ("Nadie va a solas.",), "112", "/olvidar")


def scanned(picture: Image.Image) -> list[str]:
    """What a reader finds in the picture."""
    return sorted(found.text for found in zxingcpp.read_barcodes(picture))


def drawn(dots: Iterable[tuple[int, int]], wide: int, high: int, paper: str) -> Image.Image:
    """A picture of black dots on white, in the middle of a page or a screen of that colour."""
    code = Image.new("L", (wide, high), 255)
    for dot in dots:
        code.putpixel(dot, 0)
    code = code.resize((wide * _DOT, high * _DOT), Image.Resampling.NEAREST)
    page = Image.new("L", (code.width + 200, code.height + 200), paper)
    page.paste(code, (100, 100))
    return page


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("screen", ["black", "white"])
def test_the_code_on_a_screen_can_be_scanned_on_dark_and_on_light(link: str, screen: str) -> None:
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in inviting.half_blocks(link)]
    dots = [
        (x, 2 * y + half)
        for y, line in enumerate(lines)
        for x, sign in enumerate(line)
        for half in (0, 1)
        if sign == "█" or sign == "▀▄"[half]
    ]
    assert scanned(drawn(dots, len(lines[0]), 2 * len(lines), screen)) == [link]


@pytest.mark.parametrize("link", LINKS)
def test_the_code_in_a_picture_can_be_scanned(link: str) -> None:
    assert scanned(Image.open(io.BytesIO(inviting.picture(link, ".png")))) == [link]


@pytest.mark.parametrize("paper", poster.PAPERS)
def test_both_codes_of_the_poster_can_be_scanned_and_carry_no_secret(paper: str) -> None:
    ways = [inviting.signal("+15550100000"), inviting.telegram("otter_watch_bot")]
    picture = poster.svg(poster.page(_WORDS, ways, paper))
    codes = re.findall(r'scale\(([\d.]+)\)" shape-rendering="crispEdges" d="([^"]+)"', picture)
    assert len(codes) == 2
    found = []
    for _, path in codes:
        dots = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)]
        side = max(max(dot) for dot in dots) + 1 + inviting.QUIET
        found += scanned(drawn(dots, side, side, "white"))
    assert sorted(found) == sorted(way.link for way in ways)
