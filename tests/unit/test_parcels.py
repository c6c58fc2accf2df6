"""Parcels: tokens only the network makes, pieces of a few sizes, a hatch that asks anew."""

from __future__ import annotations

import asyncio
import json
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from responder.core import events
from responder.core.changes import Device, Piece, piece_id
from responder.core.model import Media, MediaKind, PersonId, ReportId
from responder.sealed.framing import PagerError, unurl64, url64
from responder.sealed.hatch import AT_ONCE, MOST_WAITING, Hatch
from responder.sealed.parcels import SIZES, TOKEN_LENGTH, TYPES, For, Parcel, ParcelKeys, pack
from responder.storage.store import StoreError
from tests.builders import FOX, HERON, NOW, OWL, WREN, Story, a_report, a_small_network
from tests.pager_kit import PARCEL_KEYS, Named, NotOpened, open_link, open_parcel
from tests.ports import PATIENCE_S

HOUR = timedelta(hours=1)
CAR = Media(channel="signal", ref="car", kind=MediaKind.PICTURE, mime="image/jpeg")
BYTES = b"\xff\xd8 a car by the bakery"
VECTORS = Path(__file__).parent.parent / "vectors" / "parcels.json"


def a_phone(person: str, number: int = 1) -> Device:
    id = f"{person}-{number}"
    return Device(id=id, person=PersonId(person), key=id, words=(), registered_at=NOW)


def a_parcel(piece: str = piece_id(CAR), person: str = FOX, **changes: Any) -> Parcel:
    """For this person's first phone, unless another is given."""
    phone = a_phone(person).id
    how = {"phone": phone, "purpose": For.VERIFIER, "expires_at": NOW + HOUR, **changes}
    return PARCEL_KEYS.parcel("picture", piece, **how)


def bent(token: str, at: int) -> str:
    raw = bytearray(unurl64(token))
    raw[at] ^= 1
    return url64(bytes(raw))


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_says_what_it_is_for_to_its_own_network_alone() -> None:
    ticket = PARCEL_KEYS.read(a_parcel().token, NOW)
    assert ticket is not None
    assert (ticket.purpose, ticket.expires_at) == (For.VERIFIER, NOW + HOUR)
    assert PARCEL_KEYS.is_piece(ticket, piece_id(CAR))
    assert not PARCEL_KEYS.is_piece(ticket, "signal:another")
    mine, another = a_phone(FOX).id, a_phone(FOX, 2).id
    assert PARCEL_KEYS.phone_of(ticket, (another, mine)) == mine
    assert PARCEL_KEYS.phone_of(ticket, (another, a_phone(OWL).id)) is None
    assert ParcelKeys(bytes(32)).read(ticket.token, NOW) is None


def test_a_token_is_nothing_once_its_time_is_over() -> None:
    token = a_parcel().token
    assert PARCEL_KEYS.read(token, NOW + HOUR - timedelta(seconds=1)) is not None
    assert PARCEL_KEYS.read(token, NOW + HOUR) is None


@pytest.mark.parametrize("at", range(61))
def test_a_token_with_any_byte_changed_is_nothing(at: int) -> None:
    assert PARCEL_KEYS.read(bent(a_parcel().token, at), NOW) is None


@given(st.text(max_size=120))
def test_what_is_no_token_is_nothing(text: str) -> None:
    assert PARCEL_KEYS.read(text, NOW) is None


def test_a_token_has_one_spelling_only() -> None:
    token = a_parcel().token
    letters = string.ascii_letters + string.digits + "-_"
    others = [token[:-1] + letter for letter in letters if letter != token[-1]]
    assert sum(unurl64(other) == unurl64(token) for other in others) == 15
    assert all(PARCEL_KEYS.read(other, NOW) is None for other in others)


def test_all_tokens_look_alike_and_none_tells_what_it_is_for() -> None:
    long = "telegram:" + "x" * 120
    made = [a_parcel(), a_parcel(), a_parcel(long), a_parcel(person="a" * 90, purpose=For.TEAM)]
    assert {len(p.token) for p in made} == {TOKEN_LENGTH}
    assert len({p.token for p in made}) == 4
    tokens = [unurl64(p.token) for p in made]
    assert not any(plain in token for token in tokens for plain in (b"x" * 8, b"a" * 8))


def test_a_parcels_key_hangs_on_the_piece_that_is_destroyed_with_its_report() -> None:
    token = a_parcel().token
    assert PARCEL_KEYS.key(token, piece_id(CAR)) == PARCEL_KEYS.key(token, piece_id(CAR))
    assert PARCEL_KEYS.key(token, piece_id(CAR)) != PARCEL_KEYS.key(token, "signal:guess")
    assert len({a_parcel().key for _ in range(5)}) == 5


