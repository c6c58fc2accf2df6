"""Pictures and voice messages lose what they tell besides; what can't be cleaned is refused."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin

from responder.pictures.stripping import MediaRefused, Reason, strip

CANARY = b"CANARY-riverside-41.8-87.6"
WORD = CANARY.decode()
LIMIT = 1_000_000


def refusal(data: bytes, mime: str, limit: int = LIMIT) -> MediaRefused:
    with pytest.raises(MediaRefused) as caught:
        strip(data, mime, limit)
    return caught.value


# --- samples -------------------------------------------------------------------------------------


def an_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = WORD
    exif[0x0112] = orientation
    degrees = TiffImagePlugin.IFDRational(41)
    exif[0x8825] = {1: "N", 2: (degrees, degrees, degrees), 29: WORD}
    exif[0x8769] = {0x9286: CANARY}
    return exif


def a_picture(kind: str, size: tuple[int, int] = (40, 20), orientation: int = 1) -> bytes:
    """A picture, red on its left half, with a canary in every corner that its format has."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    more: dict[str, object] = {"exif": an_exif(orientation), "icc_profile": CANARY}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", WORD)
        text.add_itxt("XML:com.adobe.xmp", WORD)
        more["pnginfo"] = text
    elif kind in {"JPEG", "WEBP"}:
        more |= {"xmp": CANARY, "comment": CANARY} if kind == "JPEG" else {"xmp": CANARY}
    else:
        more = {"comment": CANARY}
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue() + CANARY


def a_page(number: int, lacing: bytes, body: bytes, flags: int = 0, serial: int = 7) -> bytes:
    head = b"OggS\0" + bytes([flags]) + struct.pack("<QII", 960 * number, serial, number)
    return head + bytes(4) + bytes([len(lacing)]) + lacing + body


def an_opus(vendor: bytes = CANARY, comment: bytes = CANARY, serial: int = 7) -> bytes:
    """A voice message whose tags may run over two pages; its sound is 7, 260 and 7 bytes."""
    head = b"OpusHead" + bytes([1, 1]) + struct.pack("<HIH", 312, 48000, 0) + b"\0"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 1)
    tags += struct.pack("<I", len(comment)) + comment
    lacing = b"\xff" * (len(tags) // 255) + bytes([len(tags) % 255])
    pages = [a_page(0, bytes([19]), head, flags=2), a_page(1, lacing[:255], tags[: 255 * 255])]
    if len(lacing) > 255:
        pages.append(a_page(2, lacing[255:], tags[255 * 255 :], flags=1))
    at = len(pages)
    pages.append(a_page(at, bytes([7, 255, 5]), b"sound-1" + b"sound" * 52, serial=serial))
    pages.append(a_page(at + 1, bytes([7]), b"sound-3", flags=4, serial=serial))
    return b"".join(pages)


def an_mp3(middle: bytes = b"") -> bytes:
    frame = bytes.fromhex("fffb9064") + b"\x55" * 413
    index = bytes.fromhex("fffb9064") + (bytes(32) + b"Xing" + CANARY).ljust(413, b"\0")
    id3 = b"ID3\4\0\0" + bytes([0, 0, 0, len(CANARY)]) + CANARY
    return id3 + index + frame + middle + frame + b"TAG" + CANARY.ljust(125, b"\0")


def an_aac() -> bytes:
    frame = bytes.fromhex("fff150800be000") + b"\x21" * 88
    id3 = b"ID3\4\0\0" + bytes([0, 0, 0, len(CANARY)]) + CANARY
    return id3 + frame + frame


def a_box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def an_m4a(track: bytes = b"soun") -> bytes:
    when = struct.pack(">I", 3_900_000_000)
    handler = a_box(b"hdlr", bytes(8), track, b"appl", bytes(8), CANARY)
    dref = a_box(b"dref", bytes(4), struct.pack(">II4sI", 1, 12, b"url ", 1))
    stbl = a_box(b"stbl", a_box(b"stsd", bytes(8)), a_box(b"stco", bytes(8)))
    minf = a_box(b"minf", a_box(b"dinf", dref), stbl)
    mdia = a_box(b"mdia", a_box(b"mdhd", bytes(4), when, when, bytes(12)), handler, minf)
    udta = a_box(b"udta", a_box(b"\xa9xyz", CANARY), a_box(b"meta", CANARY))
    mvhd = a_box(b"mvhd", bytes(4), when, when, bytes(88))
    moov = a_box(b"moov", mvhd, a_box(b"trak", mdia, udta), udta)
    uuid = a_box(b"uuid", CANARY)
    return (
        a_box(b"ftyp", b"M4A ", bytes(4))
        + uuid
        + moov
        + a_box(b"free", CANARY)
        + a_box(b"mdat", b"the sound itself")
    )


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_but_the_picture_is_left(kind: str) -> None:
    before = a_picture(kind)
    assert before.count(CANARY) >= 2
    after = strip(before, f"image/{kind.lower()}", LIMIT)
    assert b"CANARY" not in after.data
    with Image.open(io.BytesIO(after.data)) as picture:
        assert not picture.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile", "Comment"} & picture.info.keys()
        assert picture.size == (40, 20)


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/jpeg"), ("GIF", "image/jpeg")],
)
def test_a_picture_comes_out_in_a_format_that_every_phone_shows(kind: str, mime: str) -> None:
    assert strip(a_picture(kind), "", LIMIT).mime == mime


