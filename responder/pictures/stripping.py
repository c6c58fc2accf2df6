"""Pictures and voice messages, rid of all that they say beside what is seen and heard.

What it is for
    A picture from a phone tells where it was taken, when, and with which phone. `strip` takes
    bytes in and gives clean bytes out, or refuses.

Rules it keeps
    * All in memory: no temporary file, nothing on disk in the clear.
    * Nothing is removed from a file: a new one is made from the parts that are understood. A
      picture is decoded and drawn anew, a voice message is put together from its sound frames.
    * What can't be cleaned with certainty is refused, with words that say what to do instead.
    * The sender's word for the kind (`mime`) opens no door: the bytes themselves decide.

What it must not know
    People, channels, and the language of the one who reads a refusal: `reason` is for phrases.

Decoding costs tenths of a second of CPU for a large picture: call it in a thread.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from responder.errors import ResponderError

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 50_000_000
"""The largest picture that is decoded: 150 MB in memory. A phone's own pictures have less."""
_SIDES = (2560, 1600, 1024)
_PICTURES = ("JPEG", "PNG", "WEBP", "GIF")


class Reason(StrEnum):
    """Why something was refused, in one word for `phrases`."""

    TOO_LARGE = "too-large"
    KIND = "kind"
    UNREADABLE = "unreadable"


class MediaRefused(ResponderError):
    """Something that is not passed on; the text says what to send instead."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Stripped:
    """Clean bytes and what they are."""

    mime: str
    data: bytes


def strip(data: bytes, mime: str, limit: int) -> Stripped:
    """The picture or voice message without metadata, in at most `limit` bytes.

    `mime` is what the sender's app called it, or "" where it said nothing. Pictures (JPEG, PNG,
    WebP, GIF: its first frame) come out as JPEG or PNG, at most 2560 points wide and high. Sound
    (Opus in Ogg, MP3, AAC, M4A) keeps its sound as it is. Raises `MediaRefused` for the rest.
    """
    if len(data) > limit:
        raise _too_large(limit)
    family = mime.partition("/")[0].strip().lower()
    if family in {"image", ""} and _looks_like_a_picture(data):
        return _picture(data, limit)
    voice = _voice_format(data) if family in {"audio", "application", ""} else None
    if voice is None:
        raise _wrong_kind()
    out_mime, clean = voice
    try:
        return Stripped(out_mime, clean(data))
    except (struct.error, IndexError):
        raise _unreadable() from None


def _too_large(limit: int) -> MediaRefused:
    size = f"{limit / 1_000_000:.1f}".removesuffix(".0")
    return MediaRefused(
        Reason.TOO_LARGE,
        f"this is larger than {size} million bytes: send a smaller picture or a shorter message",
    )


def _wrong_kind() -> MediaRefused:
    return MediaRefused(
        Reason.KIND,
        "only pictures and voice messages are passed on: take a picture of what matters, "
        "or say it in a voice message; keep videos and documents on your own phone",
    )


def _unreadable() -> MediaRefused:
    return MediaRefused(
        Reason.UNREADABLE,
        "this file can't be cleaned with certainty: take a screenshot of the picture and send "
        "that, or record the message anew with the app's own microphone button",
    )


# --- pictures -------------------------------------------------------------------------------------


def _looks_like_a_picture(data: bytes) -> bool:
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return webp or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))


def _picture(data: bytes, limit: int) -> Stripped:
    from PIL import Image  # with the first picture: a start must not wait for it

    try:
        kind, drawn = _drawn(data)
    except MediaRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise _too_many_points() from None
    except Exception:  # Hostile bytes make a decoder fail in any way it can, and any way is a no.
        raise _unreadable() from None
    for side in _SIDES:
        drawn.thumbnail((side, side))
        if kind == "PNG":
            out = _saved(drawn, "PNG")
            if len(out) <= limit:
                return Stripped("image/png", out)
        out = _saved(_on_white(drawn), "JPEG")
        if len(out) <= limit:
            return Stripped("image/jpeg", out)
    raise _too_large(limit)


def _drawn(data: bytes) -> tuple[str, Image.Image]:
    """The picture as plain points, upright, and the format that suits it."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data), formats=_PICTURES) as source:
        if source.width * source.height > MOST_PIXELS:
            raise _too_many_points()
        source.draft("RGB", (_SIDES[0], _SIDES[0]))
        upright = ImageOps.exif_transpose(source)
        see_through = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
        plain = upright.convert("RGBA" if see_through else "RGB")
        kind = "PNG" if see_through or source.format == "PNG" else "JPEG"
    # Points alone: a converted picture still carries the comments and profiles of its source.
    return kind, Image.frombytes(plain.mode, plain.size, plain.tobytes())


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, quality=85)
    return out.getvalue()


