"""The hatch: where phones fetch parcels, sealed pictures and voice, from the pager's own host.

Rules it keeps
    * What may not be had looks the same whatever the reason: forged, expired, forgotten, not yours
      any more, a phone that was taken away. A forged token costs one failed authentication and
      nothing else.
    * The laws are asked once more at the moment of fetching, as when a message leaves (L1, L2, L4).
    * A few parcels are in memory at a time, and a slow phone keeps its place for a minute at most.
    * Nothing is logged, counted or remembered: who fetched what is nobody's business.

What it must not know
    How tokens are made up, what a message said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Final

from aiohttp import web

from responder.core import network
from responder.core.changes import Piece, piece_id
from responder.core.effects import Card
from responder.core.messages import Message
from responder.core.model import Incident, MessageId, PersonId
from responder.core.world import World
from responder.sealed.pager_files import HEADERS
from responder.sealed.parcels import For, ParcelKeys, Ticket, pack
from responder.storage.store import StoreError

AT_ONCE: Final = 4
"""Parcels in memory at the same time, up to 12 MiB each."""
MOST_WAITING: Final = 32
FOR_ONE_S: Final = 60.0
_CARDS: Final = {
    For.TEAM: Card.MEDIA,
    For.VERIFIER: Card.VERIFY_MEDIA,
    For.COORDINATOR: Card.BOARD_MEDIA,
}
"""The card under which somebody is told of pictures and voice."""
_HEADERS: Final = {**HEADERS, "Cache-Control": "no-store"}


class Hatch:
    """Hands parcels out. `piece` reads what is kept, `now` is the clock.

    To be served at `path`, before the pager's own files.
    """

    path: Final = "/parcel/{token}"

    def __init__(
        self,
        keys: ParcelKeys,
        *,
        world: Callable[[], World],
        piece: Callable[[str], Awaitable[Piece | None]],
        now: Callable[[], datetime],
        for_one_s: float = FOR_ONE_S,
    ) -> None:
        self._keys = keys
        self._world, self._piece, self._now = world, piece, now
        self._for_one_s = for_one_s
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """What an aiohttp route `GET /parcel/{token}` answers: ciphertext, or 404.

        503 where more wait than are served soon; the phone offers to try again.
        """
        ticket = self._keys.read(request.match_info["token"], self._now())
        id = self._wanted(ticket) if ticket else None
        if ticket is None or id is None:
            return _not_here()
        if self._waiting >= MOST_WAITING:
            return _busy()
        self._waiting += 1
        try:
            async with self._turn:
                return await self._hand_out(request, ticket, id)
        except StoreError:
            return _busy()
        finally:
            self._waiting -= 1

    async def _hand_out(self, request: web.Request, ticket: Ticket, id: str) -> web.StreamResponse:
        piece = await self._piece(id)
        if piece is None or not piece.data:
            return _not_here()
        key = self._keys.key(ticket.token, id)
        parcel = await asyncio.to_thread(pack, key, piece.mime, piece.data)
        response = web.Response(
            body=parcel, headers={**_HEADERS, "Content-Type": "application/octet-stream"}
        )
        try:
            # Written here and not by the server, so that it keeps its place until it has left.
            async with asyncio.timeout(self._for_one_s):
                await response.prepare(request)
                await response.write_eof()
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()
        return response

    def _wanted(self, ticket: Ticket) -> str | None:
        """The piece, if an incident still holds it and its reader may see it at this moment."""
        world = self._world()
        # A phone that was taken away gets nothing more, although its owner still would elsewhere.
        phone = world.devices.get(self._keys.phone_of(ticket, world.devices) or "")
        reader = world.person(phone.person) if phone else None
        if reader is None or not reader.member:
            return None
        return next(
            (
                id
                for incident, id in _pieces(world)
                if self._keys.is_piece(ticket, id)
                and network.may_leave(world, _as_told(ticket, reader.id, incident), self._now())
            ),
            None,
        )


def _pieces(world: World) -> Iterator[tuple[Incident, str]]:
    for incident in world.incidents.values():
        for words in incident.words:
            for item in words.media:
                yield incident, piece_id(item)


def _as_told(ticket: Ticket, reader: PersonId, incident: Incident) -> Message:
    """The message under which this reader would be told of it now: the laws are asked of that."""
    return Message(
        id=MessageId(""),
        to=reader,
        card=_CARDS[ticket.purpose],
        text="",
        created_at=ticket.expires_at,
        sealed_under="",
        incident=incident.id,
        needs_team=ticket.purpose is For.TEAM,
    )


def _not_here() -> web.Response:
    return web.Response(status=404, text="Not here.", headers=_HEADERS)


def _busy() -> web.Response:
    headers = {**_HEADERS, "Retry-After": "5"}
    return web.Response(status=503, text="Please try again.", headers=headers)
