"""What becomes of pictures: sealed or refused before the service may forget them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from responder.core.changes import Piece, piece_id
from responder.core.model import Media, MediaKind
from responder.core.spoken import Inbound
from responder.dispatching.dispatcher import Dispatcher
from responder.pictures.pieces import Pieces
from responder.ports import RetryLater
from responder.storage.store import StoreFull
from tests.unit.test_dispatcher import REPORT, House, failing, said
from tests.unit.test_media import a_picture


class Service:
    """A messenger's service that keeps attachments until it is told to forget them."""

    def __init__(self, **kept: bytes) -> None:
        self.kept = dict(kept)
        self.down = 0

    async def media(self, item: Media, limit: int) -> bytes:
        if self.down:
            self.down -= 1
            raise RetryLater("the service is down")
        return self.kept[item.ref]

    async def forget_media(self, item: Media) -> None:
        del self.kept[item.ref]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def a_photo(ref: str) -> Media:
    return Media(channel="signal", ref=ref, kind=MediaKind.PICTURE, mime="image/png")


def with_photos(*refs: str) -> Inbound:
    return replace(said("r", REPORT), media=tuple(map(a_photo, refs)))


def pieces(dispatcher: Dispatcher, service: Service) -> tuple[Pieces, list[float]]:
    """The pieces over that service, and how long was waited between tries."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    return Pieces(dispatcher, {"signal": service}, wait=wait), waited  # type: ignore[dict-item]


async def kept(house: House, ref: str) -> Piece | None:
    return await house.store.piece(piece_id(a_photo(ref)))


async def test_a_service_that_is_down_is_asked_again_and_forgets_nothing_before(
    house: House,
) -> None:
    service = Service(one=a_picture("PNG"))
    service.down = 3
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([with_photos("one")])
        taking, waited = pieces(dispatcher, service)
        await taking.take_in(with_photos("one"))
        piece = await kept(house, "one")
    assert piece is not None and piece.data
    assert (waited, service.kept) == ([2.0, 4.0, 8.0], {})


async def test_a_full_disk_costs_no_picture(house: House) -> None:
    service = Service(one=a_picture("PNG"))
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([with_photos("one")])
        failing(house, StoreFull("The disk is full."), times=2)
        await pieces(dispatcher, service)[0].take_in(with_photos("one"))
        assert await kept(house, "one") is not None


async def test_one_piece_that_cannot_be_taken_over_holds_up_no_other(house: House) -> None:
    """A bug of ours leaves the service's only copy; what is no picture is refused and told."""
    service = Service(bad=b"no picture", good=a_picture("PNG"))
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([with_photos("lost", "bad", "good")])
        await pieces(dispatcher, service)[0].take_in(with_photos("lost", "bad", "good"))
        assert (await kept(house, "good")).data  # type: ignore[union-attr]
        waiting = [one.message for one in await house.store.waiting()]
        assert sum("picture" in m.text for m in waiting if m.to == "r") == 1
        assert service.kept == {}


async def test_after_a_restart_what_is_missing_is_fetched_and_what_was_refused_is_not(
    house: House,
) -> None:
    service = Service(bad=b"no picture", good=a_picture("PNG"))
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([with_photos("bad", "good")])
        await pieces(dispatcher, service)[0].take_in(replace(with_photos("bad"), key="bad"))
        assert list(service.kept) == ["good"]
    async with house.opened() as dispatcher:
        taking, _ = pieces(dispatcher, service)
        await taking.go_on()
        assert (await kept(house, "good")).data  # type: ignore[union-attr]
        assert await taking.attach(a_photo("bad")) is None
        assert service.kept == {}


async def test_pictures_of_a_forgotten_report_are_let_go_at_the_service(house: House) -> None:
    service = Service(one=a_picture("PNG"))
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([with_photos("one")])
        taking, _ = pieces(dispatcher, service)
        await dispatcher.do(lambda desk: desk.shred(house.incident))
        await taking.take_in(with_photos("one"))
        assert (service.kept, await kept(house, "one")) == ({}, None)