def test_a_picture_is_turned_upright_before_the_note_that_says_so_is_lost() -> None:
    after = strip(a_picture("JPEG", orientation=6), "image/jpeg", LIMIT)
    with Image.open(io.BytesIO(after.data)) as picture:
        assert picture.size == (20, 40)
        red, _, blue = picture.convert("RGB").getpixel((10, 5))  # type: ignore[misc]
        assert red > 200 > blue


def test_see_through_pictures_stay_so() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    after = strip(out.getvalue(), "image/png", LIMIT)
    with Image.open(io.BytesIO(after.data)) as picture:
        assert picture.mode == "RGBA"


def test_of_a_moving_picture_the_first_frame_is_left() -> None:
    out = io.BytesIO()
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    first.save(out, "GIF", save_all=True, append_images=[second])
    after = strip(out.getvalue(), "image/gif", LIMIT)
    with Image.open(io.BytesIO(after.data)) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        assert picture.convert("RGB").getpixel((4, 4)) >= (250, 0, 0)  # type: ignore[operator]


def test_a_large_picture_is_made_smaller() -> None:
    after = strip(a_picture("JPEG", (4000, 3000)), "image/jpeg", LIMIT)
    with Image.open(io.BytesIO(after.data)) as picture:
        assert max(picture.size) <= 2560


def test_a_picture_bomb_is_refused_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    empty = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    assert refusal(bomb + empty, "image/png").reason is Reason.TOO_LARGE


def test_a_broken_picture_is_refused_without_the_words_of_the_decoder() -> None:
    error = refusal(a_picture("JPEG")[:400], "image/jpeg")
    assert error.reason is Reason.UNREADABLE
    assert "screenshot" in str(error)
    assert error.__suppress_context__


# --- sound ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (an_opus(), "audio/ogg"),
        (an_opus(comment=CANARY * 3000), "audio/ogg"),
        (an_mp3(), "audio/mpeg"),
        (an_aac(), "audio/aac"),
        (an_m4a(), "audio/mp4"),
    ],
)
def test_nothing_but_the_sound_is_left(data: bytes, mime: str) -> None:
    assert b"CANARY" in data
    after = strip(data, "", LIMIT)
    assert after.mime == mime
    assert b"CANARY" not in after.data
    assert strip(after.data, mime, LIMIT) == after