# --- packing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mime", TYPES)
def test_a_packed_piece_opens_with_its_key_alone(mime: str) -> None:
    key = a_parcel().key
    assert open_parcel(pack(key, mime, BYTES), key) == (mime, BYTES)
    with pytest.raises(NotOpened):
        open_parcel(pack(key, mime, BYTES), a_parcel().key)


@pytest.mark.parametrize("length", [1, 60_000, SIZES[0] - 5, SIZES[0] - 4, 8 * 1024 * 1024])
def test_a_parcel_has_one_of_a_few_sizes(length: int) -> None:
    packed = pack(bytes(32), "image/png", bytes(length))
    assert len(packed) - 28 in SIZES
    assert len(packed) - 28 >= length + 5
    assert packed[12:] != pack(bytes(32), "image/png", bytes(length))[12:]


def test_nothing_else_is_packed() -> None:
    for mime in ("image/svg+xml", "text/html", "video/mp4", ""):
        with pytest.raises(PagerError, match="cleaned types"):
            pack(bytes(32), mime, BYTES)
    with pytest.raises(PagerError, match="at most"):
        pack(bytes(32), "image/png", bytes(SIZES[-1]))


def test_the_pinned_parcels_go_on_opening() -> None:
    pinned = json.loads(VECTORS.read_text(encoding="utf-8"))
    keys = ParcelKeys(bytes.fromhex(pinned["secret"]))
    page = open_link(f"https://pager.example/#{pinned['fragment']}")
    assert page["parcels"] == pinned["named"]
    for text, one in zip(page["parcels"], pinned["parcels"], strict=True):
        named = Named.of(text)
        assert (named.token, named.key) == (one["token"], keys.key(one["token"], one["piece"]))
        ticket = keys.read(named.token, NOW)
        assert ticket is not None and keys.is_piece(ticket, one["piece"])
        assert (ticket.purpose, keys.phone_of(ticket, ["heron-1"])) == (
            one["purpose"],
            one["phone"],
        )
    holds = (pinned["holds"]["mime"], bytes.fromhex(pinned["holds"]["data"]))
    assert open_parcel(unurl64(pinned["fetched"]), Named.of(pinned["named"][0]).key) == holds


# --- the hatch ------------------------------------------------------------------------------------


class Town:
    """A held incident with a picture, and what the store keeps."""

    def __init__(self, story: Story) -> None:
        self.story, self.at = story, NOW
        for member in story.world.members():
            story.world.put(a_phone(member.id))
        self.kept = {piece_id(CAR): self.piece("image/jpeg", BYTES)}
        self.reads = 0
        self.block: asyncio.Event | None = None
        self.broken = False

    @staticmethod
    def piece(mime: str, data: bytes) -> Piece:
        return Piece(id=piece_id(CAR), report=ReportId("report-x"), mime=mime, data=data)

    async def read(self, id: str) -> Piece | None:
        self.reads += 1
        if self.block is not None:
            await self.block.wait()
        if self.broken:
            raise StoreError("no disk")
        return self.kept.get(id)

    @asynccontextmanager
    async def served(
        self, for_one_s: float = 60.0
    ) -> AsyncIterator[TestClient[web.Request, web.Application]]:
        hatch = Hatch(
            PARCEL_KEYS,
            world=lambda: self.story.world,
            piece=self.read,
            now=lambda: self.at,
            for_one_s=for_one_s,
        )
        app = web.Application()
        app.router.add_get(hatch.path, hatch.serve)
        async with TestClient(TestServer(app)) as client:
            yield client


@pytest.fixture
def town() -> Town:
    return Town(Story(a_small_network(), a_report(PersonId("x"), media=(CAR,))))


async def fetched(town: Town, parcel: Parcel) -> tuple[int, bytes]:
    async with town.served() as client:
        answer = await client.get(f"/parcel/{parcel.token}")
        return answer.status, await answer.read()