def _too_many_points() -> MediaRefused:
    return MediaRefused(
        Reason.TOO_LARGE,
        f"this picture has more than {MOST_PIXELS // 1_000_000} million points: send a smaller one",
    )


# --- sound ----------------------------------------------------------------------------------------


def _voice_format(data: bytes) -> tuple[str, Callable[[bytes], bytes]] | None:
    start = _after_id3(data)
    if data.startswith(b"OggS"):
        return "audio/ogg", _ogg_opus
    if data[4:8] == b"ftyp":
        return "audio/mp4", _m4a
    if _adts_length(data, start):
        return "audio/aac", lambda data: _frames(data, _adts_length)
    if _mp3_length(data, start):
        return "audio/mpeg", lambda data: _frames(data, _mp3_length)
    return None


# A trailer that may follow the last frame of MP3 or AAC: ID3v1, APE, Lyrics3, padding.
_TRAILER = re.compile(rb"TAG|APETAGEX|LYRICSBEGIN|ID3|3DI|\0*\Z")
_MP3_RATES = (44100, 48000, 32000)
_MP3_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _after_id3(data: bytes) -> int:
    """Where the sound begins behind ID3v2 tags (id3.org, ID3v2.4: sizes of four times 7 bits)."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        a, b, c, d = data[at + 6 : at + 10]
        footer = 10 if data[at + 5] & 0x10 else 0
        at += 10 + footer + ((a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | (d & 127))
    return at


def _mp3_length(data: bytes, at: int) -> int:
    """The length of the MPEG layer III frame that begins here; 0 where none does."""
    head = int.from_bytes(data[at : at + 4], "big")
    version, rate, kbits = head >> 19 & 3, head >> 10 & 3, head >> 12 & 15
    if len(data) < at + 4 or head >> 21 != 0x7FF or head >> 17 & 3 != 1:
        return 0
    if version == 1 or rate == 3 or kbits in (0, 15):
        return 0
    hertz = _MP3_RATES[rate] >> (0, 0, 1, 0)[version] >> (2 if version == 0 else 0)
    speed = (_MP3_KBITS_1 if version == 3 else _MP3_KBITS_2)[kbits] * 1000
    return (144 if version == 3 else 72) * speed // hertz + (head >> 9 & 1)


def _adts_length(data: bytes, at: int) -> int:
    """The length of the AAC frame that begins here (ISO 13818-7, ADTS); 0 where none does."""
    if len(data) < at + 7 or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
        return 0
    length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return length if length > 7 else 0


def _frames(data: bytes, length_at: Callable[[bytes, int], int]) -> bytes:
    """The sound frames alone, one right behind the other."""
    at, kept = _after_id3(data), []
    while (length := length_at(data, at)) and at + length <= len(data):
        kept.append(data[at : at + length])
        at += length
    cut_off = length_at(data, at) > len(data) - at
    if not kept or not (cut_off or _TRAILER.match(data, at)):
        raise _unreadable()
    # The first frame may be an index with the encoder's name in it, and no sound.
    if len(kept) > 1 and re.search(rb"Xing|Info|VBRI", kept[0][:64]):
        del kept[0]
    return b"".join(kept)


# --- Opus in Ogg: RFC 3533 and RFC 7845 -----------------------------------------------------------

_BARE_TAGS = b"OpusTags" + bytes(8)
_MIRRORED = bytes(int(f"{n:08b}"[::-1], 2) for n in range(256))


@dataclass(frozen=True)
class _Page:
    flags: int
    granule: bytes
    serial: bytes
    lacing: bytes
    body: bytes

    def packed(self, number: int) -> bytes:
        """The page's bytes, numbered anew and with a serial number that tells nothing."""
        head = b"OggS\0" + bytes([self.flags]) + self.granule + struct.pack("<II", 1, number)
        tail = bytes([len(self.lacing)]) + self.lacing + self.body
        return head + _ogg_crc(head + bytes(4) + tail) + tail