def test_opus_packets_and_page_sums_are_right() -> None:
    after = strip(an_opus(comment=CANARY * 3000), "audio/ogg", LIMIT).data
    numbers, at = [], 0
    while at < len(after):
        table = after[at + 27 : at + 27 + after[at + 26]]
        end = at + 27 + len(table) + sum(table)
        page = after[at : at + 22] + bytes(4) + after[at + 26 : end]
        assert struct.unpack_from("<I", after, at + 22)[0] == slow_ogg_crc(page)
        numbers.append(struct.unpack_from("<I", after, at + 18)[0])
        at = end
    assert numbers == [0, 1, 2, 3]
    assert after.endswith(b"sound-3")


def slow_ogg_crc(page: bytes) -> int:
    """The sum as RFC 3533 describes it, bit by bit."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = register << 1 ^ (0x104C11DB7 if register & 0x80000000 else 0)
    return register


def test_an_m4a_keeps_its_places_and_loses_its_times() -> None:
    before = an_m4a()
    after = strip(before, "audio/mp4", LIMIT).data
    assert len(after) == len(before)
    assert after.index(b"the sound itself") == before.index(b"the sound itself")
    assert struct.pack(">I", 3_900_000_000) not in after
    assert b"appl" not in after


@pytest.mark.parametrize(
    "data",
    [
        an_opus(serial=8),
        an_opus().replace(b"OpusTags", b"OpusTogs"),
        an_opus().replace(b"OpusHead", b"\x01vorbis\0"),
        an_opus() + CANARY,
        an_opus()[:-3],
        an_mp3(middle=CANARY),
        an_aac() + CANARY,
        an_m4a(track=b"text"),
        an_m4a()[:-3],
        an_m4a().replace(b"url \0\0\0\1", b"url \0\0\0\0"),
    ],
)
def test_sound_that_is_not_understood_to_its_end_is_refused(data: bytes) -> None:
    error = refusal(data, "audio/ogg")
    assert error.reason is Reason.UNREADABLE
    assert "CANARY" not in str(error)


# --- the door ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (a_picture("JPEG"), "video/mp4"),
        (a_picture("JPEG"), "audio/ogg"),
        (an_opus(), "image/jpeg"),
        (an_m4a(track=b"vide"), "audio/mp4"),
        (b"", ""),
    ],
)
def test_anything_else_is_refused_with_what_to_do_instead(data: bytes, mime: str) -> None:
    error = refusal(data, mime)
    assert error.reason is Reason.KIND
    assert "voice message" in str(error)


def test_what_is_too_large_is_refused_before_it_is_looked_at() -> None:
    assert refusal(b"x" * 11, "video/mp4", limit=10).reason is Reason.TOO_LARGE


def test_what_stays_too_large_however_small_it_is_drawn_is_refused() -> None:
    noise = Image.effect_noise((64, 64), 90)
    out = io.BytesIO()
    noise.save(out, "WEBP", quality=1)
    data = out.getvalue()
    assert refusal(data, "image/webp", limit=len(data)).reason is Reason.TOO_LARGE


starts = st.sampled_from([a_picture("PNG"), a_picture("WEBP"), an_opus(), an_mp3(), an_m4a()])


@given(starts, st.integers(0, 2000), st.binary(max_size=12))
def test_damaged_files_are_cleaned_or_refused_and_nothing_else(
    data: bytes, at: int, damage: bytes
) -> None:
    at %= len(data)
    try:
        strip(data[:at] + damage + data[at + len(damage) :], "", LIMIT)
    except MediaRefused as refused:
        assert "CANARY" not in str(refused)


# --- memory only ---------------------------------------------------------------------------------

opened: list[str] = []


@pytest.fixture
def writes() -> Iterator[list[str]]:
    """Every file that is opened for writing while the test runs."""
    opened.clear()
    recording.append(True)
    yield opened
    recording.clear()


recording: list[bool] = []


def _record(event: str, args: tuple[object, ...]) -> None:
    if recording and event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        opened.append(str(args[0]))
    elif recording and event.startswith("tempfile"):
        opened.append(event)


sys.addaudithook(_record)


def test_nothing_is_written_to_disk(writes: list[str]) -> None:
    for data in (a_picture("JPEG"), a_picture("PNG"), a_picture("WEBP"), an_opus(), an_m4a()):
        strip(data, "", LIMIT)
    assert writes == []