async def test_the_hatch_hands_out_ciphertext_of_one_size(town: Town) -> None:
    parcel = a_parcel()
    async with town.served() as client:
        answer = await client.get(f"/parcel/{parcel.token}")
        body = await answer.read()
    assert open_parcel(body, parcel.key) == ("image/jpeg", BYTES)
    assert BYTES not in body and len(body) == SIZES[0] + 28
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_may_not_be_had_looks_the_same_whatever_the_reason(town: Town) -> None:
    good = a_parcel().token
    late = a_parcel(expires_at=NOW).token
    unknown = a_parcel("signal:never").token
    nobody = a_parcel(person="stranger").token
    async with town.served() as client:
        seen = []
        for token in (bent(good, 3), "x", "A" * TOKEN_LENGTH, late, unknown, nobody):
            answer = await client.get(f"/parcel/{token}")
            headers = {k: v for k, v in answer.headers.items() if k != "Date"}
            seen.append((answer.status, await answer.read(), headers))
        town.kept.clear()
        answer = await client.get(f"/parcel/{good}")
        headers = {k: v for k, v in answer.headers.items() if k != "Date"}
        seen.append((answer.status, await answer.read(), headers))
    assert all(one == seen[0] for one in seen) and seen[0][0] == 404


async def test_forged_tokens_never_reach_the_store(town: Town) -> None:
    async with town.served() as client:
        for at in range(40):
            await client.get(f"/parcel/{bent(a_parcel().token, at)}")
    assert town.reads == 0


async def test_a_piece_that_was_refused_is_not_there(town: Town) -> None:
    town.kept[piece_id(CAR)] = Town.piece("", b"")
    assert (await fetched(town, a_parcel()))[0] == 404


async def test_a_verifier_fetches_nothing_more_once_it_is_decided(town: Town) -> None:
    parcel, board = a_parcel(), a_parcel(person=OWL, purpose=For.COORDINATOR)
    assert (await fetched(town, parcel))[0] == 200
    town.story.by(events.Confirmed, FOX)
    assert (await fetched(town, parcel))[0] == 404
    assert (await fetched(town, board))[0] == 200


async def test_the_team_fetches_only_while_it_is_out() -> None:
    town = Town(Story(a_small_network(), a_report(PersonId("r"), media=(CAR,))))
    mine = a_parcel(person=HERON, purpose=For.TEAM)
    strangers = a_parcel(person="otter", purpose=For.TEAM)
    assert (await fetched(town, mine))[0] == 404
    town.story.by(events.Accepted, HERON, WREN).by(events.HaveIt, HERON, WREN)
    assert (await fetched(town, mine))[0] == 200
    assert (await fetched(town, strangers))[0] == 404
    town.story.by(events.Done, HERON)
    assert (await fetched(town, mine))[0] == 404


async def test_a_phone_that_was_taken_away_fetches_nothing_more(town: Town) -> None:
    town.story.world.put(a_phone(FOX, 2))
    lost, kept = a_parcel(), a_parcel(phone=a_phone(FOX, 2).id)
    assert [(await fetched(town, one))[0] for one in (lost, kept)] == [200, 200]
    town.story.world.delete(a_phone(FOX))
    assert [(await fetched(town, one))[0] for one in (lost, kept)] == [404, 200]


async def test_a_picture_that_is_forgotten_is_gone(town: Town) -> None:
    parcel = a_parcel(person=OWL, purpose=For.COORDINATOR)
    assert (await fetched(town, parcel))[0] == 200
    town.story.by(events.ReporterCancelled, "x", forget=True)
    assert (await fetched(town, parcel))[0] == 404


async def test_who_comes_while_many_wait_is_asked_to_come_again(town: Town) -> None:
    town.block = asyncio.Event()
    path = f"/parcel/{a_parcel().token}"
    async with town.served() as client:
        asked = [asyncio.create_task(client.get(path)) for _ in range(MOST_WAITING + 1)]
        done, _ = await asyncio.wait(asked, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        refused = await done.pop()
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        town.block.set()
        assert sorted([(await one).status for one in asked]) == [200] * MOST_WAITING + [503]


async def test_a_disk_that_fails_is_no_reason_to_call_it_gone(town: Town) -> None:
    town.broken = True
    assert (await fetched(town, a_parcel()))[0] == 503


async def test_phones_that_read_nothing_do_not_keep_the_others_from_theirs(town: Town) -> None:
    """More than the line holds, asked for by as many as are served at once."""
    path = f"/parcel/{a_parcel().token}"
    town.kept[piece_id(CAR)] = Town.piece("image/jpeg", bytes(8 * 1024 * 1024))
    async with town.served(for_one_s=0.2) as client:
        deaf = []
        for _ in range(AT_ONCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=1)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            await reader.readexactly(1)
            deaf.append(writer)
        town.kept[piece_id(CAR)] = Town.piece("image/jpeg", BYTES)
        answer = await client.get(path)
        assert (answer.status, len(await answer.read())) == (200, SIZES[0] + 28)
        for writer in deaf:
            writer.close()