def _ogg_crc(page: bytes) -> bytes:
    """Ogg's CRC-32 runs from the high bit; zlib's is the same polynomial from the low one."""
    register = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return register.to_bytes(4, "big").translate(_MIRRORED)


def _pages(data: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(data):
        if data[at : at + 5] != b"OggS\0":
            raise _unreadable()
        body = at + 27 + data[at + 26]
        lacing = data[at + 27 : body]
        end = body + sum(lacing)
        if end > len(data):
            raise _unreadable()
        serial = data[at + 14 : at + 18]
        yield _Page(data[at + 5], data[at + 6 : at + 14], serial, lacing, data[body:end])
        at = end


def _ogg_opus(data: bytes) -> bytes:
    head, *rest = _pages(data)
    mono_or_stereo = len(head.body) >= 19 and head.body[18] == 0
    if not head.body.startswith(b"OpusHead") or not mono_or_stereo or len(head.lacing) != 1:
        raise _unreadable()
    if any(page.serial != head.serial for page in rest):
        raise _unreadable()
    ends = next((n for n, page in enumerate(rest) if page.lacing[-1:] != b"\xff"), len(rest))
    tags = rest[: ends + 1]
    packets = sum(length < 255 for page in tags for length in page.lacing)
    if packets != 1 or not b"".join(page.body for page in tags).startswith(b"OpusTags"):
        raise _unreadable()
    opening = [
        _Page(2, bytes(8), head.serial, bytes([19]), head.body[:19]),
        _Page(0, bytes(8), head.serial, bytes([len(_BARE_TAGS)]), _BARE_TAGS),
    ]
    pages = [*opening, *rest[ends + 1 :]]
    return b"".join(page.packed(number) for number, page in enumerate(pages))


# --- M4A: ISO 14496-12 ----------------------------------------------------------------------------

_OUTER = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf"}
_KEPT = {
    *(b"ftyp", b"mdat", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"elst", b"smhd", b"dref", b"stsd"),
    *(b"stts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sgpd", b"sbgp"),
    *(b"mehd", b"trex", b"mfhd", b"tfhd", b"tfdt", b"trun"),
}


def _m4a(data: bytes) -> bytes:
    """The same boxes in the same places, since others point into them; the unknown become blank."""
    out = bytearray(data)
    kinds: list[bytes] = []
    _clean_boxes(out, 0, len(out), kinds)
    if not {b"moov", b"mdat", b"hdlr", b"stsd"} <= set(kinds):
        raise _unreadable()
    return bytes(out)


def _clean_boxes(out: bytearray, at: int, end: int, kinds: list[bytes], depth: int = 0) -> None:
    while at < end:
        size, kind = struct.unpack_from(">I4s", out, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", out, body)
            body += 8
        stop = at + size if size else end
        if stop < body or stop > end or depth > 8:
            raise _unreadable()
        kinds.append(kind)
        if kind in _OUTER:
            _clean_boxes(out, body, stop, kinds, depth + 1)
        elif kind in _KEPT:
            _clean_box(out, kind, body, stop)
        else:
            out[at + 4 : at + 8] = b"free"
            out[body:stop] = bytes(stop - body)
        at = stop


def _clean_box(out: bytearray, kind: bytes, body: int, stop: int) -> None:
    if kind in {b"mvhd", b"tkhd", b"mdhd"}:  # when it was recorded and changed
        until = min(stop, body + (20 if out[body] == 1 else 12))
        out[body + 4 : until] = bytes(until - body - 4)
    elif kind == b"hdlr":  # the maker's and the recorder's names behind the kind of track
        track = bytes(out[body + 8 : body + 12])
        if track == b"vide":
            raise _wrong_kind()
        if track != b"soun":
            raise _unreadable()
        out[body + 12 : stop] = bytes(stop - body - 12)
    elif kind == b"dref" and bytes(out[body + 4 : stop]) != _SELF_CONTAINED:
        raise _unreadable()  # the path of a file on the phone


_SELF_CONTAINED = struct.pack(">II4sI", 1, 12, b"url ", 1)
